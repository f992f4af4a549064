"""Workbooks in the OpenDocument format (ods): the file says what a person sees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.exams.content import Mark, Paragraph, Text, pictures_of
from chalicelib.shared import archives
from chalicelib.sheets import ods
from chalicelib.sheets.model import Cell, SheetRefused
from chalicelib.sheets.workbooks import read_workbook
from chalicelib.sheets.xml_parts import MAX_DEPTH
from tests.dropbox import BANK_HEADINGS, LI, ROSTER_HEADINGS, ZHANG
from tests.unit.sheets import (
    OTHER_QUESTION,
    QUESTION,
    only_sheet,
    people_of,
    png,
    read_bank,
    stems,
    told,
)

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        *(("office", "office"), ("table", "table"), ("text", "text"), ("style", "style")),
        *(("draw", "drawing"), ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible")),
        ("number", "datastyle"),
    )
)


def style(name: str, family: str, properties: str, attributes: str = "") -> str:
    kind = "table" if family == "table" else "text"
    return (
        f'<style:style style:name="{name}" style:family="{family}" {attributes}>'
        f"<style:{kind}-properties {properties}/></style:style>"
    )


STYLES = "".join(
    (
        style("hidden", "table", 'table:display="false"'),
        style("struck", "table-cell", 'style:text-line-through-style="solid"'),
        style("bold", "table-cell", 'fo:font-weight="bold"'),
        style("also-struck", "table-cell", "", 'style:parent-style-name="struck"'),
        '<number:text-style style:name="N1"/>',
        '<number:text-style style:name="N2"><number:text-content/></number:text-style>',
        '<number:number-style style:name="N3"/>',
        style("no-text", "table-cell", "", 'style:data-style-name="N1"'),
        style("no-text-either", "table-cell", "", 'style:parent-style-name="no-text"'),
        style("text", "table-cell", "", 'style:data-style-name="N2"'),
        style("number", "table-cell", "", 'style:data-style-name="N3"'),
        style("t-struck", "text", 'style:text-line-through-type="single"'),
        style("t-not", "text", 'style:text-line-through-style="none"'),
        style("t-up", "text", 'style:text-position="super 58%"'),
        style("t-up33", "text", 'style:text-position="33% 58%"'),
        style("t-down", "text", 'style:text-position="sub 58%"'),
        style("t-down33", "text", 'style:text-position="-33% 58%"'),
        style("t-level", "text", 'style:text-position="0% 100%"'),
        style("t-bold", "text", 'fo:font-weight="700"'),
        style("t-under", "text", 'style:text-underline-style="solid"'),
    )
)


def cell(content: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{content}</text:p></table:table-cell>"


def row(*cells: object, attributes: str = "") -> str:
    """A row; a cell that begins with `<` is taken as it is."""
    made = [
        str(text)
        if str(text).startswith("<")
        else (cell(str(text)) if text is not None else "<table:table-cell/>")
        for text in cells
    ]
    return f"<table:table-row {attributes}>{''.join(made)}</table:table-row>"


def table(*rows: str, attributes: str = 'table:name="页"') -> str:
    return f"<table:table {attributes}>{''.join(rows)}</table:table>"


def ods_of(*tables: str, files: dict[str, bytes] | None = None) -> bytes:
    content = (
        f"<office:document-content {NAMES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return archives.pack({"mimetype": kind, "content.xml": content.encode(), **(files or {})})


def bank(*rows: str, before: str = "") -> bytes:
    lines = rows or (row(*QUESTION), row(*OTHER_QUESTION))
    return ods_of(table(before, row(*BANK_HEADINGS), *lines))


def only_cell(content: str) -> Cell:
    [(_, [found])] = only_sheet(ods_of(table(row(content)))).rows
    return found


@pytest.mark.parametrize("ending", ["ods", "et", "xlsx"])
def test_a_bank_is_read_whatever_its_ending_says(ending: str) -> None:
    assert stems(read_bank(bank(), f"bank.{ending}")) == ["问一？", "问二？"]


def test_people_are_read() -> None:
    data = ods_of(table(row(*ROSTER_HEADINGS), row(*ZHANG), row(*LI)))
    people, reading = people_of("roster.ods", data)
    assert [person.name for person in people] == ["张三", "李四"]
    assert (reading.findings, reading.remarks) == ([], [])


# --- hidden ---


@pytest.mark.parametrize("name", ["no-text", "no-text-either"])
def test_a_text_that_its_format_does_not_show_is_hidden(name: str) -> None:
    assert only_cell(cell("甲", f'table:style-name="{name}"')) == Cell("", hidden=True)


@pytest.mark.parametrize("name", ["text", "number", "bold", "unknown"])
def test_a_text_that_its_format_shows_is_seen(name: str) -> None:
    assert only_cell(cell("甲", f'table:style-name="{name}"')).text == "甲"


def test_a_number_of_which_nothing_is_shown_is_hidden() -> None:
    value = 'office:value-type="float" office:value="5"'
    assert only_cell(cell("", value)) == Cell("", hidden=True)
    assert only_cell(cell("5.0", f'table:style-name="no-text" {value}')) == Cell("5.0")


@pytest.mark.parametrize("how", ["collapse", "filter"])
def test_hidden_rows_are_left_out_and_told(how: str) -> None:
    hidden = row(*QUESTION, attributes=f'table:visibility="{how}"')
    found = read_bank(bank(hidden, row(*OTHER_QUESTION)), "bank.ods")
    assert stems(found) == ["问二？"]
    assert told(found) == {"hidden_row_left_out": (2,)}


def test_rows_of_a_closed_group_are_hidden() -> None:
    closed = (
        f'<table:table-row-group table:display="false">{row(*QUESTION)}</table:table-row-group>'
    )
    found = read_bank(bank(closed, row(*OTHER_QUESTION)), "bank.ods")
    assert stems(found) == ["问二？"]


def test_hidden_columns_are_left_out_and_told() -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="4"/>'
        '<table:table-column table:visibility="collapse"/>'
    )
    found = read_bank(bank(before=columns), "bank.ods")
    assert found.questions[0].options == ("甲", "乙")
    [remark] = found.remarks
    assert "：E；" in remark.reason


def test_hidden_sheets_are_left_out_and_told() -> None:
    shown = table(row(*BANK_HEADINGS), row(*QUESTION))
    other = table(row("题干"), attributes='table:name="旧题" table:style-name="hidden"')
    [remark] = read_bank(ods_of(shown, other), "bank.ods").remarks
    assert remark.reason == "隐藏的工作表没有导入：旧题"


# --- struck out, marks ---


@pytest.mark.parametrize("style", ["struck", "also-struck"])
def test_struck_rows_are_left_out_and_told(style: str) -> None:
    struck = cell("问一？", f'table:style-name="{style}"')
    found = read_bank(bank(row("单选", struck), row(*OTHER_QUESTION)), "bank.ods")
    assert stems(found) == ["问二？"]
    assert told(found) == {"struck_row_left_out": (2,)}


def test_a_column_may_strike_its_cells_out() -> None:
    columns = '<table:table-column/><table:table-column table:default-cell-style-name="struck"/>'
    [(_, cells)] = only_sheet(ods_of(table(columns, row("一", "二")))).rows
    assert cells == [Cell("一"), Cell("", struck=True)]


def test_struck_pieces_are_left_out() -> None:
    found = only_cell(cell('甲<text:span text:style-name="t-struck">乙</text:span>丙'))
    assert found == Cell("甲丙", struck=True)
    back = '<text:span text:style-name="t-not">乙</text:span>'
    assert only_cell(cell(f"甲{back}", 'table:style-name="struck"')) == Cell("乙", struck=True)


@pytest.mark.parametrize(
    ("style", "mark"),
    [
        ("t-up", Mark.SUPERSCRIPT),
        ("t-up33", Mark.SUPERSCRIPT),
        ("t-down", Mark.SUBSCRIPT),
        ("t-down33", Mark.SUBSCRIPT),
        ("t-bold", Mark.BOLD),
        ("t-under", Mark.UNDERLINE),
    ],
)
def test_marks_survive(style: str, mark: Mark) -> None:
    found = only_cell(cell(f'x<text:span text:style-name="{style}">2</text:span>'))
    assert found.content == (Paragraph((Text("x"), Text("2", (mark,)))),)


def test_text_that_is_level_or_wholly_bold_has_no_marks() -> None:
    assert only_cell(cell('x<text:span text:style-name="t-level">2</text:span>')) == Cell("x2")
    assert only_cell(cell("x", 'table:style-name="bold"')) == Cell("x")


# --- texts ---


def test_paragraphs_breaks_spaces_and_links_are_text() -> None:
    content = (
        '<table:table-cell><text:p>一<text:s text:c="2"/>二<text:tab/>三<text:line-break/>四</text:p>'
        "<text:p><text:a>五</text:a></text:p></table:table-cell>"
    )
    assert only_cell(content) == Cell("一  二\t三\n四\n五")


def test_a_comment_is_not_in_the_cell() -> None:
    note = "<office:annotation><text:p>请核对</text:p></office:annotation>"
    assert only_cell(f"<table:table-cell>{note}<text:p>甲</text:p></table:table-cell>") == Cell(
        "甲"
    )


@pytest.mark.parametrize(
    ("attributes", "shown", "text", "trouble"),
    [
        ('office:value-type="float" office:value="0.5"', "50%", "50%", ""),
        ('office:value-type="float" office:value="999999999999999"', "9", "9", ""),
        ('office:value-type="float" office:value="1000000000000000"', "1E15", "", "超过 15 位"),
        ('office:value-type="float" office:value="1.1E+17"', "1.1E17", "", "超过 15 位"),
        ('office:value-type="date" office:date-value="2027-01-02"', "1-2", "", "日期"),
        ('office:value-type="boolean"', "TRUE", "TRUE", ""),
        ('table:formula="of:=1+1" office:value-type="float"', "2", "", "公式"),
    ],
)
def test_a_cell_is_the_text_that_is_seen_in_it(
    attributes: str, shown: str, text: str, trouble: str
) -> None:
    found = only_cell(cell(shown, attributes))
    assert found.text == text
    assert trouble in found.trouble
    assert bool(found.trouble) is bool(trouble)


def test_repeated_cells_and_rows_are_so_many() -> None:
    cells = cell("x", 'table:number-columns-repeated="2"')
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    lines = (
        row(cells, gap, "y", attributes='table:number-rows-repeated="2"'),
        row(None, attributes='table:number-rows-repeated="3"'),
        row("z"),
        row(None, attributes='table:number-rows-repeated="1048570"'),
    )
    sheet = only_sheet(ods_of(table(*lines)))
    assert [(n, [c.text for c in line]) for n, line in sheet.rows] == [
        (1, ["x", "x", "", "", "y"]),
        (2, ["x", "x", "", "", "y"]),
        (6, ["z"]),
    ]


def test_merged_cells_count_for_all_their_rows() -> None:
    merged = cell("单选", 'table:number-rows-spanned="2"')
    covered = "<table:covered-table-cell/>"
    lines = (row(merged, *QUESTION[1:]), row(covered, *OTHER_QUESTION[1:]))
    assert stems(read_bank(bank(*lines), "bank.ods")) == ["问一？", "问二？"]


# --- pictures ---


def frame(name: str) -> str:
    return (
        f'<draw:frame><draw:image xlink:href="Pictures/{name}" xmlns:xlink="x"><text:p>无</text:p></draw:image>'
        "<svg:title>标志</svg:title></draw:frame>"
    )


def test_a_picture_in_a_cell_is_part_of_its_content() -> None:
    stem = f"<table:table-cell>{frame('1.png')}<text:p>如图？</text:p></table:table-cell>"
    lines = table(row(*BANK_HEADINGS), row("单选", stem, *QUESTION[2:]))
    found = read_bank(ods_of(lines, files={"Pictures/1.png": png()}), "bank.ods")
    [question] = found.questions
    [picture] = pictures_of(question.stem)
    assert (picture.alt, list(found.pictures)) == ("标志", [picture.sha256])


@pytest.mark.parametrize("address", ["Pictures/2.png", "http://e.com/Pictures/1.png"])
def test_a_picture_that_is_missing_or_only_a_link_is_refused_by_row(address: str) -> None:
    linked = frame("1.png").replace("Pictures/1.png", address)
    stem = f"<table:table-cell>{linked}<text:p>如图？</text:p></table:table-cell>"
    lines = table(row(*BANK_HEADINGS), row("单选", stem, *QUESTION[2:]))
    found = read_bank(ods_of(lines, files={"Pictures/1.png": png()}), "bank.ods")
    [finding] = found.findings
    assert (finding.row, "只是链接" in finding.reason) == (2, True)


def test_what_is_drawn_on_the_sheet_is_told() -> None:
    shapes = f"<table:shapes>{frame('1.png')}</table:shapes>"
    chart = "<draw:frame><draw:object/></draw:frame>"
    stem = f"<table:table-cell>{chart}<text:p>如图？</text:p></table:table-cell>"
    found = read_bank(bank(row("单选", stem, *QUESTION[2:]), before=shapes), "bank.ods")
    assert stems(found) == ["如图？"]
    assert told(found) == {"object_left_out": (1, 2)}


# --- what is never opened ---


def refused(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refusal:
        read_workbook(data)
    return str(refusal.value)


def test_an_encrypted_workbook_is_told_as_such() -> None:
    manifest = b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    parts = {"content.xml": b"\x01", "META-INF/manifest.xml": manifest}
    assert "密码" in refused(archives.pack(parts))


def test_definitions_and_deep_nesting_are_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    deep = b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1)
    for name in ("content.xml", "styles.xml"):
        parts = archives.unpack(bank(), wanted=lambda _: True, most_files=9, most_bytes=2**30)
        assert "XML 定义" in refused(archives.pack({**parts, name: laughs}))
        assert "过于复杂" in refused(archives.pack({**parts, name: deep}))


def test_few_bytes_that_stand_for_many_rows_are_refused() -> None:
    assert "超过" in refused(bank(row("x", attributes='table:number-rows-repeated="60000"')))
    wide = cell("x", 'table:number-columns-repeated="257"')
    assert "列过多" in refused(bank(row(wide)))
    assert read_workbook(bank(row(cell("x", 'table:number-columns-repeated="256"'))))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    data = archives.pack({"content.xml": b" " * (ods.MAX_UNPACKED_BYTES + 1)})
    assert "解压后过大" in refused(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_whatever_happened_to_a_workbook_the_answer_is_text_or_a_reason(
    place: int, new: bytes
) -> None:
    content = archives.unpack(bank(), wanted=lambda _: True, most_files=9, most_bytes=2**30)
    whole = content["content.xml"]
    place %= len(whole)
    changed = whole[:place] + new + whole[place + len(new) :]
    try:
        read_workbook(archives.pack({**content, "content.xml": changed}))
    except SheetRefused as refusal:
        assert str(refusal)
