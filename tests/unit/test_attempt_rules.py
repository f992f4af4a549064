"""The rules of an attempt, at their limits: one before, at, one after."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attempts import check_in, grading, items, shards, sitting
from chalicelib.attempts.check_in import CheckFinding, StepTaken
from chalicelib.attempts.model import (
    Cause,
    Chances,
    CheckIn,
    CheckState,
    Status,
    Step,
    Unusable,
)
from chalicelib.attempts.sitting import Batch
from chalicelib.exams.model import Policy
from chalicelib.kernel.outcomes import applied, changed_fields
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.clock import china_day
from chalicelib.shared.errors import Conflict, Invalid, TooMany
from tests.unit.attempts import (
    ALL_STEPS,
    CLOSES,
    HOUR,
    MATCH,
    MINUTE,
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

# --- check-in -------------------------------------------------------------------------------------------


def test_the_steps_go_in_order_and_end_at_the_face_check() -> None:
    now = applied(attempt(), check_in.begin(attempt(), "notice-1"))
    assert now.check_in.next_step == "camera"
    for step, following in ((Step.CAMERA, "network"), (Step.NETWORK, "verification")):
        now = applied(now, check_in.take_step(now, step))
        assert now.check_in.next_step == following


@pytest.mark.parametrize("step", [Step.CAMERA, Step.NETWORK])
def test_no_step_can_be_skipped(step: Step) -> None:
    with refusal("wrong_step") as caught:
        check_in.take_step(attempt(), step)
    assert caught.value.details == {"next_step": "notice"}


@pytest.mark.parametrize("done", [1, 2, 3])
def test_repeating_the_newest_step_changes_nothing(done: int) -> None:
    now = attempt(check_in=CheckIn(steps=ALL_STEPS[:done]))
    assert check_in.take_step(now, ALL_STEPS[done - 1]) == ()


def test_the_notice_begins_a_new_check_in_and_forgets_a_pass() -> None:
    now = passed(T0, T0)
    again = applied(now, check_in.begin(now, "notice-2"))
    assert again.check_in == CheckIn(number=2, steps=(Step.NOTICE,))


def test_a_repeated_notice_keeps_the_pass() -> None:
    now = applied(attempt(), check_in.begin(attempt(), "notice-1"))
    now = msgspec.structs.replace(now, check_in=CheckIn(steps=ALL_STEPS, passed="vf"))
    assert check_in.begin(now, "notice-1") == ()


@pytest.mark.parametrize(("others", "known"), [(7, True), (8, False)])
def test_the_newest_eight_notices_are_known(others: int, known: bool) -> None:
    now = attempt()
    for number in range(1 + others):
        now = applied(now, check_in.begin(now, f"notice-{number}"))
    assert (check_in.begin(now, "notice-0") == ()) is known


@pytest.mark.parametrize(
    ("others", "kept"), [(11, "in full"), (12, "by its id"), (261, "by its id"), (262, "not")]
)
def test_a_repeat_of_an_old_reservation_never_uses_another_chance(others: int, kept: str) -> None:
    now = checked_in(chances=Chances(1000))
    for number in range(1 + others):
        now = applied(now, check_in.reserve_verification(now, f"vf_{number:08}", T0))
        now = applied(now, check_in.settle_verification(now, f"vf_{number:08}", NO_FACE, T0))
    if kept == "in full":
        assert check_in.reserve_verification(now, "vf_00000000", T0) == ()
    elif kept == "by its id":
        with refusal("verification_over"):
            check_in.reserve_verification(now, "vf_00000000", T0)
    else:
        assert check_in.reserve_verification(now, "vf_00000000", T0)


def test_a_submitted_attempt_takes_no_step() -> None:
    with refusal("attempt_submitted"):
        check_in.take_step(attempt(status=Status.SUBMITTED), Step.CAMERA)
    with refusal("attempt_submitted"):
        check_in.begin(attempt(status=Status.SUBMITTED), "notice-1")


# --- verification ---------------------------------------------------------------------------------------


def test_the_face_check_needs_the_steps_before_it() -> None:
    with refusal("wrong_step") as caught:
        check_in.reserve_verification(attempt(), "vf", T0)
    assert caught.value.details == {"next_step": "notice"}


@pytest.mark.parametrize(("used", "allowed"), [(8, True), (9, True), (10, False)])
def test_ten_chances_are_ten(used: int, allowed: bool) -> None:
    before = checked_in(chances=Chances(10, used))
    if allowed:
        assert (
            applied(before, check_in.reserve_verification(before, "vf", T0)).chances.used
            == used + 1
        )
    else:
        with refusal("chances_used_up") as caught:
            check_in.reserve_verification(before, "vf", T0)
        assert caught.value.details["next_step"] == "ticket"


def test_a_reservation_is_one_at_a_time() -> None:
    with refusal("verification_pending"):
        check_in.reserve_verification(reserved(T0), "other", T0 + 1)


def test_repeating_a_reservation_takes_no_second_chance() -> None:
    now = reserved(T0)
    assert check_in.reserve_verification(now, "vf", T0 + 1) == ()
    done = applied(now, check_in.settle_verification(now, "vf", MISMATCH, T0 + 2))
    assert check_in.reserve_verification(done, "vf", T0 + 3) == ()


def test_after_the_start_there_are_ten_chances_of_their_own() -> None:
    used_up = started(chances=Chances(10, 9))
    assert used_up.chances.left == 0
    again = msgspec.structs.replace(used_up, check_in=CheckIn(number=3, steps=ALL_STEPS))
    now = applied(again, check_in.reserve_verification(again, "back", T0 + 1))
    assert (now.chances.used, now.chances_after_start.used) == (10, 1)


@pytest.mark.parametrize(
    ("at", "allowed"), [(CLOSES - 1, True), (CLOSES, True), (CLOSES + 1, False)]
)
def test_a_first_check_can_be_reserved_until_entry_closes(at: int, allowed: bool) -> None:
    before = checked_in()
    if allowed:
        assert check_in.reserve_verification(before, "vf", at)
    else:
        with refusal("entry_closed"):
            check_in.reserve_verification(before, "vf", at)


@pytest.mark.parametrize(
    ("ms", "state"), [(59_999, CheckState.PENDING), (60_000, None), (60_001, None)]
)
def test_a_picture_that_never_came_gives_its_chance_back_after_60_s(
    ms: int, state: CheckState | None
) -> None:
    before = reserved(T0)
    now = applied(before, check_in.settle_lapsed(before, False, T0 + ms))
    assert (now.pending.state if now.pending else None) is state
    assert now.chances.used == (1 if state else 0)
    if state is None:
        assert now.verifications[0].state is CheckState.NOT_RUN
        assert now.verifications[0].reason == "not_uploaded"


def test_a_picture_that_is_there_is_judged_however_late() -> None:
    before = reserved(T0)
    now = applied(before, check_in.settle_lapsed(before, True, T0 + 60_000))
    assert now.pending is not None
    assert now.pending.state is CheckState.JUDGING
    late = applied(now, check_in.settle_verification(now, "vf", MATCH, T0 + 170_000))
    assert late.check_in.passed == "vf"
    assert late.chances.used == 1


@pytest.mark.parametrize(("ms", "given_back"), [(179_999, False), (180_000, True)])
def test_a_verdict_that_never_came_gives_the_chance_back(ms: int, given_back: bool) -> None:
    before = reserved(T0)
    now = applied(before, check_in.settle_lapsed(before, True, T0 + ms))
    assert (now.chances.used == 0) is given_back
    if given_back:
        assert now.verifications[0].reason == "engine_down"
        assert now.unusable == Unusable()


@pytest.mark.parametrize("there", [True, False])
def test_a_verdict_after_the_chance_was_given_back_still_counts(there: bool) -> None:
    before = reserved(T0)
    released = applied(before, check_in.settle_lapsed(before, there, T0 + 180_000))
    admitting = applied(released, check_in.settle_verification(released, "vf", MATCH, T0 + 200_000))
    assert admitting.check_in.passed == "vf"
    assert admitting.chances.used == 1
    failing = applied(
        released, check_in.settle_verification(released, "vf", MISMATCH, T0 + 200_000)
    )
    assert (failing.chances.used, failing.failures) == (1, 1)
    assert check_in.settle_verification(failing, "vf", MATCH, T0 + 200_001) == ()


def test_a_late_failure_never_uses_more_than_was_granted() -> None:
    before = reserved(T0, chances=Chances(1))
    released = applied(before, check_in.settle_lapsed(before, False, T0 + 60_000))
    other = applied(released, check_in.reserve_verification(released, "other", T0 + 60_001))
    late = applied(other, check_in.settle_verification(other, "vf", MISMATCH, T0 + 60_002))
    assert late.chances == Chances(1, 1)
    assert late.pending is not None


def test_a_late_verdict_of_a_check_that_kept_its_chance_takes_no_second_one() -> None:
    before = reserved(T0, unusable=Unusable(china_day(T0), 30))
    kept = applied(before, check_in.settle_lapsed(before, False, T0 + 60_000))
    assert kept.chances.used == 1
    late = applied(kept, check_in.settle_verification(kept, "vf", MISMATCH, T0 + 60_001))
    assert (late.chances.used, late.failures) == (1, 1)


def test_one_verdict_settles_one_check_once() -> None:
    before = reserved(T0)
    now = applied(before, check_in.settle_verification(before, "vf", MISMATCH, T0 + 1))
    assert (now.pending, now.chances.used, now.failures) == (None, 1, 1)
    assert check_in.settle_verification(now, "vf", MATCH, T0 + 2) == ()
    assert check_in.settle_verification(now, "unknown", MATCH, T0 + 2) == ()


def test_a_check_that_could_not_run_uses_no_chance() -> None:
    before = reserved(T0)
    now = applied(before, check_in.settle_verification(before, "vf", NO_FACE, T0 + 1))
    assert (now.chances.used, now.failures, now.unusable.count) == (0, 0, 1)
    assert now.verifications[0].state is CheckState.NOT_RUN


@pytest.mark.parametrize(("before_it", "used"), [(28, 0), (29, 0), (30, 1)])
def test_thirty_checks_a_day_may_be_unusable(before_it: int, used: int) -> None:
    before = reserved(T0, unusable=Unusable(china_day(T0), before_it))
    now = applied(before, check_in.settle_verification(before, "vf", NO_FACE, T0 + 1))
    assert now.chances.used == used


def test_the_next_day_has_thirty_of_its_own() -> None:
    before = reserved(T0, unusable=Unusable(china_day(T0 - 24 * HOUR), 30))
    now = applied(before, check_in.settle_verification(before, "vf", NO_FACE, T0 + 1))
    assert (now.chances.used, now.unusable) == (0, Unusable(china_day(T0), 1))


def test_our_own_failure_is_never_counted() -> None:
    before = reserved(T0, unusable=Unusable(china_day(T0), 30))
    down = CheckFinding(matched=False, unusable="engine_down")
    now = applied(before, check_in.settle_verification(before, "vf", down, T0 + 1))
    assert (now.chances.used, now.unusable.count) == (0, 30)


@pytest.mark.parametrize(
    ("failures", "ms", "waits"),
    [(4, 0, False), (5, 0, True), (5, 29_999, True), (5, 30_000, False), (9, 29_999, True)],
)
def test_from_the_fifth_failure_on_there_is_a_wait_of_30_s(
    failures: int, ms: int, waits: bool
) -> None:
    before = checked_in(failures=failures, last_failure_at=T0)
    if waits:
        with pytest.raises(TooMany, match="wait_before_retry") as caught:
            check_in.reserve_verification(before, "vf", T0 + ms)
        assert caught.value.retry_after_s == -(-(30_000 - ms) // 1000)
    else:
        assert check_in.reserve_verification(before, "vf", T0 + ms)


def test_a_pass_of_an_abandoned_check_in_does_not_admit() -> None:
    before = reserved(T0)
    restarted = applied(before, check_in.begin(before, "notice-2"))
    now = applied(restarted, check_in.settle_verification(restarted, "vf", MATCH, T0 + 1))
    assert now.check_in.passed is None
    assert now.verifications[0].state is CheckState.PASSED


def test_a_verdict_after_submission_changes_nothing() -> None:
    now = reserved(T0)
    closed = msgspec.structs.replace(now, status=Status.SUBMITTED)
    assert check_in.settle_verification(closed, "vf", MATCH, T0 + 1) == ()


# --- admission and start --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (OPENS - 1, "waiting_room_not_open"),
        (OPENS, None),
        (OPENS + 1, None),
        (T0 - 1, None),
        (T0, None),
        (CLOSES, None),
        (CLOSES + 1, "entry_closed"),
    ],
)
def test_admission_is_from_45_minutes_before_to_30_after(at: int, code: str | None) -> None:
    before = passed(OPENS, OPENS)
    if code:
        with refusal(code):
            check_in.admit(before, "request-1", at)
    else:
        assert applied(before, check_in.admit(before, "request-1", at)).page == 1


def test_a_pass_admits_one_page_once() -> None:
    now = admitted()
    assert now.check_in == CheckIn(number=2)
    with refusal("wrong_step"):
        check_in.admit(now, "request-2", T0)


def test_repeating_the_request_gives_the_same_page() -> None:
    assert check_in.admit(admitted(), "request-1", T0) == ()


def test_a_late_repeat_of_an_older_admission_does_not_use_up_the_newest_pass() -> None:
    passed_again = msgspec.structs.replace(
        admitted(), check_in=CheckIn(number=2, steps=ALL_STEPS, passed="vf1")
    )
    second = applied(passed_again, check_in.admit(passed_again, "request-2", T0 - 1))
    third = msgspec.structs.replace(
        second, check_in=CheckIn(number=3, steps=ALL_STEPS, passed="vf1")
    )
    with refusal("superseded"):
        check_in.admit(third, "request-1", T0 - 1)
    assert changed_fields(check_in.admit(third, "request-3", T0 - 1))["page"] == 3


@pytest.mark.parametrize(("others", "code"), [(7, "superseded"), (8, None)])
def test_the_newest_eight_admissions_are_remembered(others: int, code: str | None) -> None:
    ready = CheckIn(number=2, steps=ALL_STEPS, passed="vf1")
    now = admitted()
    for number in range(others):
        now = msgspec.structs.replace(now, check_in=ready)
        now = applied(now, check_in.admit(now, f"other-{number}", T0 - 1))
    now = msgspec.structs.replace(now, check_in=ready)
    if code:
        with refusal(code):
            check_in.admit(now, "request-1", T0 - 1)
    else:
        assert changed_fields(check_in.admit(now, "request-1", T0 - 1))["page"] == now.page + 1


def test_a_new_admission_supersedes_the_older_page() -> None:
    first = admitted()
    again = msgspec.structs.replace(first, check_in=CheckIn(number=2, steps=ALL_STEPS))
    again = applied(again, check_in.reserve_verification(again, "vf2", T0 - 1))
    again = applied(again, check_in.settle_verification(again, "vf2", MATCH, T0 - 1))
    now = applied(again, check_in.admit(again, "request-2", T0 - 1))
    assert now.page == 2
    with refusal("superseded"):
        sitting.start(now, 1, T0)
    assert changed_fields(sitting.start(now, 2, T0))["status"] is Status.STARTED


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (T0 - 1, "exam_not_started"),
        (T0, None),
        (T0 + 1, None),
        (CLOSES - 1, None),
        (CLOSES, None),
        (CLOSES + 1, "entry_closed"),
    ],
)
def test_the_first_start_is_between_the_bell_and_30_minutes_after(
    at: int, code: str | None
) -> None:
    before = admitted()
    if code:
        with refusal(code):
            sitting.start(before, 1, at)
    else:
        now = applied(before, sitting.start(before, 1, at))
        assert (now.started_at, now.deadline) == (at, at + HOUR)
        assert now.saves_until == at + HOUR + 2000
        assert now.answers == {"1": "", "2": "", "3": ""}


def test_starting_twice_changes_nothing() -> None:
    now = started()
    assert sitting.start(now, 1, T0 + 5000) == ()


def test_extra_time_moves_the_deadline() -> None:
    assert started(allowed_ms=HOUR + 20 * MINUTE).deadline == T0 + HOUR + 20 * MINUTE


@pytest.mark.parametrize(
    ("reserved_at", "settled_at", "start_at", "enters"),
    [
        (CLOSES, CLOSES + 50_000, CLOSES + 50_000, True),  # asked in time, the verdict came late
        (CLOSES, CLOSES + 50_000, CLOSES + 170_000, True),
        (CLOSES, CLOSES + 50_000, CLOSES + 170_001, False),
        (CLOSES, CLOSES + 290_000, CLOSES + 300_000, True),  # the very last start that can be
        (CLOSES, CLOSES + 290_000, CLOSES + 300_001, False),
        (CLOSES - 1, CLOSES, CLOSES + 1, False),  # the verdict was in time: no reason to be late
    ],
)
def test_who_asked_in_time_is_let_in_when_the_verdict_comes_late(
    reserved_at: int, settled_at: int, start_at: int, enters: bool
) -> None:
    now = passed(reserved_at, settled_at)
    assert now.next_step(settled_at) == "admission"
    if not enters and start_at == CLOSES + 1:
        with refusal("entry_closed"):
            check_in.admit(now, "request-1", start_at)
        return
    inside = applied(now, check_in.admit(now, "request-1", settled_at))
    if enters:
        assert applied(inside, sitting.start(inside, 1, start_at)).status is Status.STARTED
    else:
        with refusal("entry_closed"):
            sitting.start(inside, 1, start_at)


def test_the_signpost_names_a_closed_entry_but_not_for_who_waits_for_a_verdict() -> None:
    assert attempt().next_step(CLOSES) == "notice"
    assert attempt().next_step(CLOSES + 1) == "entry_closed"
    assert reserved(CLOSES).next_step(CLOSES + 1) == "verification"
    assert started().next_step(CLOSES + 1) == "notice"


def test_who_has_started_may_come_back_long_after_entry_closed() -> None:
    away = started()
    back = msgspec.structs.replace(away, check_in=CheckIn(number=2, steps=ALL_STEPS))
    at = T0 + 59 * MINUTE
    back = applied(back, check_in.reserve_verification(back, "vf2", at))
    back = applied(back, check_in.settle_verification(back, "vf2", MATCH, at))
    now = applied(back, check_in.admit(back, "request-2", at))
    assert (now.page, now.deadline, now.answers) == (2, away.deadline, away.answers)


# --- answers, submission, deadline ----------------------------------------------------------------------

END = T0 + HOUR


@pytest.mark.parametrize(
    ("at", "saved"),
    [(END - 1, True), (END, True), (END + 2000, True), (END + 2001, False)],
)
def test_answers_are_taken_until_deadline_and_grace(at: int, saved: bool) -> None:
    now = started()
    if saved:
        sitting.why_not_saved(now, 1, Batch(1, 1, {"1": "A"}), at)
        assert (
            changed_fields(sitting.submit(now, 1, Batch(1, 1, {"1": "A"}), at))["cause"]
            is Cause.CANDIDATE
        )
    else:
        with refusal("time_is_up"):
            sitting.why_not_saved(now, 1, Batch(1, 1, {"1": "A"}), at)


@pytest.mark.parametrize(
    ("at", "closed"), [(END, False), (END + 2000, False), (END + 2001, True), (END + HOUR, True)]
)
def test_the_server_submits_after_deadline_and_grace(at: int, closed: bool) -> None:
    now = applied(started(), sitting.close_overdue(started(), at))
    assert (now.status is Status.SUBMITTED) is closed
    if closed:
        assert (now.cause, now.submitted_at) == (Cause.DEADLINE, END)
        assert sitting.close_overdue(now, at + 1) == ()


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        ((60, 0, 0), True),
        ((60, 5, 0), True),  # a minute and the slack
        ((60, 6, 0), False),
        ((30, 30), False),  # one is missing
        ((10, 10, 10, 0), False),
        ((61, -1, 0), False),
        ((), False),
    ],
)
def test_reported_times_are_kept_if_they_are_possible_and_never_stop_a_submission(
    seconds: tuple[int, ...], kept: bool
) -> None:
    before = started()
    after = applied(before, sitting.submit(before, before.page, None, T0 + MINUTE, seconds))
    assert after.status is Status.SUBMITTED
    assert after.seconds == (seconds if kept else ())


@pytest.mark.parametrize(("late_ms", "kept"), [(-1, True), (0, True), (1, False)])
def test_a_page_that_was_admitted_after_the_start_has_not_seen_the_whole_exam(
    late_ms: int, kept: bool
) -> None:
    before = started()
    assert before.admission is not None
    admission = msgspec.structs.replace(before.admission, at=T0 + late_ms)
    before = msgspec.structs.replace(before, admission=admission)
    after = applied(before, sitting.submit(before, before.page, None, T0 + MINUTE, (1, 2, 3)))
    assert after.seconds == ((1, 2, 3) if kept else ())


def test_the_overdue_bucket_is_swept_only_when_all_in_it_are_overdue() -> None:
    for at in (T0, T0 + 57_999, T0 + 58_000, T0 + 59_999):
        now = started(at)
        assert now.saves_until is not None
        assert now.due_bucket is not None
        minute = int(now.due_bucket.split("#")[0])
        assert now.due_bucket in shards.due_buckets(minute, shards.LEAST_SHARDS)
        assert (minute - 1) * MINUTE <= now.saves_until < minute * MINUTE


def test_a_submission_carries_what_was_not_acknowledged() -> None:
    now = msgspec.structs.replace(started(), acked_seq=2, answers={"1": "A", "2": "B", "3": ""})
    closed = applied(now, sitting.submit(now, 1, Batch(3, 4, {"3": "CA"}), T0 + 1))
    assert closed.answers == {"1": "A", "2": "B", "3": "AC"}
    assert (closed.acked_seq, closed.cause) == (4, Cause.CANDIDATE)
    assert sitting.submit(closed, 1, None, T0 + 2) == ()


def test_a_submission_does_not_bring_older_answers_back() -> None:
    now = msgspec.structs.replace(started(), acked_seq=5, answers={"1": "B", "2": "", "3": ""})
    closed = applied(now, sitting.submit(now, 1, Batch(4, 5, {"1": "A"}), T0 + 1))
    assert closed.answers["1"] == "B"


def test_a_gap_in_the_answers_is_asked_for() -> None:
    now = msgspec.structs.replace(started(), acked_seq=2)
    for refuse in (
        lambda: sitting.why_not_saved(now, 1, Batch(4, 5, {"1": "A"}), T0),
        lambda: sitting.submit(now, 1, Batch(4, 5, {"1": "A"}), T0),
    ):
        with refusal("answers_missing") as caught:
            refuse()
        assert caught.value.details == {"acked_seq": 2}


@pytest.mark.parametrize(
    "batch",
    [
        Batch(1, 1, {}),
        Batch(0, 1, {"1": "A"}),
        Batch(2, 1, {"1": "A"}),
        Batch(1, 1, {"01": "A"}),
        Batch(1, 1, {"x": "A"}),
        Batch(1, 1, {"1": "I"}),
        Batch(1, 1, {"1": "a"}),
        Batch(1, 1, {"１": "A"}),
        Batch(1, 51, {str(n): "A" for n in range(1, 52)}),
    ],
)
def test_answers_that_no_paper_could_hold_are_refused(batch: Batch) -> None:
    with pytest.raises(Invalid):
        sitting.normal_answers(batch)


@pytest.mark.parametrize(
    ("batch", "code", "details"),
    [
        (Batch(1, 1, {}), "batch_invalid", {"most": 50}),
        (Batch(0, 1, {"1": "A"}), "batch_invalid", {"most": 50}),
        (Batch(1, 1, {"123456789": "A", "x" * 9: "A"}), "answer_invalid", {"question": "x" * 8}),
        (Batch(1, 1, {"12": "ABCDEFGHA"}), "answer_invalid", {"question": "12"}),
    ],
)
def test_a_refused_batch_tells_what_is_wrong(
    batch: Batch, code: str, details: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        sitting.normal_answers(batch)
    assert (refused.value.code, refused.value.details) == (code, details)


def test_letters_are_sorted_each_once_and_six_are_the_most() -> None:
    batch = Batch(3, 3, {"1": "CAB", "2": "AA", "3": "", "4": "FEDCBA"})
    assert sitting.normal_answers(batch) == {"1": "ABC", "2": "A", "3": "", "4": "ABCDEF"}


def test_fifty_answers_fit_in_a_batch() -> None:
    assert len(sitting.normal_answers(Batch(1, 50, {str(n): "A" for n in range(1, 51)}))) == 50


def test_a_question_that_is_not_on_the_paper_is_refused() -> None:
    with pytest.raises(Invalid, match="answer_invalid"):
        sitting.submit(started(), 1, Batch(1, 1, {"4": "A"}), T0)


def test_nothing_but_the_result_is_left_after_submission() -> None:
    closed = applied(started(), sitting.submit(started(), 1, None, T0 + 1))
    assert closed.next_step(T0 + 2) == "result"
    for command in (
        lambda: sitting.start(closed, 1, T0 + 2),
        lambda: check_in.admit(closed, "request-9", T0 + 2),
        lambda: check_in.reserve_verification(closed, "x", T0 + 2),
        lambda: sitting.why_not_saved(closed, 1, Batch(1, 1, {"1": "A"}), T0 + 2),
    ):
        with refusal("attempt_submitted"):
            command()


# --- whatever happens -----------------------------------------------------------------------------------

_events = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "match", "mismatch", "unusable", "lapse", "notice", "admit"]),
        st.integers(min_value=0, max_value=90_000),
        st.integers(min_value=0, max_value=12),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(_events)
def test_chances_never_go_below_zero_or_above_ten_whatever_happens(
    events: list[tuple[str, int, int]],
) -> None:
    now, at, number = checked_in(), OPENS, 0
    for kind, wait, which in events:
        at += wait
        try:
            if kind == "reserve":
                number += 1
                outcomes = check_in.reserve_verification(now, f"v{number}", at)
            elif kind == "lapse":
                outcomes = check_in.settle_lapsed(now, which % 2 == 0, at)
            elif kind == "notice":
                outcomes = (StepTaken(check_in=CheckIn(now.check_in.number + 1, ALL_STEPS)),)
            elif kind == "admit":
                outcomes = check_in.admit(now, f"request-{number}", at)
            else:
                finding = {"match": MATCH, "mismatch": MISMATCH, "unusable": NO_FACE}[kind]
                outcomes = check_in.settle_verification(now, f"v{which}", finding, at)
        except (Conflict, TooMany):
            continue
        now = applied(now, outcomes)
        pending = 1 if now.pending else 0
        assert pending <= now.chances.used <= now.chances.granted
        assert now.failures <= number


# --- records of version 1 -------------------------------------------------------------------------------


def test_an_attempt_of_version_1_is_read_with_its_numbers() -> None:
    """Its policy was a map of names, or a shorter list of values; nobody had gaps, replays or silences."""
    now = started(policy=Policy(mismatch_limit=2))
    item = items.to_item(now)
    item["integrity"] = {"state": "clear", "rule": None, "slots": []}
    known = items.POLICY.index("unseen_in_a_row")
    values = msgspec.msgpack.decode(item["policy"])
    shorter = {**item, "policy": values[:known]}
    assert items.from_item(shorter) == now
    assert items.from_item({**item, "policy": msgspec.msgpack.encode(values[:known])}) == now
    named = dict(zip(items.POLICY[:known], values, strict=False))
    named["mismatch_incidents"] = named.pop("mismatch_limit")
    assert items.from_item({**item, "policy": named}) == now


def test_a_final_result_of_version_1_stays_final_though_it_has_gaps() -> None:
    before = started(snapshot_seed="secret")
    end = T0 + HOUR
    closed = applied(before, sitting.close(before, Cause.DEADLINE, end, end))
    gaps = dict.fromkeys(closed.asked, Verdict.SYSTEM_GAP)
    old = msgspec.structs.replace(closed, verdicts=gaps, due_bucket=None)
    assert grading.is_final(old, end)
