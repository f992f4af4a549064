"""The preview of a bank: all questions with their keys, right or wrong packs, and no markup or code from a file."""

import base64
import hashlib
import pathlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml

from chalicelib.exams.model import Exam, Policy
from chalicelib.exams.questions import Bank
from chalicelib.imports import packs
from chalicelib.imports.packs import Inspection
from chalicelib.preview import model, page, service
from chalicelib.preview.model import Preview
from tests.illustrated import FIRST, HEADER, pack, table

ROOT = pathlib.Path(__file__).parents[2]
CODE = 'document.title = "script";'


class Elements(HTMLParser):
    """Names and attributes of all elements, and the text of each element with an id."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found.append((tag, attributes))
        if re.fullmatch(r"[qm]\d+", attributes.get("id") or ""):
            self._inside = attributes["id"] or ""
            self.text[self._inside] = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text[self._inside] += f"{data} "


def source_of(preview: Preview) -> str:
    return page.show(preview, css="", code=CODE).decode()


def elements_of(preview: Preview) -> Elements:
    return Elements(source_of(preview))


def inspection(**files: Any) -> Inspection:
    return packs.inspect({**pack(), **{n.replace("__", "/"): d for n, d in files.items()}})


def of_pack(**files: Any) -> Preview:
    return model.of_pack(inspection(**files))


@pytest.fixture(scope="module")
def shown() -> Elements:
    return elements_of(of_pack())


def test_the_pack_of_this_test_is_right() -> None:
    assert packs.inspect(pack()).findings == ()


def test_every_question_is_there_once_and_those_of_a_material_stand_after_it(
    shown: Elements,
) -> None:
    assert list(shown.text) == ["q1", "q2", "q3", "m1", "q4", "q5", "q6"]
    assert "某项目" in shown.text["m1"]
    assert "第一问" in shown.text["q4"]
    assert "第二问" in shown.text["q5"]
    links = [a["href"] for tag, a in shown.found if tag == "a"]
    assert links == [f"#q{n}" for n in range(1, 7)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("q1", ["答案 B", "解析 见图", "依据 第四十二条", "标签 流程", "分值 5 分"]),
        ("q1", ["选项顺序 C 固定，其余打乱", "抽题 单选题：从 2 题中抽 1 题", "编号 S1"]),
        ("q1", ["位置 questions/a.csv 第 2 行", "“以上都对”一类的选项固定在原来的位置"]),
        ("q2", ["第 1 空 20 或 二十", "第 2 空 5", "没有解析"]),
        ("q3", ["答案 错误", "选项顺序 固定（判断题）"]),
        ("q5", ["答案 AB", "材料题：从 1 个材料中抽 1 个", "选两个或更多选项"]),
        ("q6", ["选项顺序 固定不变", "位置 questions/b.csv 第 2 行", "1 < 2"]),
    ],
)
def test_what_candidates_do_not_see_stands_beside_a_question(
    shown: Elements, question: str, expected: list[str]
) -> None:
    text = " ".join(shown.text[question].split())
    for part in expected:
        assert part in text


def test_picture_formula_table_and_blanks_are_elements(shown: Elements) -> None:
    names = [tag for tag, _ in shown.found]
    assert {"math", "mfrac", "b", "table"} <= set(names)
    [picture] = [a for tag, a in shown.found if tag == "img"]
    assert (picture["alt"], picture["width"]) == ("流程图", "40")
    kind, data = (picture["src"] or "").split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    assert [a.get("class") for _, a in shown.found].count("blank") == 2


def test_nothing_of_a_file_becomes_markup_and_one_script_is_allowed(shown: Elements) -> None:
    source = source_of(of_pack())
    assert "<script>alert" not in source
    assert [tag for tag, _ in shown.found].count("script") == 1
    [policy] = [a["content"] for _, a in shown.found if "http-equiv" in a]
    digest = base64.b64encode(hashlib.sha256(CODE.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in (policy or "")
    assert "default-src 'none'" in (policy or "")


def test_a_wrong_pack_is_shown_with_its_findings() -> None:
    source = source_of(of_pack(**{"questions__c.csv": table(({**FIRST[2], "答案": "也许"},))}))
    assert "须修改 1 处" in source
    assert "questions/c.csv 第 2 行" in source
    assert "<details open>" in source
    assert "6 题" in source


def test_a_pack_without_settings_shows_its_questions_all_the_same() -> None:
    wrong = of_pack(**{"exam.yaml": b"format: 2"})
    assert len(wrong.bank.questions) == 6
    assert "（考试设置有误，没有名称）" in source_of(wrong)
    assert "抽题" not in elements_of(wrong).text["q1"]


def test_a_question_that_no_section_draws_is_told() -> None:
    header = {**HEADER, "sections": HEADER["sections"][1:]}  # type: ignore[index]
    written = yaml.safe_dump(header, allow_unicode=True).encode()
    assert "不会被抽到" in elements_of(of_pack(**{"exam.yaml": written})).text["q1"]


def test_the_structure_of_the_paper_is_on_top() -> None:
    source = source_of(of_pack())
    assert "1 个材料，每个 2 题" in source
    assert "<td>合计</td><td></td><td>5 题</td><td></td><td></td><td>14 分</td>" in source
    assert "没有发现错误" in source
    assert "开考 2027-03-28 09:00" in source


def test_a_pack_is_previewed_with_who_may_enter() -> None:
    source = service.preview_pack(files=pack()).decode()
    assert "谁可以参加：对所有代理机构从业人员开放" in source
    assert "addEventListener" in source


def test_a_zip_that_cannot_be_opened_gives_a_page_with_the_reason() -> None:
    source = service.preview_zip(data=b"no zip").decode()
    assert "不是可以打开的 zip 文件" in source
    assert "没有可以显示的题目" in source


def test_a_published_exam_says_so_and_that_its_key_was_corrected() -> None:
    exam = Exam("e", "考试", 0, (), "", Policy(), (), "p1")
    source = source_of(model.of_exam(exam, Bank((), ()), {}, "名单 2 人"))
    assert "已发布的考试" in source
    assert "名单 2 人" in source
    assert "答案已更正" not in source


# --- the style -----------------------------------------------------------------------------------


def defined(css: str) -> list[str]:
    """The custom properties that a style sheet sets."""
    return re.findall(r"^ +(--[a-z-]+):", css, flags=re.MULTILINE)


def test_colours_and_fonts_stand_once_for_the_preview_and_the_page() -> None:
    folder = ROOT / "chalicelib/preview"
    shared = (folder / "tokens.css").read_text("utf-8")
    own = (folder / "preview.css").read_text("utf-8")
    of_page = (ROOT / "web/src/styles/tokens.css").read_text("utf-8")
    assert '@import "../../../chalicelib/preview/tokens.css";' in of_page
    assert defined(own) == []
    assert not set(defined(shared)) & set(defined(of_page))
    assert set(re.findall(r"var\((--[a-z-]+)", own)) <= set(defined(shared))
    assert re.findall("#[0-9a-f]{3,8}\\b", own) == ["#fff"]  # behind a picture
