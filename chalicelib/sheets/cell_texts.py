"""The text that a person sees in a cell: runs of text in their fonts, and numbers in their formats. Pure."""

from collections.abc import Sequence

import msgspec

from chalicelib.exams.content import Mark, Text
from chalicelib.sheets.model import Cell
from chalicelib.sheets.number_formats import LONGEST, is_date_format, number_text, shows_text

_INEXACT = 1_000_000_000_000_000  # the first number with more digits
FORMULA = Cell("", "是公式：请复制后“选择性粘贴”为数值")
DATE = Cell("", "是日期：请把单元格格式设为“文本”后重新填写")
UNREADABLE_PICTURE = Cell("", "的图片在 xls、et 里读不出来：请另存为 xlsx")
LOST_PICTURE = Cell("", "的图片在文件里找不到：请重新插入图片")
TOO_LONG = Cell("", "的数字超过 15 位，末几位已失真：请把单元格格式设为“文本”后重新填写")
_SPECIAL = Cell("", "的数字带有特殊格式：请把单元格格式设为“文本”后重新填写")
_SPECIAL_TEXT = Cell(
    "", "的文字带有特殊格式，显示的与填写的不同：请把单元格格式设为“文本”后重新填写"
)
_HIDDEN = Cell("", hidden=True)


class Font(msgspec.Struct, frozen=True):
    """What matters of a font: marks of the text, and whether the text is struck out."""

    marks: tuple[Mark, ...] = ()
    struck: bool = False


PLAIN = Font()


class Run(msgspec.Struct, frozen=True):
    """A piece of text in one font."""

    text: str
    font: Font = PLAIN


def formatted_text_cell(runs: Sequence[Run], number_format: str) -> Cell:
    """A cell of these runs, as its number format shows texts; a trouble when it shows something else."""
    cell = text_cell(runs)
    if not cell.text.strip():
        return cell
    shown = None if len(number_format) > LONGEST else shows_text(number_format)
    if shown is None:
        return _SPECIAL_TEXT
    return cell if shown else _HIDDEN


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
    if len(number_format) > LONGEST:
        return _SPECIAL
    if is_date_format(number_format):
        return DATE
    text = number_text(value, number_format)
    if text == "":
        return _HIDDEN
    if is_too_long(value):
        return TOO_LONG
    return _SPECIAL if text is None else text_cell([Run(text, font)])


def is_too_long(value: float) -> bool:
    """Whether a number has more digits than spreadsheets keep."""
    return abs(value) >= _INEXACT
