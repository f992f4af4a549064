"""The world of which tests make copies."""

from collections.abc import Iterator

import pytest

from tests.proof import invariants, world
from tests.proof.world import World


@pytest.fixture(scope="module")
def living(pictures: str) -> Iterator[World]:
    """A world with two enrolled people while the waiting room is open. Each test acts in copies of it."""
    with world.living(pictures) as w:
        w.deliver_all()
        # Each copy inherits what this process has loaded and read.
        assert invariants.violations(w) == []
        yield w
