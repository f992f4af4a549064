"""The operators' dashboard: what its widgets show, and what their buttons do, once."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import app
from chalicelib.attempts import ordering
from chalicelib.proctoring.model import Verdict
from chalicelib.shared import table
from tests import lived, operators
from tests.api import minute, run
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.console import ENDPOINTS, SHOW, Widget, context, dashboard, elements, handler_of
from tests.dropbox import BANK, LI, ZHANG, drop, people, settings
from tests.faults import everything_stored, failing, rows
from tests.integration.candidates import (
    EXAM,
    ID_NUMBER,
    MINUTE,
    PROFILE,
    Candidate,
    stored,
    stream_record,
)
from tests.integration.complaints import complain, judge_all
from tests.integration.orders import another, attempt_id
from tests.integration.tickets import ask
from tests.integration.watching import beat, deliver_frame, next_ticket

WHO = {"operator": "李运营", "reason": "考点断网，已核对"}


def tell_timeline(person: Candidate) -> None:
    run("chalicelib.handlers.changes.record_changes", stream_record(person))


def row_of(person: Candidate) -> dict[str, Any]:
    return rows("ATTEMPTS_TABLE")[f"{attempt_id(person)}/ATTEMPT"]


# --- the contract with CloudWatch ------------------------------------------------------------------------


def functions_of_the_dashboard() -> list[str]:
    listed = [entry.handler_string for entry in app.app.pure_lambda_functions]
    return sorted(h for h in listed if h.rpartition(".")[0].endswith((".widgets", ".commands")))


@pytest.mark.parametrize("handler", functions_of_the_dashboard())
def test_each_function_describes_itself_and_needs_nothing_for_it(handler: str) -> None:
    guide = run(handler, {"describe": True})
    assert isinstance(guide, str)
    assert guide.startswith("## ")


@pytest.mark.parametrize("handler", functions_of_the_dashboard())
@pytest.mark.parametrize(
    "event", [{}, {"widgetContext": 7}, [], {"page": "x", "widgetContext": {}}]
)
def test_a_question_that_makes_no_sense_is_answered_in_the_widget(
    aws: None, clock: StandingClock, handler: str, event: Any
) -> None:
    html = run(handler, event)
    assert "told bad" in html or "没有" in html
    assert elements(html)


def test_the_console_knows_exactly_the_functions_of_the_dashboard() -> None:
    assert functions_of_the_dashboard() == sorted(handler_of(name) for name in ENDPOINTS)
    shown = {widget["properties"]["endpoint"] for widget in dashboard()}
    pages = {f"${{WidgetsShow{name.title()}.Arn}}" for name in SHOW}
    assert shown == pages | {"${WidgetsFindPerson.Arn}"}
    for widget in dashboard():
        assert set(widget["properties"]["params"]["endpoints"]) == set(ENDPOINTS)


@pytest.mark.parametrize("name", SHOW)
def test_a_widget_follows_the_theme_of_the_console(candidate: Candidate, name: str) -> None:
    answers = {
        run(handler_of(name), {"widgetContext": context(theme=theme)})
        for theme in ("light", "dark")
    }
    assert len(answers) == 2


@pytest.mark.parametrize("name", SHOW)
def test_when_aws_does_not_answer_the_widget_says_so(candidate: Candidate, name: str) -> None:
    with failing("dynamodb"):
        assert "系统繁忙" in Widget().open(name, exam_id=EXAM, attempt_id="at_x").text


# --- what is shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SHOW if name != "exams"])
def test_an_empty_day_is_said_to_be_one(aws: None, clock: StandingClock, name: str) -> None:
    text = Widget().open(name).text
    assert any(word in text for word in ("没有", "输入考试记录编号"))


def test_the_live_exam_shows_how_many_stand_where_and_who_was_seen_when(
    writing: Candidate, clock: StandingClock
) -> None:
    waiting = another(writing, 1)
    waiting.open()
    clock.advance(s=20)
    writing.save(1, 1, {"1": "A"})
    clock.advance(s=14)
    widget = Widget().open("live")
    counts = [e.text for e in widget.all if e.attributes.get("class") == "count"]
    assert counts[:3] == ["2已打开", "0待核实", "0待系统补判"]
    assert counts[3:] == ["1作答中", "1未开始作答", "0不合格（监考）", "0已交卷"]
    assert "14 秒前" in widget.text
    assert "1/20" in widget.text
    assert "0 / 3" in widget.text
    assert ID_NUMBER not in widget.html


def test_the_live_exam_can_be_narrowed_down_and_is_cut_into_pages(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.desk.parts.PAGE_ROWS", 1)
    another(writing, 1).open()
    widget = Widget().open("live")
    assert "第 1 / 2 页" in widget.text
    assert "第 2 / 2 页" in widget.click("下一页").text
    assert "下一页" not in widget.text
    assert len(widget.click("作答中").actions("查看")) == 1
    assert "没有这样的考生" in widget.click("已交卷").text


def test_looking_changes_nothing_not_even_what_is_overdue(
    flagged: Candidate, clock: StandingClock
) -> None:
    ask(flagged)
    clock.now = T0 + 90 * MINUTE
    before = everything_stored()
    for name in SHOW:
        Widget().open(name)
    Widget().open("live", exam_id=EXAM).click("查看").click("返回列表")
    Widget().open("flags").click("处理").click("时间线")
    Widget().open("cases").click("处理")
    Widget().open("exams").click("调整")
    assert everything_stored() == before


def test_a_candidate_is_shown_with_timeline_and_pictures(
    writing: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    deliver_frame(writing, next_ticket(writing, clock), "frame_two.jpg")
    tell_timeline(writing)
    capsys.readouterr()
    widget = Widget().open("attempt").type(attempt_id=f" {attempt_id(writing)} ").click("查看")
    assert PROFILE["name"] in widget.text
    assert "证据链" in widget.text
    shown = [e for e in widget.all if e.tag == "img"]
    assert [str(e.attributes["alt"])[-2:] for e in shown] == ["本人", "多人"]
    for image in shown:
        source = str(image.attributes["src"])
        assert source.startswith("data:image/jpeg;base64,")
        assert len(source) < 9_000
    log = capsys.readouterr().out
    assert '"evidence_shown"' in log
    assert PROFILE["name"] not in log


def test_an_unknown_number_is_not_found(candidate: Candidate) -> None:
    assert "没有找到" in Widget().open("attempt", attempt_id="at_nobody").text


def test_coming_exams_show_what_the_preflight_found(candidate: Candidate) -> None:
    before = Widget().open("exams").text
    assert before.count("待检查") == 3
    minute()
    after = Widget().open("exams").text
    assert after.count("正常") == 3
    assert "待检查" not in after


def test_an_exam_says_who_may_enter_in_the_list_and_on_its_own(candidate: Candidate) -> None:
    listed = Widget().open("exams").text
    assert "对所有代理机构从业人员开放" in listed
    assert "对所有代理机构从业人员开放" in Widget().open("exams", exam_id=EXAM).text
    drop("questions/listed/bank.xlsx", BANK)
    drop("roster/listed/people.xlsx", people(ZHANG, LI))
    drop("exams/listed.yaml", settings(exam_id="listed"))
    assert "名单 2 人" in Widget().open("exams").text
    assert "名单 2 人" in Widget().open("exams", exam_id="listed").text


# --- what the buttons do --------------------------------------------------------------------------------


def test_more_time_is_given_once_however_often_the_button_is_pressed(writing: Candidate) -> None:
    widget = Widget().open("live").click("查看").type(**WHO, extra_min="20")
    endpoint, event = widget.event("延长作答时间")
    assert widget.confirmed == ["确定要“延长作答时间”吗？"]
    first = run(handler_of(endpoint), event)
    before = everything_stored()
    assert run(handler_of(endpoint), event) == first
    assert everything_stored() == before
    assert beat(writing)["deadline"] == T0 + 80 * MINUTE
    [entry] = row_of(writing)["audit"]
    assert (entry["operator"], entry["reason"]) == (WHO["operator"], WHO["reason"])
    assert "截止" in first


def test_who_has_said_their_name_need_not_say_it_again(writing: Candidate) -> None:
    widget = Widget().open("live").click("查看").type(**WHO, count="2")
    done = widget.click("增加核验机会")
    assert "已增加" in done.text
    assert done.click("返回").fields()["operator"] == WHO["operator"]
    assert done.click("返回列表").fields()["operator"] == WHO["operator"]


def test_a_refused_command_leads_back_to_all_that_was_typed(writing: Candidate) -> None:
    before = everything_stored()
    widget = Widget().open("live").click("查看").type(operator="李运营", reason="断", extra_min="7")
    widget.click("延长作答时间")
    assert "“理由”填写不正确" in widget.text
    assert everything_stored() == before
    fields = widget.click("返回修改").fields()
    assert (fields["operator"], fields["reason"], fields["extra_min"]) == ("李运营", "断", "7")
    widget.type(reason="断网").click("延长作答时间")
    assert "已延长" in widget.text


@pytest.mark.parametrize("minutes", ["0", "1441", "x", "1.5", ""])
def test_minutes_that_are_none_are_refused_by_name(writing: Candidate, minutes: str) -> None:
    widget = Widget().open("live").click("查看").type(**WHO, extra_min=minutes)
    assert "“分钟”填写不正确" in widget.click("延长作答时间").text


def test_a_command_on_what_another_operator_has_changed_is_refused(writing: Candidate) -> None:
    first = Widget().open("live").click("查看").type(**WHO, extra_min="5")
    second = Widget().open("live").click("查看").type(**WHO, extra_min="5")
    assert "已延长" in first.click("延长作答时间").text
    assert "其他运营人员已有操作" in second.click("延长作答时间").text
    assert beat(writing)["deadline"] == T0 + 65 * MINUTE


def test_a_command_of_which_nobody_knows_is_given_again_under_its_own_id(
    writing: Candidate,
) -> None:
    widget = Widget().open("live").click("查看").type(**WHO, extra_min="5")
    command = widget.event("延长作答时间")[1]["command_id"]
    with failing("dynamodb", "UpdateItem"):
        assert "没有执行" in widget.click("延长作答时间").text
    widget.click("返回修改")
    assert widget.event("延长作答时间")[1]["command_id"] == command
    assert widget.event("增加核验机会")[1]["command_id"] != command


def test_a_flag_is_confirmed_with_its_frames_beside_the_reference(flagged: Candidate) -> None:
    widget = Widget().open("flags").click("处理")
    assert widget.count("img") == 7
    assert "可能不是本人" in widget.text
    widget.type(**WHO).click("核实属实（不合格）")
    assert "不合格" in widget.text
    assert stored(flagged)["integrity"]["M"]["state"]["S"] == "invalidated"
    assert "没有待核实的监考标记" in Widget().open("flags").text


def test_of_several_flags_each_is_shown_with_its_own_state(
    writing: Candidate, clock: StandingClock
) -> None:
    """Three frames of somebody else, three that never came: two rules, of which one is decided first."""
    clock.advance(minutes=45)
    for _ in range(3):
        beat(writing)
    judge_all(writing, clock, *[Verdict.MISMATCH] * 3, *[Verdict.MISSING] * 3)
    widget = Widget().open("flags").click("处理")
    assert "待核实：抓拍中的人可能不是本人" in widget.text
    assert "待核实：抓拍大量缺失（3 张）" in widget.text
    widget.type(**WHO).click("不属实（清除标记）")
    widget = Widget().open("flags").click("处理")
    assert "每条分别处理" in widget.text
    assert "正常：抓拍中的人可能不是本人（3 张）" in widget.text


def test_a_cleared_flag_is_gone(flagged: Candidate) -> None:
    Widget().open("flags").click("处理").type(**WHO).click("不属实（清除标记）")
    assert stored(flagged)["integrity"]["M"]["state"]["S"] == "clear"


@pytest.mark.parametrize(("button", "state"), [("支持", "accepted"), ("驳回", "rejected")])
def test_a_complaint_is_decided_with_its_frames(
    accused: Candidate, clock: StandingClock, button: str, state: str
) -> None:
    complain(accused)
    widget = Widget().open("cases").click("处理")
    assert "墙上是海报" in widget.text
    assert "多人" in widget.text
    widget.type(**WHO).click(button)
    assert "短信" in widget.text
    assert accused.get("complaint").json["complaint"]["state"] == state
    assert "没有待处理的投诉" in Widget().open("cases").text
    assert "已处理" in widget.click("返回").text


def test_a_ticket_admits_without_the_face_check(candidate: Candidate) -> None:
    candidate.open()
    ask(candidate)
    widget = Widget().open("cases").click("处理")
    assert widget.count("img") == 1
    typed = {"admit_with": "enrolled", "enter_within_min": "20"}
    widget.type(**WHO, **typed).click("通过：免人脸核验入场")
    assert "工单已处理" in widget.text
    assert "可以不经人脸核验进入考场" in widget.text
    assert "不再做人脸核验" in widget.confirmed[-1]
    [ticket] = candidate.api.get("/tickets").json["tickets"]
    assert (ticket["state"], ticket["effect"], ticket["settled"]) == ("accepted", "admitted", True)
    assert row_of(candidate)["waiver"]


def test_no_photo_is_chosen_for_the_operator(candidate: Candidate) -> None:
    candidate.open()
    ask(candidate)
    widget = Widget().open("cases").click("处理")
    assert widget.fields()["admit_with"] == ""
    widget.type(**WHO).click("通过：免人脸核验入场")
    assert "请先选择入场后抓拍用来比对的照片" in widget.text
    assert candidate.api.get("/tickets").json["tickets"][0]["state"] == "open"
    assert WHO["reason"] in widget.click("返回修改").html


@pytest.mark.parametrize(
    ("button", "typed", "told"),
    [
        ("通过：增加核验机会", {"count": "2"}, "已增加 2 次核验机会"),
        ("通过：延长作答时间", {"extra_min": "15"}, "作答时间延长 15 分钟"),
        ("通过：只延长入场时间", {"enter_within_min": "90"}, "您最晚可在"),
        ("只回复，不改变考试", {}, "考试安排没有变化"),
    ],
)
def test_each_button_gives_what_it_says_and_nothing_else(
    candidate: Candidate, button: str, typed: dict[str, str], told: str
) -> None:
    candidate.open()
    ask(candidate)
    widget = Widget().open("cases").click("处理").type(**WHO, admit_with="enrolled", **typed)
    assert told in widget.click(button).text
    assert told in candidate.api.get("/tickets").json["tickets"][0]["message"]
    assert "waiver" not in row_of(candidate)


def test_a_later_entry_without_its_minutes_is_named(candidate: Candidate) -> None:
    candidate.open()
    ask(candidate)
    widget = Widget().open("cases").click("处理").type(**WHO)
    assert "须在几分钟内开始" in widget.click("通过：只延长入场时间").text


def test_a_ticket_is_rejected_with_a_reason(candidate: Candidate) -> None:
    candidate.open()
    ask(candidate)
    Widget().open("cases").click("处理").type(**WHO).click("不通过")
    [ticket] = candidate.api.get("/tickets").json["tickets"]
    assert (ticket["state"], ticket["reason"]) == ("rejected", WHO["reason"])


def test_a_decision_is_corrected_once_from_the_same_page(candidate: Candidate) -> None:
    candidate.open()
    ask(candidate)
    widget = Widget().open("cases").click("处理").type(**WHO).click("不通过").click("返回")
    assert "更正处理结果" in widget.text
    other = {"operator": "李运营", "reason": "已电话核对身份证"}
    widget.type(**other, admit_with="enrolled").click("通过：免人脸核验入场").click("返回")
    assert "上一个决定（已更正）：不通过" in widget.text
    assert "更正处理结果" not in widget.text
    [ticket] = candidate.api.get("/tickets").json["tickets"]
    assert (ticket["effect"], ticket["corrected"]) == ("admitted", True)


def test_everybody_gets_more_time_and_the_order_is_listed(writing: Candidate) -> None:
    widget = Widget().open("exams").click("调整").type(**WHO, extra_min="15")
    assert "1 人已跟随" in widget.click("全场加时").text
    assert beat(writing)["deadline"] == T0 + 75 * MINUTE
    assert "全场加时 15 分钟" in widget.click("返回").text


def test_an_exam_is_moved_to_a_time_in_china(candidate: Candidate) -> None:
    candidate.open()
    widget = Widget().open("exams").click("调整").type(**WHO, starts_at="2027-01-16T16:00")
    assert "2027-01-16 16:00" in widget.click("改期").text
    assert rows("EXAMS_TABLE")[f"{EXAM}/EXAM"]["starts_at"] == T0 + 24 * 60 * MINUTE


@pytest.mark.parametrize("start", ["2027-02-30T10:00", "tomorrow", ""])
def test_a_start_that_is_none_is_refused(candidate: Candidate, start: str) -> None:
    widget = Widget().open("exams").click("调整").type(**WHO, starts_at=start)
    assert "“新的开考时间”填写不正确" in widget.click("改期").text


def test_who_was_closed_by_the_deadline_gets_another_round(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.now = T0 + 61 * MINUTE
    minute()
    widget = Widget().open("attempt", attempt_id=attempt_id(writing))
    widget.type(**WHO, allowed_min="10", entry_min="20").click("重新开放一轮")
    assert "第 2 轮" in widget.text


# --- who gives them -------------------------------------------------------------------------------------


def test_the_first_operator_comes_in_without_a_code_and_scans_a_picture(
    aws: None, clock: StandingClock
) -> None:
    widget = Widget().open("operators")
    assert "还没有登记运营人员" in widget.text
    assert "operator_code" not in widget.fields()
    widget.type(name="李运营", staff_number="0001", reason="考务组").click("登记")
    secret = operators.secret("李运营")
    assert secret in widget.text
    [picture] = [e for e in widget.all if e.tag == "img"]
    assert str(picture.attributes["src"]).startswith("data:image/png;base64,")
    widget.click("返回")
    assert secret not in widget.text
    assert [text for text in ("李运营", "0001", "首位：考务组") if text not in widget.text] == []


def test_the_next_one_is_let_in_by_an_operator(aws: None, clock: StandingClock) -> None:
    operators.enter("李运营")
    widget = Widget().open("operators")
    widget.type(name="王运营", staff_number="0002", reason="考务组").click("登记")
    assert "已有运营人员" in widget.text
    widget.click("返回修改").type(**WHO).click("登记")
    assert operators.secret("王运营") in widget.text
    assert "登记（李运营：" in Widget().open("operators").text


def test_an_operator_gets_other_codes_and_goes(aws: None, clock: StandingClock) -> None:
    operators.enter("李运营")
    operators.enter("王运营")
    before = operators.secret("王运营")
    widget = Widget().open("operators").type(**WHO).click("更换动态码", 1)
    assert operators.secret("王运营") in widget.text
    assert before not in widget.text
    assert widget.confirmed == [
        "更换 王运营 的动态码？原来的立即失效，二维码只显示一次，请让本人当面扫描。"
    ]
    widget.click("返回").type(reason="离职").click("停用", 1)
    assert "已停用：王运营" in widget.text
    assert len(widget.click("返回").actions("停用")) == 1


@pytest.mark.parametrize("typed_code", ["{} {}", " {}{} ", "wide"])
def test_a_code_may_be_typed_as_the_phone_shows_it(writing: Candidate, typed_code: str) -> None:
    code = operators.fresh_code(WHO["operator"])
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    shown = wide if typed_code == "wide" else typed_code.format(code[:3], code[3:])
    widget = Widget().open("live").click("查看").type(**WHO, extra_min="5", operator_code=shown)
    assert "已延长" in widget.click("延长作答时间").text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("12345", "“动态码”填写不正确"),
        ("abcdef", "“动态码”填写不正确"),
        ("used", "动态码不对或已用过"),
    ],
)
def test_a_code_that_is_none_leads_back_to_all_but_itself(
    writing: Candidate, code: str, told: str
) -> None:
    given = operators.fresh_code(WHO["operator"]) if code == "used" else code
    if code == "used":
        done = Widget().open("live").click("查看").type(**WHO, count="1", operator_code=given)
        assert "已增加" in done.click("增加核验机会").text
    before = everything_stored()
    widget = Widget().open("live").click("查看").type(**WHO, extra_min="7", operator_code=given)
    assert told in widget.click("延长作答时间").text
    assert everything_stored() == before
    assert given not in widget.html
    fields = widget.click("返回修改").fields()
    assert (fields["operator"], fields["extra_min"]) == (WHO["operator"], "7")
    assert fields["operator_code"] == ""


def test_a_command_without_a_code_names_the_field(writing: Candidate) -> None:
    operators.enter("李运营")
    _, event = Widget().open("live").click("查看").type(**WHO, extra_min="5").event("延长作答时间")
    event["widgetContext"]["forms"]["all"]["operator_code"] = ""
    told = run(handler_of("command_attempt"), event)
    assert "“动态码”填写不正确" in told


def test_going_on_with_an_order_for_all_needs_another_code(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("a bad day")

    widget = Widget().open("exams").click("调整").type(**WHO, extra_min="10")
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "_followed", fail)
        widget.click("全场加时")
    assert "尚未落实" in widget.text
    assert widget.fields()["operator_code"] == ""
    _, event = widget.event("再次执行")
    assert "operator_code" not in {key for key in event if key != "widgetContext"}
    assert "1 人已跟随" in widget.click("再次执行").text
    assert beat(writing)["deadline"] == T0 + 70 * MINUTE


@pytest.mark.parametrize("view", ["live", "exams"])
def test_a_code_field_is_for_digits_that_a_phone_shows(writing: Candidate, view: str) -> None:
    button = {"live": "查看", "exams": "调整"}[view]
    widget = Widget().open(view).click(button)
    [field] = [e for e in widget.all if e.attributes.get("name") == "operator_code"]
    assert field.attributes["inputmode"] == "numeric"
    assert field.attributes["autocomplete"] == "one-time-code"


def test_a_function_does_only_its_own_commands(writing: Candidate) -> None:
    _, event = Widget().open("live").click("查看").type(**WHO, extra_min="5").event("延长作答时间")
    before = everything_stored()
    for name in ("command_case", "command_exam", "command_operator"):
        assert "没有这个操作" in run(handler_of(name), event)
    assert everything_stored() == before


# --- text stays text ------------------------------------------------------------------------------------

HOSTILE = [
    '<cwdb-action action="call" endpoint="arn:command_attempt">{"do": "extend_time"}</cwdb-action>',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea></td><a class='button'>支持</a>",
    "</style></cwdb-action>\\u003cb\\u003e&lt;i&gt;&#60;u&#62;",
]
VIEWS: dict[str, list[Callable[[], str]]] = {
    "widgets.show_live": [
        lambda: Widget().open("live", exam_id=EXAM).html,
        lambda: Widget().open("live", exam_id=EXAM, announcement=1).html,
    ],
    "widgets.show_attempt": [
        lambda: Widget().open("live", exam_id=EXAM).click("查看").html,
        lambda: Widget().open("attempt", attempt_id="<b>").html,
    ],
    "widgets.show_flags": [
        lambda: Widget().open("flags").html,
        lambda: Widget().open("flags").click("处理").html,
    ],
    "widgets.show_cases": [
        lambda: Widget().open("cases").html,
        lambda: Widget().open("cases").click("处理", 0).html,
        lambda: Widget().open("cases").click("处理", 1).html,
    ],
    "widgets.show_exams": [
        lambda: Widget().open("exams").html,
        lambda: Widget().open("exams").click("调整").html,
    ],
    "commands.command_attempt": [
        lambda: typed(Widget().open("flags").click("处理")).click("核实属实（不合格）").html,
    ],
    "commands.command_case": [
        lambda: typed(Widget().open("cases").click("处理", 0)).click("驳回").html,
        lambda: typed(Widget().open("cases").click("处理", 1)).click("不通过").html,
    ],
    "commands.command_exam": [
        lambda: typed(Widget().open("exams").click("调整")).click("全场加时").html,
        lambda: typed(Widget().open("exams").click("调整")).click("改期").html,
        lambda: told(typed(Widget().open("live", exam_id=EXAM))).click("发全场通知").html,
    ],
    "widgets.show_operators": [lambda: Widget().open("operators").html],
    "commands.command_operator": [
        lambda: newcomer(typed(Widget().open("operators"))).click("登记").html,
        lambda: typed(Widget().open("operators")).click("更换动态码", 1).html,
        lambda: typed(Widget().open("operators")).click("停用", 1).html,
    ],
}
VIEWS["commands.find_person"] = [
    lambda: looked_up("13800138000").html,
    lambda: looked_up(re.sub("[0-9]", "", NOW["text"])).html,  # with a digit it is no name
]
NOW = {"text": "harmless"}
# Wherever a person's own words are stored: name, organisation, what they wrote, titles, findings, reasons.
TABLES = ("ACCOUNTS_TABLE", "ATTEMPTS_TABLE", "CASES_TABLE", "EXAMS_TABLE", "OPERATORS_TABLE")
FREE = {"name", "organisation", "text", "title", "reason", "operator", "findings", "notice"}
SHORT = {"sections": 40}  # a longer title of a section would make the exam unreadable


def typed(widget: Widget) -> Widget:
    """A decision with these words as its reason; operators have the names that they came in with."""
    return widget.type(operator=WHO["operator"], reason=NOW["text"])


def told(widget: Widget) -> Widget:
    """An announcement in these words."""
    return widget.type(text=NOW["text"])


def looked_up(text: str) -> Widget:
    page = Widget().open("find_person").type(operator=WHO["operator"], look_for=text)
    return page.type(look_in=EXAM).click("查找")


Kept = list[dict[str, dict[str, Any]]]  # the rows of each table, by key


def newcomer(widget: Widget) -> Widget:
    return widget.type(name=NOW["text"][:40], staff_number="77")


def spoil(text: str, kept: Kept | None = None) -> None:
    """Write this text wherever free text is stored, behind the back of every check.

    Rows that are in `kept` are written as they were then.
    """
    NOW["text"] = text
    for name, before in zip(TABLES, kept or [{} for _ in TABLES], strict=True):
        for row in (rows(name) | before).values():
            table.put(ENVIRONMENT[name], _spoiled(row, text))


def _spoiled(value: Any, text: str, name: str = "") -> Any:
    if isinstance(value, dict):
        cut = {key: text[: SHORT.get(key)] for key in value}
        return {key: _spoiled(entry, cut[key], key) for key, entry in value.items()}
    if isinstance(value, list):
        return [_spoiled(entry, text, name) for entry in value]
    return text if name in FREE and isinstance(value, str) else value


@pytest.fixture
@lived.once
def busy_day(flagged: Candidate, clock: StandingClock) -> Candidate:
    """Something to show for every widget: a flag, a complaint, a ticket, orders and announcements, a preflight …"""
    ask(flagged)
    page = Widget().open("attempt", attempt_id=attempt_id(flagged))
    page.type(**WHO, text="请看摄像头").click("通知该考生")
    Widget().open("live", exam_id=EXAM).type(**WHO, text="请准备好纸笔").click("发全场通知")
    flagged.post("submission", {})
    tell_timeline(flagged)
    assert complain(flagged).status == 201
    Widget().open("exams").click("调整").type(**WHO, extra_min="1").click("全场加时")
    operators.enter("王运营")
    minute()
    return flagged


def test_every_function_of_the_dashboard_is_looked_at_below() -> None:
    assert sorted(f"chalicelib.handlers.{name}" for name in VIEWS) == functions_of_the_dashboard()


@pytest.mark.parametrize("function", VIEWS)
def test_no_text_of_anybody_becomes_markup(busy_day: Candidate, function: str) -> None:
    """With harmless and with hostile words a widget is made of the very same elements."""
    kept = [rows(name) for name in TABLES]
    for show in VIEWS[function]:
        spoil("harmless words")
        harmless = elements(show())
        for hostile in HOSTILE:
            spoil(hostile, kept)
            shown = elements(show())
            assert [e.tag for e in shown] == [e.tag for e in harmless]
            assert [set(e.attributes) for e in shown] == [set(e.attributes) for e in harmless]
            actions = [json.loads(e.text) for e in shown if e.tag == "cwdb-action"]
            assert all(isinstance(action, dict) for action in actions)
        restore(kept)


def restore(kept: Kept) -> None:
    for name, before in zip(TABLES, kept, strict=True):
        for row in before.values():
            table.put(ENVIRONMENT[name], row)


def test_hostile_words_are_really_shown(busy_day: Candidate) -> None:
    spoil(HOSTILE[0])
    for view in ("live", "flags", "cases", "exams", "operators"):
        assert HOSTILE[0][:30] in Widget().open(view).text
