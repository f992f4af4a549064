"""Rosters as offices keep them, and when one may take the place of another."""

import io
from typing import Any

import msgspec
import openpyxl
import pytest

from chalicelib.exams import rosters
from chalicelib.exams.rosters import Source
from chalicelib.imports.people import ID_TYPE_NAMES, find_type, identify, plain_hash
from chalicelib.imports.readings import Reading
from chalicelib.imports.rosters import RosterRow, read_roster
from chalicelib.imports.tables import open_table
from chalicelib.kernel.outcomes import changed_fields
from chalicelib.shared.errors import Conflict
from scripts import import_templates
from tests.dropbox import ROSTER_HEADINGS, workbook
from tests.unit.exams import exam

NUMBER = "11010519491231002X"


def read(
    *rows: tuple[Any, ...], headings: tuple[str, ...] = ROSTER_HEADINGS
) -> tuple[tuple[RosterRow, ...], Reading]:
    return read_roster(open_table("roster.xlsx", workbook(headings, *rows)))


def one(*cells: Any, headings: tuple[str, ...] = ROSTER_HEADINGS) -> RosterRow:
    people, reading = read(cells, headings=headings)
    assert reading.findings == []
    [person] = people
    return person


def why(*cells: Any, headings: tuple[str, ...] = ROSTER_HEADINGS) -> str:
    _, reading = read(cells, headings=headings)
    [finding] = reading.findings
    assert finding.row == 2
    return finding.reason


def test_extra_time_and_its_reason_are_taken() -> None:
    person = one("张三", "居民身份证", NUMBER, 20, "视力障碍")
    assert (person.row, person.extra_min, person.note) == (2, 20, "视力障碍")


@pytest.mark.parametrize(
    "heading", ["加时(分钟)", "加时（分钟）", "加时", "延长分钟", "延长时间（分钟）"]
)
def test_the_column_of_extra_time_has_several_names(heading: str) -> None:
    assert (
        one(
            "张三", "护照", "E1234567", "15", headings=("姓名", "证件类型", "证件号码", heading)
        ).extra_min
        == 15
    )


def test_a_list_of_id_cards_needs_no_column_for_the_type() -> None:
    person = one(1, "张三", NUMBER, headings=("序号", "姓名", "身份证号"))
    assert (person.id_type, person.id_number) == ("居民身份证", NUMBER)


@pytest.mark.parametrize(
    "written",
    [f"'{NUMBER}", f" {NUMBER} ", "1101 0519 4912 3100 2X", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_a_number_may_be_typed_as_people_type_it(written: str) -> None:
    assert one("张三", "居民身份证", written, None, None).id_number == NUMBER


@pytest.mark.parametrize("mangled", ["1.10105E+17", "1.10E+17", "1.10105194912310e17", "11E16"])
def test_a_number_that_a_spreadsheet_has_ruined_is_told_as_such(mangled: str) -> None:
    assert "科学计数法" in why("张三", "居民身份证", mangled, None, None)
    table = f"姓名,证件类型,证件号码\n张三,居民身份证,{mangled}".encode()
    _, reading = read_roster(open_table("roster.csv", table))
    assert "科学计数法" in reading.findings[0].reason


@pytest.mark.parametrize("number", [110105194912310020, 1.1010519491231e17])
def test_a_number_typed_as_a_number_has_lost_its_end(number: Any) -> None:
    assert "末几位已失真" in why("张三", "居民身份证", number, None, None)


@pytest.mark.parametrize(
    ("extra", "right"),
    [
        (0, True),
        (1440, True),
        (1441, False),
        (-1, False),
        (1.5, False),
        ("十", False),
        ("１５", True),
        ("15分", True),
        ("1440分钟", True),
        ("1441分钟", False),
        ("1小时", False),
        ("30秒", False),
        ("分钟", False),
        ("30分分", False),
        (None, True),
    ],
)
def test_extra_time_is_a_number_of_minutes_up_to_a_day(extra: Any, right: bool) -> None:
    if right:
        assert one("张三", "护照", "E1234567", extra, None)
    else:
        assert "加时(分钟)须为 0 到 1440 的整数" in why("张三", "护照", "E1234567", extra, None)


@pytest.mark.parametrize(
    "extra", ["30", "３０", "30分", "30分钟", "30 分钟", "３０分钟", "30min", "30 Minutes"]
)
def test_minutes_may_have_their_unit(extra: str) -> None:
    assert one("张三", "护照", "E1234567", extra, None).extra_min == 30


@pytest.mark.parametrize(("length", "right"), [(200, True), (201, False)])
def test_a_reason_has_a_length(length: int, right: bool) -> None:
    if right:
        assert len(one("张三", "护照", "E1234567", None, "字" * length).note) == length
    else:
        assert "备注最多 200 字" in why("张三", "护照", "E1234567", None, "字" * length)


def test_example_rows_of_the_template_are_passed_over() -> None:
    people, reading = read(*import_templates.ROSTER_ROWS, ("王五", "护照", "E7654321", None, None))
    assert [person.name for person in people] == ["王五"]
    assert [(r.advice.value, r.rows) for r in reading.remarks] == [("template_row", (2, 3))]


def test_a_list_of_nobody_is_refused() -> None:
    _, reading = read(*import_templates.ROSTER_ROWS)
    assert [(f.row, f.reason) for f in reading.findings] == [(0, "没有数据行")]


# --- lists as offices keep them ---


def listed(text: str) -> tuple[list[str], list[tuple[int, str]], dict[str, tuple[int, ...]]]:
    """The ID numbers of the people, the findings, and the rows of each remark."""
    rows, reading = read_roster(open_table("roster.csv", text.encode()))
    people, findings = identify(rows, plain_hash)
    told = [(finding.row, finding.reason) for finding in [*reading.findings, *findings]]
    remarks = {remark.advice.value: remark.rows for remark in reading.remarks}
    return [row.id_number for row, _ in people], told, remarks


@pytest.mark.parametrize(
    "heading", ["身份证", "公民身份证号码", "居民身份证号码", "身份证号码(必填)", "身份证号"]
)
def test_the_number_may_stand_under_any_usual_heading(heading: str) -> None:
    people, told, _ = listed(f"姓名,{heading}\n张三,{NUMBER}\n李四,440524188001010014")
    assert (len(people), told) == (2, [])


def test_columns_of_the_office_are_left_out_and_listed() -> None:
    headings = "姓名,证件号码,手机号,联系电话,部门,学历,民族,职务,单位名称"
    rows, reading = read_roster(
        open_table("roster.csv", f"{headings}\n张三,{NUMBER},1,2,3,4,5,6,7".encode())
    )
    [remark] = reading.remarks
    assert (len(rows), reading.findings) == (1, [])
    assert remark.reason == "这些列不导入：手机号、联系电话、部门、学历、民族、职务、单位名称"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(
            (kind, NUMBER)
            for kind in (
                "身份证",
                "二代身份证",
                "居民身份证",
                "二代证",
                "第二代居民身份证",
                "身份证(二代)",
            )
        ),
        ("01-居民身份证", NUMBER),
        ("港澳通行证", "H12345678"),
        ("回乡证", "H12345678"),
        ("台胞证", "12345678"),
        ("中国护照", "E12345678"),
        ("passport", "E12345678"),
        ("外国人永久居留证", "USA110012345678"),
        ("港澳台居住证", "810000199003070015"),
    ],
)
def test_a_document_type_may_be_written_as_people_call_it(written: str, number: str) -> None:
    people, told, _ = listed(f"姓名,证件类型,证件号码\n张三,{written},{number}")
    assert (people, told) == ([number], [])


@pytest.mark.parametrize("kind", list(ID_TYPE_NAMES))
def test_the_names_of_the_standard_are_document_types(kind: str) -> None:
    assert find_type(kind) is ID_TYPE_NAMES[kind]


@pytest.mark.parametrize(
    ("kind", "number", "reason"),
    [
        ("工作证", NUMBER, "证件类型不认识，须为：居民身份证、"),
        ("", NUMBER, "证件类型没有填写"),
        ("护照", "E1", "不是护照号码的格式"),
        ("身份证", NUMBER[:-1], "须为 18 位，这里是 17 位"),
        ("身份证", f"{NUMBER}1", "须为 18 位，这里是 19 位"),
        ("身份证", "1101051949123100XX", "须为 17 位数字加末位的数字或 X"),
        ("身份证", "110105194913310021", "第 7–14 位不是有效的出生日期"),
        ("身份证", "110105194912310021", "末位校验码对不上"),
        ("身份证", "810000199003070015", "像是港澳台居民居住证的，请核对证件类型"),
        ("台胞证", NUMBER, "像是居民身份证的，请核对证件类型"),
        ("身份证", "911840199003070013", "不是居民身份证号码的格式"),
        ("身份证", "110105194912310000", "末位校验码对不上，号码中有抄错的数字；末三位是 000"),
    ],
)
def test_a_finding_says_what_is_wrong_with_type_or_number(
    kind: str, number: str, reason: str
) -> None:
    people, [(row, said)], _ = listed(f"姓名,证件类型,证件号码\n张三,{kind},{number}")
    assert (people, row) == ([], 2)
    assert reason in said
    assert number not in said


@pytest.mark.parametrize(
    ("number", "warned"),
    [
        ("140105199003287000", True),  # its check digit is right by chance
        ("140105199003077004", False),
        ("110105194912310100", False),
    ],
)
def test_a_number_that_a_spreadsheet_may_have_cut_is_warned_of_by_row(
    number: str, warned: bool
) -> None:
    _, _, remarks = listed(f"姓名,证件号码\n李四,440524188001010014\n王五,{number}")
    assert remarks.get("number_cut_off") == ((3,) if warned else None)


def test_a_long_number_that_is_no_resident_number_is_not_warned_of() -> None:
    _, _, remarks = listed(
        "姓名,证件类型,证件号码\n王五,护照,A1234567890123000\n李四,护照,E1234000"
    )
    assert "number_cut_off" not in remarks


@pytest.mark.parametrize(
    "written", [f'"=""{NUMBER}"""', f"'{NUMBER}", f"‘{NUMBER}", f"`{NUMBER}", f'"= ""{NUMBER}"""']
)
def test_quotes_around_a_number_are_removed_and_told_by_row(written: str) -> None:
    people, told, remarks = listed(f"姓名,证件号码\n李四,440524188001010014\n张三,{written}")
    assert (people[1], told) == (NUMBER, [])
    assert remarks["quotes_removed"] == (3,)


def test_hidden_characters_are_removed_and_told_by_row() -> None:
    rows = f"张三,\u202d{NUMBER}\u202c\n李\u200b四,\u200b440524188001010014\n王五,E1"
    people, told, remarks = listed(f"姓名,证件号码\n{rows}")
    assert people == [NUMBER, "440524188001010014"]
    assert [row for row, _ in told] == [4]
    assert remarks["hidden_characters_removed"] == (2, 3)
    assert "quotes_removed" not in remarks


def test_a_person_called_like_an_example_is_a_person() -> None:
    people, told, remarks = listed(f"姓名,证件号码\n示例张,{NUMBER}\n示例张三,440524188001010014")
    assert (len(people), told, "template_row" in remarks) == (2, [], False)


# --- one roster in the place of another ---


def replace(at: int = 10, version_id: str = "v2", now: int | None = None, **changes: Any) -> Any:
    """The fields that a new roster changes on an exam."""
    held = msgspec.structs.replace(
        exam(), **{"roster_version": "old", "roster_at": 10, "roster_source": "v1", **changes}
    )
    return changed_fields(
        rosters.replace(
            held, "new", 0, Source(version_id, at), held.ends_at if now is None else now
        )
    )


def test_a_new_roster_is_noted_with_the_file_that_it_came_from() -> None:
    assert replace() == {
        "roster_version": "new",
        "longest_extra_ms": 0,
        "roster_source": "v2",
        "roster_at": 10,
    }


def test_the_same_file_again_changes_nothing() -> None:
    assert replace(version_id="v1") == {}


def test_the_end_of_an_exam_only_moves_later() -> None:
    """Somebody may have opened their attempt with more time than anybody is given now."""
    assert replace(longest_extra_ms=60_000)["longest_extra_ms"] == 60_000


@pytest.mark.parametrize(("at", "right"), [(9, False), (10, True), (11, True)])
def test_a_file_that_was_uploaded_earlier_does_not_take_the_place_of_a_later_one(
    at: int, right: bool
) -> None:
    if right:
        assert replace(at=at)["roster_at"] == at
    else:
        with pytest.raises(Conflict, match="roster_superseded"):
            replace(at=at)


def test_an_exam_without_a_roster_keeps_none() -> None:
    with pytest.raises(Conflict, match="roster_not_used"):
        replace(roster_version="")


def test_nothing_is_replaced_when_the_exam_is_over() -> None:
    assert replace(now=exam().ends_at)
    with pytest.raises(Conflict, match="exam_over"):
        replace(now=exam().ends_at + 1)


@pytest.mark.parametrize(
    ("heading", "value", "is_refused"),
    [
        ("审核状态", "不通过", True),
        ("审核结果", "待审核", True),
        ("资格审查", "未通过", True),
        ("报名状态", "已取消", True),
        ("是否参加考试", "否", True),
        ("是否缴费", "未缴费", True),
        ("审核状态", "通过", False),
        ("报名状态", "已报名", False),
        ("审核意见", "无", False),
        ("是否合格", "否", False),
        ("是否参加", "是", False),
        ("缴费状态", "", False),
        ("备注", "取消资格", True),
        ("备注", "退考", True),
        ("备注", "上次缺考", False),
        ("备注", "去年退考，今年重报", False),
    ],
)
def test_a_row_that_says_that_its_person_does_not_take_part_is_refused(
    heading: str, value: str, is_refused: bool
) -> None:
    headings = ("姓名", "证件号码", heading)
    people, reading = read(("张三", NUMBER, value), headings=headings)
    assert bool(reading.findings) is is_refused
    assert not is_refused or "删去这一行" in reading.findings[0].reason
    assert len(people) == (0 if is_refused else 1)


@pytest.mark.parametrize(("name", "is_refused"), [("张三（退考）", True), ("张三（女）", False)])
def test_a_name_may_say_so_too(name: str, is_refused: bool) -> None:
    _, reading = read((name, NUMBER), headings=("姓名", "证件号码"))
    assert bool(reading.findings) is is_refused


@pytest.mark.parametrize(
    ("title", "is_refused"), [("未通过人员", True), ("退考", True), ("第二考场", False)]
)
def test_of_several_sheets_one_of_people_who_do_not_take_part_is_refused(
    title: str, is_refused: bool
) -> None:
    book = openpyxl.Workbook()
    for name, number in (("通过人员", NUMBER), (title, "440524188001010014")):
        sheet = book.create_sheet(name)
        sheet.append(("姓名", "证件号码"))
        sheet.append(("张三", number))
    del book["Sheet"]
    data = io.BytesIO()
    book.save(data)
    _, reading = read_roster(open_table("roster.xlsx", data.getvalue()))
    told = [(finding.file, finding.row) for finding in reading.findings]
    assert told == ([(f"roster.xlsx[{title}]", 0)] if is_refused else [])
