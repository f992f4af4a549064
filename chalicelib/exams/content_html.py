"""The content of questions as HTML elements, made from the tree alone. Pure.

Texts are escaped where they enter (`shared.html`). Of a formula only the elements and attributes that `content` names
are written.
"""

from collections.abc import Callable

from chalicelib.exams.content import (
    MATH_ATTRIBUTES,
    MATH_ELEMENTS,
    BlankPlace,
    Block,
    Content,
    Formula,
    Inline,
    Mark,
    MathElement,
    Paragraph,
    Picture,
    Table,
    TableCell,
    Text,
)
from chalicelib.shared.html import Html, el, join

AddressOf = Callable[[Picture], str]
"""The address of a picture, as `src` takes it."""

_TAGS = {Mark.BOLD: "b", Mark.UNDERLINE: "u", Mark.SUPERSCRIPT: "sup", Mark.SUBSCRIPT: "sub"}
_MATH_NAMESPACE = "http://www.w3.org/1998/Math/MathML"


def show(content: Content, address_of: AddressOf) -> Html:
    """The elements of a content; a content of one paragraph has no `<p>`, so that it can stand in a line."""
    if isinstance(content, str):
        return _lines(content)
    if len(content) == 1 and isinstance(content[0], Paragraph):
        return _inlines(content[0].inlines, address_of)
    return join(*(_block(block, address_of) for block in content))


def _block(block: Block, address_of: AddressOf) -> Html:
    match block:
        case Paragraph():
            return el("p", _inlines(block.inlines, address_of))
        case Table():
            rows = (el("tr", *(_cell(cell, address_of) for cell in row)) for row in block.rows)
            return el("table", el("tbody", *rows))


def _cell(cell: TableCell, address_of: AddressOf) -> Html:
    columns = cell.columns if cell.columns > 1 else None
    rows = cell.rows if cell.rows > 1 else None
    return el("td", _inlines(cell.inlines, address_of), colspan=columns, rowspan=rows)


def _inlines(inlines: tuple[Inline, ...], address_of: AddressOf) -> Html:
    return join(*(_inline(inline, address_of) for inline in inlines))


def _inline(inline: Inline, address_of: AddressOf) -> Html:
    match inline:
        case Text():
            shown = _lines(inline.text)
            for mark in inline.marks:
                shown = el(_TAGS[mark], shown)
            return shown
        case Picture():
            return el(
                "img",
                src=address_of(inline),
                alt=inline.alt,
                width=inline.width,
                height=inline.height,
            )
        case Formula():
            return _math(inline.math)
        case BlankPlace():
            return el("span", inline.number, class_="blank")


def _lines(text: str) -> Html:
    """A text with its line ends as breaks."""
    lines = text.split("\n")
    return join(lines[0], *(join(el("br"), line) for line in lines[1:]))


def _math(element: MathElement | str) -> Html:
    """An element of MathML; one that is not named in `content` is left out, its children stay."""
    if isinstance(element, str):
        return join(element)
    children = map(_math, element.children)
    if element.name not in MATH_ELEMENTS:
        return el("mrow", *children)
    attributes = {n: value for n, value in element.attributes.items() if n in MATH_ATTRIBUTES}
    if element.name == "math":
        attributes["xmlns"] = _MATH_NAMESPACE
    return el(element.name, *children, **attributes)
