"""Content as HTML: every kind of inline, nothing of a text becomes markup, formulas only of known elements."""

import pytest

from chalicelib.exams.content import (
    BlankPlace,
    Content,
    Formula,
    Mark,
    MathElement,
    Paragraph,
    Picture,
    Table,
    TableCell,
    Text,
)
from chalicelib.exams.content_html import show

X = MathElement("mi", {}, ("x",))


def html(content: Content) -> str:
    return str(show(content, lambda picture: f"/{picture.sha256}"))


def line(*inlines: Text | Picture | Formula | BlankPlace) -> Content:
    return (Paragraph(inlines),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ""),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("一\n二\n\n三", "一<br>二<br><br>三"),
        (line(Text("一")), "一"),
        (line(Text("b", (Mark.BOLD, Mark.UNDERLINE))), "<u><b>b</b></u>"),
        (line(Text("10"), Text("2", (Mark.SUPERSCRIPT,))), "10<sup>2</sup>"),
        (line(Text("H"), Text("2", (Mark.SUBSCRIPT,))), "H<sub>2</sub>"),
        (line(BlankPlace(2)), '<span class="blank">2</span>'),
        (
            line(Picture("ab", 4, 3, '图"一')),
            '<img src="/ab" alt="图&quot;一" width="4" height="3">',
        ),
        ((Paragraph((Text("一"),)), Paragraph((Text("二"),))), "<p>一</p><p>二</p>"),
        (
            (Table(((TableCell((Text("甲"),), columns=2), TableCell(rows=3)),)),),
            '<table><tbody><tr><td colspan="2">甲</td><td rowspan="3"></td></tr></tbody></table>',
        ),
    ],
)
def test_each_kind_of_content_has_its_elements(content: Content, expected: str) -> None:
    assert html(content) == expected


def test_a_formula_is_mathml() -> None:
    math = MathElement("math", {"display": "inline"}, (MathElement("msqrt", {}, (X,)),))
    assert html(line(Formula("\\sqrt x", math))) == (
        '<math display="inline" xmlns="http://www.w3.org/1998/Math/MathML">'
        "<msqrt><mi>x</mi></msqrt></math>"
    )


def test_unknown_elements_and_attributes_of_a_formula_are_left_out_and_its_text_is_escaped() -> (
    None
):
    hostile = MathElement("script", {"src": "//evil"}, ("alert(1)", X))
    math = MathElement("math", {"onclick": "x", "href": "javascript:x"}, (hostile, "<b>"))
    assert html(line(Formula("", math))) == (
        '<math xmlns="http://www.w3.org/1998/Math/MathML">'
        "<mrow>alert(1)<mi>x</mi></mrow>&lt;b&gt;</math>"
    )
