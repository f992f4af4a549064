"""`/_local/` alone: what a person reads and presses there leads them to a result."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, expect

from infra.local.faults import FAULTS
from tests.web import steps
from tests.web.cloud import MINUTE_MS, Candidate, Cloud
from tests.web.conftest import Open

SMS_DOWN = "短信服务拒绝发送"


@pytest.fixture
def healed(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud; afterwards all faults are off, and the exam that everybody sees is over."""
    yield cloud
    for fault in FAULTS:
        cloud.switch_fault(fault.name, on=False)
    cloud.advance(60 * MINUTE_MS)


def one_exam_a_page(home: Page) -> None:
    """Let each page of the list of exams have one exam; other stories may have filled the first page."""
    home.route(
        "**/api/exams?*",
        lambda route: route.continue_(url=route.request.url.replace("most=50", "most=1")),
    )


def publish(home: Page) -> str:
    """Press 发布短考试; the id of the exam."""
    with home.expect_response("**/_local/exams") as published:
        home.get_by_role("button", name="发布短考试").click()
    expect(home.locator("#notice")).to_have_text("已发布，在下面的列表里。")
    return str(published.value.json()["exam_id"])


def switch(home: Page, fault: str, *, on: bool) -> None:
    """Tick a fault switch, or take the tick away."""
    box = home.get_by_label(fault)
    expect(box).to_be_checked(checked=not on)
    box.click()
    expect(home.locator(".fault", has_text=fault)).to_have_attribute("data-on", str(on).lower())


def pass_minutes(home: Page, button: str) -> None:
    """Press a button that moves the clock, and wait until it stands there."""
    with home.expect_response("**/_local/clock"):
        home.get_by_role("button", name=button).click()
    expect(home.locator("#notice")).to_contain_text("运行了")


def ask_for_code(page: Page, home: Page, cloud: Cloud, drawn: Response) -> None:
    """Type the captcha as `/_local/` shows it, once it shows this one, and press 获取验证码."""
    answer = home.locator("#captcha")
    expect(answer).to_have_text(cloud.captcha(drawn.json()["captcha_id"]))
    expect(answer).to_have_attribute("data-old", "false")
    page.get_by_label("图形验证码", exact=True).fill(answer.inner_text())
    page.get_by_role("button", name="获取验证码").click()


def sign_in(page: Page, home: Page, cloud: Cloud, person: Candidate) -> None:
    """With what `/_local/` shows; at first the text messages are out of order."""
    switch(home, SMS_DOWN, on=True)
    with page.expect_response("**/api/captchas") as first:
        page.get_by_label("手机号", exact=True).fill(person.phone)
    with page.expect_response("**/api/captchas") as second:
        ask_for_code(page, home, cloud, first.value)
    expect(page.get_by_role("alert")).to_contain_text("繁忙")
    switch(home, SMS_DOWN, on=False)
    ask_for_code(page, home, cloud, second.value)
    expect(page.get_by_text("验证码已发送至")).to_be_visible()
    expect(home.locator("#code")).to_have_text(cloud.code(person.phone))
    expect(home.locator("#code-note")).to_contain_text(person.phone)
    page.get_by_label("验证码", exact=True).fill(home.locator("#code").inner_text())
    dialog = page.get_by_role("dialog", name="登录")
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_have_count(0)


def test_messages_captcha_clock_and_faults_lead_to_a_result(healed: Cloud, open_page: Open) -> None:
    person = healed.candidate()
    home = open_page("/_local/")
    one_exam_a_page(home)
    exam = publish(home)
    row = home.get_by_role("row").filter(has=home.locator(f'a[href$="id={exam}"]'))
    pass_minutes(home, "+1 分钟")  # since the code of the registration
    with home.expect_popup() as opened:
        row.get_by_role("link").first.click()
    page = opened.value
    page.get_by_role("button", name="开始考试").click()
    sign_in(page, home, healed, person)
    page.wait_for_url("**/attempts/*")
    person.path = page.url.removeprefix(healed.address)
    person.check_in()  # other stories do it on the page
    person.verify("frame_a.jpg", "passed")
    page.reload()
    steps.enter(page)

    row.get_by_role("button", name="到开考").click()
    page.get_by_role("button", name="开始考试").click()
    steps.expect_question(page, 1)
    page.locator("fieldset input").first.check()
    steps.expect_all_saved(page)
    for _ in range(3):
        pass_minutes(home, "+5 分钟")
    expect(page.get_by_role("heading", name="考试结果")).to_be_visible()
    expect(page.get_by_text("考试时间到，系统自动收卷")).to_be_visible()
    expect(page.locator(".score")).to_be_visible()
