"""Fonts, number formats and texts with runs of an xlsx file. Pure."""

import re
from xml.etree.ElementTree import Element

from chalicelib.exams.content import Mark
from chalicelib.sheets.cell_texts import PLAIN, Font
from chalicelib.sheets.model import ESCAPED
from chalicelib.sheets.xml_parts import Attributes, local_attributes, number_of

FALSE_WORDS = {"0", "false", "off"}
_BUILT_IN_FORMATS = {0: "General", 1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 49: "@"}
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_OTHER_BUILT_IN = "#,##0"


class Styles:
    """Font and number format of each style."""

    def __init__(self, root: Element | None) -> None:
        self._styles: list[tuple[Font, str]] = []
        if root is None:
            return
        fonts = [_font(entry) for entry in root.iterfind("fonts/font")]
        formats = {
            entry.get("numFmtId", ""): entry.get("formatCode", "")
            for entry in root.iterfind("numFmts/numFmt")
        }
        for entry in root.iterfind("cellXfs/xf"):
            number = number_of(entry.get("fontId"), 0)
            font = fonts[number] if number < len(fonts) else PLAIN
            self._styles.append((font, _number_format(entry.get("numFmtId", "0"), formats)))

    def find(self, style: str) -> tuple[Font, str]:
        """Font and number format of a style; the plain ones when it does not exist."""
        number = number_of(style, 0)
        return self._styles[number] if number < len(self._styles) else (PLAIN, "General")


def _number_format(number: str, formats: dict[str, str]) -> str:
    if number in formats:
        return formats[number]
    if number_of(number, 0) in _BUILT_IN_DATES:
        return "yyyy"
    return _BUILT_IN_FORMATS.get(number_of(number, 0), _OTHER_BUILT_IN)


def _font(properties: Element) -> Font:
    """The font of a style."""
    font = _FontReader()
    for entry in properties:
        font.add(entry.tag, dict(entry.attrib))
    return font.font()


class _FontReader:
    """Makes a font of its properties."""

    def __init__(self) -> None:
        self._marks: set[Mark] = set()
        self._struck = False

    def add(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "").lower()
        if name == "vertAlign":
            if value in ("superscript", "subscript"):
                self._marks.add(Mark(value))
        elif value in FALSE_WORDS:
            return
        elif name == "b":
            self._marks.add(Mark.BOLD)
        elif name == "u" and value != "none":
            self._marks.add(Mark.UNDERLINE)
        elif name == "strike":
            self._struck = True

    def font(self) -> Font:
        marks = tuple(sorted(self._marks, key=lambda mark: mark.value))
        return Font(marks, self._struck) if marks or self._struck else PLAIN


# --- texts with runs ------------------------------------------------------------------------------------


class RichText:
    """Collects the runs of one text. A run without a font of its own has that of the cell (None)."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, Font | None]] = []
        self._font: _FontReader | None = None
        self._in_properties = self._in_text = False
        self._phonetic = 0  # how to pronounce the text is no part of it
        self._text = ""

    def begin(self, name: str, attributes: Attributes) -> None:
        """Note that an element begins."""
        if self._in_properties and self._font:
            self._font.add(name, local_attributes(attributes))
        elif name == "rPh":
            self._phonetic += 1
        elif name == "r":
            self._font = None
        elif name == "rPr":
            self._in_properties, self._font = True, _FontReader()
        elif name == "t":
            self._in_text, self._text = not self._phonetic, ""

    def end(self, name: str) -> None:
        """Note that an element ends."""
        if name == "t" and self._in_text:
            self._in_text = False
            text = ESCAPED.sub(unescaped, self._text)
            self.runs.append((text, self._font.font() if self._font else None))
        elif name == "rPr":
            self._in_properties = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "r":
            self._font = None

    def add(self, text: str) -> None:
        """Note a piece of text."""
        if self._in_text:
            self._text += text


def unescaped(escape: re.Match[str]) -> str:
    """The character for which `_x000D_` stands."""
    return chr(int(escape[1], 16))


Runs = tuple[tuple[str, Font | None], ...]


class SharedTexts:
    """A handler for the texts that the cells of all sheets refer to."""

    def __init__(self) -> None:
        self.runs: list[Runs] = []
        self._text: RichText | None = None

    def begin(self, name: str, attributes: Attributes) -> None:
        """Note that an element begins."""
        if name == "si":
            self._text = RichText()
        elif self._text:
            self._text.begin(name, attributes)

    def end(self, name: str) -> None:
        """Note that an element ends."""
        if self._text is None:
            return
        if name == "si":
            self.runs.append(tuple(self._text.runs))
            self._text = None
        else:
            self._text.end(name)

    def add(self, text: str) -> None:
        """Note a piece of text."""
        if self._text:
            self._text.add(text)
