"""Questions, materials and banks, and what a key may be. Pure.

A key is one text for every type of question, so that a corrected key is a table of texts:

| type | key |
|---|---|
| single, multiple, indefinite, judge | the right letters in the bank's own order of options: `A`, `ACD` |
| blank | one line for each blank; accepted answers are separated by `|`: `二十|20`, `10±0.5` |
"""

import enum
import hashlib
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.exams.blanks import accepted_answers
from chalicelib.exams.content import Content, count_blanks, pictures_of

LETTERS = "ABCDEFGH"
MOST_OPTIONS = len(LETTERS)
MOST_BLANKS = 10  # in one question
MOST_KEY = 4_000  # characters of a key
MOST_BLANKS_OF_PAPER = 100  # 200 characters each: about 80 kB of an item, which may have 400


Answer = str | tuple[str, ...]
"""What a candidate answers: letters as shown ("" for none), or the text of each blank."""


class QuestionType(enum.Enum):
    """The kinds of questions that are scored by themselves."""

    SINGLE = "single"  # 单选题
    MULTIPLE = "multiple"  # 多选题: two or more right options
    INDEFINITE = "indefinite"  # 不定项选择题: one or more right options
    JUDGE = "judge"  # 判断题
    BLANK = "blank"  # 填空题

    @property
    def has_options(self) -> bool:
        """Whether candidates choose among options; else they write."""
        return self is not QuestionType.BLANK

    @property
    def takes_several(self) -> bool:
        """Whether candidates may choose several options."""
        return self in (QuestionType.MULTIPLE, QuestionType.INDEFINITE)


class SectionType(enum.Enum):
    """What a section draws: questions of one type, or materials with all of their questions."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    INDEFINITE = "indefinite"
    JUDGE = "judge"
    BLANK = "blank"
    MATERIAL = "material"  # 材料题


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` questions of one type (and tag, when given), each worth `points` unless it says otherwise.

    A section of materials draws `count` materials; each has `group_size` questions, of any type.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,20}\Z")]
    title: Annotated[str, Meta(min_length=1, max_length=40)]
    type: SectionType
    count: Annotated[int, Meta(ge=1, le=200)]
    points: Annotated[float, Meta(gt=0, le=100)]
    tag: str = ""
    group_size: Annotated[int, Meta(ge=1, le=20)] = 1

    @property
    def centipoints(self) -> int:
        """The points of one question in hundredths, so that sums of half points stay exact."""
        return to_centipoints(self.points)

    @property
    def question_count(self) -> int:
        """How many questions the section puts on a paper."""
        return self.count * self.group_size


def to_centipoints(points: float) -> int:
    """Points in hundredths."""
    return round(points * 100)


class Question(msgspec.Struct, frozen=True):
    """A question of the bank.

    `points`: its own points; None: those of the section. `pinned`: letters of the options that keep their place when
    options are shuffled. `material`: the id of the material that it belongs to.
    """

    id: str
    type: QuestionType
    stem: Content
    options: tuple[Content, ...]
    key: str
    explanation: Content = ""
    source: str = ""
    tag: str = ""
    points: float | None = None
    pinned: str = ""
    material: str = ""


class Material(msgspec.Struct, frozen=True):
    """A material (材料, 案例) that several questions share. `tag`: as the tag of a question."""

    id: str
    content: Content
    tag: str = ""


class Bank(msgspec.Struct, frozen=True):
    """The sections, questions and materials from which papers are drawn. A version of a bank never changes."""

    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    materials: tuple[Material, ...] = ()


def pictures_in(contents: Iterable[Content]) -> frozenset[str]:
    """The SHA-256 (hex) of every picture in these contents."""
    return frozenset(picture.sha256 for content in contents for picture in pictures_of(content))


def pictures_of_bank(bank: Bank) -> frozenset[str]:
    """The SHA-256 (hex) of every picture that a bank shows, those of explanations included."""
    questions = (c for q in bank.questions for c in (q.stem, *q.options, q.explanation))
    return pictures_in(questions) | pictures_in(material.content for material in bank.materials)


# Fields that came later. They are not stored when they have these values, so an old bank keeps its bytes and version.
_ADDED: dict[str, dict[str, Any]] = {
    "sections": {"group_size": 1},
    "questions": {"points": None, "pinned": "", "material": ""},
}


def to_json(bank: Bank) -> bytes:
    """The stored form of a bank: the same bank always gives the same bytes."""
    fields = msgspec.to_builtins(bank)
    for name, added in _ADDED.items():
        for entry in fields[name]:
            for field, default in added.items():
                if entry[field] == default:
                    del entry[field]
    if not bank.materials:
        del fields["materials"]
    return msgspec.json.encode(fields)


def from_json(data: bytes) -> Bank:
    """The bank of its stored form."""
    return msgspec.json.decode(data, type=Bank)


def version(data: bytes) -> str:
    """Return the name of a version: the first 16 hex digits of the SHA-256 of its stored bytes."""
    return hashlib.sha256(data).hexdigest()[:16]


def normal_key(question: Question, key: str) -> str:
    """A key in its one form: sorted letters, or lines and alternatives without outer spaces."""
    if question.type.has_options:
        return "".join(sorted(key))
    return "\n".join("|".join(answers) for answers in accepted_answers(key))


def is_possible_key(question: Question, key: str) -> bool:
    """Whether this can be the key of the question: letters of its options, or answers for each of its blanks.

    A correction may leave a multiple-choice question with one right option. A new one has at least two.
    """
    if len(key) > MOST_KEY:
        return False
    if not question.type.has_options:
        accepted = accepted_answers(key)
        return len(accepted) == count_blanks(question.stem) and all(accepted)
    letters = set(LETTERS[: len(question.options)])
    if not key or len(set(key)) < len(key) or not set(key) <= letters:
        return False
    return question.type.takes_several or len(key) == 1
