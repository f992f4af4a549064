"""The protocol of CloudWatch's custom widgets: the call that a widget gets, and the HTML that it returns.

A widget is asked with its parameters (of the dashboard, or of the `<cwdb-action>` that was clicked) and a
`widgetContext`. Source: AWS documentation, "Details about custom widgets in CloudWatch".
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec

from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.messages.errors import error_message
from chalicelib.shared import clock, log
from chalicelib.shared.errors import DomainError
from chalicelib.shared.html import Html

P = TypeVar("P", bound=msgspec.Struct)
# The functions that a widget calls. The dashboard passes their ARNs as parameters (infra/dashboard.yaml). If functions
# had the ARNs of each other in their environment, the template would have a circle of references.
NEIGHBOURS = (
    "live",
    "attempt",
    "flags",
    "cases",
    "exams",
    "operators",
    "command_attempt",
    "command_case",
    "command_exam",
    "command_operator",
    "find_person",
)
MOST_FIELD_CHARACTERS = 2000  # a reason has 500 at most; nobody types more than that into a form


class _Forms(msgspec.Struct, frozen=True):
    all: dict[str, Any] = {}


class WidgetContext(msgspec.Struct, frozen=True):
    """The parts of the context that are used. The caller's identity is not among them."""

    theme: Literal["light", "dark"] = "light"
    params: dict[str, Any] = {}
    forms: _Forms = _Forms()


class Ask(msgspec.Struct, frozen=True):
    """One call of a widget: its parameters, the fields of its forms, and the functions of the other widgets."""

    params: dict[str, Any]
    fields: dict[str, str]
    endpoints: dict[str, str]
    theme: str
    now: int

    def wants(self, kind: type[P]) -> P:
        """The parameters as a record of this type. Other parameters are ignored.

        Raises `msgspec.ValidationError`.
        """
        return msgspec.convert(self.params, kind)

    @property
    def operator(self) -> str:
        """The name that was typed as operator. It is kept from page to page, and proves nothing."""
        return self.field("operator")

    def field(self, name: str) -> str:
        """What was typed into a field, or into the same field of the page before."""
        draft = self.params.get("draft")
        kept = draft.get(name, "") if isinstance(draft, dict) else ""
        return self.fields.get(name) or str(kept)[:MOST_FIELD_CHARACTERS]


def answer(event: Any, guide: str, show: Callable[[Ask], Html]) -> str:
    """The HTML for a call of a widget, or its guide (Markdown) when it is asked to describe itself.

    A widget always answers. An error is shown in the place of the content.
    """
    if isinstance(event, dict) and event.get("describe"):
        return guide
    theme = "light"
    try:
        ask = read(event)
        theme = ask.theme
        complete = set(NEIGHBOURS) <= set(ask.endpoints)
        content = show(ask) if complete else parts.failure(t.NO_ENDPOINTS)
    except DomainError as refused:
        content = parts.failure(error_message(refused.code, refused.details))
    except msgspec.ValidationError:
        content = parts.failure(t.NOT_UNDERSTOOD)
    except Exception as crash:
        log.crash(crash)
        content = parts.failure(error_message("internal_error", {}))
    return str(parts.frame(theme, content))


def read(event: Any) -> Ask:
    """Return the call of a widget as a record. Raises `msgspec.ValidationError`."""
    given = msgspec.convert(event, dict[str, Any])
    context = msgspec.convert(given.pop("widgetContext", {}), WidgetContext)
    endpoints = context.params.get("endpoints") or given.get("endpoints") or {}
    return Ask(
        params={**context.params, **given},
        fields={
            name: str(text)[:MOST_FIELD_CHARACTERS] for name, text in context.forms.all.items()
        },
        endpoints=msgspec.convert(endpoints, dict[str, str]),
        theme=context.theme,
        now=clock.now_ms(),
    )
