"""Operators' functions for cases: tickets 去反馈 and complaints 我要投诉; reading, deciding, sending notices again."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from chalicelib.attempts.commands import MOST_CHANCES, MOST_EXTRA_MS
from chalicelib.attempts.grading import outcome
from chalicelib.attempts.granting import Grant
from chalicelib.cases import complaints, notices
from chalicelib.cases import service as cases
from chalicelib.cases.complaints import Review
from chalicelib.cases.model import MOST_ENTRY_MS, AdmitWith, Case, Ruling
from chalicelib.cases.service import TicketEvidence
from chalicelib.cases.telling import say_ticket
from chalicelib.desk.commands import (
    Answer,
    Event,
    Id,
    NoQuestion,
    VersionedCommand,
    answered,
    ordered,
)
from chalicelib.identity.model import Person
from chalicelib.operators.model import Decider
from chalicelib.shared.clock import MINUTE_MS


class TicketQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which ticket is asked about."""

    ticket_id: Id


class ComplaintQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which complaint is asked about."""

    case_id: Id


# What a grant needs, and which fields belong to it. An admission needs its photo, which the rule says in words.
_NEEDS = {Grant.ENTRY: "enter_within_min", Grant.CHANCES: "count", Grant.TIME: "extra_min"}
GRANT_FIELDS = {
    Grant.ADMISSION: ("admit_with", "enter_within_min"),
    Grant.ENTRY: ("enter_within_min",),
    Grant.CHANCES: ("count",),
    Grant.TIME: ("extra_min",),
    Grant.NOTHING: (),
}
ALL_GRANT_FIELDS = sorted({name for names in GRANT_FIELDS.values() for name in names})


class DecideTicket(VersionedCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision, and what an accepted ticket gives.

    `grant`: `admission` (needs `admit_with`, the photo that frames are compared with), `entry` (needs
    `enter_within_min`), `chances` (needs `count`), `time` (needs `extra_min`), `nothing` (an answer alone). Left out:
    `admission` with `admit_with`, else `nothing`. `enter_within_min`: the candidate may start within this number of
    minutes, even if entry closes earlier. `corrects`: the decision replaces the first one.
    """

    ticket_id: Id
    decision: Literal["accepted", "rejected"]
    grant: Grant | None = None
    admit_with: AdmitWith | None = None
    enter_within_min: Annotated[int, Meta(ge=1, le=MOST_ENTRY_MS // MINUTE_MS)] | None = None
    count: Annotated[int, Meta(ge=1, le=MOST_CHANCES)] | None = None
    extra_min: Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)] | None = None
    corrects: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError`, which msgspec reports like any other wrong field."""
        gives = self.grant or (Grant.ADMISSION if self.admit_with else Grant.NOTHING)
        needed, allowed = _NEEDS.get(gives, ""), GRANT_FIELDS[gives]
        if needed and getattr(self, needed) is None:
            raise ValueError(f"missing required field `{needed}`")
        for name in ALL_GRANT_FIELDS:
            if name not in allowed and getattr(self, name) is not None:
                raise ValueError(f"`{name}` does not belong to `{gives.value}`")

    def ruling(self, by: Decider, now: int) -> Ruling:
        """The decision as the room of cases takes it, given by this operator."""
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
            grant=self.grant,
            chances=self.count or 0,
            extra_ms=(self.extra_min or 0) * MINUTE_MS,
        )


class DecideComplaint(VersionedCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision; the candidate reads `reason`."""

    case_id: Id
    upheld: bool

    def ruling(self, by: Decider, now: int) -> Ruling:
        """The decision as the room of cases takes it, given by this operator."""
        return Ruling(
            command_id=self.command_id,
            operator=by.name,
            reason=self.reason,
            accepted=self.upheld,
            at=now,
            operator_id=by.operator_id,
        )


# --- tickets --------------------------------------------------------------------------------------------


def list_tickets(event: Event) -> Answer:
    """All tickets that nobody has decided, the oldest first."""
    return answered(
        event,
        NoQuestion,
        lambda _, now: {"tickets": [_ticket_as_row(case) for case in cases.list_open_tickets()]},
    )


def read_ticket(event: Event) -> Answer:
    """One ticket with its person and links to the pictures, each good for a minute."""
    return answered(
        event,
        TicketQuestion,
        lambda question, now: _evidence_as_answer(
            cases.get_evidence(ticket_id=question.ticket_id, now=now)
        ),
    )


def decide_ticket(event: Event) -> Answer:
    """Accept or reject a ticket, with what it gives, or correct the decision once; the candidate gets an SMS."""
    return ordered(
        event,
        DecideTicket,
        lambda command, by, now: _ticket_as_row(
            cases.decide_ticket(
                ticket_id=command.ticket_id,
                ruling=command.ruling(by, now),
                version_seen=command.version_seen,
                corrects=command.corrects,
                now=now,
            )
        ),
    )


def _ticket_as_row(case: Case) -> dict[str, Any]:
    return {
        "ticket_id": case.case_id,
        **_case_as_row(case),
        "trouble": case.trouble.value if case.trouble else None,
        "told": str(say_ticket(case)),
        "corrected": msgspec.to_builtins(case.corrected),
        "given": msgspec.to_builtins(case.given),
    }


def _evidence_as_answer(evidence: TicketEvidence) -> dict[str, Any]:
    """The face vectors are left out; `usable` says whether a picture can be compared with."""
    uploads = evidence.case.uploads.items()
    return {
        **_ticket_as_row(evidence.case),
        "person": _person_as_answer(evidence.person),
        "pictures": evidence.pictures,
        "usable": {kind.value: upload.reference is not None for kind, upload in uploads},
        "unusable_because": {kind.value: u.unusable for kind, u in uploads if u.unusable},
    }


# --- complaints -----------------------------------------------------------------------------------------


def list_complaints(event: Event) -> Answer:
    """All complaints that nobody has decided, the oldest first."""
    return answered(
        event,
        NoQuestion,
        lambda _, now: {
            "complaints": [_complaint_as_row(case) for case in complaints.list_open_complaints()]
        },
    )


def read_complaint(event: Event) -> Answer:
    """One complaint with person, pictures, result, frames (links for a minute) and the whole timeline."""
    return answered(
        event,
        ComplaintQuestion,
        lambda question, now: _review_as_answer(
            complaints.review_complaint(case_id=question.case_id, now=now)
        ),
    )


def decide_complaint(event: Event) -> Answer:
    """Uphold or reject a complaint; the candidate gets an SMS."""
    return ordered(
        event,
        DecideComplaint,
        lambda command, by, now: _complaint_as_row(
            complaints.decide_complaint(
                case_id=command.case_id,
                ruling=command.ruling(by, now),
                version_seen=command.version_seen,
                now=now,
            )
        ),
    )


def resend_notices(event: Event) -> Answer:
    """Send again the notices that were given up, after their cause is repaired."""
    return answered(event, NoQuestion, lambda _, now: {"cases": notices.resend_notices()})


def _complaint_as_row(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        **_case_as_row(case),
        "about": msgspec.to_builtins(case.verdict),
        "notice": msgspec.to_builtins(case.notice),
    }


def _review_as_answer(review: Review) -> dict[str, Any]:
    result = review.result
    attempt = result.attempt
    ended = {
        "outcome": outcome(attempt, passed=result.score.passed).value,
        "cause": attempt.cause.value if attempt.cause else None,
        "submitted_at": attempt.submitted_at,
        "published_at": attempt.verdict_at,
        "integrity": msgspec.to_builtins(attempt.integrity),
        "decisions": msgspec.to_builtins(attempt.decisions),
        "score": msgspec.to_builtins(result.score),
    }
    return {
        **_complaint_as_row(review.case),
        "person": _person_as_answer(review.person),
        "pictures": review.pictures,
        "result": ended,
        "frames": msgspec.to_builtins(result.frames),
        "timeline": msgspec.to_builtins(review.timeline),
        "timeline_problems": review.problems,
    }


# --- both -----------------------------------------------------------------------------------------------


def _case_as_row(case: Case) -> dict[str, Any]:
    """What tickets and complaints have in common; the id is added by the caller."""
    return {
        "version": case.version,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "text": case.text,
        "exam_id": case.exam_id,
        "attempt_id": case.attempt_id,
        "uploads": {kind.value: upload.state.value for kind, upload in case.uploads.items()},
        "ruling": msgspec.to_builtins(case.ruling),
        "effect": case.effect.value if case.effect else None,
    }


def _person_as_answer(person: Person) -> dict[str, Any]:
    """Who somebody is, as far as an operator needs it: numbers are masked."""
    return {
        "name": person.profile.name,
        "id_number": person.profile.id_number_masked,
        "organisation": person.profile.organisation,
        "phone": person.phone_masked,
    }
