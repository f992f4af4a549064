"""The pages of the partner platform of this machine: an agency's results, and the details of a certificate."""

from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import barriers
from tests.web.cloud import Candidate

PARTNER = "/_local/partner"


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def row_of(page: Page, person: Candidate) -> Locator:
    """Open the results of each exam of 培训列表 until this person is there. Other tests sat exams of the agency."""
    masked = person.browser.call("GET", "/me")["profile"]["id_number_masked"]
    exams = page.get_by_role("button", name="查看结果")
    expect(exams.first).to_be_visible()
    for number in range(exams.count()):
        exams.nth(number).click()
        row = page.get_by_role("row").filter(has_text=masked)
        if row.count():
            return row
        press(page, "返回培训列表")
    raise AssertionError("the person is in none of the exams")


def to_the_certificate(page: Page, row: Locator, person: Candidate) -> None:
    """查看结果 > 证书详情."""
    press(row, "证书详情（有效）")
    expect(page.get_by_role("heading", name="查看结果 > 证书详情")).to_be_visible()
    expect(page.get_by_text(person.number, exact=True)).to_be_visible()
    expect(page.get_by_text("证书有效", exact=True)).to_be_visible()
    link = page.get_by_role("link", name="打开证书 PDF")
    document = page.request.get(str(link.get_attribute("href")))
    assert document.body().startswith(b"%PDF-")
    assert barriers(page) == []
