"""Exam packs: a folder (or zip of it) with `exam.yaml`, `questions/*` and, if wanted, a roster; CSV or xlsx. Pure.

Reading does not stop at the first mistake: each finding names its file, row and reason. A pack with any finding is not
published.
"""

from collections.abc import Mapping

import msgspec

from chalicelib.exams.bank_validation import check_bank
from chalicelib.exams.drafts import ExamDraft
from chalicelib.exams.model import RosterEntry
from chalicelib.exams.questions import Bank
from chalicelib.exams.series import check_sitting
from chalicelib.exams.validation import FileFinding, FileRejected, check_policy
from chalicelib.imports.banks import BankReading
from chalicelib.imports.contents import HEADER, Contents
from chalicelib.imports.file_names import is_system_file
from chalicelib.imports.headers import Header, check_header, read_header
from chalicelib.imports.people import HashOfNumber, identify, plain_hash
from chalicelib.imports.remarks import Remark
from chalicelib.imports.rosters import RosterRow
from chalicelib.shared import archives
from chalicelib.shared.clock import MINUTE_MS

MAX_FILES = 600  # 500 pictures, the tables, and what is left out
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
_DUPLICATE_NAME = "压缩包里有重名的文件"


class Pack(msgspec.Struct, frozen=True):
    """A pack without mistakes. `pictures`: SHA-256 (hex) → bytes of those that its questions use.

    `remarks` name what should be looked at, and the files that are not used.
    """

    header: Header
    bank: Bank
    roster: tuple[RosterRow, ...] | None
    pictures: Mapping[str, bytes] = {}
    remarks: tuple[Remark, ...] = ()


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zipped pack by path. Raises `FileRejected` for a broken or too large zip."""
    unpacked = unpack(data, most_files=MAX_FILES, most_bytes=MAX_UNPACKED_BYTES)
    # Some packers on Windows separate folders by backslashes.
    files = {name.replace("\\", "/"): content for name, content in unpacked.items()}
    if len(files) < len(unpacked):
        raise FileRejected([FileFinding("", 0, _DUPLICATE_NAME)])
    return _without_top_folder(files)


def unpack(data: bytes, *, most_files: int, most_bytes: int) -> dict[str, bytes]:
    """The files of a zip by path, without those that operating systems add. Raises `FileRejected`."""
    most = f"最多 {most_files} 个文件、{most_bytes // 1024 // 1024} MB"
    reasons = {
        archives.ZipTooLarge: f"压缩包过大：{most}",
        archives.UnsupportedCompression: "请用普通的 zip 方式压缩",
        archives.DuplicateName: _DUPLICATE_NAME,
        archives.NotAZip: "不是可以打开的 zip 文件",
    }
    try:
        return archives.unpack(
            data,
            wanted=lambda name: not is_system_file(name),
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

    `rows` counts rows with content, `right` those without a mistake, in all tables together. `header` is None when it
    is wrong; `bank`: the questions that are right; `listed`: the people on the roster, None without one.
    """

    pack: Pack | None
    header: Header | None
    bank: BankReading
    listed: int | None
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
        series=header.series,
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
    header, findings = read_header(files.get(HEADER))
    findings += _misplaced_headers(files)
    contents = Contents(files)
    bank, roster, reading = contents.bank, contents.roster, contents.roster_reading
    people, wrong_people = identify(roster or (), plain_hash)
    findings += [*contents.findings, *bank.findings, *reading.findings, *wrong_people]
    if header is not None:
        whole = Bank(header.sections, bank.questions, bank.materials)
        findings += _check_whole(header, whole, roster, people)
    remarks = (*contents.remarks, *bank.remarks, *reading.remarks)
    pack = None
    if header is not None and not findings:
        pack = Pack(header, whole, roster, bank.pictures, remarks)
    return Inspection(
        pack,
        header,
        bank,
        listed=None if roster is None else len(people),
        findings=tuple(findings),
        remarks=remarks,
        rows=bank.rows + reading.count,
        right=bank.right + len(people),
    )


def _misplaced_headers(files: Mapping[str, bytes]) -> list[FileFinding]:
    """A finding for each file that was probably meant as the settings, where there are none."""
    if HEADER in files:
        return []
    names = (HEADER, HEADER.replace(".yaml", ".yml"))
    reason = f"考试设置须命名为 {HEADER}，放在考试包的最上层"
    meant = [path for path in sorted(files) if path.rpartition("/")[2].lower() in names]
    return [FileFinding(path, 0, reason) for path in meant]


def _check_whole(
    header: Header,
    bank: Bank,
    roster: tuple[RosterRow, ...] | None,
    people: list[tuple[RosterRow, RosterEntry]],
) -> list[FileFinding]:
    """Mistakes that one part of a pack alone does not show. `people`: the right rows of the roster."""
    findings = check_header(header, has_roster=roster is not None)
    if header.series is not None:
        listed = None if roster is None else [entry for _, entry in people]
        findings += check_sitting(header.series, listed)
    findings += check_bank(bank)
    longest_extra_min = max((row.extra_min for row in roster or ()), default=0)
    return findings + check_policy(header, longest_extra_min * MINUTE_MS)
