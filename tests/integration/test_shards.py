"""Attempts of large exams are found in all parts of the indexes, and those of before in the first eight."""

from typing import Any

import boto3
import pytest

from chalicelib.attempts import events, follow_up, index_store, shards, store
from chalicelib.attempts.model import Attempt
from chalicelib.exams.model import Policy
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import rows
from tests.unit.attempts import MINUTE, T0, started

LARGE, LARGER, USUAL = (Policy(expected_people=people) for people in (10_000, 20_000, 2500))
OVER = T0 + 62 * MINUTE


@pytest.fixture(autouse=True)
def cold_process(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_store, "_remembered", set())


def write(policy: Policy, *numbers: int) -> list[str]:
    """Start attempts of an exam of this size; returns their ids."""
    return [
        store.put_attempt(started(attempt_id=f"at_{number:028x}", policy=policy)).attempt_id
        for number in numbers
    ]


def in_exam() -> list[str]:
    return sorted(row.attempt_id for row in index_store.list_of_exam("exam"))


def parts_of(index_key: str) -> set[str]:
    return {row[index_key] for row in rows("ATTEMPTS_TABLE").values() if index_key in row}


def as_before(attempt: Attempt) -> None:
    """Change the keys of a stored attempt to those that the first version wrote."""
    part = sum(attempt.attempt_id.encode()) % 8
    assert attempt.due_bucket is not None
    minute = attempt.due_bucket.partition("#")[0]
    boto3.client("dynamodb").update_item(
        TableName=ENVIRONMENT["ATTEMPTS_TABLE"],
        Key={"attempt_id": {"S": attempt.attempt_id}, "sk": {"S": "ATTEMPT"}},
        UpdateExpression="SET due_bucket = :due, exam_shard = :exam",
        ExpressionAttributeValues={
            ":due": {"S": f"{minute}#{part}"},
            ":exam": {"S": f"exam#{part}"},
        },
    )


def test_attempts_of_a_large_exam_are_listed_closed_and_followed(clock: StandingClock) -> None:
    written = write(LARGE, *range(60))
    assert len(parts_of("exam_shard")) > 8
    assert in_exam() == written
    assert index_store.count_open("exam", most=100) == 60
    clock.now = OVER
    assert events.close_overdue_attempts(now=lambda: clock.now) == 60
    assert index_store.count_open("exam", most=100) == 0
    assert len(parts_of("follow_up")) > 8
    assert sorted(follow_up.list_marked()) == written


def test_attempts_from_before_are_listed_and_closed_beside_a_large_exam(
    clock: StandingClock,
) -> None:
    old = write(USUAL, *range(20))
    for attempt_id in old:
        attempt = store.load_attempt(attempt_id)
        assert attempt is not None
        as_before(attempt)
    assert in_exam() == old
    clock.now = OVER
    assert events.close_overdue_attempts(now=lambda: clock.now) == 20


@pytest.mark.parametrize("sizes", [(LARGE, USUAL, LARGER), (LARGER, LARGE, USUAL)])
def test_an_exam_that_is_published_with_another_size_keeps_all_its_attempts(
    sizes: tuple[Policy, ...], clock: StandingClock
) -> None:
    written: list[str] = []
    for number, policy in enumerate(sizes):
        written += write(policy, *range(number * 40, number * 40 + 40))
        assert in_exam() == written
    assert index_store.most_shards() == 64
    clock.now = OVER
    assert events.close_overdue_attempts(now=lambda: clock.now) == 120


def test_the_parts_of_a_large_exam_are_written_once_and_those_of_a_usual_one_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[Any] = []
    put = index_store.table.put
    monkeypatch.setattr(index_store.table, "put", lambda *a: (written.append(a[1]), put(*a)))
    write(USUAL, 1)
    assert index_store.most_shards() == shards.LEAST_SHARDS
    write(LARGE, 2, 3)
    assert [row["shards"] for row in written if "shards" in row] == [32]


def test_the_parts_are_known_before_an_attempt_is_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    put = store.table.put

    def dies_at_the_attempt(table: str, item: Any, *condition: Any) -> None:
        assert item["sk"] != "ATTEMPT"
        put(table, item, *condition)

    monkeypatch.setattr(store.table, "put", dies_at_the_attempt)
    with pytest.raises(AssertionError):
        write(LARGE, 1)
    assert index_store.most_shards() == 32
    assert in_exam() == []
