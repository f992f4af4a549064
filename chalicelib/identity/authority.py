"""The identity authority over HTTPS. It gets name, number and face, and answers same, different or unknown.

Both sides sign with one key (docs/partners.md). The request id follows from person and picture, so a repeated request
has the same id. An answer that is late, unsigned or malformed counts as no answer.
"""

import base64
import json
from typing import Any

import msgspec

from chalicelib.identity.model import AuthorityResult, AuthorityVerdict
from chalicelib.shared import hmacs, http, log, timed
from chalicelib.shared.secrets import operators_secret

TRIES = 3
PAUSES_S = (0.2, 0.6)
LIMITS = http.Limits(connect_s=1.0, read_s=3.0, total_s=3.0, most_bytes=16 * 1024)
BUDGET_S = 10.0  # for all tries: a person waits, and the function ends after 60 s
_AGAIN = frozenset({408, 425, 429})  # and every 5xx


class AuthorityDown(Exception):
    """The authority gave no answer, so the check did not run."""


class AuthorityKey(msgspec.Struct, frozen=True):
    """Where the authority answers, and the key that both sides sign with."""

    url: str
    key_id: str
    key: str


class Secrets(msgspec.Struct, frozen=True):
    """The part of the second secret that is about the authority (docs/partners.md)."""

    authority: AuthorityKey | None = None


class AuthorityQuestion(msgspec.Struct, frozen=True):
    """Whether this is the face of the person with this name and number."""

    request_id: str
    name: str
    id_type: str
    id_number: str
    face: bytes  # JPEG


class _AnswerBody(msgspec.Struct, frozen=True):
    request_id: str
    result: AuthorityResult
    score: float | None = None


def ask(question: AuthorityQuestion, *, now: int) -> AuthorityVerdict:
    """Return the authority's answer. Asks up to three times within the budget. Raises `AuthorityDown`."""
    access = operators_secret(Secrets).authority
    if access is None:
        raise _down("not_set_up", 0)
    body = _body(question)
    ends = timed.tick() + BUDGET_S
    reason, tries = "", 0
    while tries < TRIES and timed.tick() < ends:
        if tries:
            http.pause(PAUSES_S[tries - 1])
        tries += 1
        try:
            answer = http.send(
                "POST",
                access.url,
                headers=_headers(access, question, body, now),
                body=body,
                limits=LIMITS,
            )
        except http.Unreachable as error:
            reason = str(error)
            continue
        if answer.status == 200:
            reply, reason = _read(access, question, answer)
            if reply is not None:
                return AuthorityVerdict(
                    reply.result, reply.score, question.request_id, access.key_id
                )
        else:
            reason = f"status_{answer.status}"
            if answer.status < 500 and answer.status not in _AGAIN:
                break  # it would be refused again
    raise _down(reason, tries)


def _body(question: AuthorityQuestion) -> bytes:
    fields = {name: getattr(question, name) for name in question.__struct_fields__}
    fields["face"] = base64.b64encode(question.face).decode()
    return json.dumps(fields, ensure_ascii=False).encode()


def _headers(
    access: AuthorityKey, question: AuthorityQuestion, body: bytes, now: int
) -> dict[str, str]:
    signature = hmacs.message_signature(
        access.key, "request", str(now), question.request_id, body=body
    )
    return {
        "Content-Type": "application/json",
        "Kaochang-Key": access.key_id,
        "Kaochang-Timestamp": str(now),
        "Kaochang-Request": question.request_id,
        "Kaochang-Signature": signature,
    }


def _read(
    access: AuthorityKey, question: AuthorityQuestion, answer: http.Answer
) -> tuple[_AnswerBody | None, str]:
    """Return the reply of the authority, or None and the reason why it does not count."""
    expected = hmacs.message_signature(access.key, "answer", question.request_id, body=answer.body)
    given = answer.headers.get("kaochang-signature", "")
    if not hmacs.equal(expected, given):
        return None, "signature"
    try:
        reply = msgspec.json.decode(answer.body, type=_AnswerBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, "malformed"
    if reply.request_id != question.request_id:
        return None, "other_request"
    if reply.score is not None and not 0 <= reply.score <= 1:
        return None, "score"
    return reply, ""


def _down(reason: str, tries: int) -> AuthorityDown:
    more: dict[str, Any] = {"reason": reason, "tries": tries}
    log.metric("AuthorityFailed", 1, **more)
    return AuthorityDown(reason)
