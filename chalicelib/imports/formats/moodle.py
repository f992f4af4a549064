"""Moodle XML: a `quiz` of questions, categories and files. Pure.

The row of a question is its number in the file. Its name there is in every reason.
"""

import base64
import binascii
from collections.abc import Callable
from xml.etree.ElementTree import Element

import msgspec

from chalicelib.exams.content import Content, plain_text
from chalicelib.exams.questions import LETTERS, QuestionType
from chalicelib.imports.formats.entries import (
    CASE_MATTERS,
    OTHER_FEEDBACK,
    PARTIAL_CREDIT,
    WRONG_COSTS,
    Entries,
    FormatReading,
    Unsupported,
    accepted,
    joined,
    letters_of,
    number_within,
    refuse_too_many,
)
from chalicelib.imports.formats.sources import Pictures, read_text
from chalicelib.imports.question_rows import JUDGE_OPTIONS, QuestionRow
from chalicelib.imports.remarks import Advice
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.raised import text_with_raised

KINDS = {  # what Moodle has and the product does not
    "essay": "简答题",
    "matching": "配对题",
    "randomsamatch": "随机配对题",
    "cloze": "完形填空题（cloze）",
    "multianswer": "完形填空题（cloze）",
    "description": "说明文字（不是题目）",
    "calculated": "计算题",
    "calculatedmulti": "多选计算题",
    "calculatedsimple": "简单计算题",
    "gapselect": "选词填空题",
    "ddwtos": "拖放文字题",
    "ddimageortext": "拖放图片题",
    "ddmarker": "拖放标记题",
    "ordering": "排序题",
    "coderunner": "编程题",
    "stack": "STACK 数学题",
}
_TEXT_KINDS = {"html": "html", "plain_text": "plain", "markdown": "markdown"}
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_NO = {"0", "false"}


def read_moodle(file: str, quiz: Element, shelf: PictureShelf) -> FormatReading:
    """The questions of a file. Raises `ValueError` when there are too many."""
    entries = Entries(file)
    questions = quiz.findall("question")
    refuse_too_many(len(questions))
    grades = {_text(question, "defaultgrade") for question in questions} - {""}
    own_points = any(_number(grade) != 1 for grade in grades)
    category, number = "", 0
    for question in questions:
        if question.get("type") == "category":
            category = _text(question, "category/text").rpartition("/")[2].strip()
            continue
        number += 1
        reader = _Reader(entries, number, question, category, shelf, own_points)
        entries.add(number, f"第 {number} 题 {reader.name}".strip(), reader.read)
    return entries.reading()


def _text(element: Element, path: str) -> str:
    """The text of an element below another one; "" when there is none."""
    return (element.findtext(path) or "").strip()


def _number(text: str) -> float:
    """A number of Moodle; 1, its default, for what is none."""
    try:
        return float(text)
    except ValueError:
        return 1.0


class _Answer(msgspec.Struct, frozen=True):
    """An answer: its element, how much of the points it gives in percent, and its content."""

    element: Element
    fraction: float
    content: Content


class _Reader:
    """Reads one question."""

    def __init__(
        self,
        entries: Entries,
        number: int,
        question: Element,
        category: str,
        shelf: PictureShelf,
        own_points: bool,
    ) -> None:
        self._entries = entries
        self._number = number
        self._question = question
        self._category = category
        self._shelf = shelf
        self._own_points = own_points
        self.name = _text(question, "name/text")

    def read(self) -> QuestionRow:
        """The question. Raises `ValueError`, `Unsupported`."""
        kind = self._question.get("type", "")
        if _text(self._question, "hidden") == "1":
            raise Unsupported("在原系统中已隐藏的题")
        readers: dict[str, Callable[[QuestionRow, list[_Answer]], QuestionRow]] = {
            "multichoice": self._choice,
            "multichoiceset": self._choice,
            "truefalse": self._judge,
            "shortanswer": self._short,
            "numerical": self._numerical,
        }
        if kind not in readers:
            raise Unsupported(KINDS.get(kind, kind or "没有类型的题"))
        self._note_what_is_left_out()
        row = QuestionRow(
            file=self._entries.file,
            row=self._number,
            name=f"第 {self._number} 题 {self.name}".strip(),
            type=QuestionType.SINGLE,
            stem=self._content("questiontext"),
            explanation=self._content("generalfeedback"),
            tag=self._category or _text(self._question, "tags/tag/text"),
            points=self._points(),
        )
        return readers[kind](row, self._answers())

    def _note_what_is_left_out(self) -> None:
        tags = self._question.findall("tags/tag")
        if len(tags) > (0 if self._category else 1):
            self._left_out("标签（tags）")
        if any(_text(hint, "text") for hint in self._question.findall("hint")):
            self._left_out("提示（hint）")
        if any(_text(self._question, f"{name}/text") for name in _COMBINED):
            self._left_out("按答对、答错显示的反馈")
        if self._question.findall("units/unit"):
            self._left_out("单位（units）")

    def _left_out(self, what: str) -> None:
        self._entries.note(self._number, Advice.PART_LEFT_OUT, what)

    def _scored_otherwise(self, what: str) -> None:
        self._entries.note(self._number, Advice.SCORED_OTHERWISE, what)

    def _points(self) -> float | None:
        """The points of the question, where the file does not give the default to all."""
        grade = _text(self._question, "defaultgrade")
        if not grade or not self._own_points:
            return None
        points = _number(grade)
        if not 0 < points <= 100 or abs(points * 100 - round(points * 100)) > 1e-6:
            raise ValueError(f"分值须大于 0、不超过 100，最多两位小数：{grade}")
        return round(points, 2)

    def _content(self, path: str) -> Content:
        element = self._question.find(path)
        return "" if element is None else self._content_of(element)

    def _content_of(self, element: Element) -> Content:
        """The content of an element with `text`, in the format that it names, with the files in it."""
        written = element.get("format") or ""
        text = element.findtext("text") or ""
        pictures = Pictures(self._shelf, _files(element))
        return read_text(text, _TEXT_KINDS.get(written, ""), pictures, self._left_out)

    def _answers(self) -> list[_Answer]:
        return [
            _Answer(answer, _fraction(answer), self._content_of(answer))
            for answer in self._question.findall("answer")
        ]

    def _explained(self, row: QuestionRow, right: list[_Answer]) -> QuestionRow:
        """The row with the feedback of the right answers; that of the others is left out, with a remark."""
        elements = [answer.element for answer in right]
        others = [a for a in self._question.findall("answer") if a not in elements]
        if any(_text(answer, "feedback/text") for answer in others):
            self._left_out(OTHER_FEEDBACK)
        found = [element.find("feedback") for element in elements]
        told = [self._content_of(feedback) for feedback in found if feedback is not None]
        different = [text for at, text in enumerate(told) if text not in told[:at]]
        return msgspec.structs.replace(row, explanation=joined(row.explanation, *different))

    # --- by type ---

    def _choice(self, row: QuestionRow, answers: list[_Answer]) -> QuestionRow:
        several = _text(self._question, "single").lower() in _NO
        shares = [answer.fraction for answer in answers]
        if any(share not in (0, 100) for share in shares):
            self._scored_otherwise(PARTIAL_CREDIT)
        if any(share < 0 for share in shares):
            self._scored_otherwise(WRONG_COSTS)
        right = [a for a in answers if (a.fraction > 0 if several else a.fraction >= 100)]
        kinds = (QuestionType.INDEFINITE, QuestionType.MULTIPLE)
        shuffled = _text(self._question, "shuffleanswers").lower() not in _NO
        return msgspec.structs.replace(
            self._explained(row, right),
            type=kinds[len(right) > 1] if several else QuestionType.SINGLE,
            options=tuple(answer.content for answer in answers),
            answer=letters_of(answer in right for answer in answers),
            pinned=None if shuffled else LETTERS[: len(answers)],
        )

    def _judge(self, row: QuestionRow, answers: list[_Answer]) -> QuestionRow:
        right = [answer for answer in answers if answer.fraction >= 100]
        words = {plain_text(answer.content).strip().lower() for answer in right}
        if words not in ({"true"}, {"false"}):
            raise ValueError("判断题的答案须为 true 或 false，恰有一个得 100 分")
        return msgspec.structs.replace(
            self._explained(row, right),
            type=QuestionType.JUDGE,
            answer=JUDGE_OPTIONS[words == {"false"}],
        )

    def _short(self, row: QuestionRow, answers: list[_Answer]) -> QuestionRow:
        if _text(self._question, "usecase") == "1":
            self._scored_otherwise(CASE_MATTERS)
        right = self._full(answers)
        texts = [text_with_raised(answer.content) for answer in right]
        if any("*" in text for text in texts):
            raise Unsupported("带通配符 * 的简答题")
        return msgspec.structs.replace(
            self._explained(row, right), type=QuestionType.BLANK, answer=accepted(texts)
        )

    def _numerical(self, row: QuestionRow, answers: list[_Answer]) -> QuestionRow:
        right = self._full(answers)
        numbers = [
            number_within(plain_text(answer.content), _text(answer.element, "tolerance"))
            for answer in right
        ]
        return msgspec.structs.replace(
            self._explained(row, right), type=QuestionType.BLANK, answer=accepted(numbers)
        )

    def _full(self, answers: list[_Answer]) -> list[_Answer]:
        """The answers that give all points. Those that give a part of them are told."""
        if any(0 < answer.fraction < 100 for answer in answers):
            self._scored_otherwise(PARTIAL_CREDIT)
        return [answer for answer in answers if answer.fraction >= 100]


def _fraction(answer: Element) -> float:
    """The share of an answer in percent. Raises `ValueError`."""
    written = answer.get("fraction", "0")
    try:
        return float(written)
    except ValueError:
        raise ValueError(f"答案的 fraction 不是数字：{written[:20]}") from None


def _files(element: Element) -> dict[str, bytes]:
    """The files that come with a text. Raises `ValueError` for one that is damaged."""
    files = {}
    for file in element.findall("file"):
        name = file.get("path", "/").strip("/")
        path = f"{name}/{file.get('name', '')}".lstrip("/")
        try:
            files[path] = base64.b64decode("".join((file.text or "").split()), validate=True)
        except binascii.Error:
            raise ValueError(f"文件“{path}”的数据已损坏") from None
    return files
