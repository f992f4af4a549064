"""All text messages, in Chinese: each fits into one SMS of 70 characters when filled with the longest values.

SNS gets the text. Other providers know templates under ids of their own, which the setting `SMS_TEMPLATES` names; the
provider `https` gets our name of the template.
"""

import functools
import re

import msgspec

TEMPLATES = {
    "code": "【考场】您的验证码是{code}，{minutes}分钟内有效。请勿告诉他人。",
    "complaint_upheld": "【考场】{name}，您的投诉已获支持，请登录平台查看结果。",
    "complaint_rejected": "【考场】{name}，您的投诉未获支持，请登录平台查看原因。",
    "ticket_admitted": "【考场】{name}，工单已通过，可免人脸核验入场，请登录平台。",
    "ticket_granted": "【考场】{name}，工单已通过：{granted}，请登录平台。",
    "ticket_answered": "【考场】{name}，您的工单已回复，请登录平台查看。",
    "ticket_rejected": "【考场】{name}，您的工单未通过，请登录平台查看原因。",
    "ticket_corrected": "【考场】{name}，工单处理结果已更正，请登录平台查看。",
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


def fill(template: str, variables: dict[str, str]) -> str:
    """Return the text of a message with its values."""
    return TEMPLATES[template].format(**variables)


@functools.cache
def registered(setting: str) -> dict[str, Registered]:
    """Parse a setting such as `code=SMS_1/code,complaint_upheld=SMS_2/name`; returns the templates by our names.

    Raises `ValueError`, which says which part is wrong.
    """
    templates: dict[str, Registered] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, _, rest = part.partition("=")
        template_id, *variables = rest.split("/")
        if name not in TEMPLATES:
            raise ValueError(f"{part}: there is no template {name!r}; {', '.join(TEMPLATES)}")
        if name in templates:
            raise ValueError(f"{part}: {name} stands there twice")
        if not _ID.fullmatch(template_id):
            raise ValueError(f"{part}: {template_id!r} is no id of a template")
        if unknown := set(variables) - set(VARIABLES[name]):
            raise ValueError(f"{part}: {name} has no variable {', '.join(sorted(unknown))}")
        templates[name] = Registered(template_id, tuple(variables))
    return templates
