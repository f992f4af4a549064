"""Announcements with receipts, and requests for help: over HTTP and on the operators' dashboard."""

from typing import Any

import boto3
import pytest

from chalicelib.attempts import ordering, store
from chalicelib.attempts.announcing import Announced
from chalicelib.exams import service as exams
from chalicelib.kernel.outcomes import includes
from tests.api import Answer, minute, run
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.console import Widget
from tests.faults import everything_stored
from tests.integration.candidates import EXAM, MINUTE, Candidate, stored, stream_record
from tests.integration.orders import another, attempt_id

WHO = {"operator": "李运营", "reason": "设备故障"}
TEXT = "考试延长 10 分钟 <b>请继续作答</b>"


def announce(text: str = TEXT, times: int = 1) -> Widget:
    """An operator announces something to everybody on the live page, by pressing the button so often."""
    widget = Widget().open("live", exam_id=EXAM).type(**WHO, text=text)
    page, typed = widget.html, dict(widget.typed)
    for _ in range(times):
        widget.html, widget.typed = page, dict(typed)
        widget.click("发全场通知")
    return widget


def on_the_page_of(person: Candidate, button: str, text: str, **who: str) -> Widget:
    widget = Widget().open("attempt", attempt_id=attempt_id(person))
    return widget.type(**{**WHO, **who}, text=text).click(button)


def texts(answer: Answer) -> list[tuple[int, bool, str, bool]]:
    return [
        (one["number"], one["personal"], one["text"], one["read"])
        for one in answer.json["announcements"]
    ]


def read(person: Candidate, for_all: int, to_me: int = 0) -> Answer:
    return person.post("announcements/read", {"for_all": for_all, "to_me": to_me})


def help_me(person: Candidate, request: str = "help-0001", reason: str = "camera") -> Answer:
    return person.post("help", {"request_id": request, "reason": reason})


# --- to everybody ---------------------------------------------------------------------------------------


def test_an_announcement_reaches_who_writes_who_waits_and_who_comes_later(
    writing: Candidate, clock: StandingClock
) -> None:
    waiting, later = another(writing, 1), another(writing, 2)
    waiting.open()
    assert writing.post("heartbeat", {}).json["announced"] == 0
    assert "2 人的页面将在一分钟内显示" in announce().text
    assert writing.post("heartbeat", {}).json["announced"] == 1
    assert writing.save(1, 1, {"1": "A"}).json["announced"] == 1
    later.open()
    for person in (writing, waiting, later):
        answer = person.get("announcements")
        assert texts(answer) == [(1, False, TEXT, False)]
        assert answer.json["for_all"] == 1
    shown = later.api.get(f"/exams/{EXAM}").json["announcements"]
    assert shown == [{"number": 1, "text": TEXT, "at": T0}]


def test_a_heartbeat_still_costs_one_read_and_a_save_one_write(writing: Candidate) -> None:
    announce()
    on_the_page_of(writing, "通知该考生", "请看摄像头")
    assert writing.post("heartbeat", {}).headers["aws-calls"] == "Query 1"
    assert writing.save(1, 1, {"1": "A"}).headers["aws-calls"] == "UpdateItem 1"
    assert writing.get("announcements").headers["aws-calls"] == "Query 1, GetItem 1"
    assert read(writing, 1, 1).headers["aws-calls"] == "Query 1, UpdateItem 1"


def test_the_button_pressed_twice_announces_once_and_two_operators_are_both_heard(
    writing: Candidate,
) -> None:
    announce(times=2)
    assert len(exams.get_exam(EXAM).announcements) == 1
    seen = Widget().open("live", exam_id=EXAM).type(operator="王运营", reason="补充", text="另一条")
    announce("又一条")
    seen.click("发全场通知")
    told = [(one.number, one.text, one.operator) for one in exams.get_exam(EXAM).announcements]
    assert told == [(1, TEXT, "李运营"), (2, "又一条", "李运营"), (3, "另一条", "王运营")]
    assert writing.post("heartbeat", {}).json["announced"] == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "通知须为 1–200 个字的一行文字"),
        ("字" * 201, "通知须为 1–200 个字的一行文字"),
        ("延长\u202e钟分 01", "通知须为 1–200 个字的一行文字"),
    ],
)
def test_a_text_that_is_no_announcement_is_refused_with_a_sentence(
    writing: Candidate, text: str, sentence: str
) -> None:
    refused = announce(text)
    assert "没有执行" in refused.text
    assert sentence in refused.text or "“通知内容”填写不正确" in refused.text
    assert exams.get_exam(EXAM).announcements == ()


def test_signs_as_phones_write_them_are_announced(writing: Candidate) -> None:
    announce("⚠\ufe0f 请看时间 10\ufe0e")
    assert [one.text for one in exams.get_exam(EXAM).announcements] == ["⚠ 请看时间 10"]


def test_after_the_exam_there_is_no_button_and_the_command_is_refused(
    writing: Candidate, clock: StandingClock
) -> None:
    seen = Widget().open("live", exam_id=EXAM).type(**WHO, text=TEXT)
    clock.now = exams.get_exam(EXAM).ends_at + 1
    assert "整场考试已结束，不能再发通知" in seen.click("发全场通知").text
    assert not Widget().open("live", exam_id=EXAM).actions("发全场通知")


def test_an_announcement_that_died_half_way_is_completed_by_the_schedule(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = another(writing, 1)
    other.open()
    apply, done = store.write_outcomes, []

    def dies_at_the_second(attempt: Any, outcomes: Any) -> Any:
        if includes(outcomes, Announced) and done:
            raise OSError("the function died")
        done.append(attempt.attempt_id)
        return apply(attempt, outcomes)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_outcomes", dies_at_the_second)
        assert "以下考生尚未落实" in announce().text
    clock.advance(ms=59_999)
    assert minute()["orders_followed"] == 0
    clock.advance(ms=1)
    assert minute()["orders_followed"] == 1
    numbers = [person.get("announcements").json["for_all"] for person in (writing, other)]
    assert numbers == [1, 1]
    assert exams.get_exam(EXAM).announced_at is None
    assert minute()["orders_followed"] == 0


def test_an_announcement_writes_nothing_into_the_account(writing: Candidate) -> None:
    """More time keeps the identity frozen for longer; an announcement gives no time."""
    account = stored(writing)["account_id"]["S"]
    key = {"pk": {"S": f"account#{account}"}}
    table = {"TableName": ENVIRONMENT["ACCOUNTS_TABLE"], "Key": key}
    before = boto3.client("dynamodb").get_item(**table)["Item"]
    announce()
    assert boto3.client("dynamodb").get_item(**table)["Item"] == before


# --- receipts -------------------------------------------------------------------------------------------


def test_operators_see_who_has_read_and_who_has_not(
    writing: Candidate, clock: StandingClock
) -> None:
    other = another(writing, 1)
    other.open()
    announce()
    assert "0/2" in Widget().open("live", exam_id=EXAM).text
    assert read(writing, 1).json == {"for_all": 1, "to_me": 0, "server_now": T0}
    live = Widget().open("live", exam_id=EXAM)
    assert "1/2" in live.text
    rows = live.click("谁已读").text.partition("第 1 条通知：未读的在前")[2]
    assert rows.index("未读") < rows.index("已读", rows.index("未读") + 2)
    assert "通知已读1/1" in Widget().open("attempt", attempt_id=attempt_id(writing)).text


def test_a_lost_receipt_is_sent_again_and_changes_nothing(writing: Candidate) -> None:
    announce()
    read(writing, 1)
    before = everything_stored()
    assert read(writing, 1).json["for_all"] == 1
    assert read(writing, 0).json["for_all"] == 1
    assert everything_stored() == before
    assert read(writing, 2).code == "announcement_unknown"
    assert texts(writing.get("announcements")) == [(1, False, TEXT, True)]


def test_announcements_and_help_are_in_the_timeline_and_are_no_switch(writing: Candidate) -> None:
    for step in (
        announce,
        lambda: read(writing, 1),
        lambda: help_me(writing),
        lambda: on_the_page_of(writing, "回复求助", "已安排工程师"),
    ):
        before = stored(writing)
        step()
        event = stream_record(writing)
        event["Records"][0]["dynamodb"]["OldImage"] = before
        run("chalicelib.handlers.changes.record_changes", event)
    told = Widget().open("attempt", attempt_id=attempt_id(writing)).text
    for sentence in (
        "收到全场通知第 1 条",
        "确认已读全场通知至第 1 条",
        "第 1 次请求帮助：摄像头问题",
        "第 1 次求助已回复",
        "收到给本人的通知第 1 条：已安排工程师",
        "运营操作：回复求助（李运营：设备故障）",
    ):
        assert sentence in told
    assert writing.post("heartbeat", {}).json["switches"] == 0


# --- help -----------------------------------------------------------------------------------------------


def test_help_is_asked_for_shown_answered_and_read(
    writing: Candidate, clock: StandingClock
) -> None:
    assert help_me(writing).json["open"]
    assert help_me(writing).json["number"] == 1
    assert help_me(writing, "help-0002").code == "help_open"
    clock.advance(minutes=3)
    live = Widget().open("live", exam_id=EXAM)
    assert "请求帮助（1）" in live.text
    assert "已等 3 分钟" in live.text
    person = live.click("去回复").type(**WHO, text="请检查摄像头的连接线")
    assert "已回复，考生的页面将在一分钟内显示" in person.click("回复求助").text
    assert writing.post("heartbeat", {}).json["announced"] == 1
    answer = writing.get("announcements")
    assert texts(answer) == [(1, True, "请检查摄像头的连接线", False)]
    assert answer.json["help"]["open"] is False
    assert answer.json["help"]["answered_at"] == T0 + 3 * MINUTE
    assert "请求帮助（" not in Widget().open("live", exam_id=EXAM).text
    assert read(writing, 0, 1).json["to_me"] == 1
    assert help_me(writing, "help-0002", "display").json["number"] == 2


def test_of_two_operators_one_answers(writing: Candidate) -> None:
    help_me(writing)
    seen = Widget().open("attempt", attempt_id=attempt_id(writing)).type(**WHO, text="请稍候")
    on_the_page_of(writing, "回复求助", "马上来", operator="王运营")
    assert "这个求助已经回复过" in seen.click("回复求助").text
    assert [one[2] for one in texts(writing.get("announcements"))] == ["马上来"]


def test_the_submission_closes_a_request(writing: Candidate) -> None:
    help_me(writing)
    seen = Widget().open("attempt", attempt_id=attempt_id(writing)).type(**WHO, text="请稍候")
    writing.post("submission", {})
    assert "试卷已提交" in seen.click("回复求助").text
    assert "请求帮助（1）" not in Widget().open("live", exam_id=EXAM).text
    assert help_me(writing, "help-0002").code == "attempt_submitted"
    assert writing.get("announcements").json["help"]["open"] is False


def test_help_needs_the_admitted_page_and_a_fixed_reason(candidate: Candidate) -> None:
    candidate.open()
    assert help_me(candidate).code == "page_token_invalid"
    candidate.come_in()
    assert help_me(candidate, reason="<b>").code == "invalid_request"
    assert help_me(candidate, reason="unwell").status == 201


# --- another round --------------------------------------------------------------------------------------


def test_a_reopened_round_has_what_was_announced_and_a_closed_one_gets_nothing_new(
    writing: Candidate, clock: StandingClock
) -> None:
    announce()
    on_the_page_of(writing, "通知该考生", "请继续")
    read(writing, 1, 1)
    clock.advance(minutes=61)
    writing.get()
    announce("第二条")
    assert writing.get("announcements").json["for_all"] == 1
    page = Widget().open("attempt", attempt_id=attempt_id(writing)).type(**WHO)
    page.type(allowed_min="30", entry_min="30").click("重新开放一轮")
    again = writing.open().json["attempt_id"]
    answer = writing.api.get(f"/attempts/{again}/announcements")
    assert texts(answer) == [
        (1, False, TEXT, True),
        (1, True, "请继续", True),
        (2, False, "第二条", False),
    ]


def test_a_failure_of_the_fan_out_does_not_take_the_announcement_back(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "_grouped", lambda *_: 1 / 0)
        announce()
    assert exams.get_exam(EXAM).announced == 1
    announce("第二条")
    assert writing.post("heartbeat", {}).json["announced"] == 2
