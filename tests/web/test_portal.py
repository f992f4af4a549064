"""The portal, an exam's page and what leads into the exam day."""

from playwright.sync_api import expect

from tests.web.browsing import barriers
from tests.web.cloud import Cloud
from tests.web.conftest import Open


def test_the_portal_lists_the_exam_and_leads_to_it(cloud: Cloud, open_page: Open) -> None:
    exam_id = cloud.publish(starts_in_min=120)
    page = open_page("/")
    link = page.locator(f'a[href="/exam/detail?id={exam_id}"]').first
    expect(link).to_be_visible()
    assert barriers(page) == []
    link.click()
    expect(page).to_have_url(f"{cloud.address}/exam/detail?id={exam_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("代理机构从业人员")
    assert barriers(page) == []
