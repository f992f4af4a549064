"""Use cases of a candidate in an attempt. Each has the name of its route."""

import contextlib
from collections.abc import Sequence

import msgspec

from chalicelib.accounts import service as accounts
from chalicelib.attempts import (
    absences,
    check_in,
    evidence,
    model,
    practising,
    resting_store,
    silence,
    sitting,
    stamps,
    store,
    watch,
)
from chalicelib.attempts.absences import ReportedAbsence
from chalicelib.attempts.deciding import Rule, decide, load
from chalicelib.attempts.model import (
    Attempt,
    LiveAttempt,
    Silences,
    Status,
    Step,
    Verification,
)
from chalicelib.attempts.practising import DeviceReport
from chalicelib.attempts.sitting import Batch, Closed
from chalicelib.exams import paper
from chalicelib.exams import service as exams
from chalicelib.identity.turning import Turn
from chalicelib.kernel.outcomes import Outcomes, includes
from chalicelib.shared import hmacs
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.errors import Conflict, NotFound, Refused, Unavailable
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.secrets import keyed_digest, keyed_hash


class PageToken(msgspec.Struct, frozen=True):
    """The token and the number of an admitted page. The page keeps the token in memory only."""

    token: str
    number: int


class SnapshotTicket(msgspec.Struct, frozen=True):
    """A request for the frame nearest to `frame_at` (server time, already past)."""

    snapshot_id: str
    frame_at: int
    upload: UploadTicket


# --- opening and check-in -------------------------------------------------------------------------------


def get_attempt(*, attempt_id: str, account_id: str, now: int) -> Attempt:
    """Return an attempt of this account as it is now. Raises `NotFound`."""
    return decide(attempt_id, account_id, now, lambda _: ())


def require_mine(*, attempt_id: str, account_id: str) -> None:
    """Raise `NotFound` unless the attempt belongs to this account. Changes nothing."""
    load(attempt_id, account_id)


def list_attempts(*, account_id: str, now: int) -> list[Attempt]:
    """Return the attempts of this account, newest first, without practices that have expired."""
    mine: list[Attempt] = []
    for attempt_id in store.list_attempt_ids(account_id):
        with contextlib.suppress(NotFound):
            mine.append(get_attempt(attempt_id=attempt_id, account_id=account_id, now=now))
    return mine


def begin_check_in(*, attempt_id: str, account_id: str, request_id: str, now: int) -> Attempt:
    """考试须知: begin a new check-in, once per request. Raises `Conflict`."""
    return decide(attempt_id, account_id, now, lambda a: check_in.begin(a, request_id))


def take_step(
    *, attempt_id: str, account_id: str, step: Step, report: DeviceReport, now: int
) -> Attempt:
    """Do one step of the check-in. A practice keeps what the page has found (`report`). Raises `Conflict`."""
    return decide(
        attempt_id,
        account_id,
        now,
        lambda a: (*check_in.take_step(a, step), *practising.see(a, report)),
    )


def get_practice(*, attempt_id: str, account_id: str, now: int) -> Attempt:
    """Return a practice attempt of this account. Raises `NotFound`, `Conflict`: `no_practice`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    practising.refuse_exam(attempt)
    return attempt


def report_practice(
    *, attempt_id: str, account_id: str, report: DeviceReport, ended: bool, now: int
) -> Attempt:
    """Keep what the page of a practice has found, also after its end, and end it when the candidate wants to.

    Raises `NotFound`, `Conflict`: `no_practice`.
    """

    def rule(attempt: Attempt) -> Outcomes:
        practising.refuse_exam(attempt)
        return (*practising.see(attempt, report), *(practising.end(attempt, now) if ended else ()))

    return decide(attempt_id, account_id, now, rule)


def request_speed_upload(*, attempt_id: str, account_id: str, now: int) -> UploadTicket:
    """Return an upload ticket for measuring the speed of the network. Raises `NotFound`, `Conflict`, `TooMany`."""
    model.refuse_submitted(get_attempt(attempt_id=attempt_id, account_id=account_id, now=now))
    accounts.spend_speed_test(account_id=account_id, now=now)
    return store.speed_ticket(attempt_id, now)


class Reserved(msgspec.Struct, frozen=True):
    """A reserved check with the upload ticket of its picture, and of the second picture when it asks for a turn.

    There is no ticket when the check is settled already, or when the time to upload is over.
    """

    attempt: Attempt
    check: Verification
    upload: UploadTicket | None = None
    turn_upload: UploadTicket | None = None


def reserve_verification(
    *, attempt_id: str, account_id: str, request_id: str, now: int
) -> Reserved:
    """开始核验: reserve a chance, with one upload ticket, or with two when the exam asks for a turn of the head.

    The id of the verification follows from the request id, so a repeat finds its reservation. The side to turn to
    also follows from it, by a secret key, so nobody knows it before. Raises `Conflict`, `TooMany`.
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
    """Return left or right with equal chance, always the same for one verification."""
    return Turn.LEFT if keyed_digest("turn", verification_id)[0] & 1 else Turn.RIGHT


def get_verification(
    *, attempt_id: str, account_id: str, verification_id: str, now: int
) -> tuple[Attempt, Verification]:
    """Return an attempt and one of its verifications. Raises `NotFound`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    check = attempt.find_verification(verification_id)
    if check is None:
        raise NotFound("not_found")
    return attempt, check


# --- waiting room and exam ------------------------------------------------------------------------------


def admit(
    *, attempt_id: str, account_id: str, request_id: str, now: int
) -> tuple[Attempt, PageToken]:
    """进入考场: use the passed check and return the page token.

    Raises `Conflict`, also when coming back was the switch that submitted the paper.
    """
    attempt = decide(attempt_id, account_id, now, lambda a: check_in.admit(a, request_id, now))
    model.refuse_submitted(attempt)
    if attempt.status is Status.OPENED:
        resting_store.rest_early(attempt)
    token = f"{attempt.page}.{_page_hash(attempt_id, account_id, attempt.page)}"
    return attempt, PageToken(token, attempt.page)


def _page_hash(attempt_id: str, account_id: str, number: int) -> str:
    return keyed_hash("page", attempt_id, account_id, number)


def page_number(*, attempt_id: str, account_id: str, token: str) -> int:
    """Return the page number of a token. It reads nothing. Raises `Refused`: `page_token_invalid`."""
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


class Paper(msgspec.Struct, frozen=True):
    """A paper without keys, and the attempt with its answers. `picture_key`: opens its pictures; b"" without any."""

    attempt: Attempt
    sections: tuple[paper.ShownSection, ...]
    picture_key: bytes


def get_paper(*, attempt_id: str, account_id: str, page: int, now: int) -> Paper:
    """Return the paper, for the admitted page of a started attempt only. Raises `Conflict`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
    model.check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    drawn = exams.draw_paper(attempt.exam_id, attempt.paper_version, attempt.paper_seed)
    key = exams.picture_key(
        exam_id=attempt.exam_id, paper_version=attempt.paper_version, seed=attempt.paper_seed
    )
    return Paper(attempt, paper.show_paper(drawn), key)


def may_show_pictures(*, attempt: Attempt) -> bool:
    """Return whether the paper of an attempt shows pictures; True when its bank cannot be read now."""
    try:
        return exams.shows_pictures(
            exam_id=attempt.exam_id, paper_version=attempt.paper_version, seed=attempt.paper_seed
        )
    except (
        Unavailable
    ):  # the admission is written; whoever asks for pictures learns later that there are none
        return True


def link_pictures(*, attempt_id: str, account_id: str, page: int, now: int) -> dict[str, str]:
    """Return links to the sealed pictures of the paper (`exams.link_pictures`), for the admitted page.

    They can be fetched before the start. What opens them comes with the paper. Raises `Conflict`.
    """
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    model.check_page(attempt, page)
    return exams.link_pictures(
        exam_id=attempt.exam_id, paper_version=attempt.paper_version, seed=attempt.paper_seed
    )


def save_answers(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    batch: Batch,
    now: int,
    silences: Silences | None = None,
) -> tuple[LiveAttempt, list[SnapshotTicket]]:
    """Save a batch of answers with one write and no read. Acknowledged answers are always graded.

    Like a heartbeat, a save also returns tickets for snapshots. `silences`: the silences of this page so far
    (`heard`). Raises `Invalid`, `NotFound`, `Conflict`.
    """
    answers = sitting.normal_answers(batch)
    try:
        attempt = store.save_answers(attempt_id, account_id, page, batch, answers, now)
    except store.NotSaved as refused:
        attempt = _saved_before(refused.attempt, account_id, page, batch, now)
    if watch.ask(attempt, now):
        attempt = _asked(attempt, silences, now)
    return attempt, _snapshot_tickets(attempt, now)


def _saved_before(
    attempt: LiveAttempt | None, account_id: str, page: int, batch: Batch, now: int
) -> LiveAttempt:
    """Raise the reason why a save was refused. Returns the attempt when the batch was saved before."""
    if attempt is None or attempt.account_id != account_id:
        raise NotFound("not_found")
    if attempt.overdue(now):
        decide(attempt.attempt_id, account_id, now, lambda _: ())
    sitting.why_not_saved(attempt, page, batch, now)
    return attempt


def _asked(saved: LiveAttempt, silences: Silences | None, now: int) -> LiveAttempt:
    """Ask for frames that are late. If this fails, the answers are saved all the same, and the next save asks."""
    rule = _noting(lambda attempt: watch.ask(attempt, now), silences)
    with contextlib.suppress(Conflict, Unavailable):
        return decide(saved.attempt_id, saved.account_id, now, rule)
    return saved


def heard(*, attempt_id: str, page: int, stamp: str, now: int) -> Silences | None:
    """Return the silences of this page from its stamp; None when the stamp is not ours. Costs no AWS call."""
    return silence.heard(stamps.read(attempt_id, page, stamp), now)


def next_stamp(*, attempt: LiveAttempt, page: int, silences: Silences | None, now: int) -> str:
    """Return the stamp for the response to a page, with the silences so far. Costs no AWS call."""
    return stamps.write(attempt.attempt_id, silence.stamp(attempt, page, silences, now))


def _noting(rule: Rule, silences: Silences | None) -> Rule:
    """Return a rule that also notes the silences when `rule` decides something, in the same write."""

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
) -> tuple[LiveAttempt, list[SnapshotTicket]]:
    """The heartbeat of waiting room and exam. It costs one read when there is nothing new.

    It saves answers and absences, and returns tickets for due snapshots, also for a while after the submission.
    Raises `Conflict` (`superseded`, …), and what saving and reporting raise.
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
    """切屏: record absences and the answers that came with them.

    Answers that cannot be saved are refused after the absences are recorded. Raises `Conflict`, `Invalid`.
    """
    attempt = decide(
        attempt_id,
        account_id,
        now,
        _noting(lambda a: absences.report_absences(a, page, reports, batch, now), silences),
    )
    absences.refuse_unsaved(attempt, page, batch, now)
    return attempt


def _snapshot_tickets(attempt: LiveAttempt, now: int) -> list[SnapshotTicket]:
    """Return the tickets that can be used now. Each asks for the frame nearest to a past time.

    All open slots get a ticket, so no frame is missing because another one waits for its verdict.
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
    seconds: Sequence[int] = (),
) -> evidence.Result:
    """提交试卷: submit the paper and return the result, computed from the item that the write returned.

    `seconds`: how long each question was in sight, as the page reports. A practice is submitted as well, and then
    refused, because it has no result (`practice_without_result`). Raises `Invalid`, `Conflict`.
    """
    rule = _noting(lambda a: sitting.submit(a, page, batch, now, seconds), silences)
    return evidence.show_result(decide(attempt_id, account_id, now, rule), by="candidate")


def get_result(*, attempt_id: str, account_id: str, now: int) -> evidence.Result:
    """Return the result of a submitted attempt of this account.

    Raises `Conflict`: `not_submitted`, `practice_without_result`.
    """
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    return evidence.show_result(attempt, by="candidate")
