"""The public screens: portal, an exam's page, help, and who is turned away."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web import steps
from tests.web.browsing import barriers, chinese_in_english, outside, sign_in
from tests.web.cloud import MINUTE_MS, Cloud
from tests.web.conftest import Open

MOST_REQUESTS = 12  # of the first view; the clock may ask again when the server is slow
DAY_MS = 24 * 60 * MINUTE_MS
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
)


@pytest.fixture(scope="module")
def exam_id(cloud: Cloud) -> str:
    return cloud.publish(starts_in_min=120)


def resync(page: Page) -> None:
    """What a page does after a loss of the network: it asks for the server's time."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def test_the_portal_lists_the_exam_and_leads_to_it(
    cloud: Cloud, exam_id: str, open_page: Open
) -> None:
    page = open_page("about:blank")
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto("/")
    expect(page.locator("li.exam").first).to_be_visible()
    assert len(asked) <= MOST_REQUESTS, asked
    steps.list_all_exams(page)
    link = page.locator(f'a[href="/exam/detail?id={exam_id}"]')
    expect(link).to_be_visible()
    assert barriers(page) == []
    link.click()
    expect(page).to_have_url(f"{cloud.address}/exam/detail?id={exam_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("代理机构从业人员")
    expect(page).to_have_title("考试详情 · 考场")


def test_english_is_chosen_once_and_remembered(cloud: Cloud, exam_id: str, open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{cloud.address}/en/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    steps.list_all_exams(page)
    expect(page.locator(f'a[href="/en/exam/detail?id={exam_id}"]')).to_be_visible()
    assert chinese_in_english(page) == []
    assert barriers(page) == []

    later = page.context.new_page()  # as by a link in a text message
    asked: set[str] = set()
    later.on("request", lambda request: asked.add(request.url))
    later.goto("/")
    expect(later).to_have_url(f"{cloud.address}/en/")
    expect(later.locator("li.exam").first).to_be_visible()
    assert len(asked - {f"{cloud.address}/", f"{cloud.address}/start.js"}) <= MOST_REQUESTS, asked
    later.goto(f"/exam/detail?id={exam_id}")
    expect(later).to_have_url(f"{cloud.address}/en/exam/detail?id={exam_id}")
    expect(later).to_have_title("Exam details · Kaochang")
    later.get_by_role("button", name="Sign in").click()
    dialog = later.get_by_role("dialog", name="Sign in")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_text("Enter your mobile number (11 digits)")).to_be_visible()
    assert chinese_in_english(later) == []
    assert barriers(later) == []

    sitter = cloud.sitter(cloud.publish(starts_in_min=20))
    sign_in(page.context, cloud, sitter)
    later.goto(sitter.page)
    steps.expect_step(later, "Exam rules")
    assert chinese_in_english(later) == []
    assert barriers(later) == []
    later.get_by_role("button", name="Next").click()
    expect(later.get_by_text("First read the Personal Data Authorisation")).to_be_visible()

    page.get_by_role("link", name="中文").click()
    expect(page).to_have_url(f"{cloud.address}/")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_two_audiences_see_their_exams(exam_id: str, open_page: Open) -> None:
    page = open_page("/")
    steps.list_all_exams(page)
    link = page.locator(f'a[href="/exam/detail?id={exam_id}"]')
    page.get_by_role("button", name="评审专家").click()
    expect(page.get_by_text("目前没有面向该人群的考试")).to_be_visible()
    expect(link).to_have_count(0)
    page.get_by_role("button", name="代理机构从业人员").click()
    expect(link).to_be_visible()


def test_an_exam_opens_by_the_servers_clock_without_a_reload(cloud: Cloud, open_page: Open) -> None:
    exam_id = cloud.publish(starts_in_min=50)
    page = open_page(f"/exam/detail?id={exam_id}")
    start = page.get_by_role("button", name="开始考试")
    expect(page.get_by_text("未开始", exact=True)).to_be_visible()
    expect(start).to_be_disabled()
    for minutes, phase in ((5, "候考中"), (45, "考试中")):
        cloud.advance(minutes * MINUTE_MS)
        resync(page)
        expect(page.get_by_text(phase, exact=True)).to_be_visible()
        expect(start).to_be_enabled()
    cloud.advance(31 * MINUTE_MS)
    resync(page)
    expect(page.get_by_text("入场已截止")).to_be_visible()
    expect(start).to_be_disabled()


@pytest.mark.parametrize("wrong_by", [-DAY_MS, DAY_MS])
def test_a_wrong_device_clock_changes_nothing(cloud: Cloud, open_page: Open, wrong_by: int) -> None:
    exam_id = cloud.publish(starts_in_min=120)
    page = open_page("about:blank")
    page.add_init_script(f"const real = Date.now; Date.now = () => real() + ({wrong_by});")
    page.goto(f"/exam/detail?id={exam_id}")
    shown = page.get_by_role("timer")
    expect(shown).to_have_text(re.compile(r"^\d\d:"))
    opens_at = page.evaluate(
        f"fetch('/api/exams/{exam_id}').then(r => r.json()).then(d => d.exam.waiting_opens_at)"
    )
    left_s = (opens_at - cloud.now()) / 1000
    parts = [int(part) for part in shown.inner_text().split(":")]  # hours may be left out
    assert abs(sum(part * 60**n for n, part in enumerate(reversed(parts))) - left_s) < 5


def test_public_screens_have_no_barriers(exam_id: str, open_page: Open) -> None:
    page = open_page("/")
    for path in ("/", "/exam/detail?id={}", "/exam/detail", "/help/camera", "/nowhere"):
        page.goto(path.format(exam_id))
        main = page.get_by_role("main").locator("h1, h2, [role=alert], [role=status]")
        expect(main.first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], path


def test_nothing_is_lost_at_twice_the_size(exam_id: str, open_page: Open) -> None:
    half = {"width": 640, "height": 360}
    page = open_page("/", size=half, device_scale_factor=2)
    for path in ("/", "/exam/detail?id={}", "/help/camera", "/register"):
        page.goto(path.format(exam_id))
        expect(page.get_by_role("main").locator("h1, h2").first).to_be_visible()
        assert outside(page) == [], path


def test_a_phone_is_told_to_use_a_computer(exam_id: str, open_page: Open) -> None:
    size = {"width": 412, "height": 915}
    page = open_page(f"/exam/detail?id={exam_id}", size=size, user_agent=PHONE)
    expect(page.get_by_text("本场考试仅支持电脑端答题", exact=True)).to_be_visible()
    expect(page.get_by_text(f"/exam/detail?id={exam_id}")).to_be_visible()
    expect(page.get_by_role("button", name="开始考试")).to_have_count(0)
    assert outside(page) == []
    assert barriers(page) == []


def test_an_old_browser_is_told_which_works(exam_id: str, open_page: Open) -> None:
    page = open_page("about:blank")
    page.add_init_script("delete window.HTMLDialogElement")
    page.goto(f"/exam/detail?id={exam_id}")
    expect(page.get_by_role("heading", name="当前浏览器不支持在线考试")).to_be_visible()
    expect(page.get_by_text("Google Chrome 87 及以上")).to_be_visible()
    assert barriers(page) == []


def test_a_busy_server_is_said_and_asked_again(exam_id: str, open_page: Open) -> None:
    page = open_page("about:blank")
    refuse = {"error": {"code": "service_busy", "message": "服务繁忙，请稍后重试。", "details": {}}}

    def busy(route: Route) -> None:
        route.fulfill(status=503, json=refuse, headers={"Retry-After": "1"})

    page.route("**/api/exams?*", busy)
    page.goto("/")
    expect(page.get_by_text("服务繁忙，请稍后重试。")).to_be_visible()
    page.unroute("**/api/exams?*")
    page.get_by_role("button", name="重试").click()
    steps.list_all_exams(page)
    expect(page.locator(f'a[href="/exam/detail?id={exam_id}"]')).to_be_visible()


def test_a_lost_network_is_said_and_recovers(exam_id: str, open_page: Open) -> None:
    page = open_page(f"/exam/detail?id={exam_id}")
    expect(page.get_by_role("timer")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("网络已断开，恢复后会自动继续")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("网络已断开，恢复后会自动继续")).to_have_count(0)


def test_a_sitting_that_the_retake_rule_refuses_says_why(cloud: Cloud, open_page: Open) -> None:
    """Somebody has opened one of two sittings; portal and exam page say so at the other one."""
    first, second = (
        cloud.publish(starts_in_min=20, series={"id": "web-series", "sitting": name})
        for name in ("第一场", "第二场")
    )
    page = open_page(f"/exam/detail?id={second}", cloud.sitter(first))
    why = "您已打开同一系列的「第一场」"
    expect(page.get_by_text("您不能参加这一场")).to_be_visible()
    expect(page.get_by_text(why)).to_be_visible()
    expect(page.get_by_role("button", name="开始考试")).to_have_count(0)
    assert barriers(page) == []
    page.goto("/")
    cards = page.locator("li.exam")
    steps.list_all_exams(page)
    refused = cards.filter(has=page.locator(f'a[href="/exam/detail?id={second}"]'))
    expect(refused.get_by_text("第二场", exact=True)).to_be_visible()
    expect(refused.get_by_text(why)).to_be_visible()
    opened = cards.filter(has=page.locator(f'a[href="/exam/detail?id={first}"]'))
    expect(opened.get_by_text(why)).to_have_count(0)
    assert barriers(page) == []


def test_camera_and_network_are_one_click_away_without_signing_in(open_page: Open) -> None:
    page = open_page("/", size={"width": 1366, "height": 650})
    page.get_by_role("link", name="设备检测").click()
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    page.get_by_role("button", name="检测网络").click()
    expect(page.get_by_text("网络状况良好")).to_be_visible()
    assert barriers(page) == []
