"""Routes of a signed-in candidate: identity, check-in, waiting room, exam, result."""

from typing import Annotated, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.accounts import consents, sessions
from chalicelib.accounts import service as accounts
from chalicelib.attempts import service as attempts
from chalicelib.attempts.absences import MAX_REPORTS, Report
from chalicelib.attempts.model import AbsenceKind, Attempt, Silences, Step
from chalicelib.attempts.sitting import Batch
from chalicelib.cases import complaints
from chalicelib.cases import service as cases
from chalicelib.cases.model import Trouble
from chalicelib.handlers.after_views import (
    ComplaintStatus,
    ComplaintView,
    ResultView,
    TicketList,
    TicketView,
    complaint_status,
    complaint_view,
    result_view,
    ticket_view,
)
from chalicelib.handlers.certificate_views import (
    AttemptCertificate,
    CertificateList,
    certificate_view,
)
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.handlers.views import (
    AbsenceView,
    Admitted,
    AttemptList,
    AttemptView,
    Beat,
    Me,
    PaperView,
    ReservedVerification,
    VerificationStatus,
    absence_view,
    attempt_view,
    beat_view,
    heartbeat_s,
    me_view,
    reserved_view,
    verification_view,
)
from chalicelib.identity import service as identity
from chalicelib.identity.service import ProfileEdit
from chalicelib.results import service as certificates
from chalicelib.shared.errors import Invalid
from chalicelib.shared.objects import UploadTicket

routes = Blueprint(__name__)

RequestId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Revision = Annotated[int, Meta(ge=0, le=1_000_000_000)]  # a page counts from 1


class Done(msgspec.Struct, frozen=True):
    """It is done; there is nothing more to say."""

    ok: bool = True


@route(routes, "DELETE", "/sessions/current", role=Role.CANDIDATE)
def end_session(call: Call) -> Done:
    """Sign out, on all devices."""
    assert call.session
    accounts.end_session(account_id=call.account_id, session_version=call.session.version)
    call.set_cookie = sessions.removal_cookie()
    return Done()


# --- identity -------------------------------------------------------------------------------------------


@route(routes, "GET", "/me", role=Role.CANDIDATE)
def get_me(call: Call) -> Me:
    """My identity profile; the ID number is masked."""
    assert call.session
    person = identity.get_person(account_id=call.account_id, session_version=call.session.version)
    return me_view(person, call.now)


class ProfileRequest(ProfileEdit, frozen=True, forbid_unknown_fields=True):
    """身份信息 as the form sends it; leave `id_number` out to keep it."""


@route(routes, "PUT", "/me", role=Role.CANDIDATE)
def save_profile(call: Call, body: ProfileRequest) -> Me:
    """Save my identity profile; refused while an attempt is open."""
    assert call.session
    person = identity.save_profile(
        account_id=call.account_id,
        session_version=call.session.version,
        edit=body,
        now=call.now,
    )
    return me_view(person, call.now)


@route(routes, "POST", "/me/id-photo", role=Role.CANDIDATE, status=201)
def request_id_photo(call: Call) -> UploadTicket:
    """A ticket to upload an ID photo; `GET /me` tells what became of it."""
    assert call.session
    return identity.request_id_photo(
        account_id=call.account_id, session_version=call.session.version, now=call.now
    )


# --- attempts -------------------------------------------------------------------------------------------


@route(routes, "POST", "/exams/{exam_id}/attempts", role=Role.CANDIDATE)
def open_attempt(call: Call, exam_id: str) -> AttemptView:
    """开始考试 on the detail page: open my attempt, or find the one I have."""
    assert call.session
    attempt = attempts.open_attempt(
        exam_id=exam_id,
        account_id=call.account_id,
        session_version=call.session.version,
        now=call.now,
    )
    return attempt_view(attempt, call.now)


@route(routes, "GET", "/me/attempts", role=Role.CANDIDATE)
def list_attempts(call: Call) -> AttemptList:
    """My attempts."""
    mine = attempts.list_attempts(account_id=call.account_id, now=call.now)
    return AttemptList(tuple(attempt_view(attempt, call.now) for attempt in mine))


@route(routes, "GET", "/attempts/{attempt_id}", role=Role.CANDIDATE)
def get_attempt(call: Call, attempt_id: str) -> AttemptView:
    """State, remaining chances, next step, deadline, server time."""
    attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=call.account_id, now=call.now)
    return attempt_view(attempt, call.now)


class RepeatableRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A command that must happen once: the page makes the id up and repeats it with the request."""

    request_id: RequestId


class NoticeRequest(RepeatableRequest, forbid_unknown_fields=True):
    """考试须知: `agreements` must name `identity-authorization` (《用户信息授权使用协议》)."""

    agreements: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=10)]


@route(routes, "POST", "/attempts/{attempt_id}/check-in/notice", role=Role.CANDIDATE)
def check_in_notice(call: Call, attempt_id: str, body: NoticeRequest) -> AttemptView:
    """Step 1: begin a check-in, once per request, with the separate consent to the use of face data."""
    assert call.session
    if consents.FOR_FACE_DATA not in body.agreements:
        title = consents.agreement(consents.FOR_FACE_DATA).title
        raise Invalid("agreements_required", missing=[title])
    # Whose attempt it is comes first; then the consent: without it no step counts, nor with an ended session.
    attempts.require_mine(attempt_id=attempt_id, account_id=call.account_id)
    accounts.give_consent(
        account_id=call.account_id,
        session_version=call.session.version,
        agreement=consents.FOR_FACE_DATA,
        now=call.now,
    )
    attempt = attempts.begin_check_in(
        attempt_id=attempt_id,
        account_id=call.account_id,
        request_id=body.request_id,
        now=call.now,
    )
    return attempt_view(attempt, call.now)


class CameraRequest(msgspec.Struct, forbid_unknown_fields=True):
    """设备检测: the page has a live picture; `background_faces` were pointed out to the candidate."""

    camera_on: bool
    background_faces: Annotated[int, Meta(ge=0, le=100)] = 0


@route(routes, "POST", "/attempts/{attempt_id}/check-in/camera", role=Role.CANDIDATE)
def check_in_camera(call: Call, attempt_id: str, body: CameraRequest) -> AttemptView:
    """Step 2: the camera works."""
    if not body.camera_on:
        raise Invalid("camera_off")
    return _take_step(call, attempt_id, Step.CAMERA)


@route(routes, "POST", "/attempts/{attempt_id}/speed-uploads", role=Role.CANDIDATE, status=201)
def request_speed_upload(call: Call, attempt_id: str) -> UploadTicket:
    """网络环境检测: a ticket for random bytes, good for several posts, to measure the way up."""
    return attempts.request_speed_upload(
        attempt_id=attempt_id, account_id=call.account_id, now=call.now
    )


class NetworkRequest(msgspec.Struct, forbid_unknown_fields=True):
    """网络环境检测: what the page measured."""

    down_mbps: Annotated[float, Meta(ge=0, le=100_000)]
    up_mbps: Annotated[float, Meta(ge=0, le=100_000)]
    latency_ms: Annotated[float, Meta(ge=0, le=600_000)]


@route(routes, "POST", "/attempts/{attempt_id}/check-in/network", role=Role.CANDIDATE)
def check_in_network(call: Call, attempt_id: str, body: NetworkRequest) -> AttemptView:
    """Step 3: the network was measured; a slow one is told, not forbidden."""
    return _take_step(call, attempt_id, Step.NETWORK)


def _take_step(call: Call, attempt_id: str, step: Step) -> AttemptView:
    attempt = attempts.take_step(
        attempt_id=attempt_id, account_id=call.account_id, step=step, now=call.now
    )
    return attempt_view(attempt, call.now)


@route(routes, "POST", "/attempts/{attempt_id}/verifications", role=Role.CANDIDATE, status=201)
def reserve_verification(
    call: Call, attempt_id: str, body: RepeatableRequest
) -> ReservedVerification:
    """开始核验: reserve one of the chances and get an upload ticket, or two."""
    reserved = attempts.reserve_verification(
        attempt_id=attempt_id,
        account_id=call.account_id,
        request_id=body.request_id,
        now=call.now,
    )
    return reserved_view(reserved, call.now)


@route(
    routes,
    "GET",
    "/attempts/{attempt_id}/verifications/{verification_id}",
    role=Role.CANDIDATE,
)
def get_verification(call: Call, attempt_id: str, verification_id: str) -> VerificationStatus:
    """The verdict of a check, or that it is still awaited."""
    attempt, check = attempts.get_verification(
        attempt_id=attempt_id,
        account_id=call.account_id,
        verification_id=verification_id,
        now=call.now,
    )
    left, step = attempt.chances_now.left, attempt.next_step(call.now)
    return VerificationStatus(verification_view(check), left, step, call.now)


@route(routes, "POST", "/attempts/{attempt_id}/admission", role=Role.CANDIDATE, status=201)
def admit(call: Call, attempt_id: str, body: RepeatableRequest) -> Admitted:
    """Enter waiting room or exam; uses the passed check up and supersedes older pages."""
    attempt, page = attempts.admit(
        attempt_id=attempt_id,
        account_id=call.account_id,
        request_id=body.request_id,
        now=call.now,
    )
    # An early sign-in must not end in the middle of the exam: 12 hours more from here on.
    assert call.session
    call.set_cookie = sessions.cookie(call.account_id, call.session.version, call.now)
    view = attempt_view(attempt, call.now)
    return Admitted(page.token, page.number, view, heartbeat_s(attempt))


class BatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    """All unacknowledged answers: revisions `first`…`last`, number of the question → letters as shown."""

    first: Revision
    last: Revision
    answers: Annotated[
        dict[Annotated[str, Meta(max_length=4)], Annotated[str, Meta(max_length=6)]],
        Meta(max_length=50),
    ]

    def batch(self) -> Batch:
        """The same in the words of the room."""
        return Batch(self.first, self.last, self.answers)


class AbsenceReport(msgspec.Struct, forbid_unknown_fields=True):
    """One absence: reported when it passes the minimum, and once more when it is over (`ended`)."""

    absence_seq: Annotated[int, Meta(ge=1, le=1_000_000)]
    kind: Literal["hidden", "blur", "fullscreen"]
    away_ms: Annotated[int, Meta(ge=0, le=86_400_000)]
    ended: bool = True

    def report(self) -> Report:
        """The same in the words of the room."""
        return Report(self.absence_seq, AbsenceKind(self.kind), self.away_ms, self.ended)


# Of the newest answer that this page got to a sign of life.
Stamp = Annotated[str, Meta(max_length=200)]
Absences = Annotated[list[AbsenceReport], Meta(max_length=MAX_REPORTS)]


class BeatRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A sign of life, with answers and absences when there are unsent ones."""

    answers: BatchRequest | None = None
    absences: Absences = []
    stamp: Stamp = ""


def _page(call: Call, attempt_id: str) -> int:
    return attempts.page_number(attempt_id=attempt_id, account_id=call.account_id, token=call.page)


@route(routes, "POST", "/attempts/{attempt_id}/heartbeat", role=Role.PAGE)
def beat(call: Call, attempt_id: str, body: BeatRequest) -> Beat:
    """Waiting room and exam: server time, deadline, snapshots to deliver; carries answers and absences."""
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
    return attempts.heard(attempt_id=attempt_id, page=page, stamp=stamp, now=call.now)


def _stamp(call: Call, attempt: Attempt, page: int, silences: Silences | None) -> str:
    return attempts.next_stamp(attempt=attempt, page=page, silences=silences, now=call.now)


class AbsencesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """切屏: absences in the page's own sequence, with unsaved answers: the third one submits the paper."""

    absences: Annotated[list[AbsenceReport], Meta(min_length=1, max_length=MAX_REPORTS)]
    answers: BatchRequest | None = None
    stamp: Stamp = ""


@route(routes, "POST", "/attempts/{attempt_id}/absences", role=Role.PAGE)
def report_absences(call: Call, attempt_id: str, body: AbsencesRequest) -> AbsenceView:
    """Report absences; answers which switch the last counted one of them was."""
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
    """开始考试: start my clock, between the bell and the closing of entry."""
    attempt = attempts.start_attempt(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=_page(call, attempt_id),
        now=call.now,
    )
    return attempt_view(attempt, call.now)


@route(routes, "GET", "/attempts/{attempt_id}/paper", role=Role.PAGE)
def get_paper(call: Call, attempt_id: str) -> PaperView:
    """My paper, always the same, with every acknowledged answer."""
    page = _page(call, attempt_id)
    attempt, sections = attempts.get_paper(
        attempt_id=attempt_id, account_id=call.account_id, page=page, now=call.now
    )
    return PaperView(sections, attempt.answers, attempt.acked_seq, page, attempt.deadline, call.now)


@route(routes, "PUT", "/attempts/{attempt_id}/answers", role=Role.PAGE)
def save_answers(call: Call, attempt_id: str, body: BatchRequest) -> Beat:
    """Save answers; what is acknowledged here is in the graded paper. Brings what a heartbeat brings."""
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
    """提交试卷, with what was not acknowledged yet."""

    answers: BatchRequest | None = None
    stamp: Stamp = ""


@route(routes, "POST", "/attempts/{attempt_id}/submission", role=Role.PAGE)
def submit_attempt(call: Call, attempt_id: str, body: SubmissionRequest) -> ResultView:
    """提交试卷: score and pass or fail at once."""
    page = _page(call, attempt_id)
    result = attempts.submit_attempt(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=page,
        batch=body.answers.batch() if body.answers else None,
        now=call.now,
        silences=_heard(call, attempt_id, page, body.stamp),
    )
    return result_view(result, None, call.now)  # nobody has complained yet, or `GET` tells


@route(routes, "GET", "/attempts/{attempt_id}/result", role=Role.CANDIDATE)
def get_result(call: Call, attempt_id: str) -> ResultView:
    """The result of my submitted attempt, with the frames behind what is held against me."""
    result = attempts.get_result(attempt_id=attempt_id, account_id=call.account_id, now=call.now)
    return result_view(result, complaints.find_complaint(result.attempt), call.now)


# --- complaints -----------------------------------------------------------------------------------------


class ComplaintRequest(RepeatableRequest, forbid_unknown_fields=True):
    """我要投诉: why the verdict is wrong, in one's own words."""

    text: Annotated[str, Meta(max_length=2000)]  # the rule counts signs, and says so in words


@route(routes, "POST", "/attempts/{attempt_id}/complaint", role=Role.CANDIDATE, status=201)
def open_complaint(call: Call, attempt_id: str, body: ComplaintRequest) -> ComplaintView:
    """Ask a human to look at the verdict again, once; answers with where to post up to three pictures."""
    case = complaints.open_complaint(
        attempt_id=attempt_id,
        account_id=call.account_id,
        request_id=body.request_id,
        text=body.text,
        now=call.now,
    )
    return complaint_view(case, call.now)


@route(routes, "GET", "/attempts/{attempt_id}/complaint", role=Role.CANDIDATE)
def get_complaint(call: Call, attempt_id: str) -> ComplaintStatus:
    """Until when I may complain, and what became of the complaint that I made."""
    attempt, case = complaints.get_complaint(
        attempt_id=attempt_id, account_id=call.account_id, now=call.now
    )
    return complaint_status(attempt, case, call.now)


# --- certificates ---------------------------------------------------------------------------------------


@route(routes, "GET", "/me/certificates", role=Role.CANDIDATE)
def list_certificates(call: Call) -> CertificateList:
    """我的证书: all of mine with status and a link to the PDF."""
    mine = certificates.list_certificates(account_id=call.account_id)
    return CertificateList(tuple(certificate_view(shown) for shown in mine), call.now)


@route(routes, "GET", "/attempts/{attempt_id}/certificate", role=Role.CANDIDATE)
def get_certificate(call: Call, attempt_id: str) -> AttemptCertificate:
    """The certificate of my submitted attempt, or whether one is on its way."""
    attempt, shown = certificates.get_certificate(
        attempt_id=attempt_id, account_id=call.account_id, now=call.now
    )
    if shown is not None:
        return AttemptCertificate(certificate_view(shown), False, call.now)
    return AttemptCertificate(None, certificates.is_expected(attempt, call.now), call.now)


# --- tickets --------------------------------------------------------------------------------------------


class TicketRequest(RepeatableRequest, forbid_unknown_fields=True):
    """去反馈: what the trouble is, in one's own words; about an attempt, or an exam, or neither."""

    trouble: Trouble
    text: Annotated[str, Meta(max_length=2000)]  # the rule counts signs, and says so in words
    attempt_id: Id | None = None
    exam_id: Id | None = None


@route(routes, "POST", "/tickets", role=Role.CANDIDATE, status=201)
def open_ticket(call: Call, body: TicketRequest) -> TicketView:
    """Ask an operator for help; answers with the number and where to post the two pictures."""
    case = cases.open_ticket(
        account_id=call.account_id,
        request_id=body.request_id,
        trouble=body.trouble,
        text=body.text,
        exam_id=body.exam_id,
        attempt_id=body.attempt_id,
        now=call.now,
    )
    return ticket_view(case, call.now)


@route(routes, "GET", "/tickets", role=Role.CANDIDATE)
def list_tickets(call: Call) -> TicketList:
    """My newest tickets."""
    mine = cases.list_tickets(account_id=call.account_id)
    return TicketList(tuple(ticket_view(case, call.now) for case in mine))


@route(routes, "GET", "/tickets/{ticket_id}", role=Role.CANDIDATE)
def get_ticket(call: Call, ticket_id: str) -> TicketView:
    """One ticket: its pictures, and the decision with its reason."""
    case = cases.get_ticket(ticket_id=ticket_id, account_id=call.account_id)
    return ticket_view(case, call.now)
