"""The styles of an OpenDocument file, as far as they tell what a person sees. Pure."""

from typing import Any

import msgspec

from chalicelib.exams.content import Mark
from chalicelib.sheets.cell_texts import PLAIN, Font
from chalicelib.sheets.xml_parts import Attributes, local_attributes, number_of

_BOLD = 600  # the least weight


class _Style(msgspec.Struct, frozen=True):
    """What a style changes; None leaves it as in the style of its parent."""

    parent: str = ""
    bold: bool | None = None
    underlined: bool | None = None
    position: Mark | None = None
    struck: bool | None = None
    hidden: bool = False
    number_format: str = ""


class Styles:
    """The styles by family and name."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, str], _Style] = {}
        self._open: tuple[str, str] | None = None
        self._fonts: dict[tuple[str, str], Font] = {}
        self._text_format = ""  # the one that is open
        self._showing: dict[str, bool] = {}  # number format for texts → whether it shows them

    def begin(self, name: str, attributes: Attributes) -> None:
        """Note a style or one of its properties."""
        if name == "style":
            told = local_attributes(attributes)
            self._open = (told.get("family", ""), told.get("name", ""))
            self._styles[self._open] = _Style(
                told.get("parent-style-name", ""), number_format=told.get("data-style-name", "")
            )
        elif name == "text-style":
            self._text_format = local_attributes(attributes).get("name", "")
            self._showing[self._text_format] = False
        elif name == "text-content":
            self._showing[self._text_format] = True
        elif self._open and name == "text-properties":
            changes = _text_changes(local_attributes(attributes))
            self._change(changes)
        elif self._open and name == "table-properties":
            self._change({"hidden": local_attributes(attributes).get("display") == "false"})

    def _change(self, changes: dict[str, Any]) -> None:
        assert self._open is not None
        present = self._styles[self._open]
        self._styles[self._open] = msgspec.structs.replace(present, **changes)

    def end(self, name: str) -> None:
        """Note the end of a style."""
        if name == "style":
            self._open = None

    def is_hidden(self, table: str) -> bool:
        """Whether the style of a table hides it."""
        return self._styles.get(("table", table), _Style()).hidden

    def hides_text(self, name: str) -> bool:
        """Whether the number format of a style of cells shows no texts."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            style = self._styles.get(("table-cell", name), _Style())
            if style.number_format:
                return not self._showing.get(style.number_format, True)
            name = style.parent
        return False

    def font(self, family: str, name: str, outer: Font = PLAIN) -> Font:
        """The font of a style; what the style leaves open is as in `outer`."""
        if not name:
            return outer
        if outer == PLAIN and (found := self._fonts.get((family, name))):
            return found
        told: dict[str, Any] = {}
        seen = set()
        key = (family, name)
        while key in self._styles and key not in seen:
            seen.add(key)
            style = self._styles[key]
            for field in ("bold", "underlined", "position", "struck"):
                value = getattr(style, field)
                if value is not None:
                    told.setdefault(field, value)
            key = (family, style.parent)
        font = _font(told, outer)
        if outer == PLAIN:
            self._fonts[family, name] = font
        return font


def _text_changes(told: Attributes) -> dict[str, Any]:
    """What the properties of a text change."""
    changes: dict[str, Any] = {}
    if weight := told.get("font-weight"):
        changes["bold"] = weight == "bold" or number_of(weight, 0) >= _BOLD
    if underline := told.get("text-underline-style"):
        changes["underlined"] = underline != "none"
    line = told.get("text-line-through-style") or told.get("text-line-through-type")
    if line:
        changes["struck"] = line != "none"
    if position := told.get("text-position"):
        changes["position"] = _position(position.split()[0])
    return changes


def _position(text: str) -> Mark | None:
    """Superscript or subscript of `super`, `sub`, or a distance such as `-33%`."""
    if text == "super":
        return Mark.SUPERSCRIPT
    if text == "sub":
        return Mark.SUBSCRIPT
    distance = text.rstrip("%")
    if not distance.strip("0"):
        return None
    return Mark.SUBSCRIPT if distance.startswith("-") else Mark.SUPERSCRIPT


def _font(told: dict[str, Any], outer: Font) -> Font:
    marks = set(outer.marks)
    for field, mark in (("bold", Mark.BOLD), ("underlined", Mark.UNDERLINE)):
        if field in told:
            (marks.add if told[field] else marks.discard)(mark)
    if "position" in told:
        marks -= {Mark.SUPERSCRIPT, Mark.SUBSCRIPT}
        marks.add(told["position"])
    ordered = tuple(sorted(marks, key=lambda mark: mark.value))
    return Font(ordered, told.get("struck", outer.struck))


class StylesOnly:
    """A handler for a part of which only the styles are read."""

    def __init__(self, styles: Styles) -> None:
        self.begin, self.end = styles.begin, styles.end

    def add(self, text: str) -> None:
        """Texts do not matter."""
