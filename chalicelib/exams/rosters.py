"""The rule by which a new roster replaces the one of a published exam. Pure."""

import msgspec

from chalicelib.exams.model import Exam, RosterReplaced
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import Conflict


class Source(msgspec.Struct, frozen=True):
    """The uploaded file that a roster came from: its version, and when it was uploaded (UTC ms)."""

    version_id: str
    at: int


def replace(exam: Exam, version: str, longest_extra_ms: int, source: Source, now: int) -> Outcomes:
    """Put a new roster in force on a published exam. The same file again changes nothing.

    The end of an exam only moves later, because an attempt may have been opened with more time than the new roster
    gives. Raises `Conflict` (`roster_not_used`, `roster_superseded`, `exam_over`).
    """
    if not exam.has_roster:
        raise Conflict("roster_not_used")
    if source.at < exam.roster_at:
        raise Conflict("roster_superseded")
    if source.version_id == exam.roster_source:
        return ()
    if now > exam.ends_at:
        raise Conflict("exam_over", ended_at=exam.ends_at)
    replaced = RosterReplaced(
        roster_version=version,
        longest_extra_ms=max(exam.longest_extra_ms, longest_extra_ms),
        roster_source=source.version_id,
        roster_at=source.at,
    )
    return (replaced,)
