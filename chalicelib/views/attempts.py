"""Attempts, checks, papers and signs of life, as their candidate may see them."""

import msgspec

from chalicelib.attempts import absences
from chalicelib.attempts.model import (
    Attempt,
    Cause,
    CheckState,
    Status,
    Step,
    Verification,
)
from chalicelib.attempts.service import Reserved, SnapshotTicket
from chalicelib.attempts.texts import switch_message, verification_message
from chalicelib.exams.paper import ShownSection
from chalicelib.identity.turning import Turn
from chalicelib.kernel.faults import is_our_fault
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.settings import settings


class VerificationView(msgspec.Struct, frozen=True):
    """One 开始核验 and where it stands. `our_fault`: it did not run for a reason that another picture does not help."""

    verification_id: str
    state: CheckState
    reason: str
    message: str
    our_fault: bool
    upload_until: int
    turn: Turn | None


class AttemptView(msgspec.Struct, frozen=True):
    """An attempt as its candidate may know it. `next_step` is the page's signpost."""

    attempt_id: str
    exam_id: str
    round: int
    status: Status
    version: int
    next_step: str
    steps: tuple[Step, ...]
    chances: int
    chances_left: int
    verification: VerificationView | None
    name: str
    id_number: str
    waiting_opens_at: int
    starts_at: int
    entry_until: int
    start_until: int
    allowed_ms: int
    started_at: int | None
    deadline: int | None
    switches: int
    switch_limit: int
    submitted_at: int | None
    cause: Cause | None
    hotline: str
    server_now: int


def attempt_view(attempt: Attempt, now: int) -> AttemptView:
    """The attempt at this moment."""
    newest = attempt.pending or next(iter(attempt.verifications), None)
    return AttemptView(
        attempt_id=attempt.attempt_id,
        exam_id=attempt.exam_id,
        round=attempt.round,
        status=attempt.status,
        version=attempt.version,
        next_step=attempt.next_step(now),
        steps=attempt.check_in.steps,
        chances=attempt.chances_now.granted,
        chances_left=attempt.chances_now.left,
        verification=verification_view(newest) if newest else None,
        name=attempt.identity.name,
        id_number=attempt.identity.id_number_masked,
        waiting_opens_at=attempt.waiting_opens_at,
        starts_at=attempt.starts_at,
        entry_until=attempt.entry_until,
        start_until=attempt.start_until,
        allowed_ms=attempt.allowed_ms,
        started_at=attempt.started_at,
        deadline=attempt.deadline,
        switches=len(attempt.switches),
        switch_limit=attempt.policy.switch_limit,
        submitted_at=attempt.submitted_at,
        cause=attempt.cause,
        hotline=settings().hotline,
        server_now=now,
    )


def verification_view(check: Verification) -> VerificationView:
    """Return a check as its candidate may know it, with its text."""
    return VerificationView(
        verification_id=check.id,
        state=check.state,
        reason=check.reason,
        message=verification_message(check.state.value, check.reason),
        our_fault=is_our_fault(check.reason),
        upload_until=check.upload_until,
        turn=check.turn,
    )


class AttemptList(msgspec.Struct, frozen=True):
    """我的学习 > 考试, newest first."""

    attempts: tuple[AttemptView, ...]


class ReservedVerification(msgspec.Struct, frozen=True):
    """A reserved check: post the picture to `upload` before `upload_until`, then ask for the verdict.

    Where `verification.turn` names a side (the candidate's own left or right), a second picture with the head
    turned there goes to `turn_upload`, in the same time.
    """

    verification: VerificationView
    upload: UploadTicket | None
    chances_left: int
    server_now: int
    turn_upload: UploadTicket | None


def reserved_view(reserved: Reserved, now: int) -> ReservedVerification:
    """A check that was just reserved, or was before by the same request."""
    return ReservedVerification(
        verification=verification_view(reserved.check),
        upload=reserved.upload,
        chances_left=reserved.attempt.chances_now.left,
        server_now=now,
        turn_upload=reserved.turn_upload,
    )


class VerificationStatus(msgspec.Struct, frozen=True):
    """A check with what it means for the candidate."""

    verification: VerificationView
    chances_left: int
    next_step: str
    server_now: int


class Admitted(msgspec.Struct, frozen=True):
    """进入考场: keep `page_token` in page memory only; header `Page-Token` of everything below."""

    page_token: str
    page: int
    attempt: AttemptView
    heartbeat_s: int


class Beat(msgspec.Struct, frozen=True):
    """What every sign of life brings back."""

    status: Status
    version: int
    starts_at: int
    start_until: int
    deadline: int | None
    acked_seq: int
    switches: int
    switch_limit: int
    snapshots: tuple[SnapshotTicket, ...]
    heartbeat_s: int
    stamp: str
    server_now: int


def beat_view(attempt: Attempt, now: int, tickets: list[SnapshotTicket], stamp: str) -> Beat:
    """Server time, deadline, switches, snapshots to deliver, and the stamp to bring next time."""
    return Beat(
        status=attempt.status,
        version=attempt.version,
        starts_at=attempt.starts_at,
        start_until=attempt.start_until,
        deadline=attempt.deadline,
        acked_seq=attempt.acked_seq,
        switches=len(attempt.switches),
        switch_limit=attempt.policy.switch_limit,
        snapshots=tuple(tickets),
        heartbeat_s=heartbeat_s(attempt),
        stamp=stamp,
        server_now=now,
    )


def heartbeat_s(attempt: Attempt) -> int:
    """How often this page should report."""
    policy = attempt.policy
    started = attempt.status is Status.STARTED
    return policy.heartbeat_exam_s if started else policy.heartbeat_waiting_s


class PaperView(msgspec.Struct, frozen=True):
    """The questions, and the answers that the server has."""

    sections: tuple[ShownSection, ...]
    answers: dict[str, str]
    acked_seq: int
    page: int
    deadline: int | None
    server_now: int


class AbsenceView(msgspec.Struct, frozen=True):
    """What absences meant: `switch` tells which switch the last counted one was (None: none counted)."""

    switch: int | None
    switches: int
    switch_limit: int
    message: str
    status: Status
    acked_seq: int
    stamp: str
    server_now: int


def absence_view(attempt: Attempt, page: int, seqs: list[int], now: int, stamp: str) -> AbsenceView:
    """The absences of a call, with a sentence for the person: the last one that counted, if any did."""
    numbers = [absences.number_of(attempt, page, seq) for seq in seqs]
    switch = max((number for number in numbers if number is not None), default=None)
    limit = attempt.policy.switch_limit
    return AbsenceView(
        switch=switch,
        switches=len(attempt.switches),
        switch_limit=limit,
        message=switch_message(switch, limit),
        status=attempt.status,
        acked_seq=attempt.acked_seq,
        stamp=stamp,
        server_now=now,
    )
