"""Routes of a candidate after the exam: results, complaints, certificates, tickets."""

from typing import Annotated

from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import service as attempts
from chalicelib.cases import complaints
from chalicelib.cases import service as cases
from chalicelib.cases.model import Trouble
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.handlers.requests import Id, RepeatableRequest
from chalicelib.results import service as certificates
from chalicelib.views.cases import (
    ComplaintStatus,
    ComplaintView,
    TicketList,
    TicketView,
    complaint_status,
    complaint_view,
    ticket_view,
)
from chalicelib.views.certificates import (
    AttemptCertificate,
    CertificateList,
    certificate_view,
)
from chalicelib.views.results import (
    ResultView,
    result_view,
)

routes = Blueprint(__name__)


@route(routes, "GET", "/attempts/{attempt_id}/result", role=Role.CANDIDATE)
def get_result(call: Call, attempt_id: str) -> ResultView:
    """Return the result of my submitted attempt, with the frames that count against me."""
    result = attempts.get_result(attempt_id=attempt_id, account_id=call.account_id, now=call.now)
    return result_view(result, complaints.find_complaint(result.attempt), call.now)


# --- complaints -----------------------------------------------------------------------------------------


class ComplaintRequest(RepeatableRequest, forbid_unknown_fields=True):
    """我要投诉: why the verdict is wrong, in the candidate's own words."""

    # The rule allows 500 characters and refuses more with a sentence; this limit only stops much longer texts.
    text: Annotated[str, Meta(max_length=2000)]


@route(routes, "POST", "/attempts/{attempt_id}/complaint", role=Role.CANDIDATE, status=201)
def open_complaint(call: Call, attempt_id: str, body: ComplaintRequest) -> ComplaintView:
    """Complain about the verdict, once. The answer says where to post up to three pictures."""
    case = complaints.open_complaint(
        attempt_id=attempt_id,
        account_id=call.account_id,
        request_id=body.request_id,
        text=body.text,
        language=call.language,
        now=call.now,
    )
    return complaint_view(case, call.now)


@route(routes, "GET", "/attempts/{attempt_id}/complaint", role=Role.CANDIDATE)
def get_complaint(call: Call, attempt_id: str) -> ComplaintStatus:
    """Return until when I may complain, and the state of my complaint."""
    attempt, case = complaints.get_complaint(
        attempt_id=attempt_id, account_id=call.account_id, now=call.now
    )
    return complaint_status(attempt, case, call.now)


# --- certificates ---------------------------------------------------------------------------------------


@route(routes, "GET", "/me/certificates", role=Role.CANDIDATE)
def list_certificates(call: Call) -> CertificateList:
    """我的证书: list all my certificates with status and a link to the PDF."""
    mine = certificates.list_certificates(account_id=call.account_id)
    return CertificateList(tuple(certificate_view(shown) for shown in mine), call.now)


@route(routes, "GET", "/attempts/{attempt_id}/certificate", role=Role.CANDIDATE)
def get_certificate(call: Call, attempt_id: str) -> AttemptCertificate:
    """Return the certificate of my submitted attempt, or whether one is still to come."""
    attempt, shown = certificates.get_certificate(
        attempt_id=attempt_id, account_id=call.account_id, now=call.now
    )
    if shown is not None:
        return AttemptCertificate(certificate_view(shown), False, call.now)
    return AttemptCertificate(None, certificates.is_expected(attempt, call.now), call.now)


# --- tickets --------------------------------------------------------------------------------------------


class TicketRequest(RepeatableRequest, forbid_unknown_fields=True):
    """去反馈: what the trouble is, in the candidate's own words; about an attempt, or an exam, or neither."""

    trouble: Trouble
    text: Annotated[str, Meta(max_length=2000)]  # the rule allows 500 characters
    attempt_id: Id | None = None
    exam_id: Id | None = None


@route(routes, "POST", "/tickets", role=Role.CANDIDATE, status=201)
def open_ticket(call: Call, body: TicketRequest) -> TicketView:
    """Ask an operator for help. The answer has the number of the ticket and says where to post two pictures."""
    case = cases.open_ticket(
        account_id=call.account_id,
        request_id=body.request_id,
        trouble=body.trouble,
        text=body.text,
        exam_id=body.exam_id,
        attempt_id=body.attempt_id,
        language=call.language,
        now=call.now,
    )
    return ticket_view(case, call.now)


@route(routes, "GET", "/tickets", role=Role.CANDIDATE)
def list_tickets(call: Call) -> TicketList:
    """List my newest tickets."""
    mine = cases.list_tickets(account_id=call.account_id)
    return TicketList(tuple(ticket_view(case, call.now) for case in mine))


@route(routes, "GET", "/tickets/{ticket_id}", role=Role.CANDIDATE)
def get_ticket(call: Call, ticket_id: str) -> TicketView:
    """Return one ticket with its pictures, and the decision with its reason."""
    case = cases.get_ticket(ticket_id=ticket_id, account_id=call.account_id)
    return ticket_view(case, call.now)
