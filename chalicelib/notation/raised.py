"""Raised and lowered letters as characters of a plain text: `10²`, `H₂O`. Pure."""

import re
from typing import Final

from chalicelib.exams import content
from chalicelib.exams.content import Content, Inline, Mark, Text, plain_text

_RAISED: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED: Final = str.maketrans("0123456789+-−=()aeoxhklmnpst", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜ")
_TABLES: Final = {Mark.SUPERSCRIPT: _RAISED, Mark.SUBSCRIPT: _LOWERED}
_UNKNOWN: Final = "填空题的答案里，“{}”不能是上标或下标：请写作考生能输入的文字"
_TAGS: Final = re.compile(r"<(sup|sub)>([^<]*)</\1>", re.IGNORECASE)


def with_raised_characters(whole: Content) -> Content:
    """The content with characters instead of raised and lowered letters; one without such a character stays raised."""
    return content.simplified(content.map_inlines(whole, _split_raised))


def text_with_raised(whole: Content) -> str:
    """The text of a content, its raised and lowered letters as characters.

    Raises `ValueError` for one that has no such character, and for formulas and pictures.
    """
    changed = with_raised_characters(whole)
    for inline in content.inlines_of(changed):
        if not isinstance(inline, Text):
            raise ValueError("填空题的答案不能是公式或图片：请写作考生能输入的文字")
        if _table_of(inline) and inline.text.strip():
            raise ValueError(_UNKNOWN.format(inline.text.strip()))
    return plain_text(changed)


def text_without_tags(text: str) -> str:
    """A text with characters instead of `<sup>` and `<sub>`. Raises `ValueError` for what has no such character."""

    def as_text(match: re.Match[str]) -> str:
        table = _LOWERED if match[1].lower() == "sub" else _RAISED
        if unknown := [one for one in match[2] if not _has_character(one, table)]:
            raise ValueError(_UNKNOWN.format("".join(unknown)))
        return match[2].translate(table)

    return _TAGS.sub(as_text, text)


def _split_raised(inline: Inline) -> tuple[Inline, ...]:
    """The pieces of a text: with characters for raised letters, and with those that stay raised."""
    table = _table_of(inline)
    if table is None or not isinstance(inline, Text):
        return (inline,)
    others = tuple(mark for mark in inline.marks if mark not in _TABLES)
    return tuple(
        Text(one.translate(table), others if _has_character(one, table) else inline.marks)
        for one in inline.text
    )


def _table_of(inline: Inline) -> dict[int, int] | None:
    """The characters that stand for a raised or a lowered text; None for any other inline."""
    marks = inline.marks if isinstance(inline, Text) else ()
    return next((_TABLES[mark] for mark in marks if mark in _TABLES), None)


def _has_character(one: str, table: dict[int, int]) -> bool:
    return one.isspace() or ord(one) in table
