"""Tencent Cloud SMS (version 2021-01-11), signed by TC3-HMAC-SHA256.

It follows Tencent's documents "Signature v3" and "SendSms". `SessionContext` is our id of the message. Tencent does not
recognise a repeated id: a message that is sent twice arrives twice. It reports what it has sent only to accounts for
which this was enabled, so nothing is asked before a second try.
"""

import datetime
import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chalicelib.notices import calling, texts
from chalicelib.notices.port import Message, NotTaken, ProviderKey, SendFailure, key
from chalicelib.notices.templates import TEMPLATES
from chalicelib.shared import clock
from chalicelib.shared.settings import settings

ADDRESS = "https://sms.tencentcloudapi.com/"
VERSION = "2021-01-11"
REGION = "ap-guangzhou"  # required, and the same service in each
_SERVICE = "sms"
_JSON = "application/json; charset=utf-8"
_ALGORITHM = "TC3-HMAC-SHA256"
_USABLE = 0  # of StatusCode; "only with 0 a template can be used"

# cloud.tencent.com/document/api/382/59177 and 382/52075: codes, or what they begin with. The longest that fits counts.
_TROUBLES: dict[SendFailure, tuple[str, ...]] = {
    SendFailure.RECIPIENT: (
        "InvalidParameterValue.IncorrectPhoneNumber",
        "FailedOperation.PhoneNumberInBlacklist",
        "FailedOperation.PhoneNumberParseFail",
    ),
    SendFailure.MESSAGE: (
        "FailedOperation.ContainSensitiveWord",
        "FailedOperation.MissingSignature",
        "FailedOperation.SignatureIncorrectOrUnapproved",
        "FailedOperation.Template",
        "InvalidParameter",
        "InvalidParameterValue",
        "MissingParameter",
        "UnsupportedOperation",
    ),
    SendFailure.ACCOUNT: (
        "AuthFailure",
        "FailedOperation.InsufficientBalanceInSmsPackage",
        "InternalError.SigVerificationFail",
        "InvalidParameterValue.SdkAppIdNotExist",
        "IpInBlacklist",
        "IpNotInWhitelist",
        "LimitExceeded.App",
        "LimitExceeded.DailyLimit",
        "UnauthorizedOperation",
    ),
    SendFailure.BUSY: ("LimitExceeded", "RequestLimitExceeded", "ResourceInsufficient"),
}
_BY_START = sorted(
    ((start, trouble) for trouble, starts in _TROUBLES.items() for start in starts),
    key=lambda registered: -len(registered[0]),
)


def trouble(code: str) -> SendFailure:
    """Return the kind of failure of a code; `UNCLEAR` for a code that is not listed."""
    return next((kind for start, kind in _BY_START if code.startswith(start)), SendFailure.UNCLEAR)


class Tencent:
    """Adapter of `SmsSender`."""

    def send(self, message: Message) -> None:
        """Hand one message over. Raises `NotTaken`."""
        template_id, given = calling.filled(message)
        response = _call(
            "SendSms",
            {
                "PhoneNumberSet": [message.number],
                "SmsSdkAppId": settings().sms_app_id,
                "SignName": settings().sms_sign,
                "TemplateId": template_id,
                "TemplateParamSet": [*given.values()],
                "SessionContext": message.message_id,
            },
            key(),
        )
        _check_status(message, response.get("SendStatusSet"))

    def look(self) -> list[str]:
        """Check whether the templates are approved; returns findings. A missing answer is a finding too."""
        registered = _numbered()
        missing = [
            texts.NO_TEMPLATE.format(name=name) for name in TEMPLATES if name not in registered
        ]
        asked = [int(template_id) for template_id in registered.values()]
        if not asked:
            return missing
        try:
            response = _call(
                "DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": asked}, key()
            )
        except NotTaken as error:
            form = texts.NO_KEY if error.code.startswith("key_") else texts.NOT_TOLD
            return [*missing, form.format(code=error.code)]
        return missing + _not_usable(registered, response.get("DescribeTemplateStatusSet"))


def _numbered() -> dict[str, str]:
    """The ids of our templates. Tencent's ids are numbers; another value counts as not set."""
    registered = {name: template.template_id for name, template in calling.templates().items()}
    return {name: number for name, number in registered.items() if number.isdecimal()}


def _not_usable(registered: dict[str, str], response: Any) -> list[str]:
    """Findings about the templates of the settings that Tencent does not report as usable."""
    listed = (
        [entry for entry in response if isinstance(entry, dict)]
        if isinstance(response, list)
        else []
    )
    states = {str(entry.get("TemplateId")): entry.get("StatusCode") for entry in listed}
    form = texts.TEMPLATE_NOT_APPROVED
    return [
        form.format(name=name, id=template_id, state=str(states.get(template_id))[:20])
        for name, template_id in registered.items()
        if states.get(template_id) != _USABLE
    ]


def _check_status(message: Message, response: Any) -> None:
    """Check that the answer has one status, which belongs to this message and is good. Raises `NotTaken`."""
    status = response[0] if isinstance(response, list) and len(response) == 1 else None
    if not isinstance(status, dict):
        raise NotTaken(SendFailure.UNCLEAR, "no_status")
    if status.get("SessionContext") not in (None, "", message.message_id):
        raise NotTaken(SendFailure.UNCLEAR, "another_message")
    code = calling.text(status.get("Code"))
    if code != "Ok":
        raise NotTaken(trouble(code), code or "no_status")


def _call(action: str, parameters: dict[str, Any], pair: ProviderKey) -> dict[str, Any]:
    """The `Response` of an answer that is no error. Raises `NotTaken`."""
    address = settings().sms_url or ADDRESS
    body = msgspec.json.encode(parameters)
    headers = signed(
        pair,
        host=urlsplit(address).netloc,
        service=_SERVICE,
        at_s=clock.now_ms() // 1000,
        body=body,
    )
    headers |= {"X-TC-Action": action, "X-TC-Version": VERSION, "X-TC-Region": REGION}
    status, answer = calling.post_for_object(address, headers=headers, body=body)
    response = answer.get("Response")
    if not isinstance(response, dict):
        busy = status == 429
        raise NotTaken(SendFailure.BUSY if busy else SendFailure.UNCLEAR, f"http_{status}")
    error = response.get("Error")
    if error is not None:
        code = calling.text(error.get("Code")) if isinstance(error, dict) else ""
        raise NotTaken(trouble(code), code or "no_code")
    if status != 200:
        raise NotTaken(SendFailure.UNCLEAR, f"http_{status}")
    return response


def signed(pair: ProviderKey, *, host: str, service: str, at_s: int, body: bytes) -> dict[str, str]:
    """Headers of a POST of JSON, with the signature TC3-HMAC-SHA256 over content type and host."""
    canonical = "\n".join(
        (
            *("POST", "/", "", f"content-type:{_JSON}", f"host:{host}", "", "content-type;host"),
            hashlib.sha256(body).hexdigest(),
        )
    )
    day = datetime.datetime.fromtimestamp(at_s, datetime.UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    secret = f"TC3{pair.key}".encode()
    for part in (day, service, "tc3_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    text = f"{_ALGORITHM}\n{at_s}\n{scope}\n{hashed}"
    signature = hmac.digest(secret, text.encode(), "sha256").hex()
    credential = f"Credential={pair.key_id}/{scope}"
    return {
        "Content-Type": _JSON,
        "Host": host,
        "X-TC-Timestamp": str(at_s),
        "Authorization": f"{_ALGORITHM} {credential}, SignedHeaders=content-type;host, Signature={signature}",
    }
