"""What files hold is text on the preview and on the report, in a real browser: nothing of it runs."""

import re
from collections.abc import Iterator

import openpyxl
import pytest
import yaml
from playwright.sync_api import BrowserContext, Page

from chalicelib.imports import reports
from chalicelib.imports import service as imports
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.preview import service as preview
from chalicelib.shared import archives
from tests.dropbox import saved
from tests.illustrated import HEADER, SECTIONS, table
from tests.unit.test_pictures import png_of
from tests.web.browsing import Browsers

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
COUNTED = "window.ran = []; window.alert = (text) => window.ran.push(text);"


def attack(place: str) -> str:
    """A text that runs where it becomes markup, ends an element or leaves an attribute."""
    return f"""{place}'"><img src=x onerror=alert('{place}')></title></style></textarea>"""


def attack_of_line(place: str) -> str:
    """The same for a place where quotes end a cell, or a slash a name."""
    return f"{place}<img src=x onerror=alert(1)><svg onload=alert(2)>"


def attacked(row: dict[str, str]) -> dict[str, str]:
    """A row in which each cell of text has an attack behind what is in it."""
    fixed = {"编号", "题型", "答案", "分值", "选项顺序", "材料编号"}
    return {
        heading: text if heading in fixed else text + attack(f"cell of {heading}")
        for heading, text in row.items()
    }


SINGLE = {
    **{
        "编号": "S1<svg onload=alert(9)>",
        "题型": "单选题",
        "题干": "问",
        "选项A": "甲",
        "选项B": "乙",
        "答案": "A",
    },
    **{"解析": "因", "依据": "源", "标签": "类"},
}
BLANK = {"编号": "B1", "题型": "填空题", "题干": "____", "答案": attack("key")}
JUDGE = {"编号": "J1", "题型": "判断题", "题干": f"![{attack_of_line('alt')}](a.png)", "答案": "对"}
SHARED = {"材料编号": attack_of_line("material")[:40], "材料": f"材{attack('text of material')}"}
OTHER_SINGLE = {"选项A": "<td>甲</td>", "选项B": r"$\text{<svg onload=alert(3)>}$"}
BANK = [
    attacked(SINGLE),
    BLANK,
    JUDGE,
    {**SINGLE, "编号": "M1", "题干": "一", **OTHER_SINGLE, **SHARED},
    {
        **SINGLE,
        "编号": "M2",
        "题干": "<table><tr><td>" + attack("cell") + "</td></tr></table>",
        **SHARED,
    },
]
TITLES = {section["id"]: f"{section['id']}<img src=x onerror=alert(1)>" for section in SECTIONS}


def workbook() -> bytes:
    """A bank with an attack as name of its sheet, of a sheet that is left out, and as heading of a column."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "1<img src=x onerror=alert(4)>"
    sheet.append(["编号", "题型", "题干", "答案", attack("heading")])
    sheet.append(["W1", "判断题", "对？", "对", "x"])
    sheet.append(["W2", "判断题", "对？", "=1+1", ""])
    book.create_sheet("2<img src=x onerror=alert(5)>").append(["x"])
    return saved(book)


def files(**more: bytes) -> dict[str, bytes]:
    """A pack whose names and texts are attacks; only what a name or a heading may not be is wrong."""
    sections = [{**section, "title": TITLES[section["id"]]} for section in SECTIONS]
    header = {**HEADER, "title": attack("title"), "sections": sections}
    return {
        "exam.yaml": yaml.safe_dump(header, allow_unicode=True).encode(),
        f"questions/{attack_of_line('file')}.csv": table(tuple(BANK)),
        "pictures/a.png": png_of(4, 3),
        f"pictures/{attack_of_line('unused')}.png": png_of(5, 3),
        f"{attack_of_line('other')}.pdf": b"x",
        **more,
    }


def wrong() -> dict[str, bytes]:
    """The same pack with mistakes, whose reasons repeat what is written."""
    rows = [
        {**SINGLE, "编号": "W3", "题干": r"$\frac{<img src=x onerror=alert(6)>$"},
        {**SINGLE, "编号": "W4", "题干": f"![x]({attack_of_line('missing')}.png)"},
        {**SINGLE, "编号": "W5", "题干": f"![x](http://{attack_of_line('address')})"},
        {**SINGLE, "编号": "W6", "题型": attack("type")},
        {**SINGLE, "编号": "W7", "答案": attack("answer")},
        {**SINGLE, "编号": "W8", "材料编号": attack("no material")},
    ]
    return files(
        **{
            f"questions/{attack_of_line('wrong')}.csv": table(tuple(rows)),
            f"questions/{attack_of_line('book')}.xlsx": workbook(),
            f"questions/{attack_of_line('gift')}.gift": "::<svg onload=alert(7)>:: 问 {=甲".encode(),
        }
    )


@pytest.fixture
def context(browsers: Browsers) -> Iterator[BrowserContext]:
    opened = browsers.get(camera=False).new_context()
    opened.add_init_script(COUNTED)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def show(page: Page, shown: bytes) -> str:
    """The text of a page that has no policy to protect it. Nothing runs on it, and it holds no element of a file."""
    source, policies = POLICY.subn("", shown.decode())
    assert policies == 1
    page.set_content(source)
    assert page.evaluate("window.ran") == []
    names = {name.lower() for name in page.evaluate(ELEMENTS)}
    assert not names & {"svg", "iframe", "object", "embed", "link", "base", "form", "textarea"}
    assert page.evaluate(HANDLERS) == []
    assert all(source.startswith("data:image/") for source in page.evaluate(SOURCES))
    return str(page.evaluate("document.documentElement.textContent"))


ELEMENTS = "[...document.querySelectorAll('*')].map((e) => e.tagName)"
HANDLERS = """[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes])
  .map((a) => a.name).filter((name) => name.startsWith('on') || name === 'srcdoc')"""
SOURCES = "[...document.images].map((image) => image.getAttribute('src'))"


def test_the_preview_shows_attacks_as_text(page: Page) -> None:
    text = show(page, preview.preview_pack(files=files()))
    assert page.locator("script").count() == 1  # our own
    assert page.locator("article").count() == len(BANK)
    for heading in ("题干", "选项A", "选项B", "解析", "依据", "标签"):
        assert attack(f"cell of {heading}") in text, heading
    for place in ("key", "text of material", "cell"):
        assert attack(place) in text, place
    for place in ("file", "unused", "other"):
        assert attack_of_line(place) in text, place
    for written in (*TITLES.values(), attack("title"), SHARED["材料编号"], SINGLE["编号"]):
        assert written in text
    assert page.get_by_alt_text(attack_of_line("alt"), exact=True).count() == 1
    assert "<svg onload=alert(3)>" in text.replace("\xa0", " ")
    assert page.title() == preview_title()


def preview_title() -> str:
    return f"试题预览：{attack('title')}"


@pytest.mark.parametrize("of_report", [False, True])
def test_reasons_repeat_attacks_as_text(page: Page, of_report: bool) -> None:
    if of_report:
        drop = Drop(f"exams/{attack_of_line('zip')}.zip", DropKind.PACK)
        report = imports.check_file(drop=drop, data=archives.pack(wrong()), now=0)
        text = show(page, reports.to_page(report))
        assert page.locator("script").count() == 0
        assert attack_of_line("zip") in text
    else:
        text = show(page, preview.preview_pack(files=wrong()))
        assert page.locator("script").count() == 1
    for place in ("wrong", "book", "gift", "missing", "address", "other", "unused"):
        assert attack_of_line(place) in text, place
    for written in ("onerror=alert(6)>", "2<img src=x onerror=alert(5)>", "<svg onload=alert(7)>"):
        assert written in text
    assert attack("heading") in text


def test_the_own_policy_lets_nothing_else_run(page: Page) -> None:
    page.set_content(preview.preview_pack(files=files()).decode())
    page.evaluate(
        """() => { const script = document.createElement("script");
        script.textContent = "alert(8)"; document.body.append(script); }"""
    )
    assert page.evaluate("window.ran") == []


def test_the_counting_notices_what_runs(page: Page) -> None:
    page.set_content(f"<p>{attack('x')}</p>")
    page.wait_for_function("window.ran.length === 1")
