"""Use cases of exam-day reports: an operator has one made, its writer signs it, and it can be read."""

import hashlib
import itertools
from collections.abc import Iterable

from chalicelib.attempts import watching
from chalicelib.cases import service as cases
from chalicelib.day_reports import document, store
from chalicelib.day_reports import texts as t
from chalicelib.day_reports.counting import Counting
from chalicelib.day_reports.document import Printed
from chalicelib.day_reports.model import DayReport, Figures
from chalicelib.day_reports.store import WaitingReport
from chalicelib.exams import service as exams
from chalicelib.exams.model import Phase
from chalicelib.kernel.commands import Command, repeats
from chalicelib.results import signing
from chalicelib.results.keeping import report_unconfirmed
from chalicelib.results.model import ORDER_AGAIN_MS
from chalicelib.shared import log
from chalicelib.shared.clock import china_text
from chalicelib.shared.errors import Conflict
from chalicelib.shared.settings import settings
from chalicelib.shared.time_slices import TimeSlice
from chalicelib.timeline import service as timeline
from chalicelib.timeline.model import TimelineEntry

_PAGE = 100  # attempts that are read together
_MINUTE = "%Y-%m-%d %H:%M"


def list_reports(*, exam_id: str) -> list[tuple[DayReport, str | None]]:
    """Return all reports of an exam, the newest first, each with a link for a minute; None until its PDF is there."""
    return [(one, store.link(one) if one.sha256 else None) for one in store.list_reports(exam_id)]


def make_report(*, exam_id: str, command: Command, now: int) -> DayReport:
    """Count an exam that is over and have the report signed. The same command again asks for the PDF that is missing.

    Raises `NotFound`, `Conflict` (`practice_without_report`, `report_too_early`, `command_id_taken`), `Unavailable`.
    """
    exam = exams.get_exam(exam_id)
    if exam.is_practice:
        raise Conflict("practice_without_report")
    if exam.phase(now) is not Phase.ENDED:
        raise Conflict("report_too_early")
    kept = store.load(exam_id, command.command_id)
    if kept is None:
        kept = store.put(
            DayReport(
                exam_id=exam_id,
                title=exam.full_title,
                starts_at=exam.starts_at,
                ends_at=exam.ends_at,
                versions=(exam.paper_version, exam.key_version, exam.roster_version),
                command_id=command.command_id,
                operator=command.operator,
                operator_id=command.operator_id,
                reason=command.reason,
                made_at=now,
                figures=count(exam_id=exam_id, now=now),
            )
        )
        log.event("day_report_made", exam_id=exam_id, command_id=command.command_id)
    if not repeats(kept, command):
        raise Conflict("command_id_taken")
    if not kept.sha256 and kept.made_at < now:
        store.ask_again(kept, now)
    return kept


def order_documents_again(*, now: int, time_slice: TimeSlice | None = None) -> int:
    """Ask again for PDFs of reports that nobody has written for a while. Returns how many.

    The schedule calls it, because the stream may lose an order. They count in the metric `CertificatesWaiting`, as the
    same function writes them.
    """
    late = [one for one in store.list_waiting() if now >= one.ordered_at + ORDER_AGAIN_MS]
    asked = 0
    for waiting in (time_slice or TimeSlice()).each(late, lambda one: one.command_id):
        try:
            asked += _order_again(waiting, now)
        except Exception as error:  # an error of one report must not stop the others
            log.crash(error, exam_id=waiting.exam_id, command_id=waiting.command_id)
    if asked:
        log.metric("CertificatesWaiting", asked)
    return asked


def _order_again(waiting: WaitingReport, now: int) -> bool:
    """Ask for a report again; one that somebody has changed in the table is left alone."""
    if store.load(waiting.exam_id, waiting.command_id) is None:
        return False
    return store.ask_late(waiting, now)


def count(*, exam_id: str, now: int) -> Figures:
    """Count the figures of an exam as it is now. Reads attempts a hundred with one call. Raises `NotFound`."""
    exam, counting = exams.get_exam(exam_id), Counting()
    ids = (row.attempt_id for row in watching.each_attempt(exam_id=exam_id))
    for some in itertools.batched(ids, _PAGE):
        for attempt in watching.look_up_attempts(attempt_ids=some):
            entries: list[TimelineEntry] = []
            if attempt.decisions:
                entries, _ = timeline.get_timeline(attempt_id=attempt.attempt_id)
            counting.take(attempt, now, entries)
    return counting.figures(exam, exams.count_listed(exam), cases.list_of_exam(exam_id=exam_id))


def write_report(*, exam_id: str, command_id: str) -> None:
    """Write, sign and store the PDF of a report. A record whose seal is wrong is not signed. Raises `Unavailable`."""
    report = store.load(exam_id, command_id)
    if report is None:
        report_unconfirmed(f"{exam_id}/{command_id}")
        return
    if report.sha256:
        return
    plain = document.write_document(printed(report), at=report.made_at)
    signed = signing.sign_document(plain, issuer=settings().operator_name, at=report.made_at)
    store.write_document(report, signed)
    store.note_written(report, hashlib.sha256(signed).hexdigest())
    log.event("day_report_written", exam_id=exam_id, command_id=command_id, bytes=len(signed))


def printed(report: DayReport) -> Printed:
    """The texts of a report as they are printed."""
    values = (
        report.title,
        report.exam_id,
        f"{_moment(report.starts_at)} – {_moment(report.ends_at)}",
        " / ".join(version[:16] or t.NO_VERSION for version in report.versions),
        f"{_moment(report.made_at)}　{settings().operator_name}",
        report.command_id,
    )
    sections = tuple((title, list(_rows(report.figures, rows))) for title, rows in t.ROWS.items())
    facts = tuple(zip(t.FACTS.values(), values, strict=True))
    return Printed(report.command_id, settings().operator_name, facts, sections)


def _rows(figures: Figures, rows: dict[str, tuple[str, str]]) -> Iterable[tuple[str, str, str]]:
    for field, (name, source) in rows.items():
        value = getattr(figures, field)
        yield name, in_words(value, seconds=field.endswith("_s")), source


def in_words(value: int | None, *, seconds: bool) -> str:
    """A figure as it is printed. `seconds`: it is a length of time."""
    if value is None:
        return t.NOTHING
    if not seconds:
        return str(value)
    if value < 60:
        return t.SECONDS.format(seconds=value)
    minutes, rest = divmod(value, 60)
    if minutes < 60:
        return t.MINUTES.format(minutes=minutes, seconds=rest)
    return t.HOURS.format(hours=minutes // 60, minutes=minutes % 60)


def _moment(ms: int) -> str:
    return china_text(ms, _MINUTE)
