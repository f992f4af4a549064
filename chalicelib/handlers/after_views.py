"""What a candidate's routes answer after the exam: results with evidence, tickets, complaints. Allow-lists."""

from typing import Any, Literal, TypeVar

import msgspec

from chalicelib.attempts import service as attempts
from chalicelib.attempts.grading import Outcome, outcome
from chalicelib.attempts.model import (
    AbsenceKind,
    Attempt,
    Cause,
    Contested,
)
from chalicelib.attempts.texts import reason_message
from chalicelib.cases import model
from chalicelib.cases import service as cases
from chalicelib.cases.model import Case, CaseState, Effect, Trouble, UploadKind, UploadState
from chalicelib.cases.texts import COMPLAINTS, TICKETS
from chalicelib.exams.paper import Score
from chalicelib.identity.texts import photo_message
from chalicelib.proctoring.model import IntegrityRule, IntegrityState, Verdict
from chalicelib.proctoring.texts import FRAMES
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.settings import settings


class FrameView(msgspec.Struct, frozen=True):
    """A snapshot that counts against me: its moment, what it showed, and a link for one minute."""

    at: int
    verdict: Verdict
    message: str
    url: str | None


class SwitchView(msgspec.Struct, frozen=True):
    """One counted 切屏."""

    at: int
    kind: AbsenceKind
    away_ms: int


class ComplaintBrief(msgspec.Struct, frozen=True):
    """Whether I may still complain about this verdict, and what became of the complaint that I made."""

    allowed: bool
    until: int
    state: CaseState | None
    effect: Effect | None


class ResultView(msgspec.Struct, frozen=True):
    """Outcome, score, reasons, and the receipt of every acknowledged answer (as shown).

    `provisional` until all snapshots are judged (or an operator accepts that we failed to) and no flag is open; 不合格
    because of snapshots also until the complaint about it is decided, or the time for one is over. `frames` are
    those alone that `integrity_rule` names.
    """

    attempt_id: str
    exam_id: str
    cause: Cause
    submitted_at: int
    outcome: Outcome
    provisional: bool
    integrity: IntegrityState
    integrity_rule: IntegrityRule | None
    reason: str
    frames: tuple[FrameView, ...]
    switches: tuple[SwitchView, ...]
    published_at: int
    complaint: ComplaintBrief
    score: Score
    receipt: dict[str, str]
    server_now: int


def result_view(result: attempts.Result, complaint: Case | None, now: int) -> ResultView:
    """A submitted attempt with the complaint about its verdict."""
    attempt = result.attempt
    under_way = complaint is not None and complaint.state is CaseState.OPEN
    integrity = attempt.integrity
    assert attempt.cause is not None and attempt.submitted_at is not None  # it is submitted
    return ResultView(
        attempt_id=attempt.attempt_id,
        exam_id=attempt.exam_id,
        cause=attempt.cause,
        submitted_at=attempt.submitted_at,
        outcome=outcome(attempt, passed=result.score.passed),
        provisional=not attempts.is_final(attempt, now, complaint_open=under_way),
        integrity=integrity.state,
        integrity_rule=integrity.rule,
        reason=_reason(attempt),
        frames=tuple(
            FrameView(frame.at, frame.verdict, FRAMES[frame.verdict.value], frame.url)
            for frame in result.frames
        ),
        switches=tuple(SwitchView(s.reported_at, s.kind, s.away_ms) for s in attempt.switches),
        published_at=attempt.verdict_at,
        complaint=_brief(attempt, complaint, now),
        score=result.score,
        receipt={number: letters for number, letters in attempt.answers.items() if letters},
        server_now=now,
    )


def _reason(attempt: Attempt) -> str:
    rule, cause = attempt.integrity.rule, attempt.cause
    assert cause is not None  # it is submitted
    state = attempt.integrity.state.value
    gaps = len(attempt.integrity.gaps)
    return reason_message(state, rule.value if rule else None, cause.value, gaps)


def _brief(attempt: Attempt, complaint: Case | None, now: int) -> ComplaintBrief:
    return ComplaintBrief(
        allowed=complaint is None and now <= attempt.complaint_until,
        until=attempt.complaint_until,
        state=complaint.state if complaint else None,
        effect=complaint.effect if complaint else None,
    )


class _CaseUpload(msgspec.Struct, frozen=True, kw_only=True):
    state: UploadState
    reason: str
    message: str
    upload: UploadTicket | None


class TicketUpload(_CaseUpload, frozen=True, kw_only=True):
    """One of the two pictures; while it is awaited, `upload` is where to post it (again)."""

    kind: Literal["failure_page", "id_portrait"]


class ComplaintUpload(_CaseUpload, frozen=True, kw_only=True):
    """One of the three pictures; while it is awaited, `upload` is where to post it (again)."""

    kind: Literal["picture_1", "picture_2", "picture_3"]


V = TypeVar("V", bound=_CaseUpload)


def _uploads(case: Case, view: type[V], now: int) -> tuple[V, ...]:
    return tuple(_case_upload(case, kind, view, now) for kind in model.UPLOADS_OF[case.kind])


def _case_upload(case: Case, kind: UploadKind, view: type[V], now: int) -> V:
    known = case.uploads[kind]
    told: dict[str, Any] = {
        "kind": kind.value,
        "state": known.state,
        "reason": known.reason,
        "message": photo_message(known.reason) if known.reason else "",
        "upload": cases.upload_ticket(case, kind, now=now),
    }
    return view(**told)


class TicketView(msgspec.Struct, frozen=True):
    """工单: my words, the two pictures, and what an operator decided (`reason`)."""

    ticket_id: str
    exam_id: str | None
    attempt_id: str | None
    trouble: Trouble
    text: str
    opened_at: int
    state: CaseState
    message: str
    reason: str
    decided_at: int | None
    uploads: tuple[TicketUpload, ...]
    hotline: str
    server_now: int


class TicketList(msgspec.Struct, frozen=True):
    """My newest tickets, newest first."""

    tickets: tuple[TicketView, ...]


def ticket_view(case: Case, now: int) -> TicketView:
    """A ticket as its candidate may see it."""
    ruling = case.ruling
    assert case.trouble is not None  # a ticket is about one
    return TicketView(
        ticket_id=case.case_id,
        exam_id=case.exam_id,
        attempt_id=case.attempt_id,
        trouble=case.trouble,
        text=case.text,
        opened_at=case.opened_at,
        state=case.state,
        message=TICKETS[case.state.value],
        reason=ruling.reason if ruling else "",
        decided_at=ruling.at if ruling else None,
        uploads=_uploads(case, TicketUpload, now),
        hotline=settings().hotline,
        server_now=now,
    )


class ComplaintView(msgspec.Struct, frozen=True):
    """我要投诉: my words, up to three pictures, and what an operator decided (`reason`), with what it changed."""

    case_id: str
    attempt_id: str
    text: str
    opened_at: int
    about: Contested
    state: CaseState
    message: str
    reason: str
    decided_at: int | None
    effect: Effect | None
    uploads: tuple[ComplaintUpload, ...]


class ComplaintStatus(msgspec.Struct, frozen=True):
    """Whether I may complain about the present verdict, until when, and the complaint that I made."""

    allowed: bool
    until: int
    published_at: int
    complaint: ComplaintView | None
    hotline: str
    server_now: int


def complaint_status(attempt: Attempt, case: Case | None, now: int) -> ComplaintStatus:
    """The complaint about the present verdict, or the time left for one."""
    brief = _brief(attempt, case, now)
    return ComplaintStatus(
        allowed=brief.allowed,
        until=brief.until,
        published_at=attempt.verdict_at,
        complaint=complaint_view(case, now) if case else None,
        hotline=settings().hotline,
        server_now=now,
    )


def complaint_view(case: Case, now: int) -> ComplaintView:
    """A complaint as its candidate may see it."""
    ruling = case.ruling
    assert case.attempt_id is not None and case.verdict is not None  # what it is about
    return ComplaintView(
        case_id=case.case_id,
        attempt_id=case.attempt_id,
        text=case.text,
        opened_at=case.opened_at,
        about=case.verdict,
        state=case.state,
        message=COMPLAINTS[case.state.value],
        reason=ruling.reason if ruling else "",
        decided_at=ruling.at if ruling else None,
        effect=case.effect,
        uploads=_uploads(case, ComplaintUpload, now),
    )
