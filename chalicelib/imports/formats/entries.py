"""What a reader of a format gives: questions as rows, and what was not taken, by kind, name and place. Pure."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation

import msgspec

from chalicelib.exams import content
from chalicelib.exams.content import Content, blocks_of, simplified
from chalicelib.exams.questions import LETTERS, Material
from chalicelib.exams.validation import FileFinding
from chalicelib.imports.question_rows import QuestionRow
from chalicelib.imports.remarks import Advice, Remark, remark_on_rows
from chalicelib.sheets.model import MAX_ROWS, Sheet

_MOST_NAMED = 10  # questions in one remark
_MOST_NAME = 40  # characters of the name of a question in a report
PARTIAL_CREDIT = "部分选项按百分比给分"
WRONG_COSTS = "选错倒扣分"
CASE_MATTERS = "区分大小写"
OTHER_FEEDBACK = "错误选项的反馈"


class Unsupported(ValueError):
    """The product has no question of this kind; the message names it."""


class FormatReading(msgspec.Struct, frozen=True):
    """The questions of a file in their order, and what is to be said; `count` counts all that the file has.

    `sheets`: tables with headings, which hold the questions instead; they are read like those of a workbook.
    """

    rows: tuple[QuestionRow, ...]
    materials: tuple[Material, ...] = ()
    findings: tuple[FileFinding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    count: int = 0
    sheets: tuple[Sheet, ...] = ()


class Entries:
    """Collects the questions of a file one after another. A question that cannot be taken does not stop the others."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._rows: list[QuestionRow] = []
        self._findings: list[FileFinding] = []
        self._unsupported: dict[str, list[tuple[int, str]]] = {}
        self._noted: dict[tuple[Advice, str], list[int]] = {}
        self._count = 0

    def add(self, row: int, name: str, make: Callable[[], QuestionRow]) -> None:
        """Add the question that `make` gives.

        Its `Unsupported` becomes a remark, every other `ValueError` a finding. Raises `ValueError` when there are too
        many questions.
        """
        self._count += 1
        refuse_too_many(self._count)
        try:
            self._rows.append(make())
        except Unsupported as kind:
            self._unsupported.setdefault(str(kind), []).append((row, name))
        except ValueError as error:
            self.refuse(row, name, str(error))

    def refuse(self, row: int, name: str, reason: str) -> None:
        """Note a mistake at a place; `name` is what the file calls the question there."""
        self._findings.append(FileFinding(self.file, row, named(name, reason)))

    def note(self, row: int, advice: Advice, what: str) -> None:
        """Note something about a question: `what` fills the text of the advice."""
        rows = self._noted.setdefault((advice, what), [])
        if row not in rows[-1:]:
            rows.append(row)

    def reading(self, materials: tuple[Material, ...] = ()) -> FormatReading:
        """Everything that was collected. A file of which nothing is left is refused."""
        if not self._rows and not self._findings:
            self.refuse(0, "", "没有可以导入的题目")
        return FormatReading(
            tuple(self._rows), materials, tuple(self._findings), self.remarks(), self._count
        )

    def remarks(self) -> tuple[Remark, ...]:
        """What was left out, and what was noted."""
        noted = [
            remark
            for (advice, what), rows in self._noted.items()
            for remark in remark_on_rows(advice, self.file, rows, what=what)
        ]
        return (*self._on_unsupported(), *noted)

    def _on_unsupported(self) -> Iterator[Remark]:
        for kind, places in self._unsupported.items():
            names = [name for _, name in places if name]
            more = "…" if len(names) > _MOST_NAMED else ""
            which = f"（{'、'.join(map(_short, names[:_MOST_NAMED]))}{more}）" if names else ""
            yield from remark_on_rows(
                Advice.KIND_LEFT_OUT, self.file, [row for row, _ in places], what=f"{kind}{which}"
            )


def refuse_too_many(count: int) -> None:
    """Raise `ValueError` when a file has more questions than are read."""
    if count > MAX_ROWS:
        raise ValueError(f"超过 {MAX_ROWS} 题：请分成几个文件")


def named(name: str, reason: str) -> str:
    """A reason with the name of the question that it is about."""
    return f"{_short(name)}：{reason}" if name else reason


def _short(name: str) -> str:
    return name if len(name) <= _MOST_NAME else f"{name[:_MOST_NAME]}…"


def joined(*parts: Content) -> Content:
    """Contents one after another, each as paragraphs of its own."""
    blocks: list[content.Block] = []
    for part in parts:
        if not content.is_empty(part):
            blocks += blocks_of(part)
    return simplified(tuple(blocks))


# --- answers --------------------------------------------------------------------------------------------


def letters_of(right: Iterable[bool]) -> str:
    """The letters of the right options; one beyond our letters has none, and too many options are refused later."""
    return "".join(letter for letter, is_right in zip(LETTERS, right, strict=False) if is_right)


def accepted(texts: list[str]) -> str:
    """The answers that one blank accepts, as a line of a key. Raises `ValueError` for one that a key cannot hold."""
    answers = list(dict.fromkeys(text.strip() for text in texts))
    if not all(answers):
        raise ValueError("没有答案")
    if any("|" in text or "｜" in text or "\n" in text for text in answers):
        raise ValueError("填空题的答案不能有竖线和换行")
    return "|".join(answers)


def number_within(value: str, tolerance: str) -> str:
    """A number with a tolerance as a key has it: `10±0.5`. Raises `ValueError` for what is no number."""
    middle, within = _decimal(value), _decimal(tolerance or "0")
    if within < 0:
        raise ValueError(f"误差不能小于 0：{tolerance}")
    return f"{_plain(middle)}±{_plain(within)}" if within else _plain(middle)


def number_between(lowest: str, highest: str) -> str:
    """A range of numbers as a key has it. Raises `ValueError` for what is no number."""
    low, high = _decimal(lowest), _decimal(highest)
    return number_within(_plain((low + high) / 2), _plain((high - low) / 2))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"不是数字：{text}") from None
    if not number.is_finite() or number.adjusted() > 25 or len(number.as_tuple().digits) > 25:
        raise ValueError(f"数字过长：{text[:40]}")
    return number


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
