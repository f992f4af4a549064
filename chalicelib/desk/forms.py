"""The forms of commands on the operators' pages: who, why, and buttons that are safe to press twice."""

from typing import Any

import msgspec

from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.desk.widget import Ask
from chalicelib.shared.html import Content, Html, el, join


class Target(msgspec.Struct, frozen=True):
    """What the buttons of a form call: the function, the record with the version seen, and the page to return to."""

    endpoint: str
    about: dict[str, Any]
    back: dict[str, Any]


def panel(ask: Ask, title: str, *orders: Content, reason: str = t.REASON) -> Html:
    """A form with the fields that every command needs, and the buttons of its commands.

    It asks for the operator's name, because a widget does not learn who has signed in to the console. CloudTrail
    records which principal has called.
    """
    who = parts.field("operator", t.OPERATOR, ask.operator, maxlength=80, size=24)
    why = parts.text_field("reason", reason, ask.field("reason"))
    return parts.form(el("h4", title), el("div", who, code_field(), why, class_="fields"), *orders)


def code_field() -> Html:
    """The field for the one-time code. It is always empty, because a code that was typed is used up or was wrong."""
    return parts.field(
        "operator_code",
        t.CODE,
        inputmode="numeric",
        autocomplete="one-time-code",
        maxlength=8,
        size=8,
    )


def keep_operator(ask: Ask) -> Html:
    """A hidden field that keeps the operator's name on pages without a form."""
    return parts.form(el("input", type="hidden", name="operator", value=ask.operator))


def order(*content: Content) -> Html:
    """The fields and buttons of one command."""
    return el("div", *content, class_="fields order")


def give(
    ask: Ask, target: Target, do: str, text: str, *, sure: str = "", kind: str = "", **fixed: Any
) -> Html:
    """The button of a command. The command id is made with the page, so a button that is pressed twice acts once."""
    parameters = {
        "do": do,
        "command_id": _command_id(ask, do),
        **target.about,
        **fixed,
        "back": target.back,
    }
    confirmation = sure or t.SURE.format(what=text)
    return call(parts.button(text, kind), target.endpoint, parameters, confirmation=confirmation)


def _command_id(ask: Ask, do: str) -> str:
    """Return a new id, or the id of the draft when it is unknown whether that command was done."""
    draft = ask.params.get("draft")
    if isinstance(draft, dict) and draft.get("do") == do and draft.get("command_id"):
        return str(draft["command_id"])
    return parts.command_id()


def number_field(ask: Ask, name: str, label: str, default: str = "") -> Html:
    """A field for a small whole number."""
    value = ask.field(name) or default
    return parts.field(name, label, value, type="number", min=1, size=6)


def way_back(ask: Ask, back: dict[str, Any], text: str, **more: Any) -> Html:
    """A button back to the page that this one was reached from; nothing when there is none."""
    endpoint = ask.endpoints.get(str(back.get("to")))
    if endpoint is None:
        return join()
    rest = {name: value for name, value in back.items() if name != "to"}
    return parts.show(text, endpoint, **rest, **more)
