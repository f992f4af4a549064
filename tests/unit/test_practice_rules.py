"""Practice exams (试考): always open, no chances, no forced submission, no result; what they find, and the mark."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import (
    absences,
    check_in,
    commands,
    complaining,
    evidence,
    forgetting,
    helping,
    practising,
    publishing,
    readiness,
    sitting,
    watch,
)
from chalicelib.attempts.absences import MAX_PRACTISED, ReportedAbsence
from chalicelib.attempts.check_in import CheckFinding
from chalicelib.attempts.items import from_item, to_item
from chalicelib.attempts.model import (
    PRACTICE_DAYS,
    AbsenceKind,
    Attempt,
    Cause,
    CheckState,
    Device,
    DeviceTrouble,
    HelpReason,
    Status,
)
from chalicelib.attempts.practice_texts import area_message, say_readiness
from chalicelib.attempts.practising import DeviceReport
from chalicelib.exams import preflight
from chalicelib.exams.model import FOREVER, Checkpoint, Exam, ExamKind, Phase, Policy
from chalicelib.identity.model import (
    AreaFinding,
    AreaState,
    PersonPractice,
    PracticeArea,
    PracticeMark,
)
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import Outcomes, applied
from chalicelib.proctoring.model import Integrity, Verdict
from tests.unit.attempts import (
    MATCH,
    MISMATCH,
    NO_FACE,
    OPENS,
    T0,
    admitted,
    attempt,
    checked_in,
    passed,
    refusal,
    reserved,
    started,
)
from tests.unit.exams import exam

DAY = 24 * 3_600_000
PRACTICE = Policy(kind=ExamKind.PRACTICE)
COMMAND = Command("command-1", "王五", "请再试", 1)
AREAS = tuple(PracticeArea)


def practice(at: int = T0, **fields: Any) -> Attempt:
    """A practice exam that was just opened."""
    opened = {"attempt_id": "pr_1", "policy": PRACTICE, "opened_at": at, "starts_at": at}
    return attempt(**{**opened, "entry_until": at + 30 * 60_000, **fields})


@pytest.mark.parametrize("before", [admitted(policy=PRACTICE), started(policy=PRACTICE)])
def test_nobody_answers_a_request_for_help_in_a_practice(before: Attempt) -> None:
    with refusal("practice_without_help"):
        helping.ask(before, 1, "help-0001", HelpReason.CAMERA, T0)


def practising_now(**fields: Any) -> Attempt:
    """A practice whose clock runs."""
    return started(T0, policy=PRACTICE, attempt_id="pr_1", opened_at=T0, **fields)


def found(a: Attempt, area: PracticeArea) -> tuple[AreaState, str]:
    """State and reason of an area."""
    finding = next(f for f in practising.findings(a) if f.area is area)
    return finding.state, finding.reason


def after(a: Attempt, outcomes: Outcomes) -> Attempt:
    return applied(a, outcomes)


# --- the exam -------------------------------------------------------------------------------------------


def practice_exam() -> Exam:
    return msgspec.structs.replace(exam(), policy=PRACTICE, starts_at=T0)


@pytest.mark.parametrize("now", [T0 - 1, T0, T0 + 30 * 60_000 + 1, T0 + 1000 * DAY])
def test_a_practice_exam_is_open_at_any_time(now: int) -> None:
    listed = practice_exam()
    assert listed.phase(now) is (Phase.UPCOMING if now < T0 else Phase.RUNNING)
    assert listed.ends_at == listed.entry_until == FOREVER
    assert listed.times_of_attempt(now) == (now, now + 30 * 60_000)


def test_an_exam_gives_its_own_times() -> None:
    listed = msgspec.structs.replace(exam(), starts_at=T0)
    assert listed.times_of_attempt(T0 - 1) == (T0, listed.entry_until)


@pytest.mark.parametrize(("now", "watched"), [(T0 + DAY, True), (T0 + DAY + 1, False)])
def test_a_practice_exam_is_watched_for_a_day(now: int, watched: bool) -> None:
    assert preflight.under_watch(practice_exam(), now) is watched
    assert preflight.due(practice_exam(), now) == (list(Checkpoint) if watched else [])


# --- rounds ---------------------------------------------------------------------------------------------


def test_each_day_in_china_has_numbers_of_its_own() -> None:
    midnight = (T0 + 8 * 3_600_000) // DAY * DAY - 8 * 3_600_000
    first = practising.first_round(midnight)
    assert practising.first_round(midnight - 1) == first - 100
    assert practising.first_round(midnight + DAY - 1) == first
    assert practising.until_tomorrow(midnight) == DAY
    assert practising.until_tomorrow(midnight + DAY - 1) == 1


def test_a_practice_goes_on_until_it_is_over_or_the_person_has_changed() -> None:
    now = practice()
    assert practising.goes_on(now, now.identity, now.entry_until)
    assert not practising.goes_on(now, now.identity, now.entry_until + 1)
    other_photo = msgspec.structs.replace(now.identity, photo_id="ph_2")
    assert not practising.goes_on(now, other_photo, T0)
    running = practising_now()
    assert practising.goes_on(running, running.identity, T0 + DAY)
    ended = after(running, practising.end(running, T0 + 1))
    assert not practising.goes_on(ended, ended.identity, T0 + 1)


def test_a_practice_expires_and_an_exam_does_not() -> None:
    assert practice().expires_at == T0 + PRACTICE_DAYS * DAY
    assert attempt().expires_at is None


# --- the same way, without consequences -----------------------------------------------------------------


def test_a_check_uses_no_chance_however_it_ends() -> None:
    now = checked_in(policy=PRACTICE)
    for n in range(30):
        at = T0 + n * 60_000
        now = msgspec.structs.replace(now, entry_until=at, failures=0)
        now = after(now, check_in.reserve_verification(now, f"vf_{n}", at))
        finding = (MATCH, MISMATCH, NO_FACE)[n % 3]
        now = after(now, check_in.settle_verification(now, f"vf_{n}", finding, at))
        now = msgspec.structs.replace(now, check_in=checked_in().check_in)
    assert now.chances.used == 0


def test_the_wait_after_failures_is_the_usual_one() -> None:
    tired = checked_in(policy=PRACTICE, failures=5, last_failure_at=T0)
    with refusal("wait_before_retry"):
        check_in.reserve_verification(tired, "vf", T0 + 29_999)
    assert check_in.reserve_verification(tired, "vf", T0 + 30_000)


def away(seq: int) -> tuple[ReportedAbsence, ...]:
    return (ReportedAbsence(seq, AbsenceKind.HIDDEN, 5000),)


def test_switches_are_told_and_never_submit() -> None:
    now = practising_now()
    for seq in range(1, MAX_PRACTISED + 3):
        outcomes = absences.report_absences(now, 1, away(seq), None, T0 + seq * 20_000)
        now = after(now, outcomes)
        expected = seq if seq <= MAX_PRACTISED else None
        assert absences.number_of(now, 1, seq) == expected
    assert now.status is Status.STARTED
    assert len(now.switches) == MAX_PRACTISED


def test_losing_the_page_never_submits() -> None:
    now = practising_now()
    for n in range(MAX_PRACTISED + 2):
        counts = n < MAX_PRACTISED
        told = absences.judge_return(now)
        assert told is (absences.Return.COUNTS if counts else absences.Return.NOT_COUNTED)
        now = after(now, absences.lose_page(now, T0 + n * 1000))
    assert now.status is Status.STARTED
    assert len(now.switches) == MAX_PRACTISED


def test_verdicts_add_up_to_nothing() -> None:
    slots = [str(n) for n in range(9)]
    now = practising_now(asked=dict.fromkeys(slots, T0))
    for verdict in (Verdict.SEVERAL, Verdict.MISMATCH, Verdict.SYSTEM_GAP, Verdict.REPLAYED):
        seen = msgspec.structs.replace(now, verdicts=dict.fromkeys(slots, verdict))
        assert watch.integrity(seen) == Integrity()


def test_nothing_is_published_or_followed() -> None:
    now = practising_now()
    closing = sitting.submit(now, 1, None, T0 + 1)
    assert publishing.publish(now, closing, T0 + 1) == ()
    assert publishing.mark(now, closing) == ()


def test_a_practice_has_no_result_no_complaint_and_is_not_reopened() -> None:
    now = practising_now()
    closed = after(now, sitting.submit(now, 1, None, T0 + 1))
    with refusal("practice_without_result"):
        evidence.show_result(closed, by="candidate")
    with refusal("practice_without_result"):
        complaining.complain(closed, T0 + 2)
    with refusal("practice_not_reopened"):
        commands.refuse_reopening(closed, COMMAND, FOREVER, T0 + 2)


def test_pictures_of_a_practice_may_be_deleted_at_any_time() -> None:
    forgetting.refuse_unsettled(practice(), T0)
    forgetting.refuse_unsettled(practising_now(), T0 + 1)


def test_it_ends_at_any_step_and_once() -> None:
    for now in (practice(), reserved(OPENS, policy=PRACTICE), practising_now()):
        ended = after(now, practising.end(now, T0 + 1))
        assert (ended.status, ended.cause) == (Status.SUBMITTED, Cause.CANDIDATE)
        assert practising.end(ended, T0 + 2) == ()
    late = check_in.settle_verification(ended, "vf", MATCH, T0 + 3)
    assert late == ()


def test_a_practice_has_no_timeline() -> None:
    practising.require_timeline("at_1")
    with refusal("practice_without_timeline"):
        practising.require_timeline("pr_1")


def test_an_exam_is_no_practice() -> None:
    with refusal("no_practice"):
        practising.refuse_exam(attempt())
    practising.refuse_exam(practice())
    practising.refuse_practice(attempt())
    assert practising.see(attempt(), DeviceReport(camera_trouble=None)) == ()


# --- what it finds --------------------------------------------------------------------------------------


def test_nothing_was_tried_at_the_beginning() -> None:
    states = [(f.area, f.state) for f in practising.findings(practice())]
    assert states == [(area, AreaState.NOT_TRIED) for area in AREAS]


def seen(now: Attempt, **report: Any) -> Attempt:
    return after(now, practising.see(now, DeviceReport(**report)))


def test_the_newest_look_at_the_camera_counts() -> None:
    now = seen(practice(), camera_trouble=DeviceTrouble.BUSY)
    assert found(now, PracticeArea.CAMERA) == (AreaState.FAILED, "busy")
    now = seen(now, down_mbps=9.0, up_mbps=9.0, latency_ms=1.0)
    assert found(now, PracticeArea.CAMERA) == (AreaState.FAILED, "busy")
    now = seen(now, camera_trouble=None)
    assert found(now, PracticeArea.CAMERA) == (AreaState.OK, "")
    assert practising.see(now, DeviceReport(camera_trouble=None)) == ()
    assert practising.see(now, None) == ()


@pytest.mark.parametrize(
    ("down", "up", "latency", "reason"),
    [
        (2.0, 1.0, 300.0, ""),
        (1.99, 1.0, 300.0, "slow"),
        (2.0, 0.99, 300.0, "slow"),
        (2.0, 1.0, 300.5, "late"),
        (0.0, 1.0, 20.0, "not_measured"),
        (2.0, 0.0, 20.0, "not_measured"),
    ],
)
def test_the_network_is_compared_with_what_is_recommended(
    down: float, up: float, latency: float, reason: str
) -> None:
    now = seen(practice(), down_mbps=down, up_mbps=up, latency_ms=latency)
    state = AreaState.FAILED if reason else AreaState.OK
    assert found(now, PracticeArea.NETWORK) == (state, reason)


def judged(finding: CheckFinding, *, now: Attempt | None = None) -> Attempt:
    before = now or reserved(OPENS, policy=PRACTICE)
    return after(before, check_in.settle_verification(before, "vf", finding, OPENS + 1))


def test_the_face_check_is_found_as_it_was_judged() -> None:
    pending = reserved(OPENS, policy=PRACTICE)
    ended = after(pending, practising.end(pending, OPENS + 1))
    engine_down = CheckFinding(matched=False, unusable="engine_down")
    assert found(pending, PracticeArea.FACE) == (AreaState.WAITING, "")
    assert found(ended, PracticeArea.FACE) == (AreaState.NOT_TRIED, "")
    assert found(judged(MISMATCH), PracticeArea.FACE) == (AreaState.FAILED, "mismatch")
    assert found(judged(NO_FACE), PracticeArea.FACE) == (AreaState.FAILED, "no_face")
    assert found(judged(engine_down), PracticeArea.FACE) == (AreaState.NOT_TRIED, "our_fault")
    assert found(judged(MATCH), PracticeArea.FACE) == (AreaState.OK, "")
    assert found(admitted(policy=PRACTICE), PracticeArea.FACE) == (AreaState.OK, "")


def test_a_comparison_says_more_than_a_picture_that_could_not_be_compared() -> None:
    mismatched = judged(MISMATCH)
    checks = (judged(NO_FACE).verifications[0], *mismatched.verifications)
    both = msgspec.structs.replace(mismatched, verifications=checks)
    assert [c.state for c in both.verifications] == [CheckState.NOT_RUN, CheckState.FAILED]
    assert found(both, PracticeArea.FACE) == (AreaState.FAILED, "mismatch")


def test_full_screen_is_proven_by_the_start() -> None:
    refused = seen(admitted(policy=PRACTICE), full_screen=False)
    assert found(refused, PracticeArea.FULL_SCREEN) == (AreaState.FAILED, "refused")
    again = msgspec.structs.replace(refused, started_at=T0)
    assert found(again, PracticeArea.FULL_SCREEN) == (AreaState.OK, "")
    assert found(seen(practice(), full_screen=True), PracticeArea.FULL_SCREEN)[0] is (
        AreaState.NOT_TRIED
    )


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((), (AreaState.NOT_TRIED, "none_due")),
        ((Verdict.MATCH, None), (AreaState.WAITING, "")),
        ((Verdict.MATCH, Verdict.UNCERTAIN), (AreaState.OK, "")),
        ((Verdict.MATCH, Verdict.SYSTEM_GAP), (AreaState.OK, "")),
        ((Verdict.SYSTEM_GAP,), (AreaState.NOT_TRIED, "our_fault")),
        ((Verdict.MATCH, Verdict.MISSING), (AreaState.FAILED, "missing")),
        ((Verdict.NO_FACE, Verdict.SEVERAL, None), (AreaState.FAILED, "several")),
    ],
)
def test_the_worst_frame_is_told(
    verdicts: tuple[Verdict | None, ...], expected: tuple[AreaState, str]
) -> None:
    asked = {str(slot): T0 for slot in range(len(verdicts))}
    judged_frames = {str(s): v for s, v in enumerate(verdicts) if v is not None}
    now = msgspec.structs.replace(
        practising_now(),
        asked=asked,
        verdicts=judged_frames,
        status=Status.SUBMITTED,
        submitted_at=T0 + 1,
    )
    assert found(now, PracticeArea.SNAPSHOTS) == expected


def test_frames_are_awaited_while_the_practice_runs() -> None:
    assert found(practising_now(), PracticeArea.SNAPSHOTS) == (AreaState.WAITING, "")
    before = passed(OPENS, OPENS, policy=PRACTICE)
    assert found(before, PracticeArea.SNAPSHOTS) == (AreaState.NOT_TRIED, "")


def test_the_mark_says_when_and_what_failed() -> None:
    now = seen(practice(), camera_trouble=DeviceTrouble.NONE)
    mark = practising.mark(now)
    assert (mark.at, mark.ended_at, mark.attempt_id) == (T0, None, "pr_1")
    assert mark.failed == (AreaFinding(PracticeArea.CAMERA, AreaState.FAILED, "none"),)


CHECKS = ["mismatch", "uncertain", "replayed", "no_face", "dark", "not_uploaded", "our_fault"]
CHECKS += ["turn_not_seen", "turn_wrong_way", "backlight", "several_faces", "blurred", "tilted"]
FRAMES = ["several", "mismatch", "replayed", "no_face", "unclear", "missing"]
FRAMES += ["none_due", "our_fault"]


def test_every_finding_has_words() -> None:
    reasons = {
        PracticeArea.CAMERA: [trouble.value for trouble in DeviceTrouble],
        PracticeArea.NETWORK: ["slow", "late", "not_measured"],
        PracticeArea.FACE: CHECKS,
        PracticeArea.FULL_SCREEN: ["refused"],
        PracticeArea.SNAPSHOTS: FRAMES,
    }
    for area, whys in reasons.items():
        for why in whys:
            said = area_message(AreaFinding(area, AreaState.FAILED, why))
            assert said.message and not said.message.endswith(("，", "。")), (area, why)
            assert "本次" not in said.message
        for state in (AreaState.OK, AreaState.NOT_TRIED):
            assert area_message(AreaFinding(area, state)).message
    for area in (PracticeArea.FACE, PracticeArea.SNAPSHOTS):
        assert area_message(AreaFinding(area, AreaState.WAITING)).message


def test_the_device_is_stored_with_the_attempt_and_older_items_have_none() -> None:
    now = seen(practice(), camera_trouble=DeviceTrouble.MUTED, full_screen=False)
    assert from_item(to_item(now)) == now
    older = to_item(attempt())
    assert from_item(older).device is None
    assert now.device == Device(True, DeviceTrouble.MUTED, full_screen=False)


# --- who of a roster has practised ----------------------------------------------------------------------


def person(*failed: PracticeArea, at: int = T0, ended: bool = True) -> PersonPractice:
    """Somebody on the roster whose newest practice failed in these areas."""
    areas = tuple(AreaFinding(area, AreaState.FAILED, "x") for area in failed)
    mark = PracticeMark("pr_1", "e", at, 1, 1, at + 1 if ended else None, areas)
    return PersonPractice("ac_1", "138****8000", practice=mark)


def test_the_marks_of_a_roster_are_counted() -> None:
    people = [
        person(),
        person(PracticeArea.CAMERA, PracticeArea.FACE),
        person(PracticeArea.CAMERA, ended=False),
        person(PracticeArea.SNAPSHOTS),
        person(ended=False),
        PersonPractice("ac_2", "139****8000"),
    ]
    found = readiness.assess(people, listed=12, counted=10, starts_at=T0)
    assert (found.listed, found.tried, found.not_tried, found.unfinished) == (12, 5, 5, 1)
    camera, network, face = found.failed.values()
    assert (camera, network, face) == (2, 0, 1)
    assert len(found.in_trouble) == 3
    assert [p.account_id for p in found.untried] == ["ac_2"]


@pytest.mark.parametrize(("at", "tried"), [(T0 - 30 * DAY, 1), (T0 - 30 * DAY - 1, 0)])
def test_a_practice_of_long_ago_does_not_count(at: int, tried: int) -> None:
    found = readiness.assess([person(at=at)], listed=1, counted=1, starts_at=T0)
    assert (found.tried, len(found.untried)) == (tried, 1 - tried)


def test_readiness_in_words() -> None:
    failed = {"camera": 3, "network": 0, "face": 2}
    said = say_readiness(listed=400, counted=400, tried=312, unfinished=1, failed=failed)
    assert said == (
        "名单 400 人；已试考 312 人，未试考 88 人；摄像头不行 3 人；"
        "人脸核验（多为证件照）不行 2 人；没有做完 1 人"
    )
    cut = say_readiness(listed=12, counted=10, tried=10, unfinished=0, failed={})
    assert cut == "名单 12 人；统计前 10 人；已试考 10 人，未试考 0 人"
