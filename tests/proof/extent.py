"""How much the proofs try: a seeded sample (`make test`), or everything there is (`make prove`).

Each scenario is tried at least once in either. The same seed gives the same sample; CI of a night tries everything.

    PROVE=everything python -m pytest tests/proof
    SEED=7 python -m pytest tests/proof
"""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

EVERYTHING = os.environ.get("PROVE") == "everything"
SEED = os.environ.get("SEED", "1")

T = TypeVar("T")


def dice(name: str) -> random.Random:
    """Return randomness for this name. It depends on name and seed only, so it is the same in each run."""
    return random.Random(f"{SEED}/{name}")


def sample(cases: Sequence[T], most: int, name: str) -> list[T]:
    """Return at most so many of the cases, in their order; all of them with PROVE=everything."""
    if EVERYTHING or len(cases) <= most:
        return list(cases)
    chosen = sorted(dice(name).sample(range(len(cases)), most))
    return [cases[number] for number in chosen]
