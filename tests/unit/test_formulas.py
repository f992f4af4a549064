"""Formulas: LaTeX and MathML become the elements that are shown; what is not known is refused with its text."""

from xml.etree.ElementTree import fromstring

import pytest

from chalicelib.exams.content import MATH_ATTRIBUTES, MATH_ELEMENTS, MathElement
from chalicelib.notation.formulas import MOST_LATEX, read_latex
from chalicelib.notation.latex import MOST_NESTED
from chalicelib.notation.mathml import read_mathml


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
            r"\newcommand{\a}{b}",
            r"\input{/etc/passwd}",
        ),
        *(r"\limits", r"\begin{matrix}{a\end{matrix}}", r"\begin{matrix}a", r"\prescript{a}{b}{c}"),
    ],
)
def test_what_is_not_known_is_refused_with_its_text(latex: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_latex(latex)
    assert str(refused.value) == f"公式不能识别：{latex}"


@pytest.mark.parametrize(
    ("latex", "name"),
    [
        (r"\phantom{x}y", r"\phantom"),
        (r"\hphantom{x}", r"\hphantom"),
        (r"\vphantom{x}", r"\vphantom"),
        (r"\llap{x}y", r"\llap"),
        (r"\smash{x}", r"\smash"),
        (r"\raise 9em{x}", r"\raise"),
        (r"\cancel{x}", r"\cancel"),
        (r"\boxed{x}", r"\boxed"),
        (r"\color{white}x", r"\color"),
        (r"\textcolor{white}{x}", r"\textcolor"),
        (r"\href{javascript:alert(1)}{x}", r"\href"),
        (r"\class{a}{b}", r"\class"),
        (r"\style{display:none}{x}", r"\style"),
        (r"\mathchoice{a}{b}{c}{d}", r"\mathchoice"),
        (r"\begin{eqnarray}a\end{eqnarray}", r"\begin{eqnarray}"),
        (r"\begin{pmatrix*}[r]a\end{pmatrix*}", r"\begin{pmatrix*}"),
        (r"10% 以上", r"%（符号请写作 \%）"),
        (r"a & b", r"&（符号请写作 \&）"),
        (r"a\\b", r"换行 \\（表格以外）"),
        (r"\text{\foo}", r"\text{…\foo…}"),
        (r"\text{当{x}时}", r"\text 里的花括号"),
        (r"\hspace{-1em}a", "mspace"),
        (r"\hspace{10.1em}a", "mspace"),
        (r"a\kern-5mu b", "mspace"),
        (r"\mskip -3mu b", "mspace"),
        (r"\not a", "mpadded"),
        (r"⏜AB", "⏜"),
        (r"\unicode{x202e}", "看不见的字符"),
    ],
)
def test_what_would_hide_or_change_something_is_refused_by_its_name(latex: str, name: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_latex(latex)
    assert str(refused.value) == f"公式里的 {name} 不能使用，会隐藏或改变内容：{latex}"


def shown(latex: str) -> str:
    """The MathML of a formula without attributes that only tell how it looks, its lines of fractions included."""

    def written(element: MathElement | str) -> str:
        if isinstance(element, str):
            return element
        bare = element.attributes.get("linethickness") == "0"
        inner = "".join(map(written, element.children))
        name = "bare" if bare else element.name
        return inner if name in ("math", "mrow", "mstyle") else f"{name}({inner})"

    return written(read_latex(latex).math)


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        (r"\binom{n}{k}", "mo(()bare(mi(n)mi(k))mo())"),
        (r"{n \atop k}", "bare(mi(n)mi(k))"),
        (r"\overline{AB}", "mover(mi(A)mi(B)mo(―))"),
        (r"\underline{x}", "munder(mi(x)mo(―))"),
        (r"\vec{a}", "mover(mi(a)mo(→))"),
        (r"\wideparen{AB}", "mover(mi(A)mi(B)mo(⏜))"),
        (r"\cases{a&b}", "mo({)mtable(mtr(mtd(mi(a))mtd(mi(b))))"),
        (r"\begin{dcases}a\\b\end{dcases}", "mo({)mtable(mtr(mtd(mi(a)))mtr(mtd(mi(b))))"),
        (r"\begin{aligned}a&=b\end{aligned}", "mtable(mtr(mtd(mi(a))mtd(mi()mo(=)mi(b))))"),
        (r"\begin{gather}a\\b\end{gather}", "mtable(mtr(mtd(mi(a)))mtr(mtd(mi(b))))"),
        (r"\text{ 增 长 a&b, 100\% $5$ }", "mtext(\xa0增\xa0长\xa0a&b,\xa0100%\xa0$5$\xa0)"),
        (r"\mathrm{ab}", "mi(a)mi(b)"),
        (r"a \not= b", "mi(a)mo(≠)mi(b)"),
        (r"a \not < b \not\in c", "mi(a)mo(≮)mi(b)mo(∉)mi(c)"),
        (r"\mathop{x}", "mi(x)"),
        (r"a\!b\hspace{1em}c\kern 180mu d", "mi(a)mspace()mi(b)mspace()mi(c)mspace()mi(d)"),
        (r"\xrightarrow{a}", "mover(mo(→)mpadded(mi(a)mspace()))"),
        (r"a\%\&\_", "mi(a)mi(%)mi(&)mi(_)"),
    ],
)
def test_nothing_of_a_formula_is_lost_or_added(latex: str, mathml: str) -> None:
    assert shown(latex) == mathml
    assert read_latex(latex).latex == latex


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


@pytest.mark.parametrize(
    ("mathml", "latex", "seen"),
    [
        (
            '<mo>(</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo>)</mo>',
            r"( {{n} \atop {k}} )",
            "mo(()bare(mi(n)mi(k))mo())",
        ),
        (
            '<mfenced><mfrac linethickness="0px"><mi>n</mi><mi>k</mi></mfrac></mfenced>',
            r"({{n} \atop {k}})",
            "mo(()bare(mi(n)mi(k))mo())",
        ),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\overline{x}", "mover(mi(x)mo(―))"),
        ("<mover><mi>a</mi><mo>→</mo></mover>", r"\vec{a}", "mover(mi(a)mo(→))"),
        ("<mover><mi>a</mi><mrow><mo>^</mo></mrow></mover>", r"\hat{a}", "mover(mi(a)mo(^))"),
        (
            "<mover><mrow><mi>A</mi><mi>B</mi></mrow><mo>→</mo></mover>",
            r"\overrightarrow{A B}",
            "mover(mi(A)mi(B)mo(→))",
        ),
        ("<mover><mi>a</mi><mn>2</mn></mover>", r"\overset{2}{a}", "mover(mi(a)mn(2))"),
        ("<munder><mi>a</mi><mo>_</mo></munder>", r"\underline{a}", "munder(mi(a)mo(―))"),
        (
            "<munder><mo>lim</mo><mi>x</mi></munder>",
            r"\underset{x}{\operatorname{lim}}",
            "munder(mo(lim)mi(x))",
        ),
        (
            "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>",
            r"\sum\limits_{i}^{n}",
            "munderover(mo(∑)mi(i)mi(n))",
        ),
        ("<munder><mo>∑</mo><mi>i</mi></munder>", r"\sum\limits_{i}", "munder(mo(∑)mi(i))"),
        (
            "<munderover><mi>a</mi><mi>b</mi><mi>c</mi></munderover>",
            r"\underset{b}{\overset{c}{a}}",
            "munder(mover(mi(a)mi(c))mi(b))",
        ),
        (
            '<mfenced open="[" close=")" separators=";,"><mi>a</mi><mi>b</mi><mi>c</mi><mi>d</mi></mfenced>',
            "[a ; b , c , d)",
            "mo([)mi(a)mi(;)mi(b)mo(,)mi(c)mo(,)mi(d)mo())",
        ),
        (
            '<mfenced open="{" close="" separators=""><mi>a</mi><mi>b</mi></mfenced>',
            r"\{a  b",
            "mo({)mi(a)mi(b)",
        ),
        (
            "<mmultiscripts><mi>C</mi><none/><none/><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts>",
            "{}_{6}^{14}{C}",
            "msubsup(mn(6)mn(14))mi(C)",
        ),
        ('<mi mathvariant="double-struck">R</mi>', r"\mathbb{R}", "mi(ℝ)"),
        ("<mtext>长×宽 100%</mtext>", r"\text{长×宽 100\%}", "mtext(长×宽\xa0100%)"),
        (
            '<mstyle mathvariant="bold"><mi>a</mi><mn>1</mn></mstyle>',
            r"\mathbf{a 1}",
            "mi(a)mn(1)",
        ),
        ("<ms>a</ms>", r'\text{"a"}', 'mtext("a")'),
        ('<mspace width="0"/><mi>a</mi>', " a", "mi(a)"),
        ('<mstyle mathcolor="#000000" mathsize="16px"><mi>a</mi></mstyle>', "a", "mi(a)"),
    ],
)
def test_mathml_is_kept_as_it_is_shown(mathml: str, latex: str, seen: str) -> None:
    formula = read_mathml(fromstring(f"<math>{mathml}</math>"))
    assert formula.latex == latex.strip()
    assert shown(formula.latex) == seen


@pytest.mark.parametrize(
    ("mathml", "name"),
    [
        ("<maction><mi>a</mi></maction>", "maction"),
        ("<mphantom><mi>a</mi></mphantom>", "mphantom"),
        ('<menclose notation="updiagonalstrike"><mi>a</mi></menclose>', 'menclose notation="updia'),
        ("<menclose><mi>a</mi></menclose>", "menclose"),
        ("<merror><mi>a</mi></merror>", "merror"),
        ('<mpadded width="0"><mi>a</mi></mpadded>', 'mpadded width="0"'),
        ('<mpadded voffset="9em"><mi>a</mi></mpadded>', 'mpadded voffset="9em"'),
        ('<mspace width="-1em"/><mi>a</mi>', 'mspace width="-1em"'),
        ('<mspace linebreak="newline"/><mi>a</mi>', 'mspace linebreak="newline"'),
        ('<mstyle mathcolor="white"><mi>a</mi></mstyle>', 'mstyle mathcolor="white"'),
        ('<mstyle mathsize="0"><mi>a</mi></mstyle>', 'mstyle mathsize="0"'),
        ('<mrow style="display:none"><mi>a</mi></mrow>', 'mrow style="display:none"'),
        ('<mi hidden="">a</mi>', 'mi hidden=""'),
        ('<mi href="x">a</mi>', 'mi href="x"'),
        ('<msqrt mathvariant="bold"><mi>a</mi></msqrt>', 'msqrt mathvariant="bold"'),
        ('<mi mathvariant="loud">a</mi>', 'mi mathvariant="loud"'),
        (
            '<mfrac bevelled="true"><mi>a</mi><mi>b</mi></mfrac>',
            'mfrac bevelled="true"',
        ),
        (
            '<mfrac linethickness="thick"><mi>a</mi><mi>b</mi></mfrac>',
            'mfrac linethickness="thick"',
        ),
        ("<mrow>甲<mi>a</mi></mrow>", "mrow 里的文字（须写在 mi、mn、mo、mtext 里）"),
        ("<mrow><mi>a</mi>甲</mrow>", "mrow 里的文字（须写在 mi、mn、mo、mtext 里）"),
        ("<mtext>a<b>c</b></mtext>", "mtext 里的 b"),
        (
            "<mtable><mlabeledtr><mtd><mi>a</mi></mtd></mlabeledtr></mtable>",
            "mtable 里的 mlabeledtr",
        ),
        (
            '<mtable><mtr><mtd columnspan="2"><mi>a</mi></mtd></mtr></mtable>',
            'mtd columnspan="2"',
        ),
        ('<mtable frame="solid"><mtr/></mtable>', 'mtable frame="solid"'),
        ("<mo>^</mo>", "字符 ^"),
        ("<mtext>{</mtext>", "字符 {"),
    ],
)
def test_mathml_that_hides_or_is_not_known_is_refused_by_its_name(mathml: str, name: str) -> None:
    with pytest.raises(ValueError, match="公式里的 ") as refused:
        read_mathml(fromstring(f"<math>{mathml}</math>"))
    assert str(refused.value).startswith(f"公式里的 {name}")


@pytest.mark.parametrize(
    "mathml",
    [
        "<mfrac><mi>abc</mi></mfrac>",
        "<mover><mi>a</mi></mover>",
        "<msub><mi>a</mi><mi>b</mi><mi>c</mi></msub>",
    ],
)
def test_an_element_with_too_few_or_too_many_parts_is_refused(mathml: str) -> None:
    with pytest.raises(ValueError, match="公式不能识别：a"):
        read_mathml(fromstring(f"<math>{mathml}</math>"))
