"""Documents of Word (.docx): their paragraphs and tables as a person sees them. Pure.

What was deleted with tracked changes, is hidden or struck out is not content. Automatic numbers are part of the text.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec

from chalicelib.exams.content import Content, Mark, plain_text
from chalicelib.imports.formats.word_formulas import to_latex
from chalicelib.imports.formats.word_numbering import Numbering
from chalicelib.notation.building import ContentBuilder
from chalicelib.notation.formulas import read_latex
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.xml_trees import parse_xml
from chalicelib.shared import archives

MOST_FILES = 3_000
MOST_BYTES = 64 * 1024 * 1024  # unpacked
MOST_ELEMENTS = 1_000_000  # of the text
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # doc, or an encrypted docx
_OFF = {"0", "false", "none", "off"}
_SKIPPED = {
    *("del", "moveFrom", "delText", "instrText", "pPr", "rPr", "sectPr", "Fallback", "proofErr"),
    *("commentReference", "annotationRef", "lastRenderedPageBreak", "softHyphen", "bookmarkStart"),
    *("bookmarkEnd", "commentRangeStart", "commentRangeEnd", "fldChar", "sdtPr", "sdtEndPr"),
}
_CHARACTERS = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-"}
# Characters of symbol fonts that mark right and wrong.
_SYMBOLS = {
    **{("WINGDINGS", code): "√" for code in ("F0FC", "F0FE", "00FC", "00FE")},
    **{("WINGDINGS", code): "×" for code in ("F0FB", "F0FD", "00FB", "00FD")},
    **{("WINGDINGS 2", code): "√" for code in ("F050", "F052", "0050", "0052")},
    **{("WINGDINGS 2", code): "×" for code in ("F04F", "F051", "004F", "0051")},
    **{
        ("SYMBOL", code): character
        for code, character in (("F0D6", "√"), ("F0B4", "×"), ("F0B1", "±"))
    },
    **{
        ("SYMBOL", code): character
        for code, character in (("F0B3", "≥"), ("F0A3", "≤"), ("F0B9", "≠"))
    },
}


class Line(msgspec.Struct, frozen=True):
    """A paragraph or a table: its number among all of them, what it holds, and its plain text.

    `trouble` says why it cannot be taken over, "" when it can.
    """

    number: int
    content: Content
    text: str
    is_table: bool = False
    trouble: str = ""


class Document(msgspec.Struct, frozen=True):
    """The lines with content, and the numbers of those in which something was left out, by what it was."""

    lines: tuple[Line, ...]
    left_out: dict[str, list[int]]


def read_document(data: bytes, shelf: PictureShelf) -> Document:
    """The lines of a document. Raises `ValueError` when the whole file is refused."""
    if data.startswith(_OLD_OFFICE):
        raise ValueError("文件是旧版 doc 或加了密码：请去掉密码，另存为 docx")
    parts = _unpacked(data)
    path = _main_part(parts)
    if path not in parts:
        raise ValueError("不是可以打开的 docx 文件")
    folder = posixpath.dirname(path)
    document = parse_xml(parts[path], MOST_ELEMENTS)
    body = document.find("body")
    if body is None:
        raise ValueError("不是可以打开的 docx 文件")
    numbering = Numbering(
        _optional(parts, f"{folder}/numbering.xml"), _optional(parts, f"{folder}/styles.xml")
    )
    pictures = _targets(parts, path)
    return _Reader(parts, pictures, numbering, shelf).read(body)


def _unpacked(data: bytes) -> dict[str, bytes]:
    try:
        return archives.unpack(
            data,
            wanted=lambda name: name.endswith((".xml", ".rels")) or "/media/" in name,
            most_files=MOST_FILES,
            most_bytes=MOST_BYTES,
        )
    except archives.ZipTooLarge:
        raise ValueError(f"文档过大：解压后最多 {MOST_BYTES // 1024 // 1024} MB") from None
    except archives.ZipRefused:
        raise ValueError("不是可以打开的 docx 文件") from None


def _main_part(parts: dict[str, bytes]) -> str:
    """The path of the part that holds the text."""
    for relation in _relations(parts, "_rels/.rels"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    return "word/document.xml"


def _relations(parts: dict[str, bytes], path: str) -> list[Element]:
    return list(parse_xml(parts[path], 100_000)) if path in parts else []


def _targets(parts: dict[str, bytes], path: str) -> dict[str, str]:
    """The paths of the parts to which a part refers, by the ids that it uses."""
    folder, name = posixpath.split(path)
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join(folder, relation.get("Target", ""))
        ).lstrip("/")
        for relation in _relations(parts, f"{folder}/_rels/{name}.rels")
    }


def _optional(parts: dict[str, bytes], path: str) -> Element | None:
    return parse_xml(parts[path], 500_000) if path in parts else None


class _Run(NamedTuple):
    """How a run of text is set."""

    marks: tuple[Mark, ...] = ()
    hidden: bool = False
    struck: bool = False


class _Reader:
    """Reads the body of a document, line by line."""

    def __init__(
        self,
        parts: dict[str, bytes],
        targets: dict[str, str],
        numbering: Numbering,
        shelf: PictureShelf,
    ) -> None:
        self._parts = parts
        self._targets = targets
        self._numbering = numbering
        self._shelf = shelf
        self._number = 0
        self._left_out: dict[str, list[int]] = {}

    def read(self, body: Element) -> Document:
        """The lines of the body."""
        lines = [self._line(block) for block in _blocks(body)]
        shown = tuple(line for line in lines if line.trouble or line.content)
        return Document(shown, self._left_out)

    def _line(self, block: Element) -> Line:
        """A paragraph or a table. What cannot be taken over is told in the line."""
        self._number += 1
        builder = ContentBuilder()
        is_table = block.tag == "tbl"
        label = "" if is_table else self._numbering.label(block)
        try:
            if is_table:
                self._add_table(block, builder)
            else:
                self._add_paragraph(block, builder, label)
            found = builder.content()
        except ValueError as error:
            text = f"{label}{_text_of(block)}"
            return Line(self._number, text, text, is_table, str(error))
        return Line(self._number, found, plain_text(found), is_table)

    def _add_paragraph(self, paragraph: Element, builder: ContentBuilder, label: str) -> None:
        if _is_on(paragraph.find("pPr/rPr/vanish")) and not _text_of(paragraph):
            return
        builder.add_text(label)
        self._add_children(paragraph, builder, _Run())

    def _add_table(self, table: Element, builder: ContentBuilder) -> None:
        builder.begin_table()
        rows = [_cells(row) for row in table.iter("tr")]
        for at, row in enumerate(rows):
            builder.begin_row()
            for column, (cell, columns) in row.items():
                if _merge(cell) == "continue":
                    continue
                below = 1
                while _goes_on(rows, at + below, column):
                    below += 1
                builder.begin_cell(columns, below)
                for block in _blocks(cell):
                    if block.tag == "tbl":
                        raise ValueError("表格里不能再有表格")
                    self._add_paragraph(block, builder, self._numbering.label(block))
                    builder.end_paragraph()
                builder.end_cell()
        builder.end_table()

    # --- inside of a paragraph ---

    def _add_children(self, element: Element, builder: ContentBuilder, run: _Run) -> None:
        for child in element:
            if child.tag == "del" and _text_of(child, deleted=True):
                self._note("修订中删除的文字")
            elif child.tag not in _SKIPPED:
                self._add_child(child, builder, run)

    def _add_child(self, child: Element, builder: ContentBuilder, run: _Run) -> None:
        match child.tag:
            case "r":
                self._add_run(child, builder)
            case "t":
                self._add_text(child.text or "", builder, run)
            case "tab" | "cr" | "noBreakHyphen":
                self._add_text(_CHARACTERS[child.tag], builder, run)
            case "br":
                self._add_text(
                    "\n" if child.get("type", "textWrapping") == "textWrapping" else "",
                    builder,
                    run,
                )
            case "sym":
                self._add_text(_symbol(child), builder, run)
            case "drawing" | "pict" | "object":
                if not run.hidden:
                    self._add_picture(child, builder)
            case "oMath":
                builder.add(read_latex(to_latex(child)))
            case "footnoteReference" | "endnoteReference":
                self._note("脚注和尾注")
            case _:
                self._add_children(child, builder, run)

    def _add_run(self, element: Element, builder: ContentBuilder) -> None:
        run = _run(element.find("rPr"))
        if any("EQ " in (code.text or "") for code in element.iter("instrText")):
            raise ValueError("含有域公式（EQ）：请改用公式编辑器或图片")
        self._add_children(element, builder, run)

    def _add_text(self, text: str, builder: ContentBuilder, run: _Run) -> None:
        if not text:
            return
        if run.hidden or run.struck:
            if text.strip():
                self._note("隐藏的文字" if run.hidden else "划掉的文字")
            return
        if Mark.UNDERLINE in run.marks and text.isspace():  # a line to write on
            text = "".join("____" if character == "\t" else "_" for character in text)
            builder.add_text(text)
            return
        builder.add_text(text, run.marks)

    def _add_picture(self, element: Element, builder: ContentBuilder) -> None:
        if any(_text_of(box) for box in element.iter("txbxContent")):
            raise ValueError("含有文本框：请把文字移到正文")
        alt = next((e.get("descr") for e in element.iter("docPr") if e.get("descr")), "") or ""
        ids = [blip.get("embed") or "" for blip in element.iter("blip")]
        ids += [image.get("id") or "" for image in element.iter("imagedata")]
        if not ids:
            raise ValueError("含有不能导入的图形：请改用 PNG 或 JPEG 图片")
        for target in dict.fromkeys(self._targets.get(identifier, "") for identifier in ids):
            if target not in self._parts:
                raise ValueError("图片不在文档里（只是链接）：请插入图片")
            builder.add(self._shelf.take(self._parts[target], alt))

    def _note(self, what: str) -> None:
        numbers = self._left_out.setdefault(what, [])
        if self._number not in numbers[-1:]:
            numbers.append(self._number)


def _blocks(element: Element) -> Iterator[Element]:
    """The paragraphs and tables of a body or a cell; content controls and insertions are looked into."""
    for child in element:
        if child.tag in ("p", "tbl"):
            yield child
        elif child.tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _blocks(child)


def _cells(row: Element) -> dict[int, tuple[Element, int]]:
    """The cells of a row by their first column, each with the columns that it spans."""
    cells: dict[int, tuple[Element, int]] = {}
    column = 0
    for cell in row.iter("tc"):
        span = cell.find("tcPr/gridSpan")
        written = span.get("val", "1") if span is not None else "1"
        columns = int(written) if re.fullmatch("[0-9]{1,3}", written) else 1
        cells[column] = (cell, columns)
        column += columns
    return cells


def _merge(cell: Element) -> str:
    """Whether a cell begins a merged column (`restart`), goes on with one (`continue`), or neither ("")."""
    merged = cell.find("tcPr/vMerge")
    return "" if merged is None else merged.get("val", "continue")


def _goes_on(rows: list[dict[int, tuple[Element, int]]], at: int, column: int) -> bool:
    return at < len(rows) and column in rows[at] and _merge(rows[at][column][0]) == "continue"


def _text_of(element: Element, *, deleted: bool = False) -> str:
    """The text of an element without looking at how it is set."""
    tag = "delText" if deleted else "t"
    return "".join(text.text or "" for text in element.iter(tag)).strip()


def _is_on(element: Element | None) -> bool:
    return element is not None and element.get("val", "1").lower() not in _OFF


def _run(properties: Element | None) -> _Run:
    if properties is None:
        return _Run()
    marks = [Mark.BOLD] if _is_on(properties.find("b")) else []
    underline = properties.find("u")
    if underline is not None and underline.get("val", "single").lower() not in _OFF:
        marks.append(Mark.UNDERLINE)
    raised = properties.find("vertAlign")
    if raised is not None and raised.get("val") in ("superscript", "subscript"):
        marks.append(Mark(raised.get("val")))
    hidden = _is_on(properties.find("vanish")) or _is_on(properties.find("webHidden"))
    struck = _is_on(properties.find("strike")) or _is_on(properties.find("dstrike"))
    return _Run(tuple(marks), hidden, struck)


def _symbol(element: Element) -> str:
    """The character of a symbol font. Raises `ValueError` for one that we do not know."""
    place = (element.get("font", "").upper(), element.get("char", "").upper())
    if place not in _SYMBOLS:
        raise ValueError(
            f"含有特殊字体的符号（{' '.join(place).strip()}），不能识别：请改用普通字符"
        )
    return _SYMBOLS[place]
