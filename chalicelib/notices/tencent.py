"""Tencent Cloud SMS (version 2021-01-11), signed by TC3-HMAC-SHA256.

Written small after Tencent's documents "Signature v3" and "SendSms". `SessionContext` is our id. Tencent only hands it
back, it knows no idempotency: the same id twice arrives twice. What it has sent it tells only those for whom it has
opened the pulling of reports, so nothing is asked before a second try.
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
    key=lambda known: -len(known[0]),
)


def trouble(code: str) -> SendFailure:
    """What kind of trouble a code is; one that nobody has listed is unclear."""
    return next((kind for start, kind in _BY_START if code.startswith(start)), SendFailure.UNCLEAR)


class Tencent:
    """Adapter of `SmsSender`."""

    def send(self, message: Message) -> None:
        """Hand one message over. Raises `NotTaken`."""
        known = calling.template(message.template)
        told = _call(
            "SendSms",
            {
                "PhoneNumberSet": [message.number],
                "SmsSdkAppId": settings().sms_app_id,
                "SignName": settings().sms_sign,
                "TemplateId": known.template_id,
                "TemplateParamSet": [message.variables[name] for name in known.variables],
                "SessionContext": message.message_id,
            },
            key(),
        )
        _check_status(message, told.get("SendStatusSet"))

    def look(self) -> list[str]:
        """Whether the templates are approved. Raises nothing: what is not told is a finding."""
        known = _numbered()
        missing = [texts.NO_TEMPLATE.format(name=name) for name in TEMPLATES if name not in known]
        asked = [int(template_id) for template_id in known.values()]
        if not asked:
            return missing
        try:
            told = _call(
                "DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": asked}, key()
            )
        except NotTaken as error:
            form = texts.NO_KEY if error.code.startswith("key_") else texts.NOT_TOLD
            return [*missing, form.format(code=error.code)]
        return missing + _not_usable(known, told.get("DescribeTemplateStatusSet"))


def _numbered() -> dict[str, str]:
    """The ids of our templates; Tencent's are numbers, what is none is not set."""
    known = {name: template.template_id for name, template in calling.templates().items()}
    return {name: known[name] for name in TEMPLATES if known.get(name, "").isdecimal()}


def _not_usable(known: dict[str, str], told: Any) -> list[str]:
    """The templates of the settings of which Tencent does not say that they can be used."""
    listed = [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
    states = {str(entry.get("TemplateId")): entry.get("StatusCode") for entry in listed}
    form = texts.TEMPLATE_NOT_APPROVED
    return [
        form.format(name=name, id=template_id, state=str(states.get(template_id))[:20])
        for name, template_id in known.items()
        if states.get(template_id) != _USABLE
    ]


def _check_status(message: Message, told: Any) -> None:
    """Whether the one status is that of this message, and good. Raises `NotTaken`."""
    status = told[0] if isinstance(told, list) and len(told) == 1 else None
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
    told = answer.get("Response")
    if not isinstance(told, dict):
        busy = status == 429
        raise NotTaken(SendFailure.BUSY if busy else SendFailure.UNCLEAR, f"http_{status}")
    error = told.get("Error")
    if error is not None:
        code = calling.text(error.get("Code")) if isinstance(error, dict) else ""
        raise NotTaken(trouble(code), code or "no_code")
    if status != 200:
        raise NotTaken(SendFailure.UNCLEAR, f"http_{status}")
    return told


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
