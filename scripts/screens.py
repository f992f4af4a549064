"""Take the pictures of docs/screens: every screen of the candidates' page, and of the operators' dashboard.

    python -m scripts.screens [DEST] [page|english|desk]        # default: docs/screens, all three

Starts an embedded cloud of its own, plays an exam day in a real Chromium and writes one picture for each
screen; of the main ones also a dark one and one in English. Faces are made unrecognisable before anything
is written.
"""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from scripts import small_pictures
from scripts.stage import staged
from tests.emulator.launching import PROJECT
from tests.web import day, desk, steps
from tests.web.browsing import sign_in
from tests.web.cloud import Cloud

DEST = PROJECT / "docs" / "screens"
PICTURES = PROJECT / "var" / "pictures"
DARK = {"portal", "exam", "photo", "waiting", "exam-question", "exam-material", "result"}
Play = Callable[[Page, Cloud, Path], None]
# Of those who have written before the operators' day.
RIGHT_ANSWERS = (20, 18, 17, 16, 15, 14, 12, 11, 10, 8, 7, 4)
# Where a face may be: the camera's picture, the photo just taken, the ID photo. A film that has begun
# is waited for; what was scrolled goes back to its top. Pictures of questions stay as they are.
PREPARE = """async () => {
  const faces = "video, img:not([src$='.svg'], [src^='data:'], .content img), .kc img";
  for (const film of document.querySelectorAll("video")) {
    while (film.srcObject && !film.currentTime) await new Promise(requestAnimationFrame);
  }
  for (const face of document.querySelectorAll(faces)) {
    face.style.filter = `blur(${face.clientWidth / 15}px)`;
    face.style.clipPath = "inset(0)";
  }
  document.activeElement?.blur();
  for (const part of document.querySelectorAll("html, dialog, dialog *")) part.scrollTop = 0;
}"""
RESTORE = """() => {
  for (const face of document.querySelectorAll("video, img")) {
    face.style.removeProperty("filter");
    face.style.removeProperty("clip-path");
  }
}"""


def shoot(page: Page, file: Path, part: Locator | None = None) -> None:
    """Write one screen, or a part of it, as a small PNG, after all animation. Faces are unrecognisable."""
    page.mouse.move(0, 0)  # no button looks as if it were pointed at
    page.evaluate(PREPARE)
    data = (part or page).screenshot(animations="disabled", caret="hide")
    page.evaluate(RESTORE)
    file.parent.mkdir(parents=True, exist_ok=True)
    small_pictures.write(data, file)


def main(dest: Path, part: str) -> None:
    """Play the parts, or the one that is named, and write their pictures. Each part has a cloud of its own."""
    plays: dict[str, Play] = {"page": live, "english": read_english, "desk": work}
    for play in [plays[part]] if part else plays.values():
        with staged() as stage:
            play(stage.page, stage.cloud, dest)


def publish(cloud: Cloud) -> str:
    """Publish three exams; the id of the one whose waiting room is open."""
    for example in ("agency-practitioners", "evaluation-experts"):
        cloud.publish(starts_in_min=150, pack=example)
    return cloud.publish(starts_in_min=20)


def live(page: Page, cloud: Cloud, dest: Path) -> None:
    """Play the day of `tests/web/day.py`, with a picture at each stop."""
    numbers = itertools.count(1)

    def seen(name: str) -> None:
        number = next(numbers)
        shoot(page, dest / f"{number:02}-{name}.png")
        if name in DARK:
            page.emulate_media(color_scheme="dark")
            shoot(page, dest / f"{number:02}-{name}-dark.png")
            page.emulate_media(color_scheme="light")

    for old in dest.glob("[0-9]*.png"):
        old.unlink()
    attempt_id = day.to_the_attempt(page, cloud, publish(cloud), PICTURES, seen)
    day.check_in(page, seen)
    day.sit(page, cloud, attempt_id, seen)
    accused = cloud.sat("frame_two.jpg", frames=3)
    page.context.clear_cookies()
    sign_in(page.context, cloud, accused)
    page.goto(f"{cloud.address}{accused.page}")
    expect(page.get_by_role("img", name="画面中有多人")).to_have_count(3)
    seen("result-accused")
    page.get_by_role("button", name="我要投诉").click()
    seen("complaint")
    look_around(page, cloud, seen)
    have_trouble(page, cloud, seen)


def look_around(page: Page, cloud: Cloud, seen: day.Seen) -> None:
    """Open the screens that the day leads past."""
    page.goto(f"{cloud.address}/me/tickets")
    expect(page.get_by_text("您还没有提交过工单")).to_be_visible()
    seen("my-tickets")
    page.get_by_role("button", name="去反馈").click()
    page.get_by_label("问题类型").select_option(label="摄像头无法使用")
    page.get_by_label("问题说明").fill("换过两个摄像头，画面都是黑的。")
    seen("ticket")
    page.goto(f"{cloud.address}/me/record")
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    seen("my-record")
    page.goto(f"{cloud.address}/device-check")
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    page.get_by_role("button", name="检测网络").click()
    expect(page.get_by_text("网络状况良好")).to_be_visible()
    seen("device-check")
    page.goto(f"{cloud.address}/agreements/privacy")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    seen("agreement")
    page.goto(f"{cloud.address}/nowhere")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    seen("not-found")


def have_trouble(page: Page, cloud: Cloud, seen: day.Seen) -> None:
    """Read an announcement in the exam, ask for help, lose full screen, and come back after a reload."""
    exam_id = cloud.publish(starts_in_min=5, heartbeat_exam_s=5)
    sitter = cloud.sitter(exam_id, own_account=True)
    sitter.check_in()
    sitter.verify("frame_a.jpg", "passed")
    page.context.clear_cookies()
    sign_in(page.context, cloud, sitter)
    page.goto(f"{cloud.address}{sitter.page}")
    steps.into_the_exam(page, cloud, sitter)
    for number in range(1, 6):
        steps.answer(page, number)
    steps.expect_all_saved(page)
    browser = page.context.browser
    assert browser is not None
    operator = browser.new_page()
    operator.goto(cloud.address + desk.CONSOLE)
    desk.announce(
        operator, desk.watch(operator, exam_id), cloud, "服务器短时繁忙，已恢复；答题时间不受影响"
    )
    operator.close()
    news = page.get_by_role("region", name="新通知")
    expect(news).to_be_visible()
    seen("exam-announcement")
    news.get_by_role("button", name="我知道了").click()
    page.get_by_role("button", name="请求帮助").click()
    dialog = page.get_by_role("dialog", name="请求帮助")
    dialog.get_by_label("题目显示不正常").check()
    seen("exam-help")
    dialog.get_by_role("button", name="关闭").last.click()
    page.evaluate("document.exitFullscreen()")
    expect(page.get_by_role("dialog", name="切屏提醒")).to_be_visible()
    seen("exam-switch")
    page.reload()
    expect(page.get_by_role("heading", name="考试正在进行")).to_be_visible()
    expect(page.get_by_role("timer")).to_be_visible()
    seen("coming-back")


def read_english(page: Page, cloud: Cloud, dest: Path) -> None:
    """Walk through the main screens in English, with a picture of each."""
    numbers = itertools.count(1)
    for old in dest.glob("en-*.png"):
        old.unlink()

    def seen(name: str, sign: Locator) -> None:
        expect(sign).to_be_visible()
        shoot(page, dest / f"en-{next(numbers):02}-{name}.png")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).first.click()

    exam_id = publish(cloud)
    sitter = cloud.sitter(exam_id, own_account=True)
    page.goto(f"{cloud.address}/en/")
    seen("portal", page.locator("li.exam").first)
    page.goto(f"{cloud.address}/en/exam/detail?id={exam_id}")
    press("Sign in")
    seen("sign-in", page.get_by_role("dialog", name="Sign in").get_by_role("checkbox"))
    sign_in(page.context, cloud, sitter)
    page.goto(f"{cloud.address}/en{sitter.page}")
    page.get_by_role("checkbox").check()
    seen("notice", page.get_by_role("button", name="Next", exact=True))
    press("Next")
    press("Turn on the camera")
    expect(page.get_by_text("The camera works")).to_be_visible()
    press("Next")
    expect(page.get_by_text("Check complete")).to_be_visible()
    press("Next")
    seen("face", page.get_by_role("img", name="The photo just taken"))
    press("Start the check")
    steps.expect_step(page, "Enter the room")
    press("Enter the room")
    seen("waiting", page.get_by_role("heading", name="Waiting room", exact=True))
    cloud.advance_to(int(cloud.attempt(sitter.attempt_id)["starts_at"]))
    steps.look_at_the_clock(page)
    press("Start exam")
    for number in range(1, 5):
        steps.expect_question(page, number)
        page.locator("fieldset input").first.check()
        press("Next")
    seen("exam", page.get_by_text("All answers saved"))
    passed = cloud.sat()
    page.context.clear_cookies()
    sign_in(page.context, cloud, passed)
    page.goto(f"{cloud.address}/en{passed.page}")
    seen("result", page.locator(".score"))


def work(page: Page, cloud: Cloud, dest: Path) -> None:
    """Play the operators' day of `tests/web/desk.py`, with a picture of each widget.

    Twelve others have written when it begins, so that charts have something to show.
    """
    numbers = itertools.count(1)
    for old in dest.glob("op-*.png"):
        old.unlink()

    def seen(name: str, widget: Locator | None) -> None:
        shoot(page, dest / f"op-{next(numbers):02}-{name}.png", widget)

    person = desk.sitter(cloud)
    for right in RIGHT_ANSWERS:
        sit(cloud, person.exam_id, right)
    desk.work(page, cloud, person, seen)
    desk.afterwards(page, cloud, person.exam_id, seen)


def sit(cloud: Cloud, exam_id: str, right: int) -> None:
    """Somebody who answers the first questions rightly, the next ones wrongly, and leaves the last two empty."""
    other = cloud.sitter(exam_id, own_account=True)
    other.check_in()
    other.verify("frame_a.jpg", "passed")
    other.enter_waiting_room()
    other.start_at_the_bell()
    for number, known in other.known_answers().items():
        if number <= right:
            other.save(number, known)
        elif number <= 18 and isinstance(known, str):
            other.save(number, "B" if known == "A" else "A")
    other.submit()


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(Path(given.get(0, DEST)), given.get(1, ""))
