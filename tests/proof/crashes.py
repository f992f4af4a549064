"""A function that dies before or after each of its AWS calls, and what production does then.

The function runs once. At each point the process is copied, and the copy dies there: no code of the function
runs any more, no answer leaves it. The copy then lives on as the cloud does: the same request again from its
client, the same event from its source, the minute, and everything that was waiting.

What has died leaves nothing but what it has written. So dying before a call is dying after the one before it,
and dying after a read is dying before it: each of these is tried once. A call that is not known to only read
counts as a write.
"""

import hashlib
import io
import json
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeDeleteMarker, s3_backends

import app
from chalicelib.attempts import store as attempt_store
from chalicelib.exams import service as exams
from chalicelib.exams import store as exam_store
from chalicelib.handlers.endpoint import ROUTES
from chalicelib.identity import enrolment
from chalicelib.shared import secrets
from chalicelib.shared.clock import MINUTE_MS
from tests.api import Answer
from tests.cloud import ENVIRONMENT
from tests.proof import calls, extent, invariants
from tests.proof.book import Crashed, Run
from tests.proof.copies import Copy, copied, in_a_copy
from tests.proof.world import World

READS = {"GetItem", "Query", "Scan", "GetObject", "HeadObject", "GetSecretValue"}
READS |= {"DescribeKey", "GenerateMac", "ListObjectVersions", "VerifyMac"}
SAMPLED = 0.15  # share of the writes after the first that a sample dies after
RETRY_MS = 1000  # from a lost answer to the same request again


@dataclass(frozen=True)
class Scenario:
    """A good run of one function. `covers` is its route (`POST /codes`) or its packaged name.

    `act` sends one request, or hands over one event; called again it does the very same again. `start_over`
    is what a person does whose repeated request was refused; `finish` what they want to be able to do in the
    end, crash or not.
    """

    name: str
    covers: str
    prepare: Callable[[World], Any]
    act: Callable[[World], Any]
    start_over: Callable[[World], Any] | None = None
    finish: Callable[[World], Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """The end of a run: the client's answer, what is stored, and the violated invariants."""

    answer: str
    stored: tuple[str, ...]
    violations: tuple[str, ...]

    def unlike(self, other: "Outcome") -> list[str]:
        """Return the differences, one line each."""
        mine = Counter((self.answer, *self.stored))
        theirs = Counter((other.answer, *other.stored))
        more = [f"+ {line}" for line in sorted((mine - theirs).elements())]
        return more + [f"- {line}" for line in sorted((theirs - mine).elements())]


@dataclass
class Points:
    """Stands at each call, and lets a copy of the process die there.

    Unless everything is tried, it dies after the first write and after a share of the others.
    """

    name: str
    names: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    dying: Copy | None = None  # set in a copy only: sends its result
    made: list[str] = field(default_factory=list)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = extent.dice(self.name)

    def gate(self, call: calls.Call, send: calls.Send) -> Any:
        """Make copies that die before and after this call."""
        if self.dying is not None:
            raise Crashed  # a dead process sends nothing, even if a `finally` block asks for it
        if (
            not self.made and extent.EVERYTHING
        ):  # the same request again: also tried as "asked twice"
            self._die("before the first call")
        self.made.append(str(call))
        answer = send()
        if call.operation not in READS and self._chosen():
            self._die(f"after call {len(self.made)}, {call}")
        return answer

    def _chosen(self) -> bool:
        return extent.EVERYTHING or not self.names or self.dice.random() < SAMPLED

    def _die(self, where: str) -> None:
        copy = copied()
        if copy.is_me:
            self.dying = copy
            raise Crashed
        self.names.append(where)
        self.outcomes.append(copy.outcome())


def everything_to_cover() -> set[str]:
    """Return every route and packaged function of the code, so that a new one cannot be forgotten."""
    views = {route.view.__name__ for route in ROUTES}
    routes = {f"{route.method} {route.path}" for route in ROUTES}
    return routes | (set(app.app.handler_map) - views)


@dataclass(frozen=True)
class Report:
    """The outcomes of a scenario: of the good run, of the repeated request, and of each crash."""

    good: Outcome
    repeated: Outcome
    crashed: dict[str, Outcome]
    made: list[str]

    def problems(self) -> list[str]:
        """Return every difference from the run without a crash."""
        found = [f"in the good run: {violation}" for violation in self.good.violations]
        runs = {"asked twice": self.repeated, **self.crashed}
        for where, outcome in runs.items():
            what = [*outcome.violations, *outcome.unlike(self.good)]
            found += [f"{where}: {line}" for line in what]
        return found


def try_all(world: World, scenario: Scenario) -> Report:
    """Run a scenario and crash at each of its calls. The world stays as it was."""

    def live() -> Report:
        scenario.prepare(world)
        schedule_ran(world)
        new_process()
        repeated = in_a_copy(lambda: _live_twice(world, scenario))
        good, points = _live_and_die(world, scenario)
        crashed = dict(zip(points.names, points.outcomes, strict=True))
        return Report(good, repeated, crashed, points.made)

    return in_a_copy(live)


def _live_and_die(world: World, scenario: Scenario) -> tuple[Outcome, Points]:
    points = Points(scenario.name)
    known = _ids(world)
    try:
        with calls.through(points.gate):
            answer = scenario.act(world)
    finally:
        if points.dying is not None:  # ends here
            points.dying.report(lambda: _recovered(world, scenario, known))
    return _settled(world, scenario, answer, known), points


def _live_twice(world: World, scenario: Scenario) -> Outcome:
    known = _ids(world)
    scenario.act(world)
    return _recovered(world, scenario, known)


def _recovered(world: World, scenario: Scenario, known: set[str]) -> Outcome:
    """The client, who got no answer, sends the request again."""
    new_process()
    world.clock.advance(ms=RETRY_MS)
    answer = scenario.act(world)
    if scenario.start_over is not None and getattr(answer, "status", 200) >= 400:
        answer = scenario.start_over(world)
    return _settled(world, scenario, answer, known, late_ms=0)


def _settled(
    world: World, scenario: Scenario, answer: Any, known: set[str], late_ms: int = RETRY_MS
) -> Outcome:
    """Deliver the waiting events, run the schedule, deliver the events that follow, and return the outcome."""
    world.clock.advance(ms=late_ms)
    world.deliver_all()
    world.minute()
    world.deliver_all()
    if scenario.finish is not None:
        scenario.finish(world)
    found = tuple(invariants.violations(world))
    return Outcome(_told(answer, known), _stored(world, known), found)


def schedule_ran(world: World) -> None:
    """Set the cursor of the sweep to the minute before this one, as if the schedule had always run."""
    attempt_store.save_cursor(world.clock.now // MINUTE_MS - 1)


def new_process() -> None:
    """Clear what the process has in memory, as a new process has nothing."""
    secrets.forget()
    exam_store.load_bank.cache_clear()
    exams.draw_paper.cache_clear()
    enrolment.forget()


# --- what counts as the same ----------------------------------------------------------------------------

# Versions, ids of writes, random seeds and nonces. They differ between runs and mean no difference for anybody.
_CHANCE = {"version", "write_id", "ordered_version", "hash", "previous", "paper_seed"}
_CHANCE |= {"snapshot_seed", "phone_sealed", "id_number_sealed"}
_CHANCE |= {"secret_sealed", "secret", "otpauth_uri"}
_CHANCE |= {"server_now", "content", "policy"}
_CHANCE |= {"tries"}  # how often a message was handed over
_CHANCE |= {"x-amz-signature", "x-amz-date", "x-amz-credential"}
_CHANCE |= {"authorization_url"}
_CHANCE |= {"stamp"}  # contains and signs its time
_CHANCE |= {"seal", "sha256"}  # over a whole record or document, times included
_CHANCE |= {"digests", "mac"}  # over a whole entry of a timeline
_RANDOM_ID = re.compile(r"\b(?:(?:ac|ph|cp|ln)_[a-z2-9]{20}|ch_[a-z2-9]{26})")
_MOMENT = re.compile(r"(?<![0-9])1[78][0-9]{11}(?![0-9])")
_LINK = re.compile(r"https://\S+")  # a presigned link, which contains its time
_RECORD = re.compile(r"[0-9a-f]{16}/kaochang-record-[0-9]{8}-[0-9]{6}")  # named by its time


def _told(answer: Any, known: set[str]) -> str:
    if isinstance(answer, Run):
        return ""  # no client waits for its answer
    if isinstance(answer, Answer):
        refused = (
            answer.status >= 400
        )  # the same refusal may have another reason: closed instead of late
        answer = [answer.status, "" if refused else answer.json]
    return f"told: {_line(answer, known)}"


def _stored(world: World, known: set[str]) -> tuple[str, ...]:
    lines = []
    for variable in [name for name in ENVIRONMENT if name.endswith("_TABLE")]:
        if variable != "PASSING_TABLE":  # its counters of tries expire
            rows = [row for row in world.rows(variable) if _says_something(world, row)]
            lines += [f"{variable}: {_line(row, known)}" for row in rows]
    lines += [f"{bucket}: {_same(key, known)}: {tag}" for bucket, key, tag in _objects()]
    # the same consent may be stored twice
    consents = {line for line in lines if '"consent#' in line}
    return tuple(sorted([line for line in lines if line not in consents] + sorted(consents)))


def _says_something(world: World, row: dict[str, Any]) -> bool:
    """Return whether a row counts in the comparison.

    The cursor of the sweep does not, nor an ID number that an account claimed but does not have.
    """
    if row.get("sk") == "CURSOR":
        return False
    if not str(row.get("pk", "")).startswith("person#"):
        return True
    owner = [r for r in world.rows("ACCOUNTS_TABLE") if r["pk"] == f"account#{row['account_id']}"]
    return bool(owner) and owner[0].get("person_hash") == row["pk"].removeprefix("person#")


def _objects() -> list[tuple[str, str, str]]:
    """Return the current version of each object: bucket, key, hash."""
    found = []
    for name, bucket in s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.items():
        for key, entry in bucket.keys.items():
            if not isinstance(entry, FakeDeleteMarker):
                found.append((name, key, _content(key, entry)))
    return found


def _content(key: str, entry: Any) -> str:
    """Return the content that must be the same: all but the times of reports, lists, statistics, signatures."""
    if key.endswith((".report.json", "/statistics.json")):
        return _MOMENT.sub("a moment", entry.value.decode())
    if key.endswith("/list.xlsx"):  # a sheet beside the rows says when it was ordered
        with zipfile.ZipFile(io.BytesIO(entry.value)) as book:
            return hashlib.sha256(book.read("xl/worksheets/sheet1.xml")).hexdigest()
    passing = key.endswith((".pdf", ".report.html")) or key.startswith(("timelines/", "records/"))
    return "" if passing else entry.etag


def _line(value: Any, known: set[str]) -> str:
    return json.dumps(_plain(value, known), sort_keys=True, ensure_ascii=False, default=repr)


def _plain(value: Any, known: set[str]) -> Any:
    if isinstance(value, dict):
        kept = {key: entry for key, entry in value.items() if key not in _CHANCE}
        return {_same(str(key), known): _plain(entry, known) for key, entry in kept.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry, known) for entry in value]
    if isinstance(value, str):
        return _same(value, known)
    if isinstance(value, int) and _MOMENT.fullmatch(str(value)):
        return "a moment"
    return value


def _same(text: str, known: set[str]) -> str:
    """Return the text without times and without ids that were drawn in this run."""
    text = _RECORD.sub("a record", _LINK.sub("a link", text))
    text = _RANDOM_ID.sub(lambda found: found[0] if found[0] in known else found[0][:3], text)
    return _MOMENT.sub("a moment", text)


def _ids(world: World) -> set[str]:
    """Return the random ids that are stored already."""
    text = " ".join(
        json.dumps(world.rows(name), default=repr)
        for name in ENVIRONMENT
        if name.endswith("_TABLE")
    )
    return set(_RANDOM_ID.findall(text))
