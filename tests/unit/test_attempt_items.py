"""The items of an attempt: what the start moves into the resting one, and how both are one attempt."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.meter import size
from chalicelib.attempts import items, sitting
from chalicelib.attempts.model import Attempt, LiveAttempt
from chalicelib.kernel.outcomes import applied
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.table import to_wire
from tests.unit.attempts import T0, admitted


def split(before: Attempt, now: Attempt) -> tuple[items.Item, items.Item]:
    """The two items as the start leaves them."""
    resting = items.resting_item(before)
    moved = items.leaving(before, resting)
    first = {name: value for name, value in items.to_item(now).items() if name not in moved}
    return {**first, items.RESTS: before.version}, resting


def test_both_items_of_a_started_attempt_are_one_attempt() -> None:
    before = admitted(announced=2, orders=("order-1",))
    now = applied(before, sitting.start(before, 1, T0))
    first, resting = split(before, now)
    assert items.from_item(first, resting) == now
    assert {"identity", "paper_seed", "admission", "verifications"} <= resting.keys()
    assert not {"identity", "integrity", "switches"} & first.keys()
    assert (first["announced"], first["orders"]) == (2, ("order-1",))


def test_what_the_first_item_says_counts_and_none_in_it_removes() -> None:
    before = admitted()
    now = applied(before, sitting.start(before, 1, T0))
    first, resting = split(before, now)
    later = items.from_item({**first, "failures": 3, "admission": None}, resting)
    assert (later.failures, later.admission) == (3, None)


@pytest.mark.parametrize("version", [None, -1, 1])
def test_another_resting_item_than_the_named_one_is_never_taken(version: int | None) -> None:
    before = admitted()
    first, resting = split(before, applied(before, sitting.start(before, 1, T0)))
    other = {**resting, items.RESTS_SINCE: before.version + version} if version else None
    with pytest.raises(items.RestingItemMissing):
        items.from_item(first, other)


def test_before_the_start_a_resting_item_that_nothing_names_is_left_alone() -> None:
    before = admitted()
    stray = {**items.resting_item(before), "paper_seed": "stray"}
    assert items.from_item(items.to_item(before), stray) == before


def test_an_item_is_opened_without_defaults_and_read_with_them() -> None:
    """Items of earlier releases name each field: they are the same attempt, and the start takes it out of them."""
    before = admitted()
    item = items.to_item(before)
    named = msgspec.to_builtins(before, builtin_types=(bytes,))
    older = {n: items.packed(n, value) for n, value in named.items() if value is not None}
    assert {"integrity", "audit", "verdicts", "failures"} <= older.keys() - item.keys()
    assert item["acked_seq"] == 0  # the first save compares with it
    assert items.from_item(item) == items.from_item({**older, "sk": items.ATTEMPT}) == before
    taken = items.leaving(before, items.resting_item(before))
    assert taken >= {"integrity", "audit", "failures", "identity"}


def test_nothing_leaves_the_first_item_that_the_resting_one_does_not_have() -> None:
    """A release that lets less rest may have put it."""
    before = admitted()
    fewer = {name: v for name, v in items.resting_item(before).items() if name != "identity"}
    assert "identity" not in items.leaving(before, fewer)
    assert {"paper_seed", "failures"} <= items.leaving(before, fewer)


def test_a_save_knows_of_a_started_attempt_what_both_items_say() -> None:
    before = admitted(announced=2)
    now = applied(before, sitting.start(before, 1, T0))
    first, _ = split(before, now)
    live = items.live_from_item(first)
    assert all(getattr(live, name) == getattr(now, name) for name in LiveAttempt.__struct_fields__)


@given(st.dictionaries(st.integers(0, 99), st.sampled_from(Verdict)))
def test_verdicts_are_a_letter_for_each_slot_and_are_read_as_they_were(
    verdicts: dict[int, Verdict],
) -> None:
    named = {str(slot): verdict.value for slot, verdict in verdicts.items()}
    letters = items.packed("verdicts", named)
    assert len(letters) == max(verdicts, default=-1) + 1
    assert items.verdicts_of({"verdicts": letters}) == named
    assert items.verdicts_of({"verdicts": named}) == named  # of earlier releases


def test_each_verdict_has_a_letter_of_its_own() -> None:
    letters = {items.packed("verdicts", {"0": verdict.value}) for verdict in Verdict}
    assert len(letters) == len(Verdict)
    assert "." not in letters


def test_an_exam_of_a_hundred_questions_fits_into_one_write_unit() -> None:
    """A save is billed by the first item, two units for more than a KiB. Two letters each is more than most choose."""
    before = admitted(question_count=100, exam_id="shanxi-agency-practitioners")
    now = applied(before, sitting.start(before, 1, T0))
    answers = {str(number): "AB" for number in range(1, 101)}
    verdicts = {str(slot): Verdict.MATCH for slot in range(25)}
    now = msgspec.structs.replace(now, answers=answers, verdicts=verdicts, acked_seq=300)
    first, _ = split(before, now)
    more = {"exam_shard": "shanxi-agency-practitioners#4", "write_id": "i" * 12, "saved_at": T0}
    ids = {"attempt_id": "at_" + "i" * 28, "account_id": "ac_" + "i" * 20}
    seed = {"snapshot_seed": "s" * 26}
    assert size({n: to_wire(v) for n, v in {**first, **more, **ids, **seed}.items()}) <= 1024
