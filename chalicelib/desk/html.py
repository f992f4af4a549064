"""HTML for the operators' widgets, made so that no text can become markup.

Text that comes from anywhere is a `str` and is escaped where it enters; only this file makes `Html`. What a
candidate wrote can therefore never become a button (`<cwdb-action>`), whatever it looks like.
"""

import html
import json
import re
from typing import Any, Final

_VOID: Final = frozenset({"input", "img", "br", "hr"})
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
# Inside JSON these three can be written otherwise; then no parser of HTML finds markup in it.
_IN_JSON: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


class Html:
    """Markup that was made here. Not a `str`: text and markup cannot be mistaken for each other."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


Content = Html | str | int | float | None


def join(*parts: Content) -> Html:
    """Pieces one after the other; whatever is not `Html` is text."""
    return Html("".join(_escaped(part) for part in parts))


def el(tag: str, *children: Content, **attributes: str | int | bool | None) -> Html:
    """One element. `class_` is `class`, `data_x` is `data-x`; None and False leave an attribute out.

    Raises `ValueError` for a name that is none: names are written in the code, never taken from data.
    """
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    for name in (tag, *names):
        if not _NAME.match(name):
            raise ValueError(f"no name of an element or attribute: {name!r}")
    written = "".join(_attribute(name, value) for name, value in names.items())
    opening = f"<{tag}{written}>"
    return Html(opening if tag in _VOID else f"{opening}{join(*children)}</{tag}>")


def style(css: str) -> Html:
    """A style sheet of our own."""
    return Html(f"<style>{css}</style>")


def call(
    trigger: Html,
    endpoint: str,
    parameters: dict[str, Any],
    *,
    confirmation: str = "",
    display: str = "widget",
) -> Html:
    """An element that calls a function when it is clicked; the answer replaces the widget or pops up.

    The parameters travel as JSON in the text of the element that follows the trigger.
    """
    action = el(
        "cwdb-action",
        Html(json.dumps(parameters).translate(_IN_JSON)),
        action="call",
        display=display,
        endpoint=endpoint,
        confirmation=confirmation or None,
    )
    return join(trigger, action)


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'


def _escaped(part: Content) -> str:
    if part is None:
        return ""
    return str(part) if isinstance(part, Html) else html.escape(str(part))
