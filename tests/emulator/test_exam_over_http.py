"""The product over HTTP, with the emulated S3, its events, and several processes at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from examples import demo
from examples.demo_browser import Browser
from tests.emulator.launching import Launched


@pytest.fixture
def day(launched: Launched, pictures: str) -> demo.Day:
    """A candidate who has done everything up to the face check."""
    day = demo.Day(Browser(launched.address), seed=time.time_ns() % 10**9)
    for step in (day.publish, day.register, day.fill_in_identity, day.upload_id_photo):
        step()
    day.open_attempt()
    day.check_in()
    return day


def reserve_at_once(day: demo.Day, clients: list[httpx.Client]) -> list[httpx.Response]:
    """20 requests with ids of their own, as parallel as 20 connections are."""

    def reserve(client: httpx.Client) -> httpx.Response:
        return client.post(
            f"/api{day.path}/verifications",
            json={"request_id": next(day.ids)},
            cookies=dict(day.browser.http.cookies),
        )

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(reserve, clients))


def chances_left(day: demo.Day) -> Any:
    return day.browser.call("GET", day.path)["chances_left"]


def test_the_own_id_photo_can_be_looked_at(day: demo.Day) -> None:
    link = day.browser.call("GET", "/me")["id_photo"]["url"]
    seen = httpx.get(link)  # the emulator checks the signature of such a link, as S3 does
    assert (seen.status_code, seen.content[:3]) == (200, b"\xff\xd8\xff")
    assert httpx.get(link.replace("X-Amz-Signature=", "X-Amz-Signature=0")).status_code == 403


def test_the_demo_lives_its_day(launched: Launched, pictures: str) -> None:
    demo.live(launched.address, seed=1)


def test_twenty_at_once_never_get_more_than_ten_chances(day: demo.Day, launched: Launched) -> None:
    clients = [httpx.Client(base_url=launched.address, timeout=30) for _ in range(20)]
    failed = 0
    for _ in range(12):
        answers = reserve_at_once(day, clients)
        won = [answer.json() for answer in answers if answer.status_code == 201]
        refused = {a.json()["error"]["code"] for a in answers if a.status_code != 201}
        assert len(won) == (1 if failed < 10 else 0)
        assert refused <= {"verification_pending", "busy"} or failed >= 10
        if not won:
            assert refused == {"chances_used_up"}
            break
        day.browser.upload(won[0]["upload"], "frame_b.jpg")
        check = f"{day.path}/verifications/{won[0]['verification']['verification_id']}"
        answer = day.wait_for(
            lambda check=check: day.browser.call("GET", check),
            lambda a: a["verification"]["state"] not in {"pending", "judging"},
        )
        assert answer["verification"]["state"] == "failed"
        failed += 1
        assert answer["chances_left"] == 10 - failed
        day.browser.local("POST", "/clock", {"advance_ms": 30_000})
    assert failed == 10
    for client in clients:
        client.close()


def test_twenty_who_report_one_absence_count_one_switch_and_the_third_submits_once(
    day: demo.Day, launched: Launched
) -> None:
    day.verify("frame_a.jpg", "passed")
    day.enter_waiting_room()
    day.start_at_the_bell()
    clients = [httpx.Client(base_url=launched.address, timeout=30) for _ in range(20)]
    headers = {"Page-Token": day.browser.http.headers["Page-Token"]}
    for seq in (1, 2, 3):
        day.browser.local("POST", "/clock", {"advance_ms": 30_000})
        body = {"absences": [{"absence_seq": seq, "kind": "hidden", "away_ms": 5000}]}

        def report(client: httpx.Client, body: Any = body) -> httpx.Response:
            cookies = dict(day.browser.http.cookies)
            path = f"/api{day.path}/absences"
            return client.post(path, json=body, cookies=cookies, headers=headers)

        with ThreadPoolExecutor(len(clients)) as pool:
            answers = list(pool.map(report, clients))
        told = [answer.json()["switches"] for answer in answers if answer.status_code == 200]
        refused = {a.json()["error"]["code"] for a in answers if a.status_code != 200}
        assert set(told) == {seq}
        assert refused <= {"busy"}
    result = day.browser.call("GET", f"{day.path}/result")
    assert result["cause"] == "switches"
    for client in clients:
        client.close()


def test_a_check_whose_upload_never_came_gives_its_chance_back(day: demo.Day) -> None:
    day.browser.call("POST", f"{day.path}/verifications", {"request_id": next(day.ids)})
    assert chances_left(day) == 9
    day.browser.local("POST", "/clock", {"advance_ms": 60_000})
    assert chances_left(day) == 10


def test_a_picture_uploaded_in_the_last_second_is_still_judged(day: demo.Day) -> None:
    reserved = day.browser.call("POST", f"{day.path}/verifications", {"request_id": next(day.ids)})
    day.browser.local("POST", "/clock", {"advance_ms": 59_000})
    day.browser.upload(reserved["upload"], "frame_a.jpg")
    day.browser.local("POST", "/clock", {"advance_ms": 5_000})
    check = f"{day.path}/verifications/{reserved['verification']['verification_id']}"
    answer = day.wait_for(
        lambda: day.browser.call("GET", check),
        lambda a: a["verification"]["state"] not in {"pending", "judging"},
    )
    assert (answer["verification"]["state"], answer["next_step"]) == ("passed", "admission")


def test_the_schedule_submits_for_a_candidate_who_vanished(day: demo.Day) -> None:
    day.verify("frame_a.jpg", "passed")
    day.enter_waiting_room()
    day.start_at_the_bell()
    day.answer(range(1, 4))
    past_the_deadline = {"advance_ms": 63 * 60_000, "most_minutes": 0}
    day.browser.local("POST", "/clock", past_the_deadline)
    result = day.browser.call("GET", f"{day.path}/result")
    assert (result["cause"], len(result["receipt"])) == ("deadline", 3)
    # Frames are judged against the frozen photo until each has its verdict; then the stream unfreezes it.
    assert day.browser.call("GET", "/me")["frozen"] is True
    day.browser.local("POST", "/clock", {"advance_ms": 6 * 60_000})
    day.wait_for(lambda: day.browser.call("GET", "/me")["frozen"], lambda frozen: frozen is False)
