"""Pictures of workbooks: drawn over cells, and inside of cells as Excel and WPS keep them."""

import io
import struct
import zlib
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image as DrawnImage
from PIL import Image

from chalicelib.exams.content import (
    Content,
    Formula,
    Mark,
    Paragraph,
    Picture,
    Text,
    pictures_of,
    plain_text,
)
from chalicelib.imports import banks
from chalicelib.sheets import xlsx_parts
from chalicelib.sheets.building import SheetBuilder
from chalicelib.sheets.model import MAX_COLUMNS, MAX_PICTURES, CellPicture, Limits, SheetRefused
from chalicelib.sheets.workbooks import read_workbook
from tests.dropbox import ROSTER_HEADINGS, ZHANG, saved
from tests.unit.sheets import (
    QUESTION,
    bank_book,
    parts_of,
    people_of,
    png,
    read_bank,
    stems,
    told,
    with_parts,
)

DRAWING = "xl/drawings/drawing1.xml"
SHEET = "xl/worksheets/sheet1.xml"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
MEDIA = {"xl/media/image1.png": png(0), "xl/media/image2.png": png(90)}


def relation(number: int, kind: str, target: str) -> str:
    return (
        f'<Relationship Id="rId{number}" Type="http://any/relationships/{kind}" Target="{target}"/>'
    )


def drawn(book: Any, place: str, data: bytes) -> None:
    """Put a picture over a cell."""
    book.active.add_image(DrawnImage(io.BytesIO(data)), place)


def pictures_in(content: Content, found: banks.BankReading) -> list[tuple[int, str]]:
    """Shade and alternative text of each picture of a content."""
    shades = []
    for picture in pictures_of(content):
        with Image.open(io.BytesIO(found.pictures[picture.sha256])) as image:
            shades.append((int(image.convert("L").getpixel((0, 0))), picture.alt))  # type: ignore[arg-type]
    return shades


# --- drawn over cells -----------------------------------------------------------------------------------


def test_a_picture_over_a_cell_follows_its_text() -> None:
    book = bank_book()
    drawn(book, "B3", png(60))
    found = read_bank(book)
    first, second = found.questions
    assert first.stem == "问一？"
    assert plain_text(second.stem) == "问二？\n[图]"
    assert pictures_in(second.stem, found) == [(60, "")]
    assert told(found) == {"picture_without_alt": (3,)}


def test_two_pictures_in_one_cell_keep_their_order() -> None:
    book = bank_book()
    for shade in (60, 200):
        drawn(book, "B2", png(shade))
    found = read_bank(book)
    assert pictures_in(found.questions[0].stem, found) == [(60, ""), (200, "")]


def test_options_may_be_pictures_alone() -> None:
    book = bank_book(("单选", "哪一个？", None, None, None, "A", "因为"))
    for place, shade in (("C2", 10), ("D2", 20)):
        drawn(book, place, png(shade))
    found = read_bank(book)
    [question] = found.questions
    assert [pictures_in(option, found) for option in question.options] == [[(10, "")], [(20, "")]]


def test_one_picture_over_merged_cells_is_of_each_row() -> None:
    book = bank_book()
    book.active["H1"], book.active["H2"] = "材料", "如图。"
    book.active.merge_cells("H2:H3")
    drawn(book, "H2", png(60))
    found = read_bank(book)
    assert len(found.pictures) == 1
    [material] = found.materials
    assert pictures_in(material.content, found) == [(60, "")]
    assert {question.material for question in found.questions} == {material.id}


def test_a_picture_stays_with_the_stem_when_its_cell_holds_the_options_too() -> None:
    book = bank_book(("单选", "如图？\nA.甲\nB.乙", None, None, None, "A", "因为"))
    drawn(book, "B2", png(60))
    found = read_bank(book)
    [question] = found.questions
    assert plain_text(question.stem) == "如图？\n[图]"
    assert question.options == ("甲", "乙")


@pytest.mark.parametrize(
    ("place", "row"), [("B1", 1), ("H2", 2), ("A3", 3), ("B9", 9), ("F2", 2), ("ZZ2", None)]
)
def test_a_picture_elsewhere_is_told_by_its_row(place: str, row: int | None) -> None:
    book = bank_book()
    drawn(book, place, png())
    found = read_bank(book)
    assert stems(found) == ["问一？", "问二？"]
    assert found.pictures == {}
    assert told(found) == ({"picture_left_out": (row,)} if row else {"object_left_out": (2,)})


def test_a_picture_of_a_hidden_row_is_hidden() -> None:
    book = bank_book()
    drawn(book, "B2", png())
    book.active.row_dimensions[2].hidden = True
    found = read_bank(book)
    assert found.pictures == {}
    assert told(found) == {"hidden_row_left_out": (2,)}


def test_pictures_of_a_roster_are_told() -> None:
    book = openpyxl.Workbook()
    for line in (ROSTER_HEADINGS, ZHANG):
        book.active.append(line)
    drawn(book, "A2", png())
    people, reading = people_of("roster.xlsx", saved(book))
    assert [person.name for person in people] == ["张三"]
    assert [(r.advice.value, r.rows) for r in reading.remarks] == [("picture_left_out", (2,))]


def test_charts_are_told_by_row() -> None:
    book = bank_book()
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=2))
    book.active.add_chart(chart, "B3")
    found = read_bank(book)
    assert stems(found) == ["问一？", "问二？"]
    assert told(found) == {"object_left_out": (3,)}


def changed_drawing(*changes: tuple[str, str]) -> bytes:
    """A bank with a picture over its first stem, whose drawing is changed."""
    book = bank_book()
    drawn(book, "B2", png(60, size=(10, 10)))
    data = saved(book)
    content = parts_of(data)[DRAWING].decode()
    for before, after in changes:
        assert before in content
        content = content.replace(before, after)
    return with_parts(data, {DRAWING: content.encode()})


@pytest.mark.parametrize(
    ("written", "alt"),
    [
        ("流程图", "流程图"),
        ("图片 12", ""),
        ("Picture", ""),
        ("微信截图_1.png", ""),
        ("图 1 流程", "图 1 流程"),
    ],
)
def test_the_alternative_text_comes_along_if_a_person_wrote_it(written: str, alt: str) -> None:
    found = read_bank(changed_drawing(('descr="Picture"', f'descr="{written}"')))
    assert pictures_in(found.questions[0].stem, found) == [(60, alt)]


@pytest.mark.parametrize(
    ("cut", "size"),
    [
        ('l="50000" t="20000" r="10000" b="0"', (4, 8)),
        ('l="50%"', (5, 10)),
        ('l="-50000"', (10, 10)),
        ('l="0"', (10, 10)),
    ],
)
def test_what_is_cut_off_a_picture_is_not_seen(cut: str, size: tuple[int, int]) -> None:
    found = read_bank(changed_drawing(("<a:stretch", f"<a:srcRect {cut}/><a:stretch")))
    [picture] = pictures_of(found.questions[0].stem)
    assert (picture.width, picture.height) == size


def test_a_picture_of_which_nothing_is_left_is_refused_by_row() -> None:
    found = read_bank(changed_drawing(("<a:stretch", '<a:srcRect l="60%" r="40%"/><a:stretch')))
    [finding] = found.findings
    assert (finding.row, finding.reason) == (2, "“题干”：图片被裁剪得什么也看不到")


def test_a_hidden_picture_is_left_out_and_told() -> None:
    found = read_bank(changed_drawing(("<cNvPr ", '<cNvPr hidden="1" ')))
    assert stems(found) == ["问一？", "问二？"]
    assert told(found) == {"object_left_out": (2,)}


def test_a_picture_that_is_missing_or_no_picture_is_refused_by_row() -> None:
    for data in (b"", b"no picture"):
        [finding] = read_bank(with_parts(changed_drawing(), {"xl/media/image1.png": data})).findings
        assert finding.row == 2
        assert "“题干”：图片" in finding.reason


def test_a_picture_that_is_only_a_link_is_refused_by_row() -> None:
    found = read_bank(changed_drawing(('r:embed="rId1"', 'r:link="rId9"')))
    [finding] = found.findings
    reason = "“题干”：图片文件是空的，或只是链接：请重新插入图片"
    assert (finding.row, finding.reason) == (2, reason)


def test_a_picture_without_an_address_is_an_object() -> None:
    found = read_bank(changed_drawing(('r:embed="rId1"', "")))
    assert stems(found) == ["问一？", "问二？"]
    assert told(found) == {"object_left_out": (2,)}


def test_a_picture_of_81_megapixels_is_refused_without_decoding_it() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0)
    huge = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))
    [finding] = read_bank(with_parts(changed_drawing(), {"xl/media/image1.png": huge})).findings
    assert finding.row == 2
    assert "百万像素" in finding.reason


def test_pictures_that_unpack_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = with_parts(changed_drawing(), {"xl/media/image1.png": b"\0" * 500_000})
    for most, right in ((500_000, True), (499_999, False)):
        monkeypatch.setattr(xlsx_parts, "MAX_UNPACKED_BYTES", most)
        if right:
            assert read_workbook(data)
        else:
            with pytest.raises(SheetRefused, match="缩小或删除图片"):
                read_workbook(data)


def test_a_workbook_has_so_many_pictures_and_no_more() -> None:
    builder = SheetBuilder("", Limits())
    for _ in range(MAX_PICTURES):
        builder.count_picture()
    with pytest.raises(SheetRefused, match="图片过多"):
        builder.add_picture(1, 0, CellPicture(b""))


def test_a_drawing_that_makes_no_sense_is_text_or_told() -> None:
    for content in (
        "<x/>",
        "<x><oneCellAnchor/></x>",
        "<x><oneCellAnchor><pic/></oneCellAnchor></x>",
    ):
        found = read_bank(with_parts(changed_drawing(), {DRAWING: content.encode()}))
        assert stems(found) == ["问一？", "问二？"]


def test_a_picture_far_to_the_right_is_an_object() -> None:
    for column, objects in ((MAX_COLUMNS - 1, ()), (MAX_COLUMNS, (2,))):
        builder = SheetBuilder("", Limits())
        builder.add_picture(2, column, CellPicture(b""))
        assert builder.finish().objects == objects


def test_embedded_objects_are_told_by_row() -> None:
    book = saved(bank_book())
    place = '<from><x:col xmlns:x="x">1</x:col><x:row xmlns:x="x">2</x:row></from>'
    described = f"<objectPr><anchor>{place}</anchor></objectPr>"
    entry = f'<oleObject progId="Equation.3">{described}</oleObject>'
    objects = f"<oleObjects>{entry}</oleObjects></worksheet>"
    content = parts_of(book)[SHEET].decode().replace("</worksheet>", objects)
    found = read_bank(with_parts(book, {SHEET: content.encode()}))
    assert stems(found) == ["问一？", "问二？"]
    assert told(found) == {"object_left_out": (3,)}


# --- inside of cells: WPS -------------------------------------------------------------------------------


def wps_book(formula: str, value: str = "") -> bytes:
    """A bank whose first stem is a formula that shows a picture, as WPS writes it."""
    book = saved(bank_book(("单选", "STEM", *QUESTION[2:])))
    cell = (
        f'<c r="B2" t="str"><f>{formula}</f><v>{value}</v></c>'
        if formula
        else (f'<c r="B2" t="str"><v>{value}</v></c>')
    )
    content = parts_of(book)[SHEET].decode()
    begin = content.index('<c r="B2"')
    end = content.index("</c>", begin) + 4
    pictures = "".join(
        f'<etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{n}" name="ID_{n}" descr="图{n}"/></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip r:embed="rId{n}"/></xdr:blipFill></xdr:pic></etc:cellImage>'
        for n in (1, 2)
    )
    names = 'xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" xmlns:xdr="x" xmlns:a="a" xmlns:r="r"'
    parts = {
        SHEET: (content[:begin] + cell + content[end:]).encode(),
        "xl/cellimages.xml": f"<etc:cellImages {names}>{pictures}</etc:cellImages>".encode(),
        "xl/_rels/cellimages.xml.rels": RELATIONS.format(
            "".join(relation(n, "image", f"media/image{n}.png") for n in (1, 2))
        ).encode(),
    }
    return with_parts(book, {**parts, **MEDIA})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("DISPIMG(&quot;ID_2&quot;,1)", "=DISPIMG(&quot;ID_2&quot;,1)"),
        ("_xlfn.DISPIMG(&quot;ID_2&quot;,1)", "=DISPIMG(&quot;ID_2&quot;,1)"),
        ("", "=DISPIMG(&quot;ID_2&quot;,1)"),
    ],
)
def test_a_picture_that_wps_put_into_a_cell_is_its_content(formula: str, value: str) -> None:
    found = read_bank(wps_book(formula, value))
    [question] = found.questions
    assert found.findings == ()
    assert pictures_in(question.stem, found) == [(90, "图2")]


def test_a_picture_that_wps_does_not_have_is_refused_by_row() -> None:
    [finding] = read_bank(wps_book("DISPIMG(&quot;ID_3&quot;,1)")).findings
    assert finding.row == 2
    assert "“题干”的图片在文件里找不到" in finding.reason


# --- inside of cells: Excel -----------------------------------------------------------------------------


def excel_book(value_metadata: str = "1") -> bytes:
    """A bank whose first stem is a picture that Excel placed in the cell; the second rich value is its picture."""
    book = saved(bank_book(("单选", "STEM", *QUESTION[2:])))
    content = parts_of(book)[SHEET].decode()
    begin = content.index('<c r="B2"')
    end = content.index("</c>", begin) + 4
    cell = f'<c r="B2" t="e" vm="{value_metadata}"><v>#VALUE!</v></c>'
    kinds = (
        *((91, "sheetMetadata", "metadata.xml"), (92, "rdRichValue", "richData/rdrichvalue.xml")),
        (93, "rdRichValueStructure", "richData/rdrichvaluestructure.xml"),
        (94, "richValueRel", "richData/richValueRel.xml"),
    )
    relations = "".join(relation(*entry) for entry in kinds)
    listing = parts_of(book)["xl/_rels/workbook.xml.rels"].decode()
    parts = {
        SHEET: content[:begin] + cell + content[end:],
        "xl/_rels/workbook.xml.rels": listing.replace(
            "</Relationships>", f"{relations}</Relationships>"
        ),
        "xl/metadata.xml": (
            '<metadata xmlns:x="x"><metadataTypes><metadataType name="XLDAPR"/><metadataType name="XLRICHVALUE"/>'
            '</metadataTypes><futureMetadata name="XLRICHVALUE"><bk><extLst><ext><x:rvb i="1"/></ext></extLst></bk>'
            '</futureMetadata><valueMetadata><bk><rc t="2" v="0"/></bk><bk><rc t="1" v="0"/></bk></valueMetadata>'
            "</metadata>"
        ),
        "xl/richData/rdrichvalue.xml": (
            '<rvData><rv s="0"><v>0</v><v>5</v></rv><rv s="1"><v>1</v><v>5</v><v>流程图</v></rv></rvData>'
        ),
        "xl/richData/rdrichvaluestructure.xml": (
            '<rvStructures><s t="_other"><k n="x"/></s><s t="_localImage"><k n="_rvRel:LocalImageIdentifier"/>'
            '<k n="CalcOrigin"/><k n="Text"/></s></rvStructures>'
        ),
        "xl/richData/richValueRel.xml": '<x xmlns:r="r"><rel r:id="rId1"/><rel r:id="rId2"/></x>',
        "xl/richData/_rels/richValueRel.xml.rels": RELATIONS.format(
            "".join(relation(n, "image", f"../media/image{n}.png") for n in (1, 2))
        ),
    }
    return with_parts(book, {**{name: part.encode() for name, part in parts.items()}, **MEDIA})


def test_a_picture_that_excel_placed_in_a_cell_is_its_content() -> None:
    found = read_bank(excel_book())
    assert found.findings == ()
    [question] = found.questions
    assert pictures_in(question.stem, found) == [(90, "流程图")]


@pytest.mark.parametrize("metadata", ["2", "3", "x"])
def test_an_error_with_other_metadata_is_an_error(metadata: str) -> None:
    [finding] = read_bank(excel_book(metadata)).findings
    assert (finding.row, "错误值（#VALUE!）" in finding.reason) == (2, True)


# --- with our notation ----------------------------------------------------------------------------------


def test_notation_counts_in_cells_with_marks_and_pictures_too() -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    stem = CellRichText("已知 $x^2$ ", TextBlock(InlineFont(b=True), "不<sup>2</sup>"), "？")
    book = bank_book(("单选", stem, *QUESTION[2:]))
    drawn(book, "B2", png(60))
    [question] = read_bank(book).questions
    [text, pictures] = question.stem
    assert isinstance(text, Paragraph) and isinstance(pictures, Paragraph)
    known, formula, space, bold, raised, mark = text.inlines
    assert isinstance(formula, Formula)
    assert (known, space, mark) == (Text("已知 "), Text(" "), Text("？"))
    assert (bold, raised) == (
        Text("不", (Mark.BOLD,)),
        Text("2", (Mark.BOLD, Mark.SUPERSCRIPT)),
    )
    assert isinstance(pictures.inlines[0], Picture)


def test_a_table_in_notation_and_marks_do_not_fit_into_one_cell() -> None:
    book = bank_book(("单选", "<table><tr><td>一</td></tr></table>", *QUESTION[2:]))
    drawn(book, "B2", png(60))
    [finding] = read_bank(book).findings
    assert (finding.row, "不能再写" in finding.reason) == (2, True)
