"""Calls of the services that speak AWS's JSON protocol and that every request needs: DynamoDB and Secrets Manager."""

import os
import zlib
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from botocore import exceptions
from botocore.exceptions import ClientError

from chalicelib.shared.aws import account, counting, retrying, sending, signing
from chalicelib.shared.aws.retrying import Failure
from chalicelib.shared.aws.sending import Answer, Request

Json = dict[str, Any]


class _Service(msgspec.Struct, frozen=True):
    """What botocore's model of a service says."""

    own_endpoint: str  # its name in AWS_ENDPOINT_URL_…
    target: str  # before the name of an operation
    version: str  # of JSON


_SERVICES = {
    "dynamodb": _Service("DYNAMODB", "DynamoDB_20120810", "1.0"),
    "secretsmanager": _Service("SECRETS_MANAGER", "secretsmanager", "1.1"),
}
_CLOCK_CODES = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "AuthFailure"}
_CLOCK_CODES |= {"InvalidSignatureException", "SignatureDoesNotMatch"}
_CREDENTIALS_CODES = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_CREDENTIALS_CODES |= {"UnrecognizedClientException", "InvalidClientTokenId"}
_NO_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def call(service: str, operation: str, request: Json) -> Json:
    """Call an operation and return its answer, in which bytes are base64.

    A call that fails in passing is repeated (`retrying`), also when only its answer got lost: it may be carried out
    twice. Raises `ClientError` with the code, the fields and the status of AWS's refusal, as a boto3 client does, and
    `BotoCoreError` without a whole answer.
    """
    counting.count(operation)
    body = msgspec.json.encode(request)
    tries, mending = retrying.Tries(service), _Mending()
    while True:
        credentials = account.credentials()
        try:
            signed = _signed(service, operation, body, credentials)
            result = _read(sending.send(signed), operation)
        except (exceptions.HTTPClientError, exceptions.ConnectionError):
            if not tries.again(Failure()):
                raise
        except ClientError as error:
            error.response["ResponseMetadata"]["RetryAttempts"] = tries.number - 1
            if not (mending.helps(error, signed, credentials) or tries.again(_failure(error))):
                raise
        else:
            tries.succeeded()
            return result


def _signed(service: str, operation: str, body: bytes, credentials: Any) -> Request:
    about = _SERVICES[service]
    own = account.own_endpoint(about.own_endpoint)
    url = f"{own or 'https://' + account.host(service)}/"
    headers = {
        "Host": urlsplit(url).netloc,  # the signer would look for it twice
        "Content-Type": f"application/x-amz-json-{about.version}",
        "X-Amz-Target": f"{about.target}.{operation}",
    }
    signed = signing.signed_headers(service, url, headers, body, credentials)
    return Request(service, operation, url, {**signed, **_trace()}, body)


def _trace() -> dict[str, str]:
    """Return the header by which Lambda recognises functions that call each other, and X-Ray a request."""
    trace = os.environ.get("_X_AMZN_TRACE_ID", "")
    if not trace or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    return {"X-Amzn-Trace-Id": quote(trace, safe="-=;:+&[]{}\"',")}


def _read(answer: Answer, operation: str) -> Json:
    """Return what an answer says. Raises `ClientError`, and `HTTPClientError` for a damaged answer."""
    if answer.status >= 300:
        raise _refusal(answer, operation)
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and str(zlib.crc32(answer.body)) != checksum.strip():
        raise exceptions.HTTPClientError(error="the checksum of the answer is wrong")
    try:
        return msgspec.json.decode(answer.body, type=Json)
    except _NO_JSON as error:
        raise exceptions.HTTPClientError(error=error) from error


def _refusal(answer: Answer, operation: str) -> ClientError:
    """Return the error that a boto3 client would raise. Its response also has the fields of the refusal (`Item`)."""
    try:
        said = msgspec.json.decode(answer.body, type=Json)
    except _NO_JSON:  # of something in between, such as a proxy
        said = {"message": answer.body.decode("utf-8", "replace")}
    code = str(said.pop("__type", None) or answer.status).partition(":")[0].rpartition("#")[2]
    message = said.get("message", said.get("Message", ""))
    headers = {name.lower(): value for name, value in answer.headers.items()}
    about = {"HTTPStatusCode": answer.status, "HTTPHeaders": headers}
    if "x-amzn-requestid" in headers:
        about["RequestId"] = headers["x-amzn-requestid"]
    response = {**said, "Error": {"Code": code, "Message": message}, "ResponseMetadata": about}
    return ClientError(response, operation)  # type: ignore[arg-type, unused-ignore]


def _failure(error: ClientError) -> Failure:
    about: Json = error.response["ResponseMetadata"]  # type: ignore[assignment, unused-ignore]
    wait_ms = about["HTTPHeaders"].get("x-amz-retry-after", "")
    return Failure(
        about["HTTPStatusCode"],
        error.response["Error"]["Code"],
        wait_s=int(wait_ms) / 1000 if wait_ms.isdecimal() else None,
    )


class _Mending:
    """Corrects the clock and the credentials when AWS refuses a signature, each at most once in a call."""

    def __init__(self) -> None:
        self._left = {"clock", "credentials"}

    def helps(self, error: ClientError, refused: Request, credentials: Any) -> bool:
        """Return whether something was corrected, so that the same call may succeed now."""
        code = error.response["Error"]["Code"]
        if code in _CLOCK_CODES and self._may_correct("clock"):
            headers: Json = error.response["ResponseMetadata"]["HTTPHeaders"]
            if signing.correct_clock(headers.get("date", ""), refused.headers["X-Amz-Date"]):
                return True
        return (
            code in _CREDENTIALS_CODES
            and self._may_correct("credentials")
            and account.renew(credentials)
        )

    def _may_correct(self, what: str) -> bool:
        may = what in self._left
        self._left.discard(what)
        return may


if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE"):
    # Lambda is starting the function: later, the first request would wait for what is read and imported here.
    _signed("dynamodb", "GetItem", b"{}", account.credentials())
