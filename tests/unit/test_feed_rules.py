"""What partners are told of a result, and when it is news."""

import itertools
from typing import Any

import msgspec
import pytest

from chalicelib.attempts.grading import ResultOutcome
from chalicelib.kernel import versioned
from chalicelib.results import feed
from chalicelib.results.feed import CertificateNews, FeedEntry, FeedKind, FeedResult, PlacedEntry
from chalicelib.results.model import CertificateStatus

PASSED = FeedResult(
    attempt_id="at_1",
    round=1,
    person="p",
    name="王敏",
    id_number_masked="1401**********1234",
    role="agency_practitioner",
    organisation="山西示例招标代理有限公司",
    exam_id="ex-1",
    exam_title="资格考核",
    submitted_at=1000,
    verdict_at=1000,
    complaint_until=2000,
    outcome=ResultOutcome.PASSED,
    provisional=True,
    points=98.0,
    out_of=100.0,
    passed=True,
)
VALID = CertificateNews("SX-1", CertificateStatus.VALID)


def changed(told: FeedResult = PASSED, **fields: Any) -> FeedResult:
    return msgspec.structs.replace(told, **fields)


def entry(revision: int, kind: FeedKind, at: int, result: FeedResult) -> FeedEntry:
    """An entry as it is written today: with the newest schema of a result."""
    return FeedEntry(revision, kind, at, result, versioned.newest_schema(FeedResult))


def known(*told: FeedResult) -> list[PlacedEntry]:
    return [
        PlacedEntry(n, entry(n, FeedKind.PUBLISHED, n, one)) for n, one in enumerate(told, start=1)
    ]


VOID = changed(outcome=ResultOutcome.INVALIDATED, verdict_at=1500)
FINAL = changed(provisional=False, certificate=VALID)


def test_the_first_news_of_an_attempt_is_its_publication() -> None:
    assert feed.next_entry([], PASSED, 7) == entry(1, FeedKind.PUBLISHED, 7, PASSED)


def test_the_same_again_is_no_news() -> None:
    assert feed.next_entry(known(PASSED), PASSED, 9) is None


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (PASSED, FINAL, FeedKind.FINAL),
        (PASSED, VOID, FeedKind.INVALIDATED),
        (FINAL, VOID, FeedKind.INVALIDATED),
        (VOID, changed(VOID, verdict_at=1501), FeedKind.INVALIDATED),
        (VOID, changed(VOID, provisional=False), FeedKind.FINAL),
        (VOID, FINAL, FeedKind.OVERTURNED),
        (VOID, changed(outcome=ResultOutcome.FAILED, points=1.0), FeedKind.OVERTURNED),
        (FINAL, changed(FINAL, points=100.0), FeedKind.RESCORED),
        (FINAL, changed(FINAL, passed=False, outcome=ResultOutcome.FAILED), FeedKind.RESCORED),
        (FINAL, changed(FINAL, provisional=True), FeedKind.REOPENED),
        (FINAL, changed(FINAL, certificate=None), FeedKind.CERTIFICATE),
        (
            FINAL,
            changed(FINAL, certificate=CertificateNews("SX-1", CertificateStatus.SUSPENDED)),
            FeedKind.CERTIFICATE,
        ),
    ],
)
def test_a_correction_is_a_new_entry_that_says_why(
    before: FeedResult, after: FeedResult, kind: FeedKind
) -> None:
    assert feed.next_entry(known(before), after, 9) == entry(2, kind, 9, after)


def test_whatever_is_told_differently_is_news() -> None:
    """No field can change without an entry."""
    other = {
        "certificate": VALID,
        "outcome": ResultOutcome.FAILED,
        "provisional": False,
        "passed": False,
    }
    for field in FeedResult.__struct_fields__:
        value = getattr(PASSED, field)
        now = other.get(field, value + 1 if isinstance(value, int | float) else f"{value}x")
        assert feed.next_entry(known(PASSED), changed(**{field: now}), 9) is not None, field


def test_a_person_has_one_line_for_each_attempt_the_last_submitted_first() -> None:
    second = changed(attempt_id="at_2", submitted_at=5000)
    entries = [*known(PASSED, second), PlacedEntry(3, entry(2, FeedKind.FINAL, 9, FINAL))]
    newest = feed.newest_of_each(entries)
    assert [entry.result for entry in newest] == [second, FINAL]
    assert [kept.sequence for kept in feed.about(entries, "at_1")] == [1, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    itertools.combinations(
        ["ABC 招标（山西）有限公司", "abc招标(山西)有限公司", "ＡＢＣ招标(山西)有限公司 "], 2
    ),
)
def test_width_case_and_spaces_make_no_other_organisation(one: str, other: str) -> None:
    assert feed.plain_organisation(one) == feed.plain_organisation(other)
    assert feed.plain_organisation(one) != feed.plain_organisation(one + "太原分公司")
