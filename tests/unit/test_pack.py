"""Exam packs: both examples are right, and every mistake is named with file, row and reason."""

import bz2
import io
import pathlib
import struct
import tracemalloc
import zipfile
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.exams import service as exams
from chalicelib.exams.questions import QuestionType
from chalicelib.exams.validation import FileRejected
from chalicelib.imports.packs import Pack, draft_exam, inspect, read_pack, read_zip
from chalicelib.imports.people import plain_hash
from chalicelib.imports.remarks import Advice
from infra.folders import read_folder
from tests.unit.test_pictures import png_of

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
SINGLE, JUDGE = "questions/single.csv", "questions/judge.csv"
HEADING = "编号,题型,题干,选项A,选项B,选项C,选项D,选项E,选项F,答案,解析,依据,标签"
ROSTER_HEADING = "姓名,证件类型,证件号码,加时(分钟)"
HEADER: dict[str, Any] = {
    "format": 1,
    "exam_id": "small-exam",
    "title": "小考试",
    "audience": ["agency_practitioner"],
    "sections": [
        {"id": "single", "title": "单选题", "type": "single", "count": 2, "points": 5},
        {"id": "judge", "title": "判断题", "type": "judge", "count": 1, "points": 2.5},
    ],
}
S1 = "S1,单选题,问一？,甲,乙,丙,,,,B,因为,第一条,期限"
S2 = "S2,单选题,问二？,甲,乙,,,,,A,,,"
J1 = "J1,判断题,对吗？,,,,,,,错误,,,"


def table(*rows: str, heading: str = HEADING) -> bytes:
    return "\r\n".join([heading, *rows, ""]).encode()


def small(header: dict[str, Any] | None = None, **files: bytes | None) -> dict[str, bytes]:
    """A right pack of three questions, with files replaced or (None) left out."""
    packed = {
        "exam.yaml": yaml.safe_dump({**HEADER, **(header or {})}, allow_unicode=True).encode(),
        SINGLE: table(S1, S2),
        JUDGE: table(J1),
    }
    replaced = {name.replace("__", "/").replace("_", "."): data for name, data in files.items()}
    return {k: v for k, v in {**packed, **replaced}.items() if v is not None}


def findings(files: dict[str, bytes]) -> list[tuple[str, int, str]]:
    with pytest.raises(FileRejected) as refusal:
        read_pack(files)
    return [(f.file, f.row, f.reason) for f in refusal.value.findings]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def refused_zip(data: bytes) -> str:
    with pytest.raises(FileRejected) as refusal:
        read_zip(data)
    [finding] = refusal.value.findings
    return finding.reason


# --- right packs ---


def test_the_practice_example_is_right() -> None:
    """It needs no start, is for everybody, and asks five questions that need no learning."""
    pack = read_pack(read_zip(zipped(read_folder(EXAMPLES / "practice"))))
    assert pack.header.policy.is_practice
    assert pack.header.starts_at is None
    assert len(pack.header.audience) == 2
    assert sum(section.question_count for section in pack.header.sections) == 5
    draft = draft_exam(pack, plain_hash)
    assert exams.check_exam(draft=draft).findings == ()
    started = msgspec.structs.replace(draft, starts_at=1)
    [refused] = exams.check_exam(draft=started).findings
    assert "没有开考时间" in refused.reason


@pytest.mark.parametrize(
    ("folder", "audience", "questions"),
    [
        ("agency-practitioners", "agency_practitioner", 44),
        ("evaluation-experts", "evaluation_expert", 40),
    ],
)
def test_both_examples_are_right(folder: str, audience: str, questions: int) -> None:
    pack = read_pack(read_zip(zipped(read_folder(EXAMPLES / folder))))
    assert [role.value for role in pack.header.audience] == [audience]
    assert len(pack.bank.questions) == questions
    points = sum(section.question_count * section.points for section in pack.header.sections)
    assert points == 100
    for question in pack.bank.questions:
        assert question.explanation
        assert question.source
    kinds = {question.type for question in pack.bank.questions}
    assert kinds >= {QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.JUDGE}


def test_a_small_pack_is_read_as_it_is_written() -> None:
    pack = read_pack(small())
    first, second, third = {q.id: q for q in pack.bank.questions}.values()
    by_id = {q.id: q for q in (first, second, third)}
    assert by_id["S1"].options == ("甲", "乙", "丙")
    assert (by_id["S1"].key, by_id["S1"].explanation, by_id["S1"].tag) == ("B", "因为", "期限")
    assert (by_id["J1"].options, by_id["J1"].key) == (("正确", "错误"), "B")
    assert pack.header.policy.duration_min == 60
    assert pack.roster is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheets_encoding_does_not_matter(encoding: str) -> None:
    files = {name: data.decode().encode(encoding) for name, data in small().items()}
    assert read_pack(files) == read_pack(small())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_blank_rows_and_quoted_line_breaks_are_fine(end: str) -> None:
    rows = [HEADING, "", ",,,,", 'S1,单选题,"问一，\n有两行？",甲,乙,丙,,,,B', S2]
    files = small()
    files[SINGLE] = end.join(rows).encode()
    assert "有两行" in read_pack(files).bank.questions[1].stem


def test_the_answers_letters_may_be_separated_and_small() -> None:
    files = small({"sections": [{**HEADER["sections"][0], "type": "multiple", "count": 1}]})
    files["questions/multiple.csv"] = table("M1,多选题,问？,甲,乙,丙,,,,c、A")
    assert [q.key for q in read_pack(files).bank.questions if q.id == "M1"] == ["AC"]


def test_headings_may_be_full_width_as_a_chinese_keyboard_types_them() -> None:
    roster = table("张三,护照,E1234567,15", heading="姓名,证件类型,证件号码,加时（分钟）,备注")
    [row] = read_pack(small(roster_csv=roster)).roster or ()
    assert (row.row, row.name, row.id_type, row.id_number, row.extra_min) == (
        2,
        "张三",
        "护照",
        "E1234567",
        15,
    )


def test_a_roster_alone_says_who_may_enter() -> None:
    roster = table("张三,护照,E1234567,", heading=ROSTER_HEADING)
    pack = read_pack(small({"audience": []}, roster_csv=roster))
    assert pack.roster is not None
    assert pack.roster[0].extra_min == 0


# --- every finding ---


@pytest.mark.parametrize(
    ("files", "finding"),
    [
        (small(exam_yaml=None), ("exam.yaml", 0, "缺少 exam.yaml")),
        (small(exam_yaml=b"a: [1"), ("exam.yaml", 1, "不是有效的 YAML")),
        (small(exam_yaml=b"a: 1\nb: : 2"), ("exam.yaml", 2, "不是有效的 YAML")),
        (small(exam_yaml=b"\xff\xff\xff"), ("exam.yaml", 0, "不是有效的 YAML")),
        (small(exam_yaml=b"starts_at: 2025-13-45"), ("exam.yaml", 0, "不是有效的 YAML")),
        (small(exam_yaml=b"[" * 20_000), ("exam.yaml", 1, "不是有效的 YAML")),
        (small(exam_yaml=b"a: 1\nb: " + b"{" * 101), ("exam.yaml", 2, "不是有效的 YAML")),
        (small(exam_yaml=b"[" * 100 + b"]" * 100), ("exam.yaml", 0, "内容不符合格式")),
        (small(exam_yaml=b"a: !!python/name:os.system"), ("exam.yaml", 1, "不是有效的 YAML")),
        (small(exam_yaml=b""), ("exam.yaml", 0, "内容不符合格式")),
        (small(exam_yaml=b"a: &a [*a]"), ("exam.yaml", 1, "不能使用 YAML 引用")),
        (small({"format": 2}), ("exam.yaml", 0, "format")),
        (small({"exam_id": "小考试"}), ("exam.yaml", 0, "exam_id")),
        (small({"exam_id": "small-exam\n"}), ("exam.yaml", 0, "exam_id")),
        (small({"exam_id": "../x"}), ("exam.yaml", 0, "exam_id")),
        (small({"title": ""}), ("exam.yaml", 0, "title")),
        (small({"audience": ["everybody"]}), ("exam.yaml", 0, "audience")),
        (small({"audience": []}), ("exam.yaml", 0, "无人可以参加")),
        (small({"sections": []}), ("exam.yaml", 0, "sections")),
        (small({"policy": {"duration": 90}}), ("exam.yaml", 0, "duration")),
        (small({"policy": {"duration_min": 8}}), ("exam.yaml", 0, "回来时已经收卷")),
        (small({"policy": {"duration_min": 0}}), ("exam.yaml", 0, "policy.duration_min")),
        (small({"starts_at": "tomorrow"}), ("exam.yaml", 0, "starts_at")),
        (small({"starts_at": "2027-01-15T09:00:00"}), ("exam.yaml", 0, "须带时区")),
        (small({"notice": "字" * 20_001}), ("exam.yaml", 0, "notice")),
        (small({"colour": "red"}), ("exam.yaml", 0, "colour")),
        (small(questions__single_csv=b""), (SINGLE, 0, "文件是空的")),
        (small(questions__single_csv=table()), (SINGLE, 0, "没有数据行")),
        (small(questions__single_csv=b"\xff\xff"), (SINGLE, 0, "文字编码无法识别")),
        (small(questions__single_csv=table('S1,"a"b')), (SINGLE, 0, "不是有效的 CSV")),
        (
            small(questions__single_csv=table("x", heading="编号,题型")),
            (SINGLE, 1, "缺少列：题干、答案"),
        ),
        (
            small(questions__single_csv=table(S1 + ",戊", heading=HEADING + ",选项Z")),
            (SINGLE, 2, "选项最多"),
        ),
        (
            small(questions__single_csv=table(S1 + ",", heading=HEADING + ",答案")),
            (SINGLE, 1, "列标题重复"),
        ),
        (small(questions__single_csv=table(S1, S2 + ",第三条")), (SINGLE, 3, "未加引号的逗号")),
        (small(questions__single_csv=table(S1, "S2,连线题,问？")), (SINGLE, 3, "题型须为")),
        (
            small(questions__single_csv=table(S1, ",单选题,问？,甲,乙,,,,,A")),
            (SINGLE, 3, "不能为空"),
        ),
        (small(questions__single_csv=table(S1, "S2,单选题,,甲,乙,,,,,A")), (SINGLE, 3, "不能为空")),
        (
            small(questions__single_csv=table(S1, "S2,单选题,问？,甲,,,,,,A")),
            (SINGLE, 3, "至少两个选项"),
        ),
        (
            small(questions__single_csv=table(S1, "S2,单选题,问？,甲,,丙,,,,A")),
            (SINGLE, 3, "不留空"),
        ),
        (
            small(questions__single_csv=table(S1, "S2,单选题,问？,甲,甲,,,,,A")),
            (SINGLE, 3, "选项重复"),
        ),
        (small(questions__single_csv=table(S1, "S2,单选题,问？,甲,乙,,,,,C")), (SINGLE, 3, "A–B")),
        (small(questions__single_csv=table(S1, "S2,单选题,问？,甲,乙,,,,,")), (SINGLE, 3, "A–B")),
        (
            small(questions__single_csv=table(S1, "S2,单选题,问？,甲,乙,,,,,AA")),
            (SINGLE, 3, "不重复"),
        ),
        (
            small(questions__single_csv=table(S1, "S2,单选题,问？,甲,乙,,,,,AB")),
            (SINGLE, 3, "只能有一个"),
        ),
        (
            small(questions__single_csv=table(S1, "S2,多选题,问？,甲,乙,,,,,A")),
            (SINGLE, 3, "至少有两个"),
        ),
        (small(questions__single_csv=table(S1, S2, S1)), (SINGLE, 4, "编号重复：S1")),
        (small(questions__judge_csv=table(J1, S1)), (SINGLE, 2, "编号重复：S1")),
        (small(questions__judge_csv=table("J1,判断题,对吗？,,,,,,,也许")), (JUDGE, 2, "答案须为")),
        (
            small(questions__judge_csv=table("J1,判断题,对吗？,甲,否,,,,,正确")),
            (JUDGE, 2, "不填选项"),
        ),
        (small(questions__judge_csv=None), ("exam.yaml", 0, "判断题：需要 1 题，题库只有 0 题")),
        (small(questions__single_csv=table(S1)), ("exam.yaml", 0, "需要 2 题，题库只有 1 题")),
        (small(roster_csv=b""), ("roster.csv", 0, "文件是空的")),
        (
            small(roster_csv=table("张三,护照", heading="姓名,证件类型")),
            ("roster.csv", 1, "证件号码"),
        ),
        (
            small(
                roster_csv=table(
                    "张三,护照,E1234567,9", heading="姓名,证件类型,证件号码,延时(小时)"
                )
            ),
            ("roster.csv", 2, "加时须以分钟填写"),
        ),
        *(
            (
                small(roster_csv=table(f"张三,护照,E1234567,{extra}", heading=ROSTER_HEADING)),
                ("roster.csv", 2, "加时"),
            )
            for extra in ("-1", "1441", "1.5", "十", "1５.")
        ),
    ],
)
def test_each_mistake_names_file_row_and_reason(
    files: dict[str, bytes], finding: tuple[str, int, str]
) -> None:
    file, row, reason = finding
    found = findings(files)
    assert any(f == file and r == row and reason in why for f, r, why in found), found


def test_all_mistakes_are_told_at_once() -> None:
    files = small({"audience": []}, questions__single_csv=table("S1,连线题,?", "S2,单选题,?"))
    files["roster.csv"] = table("张三,护照,E1,x", heading=ROSTER_HEADING)
    places = {(file, row) for file, row, _ in findings(files)}
    assert {(SINGLE, 2), (SINGLE, 3), ("roster.csv", 2), ("exam.yaml", 0)} <= places


@pytest.mark.parametrize(
    ("points", "right"), [(2.5, True), (0.01, True), (0.004, False), (1.005, False)]
)
def test_points_have_at_most_two_decimals(points: float, right: bool) -> None:
    """Otherwise a paper could be worth nothing, and everybody would pass."""
    files = small({"sections": [{**HEADER["sections"][0], "points": points}]})
    if right:
        assert read_pack(files).header.sections[0].points == points
    else:
        assert ("exam.yaml", 0, "单选题：分值最多两位小数") in findings(files)


def sharing(*sections: tuple[str, int, str]) -> dict[str, bytes]:
    """Two questions tagged 期限 and one without a tag; sections as (id, count, tag)."""
    described = [
        {**HEADER["sections"][0], "id": i, "title": i, "count": n, "tag": tag}
        for i, n, tag in sections
    ]
    third = "S3,单选题,问三？,甲,乙,,,,,A,,,期限"
    return small({"sections": described}, questions__single_csv=table(S1, S2, third))


def test_sections_may_share_questions_when_each_surely_finds_enough() -> None:
    assert isinstance(read_pack(sharing(("tagged", 2, "期限"), ("rest", 1, ""))), Pack)
    # drawn the other way round, the general section may take a tagged question first
    found = findings(sharing(("rest", 1, ""), ("tagged", 2, "期限")))
    assert found == [("exam.yaml", 0, "tagged：需要 3 题，题库只有 2 题")]


def test_two_sections_of_one_id_are_refused() -> None:
    found = findings(sharing(("a", 1, ""), ("a", 1, "")))
    assert found == [("exam.yaml", 0, "sections 的 id 重复")]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["exam.yaml", SINGLE, JUDGE, "roster.csv"]), st.binary(max_size=200))
def test_whatever_a_file_holds_the_answer_is_a_pack_or_findings(name: str, data: bytes) -> None:
    try:
        read_pack({**small(), name: data})
    except FileRejected as refusal:
        assert all(finding.reason for finding in refusal.findings)


# --- zips ---


def test_a_zip_of_the_folder_or_of_its_contents_is_the_same() -> None:
    inside = {f"考试包/{name}": data for name, data in small().items()}
    assert read_zip(zipped(inside)) == read_zip(zipped(small())) == small()


def test_what_systems_add_to_a_zip_is_overlooked() -> None:
    added = {"__MACOSX/pack/._exam.yaml": b"x", "pack/.DS_Store": b"x", "pack/Thumbs.db": b"x"}
    inside = {f"pack/{name}": data for name, data in small().items()}
    assert read_zip(zipped({**inside, **added})) == small()


def test_backslashes_of_windows_packers_are_folders() -> None:
    marked = {name.replace("/", "|"): data for name, data in small().items()}
    assert read_zip(zipped(marked).replace(b"questions|", b"questions\\")) == small()


def test_a_name_with_a_slash_and_the_same_with_a_backslash_are_one_name() -> None:
    both = zipped({**small(), "questions|single.csv": b"x"})
    assert "questions/single.csv" in small()
    assert refused_zip(both.replace(b"questions|", b"questions\\")) == "压缩包里有重名的文件"


@pytest.mark.parametrize("data", [b"", b"PK", b"exam.yaml", zipped(small())[:-30], b"\0" * 5000])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert refused_zip(data) == "不是可以打开的 zip 文件"


def test_a_damaged_zip_is_refused() -> None:
    whole = zipped({"exam.yaml": bytes(range(256)) * 40})
    for place in range(40, 200, 7):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        assert "zip" in refused_zip(broken)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 700), st.binary(min_size=1, max_size=4))
def test_whatever_happened_to_a_zip_the_answer_is_files_or_a_finding(
    place: int, new: bytes
) -> None:
    whole = zipped(small())
    place %= len(whole)
    try:
        read_zip(whole[:place] + new + whole[place + len(new) :])
    except FileRejected as refusal:
        assert refusal.findings


def test_an_encrypted_zip_is_refused() -> None:
    whole = bytearray(zipped(small()))
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        at = whole.find(start) + (6 if start[2] == 3 else 8)
        whole[at] |= 1
    assert refused_zip(bytes(whole)) == "不是可以打开的 zip 文件"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"questions/a.csv": b"0" * (20 * 1024 * 1024 + 1)})
    assert len(bomb) < 50_000
    assert refused_zip(bomb) == "压缩包过大：最多 600 个文件、20 MB"


def test_too_many_files_are_refused() -> None:
    assert len(read_zip(zipped({f"{i}.csv": b"" for i in range(600)}))) == 600
    assert "600 个文件" in refused_zip(zipped({f"{i}.csv": b"" for i in range(601)}))


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    whole = bytearray(zipped({"exam.yaml": b"0" * 3_000_000}))
    for start, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = whole.find(start) + offset
        whole[at : at + 4] = struct.pack("<I", 10)
    assert refused_zip(bytes(whole)) == "不是可以打开的 zip 文件"


def test_a_bomb_that_lies_is_unpacked_no_further_than_it_was_announced() -> None:
    """30 kB that hold 30 MB and announce ten bytes: memory must not grow by what is inside."""
    whole = bytearray(zipped({"exam.yaml": b"0" * 30_000_000}))
    for start, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = whole.find(start) + offset
        whole[at : at + 4] = struct.pack("<I", 10)
    tracemalloc.start()
    try:
        refused_zip(bytes(whole))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "header",
    [
        "a: &a [1]\nb: *a\n",
        "a: &a {x: 1}\nb: {<<: *a}\n",
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
    ],
)
def test_yaml_that_stands_for_more_than_it_says_is_refused(header: str) -> None:
    assert findings({**small(), "exam.yaml": header.encode()}) == [
        ("exam.yaml", 2, "不能使用 YAML 引用（*、<<），请写全内容")
    ]


@pytest.mark.parametrize(
    ("year", "right"), [(1, False), (2001, False), (2002, True), (2285, True), (2286, False)]
)
def test_a_start_lies_in_a_year_that_milliseconds_of_13_digits_can_tell(
    year: int, right: bool
) -> None:
    files = small({"starts_at": f"{year:04}-06-01T09:00:00+08:00"})
    if right:
        assert read_pack(files).header.starts_at
    else:
        reason = "starts_at 的年份须在 2002 到 2285 之间"
        assert findings(files) == [("exam.yaml", 0, reason)]


def test_a_bomb_of_another_packing_is_refused() -> None:
    """Python unpacks bzip2 and LZMA without looking at the announced size."""
    assert len(bz2.compress(b"0" * 3_000_000)) < 1000
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert refused_zip(zipped(small(), method)) == "请用普通的 zip 方式压缩"


@pytest.mark.parametrize("name", ["../exam.yaml", "/etc/passwd", "a/../../exam.yaml", "C:\\x"])
def test_a_path_that_leads_elsewhere_writes_nothing_and_is_not_read(
    name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read, right = read_pack(read_zip(zipped({**small(), name: b"evil"}))), read_pack(small())
    assert (read.header, read.bank, read.roster) == (right.header, right.bank, right.roster)
    assert name.replace("\\", "/") in [remark.file for remark in read.remarks]
    assert list(tmp_path.rglob("*")) == []


# --- pictures ---


def test_a_picture_that_no_question_uses_is_named() -> None:
    files = small(pictures__a_png=b"", questions__b_PNG=b"", other__c_png=b"")
    remarks = [r for r in inspect(files).remarks if r.advice is Advice.FILE_LEFT_OUT]
    assert [r.file for r in remarks] == ["other/c.png", "pictures/a.png", "questions/b.PNG"]
    assert {r.reason for r in remarks} == {"没有使用：没有题目用到这张图片"}


def test_a_picture_without_a_text_is_told_by_row() -> None:
    told, untold = "S1,单选题,看 ![图](a.png),甲,乙", "S2,单选题,看 ![](a.png),甲,乙"
    in_option = "S3,单选题,问三？,甲,![](a.png)"
    rest = ",,,,,A,![](a.png),,"
    bank = table(told + rest, untold + rest, in_option + rest)
    inspection = inspect(small(questions__single_csv=bank, pictures__a_png=png_of(2, 1)))
    assert inspection.findings == ()
    [remark] = [r for r in inspection.remarks if r.advice is Advice.PICTURE_WITHOUT_ALT]
    assert (remark.file, remark.rows) == (SINGLE, (3, 4))


def test_a_missing_or_unusable_picture_is_refused_by_row() -> None:
    missing = "S1,单选题,看 ![图](no.png),甲,乙,,,,,A,,,"
    bomb = "S2,单选题,看 ![图](bomb.png),甲,乙,,,,,A,,,"
    files = small(questions__single_csv=table(missing, bomb), pictures__bomb_png=png_of(9000, 9000))
    assert findings(files)[:2] == [
        (SINGLE, 2, "找不到图片“no.png”：请放进考试包的 pictures/ 文件夹，或与题库放在一起"),
        (SINGLE, 3, "“bomb.png”：图片过大：最多 25 百万像素、边长 12000 像素"),
    ]
