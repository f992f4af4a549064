"""The written notation of content: what it means, what stays text, and that nothing is lost on the way."""

import hashlib

import pytest
from hypothesis import given

from chalicelib.exams.content import (
    BlankPlace,
    Mark,
    Paragraph,
    Picture,
    Table,
    TableCell,
    Text,
)
from chalicelib.notation.building import MOST_INLINES, MOST_SPAN
from chalicelib.notation.formulas import read_latex
from chalicelib.notation.markup import read_markup, write_markup
from chalicelib.notation.picture_shelf import PictureShelf
from tests.unit.contents import contents


class FakeShelf(PictureShelf):
    """Takes each file as a picture of 2 by 3 pixels without decoding it."""

    def take(self, data: bytes, alt: str = "") -> Picture:
        return Picture(hashlib.sha256(data).hexdigest(), 2, 3, alt)


FILES = {"pictures/印章.png": b"1", "pictures/plan (2).jpg": b"2"}
PICTURES = tuple(FakeShelf().take(data) for data in FILES.values())


def read(text: str, *, blanks: bool = False) -> object:
    return read_markup(text, FakeShelf(FILES), blanks=blanks)


def paragraph(*inlines: object) -> tuple[Paragraph, ...]:
    return (Paragraph(inlines),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("采购人", "若 a<b 且 c>d", "价格 $5 与 $6", "HTML 的 <b> 标签", "</b>", "<i>x</i>", "<b"),
        *("AT&T", "C:\\(x", "![图]", "[a](b)", "$____ 与 $5", "<tr>x</tr>", "a ____ b", "&copy;"),
        *("$PATH_A and $HOME_B", "$A_1 $"),
        *("<b style='x'>y</b>", "<p>", "<table>", "\\[", "$$", "&#8203;", "&#0;", "a\nb"),
    ],
)
def test_what_is_no_notation_stays_as_it_is(text: str) -> None:
    assert read(text) == text
    assert read(write_markup(text, lambda _: "x")) == text


def test_marks_line_breaks_and_paragraphs() -> None:
    assert read("10<sup>2</sup>和H<sub>2</sub>O") == paragraph(
        Text("10"),
        Text("2", (Mark.SUPERSCRIPT,)),
        Text("和H"),
        Text("2", (Mark.SUBSCRIPT,)),
        Text("O"),
    )
    assert read("<B>a<u>b</u></B>") == paragraph(
        Text("a", (Mark.BOLD,)), Text("b", (Mark.BOLD, Mark.UNDERLINE))
    )
    assert read("a<br>b<br/>c") == "a\nb\nc"
    assert read("<p>a</p><p><b>b</b></p>") == (
        *paragraph(Text("a")),
        *paragraph(Text("b", (Mark.BOLD,))),
    )


def test_a_tag_that_is_not_closed_is_text_and_the_others_count() -> None:
    assert read("<b>a<u>b</b>") == paragraph(Text("a<u>b", (Mark.BOLD,)))
    assert read("<b>a</u>b</b>") == paragraph(Text("a</u>b", (Mark.BOLD,)))


def test_tables_with_cells_that_span() -> None:
    assert read(
        '前<table><tr><td colspan="2">甲</td></tr> <tr><td>乙</td><td rowspan="1"></td></tr></table>'
    ) == (
        *paragraph(Text("前")),
        Table(((TableCell((Text("甲"),), 2, 1),), (TableCell((Text("乙"),)), TableCell()))),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<table>x<tr><td>a</td></tr></table>", "须在单元格"),
        (f'<table><tr><td colspan="{MOST_SPAN + 1}">a</td></tr></table>', "最多合并"),
        ('<table><tr><td colspan="0">a</td></tr></table>', "最多合并"),
        ("<u>x</u>" + "<b>a</b><u>b</u>" * (MOST_INLINES // 2), "过于复杂"),
        ("![图](没有.png)", "没有.png"),
        (r"$\frac{1$", r"公式不能识别：\frac{1"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("\\", "\\\\")):
        read(text)


def test_a_cell_may_span_so_much() -> None:
    assert read(f'<table><tr><td colspan="{MOST_SPAN}">a</td></tr></table>')
    assert read("<b>a</b><u>b</u>" * (MOST_INLINES // 2))


@pytest.mark.parametrize(
    "text", ["$x^2$", r"\(x^2\)", r"\[x^2\]", "$$x^2$$", "<b>$x^2$</b>", r"\( x^2 \)"]
)
def test_formulas_are_read_in_each_spelling(text: str) -> None:
    assert read(text) == paragraph(read_latex("x^2"))


def test_a_formula_may_hold_what_looks_like_a_tag() -> None:
    assert read(r"\(a<b>c\)") == paragraph(read_latex("a<b>c"))


def test_pictures_are_found_by_name() -> None:
    seal, plan = PICTURES
    found = read("如图![公章](印章.PNG)和![](plan (2).jpg)")
    assert found == paragraph(
        Text("如图"), Picture(seal.sha256, 2, 3, "公章"), Text("和"), Picture(plan.sha256, 2, 3)
    )


def test_references_name_characters() -> None:
    assert read("&lt;b&gt;x&lt;/b&gt; &amp;amp; &#36;5&nbsp;元") == "<b>x</b> &amp; $5 元"


def test_underscores_are_blanks_where_blanks_are_asked_for() -> None:
    assert read("共<b>____</b>日", blanks=True) == paragraph(Text("共"), BlankPlace(0), Text("日"))
    assert read("共<u>   </u>____", blanks=True) == paragraph(
        Text("共"), BlankPlace(0), BlankPlace(0)
    )
    assert read("共<b>x</b>&#95;&#95;", blanks=True) == paragraph(
        Text("共"), Text("x", (Mark.BOLD,)), Text("__")
    )


def names(picture: Picture) -> str:
    return dict(zip((p.sha256 for p in PICTURES), FILES, strict=True))[picture.sha256]


@given(contents(PICTURES))
def test_every_content_is_written_and_read_without_loss(content: object) -> None:
    assert read(write_markup(content, names)) == content  # type: ignore[arg-type]


@given(contents(PICTURES, blanks=True))
def test_every_stem_with_blanks_is_written_and_read_without_loss(content: object) -> None:
    def numbered(whole: object) -> str:
        return str(whole).replace("BlankPlace(number=0)", "BlankPlace(number=1)")

    assert numbered(read(write_markup(content, names), blanks=True)) == str(content)  # type: ignore[arg-type]
