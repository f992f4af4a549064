"""登录, 新用户注册, 个人中心: who somebody is, typed in with mouse and keyboard."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import expect

from tests.web.browsing import barriers, out_of_sight, outside
from tests.web.cloud import Cloud
from tests.web.conftest import Open
from tests.web.steps import fill_in_identity, prove_phone, register, sign_in_unknown


@pytest.fixture(scope="module")
def exam_id(cloud: Cloud) -> str:
    return cloud.publish(starts_in_min=20)


def test_a_newcomer_registers_and_completes_their_identity(
    cloud: Cloud, open_page: Open, pictures: str
) -> None:
    page = open_page("/register")
    phone = cloud.phone()
    register(page, cloud, phone)
    expect(page.get_by_text(f"{phone[:3]}****{phone[-4:]}").first).to_be_visible()
    page.get_by_role("link", name="个人中心").first.click()
    expect(page.get_by_text("还需完善")).to_be_visible()
    assert barriers(page) == []
    number = fill_in_identity(page, Path(pictures) / "id_a.jpg", seed=int(phone))
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("身份信息已完整，可以参加考试。")).to_be_visible()
    masked = page.get_by_label("证件号码").input_value()
    assert masked != number
    assert masked[-1] == number[-1]
    assert barriers(page) == []
    page.reload()
    expect(page.get_by_label("真实姓名")).to_have_value("张三")
    assert number not in page.content()


def test_signing_in_comes_back_to_where_one_was(
    cloud: Cloud, open_page: Open, exam_id: str
) -> None:
    somebody = cloud.candidate(photo=None, identity=False)
    cloud.advance(60_000)  # one text message a minute
    page = open_page(f"/exam/detail?id={exam_id}")
    page.get_by_role("button", name="去登录").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    prove_phone(page, cloud, somebody.phone)
    assert barriers(page) == []
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog.get_by_text("请先阅读并勾选同意协议")).to_be_visible()
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(f"{cloud.address}/exam/detail?id={exam_id}")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="去登录")).to_be_visible()


def test_who_turns_out_to_be_unknown_registers_without_another_code(
    cloud: Cloud, open_page: Open, exam_id: str
) -> None:
    page = open_page(f"/exam/detail?id={exam_id}")
    phone = cloud.phone()
    sign_in_unknown(page, cloud, phone)
    page.get_by_role("dialog").get_by_role("button", name="新用户注册").click()
    expect(page.get_by_text("手机号已验证，无需再收验证码")).to_be_visible()
    expect(page.get_by_label("手机号", exact=True)).to_have_value(phone)
    expect(page.get_by_label("图形验证码", exact=True)).to_have_count(0)
    expect(page.get_by_label("验证码", exact=True)).to_have_count(0)
    assert barriers(page) == []
    page.get_by_label("代理机构从业人员").check()
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="立即注册").click()
    expect(page.get_by_text(f"{phone[:3]}****{phone[-4:]}").first).to_be_visible()
    expect(page).to_have_url(f"{cloud.address}/exam/detail?id={exam_id}")
    assert cloud.messages(phone) == 1


def test_a_proven_phone_waits_a_quarter_of_an_hour_and_then_says_what_to_do(
    cloud: Cloud, open_page: Open
) -> None:
    page = open_page("/")
    phone = cloud.phone()
    sign_in_unknown(page, cloud, phone)
    page.get_by_role("dialog").get_by_role("button", name="新用户注册").click()
    expect(page.get_by_text("手机号已验证，无需再收验证码")).to_be_visible()
    page.get_by_label("代理机构从业人员").check()
    page.get_by_label("真实姓名").fill("张三")
    cloud.advance(15 * 60_000)
    with page.expect_response("**/api/captchas") as drawn:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("手机号的验证已过期，请重新获取验证码")).to_be_visible()
    assert barriers(page) == []
    captcha_id = drawn.value.json()["captcha_id"]
    page.get_by_label("图形验证码", exact=True).fill(cloud.captcha(captcha_id))
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送至")).to_be_visible()
    page.get_by_label("验证码", exact=True).fill(cloud.code(phone))
    expect(page.get_by_label("真实姓名")).to_have_value("张三")  # nothing typed is lost
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="立即注册").click()
    expect(page.get_by_role("banner").get_by_text("张三")).to_be_visible()
    assert cloud.messages(phone) == 2


def test_a_wrong_code_says_how_many_guesses_are_left_and_closing_the_dialog_loses_none(
    cloud: Cloud, open_page: Open
) -> None:
    somebody = cloud.candidate(photo=None, identity=False)
    cloud.advance(60_000)  # one text message a minute
    page = open_page("/")
    page.get_by_role("button", name="去登录").click()
    prove_phone(page, cloud, somebody.phone)
    right = cloud.code(somebody.phone)
    code = page.get_by_label("验证码", exact=True)
    code.fill(f"{(int(right) + 1) % 10**6:06}")
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("本验证码还可尝试 4 次")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="去登录").click()
    code.fill(right)
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()


def test_the_agreements_can_be_read_before_they_are_ticked(open_page: Open) -> None:
    page = open_page("/register")
    page.get_by_role("button", name="《隐私协议》").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading").nth(1)).to_be_visible()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="《隐私协议》")).to_be_focused()


def test_a_wrong_captcha_is_told_beside_it_and_nothing_typed_is_lost(
    cloud: Cloud, open_page: Open
) -> None:
    page = open_page("/register")
    phone = cloud.phone()
    with page.expect_response("**/api/captchas"):
        page.get_by_label("手机号", exact=True).fill(phone)
    page.get_by_label("图形验证码", exact=True).fill("????")
    with page.expect_response("**/api/captchas"):  # each picture serves one try
        page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_label("图形验证码", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("手机号", exact=True)).to_have_value(phone)


def test_the_captcha_can_be_heard(cloud: Cloud, open_page: Open) -> None:
    page = open_page("/register")
    with page.expect_response("**/api/captchas"):
        page.get_by_label("手机号", exact=True).fill(cloud.phone())
    with page.expect_response("**/api/captchas") as spoken:
        page.get_by_role("button", name="收听英文数字").click()
    expect(page.locator("audio")).to_be_visible()
    page.get_by_label("语音验证码").first.fill(cloud.captcha(spoken.value.json()["captcha_id"]))
    assert barriers(page) == []
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送至")).to_be_visible()


def test_a_useless_id_photo_is_refused_with_its_reason(
    cloud: Cloud, open_page: Open, pictures: str, tmp_path: Path
) -> None:
    page = open_page("/me", cloud.candidate(photo=None))
    photo = page.get_by_label("证件照片").locator("input[type=file]")
    with Image.open(Path(pictures) / "two_people.jpg") as picture:
        ImageOps.pad(picture, (826, 1156)).save(tmp_path / "two.jpg")  # the shape of an ID photo
    with page.expect_response("**/me/id-photo"):
        photo.set_input_files(tmp_path / "two.jpg")
    expect(page.get_by_text("照片未通过检查，请换一张")).to_be_visible()
    expect(page.get_by_role("button", name="裁剪或旋转")).to_be_visible()
    assert barriers(page) == []


def test_a_photo_of_another_shape_is_turned_and_cut_before_it_is_sent(
    cloud: Cloud, open_page: Open, pictures: str, tmp_path: Path
) -> None:
    page = open_page("/me", cloud.candidate(photo=None))
    photo = page.get_by_label("证件照片").locator("input[type=file]")
    cutting = page.get_by_role("dialog", name="裁剪证件照")
    photo.set_input_files(Path(pictures) / "frame_empty.jpg")
    expect(cutting).to_contain_text("没有在照片里找到人脸")
    assert barriers(page) == []
    cutting.get_by_role("button", name="关闭").click()

    with Image.open(Path(pictures) / "person_a_1.jpg") as picture:
        picture.convert("RGB").rotate(90, expand=True).save(tmp_path / "lying.jpg")
    photo.set_input_files(tmp_path / "lying.jpg")
    expect(cutting).to_contain_text("已为您转正")
    page.keyboard.press("ArrowDown")  # the frame has the focus
    page.keyboard.press("-")
    cutting.get_by_role("button", name="使用这张照片").click()
    expect(page.get_by_text("照片已通过检查").first).to_be_visible()
    expect(page.get_by_text("身份信息已完整，可以参加考试。")).to_be_visible()


def test_what_is_missing_is_asked_for_at_the_start_of_the_exam(
    cloud: Cloud, open_page: Open, exam_id: str, pictures: str
) -> None:
    somebody = cloud.candidate(photo=None, identity=False)
    page = open_page(f"/exam/detail?id={exam_id}", somebody)
    page.get_by_role("button", name="开始考试").click()
    dialog = page.get_by_role("dialog", name="完善身份信息")
    expect(dialog).to_be_visible()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    dialog.get_by_label("真实姓名").fill("李四")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="开始考试").click()
    expect(dialog.get_by_label("真实姓名")).to_have_value("李四")
    fill_in_identity(page, Path(pictures) / "id_a.jpg", seed=77)
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/attempts/*")


def test_the_identity_of_an_open_attempt_is_frozen(
    cloud: Cloud, open_page: Open, exam_id: str
) -> None:
    somebody = cloud.candidate()
    somebody.exam_id = exam_id
    somebody.open_attempt()
    page = open_page("/me", somebody)
    expect(page.get_by_text("考试进行期间不能修改身份信息")).to_be_visible()
    expect(page.get_by_label("真实姓名")).to_be_disabled()
    expect(page.get_by_role("button", name="保存")).to_have_count(0)
    assert barriers(page) == []
    page.get_by_role("link", name="考试", exact=True).click()
    expect(page.get_by_text("待进入考场")).to_be_visible()
    assert barriers(page) == []


def test_nothing_of_a_person_is_lost_at_twice_the_size(cloud: Cloud, open_page: Open) -> None:
    half = {"width": 640, "height": 360}
    somebody = cloud.candidate(photo=None, identity=False)
    page = open_page("/me", somebody, size=half, device_scale_factor=2)
    for path in ("/me", "/me/exams"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert outside(page) == [], path
