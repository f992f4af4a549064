"""The text that a person sees in a cell: runs of text in their fonts, and numbers in their formats. Pure."""

import re
from collections.abc import Sequence

import msgspec

from chalicelib.exams.content import Mark, Text
from chalicelib.sheets.model import Cell

EXACT_DIGITS = 15  # spreadsheets keep no more of a number
_INEXACT = 1_000_000_000_000_000  # the first number with more digits
FORMULA = Cell("", "是公式：请复制后“选择性粘贴”为数值")
DATE = Cell("", "是日期：请把单元格格式设为“文本”后重新填写")
UNREADABLE_PICTURE = Cell("", "的图片在 xls、et 里读不出来：请另存为 xlsx")
LOST_PICTURE = Cell("", "的图片在文件里找不到：请重新插入图片")
TOO_LONG = Cell("", "的数字超过 15 位，末几位已失真：请把单元格格式设为“文本”后重新填写")
_SPECIAL = Cell("", "的数字带有特殊格式：请把单元格格式设为“文本”后重新填写")
_LONGEST_FORMAT = 255  # characters, as in spreadsheets
_DECIMALS = re.compile(r"^0(?:\.(0{1,30}))?(%?)\Z")
_PLAIN_FORMATS = {"GENERAL", "G/通用格式", "@", ""}
_FILLERS = re.compile(r'_.|\*.|\\ |" *"|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow)\]')
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DATE_LETTERS = re.compile("[ymdhs]", re.IGNORECASE)


class Font(msgspec.Struct, frozen=True):
    """What matters of a font: marks of the text, and whether the text is struck out."""

    marks: tuple[Mark, ...] = ()
    struck: bool = False


PLAIN = Font()


class Run(msgspec.Struct, frozen=True):
    """A piece of text in one font."""

    text: str
    font: Font = PLAIN


def text_cell(runs: Sequence[Run]) -> Cell:
    """A cell of these runs. Struck-out text is left out. Bold that covers all of the text is no emphasis."""
    seen = [run for run in runs if not run.font.struck]
    struck = any(run.font.struck and run.text.strip() for run in runs)
    text = "".join(run.text for run in seen)
    if not any(run.font.marks for run in seen):
        return Cell(text, struck=struck)
    ignored = {Mark.BOLD} if _is_all_bold(seen) else set()
    pieces = [Text(run.text, tuple(m for m in run.font.marks if m not in ignored)) for run in seen]
    marked = any(piece.marks for piece in pieces)
    return Cell(text, pieces=tuple(pieces) if marked else (), struck=struck)


def _is_all_bold(runs: Sequence[Run]) -> bool:
    return all(Mark.BOLD in run.font.marks for run in runs if run.text.strip())


def error_cell(error: str) -> Cell:
    """A cell that shows an error value."""
    return Cell("", f"是错误值（{error}）")


def number_cell(value: int | float, number_format: str, font: Font = PLAIN) -> Cell:
    """A cell with a number, as its format shows it; a trouble when that is uncertain."""
    if len(number_format) > _LONGEST_FORMAT:
        return _SPECIAL
    if is_date_format(number_format):
        return DATE
    if is_too_long(value):
        return TOO_LONG
    text = _number(value, number_format)
    return _SPECIAL if text is None else text_cell([Run(text, font)])


def is_too_long(value: float) -> bool:
    """Whether a number has more digits than spreadsheets keep."""
    return abs(value) >= _INEXACT


def _number(value: int | float, number_format: str) -> str | None:
    """The digits that a format shows; None for a format that is not known here."""
    positive, *others = number_format.split(";")
    plain = _FILLERS.sub("", positive)
    if plain.upper() in _PLAIN_FORMATS and not others:
        return f"{value:.{EXACT_DIGITS}g}" if isinstance(value, float) else str(value)
    decimal = _DECIMALS.match(plain)
    if decimal is None or (others and value < 0):
        return None
    decimals, percent = len(decimal[1] or ""), decimal[2]
    return f"{value * 100 if percent else value:.{decimals}f}{percent}"


def is_date_format(number_format: str) -> bool:
    """Whether a format shows a number as date or time."""
    if number_format.upper() in _PLAIN_FORMATS:
        return False
    return _DATE_LETTERS.search(_LITERALS.sub("", number_format)) is not None
