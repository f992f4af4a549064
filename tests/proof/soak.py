"""Long runs of the stateful test: `make soak`, or `make soak STEPS=50000 SEED=7`.

Each round has stories of its own, which follow from its seed; the first violation ends the run with the
shortest story that shows it.
"""

import itertools
import os
import sys
import time

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import cloud, environment

ROUND = settings(
    max_examples=20,
    stateful_step_count=60,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def main(steps: int, first_seed: int) -> None:
    """Run stories until so many steps were taken."""
    environment.set_environment()
    from tests.proof import world
    from tests.proof.lives import SMALL, Lives

    began = time.monotonic()
    with world.living(str(cloud.ROOT / "var/pictures"), **SMALL) as w:
        Lives.stage, Lives.bookmark = w, world.Bookmark(w)
        done = stories = 0
        for number in itertools.count(first_seed):
            machine = seed(number)(type("Lives", (Lives,), {"steps": 0, "stories": 0}))
            run_state_machine_as_test(machine, settings=ROUND)
            done, stories = done + machine.steps, stories + machine.stories
            told = f"{done} steps, {stories} stories, {time.monotonic() - began:.0f} s"
            print(f"seed {number}: {told}, nothing violated", file=sys.stderr)
            if done >= steps:
                return


if __name__ == "__main__":
    main(int(os.environ["STEPS"]), int(os.environ["SEED"]))
