"""What partner platforms are told of a result: its entries in a feed, and when there is a new one. Pure.

An entry is never changed. A correction, whatever its cause, is a later entry about the same attempt with the next
`revision`; so an entry is named by attempt and revision, wherever it stands.
"""

import enum
import unicodedata
from collections.abc import Iterable

import msgspec

from chalicelib.attempts.grading import ResultOutcome
from chalicelib.kernel import versioned
from chalicelib.results.model import CertificateStatus

PAGE = 100  # entries of one answer: some 80 kB


class FeedKind(enum.Enum):
    """Why there is a new entry; of several reasons the first of these."""

    PUBLISHED = "published"  # the first entry of an attempt: the paper was submitted
    INVALIDATED = "invalidated"  # the result became 不合格
    OVERTURNED = "overturned"  # it is 不合格 no more
    RESCORED = "rescored"  # a corrected key gave other points
    FINAL = "final"  # nothing can change it any more but a corrected mistake
    REOPENED = "reopened"  # it was final, and is not now
    CERTIFICATE = "certificate"  # its certificate was issued, suspended, revoked, made valid again or corrected


class CertificateNews(msgspec.Struct, frozen=True):
    """How the certificate of a result stands: number of its newest edition."""

    number: str
    status: CertificateStatus


class Told(msgspec.Struct, frozen=True):
    """A result as partners see it; a function of attempt and certificate alone, never of the hour.

    It is compared with what was stored: a field that is added gets a default and `versioned.since`, and makes no new
    entry about an old result.

    `complaint_until`: the last moment of a complaint about it; a `provisional` and `invalidated` one that nobody has
    complained about by then stays as it is, without another entry.
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


class FeedEntry(msgspec.Struct, frozen=True):
    """One piece of news. `at`: when it was written. `schema`: the version of the fields of `result`."""

    revision: int
    kind: FeedKind
    at: int
    result: Told
    schema: int = 1


class PlacedEntry(msgspec.Struct, frozen=True):
    """An entry where it stands: `sequence` counts from 1 in each feed, without a gap.

    In the feed of a person, from which the feed of the organisation is made: `beyond`, after which sequence of that
    its copy is to be looked for, and `copied`, the copy's own sequence, once that is known.
    """

    sequence: int
    entry: FeedEntry
    beyond: int = 0
    copied: int = 0


def about(entries: Iterable[PlacedEntry], attempt_id: str) -> list[PlacedEntry]:
    """What was told of one attempt, oldest first."""
    return [entry for entry in entries if entry.entry.result.attempt_id == attempt_id]


def newest_of_each(entries: Iterable[PlacedEntry]) -> list[FeedEntry]:
    """How each attempt stands, the last submitted first."""
    newest = {placed.entry.result.attempt_id: placed.entry for placed in entries}
    return sorted(newest.values(), key=lambda entry: entry.result.submitted_at, reverse=True)


def next_entry(entries: list[PlacedEntry], result: Told, at: int) -> FeedEntry | None:
    """The entry that is missing; None when the newest of this attempt says the same.

    They are compared in the fields that the newest entry was written with.
    """
    schema = versioned.newest_schema(type(result))
    if not entries:
        return FeedEntry(1, FeedKind.PUBLISHED, at, result, schema)
    newest = entries[-1].entry
    if versioned.same(newest.result, result, newest.schema):
        return None
    return FeedEntry(newest.revision + 1, _kind(newest.result, result), at, result, schema)


def _kind(before: Told, after: Told) -> FeedKind:
    void_before, void_after = (
        result.outcome is ResultOutcome.INVALIDATED for result in (before, after)
    )
    # Another verdict (`verdict_at`) that is void as well: invalidated anew, by another rule.
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
    """A name of an organisation as it is compared: width, case and spaces make no other one."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
