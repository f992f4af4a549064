"""Every file of a pack is used, named, or a reason to refuse it; a list of people never goes unread."""

from typing import Any

import pytest
import yaml

from chalicelib.imports import packs
from chalicelib.imports.packs import Inspection
from tests.dropbox import BANK_HEADINGS, ROSTER_HEADINGS, ZHANG, workbook

HEADER: dict[str, Any] = {
    "format": 1,
    "exam_id": "case",
    "title": "用例",
    "audience": ["agency_practitioner"],
    "sections": [{"id": "s", "title": "单选题", "type": "single", "count": 1, "points": 100}],
}
BANK = "题型,题干,选项A,选项B,答案\n单选题,应当遵循哪项原则？,公开透明,先到先得,A\n".encode()
OTHER_BANK = "题型,题干,选项A,选项B,答案\n单选题,另一题？,甲,乙,B\n".encode()
PEOPLE = "姓名,证件号码\n张三,11010519491231002X\n李四,440524188001010014\n".encode()
JUNK = b"not really such a file"


def pack(files: dict[str, bytes], **header: Any) -> dict[str, bytes]:
    written = yaml.safe_dump({**HEADER, **header}, allow_unicode=True).encode()
    return {"exam.yaml": written, "questions/a.csv": BANK, **files}


def told(found: Inspection) -> set[tuple[str, str]]:
    return {(remark.file, remark.advice.value) for remark in found.remarks} - {
        ("questions/a.csv", "no_explanation")
    }


def refused(found: Inspection) -> set[str]:
    assert (found.pack is None) == bool(found.findings)
    return {finding.file for finding in found.findings}


# --- rosters ---


@pytest.mark.parametrize(
    "path",
    [
        *(
            "roster.csv",
            "Roster.csv",
            "ROSTER.CSV",
            "rosters.csv",
            "roster.txt",
            "roster/people.csv",
        ),
        *("名单.csv", "考生名单.csv", "报名表.csv", "名单/2027.csv", "附件/人员名单.csv"),
    ],
)
def test_a_list_with_the_name_of_a_list_decides_who_may_enter(path: str) -> None:
    found = packs.inspect(pack({path: PEOPLE}))
    assert (found.listed, refused(found)) == (2, set())
    plain = ("roster.csv", "roster.txt", "roster/people.csv")
    assert ((path, "read_as_roster") in told(found)) == (path not in plain)


def test_a_workbook_is_a_list_like_any_other_table() -> None:
    found = packs.inspect(pack({"考生名单.xlsx": workbook(ROSTER_HEADINGS, ZHANG)}))
    assert (found.listed, refused(found)) == (1, set())


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("roster.xls", JUNK),
        ("roster.xlsx", JUNK),
        ("名单.xls", JUNK),
        ("名单.pdf", JUNK),
        ("考生.docx", JUNK),
        ("人员信息.et", JUNK),
        ("candidates.xls", JUNK),
        ("people.csv", PEOPLE),
        ("数据.csv", PEOPLE),
        ("questions/b.csv", PEOPLE),
        ("questions/名单.docx", JUNK),
        ("附件/表一.xlsx", workbook(ROSTER_HEADINGS, ZHANG)),
    ],
)
def test_a_list_of_people_that_is_not_read_refuses_the_pack(path: str, data: bytes) -> None:
    assert path in refused(packs.inspect(pack({path: data})))


@pytest.mark.parametrize(
    ("row", "listed"),
    [
        ("张三,11010519491231002X", True),
        ("张三,'11010519491231002X", True),
        ("张三,110105194912310021", True),  # its check digit is wrong
        ("张三,110105194913310021", False),  # no such month
        ("张三,13800000000", False),
    ],
)
def test_numbers_of_people_make_a_list_without_headings(row: str, listed: bool) -> None:
    found = packs.inspect(pack({"data.csv": f"甲,乙\n{row}\n".encode()}))
    assert refused(found) == ({"data.csv"} if listed else set())
    assert (("data.csv", "file_left_out") in told(found)) is not listed


@pytest.mark.parametrize("rows_above", [0, 20, 2_000])
def test_numbers_of_people_are_looked_for_in_all_rows(rows_above: int) -> None:
    lines = "".join(f"{number},甲\n" for number in range(rows_above))
    data = f"甲,乙\n{lines}张三,11010519491231002X\n".encode()
    assert refused(packs.inspect(pack({"data.csv": data}))) == {"data.csv"}


@pytest.mark.parametrize(("headings", "is_table"), [("题型", False), ("题型,题干", True)])
def test_a_text_with_two_headings_is_a_table(headings: str, is_table: bool) -> None:
    found = packs.inspect(pack({"questions/b.txt": f"{headings}\n单选,问？\n".encode()}))
    assert refused(found) == ({"questions/b.txt"} if is_table else set())


def test_two_lists_refuse_the_pack_and_the_second_names_the_first() -> None:
    found = packs.inspect(pack({"roster.csv": PEOPLE, "名单.csv": PEOPLE}))
    [finding] = found.findings
    assert (finding.file, finding.reason) == ("名单.csv", "名单只能有一份，另有：roster.csv")


def test_a_sheet_of_people_in_a_bank_refuses_the_pack() -> None:
    question = ("单选", "问？", "甲", "乙", None, "A", "x")
    book = workbook(BANK_HEADINGS, question, 考生=[ROSTER_HEADINGS, ZHANG])
    found = packs.inspect(pack({"questions/b.xlsx": book}))
    [finding] = found.findings
    assert "工作表“考生”像是人员名单" in finding.reason


def test_wrong_numbers_of_a_list_are_told_in_the_same_round_as_wrong_questions() -> None:
    wrong = "姓名,证件号码\n张三,110105194912310021\n".encode()
    questions = "题型,题干,选项A,选项B,答案\n单选题,问？,甲,乙,C\n".encode()
    found = packs.inspect(pack({"roster.csv": wrong, "questions/a.csv": questions}))
    assert {("roster.csv", 2), ("questions/a.csv", 2)} <= {(f.file, f.row) for f in found.findings}


# --- banks ---


@pytest.mark.parametrize(
    "path",
    [
        "bank2.csv",
        "题库/b.csv",
        "Questions/b.csv",
        "试题.csv",
        "附件/b.csv",
        "b.txt",
        "报名政策题.csv",
    ],
)
def test_a_bank_is_used_wherever_it_lies_and_is_named(path: str) -> None:
    found = packs.inspect(pack({path: OTHER_BANK}))
    assert refused(found) == set()
    assert found.pack is not None
    assert len(found.pack.bank.questions) == 2
    assert (path, "read_as_bank") in told(found)


def test_a_question_that_stands_twice_is_told_about_the_file_at_the_unusual_place() -> None:
    [finding] = packs.inspect(pack({"bank.csv": BANK})).findings
    assert (finding.file, "questions/a.csv 第 2 行" in finding.reason) == ("bank.csv", True)


def test_a_bank_in_a_folder_below_questions_needs_no_remark() -> None:
    found = packs.inspect(pack({"questions/单选/b.csv": OTHER_BANK}))
    assert told(found) == {("questions/单选/b.csv", "no_explanation")}


@pytest.mark.parametrize(
    "path", ["questions/b.csv", "题库.xlsx", "bank.csv", "questions/b.xlsx", "questions/b.docx"]
)
def test_a_bank_that_cannot_be_read_refuses_the_pack(path: str) -> None:
    assert path in refused(packs.inspect(pack({path: JUNK})))


# --- everything else ---


@pytest.mark.parametrize("path", ["exam.yml", "Exam.yaml", "考试/exam.yaml"])
def test_settings_with_another_name_or_place_are_told_where_to_go(path: str) -> None:
    files = pack({})
    found = packs.inspect({path: files.pop("exam.yaml"), **files})
    assert [(f.file, f.reason[:9]) for f in found.findings] == [
        ("exam.yaml", "缺少 exam.y"),
        (path, "考试设置须命名为 "),
    ]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("questions/图1.png", "没有题目用到这张图片"),
        ("questions/图1.emf", "请转为 PNG 或 JPEG"),
        ("b.docx", "填在 .xlsx"),
        ("questions/说明.txt", "没有题库或名单的列标题"),
        ("考生须知.pdf", "填在 .xlsx"),
        ("考生须知.txt", "没有题库或名单的列标题"),
        ("考生/张三.jpg", "没有题目用到这张图片"),
        ("questions/从业人员考试.pdf", "填在 .xlsx"),
        ("more.zip", "请解开后放入"),
        ("old.xlsb", "请另存为 .xlsx"),
        ("exam2.yaml", "可以从考试包中删去"),
        ("统计.csv", "没有题库或名单的列标题"),
    ],
)
def test_a_file_that_is_not_used_is_named_with_what_to_do(path: str, why: str) -> None:
    found = packs.inspect(pack({path: JUNK}))
    assert refused(found) == set()
    [remark] = [remark for remark in found.remarks if remark.file == path]
    assert remark.reason.startswith("没有使用：")
    assert why in remark.reason


@pytest.mark.parametrize(
    "path", ["questions/.DS_Store", "Thumbs.db", "~$roster.xlsx", "questions/~$b.xlsx", "._a.csv"]
)
def test_what_programs_leave_is_no_file_of_the_pack(path: str) -> None:
    assert told(packs.inspect(pack({path: JUNK}))) == set()
