"""The content of questions: a small tree of paragraphs, tables, pictures and formulas. Pure.

Content without any markup is a plain text. A line end in a text is a line break on the page. The tree never holds
HTML: pages make their elements from it, so nothing that a file contains becomes markup.
"""

import enum
import functools
from collections.abc import Callable, Iterator

import msgspec

BLANK_MARK = "____"  # stands for a blank where content is shown as plain text
# All elements and attributes of presentation MathML that a formula may have.
MATH_ELEMENTS = frozenset(
    {
        *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
        *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "none"),
        *("mprescripts", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose"),
    }
)
MATH_ATTRIBUTES = frozenset(
    {
        *("display", "mathvariant", "stretchy", "fence", "form", "separator", "lspace", "rspace"),
        *("linethickness", "displaystyle", "scriptlevel", "columnalign", "rowspacing", "depth"),
        *("columnspacing", "width", "height", "accent", "accentunder", "minsize", "maxsize"),
        *(
            "movablelimits",
            "symmetric",
            "notation",
            "columnlines",
            "rowlines",
            "frame",
            "linebreak",
        ),
        *("voffset", "columnspan", "rowspan", "largeop", "rowalign"),
    }
)


class Mark(enum.Enum):
    """How a piece of text is set."""

    BOLD = "bold"
    UNDERLINE = "underline"
    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"


class Text(msgspec.Struct, frozen=True, tag_field="kind", tag="text"):
    """A piece of text. `marks` are sorted by their values, each once."""

    text: str
    marks: tuple[Mark, ...] = ()


class Picture(msgspec.Struct, frozen=True, tag_field="kind", tag="picture"):
    """A picture by the SHA-256 (hex) of its bytes, with its size in pixels. `alt` says what it shows."""

    sha256: str
    width: int
    height: int
    alt: str = ""


class MathElement(msgspec.Struct, frozen=True):
    """An element of presentation MathML. Children are elements or texts."""

    name: str
    attributes: dict[str, str] = {}
    children: tuple["MathElement | str", ...] = ()


class Formula(msgspec.Struct, frozen=True, tag_field="kind", tag="formula"):
    """A formula: as written in LaTeX, and as the MathML (element `math`) that is shown."""

    latex: str
    math: MathElement


class BlankPlace(msgspec.Struct, frozen=True, tag_field="kind", tag="blank"):
    """The place of a blank in the stem of a 填空题. Blanks are numbered from 1 in reading order."""

    number: int


Inline = Text | Picture | Formula | BlankPlace


class Paragraph(msgspec.Struct, frozen=True, tag_field="kind", tag="paragraph"):
    """A paragraph."""

    inlines: tuple[Inline, ...]


class TableCell(msgspec.Struct, frozen=True):
    """A cell of a table, and how many columns and rows it spans."""

    inlines: tuple[Inline, ...] = ()
    columns: int = 1
    rows: int = 1


class Table(msgspec.Struct, frozen=True, tag_field="kind", tag="table"):
    """A table, row by row. A cell that another one covers is left out, as in HTML."""

    rows: tuple[tuple[TableCell, ...], ...]


Block = Paragraph | Table
Content = str | tuple[Block, ...]


def blocks_of(content: Content) -> tuple[Block, ...]:
    """The blocks of a content; a plain text is one paragraph."""
    return (Paragraph((Text(content),)),) if isinstance(content, str) else content


def inlines_of(content: Content) -> Iterator[Inline]:
    """Every inline of a content in reading order, those of tables included."""
    if isinstance(content, str):
        if content:
            yield Text(content)
        return
    for block in content:
        match block:
            case Paragraph():
                yield from block.inlines
            case Table():
                for row in block.rows:
                    for cell in row:
                        yield from cell.inlines


def pictures_of(content: Content) -> Iterator[Picture]:
    """The pictures of a content in reading order; one that occurs twice comes twice."""
    return (inline for inline in inlines_of(content) if isinstance(inline, Picture))


def count_blanks(content: Content) -> int:
    """How many blanks a content has."""
    return sum(isinstance(inline, BlankPlace) for inline in inlines_of(content))


def is_empty(content: Content) -> bool:
    """Whether a person sees nothing: no text but spaces, no picture, no formula, no blank."""
    return all(isinstance(i, Text) and not i.text.strip() for i in inlines_of(content))


def plain_text(content: Content) -> str:
    """The content as text alone: for comparing, searching, and places that show no markup.

    A formula is its LaTeX between dollar signs, a picture its alternative text in brackets, a blank `BLANK_MARK`.
    """
    if isinstance(content, str):
        return content
    return "\n".join(_plain_block(block) for block in content)


def _plain_block(block: Block) -> str:
    match block:
        case Paragraph():
            return _plain_inlines(block.inlines)
        case Table():
            rows = ("\t".join(_plain_inlines(cell.inlines) for cell in row) for row in block.rows)
            return "\n".join(rows)


def _plain_inlines(inlines: tuple[Inline, ...]) -> str:
    return "".join(map(_plain_inline, inlines))


def _plain_inline(inline: Inline) -> str:
    match inline:
        case Text():
            return inline.text
        case Picture():
            return f"[图：{inline.alt}]" if inline.alt else "[图]"
        case Formula():
            return f"${inline.latex}$"
        case BlankPlace():
            return BLANK_MARK


def simplified(content: Content) -> Content:
    """The same content in its one form: equal neighbours are joined, outer spaces and empty paragraphs are removed.

    It is a plain text when nothing in it needs the tree.
    """
    if isinstance(content, str):
        return content.strip()
    joined = [_joined_block(block) for block in content]
    blocks = [b for b in joined if isinstance(b, Table) or not is_empty((b,))]
    if all(_is_plain(block) for block in blocks):
        return plain_text(tuple(blocks)).strip()
    return tuple(blocks)


def _is_plain(block: Block) -> bool:
    return isinstance(block, Paragraph) and all(
        isinstance(inline, Text) and not inline.marks for inline in block.inlines
    )


def _joined_block(block: Block) -> Block:
    match block:
        case Paragraph():
            return Paragraph(_joined(block.inlines))
        case Table():
            return Table(tuple(tuple(_joined_cell(cell) for cell in row) for row in block.rows))


def _joined_cell(cell: TableCell) -> TableCell:
    return msgspec.structs.replace(cell, inlines=_joined(cell.inlines))


def _joined(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Neighbouring texts with the same marks as one; spaces at both ends are removed."""
    joined: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Text) and not inline.text:
            continue
        if isinstance(inline, Text):
            marks = tuple(sorted(set(inline.marks), key=lambda mark: mark.value))
            before = joined[-1] if joined else None
            if isinstance(before, Text) and before.marks == marks:
                joined[-1] = Text(before.text + inline.text, marks)
                continue
            inline = Text(inline.text, marks)
        joined.append(inline)
    while joined and isinstance(joined[0], Text) and not joined[0].text.strip():
        del joined[0]
    while joined and isinstance(joined[-1], Text) and not joined[-1].text.strip():
        del joined[-1]
    if joined and isinstance(joined[0], Text):
        joined[0] = Text(joined[0].text.lstrip(), joined[0].marks)
    if joined and isinstance(joined[-1], Text):
        joined[-1] = Text(joined[-1].text.rstrip(), joined[-1].marks)
    return tuple(joined)


def map_inlines(
    content: Content, change: Callable[[Inline], tuple[Inline, ...]]
) -> tuple[Block, ...]:
    """The content with each inline replaced by what `change` gives for it, in reading order."""
    return tuple(_map_block(block, change) for block in blocks_of(content))


def _map_block(block: Block, change: Callable[[Inline], tuple[Inline, ...]]) -> Block:
    match block:
        case Paragraph():
            return Paragraph(_map_all(block.inlines, change))
        case Table():
            return Table(
                tuple(
                    tuple(
                        msgspec.structs.replace(cell, inlines=_map_all(cell.inlines, change))
                        for cell in row
                    )
                    for row in block.rows
                )
            )


def _map_all(
    inlines: tuple[Inline, ...], change: Callable[[Inline], tuple[Inline, ...]]
) -> tuple[Inline, ...]:
    empty: tuple[Inline, ...] = ()
    return functools.reduce(lambda done, inline: done + change(inline), inlines, empty)
