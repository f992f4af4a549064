"""Use cases of tickets 去反馈: open and decide them, and pass the decision on to the attempt."""

import contextlib

import msgspec

from chalicelib.attempts import operating
from chalicelib.attempts import service as attempts
from chalicelib.attempts.granting import Grant, TicketOrder
from chalicelib.attempts.model import Waiver
from chalicelib.cases import complaints, model, store
from chalicelib.cases.deciding import (
    decide,
    judge_upload,
    load,
    number,
    read_pictures,
    register,
    upload_ticket,
)
from chalicelib.cases.model import (
    AdmitWith,
    Case,
    CaseKind,
    CaseState,
    CaseWaitsFor,
    Ruling,
    Trouble,
    Upload,
)
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.languages import Language
from chalicelib.shared.lines import parse_text
from chalicelib.shared.time_slices import TimeSlice

__all__ = ["judge_upload", "read_pictures", "upload_ticket"]  # the same for tickets and complaints


ROSTER = "roster"  # the name of the publisher's photo among the pictures of a ticket


class TicketEvidence(msgspec.Struct, frozen=True):
    """A ticket with its person and its pictures: name → a link that works for a minute."""

    case: Case
    person: Person
    pictures: dict[str, str]


# --- the candidate's side -------------------------------------------------------------------------------


def open_ticket(
    *,
    account_id: str,
    request_id: str,
    trouble: Trouble,
    text: str,
    exam_id: str | None,
    attempt_id: str | None,
    language: Language,
    now: int,
) -> Case:
    """去反馈: ask an operator for help about an attempt of this account, about an exam, or about neither.

    A ticket from a practice is about its exam alone: an operator can give nothing in it, and it goes away after three
    days. The number follows from account and request, so a repeat finds its own ticket. Raises `Invalid`, `NotFound`,
    `Conflict` (`too_many_tickets`), `TooMany`.
    """
    plain = parse_text(text, "text", most=model.MOST_TEXT_CHARACTERS)
    case_id = number(CaseKind.TICKET, account_id, request_id)
    if attempt_id is not None:
        attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
        exam_id = attempt.exam_id
        if attempt.policy.is_practice:
            attempt_id = None
    elif exam_id is not None:
        exam_id = exams.get_exam(exam_id).exam_id
    register(account_id, case_id, CaseKind.TICKET, now)
    return store.put_case(
        Case(
            case_id=case_id,
            kind=CaseKind.TICKET,
            account_id=account_id,
            version=1,
            state=CaseState.OPEN,
            opened_at=now,
            trouble=trouble,
            text=plain,
            exam_id=exam_id,
            attempt_id=attempt_id,
            uploads={kind: Upload() for kind in model.UPLOADS_OF[CaseKind.TICKET]},
            waits_for=CaseWaitsFor.TICKET,
            language=language,
        )
    )


def get_ticket(*, ticket_id: str, account_id: str) -> Case:
    """Return a ticket of this account. Raises `NotFound`."""
    case = load(ticket_id, CaseKind.TICKET)
    if case.account_id != account_id:
        raise NotFound("not_found")
    return case


def list_tickets(*, account_id: str) -> list[Case]:
    """Return the newest tickets of this account, newest first, at most `model.KEPT`."""
    account_cases = store.load_register(account_id)
    entries = [entry for entry in account_cases.entries if entry.kind is CaseKind.TICKET]
    tickets = (store.load_case(entry.case_id) for entry in entries[: model.KEPT])
    return [case for case in tickets if case is not None]


def list_registered(*, account_id: str) -> list[Case]:
    """Return the cases in the register of this account, newest first: all complaints, and the newest tickets."""
    entries = store.load_register(account_id).entries
    loaded = (store.load_case(entry.case_id) for entry in entries)
    return [case for case in loaded if case is not None]


# --- events ---------------------------------------------------------------------------------------------


def finish_decisions(*, now: int, time_slice: TimeSlice | None = None) -> int:
    """Pass decisions on to their attempts that a crash left behind. The schedule calls it.

    A case that fails does not stop the others. Returns how many cases were tried.
    """
    waiting = [
        *store.list_waiting(CaseWaitsFor.WAIVER),
        *store.list_waiting(CaseWaitsFor.SETTLEMENT),
    ]
    looked_at = 0
    for listed in (time_slice or TimeSlice()).each(waiting, lambda case: case.case_id):
        looked_at += 1
        finish = complaints.finish if listed.kind is CaseKind.COMPLAINT else _finish
        try:
            finish(load(listed.case_id, listed.kind), now)
        except Exception as error:  # an error of one case must not stop the others
            log.crash(error, case=listed.case_id)
    return looked_at


# --- operators ------------------------------------------------------------------------------------------


def list_of_exam(*, exam_id: str) -> list[Case]:
    """Return all complaints and tickets of an exam, in no particular order."""
    return store.list_of_exam(exam_id)


def list_open_tickets() -> list[Case]:
    """Return the tickets that nobody has decided, oldest first."""
    return [
        case for case in store.list_waiting(CaseWaitsFor.TICKET) if case.state is CaseState.OPEN
    ]


def get_evidence(*, ticket_id: str, now: int) -> TicketEvidence:
    """Return a ticket with everything that a decision needs. Each call is logged. Raises `NotFound`.

    `pictures` also holds the publisher's photo of the person (`ROSTER`), if there is one.
    """
    case = load(ticket_id, CaseKind.TICKET)
    person = identity.look_up_person(account_id=case.account_id)
    accepted = [(kind.value, upload.key) for kind, upload in case.uploads.items() if upload.key]
    links = {name: store.picture_url(key) for name, key in accepted}
    if (url := identity.photo_url(person)) is not None:
        links[AdmitWith.ENROLLED.value] = url
    if case.exam_id is not None:
        with contextlib.suppress(NotFound):
            links[ROSTER] = roster_photos.picture_url(
                exam_id=case.exam_id, person_hash=person.person_hash, now=now
            )
    log.event("evidence_shown", ticket=ticket_id, pictures=sorted(links))
    return TicketEvidence(case, person, links)


def decide_ticket(
    *, ticket_id: str, ruling: Ruling, version_seen: int, corrects: bool = False, now: int
) -> Case:
    """Accept or reject a ticket, or correct the decision about it once (`corrects`).

    The decision is written first, then passed on to the attempt. After a crash, the same command or the schedule
    completes it. Raises `NotFound`, `Conflict` (`ticket_decided`, `ticket_changed`, `nothing_to_admit`,
    `photo_unusable`, `grant_needed`, `attempt_submitted`, `entry_not_needed`, `entry_not_later`, `too_many_chances`;
    of a correction `ticket_open`, `ticket_corrected`, `ticket_unsettled`).
    """
    case = load(ticket_id, CaseKind.TICKET)
    known = [case.ruling, case.corrected.ruling if case.corrected else None]
    is_new = all(one is None or one.command_id != ruling.command_id for one in known)
    if is_new and ruling.accepted and case.attempt_id is not None:
        _refuse_grant(case, ruling, case.attempt_id)
    rule = model.correct_ticket if corrects else model.decide_ticket
    decided = decide(ticket_id, CaseKind.TICKET, lambda c: rule(c, ruling, version_seen))
    return _finish(decided, now)


def _refuse_grant(case: Case, ruling: Ruling, attempt_id: str) -> None:
    """Refuse what cannot be given now, and a face check ticket that is accepted without giving anything."""
    if ruling.gives is not Grant.NOTHING:
        operating.refuse_grant(
            attempt_id=attempt_id,
            grant=ruling.gives,
            chances=ruling.chances,
            enter_until=ruling.enter_until,
        )
        return
    unsaid = ruling.grant is None and case.trouble is Trouble.FACE_CHECK
    if unsaid and not operating.is_submitted(attempt_id=attempt_id):
        raise Conflict("grant_needed")


def _finish(case: Case, now: int) -> Case:
    """Pass a decision on to its attempt, if that has not happened yet. Returns the case after it."""
    ruling, attempt_id = case.ruling, case.attempt_id
    if case.waits_for is not CaseWaitsFor.WAIVER or ruling is None or attempt_id is None:
        return case
    given = operating.settle_ticket(attempt_id=attempt_id, order=_order(case, ruling), now=now)
    return decide(case.case_id, CaseKind.TICKET, lambda c: model.settle_ticket(c, given, now))


def _order(case: Case, ruling: Ruling) -> TicketOrder:
    """The decision as the attempt takes it."""
    waiver = None
    if ruling.admit_with is not None:
        waiver = Waiver(
            case_id=case.case_id,
            operator=ruling.operator,
            reason=ruling.reason,
            at=ruling.at,
            enter_until=ruling.enter_until,
            reference=case.reference(ruling.admit_with),
            operator_id=ruling.operator_id,
        )
    return TicketOrder(
        command_id=f"{case.case_id}/2" if case.corrected else case.case_id,
        case_id=case.case_id,
        operator=ruling.operator,
        operator_id=ruling.operator_id,
        reason=ruling.reason,
        at=ruling.at,
        waiver=waiver,
        enter_until=ruling.enter_until,
        chances=ruling.chances,
        extra_ms=ruling.extra_ms,
        before=model.gave(case.corrected) if case.corrected else None,
    )
