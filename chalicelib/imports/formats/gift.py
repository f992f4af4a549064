"""GIFT, the text format of Moodle: `::name::stem{answers}`. Pure.

A question ends with an empty line. The row of a question is its first line. `$CATEGORY: a/b` gives the tag `b`.
"""

import re
from collections.abc import Iterator

import msgspec

from chalicelib.exams.content import BLANK_MARK, Content
from chalicelib.exams.questions import QuestionType
from chalicelib.imports.formats.entries import (
    OTHER_FEEDBACK,
    PARTIAL_CREDIT,
    WRONG_COSTS,
    Entries,
    FormatReading,
    Unsupported,
    accepted,
    joined,
    letters_of,
    number_between,
    number_within,
    refuse_too_many,
)
from chalicelib.imports.formats.sources import Pictures, read_text
from chalicelib.imports.question_rows import JUDGE_OPTIONS, QuestionRow
from chalicelib.imports.remarks import Advice
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.raised import text_with_raised

_BEGINS = re.compile(
    r"^\s*(::|\$CATEGORY:)|^[^\n]*(?<!\\)\{\s*([=~#]|T(RUE)?\s*[#}]|F(ALSE)?\s*[#}])", re.MULTILINE
)
_CATEGORY = re.compile(r"^\s*\$CATEGORY:\s*(.*)$")
_NAME = re.compile(r"\s*::((?:\\.|[^\\])*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([~=#{}:%\\n])")
_ITEM = re.compile(r"(?<!\\)([=~])")
_WEIGHT = re.compile(r"\s*%(-?\d+(?:\.\d+)?)%")
_TRUTH = re.compile(r"(T|TRUE|F|FALSE)", re.IGNORECASE)
MOST_CHARACTERS = 100_000  # of one question
MOST_LINES = 500  # of one question
_LONGEST_REASON = 60  # characters of a text that a reason quotes


def is_gift(text: str) -> bool:
    """Whether a text has the beginning of a question or a category as GIFT writes them."""
    return _BEGINS.search(text) is not None


def read_gift(file: str, text: str, shelf: PictureShelf) -> FormatReading:
    """The questions of a file. Raises `ValueError` when there are too many."""
    entries = Entries(file)
    tag = ""
    blocks = list(_blocks(text))
    refuse_too_many(len(blocks))
    for number, lines in blocks:
        category = _CATEGORY.match(lines[0])
        if category:
            tag = category[1].strip().rpartition("/")[2].strip()
            number, lines = number + 1, lines[1:]
        if lines:
            _add(entries, _Source(number, "\n".join(lines), tag), shelf)
    return entries.reading()


class _Source(msgspec.Struct, frozen=True):
    """A question as written, with its first line and its tag."""

    row: int
    text: str
    tag: str


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The first line and the lines of each question, without comments; an open bracket goes on after empty lines."""
    block: list[str] = []
    first, depth = 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("//"):
            continue
        lost = depth > 0 and (len(block) > MOST_LINES or line.lstrip().startswith("::"))
        if block and (lost or not (line.strip() or depth > 0)):
            yield first, block
            block, depth = [], 0
        if line.strip():
            first = first if block else number
            block.append(line)
            depth += len(re.findall(r"(?<!\\)\{", line)) - len(re.findall(r"(?<!\\)\}", line))
    if block:
        yield first, block


def _add(entries: Entries, source: _Source, shelf: PictureShelf) -> None:
    name = _NAME.match(source.text)
    called = _plain(name[1]).strip() if name else ""
    body = source.text[name.end() :] if name else source.text
    entries.add(source.row, called, lambda: _Reader(entries, source, shelf).read(called, body))


def _plain(text: str) -> str:
    r"""A text without the backslashes of GIFT: `\=` is `=`, `\n` a line end."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


class _Item(msgspec.Struct, frozen=True):
    """An answer: `=` or `~`, its weight in percent, its text, what is said to those who choose it."""

    prefix: str
    weight: float | None
    text: str
    feedback: str

    @property
    def share(self) -> float:
        """How much of the points it gives, in percent."""
        if self.weight is not None:
            return self.weight
        return 100 if self.prefix == "=" else 0


class _Reader:
    """Reads one question."""

    def __init__(self, entries: Entries, source: _Source, shelf: PictureShelf) -> None:
        self._entries = entries
        self._source = source
        self._pictures = Pictures(shelf)
        self._kind = ""

    def read(self, name: str, body: str) -> QuestionRow:
        """The question of a text after its name. Raises `ValueError`, `Unsupported`."""
        if len(body) > MOST_CHARACTERS:
            raise ValueError(f"一题最多 {MOST_CHARACTERS} 个字符")
        if written := _FORMAT.match(body):
            self._kind = written[1].lower()
            body = body[written.end() :]
        before, answers, after = _parts(body)
        answers, _, general = _split(answers, "####")
        stem = f"{before.rstrip()} {BLANK_MARK} {after.strip()}" if after.strip() else before
        row = QuestionRow(
            file=self._entries.file,
            row=self._source.row,
            name=name,
            type=QuestionType.SINGLE,
            stem=self._content(stem),
            explanation=self._content(general),
            tag=self._source.tag,
        )
        return self._with_answers(row, answers.strip())

    def _content(self, text: str) -> Content:
        return read_text(_plain(text).strip(), self._kind, self._pictures, self._left_out)

    def _left_out(self, what: str) -> None:
        self._entries.note(self._source.row, Advice.PART_LEFT_OUT, what)

    def _with_answers(self, row: QuestionRow, answers: str) -> QuestionRow:
        if not answers:
            raise Unsupported("简答题")
        truth, _, feedback = _split(answers, "#")
        if _TRUTH.fullmatch(truth.strip()):
            return self._judge(row, truth.strip(), feedback)
        if answers.startswith("#"):
            key = self._number_key(answers[1:])
            return msgspec.structs.replace(row, type=QuestionType.BLANK, answer=key)
        items = _items(answers)
        if any(re.search(r"(?<!\\)->", item.text) for item in items):
            raise Unsupported("配对题")
        if all(item.prefix == "=" for item in items):
            return self._short(row, items)
        return self._choice(row, items)

    def _judge(self, row: QuestionRow, truth: str, feedback: str) -> QuestionRow:
        """A true/false question; the first feedback is for a wrong answer, the second for a right one."""
        wrong, _, right = _split(feedback, "#")
        if wrong.strip():
            self._left_out(OTHER_FEEDBACK)
        return msgspec.structs.replace(
            row,
            type=QuestionType.JUDGE,
            answer=JUDGE_OPTIONS[truth.upper().startswith("F")],
            explanation=joined(row.explanation, self._content(right)),
        )

    def _short(self, row: QuestionRow, items: list[_Item]) -> QuestionRow:
        full = [item for item in items if item.share == 100]
        if len(full) < len(items):
            self._entries.note(row.row, Advice.SCORED_OTHERWISE, PARTIAL_CREDIT)
        texts = [text_with_raised(self._content(item.text)) for item in full]
        if any("*" in text for text in texts):
            raise Unsupported("带通配符 * 的简答题")
        return msgspec.structs.replace(
            self._explained(row, full, items), type=QuestionType.BLANK, answer=accepted(texts)
        )

    def _choice(self, row: QuestionRow, items: list[_Item]) -> QuestionRow:
        several = not any(item.prefix == "=" for item in items)
        right = [item for item in items if (item.share > 0 if several else item.prefix == "=")]
        if any(item.share not in (0, 100) for item in items):
            self._entries.note(row.row, Advice.SCORED_OTHERWISE, PARTIAL_CREDIT)
        if any(item.share < 0 for item in items):
            self._entries.note(row.row, Advice.SCORED_OTHERWISE, WRONG_COSTS)
        kinds = (QuestionType.INDEFINITE, QuestionType.MULTIPLE)
        return msgspec.structs.replace(
            self._explained(row, right, items),
            type=kinds[len(right) > 1] if several else QuestionType.SINGLE,
            options=tuple(self._content(item.text) for item in items),
            answer=letters_of([any(item is other for other in right) for item in items]),
        )

    def _explained(self, row: QuestionRow, right: list[_Item], items: list[_Item]) -> QuestionRow:
        """The row with the feedback of the right answers; that of the others is left out, with a remark."""
        if any(item.feedback for item in items if item not in right):
            self._left_out(OTHER_FEEDBACK)
        told = [self._content(text) for text in dict.fromkeys(item.feedback for item in right)]
        return msgspec.structs.replace(row, explanation=joined(row.explanation, *told))

    def _number_key(self, answers: str) -> str:
        """The key of a number: `10:0.5`, `1..5`, or several of them as items."""
        written = answers.strip()
        items = _items(written if written[:1] in ("=", "~") else f"={written}")
        full = [item for item in items if item.share == 100]
        if len(full) < len(items):
            self._entries.note(self._source.row, Advice.SCORED_OTHERWISE, PARTIAL_CREDIT)
        return accepted([_number(_plain(item.text)) for item in full])


def _parts(body: str) -> tuple[str, str, str]:
    """What stands before, in and after the answers. Raises `ValueError`, `Unsupported` without any answers."""
    before, opened, rest = _split(body, "{")
    if not opened:
        raise Unsupported("说明文字（不是题目）")
    answers, closed, after = _split(rest, "}")
    if not closed:
        raise ValueError(f"答案的大括号没有闭合：{before.strip()[:_LONGEST_REASON]}")
    between, another, _ = _split(after, "{")
    if another and "\n" in between.strip(" "):
        raise ValueError("这一段里有几道题：题与题之间请空一行")
    if another:
        raise Unsupported("一题有几处答案的题")
    return before, answers, after


def _split(text: str, separator: str) -> tuple[str, str, str]:
    """A text before, at and after the first place of a separator that no backslash precedes, like `str.partition`."""
    found = re.search(rf"(?<!\\){re.escape(separator)}", text)
    return (text[: found.start()], separator, text[found.end() :]) if found else (text, "", "")


def _items(answers: str) -> list[_Item]:
    """The answers between brackets. Raises `ValueError` for what stands before the first of them."""
    before, *parts = _ITEM.split(answers)
    if before.strip():
        raise ValueError(f"答案须以 = 或 ~ 开头：{before.strip()[:_LONGEST_REASON]}")
    items = []
    for prefix, written in zip(parts[::2], parts[1::2], strict=True):
        weight = _WEIGHT.match(written)
        text, _, feedback = _split(written[weight.end() :] if weight else written, "#")
        share = float(weight[1]) if weight else None
        items.append(_Item(prefix, share, text.strip(), feedback.strip()))
    return items


def _number(text: str) -> str:
    """A number with a tolerance, or a range, as a key has it. Raises `ValueError`."""
    low, dots, high = text.partition("..")
    if dots:
        return number_between(low, high)
    value, _, tolerance = text.partition(":")
    return number_within(value, tolerance)
