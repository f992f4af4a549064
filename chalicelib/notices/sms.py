"""SMS by template. SNS is the adapter here; AWS's China regions send no SMS and need another one.

Templates: Chinese, at most 70 characters each when filled (one SMS segment).
"""

from chalicelib.shared import clients
from chalicelib.shared.table import aws_errors

TEMPLATES = {
    "code": "【考场】您的验证码是{code}，{minutes}分钟内有效。请勿告诉他人。",
}


def send(number: str, template: str, variables: dict[str, str]) -> None:
    """Send one message to an E.164 number. Raises `Unavailable` when the provider does not take it."""
    text = TEMPLATES[template].format(**variables)
    attributes = {
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
    }
    with aws_errors():
        clients.client("sns").publish(
            PhoneNumber=number, Message=text, MessageAttributes=attributes
        )
