"""All text messages, in Chinese: each fits into one SMS of 70 characters when filled with the longest values.

A provider that knows templates by number gets the name of the template and the variables; SNS gets the text.
"""

TEMPLATES = {
    "code": "【考场】您的验证码是{code}，{minutes}分钟内有效。请勿告诉他人。",
    "complaint_upheld": "【考场】{name}，您的投诉已获支持，请登录平台查看结果。",
    "complaint_rejected": "【考场】{name}，您的投诉未获支持，请登录平台查看原因。",
}


def fill(template: str, variables: dict[str, str]) -> str:
    """The text as a telephone shows it: values stand in it literally, whatever signs they hold."""
    return TEMPLATES[template].format(**variables)
