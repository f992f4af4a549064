"""The whole day: of one whose browser is killed in the middle of it, and of one who has a keyboard only."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.web import day, keyboard, steps
from tests.web.browsing import Guard, OwnChromium, barriers, out_of_sight
from tests.web.cloud import MINUTE_MS, Cloud
from tests.web.conftest import Open

Answers = dict[str, str | list[str]]


def answers(cloud: Cloud, attempt_id: str) -> Answers:
    """What the server has, without the questions that are still open."""
    stored = cloud.attempt(attempt_id)["answers"]
    return {number: given for number, given in stored.items() if given}


def shown(page: Page, numbers: range) -> Answers:
    """What the page shows as chosen or written."""
    chosen: Answers = {}
    for number in numbers:
        steps.go_to(page, number)
        blanks = page.locator("#stem input").all()
        if blanks:
            chosen[str(number)] = [blank.input_value() for blank in blanks]
            continue
        ticked = page.locator("fieldset input:checked").all()
        chosen[str(number)] = "".join(box.get_attribute("value") or "" for box in ticked)
    return chosen


STEPS = ("notice", "camera", "network")


def accessible(page: Page) -> day.Seen:
    """Every screen on the way has no barriers."""

    def seen(name: str) -> None:
        assert barriers(page) == [], name
        if name in ("sign-in", "identity"):
            assert out_of_sight(page) == [], name

    return seen


def as_stored(page: Page, cloud: Cloud, attempt_id: str) -> day.Seen:
    """Nor has a step of the check-in, and the server has exactly those before it."""
    done = {"notice": 0, "camera": 1, "network": 2, "face": 3, "photo": 3, "enter": 3}

    def seen(name: str) -> None:
        attempt = cloud.attempt(attempt_id)
        assert tuple(attempt["check_in"]["steps"]) == STEPS[: done[name]]
        states = [check["state"] for check in attempt["verifications"]]
        assert states == (["passed"] if name == "enter" else [])
        if name != "face":  # it is over before axe has looked
            assert barriers(page) == [], name
            assert out_of_sight(page) == [], name

    return seen


def come_to_the_face_check(context: BrowserContext, attempt_id: str, cloud: Cloud) -> None:
    """The first three steps once more, in short."""
    bodies = (
        {"request_id": "once-more", "agreements": ["identity-authorization"]},
        {"camera_on": True},
        {"down_mbps": 9.3, "up_mbps": 4.9, "latency_ms": 21},
    )
    for step, body in zip(STEPS, bodies, strict=True):
        url = f"{cloud.address}/api/attempts/{attempt_id}/check-in/{step}"
        assert context.request.post(url, data=body).ok


def sign_in_again(page: Page, cloud: Cloud, phone: str) -> None:
    """The cookie of the session may or may not have reached the disk before the kill."""
    steps.prove_phone(page, cloud, phone)
    dialog = page.get_by_role("dialog", name="登录")
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_have_count(0)


def test_the_whole_day_by_keyboard_alone(cloud: Cloud, open_page: Open) -> None:
    exam_id = cloud.publish(starts_in_min=20)
    page = open_page(f"/exam/detail?id={exam_id}", cloud.candidate())
    steps.press(page, "开始考试")
    person = keyboard.Day(page, cloud, keyboard.CHINESE)
    person.check_in()
    person.wait_for_the_bell()
    person.answer_all()
    assert len(answers(cloud, person.attempt_id)) == keyboard.QUESTIONS
    person.hand_in()


def test_a_whole_day_with_a_lost_network_and_a_killed_browser(
    cloud: Cloud, own: OwnChromium, guard: Guard, pictures: str
) -> None:
    exam_id = cloud.publish(starts_in_min=20)
    context = own.start()
    guard.watch(context)
    page = context.pages[0]
    attempt_id = day.to_the_attempt(page, cloud, exam_id, Path(pictures), accessible(page))
    assert cloud.attempt(attempt_id)["status"] == "opened"
    day.check_in(page, as_stored(page, cloud, attempt_id))
    assert cloud.attempt(attempt_id)["page"] == 1

    steps.wait_for_the_bell(page, cloud, attempt_id)
    steps.start(page)
    assert cloud.attempt(attempt_id)["status"] == "started"
    given = {str(n): steps.answer(page, n) for n in range(1, 9)}
    steps.expect_all_saved(page)
    assert answers(cloud, attempt_id) == given

    context.set_offline(True)
    given |= {str(n): steps.answer(page, n) for n in range(9, 12)}
    expect(page.get_by_text("3 题未保存")).to_be_visible()
    context.set_offline(False)
    steps.expect_all_saved(page)
    assert answers(cloud, attempt_id) == given

    context.set_offline(True)
    safe = dict(given)
    given |= {str(n): steps.answer(page, n) for n in range(12, 15)}
    expect(page.get_by_text("3 题未保存")).to_be_visible()
    cloud.until(lambda: steps.on_disk(page, attempt_id, 14), given["14"])
    own.kill()
    assert answers(cloud, attempt_id) == safe  # the last three are on this computer only

    cloud.advance(2 * MINUTE_MS)
    context = own.start()
    guard.watch(context)
    page = context.pages[0]
    page.goto(f"{cloud.address}/attempts/{attempt_id}")
    dialog = page.get_by_role("dialog", name="登录")
    safely = page.get_by_text("服务器已保存 11 题。另有 3 题的最新作答还在这台电脑上")
    expect(dialog.or_(safely)).to_be_visible()
    if dialog.is_visible():
        sign_in_again(page, cloud, cloud.newest_phone)
    expect(safely).to_be_visible()
    expect(page.get_by_text("现在还没有计次；进入考场时记为第 1 次切屏")).to_be_visible()
    assert barriers(page) == []
    steps.go_on(page)
    steps.expect_step(page, "考试须知")
    come_to_the_face_check(context, attempt_id, cloud)
    page.reload()
    steps.go_on(page)
    steps.verify(page)
    steps.enter(page)
    expect(page.get_by_text("这次回来已记为第 1 次切屏")).to_be_visible()
    assert len(cloud.attempt(attempt_id)["switches"]) == 1
    page.get_by_role("button", name="进入全屏，继续作答").click()
    steps.expect_question(page, 14)  # where they were
    steps.expect_all_saved(page)
    assert answers(cloud, attempt_id) == given
    assert shown(page, range(1, 15)) == given

    given |= {str(n): steps.answer(page, n) for n in range(15, 21)}
    steps.submit(page)
    expect(page.locator(".score")).to_contain_text("100")
    expect(page.get_by_text("合格", exact=True)).to_be_visible()
    expect(page.get_by_text("答案回执：已保存 20 题")).to_be_visible()
    attempt = cloud.attempt(attempt_id)
    assert (attempt["status"], attempt["cause"]) == ("submitted", "candidate")
    assert answers(cloud, attempt_id) == given
