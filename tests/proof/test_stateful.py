"""Random stories violate no invariant. `make soak` runs longer ones."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api import publish
from tests.proof import world
from tests.proof.lives import SMALL, Lives
from tests.proof.practising import PractisingLives
from tests.proof.turning import TURNING, TurningLives

# Derandomized, so that CI runs the same stories each time: 12 of up to 40 steps.
QUICK = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def run_stories_of(lives: type[Lives]) -> None:
    """Run stories of this kind; each must have taken some steps."""
    lives.steps = 0
    run_state_machine_as_test(lives, settings=QUICK)
    assert lives.steps > QUICK.max_examples * 10


@pytest.fixture
def stage(pictures: str) -> Iterator[None]:
    """A small exam and two enrolled people. The world is reset before each story."""
    with world.living(pictures, **SMALL) as w:
        Lives.stage, Lives.bookmark = w, world.Bookmark(w)
        yield


def test_whatever_they_do_in_any_order_no_invariant_is_violated(stage: None) -> None:
    run_stories_of(Lives)


@pytest.fixture
def turning_stage(pictures: str) -> Iterator[None]:
    """The same where 身份核验 asks for a turn of the head."""
    with world.living(pictures, **TURNING) as w:
        TurningLives.stage, TurningLives.bookmark = w, world.Bookmark(w)
        yield


def test_two_pictures_in_any_order_violate_nothing(turning_stage: None) -> None:
    run_stories_of(TurningLives)


@pytest.fixture
def practising_stage(pictures: str) -> Iterator[None]:
    """The small exam with a practice exam beside it."""
    with world.living(pictures, **SMALL) as w:
        assert publish("practice", None)["ok"]
        PractisingLives.stage, PractisingLives.bookmark = w, world.Bookmark(w)
        yield


def test_practices_beside_an_exam_change_nothing_of_it(practising_stage: None) -> None:
    run_stories_of(PractisingLives)
