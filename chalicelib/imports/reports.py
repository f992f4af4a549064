"""The report on an import: collected step by step, written as JSON for programs and as a page for people. Pure."""

import enum
from collections.abc import Iterable
from typing import Protocol

import msgspec

from chalicelib.exams.texts import who_may_enter
from chalicelib.exams.validation import FileFinding
from chalicelib.imports import texts
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.imports.remarks import Remark
from chalicelib.shared.clock import china_text
from chalicelib.shared.html import Html, el, page

MAX_FINDINGS = 1_000  # that one report lists


class ImportOutcome(enum.Enum):
    """What became of a file."""

    PUBLISHED = "published"
    PREPARED = "prepared"
    REPLACED = "replaced"
    KEPT = "kept"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    CHECKED = "checked"
    REFUSED = "refused"


_NOT_IN_FORCE = (ImportOutcome.REFUSED, ImportOutcome.SUPERSEDED)
_NOTHING_TAKEN = (*_NOT_IN_FORCE, ImportOutcome.CHECKED)


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did.

    `rows` counts rows with content, `right` those without a mistake, `taken` those that are in force now. `refused`
    is empty exactly when nothing was wrong; it lists at most `MAX_FINDINGS` of `refused_count` mistakes. Times are
    UTC ms. `who_may_enter` says in words who may enter the exam by this file, `listed` how many people are on its
    roster (None without one); a file that is refused or superseded says neither.
    """

    file: str
    version_id: str
    kind: DropKind
    outcome: ImportOutcome
    message: str
    at: int
    exam_id: str = ""
    starts_at: int | None = None
    who_may_enter: str = ""
    listed: int | None = None
    rows: int = 0
    right: int = 0
    taken: int = 0
    refused: tuple[FileFinding, ...] = ()
    refused_count: int = 0
    remarks: tuple[Remark, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the content of the file is in force now, or a check found no mistake."""
        return self.outcome not in _NOT_IN_FORCE


class Inspected(Protocol):
    """What reading a table or a pack gives."""

    @property
    def findings(self) -> tuple[FileFinding, ...]:
        """Every mistake."""

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Everything else that a person should know."""

    @property
    def rows(self) -> int:
        """Rows with content."""

    @property
    def right(self) -> int:
        """Rows without a mistake."""


class ReportBuilder(msgspec.Struct, kw_only=True):
    """Collects what an import finds and does. `outdated` counts right rows that something newer has replaced."""

    outcome: ImportOutcome
    exam_id: str = ""
    starts_at: int | None = None
    who_may_enter: str = ""
    listed: int | None = None
    rows: int = 0
    right: int = 0
    outdated: int = 0
    findings: list[FileFinding] = msgspec.field(default_factory=list)
    remarks: list[Remark] = msgspec.field(default_factory=list)

    def add(self, inspected: Inspected) -> None:
        """Take over findings, remarks and counts."""
        self.findings += inspected.findings
        self.remarks += inspected.remarks
        self.rows, self.right = inspected.rows, inspected.right

    def say_who(self, audience: Iterable[str], listed: int | None) -> None:
        """Note who may enter: the people on the roster, or the audience when there is no roster (`listed` is None)."""
        self.listed = listed
        self.who_may_enter = who_may_enter(audience, listed)

    def refuse(self, key: str, reason: str) -> None:
        """Refuse the file as a whole."""
        self.findings.append(FileFinding(key, 0, reason))

    def build(self, drop: Drop, *, version_id: str, now: int) -> ImportReport:
        """The complete report. A file with any finding is refused."""
        outcome = ImportOutcome.REFUSED if self.findings else self.outcome
        return ImportReport(
            file=drop.key,
            version_id=version_id,
            kind=drop.kind,
            outcome=outcome,
            message=texts.outcome_message(outcome.value, exam_id=self.exam_id),
            at=now,
            exam_id=self.exam_id,
            starts_at=self.starts_at,
            who_may_enter="" if outcome in _NOT_IN_FORCE else self.who_may_enter,
            listed=None if outcome in _NOT_IN_FORCE else self.listed,
            rows=self.rows,
            right=self.right,
            taken=0 if outcome in _NOTHING_TAKEN else self.right - self.outdated,
            refused=tuple(self.findings[:MAX_FINDINGS]),
            refused_count=len(self.findings),
            remarks=tuple(self.remarks),
        )


def to_json(report: ImportReport) -> bytes:
    """The report for programs."""
    fields = {"ok": report.ok, **msgspec.to_builtins(report)}
    return msgspec.json.format(msgspec.json.encode(fields), indent=2)


def reported_version(data: bytes) -> str:
    """The version of the file that a JSON report is about; "" when the data are no report."""
    try:
        report = msgspec.json.decode(data)
        return str(report.get("version_id", "")) if isinstance(report, dict) else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


# --- the page -------------------------------------------------------------------------------------------

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top}th{background:#f2f2f2}.no{color:#b00020}.yes{color:#0a6b2d}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_page(report: ImportReport) -> bytes:
    """The report for a person: a page without scripts. Nothing that the file contains becomes markup."""
    labels = texts.report_labels(report.kind.value)
    heads = (labels["place"], labels["reason"])
    refused = [(_place(f.file, f.row, labels), f.reason) for f in report.refused]
    remarks = [(_place(r.file, 0, labels), r.reason + _rows_of(r, labels)) for r in report.remarks]
    body = (
        el("h1", labels["title"]),
        el("p", el("strong", report.message), class_="yes" if report.ok else "no"),
        _table((), _facts(report, labels)),
        el("h2", labels["refused"]),
        _table(heads, refused),
        _left_out(report, labels),
        el("h2", labels["remarks"]),
        _table(heads, remarks),
    )
    return str(page(*body, title=labels["title"], css=_STYLE, policy=_POLICY)).encode()


def _facts(report: ImportReport, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Label and value of each fact that there is."""
    facts = {
        "file": report.file,
        "kind": texts.KINDS[report.kind.value],
        "exam_id": report.exam_id,
        "at": _moment(report.at),
        "starts_at": _moment(report.starts_at) if report.starts_at is not None else "",
        "who_may_enter": report.who_may_enter,
        "rows": str(report.rows),
        "right": str(report.right),
        "taken": str(report.taken),
    }
    return [(labels[name], value) for name, value in facts.items() if value]


def _left_out(report: ImportReport, labels: dict[str, str]) -> Html | None:
    """A paragraph that says how many findings the page leaves out, if any."""
    if report.refused_count == len(report.refused):
        return None
    return el("p", labels["more"].format(shown=len(report.refused), count=report.refused_count))


def _table(heads: tuple[str, ...], rows: list[tuple[str, str]]) -> Html:
    if not rows:
        return el("p", texts.LABELS["none"])
    head = el("tr", *(el("th", text) for text in heads)) if heads else None
    body = (el("tr", el("td", first), el("td", second)) for first, second in rows)
    return el("table", head, *body)


def _place(file: str, row: int, labels: dict[str, str]) -> str:
    row_text = labels["rows_of"].format(rows=row) if row else ""
    return " ".join(part for part in (file, row_text) if part) or labels["whole"]


def _rows_of(remark: Remark, labels: dict[str, str]) -> str:
    """The rows that a remark is about, in brackets."""
    if not remark.rows:
        return ""
    rows = labels["rows_of"].format(rows="、".join(map(str, remark.rows)))
    more = labels["more_rows"].format(count=remark.count) if remark.count > len(remark.rows) else ""
    return f"（{rows}{more}）"


def _moment(ms: int) -> str:
    return china_text(ms, "%Y-%m-%d %H:%M:%S")
