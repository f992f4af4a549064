"""Publishing an exam as an operator does: all of it or nothing, and the same again changes nothing."""

import json
import pathlib
from typing import Any

import boto3
import pytest
import yaml

from chalicelib.exams import service as exams
from chalicelib.exams import store
from chalicelib.exams.content import plain_text
from chalicelib.identity import service as identity
from chalicelib.identity.documents import IdType
from chalicelib.imports import packs
from chalicelib.shared.errors import Refused
from tests.api import Api, publish, run
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.dropbox import ZHANG, people, put
from tests.faults import everything_stored, failing, rows

EXAM = "shanxi-agency-practitioners"
FOLDER = pathlib.Path(__file__).parents[2] / "examples/agency-practitioners"
ROSTER = "姓名,证件类型,证件号码,加时(分钟)"
LISTED, UNLISTED = "11010519491231002X", "E12345678"
MINUTE = 60_000


def roster(*lines: str) -> dict[str, bytes]:
    return {"roster.csv": "\n".join([ROSTER, *lines]).encode()}


def header(**changes: Any) -> dict[str, bytes]:
    written = yaml.safe_load((FOLDER / "exam.yaml").read_text("utf-8"))
    return {"exam.yaml": yaml.safe_dump({**written, **changes}, allow_unicode=True).encode()}


def person(kind: IdType, number: str) -> str:
    return identity.hash_of_number(kind, number)


def command(**event: Any) -> Any:
    return run("chalicelib.handlers.console.publish_exam", event)


def places(answer: Any) -> list[tuple[str, int]]:
    assert (answer["ok"], answer["exam_id"]) == (False, "")
    return [(finding["file"], finding["row"]) for finding in answer["errors"]]


def test_a_published_exam_is_on_the_portal_with_its_rules(api: Api) -> None:
    answer = publish("agency-practitioners", T0)
    advice = {remark["advice"] for remark in answer.pop("remarks")}
    assert advice == {"all_options_right", "markup_read"}
    assert answer == {
        **{"exam_id": EXAM, "ok": True, "starts_at": T0, "errors": ()},
        **{"who_may_enter": "对所有代理机构从业人员开放", "listed": None},
    }
    [exam] = api.get("/exams").json["exams"]
    assert (exam["exam_id"], exam["starts_at"]) == (EXAM, T0)
    assert exam["audience"] == ["agency_practitioner"]
    assert exam["by_roster"] is False


def test_id_and_start_of_the_command_override_those_of_the_pack(api: Api) -> None:
    pack = header(starts_at="2027-03-28T09:00:00+08:00", exam_id="from-the-pack")
    assert publish("agency-practitioners", T0, "from-the-command", **pack)["ok"]
    exam = exams.get_exam("from-the-command")
    assert exam.starts_at == T0
    event = {"pack_bucket": ENVIRONMENT["DROPBOX_BUCKET"], "pack_key": "pack.zip"}
    assert command(**event)["exam_id"] == "from-the-pack"
    assert exams.get_exam("from-the-pack").starts_at == 1_806_195_600_000  # 01:00 UTC


def test_keys_lie_in_the_bucket_and_nowhere_in_a_table(api: Api) -> None:
    publish("agency-practitioners", T0)
    exam = exams.get_exam(EXAM)
    bank_key, picture = sorted(everything_stored()["PAPERS_BUCKET"])
    assert bank_key == f"banks/{EXAM}/{exam.paper_version}.json"
    assert picture.startswith(f"pictures/{EXAM}/{exam.paper_version}/")
    bank = store.load_bank(EXAM, exam.paper_version)
    assert len(bank.questions) == 44
    tables = repr([rows(name) for name in ENVIRONMENT if name.endswith("_TABLE")])
    assert all(plain_text(question.stem)[:20] not in tables for question in bank.questions)


def test_the_next_exam_comes_first(api: Api) -> None:
    for number, start in enumerate((T0 + 1, T0 + 3, T0 + 2)):
        assert publish("agency-practitioners", start, f"exam-{number}")["ok"]
    listed = [exam["exam_id"] for exam in api.get("/exams").json["exams"]]
    assert listed == ["exam-0", "exam-2", "exam-1"]


def test_publishing_the_same_again_changes_nothing(api: Api) -> None:
    first = publish("agency-practitioners", T0, **roster(f"张三,居民身份证,{LISTED},0"))
    before = everything_stored()
    assert publish("agency-practitioners", T0, **roster(f"张三,居民身份证,{LISTED},0")) == first
    assert everything_stored() == before


@pytest.mark.parametrize("changes", [{"title": "另一场考试"}, {"policy": {"duration_min": 90}}])
def test_another_exam_cannot_take_a_used_id(api: Api, changes: dict[str, Any]) -> None:
    publish("agency-practitioners", T0)
    before = everything_stored()["EXAMS_TABLE"]
    answer = publish("agency-practitioners", T0, **header(**changes))
    assert "考试编号已被使用" in answer["errors"][0]["reason"]
    assert publish("agency-practitioners", T0 + 1)["ok"] is False
    assert publish("evaluation-experts", T0, EXAM)["ok"] is False
    assert everything_stored()["EXAMS_TABLE"] == before


def test_of_two_who_publish_one_id_at_once_the_first_stays(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store, "load_exam", lambda _: None)  # both looked before either wrote
        assert publish("agency-practitioners", T0)["ok"]
        assert publish("evaluation-experts", T0, EXAM)["ok"] is False
    assert exams.get_exam(EXAM).title.startswith("山西省政府采购代理机构")


def test_a_mistake_anywhere_publishes_nothing(api: Api) -> None:
    before = everything_stored()
    bad = {"questions/single.csv": "编号,题型,题干,答案\nX,连线题,?,A".encode()}
    answer = publish("agency-practitioners", T0, **bad, **header(policy={"pass_mark": 101}))
    assert {("questions/single.csv", 2), ("exam.yaml", 0)} <= set(places(answer))
    bad_roster = roster(
        f"张三,居民身份证,{LISTED},0", "李四,居民身份证,1,0", "王五,学生证,E1234567,0"
    )
    answer = publish("agency-practitioners", T0, **bad_roster)
    assert places(answer) == [("roster.csv", 3), ("roster.csv", 4)]
    repeated = roster(f"张三,居民身份证,{LISTED},0", f"张三,居民身份证,{LISTED.lower()},30")
    assert places(publish("agency-practitioners", T0, **repeated)) == [("roster.csv", 3)]
    after = everything_stored()
    assert {**after, "DROPBOX_BUCKET": {}} == before


def test_rules_that_could_cut_somebody_short_publish_nothing(api: Api) -> None:
    answer = publish("agency-practitioners", T0, **header(policy={"switch_limit": 1}))
    assert places(answer) == [("exam.yaml", 0)]
    assert "switch_limit" in answer["errors"][0]["reason"]
    long = roster(f"张三,居民身份证,{LISTED},600")
    assert (
        "登录 12 小时后失效" in publish("agency-practitioners", T0, **long)["errors"][0]["reason"]
    )
    assert rows("EXAMS_TABLE") == {}


def test_an_exam_whose_rehearsal_cuts_somebody_short_is_not_published(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second lock: should a rule ever be missing, the dry run still finds who would suffer."""
    with monkeypatch.context() as patch:
        patch.setattr(packs, "check_policy", lambda *_: [])
        answer = publish("agency-practitioners", T0, **header(policy={"switch_limit": 1}))
    assert "演练：开始后页面崩溃" in answer["errors"][0]["reason"]
    assert rows("EXAMS_TABLE") == {}


def test_an_exam_that_nobody_could_enter_any_more_is_not_published(
    api: Api, clock: StandingClock
) -> None:
    clock.now = T0 + 30 * MINUTE + 1
    answer = publish("agency-practitioners", T0)
    assert "入场时间已过" in answer["errors"][0]["reason"]
    clock.now = T0 + 30 * MINUTE
    assert publish("agency-practitioners", T0)["ok"]
    clock.now = T0 + 300 * MINUTE
    assert publish("agency-practitioners", T0)["ok"]  # the same again


# --- looking before publishing ---


def check(**event: Any) -> Any:
    in_dropbox = {"pack_bucket": ENVIRONMENT["DROPBOX_BUCKET"], "pack_key": "pack.zip"}
    return run("chalicelib.handlers.console.check_exam_pack", {**in_dropbox, **event})


def test_a_pack_can_be_checked_without_publishing_anything(api: Api) -> None:
    pack = {**header(exam_id="checked"), **roster(f"张三,居民身份证,{LISTED},20")}
    publish("agency-practitioners", T0, "other-exam", **pack)
    before = everything_stored()
    answer = check()
    assert (answer["ok"], answer["errors"]) == (True, [])
    assert len(answer["rows"]) == 9  # the roster's only person has 20 minutes more
    assert {row["minutes"] for row in answer["rows"]} == {80, 0}
    assert answer["rows"][0] == {
        "who": "提前候考，铃响开始（加时 20 分钟）",
        "starts": "+00:00:00.000",
        "deadline": "+01:20:00.000",
        "minutes": 80,
        "cut_short": "",
        "note": "",
    }
    assert LISTED not in json.dumps(answer, ensure_ascii=False)
    assert everything_stored() == before


def test_checking_tells_what_publishing_would_refuse(api: Api) -> None:
    wrong = {"policy": {"duration_min": 8}, "audience": []}
    refused = publish("agency-practitioners", T0, **header(**wrong))
    answer = check()
    assert (answer["ok"], answer["rows"]) == (False, [])
    assert answer["errors"] == list(refused["errors"])
    assert len(answer["errors"]) == 2


def test_a_wrong_check_is_explained(api: Api) -> None:
    assert check(pack_key="no.zip")["errors"][0]["file"] == "no.zip"
    assert check(pack_key=None)["errors"][0]["file"] == "event"
    assert check(exam_id="x")["errors"][0]["file"] == "event"


def test_an_exam_needs_a_start(api: Api) -> None:
    publish("agency-practitioners", T0)
    event = {"pack_bucket": ENVIRONMENT["DROPBOX_BUCKET"], "pack_key": "pack.zip"}
    answer = command(**event, exam_id="other-exam")
    assert "starts_at" in answer["errors"][0]["reason"]
    assert places(answer) == [("exam.yaml", 0)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"exam_id": "UPPER"},
        {"exam_id": "../x"},
        {"exam_id": "a\n"},
        {"exam_id": "x" * 61},
        {"starts_at": "2027-01-15"},
        {"starts_at": 1_800_000_000},  # seconds, not milliseconds
        {"starts_at": 10**16},
        {"start": T0},
        {"pack_key": None},
        {"pack_bucket": 7},
    ],
)
def test_a_wrong_command_is_explained(api: Api, wrong: dict[str, Any]) -> None:
    event = {"pack_bucket": ENVIRONMENT["DROPBOX_BUCKET"], "pack_key": "pack.zip"}
    assert places(command(**{**event, **wrong})) == [("event", 0)]
    assert rows("EXAMS_TABLE") == {}


def test_a_pack_that_is_not_there_is_told_as_such(api: Api) -> None:
    event = {"pack_bucket": ENVIRONMENT["DROPBOX_BUCKET"], "pack_key": "no.zip"}
    assert places(command(**event)) == [("no.zip", 0)]


def test_what_is_no_zip_is_told_as_such(api: Api) -> None:
    bucket = ENVIRONMENT["DROPBOX_BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key="notes.txt", Body=b"hello")
    answer = command(pack_bucket=bucket, pack_key="notes.txt")
    assert list(answer["errors"]) == [{"file": "", "row": 0, "reason": "不是可以打开的 zip 文件"}]


# --- who may enter ---


def may(kind: IdType, number: str, role: str = "agency_practitioner") -> int | str:
    exam = exams.get_exam(EXAM)
    try:
        return exams.allowed_time(exam, role=role, person_hash=person(kind, number))
    except Refused as refusal:
        return refusal.code


def test_without_a_roster_the_role_decides(api: Api) -> None:
    publish("agency-practitioners", T0)
    assert may(IdType.PASSPORT, UNLISTED) == 60 * MINUTE
    assert may(IdType.PASSPORT, UNLISTED, "evaluation_expert") == "not_admitted_to_exam"


def test_with_a_roster_the_document_decides_and_extra_time_is_added(api: Api) -> None:
    lines = (f"张三,居民身份证,{LISTED},20", "李四,护照,E7654321,")
    assert publish("agency-practitioners", T0, **roster(*lines))["ok"]
    exam = exams.get_exam(EXAM)
    assert exam.ends_at == T0 + (30 + 5 + 60 + 20) * MINUTE
    assert may(IdType.RESIDENT, LISTED, "evaluation_expert") == 80 * MINUTE
    assert may(IdType.PASSPORT, "E7654321") == 60 * MINUTE
    assert may(IdType.PASSPORT, UNLISTED) == "not_admitted_to_exam"
    assert may(IdType.TAIWAN, "E7654321") == "not_admitted_to_exam"
    [listed] = api.get("/exams").json["exams"]
    assert listed["by_roster"] is True


def test_no_number_or_name_of_a_roster_is_stored_in_clear(api: Api) -> None:
    publish("agency-practitioners", T0, **roster(f"欧阳某,居民身份证,{LISTED},20"))
    stored = repr(rows("EXAMS_TABLE"))
    assert person(IdType.RESIDENT, LISTED) in stored
    assert LISTED not in stored
    assert "欧阳某" not in stored


def test_whoever_stood_on_a_roster_that_was_never_published_does_not_enter(api: Api) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "put_exam", lambda _: (_ for _ in ()).throw(OSError("crash")))
        with pytest.raises(OSError, match="crash"):
            publish("agency-practitioners", T0, **roster(f"张三,护照,{UNLISTED},0"))
    assert api.get("/exams").json["exams"] == []  # never seen half-made
    assert publish("agency-practitioners", T0, **roster(f"张三,居民身份证,{LISTED},0"))["ok"]
    assert may(IdType.RESIDENT, LISTED) == 60 * MINUTE
    assert may(IdType.PASSPORT, UNLISTED) == "not_admitted_to_exam"


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "PutObject"), ("dynamodb", "PutItem"), ("dynamodb", "GetItem")],
)
def test_an_outage_leaves_nothing_half_made_and_the_next_try_succeeds(
    api: Api, service: str, operation: str
) -> None:
    publish("evaluation-experts", T0)  # puts the client of S3 to use
    event = {"pack_bucket": ENVIRONMENT["DROPBOX_BUCKET"], "pack_key": "pack.zip"}
    with failing(service, operation), pytest.raises(Exception, match="service_busy"):
        command(**event, exam_id="again", starts_at=T0)
    assert [exam["exam_id"] for exam in api.get("/exams").json["exams"]] != ["again"]
    assert command(**event, exam_id="again", starts_at=T0)["ok"]


def test_the_portal_reads_no_more_of_an_exam_than_it_shows(api: Api) -> None:
    """A notice may have 20,000 signs, and everybody looks at the portal."""
    publish("agency-practitioners", T0)
    wire = boto3.client("dynamodb").query(
        TableName=ENVIRONMENT["EXAMS_TABLE"],
        IndexName="listed",
        KeyConditionExpression="listed = :exam",
        ExpressionAttributeValues={":exam": {"S": "exam"}},
    )
    [item] = wire["Items"]
    assert not {"notice", "sections", "paper_version", "preflight_opening"} & set(item)
    listed = api.get("/exams").json["exams"]
    assert listed == [api.get(f"/exams/{EXAM}").json["exam"]]


def test_a_list_in_the_folder_of_an_exam_refuses_its_pack_until_it_is_published(api: Api) -> None:
    put(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    refused = publish("agency-practitioners", T0)
    assert [finding["file"] for finding in refused["errors"]] == [f"roster/{EXAM}/people.xlsx"]
    assert api.get("/exams").json["exams"] == []
    boto3.client("s3").delete_object(
        Bucket=ENVIRONMENT["DROPBOX_BUCKET"], Key=f"roster/{EXAM}/people.xlsx"
    )
    assert publish("agency-practitioners", T0)["ok"]
    put(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    assert publish("agency-practitioners", T0)["ok"]


def test_a_published_pack_says_how_many_are_on_its_roster(api: Api) -> None:
    answer = publish("agency-practitioners", T0, **roster(f"张三,居民身份证,{LISTED},"))
    assert (answer["who_may_enter"], answer["listed"]) == ("名单 1 人", 1)
