"""An operator's work at the copy of the AWS console, step by step. Tests and `make screens` use it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.web.cloud import MANY_SNAPSHOTS, MINUTE_MS, Candidate, Cloud

CONSOLE = "/_local/console"
LIVE, CASES, FLAGS = "考试实况", "投诉与工单", "待核实的监考标记"
EXAMS, ATTEMPT = "考试与考前检查", "一位考生"
OPERATORS = "运营人员"
PEOPLE = "找人"
Seen = Callable[
    [str, Locator | None], None
]  # called when something stands there: its name, its widget


def widget(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def press(place: Locator, text: str) -> None:
    place.get_by_role("button", name=text, exact=True).first.click()


def refresh(place: Locator) -> None:
    """Press 刷新, and wait until the answer is there."""
    press(place, "刷新")
    expect(place.locator(".content[aria-busy]")).to_have_count(0)


def confirm(page: Page, answer: str = "确定") -> str:
    """Answer the console's question; what it asked."""
    dialog = page.get_by_role("dialog")
    question = dialog.locator("p").inner_text()
    dialog.get_by_role("button", name=answer).click()
    expect(dialog).to_have_count(0)
    return question


def sign(place: Locator, cloud: Cloud, operator: str, reason: str) -> None:
    """Fill in who decides, with the code that their phone shows next, and why."""
    place.get_by_label("运营人员").fill(operator)
    place.get_by_label("动态码").fill(cloud.code_of(operator))
    place.get_by_label("理由").or_(place.get_by_label("用途")).fill(reason)


def look_up(place: Locator, cloud: Cloud, operator: str, text: str) -> None:
    """Look a caller up, with the code that the operator's phone shows next."""
    place.get_by_label("手机号").fill(text)
    place.get_by_label("运营人员").fill(operator)
    place.get_by_label("动态码").fill(cloud.code_of(operator))
    press(place, "查找")


def row_with(place: Locator, text: str) -> Locator:
    return place.get_by_role("row").filter(has_text=text)


def look_at(place: Locator, text: str) -> None:
    """From the list of candidates to the one with this text, who takes its place."""
    row_with(place, text).get_by_role("button", name="查看").click()
    expect(place.get_by_text("记录编号", exact=True)).to_be_visible()


def watch(page: Page, exam_id: str) -> Locator:
    """From the list of exams to the live one, which takes its place."""
    exams = widget(page, EXAMS)
    row = exams.get_by_role("row").filter(has=page.get_by_text(exam_id, exact=True))
    row.get_by_role("button", name="实况").click()
    expect(exams.get_by_text("最近动静", exact=True)).to_be_visible()
    return exams


def announce(page: Page, place: Locator, cloud: Cloud, text: str) -> None:
    """发全场通知, on the live page or the page of an exam."""
    place.get_by_label("通知内容").fill(text)
    sign(place, cloud, "王运营", "告知考生")
    press(place, "发全场通知")
    confirm(page)


def sitter(cloud: Cloud) -> Candidate:
    """Somebody who writes; two frames of somebody else make a flag at this exam."""
    exam_id = cloud.publish(starts_in_min=2, mismatch_limit=1, **MANY_SNAPSHOTS)
    person = cloud.sitter(exam_id, own_account=True)
    person.check_in()
    person.verify("frame_a.jpg", "passed")
    person.enter_waiting_room()
    person.start_at_the_bell()
    return person


def ask_for_help(person: Candidate) -> str:
    """A ticket with both pictures; its number."""
    asked = {"request_id": "ticket-0001", "trouble": "face_check", "text": "戴眼镜后一直核验不通过"}
    ticket = person.browser.call("POST", "/tickets", {**asked, "attempt_id": person.attempt_id})
    for entry, picture in zip(ticket["uploads"], ("frame_dark.jpg", "id_a.jpg"), strict=True):
        person.browser.upload(entry["upload"], picture)
    path = f"/tickets/{ticket['ticket_id']}"
    person.wait_for(
        lambda: person.browser.call("GET", path)["uploads"],
        lambda uploads: all(entry["state"] == "accepted" for entry in uploads),
    )
    return str(ticket["ticket_id"])


def flag(person: Candidate) -> None:
    """Two frames of somebody else, then the submission."""
    person.answer(range(1, 21))
    for picture in ("frame_a.jpg", "frame_b.jpg", "frame_b.jpg"):
        person.snapshot(picture)


def open_flag(page: Page) -> Locator:
    """The newest flag, with its frames."""
    flags = widget(page, FLAGS)
    refresh(flags)
    row_with(flags, "抓拍中的人可能不是本人").first.get_by_role("button").click()
    expect(flags.get_by_role("img", name="比对照片", exact=True)).to_be_visible()
    return flags


def open_case(page: Page, case_id: str) -> Locator:
    cases = widget(page, CASES)
    refresh(cases)
    row_with(cases, case_id).get_by_role("button").click()
    expect(cases.get_by_role("heading", name=case_id)).to_be_visible()
    return cases


def open_exam(page: Page, exam_id: str) -> Locator:
    """From the list of exams, or of those that are over, to the page of one, which takes its place."""
    exams = widget(page, EXAMS)
    row = exams.get_by_role("row").filter(has=page.get_by_text(exam_id, exact=True))
    over = exams.get_by_role("button", name="已结束的考试", exact=True)
    expect(row.or_(over).first).to_be_visible()
    if not row.count():
        over.click()
    row.get_by_role("button", name="调整").click()
    expect(exams.get_by_role("button", name="预览试题")).to_be_visible()
    return exams


def order_score_list(page: Page, exams: Locator, cloud: Cloud, button: str) -> None:
    """On the page of score lists: have one made."""
    sign(exams, cloud, "李运营", "向主办方报送成绩")
    press(exams, button)
    confirm(page)
    expect(exams).to_contain_text("成绩单已生成")


def compute_statistics(exams: Locator) -> None:
    """On the page of an exam that is over: compute, and look."""
    press(exams, "统计")
    press(exams, "计算统计")
    expect(exams).to_contain_text("统计已算好")
    press(exams, "返回")
    expect(exams).to_contain_text("此后成绩没有变化")


def work(page: Page, cloud: Cloud, person: Candidate, seen: Seen) -> None:
    """An exam day at the desk, from the preflight to a decided complaint, about somebody who writes."""
    page.goto(cloud.address + CONSOLE)
    exams = widget(page, EXAMS)
    expect(exams.get_by_text(person.exam_id, exact=True)).to_be_visible()
    live = widget(page, LIVE)
    expect(live.get_by_text("最近动静", exact=True)).to_be_visible()
    seen("home", None)
    seen("exams", exams)
    flag(person)
    refresh(live)
    seen("live", live)
    attempt = widget(page, ATTEMPT)
    attempt.get_by_label("考试记录编号").fill(person.attempt_id)
    press(attempt, "查看")
    expect(attempt.get_by_text("证据链完整")).to_be_visible()
    attempt.get_by_role("heading", name="抓拍").evaluate("e => e.scrollIntoView()")
    seen("attempt", attempt)
    sign(attempt, cloud, "王运营", "考点断网 20 分钟")
    attempt.get_by_label("分钟", exact=True).fill("20")
    press(attempt, "延长作答时间")
    confirm(page)
    expect(attempt.get_by_text("已延长作答时间")).to_be_visible()
    seen("extended", attempt)
    press(exams, "调整")
    expect(exams.get_by_text("整场考试的操作")).to_be_visible()
    seen("adjust", exams)
    cases = open_case(page, ask_for_help(person))
    cases.get_by_role("heading", name="操作").evaluate("e => e.scrollIntoView({block: 'center'})")
    seen("ticket", cases)
    press(cases, "返回列表")
    expect(cases.get_by_role("button", name="刷新", exact=True)).to_be_visible()
    flags = open_flag(page)
    seen("flag", flags)
    sign(flags, cloud, "王运营", "画面与证件照不是同一人")
    press(flags, "核实属实（不合格）")
    confirm(page)
    expect(flags.get_by_text("监考结论：不合格")).to_be_visible()
    person.submit()
    person.complain()
    cases = open_case(page, person.case_id)
    seen("complaint", cases)
    sign(cases, cloud, "李运营", "核对原始画面，确为本人")
    press(cases, "支持")
    confirm(page)
    expect(cases.get_by_text("投诉已处理")).to_be_visible()
    seen("decided", cases)
    operators = widget(page, OPERATORS)
    refresh(operators)
    expect(operators.get_by_role("cell", name="王运营", exact=True)).to_be_visible()
    seen("operators", operators)
    people = widget(page, PEOPLE)
    look_up(people, cloud, "王运营", person.phone)
    expect(people.get_by_text("找到 1 人")).to_be_visible()
    seen("people", people)


def afterwards(page: Page, cloud: Cloud, exam_id: str, seen: Seen) -> None:
    """When the exam is over: score list, statistics, a question, and the exam-day report."""
    cloud.advance(3 * 60 * MINUTE_MS)
    page.reload()
    exams = open_exam(page, exam_id)
    press(exams, "成绩单")
    order_score_list(page, exams, cloud, "生成成绩单（遮盖）")
    press(exams, "返回")
    expect(exams.get_by_role("heading", name="已生成的成绩单")).to_be_visible()
    seen("score-lists", exams)
    press(exams, "返回考试")
    compute_statistics(exams)
    seen("statistics", exams)
    exams.get_by_role("heading", name="题目（").evaluate("e => e.scrollIntoView()")
    seen("questions", exams)
    with_options = exams.get_by_role("row").filter(has_text=re.compile("· (判断题|.+选择题)"))
    press(with_options.first, "查看")
    expect(exams.get_by_role("heading", name="选项（")).to_be_visible()
    exams.get_by_role("heading", name="选项（").evaluate("e => e.scrollIntoView()")
    seen("question", exams)
    press(exams, "返回统计")
    press(exams, "返回考试")
    press(exams, "考试日报告")
    sign(exams, cloud, "王运营", "存档")
    press(exams, "出具考试日报告")
    confirm(page)
    press(exams, "返回")
    expect(exams.get_by_role("heading", name="已出具的报告")).to_be_visible()
    cloud.until(lambda: _has_report(exams), True)
    seen("day-report", exams)


def _has_report(exams: Locator) -> bool:
    refresh(exams)
    return exams.get_by_role("link", name="打开 PDF").count() > 0
