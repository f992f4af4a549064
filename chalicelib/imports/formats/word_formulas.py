"""Formulas of Word (OMML) as LaTeX. Pure."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from chalicelib.notation.formulas import latex_of_characters

_SKIPPED = {
    *("ctrlPr", "rPr", "fPr", "sSupPr", "sSubPr", "sSubSupPr", "radPr", "naryPr", "dPr", "mPr"),
    *("accPr", "barPr", "limLowPr", "limUppPr", "funcPr", "groupChrPr", "eqArrPr", "boxPr"),
}
_THROUGH = {"oMath", "oMathPara", "e", "num", "den", "sup", "sub", "deg", "box", "ins"}
_THROUGH |= {"lim", "fName"}
_UNSEEN = ("strike", "dstrike", "vanish")  # properties of a piece of text
_OFF = ("0", "false", "off")
_NEVER = set("\\^~")  # LaTeX reads them otherwise
_ACCENTS = {
    **dict.fromkeys(("\u0302", "^"), r"\widehat"),
    **dict.fromkeys(("\u0303", "~"), r"\widetilde"),
    **dict.fromkeys(("\u0304", "\u0305", "¯"), r"\overline"),
    **dict.fromkeys(("\u20d7", "→"), r"\overrightarrow"),
    **{"\u0307": r"\dot", "\u0308": r"\ddot", "\u030c": r"\check", "\u0306": r"\breve"},
    **{"\u0301": r"\acute", "\u0300": r"\grave"},
}
_BRACES = {("⏟", "bot"): r"\underbrace", ("⏞", "top"): r"\overbrace"}
_WITH_LIMITS = {r"\sum", r"\prod", r"\int"}


def to_latex(element: Element) -> str:
    """The LaTeX of an `oMath` element. Raises `ValueError` for what is not known, with its name."""
    name = element.tag
    if name in _SKIPPED:
        return ""
    if name == "t":
        return _characters(element.text or "")
    if name in _WRITERS:
        return _WRITERS[name](element)
    if name in _THROUGH:
        return _inner(element)
    raise _unknown(name)


def _unknown(what: str) -> ValueError:
    return ValueError(f"含有不能识别的公式（{what}）：请改用图片或 LaTeX")


def _inner(element: Element) -> str:
    return " ".join(filter(None, map(to_latex, element)))


def _characters(text: str) -> str:
    if unknown := _NEVER & set(text):
        raise _unknown(f"字符 {min(unknown)}")
    return latex_of_characters(text)


def _value(element: Element, path: str, otherwise: str) -> str:
    """The value of a property; `otherwise` when it is not there."""
    found = element.find(path)
    return otherwise if found is None else found.get("val", "")


def _is_on(element: Element, path: str) -> bool:
    found = element.find(path)
    return found is not None and found.get("val", "1").lower() not in _OFF


def _run(element: Element) -> str:
    """A piece of text. Raises `ValueError` for one that nobody sees, or that is struck out."""
    if unseen := [name for name in _UNSEEN if _is_on(element, f"rPr/{name}")]:
        raise _unknown(f"隐藏或划掉的文字 {unseen[0]}")
    if not _is_on(element, "rPr/nor"):
        return _inner(element)
    text = "".join(part.text or "" for part in element.findall("t"))
    if unknown := set("\\{}") & set(text):
        raise _unknown(f"字符 {min(unknown)}")
    escaped = "".join(rf"\{one}" if one in "%&_#$" else one for one in text)
    return rf"\text{{{escaped}}}"


def _part(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else to_latex(found)


def _fraction(element: Element) -> str:
    above, below = _part(element, "num"), _part(element, "den")
    match kind := _value(element, "fPr/type", "bar"):
        case "bar":
            return rf"\frac{{{above}}}{{{below}}}"
        case "noBar":
            return rf"{{{{{above}}} \atop {{{below}}}}}"
        case "lin":
            return f"{{{above}}} / {{{below}}}"
    raise _unknown(f"f {kind}")


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
    operator = _characters(_value(element, "naryPr/chr", "∫") or "∫").strip()
    below, above = _part(element, "sub"), _part(element, "sup")
    limits = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
    if limits and operator in _WITH_LIMITS and _value(element, "naryPr/limLoc", "") == "undOvr":
        limits = rf"\limits{limits}"
    return f"{operator}{limits} {_part(element, 'e')}"


def _delimited(element: Element) -> str:
    """What stands between brackets."""
    opened, closed = (_value(element, f"dPr/{n}", d) for n, d in (("begChr", "("), ("endChr", ")")))
    separator = _characters(_value(element, "dPr/sepChr", "|"))
    inner = f" {separator} ".join(to_latex(child) for child in element.findall("e"))
    return rf"\left{_bracket(opened)} {inner} \right{_bracket(closed)}"


def _accent(element: Element) -> str:
    character = _value(element, "accPr/chr", "\u0302")
    if character not in _ACCENTS:
        raise _unknown(f"acc {character}")
    return rf"{_ACCENTS[character]}{{{_part(element, 'e')}}}"


def _bar(element: Element) -> str:
    command = r"\overline" if _value(element, "barPr/pos", "bot") == "top" else r"\underline"
    return rf"{command}{{{_part(element, 'e')}}}"


def _brace(element: Element) -> str:
    kind = (_value(element, "groupChrPr/chr", "⏟"), _value(element, "groupChrPr/pos", "bot"))
    if kind not in _BRACES:
        raise _unknown(f"groupChr {kind[0]}")
    return rf"{_BRACES[kind]}{{{_part(element, 'e')}}}"


def _below(element: Element) -> str:
    return rf"\underset{{{_part(element, 'lim')}}}{{{_part(element, 'e')}}}"


def _above(element: Element) -> str:
    return rf"\overset{{{_part(element, 'lim')}}}{{{_part(element, 'e')}}}"


def _function(element: Element) -> str:
    name = _part(element, "fName")
    if name.isascii() and name.isalpha():
        name = rf"\operatorname{{{name}}}"
    return f"{name} {_part(element, 'e')}"


def _equations(element: Element) -> str:
    rows = r" \\ ".join(to_latex(row) for row in element.findall("e"))
    return rf"\begin{{matrix}}{rows}\end{{matrix}}"


def _bracket(character: str) -> str:
    return _characters(character).strip() or "."


def _matrix(element: Element) -> str:
    rows = (
        " & ".join(to_latex(cell) for cell in row.findall("e")) for row in element.findall("mr")
    )
    inner = r" \\ ".join(rows)
    return rf"\begin{{matrix}}{inner}\end{{matrix}}"


_WRITERS: dict[str, Callable[[Element], str]] = {
    "r": _run,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _brace,
    "limLow": _below,
    "limUpp": _above,
    "func": _function,
    "eqArr": _equations,
    "f": _fraction,
    "sSup": _raised,
    "sSub": _lowered,
    "sSubSup": _both,
    "rad": _root,
    "nary": _large,
    "d": _delimited,
    "m": _matrix,
}
