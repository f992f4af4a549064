"""Parts of the indexes, by the size of the exam."""

from collections import Counter

import pytest

from chalicelib.attempts import shards
from chalicelib.attempts.model import Attempt
from chalicelib.exams.model import Policy
from tests.unit.attempts import MINUTE, T0, attempt


def of_exam_with(people: int, number: int = 1) -> Attempt:
    policy = Policy(expected_people=people)
    return attempt(attempt_id=f"at_{number:028x}", policy=policy)


@pytest.mark.parametrize(
    ("people", "parts"),
    [
        (1, 8),
        (2499, 8),
        (2500, 8),
        (2501, 9),
        (9999, 32),
        (10_000, 32),
        (10_001, 33),
        (99_999, 320),
        (100_000, 320),
    ],
)
def test_an_exam_has_32_parts_for_10_000_people_and_at_least_8(people: int, parts: int) -> None:
    assert shards.shards_of(Policy(expected_people=people)) == parts


def test_an_exam_that_says_nothing_has_the_eight_parts_of_before() -> None:
    assert shards.shards_of(Policy()) == 8


@pytest.mark.parametrize("people", [1, 10_000, 100_000])
def test_attempts_are_spread_evenly_over_all_parts(people: int) -> None:
    parts = shards.shards_of(Policy(expected_people=people))
    each = 200
    counts = Counter(
        shards.exam_shard(of_exam_with(people, number)) for number in range(parts * each)
    )
    assert set(counts) == set(shards.exam_shards("exam", parts))
    assert max(counts.values()) < 1.5 * each


def test_all_indexes_use_the_same_part_and_readers_know_each_key() -> None:
    for number in range(100):
        one = of_exam_with(10_000, number)
        part = shards.shard_of(one)
        assert shards.exam_shard(one) == shards.exam_shards("exam", 32)[part]
        assert shards.follow_up_shard(one) == shards.follow_up_shards(32)[part]
        assert shards.due_bucket(one, T0) in shards.due_buckets(T0 // MINUTE + 1, 32)


def test_an_attempt_is_due_in_the_first_whole_minute_after_the_moment() -> None:
    one = of_exam_with(1)
    for moment, minute in ((T0 - 1, 0), (T0, 1), (T0 + MINUTE - 1, 1), (T0 + MINUTE, 2)):
        key = shards.due_bucket(one, moment)
        assert int(key.partition("#")[0]) == T0 // MINUTE + minute
