"""The Chinese sentence (zh-CN) for each error code: the tables of all rooms, and codes of no room. Pure."""

from typing import Any, Final

from chalicelib.accounts import texts as accounts
from chalicelib.attempts import texts as attempts
from chalicelib.cases import texts as cases
from chalicelib.day_reports import texts as day_reports
from chalicelib.exams import texts as exams
from chalicelib.finding import texts as finding
from chalicelib.identity import texts as identity
from chalicelib.operators import texts as operators
from chalicelib.own_records import texts as own_records
from chalicelib.partners import texts as partners
from chalicelib.results import texts as results
from chalicelib.score_lists import texts as score_lists
from chalicelib.series import texts as series
from chalicelib.statistics import texts as statistics

# Codes that handlers, `shared` or several rooms raise.
GENERAL: Final = {
    "body_too_large": "提交的内容过大",
    "busy": "操作过于频繁，请稍后重试",
    "camera_off": "请先开启摄像头",
    "foreign_origin": "请从考试平台页面操作",
    "internal_error": "系统出现异常，请稍后重试；如一直如此，请拨打客服电话",
    "invalid_request": "提交的内容有误，请检查后重试",
    "malformed_json": "提交的内容无法识别",
    "method_not_allowed": "不支持该操作",
    "name_invalid": "姓名只能包含文字和间隔号，最多 40 个字",
    "not_found": "没有找到您要的内容",
    "not_json": "提交的内容须为 JSON",
    "service_busy": "系统繁忙，请稍后重试",
    "text_invalid": "请填写内容，最多 {most} 个字",
    "too_many_requests": "请求过于频繁，请稍后再试",
    "wrong_entrance": "请通过考试网站访问",
}
TABLES: Final = (
    GENERAL,
    *(accounts.ERRORS, operators.ERRORS, identity.ERRORS, exams.ERRORS),
    *(attempts.ERRORS, cases.ERRORS, results.ERRORS, partners.ERRORS, statistics.ERRORS),
    *(series.ERRORS, finding.ERRORS, score_lists.ERRORS, own_records.ERRORS, day_reports.ERRORS),
)
ERRORS: Final = {code: sentence for table in TABLES for code, sentence in table.items()}


def error_message(code: str, details: dict[str, Any]) -> str:
    """Return the sentence for an error code with its details. A missing detail becomes empty text.

    Raises `KeyError` for a code without a sentence.
    """
    return ERRORS[code].format_map(_Details({name: _joined(it) for name, it in details.items()}))


def _joined(value: Any) -> Any:
    return "、".join(map(str, value)) if isinstance(value, list) else value


class _Details(dict[str, Any]):
    """Details of an error. A name that is not among them gives empty text."""

    def __missing__(self, key: str) -> str:
        return ""
