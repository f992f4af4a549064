"""Amazon SNS as SMS provider. It knows no idempotency: a message handed over twice arrives twice.

AWS's China regions send no SMS: there, and for reliable delivery in mainland China, set another provider.
"""

from botocore.exceptions import ClientError

from chalicelib.notices.sms import Message, Rejected
from chalicelib.notices.templates import fill
from chalicelib.shared import clients
from chalicelib.shared.table import aws_errors

_NEVER = frozenset({"InvalidParameter", "InvalidParameterValue", "OptedOut"})


class Sns:
    """Adapter of `SmsSender`."""

    def send(self, message: Message) -> None:
        """Publish one transactional message. Raises `Unavailable`, `Rejected`."""
        kind = {"DataType": "String", "StringValue": "Transactional"}
        with aws_errors():
            try:
                clients.client("sns").publish(
                    PhoneNumber=message.number,
                    Message=fill(message.template, message.variables),
                    MessageAttributes={"AWS.SNS.SMS.SMSType": kind},
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _NEVER:
                    raise Rejected from None  # the error's text may hold the number
                raise
