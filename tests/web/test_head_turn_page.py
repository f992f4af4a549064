"""身份核验 with a turn of the head: what is asked for, the picture that takes itself, and nobody locked out."""

import contextlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import Camera, barriers
from tests.web.cloud import Candidate, Cloud
from tests.web.conftest import Open
from tests.web.steps import enter, expect_step, look_at_the_clock, wait_for_photo

LAPTOP = {"width": 1366, "height": 650}
FRONT = "frame_a.jpg"
SIDES = {"左": "left", "右": "right"}
# A few pixels of the preview, as soon as they are another picture than `before`. A preview that is only drawn anew, for
# example in another size, differs by less.
LOOK = """async (before) => {
  const LEAST = 10; // of 255, on average; a turned head differs by more than 30
  const pen = document.createElement("canvas").getContext("2d");
  for (;;) {
    await new Promise(requestAnimationFrame);
    const video = document.querySelector("video");
    if (!video || video.readyState < 2) continue;
    pen.drawImage(video, 0, 0, 16, 12);
    const pixels = [...pen.getImageData(0, 0, 16, 12).data];
    const apart = pixels.reduce((sum, value, n) => sum + Math.abs(value - (before[n] ?? 255)), 0);
    if (apart > LEAST * pixels.length) return pixels;
  }
}"""
STEP = '[aria-current="step"]'
MOMENTS, MOMENT_MS = 8, 6_000  # within the minute that the second picture has
OTHER = {"left": "right", "right": "left"}


@pytest.fixture
def sitter(cloud: Cloud) -> Candidate:
    """Somebody who has done all but the face check, at an exam that asks for a turn."""
    somebody = cloud.sitter(cloud.publish(starts_in_min=20, liveness="head_turn"))
    somebody.check_in()
    return somebody


def show(page: Page, camera: Camera, picture: str) -> None:
    """The camera sees another picture, and the page films it."""
    before = page.evaluate(LOOK, [])
    camera.show(picture)
    page.evaluate(LOOK, before)
    page.locator("video").evaluate("v => new Promise((done) => v.requestVideoFrameCallback(done))")


def turn(camera: Camera, picture: str, seen: Locator) -> None:
    """The person turns the head, and moves a little until the page has seen it.

    At one moment of a picture the nose may point a little too far, or not far enough; nobody sits like a statue.
    """
    for _ in range(MOMENTS):
        camera.show(picture)
        with contextlib.suppress(AssertionError):
            expect(seen).to_be_visible(timeout=MOMENT_MS)
            return
    expect(seen).to_be_visible()


def begin(page: Page) -> str:
    """The frontal photo, 开始核验; the side that is asked for."""
    wait_for_photo(page)
    expect(page.get_by_text("按画面提示向左或向右转头一次")).to_be_visible()
    page.get_by_role("button", name="开始核验").click()
    ask = page.get_by_role("heading", name=re.compile("^请向[左右]转头$"))
    expect(ask).to_be_visible()
    return SIDES[ask.inner_text()[2]]


def test_who_turns_as_asked_passes(
    cloud: Cloud, open_page: Open, sitter: Candidate, camera: Camera
) -> None:
    page = open_page(sitter.page, sitter, size=LAPTOP)
    side = begin(page)
    arrow = page.locator(f".arrow.{side}")
    expect(arrow).to_be_visible()
    assert barriers(page) == []
    check = cloud.attempt(sitter.attempt_id)["pending"]
    assert check["turn"] == side
    turn(camera, f"frame_a_{side}.jpg", page.locator(STEP, has_text="进入考场"))
    attempt = cloud.attempt(sitter.attempt_id)
    assert attempt["verifications"][0]["state"] == "passed"
    assert attempt["chances"]["used"] == 1
    enter(page)


def test_the_arrow_points_to_the_side_of_the_mirrored_preview(
    open_page: Open, sitter: Candidate
) -> None:
    """One's own left is the screen's left: the arrow stands at that edge of the picture and points out of it."""
    page = open_page(sitter.page, sitter)
    side = begin(page)
    picture, arrow = page.locator("video").bounding_box(), page.locator(".arrow").bounding_box()
    assert picture
    assert arrow
    middle = picture["x"] + picture["width"] / 2
    assert (arrow["x"] < middle) is (side == "left")
    assert (
        page.locator("video").evaluate("v => getComputedStyle(v).transform").startswith("matrix(-1")
    )


def test_a_turn_to_the_other_side_is_said_and_not_taken(
    cloud: Cloud, open_page: Open, sitter: Candidate, camera: Camera
) -> None:
    page = open_page(sitter.page, sitter)
    side = begin(page)
    turn(camera, f"frame_a_{OTHER[side]}.jpg", page.get_by_text("方向反了").first)
    assert cloud.attempt(sitter.attempt_id)["pending"]["state"] == "pending"
    turn(camera, f"frame_a_{side}.jpg", page.locator(STEP, has_text="进入考场"))


def test_without_the_detector_there_is_a_shutter_for_the_turn_too(
    cloud: Cloud, open_page: Open, sitter: Candidate, camera: Camera
) -> None:
    page = open_page("about:blank", sitter)
    page.route("**/detector/**", lambda route: route.abort())
    page.goto(sitter.page)
    shutter = page.get_by_role("button", name="拍照", exact=True)
    shutter.click()
    side = begin(page)
    expect(page.get_by_text("然后点击“拍照”").first).to_be_visible()
    show(page, camera, f"frame_a_{OTHER[side]}.jpg")
    shutter.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("转头方向与提示不一致")).to_be_visible()
    expect(page.get_by_text("剩余核验机会 10 次")).to_be_visible()
    expect(page.get_by_text("看清箭头方向再转头")).to_be_visible()
    assert barriers(page) == []
    check = cloud.attempt(sitter.attempt_id)["verifications"][0]
    assert (check["state"], check["reason"]) == ("not_run", "turn_wrong_way")
    page.get_by_role("button", name="重新拍照核验").click()
    show(page, camera, FRONT)
    shutter.click()
    side = begin(page)
    show(page, camera, f"frame_a_{side}.jpg")
    shutter.click()
    expect_step(page, "进入考场")


def test_who_does_not_turn_in_time_gets_the_chance_back(
    cloud: Cloud, open_page: Open, sitter: Candidate
) -> None:
    page = open_page(sitter.page, sitter)
    begin(page)
    expect(page.get_by_text("剩余时间")).to_be_visible()
    cloud.advance(61_000)
    look_at_the_clock(page)
    expect(page.get_by_text("未收到照片")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("剩余核验机会 10 次")).to_be_visible()
    check = cloud.attempt(sitter.attempt_id)["verifications"][0]
    assert (check["state"], check["reason"]) == ("not_run", "not_uploaded")


def test_what_is_asked_for_is_seen_without_scrolling(
    open_page: Open, sitter: Candidate, tmp_path: Path
) -> None:
    page = open_page(sitter.page, sitter, size=LAPTOP)
    begin(page)
    for part in (page.get_by_role("heading", name=re.compile("转头$")), page.locator("video")):
        expect(part).to_be_in_viewport(ratio=1)
    page.screenshot(path=tmp_path / "turn.png")
