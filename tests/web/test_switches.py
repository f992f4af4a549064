"""切屏 in real tabs: what a person does, and how many switches the server counts.

Everything happens in one sitting whose limit is high, one story after the other. A story of which nothing may
be reported is followed by a glance at another tab: its report carries the very next number.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from playwright.sync_api import TimeoutError as TooLate

from tests.web import steps
from tests.web.browsing import PATIENCE_MS, Camera, Guard, OwnChromium, out_of_sight, sign_in
from tests.web.cloud import Candidate, Cloud

LEAST_MS = 2000  # an absence; longer than in a real exam, so that a slow machine can still glance


@dataclass
class Room:
    """A sitting in its browser, and what the server has noted of it."""

    cloud: Cloud
    sitter: Candidate
    context: BrowserContext
    page: Page
    other: Page

    def switches(self) -> list[dict[str, object]]:
        return list(self.cloud.attempt(self.sitter.attempt_id)["switches"])

    def seq(self) -> int:
        """The number of the newest absence that was reported."""
        return int(str(self.last()["seq"]))

    def last(self) -> dict[str, object]:
        """The newest absence that was reported, counted or not."""
        return self.cloud.attempt(self.sitter.attempt_id).get("last_absence") or {"seq": 0}

    def leave(self) -> None:
        """Look at another tab."""
        self.page.evaluate("window.leftAt = performance.now()")
        self.other.bring_to_front()
        assert self.page.evaluate("document.visibilityState") == "hidden"

    def come_back(self) -> None:
        self.page.bring_to_front()
        assert self.page.evaluate("document.visibilityState") == "visible"

    def glance(self) -> None:
        """Another tab for a blink."""
        self.leave()
        self.come_back()

    def until_counted(self, count: int) -> None:
        self.cloud.until(lambda: len(self.switches()), count)

    def until_over(self, seq: int) -> None:
        """Until the server knows that this absence is over."""
        self.cloud.until(self.last, lambda last: last["seq"] >= seq and last["ended"])

    def settle(self) -> None:
        """Read what is told, go back to full screen, be there again."""
        read = self.page.get_by_role("button", name="我知道了")
        back = self.page.get_by_role("button", name="返回全屏")

        def sits_there() -> bool:
            # The last one stands above the others: the dialog of a switch over the line about a short absence.
            for button in (*reversed(read.all()), *back.all()):
                with suppress(TooLate):  # what came up above it is read next
                    button.click(timeout=1000)
            full = bool(self.page.evaluate("document.fullscreenElement !== null"))
            return full and not read.count() and not back.count()

        self.cloud.until(sits_there, True)


@pytest.fixture(scope="module")
def room(
    cloud: Cloud, playwright: Playwright, pictures: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Room]:
    exam_id = cloud.publish(
        starts_in_min=2, switch_limit=20, switch_min_ms=LEAST_MS, fullscreen_grace_s=5
    )
    folder = tmp_path_factory.mktemp("switches")
    own = OwnChromium(playwright, folder / "profile", Camera(folder / "film.mjpeg", Path(pictures)))
    guard = Guard({cloud.address, cloud.uploads})
    try:
        yield sit_down(cloud, own, guard, exam_id)
    finally:
        own.kill()
    guard.check()


@pytest.fixture(autouse=True)
def network(request: pytest.FixtureRequest) -> Iterator[None]:
    """A story that fails while the network is away leaves it there for no other."""
    yield
    if "room" in request.fixturenames:
        request.getfixturevalue("room").context.set_offline(False)


def sit_down(cloud: Cloud, own: OwnChromium, guard: Guard, exam_id: str) -> Room:
    """At the first question, with another tab open beside it."""
    sitter = cloud.sitter(exam_id)
    context = own.start()
    context.set_default_timeout(PATIENCE_MS)
    guard.watch(context)
    sign_in(context, cloud, sitter)
    page, other = context.pages[0], context.new_page()
    other.goto(f"{cloud.address}/help/camera")
    page.bring_to_front()
    pass_the_face_check(sitter)
    page.goto(f"{cloud.address}/exam/detail?id={exam_id}")
    page.get_by_role("button", name="开始考试").click()
    steps.into_the_exam(page, cloud, sitter)
    return Room(cloud, sitter, context, page, other)


def pass_the_face_check(sitter: Candidate) -> None:
    """By the API: how the page does it is looked at elsewhere."""
    sitter.check_in()
    sitter.verify("frame_a.jpg", "passed")


# --- the stories: what is done between two moments of sitting there ---------------------------------


def another_tab(room: Room, count: int) -> None:
    room.leave()
    room.until_counted(count + 1)
    room.come_back()


def minimised(room: Room, count: int) -> None:
    tool = room.context.new_cdp_session(room.page)
    window = tool.send("Browser.getWindowForTarget")["windowId"]
    room.page.evaluate("document.exitFullscreen()")  # the window manager does so first
    tool.send(
        "Browser.setWindowBounds", {"windowId": window, "bounds": {"windowState": "minimized"}}
    )
    room.until_counted(count + 1)
    tool.send("Browser.setWindowBounds", {"windowId": window, "bounds": {"windowState": "normal"}})
    room.come_back()


def escape_and_gone(room: Room, count: int) -> None:
    room.page.evaluate("document.exitFullscreen()")
    expect(room.page.get_by_text("秒内返回全屏，否则记为切屏")).to_be_visible()
    room.until_counted(count + 1)


def escape_then_another_tab(room: Room, count: int) -> None:
    room.page.evaluate("document.exitFullscreen()")
    expect(room.page.get_by_role("button", name="返回全屏")).to_be_visible()
    another_tab(room, count)


def tab_after_tab(room: Room, count: int) -> None:
    """Back only for a blink between two absences: one absence."""
    room.leave()
    room.until_counted(count + 1)
    room.glance()
    room.glance()
    room.come_back()


def offline_and_away(room: Room, count: int) -> None:
    """The report waits for the network; it still counts, once."""
    room.context.set_offline(True)
    room.leave()
    long_enough = f"performance.now() - leftAt > {LEAST_MS + 200}"
    room.cloud.until(lambda: room.page.evaluate(long_enough), True)
    room.come_back()
    room.settle()
    assert len(room.switches()) == count
    room.context.set_offline(False)
    room.until_counted(count + 1)
    told = room.page.get_by_role("dialog", name="切屏提醒")
    expect(told.get_by_role("button", name="我知道了")).to_be_visible()  # in full screen already
    assert out_of_sight(room.page) == []


def a_new_tab_by_the_keyboard(room: Room, count: int) -> None:
    tab = room.context.new_page()
    tab.bring_to_front()
    room.until_counted(count + 1)
    tab.close()
    room.come_back()


def another_window(room: Room, count: int) -> None:
    with room.context.expect_page() as opened:
        room.page.evaluate("window.open('about:blank', '', 'popup,width=400,height=300') && null")
    room.until_counted(count + 1)
    opened.value.close()
    room.come_back()


def a_glance(room: Room) -> None:
    room.glance()


def a_flickering_window(room: Room) -> None:
    for _ in range(4):
        room.glance()


def escape_and_back(room: Room) -> None:
    room.page.evaluate("document.exitFullscreen()")
    room.page.get_by_role("button", name="返回全屏").click()


def our_own_dialog(room: Room) -> None:
    room.page.get_by_role("button", name="提交试卷").first.click()
    room.page.get_by_role("button", name="继续作答").click()


def focus_in_an_own_frame(room: Room) -> None:
    room.page.evaluate(
        """() => {
          const frame = document.createElement("iframe");
          frame.id = "own";
          document.body.append(frame);
          frame.contentDocument.body.append(document.createElement("input"));
          frame.contentDocument.querySelector("input").focus();
        }"""
    )
    room.page.frame_locator("#own").locator("input").fill("1")
    room.page.evaluate("document.querySelector('#own').remove()")


def printing(room: Room) -> None:
    room.page.evaluate("window.print()")


def a_lost_network(room: Room) -> None:
    room.context.set_offline(True)
    expect(room.page.get_by_text("网络连接中断，正在自动重连")).to_be_visible()
    room.context.set_offline(False)
    expect(room.page.get_by_text("网络连接中断，正在自动重连")).to_have_count(0)


def keys_and_clicks(room: Room) -> None:
    for key in ("Tab", "ArrowRight", "ArrowLeft", "1", "m", "F2", "Control+c", "Shift+Tab"):
        room.page.keyboard.press(key)
    room.page.locator("#stem").click(button="right")
    room.page.keyboard.press("Escape")


def the_back_button(room: Room) -> None:
    room.page.evaluate("history.back()")
    room.page.get_by_role("button", name="留在本页").click()


def a_busy_page(room: Room) -> None:
    """The computer stalls for two seconds."""
    room.page.evaluate(
        "() => { const end = performance.now() + 2000; while (performance.now() < end); }"
    )


COUNTED = [
    another_tab,
    a_new_tab_by_the_keyboard,
    another_window,
    minimised,
    escape_and_gone,
    escape_then_another_tab,
    tab_after_tab,
    offline_and_away,
]
TOO_SHORT = [a_glance, a_flickering_window, escape_and_back]
NOTHING = [
    our_own_dialog,
    focus_in_an_own_frame,
    printing,
    a_lost_network,
    keys_and_clicks,
    the_back_button,
    a_busy_page,
]


@pytest.mark.parametrize("story", COUNTED, ids=lambda story: story.__name__)
def test_counts_once(room: Room, story: Callable[[Room, int], None]) -> None:
    before, seq = len(room.switches()), room.seq()
    story(room, before)
    expect(room.page.get_by_role("dialog", name="切屏提醒")).to_contain_text(f"{before + 1} / 20")
    room.settle()
    room.until_over(seq + 1)
    assert len(room.switches()) == before + 1
    assert room.seq() == seq + 1  # one absence, however many events it fired
    expect(room.page.get_by_text(f"切屏 {before + 1}/20 次")).to_be_visible()


@pytest.mark.parametrize("story", TOO_SHORT, ids=lambda story: story.__name__)
def test_is_noted_and_does_not_count(room: Room, story: Callable[[Room], None]) -> None:
    before, seq = len(room.switches()), room.seq()
    story(room)
    room.settle()
    room.until_over(seq + 1)
    assert len(room.switches()) == before
    expect(room.page.get_by_text(f"切屏 {before}/20 次")).to_be_visible()


@pytest.mark.parametrize("story", NOTHING, ids=lambda story: story.__name__)
def test_is_no_absence(room: Room, story: Callable[[Room], None]) -> None:
    before, seq = len(room.switches()), room.seq()
    story(room)
    room.settle()
    room.glance()
    room.settle()
    room.until_over(seq + 1)
    assert room.seq() == seq + 1
    assert len(room.switches()) == before


@pytest.mark.parametrize("how", ["reload", "close"])
def test_a_lost_page_counts_once_when_it_comes_back(room: Room, how: str) -> None:
    before, at = len(room.switches()), room.page.locator("#stem .number").inner_text()
    if how == "reload":
        room.page.reload()
    else:
        room.page.close()
        room.page = room.context.new_page()
    pass_the_face_check(room.sitter)
    room.page.goto(f"{room.cloud.address}{room.sitter.page}")
    expect(room.page.get_by_text(f"进入考场时记为第 {before + 1} 次切屏")).to_be_visible()
    assert len(room.switches()) == before
    steps.go_on(room.page)
    steps.enter(room.page)
    room.until_counted(before + 1)
    room.page.get_by_role("button", name="进入全屏，继续作答").click()
    expect(room.page.locator("#stem .number")).to_have_text(at)
    expect(room.page.get_by_text(f"切屏 {before + 1}/20 次")).to_be_visible()
    room.glance()
    room.settle()
    room.until_over(1)  # each page counts its absences from 1
    assert len(room.switches()) == before + 1


def test_the_third_switch_hands_the_paper_in(cloud: Cloud, own: OwnChromium, guard: Guard) -> None:
    room = sit_down(cloud, own, guard, cloud.publish(starts_in_min=2))
    for count in (1, 2):
        room.leave()
        room.until_counted(count)
        room.come_back()
        told = room.page.get_by_role("dialog", name="切屏提醒")
        expect(told).to_contain_text(f"{count} / 3")
        room.settle()
        room.until_over(count)
    letters = steps.answer(room.page, 5)
    room.leave()
    cloud.until(lambda: cloud.attempt(room.sitter.attempt_id)["status"], "submitted")
    room.come_back()
    expect(room.page.get_by_role("heading", name="考试结果")).to_be_visible()
    expect(room.page.get_by_text("切屏达到次数，系统自动收卷")).to_be_visible()
    attempt = cloud.attempt(room.sitter.attempt_id)
    assert (attempt["cause"], len(attempt["switches"])) == ("switches", 3)
    assert attempt["answers"]["5"] == letters
