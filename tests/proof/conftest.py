"""The world that tests act in copies of."""

from collections.abc import Iterator

import pytest

from tests.proof import invariants, world
from tests.proof.world import World


@pytest.fixture(scope="module")
def living(pictures: str) -> Iterator[World]:
    """Two enrolled people in the waiting room's time; each test acts in copies of it."""
    with world.living(pictures) as w:
        w.deliver_all()
        # Each copy begins with what this has loaded and read.
        assert invariants.violations(w) == []
        yield w
