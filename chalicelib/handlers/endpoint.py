"""The decorator of every route: who may call, body and query → typed request, outcome → JSON, one log line.

Chalice answers an unexpected exception before any middleware sees it, so all of this sits at the view.
"""

import enum
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib.accounts import sessions
from chalicelib.kernel.faults import is_our_fault
from chalicelib.messages.errors import error_message
from chalicelib.partners import model as partner_rules
from chalicelib.partners import service as partners
from chalicelib.partners.model import Partner, SignedRequest
from chalicelib.shared import clock, errors, hmacs, log
from chalicelib.shared.aws import counting
from chalicelib.shared.languages import Language, Sentence, preferred
from chalicelib.shared.settings import settings

MAX_BODY_BYTES = 64 * 1024  # the largest honest body (50 answers, a ticket text) is below 20 kB

_STATUS: dict[type[errors.DomainError], int] = {
    errors.Invalid: 400,
    errors.NotSignedIn: 401,
    errors.Refused: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.WrongType: 415,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}


class Role(enum.Enum):
    """Who may call a route."""

    PUBLIC = "public"
    CANDIDATE = "candidate"
    PAGE = "page"  # a candidate at an admitted page: header `Page-Token`
    PARTNER = "partner"  # a partner platform: a signed request (docs/partners.md)


class Call(msgspec.Struct):
    """What a view may know about the request. Headers and cookies are not among it."""

    now: int
    address: str
    request_id: str
    session: sessions.Session | None = None
    language: Language = Language.ZH  # that the person reads, by header `Accept-Language`
    page: str = ""  # page token of an admission, header `Page-Token`
    spoken: Language | None = None  # of a whole text that the view has chosen by the language
    browser: str = ""  # cookie that ties a sign-in by a provider to the browser that began it
    set_cookie: str | None = None
    known_partner: Partner | None = None

    @property
    def partner(self) -> Partner:
        """The partner who has signed the request; for routes of `Role.PARTNER` only. Raises `NotSignedIn`."""
        if self.known_partner is None:
            raise errors.NotSignedIn("signature_invalid")
        return self.known_partner

    @property
    def account_id(self) -> str:
        """The signed-in account; not for routes of `Role.PUBLIC`. Raises `NotSignedIn`."""
        if self.session is None:
            raise errors.NotSignedIn("not_signed_in")
        return self.session.account_id


class Route(msgspec.Struct, frozen=True):
    """One route of the API. docs/openapi.json is made from all of them."""

    method: str
    path: str
    role: Role
    view: Callable[..., Any]
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    answer: Any
    status: int
    max_age_s: int = 0  # for how long anybody may keep an answer; 0: nobody keeps it


ROUTES: list[Route] = []


def route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    role: Role,
    status: int = 200,
    max_age_s: int = 0,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register `view(call, [path parameters], [query], [body])` under a path.

    The annotations of `query` and `body` are the types of the request, the return annotation is the type of the
    answer. There is no default role: a route without one fails at import. `max_age_s`: caches may keep the answer for
    this long, and ask afterwards whether it has changed. It must be the same for everybody, and have no moment in it.
    """

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        hints = get_type_hints(view)
        entry = Route(
            method=method,
            path=path,
            role=role,
            view=view,
            body=hints.get("body"),
            query=hints.get("query"),
            answer=hints["return"],
            status=status,
            max_age_s=max_age_s,
        )
        ROUTES.append(entry)
        blueprint.route(path, methods=[method], content_types=[], name=view.__name__)(
            _entrance(blueprint, entry)
        )
        return view

    return register


def _entrance(blueprint: Blueprint, entry: Route) -> Callable[..., Response]:
    def enter(**parameters: str) -> Response:
        return _serve(entry, blueprint.current_request, parameters)

    enter.__name__ = entry.view.__name__
    enter.__doc__ = entry.view.__doc__
    return enter


class _Outcome(msgspec.Struct, frozen=True):
    """The status and JSON body of an answer. `code`: the error code of a refusal."""

    status: int
    body: str
    code: str | None = None
    retry_after_s: int | None = None
    etag: str | None = None  # of an answer that caches may keep
    language: Language | None = None  # of the sentences in the body; None: it has none


def _serve(entry: Route, request: Request, parameters: dict[str, str]) -> Response:
    began = time.perf_counter()
    call = _call_of(request)
    calls = counting.count_calls()
    outcome = _outcome(entry, request, parameters, call)
    log.event(
        "request",
        request_id=call.request_id,
        route=f"{entry.method} {entry.path}",
        status=outcome.status,
        code=outcome.code,
        account=call.session.account_id if call.session else None,
        partner=call.known_partner.name if call.known_partner else None,
        aws_calls=calls.total(),
        ms=round((time.perf_counter() - began) * 1000, 1),
    )
    headers = _headers(entry, call, outcome, calls)
    return Response(body=outcome.body, status_code=outcome.status, headers=headers)


def _call_of(request: Request) -> Call:
    return Call(
        now=clock.now_ms(),
        address=_visitor(request),
        request_id=request.context.get("requestId", ""),
        language=preferred(request.headers.get("accept-language", "")),
        page=request.headers.get("page-token", ""),
        browser=_cookie(request, sessions.browser_cookie_name()),
    )


def _outcome(entry: Route, request: Request, parameters: dict[str, str], call: Call) -> _Outcome:
    """Check the request and call the view. An unexpected exception is logged and becomes `internal_error`."""
    try:
        _check_entrance(request)
        _check_origin(entry, request)
        _recognise(entry, request, parameters, call)
        _check_ids(parameters)
        answer = entry.view(call, **parameters, **_typed(entry, request))
        speaker = _Speaker(call.language)
        encoded = msgspec.json.encode(answer, enc_hook=speaker)
        if entry.max_age_s:
            return _kept(entry, request, encoded)
        return _Outcome(entry.status, encoded.decode(), language=call.spoken or speaker.spoken)
    except errors.DomainError as error:
        return _refusal(_STATUS[type(error)], error, call.language)
    except Exception as crash:
        log.crash(crash, request_id=call.request_id)
        return _refusal(500, errors.DomainError("internal_error"), call.language)


class _Speaker:
    """Says the sentences of one answer in the language of its request. `spoken`: that language once it is used."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.spoken: Language | None = None

    def __call__(self, value: Any) -> str:
        """Return the text of a sentence. msgspec asks for whatever it cannot encode itself."""
        if not isinstance(value, Sentence):
            raise TypeError(f"{type(value).__name__} does not belong into an answer")
        self.spoken = self._language
        return value.say(self._language)


def _refusal(status: int, error: errors.DomainError, language: Language) -> _Outcome:
    body = error_body(error.code, error.details, language)
    return _Outcome(status, body, error.code, error.retry_after_s, language=language)


def _kept(entry: Route, request: Request, body: bytes) -> _Outcome:
    """Return an answer that caches may keep, by the hash of its bytes; 304 without a body for who has just these."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    asked = request.headers.get("if-none-match", "")
    # Compression makes a tag weak.
    known = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    if known & {etag, "*"}:
        return _Outcome(304, "", etag=etag)
    return _Outcome(entry.status, body.decode(), etag=etag)


def _headers(
    entry: Route, call: Call, outcome: _Outcome, calls: Counter[str]
) -> dict[str, str | list[str]]:
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
    }
    if outcome.etag is not None:
        headers["Cache-Control"] = f"public, max-age={entry.max_age_s}"
        headers["ETag"] = outcome.etag
    if outcome.language is not None:
        headers |= {"Content-Language": outcome.language.value, "Vary": "Accept-Language"}
    if outcome.retry_after_s is not None:
        headers["Retry-After"] = str(outcome.retry_after_s)
    if call.set_cookie is not None:
        headers["Set-Cookie"] = call.set_cookie
    if call.request_id:
        headers["Request-Id"] = call.request_id
    if settings().local:
        headers["Aws-Calls"] = ", ".join(f"{name} {n}" for name, n in calls.items())
    return headers


def _recognise(entry: Route, request: Request, parameters: dict[str, str], call: Call) -> None:
    """Find out who calls, as the role of the route requires. Raises `NotSignedIn`, `Unavailable`."""
    if entry.role in (Role.CANDIDATE, Role.PAGE):
        call.session = sessions.read(_cookie(request, settings().session_cookie), call.now)
    if entry.role is Role.PARTNER:
        path = entry.path.format_map(parameters)
        body: Any = request.raw_body
        signed_request = SignedRequest(entry.method, path, _query(request), body)
        claim = partner_rules.claim(request.headers)
        call.known_partner = partners.authenticate(
            claim=claim, request=signed_request, now=call.now
        )


def _query(request: Request) -> tuple[tuple[str, str], ...]:
    given: Any = request.query_params or {}
    return tuple((name, value) for name in given for value in given.getlist(name))


def _typed(entry: Route, request: Request) -> dict[str, Any]:
    """Return query and body as the types that the view declares. Raises `Invalid`, `TooLarge`, `WrongType`."""
    typed: dict[str, Any] = {}
    if entry.query is not None:
        try:
            typed["query"] = msgspec.convert(dict(_query(request)), entry.query, strict=False)
        except msgspec.ValidationError as error:
            raise errors.Invalid("invalid_request", reason=_without_values(str(error))) from error
    if entry.body is not None:
        typed["body"] = _typed_body(entry.body, request)
    return typed


def error_body(code: str, details: dict[str, Any], language: Language) -> str:
    """Return the JSON of a refusal: a code for the program, a text for the person, and whether it is our own fault."""
    message = error_message(code, details, language)
    error: dict[str, Any] = {"code": code, "message": message, "details": details}
    if is_our_fault(code):
        error["our_fault"] = True
    return msgspec.json.encode({"error": error}, enc_hook=_Speaker(language)).decode()


def _check_entrance(request: Request) -> None:
    """Refuse a request that does not come through CloudFront, where a stage has CloudFront.

    The firewall and the address that budgets count by depend on CloudFront. Raises `Refused`: `wrong_entrance`. The log
    line of the request has this code, and the alarm `edge-refused` counts it.
    """
    if settings().edge_proof and not _comes_by_the_site(request):
        raise errors.Refused("wrong_entrance")


def _comes_by_the_site(request: Request) -> bool:
    """Whether the request has the proof of CloudFront. The previous proof counts too, for the time of a rotation."""
    shown = str(request.headers.get("edge-proof", ""))
    proofs = [proof for proof in (settings().edge_proof, settings().edge_proof_before) if proof]
    # Each proof is compared, so that the time of the answer does not reveal which one fits.
    equal = [hmacs.equal(proof, shown) for proof in proofs]
    return any(equal)


def _check_origin(entry: Route, request: Request) -> None:
    """Refuse a change that a page of another site has sent with a signed-in browser. Raises `Refused`.

    The cookie is SameSite=Lax as well.
    """
    origin = request.headers.get("origin")
    if entry.method == "GET" or not origin:
        return
    allowed = {request.headers.get("host"), urlsplit(settings().site_origin).netloc}
    try:
        sender = urlsplit(origin).netloc
    except ValueError:  # such as "http://[", which is no address
        sender = ""
    if sender not in allowed - {""}:
        raise errors.Refused("foreign_origin")


def _visitor(request: Request) -> str:
    """Return the IP address of the caller. Behind CloudFront it is the address that CloudFront saw.

    CloudFront appends the visitor to `X-Forwarded-For`. Then API Gateway appends its own peer, an edge server of
    CloudFront. Whatever stands further left comes from the visitor and may be false.
    """
    peer = str((request.context.get("identity") or {}).get("sourceIp", ""))
    if not settings().edge_proof or not _comes_by_the_site(request):
        return peer
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
    if hops[-1] == peer:
        hops.pop()
    return hops[-1] if hops and hops[-1] else peer


def _check_ids(parameters: dict[str, str]) -> None:
    """Refuse a path parameter that cannot be one of our ids or names, without a look-up. Raises `NotFound`."""
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) for value in parameters.values()):
        raise errors.NotFound("not_found")


def _cookie(request: Request, wanted: str) -> str:
    for pair in request.headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted:
            return str(value)
    return ""


def _typed_body(kind: type[msgspec.Struct], request: Request) -> Any:
    raw = request.raw_body
    if len(raw) > MAX_BODY_BYTES:
        raise errors.TooLarge("body_too_large", max_bytes=MAX_BODY_BYTES)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise errors.WrongType("not_json")
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise errors.Invalid("invalid_request", reason=_without_values(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Invalid("malformed_json") from error


def _without_values(reason: str) -> str:
    """Return the reason of msgspec without what was sent. Only its sentence about an unknown enum value quotes that."""
    return (
        reason
        if "Invalid enum value" not in reason
        else "Invalid value" + reason[reason.rfind(" - at") :]
    )
