"""Tickets and complaints, as the candidate who wrote them may see them."""

from typing import Any, Literal, TypeVar

import msgspec

from chalicelib.attempts.model import (
    Attempt,
    Contested,
)
from chalicelib.cases import model
from chalicelib.cases import service as cases
from chalicelib.cases.model import Case, CaseState, Effect, Trouble, UploadKind, UploadState
from chalicelib.cases.texts import COMPLAINTS, TICKETS
from chalicelib.identity.texts import photo_message
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.settings import settings


class ComplaintBrief(msgspec.Struct, frozen=True):
    """Whether I may still complain about this verdict, and what became of the complaint that I made."""

    allowed: bool
    until: int
    state: CaseState | None
    effect: Effect | None


def complaint_brief(attempt: Attempt, complaint: Case | None, now: int) -> ComplaintBrief:
    """The complaint about the present verdict, if there is one, and whether there may be one."""
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
    brief = complaint_brief(attempt, case, now)
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
