"""Accepted answers of blanks that say something else than their author may mean: remarks on them. Pure.

`15或十五` is one answer, which a candidate must write as it stands, and so is `9.5-10.5`. Both may be meant so; the
report says how to write what may be meant instead.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from chalicelib.exams.blanks import (
    accepted_answers,
    is_raised_or_lowered,
    normal_answer,
    number_of,
)
from chalicelib.exams.questions import Question, QuestionType
from chalicelib.imports.remarks import Advice, Remark, remark_on_rows

_BETWEEN: Final = re.compile(r"\s*(?:[/／;；、,，]|或者|或|\bor\b)\s*", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"([^()（）]+)[(（]([^()（）]+)[)）]")
_PLAIN_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
_UNIT: Final = r"[^\d.+<>=,~-]{0,4}?"
_RANGE: Final = re.compile(
    rf"(?P<low>{_PLAIN_NUMBER})(?P<unit>{_UNIT})(?:[-~〜—]+|至|到)(?P<high>{_PLAIN_NUMBER})(?P<last>{_UNIT})"
    rf"|[\[(](?P<from>{_PLAIN_NUMBER}),(?P<to>{_PLAIN_NUMBER})[\])]"
)
_COMPARED: Final = re.compile(rf"[<>≤≥]=?{_PLAIN_NUMBER}|{_PLAIN_NUMBER}[<>≤≥]")
_TOLERANCE: Final = "10±0.5"  # how one is written

Better = Callable[[str, Sequence[str]], str]
"""How an accepted answer would be written, if something else is meant; "" when nothing else is likely."""


def remarks_on_answers(file: str, numbered: Iterable[tuple[int, Question]]) -> Iterator[Remark]:
    """Remarks on the accepted answers of the questions (number of the row, question) of a file."""
    blanks = [
        (number, answer, answers)
        for number, question in numbered
        if question.type is QuestionType.BLANK
        for answers in accepted_answers(question.key)
        for answer in answers
    ]
    for advice, better in _DOUBTS.items():
        found = [(number, answer, better(answer, answers)) for number, answer, answers in blanks]
        told = [entry for entry in found if entry[2]]
        if told:
            rows = list(dict.fromkeys(number for number, _, _ in told))
            yield from remark_on_rows(advice, file, rows, written=told[0][1], better=told[0][2])


def _as_tolerance(answer: str, _: Sequence[str]) -> str:
    """A range as a number with a tolerance; the usual example where it has units, or only one end."""
    normal = normal_answer(answer)
    found = _RANGE.fullmatch(normal)
    if found is None:
        return _TOLERANCE if _COMPARED.search(normal) else ""
    low, high = (
        Decimal(found[one] or found[other]) for one, other in (("low", "from"), ("high", "to"))
    )
    if low >= high:
        return ""
    if found["unit"] or found["last"]:
        return _TOLERANCE
    return f"{_plain((low + high) / 2)}±{_plain((high - low) / 2)}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _as_alternatives(answer: str, answers: Sequence[str]) -> str:
    """Several answers that stand in one, between bars."""
    if number_of(normal_answer(answer)) is not None or _as_tolerance(answer, answers):
        return ""
    bracketed = _BRACKETED.fullmatch(answer)
    parts = bracketed.groups() if bracketed else _BETWEEN.split(answer)
    written = [part.strip() for part in parts]
    return "|".join(written) if len(written) > 1 and all(written) else ""


def _with_plain_digits(answer: str, answers: Sequence[str]) -> str:
    """An answer with raised or lowered characters, and the same one with plain ones beside it."""
    if not any(map(is_raised_or_lowered, answer)):
        return ""
    plain = unicodedata.normalize("NFKC", answer)
    return "" if normal_answer(plain) in map(normal_answer, answers) else f"{answer}|{plain}"


_DOUBTS: Final[dict[Advice, Better]] = {
    Advice.ANSWER_RANGE: _as_tolerance,
    Advice.ANSWER_ALTERNATIVES: _as_alternatives,
    Advice.ANSWER_RAISED: _with_plain_digits,
}
