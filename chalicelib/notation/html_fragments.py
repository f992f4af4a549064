"""Pieces of HTML in banks of other systems become content. Pure.

Marks, line breaks, paragraphs, lists, tables, pictures and formulas are kept. Attributes are dropped, styles and
scripts with all that they hold, and elements that are not known leave their text. Scripts are noted. What a candidate
would miss (films, forms, struck-out or hidden text) is refused.
"""

import html.parser
import re
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element, TreeBuilder

import msgspec

from chalicelib.exams.content import Content, Mark, Picture
from chalicelib.notation.addresses import refuse_elsewhere
from chalicelib.notation.building import ContentBuilder
from chalicelib.notation.formulas import split_formulas
from chalicelib.notation.mathml import read_mathml

MOST_TAGS = 2_000  # in one fragment
MOST_DEPTH = 100
TakePicture = Callable[[str, str], Picture]
"""The picture of a source (the name of a file) with an alternative text. Raises `ValueError`."""

NoteLeftOut = Callable[[str], None]
"""Notes what is left out of a content, by its name."""

_MARKS = {
    **{"b": Mark.BOLD, "strong": Mark.BOLD, "u": Mark.UNDERLINE, "ins": Mark.UNDERLINE},
    **{"sup": Mark.SUPERSCRIPT, "sub": Mark.SUBSCRIPT},
}
_STYLES = (
    (re.compile(r"font-weight:\s*(bold|[6-9]00)"), Mark.BOLD),
    (re.compile(r"text-decoration[a-z-]*:[^;]*underline"), Mark.UNDERLINE),
    (re.compile(r"vertical-align:\s*super"), Mark.SUPERSCRIPT),
    (re.compile(r"vertical-align:\s*sub"), Mark.SUBSCRIPT),
)
_HIDDEN_STYLE = re.compile(r"display:\s*none|visibility:\s*hidden")
_STRUCK_STYLE = re.compile(r"text-decoration[a-z-]*:[^;]*line-through")
_PARAGRAPHS = {
    *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "pre"),
    *("blockquote", "section", "article", "figure", "figcaption", "center", "address", "caption"),
}
_NOTED = {
    "script": "脚本（script）",
    "noscript": "没有脚本时的内容（noscript）",
    "template": "页面模板（template）",
}
_SKIPPED = {"style", "head", "title", *_NOTED}
_REFUSED = {
    **dict.fromkeys(
        ("audio", "video", "object", "embed", "iframe", "canvas", "svg"), "音频、视频或嵌入的对象"
    ),
    **dict.fromkeys(("input", "select", "textarea", "button"), "填写的控件"),
    **dict.fromkeys(("s", "strike", "del"), "删除线：请删去划掉的文字"),
}
_VOID = {"br", "hr", "img", "wbr", "col", "link", "meta", "input", "embed", "source"}
_KNOWN = {
    *(
        "a",
        "abbr",
        "acronym",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "body",
        "cite",
        "code",
        "colgroup",
    ),
    *("data", "details", "dfn", "em", "fieldset", "font", "footer", "form", "header", "html", "i"),
    *("ins", "kbd", "label", "legend", "main", "mark", "math", "nav", "nobr", "nolink", "output"),
    *("picture", "q", "rb", "rp", "rt", "rtc", "ruby", "samp", "small", "span", "strong", "sub"),
    *("summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u"),
    *("var", "option", "optgroup", *_VOID, *_PARAGRAPHS, *_SKIPPED, *_REFUSED),
}
_SPACES = re.compile(r"[ \t\r\n\f]+")


class _Open(msgspec.Struct, frozen=True):
    """An element that is open, with the mark that it sets and the number of its items (`ol`)."""

    name: str
    marks: tuple[Mark, ...] = ()


class FragmentReader:
    """Collects the content of elements and texts in their order."""

    def __init__(self, take_picture: TakePicture, note: NoteLeftOut) -> None:
        self.builder = ContentBuilder()
        self.take_picture = take_picture
        self._note = note
        self._open: list[_Open] = []
        self._items: list[
            int
        ] = []  # the last number of each list that is open; -1 for one without numbers
        self._skipped = 0  # how many elements are open whose content is skipped
        self._math: TreeBuilder | None = None

    @property
    def in_formula(self) -> bool:
        """Whether a formula in MathML is open."""
        return self._math is not None

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins. Raises `ValueError` when it cannot be kept."""
        if self._math is not None:
            self._math.start(name, dict(attributes))
        elif name == "math":
            self._math = TreeBuilder()
            self._math.start(name, dict(attributes))
        elif name in _SKIPPED:
            self._skipped += 1
            if name in _NOTED:
                self._note(_NOTED[name])
        elif not self._skipped:
            self._begin_kept(name, attributes)
        if name not in _VOID and self._math is None:
            if len(self._open) >= MOST_DEPTH:
                raise ValueError("内容嵌套过深")
            self._open.append(_Open(name, _marks(name, attributes)))

    def _begin_kept(self, name: str, attributes: Mapping[str, str]) -> None:
        _refuse(name, attributes)
        if name in _PARAGRAPHS:
            self.builder.end_paragraph()
        match name:
            case "br":
                self.builder.add_text("\n")
            case "hr":
                self.builder.end_paragraph()
            case "img":
                self.builder.add(self._picture(attributes))
            case "ul" | "ol":
                self._items.append(0 if name == "ol" else -1)
            case "li":
                self._begin_item()
            case "table":
                self.builder.begin_table()
            case "tr":
                self.builder.begin_row()
            case "td" | "th":
                self.builder.begin_cell(_span(attributes, "colspan"), _span(attributes, "rowspan"))

    def _begin_item(self) -> None:
        if not self._items or self._items[-1] < 0:
            self.builder.add_text("• ")
            return
        self._items[-1] += 1
        self.builder.add_text(f"{self._items[-1]}. ")

    def _picture(self, attributes: Mapping[str, str]) -> Picture:
        source = attributes.get("src", "").strip()
        refuse_elsewhere(source)
        return self.take_picture(source, attributes.get("alt", ""))

    def end(self, name: str) -> None:
        """An element ends; what is still open in it ends, too. Raises `ValueError`."""
        if self._math is not None:
            self._end_math(name)
            return
        if not any(entry.name == name for entry in self._open):
            return
        while self._open:
            entry = self._open.pop()
            self._close(entry.name)
            if entry.name == name:
                return

    def _close(self, name: str) -> None:
        if name in _SKIPPED:
            self._skipped -= 1
        elif name in _PARAGRAPHS and not self._skipped:
            self.builder.end_paragraph()
        if name in ("ul", "ol") and self._items:
            self._items.pop()
        elif name in ("td", "th"):
            self.builder.end_cell()
        elif name == "table":
            self.builder.end_table()

    def _end_math(self, name: str) -> None:
        assert self._math is not None
        self._math.end(name)
        if name == "math":
            element: Element = self._math.close()
            self._math = None
            self.builder.add(read_mathml(element))

    def text(self, text: str) -> None:
        """A text. Raises `ValueError` for a formula in it that cannot be read."""
        if self._math is not None:
            self._math.data(text)
            return
        if self._skipped:
            return
        kept = any(entry.name == "pre" for entry in self._open)
        if not kept:
            text = _SPACES.sub(" ", text)
        marks = tuple(mark for entry in self._open for mark in entry.marks)
        for part in split_formulas(text):
            if not isinstance(part, str):
                self.builder.add(part)
            else:
                begins = self.builder.at_line_start and not kept
                self.builder.add_text(part.lstrip(" ") if begins else part, marks)


def _refuse(name: str, attributes: Mapping[str, str]) -> None:
    """Raise `ValueError` for an element that would be missed, or that nobody should see."""
    style = attributes.get("style", "").lower()
    reason = _REFUSED.get(name, "")
    if "hidden" in attributes or _HIDDEN_STYLE.search(style):
        reason = "隐藏的内容"
    elif _STRUCK_STYLE.search(style):
        reason = _REFUSED["del"]
    if reason:
        raise ValueError(f"含有不能导入的内容：{reason}")


def _marks(name: str, attributes: Mapping[str, str]) -> tuple[Mark, ...]:
    style = attributes.get("style", "").lower()
    marks = {_MARKS[name]} if name in _MARKS else set()
    marks |= {mark for pattern, mark in _STYLES if style and pattern.search(style)}
    return tuple(marks)


def _span(attributes: Mapping[str, str], key: str) -> int:
    text = attributes.get(key, "1").strip()
    return int(text) if re.fullmatch("[0-9]{1,3}", text) else 1


class _Parser(html.parser.HTMLParser):
    """Tells a `FragmentReader` what stands in a fragment."""

    def __init__(self, reader: FragmentReader) -> None:
        super().__init__(convert_charrefs=True)
        self._reader = reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._is_text(tag):
            self._reader.text(self.get_starttag_text() or "")
            return
        self._reader.begin(tag, {key: value or "" for key, value in attrs})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._reader.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._is_text(tag):
            self._reader.text(f"</{tag}>")
            return
        self._reader.end(tag)

    def _is_text(self, tag: str) -> bool:
        """Whether a tag is no HTML: `a<b且c>d` is a comparison. Names with a colon are of word processors."""
        return tag not in _KNOWN and ":" not in tag and not self._reader.in_formula

    def handle_data(self, data: str) -> None:
        self._reader.text(data)


def read_fragment(text: str, take_picture: TakePicture, note: NoteLeftOut) -> Content:
    """The content of a piece of HTML. `note` is told what is left out. Raises `ValueError` for what cannot be kept."""
    if text.count("<") > MOST_TAGS:
        raise ValueError(f"内容过于复杂：最多 {MOST_TAGS} 个 HTML 标记")
    reader = FragmentReader(take_picture, note)
    parser = _Parser(reader)
    parser.feed(_without_comments(text))
    parser.close()
    if reader.in_formula:
        raise ValueError("公式没有结束：缺少 </math>")
    return reader.builder.content()


def _without_comments(text: str) -> str:
    """A text without comments; what else begins with `<!` is text. The parser needs long for many unclosed ones."""
    first, *others = text.split("<!--")
    kept = [first, *(comment.partition("-->")[2] for comment in others)]
    return "".join(kept).replace("<!", "&lt;!")
