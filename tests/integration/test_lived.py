"""A saved state (tests/lived.py) is restored exactly, and no test changes it for the next one."""

import contextlib
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests import cloud, lived
from tests.api import Api, publish, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import everything_stored, messages, rows
from tests.integration.candidates import MINUTE


@dataclass
class Day:
    """A fixture and how often it was lived in earnest; `begin` is what a test does with it."""

    lived: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        def candidate(api: Api, clock: StandingClock) -> Api:
            self.lived.append(clock.now)
            assert publish("agency-practitioners", T0)["ok"]
            assert api.register().status == 201
            upload(api.post("/me/id-photo").json, b"picture")
            clock.advance(minutes=5)
            return api

        self.candidate = lived.once(candidate)

    def begin(self, clock: StandingClock) -> Api:
        clock.now = T0 - 40 * MINUTE
        return self.candidate(Api(clock), clock)


def everything(api: Api) -> Any:
    """Rows, keys, versions of pictures, SMS, and what browser and clock know."""
    listed = boto3.client("s3").list_object_versions(Bucket=ENVIRONMENT["PRIVATE_BUCKET"])
    versions = [(entry["Key"], entry["VersionId"]) for entry in listed["Versions"]]
    memory = (api.cookie, list(api.answers), api.clock.now)
    return everything_stored(), versions, messages(), memory, api.get("/me").json


def test_what_is_given_back_is_what_was_lived(clock: StandingClock) -> None:
    day, seen = Day(), []
    for _ in range(3):
        with cloud.running():
            seen.append(everything(day.begin(clock)))
    assert day.lived == [T0 - 40 * MINUTE]
    assert seen[0] == seen[1] == seen[2]


def test_whoever_changes_everything_changes_nothing_for_the_next(clock: StandingClock) -> None:
    day = Day()
    with cloud.running():
        before = everything(day.begin(clock))
    with cloud.running():
        api = day.begin(clock)
        assert api.clock is clock
        clock.advance(minutes=1)
        upload(api.post("/me/id-photo").json, b"another picture")
        api.register("13900139000")
        assert publish("agency-practitioners", T0, "another-exam")["ok"]
        api.call("DELETE", "/sessions/current")
        assert everything(api) != before
    with cloud.running():
        assert everything(day.begin(clock)) == before
    assert len(day.lived) == 1


def test_a_cloud_that_somebody_has_used_is_not_thrown_away(clock: StandingClock) -> None:
    day = Day()
    with cloud.running():
        day.begin(clock)
    with cloud.running():
        assert Api(clock).register("13900139000").status == 201
        day.begin(clock)
        accounts = [key for key in rows("ACCOUNTS_TABLE") if key.startswith("account#")]
        assert len(accounts) == 2
    assert len(day.lived) == 2


def test_another_time_or_another_browser_is_another_day(clock: StandingClock) -> None:
    day = Day()
    for now, cookie in ((T0, ""), (T0 + 1, ""), (T0, "session=x"), (T0, "")):
        with cloud.running():
            clock.now = now
            day.candidate(Api(clock, cookie=cookie), clock)
    assert day.lived == [T0, T0 + 1, T0]


@dataclass
class Person:
    """Somebody before a browser, as files of tests have them."""

    api: Api
    named: str = ""


@lived.once
def registered(person: Person) -> Person:
    person.named = person.api.register().json["account_id"]
    return person


def test_what_a_test_holds_in_its_hands_stays_that_very_thing(clock: StandingClock) -> None:
    names = []
    for _ in range(2):
        with cloud.running():
            person = Person(Api(clock))
            browser = person.api
            assert registered(person) is person
            assert person.api is browser
            assert browser.clock is clock
            assert browser.get("/me").json["account_id"] == person.named
            names.append(person.named)
    assert names[0] == names[1]


@pytest.mark.parametrize(("size", "taken"), [(404_999, True), (405_000, True), (405_001, False)])
def test_an_item_may_be_as_large_as_before(aws: None, size: int, taken: bool) -> None:
    """What the embedded DynamoDB measures once instead of at each attribute is the same size."""
    dynamodb = boto3.client("dynamodb")
    named = len("pk") + len("1") + len("text") + len("more") + len("m")
    value = {"M": {"m": {"S": "x" * 100_000}}}
    rest = {"S": "x" * (size - named - 100_000)}
    where = {"TableName": ENVIRONMENT["PASSING_TABLE"]}
    setting = {
        "UpdateExpression": "SET #text = :text",
        "ExpressionAttributeNames": {"#text": "text"},
    }
    calls = (
        lambda: dynamodb.put_item(**where, Item={"pk": {"S": "1"}, "more": value, "text": rest}),
        lambda: dynamodb.put_item(**where, Item={"pk": {"S": "1"}, "more": value}),
        lambda: dynamodb.update_item(
            **where,
            Key={"pk": {"S": "1"}},
            **setting,
            ExpressionAttributeValues={":text": rest},
        ),
    )
    for call, fits in zip(calls, (taken, True, taken), strict=True):
        with contextlib.nullcontext() if fits else pytest.raises(ClientError, match="size"):
            call()
