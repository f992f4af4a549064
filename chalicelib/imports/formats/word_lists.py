"""Lists of questions as people type them: sections, numbered stems, options, 答案 and 解析. Pure.

A list comes as lines (`word_documents.Line`) of a Word document or a text file. A line that belongs to nothing is
refused by its number with its text; the lines before the first section or question are a title.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from chalicelib.exams import content
from chalicelib.exams.content import BlankPlace, Content, Inline, Mark, Text, plain_text, simplified
from chalicelib.exams.questions import LETTERS, QuestionType
from chalicelib.imports.characters import normal_word
from chalicelib.imports.formats.entries import (
    Entries,
    FormatReading,
    Unsupported,
    joined,
    refuse_too_many,
)
from chalicelib.imports.formats.list_answers import AnswerTable
from chalicelib.imports.formats.word_documents import Line
from chalicelib.imports.materials import Materials
from chalicelib.imports.options_in_text import split_options
from chalicelib.imports.question_rows import (
    QuestionRow,
    infer_type,
    read_points,
    tells_answer,
    truth,
)
from chalicelib.imports.remarks import Advice
from chalicelib.imports.stem_heads import NUMBERS, cut, type_mark
from chalicelib.imports.type_names import NAME_OF, exact_type, find_type
from chalicelib.notation.markup import read_markup
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.raised import with_raised_characters

_LONGEST_HEADING = 80  # characters of the heading of a section
MOST_LINES = 300  # of one question, or of one material
_SHOWN = 40  # characters of a line in a reason
_SECTION = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十]+(?:部分|大题)?\s*[、.．:：]|[（(][一二三四五六七八九十]+[)）]\s*[、.．]?|第[一二三四五六七八九十\d]+(?:部分|大题|节|章))\s*"
)
_ANSWER = re.compile(
    r"^\s*(?:[【\[（(]?\s*(?:(?:参考|正确|标准|试题|本题)?\s*答案|正确选项)\s*[】\]）)]?\s*"
    r"(?:[:：]|(?<=[】\]）)])|\s|(?=[A-H√×对错]))|答\s*[:：])\s*"
)
_LIST_ANSWER = re.compile(r"^\s*[【\[]?(?:参考|正确|标准)?答案[】\]]?\s*[:：]")
_EXPLANATION = re.compile(
    r"^\s*[【\[（(]?\s*(?:答案|试题|题目|本题)?\s*(?:解析|详解|解答|分析|解释)\s*[】\]）)]?\s*(?:[:：]|(?<=[】\]）)])|\s)\s*"
)
_IN_ANSWER = re.compile(r"[\s;；。，,]*[【\[（(]?(?:答案)?解析[】\]）)]?\s*[:：]?\s*")
_FIELD = re.compile(
    r"^\s*[【\[]?\s*(知识点|考点|依据|法律依据|出处|来源|分值|难度|难易程度|章节|题型|认知层次)\s*[】\]]?\s*[:：]\s*(.*)$",
    re.DOTALL,
)
_OPTION = re.compile(r"^\s*(?:[A-HＡ-Ｈ]\s*[.．、:：)）]|[（(]\s*[A-HＡ-Ｈ]\s*[)）])")
_BARE_OPTION = re.compile(r"^\s*([A-H])[\s　]+(?=\S)")
_ANSWERS_HEADING = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+、|附[:：]?)?\s*[【\[]?(?:参考|标准|正确|试题)?答案(?:及解析|与解析|和解析|部分|表)?[】\]]?\s*[:：]?\s*$"
)
_MATERIAL = re.compile(
    r"^\s*[【\[（(]?\s*(?:材料|案例|背景资料|资料)\s*[一二三四五六七八九十\d]*\s*[】\]）)]?\s*[:：]?\s*"
)
_MATERIAL_SECTION = re.compile("材料|案例|综合分析")
# The answer before the number: （√）1. …
_ANSWER_BEFORE = re.compile(
    r"^\s*[（(]\s*([A-H]{1,8}|[√×✓✗]|对|错|正确|错误|[TF])\s*[)）]\s*(?=\d{1,5}\s*[.．、])"
)
# 答案 behind the last option: … B. 乙 答案：B
_ANSWER_BEHIND = re.compile(
    r"[\s；;。]+[【\[（(]?(?:参考|正确|标准)?答案[】\]）)]?\s*[:：]\s*(?=\S)"
)
_ENUMERATED = re.compile(r"[；;，,\s]*(?:[（(](\d{1,2})[)）]|([①-⑩]))\s*")
_TYPE_TAG = re.compile(r"^\s*[【\[（(]\s*([^】\]）)]{2,12})\s*[】\]）)]\s*")
_OTHER_TYPES = re.compile(
    "简答|论述|名词解释|问答|计算题|连线|配对|匹配|排序|作文|写作|改错|翻译|操作题|编程|实务题|分析题"
)
# A number without a space before a stem that begins with a digit: 2.2024年 … It may also be a decimal.
_CLOSE_NUMBER = re.compile(r"^\s*(\d{1,5})([.．、])(?=\d)")
_WHOLE_BRACKETS = re.compile(r"\s*[【\[（(]([^【】\[\]（）()]+)[】\]）)]\s*")
_POINTS_IN_HEADING = re.compile(r"\d\s*分")


class _Draft(msgspec.Struct):
    """A question while its lines come in. `state`: what the last line was."""

    row: int
    number: int
    kind: QuestionType | None
    section: int
    other_kind: str = ""
    stem: list[Content] = msgspec.field(default_factory=list)
    options: list[Content] = msgspec.field(default_factory=list)
    answer: str | None = None
    explanation: list[Content] = msgspec.field(default_factory=list)
    tag: str = ""
    source: str = ""
    points: str = ""
    material: Content = ""
    state: str = "stem"
    trouble: str = ""

    @property
    def name(self) -> str:
        """What the document calls it."""
        return f"第 {self.number} 题"


def read_list(file: str, lines: Iterable[Line], left_out: dict[str, list[int]]) -> FormatReading:
    """The questions of a list. `left_out`: what the document left out, and in which lines. Raises `ValueError`."""
    reader = _Reader(file)
    for line in lines:
        reader.add(line)
    return reader.finish(left_out)


def is_list(text: str) -> bool:
    """Whether a text has the heading of a section with a type, or an answer, above or below a numbered question.

    A text whose first line is the name of a type alone is a list, too: what is wrong in it is told as in a list.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    numbered = any(pattern.match(line) for line in lines for pattern in NUMBERS)
    named = any(_names_section(line) or _LIST_ANSWER.match(line) for line in lines)
    return (numbered and named) or any(map(_is_type_alone, lines[:1]))


def _names_section(line: str) -> bool:
    label = _SECTION.match(line) if len(line) <= _LONGEST_HEADING else None
    named = label is not None and find_type(normal_word(line[label.end() :])) is not None
    return named or _is_type_alone(line)


def _is_type_alone(line: str) -> bool:
    """Whether a line is the name of a type, maybe with a remark in brackets: 判断题（每题 1 分）."""
    name = re.sub(r"\([^()]*\)", "", normal_word(_without_brackets(line)).strip(":#"))
    return exact_type(name) is not None


def _without_brackets(line: str) -> str:
    """A heading without the brackets around all of it: 【单选题】."""
    whole = _WHOLE_BRACKETS.fullmatch(line)
    return whole[1] if whole else line


def lines_of(text: str, shelf: PictureShelf) -> Iterator[Line]:
    """The lines of a text file, in our notation."""
    for number, written in enumerate(text.splitlines(), start=1):
        if not written.strip():
            continue
        try:
            found = read_markup(written, shelf)
        except ValueError as error:
            yield Line(number, written, written, trouble=str(error))
        else:
            yield Line(number, found, plain_text(found))


class _Reader:
    """Puts lines together to questions."""

    def __init__(self, file: str) -> None:
        self._entries = Entries(file)
        self._materials = Materials()
        self._drafts: list[_Draft] = []
        self._kind: QuestionType | None = None
        self._other_kind = ""
        self._section = 0
        self._lines = 0  # since the present question or section began
        self._style: int | None = None  # how the questions of this section are numbered
        self._material_lines: list[Content] | None = None  # while a material comes in
        self._in_material_section = False
        self._material: Content = ""
        self._answers: AnswerTable | None = None  # since the heading of the answers at the end

    @property
    def _draft(self) -> _Draft | None:
        return self._drafts[-1] if self._drafts else None

    def add(self, line: Line) -> None:
        """Take the next line."""
        if line.trouble:
            self._add_trouble(line)
        elif line.is_table:
            self._add_table(line)
        elif self._begins_answers(line.text):
            self._answers = self._answers or AnswerTable()
        elif self._add_all_answers(line) or self._add_section(line):
            pass
        elif self._answers is not None:
            if not self._answers.add(line.text, line.number):
                self._refuse(line, "不是答案的写法（如 1-5 ABCDD、6. 对）")
        elif not self._add_question(line):
            self._add_part(line)

    def finish(self, left_out: dict[str, list[int]]) -> FormatReading:
        """The questions of all lines."""
        for draft in self._drafts:
            self._entries.add(draft.row, draft.name, lambda draft=draft: self._row(draft))  # type: ignore[misc]
        self._refuse_unused_answers()
        for what, numbers in left_out.items():
            for number in numbers:
                self._entries.note(number, Advice.PART_LEFT_OUT, what)
        return self._entries.reading(self._materials.all())

    def _refuse_unused_answers(self) -> None:
        """Refuse answers at the end that no question has: their questions were not noticed."""
        known = {(kind, d.number) for d in self._drafts for kind in (d.kind, None)}
        open_kinds = {d.number for d in self._drafts if d.kind is None}
        for kind, number, row in self._answers.all() if self._answers is not None else ():
            if (kind, number) not in known and number not in open_kinds:
                self._entries.refuse(
                    row, "", f"这里有第 {number} 题的答案，前面却没有读到这道题：请核对题号"
                )

    def _refuse(self, line: Line, reason: str) -> None:
        self._entries.refuse(line.number, "", f"{reason}：{_shown(line.text)}")

    def _leave_out(self, line: Line, what: str) -> None:
        self._entries.note(line.number, Advice.PART_LEFT_OUT, what)

    def _add_trouble(self, line: Line) -> None:
        """Take a line that cannot be taken over by its text alone, and refuse the question that it belongs to."""
        if not line.is_table:
            self.add(msgspec.structs.replace(line, trouble=""))
        if self._draft is not None and self._answers is None:
            self._draft.trouble = self._draft.trouble or line.trouble
        else:
            self._refuse(line, line.trouble)

    # --- headings ---

    def _begins_answers(self, text: str) -> bool:
        """Whether a line is the heading of the answers at the end, not the answer of the present question."""
        if not _ANSWERS_HEADING.match(text):
            return False
        without = [d for d in self._drafts[-2:] if d.answer is None and not _has_answer(d)]
        waits = len(without) == 1 and without[0] is self._draft and len(self._drafts) > 1
        return not waits or not text.rstrip().endswith((":", "："))

    def _add_all_answers(self, line: Line) -> bool:
        """Take a line with the answers of several questions behind the word 答案: 答案：1-5 ABCDD."""
        label = _LIST_ANSWER.match(line.text)
        if not label or (self._draft is not None and self._draft.kind is QuestionType.BLANK):
            return False
        answers = self._answers or AnswerTable()
        if not answers.add_several(line.text[label.end() :].strip(), line.number):
            return False
        self._answers = answers
        return True

    def _add_section(self, line: Line) -> bool:
        """Begin a section if the line is the heading of one."""
        text = _without_brackets(line.text)
        if len(text) > _LONGEST_HEADING or "\n" in text.strip():
            return False
        label = _SECTION.match(text)
        name = normal_word(text[label.end() :] if label else text)
        kind = find_type(name)
        is_type = kind is not None and any(name.startswith(word) for word in NAME_OF)
        if not label and not (is_type and not _ANSWER.match(text)):
            return False
        if self._answers is not None:
            self._answers.begin_section(kind)
            return True
        other = _OTHER_TYPES.search(name)
        self._in_material_section = kind is None and _MATERIAL_SECTION.search(name) is not None
        if (
            kind is None
            and not other
            and not self._in_material_section
            and not self._may_be_heading(name)
        ):
            return False
        self._section += 1
        self._lines = 0
        self._kind, self._style, self._material = kind, None, ""
        self._other_kind = "" if kind or self._in_material_section else _other_name(name, other)
        self._material_lines = [] if self._in_material_section else None
        if _POINTS_IN_HEADING.search(text):
            self._leave_out(line, "大题标题里的分值")
        return True

    def _may_be_heading(self, name: str) -> bool:
        """Whether a line with the number of a section and no type is a heading: it is short and no sentence."""
        return len(name) <= _SHOWN and not re.search("[。？?，,；;（(]", name)

    # --- parts of questions ---

    def _add_question(self, line: Line) -> bool:
        """Begin a question if the line has the number of one."""
        if before := _ANSWER_BEFORE.match(line.text):
            rest = cut(line.content, before.end())
            bare = msgspec.structs.replace(line, content=rest, text=line.text[before.end() :])
            found = self._add_question(bare)
            if found and self._draft is not None and self._draft.answer is None:
                self._draft.answer = before[1]
            return found
        for style, pattern in enumerate(NUMBERS):
            match = pattern.match(line.text)
            if match and self._may_begin(style, int(match[1])):
                self._begin_question(line, style, match)
                return True
        close = _CLOSE_NUMBER.match(line.text)
        if close and self._may_begin_close(int(close[1]), close[2]):
            self._begin_question(line, 0, close)
            return True
        return False

    def _begin_question(self, line: Line, style: int, number: re.Match[str]) -> None:
        self._end_material()
        self._style, self._lines = style, 0
        refuse_too_many(len(self._drafts))
        draft = _Draft(line.number, int(number[1]), self._kind, self._section, self._other_kind)
        draft.material = self._material
        self._drafts.append(draft)
        self._add_stem(draft, cut(line.content, number.end()))

    def _may_begin(self, style: int, number: int) -> bool:
        draft = self._draft
        if draft is None or draft.section != self._section or self._material_lines is not None:
            return True
        follows = number == draft.number + 1
        complete = _is_complete(draft)
        if style == self._style:
            return follows or complete
        return complete and follows

    def _may_begin_close(self, number: int, sign: str) -> bool:
        """Whether a number directly before a digit counts a question: it must be the next one.

        Within an explanation `2.5` stays a decimal.
        """
        draft = self._draft
        if draft is None or draft.section != self._section:
            return number == 1 and self._section > 0
        in_explanation = draft.state == "explanation" and sign == "."
        follows = number == draft.number + 1 and self._material_lines is None
        return follows and _is_complete(draft) and not in_explanation

    def _add_stem(self, draft: _Draft, stem: Content) -> None:
        """Begin the stem; a type in brackets counts where its section names none. One that differs is refused later."""
        tag = _TYPE_TAG.match(plain_text(stem))
        kind = type_mark(stem)
        if kind:
            draft.kind, draft.other_kind = draft.kind or kind, ""
        elif tag and _OTHER_TYPES.search(tag[1]):
            draft.other_kind = tag[1]
            stem = cut(stem, tag.end())
        self._add_with_answer(draft, draft.stem, stem)

    def _add_with_answer(self, draft: _Draft, lines: list[Content], line: Content) -> None:
        """Add a line of stem or options; the answer behind it is one, when the line has no marks."""
        line = simplified(line)
        behind = _ANSWER_BEHIND.search(line) if isinstance(line, str) else None
        if behind and isinstance(line, str) and draft.answer is None:
            lines.append(line[: behind.start()])
            self._add_answer(draft, line[behind.end() :])
        else:
            lines.append(line)

    def _add_part(self, line: Line) -> None:
        """Add a line that begins neither section nor question. Raises `ValueError` when one has too many lines."""
        draft, text = self._draft, line.text
        self._lines += 1
        if self._lines > MOST_LINES:
            raise ValueError(f"一题或一段材料最多 {MOST_LINES} 段，第 {line.number} 段起过长")
        material = _MATERIAL.match(text)
        if self._material_lines is not None:
            self._material_lines.append(line.content)
        elif material and material.end() > 0 and text[: material.end()].strip()[-1] in "：:】])）":
            self._material_lines = [cut(line.content, material.end())]
        elif draft is None or draft.section != self._section:
            if draft is None and not self._section:
                self._leave_out(line, "开头的标题文字")
            else:
                self._refuse(line, "这一段前面没有题号，请在每道题前写上 1.、2. …")
        elif not self._add_named_part(draft, line):
            self._add_more(draft, line)

    def _add_named_part(self, draft: _Draft, line: Line) -> bool:
        """Add a line that says what it is: 答案, 解析, 知识点 …; false for any other."""
        field, answer = _FIELD.match(line.text), _ANSWER.match(line.text)
        explanation = _EXPLANATION.match(line.text)
        if field:
            self._add_field(draft, field[1], field[2].strip(), line)
        elif explanation:
            draft.explanation.append(cut(line.content, explanation.end()))
            draft.state = "explanation"
        elif answer and draft.state != "explanation":
            self._add_answer(draft, cut(line.content, answer.end()))
        elif answer and _LIST_ANSWER.match(line.text):
            self._add_late_answer(draft, line, cut(line.content, answer.end()))
        else:
            return False
        return True

    def _add_late_answer(self, draft: _Draft, line: Line, found: Content) -> None:
        """Take the answer below an explanation; a second one belongs to a question that was not noticed."""
        if draft.answer is None:
            self._add_answer(draft, found)
        else:
            self._refuse(line, f"{draft.name}已有答案，这里又有一个：请看它前面是否少了题号")

    def _add_answer(self, draft: _Draft, found: Content) -> None:
        text = plain_text(with_raised_characters(found))
        if inner := re.search(_IN_ANSWER, text):
            draft.explanation.append(cut(found, inner.end()))
            text = text[: inner.start()]
        draft.answer = _without_end(text.strip())
        draft.state = "explanation" if inner else "answer"

    def _add_field(self, draft: _Draft, name: str, value: str, line: Line) -> None:
        draft.state = "field"
        if name in ("知识点", "考点"):
            draft.tag = value
        elif name in ("依据", "法律依据", "出处", "来源"):
            draft.source = value
        elif name == "分值":
            draft.points = value
        elif name == "题型" and (kind := find_type(normal_word(value))):
            draft.kind = kind
        else:
            self._leave_out(line, name)

    def _add_more(self, draft: _Draft, line: Line) -> None:
        """Add a line that says nothing of itself to what came before."""
        if draft.state in ("stem", "options") and _OPTION.match(line.text):
            draft.state = "options"
            self._add_with_answer(draft, draft.options, line.content)
        elif draft.state == "stem":
            draft.stem.append(line.content)
        elif draft.state == "explanation":
            draft.explanation.append(line.content)
        elif draft.state == "answer" and not draft.answer:
            self._add_answer(draft, line.content)
        elif draft.state == "answer" and draft.kind is QuestionType.BLANK:
            draft.answer = f"{draft.answer}\n{line.text.strip()}"
        else:
            self._refuse(line, "不知道这一段属于哪一题")

    def _add_table(self, line: Line) -> None:
        draft = self._draft
        table = next((b for b in line.content if isinstance(b, content.Table)), None)
        answers = self._answers or AnswerTable()
        if table is not None and answers.add_table(table, line.number):
            self._answers = answers
        elif self._material_lines is not None:
            self._material_lines.append(line.content)
        elif draft is not None and draft.state == "stem":
            draft.stem.append(line.content)
        elif draft is not None and draft.state == "explanation":
            draft.explanation.append(line.content)
        else:
            self._refuse(line, "这个表格不属于任何一题")

    def _end_material(self) -> None:
        """The material ends where its first question begins."""
        if self._material_lines is not None:
            self._material = joined(*self._material_lines)
            self._material_lines = None

    # --- questions ---

    def _row(self, draft: _Draft) -> QuestionRow:
        """The question of a draft. Raises `ValueError`, `Unsupported`."""
        if draft.other_kind:
            raise Unsupported(draft.other_kind)
        if draft.trouble:
            raise ValueError(draft.trouble)
        stem, options = _stem_and_options(draft)
        at_end = self._answers.find(draft.kind, draft.number) if self._answers else None
        _refuse_other(draft.answer, at_end)
        answer = draft.answer or at_end
        kind = draft.kind or self._inferred(draft, stem, options, answer or "")
        if kind is QuestionType.BLANK:
            stem, answer = _without_answers(stem, _one_a_line(answer or ""))
        if kind is QuestionType.JUDGE and options and not _are_truths(options):
            raise ValueError("判断题不填选项")
        return QuestionRow(
            file=self._entries.file,
            row=draft.row,
            name=draft.name,
            type=kind,
            stem=stem,
            options=options,
            answer=answer or "",
            explanation=joined(*draft.explanation),
            source=draft.source,
            tag=draft.tag,
            points=read_points(draft.points),
            material=self._materials.add("", draft.material, draft.tag),
        )

    def _inferred(
        self, draft: _Draft, stem: Content, options: tuple[Content, ...], answer: str
    ) -> QuestionType:
        """The type that a question has by what it holds. Raises `ValueError`, `Unsupported`."""
        kind = infer_type(stem, options, answer)
        if kind is None:
            raise ValueError("没有写明题型，也不能由内容判断：请在前面写上题型，如“一、单选题”")
        self._entries.note(draft.row, Advice.TYPE_BY_CONTENT, "")
        return kind


def _stem_and_options(draft: _Draft) -> tuple[Content, tuple[Content, ...]]:
    """Stem and options of a draft, whose options may stand in the lines of the stem. Raises `ValueError`."""
    stem = joined(*draft.stem)
    if draft.kind is QuestionType.BLANK:
        return joined(stem, *draft.options), ()
    if not draft.options and draft.kind is QuestionType.JUDGE:
        return stem, ()
    if not draft.options:
        found, options = split_options(stem)
        return (found, options) if options else _bare_options(draft.stem)
    before, options = split_options(joined(*draft.options))
    if options and content.is_empty(before):
        return stem, options
    whole = joined(stem, *draft.options)  # A and B in the line of the stem, C and D below it
    found, options = split_options(whole)
    if not options:
        raise ValueError(f"选项须从 A 起依次排列，最多到 {LETTERS[-1]}")
    return found, options


def _bare_options(lines: list[Content]) -> tuple[Content, tuple[Content, ...]]:
    """A stem and the options below it, each in a line behind its letter alone (`A 甲`); none without them."""
    begins = [_BARE_OPTION.match(plain_text(line)) for line in lines]
    first = max((at for at, match in enumerate(begins) if match and match[1] == "A"), default=0)
    letters = [match[1] if match else "" for match in begins[first:]]
    if first == 0 or len(letters) < 2 or letters != list(LETTERS[: len(letters)]):
        return joined(*lines), ()
    options = (
        cut(line, match.end())
        for line, match in zip(lines[first:], begins[first:], strict=True)
        if match
    )
    return joined(*lines[:first]), tuple(map(simplified, options))


def _refuse_other(answer: str | None, at_end: str | None) -> None:
    """Raise `ValueError` when the answer beside a question differs from the one at the end of the list."""
    for meaning in (truth, _letters):
        beside, below = meaning(answer or ""), meaning(at_end or "")
        if beside and below and beside != below:
            raise ValueError(
                f"题目旁的答案是“{answer}”，后面的答案里却是“{at_end}”：请改正其中一个"
            )


def _letters(text: str) -> str:
    """The letters of an answer to a choice; "" for any other text."""
    letters = re.sub(r"[\s,，、;；.。]", "", normal_word(text))
    return "".join(sorted(letters)) if re.fullmatch("[A-H]+", letters) else ""


def _is_complete(draft: _Draft) -> bool:
    """Whether a question has all that it needs, so that another one may begin."""
    return draft.answer is not None or bool(draft.options) or _has_answer(draft)


def _are_truths(options: tuple[Content, ...]) -> bool:
    return sorted(truth(plain_text(option)) for option in options) == ["A", "B"]


def _has_answer(draft: _Draft) -> bool:
    """Whether the stem tells the answer."""
    return any(map(tells_answer, draft.stem))


def _without_end(answer: str) -> str:
    """An answer without the end of the brackets that begin before the word 答案: （答案：B）."""
    opened = re.search(r"[（(【\[]", answer)
    return answer if opened else answer.rstrip("）)】] ")


def _one_a_line(answer: str) -> str:
    """Answers to blanks that are counted (`（1）甲；（2）乙`, `①甲②乙`), one a line; other answers as they are."""
    before, *parts = _ENUMERATED.split(answer)
    numbers = [
        int(a) if a else ord(b) - ord("①") + 1 for a, b in zip(parts[::3], parts[1::3], strict=True)
    ]
    counted = len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))
    return (
        "\n".join(part.strip() for part in parts[2::3])
        if counted and not before.strip()
        else answer
    )


def _without_answers(stem: Content, answer: str) -> tuple[Content, str]:
    """A stem and its answers. Underlined texts are taken out when they are the answers, or when there are no others."""
    marked, underlined = _out_of_underlines(stem)
    same = normal_word(underlined.replace("\n", ";")) == normal_word(answer.replace("\n", ";"))
    return (marked, answer or underlined) if same or not answer else (stem, answer)


def _out_of_underlines(stem: Content) -> tuple[Content, str]:
    """A stem with blanks in place of its underlined texts, and these as its answers."""
    answers: list[str] = []
    before: Inline | None = None

    def blank(inline: Inline) -> tuple[Inline, ...]:
        nonlocal before
        goes_on, before = before is not None and _is_underlined(before), inline
        if not _is_underlined(inline):
            return (inline,)
        if goes_on:  # its letters are raised or bold
            answers[-1] += _text_of(inline)
            return ()
        answers.append(_text_of(inline))
        return (BlankPlace(0),)

    marked: list[content.Block] = []
    for block in content.blocks_of(stem):
        before = None
        marked += content.map_inlines((block,), blank)
    return (tuple(marked), "\n".join(answers)) if answers else (stem, "")


def _is_underlined(inline: Inline) -> bool:
    return isinstance(inline, Text) and Mark.UNDERLINE in inline.marks and bool(inline.text.strip())


def _text_of(inline: Inline) -> str:
    return plain_text(with_raised_characters((content.Paragraph((inline,)),)))


def _other_name(name: str, other: re.Match[str] | None) -> str:
    """What a section is called that has questions of a type that the product does not have; "" for any other."""
    return name[:_SHOWN] if other else ""


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
