"""Formulas: LaTeX and MathML become the elements that are shown; what is not known is refused with its text."""

from xml.etree.ElementTree import fromstring

import pytest

from chalicelib.exams.content import MATH_ATTRIBUTES, MATH_ELEMENTS, MathElement
from chalicelib.notation.formulas import (
    MOST_LATEX,
    MOST_NESTED,
    read_latex,
    read_mathml,
)


def elements(math: MathElement) -> list[MathElement]:
    inner = [child for child in math.children if isinstance(child, MathElement)]
    return [math, *(found for child in inner for found in elements(child))]


def test_a_formula_keeps_its_latex_and_has_mathml() -> None:
    formula = read_latex(r" \frac{a}{b} ")
    assert formula.latex == r"\frac{a}{b}"
    assert [element.name for element in elements(formula.math)][:3] == ["math", "mrow", "mfrac"]


@pytest.mark.parametrize(
    "latex",
    [
        *(r"\sqrt[3]{x}", r"\sum_{i=1}^n i", r"a < b", r"10\%", r"\begin{cases}a\\b\end{cases}"),
        *(
            r"\binom{n}{k}",
            r"\boxed{x}",
            r"\vec{a}",
            r"\lim_{x \to 0}",
            r"100\text{万元}",
            r"60^{\circ}",
        ),
    ],
)
def test_usual_formulas_use_only_what_is_allowed(latex: str) -> None:
    found = elements(read_latex(latex).math)
    assert {element.name for element in found} <= MATH_ELEMENTS
    assert {name for element in found for name in element.attributes} <= MATH_ATTRIBUTES
    texts = [child for element in found for child in element.children if isinstance(child, str)]
    assert not any("&#" in text or "\\" in text for text in texts)


@pytest.mark.parametrize(
    "latex",
    [
        *(
            "",
            "{",
            "a}",
            "^",
            r"\foo{a}",
            r"\text{\foo}",
            r"\newcommand{\a}{b}",
            r"\input{/etc/passwd}",
        ),
        *(r"\href{javascript:alert(1)}{x}", r"\class{a}{b}", r"\style{position:fixed}{x}"),
    ],
)
def test_what_is_not_known_is_refused_with_its_text(latex: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_latex(latex)
    assert str(refused.value) == f"公式不能识别：{latex}"


def test_a_formula_may_be_so_long_and_so_deep() -> None:
    assert read_latex("a" * MOST_LATEX)
    with pytest.raises(ValueError, match=f"最多 {MOST_LATEX} 个字符"):
        read_latex("a" * (MOST_LATEX + 1))
    assert read_latex("{" * MOST_NESTED + "x" + "}" * MOST_NESTED)
    with pytest.raises(ValueError, match="不能识别"):
        read_latex("{" * (MOST_NESTED + 1) + "x" + "}" * (MOST_NESTED + 1))


@pytest.mark.parametrize(
    ("mathml", "latex"),
    [
        (
            "<mfrac><mi>a</mi><mrow><mn>2</mn><mo>×</mo><mi>b</mi></mrow></mfrac>",
            r"\frac{a}{2 \times  b}",
        ),
        (
            "<msup><mi>x</mi><mn>2</mn></msup><mo>≤</mo><msqrt><mi>y</mi></msqrt>",
            r"{x}^{2} \le  \sqrt{y}",
        ),
        ("<mroot><mi>y</mi><mn>3</mn></mroot><mtext>万元</mtext>", r"\sqrt[3]{y} \text{万元}"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a , b)"),
        (
            "<semantics><mi>a</mi><annotation>other</annotation></semantics><mspace/><mi>sin</mi>",
            r"a \  \mathrm{sin}",
        ),
        (
            "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable>",
            r"\begin{matrix}a & b\end{matrix}",
        ),
    ],
)
def test_mathml_becomes_latex(mathml: str, latex: str) -> None:
    assert read_mathml(fromstring(f"<math>{mathml}</math>")).latex == latex


@pytest.mark.parametrize("mathml", ["<maction><mi>a</mi></maction>", "<mfrac><mi>abc</mi></mfrac>"])
def test_mathml_that_is_not_known_is_refused(mathml: str) -> None:
    with pytest.raises(ValueError, match="公式不能识别：a"):
        read_mathml(fromstring(f"<math>{mathml}</math>"))
