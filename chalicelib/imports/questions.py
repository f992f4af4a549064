"""Question banks as tables: rows become questions, in many spellings, and questions become rows again. Pure."""

import re
from collections.abc import Iterable

import msgspec

from chalicelib.exams import content
from chalicelib.exams.content import (
    Block,
    Content,
    Inline,
    Paragraph,
    Picture,
    Text,
    plain_text,
    simplified,
)
from chalicelib.exams.questions import LETTERS, Material, Question, QuestionType
from chalicelib.exams.validation import FileFinding
from chalicelib.imports import characters, type_names
from chalicelib.imports.blank_answers import remarks_on_answers
from chalicelib.imports.formats.dispatch import FormatReader
from chalicelib.imports.formats.entries import named
from chalicelib.imports.headings import BarredHeading, Layout
from chalicelib.imports.materials import Materials
from chalicelib.imports.options_in_text import split_options
from chalicelib.imports.pinned_options import pinned_by_content
from chalicelib.imports.question_rows import (
    CheckedQuestion,
    QuestionRow,
    check_row,
    infer_type,
    read_points,
    truth,
)
from chalicelib.imports.readings import Reading, Row, text_trouble
from chalicelib.imports.remarks import Advice, Remark, remark_on_rows
from chalicelib.imports.stem_heads import running_numbers, with_kept_number, without_number
from chalicelib.imports.tables import Table, parse_rows, read_table, remark_on
from chalicelib.imports.templates import is_example_question
from chalicelib.imports.type_names import TYPE_NAMES
from chalicelib.notation.markup import (
    NameOfPicture,
    has_markup,
    picture_name,
    read_markup,
    write_markup,
)
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.sheets.model import Workbook
from chalicelib.sheets.writing import SheetToWrite

HEADINGS = (
    *("编号", "题型", "题干"),
    *(f"选项{letter}" for letter in LETTERS),
    *("答案", "解析", "依据", "标签", "分值", "选项顺序", "材料编号", "材料"),
)
_NUMERALS = "一二三四五六七八九十"
# What people write above the column of an option, around its number or its letter.
_AROUND_NUMBER = ("选项{}", "备选项{}", "备选答案{}", "OPTION{}", "CHOICE{}")
_AROUND_LETTER = (
    *("{}", "{}选项", "备选项{}", "备选答案{}", "选择项{}", "选择{}", "{}项", "答案选项{}"),
    *("选项{}内容", "{}选项内容", "选项内容{}", "OPTION{}", "CHOICE{}", "答案{}", "选项{}"),
)
_OPTIONS = {
    f"选项{letter}": (
        *(text.format(number) for text in _AROUND_NUMBER),
        *(text.format(_NUMERALS[number - 1]) for text in _AROUND_NUMBER),
        *(text.format(letter) for text in _AROUND_LETTER),
    )
    for number, letter in enumerate(LETTERS, start=1)
}
_ANY_OPTION = "|".join(
    (
        *(text.format("([0-9]+|[一二三四五六七八九十]+)") for text in _AROUND_NUMBER),
        *(text.format("[A-Z]") for text in _AROUND_LETTER),
    )
)
LAYOUT = Layout(
    columns={
        "编号": (
            *("题目编号", "试题编号", "编码", "试题编码", "题目编码", "题库编号"),
            *("ID", "题目ID", "试题ID"),
        ),
        "题型": (
            *("题目类型", "试题类型", "考题类型", "题目题型", "试题题型", "题型名称"),
            *("题目类别", "试题类别", "类型", "TYPE", "QUESTION TYPE"),
        ),
        "题干": (
            *("试题题干", "题目题干", "题干内容", "题目内容", "试题内容", "考题内容", "题目描述"),
            *("题目陈述", "题目正文", "试题正文"),
            *("试题描述", "问题描述", "题面", "题文", "题目", "试题", "考题", "问题", "问题内容"),
            *("QUESTION", "QUESTION TEXT", "STEM"),
        ),
        **_OPTIONS,
        "答案": (
            *("正确答案", "标准答案", "参考答案", "试题答案", "题目答案", "正确选项", "正确项"),
            *("正确答案选项", "答案项", "标答", "ANSWER", "CORRECT ANSWER"),
        ),
        "解析": (
            *("答案解析", "试题解析", "题目解析", "考题解析", "解析说明", "解析内容", "解题分析"),
            *("试题分析", "题目分析", "答案说明", "答案详解", "详解", "分析"),
            *("官方解析", "参考解析", "题解"),
            *("EXPLANATION", "EXPLAIN", "ANALYSIS"),
        ),
        "依据": (
            *("法律依据", "政策依据", "法规依据", "答案依据", "命题依据", "出题依据", "根据"),
            *("出处", "题目出处", "试题出处", "来源", "题目来源", "试题来源"),
        ),
        "图片": ("题图", "配图", "附图", "试题图片", "题目图片", "图片文件", "题干图片"),
        "标签": ("知识点", "考点", "所属知识点", "考核点"),
        "分值": ("分数", "每题分值", "题目分值", "试题分值"),
        "选项顺序": ("选项是否打乱", "打乱选项", "选项打乱"),
        "材料编号": ("案例编号", "题组", "题组编号"),
        "材料": ("材料内容", "案例", "案例内容", "背景材料", "阅读材料"),
        "选项": ("选项内容", "备选项", "备选答案", "全部选项", "试题选项", "题目选项"),
    },
    needed=("题型", "题干", "答案"),
    identifying=("题干", "答案"),
    left_out=(
        "备注",
        "序号",
        "题号",
        "题数",
        "题库",
        "题源",
        "章节",
        "难度",
    ),
    guarded=tuple(_OPTIONS),
    inferred=("题型", "答案"),
    spread={"选项": tuple(_OPTIONS)},
    contents=("题干", *_OPTIONS, "选项", "解析", "材料", "图片"),
    named={"题型": type_names.NAME_OF},
    barred=(BarredHeading(f"^({_ANY_OPTION})$", f"选项最多 {len(LETTERS)} 个（A–{LETTERS[-1]}）"),),
)
_FIXED_WORDS = {"固定", "不打乱", "否", "FALSE", "NO", "N", "0"}
_SHUFFLED_WORDS = {"打乱", "随机", "是", "TRUE", "YES", "Y", "1"}


class QuestionReading(msgspec.Struct, frozen=True):
    """The questions of one file with their rows, and its materials; mistakes and remarks are in `reading`."""

    questions: tuple[tuple[Row, Question], ...]
    reading: Reading
    materials: tuple[Material, ...] = ()


def read_questions(table: Table, shelf: PictureShelf) -> QuestionReading:
    """The questions of a table. `shelf` has the pictures that it may show, and keeps those that it does."""
    reading = read_table(table, LAYOUT, shelf)
    materials = Materials()
    numbered = _numbered(reading.rows)
    checked = parse_rows(
        reading,
        lambda row: check_row(_to_row(row, materials, shelf, (row.file, row.number) in numbered)),
        is_example_question,
    )
    reading.remarks += _changed(checked)
    rows = [row for row, _ in checked]
    marked = [row for row in rows if any(has_markup(row.cells.get(c, "")) for c in LAYOUT.contents)]
    reading.remarks += remark_on(Advice.MARKUP_READ, marked)
    counted = [row for row in rows if (row.file, row.number) in numbered]
    reading.remarks += remark_on(Advice.NUMBER_REMOVED, counted)
    untyped = [row for row in rows if "题型" not in row.cells]
    reading.remarks += remark_on(Advice.TYPE_BY_CONTENT, untyped)
    questions = [(row, entry.question) for row, entry in checked]
    reading.remarks += _questionable(questions, materials.all())
    return QuestionReading(tuple(questions), reading, materials.all())


def read_format(
    name: str, data: bytes, shelf: PictureShelf, reader: FormatReader
) -> QuestionReading:
    """The questions of a file that is no table, by its reader."""
    reading = Reading()
    try:
        found = reader(name, data, shelf)
    except ValueError as refused:
        reading.findings.append(FileFinding(name, 0, str(refused)))
        return QuestionReading((), reading)
    if found.sheets:
        tables = read_questions(Table(name, data, Workbook(found.sheets)), shelf)
        tables.reading.remarks += found.remarks
        return tables
    reading.count = found.count
    reading.findings += found.findings
    reading.remarks += found.remarks
    checked = []
    for row in found.rows:
        try:
            _refuse_characters(row)
            entry = check_row(row)
        except ValueError as error:
            reason = named(row.name, str(error))
            reading.findings.append(FileFinding(row.file, row.row, reason))
        else:
            checked.append((Row(row.file, row.row, {}), entry))
    reading.remarks += _changed(checked)
    questions = [(row, entry.question) for row, entry in checked]
    reading.remarks += _questionable(questions, found.materials)
    return QuestionReading(tuple(questions), reading, found.materials)


def _refuse_characters(row: QuestionRow) -> None:
    """Raise `ValueError` for characters that nobody sees, controls, and texts that are too long."""
    for whole in (row.stem, *row.options, row.explanation, row.answer, row.source, row.tag):
        text = plain_text(whole)
        if trouble := text_trouble(text):
            raise ValueError(trouble)
        if hidden := characters.hidden_in(text):
            raise ValueError(f"含有看不见的字符：{'、'.join(hidden)}")


def _numbered(rows: list[Row]) -> set[tuple[str, int]]:
    """File and number of the rows whose stem begins with a number that counts the questions of the sheet."""
    sheets: dict[str, list[Row]] = {}
    for row in rows:
        if not is_example_question(row):
            sheets.setdefault(row.file, []).append(row)
    return {
        (file, of_sheet[place].number)
        for file, of_sheet in sheets.items()
        for place in running_numbers([row.cells.get("题干", "") for row in of_sheet], len(rows))
    }


def _to_row(row: Row, materials: Materials, shelf: PictureShelf, is_numbered: bool) -> QuestionRow:
    """A row of a table as a row of a question. `is_numbered`: its stem begins with its number. Raises `ValueError`."""
    cells = row.cells
    kind = _type_of(row, shelf)
    if not cells.get("编号", "-") or content.is_empty(row.content("题干")):
        raise ValueError("编号和题干不能为空")
    stem, options = _options(row, kind, shelf)
    if is_numbered:
        stem = without_number(stem)
    stem = _with_pictures(stem, row, shelf)
    tag = cells.get("标签", "")
    return QuestionRow(
        file=row.file,
        row=row.number,
        id=cells.get("编号", ""),
        type=kind,
        stem=stem,
        options=options,
        answer=cells.get("答案", ""),
        explanation=_content(row, "解析", shelf),
        source=cells.get("依据", ""),
        tag=tag,
        points=read_points(cells.get("分值", "")),
        pinned=_pinned(cells.get("选项顺序", ""), len(options)),
        material=materials.add(cells.get("材料编号", ""), _content(row, "材料", shelf), tag),
    )


def _type_of(row: Row, shelf: PictureShelf) -> QuestionType:
    """The type that a row names, or without such a column the one that its content tells. Raises `ValueError`."""
    names = "、".join(TYPE_NAMES.values())
    if "题型" not in row.cells:
        # read as a question with options, which keeps the blanks of the stem as they are written
        stem, options = _options(row, QuestionType.SINGLE, shelf)
        inferred = infer_type(stem, options, row.cells.get("答案", ""))
        if inferred is None:
            raise ValueError(
                f"没有“题型”列，也不能由内容判断：请加上“题型”列，或把工作表或文件命名为{names}之一"
            )
        return inferred
    kind = type_names.find_type(characters.normal_word(row.cells["题型"]))
    if kind is None:
        empty = "" if row.cells["题型"] else "（每一行都要填写）"
        raise ValueError(f"题型须为：{names}{empty}")
    return kind


def _content(row: Row, column: str, shelf: PictureShelf, *, blanks: bool = False) -> Content:
    """What stands in a column; a plain text may be in our notation. Raises `ValueError`."""
    found = row.content(column)
    if isinstance(found, str):
        return read_markup(found, shelf, blanks=blanks)
    return simplified(content.map_inlines(found, lambda inline: _with_notation(inline, shelf)))


def _with_pictures(stem: Content, row: Row, shelf: PictureShelf) -> Content:
    """The stem, followed by the pictures of the column 图片: files by name, or pictures in the cell."""
    names = [name.strip() for name in re.split(r"[;；、,，|\n]", row.cells.get("图片", ""))]
    pictures = [shelf.take_file(name) for name in names if name]
    pictures += content.pictures_of(row.content("图片"))
    return (*content.blocks_of(stem), Paragraph(tuple(pictures))) if pictures else stem


def _with_notation(inline: Inline, shelf: PictureShelf) -> tuple[Inline, ...]:
    """A piece of marked text, in which our notation may stand. Raises `ValueError`."""
    if not isinstance(inline, Text) or not has_markup(inline.text):
        return (inline,)
    blocks = content.blocks_of(read_markup(inline.text, shelf))
    if len(blocks) != 1 or not isinstance(blocks[0], Paragraph):
        raise ValueError("带格式或图片的单元格里不能再写 <p>、<table>")
    text = inline.text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    inner = (Text(before), *blocks[0].inlines, Text(after))
    return tuple(
        Text(piece.text, (*inline.marks, *piece.marks)) if isinstance(piece, Text) else piece
        for piece in inner
    )


def _options(
    row: Row, kind: QuestionType, shelf: PictureShelf
) -> tuple[Content, tuple[Content, ...]]:
    """Stem and options: from the columns of options, else from the one column, else from the text of the stem."""
    stem = _content(row, "题干", shelf, blanks=kind is QuestionType.BLANK)
    options = [_content(row, f"选项{letter}", shelf) for letter in LETTERS]
    while options and content.is_empty(options[-1]):
        options.pop()
    _refuse_marks_alone(row, options)
    if options or not kind.has_options:
        return stem, _parted(options)
    if not content.is_empty(row.content("选项")):
        return stem, _options_of_cell(_content(row, "选项", shelf))
    return (stem, ()) if kind is QuestionType.JUDGE else _split_stem(stem)


def _refuse_marks_alone(row: Row, options: list[Content]) -> None:
    """Raise `ValueError` for an option that is nothing but a mark, such as the answer <br> to a question on HTML."""
    for letter in LETTERS:
        written = row.cells.get(f"选项{letter}", "").strip()
        place = LETTERS.index(letter)
        is_empty = place >= len(options) or content.is_empty(options[place])
        if written.startswith("<") and is_empty:
            shown = written.replace("<", "&lt;").replace(">", "&gt;")
            raise ValueError(
                f"选项{letter}里只有格式标记 {written[:20]}：要显示它本身，请写作 {shown[:40]}"
            )


def _options_of_cell(cell: Content) -> tuple[Content, ...]:
    """The options in one cell: `A.甲 B.乙`, `甲|乙`, or `A甲` and `B乙` in lines. Raises `ValueError`."""
    before, options = split_options(cell)
    if options and content.is_empty(before):
        return options
    text = cell if isinstance(cell, str) else ""
    parts = [part.strip() for part in re.split(r"[|｜]", text.strip().strip("|｜"))]
    lines = [line.strip() for line in text.strip().splitlines()]
    if not options and len(parts) > 1 and len(lines) == 1:
        return tuple(parts)
    lettered = [line[:1].upper() for line in lines] == list(LETTERS[: len(lines)])
    if not options and len(lines) > 1 and lettered:
        return tuple(line[1:].lstrip(" \u3000-—") for line in lines)
    raise ValueError("“选项”须写作 A.… B.…，从 A 开始")


def _parted(options: list[Content]) -> tuple[Content, ...]:
    """The options; a single one that holds all of them as A.… B.… is parted."""
    if len(options) == 1:
        before, parts = split_options(options[0])
        if parts and content.is_empty(before):
            return parts
    return tuple(options)


def _split_stem(whole: Content) -> tuple[Content, tuple[Content, ...]]:
    """Stem and options of a cell with both. Pictures of the cell are of the stem."""
    if isinstance(whole, str) or not _is_pictures(whole[-1]):
        return split_options(whole)
    stem, options = split_options(simplified(whole[:-1]))
    return simplified((*content.blocks_of(stem), whole[-1])), options


def _is_pictures(block: Block) -> bool:
    return isinstance(block, Paragraph) and all(isinstance(i, Picture) for i in block.inlines)


def _pinned(text: str, options: int) -> str | None:
    """The letters of the options that keep their places; None when the cell is empty. Raises `ValueError`."""
    word = characters.normal_word(text)
    if not word:
        return None
    if word in _SHUFFLED_WORDS:
        return ""
    if word in _FIXED_WORDS:
        return LETTERS[:options]
    letters = "".join(sorted(set(word.removesuffix("固定"))))
    if not set(letters) <= set(LETTERS[:options]):
        raise ValueError("选项顺序须为：打乱、固定，或固定的选项字母（如 D）")
    return letters


# --- remarks --------------------------------------------------------------------------------------------


def _changed(checked: list[tuple[Row, CheckedQuestion]]) -> list[Remark]:
    """Remarks on what was changed to make questions of rows, file by file."""
    remarks: list[Remark] = []
    for file in dict.fromkeys(row.file for row, _ in checked):
        of_file = [(row.number, entry) for row, entry in checked if row.file == file]
        for advice in Advice:
            rows = [number for number, entry in of_file if advice in entry.advice]
            remarks += remark_on_rows(advice, file, rows)
    return remarks


def _questionable(
    questions: list[tuple[Row, Question]], materials: tuple[Material, ...]
) -> list[Remark]:
    """Remarks on questions that are right in form but may contain a mistake, file by file."""
    remarks: list[Remark] = []
    untold = {material.id for material in materials if _shows_untold_picture(material.content)}
    for file in dict.fromkeys(row.file for row, _ in questions):
        of_file = [(row.number, question) for row, question in questions if row.file == file]
        suspicious = {
            Advice.NO_EXPLANATION: [n for n, question in of_file if not question.explanation],
            Advice.ALL_OPTIONS_RIGHT: [n for n, question in of_file if _all_right(question)],
            Advice.JUDGE_AS_SINGLE: [n for n, question in of_file if _is_judge(question)],
            Advice.DUPLICATE_STEM: _repeated(of_file),
            Advice.OWN_POINTS: [n for n, question in of_file if question.points is not None],
            Advice.PICTURE_WITHOUT_ALT: [
                n
                for n, question in of_file
                if question.material in untold or _has_untold_picture(question)
            ],
        }
        for advice, rows in suspicious.items():
            remarks += remark_on_rows(advice, file, rows)
        remarks += remarks_on_answers(file, of_file)
    return remarks


def _has_untold_picture(question: Question) -> bool:
    """Whether candidates see a picture without a text that says what it shows."""
    return any(map(_shows_untold_picture, (question.stem, *question.options)))


def _shows_untold_picture(shown: Content) -> bool:
    return any(not picture.alt for picture in content.pictures_of(shown))


def _all_right(question: Question) -> bool:
    several = question.type is QuestionType.MULTIPLE
    return several and len(question.key) == len(question.options)


def _is_judge(question: Question) -> bool:
    meanings = sorted(truth(plain_text(option)) for option in question.options)
    return question.type is QuestionType.SINGLE and meanings == ["A", "B"]


def _repeated(numbered: Iterable[tuple[int, Question]]) -> list[int]:
    """The rows whose stem, apart from punctuation, also occurs in a row above."""
    seen: set[str] = set()
    repeated = []
    for number, question in numbered:
        stem = re.sub(r"[\W_]", "", characters.normal_word(plain_text(question.stem)))
        if stem in seen:
            repeated.append(number)
        seen.add(stem)
    return repeated


# --- writing --------------------------------------------------------------------------------------------


def to_page(rows: list[tuple[str, ...]]) -> SheetToWrite:
    """Rows of questions (`to_row`) as a sheet; without rows it is a form to fill in."""
    widths = (14, 9, 50, *(18,) * len(LETTERS), 9, 40, 30, 12, 7, 9, 10, 40)
    types = tuple(TYPE_NAMES.values())
    return SheetToWrite("题库", HEADINGS, rows, widths, choices={HEADINGS.index("题型"): types})


def to_row(
    question: Question, material: Content = "", name_of: NameOfPicture = picture_name
) -> tuple[str, ...]:
    """A question as a row under `HEADINGS`, with the content of its material. Reading it gives the same question."""

    def written(whole: Content) -> str:
        return write_markup(whole, name_of)

    judge = question.type is QuestionType.JUDGE
    options = () if judge else tuple(map(written, question.options))
    answer = plain_text(question.options[LETTERS.index(question.key)]) if judge else question.key
    points = "" if question.points is None else f"{question.points:g}"
    return (
        *(question.id, TYPE_NAMES[question.type], with_kept_number(written(question.stem))),
        *options,
        *("",) * (len(LETTERS) - len(options)),
        *(answer, written(question.explanation), question.source, question.tag),
        *(points, "" if judge else _order(question), question.material, written(material)),
    )


def _order(question: Question) -> str:
    """What the column 选项顺序 says of a question; "" when its options tell it by themselves."""
    if question.pinned == pinned_by_content(question.stem, question.options, question.explanation):
        return ""
    whole = question.pinned == LETTERS[: len(question.options)]
    return "固定" if whole else question.pinned or "打乱"
