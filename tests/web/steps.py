"""What a person does on the page, step by step, and what they wait to see."""

import random
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from chalicelib.exams.blanks import accepted_answers
from chalicelib.exams.content import Text, inlines_of
from chalicelib.exams.questions import Question
from examples.demo_candidate import example_bank, made_up_id_number, right_options
from tests.web.cloud import Candidate, Cloud

BANK = tuple(example_bank().values())


def prove_phone(page: Page, cloud: Cloud, phone: str) -> None:
    """Type the number, solve the picture, ask for the code, type it."""
    with page.expect_response("**/api/captchas") as drawn:
        page.get_by_label("手机号", exact=True).fill(phone)
    captcha = page.get_by_label("图形验证码", exact=True)
    captcha.fill(cloud.captcha(drawn.value.json()["captcha_id"]))
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送至")).to_be_visible()
    page.get_by_label("验证码", exact=True).fill(cloud.code(phone))


def sign_in_unknown(page: Page, cloud: Cloud, phone: str) -> None:
    """手机快捷登录 with a number that nobody has registered: the dialog says so and offers registration."""
    page.get_by_role("button", name="去登录").click()
    dialog = page.get_by_role("dialog")
    prove_phone(page, cloud, phone)
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()


def register(page: Page, cloud: Cloud, phone: str, seen: Callable[[], None] = lambda: None) -> None:
    """新用户注册, on its own page; `seen` is called when the form is filled in."""
    prove_phone(page, cloud, phone)
    page.get_by_label("代理机构从业人员").check()
    page.get_by_label("我已阅读并同意").check()
    seen()
    page.get_by_role("button", name="立即注册").click()


def fill_in_identity(page: Page, photo: Path, seed: int) -> str:
    """身份信息 with an ID photo, in the dialog or in 个人中心; the ID number. Does not save."""
    number = made_up_id_number(random.Random(seed))
    page.get_by_label("证件照片").locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_text("照片已通过检查").first).to_be_visible()
    page.get_by_label("真实姓名").fill("张三")
    page.get_by_label("证件类型").select_option(label="居民身份证")
    page.get_by_label("证件号码").fill(number)
    page.get_by_label("代理机构从业人员").check()
    page.get_by_label("所属单位").fill("示例招标代理有限公司")
    page.get_by_label("省级地区").select_option(label="山西省")
    page.get_by_label("城市").fill("太原市")
    return number


def list_all_exams(page: Page) -> None:
    """On the portal: show all pages of the exams that are not over. Other tests of the same cloud have theirs, too."""
    exams = page.locator("li.exam")
    more = page.locator("button.more:visible")
    expect(exams.first).to_be_visible()
    while more.count():
        listed = exams.count()
        more.first.click()
        expect(exams.nth(listed)).to_be_attached()


def next_step(page: Page) -> None:
    page.get_by_role("button", name="下一步").click()


def expect_step(page: Page, name: str) -> None:
    """Wait until the stepper of 考前确认 stands there."""
    expect(page.locator('[aria-current="step"]')).to_contain_text(name)


def agree(page: Page) -> None:
    """考试须知."""
    expect_step(page, "考试须知")
    page.get_by_label("我已同意").check()
    next_step(page)


def switch_camera_on(page: Page) -> None:
    """设备检测."""
    expect_step(page, "设备检测")
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    next_step(page)


def measure_network(page: Page) -> None:
    """网络环境检测."""
    expect_step(page, "网络环境检测")
    expect(page.get_by_text("检测完成")).to_be_visible()
    next_step(page)


def wait_for_photo(page: Page) -> None:
    """身份核验: the frame turns green and takes the photo by itself."""
    expect_step(page, "身份核验")
    expect(page.get_by_role("img", name="刚拍摄的照片")).to_be_visible()


def verify(page: Page) -> None:
    """开始核验 with the photo that the camera takes of the candidate."""
    wait_for_photo(page)
    page.get_by_role("button", name="开始核验").click()
    expect_step(page, "进入考场")


def enter(page: Page) -> None:
    """进入考场."""
    expect_step(page, "进入考场")
    page.get_by_role("button", name="进入考场").click()
    expect(page.locator('[aria-current="step"]')).to_have_count(0)


def look_at_the_clock(page: Page) -> None:
    """What a page does when the network was away: it asks what time it is and says that it lives."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def film(page: Page, seconds: int, step_s: int = 1) -> None:
    """Let time pass on a page whose clock is Playwright's (`page.clock.install()`).

    Timers run as fast as the camera has a new picture for each step. The preview of the exam shows fewer, so the
    pictures are counted by a video of the test's own.
    """
    next_picture = """async () => {
      if (!window.everyPicture) {
        const video = { frameRate: { ideal: 15 } };
        window.everyPicture = document.createElement("video");
        window.everyPicture.srcObject = await navigator.mediaDevices.getUserMedia({ video });
        await window.everyPicture.play();
      }
      await new Promise((seen) => window.everyPicture.requestVideoFrameCallback(seen));
    }"""
    for _ in range(0, seconds, step_s):
        page.evaluate(next_picture)
        page.clock.run_for(1000 * step_s)


def go_on(page: Page) -> None:
    """Read how the running exam stands that one comes back to, and go on to the check-in."""
    expect(page.get_by_role("heading", name="考试正在进行")).to_be_visible()
    page.get_by_role("button", name="继续考前确认").click()


def wait_for_the_bell(page: Page, cloud: Cloud, attempt_id: str) -> None:
    """候考, until 开始考试 appears by itself."""
    expect(page.get_by_role("heading", name="候考", exact=True)).to_be_visible()
    cloud.advance_to(int(cloud.attempt(attempt_id)["starts_at"]))
    look_at_the_clock(page)
    expect(page.get_by_role("button", name="开始考试")).to_be_visible()


def start(page: Page) -> None:
    """开始考试: full screen, and the first question."""
    page.get_by_role("button", name="开始考试").click()
    expect_question(page, 1)
    assert page.evaluate("document.fullscreenElement !== null")


def into_the_exam(page: Page, cloud: Cloud, sitter: Candidate) -> None:
    """For stories that begin at the first question: the check-in is done already, by the API."""
    enter(page)
    wait_for_the_bell(page, cloud, sitter.attempt_id)
    start(page)


def expect_question(page: Page, number: int) -> None:
    expect(page.locator("#stem .number")).to_have_text(f"{number}.")


def go_to(page: Page, number: int) -> None:
    """By the answer sheet."""
    page.get_by_role("button", name=f"第 {number} 题").click()
    expect_question(page, number)


def known_question(page: Page) -> Question:
    """The question that is shown: the candidate has learnt the example bank."""
    shown = "".join(page.locator("#stem").inner_text().split())
    return next(question for question in BANK if _beginning(question) in shown)


def _beginning(question: Question) -> str:
    """The text of a stem up to its first blank, formula or picture."""
    first = next(inlines_of(question.stem))
    assert isinstance(first, Text)
    return "".join(first.text.split())


def right_answer(page: Page) -> str | list[str]:
    """The letters of the right options of the question that is shown, or the texts of its blanks."""
    question = known_question(page)
    if not question.type.has_options:
        return [accepted[0] for accepted in accepted_answers(question.key)]
    right = right_options(question)
    return "".join(
        option.locator("input").get_attribute("value") or ""
        for option in page.locator("fieldset label").all()
        if option.locator("span").last.inner_text() in right
    )


def answer(page: Page, number: int, wanted: str | list[str] | None = None) -> str | list[str]:
    """Go to a question and tick these options, or fill in these texts, or the right ones; returns them."""
    go_to(page, number)
    given = right_answer(page) if wanted is None else wanted
    if isinstance(given, str):
        for letter in given:
            page.locator(f'fieldset input[value="{letter}"]').check()
    else:
        for blank, text in zip(page.locator("#stem input").all(), given, strict=True):
            blank.fill(text)
    return given


def expect_all_saved(page: Page) -> None:
    expect(page.get_by_text("答案已全部保存")).to_be_visible()


def submit(page: Page) -> None:
    """提交试卷, and yes."""
    page.get_by_role("button", name="提交试卷").first.click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_role("heading", name="考试结果")).to_be_visible()


def on_disk(page: Page, attempt_id: str, number: int) -> str | list[str]:
    """What this computer keeps for a question: letters, or the texts of its blanks."""
    read = """([name, number]) => new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => {
        const store = opening.result;
        const reading = store.transaction("answers").objectStore("answers").get(number);
        reading.onsuccess = () => (store.close(), resolve(reading.result?.letters ?? ""));
      };
    })"""
    kept: str | list[str] = page.evaluate(read, [f"kaochang-{attempt_id}", number])
    return kept


def reach(page: Page, name: str) -> None:
    """Press Tab until this stands in the focus."""
    focused = """() => {
      const at = document.activeElement;
      if (at === document.body || at.matches("dialog")) return ""; // a dialog that scrolls can be focused
      return at.ariaLabel || at.labels?.[0]?.innerText || at.innerText || "";
    }"""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name in page.evaluate(focused):
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Wait for a control that can be used, go to it by Tab, press a key there."""
    control = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
    if key == "Enter":
        expect(control.first).to_be_enabled()
    reach(page, name)
    page.keyboard.press(key)
