"""Snapshots: when they are due, what becomes of each, and what they add up to."""

import hashlib
import itertools
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attempts import sitting, watch
from chalicelib.attempts.model import Attempt, Cause, Waiver
from chalicelib.attempts.shards import due_bucket
from chalicelib.attempts.watch import FramesAsked, Settled
from chalicelib.exams.model import Policy
from chalicelib.kernel.outcomes import applied, changed_fields, includes
from chalicelib.proctoring import model
from chalicelib.proctoring.model import (
    Integrity,
    IntegrityRule,
    IntegrityState,
    Replay,
    Segment,
    Sights,
    Verdict,
)
from tests.unit.attempts import HOUR, T0, started

POLICY = Policy()
MATCH, MISMATCH, SEVERAL = Verdict.MATCH, Verdict.MISMATCH, Verdict.SEVERAL
MISSING, GAP, NO_FACE = Verdict.MISSING, Verdict.SYSTEM_GAP, Verdict.NO_FACE
UNCERTAIN, UNCLEAR = Verdict.UNCERTAIN, Verdict.UNCLEAR
END = T0 + HOUR


def running(**fields: Any) -> Attempt:
    return started(**{"snapshot_seed": "secret", **fields})


def judged(verdicts: list[Verdict], *, due: int | None = None, waived: bool = False) -> Any:
    found = dict(enumerate(verdicts))
    return model.gravest(model.accusations(Sights(found, due=due, waived=waived), POLICY))


# --- moments --------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=20), st.integers(min_value=1, max_value=240))
def test_moments_are_random_in_number_and_never_closer_than_the_gap(
    seed: str, minutes: int
) -> None:
    length = minutes * 60_000
    moments = model.moments(seed, (Segment(T0, T0 + length),), POLICY)
    fits = length // 60_000
    assert (
        min(round(15 * minutes / 60), fits) <= len(moments) <= min(round(25 * minutes / 60), fits)
    )
    assert all(T0 + 60_000 <= moment <= T0 + length for moment in moments)
    assert all(b - a >= 60_000 for a, b in itertools.pairwise(moments))


def test_moments_of_today_can_be_computed_again_in_ten_years() -> None:
    """If this hash changes, frames of exams already held seem to answer for other moments."""
    segments = (Segment(T0, END), Segment(END, END + 600_000))
    found = model.moments("seed-of-2027", segments, POLICY)
    assert len(found) == 21
    digest = hashlib.sha256(repr(found).encode()).hexdigest()
    assert digest == "2f4e3b2f784527ced50f53d412591a490f9b8d62e89cbb38481268ffca724253"


def test_moments_follow_from_the_seed_alone() -> None:
    segment = (Segment(T0, END),)
    assert model.moments("a", segment, POLICY) == model.moments("a", segment, POLICY)
    assert model.moments("a", segment, POLICY) != model.moments("b", segment, POLICY)
    counts = {len(model.moments(str(n), segment, POLICY)) for n in range(300)}
    assert counts == set(range(15, 26))


def test_extra_time_adds_moments_and_moves_none() -> None:
    before = model.moments("a", (Segment(T0, END),), POLICY)
    longer = (Segment(T0, END), Segment(END, END + HOUR))
    more = model.moments("a", longer, POLICY)
    assert more[: len(before)] == before
    assert all(moment > END for moment in more[len(before) :])


# --- asking and settling --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ms", "offered", "written"),
    [(-1, False, False), (0, True, False), (89_999, True, False), (90_000, False, True)],
)
def test_a_due_frame_is_offered_for_a_while_and_then_asked_for_by_a_write(
    ms: int, offered: bool, written: bool
) -> None:
    attempt = running()
    now = watch.moments(attempt)[0] + ms
    assert (watch.open_slots(attempt, now) == [0]) is offered
    assert watch.ask(attempt, now) == ((FramesAsked(asked={"0": now}),) if written else ())
    assert watch.lapsed_slots(attempt, now) == []
    assert watch.open_slots(applied(attempt, watch.ask(attempt, now)), now) == [0] * (ms >= 0)


def test_a_frame_with_a_verdict_is_neither_offered_nor_asked_for() -> None:
    attempt = running()
    attempt = applied(attempt, watch.record(attempt, {0: MATCH}))
    for ms in (0, 90_000):
        now = watch.moments(attempt)[0] + ms
        assert (watch.open_slots(attempt, now), watch.ask(attempt, now)) == ([], ())


def test_nothing_is_offered_once_the_paper_is_submitted() -> None:
    """The submission asks for what was offered, so a write says until when the grace lasts."""
    attempt = running()
    now = watch.moments(attempt)[0] + 5
    closed = applied(attempt, sitting.close(attempt, Cause.CANDIDATE, now, now))
    assert (closed.asked, watch.open_slots(closed, now)) == ({"0": now}, [0])
    assert watch.open_slots(closed, now + 300_000) == []


def test_a_page_that_was_silent_has_its_whole_grace_from_its_return() -> None:
    attempt = running()
    back = watch.moments(attempt)[0] + 40 * 60_000
    assert watch.lapsed_slots(attempt, back) == []
    attempt = applied(attempt, watch.ask(attempt, back))
    assert 0 in watch.open_slots(attempt, back + 299_999)
    assert 0 in watch.lapsed_slots(attempt, back + 300_000)


@pytest.mark.parametrize(("ms", "known"), [(-1, False), (0, True), (1, True)])
def test_a_frame_counts_if_its_moment_came_before_the_submission(ms: int, known: bool) -> None:
    moment = watch.moments(running())[3]
    attempt = msgspec.structs.replace(running(), submitted_at=moment + ms)
    assert watch.awaits_verdict(attempt, 3) is known
    assert (watch.record(attempt, {3: MATCH}) != ()) is known


def test_a_page_that_was_away_is_asked_bit_by_bit() -> None:
    attempt = running()
    assert len(applied(attempt, watch.ask(attempt, END)).asked) == 3


def asked(attempt: Attempt, now: int) -> Attempt:
    """All frames due by now were asked for, now."""
    return applied(attempt, watch.ask_for_all(attempt, now))


@pytest.mark.parametrize(("ms", "usable"), [(299_999, True), (300_000, False)])
def test_a_ticket_can_be_used_for_five_minutes(ms: int, usable: bool) -> None:
    at = watch.moments(running())[0]
    attempt = asked(running(), at)
    assert (0 in watch.open_slots(attempt, at + ms)) is usable
    assert (watch.lapsed_slots(attempt, at + ms) == []) is usable


def test_a_frame_that_never_came_is_missing() -> None:
    at = watch.moments(running())[0]
    attempt = asked(running(), at)
    settled = applied(attempt, watch.settle_lapsed(attempt, {0: False}, at + 300_000))
    assert settled.verdicts["0"] is MISSING


@pytest.mark.parametrize(("ms", "gap"), [(419_999, False), (420_000, True)])
def test_a_frame_that_came_and_was_not_judged_is_our_own_gap(ms: int, gap: bool) -> None:
    at = watch.moments(running())[0]
    attempt = asked(running(), at)
    settled = applied(attempt, watch.settle_lapsed(attempt, {0: True}, at + ms))
    assert (settled.verdicts.get("0") is GAP) is gap


def test_a_closed_attempt_comes_back_when_the_last_frame_that_waits_must_be_judged() -> None:
    now = asked(running(), T0 + HOUR)
    closed = applied(now, sitting.close_overdue(now, END + 2001))
    at = END + 2001 + 300_000  # all graces are over
    due = closed.asked | {}
    later = applied(closed, watch.settle_lapsed(closed, {0: False, 1: True, 2: True}, at))
    gives_up_at = max(due["1"], due["2"]) + 300_000 + 120_000
    assert later.verdicts["0"] is MISSING
    assert later.due_bucket == due_bucket(closed, gives_up_at)
    assert watch.settle_lapsed(later, {1: True, 2: True}, at) == (), "it is set"
    running_still = asked(running(), T0 + HOUR)
    still = watch.settle_lapsed(running_still, {1: True}, T0 + HOUR + 300_000)
    assert "due_bucket" not in changed_fields(still)


def test_a_slot_that_was_seen_keeps_its_first_verdict() -> None:
    at = watch.moments(running())[0]
    attempt = asked(running(), at)
    attempt = applied(attempt, watch.record(attempt, {0: MATCH}))
    assert watch.record(attempt, {0: SEVERAL}) == ()
    assert watch.record(attempt, {99: SEVERAL}) == ()  # no slot of this exam


def test_a_submission_asks_for_all_that_is_due_and_waits_for_it() -> None:
    attempt = running()
    closed = applied(attempt, sitting.submit(attempt, 1, None, END - 1))
    submitted = sitting.submit(attempt, 1, None, END - 1)
    changes = changed_fields(submitted)
    slots = [slot for slot in changes["asked"] if slot not in attempt.asked]
    assert len(slots) == len(watch.due_slots(closed, END - 1)) > 10
    assert changes["due_bucket"] is not None


def test_an_exam_without_snapshots_is_settled_at_once() -> None:
    attempt = started(policy=Policy(snapshots_min=0, snapshots_max=0))
    closed = applied(attempt, sitting.submit(attempt, 1, None, END))
    assert closed.due_bucket is None
    assert watch.settled(closed)


def test_the_attempt_is_settled_with_its_last_verdict() -> None:
    attempt = asked(running(), END)
    attempt = msgspec.structs.replace(attempt, submitted_at=END)
    slots = [int(slot) for slot in attempt.asked]
    all_but_one = watch.record(attempt, dict.fromkeys(slots[1:], MATCH))
    assert not includes(all_but_one, Settled)
    attempt = applied(attempt, all_but_one)
    last = watch.record(attempt, {slots[0]: MATCH})
    assert includes(last, Settled)
    assert watch.settled(applied(attempt, last))


# --- what they add up to --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frames", "state"), [(2, "clear"), (3, "invalidated"), (4, "invalidated")]
)
def test_three_frames_with_several_people_invalidate(frames: int, state: str) -> None:
    found = judged([MATCH, *[SEVERAL] * frames])
    assert found.state.value == state
    if state == "invalidated":
        assert (found.rule, found.slots) == (IntegrityRule.SEVERAL, tuple(range(1, frames + 1)))


@pytest.mark.parametrize(("frames", "state"), [(2, "clear"), (3, "flagged"), (4, "flagged")])
def test_three_mismatches_anywhere_flag_for_a_human(frames: int, state: str) -> None:
    shown = [verdict for _ in range(frames) for verdict in (MISMATCH, MATCH, MATCH, MATCH, MATCH)]
    found = judged(shown)
    assert found.state.value == state
    assert judged(shown, waived=True).state is IntegrityState.CLEAR
    if state == "flagged":
        assert (found.rule, found.slots) == (
            IntegrityRule.MISMATCH,
            tuple(range(0, 5 * frames, 5)),
        )


@pytest.mark.parametrize(
    ("frames", "state"),
    [
        ([UNCERTAIN] * 3 + [MATCH] * 9, "clear"),
        ([UNCERTAIN] * 4 + [MATCH] * 9, "flagged"),
        ([UNCERTAIN, UNCERTAIN, MATCH, UNCERTAIN, UNCERTAIN] + [MATCH] * 9, "flagged"),  # 4 of 5
        ([UNCERTAIN, UNCERTAIN, MATCH, MATCH, UNCERTAIN, UNCERTAIN] + [MATCH] * 9, "clear"),
        ([MISMATCH, MISMATCH, UNCERTAIN, UNCERTAIN] + [MATCH] * 9, "flagged"),
        # Frames that were not compared stand between the others and break no window.
        (
            [UNCERTAIN, NO_FACE, UNCERTAIN, GAP, UNCERTAIN, SEVERAL, UNCERTAIN] + [MATCH] * 9,
            "flagged",
        ),
    ],
)
def test_four_of_five_compared_frames_in_doubt_flag_for_a_human(
    frames: list[Verdict], state: str
) -> None:
    found = judged(frames)
    assert found.state.value == state
    if state == "flagged":
        assert found.rule is IntegrityRule.MISMATCH
        wrong = {slot for slot, v in enumerate(frames) if v in (UNCERTAIN, MISMATCH)}
        assert set(found.slots) == wrong
    assert judged(frames, waived=True).state is IntegrityState.CLEAR


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_short_exam_is_doubted_when_no_frame_shows_the_candidate(frames: int) -> None:
    assert judged([UNCERTAIN] * frames, due=frames).state is IntegrityState.FLAGGED
    assert judged([UNCERTAIN] * frames, due=None).state is IntegrityState.CLEAR
    one_match = [*[UNCERTAIN] * (frames - 1), MATCH]
    assert judged(one_match, due=frames).state is IntegrityState.CLEAR


@pytest.mark.parametrize(("frames", "state"), [(3, "clear"), (4, "flagged"), (5, "flagged")])
def test_four_slots_in_a_row_without_a_usable_frame_flag(frames: int, state: str) -> None:
    mixed = list(itertools.islice(itertools.cycle([NO_FACE, UNCLEAR, MISSING]), frames))
    for unseen in ([NO_FACE] * frames, [UNCLEAR] * frames, mixed):
        found = judged([MATCH, *unseen, *[MATCH] * 20], due=30)
        assert found.state.value == state
        if state == "flagged":
            assert found.rule is IntegrityRule.UNSEEN
            assert found.slots == tuple(range(1, 1 + frames))


@pytest.mark.parametrize("between", [MATCH, MISMATCH, UNCERTAIN, GAP, SEVERAL])
def test_a_frame_that_shows_somebody_or_is_ours_breaks_the_row(between: Verdict) -> None:
    shown = [NO_FACE, NO_FACE, between, NO_FACE, NO_FACE, *[MATCH] * 20]
    assert judged(shown, due=25).state is IntegrityState.CLEAR


@pytest.mark.parametrize(("unseen", "state"), [(5, "clear"), (6, "flagged")])
def test_more_than_a_third_unseen_flags_and_a_third_does_not(unseen: int, state: str) -> None:
    frames = [NO_FACE if slot % 2 == 0 and slot < 2 * unseen else MATCH for slot in range(15)]
    found = judged(frames, due=15)
    assert found.state.value == state
    assert judged(frames, due=None).state is IntegrityState.CLEAR
    assert judged(frames, due=15, waived=True).state.value == state


@pytest.mark.parametrize(
    ("replays", "state"),
    [
        ([Replay.ID_PHOTO], "flagged"),
        ([Replay.OTHER_PERSON], "flagged"),
        ([Replay.EARLIER_FRAME], "clear"),
        ([Replay.EARLIER_FRAME] * 2, "flagged"),
        ([None], "flagged"),  # a record that does not say which: the graver
    ],
)
@pytest.mark.parametrize("waived", [False, True])
def test_a_picture_that_was_there_before_flags(
    replays: list[Replay | None], state: str, waived: bool
) -> None:
    shown = dict(enumerate([MATCH, *[Verdict.REPLAYED] * len(replays), *[MATCH] * 9]))
    known = {1 + n: replay for n, replay in enumerate(replays) if replay}
    sights = Sights(shown, replays=known, waived=waived)
    found = model.gravest(model.accusations(sights, POLICY))
    assert found.state.value == state
    if state == "flagged":
        assert (found.rule, found.slots) == (
            IntegrityRule.REPLAYED,
            tuple(range(1, 1 + len(replays))),
        )


def test_of_equally_grave_rules_the_more_telling_is_told() -> None:
    both = [MISSING] * 8 + [MISMATCH] * 3 + [MATCH] * 9
    assert judged(both, due=20).rule is IntegrityRule.MISMATCH
    assert judged([MISSING] * 20, due=20).rule is IntegrityRule.MISSING
    assert judged([SEVERAL] * 3 + [MISMATCH] * 3, due=6).rule is IntegrityRule.SEVERAL


@pytest.mark.parametrize(("gaps", "state"), [(6, "clear"), (7, "not_watched")])
def test_more_than_a_third_of_our_own_gaps_is_not_watched(gaps: int, state: str) -> None:
    before, slots = closed_with_frames(20)
    shown = dict.fromkeys(slots[:gaps], GAP) | dict.fromkeys(slots[gaps:], MATCH)
    found = applied(before, watch.record(before, shown)).integrity
    assert (found.state.value, found.gaps) == (state, tuple(slots[:gaps]))
    assert found.slots == ()


def closed_with_frames(due: int) -> tuple[Attempt, list[int]]:
    """A submitted attempt with so many due snapshots, all asked for, none judged."""
    seeds = (running(snapshot_seed=f"seed {n}") for n in itertools.count())
    attempt = next(a for a in seeds if len(watch.moments(a)) == due)
    closed = applied(attempt, sitting.close(attempt, Cause.DEADLINE, END, END))
    return closed, watch.due_slots(closed, END)


@pytest.mark.parametrize("unseen", [GAP, MISSING])
def test_what_is_seen_later_replaces_what_was_not_seen(unseen: Verdict) -> None:
    before, slots = closed_with_frames(20)
    before = applied(before, watch.record(before, dict.fromkeys(slots, unseen)))
    assert before.integrity.state is not IntegrityState.CLEAR
    assert watch.awaits_verdict(before, slots[0])
    late = applied(before, watch.record(before, dict.fromkeys(slots, MATCH)))
    assert late.integrity == Integrity()
    assert not watch.awaits_verdict(late, slots[0])
    assert watch.record(late, {slots[0]: SEVERAL}) == ()
    other = applied(before, watch.record(before, dict.fromkeys(slots, MISMATCH)))
    assert other.integrity.rule is IntegrityRule.MISMATCH


def test_a_gap_never_becomes_missing_nor_missing_a_gap() -> None:
    before, slots = closed_with_frames(20)
    before = applied(before, watch.record(before, {slots[0]: GAP, slots[1]: MISSING}))
    assert watch.record(before, {slots[0]: MISSING, slots[1]: GAP}) == ()


def test_which_picture_a_replayed_frame_shows_is_recorded_with_it() -> None:
    before, slots = closed_with_frames(20)
    shown = {slots[0]: Verdict.REPLAYED}
    replays = {slots[0]: Replay.ID_PHOTO, slots[1]: Replay.ID_PHOTO}
    now = applied(before, watch.record(before, shown, replays))
    assert now.replays == {str(slots[0]): Replay.ID_PHOTO}
    assert (now.integrity.rule, now.integrity.slots) == (IntegrityRule.REPLAYED, (slots[0],))
    more = watch.record(now, {slots[1]: Verdict.REPLAYED}, {slots[1]: Replay.EARLIER_FRAME})
    assert applied(now, more).replays == {"0": Replay.ID_PHOTO, "1": Replay.EARLIER_FRAME}


@pytest.mark.parametrize(("missing", "state"), [(2, "clear"), (3, "flagged")])
def test_three_missing_in_a_row_flag(missing: int, state: str) -> None:
    assert judged([MATCH, *[MISSING] * missing, MATCH]).state.value == state


@pytest.mark.parametrize(("missing", "state"), [(5, "clear"), (6, "flagged")])
def test_more_than_a_third_missing_flags_and_a_third_does_not(missing: int, state: str) -> None:
    frames = [MISSING if slot % 2 == 0 and slot < 2 * missing else MATCH for slot in range(15)]
    assert frames.count(MISSING) == missing
    assert judged(frames, due=15).state.value == state
    assert judged(frames, due=None).state is IntegrityState.CLEAR


def test_a_flag_names_the_frames_behind_it() -> None:
    """Every mismatch, not only the third; and all that are missing, not only the three in a row."""
    other = judged([MATCH, MISMATCH, MATCH, MATCH, MISMATCH, *[MATCH] * 3, MISMATCH, MISMATCH])
    assert (other.rule, other.slots) == (IntegrityRule.MISMATCH, (1, 4, 8, 9))
    away = judged([MISSING, MATCH, MISSING, MISSING, MISSING])
    assert (away.rule, away.slots) == (IntegrityRule.MISSING, (0, 2, 3, 4))


def test_a_slot_without_verdict_breaks_the_row_of_missing_ones() -> None:
    def accused(*slots: int) -> bool:
        return bool(model.accusations(Sights(dict.fromkeys(slots, MISSING)), POLICY))

    assert accused(4, 5, 6)
    assert not accused(4, 5, 7, 8)


def test_our_own_gaps_accuse_nobody() -> None:
    assert judged([GAP] * 20, due=20).state is IntegrityState.CLEAR


def test_missing_alone_never_invalidates() -> None:
    assert judged([MISSING] * 20, due=20).state is IntegrityState.FLAGGED


SEEN = [verdict for verdict in Verdict if verdict not in model.UNSEEN_BY_US]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(Verdict)), st.sampled_from(SEEN)), max_size=20),
    st.lists(st.sampled_from(list(Replay)), min_size=20, max_size=20),
    st.booleans(),
    st.integers(),
)
def test_verdicts_in_any_order_doubled_and_late_end_alike(
    frames: list[tuple[Verdict, Verdict]], shown: list[Replay], waived: bool, shuffle: int
) -> None:
    """Each frame has a verdict; where that is none of ours yet, another one comes at any time, or twice."""
    attempt, slots = closed_with_frames(20)
    if waived:
        attempt = msgspec.structs.replace(attempt, waiver=Waiver("tk-1", "ops", "面部受伤", T0))
    first = dict(zip(slots, (verdict for verdict, _ in frames), strict=False))
    late = {s: v for s, (f, v) in zip(slots, frames, strict=False) if f in model.UNSEEN_BY_US}
    replays = dict(zip(slots, shown, strict=True))
    at_once = applied(attempt, watch.record(attempt, first | late, replays))
    deliveries = [*first.items(), *late.items()] * 2
    random.Random(shuffle).shuffle(deliveries)
    for slot, verdict in deliveries:
        attempt = applied(attempt, watch.record(attempt, {slot: verdict}, replays))
    assert attempt.integrity == at_once.integrity
    assert (attempt.verdicts, attempt.replays) == (at_once.verdicts, at_once.replays)


@pytest.mark.parametrize(("judged_too", "waits"), [(True, False), (False, True)])
def test_a_closed_paper_is_due_again_until_its_last_frame_has_a_verdict(
    judged_too: bool, waits: bool
) -> None:
    before = running()
    early = T0 + 30_000  # before the first moment, which is a minute after the start or later
    closed = changed_fields(sitting.close(before, Cause.CANDIDATE, early, early))
    assert closed["due_bucket"] is None
    slots = [slot for slot, moment in enumerate(watch.moments(before)) if moment <= END]
    asked = {str(slot): T0 for slot in slots}
    verdicts = dict.fromkeys(asked, MATCH)
    if not judged_too:
        verdicts.popitem()
    before = msgspec.structs.replace(before, asked=asked, verdicts=verdicts)
    closed = changed_fields(sitting.close(before, Cause.DEADLINE, END, END + 5))
    due = due_bucket(before, END + 5 + POLICY.snapshot_grace_s * 1000)
    assert closed["due_bucket"] == (due if waits else None)
    assert (closed["cause"], closed["submitted_at"]) == (Cause.DEADLINE, END)
    assert "asked" not in closed


def test_closing_asks_for_every_frame_that_is_still_due() -> None:
    before = running()
    closed = applied(before, sitting.close(before, Cause.CANDIDATE, END, END))
    slots = [slot for slot, moment in enumerate(watch.moments(before)) if moment <= END]
    assert closed.asked == {str(slot): END for slot in slots}
    assert len(slots) > watch.MAX_ASKED
