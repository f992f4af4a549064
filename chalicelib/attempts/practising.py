"""Rules of practice exams (试考): what the device showed, how a practice ends, what worked and what did not. Pure.

A practice attempt takes the way of every other attempt. It uses no chances, no switch submits it, nothing is held
against anybody, and it leaves no result. The mark on the account says what was found.
"""

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.attempts.model import (
    PRACTICE_IDS,
    Attempt,
    Cause,
    CheckState,
    Device,
    DeviceTrouble,
    Status,
)
from chalicelib.attempts.sitting import close
from chalicelib.identity.model import (
    AreaFinding,
    AreaState,
    FrozenIdentity,
    PracticeArea,
    PracticeMark,
)
from chalicelib.kernel.faults import is_our_fault
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.clock import DAY_MS, HOUR_MS
from chalicelib.shared.errors import Conflict

MOST_A_DAY = 10  # enough to try several computers; each costs checks of faces
LATENCY_MS = 300  # above it a person notices a delay at each step
_CHINA_MS = 8 * HOUR_MS
_ROUNDS = 100  # numbers of rounds that a day has for itself
_GOOD = (Verdict.MATCH, Verdict.UNCERTAIN)
# of several verdicts that are not good, the first in this order is told
_TOLD_FIRST = (
    Verdict.SEVERAL,
    Verdict.MISMATCH,
    Verdict.REPLAYED,
    Verdict.NO_FACE,
    Verdict.UNCLEAR,
    Verdict.MISSING,
)


@outcome_of(Attempt)
class DeviceSeen(Outcome, frozen=True):
    """The page told what it has found about camera, network or full screen: all that is known now."""

    device: Device


class DeviceReport(msgspec.Struct, frozen=True):
    """What a page found about the device now; None: nothing about this.

    `camera_trouble`: None when the camera works; `UNSET`: nothing about it.
    """

    camera_trouble: DeviceTrouble | UnsetType | None = UNSET
    down_mbps: float | None = None
    up_mbps: float | None = None
    latency_ms: float | None = None
    full_screen: bool | None = None


def refuse_practice(attempt: Attempt) -> None:
    """Refuse what only an attempt that counts can have. Raises `Conflict`: `practice_without_result`."""
    if attempt.policy.is_practice:
        raise Conflict("practice_without_result", next_step=attempt.next_step(attempt.opened_at))


def require_timeline(attempt_id: str) -> None:
    """Refuse an attempt that has no timeline. Raises `Conflict`: `practice_without_timeline`."""
    if attempt_id.startswith(PRACTICE_IDS):
        raise Conflict("practice_without_timeline")


def refuse_exam(attempt: Attempt) -> None:
    """Refuse what only a practice attempt has. Raises `Conflict`: `no_practice`."""
    if not attempt.policy.is_practice:
        raise Conflict("no_practice")


# --- rounds ---------------------------------------------------------------------------------------------


def first_round(now: int) -> int:
    """Return the number of the first practice of a day in China. The others of the day follow it."""
    return (now + _CHINA_MS) // DAY_MS * _ROUNDS + 1


def until_tomorrow(now: int) -> int:
    """Return the milliseconds until the next day begins in China."""
    return DAY_MS - (now + _CHINA_MS) % DAY_MS


def goes_on(attempt: Attempt, identity: FrozenIdentity, now: int) -> bool:
    """Whether a practice continues: it can still be started or is running, and the person is the same.

    Who has replaced the ID photo or corrected the profile since begins a new one.
    """
    over = attempt.status is Status.SUBMITTED or attempt.next_step(now) == "entry_closed"
    return not over and attempt.identity == identity


# --- what happens in it ---------------------------------------------------------------------------------


def see(attempt: Attempt, report: DeviceReport | None) -> Outcomes:
    """Keep what the page of a practice has found; the newest of each kind counts. Other attempts keep nothing."""
    if report is None or not attempt.policy.is_practice:
        return ()
    known = attempt.device or Device()
    told = {
        name: value
        for name in ("down_mbps", "up_mbps", "latency_ms", "full_screen")
        if (value := getattr(report, name)) is not None
    }
    if report.camera_trouble is not UNSET:
        told |= {"camera": True, "camera_trouble": report.camera_trouble}
    device = msgspec.structs.replace(known, **told)
    return (DeviceSeen(device=device),) if device != attempt.device else ()


def end(attempt: Attempt, now: int) -> Outcomes:
    """End a practice at any step. Ending twice changes nothing."""
    if attempt.status is Status.SUBMITTED:
        return ()
    return close(attempt, Cause.CANDIDATE, now, now)


# --- what came of it ------------------------------------------------------------------------------------


def mark(attempt: Attempt) -> PracticeMark:
    """Return what a practice says about device, network and photo of the person."""
    return PracticeMark(
        attempt_id=attempt.attempt_id,
        exam_id=attempt.exam_id,
        at=attempt.opened_at,
        round=attempt.round,
        version=attempt.version,
        ended_at=attempt.submitted_at,
        findings=findings(attempt),
    )


def findings(attempt: Attempt) -> tuple[AreaFinding, ...]:
    """Return one finding for each area, in the order in which the areas are tried."""
    return (
        _camera(attempt.device or Device()),
        _network(attempt),
        _face(attempt),
        _full_screen(attempt),
        _snapshots(attempt),
    )


def _camera(device: Device) -> AreaFinding:
    if not device.camera:
        return AreaFinding(PracticeArea.CAMERA)
    trouble = device.camera_trouble
    return _found(PracticeArea.CAMERA, trouble.value if trouble else "")


def _network(attempt: Attempt) -> AreaFinding:
    device, policy = attempt.device or Device(), attempt.policy
    if device.down_mbps is None or device.up_mbps is None:
        return AreaFinding(PracticeArea.NETWORK)
    if not device.down_mbps or not device.up_mbps:
        return _found(PracticeArea.NETWORK, "not_measured")
    slow_down = device.down_mbps < policy.recommended_down_mbps
    if slow_down or device.up_mbps < policy.recommended_up_mbps:
        return _found(PracticeArea.NETWORK, "slow")
    return _found(PracticeArea.NETWORK, "late" if (device.latency_ms or 0) > LATENCY_MS else "")


def _face(attempt: Attempt) -> AreaFinding:
    area = PracticeArea.FACE
    checks = attempt.verifications
    if attempt.page or any(check.state is CheckState.PASSED for check in checks):
        return AreaFinding(area, AreaState.OK)
    if attempt.pending is not None and attempt.status is not Status.SUBMITTED:
        return AreaFinding(area, AreaState.WAITING)
    judged = [check for check in checks if not is_our_fault(check.reason)]
    if not judged:
        return AreaFinding(area, reason="our_fault" if checks else "")
    # a comparison that failed says more about the photo than a picture that could not be compared
    failed = next((check for check in judged if check.state is CheckState.FAILED), judged[0])
    return AreaFinding(area, AreaState.FAILED, failed.reason)


def _full_screen(attempt: Attempt) -> AreaFinding:
    area = PracticeArea.FULL_SCREEN
    if attempt.started_at is not None:  # the page starts in full screen alone
        return AreaFinding(area, AreaState.OK)
    refused = attempt.device is not None and attempt.device.full_screen is False
    return _found(area, "refused") if refused else AreaFinding(area)


def _snapshots(attempt: Attempt) -> AreaFinding:
    area = PracticeArea.SNAPSHOTS
    if attempt.started_at is None:
        return AreaFinding(area)
    verdicts = set(attempt.verdicts.values())
    if bad := next((verdict for verdict in _TOLD_FIRST if verdict in verdicts), None):
        return AreaFinding(area, AreaState.FAILED, bad.value)
    unjudged = attempt.asked.keys() - attempt.verdicts.keys()  # the submission asks for all
    if attempt.status is not Status.SUBMITTED or unjudged:
        return AreaFinding(area, AreaState.WAITING)
    if not verdicts & set(_GOOD):
        return AreaFinding(area, reason="our_fault" if verdicts else "none_due")
    return AreaFinding(area, AreaState.OK)


def _found(area: PracticeArea, trouble: str) -> AreaFinding:
    return AreaFinding(area, AreaState.FAILED if trouble else AreaState.OK, trouble)
