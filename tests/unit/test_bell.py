"""What must be warm for so many people, and the simulation of the bell."""

import dataclasses

import pytest

from benchmarks import bell
from infra import warming

ROOMY = bell.Limits(
    api_rate=1e6,
    api_burst=1e6,
    concurrency=5000,
    warm=5000,
    writes=1e6,
    index_writes=1e6,
    shards=320,
)


def test_a_plan_follows_from_people_by_littles_law() -> None:
    plan = warming.plan(30_000)
    assert plan.starts_a_second == 10_000
    assert plan.calls_a_second == 20_000
    assert plan.environments == 1500  # 20,000 x 50 ms, with a half more
    assert plan.writes == 10_000 * warming.TABLE_UNITS * 1.5
    assert plan.index_writes == {"by_exam": 15_000, "overdue": 15_000}


def test_environments_are_provisioned_from_a_number_on_that_is_worth_it() -> None:
    assert warming.environments(1333) == 0  # 100 environments
    assert warming.environments(1334) == 101


@pytest.mark.parametrize(("people", "writes"), [(1, 4000), (3999, 4000), (4000, 5000)])
def test_a_new_table_is_warm_enough_for_a_few_thousand(people: int, writes: int) -> None:
    assert warming.plan(people).writes == writes


@pytest.mark.parametrize(("writes", "index"), [(39_999, 0), (40_000, 40_000)])
def test_the_default_quota_of_a_table_is_enough_up_to_its_number(writes: int, index: int) -> None:
    plan = dataclasses.replace(warming.plan(1), writes=writes, index_writes={"by_exam": index})
    assert warming.beyond_quota(plan) == ""


@pytest.mark.parametrize(("writes", "index"), [(40_001, 0), (4000, 40_001)])
def test_a_plan_beyond_the_quota_says_what_to_ask_for(writes: int, index: int) -> None:
    plan = dataclasses.replace(warming.plan(1), writes=writes, index_writes={"by_exam": index})
    assert "40,001 write units" in warming.beyond_quota(plan)


def test_a_bucket_gives_what_it_holds_and_fills_with_time() -> None:
    bucket = bell.Bucket(rate=10, size=2)
    assert [bucket.take(0, 1) for _ in range(3)] == [True, True, False]
    assert not bucket.take(0.09, 1)
    assert bucket.take(0.1, 1)
    assert [bucket.take(100, 1) for _ in range(3)] == [True, True, False]


def test_with_room_for_all_nobody_waits() -> None:
    seen = bell.simulate(2000, ROOMY, within=3)
    assert len(seen.times) == 2000
    assert max(seen.times) == pytest.approx(2 * warming.CALL_S)
    assert (seen.first_wall, seen.lost) == ("", 0)


@pytest.mark.parametrize(
    ("limit", "wall"),
    [
        ({"api_rate": 300, "api_burst": 10}, "API Gateway, requests"),
        ({"warm": 10, "concurrency": 10}, "Lambda, concurrency"),
        ({"warm": 10, "new_at_once": 1, "new_a_second": 1}, "Lambda, new environments"),
        ({"writes": 200}, "DynamoDB, table"),
        ({"index_writes": 200}, "DynamoDB, index by_exam"),
    ],
)
def test_the_first_wall_is_named_and_everybody_comes_in_at_last(
    limit: dict[str, float], wall: str
) -> None:
    seen = bell.simulate(2000, dataclasses.replace(ROOMY, **limit), within=3)
    assert seen.first_wall == wall
    assert seen.refusals[wall] > 0
    assert (len(seen.times), seen.lost) == (2000, 0)


def test_one_key_of_an_index_is_a_wall_and_enough_parts_are_none() -> None:
    assert bell.simulate(9000, dataclasses.replace(ROOMY, shards=1), 3).first_wall.startswith(
        "DynamoDB, key of"
    )
    assert bell.simulate(9000, dataclasses.replace(ROOMY, shards=8), 3).first_wall == ""


def test_a_prepared_stack_lets_10_000_in_without_a_refusal_and_a_new_one_does_not() -> None:
    assert bell.simulate(10_000, bell.prepared(10_000), 3).first_wall == ""
    assert bell.simulate(10_000, bell.unprepared(10_000), 3).first_wall == "Lambda, concurrency"


def test_the_same_bell_rings_the_same_twice() -> None:
    one, other = (bell.simulate(3000, bell.unprepared(3000), None) for _ in range(2))
    assert one == other
