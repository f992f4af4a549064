"""Use cases of a candidate at an attempt, each named like its route."""

import contextlib

import msgspec

from chalicelib.accounts import service as accounts
from chalicelib.attempts import (
    absences,
    check_in,
    evidence,
    model,
    silence,
    sitting,
    stamps,
    store,
    watch,
)
from chalicelib.attempts.absences import ReportedAbsence
from chalicelib.attempts.deciding import Rule, decide, load, write
from chalicelib.attempts.model import (
    Attempt,
    Silences,
    Status,
    Step,
    Verification,
)
from chalicelib.attempts.sitting import Batch, Closed
from chalicelib.exams import paper
from chalicelib.exams import service as exams
from chalicelib.identity.turning import Turn
from chalicelib.kernel.deciding import LostRace
from chalicelib.kernel.outcomes import Outcomes, includes
from chalicelib.shared import hmacs
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.errors import Conflict, NotFound, Refused, Unavailable
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.secrets import keyed_digest, keyed_hash


class PageToken(msgspec.Struct, frozen=True):
    """The page token of an admission and its number; kept in page memory only."""

    token: str
    number: int


class SnapshotTicket(msgspec.Struct, frozen=True):
    """A request for the frame nearest to `frame_at` (server time, already past)."""

    snapshot_id: str
    frame_at: int
    upload: UploadTicket


# --- opening and check-in -------------------------------------------------------------------------------


def get_attempt(*, attempt_id: str, account_id: str, now: int) -> Attempt:
    """My attempt as it stands now. Raises `NotFound`."""
    return decide(attempt_id, account_id, now, lambda _: ())


def require_mine(*, attempt_id: str, account_id: str) -> None:
    """Raises `NotFound` unless this attempt is this account's; looks at nothing else of it."""
    load(attempt_id, account_id)


def list_attempts(*, account_id: str, now: int) -> list[Attempt]:
    """My attempts, newest first."""
    ids_of_mine = store.list_attempt_ids(account_id)
    return [get_attempt(attempt_id=a, account_id=account_id, now=now) for a in ids_of_mine]


def begin_check_in(*, attempt_id: str, account_id: str, request_id: str, now: int) -> Attempt:
    """考试须知: begin a new check-in, once per request. Raises `Conflict`."""
    return decide(attempt_id, account_id, now, lambda a: check_in.begin(a, request_id))


def take_step(*, attempt_id: str, account_id: str, step: Step, now: int) -> Attempt:
    """Do one step of the check-in. Raises `Conflict`."""
    return decide(attempt_id, account_id, now, lambda a: check_in.take_step(a, step))


def request_speed_upload(*, attempt_id: str, account_id: str, now: int) -> UploadTicket:
    """A ticket to measure the way that pictures will take. Raises `NotFound`, `Conflict`, `TooMany`."""
    model.refuse_submitted(get_attempt(attempt_id=attempt_id, account_id=account_id, now=now))
    accounts.spend_speed_test(account_id=account_id, now=now)
    return store.speed_ticket(attempt_id, now)


class Reserved(msgspec.Struct, frozen=True):
    """A reserved check with where to upload its picture, and the second one if it asks for a turn.

    No ticket is left when the check was settled already, or its lease is over.
    """

    attempt: Attempt
    check: Verification
    upload: UploadTicket | None = None
    turn_upload: UploadTicket | None = None


def reserve_verification(
    *, attempt_id: str, account_id: str, request_id: str, now: int
) -> Reserved:
    """开始核验: a chance and an upload ticket, where the exam asks for a turn of the head two.

    The verification's id is a function of the request's, so that a repeat finds its own reservation.
    So is the side to turn to, which nobody can tell before: the key is ours. Raises `Conflict`, `TooMany`.
    """
    verification_id = "vf_" + keyed_hash("verification", attempt_id, request_id)[:28]
    attempt = decide(
        attempt_id,
        account_id,
        now,
        lambda a: check_in.reserve_verification(a, verification_id, now, _side(verification_id)),
    )
    check = attempt.find_verification(verification_id)
    assert check is not None  # the rule either put it there or refused
    left_s = (check.upload_until - now) // SECOND_MS
    if attempt.pending is None or attempt.pending.id != verification_id or left_s <= 0:
        return Reserved(attempt, check)
    upload = store.upload_ticket(store.upload_key(attempt_id, verification_id), left_s, now)
    if check.turn is None:
        return Reserved(attempt, check, upload)
    second = store.upload_ticket(store.turn_key(attempt_id, verification_id), left_s, now)
    return Reserved(attempt, check, upload, second)


def _side(verification_id: str) -> Turn:
    """Left or right, each as often as the other."""
    return Turn.LEFT if keyed_digest("turn", verification_id)[0] & 1 else Turn.RIGHT


def get_verification(
    *, attempt_id: str, account_id: str, verification_id: str, now: int
) -> tuple[Attempt, Verification]:
    """A verification and how it stands. Raises `NotFound`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    check = attempt.find_verification(verification_id)
    if check is None:
        raise NotFound("not_found")
    return attempt, check


# --- waiting room and exam ------------------------------------------------------------------------------


def admit(
    *, attempt_id: str, account_id: str, request_id: str, now: int
) -> tuple[Attempt, PageToken]:
    """进入考场: use the passed check up and hand out the page token.

    Raises `Conflict`, also when this coming back was the switch that submitted the paper.
    """
    attempt = decide(attempt_id, account_id, now, lambda a: check_in.admit(a, request_id, now))
    model.refuse_submitted(attempt)
    token = f"{attempt.page}.{_page_hash(attempt_id, account_id, attempt.page)}"
    return attempt, PageToken(token, attempt.page)


def _page_hash(attempt_id: str, account_id: str, number: int) -> str:
    return keyed_hash("page", attempt_id, account_id, number)


def page_number(*, attempt_id: str, account_id: str, token: str) -> int:
    """The number of an admitted page, without any read. Raises `Refused`: `page_token_invalid`."""
    number, _, given = token.partition(".")
    if not number.isascii() or not number.isdecimal() or len(number) > 6:
        raise Refused("page_token_invalid", next_step="notice")
    expected = _page_hash(attempt_id, account_id, int(number))
    if not hmacs.equal(expected, given):
        raise Refused("page_token_invalid", next_step="notice")
    return int(number)


def start_attempt(*, attempt_id: str, account_id: str, page: int, now: int) -> Attempt:
    """开始考试. Raises `Conflict`."""
    return decide(attempt_id, account_id, now, lambda a: sitting.start(a, page, now))


def get_paper(
    *, attempt_id: str, account_id: str, page: int, now: int
) -> tuple[Attempt, tuple[paper.ShownSection, ...]]:
    """The questions without keys, to the admitted page of a started attempt only. Raises `Conflict`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
    model.check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    drawn = exams.draw_paper(attempt.exam_id, attempt.paper_version, attempt.paper_seed)
    return attempt, paper.show_paper(drawn)


def save_answers(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    batch: Batch,
    now: int,
    silences: Silences | None = None,
) -> tuple[Attempt, list[SnapshotTicket]]:
    """Save a batch: one write, no read. What it acknowledges is in the graded paper.

    A save is a sign of life like a heartbeat: it brings tickets for snapshots, too. `silences`: what is known of this
    page (`heard`). Raises `Invalid`,
    `NotFound`, `Conflict`.
    """
    answers = sitting.normal_answers(batch)
    try:
        attempt = store.save_answers(attempt_id, account_id, page, batch, answers, now)
    except store.NotSaved as refused:
        attempt = _saved_before(refused.attempt, account_id, page, batch, now)
    attempt = _asked(attempt, silences, now)
    return attempt, _snapshot_tickets(attempt, now)


def _saved_before(
    attempt: Attempt | None, account_id: str, page: int, batch: Batch, now: int
) -> Attempt:
    """Tell why a save was refused, or that it was saved already."""
    if attempt is None or attempt.account_id != account_id:
        raise NotFound("not_found")
    if attempt.overdue(now):
        decide(attempt.attempt_id, account_id, now, lambda _: ())
    sitting.why_not_saved(attempt, page, batch, now)
    return attempt


def _asked(attempt: Attempt, silences: Silences | None, now: int) -> Attempt:
    """Ask for frames that are due. The save before it stands if this write fails: the next save asks again."""
    if asked := watch.ask(attempt, now):
        with contextlib.suppress(LostRace, Unavailable):
            return write(attempt, (*asked, *silence.note(attempt, silences)), now)
    return attempt


def heard(*, attempt_id: str, page: int, stamp: str, now: int) -> Silences | None:
    """The silences of this page by the stamp that it brings; one that is not ours says nothing. Costs no AWS call."""
    return silence.heard(stamps.read(attempt_id, page, stamp), now)


def next_stamp(*, attempt: Attempt, page: int, silences: Silences | None, now: int) -> str:
    """What the answer to a sign of life carries, with what was heard by the one that was brought. Costs no AWS call."""
    return stamps.write(attempt.attempt_id, silence.stamp(attempt, page, silences, now))


def _noting(rule: Rule, silences: Silences | None) -> Rule:
    """The same rule, but when it decides something it also notes the silences, in the same write."""

    def noting(attempt: Attempt) -> Outcomes:
        outcomes = rule(attempt)
        return outcomes and (*outcomes, *silence.note(attempt, silences))

    return noting


def beat(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    batch: Batch | None,
    reports: tuple[ReportedAbsence, ...],
    now: int,
    silences: Silences | None = None,
) -> tuple[Attempt, list[SnapshotTicket]]:
    """Heartbeat of waiting room and exam: one read when there is nothing new.

    It carries answers and absences, and brings tickets for snapshots whose moment is past; also for a while
    after the submission. Raises `Conflict` (`superseded`, …), and what saving and reporting raise.
    """
    if batch is not None and not reports:
        return save_answers(
            attempt_id=attempt_id,
            account_id=account_id,
            page=page,
            batch=batch,
            now=now,
            silences=silences,
        )

    def rule(attempt: Attempt) -> Outcomes:
        model.check_page(attempt, page)
        outcomes: Outcomes = ()
        if reports:
            outcomes = absences.report_absences(attempt, page, reports, batch, now)
        return outcomes if includes(outcomes, Closed) else (*outcomes, *watch.ask(attempt, now))

    attempt = decide(attempt_id, account_id, now, _noting(rule, silences))
    absences.refuse_unsaved(attempt, page, batch, now)
    return attempt, _snapshot_tickets(attempt, now)


def report_absences(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    reports: tuple[ReportedAbsence, ...],
    batch: Batch | None,
    now: int,
    silences: Silences | None = None,
) -> Attempt:
    """切屏: record absences, with the answers of the same moment.

    Answers that cannot be saved are refused after the absences were recorded. Raises `Conflict`, `Invalid`.
    """
    attempt = decide(
        attempt_id,
        account_id,
        now,
        _noting(lambda a: absences.report_absences(a, page, reports, batch, now), silences),
    )
    absences.refuse_unsaved(attempt, page, batch, now)
    return attempt


def _snapshot_tickets(attempt: Attempt, now: int) -> list[SnapshotTicket]:
    """Tickets that can be used now: each asks for the frame nearest to a moment already past.

    All that were asked for are offered, so that a frame is never missing because another waits to be judged.
    """
    moments = watch.moments(attempt)
    tickets = []
    for slot in watch.open_slots(attempt, now):
        key = store.snapshot_key(attempt.attempt_id, slot)
        upload = store.upload_ticket(key, attempt.policy.snapshot_grace_s, now)
        tickets.append(SnapshotTicket(key.rsplit("/", 1)[-1], moments[slot], upload))
    return tickets


def submit_attempt(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    batch: Batch | None,
    now: int,
    silences: Silences | None = None,
) -> evidence.Result:
    """提交试卷 and the score at once, computed from the very item that the closing write returned.

    Raises `Invalid`, `Conflict`.
    """
    rule = _noting(lambda a: sitting.submit(a, page, batch, now), silences)
    return evidence.show_result(decide(attempt_id, account_id, now, rule), by="candidate")


def get_result(*, attempt_id: str, account_id: str, now: int) -> evidence.Result:
    """The result of my submitted attempt. Raises `Conflict`: `not_submitted`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    return evidence.show_result(attempt, by="candidate")
