"""考前确认: each step as the server has it afterwards, and everything that may stand in the way."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Camera, barriers, out_of_sight, outside
from tests.web.cloud import MINUTE_MS, Candidate, Cloud
from tests.web.conftest import Open
from tests.web.steps import (
    enter,
    expect_step,
    next_step,
    switch_camera_on,
    verify,
    wait_for_photo,
)


@pytest.fixture
def sitter(cloud: Cloud) -> Candidate:
    """Somebody at the beginning of their check-in."""
    return cloud.sitter(cloud.publish(starts_in_min=20))


@pytest.fixture
def before_the_face(sitter: Candidate) -> Candidate:
    """Somebody who has done all but the face check."""
    sitter.check_in()
    return sitter


def test_a_photo_is_taken_again_freely_another_face_fails_and_the_own_one_passes(
    cloud: Cloud, open_page: Open, before_the_face: Candidate, camera: Camera
) -> None:
    camera.show("frame_c.jpg")
    page = open_page(before_the_face.page, before_the_face)
    for _ in range(2):
        wait_for_photo(page)
        expect(page.get_by_text("剩余核验机会 10 次")).to_be_visible()
        page.get_by_role("button", name="重新拍照").click()
    wait_for_photo(page)
    assert cloud.attempt(before_the_face.attempt_id)["chances"]["used"] == 0
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_role("button", name="重新拍照核验")).to_be_visible()
    expect(page.get_by_text("剩余核验机会 9 次")).to_be_visible()
    assert cloud.attempt(before_the_face.attempt_id)["verifications"][0]["state"] == "failed"
    assert barriers(page) == []
    camera.show("frame_a.jpg")
    page.get_by_role("button", name="重新拍照核验").click()
    verify(page)
    attempt = cloud.attempt(before_the_face.attempt_id)
    assert attempt["verifications"][0]["state"] == "passed"
    assert attempt["chances"]["used"] == 2
    enter(page)


def test_the_frame_names_what_stands_in_the_way(
    open_page: Open, before_the_face: Candidate, camera: Camera
) -> None:
    camera.show("frame_two.jpg")
    page = open_page(before_the_face.page, before_the_face)
    expect_step(page, "身份核验")
    for picture, hint in (
        ("frame_two.jpg", "画面中有多人"),
        ("frame_dark.jpg", "光线不足"),
        ("frame_empty.jpg", "未检测到人脸"),
    ):
        camera.show(picture)
        expect(page.get_by_text(hint).first).to_be_visible()
    expect(page.get_by_role("img", name="刚拍摄的照片")).to_have_count(0)
    camera.show("frame_a.jpg")  # the photo takes itself once nothing stands in the way
    wait_for_photo(page)


def at_the_camera(sitter: Candidate) -> None:
    notice = {"request_id": next(sitter.ids), "agreements": ["identity-authorization"]}
    sitter.browser.call("POST", f"{sitter.path}/check-in/notice", notice)


def test_no_camera(open_page: Open, sitter: Candidate) -> None:
    at_the_camera(sitter)
    page = open_page(sitter.page, sitter, camera=False)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("没有找到摄像头")).to_be_visible()
    expect(page.get_by_role("button", name="下一步")).to_be_disabled()
    expect(page.get_by_role("link", name="考试开启摄像头")).to_have_attribute("target", "_blank")
    assert barriers(page) == []


def test_a_refused_camera_and_then_an_allowed_one(
    cloud: Cloud, open_page: Open, sitter: Candidate
) -> None:
    at_the_camera(sitter)
    page = open_page(sitter.page, sitter, permissions=())
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("浏览器没有得到使用摄像头的许可")).to_be_visible()
    assert barriers(page) == []
    page.context.grant_permissions(["camera"], origin=cloud.address)
    page.get_by_role("button", name="重新检测").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()


def test_faces_in_the_background_a_covered_lens_and_a_lost_camera(
    open_page: Open, sitter: Candidate, camera: Camera
) -> None:
    at_the_camera(sitter)
    camera.show("frame_two.jpg")
    page = open_page(sitter.page, sitter)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("画面中除您之外还有 1 张人脸")).to_be_visible()
    expect(page.get_by_role("button", name="下一步")).to_be_enabled()  # told, not forbidden
    assert barriers(page) == []
    camera.show("frame_covered.jpg")
    expect(page.get_by_text("画面被遮挡或过暗")).to_be_visible()
    expect(page.get_by_role("button", name="下一步")).to_be_disabled()
    camera.show("frame_a.jpg")
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    page.context.clear_permissions()
    expect(page.get_by_text("摄像头已断开")).to_be_visible()


def test_a_reload_goes_on_where_the_server_stands(open_page: Open, sitter: Candidate) -> None:
    page = open_page(sitter.page, sitter)
    expect_step(page, "考试须知")
    at_the_camera(sitter)
    page.reload()
    switch_camera_on(page)
    expect_step(page, "网络环境检测")
    page.reload()
    expect_step(page, "网络环境检测")
    sitter.check_in()
    page.reload()
    verify(page)
    page.reload()
    enter(page)


def test_a_slow_network_is_told_and_not_forbidden(open_page: Open, sitter: Candidate) -> None:
    at_the_camera(sitter)
    page = open_page(sitter.page, sitter)
    expect_step(page, "设备检测")
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 60,
            "downloadThroughput": 500_000 / 8,
            "uploadThroughput": 250_000 / 8,
        },
    )
    switch_camera_on(page)
    expect(page.get_by_text("网络低于推荐值，可以继续考试")).to_be_visible(timeout=30_000)
    assert barriers(page) == []
    next_step(page)
    expect_step(page, "身份核验")


def test_all_chances_used(cloud: Cloud, open_page: Open) -> None:
    sitter = cloud.sitter(cloud.publish(starts_in_min=40, verification_chances=3))
    sitter.check_in()
    for _ in range(3):
        sitter.verify("frame_b.jpg", "failed")
    page = open_page(sitter.page, sitter)
    expect(page.get_by_text("核验机会已用完")).to_be_visible()
    page.get_by_role("button", name="去反馈").click()
    expect(page.get_by_role("dialog", name="去反馈")).to_be_visible()
    assert out_of_sight(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_text("95763").first).to_be_visible()
    assert barriers(page) == []


def test_late_by_thirty_one_minutes(cloud: Cloud, open_page: Open) -> None:
    sitter = cloud.sitter(cloud.publish(starts_in_min=5))
    page = open_page(sitter.page, sitter)
    expect_step(page, "考试须知")
    cloud.advance(36 * MINUTE_MS)
    page.reload()
    expect(page.get_by_text("已超过入场时间，无法进入考试")).to_be_visible()
    assert barriers(page) == []


def test_a_second_tab_says_that_the_first_one_has_the_exam(
    open_page: Open, sitter: Candidate
) -> None:
    first = open_page(sitter.page, sitter)
    expect_step(first, "考试须知")
    second: Page = first.context.new_page()
    second.goto(sitter.page)
    expect(second.get_by_role("alert")).to_be_visible()
    expect(second.locator('[aria-current="step"]')).to_have_count(0)
    assert barriers(second) == []
    first.close()  # and without a click
    expect_step(second, "考试须知")


def test_no_step_loses_anything_at_twice_the_size(open_page: Open, sitter: Candidate) -> None:
    half = {"width": 640, "height": 360}
    page = open_page(sitter.page, sitter, size=half, device_scale_factor=2)
    for step, reach in (
        ("考试须知", None),
        ("设备检测", lambda: at_the_camera(sitter)),
        ("身份核验", sitter.check_in),
    ):
        if reach:
            reach()
            page.reload()
        expect_step(page, step)
        assert outside(page) == [], step
