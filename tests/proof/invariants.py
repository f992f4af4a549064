"""The invariants, which always hold. Each is one function that compares what is stored with what was answered.

    violations(world) -> ["10: An answer acknowledged …: question 3 of at_…"]

They use neither the product's rules nor its counters: they count again from the history of all writes, and the book
has what was acknowledged. `entry`, `sitting` and `aftermath` hold the functions.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.attempts.model import Attempt, Status, Verification
from chalicelib.shared.table import item_from_wire
from tests.proof.book import Exchange, Run
from tests.proof.world import Change, World


@dataclass(frozen=True)
class Invariant:
    """An invariant as a sentence, and the function that finds its violations."""

    number: int
    sentence: str
    check: Callable[["View"], Iterator[str]]


INVARIANTS: dict[int, Invariant] = {}


def invariant(number: int, sentence: str) -> Callable[[Any], Any]:
    """Register the check of an invariant."""

    def register(check: Callable[["View"], Iterator[str]]) -> Any:
        INVARIANTS[number] = Invariant(number, sentence, check)
        return check

    return register


class View:
    """The present state of a world, in several indexes. A new one is made for each check."""

    def __init__(self, w: World) -> None:
        self.w, self.book = w, w.book
        written = [change for change in w.history if change.new is not None]
        self.changes = [change for change in written if not _practises(change.new)]
        self.practices = [change for change in written if _practises(change.new)]
        self.by_attempt: dict[str, list[Change]] = {}
        for change in self.changes:
            self.by_attempt.setdefault(change.attempt_id, []).append(change)
        self.attempts: dict[str, Attempt] = {
            attempt_id: last
            for attempt_id, changes in self.by_attempt.items()
            if (last := changes[-1].new) is not None
        }
        self.account_of = {person.name: person.account_id for person in w.people}

    @functools.cached_property
    def acts(self) -> dict[int, Exchange | Run]:
        """Requests and runs by their number."""
        return {act.number: act for act in [*self.book.exchanges, *self.book.runs]}

    @functools.cached_property
    def exchanges_of(self) -> dict[str, list[Exchange]]:
        """Requests about each attempt, in order."""
        found: dict[str, list[Exchange]] = {}
        for entry in self.book.exchanges:
            found.setdefault(entry.attempt_id, []).append(entry)
        return found

    @functools.cached_property
    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        """All other rows of the attempts table: (attempt id, sk) → plain row."""
        known = self.w.memory.setdefault("rows", {})
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for change in self.w.history:
            key = (change.attempt_id, change.sk)
            if change.sk == "ATTEMPT":
                continue
            if change.new_wire is None:
                found.pop(key, None)
                continue
            if change.number not in known:
                known[change.number] = item_from_wire(change.new_wire)
            found[key] = known[change.number]
        return found

    def rows_of(self, attempt_id: str, prefix: str) -> dict[str, dict[str, Any]]:
        """Rows of one attempt by what follows the prefix of their sort key."""
        return {
            sk.removeprefix(prefix): row
            for (owner, sk), row in self.rows.items()
            if owner == attempt_id and sk.startswith(prefix)
        }

    def steps(self, attempt_id: str) -> Iterator[tuple[Attempt | None, Attempt, Change]]:
        """Return the attempt before and after each of its writes."""
        for change in self.by_attempt[attempt_id]:
            assert change.new is not None
            yield change.old, change.new, change

    def pairs(self) -> Iterator[tuple[Attempt, Attempt, Change]]:
        """Attempts before and after each write but their first one."""
        for change in self.changes:
            if change.old is not None and change.new is not None:
                yield change.old, change.new, change

    @functools.cached_property
    def checks(self) -> dict[str, dict[str, list[Verification]]]:
        """Attempt → verification → its different stored versions."""
        return {attempt_id: self._checks(attempt_id) for attempt_id in self.by_attempt}

    def _checks(self, attempt_id: str) -> dict[str, list[Verification]]:
        found: dict[str, list[Verification]] = {}
        for _, new, _ in self.steps(attempt_id):
            for check in (*((new.pending,) if new.pending else ()), *new.verifications):
                known = found.setdefault(check.id, [])
                if not known or known[-1] != check:
                    known.append(check)
        return found

    def before(self, entry: Exchange) -> Attempt | None:
        """Return the attempt of a request as stored when the request was sent."""
        return self._at(entry.attempt_id, entry.seen)

    def after(self, entry: Exchange) -> Attempt | None:
        """Return the attempt of a request as stored when it was answered."""
        return self._at(entry.attempt_id, entry.kept)

    def _at(self, attempt_id: str, length: int) -> Attempt | None:
        found = None
        for change in self.by_attempt.get(attempt_id, ()):
            if change.number >= length:
                break
            found = change.new
        return found

    @functools.cached_property
    def caused(self) -> dict[int | None, list[Change]]:
        """Number of an act → its writes to attempts."""
        found: dict[int | None, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.cause, []).append(change)
        return found

    def fresh(self, name: str) -> list[Exchange]:
        """Yield answers that the check of this name has not seen before. Answers never change."""
        looked_at: set[int] = self.w.memory.setdefault(name, set())
        found = [e for e in self.book.exchanges if e.ended and e.number not in looked_at]
        looked_at |= {entry.number for entry in found}
        return found

    @property
    def settled(self) -> bool:
        """Whether no event is waiting or in a dead-letter queue."""
        return not self.w.waiting() and not self.w.dead()


def _practises(attempt: Attempt | None) -> bool:
    """Return whether this is a practice, which has an invariant of its own instead of those of an exam."""
    return attempt is not None and attempt.policy.is_practice


def by_the_clock(old: Attempt, new: Attempt) -> bool:
    """Return whether a change follows from the time alone, so that any request may write it (docs/data.md)."""
    changed = {
        name for name in Attempt.__struct_fields__ if getattr(old, name) != getattr(new, name)
    }
    allowed = {"version", "status", "cause", "submitted_at", "due_bucket", "pending", "asked"}
    allowed |= {"verdicts", "integrity", "verifications", "forgotten", "unusable"}
    allowed |= {"chances", "chances_after_start", "published_at", "follow_up"}
    closed = new.status is Status.SUBMITTED and old.status is not Status.SUBMITTED
    if closed and (new.cause is None or new.cause.value != "deadline"):
        return False
    more = new.chances.used > old.chances.used
    more |= new.chances_after_start.used > old.chances_after_start.used
    reserved = new.pending is not None and (old.pending is None or old.pending.id != new.pending.id)
    return changed <= allowed and not more and not reserved


def violations(w: World, only: int | None = None) -> list[str]:
    """Return the violations of all invariants in this world."""
    from tests.proof import aftermath, announcing, entry, practices, sitting

    # these modules register their checks
    assert aftermath and announcing and entry and practices and sitting
    view = View(w)
    return [
        f"{each.number}: {each.sentence}: {where}"
        for number, each in sorted(INVARIANTS.items())
        if only in (None, number)
        for where in each.check(view)
    ]
