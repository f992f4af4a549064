"""HTML in which no text becomes markup. Pure.

Text is a `str` and is escaped where it enters. Only this module makes `Html`. So nothing that a candidate or a file
contains becomes a button (`<cwdb-action>`) or a script.
"""

import base64
import hashlib
import html
import json
import re
from typing import Any, Final

VOID: Final = frozenset({"input", "img", "br", "hr", "meta"})  # elements without an end tag
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
# Inside JSON these three characters are written as escapes, so that no parser of HTML finds markup there.
_IN_JSON: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


class Html:
    """Markup that this module made. It is no `str`, so that text and markup cannot be mixed up."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


Content = Html | str | int | float | None


def join(*parts: Content) -> Html:
    """The parts one after the other; a part that is not `Html` is text and is escaped."""
    return Html("".join(_escaped(part) for part in parts))


def el(tag: str, *children: Content, **attributes: str | int | bool | None) -> Html:
    """One element. `class_` stands for `class`, `data_x` for `data-x`; None and False leave an attribute out.

    Raises `ValueError` for a name that HTML does not allow. Names are written in the code, never taken from data.
    """
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    for name in (tag, *names):
        if not _NAME.match(name):
            raise ValueError(f"no name of an element or attribute: {name!r}")
    written = "".join(_attribute(name, value) for name, value in names.items())
    opening = f"<{tag}{written}>"
    return Html(opening if tag in VOID else f"{opening}{join(*children)}</{tag}>")


def style(css: str) -> Html:
    """A style sheet; `css` is written in the code, never taken from data."""
    return Html(f"<style>{css}</style>")


def script(code: str) -> Html:
    """A script; `code` is written in our files, never taken from data. Raises `ValueError` when it would end early."""
    if "</script" in code.lower() or "<!--" in code:
        raise ValueError("the code would end the element")
    return Html(f"<script>{code}</script>")


def script_source(code: str) -> str:
    """The source expression of a Content-Security-Policy that allows this script and no other."""
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def page(*body: Content, title: str, css: str, policy: str) -> Html:
    """A whole page in Chinese; `policy` is its Content-Security-Policy."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("title", title),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        style(css),
    )
    return Html(f"<!doctype html>{el('html', head, el('body', *body), lang='zh-CN')}\n")


def json_text(value: Any) -> Html:
    """A JSON value as the text of an element; no parser of HTML finds markup in it."""
    return Html(json.dumps(value).translate(_IN_JSON))


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'


def _escaped(part: Content) -> str:
    if part is None:
        return ""
    return str(part) if isinstance(part, Html) else html.escape(str(part))
