"""An operator uploads files to S3 and reads reports. A file is imported whole or not at all."""

import io
import pathlib
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
import openpyxl
import pytest
import yaml
from openpyxl.styles import Font

from chalicelib.attempts import store as attempts
from chalicelib.exams import service as exams
from chalicelib.exams import store
from chalicelib.exams.model import ExamOrder, OrderKind
from chalicelib.identity import service as identity
from chalicelib.identity.documents import IdType
from chalicelib.imports import banks, packs
from chalicelib.imports.questions import to_page, to_row
from chalicelib.shared import archives
from chalicelib.shared.errors import Refused
from chalicelib.sheets import writing
from tests.api import Api, run
from tests.clock import T0, StandingClock
from tests.cloud import ROOT
from tests.dropbox import (
    BANK,
    BANK_HEADINGS,
    LI,
    LISTED,
    OTHER,
    SETTINGS,
    ZHANG,
    content,
    drop,
    many_questions,
    people,
    put,
    reasons,
    report,
    saved,
    settings,
    tell,
    workbook,
)
from tests.faults import everything_stored, failing, rows
from tests.unit.sheets import xls_of
from tests.unit.test_pictures import png_of

EXAM = "spring-exam"
MINUTE = 60_000


def published(*listed: tuple[Any, ...]) -> None:
    """An exam with a roster, made by three drops."""
    assert drop(f"questions/{EXAM}/bank.xlsx", BANK)["ok"]
    assert drop(f"roster/{EXAM}/people.xlsx", people(*listed))["ok"]
    assert drop(f"exams/{EXAM}.yaml", settings())["outcome"] == "published"


def may(kind: IdType, number: str) -> int | str:
    try:
        person = identity.hash_of_number(kind, number)
        return exams.allowed_time(exams.get_exam(EXAM), role="", person_hash=person)
    except Refused as refusal:
        return refusal.code


def test_an_operator_gets_from_two_spreadsheets_to_a_published_exam_with_uploads_alone(
    api: Api,
) -> None:
    prepared = drop(f"questions/{EXAM}/bank.xlsx", BANK)
    assert (prepared["outcome"], prepared["rows"], prepared["taken"]) == ("prepared", 3, 3)
    assert drop(f"roster/{EXAM}/people.xlsx", people(ZHANG, LI))["outcome"] == "prepared"
    assert api.get("/exams").json["exams"] == []
    told = drop("exams/anything.yaml", settings())
    assert (told["ok"], told["outcome"], told["exam_id"]) == (True, "published", EXAM)
    assert (told["starts_at"], told["rows"], told["taken"]) == (T0, 5, 5)
    [exam] = api.get("/exams").json["exams"]
    assert (exam["exam_id"], exam["starts_at"], exam["by_roster"]) == (EXAM, T0, True)
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE
    assert may(IdType.PASSPORT, OTHER) == 60 * MINUTE
    _, bank = exams.get_bank(exam_id=EXAM)
    assert [(q.key, q.options) for q in bank.questions] == [
        ("B", ("甲", "乙", "丙")),
        ("A", ("甲", "乙")),
        ("B", ("正确", "错误")),
    ]


def test_a_pack_is_published_as_it_always_was(api: Api) -> None:
    folder = ROOT / "examples/agency-practitioners"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            if path.name != "exam.yaml":
                archive.write(path, path.relative_to(folder).as_posix())
        written = yaml.safe_load((folder / "exam.yaml").read_text("utf-8"))
        written["starts_at"] = SETTINGS["starts_at"]
        archive.writestr("exam.yaml", yaml.safe_dump(written, allow_unicode=True))
    told = drop("exams/春季 (1).zip", out.getvalue())
    assert (told["outcome"], told["taken"], told["refused"]) == ("published", 44, [])
    assert exams.get_exam("shanxi-agency-practitioners").starts_at == T0


def test_bank_and_settings_may_be_wrong_in_many_places_and_all_are_told_at_once(api: Api) -> None:
    wrong = workbook(
        BANK_HEADINGS,
        ("填空题", "问一？", "甲", "乙", None, "A", None),
        ("单选题", "问二？", "甲", "乙", None, "C", None),
        ("单选题", "问三？", "甲", "乙", None, "A", None),
    )
    before = everything_stored()
    told = drop(f"questions/{EXAM}/bank.xlsx", wrong)
    assert [(file, row) for file, row, _ in reasons(told)] == [("bank.xlsx", 2), ("bank.xlsx", 3)]
    assert (told["rows"], told["right"], told["taken"]) == (3, 1, 0)
    told = drop("exams/x.yaml", settings(policy={"switch_limit": 1}))
    assert ("questions/bank.xlsx", 2) in [(file, row) for file, row, _ in reasons(told)]
    assert any("switch_limit" in why for _, _, why in reasons(told))
    after = everything_stored()
    assert {**after, "DROPBOX_BUCKET": {}} == {**before, "DROPBOX_BUCKET": {}}


def test_a_bank_that_is_not_there_yet_is_asked_for_and_the_same_settings_work_afterwards(
    api: Api,
) -> None:
    told = drop("exams/x.yaml", settings(audience=["agency_practitioner"]))
    assert ("exam.yaml", 0, "单选题：需要 2 题，题库只有 0 题") in reasons(told)
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    assert drop("exams/x.yaml", settings(audience=["agency_practitioner"]))["ok"]


def test_a_bank_of_a_published_exam_is_not_replaced(api: Api) -> None:
    published(ZHANG)
    before = everything_stored()["EXAMS_TABLE"]
    told = drop(f"questions/{EXAM}/better.xlsx", BANK)
    assert "考试已发布" in reasons(told)[0][2]
    assert everything_stored()["EXAMS_TABLE"] == before


# --- events as AWS sends them: twice, late, about our own reports ---


def test_the_same_event_again_changes_nothing(api: Api, clock: StandingClock) -> None:
    published(ZHANG)
    keys = (f"questions/{EXAM}/bank.xlsx", f"roster/{EXAM}/people.xlsx", f"exams/{EXAM}.yaml")
    before = everything_stored()
    clock.advance(minutes=10)
    for key in keys:
        tell(key, report(key)["version_id"])
    assert everything_stored() == before


def test_a_report_does_not_import_itself(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    before = everything_stored()
    for key in before["DROPBOX_BUCKET"]:
        if ".report." in key:
            tell(key)
    for key in ("exams/", f"questions/{EXAM}/", "exports/x/bank.xlsx", "packs/x.zip"):
        put(key, b"")
        tell(key)
    assert set(everything_stored()["DROPBOX_BUCKET"]) == {
        *before["DROPBOX_BUCKET"],
        "exams/",
        f"questions/{EXAM}/",
        "exports/x/bank.xlsx",
        "packs/x.zip",
    }


def test_a_late_event_about_an_older_file_does_not_bring_the_older_file_back(api: Api) -> None:
    published(ZHANG)
    key = f"roster/{EXAM}/people.xlsx"
    older = put(key, people(LI))
    assert drop(key, people(ZHANG, LI))["outcome"] == "replaced"
    before = everything_stored()
    tell(key, older)
    assert everything_stored() == before
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE


def test_of_two_events_at_once_the_newer_file_wins(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older file's function stands still between its look at the exam and its write."""
    published(ZHANG)
    key = f"roster/{EXAM}/people.xlsx"
    older = put(key, people(LI))
    write = store.put_roster

    def meanwhile(*arguments: Any) -> None:
        monkeypatch.setattr(store, "put_roster", write)
        assert drop(key, people(ZHANG))["outcome"] == "unchanged"  # the roster of before, once more
        write(*arguments)

    monkeypatch.setattr(store, "put_roster", meanwhile)
    with pytest.raises(Exception, match="busy"):
        tell(key, older)
    tell(key, older)  # AWS delivers it again
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE
    assert may(IdType.PASSPORT, OTHER) == "not_admitted_to_exam"
    assert report(key)["outcome"] == "unchanged"


def test_a_file_that_was_taken_away_again_leaves_no_trace(api: Api) -> None:
    tell(f"questions/{EXAM}/gone.xlsx")
    assert everything_stored()["DROPBOX_BUCKET"] == {}


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "PutObject"), ("dynamodb", "BatchWriteItem"), ("dynamodb", "PutItem")],
)
def test_an_outage_imports_nothing_by_half_and_the_next_delivery_does(
    api: Api, service: str, operation: str
) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    drop(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    version = put("exams/x.yaml", settings())
    with failing(service, operation), pytest.raises(Exception, match="service_busy"):
        tell("exams/x.yaml", version)
    assert api.get("/exams").json["exams"] == []
    tell("exams/x.yaml", version)
    assert report("exams/x.yaml")["outcome"] == "published"


# --- rosters of published exams ---


def test_a_new_roster_takes_the_place_of_the_old_one(api: Api) -> None:
    published(ZHANG)
    told = drop(f"roster/{EXAM}/second.csv", "姓名,证件类型,证件号码\n李四,护照,E7654321".encode())
    assert (told["outcome"], told["taken"]) == ("replaced", 1)
    assert may(IdType.RESIDENT, LISTED) == "not_admitted_to_exam"
    assert may(IdType.PASSPORT, OTHER) == 60 * MINUTE
    exam = exams.get_exam(EXAM)
    assert exam.version == 2
    assert exam.ends_at == T0 + (30 + 5 + 60 + 20) * MINUTE  # never earlier than it was


def test_a_roster_with_a_mistake_changes_nothing(api: Api) -> None:
    published(ZHANG)
    before = rows("EXAMS_TABLE")
    wrong = people(ZHANG, ("王五", "居民身份证", 110105194912310000, None, None), LI, LI)
    told = drop(f"roster/{EXAM}/people.xlsx", wrong)
    found = [(row, why) for _, row, why in reasons(told)]
    assert [row for row, _ in found] == [3, 5]
    assert "末几位已失真" in found[0][1]
    assert found[1][1] == "此人重复出现"
    assert rows("EXAMS_TABLE") == before


def test_extra_time_that_does_not_go_with_the_rules_is_refused(api: Api) -> None:
    published(ZHANG)
    told = drop(f"roster/{EXAM}/people.xlsx", people(("张三", "居民身份证", LISTED, 600, "")))
    assert "登录 12 小时后失效" in reasons(told)[0][2]
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE


def test_an_exam_for_an_audience_has_no_roster_to_replace(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    assert drop("exams/x.yaml", settings(audience=["agency_practitioner"]))["ok"]
    told = drop(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    assert "没有名单可以更换" in reasons(told)[0][2]
    assert not exams.get_exam(EXAM).has_roster


@pytest.mark.parametrize(("after", "outcome"), [(-1, "replaced"), (0, "replaced"), (1, "refused")])
def test_a_roster_is_replaced_until_the_exam_is_over(
    api: Api, clock: StandingClock, after: int, outcome: str
) -> None:
    published(ZHANG)
    clock.now = exams.get_exam(EXAM).ends_at + after
    assert drop(f"roster/{EXAM}/people.xlsx", people(LI))["outcome"] == outcome


def opened(number: str, kind: IdType) -> None:
    """Somebody with this document has an account and has opened their attempt."""
    from chalicelib.identity import store as people
    from tests.unit.attempts import started

    person_hash = identity.hash_of_number(kind, number)
    people.claim_number(person_hash, "ac_1", T0)
    attempt = msgspec.structs.replace(
        started(T0), attempt_id=attempts.attempt_id_of(EXAM, "ac_1", 1), exam_id=EXAM
    )
    attempts.put_attempt(attempt)


def test_who_has_opened_their_attempt_cannot_be_taken_off_the_people(api: Api) -> None:
    published(ZHANG, LI)
    opened(LISTED, IdType.RESIDENT)
    key = f"roster/{EXAM}/people.xlsx"
    told = drop(key, people(LI))
    assert "名单去掉了 1 名已打开考试的人" in reasons(told)[0][2]
    assert LISTED not in str(told)
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE
    told = drop(key, people(ZHANG))  # the other one has not opened anything
    assert told["outcome"] == "replaced"


def test_who_has_opened_their_attempt_keeps_its_time_and_the_operator_is_told(api: Api) -> None:
    published(ZHANG, LI)
    opened(LISTED, IdType.RESIDENT)
    longer = (("张三", "居民身份证", LISTED, 40, ""), ("李四", "护照", OTHER, 10, ""))
    told = drop(f"roster/{EXAM}/people.xlsx", people(*longer))
    assert told["outcome"] == "replaced"
    [remark] = told["remarks"]
    assert (remark["advice"], remark["rows"]) == ("opened_keeps_time", [2])


def test_publishing_the_same_again_keeps_the_roster_that_came_later(api: Api) -> None:
    published(ZHANG)
    drop(f"roster/{EXAM}/people.xlsx", people(LI))
    before = rows("EXAMS_TABLE")
    told = drop("exams/again.yaml", settings())
    assert told["outcome"] == "published"
    assert rows("EXAMS_TABLE") == before


def test_an_uploaded_roster_never_yields_to_one_that_was_uploaded_before_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two names, one exam: the event of the first file comes an hour late."""
    from chalicelib.shared import objects

    published(ZHANG)
    describe, at = objects.describe, {"first.xlsx": 1_000, "second.xlsx": 2_000}

    def dated(bucket: str, key: str) -> Any:
        found = describe(bucket, key)
        name = key.rpartition("/")[2]
        return msgspec.structs.replace(found, at=T0 + at[name]) if name in at else found

    monkeypatch.setattr(objects, "describe", dated)
    first = put(f"roster/{EXAM}/first.xlsx", people(ZHANG))
    assert drop(f"roster/{EXAM}/second.xlsx", people(LI))["outcome"] == "replaced"
    tell(f"roster/{EXAM}/first.xlsx", first)
    told = report(f"roster/{EXAM}/first.xlsx")
    assert (told["ok"], told["outcome"], told["taken"]) == (False, "superseded", 0)
    assert may(IdType.PASSPORT, OTHER) == 60 * MINUTE


# --- files that are no imports ---


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("exams/bank.xlsx", "exams/ 里只能放"),
        (f"questions/{EXAM}.xlsx", "请放到 questions/考试编号/文件名"),
        ("questions/春季/bank.xlsx", "请放到 questions/"),
        (f"questions/{EXAM}/a/bank.xlsx", "请放到 questions/"),
        (f"questions/{EXAM}/bank.xlsb", "只能导入表格：.xlsx、.xlsm"),
        (f"roster/{EXAM}/people.docx", "只能导入表格：.xlsx、.xlsm"),
    ],
)
def test_a_file_in_the_wrong_place_is_told_where_to_go(api: Api, key: str, why: str) -> None:
    told = drop(key, b"x")
    assert told["outcome"] == "refused"
    assert reasons(told)[0][0] == key
    assert why in reasons(told)[0][2]


def test_a_file_is_not_read_when_it_is_too_large(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.imports import drops

    monkeypatch.setattr(drops, "MAX_FILE_BYTES", len(BANK))
    assert drop(f"questions/{EXAM}/bank.xlsx", BANK)["ok"]
    told = drop(f"questions/{EXAM}/more.xlsx", BANK + b"x")
    assert "文件过大" in reasons(told)[0][2]


def test_nothing_of_a_file_is_markup_in_its_report(api: Api) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    headings = (*BANK_HEADINGS, evil)
    drop(f"questions/{EXAM}/{evil.replace('/', '')}.xlsx", workbook(headings, ("单选",)))
    key = f"questions/{EXAM}/{evil.replace('/', '')}.xlsx.report.html"
    page = content(key).decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src &#x27;none&#x27;" in page


def test_a_report_tells_a_person_what_to_do_in_chinese(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", workbook(BANK_HEADINGS, ("连线题", "问？", "甲")))
    page = content(f"questions/{EXAM}/bank.xlsx.report.html").decode()
    assert '<html lang="zh-CN">' in page
    assert "没有导入任何内容" in page
    assert "bank.xlsx 第 2 行" in page
    assert "题型须为：单选题、多选题" in page


def test_no_number_or_name_of_a_roster_stands_in_report_table_or_log(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    published(ZHANG)
    drop(f"roster/{EXAM}/people.xlsx", people(("欧阳某", "居民身份证", LISTED[:-1] + "1", 0, "")))
    drop(f"roster/{EXAM}/people.xlsx", people(("欧阳某", "居民身份证", LISTED, 0, "")))
    told = str(report(f"roster/{EXAM}/people.xlsx")) + repr(rows("EXAMS_TABLE"))
    told += content(f"roster/{EXAM}/people.xlsx.report.html").decode() + capsys.readouterr().out
    assert LISTED not in told
    assert "欧阳某" not in told


# --- nothing in silence ---


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("名单.xlsx", "名单没有生效：请放到 roster/"),
        (f"rosters/{EXAM}/people.xlsx", "名单没有生效：请放到 roster/"),
        (f"题库/{EXAM}/bank.xlsx", "题库请放到 questions/"),
        ("notes.txt", "考试包和考试设置请放到 exams/"),
        ("exams", "考试包和考试设置请放到 exams/"),
    ],
)
def test_a_file_where_nobody_reads_gets_a_report_with_the_right_place(
    api: Api, key: str, why: str
) -> None:
    told = drop(key, b"x")
    assert (told["kind"], told["outcome"]) == ("other", "refused")
    assert why in reasons(told)[0][2]
    assert "没有人读取" in content(f"{key}.report.html").decode()


@pytest.mark.parametrize(
    "key",
    [
        *("exports/x/bank.xlsx", "packs/x.zip", "anything/", "a.report.json", "a.report.html"),
        *(".DS_Store", f"questions/{EXAM}/~$bank.xlsx", f"roster/{EXAM}/.~lock.people.xlsx#"),
    ],
)
def test_what_nobody_brought_in_gets_no_report(api: Api, key: str) -> None:
    tell(key, put(key, b"x"))
    assert set(everything_stored()["DROPBOX_BUCKET"]) == {key}


def uploaded_at(monkeypatch: pytest.MonkeyPatch, moments: dict[str, int]) -> None:
    """The files of the dropbox were uploaded at these moments (name → ms)."""
    from chalicelib.shared import objects

    listing = objects.list_objects

    def dated(*arguments: Any, **more: Any) -> Any:
        return [
            msgspec.structs.replace(f, at=moments.get(f.key.rpartition("/")[2], f.at))
            for f in listing(*arguments, **more)
        ]

    monkeypatch.setattr(objects, "list_objects", dated)


@pytest.mark.parametrize(("at", "right"), [(999, True), (1_000, False), (1_001, False)])
@pytest.mark.parametrize(
    ("folder", "name"),
    [("questions", "bank.pdf"), ("roster", "people.xlsb"), ("roster", "表.pdf")],
)
def test_a_refused_file_refuses_the_exam_unless_a_good_one_came_after_it(
    api: Api, monkeypatch: pytest.MonkeyPatch, folder: str, name: str, at: int, right: bool
) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    drop(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    refused = f"{folder}/{EXAM}/{name}"
    assert not drop(refused, b"x")["ok"]
    uploaded_at(monkeypatch, {"bank.xlsx": 1_000, "people.xlsx": 1_000, name: at})
    told = drop("exams/x.yaml", settings())
    if right:
        assert told["outcome"] == "published"
        remarks = [(remark["file"], remark["advice"]) for remark in told["remarks"]]
        assert (refused, "file_left_out") in remarks
    else:
        assert told["outcome"] == "refused"
        assert "更晚上传" in next(why for file, _, why in reasons(told) if file == refused)


def test_a_list_that_cannot_be_read_never_opens_the_exam_to_everybody(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    drop(f"roster/{EXAM}/people.xlsb", b"x")
    told = drop("exams/x.yaml", settings(audience=["agency_practitioner"]))
    assert (told["outcome"], told["who_may_enter"]) == ("refused", "")
    assert api.get("/exams").json["exams"] == []


def test_a_list_in_a_folder_that_nobody_reads_refuses_its_exam_and_no_other(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    drop(f"rosters/{EXAM}/people.xlsx", people(ZHANG))
    drop("rosters/another-exam/people.xlsx", people(ZHANG))
    drop(f"extra/{EXAM}/notes.pdf", b"x")
    told = drop("exams/x.yaml", settings(audience=["agency_practitioner"]))
    [(file, _, why)] = reasons(told)
    assert (file, f"roster/{EXAM}/" in why) == (f"rosters/{EXAM}/people.xlsx", True)
    assert f"extra/{EXAM}/notes.pdf" in [remark["file"] for remark in told["remarks"]]


def zipped_pack(audience: list[str]) -> bytes:
    """A small pack without a roster."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("exam.yaml", settings(audience=audience))
        archive.writestr("questions/bank.xlsx", BANK)
    return out.getvalue()


def test_a_list_in_the_folder_of_an_exam_refuses_a_new_pack_without_it(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    drop(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    told = drop("exams/pack.zip", zipped_pack(["agency_practitioner"]))
    assert [file for file, _, _ in reasons(told)] == [f"roster/{EXAM}/people.xlsx"]
    assert f"questions/{EXAM}/bank.xlsx" in [remark["file"] for remark in told["remarks"]]
    assert api.get("/exams").json["exams"] == []


def test_the_same_pack_again_is_not_refused_for_what_was_put_beside_it_later(api: Api) -> None:
    assert drop("exams/pack.zip", zipped_pack(["agency_practitioner"]))["outcome"] == "published"
    drop(f"roster/{EXAM}/people.xlsx", people(ZHANG))
    assert drop("exams/pack.zip", zipped_pack(["agency_practitioner"]))["outcome"] == "published"


def test_a_list_of_people_among_the_banks_refuses_the_exam(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    assert not drop(f"questions/{EXAM}/people.xlsx", people(ZHANG))["ok"]
    told = drop("exams/x.yaml", settings(audience=["agency_practitioner"]))
    assert "questions/people.xlsx" in [file for file, _, _ in reasons(told)]


def test_a_picture_beside_a_bank_is_checked_found_and_published(api: Api) -> None:
    picture = png_of(4, 3)
    told = drop(f"questions/{EXAM}/图.png", picture)
    assert (told["outcome"], told["refused"]) == ("prepared", [])
    assert "不是图片文件" in reasons(drop(f"questions/{EXAM}/坏.png", b"x"))[0][2]
    put(f"questions/{EXAM}/坏.png", png_of(1, 1))
    shown = ("单选", "如图![图章](图.png)？", "甲", "乙", None, "A", "因为")
    other = ("单选", "问二？", "甲", "乙", None, "A", "因为")
    judged = ("判断", "对吗？", None, None, None, "对", "因为")
    assert drop(f"questions/{EXAM}/bank.xlsx", workbook(BANK_HEADINGS, shown, other, judged))["ok"]
    told = drop("exams/x.yaml", settings(audience=["agency_practitioner"]))
    assert told["outcome"] == "published"
    left_out = [r["file"] for r in told["remarks"] if r["advice"] == "file_left_out"]
    assert left_out == ["questions/坏.png"]


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True), "hidden_row_left_out"),
        (lambda sheet: setattr(sheet["A3"], "font", Font(strike=True)), "struck_row_left_out"),
    ],
)
def test_whom_nobody_sees_on_the_roster_is_not_admitted(
    api: Api, change: Callable[[Any], None], advice: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(people(ZHANG, LI)))
    change(book.active)
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    told = drop(f"roster/{EXAM}/people.xlsx", saved(book))
    [remark] = [remark for remark in told["remarks"] if remark["advice"] == advice]
    assert remark["rows"] == [3]
    assert drop("exams/x.yaml", settings())["who_may_enter"] == "名单 1 人"
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE
    assert may(IdType.PASSPORT, OTHER) == "not_admitted_to_exam"


def test_bank_and_roster_may_be_old_workbooks(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.et", xls_of(*_lines(BANK)))
    drop(f"roster/{EXAM}/people.xls", xls_of(*_lines(people(ZHANG, LI))))
    told = drop("exams/x.yaml", settings())
    assert (told["outcome"], told["who_may_enter"]) == ("published", "名单 2 人")
    assert may(IdType.RESIDENT, LISTED) == 80 * MINUTE


def _lines(data: bytes) -> list[tuple[Any, ...]]:
    """The rows of a workbook."""
    return list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))


def test_a_report_says_who_may_enter(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    audience = ["agency_practitioner", "evaluation_expert"]
    told = drop("exams/open.yaml", settings(audience=audience, exam_id=EXAM))
    said = "对所有代理机构从业人员、所有评审专家开放"
    assert (told["who_may_enter"], told["listed"]) == (said, None)
    assert said in content("exams/open.yaml.report.html").decode()


def test_a_report_counts_the_people_of_the_roster_in_force(api: Api) -> None:
    published(ZHANG, LI)
    assert report(f"roster/{EXAM}/people.xlsx")["who_may_enter"] == "名单 2 人"
    assert report(f"exams/{EXAM}.yaml")["listed"] == 2
    assert drop(f"roster/{EXAM}/people.xlsx", people(LI))["who_may_enter"] == "名单 1 人"
    drop(f"roster/{EXAM}/people.xlsx", people(ZHANG, LI))
    told = drop("exams/again.yaml", settings())
    assert (told["outcome"], told["listed"]) == ("published", 2)


# --- size, and back again ---


def test_five_thousand_questions_are_imported_exported_and_are_the_same(api: Api) -> None:
    many = many_questions(5_000)
    data = writing.write_xlsx([to_page([to_row(question) for question in many])])
    told = drop(f"questions/{EXAM}/bank.xlsx", data)
    assert (told["outcome"], told["rows"], told["taken"]) == ("prepared", 5_000, 5_000)
    sections = [{**SETTINGS["sections"][0], "count": 100}, SETTINGS["sections"][1]]
    changes: dict[str, Any] = {"audience": ["agency_practitioner"], "sections": sections}
    assert drop("exams/x.yaml", settings(**changes))["outcome"] == "published"
    exported = run("chalicelib.handlers.imports.export_bank", {"exam_id": EXAM})
    assert (exported["ok"], exported["questions"]) == (True, 5_000)
    assert exported["key"].startswith(f"exports/{EXAM}/bank-")
    again = banks.read_bank({"questions/again.xlsx": content(exported["key"])})
    assert again.questions == tuple(many)
    assert again.findings == ()


def test_what_was_exported_makes_the_same_paper_version(api: Api) -> None:
    published(ZHANG)
    exported = run("chalicelib.handlers.imports.export_bank", {"exam_id": EXAM})
    again = drop("questions/second-exam/again.xlsx", content(exported["key"]))
    assert again["outcome"] == "prepared"
    changes: dict[str, Any] = {"exam_id": "second-exam", "audience": ["evaluation_expert"]}
    assert drop("exams/x.yaml", settings(**changes))["ok"]
    assert exams.get_exam("second-exam").paper_version == exams.get_exam(EXAM).paper_version


MIXED = """题型,题干,选项A,选项B,选项C,答案,解析,分值,选项顺序,材料编号,材料
单选,面积为 10<sup>2</sup>，见![图](图1.png),甲,乙,以上都对,A,$\\frac{a}{b}$,5,,,
填空,期限为____日，由____负责,,,,五|5;财政部门,见&lt;办法&gt;,5,,,
单选,材料中谁有权,甲,乙,丙,B,因为,5,固定,M-1,某项目<table><tr><td>预算</td><td>100</td></tr></table>
判断,材料属实,,,,对,因为,5,,M-1,
"""


def test_an_exported_pack_makes_the_same_exam_with_pictures_materials_and_formulas(
    api: Api,
) -> None:
    kinds = {"single": 1, "blank": 1}
    sections = [
        {"id": kind, "title": kind, "type": kind, "count": count, "points": 5}
        for kind, count in kinds.items()
    ]
    sections.append(
        {"id": "m", "title": "材料", "type": "material", "count": 1, "points": 5, "group_size": 2}
    )
    changes: dict[str, Any] = {"audience": ["agency_practitioner"], "sections": sections}
    files = {
        "exam.yaml": settings(**changes),
        "questions/a.csv": MIXED.encode(),
        "pictures/图1.png": png_of(8, 4),
    }
    told = drop("exams/a.zip", archives.pack(files))
    assert (told["outcome"], told["refused"]) == ("published", [])
    exam, bank = exams.get_bank(exam_id=EXAM)
    exported = run("chalicelib.handlers.imports.export_bank", {"exam_id": EXAM})
    pack = content(exported["pack_key"])
    assert packs.read_pack(packs.read_zip(pack)).bank == bank
    assert drop("exams/again.zip", pack)["ok"]
    assert exams.get_exam(EXAM).as_published == exam.as_published


def test_an_exported_bank_has_the_key_that_is_in_use(api: Api) -> None:
    published(ZHANG)
    exam, bank = exams.get_bank(exam_id=EXAM)
    assert bank.questions[0].key == "B"
    version = exams.write_key(exam=exam, corrected={bank.questions[0].id: "C"})
    order = ExamOrder("command-1", OrderKind.CORRECT_KEY, "o", "r", T0, T0, key_version=version)
    exams.give_order(exam_id=EXAM, order=order, version_seen=exam.version, now=T0)
    exported = run("chalicelib.handlers.imports.export_bank", {"exam_id": EXAM})
    again = banks.read_bank({"questions/again.xlsx": content(exported["key"])})
    assert [question.key for question in again.questions] == ["C", "A", "B"]


def test_exporting_what_is_not_there_is_explained(api: Api) -> None:
    answer = run("chalicelib.handlers.imports.export_bank", {"exam_id": "no-such-exam"})
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "not_found")
    answer = run("chalicelib.handlers.imports.export_bank", {"exam_id": "../x"})
    assert answer["errors"][0]["code"] == "invalid_request"


def test_the_examples_of_the_template_are_not_imported(api: Api) -> None:
    folder = pathlib.Path(ROOT / "examples/templates")
    for name, key in (("question-bank", "questions"), ("roster", "roster")):
        for end in ("xlsx", "csv"):
            data = (folder / f"{name}.{end}").read_bytes()
            told = drop(f"{key}/{EXAM}/untouched.{end}", data)
            assert told["remarks"][0]["advice"] == "template_row"
            assert told["taken"] == 0
