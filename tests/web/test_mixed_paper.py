"""A paper with material, blanks, pictures and formulas: sat by keyboard, killed, resumed, scored, complained about."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web import mixed_pack, steps
from tests.web.browsing import Guard, OwnChromium, barriers, out_of_sight, sign_in
from tests.web.cloud import Candidate, Cloud

QUESTIONS = 8


def known_answers(page: Page) -> tuple[str, ...]:
    """What the candidate answers to the question that is shown."""
    stem = page.locator("#stem").inner_text()
    return next(answers for known, answers in mixed_pack.KNOWN.items() if known in stem)


def option_texts(page: Page) -> list[str]:
    """The options that are shown, formulas as their LaTeX."""
    read = "option => option.querySelector('math')?.getAttribute('alttext') ?? option.innerText"
    return [str(one.evaluate(read)) for one in page.locator("fieldset label > .content").all()]


def answer_by_keyboard(page: Page) -> None:
    """Choose by digits, or type into the blanks, from one to the next by Enter."""
    answers = known_answers(page)
    if blanks := page.locator("#stem input").count():
        assert blanks == len(answers)
        steps.reach(page, "第 1 空")
        for place, text in enumerate(answers):
            page.keyboard.press("Control+A")
            page.keyboard.insert_text(text)
            if place < blanks - 1:
                page.keyboard.press("Enter")
        return
    shown = option_texts(page)
    for text in answers:
        page.keyboard.press(str(shown.index(text) + 1))


def next_question(page: Page, number: int) -> None:
    """To the next question with what the keyboard offers where the focus is."""
    in_blank = page.evaluate("document.activeElement.type === 'text'")
    page.keyboard.press("Enter" if in_blank else "ArrowRight")
    steps.expect_question(page, number)


def shown_answers(page: Page) -> tuple[str, ...]:
    """What the page shows as answered."""
    if page.locator("#stem input").count():
        return tuple(field.input_value() for field in page.locator("#stem input").all())
    chosen = "fieldset label:has(input:checked) > .content"
    read = "option => option.querySelector('math')?.getAttribute('alttext') ?? option.innerText"
    return tuple(str(one.evaluate(read)) for one in page.locator(chosen).all())


def expect_picture(page: Page) -> None:
    """The picture of the question is drawn."""
    picture = page.get_by_role("img", name="开标流程图")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 720)


def enlarge(page: Page) -> None:
    """Look at the picture in large, and back, without leaving full screen."""
    steps.press(page, "放大图片：开标流程图")
    dialog = page.get_by_role("dialog", name="开标流程图")
    expect(dialog.get_by_role("img")).to_be_visible()
    assert barriers(page) == []
    assert out_of_sight(page) == []
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert page.evaluate("document.fullscreenElement !== null")


def load_again(page: Page) -> None:
    """The picture did not come; now it does."""
    missing = page.get_by_role("group", name="图片：开标流程图")
    expect(missing.get_by_text("图片没有加载成功")).to_be_visible()
    assert barriers(page) == []
    steps.reach(page, "重新加载")
    page.unroute("**/pictures/**")
    page.keyboard.press("Enter")
    expect_picture(page)


def check_in_again(cloud: Cloud, sitter: Candidate) -> None:
    """Everything up to 进入考场, by the API."""
    sitter.check_in()
    sitter.verify("frame_a.jpg", "passed")


def test_a_paper_with_material_blanks_pictures_and_formulas_by_keyboard_killed_resumed_and_scored(
    cloud: Cloud, own: OwnChromium, guard: Guard, tmp_path: Path
) -> None:
    exam_id = cloud.publish(starts_in_min=2, pack=mixed_pack.write(tmp_path))
    sitter = cloud.sitter(exam_id, own_account=True)
    check_in_again(cloud, sitter)
    context = own.start()
    guard.watch(context)
    sign_in(context, cloud, sitter)
    page = context.pages[0]

    page.goto(f"{cloud.address}/exam/detail?id={exam_id}")
    expect(page.get_by_text("案例分析题：1 个材料，共 3 题，每题 4 分")).to_be_visible()
    expect(page.get_by_text("填空题每空分值相同，按填对的空得分。")).to_be_visible()
    assert barriers(page) == []

    fetched: list[str] = []
    page.on("request", lambda one: "/pictures/" in one.url and fetched.append(one.url))
    page.goto(f"{cloud.address}{sitter.page}")
    with page.expect_response(lambda got: "/pictures/" in got.url) as sealed:
        steps.press(page, "进入考场")
    assert b"PNG" not in sealed.value.body()  # nobody can look at it before the start
    expect(page.get_by_role("heading", name="候考", exact=True)).to_be_visible()
    steps.wait_for_the_bell(page, cloud, sitter.attempt_id)
    steps.press(page, "开始考试")

    for number in range(1, 6):
        steps.expect_question(page, number)
        if "图中" in page.locator("#stem").inner_text():
            expect_picture(page)
            enlarge(page)
        if "正根" in page.locator("#stem").inner_text():
            expect(page.get_by_role("radio", name="根号 4")).to_be_visible()  # for a screen reader
            expect(page.get_by_role("radio", name="2 分之 1")).to_be_visible()
        answer_by_keyboard(page)
        assert barriers(page) == []
        next_question(page, number + 1)
    steps.expect_all_saved(page)
    assert len(fetched) == 1
    expect(page.get_by_role("region", name="材料一")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    steps.expect_question(page, 5)
    context.set_offline(True)
    steps.reach(page, "第 1 空")
    page.keyboard.press("End")
    page.keyboard.insert_text("0")
    typed = page.locator("#stem input").first.input_value()
    expect(page.get_by_text("1 题未保存")).to_be_visible()
    cloud.until(lambda: steps.on_disk(page, sitter.attempt_id, 5)[0], typed)
    own.kill()

    check_in_again(cloud, sitter)
    context = own.start()
    guard.watch(context)
    sign_in(context, cloud, sitter)
    page = context.pages[0]
    page.route("**/pictures/**", lambda route: route.abort())
    page.goto(f"{cloud.address}{sitter.page}")
    steps.press(page, "继续考前确认")
    steps.press(page, "进入考场")
    steps.press(page, "进入全屏，继续作答")
    steps.expect_question(page, 5)  # where they were
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    for number in range(1, 5):
        steps.expect_question(page, number)
        if "图中" in page.locator("#stem").inner_text():
            load_again(page)
        assert sorted(shown_answers(page)) == sorted(known_answers(page))
        page.keyboard.press("ArrowRight")
    assert page.locator("#stem input").first.input_value() == typed  # only this computer had it
    answer_by_keyboard(page)
    for number in range(6, QUESTIONS + 1):
        next_question(page, number)
        expect(page.get_by_text("根据材料一作答（第 6–8 题）")).to_be_visible()
        answer_by_keyboard(page)
        assert barriers(page) == []
    steps.expect_all_saved(page)

    steps.press(page, "提交试卷")
    expect(page.get_by_text("所有题目均已作答。")).to_be_visible()
    steps.press(page, "确认提交")
    expect(page.locator(".score")).to_contain_text(f"{mixed_pack.EARNED}")
    expect(page.locator(".score")).to_contain_text(f"{mixed_pack.OUT_OF} 分")
    receipt = page.locator(".receipt")
    steps.press(page, "答案回执：已保存 8 题", "Space")
    for text in ("二十", "重新招标", "0.75", "３０"):
        expect(receipt.get_by_text(text, exact=True)).to_be_visible()
    assert barriers(page) == []
    steps.press(page, "我要投诉")
    dialog = page.get_by_role("dialog")
    steps.reach(page, "投诉理由")
    page.keyboard.insert_text("填空题第三空与教材一致，请复核。")
    assert barriers(page) == []
    steps.press(page, "提交投诉")
    expect(dialog.get_by_text("投诉已提交")).to_be_visible()
    steps.press(page, "知道了")
    expect(page.get_by_text("填空题第三空与教材一致，请复核。")).to_be_visible()
    expect(receipt.get_by_text("重新招标", exact=True)).to_be_visible()
