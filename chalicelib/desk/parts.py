"""The building blocks of the operators' pages: frame, tables, buttons, fields, pictures, moments."""

import base64
from collections.abc import Iterable, Sequence
from typing import Any, Final

from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.shared import ids
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS, china_text
from chalicelib.shared.html import Content, Html, el, join, style

PAGE_ROWS: Final = 20
_LIGHT: Final = {
    "text": "#16191f",
    "quiet": "#545b64",
    "line": "#d5dbdb",
    "back": "#ffffff",
    "raised": "#f2f3f3",
    "accent": "#0a58ca",
    "good": "#1d6b2f",
    "warn": "#8a5300",
    "bad": "#b0201a",
}
_DARK: Final = {
    "text": "#e9ebed",
    "quiet": "#a3acb7",
    "line": "#414d5c",
    "back": "#0f1b2a",
    "raised": "#1c2b3d",
    "accent": "#8ab8ff",
    "good": "#7fd992",
    "warn": "#f2b95c",
    "bad": "#ff8f87",
}
_CSS: Final = """
.kc{color:%(text)s;background:%(back)s;padding:4px 6px}
.kc{font:14px/1.55 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
.kc h3{font-size:16px;margin:10px 0 4px}.kc h4{font-size:14px;margin:12px 0 4px}.kc p{margin:4px 0}
.kc table{border-collapse:collapse;width:100%%;margin:4px 0}
.kc th,.kc td{border-bottom:1px solid %(line)s;padding:4px 8px 4px 0;text-align:left;vertical-align:top}
.kc th{color:%(quiet)s;font-weight:600;white-space:nowrap}
.kc .quiet{color:%(quiet)s}.kc .good{color:%(good)s}.kc .warn{color:%(warn)s}.kc .bad{color:%(bad)s}
.kc .whole,.kc td .good{white-space:nowrap}
.kc .words{white-space:pre-wrap;overflow-wrap:anywhere;background:%(raised)s;padding:6px 10px}
.kc .told{border-left:4px solid;background:%(raised)s;padding:6px 10px;margin:4px 0}
.kc .counts{display:flex;flex-wrap:wrap;gap:8px;margin:6px 0}
.kc .count{background:%(raised)s;border-radius:6px;padding:4px 12px;min-width:64px}
.kc .count b{display:block;font-size:20px}
.kc .button{display:inline-block;border:1px solid %(accent)s;color:%(accent)s;border-radius:4px}
.kc .button{padding:2px 12px;margin:2px 6px 2px 0;cursor:pointer;text-decoration:none;white-space:nowrap}
.kc .button:hover,.kc .button:focus{text-decoration:underline}
.kc .button.main{background:%(accent)s;color:%(back)s}.kc .button.chosen{background:%(raised)s;font-weight:600}
.kc a.plain{color:%(accent)s}
.kc .fields{display:flex;flex-wrap:wrap;gap:10px;align-items:end;margin:6px 0}
.kc label{display:block;color:%(quiet)s;font-size:13px}
.kc input,.kc select,.kc textarea{font:inherit;color:%(text)s;background:%(back)s;max-width:100%%}
.kc input,.kc select,.kc textarea{border:1px solid %(line)s;border-radius:4px;padding:3px 6px}
.kc .order{border-top:1px solid %(line)s;padding:6px 0}
.kc .pictures{display:flex;flex-wrap:wrap;gap:8px;margin:6px 0}
.kc .pictures.row{flex-wrap:nowrap}.kc .row img{max-width:none}
.kc figure{margin:0;max-width:480px;width:fit-content}
.kc figcaption{font-size:12px;color:%(quiet)s;width:0;min-width:100%%}
.kc svg{display:block;max-width:100%%;height:auto;margin:6px 0}
.kc svg text{font-size:12px;fill:%(quiet)s}.kc svg text.strong{fill:%(text)s}.kc svg text.limit{fill:%(bad)s}
.kc svg .axis{stroke:%(line)s}.kc svg line.limit{stroke:%(bad)s;stroke-dasharray:4 3}
.kc svg .bar{fill:%(accent)s}.kc svg .dot{fill:%(back)s;stroke:%(accent)s;stroke-width:1.5}
.kc svg .dot.doubtful{fill:%(warn)s;stroke:%(warn)s}
.kc img{display:block;border:1px solid %(line)s;border-radius:4px;max-width:100%%}
"""


def frame(theme: str, *content: Content) -> Html:
    """A whole page in the colours of the console's theme, without the console's own styles."""
    colours = _DARK if theme == "dark" else _LIGHT
    css = style(_CSS % colours)
    return join(css, el("div", *content, class_="kc cwdb-no-default-styles"))


# --- messages, marks and tables -------------------------------------------------------------------------


def failure(text: str) -> Html:
    """A message in red: why there is nothing to see, or why nothing was done."""
    return el("p", text, class_="told bad", role="alert")


def success(*content: Content) -> Html:
    """A message in green: what was done."""
    return el("p", *content, class_="told good", role="status")


def empty(text: str) -> Html:
    """A quiet message: there is nothing here, and that is normal."""
    return el("p", text, class_="quiet")


def mark(text: str, kind: str = "quiet") -> Html:
    """A word in the colour of its meaning: quiet, good, warn, bad."""
    return el("span", text, class_=kind)


def whole(text: str) -> Html:
    """A short text that no line breaks."""
    return el("span", text, class_="whole")


def words(text: str) -> Html:
    """What somebody wrote, with their line breaks."""
    return el("p", text, class_="words")


def table(heads: Sequence[str], rows: Iterable[Sequence[Content]]) -> Html:
    """A table with a head."""
    head = el("tr", *(el("th", text) for text in heads))
    body = [el("tr", *(el("td", cell) for cell in row)) for row in rows]
    return el("table", el("thead", head), el("tbody", *body))


def about(pairs: Iterable[tuple[str, Content]]) -> Html:
    """Names and values, one under the other; what has no value is left out."""
    rows = [el("tr", el("th", name), el("td", value)) for name, value in pairs if value != ""]
    return el("table", el("tbody", *rows))


def count(number: int, name: str, kind: str = "") -> Html:
    """One figure of an overview."""
    colour = kind if number else ""
    return el("div", el("b", number, class_=colour or None), name, class_="count")


# --- buttons and fields ---------------------------------------------------------------------------------


def button(text: str, kind: str = "", title: str = "") -> Html:
    """A button. The function `call` joins it with what it calls."""
    return el(
        "a", text, class_=f"button {kind}".strip(), role="button", tabindex=0, title=title or None
    )


def show(text: str, endpoint: str, kind: str = "", /, **parameters: Any) -> Html:
    """A button that leads to another view in the same widget; what needs no parameter is left out."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return call(button(text, kind), endpoint, given)


def pager(number: int, pages: int, endpoint: str, **parameters: Any) -> Html:
    """Buttons to the pages before and after; nothing when there is one page."""
    if pages <= 1:
        return join()
    before = show(t.BEFORE, endpoint, page=number - 1, **parameters) if number > 1 else None
    after = show(t.AFTER, endpoint, page=number + 1, **parameters) if number < pages else None
    return el("p", before, mark(t.PAGE.format(number=number, pages=pages)), " ", after)


def field(name: str, label: str, value: str = "", **attributes: str | int | bool | None) -> Html:
    """A labelled input line."""
    return el("label", label, el("br"), el("input", name=name, value=value, **attributes))


def choice(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str = "") -> Html:
    """A labelled choice among `options` (value, text)."""
    listed = [el("option", text, value=key, selected=key == chosen) for key, text in options]
    return el("label", label, el("br"), el("select", *listed, name=name))


def text_field(name: str, label: str, value: str = "", **attributes: int | None) -> Html:
    """A labelled input of several lines."""
    area = el("textarea", value, name=name, rows=2, cols=48, **attributes)
    return el("label", label, el("br"), area)


def form(*content: Content) -> Html:
    """A form. A command gets all fields of the forms on the page."""
    return el("form", *content)


def command_id() -> str:
    """Return a new command id for a button. A second click sends the same id, so the command is done once."""
    return ids.new_id("cw-", 20)


# --- pictures and moments -------------------------------------------------------------------------------


def picture(data: bytes | None, caption: str, address: str | None = None) -> Html:
    """A small picture inside the page, with a link to the whole one; a text when there is no picture."""
    if data is None:
        return el("figure", el("div", t.NO_PICTURE, class_="quiet"), el("figcaption", caption))
    shown = el("img", src=f"data:image/jpeg;base64,{base64.b64encode(data).decode()}", alt=caption)
    whole = link(t.WHOLE_PICTURE, address) if address else None
    return el("figure", shown, el("figcaption", caption, " ", whole))


def link(text: str, address: str) -> Html:
    """A link that opens in another tab."""
    return el("a", text, href=address, target="_blank", rel="noopener noreferrer", class_="plain")


def qr_code(text: str, caption: str) -> Html:
    """A QR code inside the page, dark on white in every theme."""
    import segno

    drawn = segno.make(text, error="m", micro=False).png_data_uri(scale=5)
    return el("figure", el("img", src=drawn, alt=caption), el("figcaption", caption))


def pictures(*figures: Html, in_a_row: bool = False) -> Html:
    """Pictures side by side. `in_a_row`: they never wrap to a second line."""
    return el("div", *figures, class_="pictures row" if in_a_row else "pictures")


def moment(ms: int | None) -> str:
    """A moment (UTC ms) as month, day and time in China; empty for None."""
    if ms is None:
        return ""
    return china_text(ms, "%m-%d %H:%M:%S")


def day_and_minute(ms: int) -> str:
    """A moment (UTC ms) as date, hour and minute in China."""
    return china_text(ms, "%Y-%m-%d %H:%M")


def length(ms: int) -> str:
    """A length of time in minutes, or in seconds below a minute."""
    if ms < MINUTE_MS:
        return t.SECONDS.format(number=max(0, ms) // SECOND_MS)
    return t.MINUTES.format(number=ms // MINUTE_MS)


def ago(ms: int, now: int) -> str:
    """How long ago a moment was; both in UTC ms."""
    passed = max(0, now - ms)
    if passed < MINUTE_MS:
        return t.SECONDS_AGO.format(number=passed // SECOND_MS)
    if passed < HOUR_MS:
        return t.MINUTES_AGO.format(number=passed // MINUTE_MS)
    return t.HOURS_AGO.format(number=passed // HOUR_MS)
