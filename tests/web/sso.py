"""Steps of a sign-in on the pages of another platform."""

from playwright.sync_api import Page, expect

from infra.local.sign_in_provider import TITLE

BUTTON = f"{TITLE}账号登录"


def to_the_platform(page: Page) -> None:
    """去登录, tick, and on to the platform's page."""
    page.get_by_role("button", name="去登录").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("heading", name="选择账号")).to_be_visible()
