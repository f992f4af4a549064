"""Pieces of HTML in banks: what a person sees is kept, what would be missed is refused, nothing becomes markup."""

import pytest

from chalicelib.exams.content import Content, Mark, Paragraph, Picture, Table, TableCell, Text
from chalicelib.notation.formulas import read_latex
from chalicelib.notation.html_fragments import (
    MOST_DEPTH,
    MOST_TAGS,
    read_fragment,
)


def read(text: str) -> Content:
    return read_fragment(text, lambda source, alt: Picture(source, 1, 1, alt), lambda _: None)


def test_marks_paragraphs_and_breaks() -> None:
    assert read("<p>评标<b>单数</b>，<br>  不少于</p>\n<p>几人？</p>") == (
        Paragraph((Text("评标"), Text("单数", (Mark.BOLD,)), Text("，\n不少于"))),
        Paragraph((Text("几人？"),)),
    )
    assert read("10<sup>2</sup> H<sub>2</sub>O") == (
        Paragraph(
            (
                *(Text("10"), Text("2", (Mark.SUPERSCRIPT,)), Text(" H")),
                *(Text("2", (Mark.SUBSCRIPT,)), Text("O")),
            )
        ),
    )


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a &lt;b&gt;&nbsp;c", "a <b> c"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ("<o:p>x</o:p><font color=red onclick='y'>y</font>", "xy"),
        ("<ol><li>甲<li>乙</ol><ul><li>丙</li></ul>", "1. 甲\n2. 乙\n• 丙"),
        ("a<!-- <b>x</b> -->b", "ab"),
        ("a<![CDATA[b]]>", "a<![CDATA[b]]>"),
        ("<p>a\n  b</p>", "a b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<p>a<p>b", "a\nb"),
        ("</b>a</p>", "a"),
        ("若a<b且c>d", "若a<b且c>d"),
        ("x<y", "x<y"),
        ("标记<foo>与</foo>", "标记<foo>与</foo>"),
    ],
)
def test_plain_texts(text: str, content: str) -> None:
    assert read(text).replace("\xa0", " ") == content  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "style",
    ["font-weight: bold", "color:red;font-weight:700"],
)
def test_marks_by_style(style: str) -> None:
    assert read(f'<span style="{style}">x</span>') == (Paragraph((Text("x", (Mark.BOLD,)),)),)


def test_tables() -> None:
    assert read(
        "<table><tbody><tr><th>甲</th><td colspan='2'><p>乙</p><p>丙</p></td></tr></tbody></table>后"
    ) == (
        Table(((TableCell((Text("甲"),)), TableCell((Text("乙\n丙"),), 2)),)),
        Paragraph((Text("后"),)),
    )


def test_pictures_and_formulas() -> None:
    assert read('<img src="a.png" alt="章">$$x^2$$') == (
        Paragraph((Picture("a.png", 1, 1, "章"), read_latex("x^2"))),
    )
    mathml = "<math xmlns='m'><msup><mi>x</mi><mn>2</mn></msup></math>"
    assert read(f"由{mathml}得") == (Paragraph((Text("由"), read_latex("{x}^{2}"), Text("得"))),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<video src=x></video>", "音频、视频"),
        ("<s>旧</s>新", "删除线"),
        ("<span style='text-decoration: line-through'>旧</span>", "删除线"),
        ("<p hidden>答案 A</p>", "隐藏的内容"),
        ("<p style='display:none'>答案 A</p>", "隐藏的内容"),
        ("<select><option>a</select>", "填写的控件"),
        ("<img src='https://example.com/a.png'>", "网上"),
        ("<table><tr><td><table></table></td></tr></table>", "不能再有表格"),
        ("<b>" * (MOST_DEPTH + 1), "嵌套过深"),
        ("<br>" * (MOST_TAGS + 1), f"最多 {MOST_TAGS} 个"),
    ],
)
def test_what_would_be_missed_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(text)


def test_so_many_tags_and_so_deep_is_read() -> None:
    assert read("<b>" * MOST_DEPTH + "x")
    assert read("x<br>" * MOST_TAGS)


@pytest.mark.parametrize(
    ("tag", "named"),
    [
        ("script", ["脚本（script）"]),
        ("noscript", ["没有脚本时的内容（noscript）"]),
        ("template", ["页面模板（template）"]),
        ("style", []),
        ("i", []),
    ],
)
def test_scripts_are_named_and_styles_are_not(tag: str, named: list[str]) -> None:
    noted: list[str] = []
    text = f"问<{tag}>x</{tag}>？"
    read_fragment(text, lambda source, alt: Picture(source, 1, 1, alt), noted.append)
    assert noted == named


def test_a_formula_that_does_not_end_is_refused_with_what_stands_behind_it() -> None:
    assert read("<math><mi>x</math>后面") == (Paragraph((read_latex("x"), Text("后面"))),)
    with pytest.raises(ValueError, match="缺少 </math>"):
        read("<math><mi>x</mi>后面")


@pytest.mark.parametrize("how", ["hidden", 'style="display:none"', 'href="x"'])
def test_a_formula_that_is_hidden_or_leads_away_is_refused(how: str) -> None:
    with pytest.raises(ValueError, match="公式里的 math "):
        read(f"<math {how}><mi>x</mi></math>")
