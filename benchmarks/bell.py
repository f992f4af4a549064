"""Simulate the bell: so many people click 开始考试, and each call goes through the limits of AWS.

    python -m benchmarks.bell                      10,000, 100,000 and 1,000,000 people, unprepared and prepared
    python -m benchmarks.bell --people 25000       another size
    python -m benchmarks.bell --costs              count what one start costs (moto)
    python -m benchmarks.bell --check 20           20 real starts on an embedded cloud, beside the simulation of them

A start is a click (full screen needs one), then the paper is read. Clicks come at log-normal times after the bell, or
evenly within `--within` seconds. Limits: API Gateway's bucket of the account, Lambda's environments (kept warm,
provisioned, new ones), DynamoDB's units of the table, of each index, and of each key. Who is refused clicks again.
Times of AWS are assumed (`infra/warming.py`); only units and calls are counted. The random numbers have a fixed seed:
each run gives the same table.
"""

import argparse
import dataclasses
import heapq
import itertools
import math
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from infra import warming  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000)
MEDIAN_S, SIGMA = (
    4.0,
    0.6,
)  # assumed: half of all have clicked 4 s after the bell, nine of ten after 8.6 s
AGAIN_S = (2.0, 6.0)  # assumed: who reads that the service is busy clicks again after this
WRITE_TRIES = 3  # of the client (chalicelib/shared/clients.py)
MOST_CLICKS = 20
ROW = "| {:>9} | {:<10} | {:>7} | {:>7} | {:>7} | {:>7} | {:>9} | {:<34} |"


class Bucket:
    """A token bucket: `rate` a second, at most `size` at once."""

    def __init__(self, rate: float, size: float) -> None:
        self.rate, self.size = rate, size
        self.left, self.at = size, 0.0

    def has(self, now: float, units: float) -> bool:
        """Whether so many are left at this moment (seconds). Moments must not go backwards."""
        self.left = min(self.size, self.left + (now - self.at) * self.rate)
        self.at = now
        return self.left >= units

    def take(self, now: float, units: float) -> bool:
        """Take so many if they are left. Returns whether they were."""
        if not self.has(now, units):
            return False
        self.left -= units
        return True


@dataclass(frozen=True)
class Limits:
    """The limits of one account and stack. `warm`: environments that are ready at the bell."""

    api_rate: float
    api_burst: float
    concurrency: int
    warm: int
    writes: float
    index_writes: float
    shards: int
    new_at_once: int = 1000
    new_a_second: float = 100


def unprepared(people: int) -> Limits:
    """Return what a new stack has in a new account: defaults, 8 parts, what the waiting room keeps warm."""
    beating = math.ceil(people / 60 * warming.CALL_S)
    return Limits(
        api_rate=10_000,
        api_burst=5000,
        concurrency=1000,
        warm=min(beating, 1000),
        writes=warming.DEFAULT_WRITES,
        index_writes=warming.DEFAULT_WRITES,
        shards=8,
    )


def prepared(people: int) -> Limits:
    """Return what docs/scale.md asks for: quotas raised, everything warm, parts by the size of the exam."""
    plan = warming.plan(people)
    return Limits(
        api_rate=max(10_000, plan.calls_a_second * 1.2),
        api_burst=max(5000, plan.calls_a_second * 0.6),
        concurrency=max(1000, plan.environments * 2),
        warm=plan.environments,
        writes=plan.writes,
        index_writes=min(plan.index_writes.values()),
        shards=shards_of(people),
    )


def with_8_parts(people: int) -> Limits:
    """Return a stack that is prepared, for an exam that does not say how many it expects."""
    return dataclasses.replace(prepared(people), shards=8)


def shards_of(people: int) -> int:
    """Return the parts of the indexes of all stacks together."""
    from chalicelib.attempts import shards
    from chalicelib.exams.model import Policy

    one = shards.shards_of(Policy(expected_people=min(people, warming.MOST_PEOPLE)))
    return one * math.ceil(people / warming.MOST_PEOPLE)


@dataclass
class Seen:
    """What happened: seconds from the first click to the paper, refusals by limit, when each first refused."""

    times: list[float] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)
    lost: int = 0

    def refuse(self, wall: str, now: float) -> None:
        """Count one refusal."""
        self.refusals[wall] += 1
        self.first.setdefault(wall, now)

    @property
    def first_wall(self) -> str:
        """The limit that refused first; empty when none did."""
        return min(self.first, key=self.first.__getitem__, default="")

    def row(self, people: int, name: str) -> str:
        """Return a line of the table."""
        at = statistics.quantiles(self.times, n=1000)
        wall = self.first_wall
        wall = f"{wall}, after {self.first[wall]:.1f} s" if wall else "none"
        shown = [f"{at[place]:.2f}" for place in (499, 949, 989, 998)]
        return ROW.format(f"{people:,}", name, *shown, f"{self.refusals.total():,}", wall)


@dataclass(slots=True)
class Person:
    """Where one person is: when they first clicked, the call that they make, clicks and tries of its write so far."""

    part: int
    began: float
    call: str = "start"
    clicks: int = 1
    tries: int = 0


class Bell:
    """One bell. Events are handled in the order of their moments."""

    def __init__(self, limits: Limits, costs: "Costs", dice: random.Random) -> None:
        self.limits, self.costs, self.dice = limits, costs, dice
        self.seen = Seen()
        self.api = Bucket(limits.api_rate, limits.api_burst)
        self.new = Bucket(limits.new_a_second, limits.new_at_once)
        self.table = Bucket(limits.writes, limits.writes)
        self.indexes = self._buckets(limits.index_writes)
        self.parts = [self._buckets(warming.KEY_WRITES) for _ in range(limits.shards)]
        self.environments, self.busy = limits.warm, 0
        self.queue: list[tuple[float, int, Callable[[float, Person], None], Person]] = []
        self.numbers = itertools.count()

    def _buckets(self, rate: float) -> dict[str, Bucket]:
        return {name: Bucket(rate, rate) for name in self.costs.index_units}

    def ring(self, clicked: list[float]) -> Seen:
        """Let all people click at these moments."""
        for number, at in enumerate(clicked):
            self._later(at, self._click, Person(number % self.limits.shards, at))
        while self.queue:
            now, _, what, person = heapq.heappop(self.queue)
            what(now, person)
        return self.seen

    def _later(self, at: float, what: Callable[[float, Person], None], person: Person) -> None:
        heapq.heappush(self.queue, (at, next(self.numbers), what, person))

    def _click(self, now: float, person: Person) -> None:
        if not self.api.take(now, 1):
            self._refuse("API Gateway, requests", now, person)
            return
        cold = self.busy >= self.environments
        if cold and (wall := self._new_environment(now)):
            self._refuse(wall, now, person)
            return
        self.busy += 1
        person.tries = 0
        ready = now + (warming.COLD_S if cold else 0)
        if person.call == "start":
            self._later(ready, self._write, person)
        else:
            self._later(ready + self.costs.call_s, self._answer, person)

    def _new_environment(self, now: float) -> str:
        """Begin an environment. Returns the limit that forbids it, otherwise nothing."""
        if self.environments >= self.limits.concurrency:
            return "Lambda, concurrency"
        if not self.new.take(now, 1):
            return "Lambda, new environments"
        self.environments += 1
        return ""

    def _write(self, now: float, person: Person) -> None:
        """Write the start. The client tries three times, with growing pauses, while its environment waits."""
        wall = self._throttled(now, person)
        if not wall:
            self._later(now + self.costs.call_s, self._answer, person)
            return
        person.tries += 1
        if person.tries < WRITE_TRIES:
            pause = self.dice.random() * 2 ** (person.tries - 1)
            self._later(now + pause, self._write, person)
            return
        self.busy -= 1
        self._refuse(wall, now, person)

    def _throttled(self, now: float, person: Person) -> str:
        """Take the units of a start. Returns the limit that has too few of them, otherwise nothing."""
        asked = [("DynamoDB, table", self.table, self.costs.table_units)]
        for name, units in self.costs.index_units.items():
            asked.append((f"DynamoDB, index {name}", self.indexes[name], units))
            asked.append((f"DynamoDB, key of {name}", self.parts[person.part][name], units))
        for wall, bucket, units in asked:
            if not bucket.has(now, units):
                return wall
        for _, bucket, units in asked:
            bucket.take(now, units)
        return ""

    def _answer(self, now: float, person: Person) -> None:
        self.busy -= 1
        if person.call == "paper":
            self.seen.times.append(now - person.began)
            return
        person.call, person.clicks = "paper", 1
        self._click(now, person)

    def _refuse(self, wall: str, now: float, person: Person) -> None:
        self.seen.refuse(wall, now)
        person.clicks += 1
        if person.clicks > MOST_CLICKS:
            self.seen.lost += 1
            return
        self._later(now + self.dice.uniform(*AGAIN_S), self._click, person)


@dataclass(frozen=True)
class Costs:
    """What one start costs."""

    table_units: int = warming.TABLE_UNITS
    index_units: dict[str, int] = field(default_factory=lambda: dict(warming.INDEX_UNITS))
    call_s: float = warming.CALL_S


def clicks(people: int, within: float | None, dice: random.Random) -> list[float]:
    """Return the moments of the first clicks, seconds after the bell."""
    if within is not None:
        return [dice.uniform(0, within) for _ in range(people)]
    return [dice.lognormvariate(math.log(MEDIAN_S), SIGMA) for _ in range(people)]


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a simulation, not a secret


def simulate(people: int, limits: Limits, within: float | None, costs: Costs | None = None) -> Seen:
    """Ring one bell."""
    dice = _dice(people)
    return Bell(limits, costs or Costs(), dice).ring(clicks(people, within, dice))


def count_costs() -> tuple[Costs, float]:
    """Count one start behind moto. Returns its write units by table and index, and its read units with the paper."""
    from benchmarks.behind_moto import enrolled
    from benchmarks.meter import Meter, counting

    meter = Meter()
    with enrolled(40) as (person, clock):
        person.open()
        person.come_in()
        person.post("heartbeat", {})
        clock.advance(s=40 * 60)
        with counting(meter):
            assert person.post("start").status == 200
            assert person.get("paper").status == 200
    indexes: Counter[str] = Counter()
    for (_, _, index), units in meter.writes.items():
        indexes[index] += units
    return Costs(table_units=indexes.pop("", 0), index_units=dict(indexes)), meter.read_units


def check(people: int) -> None:
    """Start so many real people on an embedded cloud within 3 s, and simulate the same on two cores."""
    from benchmarks.saves import SEED
    from scripts.kill_test import Cloud

    with tempfile.TemporaryDirectory() as folder:
        running = Cloud(Path(folder) / "var")
        running.start()
        try:
            everybody = admitted(running.address, people, SEED)
            one_s = statistics.median(start(person, 0) for person in everybody[: people // 4])
            rest = everybody[people // 4 :]
            moments = clicks(len(rest), warming.BELL_S, _dice(people))
            began = time.monotonic()
            with ThreadPoolExecutor(len(rest)) as pool:
                real = list(
                    pool.map(
                        lambda pair: start(pair[0], began + pair[1]),
                        zip(rest, moments, strict=True),
                    )
                )
        finally:
            running.stop()
    seen = simulated_here(moments, one_s)
    print(f"one start and paper alone: {one_s * 1000:.0f} ms")
    for name, times in (("real", real), ("simulated", seen.times)):
        cuts = statistics.quantiles(times, n=20)
        print(f"{name:<10} p50 {cuts[9] * 1000:6.0f} ms   p95 {cuts[18] * 1000:6.0f} ms")


def simulated_here(moments: list[float], one_s: float) -> Seen:
    """Simulate starts on this machine: each takes its time on one of two cores, and waits for a free one."""
    free, seen = [0.0, 0.0], Seen()
    for at in sorted(moments):
        begins = max(at, heapq.heappop(free))
        heapq.heappush(free, begins + one_s)
        seen.times.append(begins + one_s - at)
    return seen


def admitted(address: str, people: int, seed: int) -> list[Any]:
    """Let so many people enter the waiting room, and move the clock to the start."""
    from scripts.kill_test import Progress, let_in

    everybody = let_in(address, "bell", people, seed, Progress())
    first = everybody[0].day
    beat = first.browser.call("POST", f"{first.path}/heartbeat")
    ahead = {"advance_ms": max(0, beat["starts_at"] - beat["server_now"]), "most_minutes": 0}
    first.browser.local("POST", "/clock", ahead)
    return everybody


def start(person: Any, at: float) -> float:
    """Start and read the paper at a moment (`time.monotonic`); returns the seconds that it took."""
    time.sleep(max(0, at - time.monotonic()))
    began = time.monotonic()
    person.day.browser.call("POST", f"{person.day.path}/start")
    person.day.browser.call("GET", f"{person.day.path}/paper")
    return time.monotonic() - began


def stacks(people: int) -> dict[str, Callable[[int], Limits]]:
    """Return the stacks to simulate. One is made for at most 100,000 people; more have ten, which share nothing."""
    if people > warming.MOST_PEOPLE:
        return {"ten cells": prepared}
    return {"unprepared": unprepared, "8 parts": with_8_parts, "prepared": prepared}


def main() -> None:
    """Print the table of all sizes, or what was asked for."""
    parser = argparse.ArgumentParser(description="The start of an exam through the limits of AWS.")
    parser.add_argument("--people", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--within", type=float, help="all click evenly within so many seconds")
    parser.add_argument("--costs", action="store_true", help="count what one start costs")
    parser.add_argument("--check", type=int, help="so many real starts beside simulated ones")
    given = parser.parse_args()
    if given.costs:
        counted, read = count_costs()
        print(f"table {counted.table_units}, indexes {counted.index_units}, read units {read:g}")
    elif given.check:
        check(given.check)
    else:
        print(
            ROW.format(
                "people", "stack", "p50, s", "p95, s", "p99, s", "p99.9", "refusals", "first wall"
            )
        )
        print("|---:|---|" + "---:|" * 5 + "---|")
        for people in given.people:
            for name, limits in stacks(people).items():
                print(simulate(people, limits(people), given.within).row(people, name), flush=True)


if __name__ == "__main__":
    main()
