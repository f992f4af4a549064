"""CloudWatch's part of a custom widget for tests: an operator sees, types and clicks, without a browser."""

import itertools
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import yaml

from chalicelib.shared.html import VOID
from tests import operators
from tests.api import run
from tests.cloud import ROOT

SHOW = ("live", "attempt", "flags", "cases", "exams", "operators")
COMMANDS = (
    *("command_attempt", "command_case", "command_exam", "command_operator"),
    "find_person",
)
ENDPOINTS = {name: f"arn:{name}" for name in (*SHOW, *COMMANDS)}


@dataclass
class Element:
    """One element: its attributes, and all text in it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


def elements(html: str) -> list[Element]:
    """All elements of an answer, which is well formed, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader._open, "an element is never closed"
    return reader.elements


def context(fields: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """What CloudWatch sends along; an example of AWS's documentation with our parameters."""
    return {
        "dashboardName": "Kaochang-Home-test",
        "widgetId": "widget-16",
        "accountId": "012345678901",
        "locale": "zh-CN",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": True,
        "timeRange": {"mode": "relative", "start": 1, "end": 2, "relativeStart": 86400012},
        "theme": "light",
        "linkCharts": True,
        "title": "",
        "forms": {"all": fields or {}},
        "params": {"endpoints": ENDPOINTS},
        "width": 588,
        "height": 369,
        **more,
    }


def handler_of(endpoint: str) -> str:
    """The packaged handler string of a function."""
    name = endpoint.removeprefix("arn:")
    module, prefix = ("commands", "") if name in COMMANDS else ("widgets", "show_")
    return f"chalicelib.handlers.{module}.{prefix}{name}"


@dataclass
class Widget:
    """One widget on a dashboard: what it shows now, and what has been typed."""

    html: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    confirmed: list[str] = field(default_factory=list)

    def open(self, name: str, **parameters: Any) -> "Widget":
        """Show a widget of the dashboard, or a view of it."""
        event = {"endpoints": ENDPOINTS, **parameters, "widgetContext": context()}
        self.html = run(handler_of(name), event)
        self.typed = {}
        return self

    @property
    def all(self) -> list[Element]:
        """Everything that it shows."""
        return elements(self.html)

    @property
    def text(self) -> str:
        """What can be read."""
        return next(e.text for e in self.all if e.tag == "div")

    def count(self, tag: str) -> int:
        """How many elements of a kind there are."""
        return sum(element.tag == tag for element in self.all)

    def fields(self) -> dict[str, str]:
        """What the forms hold: as shown, or as typed since."""
        found: dict[str, str] = {}
        select = ""
        for element in self.all:
            name, value = element.attributes.get("name"), element.attributes.get("value")
            if element.tag == "option" and (
                select not in found or "selected" in element.attributes
            ):
                found[select] = value or ""
            if name and element.tag == "select":
                select = name
            elif name:
                assert name not in found, f"two fields are called {name}"
                found[name] = element.text if element.tag == "textarea" else value or ""
        assert not set(self.typed) - set(found), "there is no such field"
        return found | self.typed

    def type(self, **fields: str) -> "Widget":
        """Type into fields."""
        self.typed |= fields
        return self

    def actions(self, text: str) -> list[Element]:
        """The actions of all buttons with this text."""
        shown = [e for e in self.all if e.tag in {"a", "cwdb-action"}]
        pairs = itertools.pairwise(shown)
        return [do for a, do in pairs if a.text == text and do.tag == "cwdb-action"]

    def event(self, text: str, place: int = 0) -> tuple[str, dict[str, Any]]:
        """The function and the event of a click; who gives a command looks the code up, if they typed none."""
        action = self.actions(text)[place]
        assert action.attributes["action"] == "call"
        if confirmation := action.attributes.get("confirmation"):
            self.confirmed.append(confirmation)
        given = json.loads(action.text)
        fields = self.fields()
        if "do" in given and fields.get("operator_code") == "" and fields.get("operator"):
            fields["operator_code"] = operators.fresh_code(fields["operator"])
        return action.attributes["endpoint"] or "", {**given, "widgetContext": context(fields)}

    def click(self, text: str, place: int = 0) -> "Widget":
        """Click; the answer replaces what was shown."""
        endpoint, event = self.event(text, place)
        self.html = run(handler_of(endpoint), event)
        self.typed = {}
        return self


def dashboard() -> list[dict[str, Any]]:
    """The widgets of the dashboard that functions show."""
    body = yaml.safe_load((ROOT / "infra/dashboard.yaml").read_text("utf-8"))
    return [widget for widget in body["widgets"] if widget["type"] == "custom"]
