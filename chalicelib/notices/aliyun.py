"""Aliyun SMS (dysmsapi, version 2017-05-25), signed by ACS3-HMAC-SHA256.

It follows Aliyun's documents "V3 request structure and signature" and "SendSms". Aliyun's SDK is not used: it brings 20
packages (30 MB with aiohttp). `OutId` is our id of the message. Aliyun does not recognise a repeated `OutId`: a message
that is sent twice arrives twice. So before a second try, `QuerySendDetails` is asked whether the message was taken.
"""

import datetime
import hashlib
import hmac
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from chalicelib.notices import calling, texts
from chalicelib.notices.port import Message, NotTaken, ProviderKey, SendFailure, key
from chalicelib.notices.templates import TEMPLATES
from chalicelib.shared import clock, ids
from chalicelib.shared.settings import settings

ADDRESS = "https://dysmsapi.aliyuncs.com/"
VERSION = "2017-05-25"
_ALGORITHM = "ACS3-HMAC-SHA256"
_APPROVED = "1"  # of TemplateStatus and SignStatus
_NOT_FILED = frozenset({"0", "2"})  # of RegisterResult: failed, no longer valid

# help.aliyun.com/document_detail/101346.html, and the gateway's own codes. What is not listed is unclear.
_TROUBLES: dict[SendFailure, tuple[str, ...]] = {
    SendFailure.RECIPIENT: ("isv.MOBILE_NUMBER_ILLEGAL", "MOBILE_IN_BLACK"),
    SendFailure.MESSAGE: (
        *("isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL"),
        *("isv.SIGN_STATE_ILLEGAL", "isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SIGN_NAME_ILLEGAL"),
        *(
            "isv.TEMPLATE_MISSING_PARAMETERS",
            "isv.TEMPLATE_PARAMS_ILLEGAL",
            "isv.INVALID_JSON_PARAM",
        ),
        *("isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL", "isv.SMS_CONTENT_ILLEGAL"),
        *("isv.BLACK_KEY_CONTROL_LIMIT", "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE"),
        *("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", "isv.INVALID_PARAMETERS", "isv.SMS_OVER_LIMIT"),
    ),
    SendFailure.ACCOUNT: (
        *("isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT_ABNORMAL"),
        *("isv.ACCOUNT_NOT_EXISTS", "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE"),
        *("isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.DENY_IP_RANGE"),
        *("isp.RAM_PERMISSION_DENY", "isv.TEST_TEMPLATE_LIMIT", "isv.SMS_TEST_NUMBER_LIMIT"),
        *("isv.SMS_TEST_SIGN_TEMPLATE_LIMIT", "SignatureDoesNotMatch", "Forbidden", "NoPermission"),
        *("IncompleteSignature", "InvalidTimeStamp", "InvalidAccessKeyId", "Forbidden.RAM"),
    ),
    SendFailure.BUSY: ("isv.BUSINESS_LIMIT_CONTROL", "Throttling", "ServiceUnavailable"),
}
_BY_CODE = {code: trouble for trouble, codes in _TROUBLES.items() for code in codes}


def trouble(code: str) -> SendFailure:
    """Return the kind of failure of a code, or of its part before the first dot (`Throttling.User`)."""
    failure = _BY_CODE.get(code) or _BY_CODE.get(code.partition(".")[0])
    return failure or SendFailure.UNCLEAR


class Aliyun:
    """Adapter of `SmsSender`."""

    def send(self, message: Message) -> None:
        """Hand one message over, unless an earlier try has done it. Raises `NotTaken`."""
        (template_id, given), pair = calling.filled(message), key()
        if message.tried_at is not None and _was_taken(message, message.tried_at, pair):
            return
        _call(
            "SendSms",
            {
                "PhoneNumbers": _national(message.number),
                "SignName": settings().sms_sign,
                "TemplateCode": template_id,
                "TemplateParam": msgspec.json.encode(given).decode(),
                "OutId": message.message_id,
            },
            pair,
        )

    def look(self) -> list[str]:
        """Check whether signature and templates are approved; returns findings. A missing answer is a finding too."""
        try:
            pair = key()
            return [*_look_at_sign(pair), *_look_at_templates(pair)]
        except NotTaken as error:
            form = texts.NO_KEY if error.code.startswith("key_") else texts.NOT_TOLD
            return [form.format(code=error.code)]


def _look_at_sign(pair: ProviderKey) -> list[str]:
    answer = _call("GetSmsSign", {"SignName": settings().sms_sign}, pair)
    state = str(answer.get("SignStatus"))
    if state != _APPROVED:
        return [texts.SIGN_NOT_APPROVED.format(state=_short(state))]
    filed = str(answer.get("RegisterResult"))
    return [texts.SIGN_NOT_FILED.format(state=filed)] if filed in _NOT_FILED else []


def _look_at_templates(pair: ProviderKey) -> list[str]:
    findings: list[str] = []
    registered = calling.templates()
    findings += [
        texts.NO_TEMPLATE.format(name=name) for name in TEMPLATES if name not in registered
    ]
    for name, template in registered.items():
        template_id = template.template_id
        answer = _call("GetSmsTemplate", {"TemplateCode": template_id}, pair)
        state = str(answer.get("TemplateStatus"))
        if state != _APPROVED:
            findings.append(
                texts.TEMPLATE_NOT_APPROVED.format(name=name, id=template_id, state=_short(state))
            )
    return findings


def _was_taken(message: Message, tried_at: int, pair: ProviderKey) -> bool:
    """Whether Aliyun has this `OutId` among what it sent to the number since the first try.

    Raises `NotTaken` when it does not answer; the caller tries again later.
    """
    for day in sorted({clock.china_day(tried_at), clock.china_day(clock.now_ms())}):
        asked = {"PhoneNumber": _national(message.number), "SendDate": day}
        asked |= {"PageSize": "50", "CurrentPage": "1"}
        answer = _call("QuerySendDetails", asked, pair).get("SmsSendDetailDTOs")
        listed = answer.get("SmsSendDetailDTO") if isinstance(answer, dict) else None
        for sent in listed if isinstance(listed, list) else []:
            if isinstance(sent, dict) and sent.get("OutId") == message.message_id:
                return True
    return False


def _call(action: str, query: dict[str, str], pair: ProviderKey) -> dict[str, Any]:
    """Make one call; returns the answer when its code is `OK`. Raises `NotTaken`.

    The fields are in the address, as the SDK does it. Only the two ends of the TLS connection see them.
    """
    address = settings().sms_url or ADDRESS
    moment = datetime.datetime.fromtimestamp(clock.now_ms() // 1000, datetime.UTC)
    headers = signed(
        pair,
        host=urlsplit(address).netloc,
        action=action,
        version=VERSION,
        query=query,
        at=moment,
        nonce=ids.new_id("", 26),
    )
    status, answer = calling.post_for_object(
        f"{address}?{_canonical(query)}", headers=headers, body=b""
    )
    code = calling.text(answer.get("Code"))
    if status == 200 and code == "OK":
        return answer
    if not code:
        raise NotTaken(SendFailure.UNCLEAR, f"http_{status}")
    raise NotTaken(trouble(code), code)


def signed(
    pair: ProviderKey,
    *,
    host: str,
    action: str,
    version: str,
    query: dict[str, str],
    at: datetime.datetime,
    nonce: str,
) -> dict[str, str]:
    """Headers of a POST without a body, with the signature ACS3-HMAC-SHA256 over all that starts with `x-acs-`."""
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": empty,
        "x-acs-date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join(("POST", "/", _canonical(query), lines, names, empty))
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.digest(pair.key.encode(), f"{_ALGORITHM}\n{hashed}".encode(), "sha256").hex()
    credential = f"Credential={pair.key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "Authorization": f"{_ALGORITHM} {credential}"}


def _canonical(query: dict[str, str]) -> str:
    return "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items())
    )


def _national(number: str) -> str:
    """`+8613800138000` as its eleven digits, as Aliyun lists it."""
    return number.removeprefix("+86")


def _short(state: str) -> str:
    return state[:20]
