"""Amazon SNS as SMS provider. A message that is handed over twice arrives twice.

Not every region sends SMS (Hong Kong and AWS's China regions do not); `make deploy` refuses those. SNS accepts a
message and drops it later when the account's limit is used up or the number cannot be reached. Only its metrics show
this.
"""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.notices import texts
from chalicelib.notices.port import Message, NotTaken, SendFailure
from chalicelib.notices.templates import fill
from chalicelib.shared import clients
from chalicelib.shared.settings import settings

DEFAULT_LIMIT_USD = 1  # of a new account, some forty messages
_TROUBLES = {
    "InvalidParameter": SendFailure.RECIPIENT,
    "InvalidParameterValue": SendFailure.RECIPIENT,
    "OptedOut": SendFailure.RECIPIENT,
    "Throttled": SendFailure.BUSY,
    "ThrottlingException": SendFailure.BUSY,
    "Throttling": SendFailure.BUSY,
    "EndpointConnectionError": SendFailure.BUSY,  # there was no connection, so nothing was sent
    "ConnectTimeoutError": SendFailure.BUSY,
    "AuthorizationError": SendFailure.ACCOUNT,
    "AccessDenied": SendFailure.ACCOUNT,
    "UserError": SendFailure.ACCOUNT,
}


class Sns:
    """Adapter of `SmsSender`."""

    def send(self, message: Message) -> None:
        """Publish one transactional message. Raises `NotTaken`."""
        kind = {"DataType": "String", "StringValue": "Transactional"}
        try:
            clients.client("sns").publish(
                PhoneNumber=message.number,
                Message=fill(message.template, message.variables, message.language),
                MessageAttributes={"AWS.SNS.SMS.SMSType": kind},
            )
        except (ClientError, BotoCoreError) as error:
            code = _code(error)
            raise NotTaken(
                _TROUBLES.get(code, SendFailure.UNCLEAR), code
            ) from None  # may hold the number

    def look(self) -> list[str]:
        """Check that the account is out of the sandbox and has its own limit; returns findings. Raises nothing.

        The embedded cloud has no such account.
        """
        if settings().local:
            return []
        try:
            client = clients.client("sns")
            boxed = client.get_sms_sandbox_account_status()["IsInSandbox"]
            attributes = client.get_sms_attributes(attributes=["MonthlySpendLimit"])["attributes"]
        except (ClientError, BotoCoreError) as error:
            return [texts.NOT_TOLD.format(code=_code(error))]
        findings = [texts.SANDBOX] if boxed else []
        return findings + _look_at_limit(
            attributes.get("MonthlySpendLimit", str(DEFAULT_LIMIT_USD))
        )


def _look_at_limit(limit: str) -> list[str]:
    try:
        enough = float(limit) > DEFAULT_LIMIT_USD
    except ValueError:
        return [texts.NOT_TOLD.format(code="MonthlySpendLimit")]
    return [] if enough else [texts.NO_LIMIT.format(limit=limit)]


def _code(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "no_code"))
    return type(error).__name__
