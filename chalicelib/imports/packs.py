"""Exam packs: a folder (or zip of it) with `exam.yaml`, `questions/*` and, if wanted, a roster; CSV or xlsx. Pure.

Reading does not stop at the first mistake: each finding names its file, row and reason. A pack with any finding is not
published.
"""

import datetime
import re
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.bank_validation import check_bank
from chalicelib.exams.drafts import ExamDraft
from chalicelib.exams.model import FaceReference, Policy, RosterEntry
from chalicelib.exams.questions import Bank, Material, Question, Section
from chalicelib.exams.validation import FileFinding, FileRejected, check_policy
from chalicelib.imports import archives
from chalicelib.imports.delimited import decode_text
from chalicelib.imports.people import HashOfNumber, identify
from chalicelib.imports.picture_shelf import PictureShelf, is_picture
from chalicelib.imports.questions import read_questions
from chalicelib.imports.readings import Reading, Row
from chalicelib.imports.remarks import Advice, Remark, remark_on_file
from chalicelib.imports.rosters import RosterRow, read_roster
from chalicelib.imports.sheets import SheetRefused
from chalicelib.imports.tables import TABLES
from chalicelib.shared.clock import MINUTE_MS

EXAM_ID = r"^[a-z0-9][a-z0-9-]{1,59}\Z"
MAX_FILES = 600  # 500 pictures, the tables, and what is left out
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
MAX_NESTED = 100  # brackets in `exam.yaml`
# Operating systems add these to a zip.
_NOT_OURS = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$)")
_ROSTER = re.compile(r"^roster(\.|/)")
_PICTURES = ("pictures/", "图片/", "questions/")


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
    """A pack without mistakes. `pictures`: SHA-256 (hex) → bytes of those that its questions use."""

    header: Header
    bank: Bank
    roster: tuple[RosterRow, ...] | None
    pictures: Mapping[str, bytes] = {}


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zipped pack by path. Raises `FileRejected` for a broken or too large zip."""
    unpacked = unpack(data, most_files=MAX_FILES, most_bytes=MAX_UNPACKED_BYTES)
    # Some packers on Windows separate folders by backslashes.
    return _without_top_folder({name.replace("\\", "/"): d for name, d in unpacked.items()})


def unpack(data: bytes, *, most_files: int, most_bytes: int) -> dict[str, bytes]:
    """The files of a zip by path, without those that operating systems add. Raises `FileRejected`."""
    most = f"最多 {most_files} 个文件、{most_bytes // 1024 // 1024} MB"
    reasons = {
        archives.ZipTooLarge: f"压缩包过大：{most}",
        archives.UnsupportedCompression: "请用普通的 zip 方式压缩",
        archives.DuplicateName: "压缩包里有重名的文件",
        archives.NotAZip: "不是可以打开的 zip 文件",
    }
    try:
        return archives.unpack(
            data,
            wanted=lambda name: not _NOT_OURS.search(name),
            most_files=most_files,
            most_bytes=most_bytes,
        )
    except archives.ZipRefused as refused:
        raise FileRejected([FileFinding("", 0, reasons[type(refused)])]) from None


def _without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    if "exam.yaml" in files:
        return files
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) == 1:
        [top] = tops
        return {name.removeprefix(f"{top}/"): data for name, data in files.items()}
    return files


class Inspection(msgspec.Struct, frozen=True):
    """What a pack contains; `pack` is None when there is any finding.

    `rows` counts rows with content, `right` those without a mistake, in all tables together.
    """

    pack: Pack | None
    findings: tuple[FileFinding, ...]
    remarks: tuple[Remark, ...]
    rows: int
    right: int


def read_pack(files: dict[str, bytes]) -> Pack:
    """A pack from its files (path → bytes). Raises `FileRejected` with every finding."""
    inspection = inspect(files)
    if inspection.pack is None:
        raise FileRejected(list(inspection.findings))
    return inspection.pack


def draft_exam(pack: Pack, hash_of: HashOfNumber) -> ExamDraft:
    """The exam of a pack, the ID numbers of its roster hashed. Raises `FileRejected` for wrong numbers."""
    header = pack.header
    starts_at = round(header.starts_at.timestamp() * 1000) if header.starts_at else None
    return ExamDraft(
        exam_id=header.exam_id,
        title=header.title,
        starts_at=starts_at,
        audience=header.audience,
        policy=header.policy,
        notice=header.notice,
        bank=pack.bank,
        pictures=pack.pictures,
        roster=_hashed_roster(pack.roster, hash_of),
    )


def _hashed_roster(
    rows: tuple[RosterRow, ...] | None, hash_of: HashOfNumber
) -> tuple[RosterEntry, ...] | None:
    if rows is None:
        return None
    people, findings = identify(rows, hash_of)
    if findings:
        raise FileRejected(findings)
    return tuple(entry for _, entry in people)


def inspect(files: dict[str, bytes]) -> Inspection:
    """What a pack (path → bytes) contains, with every finding and remark."""
    header, findings = read_header(files.get("exam.yaml"))
    shelf = PictureShelf(pictures_among(files))
    bank = read_bank({n: d for n, d in files.items() if n.startswith("questions/")}, shelf)
    roster, people = _read_roster(files)
    findings += [*bank.findings, *people.findings]
    if header is not None:
        whole = Bank(header.sections, bank.questions, bank.materials)
        findings += _check_whole(header, whole, roster)
    pack = None
    if header is not None and not findings:
        pack = Pack(header, whole, roster, bank.pictures)
    return Inspection(
        pack,
        findings=tuple(findings),
        remarks=(*bank.remarks, *people.remarks, *_on_unused(shelf)),
        rows=bank.rows + people.count,
        right=bank.right + len(roster or ()),
    )


def pictures_among(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a pack (path → bytes) that its questions may show."""
    return {n: d for n, d in files.items() if n.startswith(_PICTURES) and is_picture(n)}


def _on_unused(shelf: PictureShelf) -> list[Remark]:
    """A remark on each picture that no question uses."""
    why = "没有题目用到这张图片"
    return [remark_on_file(Advice.FILE_LEFT_OUT, path, why=why) for path in shelf.unused()]


class BankReading(msgspec.Struct, frozen=True):
    """The questions of several files in the order of their names, with every finding and remark.

    `pictures`: SHA-256 (hex) → bytes of those that the questions use.
    """

    questions: tuple[Question, ...] = ()
    findings: tuple[FileFinding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    rows: int = 0
    right: int = 0
    materials: tuple[Material, ...] = ()
    pictures: Mapping[str, bytes] = {}


def read_bank(files: dict[str, bytes], shelf: PictureShelf | None = None) -> BankReading:
    """Read the tables among these files; ids are unique in all of them together.

    `shelf`: the pictures beside them; none by default.
    """
    shelf = shelf or PictureShelf()
    questions: dict[str, tuple[Row, Question]] = {}
    materials: list[Material] = []
    findings: list[FileFinding] = []
    remarks: list[Remark] = []
    rows = right = 0
    for name in sorted(name for name in files if name.lower().endswith(TABLES)):
        read = read_questions(name, files[name], shelf)
        findings += read.reading.findings
        remarks += read.reading.remarks
        materials += read.materials
        rows += read.reading.count
        for row, question in read.questions:
            if question.id in questions:
                reason = _repeats(row, question, questions[question.id][0])
                findings.append(FileFinding(row.file, row.number, reason))
                continue
            questions[question.id] = (row, question)
            right += 1
    found = tuple(question for _, question in questions.values())
    return BankReading(
        found, tuple(findings), tuple(remarks), rows, right, tuple(materials), shelf.kept
    )


def _repeats(row: Row, question: Question, first: Row) -> str:
    """What is said of a question whose id occurs before; without a column for ids, the id comes from the content."""
    place = "" if first.file == row.file else f" {first.file} "
    where = f"{place}第 {first.number} 行"
    if row.cells.get("编号"):
        return f"编号重复：{question.id}（{where.strip()}已有）"
    return f"与{where}是同一道题（题型、题干、选项都相同），请删去一行"


def _read_roster(files: dict[str, bytes]) -> tuple[tuple[RosterRow, ...] | None, Reading]:
    """The people of the roster, None without a roster; its findings and remarks."""
    names = sorted(n for n in files if _ROSTER.match(n) and n.lower().endswith(TABLES))
    if not names:
        return None, Reading()
    people, reading = read_roster(names[0], files[names[0]])
    if len(names) > 1:
        reading.findings.insert(0, FileFinding(names[1], 0, f"名单只能有一份，另有：{names[0]}"))
    return people, reading


def read_header(data: bytes | None) -> tuple[Header | None, list[FileFinding]]:
    """`exam.yaml`; None and a finding when it is missing or wrong."""
    import yaml

    if data is None:
        return None, [FileFinding("exam.yaml", 0, "缺少 exam.yaml")]
    try:
        text = decode_text(data)
        if deep := _too_deep(text):
            return None, [FileFinding("exam.yaml", deep, "不是有效的 YAML")]
        if alias := _first_alias(text):
            reason = "不能使用 YAML 引用（*、<<），请写全内容"
            return None, [FileFinding("exam.yaml", alias, reason)]
        return msgspec.convert(yaml.safe_load(text), Header, strict=False), []
    except msgspec.ValidationError as error:
        return None, [FileFinding("exam.yaml", 0, f"内容不符合格式：{error}")]
    except (yaml.YAMLError, ValueError, RecursionError, SheetRefused) as error:
        # ValueError: a date such as 2025-13-45, refused by YAML's own constructor, or an unknown encoding.
        mark = getattr(error, "problem_mark", None)
        return None, [FileFinding("exam.yaml", mark.line + 1 if mark else 0, "不是有效的 YAML")]


def _too_deep(text: str) -> int | None:
    """The line where brackets are nested too deep. PyYAML's time grows with the square of the depth."""
    depth = 0
    for line, content in enumerate(text.splitlines(), start=1):
        for character in content:
            depth = max(0, depth + (character in "[{") - (character in "]}"))
            if depth > MAX_NESTED:
                return line
    return None


def _first_alias(text: str) -> int | None:
    """The line of the first YAML alias. A few nested aliases could expand to gigabytes."""
    import yaml

    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


def _check_whole(
    header: Header, bank: Bank, roster: tuple[RosterRow, ...] | None
) -> list[FileFinding]:
    """Mistakes that one part of a pack alone does not show."""
    findings = _check_header(header, roster)
    findings += check_bank(bank)
    longest_extra_min = max((row.extra_min for row in roster or ()), default=0)
    return findings + check_policy(header, longest_extra_min * MINUTE_MS)


def _check_header(header: Header, roster: tuple[RosterRow, ...] | None) -> list[FileFinding]:
    findings = []
    if not header.audience and roster is None:
        findings.append(
            FileFinding("exam.yaml", 0, "须有 audience 或 roster.csv，否则无人可以参加")
        )
    if header.policy.face_reference is FaceReference.ROSTER and roster is None:
        reason = "face_reference 为 roster 时须有名单：照片按名单上的人保存"
        findings.append(FileFinding("exam.yaml", 0, reason))
    if header.starts_at is not None and header.starts_at.tzinfo is None:
        findings.append(
            FileFinding("exam.yaml", 0, "starts_at 须带时区，如 2025-03-28T09:00:00+08:00")
        )
    if header.starts_at is not None and not 2001 < header.starts_at.year < 2286:
        findings.append(FileFinding("exam.yaml", 0, "starts_at 的年份须在 2002 到 2285 之间"))
    ids = [section.id for section in header.sections]
    if len(set(ids)) < len(ids):
        findings.append(FileFinding("exam.yaml", 0, "sections 的 id 重复"))
    findings += [
        FileFinding("exam.yaml", 0, f"{section.title}：分值最多两位小数")
        for section in header.sections
        if abs(section.points * 100 - section.centipoints) > 1e-6
    ]
    return findings
