"""Aiken: a stem, options `A. …` or `A) …`, and `ANSWER: A`, in plain text. Pure.

The row of a question is its first line. Several letters after ANSWER make a multiple-choice question.
"""

import re

from chalicelib.exams.questions import LETTERS, QuestionType
from chalicelib.imports.formats.entries import Entries, FormatReading, refuse_too_many
from chalicelib.imports.question_rows import QuestionRow
from chalicelib.notation.markup import read_markup
from chalicelib.notation.picture_shelf import PictureShelf

MOST_LINES = 300  # of one question
ANSWER = re.compile(r"^\s*ANSWERS?\s*[:：]\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_OPTION = re.compile(r"^\s*([A-Za-z])\s*[.)．）]\s*(.*)$")
_FEEDBACK = re.compile(r"^\s*FEEDBACK\s*[:：]\s*(.*?)\s*$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s,，、;；]+")


def is_aiken(text: str) -> bool:
    """Whether a text has a line `ANSWER: A` below a line `A. …`."""
    found = ANSWER.search(text)
    above = text[: found.start()].splitlines() if found else []
    return any(match and match[1] in "Aa" for match in map(_OPTION.match, above))


def read_aiken(file: str, text: str, shelf: PictureShelf) -> FormatReading:
    """The questions of a file. Raises `ValueError` when there are too many."""
    entries = Entries(file)
    refuse_too_many(len(ANSWER.findall(text)))
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if _FEEDBACK.match(line) and not lines:
            entries.refuse(number, "", f"FEEDBACK 须写在 ANSWER 之前：{line.strip()[:60]}")
        elif line.strip():
            lines.append((number, line))
        if ANSWER.match(line):
            _add(entries, lines, shelf)
            lines = []
    if lines:
        entries.refuse(lines[0][0], "", f"缺少 ANSWER: 一行：{lines[0][1].strip()[:60]}")
    return entries.reading()


def _add(entries: Entries, lines: list[tuple[int, str]], shelf: PictureShelf) -> None:
    entries.add(lines[0][0], "", lambda: _question(entries.file, lines, shelf))


def _question(file: str, lines: list[tuple[int, str]], shelf: PictureShelf) -> QuestionRow:
    """The question of its lines, the last of which is the answer. Raises `ValueError`."""
    if len(lines) > MOST_LINES:
        raise ValueError(f"一题最多 {MOST_LINES} 行")
    stem: list[str] = []
    options: list[str] = []
    explanation = ""
    for _, line in lines[:-1]:
        option, feedback = _OPTION.match(line), _FEEDBACK.match(line)
        if feedback:
            explanation = feedback[1]
        elif option and option[1].upper() == LETTERS[len(options) : len(options) + 1]:
            options.append(option[2])
        elif option and options:
            raise ValueError(f"选项须从 A 起依次排列，最多到 {LETTERS[-1]}：{line.strip()[:60]}")
        elif options:
            options[-1] += f"\n{line}"
        else:
            stem.append(line)
    [answer] = ANSWER.findall(lines[-1][1])
    letters = _SEPARATORS.sub("", answer).upper()
    return QuestionRow(
        file=file,
        row=lines[0][0],
        type=QuestionType.MULTIPLE if len(letters) > 1 else QuestionType.SINGLE,
        stem=read_markup("\n".join(stem), shelf),
        options=tuple(read_markup(option, shelf) for option in options),
        answer=letters,
        explanation=read_markup(explanation, shelf),
    )
