"""Score lists: who is on them, what they say, who may take them in full, and how they go on after a stop."""

import csv
import io
from typing import Any
from urllib.parse import unquote

import msgspec
import openpyxl
import pytest

from chalicelib.attempts import store as attempt_store
from chalicelib.attempts.model import Attempt, Origin
from chalicelib.exams import service as exams
from chalicelib.exams import store as exam_store
from chalicelib.exams.model import Exam, ExamKind, RosterEntry
from chalicelib.identity import service as identity
from chalicelib.identity.documents import IdType
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState
from chalicelib.score_lists import model, service
from chalicelib.score_lists.model import ScoreList
from chalicelib.score_lists.service import MadeScoreList
from chalicelib.shared import clients, objects
from chalicelib.shared.aws import counting
from chalicelib.shared.errors import Conflict
from chalicelib.shared.settings import settings
from chalicelib.shared.time_slices import TimeSlice
from tests.clock import T0, StandingClock
from tests.console import Widget
from tests.faults import everything_stored
from tests.integration.candidates import EXAM, ID_NUMBER, Candidate
from tests.integration.certificates import attempt_of, number_of

HOUR = 3_600_000
NOW = T0 + 10 * HOUR
WHO = {"operator": "李运营", "reason": "向主管部门报送成绩"}
FLAGGED = Integrity(IntegrityState.FLAGGED, IntegrityRule.MISMATCH, (1, 2, 3))
HOSTILE = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1"]


@pytest.fixture
def over(passed: Candidate, clock: StandingClock) -> Candidate:
    """One person has passed, and the exam is over."""
    clock.advance(minutes=180)
    return passed


def order(number: int = 1, **more: Any) -> ScoreList:
    who = {"operator": "李运营", "operator_id": "op_1", "reason": "报送"}
    return ScoreList(
        **{"exam_id": EXAM, "command_id": f"list-{number:04}", "ordered_at": NOW, **who, **more}
    )


def make(number: int = 1, *, now: int = NOW, of_series: bool = False, **more: Any) -> MadeScoreList:
    return service.make_score_list(order=order(number, **more), of_series=of_series, now=now)


def stored_file(number: int = 1, ending: str = "csv") -> bytes:
    key = f"score-lists/{EXAM}/list-{number:04}/list.{ending}"
    return objects.read_all(settings().private_bucket, key)


def listed(number: int = 1) -> list[dict[str, str]]:
    text = stored_file(number).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def only(number: int = 1) -> dict[str, str]:
    [row] = listed(number)
    return row


def other(person: Candidate, number: int, **fields: Any) -> Attempt:
    """Somebody else's submitted attempt, written into the table as it would lie there."""
    account = f"ac_{number}"
    first = attempt_of(person)
    who = msgspec.structs.replace(
        first.identity, person_hash=f"person-{number}", name=f"考生{number}"
    )
    values = {"identity": who, "answers": {}, **fields}
    attempt = msgspec.structs.replace(
        first,
        attempt_id=attempt_store.attempt_id_of(EXAM, account, fields.get("round", 1)),
        account_id=account,
        **values,
    )
    return attempt_store.put_attempt(attempt)


def with_roster(*entries: RosterEntry) -> Exam:
    """Give the exam a roster, as if it had been published with it."""
    exam = exams.get_exam(EXAM)
    exam_store.put_roster(EXAM, "r1", list(entries))
    key = {"exam_id": {"S": EXAM}, "sk": {"S": "EXAM"}}
    clients.client("dynamodb").update_item(
        TableName=settings().exams_table,
        Key=key,
        UpdateExpression="SET roster_version = :v",
        ExpressionAttributeValues={":v": {"S": "r1"}},
    )
    return exam


# --- what it says ---------------------------------------------------------------------------------------


def test_a_row_says_everything_and_hides_who_it_is(over: Candidate) -> None:
    made = make()
    assert made.order.finished_at == NOW
    row = only()
    assert (row["姓名"], row["证件号码"]) == ("张*", "110***********002X")
    assert (row["到考"], row["成绩"], row["成绩状态"]) == ("到考", "合格", "最终")
    assert row["证书编号"] == number_of(over)
    assert row["证书状态"] == "证书有效"
    assert (row["收卷方式"], row["切屏次数"], row["轮次"]) == ("考生提交", "0", "1")
    points = [float(value) for name, value in row.items() if name.startswith("得分：") and value]
    assert sum(points) == pytest.approx(float(row["总分"]))
    assert row["满分"] == "100"
    assert (row["开始作答"], row["交卷"]) == ("2027-01-15 16:00:00", "2027-01-15 16:45:00")
    assert "场次" not in row
    assert ID_NUMBER not in stored_file().decode()


def test_in_full_it_shows_name_and_number(over: Candidate) -> None:
    make(unmasked=True)
    assert (only()["姓名"], only()["证件号码"]) == ("张三", ID_NUMBER)


def test_the_workbook_has_the_same_rows_and_says_what_it_is(over: Candidate) -> None:
    make()
    book = openpyxl.load_workbook(io.BytesIO(stored_file(ending="xlsx")))
    assert book.sheetnames == ["成绩单", "说明"]
    heads, cells = ([cell.value for cell in row] for row in book["成绩单"].iter_rows())
    told = dict(zip(heads, cells, strict=True))
    row = only()
    assert list(row) == heads
    assert {name: "" if v is None else str(v) for name, v in told.items()} == row
    assert isinstance(told["总分"], float | int)
    about = {a.value: b.value for a, b in book["说明"].iter_rows(min_row=2)}
    assert (about["生成人"], about["用途"], about["姓名和证件号码"]) == ("李运营", "报送", "已遮盖")
    assert (about["人次"], about["到考"], about["缺考"], about["合格（含暂定）"]) == (1, 1, 0, 1)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_a_formula_stays_a_text(over: Candidate, name: str) -> None:
    own = attempt_of(over).identity
    other(
        over,
        2,
        identity=msgspec.structs.replace(own, person_hash="h", name=name, organisation=name),
    )
    make(unmasked=True)
    row = next(row for row in listed() if row["所属单位"].endswith(name.strip("\t\r")))
    assert (row["姓名"], row["所属单位"]) == (f"'{name}", f"'{name}")
    book = openpyxl.load_workbook(io.BytesIO(stored_file(ending="xlsx")))
    cells = [cell for line in book["成绩单"].iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(str(cell.value).strip() == name.strip() for cell in cells)


def test_before_the_end_it_is_provisional_and_nobody_is_absent(passed: Candidate) -> None:
    ends_at = exams.get_exam(EXAM).ends_at
    waiting = {"submitted_at": None, "started_at": None, "status": "opened", "cause": None}
    other(passed, 2, **waiting)
    made = make(1, now=ends_at)
    assert made.order.provisional
    assert "成绩单（暂定）.csv" in unquote(unquote(made.links["csv"]))
    assert {row["到考"] for row in listed()} == {"到考", "未开始"}
    book = openpyxl.load_workbook(io.BytesIO(stored_file(ending="xlsx")))
    assert book.sheetnames[0] == "成绩单（暂定）"
    made = make(2, now=ends_at + 1)
    assert not made.order.provisional
    assert {row["到考"] for row in listed(2)} == {"到考", "缺考"}


def test_a_practice_exam_has_none(over: Candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    exam = exams.get_exam(EXAM)
    practice = msgspec.structs.replace(exam.policy, kind=ExamKind.PRACTICE)
    trial = msgspec.structs.replace(exam, policy=practice)
    monkeypatch.setattr(exams, "get_exam", lambda exam_id: trial)
    before = everything_stored()
    with pytest.raises(Conflict, match="practice_not_listed"):
        make()
    assert everything_stored() == before


def test_flags_and_decisions_are_told(over: Candidate) -> None:
    other(over, 2, integrity=FLAGGED)
    make()
    row = next(row for row in listed() if row["成绩状态"] == "待核实")
    assert row["监考标记"] == "抓拍中的人可能不是本人（3 张）"
    assert "等待人工核实" in row["原因"]


def test_a_result_that_snapshots_invalidated_names_the_rule(
    accused: Candidate, clock: StandingClock
) -> None:
    clock.advance(minutes=180)
    make(now=clock.now)
    row = only()
    assert (row["成绩"], row["成绩状态"]) == ("不合格", "暂定")
    assert "监考抓拍中多次出现多人" in row["原因"]
    assert row["监考标记"] == "抓拍中多次出现多人（3 张）"
    until = attempt_of(accused).complaint_until
    make(2, now=until, ordered_at=until)
    assert only(2)["成绩状态"] == "暂定"
    make(3, now=until + 1, ordered_at=until)
    assert only(3)["成绩状态"] == "最终"


# --- who is on it ---------------------------------------------------------------------------------------


def test_the_roster_comes_first_in_its_order_and_then_everybody_else(over: Candidate) -> None:
    own = attempt_of(over)
    other(over, 2)
    nobody = RosterEntry(identity.hash_of_number(IdType.PASSPORT, "G1"), note="二组", row=2)
    mine = RosterEntry(own.identity.person_hash, note="一组", row=3)
    with_roster(mine, nobody)
    make(unmasked=True)
    told = [(row["名单行"], row["名单备注"], row["姓名"], row["到考"]) for row in listed()]
    assert told == [
        ("2", "二组", "（未注册）", "缺考"),
        ("3", "一组", "张三", "到考"),
        ("", "", "考生2", "到考"),
    ]
    assert [row["备注"] for row in listed()] == ["", "", "不在现行名单中"]


def test_who_has_an_account_and_never_came_has_a_name(over: Candidate) -> None:
    own = attempt_of(over)
    with_roster(RosterEntry(own.identity.person_hash, row=1))
    clients.client("dynamodb").delete_item(
        TableName=settings().attempts_table,
        Key={"attempt_id": {"S": own.attempt_id}, "sk": {"S": "ATTEMPT"}},
    )
    make(unmasked=True)
    assert (only()["姓名"], only()["证件号码"], only()["到考"]) == ("张三", ID_NUMBER, "缺考")
    assert only()["总分"] == only()["打开考试"] == ""


def test_who_has_another_number_now_is_found_by_the_one_of_the_attempt(over: Candidate) -> None:
    own = attempt_of(over)
    old = msgspec.structs.replace(own.identity, person_hash="of-then", id_number_masked="G***1")
    clients.client("dynamodb").delete_item(
        TableName=settings().attempts_table,
        Key={"attempt_id": {"S": own.attempt_id}, "sk": {"S": "ATTEMPT"}},
    )
    attempt_store.put_attempt(msgspec.structs.replace(own, identity=old))
    with_roster(RosterEntry("of-then", row=1))
    make(unmasked=True)
    assert (only()["名单行"], only()["到考"], only()["证件号码"]) == ("1", "到考", "G***1")
    assert "考后有变更" in only()["备注"]


def test_of_several_rounds_the_newest_is_listed_once(over: Candidate) -> None:
    first = other(over, 2)
    origin = Origin(first.attempt_id, first.cause, "reopen-0001")  # type: ignore[arg-type]
    second = other(over, 2, round=2, origin=origin)
    make()
    told = {row["考试记录编号"]: row["轮次"] for row in listed()}
    assert told == {attempt_of(over).attempt_id: "1", second.attempt_id: "2"}
    with_roster(
        RosterEntry("person-2", row=1), RosterEntry(attempt_of(over).identity.person_hash, row=2)
    )
    make(2)
    assert [row["轮次"] for row in listed(2)] == ["2", "1"]


def test_nobody_came(candidate: Candidate) -> None:
    made = make()
    assert (made.order.people, made.order.parts, listed()) == (0, 0, [])
    assert set(made.links) == {"xlsx", "csv"}


# --- who has asked for deletion -------------------------------------------------------------------------


@pytest.mark.parametrize(("done", "told"), [(None, "正在处理"), (NOW, "已按本人要求删除")])
def test_who_asked_for_deletion_is_not_named(over: Candidate, done: int | None, told: str) -> None:
    account = attempt_of(over).account_id
    deletion = {
        "command_id": {"S": "delete-0001"},
        "operator": {"S": "李运营"},
        "reason": {"S": "本人要求"},
        "requested_at": {"N": str(NOW - HOUR)},
        "kept": {"L": []},
    }
    if done:
        deletion["done_at"] = {"N": str(done)}
    clients.client("dynamodb").update_item(
        TableName=settings().accounts_table,
        Key={"pk": {"S": f"account#{account}"}},
        UpdateExpression="SET deletions = :d",
        ExpressionAttributeValues={":d": {"L": [{"M": deletion}]}},
    )
    make(unmasked=True)
    text = stored_file().decode()
    assert "张三" not in text
    assert ID_NUMBER not in text
    assert (only()["姓名"], only()["证件号码"], only()["所属单位"]) == (
        "（应本人要求不显示）",
        "",
        "",
    )
    assert told in only()["备注"]
    assert only()["总分"]


# --- orders ---------------------------------------------------------------------------------------------


def test_the_order_is_kept_with_who_why_and_what(over: Candidate) -> None:
    make(1, unmasked=True)
    make(2)
    kept = service.list_orders(exam_id=EXAM)
    assert {(o.command_id, o.operator, o.operator_id, o.reason, o.unmasked) for o in kept} == {
        ("list-0001", "李运营", "op_1", "报送", True),
        ("list-0002", "李运营", "op_1", "报送", False),
    }


def test_the_same_order_again_changes_nothing_and_links_again(over: Candidate) -> None:
    make()
    before = everything_stored()
    again = make(now=NOW + 1)
    assert set(again.links) == {"xlsx", "csv"}
    assert everything_stored() == before


@pytest.mark.parametrize(
    "changed", [{"unmasked": True}, {"reason": "别的用途"}, {"operator_id": "op_2"}]
)
def test_an_id_serves_one_order(over: Candidate, changed: dict[str, Any]) -> None:
    make()
    before = everything_stored()
    with pytest.raises(Conflict, match="command_id_taken"):
        make(**changed)
    assert everything_stored() == before


def test_after_a_day_it_is_gone(over: Candidate) -> None:
    make()
    assert make(now=NOW + model.KEPT_MS - 1).links
    with pytest.raises(Conflict, match="score_list_expired"):
        make(now=NOW + model.KEPT_MS)


def test_an_exam_by_itself_has_no_list_of_a_series(over: Candidate) -> None:
    with pytest.raises(Conflict, match="series_unknown"):
        make(of_series=True)


# --- parts and pages ------------------------------------------------------------------------------------


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (service, model):
        monkeypatch.setattr(module, "PART_PEOPLE", 3)
    monkeypatch.setattr(service, "PAGE_PEOPLE", 2)


@pytest.mark.usefixtures("small_parts")
def test_when_time_is_over_it_goes_on_after_the_last_part(over: Candidate) -> None:
    for number in range(2, 9):
        other(over, number)
    ticks = iter(range(100))
    made_rows: list[int] = []
    while True:  # each call has time for two pages
        begun = next(ticks)
        time = TimeSlice(lambda: next(ticks), begun + 3)
        made = service.make_score_list(order=order(), now=NOW, time_slice=time)
        made_rows.append(made.done)
        if made.links:
            break
    assert made_rows == [3, 6, 8]
    assert len({row["考试记录编号"] for row in listed()}) == 8
    make(2)
    assert listed(2) == listed()


@pytest.mark.usefixtures("small_parts")
def test_each_page_costs_the_same_few_reads(
    over: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2, 8):
        other(over, number)
    calls = counting.count_calls()
    make()
    # 7 people in 5 pages of 2, 1, 2, 1, 1: attempts, next rounds, people, complaints, certificates
    assert calls.pop("BatchGetItem") == 5 * 5
    assert calls["Query"] == 8  # the parts of the index
    assert calls["GetItem"] <= 4


# --- the operators' page --------------------------------------------------------------------------------


def test_an_operator_makes_both_kinds_and_fetches_one_again(over: Candidate) -> None:
    widget = Widget().open("exams").click("成绩单")
    assert "还没有生成过成绩单" in widget.text
    widget.type(**WHO).click("生成成绩单（遮盖）")
    assert "成绩单已生成：1 人次" in widget.text
    shown = [e.attributes["href"] for e in widget.all if e.attributes.get("target") == "_blank"]
    assert len(shown) == 2
    assert all("X-Amz-Expires=300" in (address or "") for address in shown)
    widget.click("返回").type(**WHO).click("生成完整信息成绩单")
    assert any("完整姓名和证件号码" in text for text in widget.confirmed)
    widget.click("返回")
    assert "完整信息" in widget.text
    assert widget.text.count("已生成，1 人次") == 2
    before = everything_stored()
    widget.type(operator="李运营").click("下载")
    assert "成绩单已生成：1 人次" in widget.text
    assert set(everything_stored()) == set(before)


def test_without_a_code_no_list_is_made(over: Candidate) -> None:
    before = everything_stored()
    widget = Widget().open("exams").click("成绩单").type(reason="报送成绩")
    widget.click("生成完整信息成绩单")
    assert "没有执行" in widget.text
    assert everything_stored() == before


def test_a_list_that_takes_longer_can_be_gone_on_with(
    over: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("chalicelib.desk.score_list_commands._WORK_MS", 0)
        widget = Widget().open("exams").click("成绩单").type(**WHO).click("生成成绩单（遮盖）")
    assert "已完成 0 / 1 人次" in widget.text
    _, event = widget.event("继续")
    assert event["operator"] == "李运营"
    unfinished = Widget().open("exams").click("成绩单")
    assert "未完成" in unfinished.text
    unfinished.type(**WHO).click("继续")
    assert "成绩单已生成：1 人次" in unfinished.text
