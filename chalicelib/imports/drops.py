"""What operators drop into the dropbox: which file means what, and the report that is written beside it. Pure.

`exams/<any>.zip` a whole pack · `exams/<any>.yaml` an exam made of `questions/<exam_id>/*` and
`roster/<exam_id>/*` · a file in those two folders prepares an exam, or replaces the roster of a published one ·
`photos/<exam_id>/<any>.zip` photos of people on the roster of a published exam.
"""

import datetime
import enum
import html
import re

import msgspec

from chalicelib.exams.validation import Finding
from chalicelib.imports import photo_zips, texts
from chalicelib.imports.packs import EXAM_ID, TABLES
from chalicelib.imports.tables import Remark
from chalicelib.shared.clock import CHINA

REPORTS = (".report.json", ".report.html")
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_PACK_BYTES = 20 * 1024 * 1024
MAX_TOLD = 1_000  # findings of one report
_FOLDERS = ("exams", "questions", "roster", "photos")


class DropKind(enum.Enum):
    """What a dropped file is."""

    PACK = "pack"
    EXAM = "exam"
    QUESTIONS = "questions"
    ROSTER = "roster"
    PHOTOS = "photos"


class Outcome(enum.Enum):
    """What became of a dropped file."""

    PUBLISHED = "published"
    PREPARED = "prepared"
    REPLACED = "replaced"
    KEPT = "kept"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    CHECKED = "checked"
    REFUSED = "refused"


class Drop(msgspec.Struct, frozen=True):
    """A dropped file as its key tells; `wrong` says why it cannot be imported whatever it holds.

    `exam_id` is "" where only the content tells.
    """

    key: str
    kind: DropKind
    exam_id: str = ""
    wrong: str = ""


def read_key(key: str) -> Drop | None:
    """What a key means; None for what is none of ours: reports, folders, other prefixes."""
    folder, *rest = key.split("/")
    if folder not in _FOLDERS or key.endswith(("/", *REPORTS)):
        return None
    name = key.lower()
    if folder == "exams":
        if name.endswith((".yaml", ".yml")):
            return Drop(key, DropKind.EXAM)
        wrong = "" if name.endswith(".zip") else "exams/ 里只能放考试包 .zip 或考试设置 .yaml"
        return Drop(key, DropKind.PACK, wrong=wrong)
    kind = DropKind(folder)
    if len(rest) != 2 or not re.match(EXAM_ID, rest[0]):
        where = f"{folder}/考试编号/文件名（考试编号为小写字母、数字和连字符）"
        return Drop(key, kind, wrong=f"请放到 {where}")
    if kind is DropKind.PHOTOS:
        wrong = "" if name.endswith(".zip") else "photos/ 里只能放照片的压缩包 .zip"
    else:
        wrong = "" if name.endswith(TABLES) else "只能导入 .xlsx 和 .csv"
    return Drop(key, kind, rest[0], wrong)


def most_bytes(kind: DropKind) -> int:
    """How large a dropped file may be."""
    return {DropKind.PACK: MAX_PACK_BYTES, DropKind.PHOTOS: photo_zips.MAX_BYTES}.get(
        kind, MAX_FILE_BYTES
    )


def too_large(most: int) -> str:
    """Why a file is not even opened."""
    return f"文件过大：最多 {most // 1024 // 1024} MB"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did. `refused` is empty exactly when it worked; `taken` is then the number of rows."""

    file: str
    version_id: str
    kind: DropKind
    outcome: Outcome
    message: str
    at: int
    exam_id: str = ""
    starts_at: int | None = None
    rows: int = 0
    right: int = 0
    taken: int = 0
    refused: tuple[Finding, ...] = ()
    refused_count: int = 0
    remarks: tuple[Remark, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file holds now, or was found right."""
        return self.outcome not in (Outcome.REFUSED, Outcome.SUPERSEDED)


def as_json(report: Report) -> bytes:
    """The report for programs."""
    told = {"ok": report.ok, **msgspec.to_builtins(report)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def version_told(data: bytes) -> str:
    """Which version of the file a report is about; "" for what is no report."""
    try:
        told = msgspec.json.decode(data)
        return str(told.get("version_id", "")) if isinstance(told, dict) else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top}th{background:#f2f2f2}.no{color:#b00020}.yes{color:#0a6b2d}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_page(report: Report) -> bytes:
    """The report for a person: a page without scripts, in which nothing of the file is markup."""
    label = texts.report_labels(report.kind.value)
    facts = {
        "file": report.file,
        "kind": texts.KINDS[report.kind.value],
        "exam_id": report.exam_id,
        "at": _moment(report.at),
        "starts_at": _moment(report.starts_at) if report.starts_at is not None else "",
        "rows": str(report.rows),
        "right": str(report.right),
        "taken": str(report.taken),
    }
    rows = [(label[name], value) for name, value in facts.items() if value]
    refused = [(_place(f.file, f.row, label), f.reason) for f in report.refused]
    remarks = [(_place(r.file, 0, label), r.reason + _which(r, label)) for r in report.remarks]
    more = ""
    if report.refused_count > len(report.refused):
        told = label["more"].format(shown=len(report.refused), count=report.refused_count)
        more = f"<p>{html.escape(told)}</p>"
    heads = (label["place"], label["reason"])
    title = html.escape(label["title"])
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f'<p class="{"yes" if report.ok else "no"}"><strong>{html.escape(report.message)}</strong></p>'
        f"{_table((), rows)}"
        f"<h2>{html.escape(label['refused'])}</h2>{_table(heads, refused)}{more}"
        f"<h2>{html.escape(label['remarks'])}</h2>{_table(heads, remarks)}</body></html>\n"
    ).encode()


def _table(heads: tuple[str, ...], rows: list[tuple[str, str]]) -> str:
    if not rows:
        return f"<p>{html.escape(texts.LABELS['none'])}</p>"
    head = "".join(f"<th>{html.escape(text)}</th>" for text in heads)
    body = "".join(
        f"<tr><td>{html.escape(first)}</td><td>{html.escape(second)}</td></tr>"
        for first, second in rows
    )
    return f"<table>{f'<tr>{head}</tr>' if heads else ''}{body}</table>"


def _place(file: str, row: int, label: dict[str, str]) -> str:
    where = label["rows_of"].format(rows=row) if row else ""
    return " ".join(part for part in (file, where) if part) or label["whole"]


def _which(remark: Remark, label: dict[str, str]) -> str:
    if not remark.rows:
        return ""
    rows = label["rows_of"].format(rows="、".join(map(str, remark.rows)))
    more = label["more_rows"].format(count=remark.count) if remark.count > len(remark.rows) else ""
    return f"（{rows}{more}）"


def _moment(ms: int) -> str:
    return datetime.datetime.fromtimestamp(ms / 1000, CHINA).strftime("%Y-%m-%d %H:%M:%S")
