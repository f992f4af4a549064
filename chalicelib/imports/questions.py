"""Question banks as tables: rows become questions, in many spellings, and questions become rows again. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

import msgspec

from chalicelib.exams.model import QuestionType
from chalicelib.exams.paper import LETTERS, Question
from chalicelib.imports.headings import BarredHeading, Layout
from chalicelib.imports.readings import Reading, Row
from chalicelib.imports.remarks import Advice, Remark, remark_on_rows
from chalicelib.imports.sheets import SheetToWrite
from chalicelib.imports.tables import parse_rows, read_table
from chalicelib.imports.templates import is_example_question

JUDGE_OPTIONS = ("正确", "错误")
TYPE_NAMES = {
    QuestionType.SINGLE: "单选题",
    QuestionType.MULTIPLE: "多选题",
    QuestionType.JUDGE: "判断题",
}
HEADINGS = (
    *("编号", "题型", "题干"),
    *(f"选项{letter}" for letter in LETTERS),
    *("答案", "解析", "依据", "标签"),
)
_NUMERALS = "一二三四五六七八九十"
_OPTIONS = {
    f"选项{letter}": (
        *(letter, f"{letter}选项", f"选项{number}", f"选项{_NUMERALS[number - 1]}"),
        *(
            f"备选项{letter}",
            f"备选答案{letter}",
            f"选择项{letter}",
            f"选择{letter}",
            f"{letter}项",
        ),
        *(f"答案选项{letter}", f"选项{letter}内容", f"{letter}选项内容", f"选项内容{letter}"),
        *(f"OPTION{letter}", f"OPTION{number}", f"答案{letter}"),
    )
    for number, letter in enumerate(LETTERS, start=1)
}
_TYPES = {
    QuestionType.SINGLE: (
        *("单选题", "单选", "单项选择题", "单项选择", "单项", "单项题", "单选择题"),
        *("选择题(单选)", "选择题(单项)", "选择题单选", "选择题-单选"),
    ),
    QuestionType.MULTIPLE: (
        *("多选题", "多选", "多项选择题", "多项选择", "多项", "多项题", "多选择题"),
        *("选择题(多选)", "选择题(多项)", "选择题多选", "选择题-多选"),
    ),
    QuestionType.JUDGE: (
        *("判断题", "判断", "是非题", "对错题", "判断正误", "判断正误题", "判断对错", "判断对错题"),
        *("正误题", "正误判断", "正误判断题", "是非判断", "是非判断题", "是非", "对错"),
    ),
}
_TYPE_OF = {spelling: kind for kind, spellings in _TYPES.items() for spelling in spellings}
LAYOUT = Layout(
    columns={
        "编号": (
            *("题目编号", "试题编号", "编码", "试题编码", "题目编码", "题库编号"),
            *("ID", "题目ID", "试题ID"),
        ),
        "题型": (
            *("题目类型", "试题类型", "考题类型", "题目题型", "试题题型", "题型名称"),
            *("题目类别", "试题类别", "类型"),
        ),
        "题干": (
            *("试题题干", "题目题干", "题干内容", "题目内容", "试题内容", "考题内容", "题目描述"),
            *("试题描述", "问题描述", "题面", "题文", "题目", "试题", "考题", "问题", "问题内容"),
        ),
        **_OPTIONS,
        "答案": (
            *("正确答案", "标准答案", "参考答案", "试题答案", "题目答案", "正确选项", "正确项"),
            *("正确答案选项", "答案项", "标答"),
        ),
        "解析": (
            *("答案解析", "试题解析", "题目解析", "考题解析", "解析说明", "解析内容", "解题分析"),
            *("试题分析", "题目分析", "答案说明", "答案详解", "详解", "分析"),
        ),
        "依据": (
            *("法律依据", "政策依据", "法规依据", "答案依据", "命题依据", "出题依据", "根据"),
            *("出处", "题目出处", "试题出处", "来源", "题目来源", "试题来源"),
        ),
        "标签": ("知识点", "考点", "所属知识点", "考核点"),
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
        "题图",
        "章节",
        "难度",
        "分值",
        "分数",
    ),
    guarded=tuple(_OPTIONS),
    named={"题型": {name: TYPE_NAMES[kind] for name, kind in _TYPE_OF.items()}},
    barred=(
        BarredHeading(
            "^(选项|备选项|备选答案)([A-Z]|[0-9]+|[一二三四五六七八九十]+)$|^[A-Z]选项$",
            f"选项最多 {len(LETTERS)} 个（A–{LETTERS[-1]}）",
        ),
    ),
)
_TRUE = {
    *("正确", "对", "是", "√", "✓", "✔", "☑", "✅", "T", "TRUE", "Y", "YES"),
    *("正确的", "对的", "是的", "RIGHT"),
}
_FALSE = {
    *("错误", "错", "否", "×", "✗", "✘", "✕", "❌", "X", "╳", "F", "FALSE", "N", "NO", "WRONG"),
    *("不正确", "不对", "不是", "非", "错误的", "错的"),
}
# Pairs of options that a true/false question may have; the candidate is shown `JUDGE_OPTIONS`.
_JUDGE_PAIRS = ({"正确", "错误"}, {"对", "错"}, {"√", "×"})
_SEPARATORS = re.compile(r"[\s,，、;；.。/|]")


class QuestionReading(msgspec.Struct, frozen=True):
    """The questions of one file with their rows; mistakes and remarks are in `reading`."""

    questions: tuple[tuple[Row, Question], ...]
    reading: Reading


def read_questions(name: str, data: bytes) -> QuestionReading:
    """The questions of a file."""
    reading = read_table(name, data, LAYOUT)
    questions = parse_rows(reading, lambda row: parse_question(row.cells), is_example_question)
    reading.remarks += _questionable(questions)
    return QuestionReading(tuple(questions), reading)


def parse_question(cells: dict[str, str]) -> Question:
    """One row as a question. Raises `ValueError` with the reason."""
    kind = _TYPE_OF.get(_normal(cells["题型"]))
    if kind is None:
        empty = "" if cells["题型"] else "（合并的单元格须拆开，逐行填写）"
        raise ValueError(f"题型须为：单选题、多选题、判断题{empty}")
    if not cells.get("编号", "-") or not cells["题干"]:
        raise ValueError("编号和题干不能为空")
    options, key = _judge_key(cells) if kind is QuestionType.JUDGE else _choice_key(cells, kind)
    return Question(
        id=cells.get("编号") or _own_id(kind, cells["题干"], options),
        type=kind,
        stem=cells["题干"],
        options=options,
        key=key,
        explanation=cells.get("解析", ""),
        source=cells.get("依据", ""),
        tag=cells.get("标签", ""),
    )


def _own_id(kind: QuestionType, stem: str, options: tuple[str, ...]) -> str:
    """An id for a question whose table has no column for it. The same question always gets the same id."""
    content = "\x1f".join((kind.value, stem, *options))
    return f"Q-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _judge_key(cells: dict[str, str]) -> tuple[tuple[str, ...], str]:
    """Options and key of a true/false question. Raises `ValueError` with the reason."""
    options = [cells.get(f"选项{letter}", "") for letter in LETTERS]
    filled = [_normal(option) for option in options if option]
    if filled and (len(filled) != 2 or not all(options[:2]) or set(filled) not in _JUDGE_PAIRS):
        raise ValueError("判断题不填选项")
    answer = _normal(cells["答案"])
    if filled and answer in ("A", "B"):
        answer = filled["AB".index(answer)]
    if answer in _TRUE:
        return JUDGE_OPTIONS, "A"
    if answer in _FALSE:
        return JUDGE_OPTIONS, "B"
    raise ValueError("判断题的答案须为：正确、错误（或 对/错、√/×）")


def _choice_key(cells: dict[str, str], kind: QuestionType) -> tuple[tuple[str, ...], str]:
    """Options and key of a single-choice or multiple-choice question. Raises `ValueError` with the reason."""
    options = [cells.get(f"选项{letter}", "") for letter in LETTERS]
    while options and not options[-1]:
        options.pop()
    if len(options) < 2 or not all(options):
        raise ValueError("至少两个选项，从 A 开始，中间不留空")
    if len(set(options)) < len(options):
        raise ValueError("选项重复")
    key = _SEPARATORS.sub("", _normal(cells["答案"]))
    letters = LETTERS[: len(options)]
    if not key or len(set(key)) < len(key) or not set(key) <= set(letters):
        raise ValueError(f"答案须为 {letters[0]}–{letters[-1]} 中的字母，不重复")
    if kind is QuestionType.SINGLE and len(key) != 1:
        raise ValueError("单选题只能有一个答案")
    if kind is QuestionType.MULTIPLE and len(key) < 2:
        raise ValueError("多选题至少有两个答案")
    return tuple(options), "".join(sorted(key))


def _normal(text: str) -> str:
    """The text with full-width letters made plain, in capitals, without blanks: `Ａ` and `a ` become `A`."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


# --- remarks --------------------------------------------------------------------------------------------


def _questionable(questions: list[tuple[Row, Question]]) -> list[Remark]:
    """Remarks on questions that are right in form but may contain a mistake, file by file."""
    remarks: list[Remark] = []
    for file in dict.fromkeys(row.file for row, _ in questions):
        of_file = [(row.number, question) for row, question in questions if row.file == file]
        suspicious = {
            Advice.NO_EXPLANATION: [n for n, question in of_file if not question.explanation],
            Advice.ALL_OPTIONS_RIGHT: [n for n, question in of_file if _all_right(question)],
            Advice.JUDGE_AS_SINGLE: [n for n, question in of_file if _is_judge(question)],
            Advice.DUPLICATE_STEM: _repeated(of_file),
        }
        for advice, rows in suspicious.items():
            remarks += remark_on_rows(advice, file, rows)
    return remarks


def _all_right(question: Question) -> bool:
    several = question.type is QuestionType.MULTIPLE
    return several and len(question.key) == len(question.options)


def _is_judge(question: Question) -> bool:
    options = {_normal(option) for option in question.options}
    return question.type is QuestionType.SINGLE and options in (*_JUDGE_PAIRS, {"是", "否"})


def _repeated(numbered: Iterable[tuple[int, Question]]) -> list[int]:
    """The rows whose stem, apart from punctuation, also occurs in a row above."""
    seen: set[str] = set()
    repeated = []
    for number, question in numbered:
        stem = re.sub(r"[\W_]", "", _normal(question.stem))
        if stem in seen:
            repeated.append(number)
        seen.add(stem)
    return repeated


# --- writing --------------------------------------------------------------------------------------------


def to_page(rows: list[tuple[str, ...]]) -> SheetToWrite:
    """Rows of questions (`to_row`) as a sheet; without rows it is a form to fill in."""
    widths = (14, 9, 50, *(18,) * len(LETTERS), 9, 40, 30, 12)
    types = tuple(TYPE_NAMES.values())
    return SheetToWrite("题库", HEADINGS, rows, widths, choices={HEADINGS.index("题型"): types})


def to_row(question: Question) -> tuple[str, ...]:
    """A question as a row under `HEADINGS`. Reading the row gives the same question."""
    judge = question.type is QuestionType.JUDGE
    options = ("",) * len(LETTERS) if judge else question.options
    answer = question.options[LETTERS.index(question.key)] if judge else question.key
    return (
        *(question.id, TYPE_NAMES[question.type], question.stem),
        *options,
        *("",) * (len(LETTERS) - len(options)),
        *(answer, question.explanation, question.source, question.tag),
    )
