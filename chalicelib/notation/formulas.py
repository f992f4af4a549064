"""Formulas: LaTeX and MathML become the MathML that is shown. Pure.

Only elements and attributes of presentation MathML that are named here come through. A formula with anything else is
refused, because leaving a part out would change what it says. Only this module imports latex2mathml.
"""

import functools
import html
import re
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from chalicelib.exams.content import MATH_ATTRIBUTES, MATH_ELEMENTS, Formula, MathElement

MOST_LATEX = 1_000  # characters
MOST_NESTED = 40  # braces
MOST_ELEMENTS = 1_500  # of MathML
MOST_DEPTH = 60
# A formula in a text. Possessive quantifiers: each character is looked at a few times only, whatever stands there.
IN_TEXT = r"""\\\((?P<latex>(?:[^\\]|\\[^()])++)\\\)
    |\\\[(?P<shown>(?:[^\\]|\\[^\[\]])++)\\\]
    |\$\$(?P<centred>[^$]++)\$\$
    |\$(?P<dollars>(?![^$\n]*__)[^$\n\\^_{]*+[\\^_{][^$\n]*+)\$"""
_IN_TEXT = re.compile(IN_TEXT, re.VERBOSE)
_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{0,60}\Z", re.ASCII)
# They define something for later, or reach outside of the formula.
_FORBIDDEN = re.compile(
    r"\\(newcommand|renewcommand|providecommand|def|let|input|include|require)\b"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


@functools.lru_cache(maxsize=1_000)
def read_latex(latex: str) -> Formula:
    """The formula of a text in LaTeX, without the characters around it. Raises `ValueError` with its text."""
    latex = latex.strip()
    if len(latex) > MOST_LATEX:
        raise ValueError(f"公式最多 {MOST_LATEX} 个字符：{_short(latex)}")
    if not _is_balanced(latex) or _FORBIDDEN.search(latex):
        raise ValueError(_unreadable(latex))
    import latex2mathml.converter

    try:
        element = latex2mathml.converter.convert_to_element(latex)
    except Exception:  # it trusts its input: a wrong formula can raise anything
        raise ValueError(_unreadable(latex)) from None
    return Formula(latex, _checked(element, latex))


def latex_of(match: re.Match[str]) -> str:
    """The LaTeX of a match of `IN_TEXT`; "" when it matched something else."""
    return match["latex"] or match["shown"] or match["centred"] or match["dollars"] or ""


def has_formula(text: str) -> bool:
    """Whether something in a text is written as a formula."""
    return _IN_TEXT.search(text) is not None


def split_formulas(text: str) -> Iterator[str | Formula]:
    """The parts of a text and the formulas between them. Raises `ValueError` for one that cannot be read."""
    end = 0
    for match in _IN_TEXT.finditer(text):
        yield text[end : match.start()]
        yield read_latex(latex_of(match))
        end = match.end()
    yield text[end:]


def _is_balanced(latex: str) -> bool:
    """Whether braces are closed, and not nested too deep for the converter."""
    depth = 0
    for match in _BRACE.finditer(latex):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not 0 <= depth <= MOST_NESTED:
            return False
    return depth == 0


def _unreadable(latex: str) -> str:
    return f"公式不能识别：{_short(latex)}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _checked(element: Element, source: str) -> MathElement:
    """An element of MathML as ours. Raises `ValueError` for what is not named here, or too large."""
    left = MOST_ELEMENTS

    def checked(element: Element, depth: int) -> MathElement:
        nonlocal left
        left -= 1
        name = _local(element.tag)
        attributes = {_local(key): value for key, value in element.attrib.items()}
        attributes.pop("xmlns", None)
        if left < 0 or depth > MOST_DEPTH or name not in MATH_ELEMENTS:
            raise ValueError(_unreadable(source))
        if not set(attributes) <= MATH_ATTRIBUTES or not all(
            map(_VALUE.match, attributes.values())
        ):
            raise ValueError(_unreadable(source))
        children: list[MathElement | str] = []
        if text := _text(element.text):
            if text.startswith("\\"):  # a command that the converter does not know
                raise ValueError(_unreadable(source))
            children.append(text)
        children += [checked(child, depth + 1) for child in element]
        return MathElement(name, attributes, tuple(children))

    return checked(element, 1)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _text(text: str | None) -> str:
    """The text of an element; latex2mathml writes characters as references (`&#x003C;`)."""
    return html.unescape(text or "").strip(" \t\r\n")


# --- from MathML ----------------------------------------------------------------------------------------


def read_mathml(element: Element) -> Formula:
    """The formula of a `math` element, through LaTeX. Raises `ValueError` for what LaTeX of ours cannot say."""
    source = "".join(element.itertext()).strip()
    if len(source) > MOST_LATEX:
        raise ValueError(f"公式最多 {MOST_LATEX} 个字符：{_short(source)}")
    return read_latex(_to_latex(element, source, 1))


def _to_latex(element: Element, source: str, depth: int) -> str:
    name = _local(element.tag)
    if depth > MOST_DEPTH:
        raise ValueError(_unreadable(source))
    if name in _LEAVES:
        return _LEAVES[name](_text(element.text))
    if (
        name == "semantics"
    ):  # the first child is what is shown, the others say the same in other words
        return _to_latex(element[0], source, depth + 1) if len(element) else ""
    parts = [_to_latex(child, source, depth + 1) for child in element]
    if name == "mtable":
        rows = r" \\ ".join(parts)
        return rf"\begin{{matrix}}{rows}\end{{matrix}}"
    if name == "mtr":
        return " & ".join(parts)
    if name in _GROUPS:
        return " ".join(parts)
    if name == "msqrt":
        return rf"\sqrt{{{' '.join(parts)}}}"
    if name == "mfenced":
        open_character, close_character = element.get("open", "("), element.get("close", ")")
        return f"{latex_of_characters(open_character)}{' , '.join(parts)}{latex_of_characters(close_character)}"
    if name in _PATTERNS and len(parts) == _PATTERNS[name].count("%s"):
        ordered = reversed(parts) if name == "mroot" else parts
        return _PATTERNS[name] % tuple(ordered)
    raise ValueError(_unreadable(source))


_GROUPS = {"math", "mrow", "mstyle", "mtd", "mpadded"}
_PATTERNS = {
    "mfrac": r"\frac{%s}{%s}",
    "mroot": r"\sqrt[%s]{%s}",
    "msub": "{%s}_{%s}",
    "msup": "{%s}^{%s}",
    "msubsup": "{%s}_{%s}^{%s}",
    "munder": r"{%s}_{%s}",
    "mover": r"{%s}^{%s}",
    "munderover": "{%s}_{%s}^{%s}",
}
_OPERATORS = {
    **{"×": r"\times ", "÷": r"\div ", "±": r"\pm ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne "},
    **{"·": r"\cdot ", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "≈": r"\approx "},
    **{"∞": r"\infty ", "→": r"\to ", "∈": r"\in ", "∪": r"\cup ", "∩": r"\cap ", "−": "-"},
    **{"{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_"},
    **{"\u2061": "", "\u2062": "", "\u2063": "", "…": r"\dots ", "∠": r"\angle ", "°": r"^{\circ}"},
}


def latex_of_characters(text: str) -> str:
    """The characters of a formula as LaTeX writes them."""
    return "".join(_OPERATORS.get(character, character) for character in text)


def _words(text: str) -> str:
    return (
        rf"\text{{{''.join(_OPERATORS.get(character, character) for character in text)}}}"
        if text
        else ""
    )


def _identifier(text: str) -> str:
    return (
        rf"\mathrm{{{text}}}"
        if len(text) > 1 and text.isascii() and text.isalpha()
        else latex_of_characters(text)
    )


_LEAVES: dict[str, Callable[[str], str]] = {
    "mi": _identifier,
    "mn": latex_of_characters,
    "mo": latex_of_characters,
    "mtext": _words,
    "ms": _words,
    "mspace": lambda _: r"\ ",
    "none": lambda _: "",
}
