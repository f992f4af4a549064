"""考前确认: each step as the server has it afterwards, and everything that may stand in the way."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.browsing import Camera, barriers
from tests.web.cloud import MINUTE_MS, Candidate, Cloud
from tests.web.conftest import Open
from tests.web.steps import (
    agree,
    enter,
    expect_step,
    measure_network,
    next_step,
    prove_phone,
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


def test_a_photo_is_taken_again_without_limit_and_uses_no_chance(
    cloud: Cloud, open_page: Open, before_the_face: Candidate
) -> None:
    page = open_page(before_the_face.page, before_the_face)
    for _ in range(2):
        wait_for_photo(page)
        expect(page.get_by_text("剩余核验机会 10 次")).to_be_visible()
        page.get_by_role("button", name="重新拍照").click()
    assert cloud.attempt(before_the_face.attempt_id)["chances"]["used"] == 0
    verify(page)
    assert cloud.attempt(before_the_face.attempt_id)["chances"]["used"] == 1
    enter(page)


def test_another_face_fails_and_uses_a_chance_then_the_own_one_passes(
    cloud: Cloud, open_page: Open, before_the_face: Candidate, camera: Camera
) -> None:
    camera.show("frame_c.jpg")
    page = open_page(before_the_face.page, before_the_face)
    wait_for_photo(page)
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_role("button", name="重新拍照核验")).to_be_visible()
    expect(page.get_by_text("剩余核验机会 9 次")).to_be_visible()
    assert cloud.attempt(before_the_face.attempt_id)["verifications"][0]["state"] == "failed"
    assert barriers(page) == []
    camera.show("frame_a.jpg")
    page.get_by_role("button", name="重新拍照核验").click()
    verify(page)
    assert cloud.attempt(before_the_face.attempt_id)["verifications"][0]["state"] == "passed"


@pytest.mark.parametrize(
    ("picture", "hint"),
    [
        ("frame_two.jpg", "画面中有多人"),
        ("frame_dark.jpg", "光线不足"),
        ("frame_empty.jpg", "未检测到人脸"),
    ],
)
def test_the_frame_names_what_stands_in_the_way(
    open_page: Open, before_the_face: Candidate, camera: Camera, picture: str, hint: str
) -> None:
    camera.show(picture)
    page = open_page(before_the_face.page, before_the_face)
    expect_step(page, "身份核验")
    expect(page.get_by_text(hint).first).to_be_visible()
    expect(page.get_by_role("img", name="刚拍摄的照片")).to_have_count(0)
    camera.show("frame_a.jpg")  # and by itself once it is gone
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


def test_a_camera_that_another_program_uses(open_page: Open, sitter: Candidate) -> None:
    at_the_camera(sitter)
    page = open_page("about:blank", sitter)
    page.add_init_script(
        """const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
        let busy = true;
        window.freeTheCamera = () => (busy = false);
        if (real) navigator.mediaDevices.getUserMedia = (wanted) =>
          busy ? Promise.reject(new DOMException("in use", "NotReadableError")) : real(wanted);"""
    )
    page.goto(sitter.page)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头正被其他程序占用")).to_be_visible()
    page.evaluate("freeTheCamera()")
    page.get_by_role("button", name="重新检测").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()


def test_a_covered_lens_and_a_lost_camera(
    open_page: Open, sitter: Candidate, camera: Camera
) -> None:
    at_the_camera(sitter)
    page = open_page(sitter.page, sitter)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    camera.show("frame_covered.jpg")
    expect(page.get_by_text("画面被遮挡或过暗")).to_be_visible()
    expect(page.get_by_role("button", name="下一步")).to_be_disabled()
    camera.show("frame_a.jpg")
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    page.context.clear_permissions()
    expect(page.get_by_text("摄像头已断开")).to_be_visible()


def test_faces_in_the_background_are_pointed_out(
    cloud: Cloud, open_page: Open, sitter: Candidate, camera: Camera
) -> None:
    at_the_camera(sitter)
    camera.show("frame_two.jpg")
    page = open_page(sitter.page, sitter)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("画面中除您之外还有 1 张人脸")).to_be_visible()
    assert barriers(page) == []
    next_step(page)  # told, not forbidden
    expect_step(page, "网络环境检测")


def test_a_reload_goes_on_where_the_server_stands(open_page: Open, sitter: Candidate) -> None:
    page = open_page(sitter.page, sitter)
    agree(page)
    for step, do in (
        ("设备检测", switch_camera_on),
        ("网络环境检测", measure_network),
        ("身份核验", verify),
    ):
        expect_step(page, step)
        page.reload()
        expect_step(page, step)
        do(page)
    page.reload()
    enter(page)


def test_without_its_detector_there_is_a_shutter(
    cloud: Cloud, open_page: Open, before_the_face: Candidate
) -> None:
    page = open_page("about:blank", before_the_face)
    page.route("**/detector/**", lambda route: route.abort())
    page.goto(before_the_face.page)
    page.get_by_role("button", name="拍照", exact=True).click()
    verify(page)


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


def test_a_network_check_that_fails_says_so_and_lets_go_on(
    open_page: Open, sitter: Candidate
) -> None:
    at_the_camera(sitter)
    page = open_page("about:blank", sitter)
    page.route("**/speed/**", lambda route: route.abort())
    page.goto(sitter.page)
    switch_camera_on(page)
    expect(page.get_by_text("没有测出网速")).to_be_visible()
    page.get_by_role("button", name="直接继续").click()
    expect_step(page, "身份核验")


def test_a_slow_verdict_is_an_honest_wait(open_page: Open, before_the_face: Candidate) -> None:
    page = open_page(before_the_face.page, before_the_face)
    wait_for_photo(page)

    def not_yet(route: Route) -> None:
        answer = route.fetch()
        content = answer.json()
        content["verification"]["state"] = "judging"
        route.fulfill(response=answer, json=content)

    page.route("**/verifications/*", not_yet)
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_text("正在核验…")).to_be_visible()
    expect(page.get_by_text("核验时间比平时长，请稍候")).to_be_visible()
    page.unroute("**/verifications/*")
    expect_step(page, "进入考场")


def test_an_expired_session_signs_in_and_goes_on(
    cloud: Cloud, open_page: Open, sitter: Candidate
) -> None:
    page = open_page(sitter.page, sitter)
    expect_step(page, "考试须知")
    page.get_by_label("我已同意").check()
    page.context.clear_cookies()
    cloud.advance(MINUTE_MS)  # one text message a minute
    next_step(page)
    dialog = page.get_by_role("dialog", name="登录")
    expect(dialog).to_be_visible()
    prove_phone(page, cloud, sitter.phone)
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_have_count(0)
    expect_step(page, "设备检测")


def test_a_busy_server_is_said_and_the_step_can_be_repeated(
    open_page: Open, sitter: Candidate
) -> None:
    page = open_page(sitter.page, sitter)
    refuse = {"error": {"code": "service_busy", "message": "服务繁忙，请稍后重试。", "details": {}}}
    page.route("**/check-in/notice", lambda route: route.fulfill(status=503, json=refuse))
    agree(page)
    expect(page.get_by_text("服务繁忙，请稍后重试。")).to_be_visible()
    page.unroute("**/check-in/notice")
    next_step(page)
    expect_step(page, "设备检测")


def test_all_chances_used(cloud: Cloud, open_page: Open) -> None:
    exam_id = cloud.publish(starts_in_min=40, verification_chances=3)
    sitter = cloud.sitter(exam_id)
    sitter.check_in()
    for _ in range(3):
        sitter.verify("frame_b.jpg", "failed")
    page = open_page(sitter.page, sitter)
    expect(page.get_by_text("核验机会已用完")).to_be_visible()
    expect(page.get_by_role("button", name="去反馈")).to_be_visible()
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
    first.close()
    second.get_by_role("button").first.click()
    expect_step(second, "考试须知")


@pytest.mark.parametrize("step", ["notice", "camera", "face"])
def test_no_step_loses_anything_at_twice_the_size(
    open_page: Open, sitter: Candidate, step: str
) -> None:
    if step == "camera":
        at_the_camera(sitter)
    elif step == "face":
        sitter.check_in()
    half = {"width": 640, "height": 360}
    page = open_page(sitter.page, sitter, size=half, device_scale_factor=2)
    expect(page.locator('[aria-current="step"]')).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= half["width"]
