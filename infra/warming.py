"""How much must be warm before an exam, reckoned from the number of its people and the cost of a start. Pure.

The costs are counted (`python -m benchmarks.bell --costs`); the times are assumed, because nothing was measured on AWS.
"""

import math
from dataclasses import dataclass, field

BELL_S = 3  # all people click within so many seconds, in the worst case
CALLS_A_START = 2  # the start and the paper
CALL_S = 0.05  # assumed: a call of a warm function
COLD_S = 1.5  # assumed: what the first call of a new environment takes besides
HEADROOM = 1.5
DEFAULT_WRITES = 4000  # what a new table and each index serve at once
DEFAULT_READS = 12_000
KEY_WRITES = 1000  # what one key serves, also with a warm table
TABLE_QUOTA = 40_000  # write units a second of a table on demand, until AWS raises it
MOST_PEOPLE = 100_000  # of one stack; more have several (docs/scale.md)
FREE_ENVIRONMENTS = 100  # below this provisioning is not worth its price

# Counted for one start: write units of the table and of each index that it moves in, and read units.
TABLE_UNITS = 2  # the item of an attempt before its start, in KiB
INDEX_UNITS = {"by_exam": 1, "overdue": 1}
READ_UNITS = 3


@dataclass(frozen=True)
class Plan:
    """What to make warm: units a second of the table and its indexes, environments of the API's function."""

    people: int
    starts_a_second: int
    calls_a_second: int
    writes: int
    reads: int
    index_writes: dict[str, int] = field(default_factory=dict)
    environments: int = 0


def plan(people: int) -> Plan:
    """Return what an exam needs of which so many people click within `BELL_S` seconds.

    Environments follow from Little's law: calls a second times seconds of a call. Numbers have headroom.
    """
    starts = math.ceil(people / BELL_S)
    calls = starts * CALLS_A_START
    return Plan(
        people=people,
        starts_a_second=starts,
        calls_a_second=calls,
        writes=_with_headroom(starts * TABLE_UNITS, DEFAULT_WRITES),
        reads=_with_headroom(starts * READ_UNITS, DEFAULT_READS),
        index_writes={
            name: _with_headroom(starts * units, DEFAULT_WRITES)
            for name, units in INDEX_UNITS.items()
        },
        environments=environments(calls),
    )


def beyond_quota(planned: Plan) -> str:
    """Return what to ask AWS for before the stage can be made so warm; empty when its default quota is enough."""
    most = max(planned.writes, *planned.index_writes.values())
    if most <= TABLE_QUOTA:
        return ""
    return f"ask AWS first for {most:,} write units a second of a table (default {TABLE_QUOTA:,})"


def environments(calls_a_second: int) -> int:
    """Return how many environments must be ready for so many calls a second; 0 where new ones come fast enough."""
    needed = math.ceil(calls_a_second * CALL_S * HEADROOM)
    return needed if needed > FREE_ENVIRONMENTS else 0


def _with_headroom(units_a_second: int, least: int) -> int:
    return max(least, math.ceil(units_a_second * HEADROOM / 1000) * 1000)
