"""An organiser's whole job as people live it: 试考, a sitting that is failed, 补考, and what is told afterwards."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from examples.demo_candidate import PACK
from infra.local.sign_in_provider import ORGANISATION
from tests.emulator.launching import PROJECT
from tests.web import desk, platform, steps
from tests.web.browsing import barriers
from tests.web.cloud import MINUTE_MS, Candidate, Cloud
from tests.web.conftest import Open
from tests.web.desk import CONSOLE, confirm, press, row_with, sign, widget

LAPTOP = {"width": 1366, "height": 650}
STARTS_IN_MIN = {"第一场": 24 * 60, "补考": 48 * 60, "第三场": 52 * 60}
SECTIONS = [
    {"id": "single", "title": "单项选择题", "type": "single", "count": 4, "points": 15},
    {"id": "judge", "title": "判断题", "type": "judge", "count": 4, "points": 10},
]
QUICK = {"heartbeat_waiting_s": 5, "heartbeat_exam_s": 5}
TOLD = "因设备故障，全场延长 10 分钟"


@pytest.fixture
def person(cloud: Cloud) -> Candidate:
    """Somebody of the agency whose photo shows somebody else."""
    return cloud.candidate(photo="id_b.jpg")


@pytest.fixture
def sittings(cloud: Cloud, person: Candidate, tmp_path: Path) -> list[str]:
    """Three sittings: tomorrow, and two on the day after. Of two people on the list the other never comes."""
    pack = tmp_path / "pack"
    shutil.copytree(PROJECT / "examples" / PACK, pack)
    header = yaml.safe_load((pack / "exam.yaml").read_text("utf-8")) | {"sections": SECTIONS}
    (pack / "exam.yaml").write_text(yaml.safe_dump(header, allow_unicode=True), "utf-8")
    rows = (f"演示考生,居民身份证,{person.id_number}", "李缺席,居民身份证,110101199003077715")
    roster = "\n".join(("姓名,证件类型,证件号码", *rows))
    (pack / "roster.csv").write_text(roster, "utf-8")
    retakes = {"most_tries": 2, "after_days": 1, "counts": "best", "only_failed": False}
    return [
        cloud.publish(
            starts_in_min=starts_in_min,
            pack=pack,
            series={"id": "web-organiser", "sitting": name, "capacity": 2, "retakes": retakes},
            **QUICK,
        )
        for name, starts_in_min in STARTS_IN_MIN.items()
    ]


def test_somebody_practises_fails_passes_the_retake_and_everybody_is_told(
    cloud: Cloud, open_page: Open, pictures: str, person: Candidate, sittings: list[str]
) -> None:
    first, retake, third = sittings
    practise(cloud, open_page, person, Path(pictures))

    page = open_page("/", size=LAPTOP)
    come_the_day_of(page, cloud, person, first)
    to_the_first_question(page, cloud, person)
    fail_while_the_operator_gives_time(page, open_page, cloud, person, first)
    come_the_day_of(page, cloud, person, retake)
    to_the_first_question(page, cloud, person)
    pass_(page, cloud, person)
    wait_for_the_day_of(cloud, person, third)
    expect_no_third_try(page, third)

    operator = open_page(CONSOLE, camera=False, permissions=(), size=LAPTOP)
    find_by_phone(operator, cloud, person)
    take_the_score_list(operator, cloud, person, retake)
    take_the_statistics(operator)
    partner = open_page(platform.PARTNER, camera=False, permissions=())
    partner_sees(partner, person)
    partner_is_called(partner, cloud, person)


# --- the day before ---------------------------------------------------------------------------------------


def practise(cloud: Cloud, open_page: Open, person: Candidate, pictures: Path) -> None:
    """The camera is missing and the photo will not do; both are told, mended, and found to be well."""
    cloud.publish(None, "practice")
    cloud.publish(None, "practice")  # two of them: each has its own link on the portal
    page = open_page("/", person, camera=False, size=LAPTOP)
    begin_practice(page)
    page.get_by_role("button", name="点击开启摄像头").click()
    expect(page.get_by_text("没有找到摄像头")).to_be_visible()
    end_practice(page)
    assert found(page)["摄像头"] == "不正常"
    expect(page.get_by_text("请连接摄像头，或换一台带摄像头的电脑")).to_be_visible()
    assert barriers(page) == []

    page = open_page("/", person, size=LAPTOP)
    expect(page.get_by_text("未通过：摄像头")).to_be_visible()
    begin_practice(page)
    to_the_photo(page)
    expect(page.get_by_text("试考不占用核验机会")).to_be_visible()
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_text("身份核验未通过").first).to_be_visible()
    end_practice(page)
    assert found(page) == {
        "摄像头": "正常",
        "网络": "正常",
        "人脸核验": "不正常",
        "全屏": "未测到",
        "抓拍": "未测到",
    }
    page.get_by_role("link", name="更换证件照").click()
    page.locator("input[type=file]").set_input_files(pictures / "id_a.jpg")
    expect(page.get_by_text("照片已通过检查").first).to_be_visible()

    begin_practice(page)
    to_the_photo(page)
    page.get_by_role("button", name="开始核验").click()
    steps.enter(page)
    page.get_by_role("button", name="开始答题").click()
    expect(page.get_by_text("试考 · 不评分")).to_be_visible()
    page.get_by_role("button", name="提交试卷").click()
    page.get_by_role("button", name="确认提交").click()
    stands = found(page)
    stands.pop("抓拍")  # none is due within seconds
    assert set(stands.values()) == {"正常"}
    assert page.get_by_text("不合格").count() == 0
    page.goto("/me/exams")
    expect(page.get_by_text("试考，不评分").first).to_be_visible()


def begin_practice(page: Page) -> None:
    """From the portal into a new practice."""
    page.goto("/")
    page.get_by_role("link", name="试考：在正式考试前").first.click()
    page.get_by_role("button", name=re.compile("试考")).click()
    steps.agree(page)


def to_the_photo(page: Page) -> None:
    """设备检测 and 网络环境检测, until the photo is taken."""
    steps.switch_camera_on(page)
    steps.measure_network(page)
    steps.wait_for_photo(page)


def end_practice(page: Page) -> None:
    page.get_by_role("button", name="结束试考，查看结果").click()


def found(page: Page) -> dict[str, str]:
    """Area → how it stands, as the result of a practice shows it."""
    expect(page.get_by_role("heading", name="试考结果")).to_be_visible()
    expect(page.locator("li h2")).to_have_count(5)
    rows = [row.split() for row in page.locator("li h2").all_inner_texts()]
    return {row[0]: row[1] for row in rows}


# --- two sittings -----------------------------------------------------------------------------------------


def wait_for_the_day_of(cloud: Cloud, person: Candidate, exam_id: str) -> None:
    """Until twenty minutes before the start."""
    starts_at = int(person.browser.call("GET", f"/exams/{exam_id}")["exam"]["starts_at"])
    cloud.advance_to(starts_at - 20 * MINUTE_MS)


def come_the_day_of(page: Page, cloud: Cloud, person: Candidate, exam_id: str) -> None:
    """Before the start; the session of the day before is over, so they sign in anew."""
    wait_for_the_day_of(cloud, person, exam_id)
    page.goto(f"/exam/detail?id={exam_id}")
    page.get_by_role("button", name="去登录").click()
    steps.prove_phone(page, cloud, person.phone)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("我已阅读并同意").check()
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    [session] = (cookie for cookie in page.context.cookies() if cookie["name"] == "session")
    person.browser.http.cookies.clear()
    person.browser.http.cookies.set("session", session["value"])
    page.get_by_role("button", name="开始考试").click()
    page.wait_for_url("**/attempts/*")
    person.path = page.url.removeprefix(cloud.address)


def to_the_first_question(page: Page, cloud: Cloud, person: Candidate) -> None:
    """Through the check-in, which is the one of the practice, by the API; then as any candidate."""
    person.check_in()
    person.verify("frame_a_2.jpg", "passed")
    page.reload()
    steps.enter(page)
    steps.wait_for_the_bell(page, cloud, person.attempt_id)
    steps.start(page)


def fail_while_the_operator_gives_time(
    page: Page, open_page: Open, cloud: Cloud, person: Candidate, exam_id: str
) -> None:
    """One right answer only. Ten minutes more come meanwhile, are announced, and read in full screen."""
    steps.answer(page, 1)
    operator = open_page(CONSOLE, camera=False, permissions=(), size=LAPTOP)
    exams = desk.open_exam(operator, exam_id)
    before = int(cloud.attempt(person.attempt_id)["deadline"])
    exams.get_by_label("加时").fill("10")
    sign(exams, cloud, "王运营", "设备故障")
    press(exams, "全场加时")
    confirm(operator)
    cloud.until(lambda: cloud.attempt(person.attempt_id)["deadline"], before + 10 * MINUTE_MS)
    press(exams, "返回")
    exams.get_by_label("通知内容").fill(TOLD)
    sign(exams, cloud, "王运营", "设备故障")
    press(exams, "发全场通知")
    confirm(operator)
    expect(exams).to_contain_text("通知已发出")

    news = page.get_by_role("region", name="新通知")
    expect(news).to_contain_text(TOLD)
    press(exams, "返回")
    press(exams, "实况")
    expect(row_with(exams, TOLD)).to_contain_text("0/1")
    assert page.evaluate("document.fullscreenElement !== null")
    news.get_by_role("button", name="我知道了").click()
    cloud.until(lambda: cloud.attempt(person.attempt_id).get("receipt", {}).get("for_all"), 1)
    desk.refresh(exams)
    expect(row_with(exams, TOLD)).to_contain_text("1/1")
    press(exams, "谁已读")
    expect(row_with(exams, "已读").last).to_contain_text("演示考生")

    steps.expect_all_saved(page)
    steps.submit(page)
    expect(page.locator(".verdict")).to_have_text("不合格")
    expect(page.get_by_text("第一场").first).to_be_visible()


def pass_(page: Page, cloud: Cloud, person: Candidate) -> None:
    """Everything right; the certificate comes when the result is final."""
    for number in range(1, 9):
        steps.answer(page, number)
    steps.expect_all_saved(page)
    steps.submit(page)
    expect(page.locator(".verdict")).to_have_text("合格")
    cloud.advance(6 * MINUTE_MS)  # the grace of frames that could still come
    cloud.until(lambda: cloud.attempt(person.attempt_id).get("due_bucket"), None)
    person.see_certificate()
    page.goto("/me/exams")
    tries = page.get_by_role("listitem")
    expect(tries.filter(has_text="计入成绩")).to_contain_text("补考")
    expect(tries.filter(has_text="第一场")).not_to_contain_text("计入成绩")


def expect_no_third_try(page: Page, exam_id: str) -> None:
    """The page of the third sitting says why, and so does the server."""
    page.goto(f"/exam/detail?id={exam_id}")
    expect(page.get_by_text("您不能参加这一场")).to_be_visible()
    expect(page.get_by_text("最多参加 2 次，您的次数已用完")).to_be_visible()
    expect(page.get_by_role("button", name="开始考试")).to_have_count(0)
    assert barriers(page) == []
    refused = page.request.post(f"/api/exams/{exam_id}/attempts", data={})
    assert refused.json()["error"]["code"] == "series_tries_used_up"


# --- afterwards -------------------------------------------------------------------------------------------


def find_by_phone(operator: Page, cloud: Cloud, person: Candidate) -> None:
    """Both sittings, the practices and the certificate of who calls."""
    people = widget(operator, desk.PEOPLE)
    desk.look_up(people, cloud, "王运营", person.phone)
    expect(people).to_contain_text("找到 1 人")
    expect(people).to_contain_text(person.number)
    desk.look_at(people, "补考")
    expect(people).to_contain_text(person.attempt_id)


def download(operator: Page, place: Locator, link: str) -> bytes:
    """The file behind a link, as the browser saves it."""
    with operator.expect_popup(), operator.context.expect_event("download") as got:
        place.get_by_role("link", name=link).click()
    return got.value.path().read_bytes()


def take_the_score_list(operator: Page, cloud: Cloud, person: Candidate, exam_id: str) -> None:
    """Of all sittings, masked: who came to two of them, which one counts, and who never came."""
    exams = desk.open_exam(operator, exam_id)
    press(exams, "成绩单")
    desk.order_score_list(operator, exams, cloud, "生成成绩单（遮盖）：系列全部场次")
    expect(exams).to_contain_text("成绩单已生成：6 人次")
    text = download(operator, exams, "下载 CSV").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    columns = ("场次", "姓名", "到考", "成绩", "是否计入")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("第一场", "演***", "到考", "不合格", "不计入"),
        ("第一场", "（未注册）", "缺考", "", ""),
        ("补考", "演***", "到考", "合格", "计入"),
        ("补考", "（未注册）", "缺考", "", ""),
        ("第三场", "演***", "未开始", "", ""),
        ("第三场", "（未注册）", "未开始", "", ""),
    ]
    assert person.id_number not in text
    assert {row["证书编号"] for row in rows} == {"", person.number}
    book = load_workbook(io.BytesIO(download(operator, exams, "下载 xlsx")))
    assert [cell.value for cell in book.worksheets[0][1]] == list(rows[0])


def take_the_statistics(operator: Page) -> None:
    """Of the retake, computed at a click, and downloaded as a workbook."""
    exams = widget(operator, desk.EXAMS)
    press(exams, "返回")
    press(exams, "返回考试")
    desk.compute_statistics(exams)
    expect(exams.get_by_role("heading", name="统计：")).to_contain_text("（补考）")
    book = load_workbook(io.BytesIO(download(operator, exams, "下载 Excel")))
    figures = {name: value for name, value, *_ in book["各环节人数"].values}
    assert (figures["名单人数"], figures["交卷"], figures["有效证书"]) == (2, 1, 1)


def partner_sees(page: Page, person: Candidate) -> None:
    """The agency reads what the feed says about its employee, and the certificate."""
    expect(
        page.get_by_role("heading", name=f"企业信息（{ORGANISATION}） > 培训列表")
    ).to_be_visible()
    assert barriers(page) == []
    row = platform.row_of(page, person)
    expect(row).to_contain_text("演示考生")
    expect(row).to_contain_text("合格")
    expect(row).to_contain_text("100 / 100")
    expect(row).to_contain_text("成绩发布")
    assert barriers(page) == []
    platform.to_the_certificate(page, row, person)


def partner_is_called(page: Page, cloud: Cloud, person: Candidate) -> None:
    """One signed call for each entry of the feed about the retake."""
    entries = page.request.get("/_local/partner/results").json()["entries"]
    mine = [one for one in entries if one["result"]["attempt_id"] == person.attempt_id]
    assert {one["result"]["sitting"] for one in mine} == {"补考"}
    told = {one["cursor"] for one in mine}
    called = cloud.until(
        lambda: {
            one["cursor"] for one in page.request.get("/_local/partner/webhooks").json()["calls"]
        },
        lambda cursors: told <= cursors,
    )
    assert called
