"""After the exam: what is held against somebody, 我要投诉, 我的证书, and anybody who verifies a certificate."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.own_record import files_of, save
from tests.web.browsing import barriers, chinese_in_english, out_of_sight, outside
from tests.web.cloud import Candidate, Cloud
from tests.web.conftest import Open

PHONE_SIZE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def accused(cloud: Cloud) -> Candidate:
    return cloud.sat("frame_two.jpg", frames=3)


def read_result(page: Page) -> None:
    expect(page.get_by_role("heading", name="考试结果")).to_be_visible()
    expect(page.locator(".score")).to_be_visible()


def read_accusation_in_english(page: Page) -> None:
    """The result with its frames, and the dialog of the complaint."""
    expect(page.get_by_role("heading", name="Exam result")).to_be_visible()
    expect(page.locator(".frames img")).to_have_count(3)
    assert barriers(page) == []
    assert chinese_in_english(page) == []
    page.get_by_role("button", name="Make a complaint").click()
    dialog = page.get_by_role("dialog", name="Make a complaint")
    dialog.get_by_role("button", name="Send the complaint").click()
    expect(dialog.get_by_text("Please give your reasons")).to_be_visible()
    assert barriers(page) == []
    assert chinese_in_english(page) == []
    assert out_of_sight(page) == []


def test_who_is_accused_sees_the_frames_complains_and_is_put_right(
    cloud: Cloud, open_page: Open, accused: Candidate, pictures: str
) -> None:
    read_accusation_in_english(open_page(f"/en{accused.page}", accused))
    page = open_page(accused.page, accused)
    read_result(page)
    expect(page.locator(".verdict")).to_have_text("不合格（成绩无效）")
    expect(page.get_by_role("img", name="画面中有多人")).to_have_count(3)
    for frame in page.get_by_role("img", name="画面中有多人").all():
        assert frame.evaluate("one => one.decode().then(() => one.naturalWidth)") == 640
    expect(page.get_by_text("剩余").locator("strong")).to_contain_text("1 天 23:")
    assert barriers(page) == []

    page.get_by_role("button", name="我要投诉").click()
    dialog = page.get_by_role("dialog", name="我要投诉")
    expect(dialog).to_be_visible()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    dialog.get_by_role("button", name="提交投诉").click()
    expect(dialog.get_by_text("请写明投诉理由")).to_be_visible()
    dialog.get_by_label("投诉理由").fill("身后是海报 <b>只有我一人</b>")
    dialog.locator("input[type=file]").first.set_input_files(Path(pictures) / "frame_a.jpg")
    dialog.get_by_role("button", name="提交投诉").click()
    expect(dialog.get_by_text("投诉已提交", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="知道了").click()
    expect(page.get_by_text("身后是海报 <b>只有我一人</b>")).to_be_visible()
    expect(page.get_by_text("已收到")).to_be_visible()
    accused.case_id = page.locator(".strong").last.inner_text()
    assert barriers(page) == []

    accused.review_complaint()
    accused.uphold_complaint()
    assert "投诉" in accused.read_notice()
    page.reload()
    read_result(page)
    expect(page.locator(".verdict")).to_have_text("合格")
    expect(page.get_by_text("最终成绩")).to_be_visible()
    expect(page.get_by_text("画面中的第二人是海报")).to_be_visible()
    expect(page.get_by_text("合格证书")).to_be_visible()
    assert barriers(page) == []


def test_a_pass_has_its_certificate_which_anybody_can_verify(cloud: Cloud, open_page: Open) -> None:
    sitter = cloud.sat()
    sitter.see_certificate()
    number = sitter.number

    page = open_page("/me/certificates", sitter)
    expect(page.get_by_text(number)).to_be_visible()
    assert barriers(page) == []
    with page.expect_popup() as opened:
        page.get_by_role("button", name="查看证书（PDF）").click()
    opened.value.close()

    anybody = open_page(f"/certificates/{number}", size=PHONE_SIZE)
    expect(anybody.get_by_text("有效", exact=True)).to_be_visible()
    expect(anybody.get_by_text("演***")).to_be_visible()
    assert outside(anybody) == []
    assert barriers(anybody) == []
    cloud.revoke(number)
    anybody.reload()
    expect(anybody.get_by_text("已撤销", exact=True)).to_be_visible()
    # Why is between the operator and the person.
    assert "冒用他人身份" not in anybody.content()


def test_own_data_are_downloaded_and_checked_from_the_folder(
    open_page: Open, accused: Candidate, tmp_path: Path
) -> None:
    page = open_page("/me/record", accused)
    expect(page.get_by_text("24 小时内最多准备 3 次。")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="准备下载文件").click()
    expect(page.get_by_text("文件已备好")).to_be_visible()
    assert barriers(page) == []
    with page.expect_download() as got:
        page.get_by_role("button", name="下载压缩包（.zip）").click()
    data = got.value.path().read_bytes()
    zipped = save(tmp_path, data)
    fingerprint = page.locator("code").inner_text()
    assert page.request.get("/verify-record.html").body() == files_of(data)["verify.html"]

    page.goto((tmp_path / "verify.html").as_uri())
    page.locator("#file").set_input_files(zipped)
    expect(page.locator(".verdict")).to_contain_text("没有被改动")
    expect(page.locator("#fingerprint")).to_have_text(fingerprint)
    expect(page.get_by_text("20. ")).to_be_visible()
    assert barriers(page) == []
    zipped.write_bytes(data.replace(b"answers_text", b"answers_next", 1))
    page.locator("#file").set_input_files(zipped)
    expect(page.locator(".verdict")).to_contain_text("核对没有通过")
    page.get_by_role("button", name="English").click()  # checked again, in other words
    expect(page.locator(".verdict")).to_contain_text("The check failed")
    assert chinese_in_english(page) == []
    assert barriers(page) == []


def test_a_number_that_nobody_has_says_so(open_page: Open) -> None:
    page = open_page("/certificates")
    page.get_by_role("button", name="查验", exact=True).click()
    expect(page.get_by_text("请输入证书编号")).to_be_visible()
    page.get_by_label("证书编号").fill("kc-0000-0000-0000-0000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有找到这个编号的证书")).to_be_visible()
    assert barriers(page) == []


def test_who_has_no_certificate_yet_is_told_how_one_comes(cloud: Cloud, open_page: Open) -> None:
    page = open_page("/me/certificates", cloud.candidate(photo=None, identity=False))
    expect(page.get_by_text("您还没有证书")).to_be_visible()
    assert barriers(page) == []
