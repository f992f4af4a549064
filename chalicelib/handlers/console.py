"""Operators' hands: plain functions, to be invoked from the AWS console or with a test event."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import ordering
from chalicelib.attempts import service as attempts
from chalicelib.attempts.commands import MOST_CHANCES, MOST_EXTRA_MS, Command, Look, Terms
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.ordering import Followed
from chalicelib.cases import service as cases
from chalicelib.cases.model import MOST_ENTRY_MS, AdmitWith, Case, Ruling
from chalicelib.cases.service import Evidence
from chalicelib.exams import service as exams
from chalicelib.exams.model import Order, OrderKind
from chalicelib.exams.service import Published
from chalicelib.exams.validation import FileRejected, Finding
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person
from chalicelib.imports import packs
from chalicelib.imports.packs import Pack
from chalicelib.imports.people import plain_hash
from chalicelib.operators import service as operators
from chalicelib.operators.model import Decider
from chalicelib.proctoring.model import IntegrityRule
from chalicelib.shared import clock, log, objects, texts
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import DomainError
from chalicelib.shared.settings import settings
from chalicelib.timeline import service as timeline

functions = Blueprint(__name__)
A = TypeVar("A", bound="Audited")
C = TypeVar("C", bound="AttemptCommand")
Q = TypeVar("Q", bound=msgspec.Struct)
_TOLD = (
    "attempt_id",
    "exam_id",
    "ticket_id",
    "case_id",
    "number",
    "account_id",
    "command_id",
)  # what the log line of a command names


# From 2001 on: a number of seconds is a mistake, not a date in 1970.
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Milliseconds = Annotated[int, Meta(ge=10**12, lt=10**13)]


class PublishCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the zipped pack lies; id and start (UTC ms) override the pack's own."""

    pack_bucket: str
    pack_key: str
    exam_id: Annotated[str, Meta(pattern=packs.EXAM_ID)] | None = None
    starts_at: Milliseconds | None = None


@functions.lambda_function()
def publish_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish an exam pack, or list every mistake in it and publish nothing."""
    try:
        command = msgspec.convert(event, PublishCommand)
    except msgspec.ValidationError as error:
        return _refused([Finding("event", 0, f"内容不符合格式：{error}")])
    try:
        pack = _pack_in_s3(command.pack_bucket, command.pack_key)
        draft = packs.draft_exam(pack, identity.hash_of_number)
        draft = msgspec.structs.replace(
            draft,
            exam_id=command.exam_id or draft.exam_id,
            starts_at=command.starts_at if command.starts_at is not None else draft.starts_at,
        )
        published = exams.publish_exam(draft=draft, now=clock.now_ms())
    except FileRejected as refused:
        return _refused(refused.findings)
    return _answer(published)


class CheckCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the zipped pack lies."""

    pack_bucket: str
    pack_key: str


@functions.lambda_function()
def check_exam_pack(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """List every mistake in an exam pack and show the dry run of its exam; publishes nothing."""
    try:
        command = msgspec.convert(event, CheckCommand)
        pack = _pack_in_s3(command.pack_bucket, command.pack_key)
        checked = exams.check_exam(
            draft=packs.draft_exam(pack, plain_hash),
            face_engine=settings().face_engine,
        )
    except msgspec.ValidationError as error:
        return _checked([Finding("event", 0, f"内容不符合格式：{error}")])
    except FileRejected as refused:
        return _checked(refused.findings)
    return _checked(list(checked.findings), [sitting.as_row() for sitting in checked.sittings])


def _checked(
    findings: list[Finding], rows: list[dict[str, object]] | None = None
) -> dict[str, Any]:
    errors = msgspec.to_builtins(findings)
    return {"ok": not findings, "errors": errors, "rows": rows or []}


def _pack_in_s3(bucket: str, key: str) -> Pack:
    """The pack that an operator put into a bucket. Raises `FileRejected`."""
    if not objects.exists(bucket, key):
        raise FileRejected([Finding(key, 0, "没有找到这个文件")])
    return packs.read_pack(packs.read_zip(objects.read_all(bucket, key)))


class AttemptQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which attempt is asked about."""

    attempt_id: Id


@functions.lambda_function()
def read_timeline(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The evidence timeline of an attempt in one call, whether its chain is whole, and all its rounds."""
    try:
        question = msgspec.convert(event, AttemptQuestion)
    except msgspec.ValidationError as error:
        return {"ok": False, "errors": [str(error)]}
    entries, problems = timeline.get_timeline(attempt_id=question.attempt_id)
    rounds = [entry.attempt_id for entry in attempts.list_rounds(attempt_id=question.attempt_id)]
    told = {"entries": msgspec.to_builtins(entries), "rounds": rounds}
    return {"ok": not problems, "errors": problems, **told}


def _refused(findings: list[Finding]) -> dict[str, Any]:
    return _answer(Published("", False, findings=tuple(findings)))


def _answer(published: Published) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(published)
    answer["errors"] = answer.pop("findings")
    return answer


# --- commands on one attempt ----------------------------------------------------------------------------


OperatorName = Annotated[str, Meta(min_length=1, max_length=80)]
OperatorCode = Annotated[str, Meta(pattern=r"^[0-9]{6}(?!\n)$")]


class Audited(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who orders something, what proves that it is them, and why. The same `command_id` again changes nothing.

    Each function has a kind of its own: a code is good for one kind of command only.
    """

    command_id: Annotated[str, Meta(min_length=8, max_length=64)]
    operator: OperatorName
    operator_code: OperatorCode
    reason: Annotated[str, Meta(min_length=2, max_length=500)]


class OperatorCommand(Audited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every command carries that is decided on what somebody saw."""

    version_seen: Annotated[int, Meta(ge=1)]


class AttemptCommand(OperatorCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command on one attempt."""

    attempt_id: Id

    def command(self, by: Decider) -> Command:
        """The same in the words of the room."""
        return Command(self.command_id, by.name, self.reason, self.version_seen, by.operator_id)


class GrantChances(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many verification chances to add."""

    count: Annotated[int, Meta(ge=1, le=MOST_CHANCES)]


class ExtendTime(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many minutes to add."""

    extra_min: Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)]


class ReopenAttempt(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many minutes the new round has, and within how many the candidate has to begin it."""

    allowed_min: Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)]
    entry_min: Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)] = 30

    def terms(self) -> Terms:
        """The same in the words of the room."""
        return Terms(self.allowed_min * MINUTE_MS, self.entry_min * MINUTE_MS)


class ConfirmFlag(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which flag, and whether it is true: 核实为非本人 invalidates the result, otherwise it is cleared.

    `slots`: the frames that were looked at; left out, all that the flag names when the command arrives.
    """

    rule: IntegrityRule
    confirmed: bool
    slots: Annotated[tuple[int, ...], Meta(max_length=2000)] | None = None

    def look(self) -> Look:
        """The same in the words of the room."""
        return Look(self.rule, self.slots)


@functions.lambda_function()
def grant_chances(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give one candidate more verification chances."""
    return _commanded(
        event,
        GrantChances,
        lambda c, by, now: attempts.grant_chances(
            attempt_id=c.attempt_id, command=c.command(by), count=c.count, now=now
        ),
    )


@functions.lambda_function()
def extend_time(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give one candidate more time; the page learns of it with its next heartbeat."""
    return _commanded(
        event,
        ExtendTime,
        lambda c, by, now: attempts.extend_time(
            attempt_id=c.attempt_id,
            command=c.command(by),
            extra_ms=c.extra_min * MINUTE_MS,
            now=now,
        ),
    )


@functions.lambda_function()
def reopen_attempt(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Open the next round of an attempt that was closed by its deadline or by switches."""
    return _commanded(
        event,
        ReopenAttempt,
        lambda c, by, now: attempts.reopen_attempt(
            attempt_id=c.attempt_id, command=c.command(by), terms=c.terms(), now=now
        ),
    )


@functions.lambda_function()
def confirm_flag(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Confirm a flag (the result becomes 不合格) or clear it."""
    return _commanded(
        event,
        ConfirmFlag,
        lambda c, by, now: attempts.confirm_flag(
            attempt_id=c.attempt_id,
            command=c.command(by),
            look=c.look(),
            confirmed=c.confirmed,
            now=now,
        ),
    )


def _commanded(
    event: dict[str, Any], kind: type[C], do: Callable[[C, Decider, int], Attempt]
) -> dict[str, Any]:
    """Do a command on an attempt and answer with the attempt as it is now."""
    return ordered(event, kind, lambda c, by, now: _attempt_as_answer(do(c, by, now)))


def _attempt_as_answer(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": attempt.attempt_id,
        "round": attempt.round,
        "version": attempt.version,
        "status": attempt.status.value,
        "deadline": attempt.deadline,
        "integrity": attempt.integrity.state.value,
    }


def answered(
    event: dict[str, Any], kind: type[Q], do: Callable[[Q, int], dict[str, Any]]
) -> dict[str, Any]:
    """Check an event, do what it asks for, and tell what became of it, or why nothing was done."""
    try:
        _as_text(event)
        command = msgspec.convert(event, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        return {"ok": False, "errors": [{"code": "invalid_request", "reason": str(error)}]}
    try:
        answer = do(command, clock.now_ms())
    except DomainError as refused:
        message = texts.error_message(refused.code, refused.details)
        why = {"code": refused.code, "message": message, "details": refused.details}
        return {"ok": False, "errors": [why]}
    # Ids alone: a reason may name a person, and a code is nobody's business.
    told = {name: event[name] for name in _TOLD if name in event}
    log.event("command", what=kind.__name__, **told)
    return {"ok": True, "errors": [], **answer}


def _as_text(event: dict[str, Any]) -> bytes:
    """The event as bytes. Raises `UnicodeEncodeError` for half a surrogate pair, which nothing could store."""
    return json.dumps(event, ensure_ascii=False, default=str).encode()


def ordered(
    event: dict[str, Any], kind: type[A], do: Callable[[A, Decider, int], dict[str, Any]]
) -> dict[str, Any]:
    """Like `answered`, for what decides over somebody: nothing is done before its operator has proven who it is."""
    return answered(event, kind, lambda command, now: do(command, proven(command, now), now))


def proven(command: Any, now: int) -> Decider:
    """The operator of a command that names one and carries a code. Raises what `operators.prove` raises."""
    by = operators.prove(
        name=command.operator,
        code=command.operator_code,
        used_for=_fingerprint(command),
        now=now,
    )
    what, command_id = type(command).__name__, command.command_id
    log.event("operator_proven", what=what, command_id=command_id, by=by.operator_id)
    return by


def _fingerprint(command: msgspec.Struct) -> str:
    """What a code is bound to: this kind of command with all that it says, but the code itself."""
    said = {**msgspec.to_builtins(command), "operator_code": ""}
    plain = msgspec.json.encode([type(command).__name__, said], order="deterministic")
    return hashlib.sha256(plain).hexdigest()


# --- commands on a whole exam ---------------------------------------------------------------------------


class ExamCommand(OperatorCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command for everybody who sits an exam; `decided_at` when it was decided earlier than given."""

    exam_id: Id
    decided_at: Milliseconds | None = None

    def order(self, kind: OrderKind, by: Decider, now: int, **what: Any) -> Order:
        """The same in the words of the room; nothing is decided in the future."""
        at = min(self.decided_at or now, now)
        what["operator_id"] = by.operator_id
        return Order(self.command_id, kind, by.name, self.reason, at, now, **what)


class CompensateExam(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many minutes everybody gets."""

    extra_min: Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)]


class RescheduleExam(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The new start."""

    starts_at: Milliseconds


@functions.lambda_function()
def compensate_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give everybody who sits an exam more time, also those who start or open their attempt later."""
    return ordered(
        event,
        CompensateExam,
        lambda c, by, now: followed_as_answer(
            ordering.compensate_exam(
                exam_id=c.exam_id,
                order=c.order(OrderKind.COMPENSATE, by, now, extra_ms=c.extra_min * MINUTE_MS),
                version_seen=c.version_seen,
                now=now,
            )
        ),
    )


@functions.lambda_function()
def reschedule_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Move the start of an exam that nobody has started; opened attempts follow."""
    return ordered(
        event,
        RescheduleExam,
        lambda c, by, now: followed_as_answer(
            ordering.reschedule_exam(
                exam_id=c.exam_id,
                order=c.order(OrderKind.RESCHEDULE, by, now, starts_at=c.starts_at),
                version_seen=c.version_seen,
                now=now,
            )
        ),
    )


def followed_as_answer(followed: Followed) -> dict[str, Any]:
    """`ok` means that the order was given; those in `failed` need the same command again."""
    exam = followed.exam
    return {
        "exam_id": exam.exam_id,
        "version": exam.version,
        "starts_at": exam.starts_at,
        "compensated_min": exam.compensated_ms // MINUTE_MS,
        "followed": followed.followed,
        "closed_before": followed.closed_before,
        "already_closed": list(followed.already_closed),
        "already_started": list(followed.already_started),
        "failed": list(followed.failed),
    }


# --- tickets --------------------------------------------------------------------------------------------


class NoQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """There is nothing to choose."""


class TicketQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ticket."""

    ticket_id: Id


class DecideTicket(OperatorCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision. `admit_with`: admit without the face check, compare with this photo from now on.

    `enter_within_min`: such a person may start for the first time within so many minutes, if entry closes
    earlier.
    """

    ticket_id: Id
    decision: Literal["accepted", "rejected"]
    admit_with: AdmitWith | None = None
    enter_within_min: Annotated[int, Meta(ge=1, le=MOST_ENTRY_MS // MINUTE_MS)] | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError`, which msgspec tells like any other wrong field."""
        if self.enter_within_min is not None and self.admit_with is None:
            raise ValueError("`enter_within_min` needs `admit_with`")

    def ruling(self, by: Decider, now: int) -> Ruling:
        """The same in the words of the room."""
        within = self.enter_within_min
        return Ruling(
            command_id=self.command_id,
            operator=by.name,
            reason=self.reason,
            accepted=self.decision == "accepted",
            at=now,
            admit_with=self.admit_with,
            enter_until=None if within is None else now + within * MINUTE_MS,
            operator_id=by.operator_id,
        )


@functions.lambda_function()
def list_tickets(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """All tickets that nobody has decided, the oldest first."""

    def answer(question: NoQuestion, now: int) -> dict[str, Any]:
        return {"tickets": [_ticket_as_row(case) for case in cases.list_open_tickets()]}

    return answered(event, NoQuestion, answer)


@functions.lambda_function()
def read_ticket(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One ticket with its person and links to the pictures, each good for a minute."""

    def answer(question: TicketQuestion, now: int) -> dict[str, Any]:
        return _evidence_as_answer(cases.get_evidence(ticket_id=question.ticket_id, now=now))

    return answered(event, TicketQuestion, answer)


@functions.lambda_function()
def decide_ticket(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Accept or reject a ticket; an accepted one may admit its candidate without the face check."""

    def answer(command: DecideTicket, by: Decider, now: int) -> dict[str, Any]:
        case = cases.decide_ticket(
            ticket_id=command.ticket_id,
            ruling=command.ruling(by, now),
            version_seen=command.version_seen,
            now=now,
        )
        return _ticket_as_row(case)

    return ordered(event, DecideTicket, answer)


def person_as_answer(person: Person) -> dict[str, Any]:
    """Who somebody is, as far as an operator needs it: numbers are masked."""
    return {
        "name": person.profile.name,
        "id_number": person.profile.id_number_masked,
        "organisation": person.profile.organisation,
        "phone": person.phone_masked,
    }


def _ticket_as_row(case: Case) -> dict[str, Any]:
    return {
        "ticket_id": case.case_id,
        "version": case.version,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "trouble": case.trouble.value if case.trouble else None,
        "text": case.text,
        "exam_id": case.exam_id,
        "attempt_id": case.attempt_id,
        "uploads": {kind.value: upload.state.value for kind, upload in case.uploads.items()},
        "ruling": msgspec.to_builtins(case.ruling),
        "effect": case.effect.value if case.effect else None,
    }


def _evidence_as_answer(evidence: Evidence) -> dict[str, Any]:
    """The vector of a face stays inside; `usable` tells whether a picture can be compared with."""
    uploads = evidence.case.uploads.items()
    return {
        **_ticket_as_row(evidence.case),
        "person": person_as_answer(evidence.person),
        "pictures": evidence.pictures,
        "usable": {kind.value: upload.reference is not None for kind, upload in uploads},
        "unusable_because": {kind.value: u.unusable for kind, u in uploads if u.unusable},
    }
