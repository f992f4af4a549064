"""A practice exam (试考) over HTTP: always open, nothing counts, the account is marked, and everything goes away."""

from typing import Any

import boto3
import pytest

from chalicelib.accounts import sessions
from chalicelib.attempts import copying, rounds, watching
from chalicelib.attempts.practising import MOST_A_DAY
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from tests.api import Api, deliver, minute, publish, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.console import Widget
from tests.integration.candidates import Candidate, stored
from tests.integration.certificates import changed
from tests.integration.tickets import ask, decide, seen

PRACTICE = "shanxi-practice"
DAY_MS = 24 * 3_600_000


class Practising(Candidate):
    """A candidate who practises."""

    def open(self) -> Any:
        answer = self.api.post(f"/exams/{PRACTICE}/attempts")
        if answer.status == 200:
            self.path = f"/attempts/{answer.json['attempt_id']}"
        return answer

    def found(self) -> dict[str, str]:
        """Return area → state, with the reason if there is one."""
        areas = self.get("practice").json["areas"]
        return {a["area"]: " ".join(filter(None, (a["state"], a["reason"]))) for a in areas}

    def mark(self) -> Any:
        """Return the mark of the account, after the stream has told of the attempt."""
        changed(self)
        return self.api.get("/me").json["practice"]


def sign_in_again(someone: Practising, clock: StandingClock) -> None:
    """A session lasts 12 hours."""
    account = stored(someone)["account_id"]["S"]
    someone.api.cookie = sessions.cookie(account, 1, clock.now).split(";")[0]


@pytest.fixture
def someone(api: Api, pictures: str) -> Practising:
    """Enrolled, with a practice exam that was just published."""
    assert publish("practice", None)["ok"]
    person = Practising(api, pictures)
    person.enrol()
    return person


def test_it_needs_no_start_and_takes_none(api: Api) -> None:
    refused = publish("practice", T0)
    assert not refused["ok"]
    assert "没有开考时间" in str(refused)
    assert publish("practice", None)["ok"]
    assert publish("practice", None)["ok"], "the same pack again changes nothing"


def test_the_portal_shows_it_as_open_at_any_time(someone: Practising, clock: StandingClock) -> None:
    for days in (0, 1, 300):
        clock.advance(minutes=days * 24 * 60)
        [listed] = someone.api.get("/exams").json["exams"]
        assert (listed["kind"], listed["phase"]) == ("practice", "running")


def test_a_whole_practice(someone: Practising, clock: StandingClock) -> None:
    assert someone.open().json["kind"] == "practice"
    someone.steps()
    assert someone.verify()["state"] == "passed"
    assert someone.admit().status == 201
    assert someone.post("start").status == 200
    for seq in range(1, 6):
        clock.advance(minutes=1)
        body = {"absences": [{"absence_seq": seq, "kind": "hidden", "away_ms": 5000}]}
        told = someone.post("absences", body).json
        assert (told["status"], told["switch"]) == ("started", seq)
        assert "试考只作提醒" in told["message"]
    refused = someone.post("submission", {"answers": None})
    assert (refused.status, refused.code) == (409, "practice_without_result")
    assert someone.get().json["status"] == "submitted"
    assert someone.get("result").code == "practice_without_result"
    complaint = {"request_id": "request-9999", "text": "请复核"}
    assert someone.post("complaint", complaint).code == "practice_without_result"
    assert someone.get("certificate").json["expected"] is False
    found = someone.found()
    snapshots = found.pop("snapshots")
    assert found == {"camera": "ok", "network": "ok", "face": "ok", "full_screen": "ok"}
    assert snapshots == "waiting"
    clock.advance(minutes=2)
    assert someone.found()["snapshots"] == "failed missing"
    mark = someone.mark()
    assert [area["area"] for area in mark["failed"]] == ["snapshots"]
    told = Widget().open("attempt", attempt_id=someone.path.rsplit("/", 1)[-1]).text
    assert "摄像头：摄像头工作正常" in told
    assert "重新开放" not in told
    minute()
    assert not left_behind(someone)


def left_behind(someone: Practising) -> list[Any]:
    """Return what a practice must not leave: results, timelines, seals, feeds, marks to follow."""
    database = boto3.client("dynamodb")
    rows = database.scan(TableName=ENVIRONMENT["ATTEMPTS_TABLE"])["Items"]
    kinds = [row["sk"]["S"] for row in rows if row["attempt_id"]["S"].startswith("pr_")]
    wrong: list[Any] = [sk for sk in kinds if sk == "RESULT" or sk.startswith("EVENT")]
    wrong += [row["attempt_id"] for row in rows if "follow_up" in row]
    wrong += database.scan(TableName=ENVIRONMENT["RESULTS_TABLE"])["Items"]
    kept = boto3.client("s3").list_objects_v2(Bucket=ENVIRONMENT["EVIDENCE_BUCKET"])
    return wrong + [e["Key"] for e in kept.get("Contents", []) if "timelines/" in e["Key"]]


def test_every_row_of_it_expires(someone: Practising, clock: StandingClock) -> None:
    someone.open()
    someone.steps()
    someone.verify()
    name = someone.path.rsplit("/", 1)[-1]
    rows = boto3.client("dynamodb").scan(TableName=ENVIRONMENT["ATTEMPTS_TABLE"])["Items"]
    about = [row for row in rows if name in str(row)]
    assert len(about) >= 4  # the attempt, a check, what identifies its picture, who showed it first
    for row in about:
        left_s = int(row["expires_at_s"]["N"]) - clock.now // 1000
        assert 0 < left_s <= 4 * 24 * 3600, row
    clock.advance(ms=int(stored(someone)["opened_at"]["N"]) + 3 * DAY_MS - 1 - clock.now)
    sign_in_again(someone, clock)
    assert someone.get("practice").status == 200
    clock.advance(ms=1)
    assert someone.get("practice").status == 404
    assert someone.api.get("/me/attempts").json["attempts"] == []


@pytest.mark.parametrize("left", ["ATTEMPT", "ATTEMPT#RESTING"])
def test_a_practice_of_which_one_item_has_expired_is_gone(
    someone: Practising, clock: StandingClock, left: str
) -> None:
    """DynamoDB deletes expired items one by one, in any order, within days."""
    someone.open()
    someone.steps()
    someone.verify()
    someone.admit()
    someone.post("start")
    practice, account_id = someone.path.rsplit("/", 1)[-1], stored(someone)["account_id"]["S"]
    clock.advance(minutes=5 * 24 * 60)
    sign_in_again(someone, clock)
    [gone] = {"ATTEMPT", "ATTEMPT#RESTING"} - {left}
    table.delete(settings().attempts_table, {"attempt_id": practice, "sk": gone})
    assert someone.api.get("/me/attempts").json["attempts"] == []
    assert someone.get("practice").status == 404
    assert rounds.first_rounds(account_id=account_id) == []
    assert copying.list_stored(account_id=account_id, most=9) == ([], 0)
    assert watching.list_of_account(account_id=account_id, most=9) == ()
    minute()


def test_a_broken_camera_is_told_and_marked(someone: Practising) -> None:
    someone.open()
    someone.notice()
    told = someone.post("practice", {"camera_trouble": "busy"}).json
    camera = told["areas"][0]
    assert (camera["state"], camera["reason"]) == ("failed", "busy")
    assert camera["message"] == "摄像头被其他程序占用"
    assert "再试考一次" in camera["advice"]
    mark = someone.mark()
    assert (mark["ended_at"], [a["reason"] for a in mark["failed"]]) == (None, ["busy"])
    ended = someone.post("practice", {"end": True}).json
    assert ended["ended_at"] is not None
    assert someone.mark()["ended_at"] == ended["ended_at"]


def test_a_photo_that_will_not_do_is_replaced_at_once(someone: Practising) -> None:
    ticket = someone.api.post("/me/id-photo").json
    deliver(upload(ticket, someone.picture("id_b.jpg")))
    first = someone.open().json["attempt_id"]
    someone.steps()
    assert someone.verify()["state"] == "failed"
    assert someone.found()["face"].startswith("failed ")
    assert someone.get().json["chances_left"] == 10
    assert someone.api.get("/me").json["frozen"] is False
    changed(someone)
    ticket = someone.api.post("/me/id-photo").json
    deliver(upload(ticket, someone.picture("id_a.jpg")))
    assert someone.open().json["attempt_id"] != first, "the other one holds the old photo"
    someone.steps()
    assert someone.verify()["state"] == "passed"
    assert someone.mark()["failed"] == []


def test_a_ticket_from_a_practice_is_answered_and_gives_nothing(
    someone: Practising, clock: StandingClock
) -> None:
    someone.open()
    someone.steps()
    ticket = ask(someone).json
    assert (ticket["exam_id"], ticket["attempt_id"]) == (PRACTICE, None)
    clock.advance(ms=3 * DAY_MS)  # the practice is gone, the ticket is not
    sign_in_again(someone, clock)
    page = Widget().open("cases", case_id=ticket["ticket_id"], kind="ticket")
    assert "只能回复或不通过" in page.text
    assert not page.actions("通过：免人脸核验入场")
    refused = decide(ticket, admit_with="enrolled")
    assert refused["errors"][0]["code"] == "nothing_to_admit"
    assert decide(ticket, grant="nothing")["ok"]
    told = seen(someone, ticket)
    assert (told["state"], told["settled"]) == ("accepted", True)
    assert "考试安排没有变化" in told["message"]
    assert someone.api.get("/me").json["frozen"] is False


def test_a_late_change_of_an_older_practice_does_not_replace_the_mark(
    someone: Practising, clock: StandingClock
) -> None:
    someone.open()
    older = Practising(someone.api, str(someone.pictures))
    older.path = someone.path
    older.post("practice", {"camera_trouble": "none", "end": True})
    clock.advance(minutes=1)
    someone.open()
    assert someone.mark()["failed"] == []
    assert older.mark()["failed"] == []


def test_ten_a_day(someone: Practising, clock: StandingClock) -> None:
    seen = set()
    for _ in range(MOST_A_DAY):
        seen.add(someone.open().json["attempt_id"])
        assert someone.open().json["attempt_id"] in seen, "one that goes on is the same"
        someone.post("practice", {"end": True})
    refused = someone.open()
    assert (len(seen), refused.status, refused.code) == (MOST_A_DAY, 429, "practice_enough_today")
    clock.advance(ms=int(refused.headers["retry-after"]) * 1000 - 1)
    sign_in_again(someone, clock)
    assert someone.open().status == 429
    clock.advance(ms=1)
    assert someone.open().status == 200


def test_an_abandoned_practice_opens_the_next_one(
    someone: Practising, clock: StandingClock
) -> None:
    first = someone.open().json
    clock.advance(ms=first["entry_until"] - clock.now)
    assert someone.open().json["attempt_id"] == first["attempt_id"]
    clock.advance(ms=1)
    assert someone.open().json["attempt_id"] != first["attempt_id"]


# --- who of a roster has practised ----------------------------------------------------------------------

ROSTER = "姓名,证件类型,证件号码,加时(分钟)\n,居民身份证,11010519491231002X,\n,护照,E12345678,"


def test_the_preflight_and_the_operators_page_say_who_has_practised(
    someone: Practising, clock: StandingClock
) -> None:
    files = {"roster.csv": ROSTER.encode()}
    assert publish("agency-practitioners", clock.now + DAY_MS, "with-roster", **files)["ok"]
    someone.open()
    someone.notice()
    someone.post("practice", {"camera_trouble": "none", "end": True})
    changed(someone)
    minute()
    told = Widget().open("exams", exam_id="with-roster").text
    assert "名单 2 人；已试考 1 人，未试考 1 人；摄像头不行 1 人" in told
    assert "138****8000" not in told, "people are listed when somebody asks for them"
    told = Widget().open("exams", exam_id="with-roster", view="practices").text
    assert "张*" in told
    assert "138****8000" in told
    assert "没有找到摄像头" in told
    assert "张三" not in told
    assert "统计谁已试考" not in Widget().open("exams", exam_id=PRACTICE).text
