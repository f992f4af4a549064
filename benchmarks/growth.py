"""What lists cost as they grow: `python -m benchmarks.growth`.

Rows that one call reads, and the read units that they cost, at three sizes of what is stored. The product's own code
asks a stand-in for DynamoDB, which has rows of the real form, pages of 1 MB, and the limits that a query says. A query
is billed on all that its pages hold, per started 4 KiB; a read that need not be consistent, as of every index, is half
a unit.
"""

import contextlib
import io
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import msgspec

from benchmarks.behind_moto import enrolled
from benchmarks.meter import KIB, READ, size
from tests.environment import set_environment

set_environment()

from chalicelib.attempts import events as sweep  # noqa: E402
from chalicelib.attempts import shards, watching  # noqa: E402
from chalicelib.attempts.model import Cause  # noqa: E402
from chalicelib.exams import lists  # noqa: E402
from chalicelib.exams import store as exam_store  # noqa: E402
from chalicelib.exams.listing import ListPart  # noqa: E402
from chalicelib.exams.model import RosterEntry  # noqa: E402
from chalicelib.handlers import public  # noqa: E402
from chalicelib.identity import census  # noqa: E402
from chalicelib.identity import store as identity_store  # noqa: E402
from chalicelib.results import store as results  # noqa: E402
from chalicelib.shared import table  # noqa: E402
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS  # noqa: E402
from tests.faults import rows as stored_rows  # noqa: E402
from tests.unit.attempts import T0  # noqa: E402
from tests.unit.exams import exam  # noqa: E402

MB = 1 << 20
CURRENT = 8  # exams that are coming or running, however many there were
CALL_S = 0.004  # one call of DynamoDB in the sweep's rows

Row = dict[str, Any]


@dataclass
class StandIn:
    """Rows by the hash key of a query, in the order of their sort key; counts what is read."""

    rows: dict[Any, Sequence[Row]]
    queries: int = 0
    read: int = 0
    units: float = 0.0
    sizes: dict[Any, int] = field(default_factory=dict)
    kept: Row | None = None  # the one row of the passing table: the board of a large exam
    write_units: int = 0

    def query(
        self, _: str, *, hash_key: tuple[str, Any], most: int | None, **more: Any
    ) -> Iterator[Row]:
        """As `table.query`: page by page, each billed when it is asked for."""
        rows = self.rows.get(hash_key[1], ())
        if more.get("newest_first"):
            rows = rows[::-1]
        if above := more.get("sort_above"):
            rows = [row for row in rows if row[above[0]] > above[1]]
        a_page = min(most or len(rows), self._rows_of_a_page(hash_key[1], rows)) or 1
        for first in range(0, max(1, min(len(rows), most or len(rows))), a_page):
            page = rows[first : first + a_page]
            self.queries += 1
            self.read += len(page)
            bytes_ = len(page) * self.sizes.get(hash_key[1], 0)
            self.units += max(1, math.ceil(bytes_ / READ)) * (0.5 if more.get("index") else 1)
            yield from page

    def get(self, _: str, key: Row) -> Row | None:
        """As `table.get` of the passing table; other tables have nothing."""
        if "pk" not in key or self.kept is None:
            return None
        self.read += 1
        self.units += math.ceil(wire_size(self.kept) / READ)
        return self.kept

    def update(self, _: str, key: Row, condition: Any, *, sets: Row) -> Row:
        """As `table.update` of the passing table, whatever the condition."""
        self.kept = {**key, **(self.kept or {}), **sets}
        self.write_units += math.ceil(wire_size(self.kept) / KIB)
        return self.kept

    def _rows_of_a_page(self, key: Any, rows: Sequence[Row]) -> int:
        if rows and key not in self.sizes:
            self.sizes[key] = wire_size(rows[0])
        return MB // max(1, self.sizes.get(key, MB))


def wire_size(row: Row) -> int:
    """The bytes of a row as DynamoDB counts them."""
    return size({name: table.to_wire(value) for name, value in row.items()})


def counted(
    rows: dict[Any, Sequence[Row]], work: Callable[[], Any], kept: Row | None = None
) -> StandIn:
    """Do some work on these rows; returns what it has read and kept."""
    stand_in = StandIn(rows, kept=kept)
    with mock.patch.multiple(table, query=stand_in.query, get=stand_in.get, update=stand_in.update):
        work()
    return stand_in


def exams_of(number: int) -> dict[str, list[Row]]:
    """So many exams, one a day until today and `CURRENT` ahead of it, as the index has them."""
    whole = msgspec.to_builtins(exam())
    held = ("title", "audience", "roster_version", "policy", "longest_extra_ms", "last_deadline")
    named = {name: whole[name] for name in (*held, "waiting_opened_at", "orders", "version")}
    found: dict[str, list[Row]] = {"exam": [], "ended": []}
    for n in range(number):
        starts_at = T0 + (n + 1 - (number - CURRENT)) * 24 * HOUR_MS
        row = {**named, "exam_id": f"exam-{n:05}", "sk": "EXAM", "starts_at": starts_at}
        part = "exam" if n >= number - CURRENT else "ended"
        found[part].append({**row, "listed": part})
    return found


def exam_rows() -> None:
    """The portal's pages and the minute's look at 10, 100 and 1,000 exams."""
    for number in (10, 100, 1_000):
        rows: dict[Any, Sequence[Row]] = {**exams_of(number)}
        page = counted(rows, lambda: lists.list_page(part=ListPart.CURRENT, after="", most=20))
        ended = counted(rows, lambda: lists.list_page(part=ListPart.ENDED, after="", most=20))
        minute = counted(rows, lists.list_current)
        every = counted(rows, exam_store.list_exams)
        with mock.patch.object(table, "query", StandIn(rows).query):
            answer = lists.list_page(part=ListPart.ENDED, after="", most=20)
            shown = tuple(public._exam_view(one, T0) for one in answer.exams)
            bytes_ = len(msgspec.json.encode(public.ExamList(shown, "")))
        report("exams", number, "portal, current exams", page)
        report("exams", number, f"portal, 20 that are over ({bytes_ / 1000:.1f} kB)", ended)
        report("exams", number, "minute", minute)
        report("exams", number, "all, as portal and minute did (the minute three times)", every)


def roster_rows() -> None:
    """Whether a roster has anybody, and all of it."""
    for number in (1_000, 10_000, 100_000):
        entry = msgspec.to_builtins(RosterEntry(person_hash="p" * 26))
        row = {"exam_id": "exam", "sk": f"ROSTER#{'v' * 12}#{'p' * 26}", **entry}
        rows: dict[Any, Sequence[Row]] = {"exam": [row] * number}
        report(
            "roster",
            number,
            "preflight: has it anybody?",
            counted(rows, lambda: exam_store.has_roster("exam", "v")),
        )
        report(
            "roster",
            number,
            "all, for a score list",
            counted(rows, lambda: exam_store.load_roster("exam", "v")),
        )


def attempt_rows() -> None:
    """What operators' pages read of the attempts of an exam."""
    for number in (1_000, 10_000, 100_000):
        parts = shards.exam_shards("exam", shards.LEAST_SHARDS)
        opened = {"attempt_id": f"at_{'x' * 28}", "exam_shard": "exam#00"}
        started = {**opened, "started_at": T0, "announced": 2}
        submitted = {**started, "submitted_at": T0 + HOUR_MS, "cause": Cause.CANDIDATE.value}
        share = number // len(parts)
        some = ([submitted] * 5 + [started] * 4 + [opened]) * (share // 10 + 1)  # largest first
        rows: dict[Any, Sequence[Row]] = dict.fromkeys(parts, some[:share])
        first = counted(rows, lambda: watching.look_at_board(exam_id="exam", now=T0))
        kept = f", kept by {first.write_units} write units" if first.kept else ""
        report("attempts", number, f"live board, who looks first{kept}", first)
        later = counted(
            rows, lambda: watching.look_at_board(exam_id="exam", now=T0 + 1), first.kept
        )
        report("attempts", number, "live board, who looks within 15 s", later)
        report(
            "attempts",
            number,
            "which exam is fullest?",
            counted(rows, lambda: watching.count_open(exam_id="exam")),
        )


@dataclass
class People:
    """The table of accounts with so many people whose face is stored, as the count of the day reads it."""

    number: int
    bytes_each: int
    census: Any = None
    pages: int = 0

    def count_page(
        self, _: str, *, having: str, after: Row | None = None
    ) -> tuple[int, Row | None]:
        """As `table.count_page`: one page of 1 MB."""
        begin = int(after["pk"]) if after else 0
        end = min(self.number, begin + MB // self.bytes_each)
        self.pages += 1
        return end - begin, {"pk": str(end)} if end < self.number else None

    def load(self) -> Any:
        """As `store.load_census`."""
        return self.census

    def note(self, census: Any, seen: Any) -> bool:
        """As `store.note_census`."""
        self.census = census
        return True


def face_rows() -> None:
    """The day's count of people whose face is stored. All rows of a person are read, one of which is the account."""
    with enrolled(45):
        bytes_each = sum(map(wire_size, stored_rows("ACCOUNTS_TABLE").values()))
    for number in (1_000, 10_000, 100_000):
        people, minutes = People(number, bytes_each), 0
        with (
            mock.patch.object(table, "count_page", people.count_page),
            mock.patch.multiple(identity_store, load_census=people.load, note_census=people.note),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            while people.census is None or not people.census.done:
                census.count_faces(now=T0)
                minutes += 1
        units = number * bytes_each / READ / 2
        runs = f"{minutes} run{'s' if minutes > 1 else ''} of the minute"
        call = f"the day's count: {people.pages:,} pages, {runs}"
        print(f"| enrolled faces | {number:,} | {call} | {number:,} people | {units:,.0f} |")


def feed_rows() -> None:
    """What a partner's page of its feed reads."""
    for number in (1_000, 10_000, 100_000):
        row = {"feed": "org#a", "sk": "000000000001", "attempt_id": "at_1", "pad": "x" * 400}
        rows: dict[Any, Sequence[Row]] = {"org#a": [row] * number}
        with mock.patch.object(results, "entry_from_item", dict):
            page = counted(rows, lambda: results.list_entries("org#a", most=100))
            last = counted(rows, lambda: results.last_sequence("org#a"))
        report("feed entries", number, "a page of 100", page)
        report("feed entries", number, "the newest one", last)


def sweep_seconds() -> None:
    """How long the sweep takes for candidates who are overdue at once, with calls that only take their time."""
    for number in (200, 2_000):
        times = {at_once: swept(number, at_once) for at_once in (1, sweep.AT_ONCE)}
        alone, beside = times[1], times[sweep.AT_ONCE]
        print(
            f"| overdue attempts | {number:,} | two calls of {CALL_S * 1000:.0f} ms each: one after the other "
            f"{alone:.1f} s, {sweep.AT_ONCE} side by side {beside:.1f} s | {number:,} | |"
        )


def swept(number: int, at_once: int) -> float:
    """Seconds of one run of the sweep."""

    def close(attempt_id: str, now: int) -> bool:
        time.sleep(2 * CALL_S)
        return True

    minute = T0 // MINUTE_MS
    buckets = shards.due_buckets(minute, shards.LEAST_SHARDS)
    share = {b: [f"at_{b}_{n}" for n in range(number // len(buckets))] for b in buckets}
    with contextlib.ExitStack() as stack:
        for name, value in (
            ("list_due", lambda bucket: share.get(bucket, [])),
            ("most_shards", lambda: shards.LEAST_SHARDS),
            ("list_unclosed", dict),
            ("load_cursor", lambda: minute),
            ("save_cursor", lambda _: None),
        ):
            where = sweep.store if hasattr(sweep.store, name) else sweep.index_store
            stack.enter_context(mock.patch.object(where, name, value))
        stack.enter_context(mock.patch.object(sweep, "_closed", close))
        stack.enter_context(mock.patch.object(sweep, "AT_ONCE", at_once))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        began = time.perf_counter()
        sweep.close_overdue_attempts(now=lambda: T0)
        return time.perf_counter() - began


def report(what: str, number: int, call: str, read: StandIn) -> None:
    """Print one row of the table."""
    print(f"| {what} | {number:,} | {call} | {read.read:,} | {read.units:,g} |")


def main() -> None:
    """Print the table."""
    print("| stored | how many | call | rows read | read units |")
    print("|---|---:|---|---:|---:|")
    for part in (exam_rows, roster_rows, attempt_rows, face_rows, feed_rows, sweep_seconds):
        part()


if __name__ == "__main__":
    main()
