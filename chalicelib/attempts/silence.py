"""Rules of a page that is silent. A silence is noted for operators and never counts as a switch. Pure.

A heartbeat with nothing new writes nothing, so the item does not hold when the last one came. Instead each answer to
a page holds a stamp, which the page sends back with its next request. The stamp says when the answer was given, and
which silences are not written yet. It is signed: a page can leave it out, which makes a silence longer, but cannot
change it.
"""

import msgspec

from chalicelib.attempts.model import Attempt, LiveAttempt, Silences, Status
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import SECOND_MS

MISSED_BEATS = 3  # requirements: more than 3 heartbeats


@outcome_of(Attempt)
class FellSilent(Outcome, frozen=True):
    """A page was silent for more than three heartbeats: how often so far, and how long at most."""

    silences: Silences


class Stamp(msgspec.Struct, frozen=True):
    """The content of a stamp. Times in ms. `interval_ms`: the heartbeat interval; 0 when silences do not count."""

    page: int
    at: int
    interval_ms: int
    silences: Silences


def heard(stamp: Stamp | None, now: int) -> Silences | None:
    """Return all silences up to now; None without a stamp."""
    if stamp is None:
        return None
    silences, silent_ms = stamp.silences, now - stamp.at
    if not stamp.interval_ms or silent_ms <= MISSED_BEATS * stamp.interval_ms:
        return silences
    return Silences(silences.times + 1, max(silences.longest_ms, silent_ms))


def note(attempt: LiveAttempt, silences: Silences | None) -> Outcomes:
    """Note silences in a write that is made anyway. Decides nothing when the attempt has as many or more."""
    recorded = attempt.silences or Silences()
    if silences is None or silences.times <= recorded.times:
        return ()
    return (FellSilent(silences=silences),)


def stamp(attempt: LiveAttempt, page: int, silences: Silences | None, now: int) -> Stamp:
    """Return the stamp of an answer that is given now. Silences count only while the exam runs."""
    running = attempt.status is Status.STARTED
    interval_ms = attempt.policy.heartbeat_exam_s * SECOND_MS if running else 0
    recorded = attempt.silences or Silences()
    newest = silences if silences is not None and silences.times > recorded.times else recorded
    return Stamp(page, now, interval_ms, newest)
