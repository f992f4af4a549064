"""What is wrong with the settings of an exam, in Chinese: msgspec says it in English. Pure."""

import enum
import re
from collections.abc import Callable

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.model import CountedTry, ExamKind, FaceReference, Liveness
from chalicelib.exams.questions import QuestionType

_KINDS = {
    "int": "整数",
    "float": "数字",
    "str": "文字",
    "bool": "true 或 false",
    "array": "列表（每行以“- ”开头，或写成 [a, b]）",
    "object": "“名称: 值”的形式",
    "null": "空",
    "datetime": "带时区的时间，如 2025-03-28T09:00:00+08:00",
    "date": "日期",
}
_GIVEN = {**_KINDS, "array": "列表", "object": "“名称: 值”", "datetime": "时间", "bool": "真假值"}
_LIMITS = {">=": "至少为", "<=": "最多为", ">": "须大于", "<": "须小于"}
# Which words a field may have, by its name.
_WORDS: dict[str, type[enum.Enum]] = {
    "audience": AudienceRole,
    "counts": CountedTry,
    "face_reference": FaceReference,
    "kind": ExamKind,
    "liveness": Liveness,
    "type": QuestionType,
}
_PLACE = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`\Z")
_ITEM = re.compile(r"\[(\d*)(?:\.\.\.)?\]")


def say_fault(message: str) -> str:
    """What a message of msgspec about `exam.yaml` says, with the place; texts of our own rules stay as they are."""
    place = _PLACE.search(message)
    path = place["path"].removeprefix(".") if place else ""
    fault = message[: place.start()] if place else message
    return f"{_where(path)}{_fault(fault, path)}"


def _where(path: str) -> str:
    """The place in words: `sections[0].count` is 第 1 项 of `sections`."""
    if not path:
        return ""
    told = _ITEM.sub(lambda item: f" 第 {int(item[1]) + 1} 项" if item[1] else " 中的一项", path)
    return f"{told.replace(' 项.', ' 项的 ').replace('一项.', '一项的 ')}："


def _fault(fault: str, path: str) -> str:
    for pattern, tell in _FAULTS:
        if found := pattern.fullmatch(fault):
            return tell(found, path)
    return fault if re.search(r"[\u4e00-\u9fff]", fault) else "不符合要求"


def _wrong_word(found: re.Match[str], path: str) -> str:
    words = _WORDS.get(_ITEM.sub("", path).rpartition(".")[2])
    allowed = "，可以写：" + "、".join(str(word.value) for word in words) if words else ""
    return f"没有“{found[1].strip(chr(39))}”这个取值{allowed}"


def _form(path: str) -> str:
    """How the text of a field is written."""
    if path.startswith("sections"):
        return "只能用小写字母、数字、下划线和短横线，最多 20 个字符"
    if path.startswith("policy"):
        return "须写成分数，分子和分母是 1 到 99 的整数，如 1/3"
    return "只能用小写字母、数字和短横线，以字母或数字开头，2 到 60 个字符"


def _kinds(text: str, names: dict[str, str]) -> str:
    return "或".join(names.get(kind, kind) for kind in text.split(" | ") if kind != "null")


_FAULTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], str]], ...] = (
    (
        re.compile(r"Object missing required field `(.+)`"),
        lambda found, _: f"缺少 {found[1]}",
    ),
    (
        re.compile(r"Object contains unknown field `(.+)`", re.DOTALL),
        lambda found, _: f"没有“{found[1]}”这一项，请核对拼写或删去",
    ),
    (re.compile(r"Invalid enum value (.+)", re.DOTALL), _wrong_word),
    (
        re.compile(r"Invalid RFC3339 encoded .+"),
        lambda found, _: f"须为{_KINDS['datetime']}",
    ),
    (
        re.compile(r"Expected `(.+)`, got `(.+)`"),
        lambda found, _: (
            f"须为{_kinds(found[1], _KINDS)}，这里是{_kinds(found[2], _GIVEN) or '空的'}"
        ),
    ),
    (
        re.compile(r"Expected `str` of length (>=|<=) (\d+)"),
        lambda found, _: f"{_LIMITS[found[1]].removesuffix('为')} {found[2]} 个字",
    ),
    (
        re.compile(r"Expected `array` of length (>=|<=) (\d+)"),
        lambda found, _: f"{_LIMITS[found[1]].removesuffix('为')} {found[2]} 项",
    ),
    (
        re.compile(r"Expected `(?:int|float)(?: \| null)?` (>=|<=|>|<) (\S+)"),
        lambda found, _: f"{_LIMITS[found[1]]} {found[2]}",
    ),
    (
        re.compile(r"Expected `str` matching regex .+", re.DOTALL),
        lambda _, path: _form(path),
    ),
    (
        re.compile(r"Expected `str`"),
        lambda found, _: "名称须为文字",
    ),
)
