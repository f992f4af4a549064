"""Simultaneous requests, in every order of their AWS calls, violate no invariant and have an expected result."""

from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.shared import clients
from chalicelib.shared.table import If
from tests.proof import invariants
from tests.proof.copies import Failed, in_a_copy
from tests.proof.crashes import schedule_ran
from tests.proof.gate import Order, every_order, orders, run_in_order
from tests.proof.races import RACES, Race, codes, statuses
from tests.proof.scenarios import ann, checked_in
from tests.proof.world import World

QUICK = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def run(w: World, race: Race, order: Order) -> None:
    """Run one order of a race and everything that follows from it."""
    requests = [lambda request=request: request(w) for request in race.requests]
    outcomes = run_in_order(requests, order, lambda call: race.waits(w, call))
    race.check(w, outcomes)
    w.deliver_all()
    w.minute()
    w.deliver_all()
    assert invariants.violations(w) == []


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_every_order_has_the_one_outcome(living: World, race: Race) -> None:
    def all_orders() -> int:
        race.prepare(living)
        schedule_ran(living)
        return sum(1 for _ in orders(lambda order: run(living, race, order), race.name))

    assert in_a_copy(all_orders) > 2


def test_without_the_condition_on_the_version_some_order_goes_wrong(living: World) -> None:
    """Without the guard, one pass admits two pages in some order."""
    [race] = [race for race in RACES if race.name == "two doors with one pass"]
    equals = If.equals

    def without_version(self: If, path: str, value: Any) -> If:
        return self if path == "version" else equals(self, path, value)

    def all_orders() -> None:
        race.prepare(living)
        with mock.patch.object(If, "equals", without_version):
            list(every_order(lambda order: run(living, race, order)))

    with pytest.raises(Failed):
        in_a_copy(all_orders)


@given(data=st.data())
@QUICK
def test_of_many_checks_at_once_one_chance_is_used(living: World, data: Any) -> None:
    many = data.draw(st.integers(2, 20), label="requests")
    choices = data.draw(st.lists(st.integers(0, 19), max_size=80), label="order")

    def at_once() -> None:
        checked_in(living)
        person = ann(living)
        requests = [lambda n=n: person.reserve(f"at-once-{n:04}") for n in range(many)]
        outcomes = run_in_order(requests, Order(choices))
        assert statuses(outcomes) == [201] + [409] * (many - 1)
        assert codes(outcomes) <= {"verification_pending", "busy"}
        assert living.attempt(person).chances.used == 1
        living.deliver_all()
        assert invariants.violations(living) == []

    in_a_copy(at_once)


def test_the_gate_shows_a_lost_update(living: World) -> None:
    """A counter that is read and then written loses a count in some orders, but not in all."""
    counter = {"n": 0}

    def count() -> None:
        s3 = clients.client("s3")
        s3.list_buckets()
        seen = counter["n"]
        s3.list_buckets()
        counter["n"] = seen + 1

    def both(order: Order) -> int:
        run_in_order([count, count], order)
        return counter["n"]

    assert set(every_order(both)) == {1, 2}
