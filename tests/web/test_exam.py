"""候考, 考试, 考试结果: what is shown is what the server has, whatever happens on the way."""

import itertools

import pytest
from playwright.sync_api import Page, expect

from chalicelib.attempts import watch
from chalicelib.attempts.items import from_item
from tests.web.browsing import Camera, barriers, out_of_sight, outside
from tests.web.cloud import MINUTE_MS, Candidate, Cloud
from tests.web.conftest import Open
from tests.web.steps import (
    answer,
    enter,
    expect_all_saved,
    expect_question,
    expect_step,
    film,
    go_to,
    into_the_exam,
    look_at_the_clock,
    prove_phone,
    start,
    submit,
    wait_for_the_bell,
)


@pytest.fixture
def admitted(cloud: Cloud) -> Candidate:
    """Somebody who has passed the face check and stands before the door."""
    return let_in(cloud)


def let_in(cloud: Cloud, **policy: object) -> Candidate:
    sitter = cloud.sitter(cloud.publish(starts_in_min=2, **policy))
    sitter.check_in()
    sitter.verify("frame_a.jpg", "passed")
    return sitter


def stored_answers(cloud: Cloud, sitter: Candidate) -> dict[str, str]:
    return {
        n: letters for n, letters in cloud.attempt(sitter.attempt_id)["answers"].items() if letters
    }


def sign_in_again(page: Page, cloud: Cloud, phone: str) -> None:
    dialog = page.get_by_role("dialog", name="登录")
    expect(dialog).to_be_visible()
    prove_phone(page, cloud, phone)
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_have_count(0)


def test_the_waiting_room_asks_before_it_is_left_and_turns_into_the_exam(
    cloud: Cloud, open_page: Open, admitted: Candidate
) -> None:
    page = open_page(f"/exam/detail?id={admitted.exam_id}", admitted)
    page.get_by_role("button", name="开始考试").click()
    enter(page)
    waiting = page.get_by_role("heading", name="候考", exact=True)
    expect(page.get_by_role("timer")).to_be_visible()
    expect(page.get_by_role("button", name="开始考试")).to_have_count(0)
    assert barriers(page) == []
    page.go_back()
    dialog = page.get_by_role("dialog", name="确定离开吗？")
    expect(dialog).to_be_visible()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    dialog.get_by_role("button", name="留在本页").click()
    expect(waiting).to_be_visible()
    page.get_by_role("link", name="退出候考").click()
    expect(dialog.get_by_text("需要重新完成考前确认，包括人脸核验")).to_be_visible()
    dialog.get_by_role("button", name="仍要离开").click()
    expect(page.get_by_role("heading", name="本场考试规则")).to_be_visible()

    page.goto(admitted.page)  # the token was in the memory of the page alone
    expect_step(page, "考试须知")
    admitted.check_in()
    admitted.verify("frame_a.jpg", "passed")
    page.reload()
    enter(page)
    wait_for_the_bell(page, cloud, admitted.attempt_id)
    assert barriers(page) == []
    assert cloud.attempt(admitted.attempt_id)["status"] == "opened"
    start(page)
    assert cloud.attempt(admitted.attempt_id)["status"] == "started"
    assert barriers(page) == []
    page.evaluate("history.back()")
    expect(dialog.get_by_text("再次进入时记为 1 次切屏")).to_be_visible()
    assert page.evaluate("document.fullscreenElement !== null")
    dialog.get_by_role("button", name="留在本页").click()
    expect_question(page, 1)
    page.evaluate("document.exitFullscreen()")
    expect(page.get_by_role("dialog", name="您已退出全屏")).to_be_visible()
    assert out_of_sight(page) == []
    page.get_by_role("button", name="返回全屏").click()
    submit(page)
    page.evaluate("history.back()")  # from the result it leads out
    expect(page.get_by_role("heading", name="考试结果")).to_have_count(0)


def test_answers_marks_and_the_sheet(cloud: Cloud, open_page: Open, admitted: Candidate) -> None:
    page = open_page(admitted.page, admitted)
    into_the_exam(page, cloud, admitted)
    answer(page, 1, "B")
    answer(page, 9, "AC")  # the multiple choices begin
    page.get_by_role("button", name="标记", exact=True).click()
    answer(page, 15, "A")
    answer(page, 1, "C")
    expect_all_saved(page)
    assert stored_answers(cloud, admitted) == {"1": "C", "9": "AC", "15": "A"}
    expect(page.get_by_role("button", name="第 1 题，已答")).to_be_visible()
    expect(page.get_by_role("button", name="第 9 题，已答，标记")).to_be_visible()
    expect(page.get_by_role("button", name="第 2 题，未答")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="清除本题答案").click()
    cloud.until(lambda: stored_answers(cloud, admitted), {"9": "AC", "15": "A"})
    page.get_by_role("button", name="提交试卷").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("未答 18 题")).to_be_visible()
    expect(dialog.get_by_text("标记 1 题")).to_be_visible()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    dialog.get_by_role("button", name="回到第 20 题").click()
    expect_question(page, 20)
    assert cloud.attempt(admitted.attempt_id)["status"] == "started"


def test_offline_for_five_minutes_and_back(
    cloud: Cloud, open_page: Open, admitted: Candidate
) -> None:
    page = open_page(admitted.page, admitted)
    into_the_exam(page, cloud, admitted)
    answer(page, 1, "A")
    expect_all_saved(page)
    page.context.set_offline(True)
    answer(page, 2, "B")
    answer(page, 3, "C")
    expect(page.get_by_text("2 题未保存")).to_be_visible()
    expect(page.get_by_text("2 题未保存，联网后自动保存")).to_be_visible()
    expect(page.get_by_text("网络连接中断，正在自动重连")).to_be_visible()
    assert barriers(page) == []
    cloud.advance(5 * MINUTE_MS)
    assert stored_answers(cloud, admitted) == {"1": "A"}
    page.context.set_offline(False)
    expect_all_saved(page)
    expect(page.get_by_text("网络连接中断，正在自动重连")).to_have_count(0)
    attempt = cloud.attempt(admitted.attempt_id)
    assert stored_answers(cloud, admitted) == {"1": "A", "2": "B", "3": "C"}
    assert len(attempt["switches"]) == 0  # losing the network is not leaving


def test_an_expired_session_in_the_exam_loses_nothing(
    cloud: Cloud, open_page: Open, admitted: Candidate
) -> None:
    page = open_page(admitted.page, admitted)
    into_the_exam(page, cloud, admitted)
    page.context.clear_cookies()
    answer(page, 1, "A")
    sign_in_again(page, cloud, admitted.phone)
    expect_all_saved(page)
    assert stored_answers(cloud, admitted) == {"1": "A"}


def test_the_server_closes_the_exam_at_the_deadline_and_the_page_shows_it(
    cloud: Cloud, open_page: Open
) -> None:
    admitted = let_in(cloud, duration_min=20)
    page = open_page(admitted.page, admitted)
    into_the_exam(page, cloud, admitted)
    answer(page, 1, "A")
    expect_all_saved(page)
    left = int(cloud.attempt(admitted.attempt_id)["deadline"]) - cloud.now()
    cloud.advance(left - 4 * MINUTE_MS)
    look_at_the_clock(page)
    # The marks of 10 and 5 minutes are over: what is true now is said once.
    expect(page.get_by_text("距离考试结束还有 4 分钟")).to_be_attached()
    cloud.advance_to(int(cloud.attempt(admitted.attempt_id)["deadline"]) + 5_000)
    look_at_the_clock(page)
    expect(page.get_by_role("heading", name="考试结果")).to_be_visible()
    expect(page.get_by_text("考试时间到，系统自动收卷")).to_be_visible()
    attempt = cloud.attempt(admitted.attempt_id)
    assert (attempt["status"], attempt["cause"]) == ("submitted", "deadline")
    assert barriers(page) == []


def test_the_camera_is_watched_and_goes_off_at_the_end(
    cloud: Cloud, open_page: Open, admitted: Candidate, camera: Camera
) -> None:
    page = open_page("about:blank", admitted)
    page.add_init_script(
        """const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
        window.tracks = [];
        if (real) navigator.mediaDevices.getUserMedia = async (wanted) => {
          const stream = await real(wanted);
          window.tracks.push(...stream.getTracks());
          return stream;
        };"""
    )
    page.goto(admitted.page)
    into_the_exam(page, cloud, admitted)
    expect(page.get_by_text("监考中")).to_be_visible()
    camera.show("frame_covered.jpg")
    expect(page.get_by_role("alert").filter(has_text="遮挡")).to_be_visible()
    camera.show("frame_a.jpg")
    expect(page.get_by_text("监考中")).to_be_visible()
    assert page.evaluate("tracks.map((track) => track.readyState)") == ["live"]
    submit(page)
    assert page.evaluate("tracks.map((track) => track.readyState)") == ["ended"]
    # This page has seen the whole exam, so the server keeps how long each question was in sight.
    attempt = cloud.attempt(admitted.attempt_id)
    assert len(attempt["seconds"]) == attempt["question_count"]


def test_no_part_of_the_exam_is_lost_at_twice_the_size(
    cloud: Cloud, open_page: Open, admitted: Candidate
) -> None:
    half = {"width": 640, "height": 360}
    page = open_page(admitted.page, admitted, size=half, device_scale_factor=2)

    enter(page)
    assert outside(page) == []
    wait_for_the_bell(page, cloud, admitted.attempt_id)
    start(page)
    assert outside(page) == []
    go_to(page, 20)
    assert outside(page, {"width": 320, "height": 256}) == []  # and at four times
    page.get_by_role("button", name="提交试卷").first.click()
    assert outside(page) == []
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_role("heading", name="考试结果")).to_be_visible()
    assert outside(page) == []
    assert barriers(page) == []


def test_three_frames_with_two_people_invalidate_the_result(
    cloud: Cloud, open_page: Open, camera: Camera
) -> None:
    sitter = let_in(cloud, snapshots_min=50, snapshots_max=60, snapshot_gap_s=10)
    page = open_page("about:blank", sitter)
    page.clock.install()
    page.goto(sitter.page)
    into_the_exam(page, cloud, sitter)
    expect(page.get_by_text("监考中")).to_be_visible()

    def beat() -> None:
        """Half a minute passes for the page, which films, and for the server, which asks for frames."""
        film(page, 30, step_s=3)
        cloud.advance(30_000)
        with page.expect_response(lambda answer: answer.url.endswith("/heartbeat")):
            look_at_the_clock(page)

    def live_until(picture: str, verdict: str, count: int) -> None:
        """Somebody else sits down, or a hand covers the lens, until that many frames told it."""
        camera.show(picture)
        looks = itertools.count(1)

        def told() -> int:
            found = [snapshot["verdict"] for snapshot in cloud.snapshots(sitter.attempt_id)]
            attempt = from_item(cloud.attempt(sitter.attempt_id))
            on_their_way = len(watch.due_slots(attempt, cloud.now())) - len(attempt.verdicts)
            # Time passes once they are judged: a slow judge must not use the hour up. A moment that the page did
            # not film takes its frame from after the next beat.
            if found.count(verdict) < count and (not on_their_way or next(looks) % 30 == 0):
                beat()
            return found.count(verdict)

        cloud.until(told, lambda found: found >= count, within_s=120)

    live_until("frame_a.jpg", "match", 1)
    live_until("frame_covered.jpg", "unclear", 1)
    live_until("frame_b.jpg", "mismatch", 1)
    live_until("frame_two.jpg", "several", 3)
    camera.show("frame_a.jpg")
    submit(page)
    expect(page.get_by_text("不合格（成绩无效）")).to_be_visible()
    expect(page.get_by_text("监考抓拍中多次出现多人")).to_be_visible()
    integrity = cloud.attempt(sitter.attempt_id)["integrity"]
    assert (integrity["state"], integrity["rule"]) == ("invalidated", "several_people")
    assert barriers(page) == []
