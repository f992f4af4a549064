"""The automatic numbers of paragraphs in Word, as they are shown: `1.`, `A.`, `一、`. Pure."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

import msgspec

_DIGITS = "零一二三四五六七八九"
_PLACE = re.compile(r"%([1-9])")
_MOST = 100_000  # a number beyond is shown as digits


class _Level(msgspec.Struct, frozen=True):
    """How numbers of a level are written, and where they begin."""

    style: str
    text: str
    start: int


class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        """Read the parts `numbering.xml` and `styles.xml`; None when a document has none."""
        abstract = {
            element.get("abstractNumId", ""): _levels(element)
            for element in (numbering.findall("abstractNum") if numbering is not None else ())
        }
        self._lists: dict[str, tuple[str, dict[str, _Level]]] = {}
        for number in numbering.findall("num") if numbering is not None else ():
            name = _value(number, "abstractNumId")
            levels = dict(abstract.get(name, {}))
            restarted = False
            for override in number.findall("lvlOverride"):
                level = override.get("ilvl", "0")
                if (start := _value(override, "startOverride")) and level in levels:
                    levels[level] = msgspec.structs.replace(levels[level], start=_integer(start))
                    restarted = True
            identifier = number.get("numId", "")
            self._lists[identifier] = (identifier if restarted else f"abstract {name}", levels)
        self._styles = {
            style.get("styleId", ""): style.find("pPr/numPr")
            for style in (styles.findall("style") if styles is not None else ())
        }
        self._counts: dict[str, dict[int, int]] = {}

    def label(self, paragraph: Element) -> str:
        """The number before a paragraph, with a space behind it; "" without one. Counts on."""
        properties = paragraph.find("pPr/numPr")
        if properties is None:
            properties = self._styles.get(_value(paragraph, "pPr/pStyle"))
        if properties is None:
            return ""
        identifier = _value(properties, "numId")
        level_name = _value(properties, "ilvl") or "0"
        if identifier not in self._lists:
            return ""
        key, levels = self._lists[identifier]
        level = levels.get(level_name)
        if level is None or level.style in ("bullet", "none"):
            return ""
        counts = self._counts.setdefault(key, {})
        depth = _integer(level_name)
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        shown = _PLACE.sub(lambda match: self._shown(int(match[1]) - 1, levels, counts), level.text)
        return f"{shown} " if shown.strip() else ""

    def _shown(self, depth: int, levels: dict[str, _Level], counts: dict[int, int]) -> str:
        level = levels.get(str(depth))
        if level is None:
            return ""
        number = counts.get(depth, level.start)
        return _WRITERS.get(level.style, str)(number)


def _levels(abstract: Element) -> dict[str, _Level]:
    return {
        level.get("ilvl", "0"): _Level(
            _value(level, "numFmt") or "decimal",
            _value(level, "lvlText"),
            _integer(_value(level, "start") or "1"),
        )
        for level in abstract.findall("lvl")
    }


def _value(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get("val", "")


def _integer(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else 1


def _letters(number: int) -> str:
    """A, B, … Z, AA, BB, as Word counts."""
    return chr(ord("A") + (number - 1) % 26) * min(10, (number - 1) // 26 + 1) if number > 0 else ""


def _chinese(number: int) -> str:
    """A number up to 99 in Chinese; beyond that its digits."""
    if not 0 <= number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return f"{_DIGITS[tens] if tens > 1 else ''}十{_DIGITS[ones] if ones else ''}"


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else str(number)


_WRITERS: dict[str, Callable[[int], str]] = {
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    **dict.fromkeys(
        (
            *("chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting"),
            *("taiwaneseCounting", "taiwaneseCountingThousand", "ideographTraditional"),
        ),
        _chinese,
    ),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
}
