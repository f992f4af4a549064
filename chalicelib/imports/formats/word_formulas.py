"""Formulas of Word (OMML) as LaTeX. Pure."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from chalicelib.notation.formulas import latex_of_characters

_SKIPPED = {
    "ctrlPr",
    "rPr",
    "fPr",
    "sSupPr",
    "sSubPr",
    "sSubSupPr",
    "radPr",
    "naryPr",
    "dPr",
    "mPr",
}
_THROUGH = {"oMath", "oMathPara", "e", "num", "den", "sup", "sub", "deg", "box", "r", "ins"}


def to_latex(element: Element) -> str:
    """The LaTeX of an `oMath` element. Raises `ValueError` for what is not known."""
    name = element.tag
    if name in _SKIPPED:
        return ""
    if name == "t":
        return latex_of_characters(element.text or "")
    if name in _WRITERS:
        return _WRITERS[name](element)
    if name in _THROUGH:
        return " ".join(filter(None, map(to_latex, element)))
    raise ValueError("含有不能识别的公式：请改用图片或 LaTeX")


def _part(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else to_latex(found)


def _fraction(element: Element) -> str:
    return rf"\frac{{{_part(element, 'num')}}}{{{_part(element, 'den')}}}"


def _raised(element: Element) -> str:
    return f"{{{_part(element, 'e')}}}^{{{_part(element, 'sup')}}}"


def _lowered(element: Element) -> str:
    return f"{{{_part(element, 'e')}}}_{{{_part(element, 'sub')}}}"


def _both(element: Element) -> str:
    return f"{{{_part(element, 'e')}}}_{{{_part(element, 'sub')}}}^{{{_part(element, 'sup')}}}"


def _root(element: Element) -> str:
    degree = _part(element, "deg")
    return rf"\sqrt{f'[{degree}]' if degree else ''}{{{_part(element, 'e')}}}"


def _large(element: Element) -> str:
    """A sum, product or integral with its limits."""
    character = element.find("naryPr/chr")
    operator = latex_of_characters(
        (character.get("val") if character is not None else "") or "∫"
    ).strip()
    below, above = _part(element, "sub"), _part(element, "sup")
    limits = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
    return f"{operator}{limits} {_part(element, 'e')}"


def _delimited(element: Element) -> str:
    """What stands between brackets."""
    begin, end = element.find("dPr/begChr"), element.find("dPr/endChr")
    opened = "(" if begin is None else begin.get("val", "")
    closed = ")" if end is None else end.get("val", "")
    inner = " , ".join(to_latex(child) for child in element.findall("e"))
    return rf"\left{_bracket(opened)} {inner} \right{_bracket(closed)}"


def _bracket(character: str) -> str:
    return latex_of_characters(character).strip() or "."


def _matrix(element: Element) -> str:
    rows = (
        " & ".join(to_latex(cell) for cell in row.findall("e")) for row in element.findall("mr")
    )
    inner = r" \\ ".join(rows)
    return rf"\begin{{matrix}}{inner}\end{{matrix}}"


_WRITERS: dict[str, Callable[[Element], str]] = {
    "f": _fraction,
    "sSup": _raised,
    "sSub": _lowered,
    "sSubSup": _both,
    "rad": _root,
    "nary": _large,
    "d": _delimited,
    "m": _matrix,
}
