"""A list of people that is not read never opens an exam to everybody, whatever its format."""

import pytest

from chalicelib.imports import packs
from chalicelib.imports.people_lists import mentions_people
from chalicelib.shared import archives
from tests.dropbox import workbook

NUMBER = "11010519491231002X"
HEADER = """format: 1
exam_id: small-exam
title: 小考试
audience: [agency_practitioner]
sections:
  - {id: judge, title: 判断题, type: judge, count: 1, points: 100}
"""
DOCUMENT = f"<w:p><w:r><w:t>张三</w:t></w:r><w:r><w:t>{NUMBER[:9]}</w:t></w:r><w:r><w:t>{NUMBER[9:]}</w:t></w:r></w:p>"
LATE = [("备忘",), *((f"第 {n} 行",) for n in range(30)), (NUMBER,)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("附件1.txt", f"姓名 证件号码\n张三 {NUMBER}".encode()),
        ("附件1.txt", f"张三 {NUMBER}".encode("utf-16")),
        ("附件1.xlsx", workbook(*[(f"张三 {NUMBER}",)])),
        ("附件1.xlsx", workbook(*LATE)),
        ("附件.csv", "姓名,护照号码\n张三,E12345678".encode()),
        ("附件.csv", "姓名,手机号\n张三,13800000000".encode()),
        ("附件.xlsx", workbook(("姓名", "准考证号"), ("张三", "0001"))),
        ("附件.csv", "名,号\n张三,110105194912310021".encode()),
        ("附件.xls", f"<table><tr><td>姓名</td><td>{NUMBER}</td></tr></table>".encode()),
        ("附件1.docx", archives.pack({"word/document.xml": DOCUMENT.encode()})),
        ("附件.md", f"- 张三 {NUMBER}".encode("gb18030")),
        ("附件", NUMBER.encode()),
    ],
)
def test_a_file_with_people_that_is_not_read_refuses_the_pack(name: str, data: bytes) -> None:
    bank = "题型,题干,答案\n判断题,对吗？,对\n".encode()
    pack = packs.inspect({"exam.yaml": HEADER.encode(), "questions/a.csv": bank, name: data})
    assert pack.pack is None
    assert name in {finding.file for finding in pack.findings}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NUMBER, True),
        (NUMBER.lower(), True),
        ("110105194912310021", True),
        (f"8{NUMBER}", False),
        (f"{NUMBER}8", False),
        ("110105194913310021", False),
        ("110105184912310021", False),
        ("010105194912310021", False),
        ("订单 202706120000000001", False),
    ],
)
def test_only_what_is_written_like_an_id_number_counts(text: str, found: bool) -> None:
    assert mentions_people(f"备忘：{text}。".encode()) is found


@pytest.mark.parametrize("headings", ["姓名,单位", "科目,座位号", "题号,考场"])
def test_another_table_is_named_and_left_out(headings: str) -> None:
    bank = "题型,题干,答案\n判断题,对吗？,对\n".encode()
    files = {"exam.yaml": HEADER.encode(), "questions/a.csv": bank}
    pack = packs.inspect({**files, "附件.csv": f"{headings}\n甲,乙".encode()})
    assert pack.findings == ()
    assert "附件.csv" in {remark.file for remark in pack.remarks}
