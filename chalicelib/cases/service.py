"""Use cases of tickets 去反馈: open, upload, decide, and let the decision reach the attempt."""

import hashlib
from collections.abc import Callable

import msgspec

from chalicelib.attempts import service as attempts
from chalicelib.attempts.model import Waiver
from chalicelib.cases import model, store
from chalicelib.cases.model import (
    AdmitWith,
    Case,
    CaseKind,
    CaseState,
    Changes,
    Effect,
    Ruling,
    Trouble,
    Upload,
    UploadKind,
    UploadState,
    WaitsFor,
)
from chalicelib.exams import service as exams
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person
from chalicelib.shared import ids, log
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.lines import parse_text
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.secrets import keyed_digest

_TRIES = 3  # a lost race is decided again this often
_NUMBER_SIGNS = 12  # 60 bits: nobody guesses one, and it can be read out on the telephone
_PICTURE_SIDE = 1600  # a screenshot stays legible


class Evidence(msgspec.Struct, frozen=True):
    """A ticket with its person, and links that each serve one look within a minute."""

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
    now: int,
) -> Case:
    """去反馈: ask an operator for help, about an attempt of mine, an exam, or neither.

    Its number is a function of account and request, so that a repeat finds its own ticket. Raises `Invalid`,
    `NotFound`, `Conflict` (`too_many_tickets`), `TooMany`.
    """
    plain = parse_text(text, "text", most=model.TEXT_SIGNS)
    case_id = _number(account_id, request_id)
    if attempt_id is not None:
        attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
        exam_id = attempt.exam_id
    elif exam_id is not None:
        exam_id = exams.get_exam(exam_id).exam_id
    # The register comes first: it bounds how many there are. A crash before the case leaves an entry that
    # the same request completes, or that is forgotten.
    _register(account_id, case_id, now)
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
            uploads={kind: Upload() for kind in UploadKind},
            waits_for=WaitsFor.TICKET,
        )
    )


def _number(account_id: str, request_id: str) -> str:
    signs = ids.spell(keyed_digest("ticket", account_id, request_id)[:_NUMBER_SIGNS])
    return "tk-" + "-".join(signs[start : start + 4] for start in range(0, _NUMBER_SIGNS, 4))


def _register(account_id: str, case_id: str, now: int) -> None:
    for _ in range(_TRIES):
        register = store.load_register(account_id)
        found = {known: store.load_case(known) for known in register.open_ids}
        entries = model.enter(register, case_id, found, now)
        if entries is None:
            return
        try:
            store.write_register(register, entries)
            return
        except store.ChangedMeanwhile:
            continue
    raise Conflict("busy")


def get_ticket(*, ticket_id: str, account_id: str) -> Case:
    """My ticket. Raises `NotFound`."""
    case = _load(ticket_id)
    if case.account_id != account_id:
        raise NotFound("not_found")
    return case


def list_tickets(*, account_id: str) -> list[Case]:
    """My newest tickets, newest first."""
    register = store.load_register(account_id)
    found = (store.load_case(entry.case_id) for entry in register.entries)
    return [case for case in found if case is not None]


def upload_ticket(case: Case, kind: UploadKind, *, now: int) -> UploadTicket | None:
    """A ticket for one of the pictures, as long as it is awaited. Costs no AWS call."""
    if not model.awaits(case, kind):
        return None
    return store.upload_ticket(case.case_id, kind.value, model.UPLOAD_LIFETIME_S, now)


# --- events ---------------------------------------------------------------------------------------------


def judge_ticket_upload(*, key: str, version_id: str | None, now: int) -> None:
    """Look at an uploaded picture: keep it without metadata, with the face on it if there is one.

    May be called twice, late, or for nothing. Raises `faces.EngineUnavailable`, so that the event comes again.
    """
    case_id, _, name = key.removeprefix(f"{store.UPLOADS}/").partition("/")
    case = store.load_case(case_id)
    kind = next((kind for kind in UploadKind if kind.value == name), None)
    if case is None or kind is None or not model.awaits(case, kind):
        return
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    upload = _examine(case_id, stored.data, now)
    _decide(case_id, lambda c: model.settle_upload(c, kind, upload))
    log.event("ticket_upload_judged", ticket=case_id, upload=name, refused=upload.reason)


def _examine(case_id: str, data: bytes, now: int) -> Upload:
    from chalicelib.shared import pictures

    try:
        picture = pictures.decode_picture(data)
    except pictures.PictureRefused as refused:
        return Upload(UploadState.REFUSED, refused.reason, judged_at=now)
    encoded = pictures.encode_jpeg(picture, max_side=_PICTURE_SIDE)
    reference, unusable = identity.find_reference(encoded)
    digest = hashlib.sha256(encoded).hexdigest()
    # Named by its content: two pictures posted to one ticket cannot replace each other after judging.
    kept = f"{store.KEPT}/{case_id}/{digest}.jpg"
    store.write_picture(kept, encoded)
    return Upload(UploadState.ACCEPTED, "", kept, digest, unusable, reference, now)


def finish_decisions(*, now: int) -> int:
    """Let decisions reach their attempts that a crash left behind; called by the schedule.

    One that fails does not keep the others waiting. Returns how many were looked at.
    """
    waiting = store.list_waiting(WaitsFor.WAIVER)
    for case in waiting:
        try:
            _finish(_load(case.case_id), now)
        except Exception as error:  # whatever is wrong with this one, the others must be finished
            log.crash(error, ticket=case.case_id)
    return len(waiting)


# --- operators ------------------------------------------------------------------------------------------


def list_open_tickets() -> list[Case]:
    """Tickets that nobody has decided, the oldest first."""
    return [case for case in store.list_waiting(WaitsFor.TICKET) if case.state is CaseState.OPEN]


def get_evidence(*, ticket_id: str) -> Evidence:
    """A ticket with all that a decision needs; each look is logged. Raises `NotFound`."""
    case = _load(ticket_id)
    person = identity.look_up_person(account_id=case.account_id)
    accepted = [(kind.value, upload.key) for kind, upload in case.uploads.items() if upload.key]
    found = {name: store.picture_url(key) for name, key in accepted}
    if (url := identity.photo_url(person)) is not None:
        found[AdmitWith.ENROLLED.value] = url
    log.event("evidence_shown", ticket=ticket_id, pictures=sorted(found))
    return Evidence(case, person, found)


def decide_ticket(*, ticket_id: str, ruling: Ruling, version_seen: int, now: int) -> Case:
    """Accept or reject a ticket; an accepted one may admit without the face check.

    The decision is written first, then it reaches the attempt; the same command again, or the schedule,
    completes what a crash left undone. Raises `NotFound`, `Conflict` (`ticket_decided`, `ticket_changed`,
    `nothing_to_admit`, `photo_unusable`, `attempt_submitted`).
    """
    case = _load(ticket_id)
    if case.ruling is None and ruling.admit_with is not None and case.attempt_id is not None:
        attempts.refuse_waiver(attempt_id=case.attempt_id)
    return _finish(_decide(ticket_id, lambda c: model.rule(c, ruling, version_seen)), now)


def _finish(case: Case, now: int) -> Case:
    """Let a decision reach the attempt that it is about, if it has not yet."""
    ruling, attempt_id = case.ruling, case.attempt_id
    if case.waits_for is not WaitsFor.WAIVER or ruling is None or attempt_id is None:
        return case
    assert ruling.admit_with is not None  # what it waits for
    waiver = Waiver(
        case_id=case.case_id,
        operator=ruling.operator,
        reason=ruling.reason,
        at=ruling.at,
        enter_until=ruling.enter_until,
        reference=case.reference(ruling.admit_with),
    )
    admitted = attempts.waive_face_check(attempt_id=attempt_id, waiver=waiver, now=now)
    effect = Effect.ADMITTED if admitted else Effect.TOO_LATE
    return _decide(case.case_id, lambda c: model.take_effect(c, effect))


def _load(case_id: str) -> Case:
    case = store.load_case(case_id)
    if case is None:
        raise NotFound("not_found")
    return case


def _decide(case_id: str, rule: Callable[[Case], Changes]) -> Case:
    """Read, decide, write once; a lost race is decided again."""
    for _ in range(_TRIES):
        case = _load(case_id)
        changes = rule(case)
        try:
            return store.change_case(case, changes) if changes else case
        except store.ChangedMeanwhile:
            continue
    raise Conflict("busy")
