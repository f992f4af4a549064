"""Routes of a candidate before the exam: attempts, the check-in, checks of the face, admission."""

from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import UNSET, Meta

from chalicelib.accounts import service as accounts
from chalicelib.accounts import sessions
from chalicelib.accounts.consents import Ticks
from chalicelib.attempts import service as attempts
from chalicelib.attempts.model import DeviceTrouble, Step
from chalicelib.attempts.practising import DeviceReport
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.handlers.requests import RepeatableRequest
from chalicelib.series import service as series
from chalicelib.shared.errors import Invalid
from chalicelib.shared.objects import UploadTicket
from chalicelib.views.attempts import (
    Admitted,
    AttemptList,
    AttemptView,
    ReservedVerification,
    VerificationStatus,
    attempt_view,
    heartbeat_s,
    reserved_view,
    verification_view,
)
from chalicelib.views.practice import PracticeView, practice_view
from chalicelib.views.series import MySeries, my_series

routes = Blueprint(__name__)


@route(routes, "POST", "/exams/{exam_id}/attempts", role=Role.CANDIDATE)
def open_attempt(call: Call, exam_id: str) -> AttemptView:
    """开始考试 on the detail page: open my attempt, or return the one that I have."""
    assert call.session
    attempt = series.open_attempt(
        exam_id=exam_id,
        account_id=call.account_id,
        session_version=call.session.version,
        now=call.now,
    )
    return attempt_view(attempt, call.now)


@route(routes, "GET", "/me/attempts", role=Role.CANDIDATE)
def list_attempts(call: Call) -> AttemptList:
    """List my attempts, the newest first."""
    mine = attempts.list_attempts(account_id=call.account_id, now=call.now)
    return AttemptList(tuple(attempt_view(attempt, call.now) for attempt in mine))


@route(routes, "GET", "/me/series", role=Role.CANDIDATE)
def list_series(call: Call) -> MySeries:
    """List the series of which I have opened a sitting: my tries, which one counts, and which sittings I may open."""
    assert call.session
    mine = series.list_standings(
        account_id=call.account_id, session_version=call.session.version, now=call.now
    )
    return my_series(mine, call.now)


@route(routes, "GET", "/attempts/{attempt_id}", role=Role.CANDIDATE)
def get_attempt(call: Call, attempt_id: str) -> AttemptView:
    """Return my attempt: state, remaining chances, next step, deadline, server time."""
    attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=call.account_id, now=call.now)
    return attempt_view(attempt, call.now)


class NoticeRequest(RepeatableRequest, forbid_unknown_fields=True):
    """考试须知: `agreements` must name `identity-authorization` (《用户信息授权使用协议》)."""

    agreements: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=10)]


@route(routes, "POST", "/attempts/{attempt_id}/check-in/notice", role=Role.CANDIDATE)
def check_in_notice(call: Call, attempt_id: str, body: NoticeRequest) -> AttemptView:
    """Step 1: begin a check-in with the separate consent to the use of face data. A repeated request begins none."""
    assert call.session
    # First the check that the attempt is mine. Then the consent, which also refuses an ended session: no step counts
    # without it.
    attempts.require_mine(attempt_id=attempt_id, account_id=call.account_id)
    accounts.give_consent(
        account_id=call.account_id,
        session_version=call.session.version,
        ticks=Ticks(tuple(body.agreements), call.language),
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
    """设备检测: the page has a live picture. `background_faces`: the number of other faces that the page found."""

    camera_on: bool
    background_faces: Annotated[int, Meta(ge=0, le=100)] = 0


@route(routes, "POST", "/attempts/{attempt_id}/check-in/camera", role=Role.CANDIDATE)
def check_in_camera(call: Call, attempt_id: str, body: CameraRequest) -> AttemptView:
    """Step 2: record that the camera works."""
    if not body.camera_on:
        raise Invalid("camera_off")
    return _take_step(call, attempt_id, Step.CAMERA, DeviceReport(camera_trouble=None))


@route(routes, "POST", "/attempts/{attempt_id}/speed-uploads", role=Role.CANDIDATE, status=201)
def request_speed_upload(call: Call, attempt_id: str) -> UploadTicket:
    """网络环境检测: return a ticket to upload random bytes several times, which measures the upload speed."""
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
    """Step 3: record that the network was measured. The page warns about a slow one; it is not refused."""
    measured = DeviceReport(
        down_mbps=body.down_mbps, up_mbps=body.up_mbps, latency_ms=body.latency_ms
    )
    return _take_step(call, attempt_id, Step.NETWORK, measured)


def _take_step(call: Call, attempt_id: str, step: Step, report: DeviceReport) -> AttemptView:
    attempt = attempts.take_step(
        attempt_id=attempt_id, account_id=call.account_id, step=step, report=report, now=call.now
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
    """Return the state of a check: its verdict, or that it is still being judged."""
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
    """Enter the waiting room or the exam. This uses up the passed check and supersedes older pages."""
    attempt, page = attempts.admit(
        attempt_id=attempt_id,
        account_id=call.account_id,
        request_id=body.request_id,
        now=call.now,
    )
    # A session from an early sign-in must not end during the exam, so it lasts 12 hours from now on.
    assert call.session
    call.set_cookie = sessions.cookie(call.account_id, call.session.version, call.now)
    view = attempt_view(attempt, call.now)
    has_pictures = attempts.may_show_pictures(attempt=attempt)
    return Admitted(page.token, page.number, view, heartbeat_s(attempt), has_pictures)


# --- practice -------------------------------------------------------------------------------------------


class PracticeRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What the page of a practice has found: why the camera does not work, whether full screen was given.

    `end`: the candidate ends the practice, at whatever step.
    """

    camera_trouble: DeviceTrouble | None = None
    full_screen: bool | None = None
    end: bool = False


@route(routes, "POST", "/attempts/{attempt_id}/practice", role=Role.CANDIDATE)
def report_practice(call: Call, attempt_id: str, body: PracticeRequest) -> PracticeView:
    """试考: report what does not work, or end the practice. Returns what worked so far and what did not."""
    report = DeviceReport(camera_trouble=body.camera_trouble or UNSET, full_screen=body.full_screen)
    attempt = attempts.report_practice(
        attempt_id=attempt_id,
        account_id=call.account_id,
        report=report,
        ended=body.end,
        now=call.now,
    )
    return practice_view(attempt, call.now)


@route(routes, "GET", "/attempts/{attempt_id}/practice", role=Role.CANDIDATE)
def get_practice(call: Call, attempt_id: str) -> PracticeView:
    """试考: return what worked in my practice and what did not, with what to do. There is no score."""
    attempt = attempts.get_practice(attempt_id=attempt_id, account_id=call.account_id, now=call.now)
    return practice_view(attempt, call.now)
