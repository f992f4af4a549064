"""Questions as any file has them, and the checks that make questions of the bank out of them. Pure.

Every reader of a format gives `QuestionRow`s. What a person would see at once is done here for all formats: an answer
in the brackets of the stem is taken out, letters before options are removed, options such as 以上都对 keep their place.
Each such change gives a piece of advice.
"""

import hashlib
import itertools
import re
import unicodedata

import msgspec

from chalicelib.exams import content
from chalicelib.exams.blanks import MOST_CHARACTERS, accepted_answers, is_comparable
from chalicelib.exams.content import BlankPlace, Content, Inline, Text, plain_text, simplified
from chalicelib.exams.questions import (
    LETTERS,
    MOST_BLANKS,
    MOST_KEY,
    Question,
    QuestionType,
    is_possible_key,
    normal_key,
)
from chalicelib.imports.characters import normal_word
from chalicelib.imports.content_limits import refuse_content
from chalicelib.imports.pinned_options import pinned_by_content, pinned_by_options
from chalicelib.imports.remarks import Advice
from chalicelib.imports.stem_answers import (
    Meaning,
    has_answer,
    take_answer,
    take_blank_answers,
)
from chalicelib.imports.stem_heads import cut, take_type_mark, type_mark
from chalicelib.imports.telling_options import refuse_telling, without_telling_marks
from chalicelib.imports.type_names import TYPE_NAMES
from chalicelib.notation.formulas import has_formula
from chalicelib.notation.raised import text_without_tags

JUDGE_OPTIONS = ("正确", "错误")
TRUE_WORDS = {
    *("正确", "对", "是", "√", "✓", "✔", "☑", "✅", "T", "TRUE", "Y", "YES"),
    *("正确的", "对的", "是的", "RIGHT"),
}
FALSE_WORDS = {
    *("错误", "错", "否", "×", "✗", "✘", "✕", "❌", "X", "╳", "F", "FALSE", "N", "NO", "WRONG"),
    *("不正确", "不对", "不是", "非", "错误的", "错的"),
}
MOST_ID = 60  # characters
_POINTS = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)
_SEPARATORS = re.compile(r"[\s,，、;；.。/|]")
_LETTER_BEFORE = re.compile(r"^\s*[(（]?([A-Ha-hＡ-Ｈ])\s*[)）.．、:：]\s*")
_BRACKETS = re.compile(r"[（(][\s　]*([^（()）]*?)[\s　]*[）)]")
_UNDERSCORES = re.compile(r"[_＿]{2,}")
# A line in an option that belongs to the question.
_TAIL = re.compile(r"(^|\n)\s*(正确|参考|标准)?(答案|解析)\s*[:：]")
_EMPTY_BRACKETS = re.compile(r"[（(][\s　]*[）)]")


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question as row, paragraph or entry number `row` of a file has it.

    `name`: what the file calls it, where it has names. `answer`: as written: letters, 正确/错误, or the answers to
    blanks (one line each, accepted answers separated by `|`); "" when it stands in the brackets of the stem.
    `pinned`: letters of the options that keep their place; None when the file says nothing of it. `material`: the id
    of its material within the file.
    """

    file: str
    row: int
    name: str = ""
    id: str = ""
    type: QuestionType
    stem: Content
    options: tuple[Content, ...] = ()
    answer: str = ""
    explanation: Content = ""
    source: str = ""
    tag: str = ""
    points: float | None = None
    pinned: str | None = None
    material: str = ""


class CheckedQuestion(msgspec.Struct, frozen=True):
    """A question that is right in form, with what was changed to make it so."""

    question: Question
    advice: tuple[Advice, ...] = ()


def check_row(row: QuestionRow) -> CheckedQuestion:
    """The question of a row. Raises `ValueError` with the reason."""
    advice: list[Advice] = []
    row = _simplified(row)
    if content.is_empty(row.stem):
        raise ValueError("题干不能为空")
    if len(row.id) > MOST_ID:
        raise ValueError(f"编号最多 {MOST_ID} 个字符")
    row = _without_type_mark(row, advice)
    match row.type:
        case QuestionType.BLANK:
            row = _with_blanks(row, advice)
        case QuestionType.JUDGE:
            row = _judged(row, advice)
        case _:
            row = _chosen(row, advice)
    question = Question(
        id=row.id or own_id(row),
        type=row.type,
        stem=row.stem,
        options=row.options,
        key=row.answer,
        explanation=row.explanation,
        source=row.source,
        tag=row.tag,
        points=row.points,
        pinned="".join(sorted(set(row.pinned or ""))),
        material=row.material,
    )
    _refuse_contents(question)
    question = msgspec.structs.replace(question, key=normal_key(question, question.key))
    assert is_possible_key(question, question.key)
    return CheckedQuestion(question, tuple(dict.fromkeys(advice)))


def _refuse_contents(question: Question) -> None:
    """Raise `ValueError` for a content that an export of the question could not hold."""
    refuse_content("题干", question.stem)
    for letter, option in zip(LETTERS, question.options, strict=False):
        refuse_content(f"选项{letter}", option)
    refuse_content("解析", question.explanation)


def _without_type_mark(row: QuestionRow, advice: list[Advice]) -> QuestionRow:
    """A row whose stem does not say its type. Raises `ValueError` when it says another one."""
    stem, kind = take_type_mark(row.stem, row.type)
    if kind is None:
        return row
    if kind is not row.type:
        marked, written = TYPE_NAMES[kind], TYPE_NAMES[row.type]
        raise ValueError(f"题干写着“{marked}”，题型却是“{written}”：请改正其中一个")
    advice.append(Advice.TYPE_MARK_REMOVED)
    return msgspec.structs.replace(row, stem=stem)


def _simplified(row: QuestionRow) -> QuestionRow:
    return msgspec.structs.replace(
        row,
        stem=simplified(row.stem),
        options=tuple(map(simplified, row.options)),
        explanation=simplified(row.explanation),
    )


def own_id(row: QuestionRow | Question) -> str:
    """An id for a question that has none in its file. The same question always gets the same id."""
    parts = (row.material, row.type.value, row.stem, *row.options)
    text = "\x1f".join(_identity(part) for part in parts if part)
    return f"Q-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _identity(part: Content) -> str:
    """A text that is the same for the same content alone."""
    return part if isinstance(part, str) else msgspec.json.encode(part).decode()


def read_points(text: str) -> float | None:
    """The own points of a question; None when the cell is empty. Raises `ValueError`."""
    number = normal_word(text).removesuffix("分")
    if not number:
        return None
    if not _POINTS.fullmatch(number) or not 0 < float(number) <= 100:
        raise ValueError("分值须大于 0、不超过 100，最多两位小数")
    return float(number)


# --- options and letters --------------------------------------------------------------------------------


def _chosen(row: QuestionRow, advice: list[Advice]) -> QuestionRow:
    """A row with options, its answer as letters."""
    options = _without_letters(row.options, advice)
    _refuse_options(options)
    row = msgspec.structs.replace(row, options=options)
    row = _answer_out_of_stem(row, advice)
    key = _SEPARATORS.sub("", normal_word(row.answer))
    letters = LETTERS[: len(options)]
    if not key:
        raise ValueError(f"没有答案：答案须为 {letters[0]}–{letters[-1]} 中的字母")
    if len(set(key)) < len(key) or not set(key) <= set(letters):
        raise ValueError(f"答案须为 {letters[0]}–{letters[-1]} 中的字母，不重复")
    if row.type is QuestionType.SINGLE and len(key) != 1:
        raise ValueError("单选题只能有一个答案")
    if row.type is QuestionType.MULTIPLE and len(key) < 2:
        raise ValueError("多选题至少有两个答案")
    refuse_telling(options, key)
    plain = without_telling_marks(options, key)
    if plain != options:
        advice.append(Advice.KEY_MARK_REMOVED)
        row = msgspec.structs.replace(row, options=plain)
    return msgspec.structs.replace(row, answer=key, pinned=_pinned(row, advice))


def _refuse_options(options: tuple[Content, ...]) -> None:
    if len(options) < 2 or any(map(content.is_empty, options)):
        raise ValueError("至少两个选项，从 A 开始，中间不留空")
    if len(options) > len(LETTERS):
        raise ValueError(f"最多 {len(LETTERS)} 个选项")
    if any(content.count_blanks(option) for option in options):
        raise ValueError("选项里不能有空")
    if any(_TAIL.search(plain_text(option)) for option in options):
        raise ValueError("选项里有“答案：”或“解析：”：请分开填写")
    if len(set(map(_looks, options))) < len(options):
        raise ValueError("选项重复")


def _looks(option: Content) -> str:
    """What tells options apart for a person: text without differences of width and space, and the rest as it is."""
    return (
        unicodedata.normalize("NFC", " ".join(option.split()))
        if isinstance(option, str)
        else _identity(option)
    )


def _without_letters(options: tuple[Content, ...], advice: list[Advice]) -> tuple[Content, ...]:
    """Options without their letters, when each of them begins with its own letter."""
    begins = [_LETTER_BEFORE.match(plain_text(option)) for option in options]
    lettered = [
        m is not None and normal_word(m[1]) == letter
        for m, letter in zip(begins, LETTERS, strict=False)
    ]
    if len(options) < 2 or len(lettered) < len(options) or not all(lettered):
        return options
    advice.append(Advice.LETTER_REMOVED)
    return tuple(
        simplified(cut(option, len(m[0]))) for option, m in zip(options, begins, strict=True) if m
    )


def _pinned(row: QuestionRow, advice: list[Advice]) -> str:
    """The letters of the options that keep their places: those that the file names, else those that are referred to."""
    if row.pinned is not None:
        return row.pinned
    pinned = pinned_by_content(row.stem, row.options, row.explanation)
    if pinned and pinned != pinned_by_options(row.options):
        advice.append(Advice.LETTER_NAMED)
    elif pinned:
        whole = pinned == LETTERS[: len(row.options)]
        advice.append(Advice.ORDER_KEPT if whole else Advice.OPTION_PINNED)
    return pinned


def _answer_out_of_stem(row: QuestionRow, advice: list[Advice]) -> QuestionRow:
    """A row whose stem does not tell its answer; it is used if there is no other. Raises `ValueError`."""
    meaning = _letters_of(len(row.options))
    stem, found = take_answer(row.stem, meaning(row.answer), meaning, letters=True)
    if not found:
        return row
    advice.append(Advice.ANSWER_IN_STEM)
    return msgspec.structs.replace(row, answer=found, stem=stem)


def _letters_of(options: int) -> Meaning:
    """What a text means as an answer to a question with so many options: its letters, each once, or ""."""
    letters = set(LETTERS[:options])

    def meaning(text: str) -> str:
        key = _SEPARATORS.sub("", normal_word(text))
        return key if set(key) <= letters and len(set(key)) == len(key) else ""

    return meaning


def tells_answer(stem: Content) -> bool:
    """Whether a stem tells its answer, be it letters or a word for right or wrong."""
    of_letters = _letters_of(len(LETTERS))
    return has_answer(stem, of_letters, letters=True) or has_answer(stem, truth, letters=False)


# --- true and false -------------------------------------------------------------------------------------


def truth(text: str) -> str:
    """`A` for a word that means right, `B` for one that means wrong, "" for any other."""
    word = normal_word(text)
    if word in TRUE_WORDS:
        return "A"
    return "B" if word in FALSE_WORDS else ""


def _judged(row: QuestionRow, advice: list[Advice]) -> QuestionRow:
    """A true/false row with our options, in the order of `JUDGE_OPTIONS`."""
    options = [
        option for option in _without_letters(row.options, []) if not content.is_empty(option)
    ]
    meanings = [truth(plain_text(option)) for option in options]
    if options and sorted(meanings) != ["A", "B"]:
        raise ValueError("判断题不填选项")
    row = msgspec.structs.replace(row, options=())
    word = normal_word(row.answer).strip(".。")
    answer = meanings["AB".index(word)] if meanings and word in ("A", "B") else truth(word)
    stem, found = take_answer(row.stem, answer, truth, letters=False)
    if found:
        advice.append(Advice.ANSWER_IN_STEM)
    if not (row.answer or found):
        raise ValueError("没有答案")
    if row.answer and not answer:
        raise ValueError("判断题的答案须为：正确、错误（或 对/错、√/×）")
    return msgspec.structs.replace(
        row, stem=stem, options=JUDGE_OPTIONS, answer=answer or found, pinned=""
    )


# --- types by content ------------------------------------------------------------------------------------


def infer_type(stem: Content, options: tuple[Content, ...], answer: str) -> QuestionType | None:
    """The type of a question by its content where that is certain; None where it is not.

    Options and one letter: single choice; several letters: multiple choice; options that say right and wrong, or no
    options and such a word: true or false; no options, a blank and an answer: blanks. An answer in the stem counts
    like one beside it, and a type that the stem says, like 【单选题】, comes before all. Raises `ValueError` when the
    stem tells several answers.
    """
    if marked := type_mark(stem):
        return marked
    if sorted(truth(plain_text(option)) for option in options) == ["A", "B"]:
        return QuestionType.JUDGE
    if options:
        meaning = _letters_of(len(options))
        letters = meaning(answer) if answer else take_answer(stem, "", meaning, letters=True)[1]
        if not letters:
            return None
        return QuestionType.MULTIPLE if len(letters) > 1 else QuestionType.SINGLE
    if truth(answer.strip(".。")) if answer else take_answer(stem, "", truth, letters=False)[1]:
        return QuestionType.JUDGE
    if answer and content.count_blanks(find_blanks(stem)):
        return QuestionType.BLANK
    return None


# --- blanks ---------------------------------------------------------------------------------------------


def _with_blanks(row: QuestionRow, advice: list[Advice]) -> QuestionRow:
    """A row whose stem has the places of its blanks, and whose answer has a line for each."""
    if any(not content.is_empty(option) for option in row.options):
        raise ValueError("填空题不填选项")
    if not row.answer:
        row = _answer_out_of_blank(row, advice)
    if not row.answer.strip():
        raise ValueError("没有答案")
    bare = take_blank_answers(row.stem, row.answer)
    if bare != row.stem:
        advice.append(Advice.ANSWER_IN_STEM)
        row = msgspec.structs.replace(row, stem=bare)
    stem = find_blanks(row.stem)
    if not content.count_blanks(stem):
        _refuse_told_answer(row)
        stem = simplified((*content.blocks_of(row.stem), content.Paragraph((BlankPlace(1),))))
        advice.append(Advice.BLANK_ADDED)
    count = content.count_blanks(stem)
    if count > MOST_BLANKS:
        raise ValueError(f"最多 {MOST_BLANKS} 个空")
    key = _blank_key(text_without_tags(row.answer), count, advice)
    _refuse_key(key)
    return msgspec.structs.replace(row, stem=stem, options=(), answer=key, pinned="")


def _refuse_told_answer(row: QuestionRow) -> None:
    """Raise `ValueError` when a stem without a blank holds an answer of two characters or more."""
    for answer in re.split(r"[|｜\n;；]", row.answer):
        if len(answer.strip()) > 1 and answer.strip() in plain_text(row.stem):
            raise ValueError(
                f"题干里写着答案“{answer.strip()[:20]}”，却没有空：请在题干里把它换成 ____"
            )


def _refuse_key(key: str) -> None:
    """Raise `ValueError` for a key that nobody can answer."""
    if len(key) > MOST_KEY:
        raise ValueError(f"答案最多 {MOST_KEY} 字")
    if has_formula(key):
        raise ValueError("填空题的答案不能是公式：请写作考生能输入的文字")
    for text in itertools.chain.from_iterable(accepted_answers(key)):
        if not is_comparable(text):
            raise ValueError(f"答案“{text[:40]}”不是可以比较的范围：请写作 10±0.5")
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"一个空的答案最多 {MOST_CHARACTERS} 字")


def _blank_key(answer: str, count: int, advice: list[Advice]) -> str:
    """The answers to so many blanks, a line each. Raises `ValueError` when their number differs."""
    text = answer.replace("｜", "|").strip()
    for separators in _BETWEEN_BLANKS if count > 1 else (_NOWHERE,):
        parts = [part.strip() for part in re.split(separators, text)]
        accepted = accepted_answers("\n".join(parts))
        if len(accepted) == len(parts) == count and all(accepted):
            if separators in _UNCERTAIN:
                advice.append(Advice.ANSWERS_PARTED)
            return "\n".join("|".join(texts) for texts in accepted)
    if count == 1:
        raise ValueError("题干只有 1 个空，答案却有几行：请写成一行，几种都算对的用竖线 | 隔开")
    raise ValueError(f"题干有 {count} 个空，答案须有 {count} 个：一行一个，或用分号隔开")


_UNCERTAIN = (r"[、,，]", r"\s+")  # they may also be part of an answer
_BETWEEN_BLANKS = (r"\n+", r"[;；]", *_UNCERTAIN)
_NOWHERE = r"(?!)"


def find_blanks(stem: Content) -> Content:
    """A stem in which underscores, underlined spaces or (where there are none) empty brackets are blanks, numbered."""
    if content.count_blanks(stem):
        return _numbered(stem)
    for pattern in (_UNDERSCORES, _EMPTY_BRACKETS):
        marked = content.map_inlines(stem, lambda inline, p=pattern: _split_blanks(inline, p))  # type: ignore[misc]
        if content.count_blanks(marked):
            return _numbered(marked)
    return stem


def _split_blanks(inline: Inline, pattern: re.Pattern[str]) -> tuple[Inline, ...]:
    if not isinstance(inline, Text):
        return (inline,)
    if content.Mark.UNDERLINE in inline.marks and len(inline.text) > 1 and not inline.text.strip():
        return (BlankPlace(0),)
    parts: list[Inline] = []
    for text in pattern.split(inline.text):
        parts += [Text(text, inline.marks), BlankPlace(0)]
    return tuple(parts[:-1])


def _numbered(stem: Content) -> Content:
    number = 0

    def count(inline: Inline) -> tuple[Inline, ...]:
        nonlocal number
        if not isinstance(inline, BlankPlace):
            return (inline,)
        number += 1
        return (BlankPlace(number),)

    return simplified(content.map_inlines(stem, count))


def _answer_out_of_blank(row: QuestionRow, advice: list[Advice]) -> QuestionRow:
    """A row whose answers stand in the brackets of its stem: taken out of them."""
    answers = [match[1] for match in _BRACKETS.finditer(plain_text(row.stem)) if match[1]]
    if not answers:
        return row
    texts = [inline.text for inline in content.inlines_of(row.stem) if isinstance(inline, Text)]
    if sum(bool(match[1]) for text in texts for match in _BRACKETS.finditer(text)) < len(answers):
        raise ValueError("题干括号里的答案带有格式或公式：请填在“答案”列，题干里留空括号")
    advice.append(Advice.ANSWER_IN_STEM)

    def emptied(inline: Inline) -> tuple[Inline, ...]:
        if not isinstance(inline, Text):
            return (inline,)
        return (Text(_BRACKETS.sub("（ ）", inline.text), inline.marks),)

    stem = simplified(content.map_inlines(row.stem, emptied))
    return msgspec.structs.replace(row, stem=stem, answer="\n".join(answers))
