"""山西政府采购平台 on this machine: its experts see their own results and certificates."""

import pytest
from playwright.sync_api import expect

from infra.local.sign_in_provider import PEOPLE
from tests.web.browsing import barriers
from tests.web.cloud import Candidate, Cloud
from tests.web.conftest import Open
from tests.web.platform import PARTNER, press, row_of, to_the_certificate
from tests.web.sso import to_the_platform
from tests.web.steps import prove_phone

ZHOU = list(PEOPLE.values())[-1]["name"]  # whom no other test signs in


@pytest.fixture(scope="module")
def person(cloud: Cloud) -> Candidate:
    """Somebody of the agency with a final pass and a written certificate."""
    sat = cloud.sat()
    sat.see_certificate()
    return sat


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


def test_the_platform_shows_what_its_webhook_was_told(open_page: Open, person: Candidate) -> None:
    desk = open_page(PARTNER, camera=False, permissions=())
    press(desk, "新成绩通知")
    expect(desk.get_by_role("row").filter(has_text="agency").first).to_be_visible()
    expect(desk.get_by_role("columnheader", name="成绩条目")).to_be_visible()
    assert barriers(desk) == []
