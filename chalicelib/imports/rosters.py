"""Rosters as tables: rows become people as written; `people` checks their ID numbers afterwards. Pure."""

import re
import unicodedata

import msgspec

from chalicelib.exams.validation import FileFinding
from chalicelib.imports.tables import EXAMPLE, Layout, Reading, Row, parse_rows, read_table

HEADINGS = ("姓名", "证件类型", "证件号码", "加时(分钟)", "备注")
MOST_EXTRA_MIN = 24 * 60
MAX_NOTE = 200
RESIDENT = "居民身份证"  # the document type when none is given
LAYOUT = Layout(
    columns={
        "姓名": ("考生姓名", "名字", "真实姓名"),
        "证件类型": ("证件种类", "证件名称"),
        "证件号码": ("证件号", "证件编号", "身份证号", "身份证号码", "公民身份号码"),
        "加时(分钟)": ("加时", "加时分钟", "延长分钟", "延长时间(分钟)", "延长(分钟)", "延时分钟"),
        "备注": ("说明", "加时原因"),
    },
    needed=("姓名", "证件号码"),
    left_out=("序号", "性别", "单位", "所属单位", "工作单位", "所属地区", "准考证号"),
)
# Spreadsheets turn 18 digits into 1.10105E+17 and lose the last ones.
_MANGLED = re.compile(r"^[0-9]+(\.[0-9]+)?E\+?[0-9]+\Z", re.IGNORECASE)


class RosterRow(msgspec.Struct, frozen=True):
    """A person on a roster, as written in row number `row` of `file`."""

    row: int
    name: str
    id_type: str
    id_number: str
    extra_min: int
    note: str = ""
    file: str = "roster.csv"


def read_roster(name: str, data: bytes) -> tuple[tuple[RosterRow, ...], Reading]:
    """The people of a file; mistakes and remarks are in the reading."""
    reading = read_table(name, data, LAYOUT)
    people = parse_rows(reading, _person, lambda row: row.cells["姓名"].startswith(EXAMPLE))
    if not people and not reading.findings:
        reading.findings.append(FileFinding(name, 0, "没有数据行"))
    return tuple(person for _, person in people), reading


def _person(row: Row) -> RosterRow:
    """The person of a row. Raises `ValueError` with the reason."""
    cells = row.cells
    extra = _normal(cells.get("加时(分钟)", "")) or "0"
    if not re.fullmatch(r"\d{1,4}", extra, re.ASCII) or int(extra) > MOST_EXTRA_MIN:
        raise ValueError(f"加时(分钟)须为 0 到 {MOST_EXTRA_MIN} 的整数")
    number = _normal(cells["证件号码"]).lstrip("'‘’`")
    if _MANGLED.match(number):
        raise ValueError(
            "证件号码被表格软件改成了科学计数法，末几位已丢失：请把该列格式设为“文本”后重新填写"
        )
    note = cells.get("备注", "")
    if len(note) > MAX_NOTE:
        raise ValueError(f"备注最多 {MAX_NOTE} 字")
    kind = _normal(cells.get("证件类型", RESIDENT))
    return RosterRow(row.number, cells["姓名"], kind, number, int(extra), note, row.file)


def _normal(text: str) -> str:
    """The text without blanks, with full-width digits made plain."""
    return "".join(unicodedata.normalize("NFKC", text).split())
