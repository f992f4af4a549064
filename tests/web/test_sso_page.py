"""Signing in by 山西政府采购平台: from the exam to the platform's page and back, signed in."""

import httpx
import pytest
from playwright.sync_api import expect

from infra.local.sign_in_provider import PEOPLE, PROVIDER
from tests.web.browsing import barriers
from tests.web.cloud import Cloud
from tests.web.conftest import Open
from tests.web.sso import BUTTON, to_the_platform
from tests.web.steps import prove_phone

WANG, LI, _ = (told["name"] for told in PEOPLE.values())
REFUSED = "本次登录未完成或已失效"


@pytest.fixture(scope="module")
def exam_id(cloud: Cloud) -> str:
    return cloud.publish(starts_in_min=20)


def test_from_the_exam_to_the_platform_and_back_signed_in(
    cloud: Cloud, open_page: Open, exam_id: str, platform: str
) -> None:
    page = open_page(f"/exam/detail?id={exam_id}")
    page.get_by_role("button", name="去登录").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=BUTTON).click()
    expect(dialog.get_by_text("请先阅读并勾选同意协议")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")

    to_the_platform(page)
    assert page.url.startswith(platform)
    page.get_by_role("button", name=WANG).click()
    expect(page.get_by_role("heading", name="验证手机号")).to_be_visible()
    assert page.url == f"{cloud.address}/sso/{PROVIDER}"  # the code is out of the address
    assert barriers(page) == []
    phone = cloud.phone()
    prove_phone(page, cloud, phone)
    page.get_by_role("button", name="验证并登录").click()
    expect(page).to_have_url(f"{cloud.address}/exam/detail?id={exam_id}")
    expect(page.get_by_role("banner").get_by_text(WANG)).to_be_visible()

    page.get_by_role("button", name="退出登录").click()
    to_the_platform(page)  # the second time no phone is asked for
    page.get_by_role("button", name=WANG).click()
    expect(page).to_have_url(f"{cloud.address}/exam/detail?id={exam_id}")
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.get_by_role("link", name="个人中心").first.click()
    expect(page.get_by_label("真实姓名")).to_have_value(WANG)


def test_while_no_codes_are_sent_the_page_points_to_the_platform_and_it_works(
    cloud: Cloud, open_page: Open, platform: str
) -> None:
    page = open_page("/")
    to_the_platform(page)
    page.get_by_role("button", name=WANG).click()
    banner = page.get_by_role("banner").get_by_text(WANG)
    prompt = page.get_by_role("heading", name="验证手机号")
    expect(banner.or_(prompt).first).to_be_visible()
    if prompt.is_visible():  # the first time in this cloud
        prove_phone(page, cloud, cloud.phone())
        page.get_by_role("button", name="验证并登录").click()
        expect(banner).to_be_visible()
    page.get_by_role("button", name="退出登录").click()

    with cloud.no_codes():
        page.get_by_role("button", name="去登录").click()
        dialog = page.get_by_role("dialog")
        with page.expect_response("**/api/captchas") as drawn:
            dialog.get_by_label("手机号", exact=True).fill(cloud.phone())
        captcha = dialog.get_by_label("图形验证码", exact=True)
        captcha.fill(cloud.captcha(drawn.value.json()["captcha_id"]))
        dialog.get_by_role("button", name="获取验证码").click()
        expect(
            dialog.get_by_text("短信验证码发送量已达上限，暂时无法发送，请稍后再试")
        ).to_be_visible()
        expect(dialog.get_by_text("平台账号登录不受影响")).to_be_visible()
        assert barriers(page) == []
        dialog.get_by_label("我已阅读并同意").check()
        dialog.get_by_role("button", name=BUTTON).click()
        page.get_by_role("button", name=WANG).click()
        expect(banner).to_be_visible()


def test_who_thinks_better_of_it_is_told_what_to_do(open_page: Open, platform: str) -> None:
    page = open_page("/")
    to_the_platform(page)
    page.get_by_role("button", name="取消").click()
    expect(page.get_by_text("您已取消登录")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="重新登录").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_return_that_was_begun_elsewhere_signs_nobody_in(
    cloud: Cloud, open_page: Open, platform: str
) -> None:
    """Somebody sends a link with a code and state of their own."""
    body = {"agreements": ["user-service", "privacy"]}
    begun = httpx.post(f"{cloud.address}/api/sso/{PROVIDER}/requests", json=body, timeout=60)
    sent = httpx.post(begun.json()["authorization_url"], data={"sub": next(iter(PEOPLE))})
    page = open_page(sent.headers["location"].removeprefix(cloud.address))
    expect(page.get_by_text(REFUSED)).to_be_visible()
    expect(page.get_by_role("button", name="去登录")).to_be_visible()


def test_no_address_from_outside_is_followed(cloud: Cloud, open_page: Open, platform: str) -> None:
    """Wherever it is put: only pages that we know by name are returned to."""
    page = open_page("/")
    for evil in ("//evil.example", "/\\evil.example", "javascript:alert(1)"):
        page.goto(f"/sso/{PROVIDER}?code=a&state=b&return_to={evil}&next={evil}")
        expect(page.get_by_text(REFUSED)).to_be_visible()
        assert page.url == f"{cloud.address}/sso/{PROVIDER}"


def test_an_exam_with_the_name_of_an_address_returns_to_the_portal(
    cloud: Cloud, open_page: Open, platform: str
) -> None:
    page = open_page("/exam/detail?id=//evil.example")
    to_the_platform(page)
    page.get_by_role("button", name=LI).click()
    prove_phone(page, cloud, cloud.phone())
    page.get_by_role("button", name="验证并登录").click()
    expect(page).to_have_url(f"{cloud.address}/")
