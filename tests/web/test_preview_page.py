"""The publisher's preview in a real browser: keyboard, search and filters, and the page without its script."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from chalicelib.preview import service
from tests.illustrated import pack
from tests.web.browsing import Browsers, barriers, outside

SMALL_LAPTOP = {"width": 1366, "height": 650}


@pytest.fixture
def address(tmp_path: Path) -> str:
    file = tmp_path / "preview.html"
    file.write_bytes(service.preview_pack(files=pack()))
    return file.as_uri()


@pytest.fixture
def context(browsers: Browsers) -> Iterator[BrowserContext]:
    opened = browsers.get(camera=False).new_context(viewport=SMALL_LAPTOP)  # type: ignore[arg-type]
    yield opened
    opened.close()


@pytest.fixture
def preview(context: BrowserContext, address: str) -> Iterator[Page]:
    """The page at its first question. Errors and breaches of its security policy fail the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(address)
    yield page
    assert errors == []


def current(page: Page) -> str:
    """Where the page stands: `2 / 6`."""
    return page.locator(".turn p").inner_text()


def test_arrow_keys_go_through_the_questions(preview: Page) -> None:
    assert current(preview) == "1 / 6"
    expect(preview.locator("article")).to_have_count(6)
    expect(preview.locator("article:visible")).to_have_count(1)
    expect(preview.locator("article:visible img")).to_be_visible()
    for _ in range(3):
        preview.keyboard.press("ArrowRight")
    assert current(preview) == "4 / 6"
    expect(preview.locator(".material:visible")).to_contain_text("480 万元")
    preview.reload()
    expect(preview.locator(".material:visible h2")).to_be_in_viewport(ratio=1)
    assert current(preview) == "4 / 6"
    preview.keyboard.press("ArrowLeft")
    assert current(preview) == "3 / 6"
    expect(preview.locator(".material:visible")).to_have_count(0)
    assert preview.url.endswith("#q3")
    preview.reload()
    assert current(preview) == "3 / 6"


def test_search_and_filters_narrow_the_list(preview: Page) -> None:
    preview.keyboard.press("/")
    preview.keyboard.type("SCRIPT")
    assert current(preview) == "1 / 1"
    expect(preview.locator("article:visible")).to_contain_text("<script>alert(1)</script>")
    preview.keyboard.press("Escape")
    assert current(preview) == "6 / 6"
    preview.get_by_role("button", name=re.compile("填空")).click()
    assert current(preview) == "1 / 1"
    preview.get_by_role("button", name=re.compile("全部")).click()
    preview.get_by_label("文件").select_option("questions/b.csv")
    assert current(preview) == "1 / 1"
    preview.get_by_label("搜索").fill("没有这样的题")
    expect(preview.get_by_text("没有符合条件的题目")).to_be_visible()
    assert current(preview) == "0 / 0"


def test_nothing_is_cut_off_and_there_are_no_barriers(preview: Page) -> None:
    for _ in range(6):
        assert outside(preview) == []
        assert barriers(preview) == []
        preview.keyboard.press("ArrowRight")


def test_without_its_script_all_questions_stand_on_the_page(
    browsers: Browsers, address: str
) -> None:
    bare = browsers.get(camera=False).new_context(java_script_enabled=False)
    page = bare.new_page()
    page.goto(address)
    expect(page.locator("article:visible")).to_have_count(6)
    expect(page.get_by_label("搜索")).to_be_hidden()
    bare.close()
