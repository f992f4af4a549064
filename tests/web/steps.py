"""What a person does on the page, step by step, and what they wait to see."""

import random
from pathlib import Path

from playwright.sync_api import Page, expect

from examples.demo import made_up_id_number
from tests.web.cloud import Cloud


def prove_phone(page: Page, cloud: Cloud, phone: str) -> None:
    """Type the number, solve the picture, ask for the code, type it."""
    with page.expect_response("**/api/captchas") as drawn:
        page.get_by_label("手机号", exact=True).fill(phone)
    captcha = page.get_by_label("图形验证码", exact=True)
    captcha.fill(cloud.captcha(drawn.value.json()["captcha_id"]))
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送至")).to_be_visible()
    page.get_by_label("验证码", exact=True).fill(cloud.code(phone))


def register(page: Page, cloud: Cloud, phone: str) -> None:
    """新用户注册, on its own page."""
    prove_phone(page, cloud, phone)
    page.get_by_label("代理机构从业人员").check()
    page.get_by_label("我已阅读并同意").check()
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
