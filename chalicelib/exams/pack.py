"""Exam packs: a folder (or zip of it) with `exam.yaml`, `questions/*.csv` and, if wanted, `roster.csv`.

Reading a pack never stops at the first mistake: every finding names file, row and reason, and a pack with
any finding is not published.
"""

import csv
import datetime
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.model import Policy, QuestionType, Section
from chalicelib.exams.paper import LETTERS, Bank, Question
from chalicelib.exams.validation import Finding, check_bank, check_policy
from chalicelib.shared.clock import MINUTE_MS

EXAM_ID = r"^[a-z0-9][a-z0-9-]{1,59}\Z"
MAX_FILES = 50
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
_TYPES = {
    "单选题": QuestionType.SINGLE,
    "多选题": QuestionType.MULTIPLE,
    "判断题": QuestionType.JUDGE,
}
_NEEDED_HEADINGS = ("编号", "题型", "题干", "答案")
_ALL_HEADINGS = (
    *_NEEDED_HEADINGS,
    *(f"选项{letter}" for letter in LETTERS),
    "解析",
    "依据",
    "标签",
)
_ROSTER_HEADINGS = ("姓名", "证件类型", "证件号码")
_ALL_ROSTER_HEADINGS = (*_ROSTER_HEADINGS, "加时(分钟)")
_REMARK = "备注"  # for the writer alone
# What systems add to a zip by themselves.
_NOT_OURS = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$)")
# These two can be unpacked up to a given size; bzip2 and LZMA cannot.
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
_JUDGE_OPTIONS = ("正确", "错误")


class RosterRow(msgspec.Struct, frozen=True):
    """A person of the roster as written, to be checked by the room that knows ID numbers."""

    row: int
    name: str
    id_type: str
    id_number: str
    extra_min: int


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`exam.yaml`."""

    format: Annotated[int, Meta(ge=1, le=1)]
    exam_id: Annotated[str, Meta(pattern=EXAM_ID)]
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=20)]
    audience: tuple[AudienceRole, ...] = ()
    starts_at: datetime.datetime | None = None
    policy: Policy = Policy()
    notice: Annotated[str, Meta(max_length=20_000)] = ""


class Pack(msgspec.Struct, frozen=True):
    """A pack without mistakes."""

    header: Header
    bank: Bank
    roster: tuple[RosterRow, ...] | None


class PackRefused(Exception):
    """The pack has mistakes; `findings` lists all of them."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zipped pack by path. Raises `PackRefused` for bombs and broken zips.

    Nothing is written to disk, so a path that leads elsewhere is only a name that nobody asks for.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
            infos = [i for i in infos if not _NOT_OURS.search(i.filename)]
            if len(infos) > MAX_FILES or sum(i.file_size for i in infos) > MAX_UNPACKED_BYTES:
                raise PackRefused([Finding("", 0, "压缩包过大：最多 50 个文件、20 MB")])
            if not {info.compress_type for info in infos} <= _PACKINGS:
                raise PackRefused([Finding("", 0, "请用普通的 zip 方式压缩")])
            # Some packers on Windows separate folders by backslashes.
            files = {info.filename.replace("\\", "/"): _unpacked(archive, info) for info in infos}
    except _BROKEN_ZIP:
        raise PackRefused([Finding("", 0, "不是可以打开的 zip 文件")]) from None
    return _without_top_folder(files)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file, unpacked no further than it was announced: `read()` alone would unpack all and then cut.

    Raises `BadZipFile` when there is more, by its check sum.
    """
    with archive.open(info) as packed:
        return packed.read(info.file_size + 1)


def _without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    if "exam.yaml" in files:
        return files
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) == 1:
        [top] = tops
        return {name.removeprefix(f"{top}/"): data for name, data in files.items()}
    return files


def read_pack(files: dict[str, bytes]) -> Pack:
    """A pack from its files (path → bytes). Raises `PackRefused` with every finding."""
    findings: list[Finding] = []
    header = _read_header(files.get("exam.yaml"), findings)
    questions: dict[str, Question] = {}
    for name in sorted(files):
        if name.startswith("questions/") and name.endswith(".csv"):
            _read_questions(name, files[name], questions, findings)
    roster = _read_roster(files["roster.csv"], findings) if "roster.csv" in files else None
    if header is not None:
        findings += _check_whole(header, tuple(questions.values()), roster)
    if findings or header is None:
        raise PackRefused(findings)
    bank = Bank(sections=header.sections, questions=tuple(questions.values()))
    return Pack(header=header, bank=bank, roster=tuple(roster) if roster is not None else None)


def _read_header(data: bytes | None, findings: list[Finding]) -> Header | None:
    import yaml

    if data is None:
        findings.append(Finding("exam.yaml", 0, "缺少 exam.yaml"))
        return None
    try:
        text = _decoded(data)
        if alias := _first_alias(text):
            findings.append(Finding("exam.yaml", alias, "不能使用 YAML 引用（*、<<），请写全内容"))
            return None
        return msgspec.convert(yaml.safe_load(text), Header, strict=False)
    except msgspec.ValidationError as error:
        findings.append(Finding("exam.yaml", 0, f"内容不符合格式：{error}"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date such as 2025-13-45, found by YAML's own constructor, or an unknown encoding
        mark = getattr(error, "problem_mark", None)
        findings.append(Finding("exam.yaml", mark.line + 1 if mark else 0, "不是有效的 YAML"))
    return None


def _first_alias(text: str) -> int | None:
    """The line of the first YAML alias: a few of aliases within aliases stand for gigabytes."""
    import yaml

    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


class _TableError(ValueError):
    """Why a table cannot be read, and in which row (0: the whole file)."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


def _read_table(data: bytes, known: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV as (row number, heading → text). UTF-8 with or without BOM, or GB18030.

    A heading that nobody knows is a typing error more often than not, and would be lost without a word:
    `加时（分钟）` with full-width brackets is understood, `延时` is refused. Raises `_TableError`.
    """
    text = _decoded(data)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _TableError(0, f"不是有效的 CSV：{error}") from None
    if not lines:
        raise _TableError(0, "文件是空的")
    headings = _headings(lines[0], known)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in line]
        if any(cells[len(headings) :]):
            raise _TableError(number, "内容多于标题行的列，可能有未加引号的逗号")
        if any(cells):
            cells += [""] * (len(headings) - len(cells))
            rows.append((number, {h: c for h, c in zip(headings, cells, strict=False) if h}))
    return rows


def _headings(cells: list[str], known: tuple[str, ...]) -> list[str]:
    headings = [unicodedata.normalize("NFKC", cell).strip() for cell in cells]
    named = [heading for heading in headings if heading]
    if unknown := sorted(set(named) - {*known, _REMARK}):
        raise _TableError(1, f"不认识的列：{'、'.join(unknown)}")
    if len(set(named)) < len(named):
        raise _TableError(1, "列标题重复")
    return headings


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _TableError(0, "文字编码无法识别：请用 UTF-8 或 GB18030 保存")


def _rows(
    name: str,
    data: bytes,
    needed: tuple[str, ...],
    known: tuple[str, ...],
    findings: list[Finding],
) -> list[tuple[int, dict[str, str]]]:
    try:
        rows = _read_table(data, known)
    except _TableError as error:
        findings.append(Finding(name, error.row, str(error)))
        return []
    if not rows:
        findings.append(Finding(name, 0, "没有数据行"))
        return []
    if missing := [heading for heading in needed if heading not in rows[0][1]]:
        findings.append(Finding(name, 1, f"缺少列：{'、'.join(missing)}"))
        return []
    return rows


def _read_questions(
    name: str, data: bytes, questions: dict[str, Question], findings: list[Finding]
) -> None:
    for row, cells in _rows(name, data, _NEEDED_HEADINGS, _ALL_HEADINGS, findings):
        try:
            question = _question(cells)
            if question.id in questions:
                raise ValueError(f"编号重复：{question.id}")
            questions[question.id] = question
        except ValueError as error:
            findings.append(Finding(name, row, str(error)))


def _question(cells: dict[str, str]) -> Question:
    kind = _TYPES.get(cells["题型"])
    if kind is None:
        raise ValueError("题型须为：单选题、多选题、判断题")
    if not cells["编号"] or not cells["题干"]:
        raise ValueError("编号和题干不能为空")
    options, key = _judge_key(cells) if kind is QuestionType.JUDGE else _choice_key(cells, kind)
    return Question(
        id=cells["编号"],
        type=kind,
        stem=cells["题干"],
        options=options,
        key=key,
        explanation=cells.get("解析", ""),
        source=cells.get("依据", ""),
        tag=cells.get("标签", ""),
    )


def _judge_key(cells: dict[str, str]) -> tuple[tuple[str, ...], str]:
    if cells["答案"] not in _JUDGE_OPTIONS:
        raise ValueError("判断题的答案须为：正确、错误")
    if any(cells.get(f"选项{letter}") for letter in LETTERS):
        raise ValueError("判断题不填选项")
    return _JUDGE_OPTIONS, LETTERS[_JUDGE_OPTIONS.index(cells["答案"])]


def _choice_key(cells: dict[str, str], kind: QuestionType) -> tuple[tuple[str, ...], str]:
    texts = [cells.get(f"选项{letter}", "") for letter in LETTERS]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) < 2 or not all(texts):
        raise ValueError("至少两个选项，从 A 开始，中间不留空")
    if len(set(texts)) < len(texts):
        raise ValueError("选项重复")
    key = re.sub(r"[\s,，、;；]", "", cells["答案"]).upper()
    letters = LETTERS[: len(texts)]
    if not key or len(set(key)) < len(key) or not set(key) <= set(letters):
        raise ValueError(f"答案须为 {letters[0]}–{letters[-1]} 中的字母，不重复")
    if kind is QuestionType.SINGLE and len(key) != 1:
        raise ValueError("单选题只能有一个答案")
    if kind is QuestionType.MULTIPLE and len(key) < 2:
        raise ValueError("多选题至少有两个答案")
    return tuple(texts), "".join(sorted(key))


def _read_roster(data: bytes, findings: list[Finding]) -> list[RosterRow]:
    entries = []
    for row, cells in _rows("roster.csv", data, _ROSTER_HEADINGS, _ALL_ROSTER_HEADINGS, findings):
        extra = cells.get("加时(分钟)", "") or "0"
        if not re.fullmatch(r"\d{1,4}", extra, re.ASCII) or int(extra) > 24 * 60:
            findings.append(Finding("roster.csv", row, "加时(分钟)须为 0 到 1440 的整数"))
            continue
        number = cells["证件号码"]
        entries.append(RosterRow(row, cells["姓名"], cells["证件类型"], number, int(extra)))
    return entries


def _check_whole(
    header: Header, questions: tuple[Question, ...], roster: list[RosterRow] | None
) -> list[Finding]:
    findings = []
    if not header.audience and roster is None:
        findings.append(Finding("exam.yaml", 0, "须有 audience 或 roster.csv，否则无人可以参加"))
    if header.starts_at is not None and header.starts_at.tzinfo is None:
        findings.append(Finding("exam.yaml", 0, "starts_at 须带时区，如 2025-03-28T09:00:00+08:00"))
    if header.starts_at is not None and not 2001 < header.starts_at.year < 2286:
        findings.append(Finding("exam.yaml", 0, "starts_at 的年份须在 2002 到 2285 之间"))
    ids = [section.id for section in header.sections]
    if len(set(ids)) < len(ids):
        findings.append(Finding("exam.yaml", 0, "sections 的 id 重复"))
    findings += [
        Finding("exam.yaml", 0, f"{section.title}：分值最多两位小数")
        for section in header.sections
        if abs(section.points * 100 - section.centipoints) > 1e-6
    ]
    findings += check_bank(Bank(header.sections, questions))
    longest_extra_min = max((row.extra_min for row in roster or []), default=0)
    return findings + check_policy(header, longest_extra_min * MINUTE_MS)
