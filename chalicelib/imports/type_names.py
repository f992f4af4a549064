"""The names of question types as offices write them. Pure."""

from chalicelib.exams.questions import QuestionType
from chalicelib.imports import headings

TYPE_NAMES = {
    QuestionType.SINGLE: "单选题",
    QuestionType.MULTIPLE: "多选题",
    QuestionType.INDEFINITE: "不定项选择题",
    QuestionType.JUDGE: "判断题",
    QuestionType.BLANK: "填空题",
}
_TYPES = {
    QuestionType.SINGLE: (
        *("单选题", "单选", "单项选择题", "单项选择", "单项", "单项题", "单选择题"),
        *("选择题(单选)", "选择题(单项)", "选择题单选", "选择题-单选", "SINGLE", "SINGLECHOICE"),
    ),
    QuestionType.MULTIPLE: (
        *("多选题", "多选", "多项选择题", "多项选择", "多项", "多项题", "多选择题"),
        *("选择题(多选)", "选择题(多项)", "选择题多选", "选择题-多选", "MULTIPLE"),
    ),
    QuestionType.INDEFINITE: (
        *("不定项选择题", "不定项选择", "不定项", "不定项题", "不定选择题", "选择题(不定项)"),
    ),
    QuestionType.BLANK: ("填空题", "填空"),
    QuestionType.JUDGE: (
        *("判断题", "判断", "是非题", "对错题", "判断正误", "判断正误题", "判断对错", "判断对错题"),
        *("正误题", "正误判断", "正误判断题", "是非判断", "是非判断题", "是非", "对错"),
        *("JUDGE", "JUDGMENT", "JUDGEMENT", "TRUE/FALSE", "TRUEFALSE"),
    ),
}
_TYPE_CALLED = {name: kind for kind, name in TYPE_NAMES.items()}
_TYPE_OF = {spelling: kind for kind, spellings in _TYPES.items() for spelling in spellings}
NAME_OF = {spelling: TYPE_NAMES[kind] for spelling, kind in _TYPE_OF.items()}
"""Each spelling of a type → our name of it."""


def exact_type(text: str) -> QuestionType | None:
    """The type of which a text is the name and nothing else. None for any other text."""
    return _TYPE_OF.get(text)


def find_type(text: str) -> QuestionType | None:
    """The type that a text names, alone or inside of a longer one: 一、单选题（每题 2 分）. None without one."""
    return _TYPE_OF.get(text) or _TYPE_CALLED.get(headings.tell(text, NAME_OF))
