"""Formulas: LaTeX becomes the MathML that is shown. Pure.

Only elements and attributes of presentation MathML that are named here come through. A formula with anything else is
refused, because leaving a part out would change what it says. Only this module imports latex2mathml.
"""

import functools
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from chalicelib.exams.content import MATH_ATTRIBUTES, MATH_ELEMENTS, Formula, MathElement
from chalicelib.notation.latex import prepared, shortened, unreadable, unusable
from chalicelib.shared import hidden_characters

MOST_LATEX = 1_000  # characters
MOST_ELEMENTS = 1_500  # of MathML
MOST_DEPTH = 60
# A formula in a text. Possessive quantifiers: each character is looked at a few times only, whatever stands there.
IN_TEXT = r"""\\\((?P<latex>(?:[^\\]|\\[^()])++)\\\)
    |\\\[(?P<shown>(?:[^\\]|\\[^\[\]])++)\\\]
    |\$\$(?P<centred>[^$]++)\$\$
    |\$(?P<dollars>(?![^$\n]*__)(?!\S[^$\n\\^{]*\s\$)[^$\n\\^_{]*+[\\^_{][^$\n]*+)\$"""
_IN_TEXT = re.compile(IN_TEXT, re.VERBOSE)
_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{0,60}\Z", re.ASCII)
_TOKENS = {"mi", "mn", "mo", "ms", "mtext", "mspace"}
_CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3} | {
    **{"munder": 2, "mover": 2, "munderover": 3}
}
_ARROW_PADDING = "+0.833em"  # the width that the converter adds to what stands over an arrow
_MOST_SPACE = 10  # em; points and pixels count as ten to an em, mu as eighteen
_SPACE = re.compile(r"(?P<number>\d*\.?\d+)(?P<unit>[a-z]*)", re.ASCII)
_TO_AN_EM = {"em": 1, "ex": 1, "mu": 18, "pt": 10, "px": 10}
_NAMED_SPACE = re.compile(
    r"[a-z]*mathspace", re.ASCII
)  # at most a third of an em, also the negative ones
_ESCAPED = re.compile(r"\\([%&_#$])")
_ACCENTS = set("⏜⏝⏞⏟⎴⎵")  # as an identifier one stands beside its base, not over it


@functools.lru_cache(maxsize=1_000)
def read_latex(latex: str) -> Formula:
    """The formula of a text in LaTeX, without the characters around it. Raises `ValueError` with its text."""
    latex = latex.strip()
    if len(latex) > MOST_LATEX:
        raise ValueError(f"公式最多 {MOST_LATEX} 个字符：{shortened(latex)}")
    written = prepared(latex)
    import latex2mathml.converter

    try:
        element = latex2mathml.converter.convert_to_element(written)
    except Exception:  # it trusts its input: a wrong formula can raise anything
        raise ValueError(unreadable(latex)) from None
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


def _checked(element: Element, source: str) -> MathElement:
    """An element of MathML as ours. Raises `ValueError` for what is not named here, hides something or is too large."""
    left = MOST_ELEMENTS

    def checked(element: Element, depth: int) -> MathElement:
        nonlocal left
        left -= 1
        name = _local(element.tag)
        attributes = {_local(key): value for key, value in element.attrib.items()}
        attributes.pop("xmlns", None)
        if left < 0 or depth > MOST_DEPTH or name not in MATH_ELEMENTS:
            raise ValueError(unreadable(source))
        if not set(attributes) <= MATH_ATTRIBUTES or not all(
            map(_VALUE.match, attributes.values())
        ):
            raise ValueError(unreadable(source))
        if _CHILDREN.get(name, len(element)) != len(element):
            raise ValueError(unreadable(source))
        if _hides(name, attributes):
            raise ValueError(unusable(name, source))
        children: list[MathElement | str] = []
        if text := _checked_text(name, _text(element.text), source):
            children.append(text)
        children += [checked(child, depth + 1) for child in element]
        if name in _TOKENS and len(element):  # the converter writes \\mathop{x} so; browsers differ
            return MathElement("mrow", {}, tuple(children))
        return MathElement(name, attributes, tuple(children))

    return checked(element, 1)


def _hides(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element hides something, lays it over its neighbour, or is not shown by all browsers."""
    match name:
        case "mphantom" | "menclose":
            return True
        case "mpadded":
            return attributes.get("width", _ARROW_PADDING) != _ARROW_PADDING
        case "mspace":
            return "linebreak" in attributes or not _is_small(attributes.get("width", "0"))
    return False


def _is_small(width: str) -> bool:
    """Whether a space moves nothing onto its neighbour, and nothing out of sight."""
    if _NAMED_SPACE.fullmatch(width):
        return True
    found = _SPACE.fullmatch(width)
    return found is not None and (
        float(found["number"]) <= _MOST_SPACE * _TO_AN_EM.get(found["unit"] or "em", 0)
    )


def _checked_text(name: str, text: str, source: str) -> str:
    """The text of an element as it is shown. Raises `ValueError` for what the converter has not understood."""
    if name in ("mtext", "ms"):
        text = _ESCAPED.sub(r"\1", text)
    if "\\" in text:  # a command that the converter does not know
        raise ValueError(unreadable(source))
    if hidden_characters.HIDDEN.search(text):
        raise ValueError(unusable("看不见的字符", source))
    if name == "mi" and any(c in _ACCENTS or unicodedata.combining(c) for c in text):
        raise ValueError(unusable(text, source))
    return text


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _text(text: str | None) -> str:
    """The text of an element; latex2mathml writes characters as references (`&#x003C;`)."""
    return html.unescape(text or "").strip(" \t\r\n")


# --- characters ------------------------------------------------------------------------------------------

_OPERATORS = {
    **{"×": r"\times ", "÷": r"\div ", "±": r"\pm ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne "},
    **{"·": r"\cdot ", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "≈": r"\approx "},
    **{"∞": r"\infty ", "→": r"\to ", "∈": r"\in ", "∪": r"\cup ", "∩": r"\cap ", "−": "-"},
    **{"{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_"},
    **dict.fromkeys("\u2061\u2062\u2063\u2064", ""),  # operators that nobody sees
    **{"\xa0": r"\ ", "…": r"\dots ", "∠": r"\angle ", "°": r"^{\circ}"},
}


def latex_of_characters(text: str) -> str:
    """The characters of a formula as LaTeX writes them."""
    return "".join(_OPERATORS.get(character, character) for character in text)
