"""What number formats of cells show: digits, texts, or nothing. Pure.

A format has up to four sections: for positive and negative numbers, for zero, and for texts.
"""

import decimal
import functools
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

EXACT_DIGITS: Final = 15  # spreadsheets keep no more of a number
LONGEST: Final = 255  # characters of a format, as in spreadsheets
_NUMBERS: Final = 3  # how many sections are for numbers
_GENERAL: Final = {"GENERAL", "G/通用格式", "@"}
_DECIMALS: Final = re.compile(r"^0(?:\.(0{1,30}))?(%?)\Z")
_PIECE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].|.', re.DOTALL)
# What shows nothing: spaces, colours, languages.
_FILLERS: Final = re.compile(
    r'_.|\*\s|\\\s|"\s*"|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow)\]|\[\$-[0-9A-Fa-f]{1,4}\]',
    re.IGNORECASE,
)
_LITERALS: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DATE_LETTERS: Final = re.compile("[ymdhs]", re.IGNORECASE)


def number_text(value: int | float, number_format: str) -> str | None:
    """The digits that a format shows of a number with at most 15 of them.

    "" when it shows nothing, None for a format that is not known here.
    """
    sections = _sections(number_format)
    section = sections[0]
    if len(sections) > 1 and value <= 0:
        place = 1 if value < 0 else 2
        section = sections[place] if place < len(sections) else sections[0]
    if not section and number_format.strip():
        return None if len(sections) == 2 or "[" in number_format else ""
    if len(sections) > 1 and value < 0:  # the section may write the minus in another way
        return None
    if not section or section.upper() in _GENERAL:
        return f"{value:.{EXACT_DIGITS}g}" if isinstance(value, float) else str(value)
    found = _DECIMALS.match(section)
    return _rounded(value, len(found[1] or ""), found[2]) if found else None


def _rounded(value: int | float, decimals: int, percent: str) -> str:
    """A number as spreadsheets round it: its 15 digits, half away from zero."""
    with decimal.localcontext(prec=100):  # more than any of them needs
        exact = Decimal(f"{value:.{EXACT_DIGITS}g}") * (100 if percent else 1)
        return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}{percent}"


def shows_text(number_format: str) -> bool | None:
    """Whether a format shows a text as it is; None when it shows something else, false when it shows nothing."""
    if number_format in ("General", "@"):
        return True
    sections = _sections(number_format)
    if len(sections) <= _NUMBERS and "@" not in sections[-1]:
        return True
    section = sections[min(_NUMBERS, len(sections) - 1)]
    if section.upper() in _GENERAL:
        return True
    return None if section or "[" in number_format else False


@functools.lru_cache(maxsize=1_000)
def _sections(number_format: str) -> tuple[str, ...]:
    """The sections of a format, without what shows nothing."""
    sections = [""]
    for piece in _PIECE.findall(number_format):
        if piece == ";":
            sections.append("")
        else:
            sections[-1] += piece
    return tuple(_FILLERS.sub("", section).strip() for section in sections)


def is_date_format(number_format: str) -> bool:
    """Whether a format shows a number as date or time."""
    if number_format.upper() in _GENERAL:
        return False
    return _DATE_LETTERS.search(_LITERALS.sub("", number_format)) is not None
