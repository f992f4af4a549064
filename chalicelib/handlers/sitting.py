"""Routes of an admitted page: waiting room, exam, submission."""

from typing import Annotated, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import service as attempts
from chalicelib.attempts.absences import MAX_REPORTS, ReportedAbsence
from chalicelib.attempts.model import AbsenceKind, LiveAttempt, Silences
from chalicelib.attempts.sitting import Batch
from chalicelib.exams.blanks import MOST_CHARACTERS
from chalicelib.exams.questions import MOST_BLANKS, MOST_OPTIONS
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.views.attempts import (
    AbsenceView,
    AttemptView,
    Beat,
    PaperView,
    PictureLinks,
    absence_view,
    attempt_view,
    beat_view,
    paper_view,
)
from chalicelib.views.results import (
    ResultView,
    result_view,
)

routes = Blueprint(__name__)


Revision = Annotated[int, Meta(ge=0, le=1_000_000_000)]  # a page counts from 1


Letters = Annotated[str, Meta(max_length=MOST_OPTIONS)]
Texts = Annotated[
    tuple[Annotated[str, Meta(max_length=MOST_CHARACTERS)], ...],
    Meta(min_length=1, max_length=MOST_BLANKS),
]


class BatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    """All unacknowledged answers, revisions `first`…`last`.

    `answers`: number of the question → letters as shown, or the text of each blank.
    """

    first: Revision
    last: Revision
    answers: Annotated[
        dict[Annotated[str, Meta(max_length=4)], Letters | Texts],
        Meta(max_length=50),
    ]

    def batch(self) -> Batch:
        """The answers as the room of attempts takes them."""
        return Batch(self.first, self.last, self.answers)


class AbsenceReport(msgspec.Struct, forbid_unknown_fields=True):
    """One absence. The page reports it when it passes the minimum, and again when it is over (`ended`)."""

    absence_seq: Annotated[int, Meta(ge=1, le=1_000_000)]
    kind: Literal["hidden", "blur", "fullscreen"]
    away_ms: Annotated[int, Meta(ge=0, le=86_400_000)]
    ended: bool = True

    def report(self) -> ReportedAbsence:
        """The absence as the room of attempts takes it."""
        return ReportedAbsence(self.absence_seq, AbsenceKind(self.kind), self.away_ms, self.ended)


# The stamp of the newest `Beat` or other answer that this page has received.
Stamp = Annotated[str, Meta(max_length=200)]
Absences = Annotated[list[AbsenceReport], Meta(max_length=MAX_REPORTS)]


class BeatRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A heartbeat, with the answers and absences that are not acknowledged yet."""

    answers: BatchRequest | None = None
    absences: Absences = []
    stamp: Stamp = ""


def _page(call: Call, attempt_id: str) -> int:
    return attempts.page_number(attempt_id=attempt_id, account_id=call.account_id, token=call.page)


@route(routes, "POST", "/attempts/{attempt_id}/heartbeat", role=Role.PAGE)
def beat(call: Call, attempt_id: str, body: BeatRequest) -> Beat:
    """Report that the page is alive, with answers and absences. Returns server time, deadline, snapshots to take."""
    page = _page(call, attempt_id)
    silences = _heard(call, attempt_id, page, body.stamp)
    attempt, tickets = attempts.beat(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=page,
        batch=body.answers.batch() if body.answers else None,
        reports=tuple(absence.report() for absence in body.absences),
        now=call.now,
        silences=silences,
    )
    return beat_view(attempt, call.now, tickets, _stamp(call, attempt, page, silences))


def _heard(call: Call, attempt_id: str, page: int, stamp: str) -> Silences | None:
    """Return the silences of this page so far, read from the stamp; None when the stamp says nothing."""
    return attempts.heard(attempt_id=attempt_id, page=page, stamp=stamp, now=call.now)


def _stamp(call: Call, attempt: LiveAttempt, page: int, silences: Silences | None) -> str:
    return attempts.next_stamp(attempt=attempt, page=page, silences=silences, now=call.now)


class AbsencesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """切屏: absences in the order of the page, with unsaved answers, because an absence may submit the paper."""

    absences: Annotated[list[AbsenceReport], Meta(min_length=1, max_length=MAX_REPORTS)]
    answers: BatchRequest | None = None
    stamp: Stamp = ""


@route(routes, "POST", "/attempts/{attempt_id}/absences", role=Role.PAGE)
def report_absences(call: Call, attempt_id: str, body: AbsencesRequest) -> AbsenceView:
    """Report absences. Returns which switch the last counted one was."""
    page = _page(call, attempt_id)
    silences = _heard(call, attempt_id, page, body.stamp)
    attempt = attempts.report_absences(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=page,
        reports=tuple(absence.report() for absence in body.absences),
        batch=body.answers.batch() if body.answers else None,
        now=call.now,
        silences=silences,
    )
    seqs = [absence.absence_seq for absence in body.absences]
    stamp = _stamp(call, attempt, page, silences)
    return absence_view(attempt, page, seqs, call.now, stamp)


@route(routes, "POST", "/attempts/{attempt_id}/start", role=Role.PAGE)
def start_attempt(call: Call, attempt_id: str) -> AttemptView:
    """开始考试: start my time. This is possible from the start of the exam until entry closes."""
    attempt = attempts.start_attempt(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=_page(call, attempt_id),
        now=call.now,
    )
    return attempt_view(attempt, call.now)


@route(routes, "GET", "/attempts/{attempt_id}/paper", role=Role.PAGE)
def get_paper(call: Call, attempt_id: str) -> PaperView:
    """Return my paper, always the same one, with every acknowledged answer."""
    page = _page(call, attempt_id)
    paper = attempts.get_paper(
        attempt_id=attempt_id, account_id=call.account_id, page=page, now=call.now
    )
    return paper_view(paper, page, call.now)


@route(routes, "GET", "/attempts/{attempt_id}/pictures", role=Role.PAGE)
def get_pictures(call: Call, attempt_id: str) -> PictureLinks:
    """Return links to the pictures of my paper, sealed: fetched in the waiting room, opened with `picture_key`."""
    links = attempts.link_pictures(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=_page(call, attempt_id),
        now=call.now,
    )
    return PictureLinks(links, call.now)


@route(routes, "PUT", "/attempts/{attempt_id}/answers", role=Role.PAGE)
def save_answers(call: Call, attempt_id: str, body: BatchRequest) -> Beat:
    """Save answers. Acknowledged answers are in the graded paper. Returns the same as a heartbeat."""
    page = _page(call, attempt_id)
    attempt, tickets = attempts.save_answers(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=page,
        batch=body.batch(),
        now=call.now,
    )
    return beat_view(attempt, call.now, tickets, _stamp(call, attempt, page, None))


class SubmissionRequest(msgspec.Struct, forbid_unknown_fields=True):
    """提交试卷, with the answers that are not acknowledged yet.

    `seconds`: how long each question was in sight, in the order of the paper; for statistics alone.
    """

    answers: BatchRequest | None = None
    stamp: Stamp = ""
    seconds: list[int] = []


@route(routes, "POST", "/attempts/{attempt_id}/submission", role=Role.PAGE)
def submit_attempt(call: Call, attempt_id: str, body: SubmissionRequest) -> ResultView:
    """提交试卷: submit the paper. Returns the score and pass or fail at once."""
    page = _page(call, attempt_id)
    result = attempts.submit_attempt(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=page,
        batch=body.answers.batch() if body.answers else None,
        now=call.now,
        silences=_heard(call, attempt_id, page, body.stamp),
        seconds=body.seconds,
    )
    return result_view(result, None, call.now)  # a new result has no complaint; `GET` reads it
