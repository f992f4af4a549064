"""Rules of 考前确认: the steps, the face check and its chances, admission. Pure."""

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.attempts import absences
from chalicelib.attempts.model import (
    KEPT_ADMISSIONS,
    KEPT_IDS,
    KEPT_NOTICES,
    KEPT_VERIFICATIONS,
    Admission,
    Attempt,
    CheckIn,
    CheckReason,
    CheckState,
    Status,
    Step,
    Unusable,
    Verification,
    refuse_submitted,
    short_id,
    start_until,
)
from chalicelib.attempts.outcomes import chances_changed
from chalicelib.attempts.sitting import Closed
from chalicelib.exams.model import Liveness
from chalicelib.identity.turning import Turn
from chalicelib.kernel.faults import is_our_fault
from chalicelib.kernel.outcomes import Outcome, Outcomes, includes, outcome_of
from chalicelib.shared.clock import SECOND_MS, china_day
from chalicelib.shared.errors import Conflict, TooMany


@outcome_of(Attempt)
class CheckInBegun(Outcome, frozen=True):
    """A new check-in has begun. The passed check of the one before no longer counts."""

    check_in: CheckIn
    notices: tuple[str, ...]


@outcome_of(Attempt)
class StepTaken(Outcome, frozen=True):
    """A step of the check-in is done."""

    check_in: CheckIn


@outcome_of(Attempt)
class CheckReserved(Outcome, frozen=True):
    """A face check is reserved; its picture may be uploaded."""

    pending: Verification


@outcome_of(Attempt)
class PictureArrived(Outcome, frozen=True):
    """The picture of the pending check is uploaded and waits for its verdict."""

    pending: Verification


@outcome_of(Attempt)
class CheckSettled(Outcome, frozen=True):
    """A check has its verdict, or could not run: the newest checks, this one first.

    `forgotten`: short ids of checks that are no longer kept. `pending`: None when this check was the pending one.
    """

    verifications: tuple[Verification, ...]
    forgotten: tuple[str, ...] | UnsetType = UNSET
    pending: UnsetType | None = UNSET


@outcome_of(Attempt)
class CheckPassed(Outcome, frozen=True):
    """The present check-in has a passed check."""

    check_in: CheckIn


@outcome_of(Attempt)
class CheckFailed(Outcome, frozen=True):
    """A face was compared and not accepted. `last_failure_at`: UTC ms."""

    failures: int
    last_failure_at: int


@outcome_of(Attempt)
class PictureUnusable(Outcome, frozen=True):
    """A check could not run, without a fault of ours. `unusable`: the number of such checks today."""

    unusable: Unusable


@outcome_of(Attempt)
class PageAdmitted(Outcome, frozen=True):
    """A new page is admitted. Only this page may act, and the check-in starts again."""

    page: int
    admission: Admission
    admissions: tuple[str, ...]
    check_in: CheckIn


def begin(attempt: Attempt, request_id: str) -> Outcomes:
    """考试须知: begin a new check-in. The passed check of the one before no longer counts.

    The same request id again changes nothing, so a late repeat does not take a passed check away. Raises `Conflict`:
    `attempt_submitted`.
    """
    refuse_submitted(attempt)
    check_in = attempt.check_in
    if request_id in attempt.notices:
        return ()
    number = check_in.number + (1 if check_in.steps else 0)
    begun = CheckInBegun(
        check_in=CheckIn(number=number, steps=(Step.NOTICE,)),
        notices=(request_id, *attempt.notices)[:KEPT_NOTICES],
    )
    return (begun,)


def take_step(attempt: Attempt, step: Step) -> Outcomes:
    """Do the next step of the check-in (设备检测, 网络环境检测). Repeating the last step changes nothing.

    Raises `Conflict`: `wrong_step` with the step that is due, `attempt_submitted`.
    """
    refuse_submitted(attempt)
    check_in = attempt.check_in
    if check_in.steps and check_in.steps[-1] is step:
        return ()
    if check_in.next_step != step.value:
        raise Conflict("wrong_step", next_step=check_in.next_step)
    return (StepTaken(check_in=msgspec.structs.replace(check_in, steps=(*check_in.steps, step))),)


def reserve_verification(
    attempt: Attempt, verification_id: str, now: int, turn: Turn | None = None
) -> Outcomes:
    """开始核验: reserve a chance and the upload slot. The same id again changes nothing.

    `turn`: the side to turn the head to, used when the policy asks for a turn. Raises `Conflict` (`wrong_step`,
    `verification_pending`, `verification_over`, `chances_used_up`, `entry_closed`), `TooMany` (`wait_before_retry`).
    """
    refuse_submitted(attempt)
    if attempt.find_verification(verification_id) is not None:
        return ()
    if short_id(verification_id) in attempt.forgotten:
        raise Conflict("verification_over", next_step=attempt.check_in.next_step)
    if attempt.status is Status.OPENED and now > attempt.entry_until:
        raise Conflict("entry_closed", closed_at=attempt.entry_until)
    if attempt.pending is not None:
        raise Conflict("verification_pending", verification_id=attempt.pending.id)
    if attempt.check_in_step != "verification":
        raise Conflict("wrong_step", next_step=attempt.check_in_step)
    _refuse_before_wait_is_over(attempt, now)
    chances = attempt.chances_now
    if chances.left <= 0:
        raise Conflict("chances_used_up", chances=chances.granted, next_step="ticket")
    after_start = attempt.status is Status.STARTED
    pending = Verification(
        id=verification_id,
        check_in=attempt.check_in.number,
        after_start=after_start,
        reserved_at=now,
        upload_until=now + attempt.policy.upload_lease_s * SECOND_MS,
        turn=turn if attempt.policy.liveness is Liveness.HEAD_TURN else None,
    )
    return (CheckReserved(pending=pending), *_use(attempt, after_start, +1))


def _refuse_before_wait_is_over(attempt: Attempt, now: int) -> None:
    policy = attempt.policy
    if attempt.last_failure_at is None or attempt.failures < policy.failures_before_wait:
        return
    wait_ms = attempt.last_failure_at + policy.failure_wait_s * SECOND_MS - now
    if wait_ms > 0:
        raise TooMany("wait_before_retry", retry_after_s=-(-wait_ms // SECOND_MS))


def _use(attempt: Attempt, after_start: bool, by: int) -> Outcomes:
    """Add `by` to the used chances (negative: give back), within 0 and the granted number. A practice uses none."""
    if attempt.policy.is_practice:
        return ()
    chances = attempt.chances_after_start if after_start else attempt.chances
    used = min(max(chances.used + by, 0), chances.granted)
    return (chances_changed(msgspec.structs.replace(chances, used=used), after_start=after_start),)


def lapsed(attempt: Attempt, now: int) -> bool:
    """Whether the time to upload the picture of the pending check is over."""
    return attempt.pending is not None and now >= attempt.pending.upload_until


def settle_lapsed(attempt: Attempt, picture_is_there: bool, now: int) -> Outcomes:
    """Give the chance back when a picture or its verdict did not come in time. A later verdict still counts.

    `picture_is_there`: whether every picture of the check was uploaded.
    """
    pending = attempt.pending
    if pending is None or not lapsed(attempt, now):
        return ()
    if not picture_is_there:
        return _not_run(attempt, pending, CheckReason.NOT_UPLOADED.value, now)
    if now >= pending.reserved_at + attempt.policy.verdict_ms:
        return _not_run(attempt, pending, CheckReason.ENGINE_DOWN.value, now)
    if pending.state is CheckState.PENDING:
        return (PictureArrived(pending=msgspec.structs.replace(pending, state=CheckState.JUDGING)),)
    return ()


class CheckFinding(msgspec.Struct, frozen=True):
    """The result of judging a check's picture: a match or not, or why the check could not run (`unusable`).

    `replayed`: the picture shows an earlier picture again.
    """

    matched: bool
    unusable: str = ""
    distance: float | None = None
    uncertain: bool = False
    photo_sha256: str = ""
    replayed: bool = False

    @property
    def why_failed(self) -> str:
        """Why a compared face is not accepted."""
        if self.replayed:
            return "replayed"
        return "uncertain" if self.uncertain else "mismatch"


def with_turn(finding: CheckFinding, turn_reason: str) -> CheckFinding:
    """Return the finding of both pictures. The turn counts only when the frontal picture matches."""
    if not finding.matched or not turn_reason:
        return finding
    return msgspec.structs.replace(finding, matched=False, unusable=turn_reason)


def settle_verification(
    attempt: Attempt, verification_id: str, finding: CheckFinding, now: int
) -> Outcomes:
    """Record the verdict of a check. A second verdict of the same check changes nothing.

    A check that was settled as not run, because its picture or verdict was late, still takes a late verdict: a pass
    admits, and a failure uses a chance if one is left.
    """
    if attempt.status is Status.SUBMITTED:
        return ()
    pending = attempt.pending
    if pending is not None and pending.id == verification_id:
        return _settle(attempt, pending, finding, now)
    check = attempt.find_verification(verification_id)
    late_reasons = {CheckReason.NOT_UPLOADED.value, CheckReason.ENGINE_DOWN.value}
    if check is None or check.state is not CheckState.NOT_RUN or check.reason not in late_reasons:
        return ()
    if finding.unusable:
        return ()
    outcomes = _settle(attempt, check, finding, now)
    return (*outcomes, *_use(attempt, check.after_start, +1)) if check.given_back else outcomes


def _settle(attempt: Attempt, check: Verification, finding: CheckFinding, now: int) -> Outcomes:
    judged = msgspec.structs.replace(
        check, distance=finding.distance, photo_sha256=finding.photo_sha256
    )
    if finding.unusable:
        return _not_run(attempt, judged, finding.unusable, now)
    if finding.matched:
        settled = _settled(attempt, judged, CheckState.PASSED, "", now)
        if check.check_in != attempt.check_in.number:
            return (settled,)
        passed = msgspec.structs.replace(attempt.check_in, passed=check.id)
        return (settled, CheckPassed(check_in=passed))
    return (
        _settled(attempt, judged, CheckState.FAILED, finding.why_failed, now),
        CheckFailed(failures=attempt.failures + 1, last_failure_at=now),
    )


def _not_run(attempt: Attempt, check: Verification, reason: str, now: int) -> Outcomes:
    """Settle a check that could not run.

    The chance is given back when the fault is ours; else at most `unusable_per_day` times a day.
    """
    today = china_day(now)
    count = attempt.unusable.count if attempt.unusable.day == today else 0
    our_fault = is_our_fault(reason)
    given_back = our_fault or count < attempt.policy.unusable_per_day
    check = msgspec.structs.replace(check, given_back=given_back)
    outcomes: Outcomes = (_settled(attempt, check, CheckState.NOT_RUN, reason, now),)
    if given_back:
        outcomes += _use(attempt, check.after_start, -1)
    if not our_fault:
        outcomes += (PictureUnusable(unusable=Unusable(today, count + 1)),)
    return outcomes


def _settled(
    attempt: Attempt, check: Verification, state: CheckState, reason: str, now: int
) -> CheckSettled:
    settled = msgspec.structs.replace(check, state=state, reason=reason, settled_at=now)
    others = tuple(v for v in attempt.verifications if v.id != check.id)
    newest_first = (settled, *others)
    older = tuple(short_id(v.id) for v in newest_first[KEPT_VERIFICATIONS:])
    is_pending = attempt.pending is not None and attempt.pending.id == check.id
    return CheckSettled(
        verifications=newest_first[:KEPT_VERIFICATIONS],
        forgotten=(*older, *attempt.forgotten)[:KEPT_IDS] if older else UNSET,
        pending=None if is_pending else UNSET,
    )


def admit(attempt: Attempt, request_id: str, now: int) -> Outcomes:
    """进入考场: admit a new page with the passed check or the waiver. From now on only this page may act.

    Coming back to a running exam may count as a switch, and the last allowed switch submits the paper. The same
    request id again changes nothing, and is refused after a newer page was admitted. Raises `Conflict`:
    `wrong_step`, `waiting_room_not_open`, `entry_closed`, `superseded`, `attempt_submitted`.
    """
    refuse_submitted(attempt)
    if attempt.admission is not None and attempt.admission.request_id == request_id:
        return ()
    if request_id in attempt.admissions:
        # A late repeat of an older admission must not use up the pass of the page after it.
        raise Conflict("superseded", next_step="notice")
    if attempt.check_in_step != "admission":
        raise Conflict("wrong_step", next_step=attempt.check_in_step)
    if now < attempt.waiting_opens_at:
        raise Conflict("waiting_room_not_open", opens_at=attempt.waiting_opens_at)
    passed = attempt.find_verification(attempt.check_in.passed or "")
    until = start_until(attempt, passed) if passed else attempt.entry_until
    if attempt.status is Status.OPENED and now > until:
        raise Conflict("entry_closed", closed_at=until)
    lost = absences.lose_page(attempt, now)
    if includes(lost, Closed):  # it was the last switch allowed
        return lost
    admitted = PageAdmitted(
        page=attempt.page + 1,
        admission=Admission(request_id, _admitted_by(attempt), now, until),
        admissions=(request_id, *attempt.admissions)[:KEPT_ADMISSIONS],
        check_in=CheckIn(number=attempt.check_in.number + 1),
    )
    return (*lost, admitted)


def _admitted_by(attempt: Attempt) -> str:
    """Return the id of the passed check, else the id of the ticket that waived it."""
    waived = attempt.waiver.case_id if attempt.waiver else ""
    return attempt.check_in.passed or waived
