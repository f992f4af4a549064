"""Attempts, checks, papers and heartbeats, as the candidate may see them."""

import base64

import msgspec

from chalicelib.attempts import absences
from chalicelib.attempts.absences import Return
from chalicelib.attempts.model import (
    AbsenceKind,
    Attempt,
    Cause,
    CheckState,
    LiveAttempt,
    Status,
    Step,
    Verification,
)
from chalicelib.attempts.service import Paper, Reserved, SnapshotTicket
from chalicelib.attempts.texts import switch_message, verification_message
from chalicelib.exams.model import ExamKind
from chalicelib.exams.paper import ShownSection
from chalicelib.exams.questions import Answer
from chalicelib.identity.turning import Turn
from chalicelib.kernel.faults import is_our_fault
from chalicelib.shared.languages import Sentence
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.settings import settings


class VerificationView(msgspec.Struct, frozen=True):
    """One 开始核验 with its state. `our_fault`: it did not run because of us, so another picture does not help."""

    verification_id: str
    state: CheckState
    reason: str
    message: Sentence
    our_fault: bool
    upload_until: int
    turn: Turn | None


class ComingBack(msgspec.Struct, frozen=True):
    """What a candidate who comes back to a running exam on a new page has to know before.

    `kind`: whether 进入考场 will count a switch. `switch`: the number that it will have, None when none counts.
    Nothing has counted yet. `answered`: how many questions have a saved answer. `page`, `acked_seq`: the newest page
    and the last saved revision of the answers; by them a browser knows what of its own was never saved.
    """

    kind: Return
    switch: int | None
    answered: int
    page: int
    acked_seq: int


class AttemptView(msgspec.Struct, frozen=True):
    """An attempt as the candidate may see it. `next_step` names the step that the page shows next.

    `sitting`: the name of its sitting within a series; "" for an exam by itself. `coming_back`: None while no exam
    runs.
    """

    attempt_id: str
    exam_id: str
    kind: ExamKind
    sitting: str
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
    coming_back: ComingBack | None
    submitted_at: int | None
    cause: Cause | None
    hotline: str
    server_now: int


def attempt_view(attempt: Attempt, now: int) -> AttemptView:
    """Return the attempt as it is at `now` (UTC ms)."""
    newest = attempt.pending or next(iter(attempt.verifications), None)
    return AttemptView(
        attempt_id=attempt.attempt_id,
        exam_id=attempt.exam_id,
        kind=attempt.policy.kind,
        sitting=attempt.sitting,
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
        coming_back=_coming_back(attempt),
        submitted_at=attempt.submitted_at,
        cause=attempt.cause,
        hotline=settings().hotline,
        server_now=now,
    )


def _coming_back(attempt: Attempt) -> ComingBack | None:
    kind = absences.judge_return(attempt)
    if kind is None:
        return None
    return ComingBack(
        kind=kind,
        switch=len(attempt.switches) + 1 if kind is Return.COUNTS else None,
        answered=sum(any(answer) for answer in attempt.answers.values()),
        page=attempt.page,
        acked_seq=attempt.acked_seq,
    )


def verification_view(check: Verification) -> VerificationView:
    """Return a check as the candidate may see it, with its text."""
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
    """我的学习 > 考试, the newest first."""

    attempts: tuple[AttemptView, ...]


class ReservedVerification(msgspec.Struct, frozen=True):
    """A reserved check. The page posts the picture to `upload` before `upload_until`, then asks for the verdict.

    When `verification.turn` names a side (left or right of the candidate), the page also posts a picture with the head
    turned to that side to `turn_upload`, before the same time.
    """

    verification: VerificationView
    upload: UploadTicket | None
    chances_left: int
    server_now: int
    turn_upload: UploadTicket | None


def reserved_view(reserved: Reserved, now: int) -> ReservedVerification:
    """Return the check that this request has reserved, now or when it came first."""
    return ReservedVerification(
        verification=verification_view(reserved.check),
        upload=reserved.upload,
        chances_left=reserved.attempt.chances_now.left,
        server_now=now,
        turn_upload=reserved.turn_upload,
    )


class VerificationStatus(msgspec.Struct, frozen=True):
    """A check, the chances that are left, and the next step of the candidate."""

    verification: VerificationView
    chances_left: int
    next_step: str
    server_now: int


class Admitted(msgspec.Struct, frozen=True):
    """进入考场. The page keeps `page_token` in memory only and sends it as header `Page-Token` of later requests.

    Without `has_pictures` the paper shows none, and the page need not ask for them.
    """

    page_token: str
    page: int
    attempt: AttemptView
    heartbeat_s: int
    has_pictures: bool


class Beat(msgspec.Struct, frozen=True):
    """The answer to a heartbeat or a save of answers. `announced`: how many announcements this attempt has.

    `start_until`: the last moment of a first start; once the exam is started, when that was.
    """

    status: Status
    version: int
    starts_at: int
    start_until: int
    deadline: int | None
    acked_seq: int
    switches: int
    switch_limit: int
    snapshots: tuple[SnapshotTicket, ...]
    announced: int
    heartbeat_s: int
    stamp: str
    server_now: int


def beat_view(attempt: LiveAttempt, now: int, tickets: list[SnapshotTicket], stamp: str) -> Beat:
    """Return server time, deadline, switches, snapshots to take, and the stamp that the page sends next time."""
    return Beat(
        status=attempt.status,
        version=attempt.version,
        starts_at=attempt.starts_at,
        start_until=_start_until(attempt),
        deadline=attempt.deadline,
        acked_seq=attempt.acked_seq,
        switches=len(attempt.switches),
        switch_limit=attempt.policy.switch_limit,
        snapshots=tuple(tickets),
        announced=attempt.announcements,
        heartbeat_s=heartbeat_s(attempt),
        stamp=stamp,
        server_now=now,
    )


def _start_until(attempt: LiveAttempt) -> int:
    """Return the last moment of a first start; of a started attempt, when that was."""
    if attempt.started_at is not None:
        return attempt.started_at
    assert isinstance(attempt, Attempt)  # only what has started is saved without a read
    return attempt.start_until


def heartbeat_s(attempt: LiveAttempt) -> int:
    """Return the seconds between two heartbeats of the page."""
    policy = attempt.policy
    started = attempt.status is Status.STARTED
    return policy.heartbeat_exam_s if started else policy.heartbeat_waiting_s


class PaperView(msgspec.Struct, frozen=True):
    """The questions, and the answers that are saved.

    `picture_key`: the AES-256-GCM key that opens the pictures of the paper, in base64; "" when it has none.
    """

    sections: tuple[ShownSection, ...]
    answers: dict[str, Answer]
    acked_seq: int
    page: int
    deadline: int | None
    picture_key: str
    server_now: int


def paper_view(paper: Paper, page: int, now: int) -> PaperView:
    """Return a paper as this page (its number) may see it."""
    attempt = paper.attempt
    return PaperView(
        sections=paper.sections,
        answers=attempt.answers,
        acked_seq=attempt.acked_seq,
        page=page,
        deadline=attempt.deadline,
        picture_key=base64.b64encode(paper.picture_key).decode(),
        server_now=now,
    )


class PictureLinks(msgspec.Struct, frozen=True):
    """A link to each picture of the paper by its SHA-256 (hex), good for five minutes.

    What lies there is sealed: 12 bytes nonce, then the picture under AES-256-GCM with its tag. `picture_key` of the
    paper opens it.
    """

    links: dict[str, str]
    server_now: int


class AbsenceView(msgspec.Struct, frozen=True):
    """What reported absences led to. `switch`: the number of the last one that counted, None if none counted.

    `kind`: by what that one left the page; None if none counted.
    """

    switch: int | None
    kind: AbsenceKind | None
    switches: int
    switch_limit: int
    message: Sentence
    status: Status
    acked_seq: int
    stamp: str
    server_now: int


def absence_view(attempt: Attempt, page: int, seqs: list[int], now: int, stamp: str) -> AbsenceView:
    """Return what the absences of a request led to, with a sentence for the candidate.

    `seqs`: their numbers in the sequence of this page. The sentence is about the last one that counted, if any did.
    """
    numbers = [absences.number_of(attempt, page, seq) for seq in seqs]
    switch = max((number for number in numbers if number is not None), default=None)
    limit = attempt.policy.switch_limit
    kind = attempt.switches[switch - 1].kind if switch else None
    why = kind.value if kind else ""
    return AbsenceView(
        switch=switch,
        kind=kind,
        switches=len(attempt.switches),
        switch_limit=limit,
        message=switch_message(switch, limit, why, practice=attempt.policy.is_practice),
        status=attempt.status,
        acked_seq=attempt.acked_seq,
        stamp=stamp,
        server_now=now,
    )
