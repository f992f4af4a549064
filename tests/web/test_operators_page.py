"""An operator at the copy of the AWS console: watches an exam, confirms a flag, decides a complaint."""

import json
from collections.abc import Callable
from typing import Any

import pyotp
from playwright.sync_api import Page, Route, expect

from infra.local.operators import STEP_MS
from tests.web import desk
from tests.web.browsing import Browsers, Camera
from tests.web.cloud import Cloud
from tests.web.desk import CONSOLE, confirm, press, row_with, sign, widget
from tests.web.steps import expect_step

Open = Callable[..., Page]


def test_an_operator_watches_confirms_and_upholds_and_the_candidate_is_told(
    cloud: Cloud, open_page: Open
) -> None:
    person = desk.sitter(cloud)
    page = open_page(CONSOLE, camera=False, permissions=())
    live = desk.watch(page, person.exam_id)
    row = row_with(live, "演示考生")
    expect(row).to_contain_text("作答中")
    desk.flag(person)
    desk.refresh(live)
    expect(row).to_contain_text("20/20")
    expect(row).to_contain_text("待核实")
    expect(row).to_contain_text("非本人 2")
    person.submit()

    flags = desk.open_flag(page)
    expect(flags.get_by_role("img")).to_have_count(3)
    sign(flags, cloud, "王运营", "画面与证件照不是同一人")
    press(flags, "核实属实（不合格）")
    assert "不合格" in confirm(page, "取消")
    assert cloud.attempt(person.attempt_id)["integrity"]["state"] == "flagged"
    press(flags, "核实属实（不合格）")
    confirm(page)
    expect(flags).to_contain_text("监考结论：不合格")
    assert person.browser.call("GET", f"{person.path}/result")["outcome"] == "invalidated"

    person.complain()
    cases = desk.open_case(page, person.case_id)
    expect(cases).to_contain_text("身后是墙上的海报")
    expect(cases.get_by_role("img", name="非本人")).to_have_count(2)
    expect(cases).to_contain_text("证据链完整")
    sign(cases, cloud, "王运营", "核实有误，确为本人")
    press(cases, "支持")
    confirm(page)
    expect(cases).to_contain_text("投诉须由其他运营人员处理")
    press(cases, "返回修改")
    expect(cases.get_by_label("理由")).to_have_value("核实有误，确为本人")
    expect(cases.get_by_label("动态码")).to_have_value("")
    sign(cases, cloud, "李运营", "核实有误，确为本人")
    press(cases, "支持")
    assert "短信" in confirm(page)
    expect(cases).to_contain_text("投诉已处理")

    assert "投诉" in person.read_notice()
    result = open_page(person.page, person)
    expect(result.get_by_role("heading", name="考试结果")).to_be_visible()
    expect(result.locator("main")).not_to_contain_text("不合格")


def test_time_given_in_the_console_reaches_the_page(cloud: Cloud, open_page: Open) -> None:
    person = desk.sitter(cloud)
    page = open_page(CONSOLE, camera=False, permissions=())
    live = desk.watch(page, person.exam_id)
    before = person.browser.call("POST", f"{person.path}/heartbeat")["deadline"]
    desk.look_at(live, "演示考生")
    sign(live, cloud, "王运营", "考点断网")
    live.get_by_label("分钟", exact=True).fill("20")
    press(live, "延长作答时间")
    confirm(page)
    expect(live).to_contain_text("已延长作答时间")
    after = person.browser.call("POST", f"{person.path}/heartbeat")["deadline"]
    assert after == before + 20 * 60_000
    press(live, "返回")
    expect(live.get_by_label("运营人员")).to_have_value("王运营")
    press(live, "返回列表")
    expect(row_with(live, "演示考生")).to_be_visible()


def test_an_operator_is_let_in_with_a_picture_that_an_app_reads(
    cloud: Cloud, open_page: Open
) -> None:
    """The QR code is drawn by the browser, and the new one's first code gives time to a candidate."""
    person = desk.sitter(cloud)
    page = open_page(CONSOLE, camera=False, permissions=())
    operators = widget(page, desk.OPERATORS)
    expect(operators.get_by_role("cell", name="李运营", exact=True)).to_be_visible()
    sign(operators, cloud, "李运营", "考务组")
    operators.get_by_label("新成员的姓名").fill("赵运营")
    operators.get_by_label("新成员的工号").fill("1024")
    press(operators, "登记")
    assert "只显示一次" in confirm(page)
    picture = operators.get_by_role("img", name="动态码的二维码：赵运营")
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.complete && img.naturalWidth") > 100
    secret = operators.locator("code").inner_text()
    press(operators, "返回")
    expect(operators.get_by_role("row").filter(has_text="赵运营")).to_contain_text("李运营")
    assert secret not in page.content()
    live = desk.watch(page, person.exam_id)
    desk.look_at(live, "演示考生")
    code = pyotp.TOTP(secret).generate_otp(cloud.now() // STEP_MS)
    live.get_by_label("运营人员").fill("1024")
    live.get_by_label("动态码").fill(f"{code[:3]} {code[3:]}")
    live.get_by_label("理由").fill("考点断网")
    live.get_by_label("分钟", exact=True).fill("5")
    press(live, "延长作答时间")
    confirm(page)
    expect(live).to_contain_text("已延长作答时间")
    assert cloud.attempt(person.attempt_id)["audit"][0]["operator"] == "赵运营"


def test_the_console_changes_its_theme_and_keeps_forms_on_refresh(
    cloud: Cloud, open_page: Open
) -> None:
    page = open_page(CONSOLE, camera=False, permissions=())
    attempt = widget(page, "一位考生")
    attempt.get_by_label("考试记录编号").fill("at_half_typed")
    page.locator("header").get_by_role("button", name="刷新").click()
    expect(widget(page, "考试实况").locator(".content")).not_to_have_attribute("aria-busy", "true")
    expect(attempt.get_by_label("考试记录编号")).to_have_value("at_half_typed")
    colour = "e => getComputedStyle(e).backgroundColor"
    light = attempt.locator(".kc").evaluate(colour)
    page.get_by_role("button", name="深色").click()
    expect(page.get_by_role("button", name="浅色")).to_be_visible()
    cloud.until(lambda: attempt.locator(".kc").evaluate(colour), lambda now: now != light)


# --- the copy does what CloudWatch does -----------------------------------------------------------------

HOSTILE = """<style>.kc{color:red}</style><div class="kc"><p>told</p>
<script>window.broken = 1</script><iframe src="https://example.com"></iframe>
<img src="x" onerror="window.broken = 2"><a href=" java&#9;script:window.broken=3" onclick="window.broken=4">link</a>
<svg><use href="#x"></use></svg><object data="x"></object><form action="/_local/clock"><input name="who" value="me">
</form><a class="call">call</a><cwdb-action action="call" endpoint="arn:x" confirmation="sure?">{"a": 1}</cwdb-action>
<a class="pop">pop</a><cwdb-action action="html" display="popup"><b onclick="window.broken=5">told more</b>
</cwdb-action></div>"""


def test_the_copy_of_the_console_takes_out_what_the_console_takes_out(
    cloud: Cloud, browsers: Browsers
) -> None:
    """Without the guard: the browser itself reports each handler that it was kept from running."""
    calls: list[Any] = []

    def answer(route: Route) -> None:
        calls.append(route.request.post_data_json)
        route.fulfill(body=json.dumps({"ok": True, "result": HOSTILE}))

    page = browsers.get(camera=False).new_page(base_url=cloud.address, locale="zh-CN")
    page.route("**/_local/console/calls", answer)
    page.goto(CONSOLE)
    place = widget(page, "一位考生")
    expect(place.locator("p")).to_have_text("told")
    assert place.locator("script, iframe, use, object").count() == 0
    kept = place.locator(".content *").evaluate_all(
        "all => all.flatMap(e => e.getAttributeNames())"
    )
    assert not {name for name in kept if name.startswith("on")} | {"href", "src"} & set(kept)
    before = len(calls)
    place.locator(".call").click()
    assert confirm(page, "取消") == "sure?"
    assert len(calls) == before
    place.locator(".call").click()
    confirm(page)
    # The handler of the route runs only while Playwright is asked something.
    cloud.until(lambda: len(calls) + 0 * page.evaluate("0"), before + 1)
    assert (calls[-1]["endpoint"], calls[-1]["event"]["a"]) == ("arn:x", 1)
    assert calls[-1]["event"]["widgetContext"]["forms"]["all"] == {"who": "me"}
    place.locator(".pop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("told more")
    dialog.locator("b").click()
    dialog.get_by_role("button", name="关闭").click()
    assert page.evaluate("window.broken") is None
    page.context.close()


def test_a_caller_is_found_and_admitted_and_the_waiting_page_goes_on(
    cloud: Cloud, open_page: Open, camera: Camera
) -> None:
    """The candidate has failed the face check, files a ticket and waits; nobody reloads a page."""
    person = cloud.sitter(cloud.publish(starts_in_min=20), own_account=True)
    phone = person.phone
    person.check_in()
    person.verify("frame_b.jpg", "failed")
    ticket_id = desk.ask_for_help(person)
    camera.show("frame_empty.jpg")
    waiting = open_page(person.page, person)
    expect(waiting.get_by_text("处理结果会自动显示在这里")).to_be_visible()

    page = open_page(CONSOLE, camera=False, permissions=())
    people = widget(page, "找人")
    desk.look_up(people, cloud, "王运营", f"电话 {phone[:3]}-{phone[3:7]}-{phone[7:]}")
    expect(people).to_contain_text("找到 1 人")
    expect(people).to_contain_text("10 分钟内可以继续查找")
    assert phone not in people.inner_html()
    people.get_by_label("手机号").fill("19912345678")
    press(people, "查找")
    expect(people).to_contain_text("可能不是现在打来的这个")
    people.get_by_label("手机号").fill(ticket_id.upper())
    press(people, "查找")
    row_with(people, ticket_id).get_by_role("button", name="查看").click()
    expect(people.get_by_role("heading", name=ticket_id)).to_be_visible()
    sign(people, cloud, "李运营", "已电话核对身份证")
    press(people, "通过：免人脸核验入场")
    assert "不再做人脸核验" in confirm(page)
    expect(people).to_contain_text("请先选择入场后抓拍用来比对的照片")
    press(people, "返回修改")
    people.get_by_label("比对").select_option("id_portrait")
    cloud.advance(STEP_MS)
    people.get_by_label("动态码").fill(cloud.code_of("李运营"))
    press(people, "通过：免人脸核验入场")
    confirm(page)
    expect(people).to_contain_text("考生看到：工单已通过")

    expect_step(waiting, "进入考场")
    expect(waiting.get_by_text("您可以不经人脸核验进入考场")).to_be_visible()
    expect(waiting.get_by_text("已电话核对身份证")).to_be_visible()
    press(people, "返回")
    expect(people).to_contain_text("更正处理结果")
