"""山西政府采购平台 on this machine: its agencies and experts see results and certificates."""

import pytest
from playwright.sync_api import Locator, Page, expect

from infra.local.sign_in_provider import ORGANISATION, PEOPLE
from tests.web.browsing import barriers
from tests.web.cloud import Candidate, Cloud
from tests.web.conftest import Open
from tests.web.sso import to_the_platform
from tests.web.steps import prove_phone

PARTNER = "/_local/partner"
ZHOU = list(PEOPLE.values())[-1]["name"]  # whom no other test signs in


@pytest.fixture(scope="module")
def person(cloud: Cloud) -> Candidate:
    """Somebody of the agency with a final pass and a written certificate."""
    sat = cloud.sat()
    sat.see_certificate()
    return sat


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


def test_an_agency_sees_the_results_and_certificates_of_its_people(
    open_page: Open, person: Candidate
) -> None:
    page = open_page(PARTNER, camera=False, permissions=())
    expect(
        page.get_by_role("heading", name=f"企业信息（{ORGANISATION}） > 培训列表")
    ).to_be_visible()
    assert barriers(page) == []
    row = row_of(page, person)
    expect(row).to_contain_text("演示考生")
    expect(row).to_contain_text("合格")
    expect(row).to_contain_text("100 / 100")
    expect(row).to_contain_text("成绩发布")
    assert barriers(page) == []
    to_the_certificate(page, row, person)


def test_an_expert_sees_their_own_after_having_come_by_the_platform(
    cloud: Cloud, open_page: Open, platform: str, person: Candidate
) -> None:
    desk = open_page(PARTNER, camera=False, permissions=())
    press(desk, "专家工作台")
    row = desk.get_by_role("row").filter(has_text=ZHOU)
    press(row, "进入工作台")
    expect(desk.get_by_text("暂无记录")).to_be_visible()

    page = open_page("/")
    to_the_platform(page)
    press(page, ZHOU)
    cloud.advance(60_000)  # the next code to the same phone
    prove_phone(page, cloud, person.phone)
    press(page, "验证并登录")
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()

    press(desk, "专家工作台")
    press(row, "进入工作台")
    to_the_certificate(desk, row_of(desk, person), person)
