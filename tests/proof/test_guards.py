"""Each invariant finds violations: without the guard of the product, its story is reported under its number."""

import contextlib
from collections.abc import Iterator
from unittest import mock

import pytest

from tests.proof import scenarios, world
from tests.proof.guards import GUARDS
from tests.proof.invariants import INVARIANTS, violations
from tests.proof.lives import SMALL
from tests.proof.world import MINUTE_MS, T0

EVERY = range(1, 32)


@pytest.fixture(scope="module")
def stage(pictures: str) -> Iterator[world.Bookmark]:
    """A small exam and two enrolled people."""
    with world.living(pictures, **SMALL) as w:
        yield world.Bookmark(w)


def numbers(found: list[str]) -> set[int]:
    return {int(line.partition(":")[0]) for line in found}


@pytest.mark.parametrize("number", GUARDS)
def test_without_its_guard_an_invariant_is_violated(stage: world.Bookmark, number: int) -> None:
    guard, w = GUARDS[number], stage.w
    stage.go_back()
    guard.story(w, *w.people)
    assert violations(w) == [], "the story itself is harmless"
    stage.go_back()
    with contextlib.ExitStack() as without:
        for patch in guard.patches():
            without.enter_context(patch)
        guard.story(w, *w.people)
        found = violations(w)
    assert number in numbers(found), f"without {guard.without}: {found}"


def test_a_pass_without_its_turn_is_seen(stage: world.Bookmark) -> None:
    """Without the guard, the first picture of a check decides alone, whatever the second one shows."""
    w = stage.w

    def story() -> list[str]:
        stage.go_back()
        w.clock.now = T0 - 15 * MINUTE_MS
        scenarios.shown_and_not_turned(w)
        w.deliver_all()
        return violations(w)

    assert story() == [], "the story itself is harmless"
    with mock.patch("chalicelib.attempts.check_in.with_turn", lambda finding, reason: finding):
        found = story()
    assert 2 in numbers(found), found


def test_each_invariant_has_its_sentence_and_its_guard() -> None:
    assert violations.__module__
    assert set(INVARIANTS) == set(GUARDS) == set(EVERY)
