"""Routes of announcements and requests for help in an attempt."""

from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import announcements
from chalicelib.attempts import service as attempts
from chalicelib.attempts.model import HelpReason
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.handlers.requests import RepeatableRequest
from chalicelib.views.announcements import (
    Announcements,
    HelpView,
    ReceiptView,
    announcements_view,
    help_view,
    receipt_view,
)

routes = Blueprint(__name__)

Number = Annotated[int, Meta(ge=0, le=1000)]


@route(routes, "GET", "/attempts/{attempt_id}/announcements", role=Role.CANDIDATE)
def list_announcements(call: Call, attempt_id: str) -> Announcements:
    """Return the announcements of my attempt. Ask when `announced` of a heartbeat or a save has a new number."""
    attempt, for_all = announcements.list_announcements(
        attempt_id=attempt_id, account_id=call.account_id, now=call.now
    )
    return announcements_view(attempt, for_all, call.now)


class ReceiptRequest(msgspec.Struct, forbid_unknown_fields=True):
    """我知道了: up to which number I have read the announcements to everybody, and those to me."""

    for_all: Number = 0
    to_me: Number = 0


@route(routes, "POST", "/attempts/{attempt_id}/announcements/read", role=Role.CANDIDATE)
def confirm_announcements(call: Call, attempt_id: str, body: ReceiptRequest) -> ReceiptView:
    """Confirm that I have read announcements. A receipt only rises; a repeat changes nothing."""
    attempt = announcements.confirm_announcements(
        attempt_id=attempt_id,
        account_id=call.account_id,
        for_all=body.for_all,
        personal=body.to_me,
        now=call.now,
    )
    return receipt_view(attempt, call.now)


class HelpQuestion(RepeatableRequest, forbid_unknown_fields=True):
    """请求帮助: why."""

    reason: HelpReason


@route(routes, "POST", "/attempts/{attempt_id}/help", role=Role.PAGE, status=201)
def ask_for_help(call: Call, attempt_id: str, body: HelpQuestion) -> HelpView:
    """Ask the operators for help, one request at a time. The answer comes as an announcement to me."""
    page = attempts.page_number(attempt_id=attempt_id, account_id=call.account_id, token=call.page)
    attempt = announcements.ask_for_help(
        attempt_id=attempt_id,
        account_id=call.account_id,
        page=page,
        request_id=body.request_id,
        reason=body.reason,
        now=call.now,
    )
    assert attempt.help is not None  # the rule either put it there or refused
    return help_view(attempt, attempt.help)
