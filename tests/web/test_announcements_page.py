"""Announcements with receipts and 请求帮助: a candidate in full screen, and an operator at the console."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web import desk
from tests.web.browsing import barriers, out_of_sight
from tests.web.cloud import Cloud
from tests.web.desk import CONSOLE, confirm, press, row_with, sign
from tests.web.steps import answer, enter, expect_all_saved, start, wait_for_the_bell

Open = Callable[..., Page]
TEXT = "考试延长 10 分钟，请继续作答 <b>不必刷新</b>"


def test_what_is_announced_is_read_in_full_screen_and_help_is_answered_there(
    cloud: Cloud, open_page: Open
) -> None:
    exam_id = cloud.publish(starts_in_min=10, heartbeat_waiting_s=5, heartbeat_exam_s=5)
    person = cloud.sitter(exam_id)
    person.check_in()
    person.verify("frame_a.jpg", "passed")
    page = open_page(person.page, person)
    enter(page)
    operator = open_page(CONSOLE, camera=False, permissions=())
    live = desk.watch(operator, exam_id)
    desk.announce(operator, live, cloud, "请准备好纸笔")
    expect(live).to_contain_text("1 人的页面将在一分钟内显示")
    expect(page.get_by_role("region", name="新通知")).to_contain_text("请准备好纸笔")
    assert barriers(page) == []
    for width, height in ((800, 600), (1024, 600), (1366, 650)):
        page.set_viewport_size({"width": width, "height": height})
        card = page.get_by_role("region", name="新通知").bounding_box()
        link = page.get_by_role("button", name="通知（1）").bounding_box()
        assert card is not None and link is not None
        assert card["y"] + card["height"] <= link["y"], (width, card, link)
    page.get_by_role("button", name="我知道了").click()
    wait_for_the_bell(page, cloud, person.attempt_id)
    start(page)
    answer(page, 1, "B")

    press(live, "返回")
    expect(row_with(live, "请准备好纸笔")).to_contain_text("1/1")
    desk.announce(operator, live, cloud, TEXT)
    news = page.get_by_role("region", name="新通知")
    expect(news).to_contain_text(TEXT)
    assert page.evaluate("document.fullscreenElement !== null")
    assert barriers(page) == []
    press(live, "返回")
    expect(row_with(live, "考试延长 10 分钟")).to_contain_text("0/1")
    news.get_by_role("button", name="我知道了").click()
    expect(news).to_have_count(0)
    cloud.until(lambda: cloud.attempt(person.attempt_id).get("receipt", {}).get("for_all"), 2)
    desk.refresh(live)
    expect(row_with(live, "考试延长 10 分钟")).to_contain_text("1/1")

    page.get_by_role("button", name="请求帮助").click()
    dialog = page.get_by_role("dialog", name="请求帮助")
    dialog.get_by_label("题目显示不正常").check()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    dialog.get_by_role("button", name="发送").click()
    expect(dialog).to_contain_text("求助已收到")
    dialog.get_by_role("button", name="关闭").last.click()
    desk.refresh(live)
    expect(live).to_contain_text("请求帮助（1）")
    press(live, "去回复")
    expect(live).to_contain_text("题目显示不正常，已等")
    live.get_by_label("通知内容").fill("请点击“重新加载”图片")
    sign(live, cloud, "李运营", "已核对题目")
    press(live, "回复求助")
    confirm(operator)
    expect(live).to_contain_text("已回复")
    expect(news).to_contain_text("请点击“重新加载”图片")
    news.get_by_role("button", name="我知道了").click()
    page.get_by_role("button", name="通知（3）").click()
    listed = page.get_by_role("dialog", name="通知").get_by_role("listitem")
    expect(listed).to_have_count(3)
    expect(listed.first).to_contain_text("给您")
    assert barriers(page) == []
    assert out_of_sight(page) == []
    page.get_by_role("dialog", name="通知").get_by_role("button", name="关闭").last.click()
    answer(page, 2, "A")
    expect_all_saved(page)
    stored = cloud.attempt(person.attempt_id)
    assert stored["switches"] == []
    assert stored["help"]["answered_at"] >= stored["help"]["asked_at"]
