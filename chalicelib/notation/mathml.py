r"""MathML of files as our formulas, through LaTeX. Pure.

Every element and attribute is named here, or the formula is refused with its name: MathML can hide and strike out.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from chalicelib.exams.content import Formula
from chalicelib.notation.formulas import MOST_DEPTH, MOST_LATEX, latex_of_characters, read_latex
from chalicelib.notation.latex import shortened, unreadable, unusable

# They change how large or how far apart something is, or say it again in other words.
_PLAIN_ATTRIBUTES: Final = {
    *("xmlns", "id", "class", "display", "displaystyle", "scriptlevel", "alttext", "altimg"),
    *("altimg-width", "altimg-height", "altimg-valign", "overflow", "dir", "stretchy", "fence"),
    *("form", "separator", "accent", "accentunder", "largeop", "symmetric", "movablelimits"),
    *("minsize", "maxsize", "lspace", "rspace", "columnalign", "rowalign", "align", "equalrows"),
    *("columnspacing", "rowspacing", "columnwidth", "equalcolumns", "side", "encoding"),
    *("title", "role", "xref", "mode", "aria-label"),
    *("numalign", "denomalign", "subscriptshift", "superscriptshift", "scriptminsize", "texclass"),
}
# Attributes that are known with these values alone.
_PLAIN_VALUES: Final = {
    "linethickness": re.compile(r"medium|thin|1(px|pt)?|0?\.?0*(px|pt|em|ex)?"),
    "bevelled": re.compile("false"),
    "columnlines": re.compile(r"(none\s*)*"),
    "rowlines": re.compile(r"(none\s*)*"),
    "frame": re.compile("none"),
    "columnspan": re.compile("1"),
    "rowspan": re.compile("1"),
    "mathsize": re.compile(r"normal|1em|100%|[1-9]\d?(\.\d+)?(px|pt)"),
    "mathcolor": re.compile(r"black|#000(000)?|inherit|currentcolor", re.IGNORECASE),
    "mathbackground": re.compile("transparent|white|#fff(fff)?|inherit", re.IGNORECASE),
    "style": re.compile(r"\s*(font-(family|weight|style)\s*:[^;]*;?\s*)*"),
    "width": re.compile(r"\+?\d(\.\d+)?(em|ex|px|pt)?|\w*mathspace"),
    "height": re.compile(r"\+?[\d.]+\w*"),
    "depth": re.compile(r"\+?[\d.]+\w*"),
    "linebreak": re.compile("auto|nobreak|goodbreak|badbreak"),
    "separators": re.compile(".*", re.DOTALL),
    "open": re.compile(".*", re.DOTALL),
    "close": re.compile(".*", re.DOTALL),
    "lquote": re.compile(".*", re.DOTALL),
    "rquote": re.compile(".*", re.DOTALL),
}
_VARIANTS: Final = {
    "normal": r"\mathrm",
    "italic": r"\mathit",
    "bold": r"\mathbf",
    "bold-italic": r"\boldsymbol",
    "double-struck": r"\mathbb",
    "script": r"\mathcal",
    "fraktur": r"\mathfrak",
    "sans-serif": r"\mathsf",
    "monospace": r"\mathtt",
}
_TEXT_VARIANTS: Final = {"normal": r"\text", "bold": r"\textbf", "italic": r"\textit"}
_SIZES: Final = {"width", "height", "depth"}  # they hide nothing in mspace alone
_GROUPS: Final = {"math", "mrow", "mstyle", "mtd", "mpadded"}
_PATTERNS: Final = {
    "mfrac": r"\frac{%s}{%s}",
    "mroot": r"\sqrt[%s]{%s}",
    "msub": "{%s}_{%s}",
    "msup": "{%s}^{%s}",
    "msubsup": "{%s}_{%s}^{%s}",
}
_BARE_FRACTION: Final = r"{{%s} \atop {%s}}"
_NO_LINE: Final = re.compile(r"0?\.?0*[a-z]*")
_STACKED: Final = {"munder": 2, "mover": 2, "munderover": 3}  # how many children
_LARGE: Final = {r"\sum", r"\prod", r"\int", "⋃", "⋂", "∐", "∬", "∭", "∮"}
_OVER: Final = {
    **dict.fromkeys("¯‾―–—ˉ_￣", r"\overline"),
    **dict.fromkeys("→⃗⟶", r"\overrightarrow"),
    **{"←": r"\overleftarrow", "↔": r"\overleftrightarrow", "⏜": r"\overparen", "⌒": r"\overparen"},
    **dict.fromkeys("^ˆ", r"\widehat"),
    **dict.fromkeys("~˜", r"\widetilde"),
    **{"˙": r"\dot", "¨": r"\ddot", "ˇ": r"\check", "˘": r"\breve", "´": r"\acute", "`": r"\grave"},
    **{"˚": r"\mathring", "⏞": r"\overbrace", "︷": r"\overbrace"},
}
_UNDER: Final = {
    **dict.fromkeys("¯‾―–—_ˍ", r"\underline"),
    **{"→": r"\underrightarrow", "←": r"\underleftarrow"},
    **{"⏟": r"\underbrace", "︸": r"\underbrace", "⏝": r"\underparen"},
}
_OF_TEXT: Final = str.maketrans({c: rf"\{c}" for c in "%&_#$"})
_NEVER: Final = set("\\^~")  # LaTeX reads them otherwise
_NO_TEXT: Final = set("\\{}")  # a text in LaTeX cannot hold them


def read_mathml(element: Element) -> Formula:
    """The formula of a `math` element. Raises `ValueError` for what LaTeX of ours cannot say, with its name."""
    source = "".join(element.itertext()).strip()
    if len(source) > MOST_LATEX:
        raise ValueError(f"公式最多 {MOST_LATEX} 个字符：{shortened(source)}")
    return read_latex(_Writer(source).write(element, 1))


class _Writer:
    """Writes the elements of one formula as LaTeX."""

    def __init__(self, source: str) -> None:
        """`source`: the text of the formula, which reasons of refusals name."""
        self._source = source

    def write(self, element: Element, depth: int) -> str:
        """The LaTeX of an element. Raises `ValueError`."""
        name = _local(element.tag)
        if depth > MOST_DEPTH:
            raise ValueError(unreadable(self._source))
        self._check_attributes(name, element)
        if name in _LEAVES:
            return self._leaf(name, element)
        self._check_texts(name, element)
        if name == "semantics":  # the first child is what is shown, the others say it again
            return self.write(element[0], depth + 1) if len(element) else ""
        if name in _STACKED:
            return self._stacked(name, element, depth)
        if name == "mmultiscripts":
            return self._scripts(element, depth)
        if name == "mtable":
            return self._table(element, depth)
        return self._of_parts(name, element, self._written(element, depth))

    def _written(self, elements: Iterable[Element], depth: int) -> list[str]:
        return [self.write(child, depth + 1) for child in elements]

    def _of_parts(self, name: str, element: Element, parts: list[str]) -> str:
        if name in _GROUPS:
            inner, variant = " ".join(parts), element.get("mathvariant")
            return rf"{_VARIANTS[variant]}{{{inner}}}" if variant else inner
        if name == "msqrt":
            return rf"\sqrt{{{' '.join(parts)}}}"
        if name == "mfenced":
            return self._fenced(element, parts)
        pattern = _PATTERNS.get(name)
        if pattern is None:
            raise self._unusable(name)
        self._check_count(parts, pattern.count("%s"))
        if name == "mfrac" and _NO_LINE.fullmatch(element.get("linethickness", "1")):
            pattern = _BARE_FRACTION
        return pattern % tuple(parts[::-1] if name == "mroot" else parts)

    def _check_count(self, parts: Sequence[object], count: int) -> None:
        if len(parts) != count:
            raise ValueError(unreadable(self._source))

    def _check_attributes(self, name: str, element: Element) -> None:
        for key, value in element.attrib.items():
            attribute = _local(key)
            plain = _PLAIN_VALUES.get(attribute)
            if attribute in _SIZES and name != "mspace":
                plain = None
            known = attribute in _PLAIN_ATTRIBUTES or attribute.startswith(("xmlns", "data-"))
            if attribute == "mathvariant" and name in {*_LEAVES, *_GROUPS}:
                known = value in (_TEXT_VARIANTS if name in _TEXTS else _VARIANTS)
            if not (known or (plain and plain.fullmatch(value.strip()))):
                raise self._unusable(f'{name} {attribute}="{shortened(value)}"')

    def _check_texts(self, name: str, element: Element) -> None:
        """Refuse texts beside elements, which not all browsers show."""
        beside = (element.text, *(child.tail for child in element))
        if any(text and text.strip() for text in beside):
            raise self._unusable(f"{name} 里的文字（须写在 mi、mn、mo、mtext 里）")

    def _unusable(self, what: str) -> ValueError:
        return ValueError(unusable(what, self._source))

    # --- leaves ---

    def _leaf(self, name: str, element: Element) -> str:
        if len(element):
            raise self._unusable(f"{name} 里的 {_local(element[0].tag)}")
        text = " ".join(part for part in re.split(r"[ \t\r\n]+", element.text or "") if part)
        never = _NO_TEXT if name in _TEXTS else _NEVER
        if unknown := never & set(text):
            raise self._unusable(f"字符 {min(unknown)}")
        return _LEAVES[name](text, element)

    # --- what has parts ---

    def _fenced(self, element: Element, parts: list[str]) -> str:
        begin, end = element.get("open", "("), element.get("close", ")")
        separators = "".join(element.get("separators", ",").split())
        if unknown := _NEVER & set(begin + end + separators):
            raise self._unusable(f"字符 {min(unknown)}")
        between = [latex_of_characters(one) for one in separators] or [""]
        written = "".join(
            f"{part} {between[min(place, len(between) - 1)]} " if place < len(parts) - 1 else part
            for place, part in enumerate(parts)
        )
        return f"{latex_of_characters(begin)}{written}{latex_of_characters(end)}"

    def _stacked(self, name: str, element: Element, depth: int) -> str:
        """A base with something below or above it: an accent where it is one."""
        self._check_count(list(element), _STACKED[name])
        base = self.write(element[0], depth + 1)
        under = self._beside(element[1], _UNDER, depth) if name != "mover" else ("", "")
        over = self._beside(element[-1], _OVER, depth) if name != "munder" else ("", "")
        if base.strip() in _LARGE and not (under[0] or over[0]):
            limits = (f"_{{{under[1]}}}" if name != "mover" else "") + (
                f"^{{{over[1]}}}" if name != "munder" else ""
            )
            return rf"{base.strip()}\limits{limits}"
        if name != "munder":
            base = _with(over, r"\overset", base)
        return base if name == "mover" else _with(under, r"\underset", base)

    def _beside(self, element: Element, accents: dict[str, str], depth: int) -> tuple[str, str]:
        """The command of an accent, or else the LaTeX of what stands below or above a base."""
        character = _only_text(element)
        if character in accents:
            self._check_attributes(_local(element.tag), element)
            return accents[character], ""
        return "", self.write(element, depth + 1)

    def _scripts(self, element: Element, depth: int) -> str:
        """A base with one pair of scripts behind it and one before it."""
        children = list(element)
        places = [n for n, child in enumerate(children) if _local(child.tag) == "mprescripts"]
        end = places[0] if places else len(children)
        behind, before = children[1:end], children[end + 1 :]
        if not children or len(behind) not in (0, 2) or len(before) not in (0, 2):
            raise self._unusable("mmultiscripts")
        written = self._written([*before, children[0], *behind], depth)
        first = _scripts(written[: len(before)])
        last = _scripts(written[len(before) + 1 :])
        return f"{'{}' if first else ''}{first}{{{written[len(before)]}}}{last}"

    def _table(self, element: Element, depth: int) -> str:
        rows = []
        for row in element:
            self._check_attributes("mtr", row)
            self._check_texts("mtr", row)
            if _local(row.tag) != "mtr" or any(_local(cell.tag) != "mtd" for cell in row):
                raise self._unusable(f"mtable 里的 {_local(row.tag)}")
            rows.append(" & ".join(self._written(row, depth)))
        inner = r" \\ ".join(rows)
        return rf"\begin{{matrix}}{inner}\end{{matrix}}"


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _only_text(element: Element) -> str:
    """The text of a leaf, or of the only leaf in a group; "" for anything else."""
    while _local(element.tag) == "mrow" and len(element) == 1:
        element = element[0]
    is_leaf = _local(element.tag) in ("mo", "mi", "mtext") and not len(element)
    return (element.text or "").strip() if is_leaf else ""


def _with(beside: tuple[str, str], command: str, base: str) -> str:
    accent, written = beside
    if not accent:
        return rf"{command}{{{written}}}{{{base}}}"
    short = _SHORT.get(accent, accent) if len(base.strip()) == 1 else accent
    return rf"{short}{{{base}}}"


def _scripts(pair: list[str]) -> str:
    """The scripts of a pair: below and above."""
    return "".join(
        f"{sign}{{{text}}}" for sign, text in zip("_^", pair, strict=False) if text.strip()
    )


_SHORT: Final = {
    r"\widehat": r"\hat",
    r"\widetilde": r"\tilde",
    r"\overrightarrow": r"\vec",
}


def _characters(text: str, element: Element) -> str:
    """A number or an operator; one of several letters is a name, such as lim."""
    is_name = len(text) > 1 and text.isascii() and text.isalpha()
    written = rf"\operatorname{{{text}}}" if is_name else latex_of_characters(text)
    variant = element.get("mathvariant", "normal")
    return written if variant == "normal" else rf"{_VARIANTS[variant]}{{{written}}}"


def _identifier(text: str, element: Element) -> str:
    variant = element.get("mathvariant", "")
    if not variant and len(text) > 1 and text.isascii() and text.isalpha():
        variant = "normal"
    written = latex_of_characters(text)
    return rf"{_VARIANTS[variant]}{{{written}}}" if variant and text else written


def _words(text: str, element: Element) -> str:
    command = _TEXT_VARIANTS[element.get("mathvariant", "normal")]
    return rf"{command}{{{text.translate(_OF_TEXT)}}}" if text else ""


def _quoted(text: str, element: Element) -> str:
    return _words(
        f"{element.get('lquote', chr(34))}{text}{element.get('rquote', chr(34))}", element
    )


def _space(_: str, element: Element) -> str:
    return "" if _NO_LINE.fullmatch(element.get("width", "1em")) else r"\ "


_TEXTS: Final = {"mtext", "ms"}
_LEAVES: Final[dict[str, Callable[[str, Element], str]]] = {
    "mi": _identifier,
    "mn": _characters,
    "mo": _characters,
    "mtext": _words,
    "ms": _quoted,
    "mspace": _space,
    "none": lambda *_: "",
}
