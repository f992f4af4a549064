"""Rules of a page that falls silent: noted as a signal, never as a switch. Pure.

A heartbeat with nothing new writes nothing, so the item does not hold when the last one came. Instead each answer to
a page carries a stamp, which the page sends back with its next request: when the answer was given, and the silences
that are not written yet. The stamp is signed: a page can leave it out, which makes a silence longer, but cannot change
it.
"""

import msgspec

from chalicelib.attempts.model import Attempt, Silences, Status
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import SECOND_MS

MISSED_BEATS = 3  # requirements: more than 3 heartbeats


@outcome_of(Attempt)
class FellSilent(Outcome, frozen=True):
    """A page was silent for more than three heartbeats: how often so far, and how long at most."""

    silences: Silences


class Stamp(msgspec.Struct, frozen=True):
    """What an answer hands to the next request: page, moment, heartbeat interval (0: none counts), silences. In ms."""

    page: int
    at: int
    interval_ms: int
    silences: Silences


def heard(stamp: Stamp | None, now: int) -> Silences | None:
    """All silences up to now, or None when nothing is known of an earlier sign of life."""
    if stamp is None:
        return None
    silences, silent_ms = stamp.silences, now - stamp.at
    if not stamp.interval_ms or silent_ms <= MISSED_BEATS * stamp.interval_ms:
        return silences
    return Silences(silences.times + 1, max(silences.longest_ms, silent_ms))


def note(attempt: Attempt, silences: Silences | None) -> Outcomes:
    """Note silences with a write that is made anyway. Fewer than are known already come from a late request."""
    recorded = attempt.silences or Silences()
    if silences is None or silences.times <= recorded.times:
        return ()
    return (FellSilent(silences=silences),)


def stamp(attempt: Attempt, page: int, silences: Silences | None, now: int) -> Stamp:
    """The stamp of an answer that is given now. Silences are counted in the exam alone."""
    running = attempt.status is Status.STARTED
    interval_ms = attempt.policy.heartbeat_exam_s * SECOND_MS if running else 0
    recorded = attempt.silences or Silences()
    newest = silences if silences is not None and silences.times > recorded.times else recorded
    return Stamp(page, now, interval_ms, newest)
