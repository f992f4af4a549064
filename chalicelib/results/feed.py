"""Rules of the feeds of results for partner platforms: the entries, and when there is a new one. Pure.

An entry never changes. A correction is a later entry about the same attempt with the next `revision`. So attempt and
revision identify an entry in every feed.
"""

import enum
import unicodedata
from collections.abc import Iterable
from typing import Annotated

import msgspec

from chalicelib.attempts.grading import ResultOutcome
from chalicelib.kernel import versioned
from chalicelib.kernel.versioned import since
from chalicelib.results.model import CertificateStatus

PAGE = 100  # entries in one response, about 80 kB


class FeedKind(enum.Enum):
    """Why there is a new entry; of several reasons the first of these."""

    PUBLISHED = "published"  # the first entry of an attempt: the paper was submitted
    INVALIDATED = "invalidated"  # the result became 不合格
    OVERTURNED = "overturned"  # it is no longer 不合格
    RESCORED = "rescored"  # a corrected key gave other points
    FINAL = "final"  # only the correction of a mistake can still change it
    REOPENED = "reopened"  # it was final, and no longer is
    CERTIFICATE = "certificate"  # its certificate was issued, suspended, revoked, made valid again or corrected


class CertificateNews(msgspec.Struct, frozen=True):
    """The certificate of a result: the number of its newest edition, and its status."""

    number: str
    status: CertificateStatus


class FeedResult(msgspec.Struct, frozen=True):
    """A result as partners see it. It depends on attempt and certificate only, not on the present time.

    It is compared with the stored one. So a new field gets a default and `versioned.since`, and makes no new entry
    about an old result.

    `complaint_until`: the last time for a complaint (UTC ms). A `provisional` and `invalidated` result without a
    complaint by then stays as it is, without another entry. `series_id`, `sitting`: which sitting of which series it
    is; "" for an exam by itself.
    """

    attempt_id: str
    round: int
    person: str
    name: str
    id_number_masked: str
    role: str
    organisation: str
    exam_id: str
    exam_title: str
    submitted_at: int
    verdict_at: int
    complaint_until: int
    outcome: ResultOutcome
    provisional: bool
    points: float
    out_of: float
    passed: bool
    certificate: CertificateNews | None = None
    series_id: Annotated[str, since(2)] = ""
    sitting: Annotated[str, since(2)] = ""


class FeedEntry(msgspec.Struct, frozen=True):
    """One entry about a result. `at`: when it was written (UTC ms). `schema`: the version of the fields of `result`."""

    revision: int
    kind: FeedKind
    at: int
    result: FeedResult
    schema: int = 1


class PlacedEntry(msgspec.Struct, frozen=True):
    """An entry with its place in a feed. `sequence` counts from 1 in each feed, without gaps.

    Entries in the feed of a person are copied into the feed of the organisation. `beyond`: the copy has a higher
    sequence than this one there. `copied`: the sequence of the copy; 0 while it is not known.
    """

    sequence: int
    entry: FeedEntry
    beyond: int = 0
    copied: int = 0


def about(entries: Iterable[PlacedEntry], attempt_id: str) -> list[PlacedEntry]:
    """Return the entries about one attempt, oldest first."""
    return [entry for entry in entries if entry.entry.result.attempt_id == attempt_id]


def newest_of_each(entries: Iterable[PlacedEntry]) -> list[FeedEntry]:
    """Return the newest entry of each attempt, the last submitted attempt first."""
    newest = {placed.entry.result.attempt_id: placed.entry for placed in entries}
    return sorted(newest.values(), key=lambda entry: entry.result.submitted_at, reverse=True)


def next_entry(entries: list[PlacedEntry], result: FeedResult, at: int) -> FeedEntry | None:
    """Return the next entry of an attempt; None when its newest entry has the same result.

    `entries`: the entries of this attempt, oldest first. Results are compared in the fields that the newest entry was
    written with.
    """
    schema = versioned.newest_schema(type(result))
    if not entries:
        return FeedEntry(1, FeedKind.PUBLISHED, at, result, schema)
    newest = entries[-1].entry
    if versioned.same(newest.result, result, newest.schema):
        return None
    return FeedEntry(newest.revision + 1, _kind(newest.result, result), at, result, schema)


def _kind(before: FeedResult, after: FeedResult) -> FeedKind:
    void_before, void_after = (
        result.outcome is ResultOutcome.INVALIDATED for result in (before, after)
    )
    # Both are invalidated, but `verdict_at` differs: another rule has invalidated the result again.
    if void_after and (not void_before or before.verdict_at != after.verdict_at):
        return FeedKind.INVALIDATED
    if void_before and not void_after:
        return FeedKind.OVERTURNED
    if (before.points, before.passed) != (after.points, after.passed):
        return FeedKind.RESCORED
    if before.provisional != after.provisional:
        return FeedKind.REOPENED if after.provisional else FeedKind.FINAL
    return FeedKind.CERTIFICATE


def plain_organisation(name: str) -> str:
    """Return the name of an organisation for comparing: without differences of width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
