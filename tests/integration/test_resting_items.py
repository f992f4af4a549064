"""What rests since the start is in an item of its own: crashes, late writers and older attempts change nothing."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import items, resting_store, sitting, store
from chalicelib.attempts.deciding import decide
from chalicelib.attempts.model import Attempt, Waiver
from chalicelib.attempts.waiving import Waived, WaiverWithdrawn
from chalicelib.kernel.deciding import LostRace
from chalicelib.shared import table
from chalicelib.shared.errors import Unavailable
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.integration.candidates import Candidate, stored, stored_items
from tests.integration.orders import attempt_id

ATTEMPTS = ENVIRONMENT["ATTEMPTS_TABLE"]


def loaded(person: Candidate) -> Attempt:
    attempt = store.load_attempt(attempt_id(person))
    assert attempt is not None
    return attempt


def begin(before: Attempt) -> Attempt:
    """Start as a process does that has read this attempt."""
    return store.write_outcomes(before, sitting.start(before, 1, T0))


def test_a_start_that_dies_between_its_writes_leaves_the_attempt_as_it_was(
    inside: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now, before, update = T0, loaded(inside), table.update_once

    def dead(*_: Any, **__: Any) -> Any:
        raise Unavailable("service_busy")

    monkeypatch.setattr(table, "update_once", dead)
    with pytest.raises(Unavailable):
        begin(before)
    assert items.RESTING in stored_items(attempt_id(inside))
    assert loaded(inside) == before
    monkeypatch.setattr(table, "update_once", update)
    assert begin(before) == loaded(inside)
    assert loaded(inside).identity == before.identity


def test_an_admission_lays_ready_what_the_start_names(
    inside: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now, before = T0, loaded(inside)
    ready = stored_items(attempt_id(inside))[items.RESTING]
    assert ready[items.RESTS_SINCE] == {"N": str(before.version)}
    assert loaded(inside) == before  # nothing names it yet
    monkeypatch.setattr(table, "put", None)  # the start puts nothing
    after = begin(before)
    assert stored_items(attempt_id(inside))[items.RESTING] == ready
    assert loaded(inside) == after


def test_an_admission_that_could_lay_nothing_ready_is_repeated(
    inside: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is admitted by then: the repeat lets nobody else in, and puts what is missing."""
    inside.steps()
    assert inside.verify()["state"] == "passed"

    def down(*_: Any, **__: Any) -> Any:
        raise Unavailable("service_busy")

    with monkeypatch.context() as outage:
        outage.setattr(table, "put", down)
        assert inside.admit().status == 503
    now = loaded(inside)
    assert now.page == 2
    repeated = inside.post("admission", {"request_id": f"request-{inside.requests:04}"})
    assert repeated.status == 201
    assert loaded(inside) == now
    rests = stored_items(attempt_id(inside))[items.RESTING]
    assert rests[items.RESTS_SINCE] == {"N": str(now.version)}


def test_what_another_release_does_not_let_rest_stays_in_the_first_item(
    inside: Candidate, clock: StandingClock
) -> None:
    """The admission was before an update of the stack, the start is after it."""
    clock.now, before = T0, loaded(inside)
    key = {"attempt_id": before.attempt_id, "sk": items.RESTING}
    ready = table.get(ATTEMPTS, key)
    assert ready is not None
    del ready["identity"]
    table.put(ATTEMPTS, ready)
    assert inside.post("start").status == 200
    assert "identity" in stored_items(attempt_id(inside))[items.ATTEMPT]
    assert loaded(inside).identity == before.identity


def test_an_admission_that_is_late_never_replaces_what_a_start_has_named(
    inside: Candidate, clock: StandingClock
) -> None:
    clock.now, late = T0, loaded(inside)
    inside.come_in()
    assert inside.post("start").status == 200
    after = loaded(inside)
    resting_store.rest_early(late)
    assert loaded(inside) == after


def test_a_change_after_a_dead_start_is_in_the_resting_item_of_the_next_one(
    inside: Candidate, clock: StandingClock
) -> None:
    clock.now, before = T0, loaded(inside)
    resting_store.put_resting(before)  # whoever started died here
    inside.come_in()  # later decisions
    now = loaded(inside)
    assert now.version > before.version
    after = store.write_outcomes(now, sitting.start(now, now.page, T0))
    rests = stored_items(attempt_id(inside))[items.RESTING]
    assert rests[items.RESTS_SINCE] == {"N": str(now.version)}
    assert loaded(inside) == after


def test_a_late_writer_never_replaces_the_resting_item_that_a_start_has_named(
    inside: Candidate, clock: StandingClock
) -> None:
    clock.now, late = T0, loaded(inside)
    inside.come_in()  # the late writer has read an older version
    assert inside.post("start").status == 200
    after = loaded(inside)
    with pytest.raises(LostRace):
        resting_store.put_resting(late)
    assert loaded(inside) == after


def test_of_two_starts_of_one_version_one_wins_and_both_resting_items_are_alike(
    inside: Candidate, clock: StandingClock
) -> None:
    clock.now, before = T0, loaded(inside)
    after = begin(before)
    with pytest.raises(LostRace):
        begin(before)
    assert loaded(inside) == after


def test_what_is_taken_away_after_the_start_stays_away(
    inside: Candidate, clock: StandingClock
) -> None:
    clock.now = T0 - 10_000
    inside.steps()
    assert inside.reserve().status == 201  # a check of a second page, while the first one starts
    clock.now = T0
    assert inside.post("start").status == 200
    assert "pending" in stored_items(attempt_id(inside))[items.RESTING]
    assert loaded(inside).pending is not None
    assert inside.post("submission", {}).status == 200
    assert stored_items(attempt_id(inside))[items.ATTEMPT]["pending"] == {"NULL": True}
    assert loaded(inside).pending is None


def test_the_face_of_a_waiver_never_rests(inside: Candidate, clock: StandingClock) -> None:
    """A deletion on request removes it, and nothing is removed from the resting item."""
    clock.now = T0
    waiver = Waiver("tk-1", "李运营", "照片不清", T0)
    decide(attempt_id(inside), None, T0, lambda _: (Waived(waiver=waiver),))
    assert inside.post("start").status == 200
    assert "waiver" not in stored_items(attempt_id(inside))[items.RESTING]
    decide(attempt_id(inside), None, T0, lambda _: (WaiverWithdrawn(),))
    assert "waiver" not in stored_items(attempt_id(inside))[items.ATTEMPT]


def test_an_attempt_that_was_started_by_an_earlier_release_stays_one_item(
    writing: Candidate, clock: StandingClock
) -> None:
    whose = attempt_id(writing)
    joined = {**stored(writing), "sk": {"S": items.ATTEMPT}}  # with a map of verdicts
    plain = table.item_from_wire(joined)
    plain["policy"] = msgspec.msgpack.decode(plain["policy"])
    table.put(ATTEMPTS, plain)
    table.delete(ATTEMPTS, {"attempt_id": whose, "sk": items.RESTING})
    before = loaded(writing)
    assert writing.save(1, 1, {"1": "A"}).status == 200
    assert writing.post("heartbeat", {}).status == 200
    assert writing.post("submission", {}).status == 200
    assert items.RESTING not in stored_items(whose)
    assert loaded(writing).identity == before.identity


def test_many_attempts_are_read_with_what_rests_of_each(writing: Candidate) -> None:
    assert list(store.load_attempts([attempt_id(writing)])) == [loaded(writing)]


def test_a_read_that_is_a_moment_behind_is_made_again(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = table.get_many

    def behind(name: str, keys: Any) -> Any:
        return (row for row in many(name, keys) if row["sk"] != items.RESTING)

    monkeypatch.setattr(table, "get_many", behind)
    assert list(store.load_attempts([attempt_id(writing)])) == [loaded(writing)]


def test_the_resting_item_of_a_practice_expires_with_it(writing: Candidate) -> None:
    kept = stored_items(attempt_id(writing))
    assert ("expires_at_s" in kept[items.RESTING]) is ("expires_at_s" in kept[items.ATTEMPT])
