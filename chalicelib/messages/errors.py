"""The sentence for each error code: the tables of all rooms, and codes of no room. Pure."""

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
from chalicelib.shared.languages import Language, Sentence, say
from chalicelib.statistics import texts as statistics

# Codes that handlers, `shared` or several rooms raise.
GENERAL: Final = {
    "body_too_large": Sentence(
        "发送的内容过大，请缩短文字或换较小的文件", "What was sent is too large"
    ),
    "busy": Sentence(
        "操作过于频繁，请稍后重试",
        "There were too many actions at once. Please try again in a moment",
    ),
    "camera_off": Sentence("请先开启摄像头", "Please switch on the camera first"),
    "foreign_origin": Sentence("请从考试平台页面操作", "Please use the pages of the exam site"),
    "internal_error": Sentence(
        "系统出现异常，请稍后重试；如一直如此，请拨打客服电话",
        "Something went wrong on our side. Please try again in a moment. If it stays so, "
        "please call the hotline",
    ),
    "invalid_request": Sentence(
        "填写的内容有误，请检查后重试",
        "Something in what was sent is wrong. Please check it and try again",
    ),
    "malformed_json": Sentence(
        "发送的内容无法识别，请刷新页面后重试", "What was sent cannot be read"
    ),
    "method_not_allowed": Sentence("不支持该操作", "This is not possible here"),
    "name_invalid": Sentence(
        "姓名只能包含文字和间隔号，最多 40 个字",
        "A name can have letters, spaces and the signs · - ' . only, at most 40 characters",
    ),
    "not_found": Sentence("没有找到您要的内容", "What you are looking for was not found"),
    "not_json": Sentence("发送的内容须为 JSON", "What is sent must be JSON"),
    "service_busy": Sentence(
        "系统繁忙，请稍后重试", "The system is busy. Please try again in a moment"
    ),
    "text_invalid": Sentence(
        "请填写内容，最多 {most} 个字", "Please write something, at most {most} characters"
    ),
    "too_many_requests": Sentence(
        "请求过于频繁，请稍后再试", "There were too many requests. Please try again later"
    ),
    "wrong_entrance": Sentence("请通过考试网站访问", "Please use the exam site"),
}
TABLES: Final = (
    GENERAL,
    *(accounts.ERRORS, operators.ERRORS, identity.ERRORS, exams.ERRORS),
    *(attempts.ERRORS, cases.ERRORS, results.ERRORS, partners.ERRORS, statistics.ERRORS),
    *(series.ERRORS, finding.ERRORS, score_lists.ERRORS, own_records.ERRORS, day_reports.ERRORS),
)
ERRORS: Final[dict[str, str]] = {
    code: sentence for table in TABLES for code, sentence in table.items()
}


_BETWEEN: Final = {Language.ZH: "、", Language.EN: ", "}


def error_message(code: str, details: dict[str, Any], language: Language = Language.ZH) -> str:
    """Return the sentence for an error code with its details. A missing detail becomes empty text.

    Errors that only operators meet are Chinese in every language. Raises `KeyError` for a code without a sentence.
    """
    told = {name: _told(value, language) for name, value in details.items()}
    return say(ERRORS[code], language).format_map(_Details(told))


def _told(value: Any, language: Language) -> Any:
    if isinstance(value, list):
        return _BETWEEN[language].join(str(_told(one, language)) for one in value)
    return say(value, language) if isinstance(value, str) else value


class _Details(dict[str, Any]):
    """Details of an error. A name that is not among them gives empty text."""

    def __missing__(self, key: str) -> str:
        return ""
