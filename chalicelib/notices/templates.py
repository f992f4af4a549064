"""All text messages. With the longest values a Chinese one fits into one SMS (70 characters), an English one into two.

A person's name and an exam's title are Chinese in an English message too, so its parts have 67 characters as well.

SNS gets the text. Other providers know templates under ids of their own, which the setting `SMS_TEMPLATES` names; the
provider `https` gets our name of the template and the language.
"""

import functools
import re
from typing import Final

import msgspec

from chalicelib.shared.languages import Language, Sentence, said, say

TEMPLATES: Final = {
    "code": Sentence(
        "【考场】您的验证码是{code}，{minutes}分钟内有效。请勿告诉他人。",
        "[Kaochang] Your code is {code}. It is valid for {minutes} minutes. Do not tell it to anybody.",
    ),
    "complaint_upheld": Sentence(
        "【考场】{name}，{exam}投诉{number}已获支持，请登录平台查看。",
        "[Kaochang] {name}, {exam}: complaint {number} was upheld. Please sign in to see the result.",
    ),
    "complaint_rejected": Sentence(
        "【考场】{name}，{exam}投诉{number}未获支持，请登录平台查看原因。",
        "[Kaochang] {name}, {exam}: complaint {number} was not upheld. Please sign in to see why.",
    ),
    "ticket_admitted": Sentence(
        "【考场】{name}，{exam}工单{number}已通过，可免人脸核验入场。",
        "[Kaochang] {name}, {exam}: ticket {number} was approved. You can enter without the face check.",
    ),
    "ticket_granted": Sentence(
        "【考场】{name}，{exam}工单{number}已通过：{granted}。",
        "[Kaochang] {name}, {exam}: ticket {number} was approved: {granted}.",
    ),
    "ticket_answered": Sentence(
        "【考场】{name}，{exam}工单{number}已回复，请登录平台查看。",
        "[Kaochang] {name}, {exam}: ticket {number} was answered. Please sign in to see it.",
    ),
    "ticket_rejected": Sentence(
        "【考场】{name}，{exam}工单{number}未通过，请登录平台查看原因。",
        "[Kaochang] {name}, {exam}: ticket {number} was not approved. Please sign in to see why.",
    ),
    "ticket_corrected": Sentence(
        "【考场】{name}，{exam}工单{number}处理结果已更正，请登录查看。",
        "[Kaochang] {name}, {exam}: the decision about ticket {number} was corrected. Please sign in to see it.",
    ),
}
VARIABLES = {
    name: tuple(re.findall(r"\{(\w+)\}", text))  # in the order of the text
    for name, text in TEMPLATES.items()
}
_ID = re.compile(r"[A-Za-z0-9_]{1,40}")


class Registered(msgspec.Struct, frozen=True):
    """A template as a provider has approved it: its id, and which of our variables it takes, in this order.

    Providers do not allow every variable: a code template of Aliyun has the code alone, a notice of Tencent none.
    """

    template_id: str
    variables: tuple[str, ...] = ()


def fill(template: str, variables: dict[str, str], language: Language = Language.ZH) -> str:
    """Return the text of a message with its values, in a language."""
    return say(TEMPLATES[template], language).format(**said(variables, language))


def name_in(template: str, language: Language) -> str:
    """Return the name that the settings have for a template in a language: `code`, and `code.en`."""
    return template if language is Language.ZH else f"{template}.{language.value}"


NAMES: Final = {name_in(template, language) for template in TEMPLATES for language in Language}


@functools.cache
def registered(setting: str) -> dict[str, Registered]:
    """Parse a setting such as `code=SMS_1/code,code.en=SMS_2/code`; returns the templates by our names (`name_in`).

    Raises `ValueError`, which says which part is wrong.
    """
    templates: dict[str, Registered] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, _, rest = part.partition("=")
        template_id, *variables = rest.split("/")
        if name not in NAMES:
            raise ValueError(f"{part}: there is no template {name!r}; {', '.join(TEMPLATES)}")
        if name in templates:
            raise ValueError(f"{part}: {name} stands there twice")
        if not _ID.fullmatch(template_id):
            raise ValueError(f"{part}: {template_id!r} is no id of a template")
        if unknown := set(variables) - set(VARIABLES[name.partition(".")[0]]):
            raise ValueError(f"{part}: {name} has no variable {', '.join(sorted(unknown))}")
        templates[name] = Registered(template_id, tuple(variables))
    return templates
