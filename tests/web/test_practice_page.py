"""试考: somebody finds out a day before that the camera is missing and the photo will not do, and mends both."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web.browsing import barriers
from tests.web.cloud import Cloud
from tests.web.conftest import Open
from tests.web.steps import agree, enter, measure_network, switch_camera_on, wait_for_photo

LAPTOP = {"width": 1366, "height": 650}


def begin(page: Page) -> None:
    """From the portal into a new practice."""
    page.goto("/")
    page.get_by_role("link", name="试考：在正式考试前").first.click()
    page.get_by_role("button", name=re.compile("试考")).click()
    agree(page)


def found(page: Page) -> dict[str, str]:
    """Area → how it stands, as the result shows it."""
    expect(page.get_by_role("heading", name="试考结果")).to_be_visible()
    expect(page.locator("li h2")).to_have_count(5)
    rows = [row.split() for row in page.locator("li h2").all_inner_texts()]
    return {row[0]: row[1] for row in rows}


def end(page: Page) -> None:
    page.get_by_role("button", name="结束试考，查看结果").click()


def test_a_broken_camera_and_a_wrong_photo_are_told_and_mended(
    cloud: Cloud, open_page: Open, pictures: str
) -> None:
    cloud.publish(None, "practice")
    cloud.publish(None, "practice")  # two of them: each has its own link on the portal
    somebody = cloud.candidate(photo="id_b.jpg")

    page = open_page("/", somebody, camera=False, size=LAPTOP)
    begin(page)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("没有找到摄像头")).to_be_visible()
    end(page)
    assert found(page)["摄像头"] == "不正常"
    expect(page.get_by_text("请连接摄像头，或换一台带摄像头的电脑")).to_be_visible()
    assert barriers(page) == []

    page = open_page("/", somebody, size=LAPTOP)
    expect(page.get_by_text("未通过：摄像头")).to_be_visible()
    begin(page)
    switch_camera_on(page)
    measure_network(page)
    wait_for_photo(page)
    expect(page.get_by_text("试考不占用核验机会")).to_be_visible()
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_text("人脸与登记照片不一致").first).to_be_visible()
    end(page)
    assert found(page) == {
        "摄像头": "正常",
        "网络": "正常",
        "人脸核验": "不正常",
        "全屏": "未测到",
        "抓拍": "未测到",
    }
    page.get_by_role("link", name="更换证件照").click()
    replace_photo(page, Path(pictures) / "id_a.jpg")

    begin(page)
    switch_camera_on(page)
    measure_network(page)
    wait_for_photo(page)
    page.get_by_role("button", name="开始核验").click()
    enter(page)
    page.get_by_role("button", name="开始答题").click()
    expect(page.get_by_text("试考 · 不评分")).to_be_visible()
    page.get_by_role("button", name="提交试卷").click()
    page.get_by_role("button", name="确认提交").click()
    stands = found(page)
    stands.pop("抓拍")  # none is due within seconds
    assert set(stands.values()) == {"正常"}
    assert page.get_by_text("不合格").count() == 0
    page.goto("/me/exams")
    expect(page.get_by_text("试考，不评分").first).to_be_visible()


def replace_photo(page: Page, photo: Path) -> None:
    """个人中心 is not frozen by a practice."""
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_text("照片已通过检查").first).to_be_visible()


def test_camera_and_network_are_one_click_away_without_signing_in(open_page: Open) -> None:
    page = open_page("/", size=LAPTOP)
    page.get_by_role("link", name="设备检测").click()
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    page.get_by_role("button", name="检测网络").click()
    expect(page.get_by_text("网络状况良好")).to_be_visible()
    assert barriers(page) == []
