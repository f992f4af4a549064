"""The exam day of somebody who has a keyboard only, in Chinese or in English. A test and `scripts/walk.py` use it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from examples.demo_candidate import made_up_id_number
from tests.web import steps
from tests.web.cloud import Cloud

QUESTIONS = 20
OFFLINE_AT = 2  # the question that is answered without a network


@dataclass(frozen=True)
class Words:
    """What the page calls that which is pressed, filled in or waited for. `root`: where its language lies."""

    root: str
    start: str
    sign_in: str
    create_account: str
    phone: str
    captcha: str
    send_code: str
    code_sent: str
    role: str
    consent: str
    register: str
    identity: str
    choose_photo: str
    photo_accepted: str
    name: str
    id_type: str
    id_number: str
    organisation: str
    province: str
    save: str
    steps: tuple[str, str, str, str, str]
    agree: str
    next: str
    camera_on: str
    camera_works: str
    network_done: str
    photo_taken: str
    start_check: str
    enter: str
    waiting: str
    clear: str
    all_saved: str
    not_saved: str
    back_to_fullscreen: str
    ask_for_help: str
    hand_in: str
    hand_in_now: str
    result: str
    complain: str
    send_complaint: str


CHINESE = Words(
    root="",
    start="开始考试",
    sign_in="登录",
    create_account="新用户注册",
    phone="手机号",
    captcha="图形验证码",
    send_code="获取验证码",
    code_sent="验证码已发送至",
    role="代理机构从业人员",
    consent="我已阅读并同意",
    register="立即注册",
    identity="完善身份信息",
    choose_photo="选择照片",
    photo_accepted="照片已通过检查",
    name="真实姓名",
    id_type="证件类型",
    id_number="证件号码",
    organisation="所属单位",
    province="省级地区",
    save="保存并继续",
    steps=("考试须知", "设备检测", "网络环境检测", "身份核验", "进入考场"),
    agree="我已同意",
    next="下一步",
    camera_on="点击开启摄像头",
    camera_works="摄像头状态正常",
    network_done="检测完成",
    photo_taken="刚拍摄的照片",
    start_check="开始核验",
    enter="进入考场",
    waiting="候考",
    clear="清除本题答案",
    all_saved="答案已全部保存",
    not_saved="1 题未保存",
    back_to_fullscreen="返回全屏",
    ask_for_help="请求帮助",
    hand_in="提交试卷",
    hand_in_now="确认提交",
    result="考试结果",
    complain="我要投诉",
    send_complaint="提交投诉",
)
ENGLISH = Words(
    root="/en",
    start="Start exam",
    sign_in="Sign in",
    create_account="Create an account",
    phone="Mobile number",
    captcha="Picture code",
    send_code="Send code",
    code_sent="A code was sent to",
    role="Agency practitioners",
    consent="I have read and agree",
    register="Create account",
    identity="Complete your identity details",
    choose_photo="Choose a photo",
    photo_accepted="The photo is accepted",
    name="Name",
    id_type="ID document",
    id_number="ID number",
    organisation="Organisation",
    province="Province",
    save="Save and continue",
    steps=("Exam rules", "Device check", "Network check", "Identity check", "Enter the room"),
    agree="I agree to the",
    next="Next",
    camera_on="Turn on the camera",
    camera_works="The camera works",
    network_done="Check complete",
    photo_taken="The photo just taken",
    start_check="Start the check",
    enter="Enter the room",
    waiting="Waiting room",
    clear="Clear this answer",
    all_saved="All answers saved",
    not_saved="1 answer not saved",
    back_to_fullscreen="Return to full screen",
    ask_for_help="Ask for help",
    hand_in="Hand in",
    hand_in_now="Hand in now",
    result="Exam result",
    complain="Make a complaint",
    send_complaint="Send the complaint",
)


@dataclass
class Day:
    """The day, part by part; `seen` is called at each stop, with its name."""

    page: Page
    cloud: Cloud
    words: Words
    seen: Callable[[str], None] = lambda name: None
    _kinds: set[str] = field(default_factory=set)  # of questions, that were seen

    # --- before the exam day ---

    def choose_exam(self, exam_id: str) -> None:
        """From the portal to an exam."""
        self.page.goto(f"{self.cloud.address}{self.words.root}/")
        exam = self.page.locator(f'li.exam a[href$="/exam/detail?id={exam_id}"]')
        expect(exam).to_be_visible()
        self.seen("portal")
        steps.press(self.page, exam.inner_text())
        expect(self._button(self.words.start)).to_be_visible()
        self.seen("exam")

    def register(self) -> None:
        """开始考试 without an account: the dialog of the sign-in, and from there 新用户注册."""
        steps.press(self.page, self.words.start)
        dialog = self._dialog(self.words.sign_in)
        expect(dialog.get_by_label(self.words.phone)).to_be_focused()
        self.seen("sign-in")
        self._submit_empty(dialog, "sign-in-errors")
        steps.press(self.page, self.words.create_account)
        steps.reach(self.page, self.words.phone)
        self._submit_empty(self.page.get_by_role("main"), "register-errors")
        self._prove_phone()
        self._press_choice(self.words.role)
        self._press_choice(self.words.consent)
        self.seen("register")
        steps.press(self.page, self.words.register)
        self.page.wait_for_url("**/exam/detail?id=*")

    def _submit_empty(self, form: Locator, name: str) -> None:
        self.page.keyboard.press("Enter")
        expect(form.get_by_role("alert").first).to_be_visible()
        self.seen(name)

    def _prove_phone(self) -> None:
        phone = self.cloud.phone()
        with self.page.expect_response("**/api/captchas") as drawn:
            self.page.keyboard.insert_text(phone)  # the focus stands in the field
        steps.reach(self.page, self.words.captcha)
        self.page.keyboard.type(self.cloud.captcha(drawn.value.json()["captcha_id"]))
        steps.press(self.page, self.words.send_code)
        expect(self.page.get_by_text(self.words.code_sent)).to_be_visible()
        self.page.keyboard.type(self.cloud.code(phone))  # the focus goes to the field by itself

    def complete_identity(self, photo: Path) -> None:
        """开始考试 once more: what is missing of 身份信息, in the dialog."""
        steps.press(self.page, self.words.start)
        dialog = self._dialog(self.words.identity)
        expect(dialog).to_be_visible()
        self.seen("identity")
        steps.reach(self.page, self.words.name)
        self._submit_empty(dialog, "identity-errors")
        with self.page.expect_file_chooser() as chooser:
            steps.press(self.page, self.words.choose_photo)
        chooser.value.set_files(photo)
        expect(self.page.get_by_text(self.words.photo_accepted).first).to_be_visible()
        self._type(self.words.name, "张三")
        steps.reach(self.page, self.words.id_type)
        self.page.keyboard.press("ArrowDown")
        self._type(self.words.id_number, made_up_id_number(random.Random(1)))
        self._type(self.words.organisation, "示例招标代理有限公司")
        steps.reach(self.page, self.words.province)
        self.page.keyboard.press("ArrowDown")
        self.seen("identity-complete")
        steps.press(self.page, self.words.save)

    def _type(self, field: str, text: str) -> None:
        steps.reach(self.page, field)
        self.page.keyboard.insert_text(text)

    # --- the exam day ---

    def check_in(self) -> None:
        """考前确认, from its first step into 候考."""
        rules, device, network, face, enter = self.words.steps
        steps.expect_step(self.page, rules)
        self.seen("notice")
        self._press_choice(self.words.agree)
        steps.press(self.page, self.words.next)
        steps.expect_step(self.page, device)
        steps.press(self.page, self.words.camera_on)
        expect(self.page.get_by_text(self.words.camera_works)).to_be_visible()
        self.seen("camera")
        steps.press(self.page, self.words.next)
        steps.expect_step(self.page, network)
        expect(self.page.get_by_text(self.words.network_done)).to_be_visible()
        self.seen("network")
        steps.press(self.page, self.words.next)
        steps.expect_step(self.page, face)
        expect(self.page.get_by_role("img", name=self.words.photo_taken)).to_be_visible()
        self.seen("photo")
        steps.press(self.page, self.words.start_check)
        steps.expect_step(self.page, enter)
        self.seen("enter")
        steps.press(self.page, self.words.enter)

    def wait_for_the_bell(self) -> None:
        """候考, until 开始考试 can be pressed; it is."""
        waiting = self.page.get_by_role("heading", name=self.words.waiting, exact=True)
        expect(waiting).to_be_visible()
        self.seen("waiting")
        self.cloud.advance_to(int(self.cloud.attempt(self.attempt_id)["starts_at"]))
        steps.look_at_the_clock(self.page)
        expect(self._button(self.words.start)).to_be_visible()
        self.seen("bell")
        steps.press(self.page, self.words.start)
        steps.expect_question(self.page, 1)

    def answer_all(self) -> None:
        """All questions: the first option, or a number in the first blank. The network is lost for a moment."""
        for number in range(1, QUESTIONS + 1):
            steps.expect_question(self.page, number)
            if number == OFFLINE_AT:
                self._answer_offline()
            else:
                self._answer()
            if number < QUESTIONS:
                self._leave_question()
        expect(self.page.get_by_text(self.words.all_saved)).to_be_visible()

    def _answer(self) -> None:
        kind = self._kind()
        if kind == "blank":
            self.page.locator("#stem input").first.focus()
            self.page.keyboard.insert_text("20")
        else:
            self.page.keyboard.press("1")
        if kind not in self._kinds:
            self._kinds.add(kind)
            self.seen(f"question-{kind}")

    def _answer_offline(self) -> None:
        expect(self.page.get_by_text(self.words.all_saved)).to_be_visible()
        self.page.context.set_offline(True)
        self._answer()
        expect(self.page.get_by_text(self.words.not_saved)).to_be_visible()
        self.seen("offline")
        self.page.context.set_offline(False)

    def _leave_question(self) -> None:
        self.page.keyboard.press("Enter" if self._kind() == "blank" else "ArrowRight")

    def _kind(self) -> str:
        if self.page.locator("#stem input").count():
            return "blank"
        inputs = self.page.locator("fieldset input")
        return "single" if inputs.first.get_attribute("type") == "radio" else "several"

    def look_around(self) -> None:
        """请求帮助, and full screen lost and entered again."""
        steps.press(self.page, self.words.ask_for_help)
        expect(self._dialog(self.words.ask_for_help)).to_be_visible()
        self.seen("help")
        self.page.keyboard.press("Escape")
        expect(self._dialog(self.words.ask_for_help)).to_have_count(0)
        self.page.evaluate("document.exitFullscreen()")
        expect(self._button(self.words.back_to_fullscreen)).to_be_visible()
        self.seen("fullscreen-lost")
        steps.press(self.page, self.words.back_to_fullscreen)
        expect(self._button(self.words.back_to_fullscreen)).to_have_count(0)

    def hand_in(self) -> None:
        """提交试卷, until 考试结果 is there."""
        steps.press(self.page, self.words.hand_in)
        expect(self._dialog(self.words.hand_in)).to_be_visible()
        self.seen("hand-in")
        steps.press(self.page, self.words.hand_in_now)
        self._expect_result()
        self.seen("result")

    def complain(self, address: str) -> None:
        """The result of somebody who is accused, and the dialog of the complaint with what it asks for."""
        self.page.goto(f"{self.cloud.address}{self.words.root}{address}")
        self._expect_result()
        expect(self.page.locator(".frames img").first).to_be_visible()
        self.seen("result-accused")
        steps.press(self.page, self.words.complain)
        dialog = self._dialog(self.words.complain)
        expect(dialog).to_be_visible()
        self.seen("complaint")
        steps.press(self.page, self.words.send_complaint)
        expect(dialog.get_by_role("alert").first).to_be_visible()
        self.seen("complaint-errors")

    def _expect_result(self) -> None:
        expect(self.page.get_by_role("heading", name=self.words.result)).to_be_visible()
        expect(self.page.locator(".score")).to_be_visible()

    # --- what stands on the page ---

    @property
    def attempt_id(self) -> str:
        """The attempt whose address is open."""
        return self.page.url.rpartition("/")[2]

    def _press_choice(self, name: str) -> None:
        steps.press(self.page, name, "Space")

    def _button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name).first

    def _dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name, exact=True)
