"""Finding people: by every number that a caller may name, with a record of each look-up and no number in full."""

import json
from typing import Any

import msgspec
import pytest

from chalicelib.attempts import store as attempts_store
from chalicelib.desk import live_page
from chalicelib.exams.model import ExamKind
from chalicelib.operators import service as operators
from tests.api import publish
from tests.clock import T0, StandingClock
from tests.console import Widget
from tests.faults import everything_stored, failing, rows
from tests.integration.candidates import EXAM, ID_NUMBER, MINUTE, Candidate
from tests.integration.certificates import number_of
from tests.integration.orders import another, attempt_id
from tests.integration.tickets import ask
from tests.operators import enter, fresh_code, give

WHO = "李运营"
PHONE = "13800138000"


def look_up(text: str, exam_id: str = "", widget: Widget | None = None) -> Widget:
    page = widget or Widget().open("find_person")
    typed = {"look_for": text, "look_in": exam_id}
    return page.type(**typed, **({} if widget else {"operator": WHO})).click("查找")


def look_ups() -> list[dict[str, Any]]:
    """The records; the clock stands, so they are in the order of their kinds."""
    found = [row for pk, row in rows("OPERATORS_TABLE").items() if pk.startswith("LOOK_UP#")]
    return sorted(found, key=lambda row: row["what"])


# --- what leads to whom ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (PHONE, "phone"),
        ("手机号：１３８ ００１３ ８０００", "phone"),
        (ID_NUMBER, "id_number"),
        (ID_NUMBER.lower(), "id_number"),
    ],
)
def test_a_caller_is_found_by_their_numbers_and_shown_masked(
    candidate: Candidate, typed: str, kind: str
) -> None:
    candidate.open()
    ticket = ask(candidate).json["ticket_id"]
    widget = look_up(typed)
    for shown in (
        "张三",
        "138****8000",
        "从业资格考试",
        "未开始作答",
        ticket,
        "身份核验不通过",
        "没有证书",
    ):
        assert shown in widget.text, shown
    assert PHONE not in widget.html
    assert ID_NUMBER not in widget.html
    [record] = look_ups()
    assert (record["what"], record["operator"], record["found"]) == (kind, WHO, 1)


@pytest.mark.parametrize("by", ["case", "attempt"])
def test_a_caller_is_found_by_the_number_of_a_ticket_or_an_attempt(
    candidate: Candidate, by: str
) -> None:
    candidate.open()
    ticket = ask(candidate).json["ticket_id"]
    typed = ticket.upper().replace("-", " ") if by == "case" else attempt_id(candidate)
    assert "张三" in look_up(typed).text
    assert look_ups()[0]["what"] == by


def test_a_name_is_found_within_its_exam_only(candidate: Candidate) -> None:
    candidate.open()
    assert "请先选择考试" in look_up("张三").text
    assert "没有找到人" in look_up("李四", EXAM).text
    widget = look_up(" 张 三 ", EXAM)
    assert "按姓名 张" in widget.text
    assert "138****8000" in widget.text


def test_of_two_with_one_name_each_is_shown_and_may_be_opened(candidate: Candidate) -> None:
    candidate.open()
    other = another(candidate, 1)
    other.open()
    widget = look_up("张三", EXAM)
    assert len(widget.actions("查看此人的全部记录")) == 2
    assert "找到 2 人" in widget.text
    whole = widget.click("查看此人的全部记录")
    assert "考试（1）" in whole.text
    assert [row["what"] for row in look_ups()] == ["attempt", "name"]


@pytest.mark.parametrize(
    ("typed", "tip"),
    [
        ("13900139000", "可能不是现在打来的这个"),
        ("E99999999", "用另一种证件登记"),
        ("SX-2027-ACDE-FGHJ-KMNP-RTVW", "SX 开头"),
        ("tk-aaaa-bbbb-cccc", "tk 或 cp 开头"),
        ("at_" + "x" * 28, "区分大小写"),
    ],
)
def test_who_is_not_found_is_told_with_what_to_try(
    candidate: Candidate, typed: str, tip: str
) -> None:
    widget = look_up(typed)
    assert "没有找到人" in widget.text
    assert tip in widget.text
    assert look_ups()[0]["found"] == 0


def test_links_lead_to_the_attempt_and_to_the_ticket(candidate: Candidate) -> None:
    candidate.open()
    ask(candidate)
    widget = look_up(PHONE)
    assert "时间线" in widget.click("查看").text
    assert "查找" in widget.click("返回列表").html
    assert "通过：免人脸核验入场" in look_up(PHONE).click("查看", 1).html


def test_each_number_of_a_pasted_text_is_looked_up(candidate: Candidate) -> None:
    candidate.open()
    widget = look_up(f"张三，身份证 {ID_NUMBER}（电话：{PHONE}）")
    assert "按证件号码 110***********002X，找到 1 人" in widget.text
    assert "按手机号 138****8000，找到的是同一人" in widget.text
    assert len([e for e in widget.all if e.tag == "h3"]) == 1
    assert [row["what"] for row in look_ups()] == ["id_number", "phone"]
    assert ID_NUMBER not in widget.html


def test_of_two_numbers_each_has_its_own_answer(candidate: Candidate) -> None:
    widget = look_up(f"{PHONE} 13900139000")
    assert "按手机号 138****8000，找到 1 人" in widget.text
    assert "按手机号 139****9000，没有找到人" in widget.text
    assert [row["found"] for row in sorted(look_ups(), key=lambda row: row["masked"])] == [1, 0]


def test_digits_that_are_no_number_are_told_and_nothing_is_recorded(candidate: Candidate) -> None:
    assert "没有认出其中的号码" in look_up("张三 1380", EXAM).text
    assert "一次最多查 3 个号码" in look_up("E1234567、E2345678、E3456789、E4567890").text
    assert look_ups() == []


# --- who may look, and what is kept ---------------------------------------------------------------------


def test_nobody_is_looked_up_without_a_proof(candidate: Candidate) -> None:
    candidate.open()
    fresh_code(WHO)
    before = everything_stored()
    widget = Widget().open("find_person").type(look_for=PHONE)
    assert "没有登记这位运营人员" in widget.click("查找").text
    widget = Widget().open("find_person").type(look_for=PHONE, operator=WHO, operator_code="000000")
    assert "动态码不对" in widget.click("查找").text
    assert everything_stored()["ATTEMPTS_TABLE"] == before["ATTEMPTS_TABLE"]
    assert look_ups() == []


@pytest.mark.parametrize(("ms", "holds"), [(-1, True), (0, True), (1, False)])
def test_one_code_is_enough_for_ten_minutes(
    candidate: Candidate, clock: StandingClock, ms: int, holds: bool
) -> None:
    widget = look_up(PHONE)
    assert "10 分钟内可以继续查找" in widget.text
    clock.now += 10 * MINUTE + ms
    answer = look_up(ID_NUMBER, widget=widget)
    assert ("张三" in answer.text) == holds
    assert len(look_ups()) == (2 if holds else 1)


def test_the_pass_of_a_retired_operator_or_a_forged_one_opens_nothing(
    candidate: Candidate, clock: StandingClock
) -> None:
    widget = look_up(PHONE)
    operator_id = enter(WHO).operator_id
    order = {"command_id": "retire-0001", "operator": "王运营", "reason": "离职"}
    give("chalicelib.handlers.operators.retire_operator", {**order, "operator_id": operator_id})
    assert "张三" not in look_up(PHONE, widget=widget).text
    for forged in ("", ".", "op_x.99999999999999.mac", f"op_x.{clock.now}.", "…"):
        with pytest.raises(Exception, match="operator_pass_over"):
            operators.check_pass(forged, clock.now)


def test_the_record_names_everything_but_the_number(
    candidate: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate.open()
    capsys.readouterr()
    look_up(PHONE)
    look_up(ID_NUMBER)
    look_up("张三", EXAM)
    records = look_ups()
    assert [row["masked"] for row in records] == ["110***********002X", "张*", "138****8000"]
    assert len({row["value_hash"] for row in records}) == 3
    day_s = 24 * 3600
    assert 400 * day_s < records[0]["expires_at_s"] - records[0]["at"] // 1000 <= 401 * day_s
    everything = json.dumps(records, default=str) + capsys.readouterr().out
    for secret in (PHONE, ID_NUMBER, "张三"):
        assert secret not in everything


def test_what_cannot_be_recorded_is_not_shown(candidate: Candidate) -> None:
    widget = look_up("13900139000")
    with failing("dynamodb", "PutItem"):
        answer = look_up(PHONE, widget=widget)
    assert "系统繁忙" in answer.text
    assert "张三" not in answer.text


def test_a_text_that_is_typed_is_not_shown_again(candidate: Candidate) -> None:
    for typed in (PHONE, "<b>13800138000</b>", "姓名：" + "汉" * 101):
        assert typed not in look_up(typed, EXAM).html


# --- the live list --------------------------------------------------------------------------------------


def search_live(text: str) -> Widget:
    """Look for somebody from the live list of the exam."""
    page = Widget().open("live", exam_id=EXAM).click("在本场找考生")
    return page.type(look_for=text, operator=WHO).click("查找")


@pytest.mark.parametrize(
    "typed", ["张三", " 张 三", ID_NUMBER, "110***********002X", "002x", "attempt"]
)
def test_the_live_list_finds_somebody_of_its_exam(candidate: Candidate, typed: str) -> None:
    candidate.open()
    text = attempt_id(candidate) if typed == "attempt" else typed
    widget = search_live(text)
    assert "找到 1 人" in widget.text
    assert ID_NUMBER not in widget.html
    [record] = look_ups()
    assert (record["operator"], record["found"]) == (WHO, 1)
    attempt = widget.click("查看")
    assert "时间线" in attempt.text
    again = attempt.click("返回列表")
    assert "从业资格考试" in again.click("返回考试实况").text


@pytest.mark.parametrize("typed", ["李四", "1234", "at_" + "x" * 28, "110***********003X"])
def test_a_search_from_the_live_list_says_when_nobody_is_so(
    candidate: Candidate, typed: str
) -> None:
    candidate.open()
    widget = search_live(typed)
    assert "没有找到人" in widget.text
    assert "返回考试实况" in widget.text
    assert look_ups()[0]["found"] == 0


def test_the_way_back_to_the_live_list_stays_from_look_up_to_look_up(candidate: Candidate) -> None:
    candidate.open()
    another(candidate, 1).open()
    widget = search_live("张三")
    assert widget.fields()["look_in"] == EXAM
    widget = look_up("002X", EXAM, widget=widget)
    assert "按证件号码后几位 002X，找到 1 人" in widget.text
    widget = look_up("张三", EXAM, widget=widget).click("查看此人的全部记录")
    assert widget.click("返回考试实况").actions("在本场找考生")


def test_the_live_list_finds_nobody_without_a_code(candidate: Candidate) -> None:
    candidate.open()
    page = Widget().open("live", exam_id=EXAM).click("在本场找考生")
    answer = page.type(look_for="张三", operator=WHO, operator_code="000000").click("查找")
    assert "138****8000" not in answer.text
    assert look_ups() == []


def test_an_attempt_of_an_earlier_release_is_found_by_its_id_alone(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_store, "_index_for_search", lambda _: None)
    candidate.open()
    assert "没有找到人" in search_live("张三").text
    assert "找到 1 人" in search_live(attempt_id(candidate)).text


def test_of_two_exams_the_live_page_opens_on_the_one_with_people(candidate: Candidate) -> None:
    """Both have the same start; the empty one came first in the list."""
    other = "a-second-exam"
    assert publish("agency-practitioners", T0, other)["ok"]
    candidate.open()
    widget = Widget().open("live")
    assert "张三" in widget.text
    assert "同时进行的考试" in widget.text
    [button] = [e for e in widget.all if e.tag == "a" and "0 人未交卷" in e.text]
    assert "还没有考生打开考试" in widget.click(button.text).text
    [back] = [e for e in widget.all if e.tag == "a" and "候考中）" in e.text]
    assert "张三" in widget.click(back.text).text


def test_a_practice_exam_is_shown_last_whoever_is_in_it(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate.open()
    assert publish("agency-practitioners", T0, "a-second-exam")["ok"]
    in_each = {EXAM: 0, "a-second-exam": 3}
    monkeypatch.setattr(live_page.watching, "count_open", lambda exam_id: in_each[exam_id])
    assert "张三" not in Widget().open("live").text
    kinds = {EXAM: ExamKind.EXAM, "a-second-exam": ExamKind.PRACTICE}
    ranked = live_page._rank

    def rank(exam: Any, opened: int, now: int) -> Any:
        policy = msgspec.structs.replace(exam.policy, kind=kinds[exam.exam_id])
        return ranked(msgspec.structs.replace(exam, policy=policy), opened, now)

    monkeypatch.setattr(live_page, "_rank", rank)
    assert "张三" in Widget().open("live").text


def test_the_holder_of_a_certificate_is_found_by_its_number(passed: Candidate) -> None:
    number = number_of(passed)
    for typed in (f"证书编号： {number.lower().replace('-', ' ')}", f"{number}-2"):
        widget = look_up(typed)
        assert "证书（1）" in widget.text
        assert "有效" in widget.text
        [link] = [e for e in widget.all if e.tag == "a" and e.text == "查验页"]
        assert (link.attributes["href"] or "").endswith(f"/certificates/{number}")
