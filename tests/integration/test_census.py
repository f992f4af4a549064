"""The daily count of people whose face is stored."""

import json
from typing import Any

import pytest

from chalicelib.exams import roster_photos
from chalicelib.exams import store as exam_store
from chalicelib.exams.model import RosterEntry, RosterPhoto
from chalicelib.identity import census, store
from chalicelib.identity.model import Census, census_of
from chalicelib.shared import table
from chalicelib.shared.aws import calls
from tests.api import Api
from tests.cloud import ENVIRONMENT
from tests.faults import at_once

DAY_MS = 24 * 60 * 60_000


def enrol(count: int) -> None:
    for number in range(count):
        account_id = f"ac_{number:04}"
        row = {"pk": f"account#{account_id}", "account_id": account_id, "id_photo": {"key": "k"}}
        table.put(ENVIRONMENT["ACCOUNTS_TABLE"], row)


def told(capsys: pytest.CaptureFixture[str]) -> list[int]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["StoredFaces"] for line in lines if "StoredFaces" in line]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three rows: moto's would hold everything."""
    call = calls.call

    def in_small_pages(service: str, operation: str, request: dict[str, Any]) -> Any:
        return call(service, operation, request | ({"Limit": 3} if operation == "Scan" else {}))

    monkeypatch.setattr(calls, "call", in_small_pages)


def test_everybody_with_a_photo_is_counted_once_a_day(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    enrol(5)
    table.put(ENVIRONMENT["ACCOUNTS_TABLE"], {"pk": "account#ac_none", "account_id": "ac_none"})
    assert census.count_faces(now=api.clock.now) == 1
    assert told(capsys) == [5]
    assert census.count_faces(now=api.clock.now) == 0
    assert told(capsys) == []
    enrol(7)
    assert census.count_faces(now=api.clock.now + DAY_MS) == 1
    assert told(capsys) == [7]


def test_a_large_table_takes_several_minutes_and_nobody_is_counted_twice(
    api: Api,
    small_pages: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(census, "PAGES_A_MINUTE", 2)
    enrol(20)
    minutes = [census.count_faces(now=api.clock.now + n * 60_000) for n in range(6)]
    assert told(capsys) == [20]
    assert sum(minutes) == 7  # 20 people and the count's own row, three rows a page
    assert minutes[-1] == 0


def test_photos_of_rosters_are_counted_after_the_accounts(
    api: Api, small_pages: None, capsys: pytest.CaptureFixture[str]
) -> None:
    enrol(5)
    for number in range(7):
        person = f"person-{number}"
        photo = RosterPhoto(person, "a" * 64, b"v" * 512, "e", "m", api.clock.now, "version")
        assert exam_store.put_roster_photo(f"exam-{number % 2}", photo)
    exam_store.put_roster("exam-0", "v1", [RosterEntry("person-1")])
    while census.count_faces(now=api.clock.now, elsewhere=[roster_photos.count_page]):
        pass
    assert told(capsys) == [12]


def test_runs_at_the_same_time_count_together(
    api: Api, small_pages: None, capsys: pytest.CaptureFixture[str]
) -> None:
    enrol(20)
    at_once([lambda: census.count_faces(now=api.clock.now)] * 4)
    while census.count_faces(now=api.clock.now):
        pass
    assert set(told(capsys)) == {20}
    done = store.load_census()
    assert done is not None and done.counted == 20


def test_a_new_day_begins_anew_and_an_old_one_is_not_taken_up() -> None:
    left = Census(day="20260301", step=4, after="account#ac_x", counted=9)
    assert census_of("20260301", left) is left
    assert census_of("20260302", left) == Census(day="20260302")
    assert census_of("20260228", left) is left  # a run that was late
    assert census_of("20260301", None) == Census(day="20260301")
