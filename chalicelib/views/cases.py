"""Tickets and complaints, as the candidate who has written them may see them."""

from typing import Any, Literal, TypeVar

import msgspec

from chalicelib.attempts.model import (
    Attempt,
    Contested,
)
from chalicelib.cases import model
from chalicelib.cases import service as cases
from chalicelib.cases.model import Case, CaseState, Effect, Trouble, UploadKind, UploadState
from chalicelib.cases.telling import say_ticket
from chalicelib.cases.texts import COMPLAINTS
from chalicelib.identity.texts import photo_message
from chalicelib.shared.languages import NOTHING, Sentence
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.settings import settings


class ComplaintBrief(msgspec.Struct, frozen=True):
    """Whether the candidate may still complain about this verdict, and the state of their complaint."""

    allowed: bool
    until: int
    state: CaseState | None
    effect: Effect | None


def complaint_brief(attempt: Attempt, complaint: Case | None, now: int) -> ComplaintBrief:
    """Return whether a complaint about the present verdict is possible, and the state of an existing one."""
    return ComplaintBrief(
        allowed=complaint is None and now <= attempt.complaint_until,
        until=attempt.complaint_until,
        state=complaint.state if complaint else None,
        effect=complaint.effect if complaint else None,
    )


class _CaseUpload(msgspec.Struct, frozen=True, kw_only=True):
    state: UploadState
    reason: str
    message: Sentence
    upload: UploadTicket | None


class TicketUpload(_CaseUpload, frozen=True, kw_only=True):
    """One of the two pictures. `upload` says where to post it, as long as it is awaited."""

    kind: Literal["failure_page", "id_portrait"]


class ComplaintUpload(_CaseUpload, frozen=True, kw_only=True):
    """One of the three pictures. `upload` says where to post it, as long as it is awaited."""

    kind: Literal["picture_1", "picture_2", "picture_3"]


V = TypeVar("V", bound=_CaseUpload)


def _uploads(case: Case, view: type[V], now: int) -> tuple[V, ...]:
    return tuple(_case_upload(case, kind, view, now) for kind in model.UPLOADS_OF[case.kind])


def _case_upload(case: Case, kind: UploadKind, view: type[V], now: int) -> V:
    upload = case.uploads[kind]
    fields: dict[str, Any] = {
        "kind": kind.value,
        "state": upload.state,
        "reason": upload.reason,
        "message": photo_message(upload.reason) if upload.reason else NOTHING,
        "upload": cases.upload_ticket(case, kind, now=now),
    }
    return view(**fields)


class TicketView(msgspec.Struct, frozen=True):
    """工单: the candidate's text, the two pictures, and the decision with its `reason`.

    `message` says what the decision has really given. `settled`: it has reached the attempt, so there is nothing more
    to wait for. `effect`: what it did to the attempt; null when it changed nothing. `corrected`: this is the second
    decision.
    """

    ticket_id: str
    exam_id: str | None
    attempt_id: str | None
    trouble: Trouble
    text: str
    opened_at: int
    state: CaseState
    message: Sentence
    reason: str
    decided_at: int | None
    settled: bool
    effect: Effect | None
    corrected: bool
    uploads: tuple[TicketUpload, ...]
    hotline: str
    server_now: int


class TicketList(msgspec.Struct, frozen=True):
    """The newest tickets of a candidate, the newest first."""

    tickets: tuple[TicketView, ...]


def ticket_view(case: Case, now: int) -> TicketView:
    """Return a ticket as its candidate may see it."""
    ruling = case.ruling
    assert case.trouble is not None  # every ticket has one
    return TicketView(
        ticket_id=case.case_id,
        exam_id=case.exam_id,
        attempt_id=case.attempt_id,
        trouble=case.trouble,
        text=case.text,
        opened_at=case.opened_at,
        state=case.state,
        message=say_ticket(case),
        reason=ruling.reason if ruling else "",
        decided_at=ruling.at if ruling else None,
        settled=case.settled,
        effect=case.effect,
        corrected=case.corrected is not None,
        uploads=_uploads(case, TicketUpload, now),
        hotline=settings().hotline,
        server_now=now,
    )


class ComplaintView(msgspec.Struct, frozen=True):
    """我要投诉: the candidate's text, up to three pictures, the decision with its `reason`, and its `effect`."""

    case_id: str
    attempt_id: str
    text: str
    opened_at: int
    about: Contested
    state: CaseState
    message: Sentence
    reason: str
    decided_at: int | None
    effect: Effect | None
    uploads: tuple[ComplaintUpload, ...]


class ComplaintStatus(msgspec.Struct, frozen=True):
    """Whether the candidate may complain about the present verdict, until when, and their complaint."""

    allowed: bool
    until: int
    published_at: int
    complaint: ComplaintView | None
    hotline: str
    server_now: int


def complaint_status(attempt: Attempt, case: Case | None, now: int) -> ComplaintStatus:
    """Return the complaint about the present verdict, or until when one is possible."""
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
    """Return a complaint as its candidate may see it."""
    ruling = case.ruling
    assert case.attempt_id is not None and case.verdict is not None  # every complaint has both
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
