"""The answers at the end of a list: `1-5 ABCDD`, `6. 对`, or a table of 题号 and 答案. Pure."""

import re

from chalicelib.exams import content
from chalicelib.exams.content import Table, plain_text
from chalicelib.exams.questions import QuestionType

_WORD = r"[A-H]+|[√×✓✗✔✘]+|正确|错误|对|错"
_RANGE = re.compile(
    rf"(\d{{1,5}})\s*[-–—~～至到]\s*(\d{{1,5}})\s*题?\s*[.．、:：]?\s*((?:(?:{_WORD})[\s,，、;；]*)+)"
)
_ONE = re.compile(rf"(\d{{1,5}})\s*[.．、:：)）]?\s*({_WORD})(?=[\s,，、;；。]|\d|$)")
_WHOLE_LINE = re.compile(r"^\s*(\d{1,5})\s*[.．、:：)）]\s*(.+)$", re.DOTALL)
_REST = re.compile(r"[\s,，、;；。]*")
_MOST_IN_RANGE = 1_000


class AnswerTable:
    """The answers that were read, by the type of their section and the number of the question."""

    def __init__(self) -> None:
        self._kind: QuestionType | None = None
        self._answers: dict[int, list[tuple[QuestionType | None, str]]] = {}
        self._rows: dict[tuple[QuestionType | None, int], int] = {}

    def begin_section(self, kind: QuestionType | None) -> None:
        """What follows is for the questions of this type."""
        self._kind = kind

    def all(self) -> list[tuple[QuestionType | None, int, int]]:
        """Type, number and row of each answer that was read."""
        return [(*key, row) for key, row in self._rows.items()]

    def _note(self, number: int, answer: str, row: int) -> None:
        self._rows.setdefault((self._kind, number), row)
        self._answers.setdefault(number, []).append((self._kind, answer))

    def add(self, text: str, row: int) -> bool:
        """Read the answers of line number `row`; false when it is not understood."""
        found = self._compact(text)
        if found is None:
            line = _WHOLE_LINE.match(text)
            found = [(int(line[1]), line[2].strip())] if line else None
        for number, answer in found or ():
            self._note(number, answer, row)
        return found is not None

    def add_several(self, text: str, row: int) -> bool:
        """Read the answers of several questions in one line; false when there are not two or more."""
        found = self._compact(text) or ()
        if len(found) < 2:
            return False
        for number, answer in found:
            self._note(number, answer, row)
        return True

    def _compact(self, text: str) -> list[tuple[int, str]] | None:
        """The answers of a line that holds nothing but numbers and answers; None for any other."""
        found: list[tuple[int, str]] = []
        at = 0
        while at < len(text):
            part = _RANGE.match(text, at) or _ONE.match(text, at)
            if part is None:
                return None
            answers = _of_range(part) if part.re is _RANGE else [(int(part[1]), part[2])]
            if answers is None:
                return None
            found += answers
            rest = _REST.match(text, part.end())
            at = rest.end() if rest else part.end()
        return found

    def add_table(self, table: Table, row: int) -> bool:
        """Read a table of 题号 and 答案 in line number `row`, by rows or by columns; false for any other."""
        rows = [
            [plain_text((content.Paragraph(c.inlines),)).strip() for c in row] for row in table.rows
        ]
        columns = [list(column) for column in zip(*rows, strict=False)]
        for lines in (rows, columns):
            if len(lines) > 1 and len(lines) % 2 == 0 and _is_answer_table(lines):
                for numbers, answers in zip(lines[::2], lines[1::2], strict=True):
                    for number, answer in zip(numbers[1:], answers[1:], strict=False):
                        if number.isdecimal() and answer:
                            self._note(int(number), answer, row)
                return True
        return False

    def find(self, kind: QuestionType | None, number: int) -> str | None:
        """The answer of a question: that of its type, else the only one with its number; None without one."""
        fitting = self._answers.get(number, [])
        of_kind = [answer for of, answer in fitting if of is kind]
        if len(of_kind) == 1:
            return of_kind[0]
        return fitting[0][1] if len(fitting) == 1 else None


def _is_answer_table(lines: list[list[str]]) -> bool:
    heads = [line[0] if line else "" for line in lines]
    return all(head in ("题号", "序号") for head in heads[::2]) and all(
        head in ("答案", "正确答案", "参考答案") for head in heads[1::2]
    )


def _of_range(match: re.Match[str]) -> list[tuple[int, str]] | None:
    """The answers of `1-5 ABCDD` or `1-3 AB ACD BC`; None when their number differs."""
    first, last = int(match[1]), int(match[2])
    count = last - first + 1
    words = re.findall(_WORD, match[3])
    if not 0 < count <= _MOST_IN_RANGE:
        return None
    if len(words) != count:
        words = list("".join(words)) if all(len(word) > 0 for word in words) else words
    return list(zip(range(first, last + 1), words, strict=True)) if len(words) == count else None
