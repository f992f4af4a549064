"""Rosters as tables: rows become people as written; `people` checks their ID numbers afterwards. Pure."""

import re
import unicodedata
from collections.abc import Iterable

import msgspec

from chalicelib.exams.validation import FileFinding
from chalicelib.imports.headings import BarredHeading, Layout
from chalicelib.imports.readings import Reading, Row
from chalicelib.imports.remarks import Advice, Remark, remark_on_rows
from chalicelib.imports.tables import Table, parse_rows, read_table
from chalicelib.imports.templates import is_example_person

HEADINGS = ("姓名", "证件类型", "证件号码", "加时(分钟)", "备注")
MOST_EXTRA_MIN = 24 * 60
MAX_NOTE = 200
CITIZEN_DIGITS = 18
LOST_END = "000"  # a spreadsheet keeps 15 digits of a number and writes zeros in place of the rest
RESIDENT = "居民身份证"  # the document type when none is given
LAYOUT = Layout(
    columns={
        "姓名": (
            *("考生姓名", "真实姓名", "人员姓名", "学员姓名", "应考人姓名", "报考人姓名"),
            *("参考人员姓名", "参考人姓名", "申请人姓名", "从业人员姓名", "专家姓名", "名字"),
            *(
                "学生姓名",
                "员工姓名",
                "职工姓名",
                "持证人姓名",
                "姓名(与证件一致)",
                "NAME",
                "FULL NAME",
            ),
        ),
        "证件类型": ("证件种类", "证件类别", "身份证件类型", "有效证件类型", "证件名称"),
        "证件号码": (
            *("护照号码", "护照号", "通行证号码", "通行证号"),
            *("证件号", "证件编号", "身份证件号码", "身份证件号", "有效证件号码", "有效证件号"),
            *("身份证号码", "身份证号", "身份证编号", "身份号码", "公民身份号码", "公民身份证号码"),
            *("公民身份证号", "居民身份证号码", "居民身份证号", "居民身份证编号", "二代身份证号码"),
            *("考生身份证号", "考生身份证号码", "考生证件号码", "居民身份证", "身份证"),
            *(
                "个人身份证号",
                "本人身份证号",
                "身份证(护照)号码",
                "ID NUMBER",
                "ID CARD",
                "ID CARD NUMBER",
            ),
        ),
        "加时(分钟)": (
            *("加时", "加时分钟", "加时分钟数", "加时时长(分钟)", "延长分钟", "延长分钟数"),
            *(
                "延长时间(分钟)",
                "延长(分钟)",
                "延时分钟",
                "延时(分钟)",
                "延时",
                "补时(分钟)",
                "补时",
            ),
        ),
        "备注": ("说明", "加时原因", "延时原因", "备注说明"),
        "审核状态": (
            *("审核结果", "审核意见", "审查结果", "资格审核", "资格审查", "资格审核结果"),
            *(
                "资格审查结果",
                "报名状态",
                "报名审核",
                "报名审核状态",
                "状态",
            ),
            *("审核是否通过", "是否审核通过", "考试资格", "是否有考试资格"),
        ),
        "是否参加": ("是否参考", "是否参加考试", "是否报考", "是否考试", "参加考试", "是否应考"),
        "缴费状态": ("是否缴费", "缴费情况", "是否已缴费", "是否交费", "交费状态"),
    },
    needed=("姓名", "证件号码"),
    identifying=("姓名", "证件号码"),
    guarded=("证件类型", "加时(分钟)"),
    barred=(
        BarredHeading(
            "(加时|延时|延长|补时).*(小时|[(](时|H)[)]|秒|天|日)",
            "加时须以分钟填写，列标题用“加时(分钟)”",
        ),
    ),
    cleaned=True,
)
_STATUS = (
    "审核状态",
    "是否参加",
    "缴费状态",
)  # columns that say who may not take part; nothing of them is kept
_NO = re.compile(
    r"(?:否|N|NO|X|×|F|FALSE|0)\Z|不|未|没|退|驳|取消|作废|无效|待审|审核中|放弃|弃考|禁",
    re.IGNORECASE,
)
_EXCLUDED = re.compile(
    r"已?(?:被?取消(?:考试|报名|参考)?(?:资格)?|退考|弃考|放弃(?:考试)?|作废|禁考|不参加(?:考试)?)"
    r"|(?:资格)?(?:审核|审查)?(?:不|未)(?:予)?通过"
)
_EXCLUDED_SHEET = re.compile(
    r"\[[^\]]*(?:未通过|不通过|未审核|取消|退考|弃考|黑名单|禁考|不参加)[^\]]*\]\Z"
)
_MINUTES = re.compile(r"(\d{1,4})(?:分钟?|MINS?|MINUTES?)?", re.ASCII | re.IGNORECASE)
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


def read_roster(table: Table) -> tuple[tuple[RosterRow, ...], Reading]:
    """The people of a table; mistakes and remarks are in the reading."""
    reading = read_table(table, LAYOUT)
    reading.findings += _excluded_sheets(reading.rows)
    people = parse_rows(reading, _person, is_example_person)
    reading.remarks += _cut_off(person for _, person in people)
    if not people and not reading.findings:
        reading.findings.append(FileFinding(table.name, 0, "没有数据行"))
    return tuple(person for _, person in people), reading


def _person(row: Row) -> RosterRow:
    """The person of a row. Raises `ValueError` with the reason."""
    cells = row.cells
    _refuse_excluded(cells)
    extra_min = _extra_min(cells.get("加时(分钟)", ""))
    number = _normal(cells["证件号码"])
    if _MANGLED.match(number):
        raise ValueError(
            "证件号码被表格软件改成了科学计数法，末几位已丢失：请把该列格式设为“文本”后重新填写"
        )
    note = cells.get("备注", "")
    if len(note) > MAX_NOTE:
        raise ValueError(f"备注最多 {MAX_NOTE} 字")
    kind = _normal(cells.get("证件类型", RESIDENT))
    return RosterRow(row.number, cells["姓名"], kind, number, extra_min, note, row.file)


def _extra_min(text: str) -> int:
    """The minutes of a cell: `30`, `30分`, `30分钟`; nothing is 0. Raises `ValueError`.

    Other units are refused, because 1 小时 below a heading in minutes may be a mistake.
    """
    found = _MINUTES.fullmatch(_normal(text) or "0")
    if found is None or int(found[1]) > MOST_EXTRA_MIN:
        raise ValueError(
            f"加时(分钟)须为 0 到 {MOST_EXTRA_MIN} 的整数，可以带“分”或“分钟”，例如 30 或 30分钟"
        )
    return int(found[1])


def _refuse_excluded(cells: dict[str, str]) -> None:
    """Raise `ValueError` for a row that says that its person does not take part: nobody is admitted by mistake."""
    for column in _STATUS:
        if _NO.search(_normal(cells.get(column, ""))):
            raise ValueError(
                f"“{column}”一列说此人不能参加：确实不参加的，请删去这一行；能参加的，请改正或清空这一格"
            )
    in_brackets = re.findall(r"[（(【\[](.*?)[)）】\]]", cells["姓名"])
    for text in (cells.get("备注", ""), *in_brackets):
        if _EXCLUDED.fullmatch(_normal(text)):
            raise ValueError(
                f"这一行写着“{text}”：此人不能参加的，请删去这一行；能参加的，请删去这几个字"
            )


def _excluded_sheets(rows: Iterable[Row]) -> list[FileFinding]:
    """A finding for each of several sheets whose name says that its people do not take part."""
    reason = "这张工作表像是不能参加考试的人：请从文件里删去它；能参加的，请给工作表改名"
    files = dict.fromkeys(row.file for row in rows)
    return [FileFinding(file, 0, reason) for file in files if _EXCLUDED_SHEET.search(file)]


def _cut_off(people: Iterable[RosterRow]) -> list[Remark]:
    """A remark on the rows whose number a spreadsheet may have cut, though its check digit is right."""
    rows: dict[str, list[int]] = {}
    for person in people:
        if len(person.id_number) == CITIZEN_DIGITS and person.id_number.endswith(LOST_END):
            rows.setdefault(person.file, []).append(person.row)
    advice = Advice.NUMBER_CUT_OFF
    return [remark for file, of in rows.items() for remark in remark_on_rows(advice, file, of)]


def _normal(text: str) -> str:
    """The text without blanks, with full-width digits made plain."""
    return "".join(unicodedata.normalize("NFKC", text).split())
