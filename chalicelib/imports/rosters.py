"""Rosters as tables: the rows of a file become persons as written, ID numbers not checked yet. Pure."""

import re
import unicodedata

import msgspec

from chalicelib.exams.validation import Finding
from chalicelib.imports.tables import Advice, Layout, Reading, Row, read_table

HEADINGS = ("姓名", "证件类型", "证件号码", "加时(分钟)", "备注")
EXAMPLE = "示例"
MOST_EXTRA_MIN = 24 * 60
MAX_NOTE = 200
RESIDENT = "居民身份证"  # what a number belongs to when nothing else is said
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
# What spreadsheets make of 18 digits: 1.10105E+17, or 15 right ones and three zeros.
_MANGLED = re.compile(r"^[0-9]+(\.[0-9]+)?E\+?[0-9]+\Z", re.IGNORECASE)


class RosterRow(msgspec.Struct, frozen=True):
    """A person of the roster as written, to be checked by the room that knows ID numbers."""

    row: int
    name: str
    id_type: str
    id_number: str
    extra_min: int
    note: str = ""
    file: str = "roster.csv"


def read_roster(name: str, data: bytes) -> tuple[tuple[RosterRow, ...], Reading]:
    """The persons of a file; mistakes and remarks stand in the reading."""
    reading = read_table(name, data, LAYOUT)
    people, examples = [], []
    for row in reading.rows:
        if row.cells["姓名"].startswith(EXAMPLE):
            examples.append(row)
            continue
        try:
            people.append(_person(row))
        except ValueError as error:
            reading.findings.append(Finding(row.file, row.number, str(error)))
    for file in dict.fromkeys(row.file for row in examples):
        told = [row.number for row in examples if row.file == file]
        reading.remark(Advice.TEMPLATE_ROW, file, told)
    if not people and not reading.findings:
        reading.findings.append(Finding(name, 0, "没有数据行"))
    return tuple(people), reading


def _person(row: Row) -> RosterRow:
    """Raises `ValueError` with the reason."""
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
    """Without blanks, full-width digits as plain ones."""
    return "".join(unicodedata.normalize("NFKC", text).split())
