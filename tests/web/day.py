"""One exam day of a candidate, from the portal to the score. A test and `make screens` use it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web import steps
from tests.web.cloud import Cloud

Seen = Callable[[str], None]  # called when a screen stands there, with its name


def to_the_attempt(page: Page, cloud: Cloud, exam_id: str, pictures: Path, seen: Seen) -> str:
    """Portal, registration, identity, 开始考试; the id of the attempt."""
    phone = cloud.phone()
    page.goto(f"{cloud.address}/")
    expect(page.locator("li.exam").first).to_be_visible()
    seen("portal")
    steps.list_all_exams(page)
    link = page.locator(f'a[href="/exam/detail?id={exam_id}"]')
    link.click()
    page.get_by_role("button", name="开始考试").click()
    dialog = page.get_by_role("dialog", name="登录")
    expect(dialog).to_be_visible()
    seen("sign-in")
    dialog.get_by_role("link", name="新用户注册").click()
    steps.register(page, cloud, phone, seen=lambda: seen("register"))
    page.wait_for_url("**/exam/detail?id=*")
    expect(page.get_by_text(f"{phone[:3]}****{phone[-4:]}").first).to_be_visible()
    seen("exam")
    page.get_by_role("button", name="开始考试").click()
    expect(page.get_by_role("dialog", name="完善身份信息")).to_be_visible()
    steps.fill_in_identity(page, pictures / "id_a.jpg", seed=int(phone))
    seen("identity")
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/attempts/*")
    return page.url.rpartition("/")[2]


def check_in(page: Page, seen: Seen) -> None:
    """考前确认, all five steps."""
    steps.expect_step(page, "考试须知")
    seen("notice")
    steps.agree(page)
    steps.expect_step(page, "设备检测")
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("摄像头状态正常")).to_be_visible()
    seen("camera")
    steps.next_step(page)
    steps.expect_step(page, "网络环境检测")
    expect(page.get_by_text("检测完成")).to_be_visible()
    seen("network")
    steps.next_step(page)
    steps.expect_step(page, "身份核验")
    expect(page.locator(".oval.green")).to_be_visible()
    seen("face")
    steps.wait_for_photo(page)
    seen("photo")
    page.get_by_role("button", name="开始核验").click()
    steps.expect_step(page, "进入考场")
    seen("enter")
    steps.enter(page)


def sit(page: Page, cloud: Cloud, attempt_id: str, seen: Seen) -> None:
    """候考, 考试 with everything that a candidate may meet there, 考试结果."""
    seen("waiting")
    steps.wait_for_the_bell(page, cloud, attempt_id)
    seen("bell")
    steps.start(page)
    for number in (*range(1, 9), *range(10, 17)):
        steps.answer(page, number)
    steps.go_to(page, 12)
    page.get_by_role("button", name="标记", exact=True).click()
    steps.expect_all_saved(page)
    seen("exam-question")
    steps.go_to(page, 20)
    expect(page.get_by_role("region", name="材料一").get_by_role("img")).to_be_visible()
    seen("exam-material")
    page.context.set_offline(True)
    steps.answer(page, 9)
    expect(page.get_by_text("1 题未保存")).to_be_visible()
    seen("exam-offline")
    page.context.set_offline(False)
    steps.expect_all_saved(page)
    page.evaluate("document.exitFullscreen()")
    expect(page.get_by_role("button", name="返回全屏")).to_be_visible()
    seen("exam-fullscreen")
    page.get_by_role("button", name="返回全屏").click()
    page.get_by_role("button", name="提交试卷").first.click()
    expect(page.get_by_role("dialog", name="提交试卷")).to_be_visible()
    seen("exam-submit")
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_role("heading", name="考试结果")).to_be_visible()
    expect(page.locator(".score")).to_be_visible()
    seen("result")
    page.goto(f"{cloud.address}/me/exams")
    expect(page.get_by_role("link", name="查看成绩")).to_be_visible()
    seen("my-exams")
    page.goto(f"{cloud.address}/me/certificates")
    expect(page.get_by_text("合格证书")).to_be_visible()
    expect(page.get_by_role("button", name="查看证书（PDF）")).to_be_visible()
    seen("my-certificates")
    page.get_by_role("link", name="证书查验").click()
    expect(page.get_by_text("有效", exact=True)).to_be_visible()
    seen("verify")
    page.goto(f"{cloud.address}/me/identity")
    expect(page.get_by_label("真实姓名")).to_be_visible()
    seen("me")
    page.goto(f"{cloud.address}/help/camera")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    seen("camera-help")
