"""Use cases of the notices about decisions: the stream sends them at once, the schedule sends what it missed."""

from collections.abc import Callable

from chalicelib.accounts import service as accounts
from chalicelib.cases import outbox, store, telling
from chalicelib.cases.deciding import decide
from chalicelib.cases.model import Case, Notice, NoticeState
from chalicelib.exams import service as exams
from chalicelib.kernel.deciding import LostRace
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.notices import sms
from chalicelib.notices.port import Message
from chalicelib.shared import log
from chalicelib.shared.errors import NotFound, Unavailable
from chalicelib.shared.time_slices import TimeSlice


def send_notice(*, case_id: str, now: int) -> bool:
    """Send a pending notice if it is due and nobody else sends it. Returns whether the provider accepted it.

    When the provider does not answer, the schedule tries again after growing waits. When the provider refuses it for
    good, or after the last try, the notice becomes dead. Raises `NotFound`, `Conflict` (`busy`).
    """
    case = _load(case_id)
    if not outbox.due(case, now):
        return False
    claimed = _claim(case, now)
    if claimed is None:
        return False
    try:
        contact = accounts.get_contact(account_id=case.account_id)
        sms.send(
            Message(
                message_id=claimed.notice_id,
                number=contact.number,
                template=claimed.template,
                variables=telling.variables_of(case, contact.name, _exam_title(case)),
                language=case.language or contact.language,
                tried_at=claimed.at if outbox.may_have_been_sent(claimed, now) else None,
            )
        )
    except (sms.Rejected, NotFound) as error:
        log.crash(error, case=case_id)
        _decide(case, lambda c: outbox.note_failure(c, claimed, now, for_good=True))
        log.metric("NoticesGivenUp", 1, case=case_id)
        return False
    except Unavailable as error:
        log.crash(error, case=case_id)
        after = _decide(case, lambda c: outbox.note_failure(c, claimed, now, for_good=False))
        if after.notice_pending is NoticeState.DEAD:
            log.metric("NoticesGivenUp", 1, case=case_id)
        return False
    _decide(case, lambda c: outbox.note_sent(c, claimed, now))
    log.event("notice_sent", case=case_id, notice=claimed.notice_id, tries=claimed.tries)
    return True


def _exam_title(case: Case) -> str:
    """Return the title of the exam that a case is about; "" when it is about none, or the exam is gone."""
    try:
        return exams.get_exam(case.exam_id).title if case.exam_id else ""
    except NotFound:
        return ""


def _load(case_id: str) -> Case:
    case = store.load_case(case_id)
    if case is None:
        raise NotFound("not_found")
    return case


def _decide(case: Case, rule: Callable[[Case], Outcomes]) -> Case:
    return decide(case.case_id, case.kind, rule)


def _claim(case: Case, now: int) -> Notice | None:
    """Claim the notice and return it; None when somebody else was faster."""
    try:
        return store.change_case(case, outbox.claim(case, now)).notice
    except LostRace:  # the other caller sends it, or the schedule does
        return None


def send_waiting(*, now: Callable[[], int], time_slice: TimeSlice | None = None) -> int:
    """Send the notices that the stream missed or that failed before. The schedule calls it.

    A notice that cannot be sent does not stop the others. Returns how many were sent.
    """
    sent = 0
    waiting = store.list_notices(NoticeState.PENDING)
    for case in (time_slice or TimeSlice()).each(waiting, lambda case: case.case_id):
        try:
            sent += send_notice(case_id=case.case_id, now=now())
        except Exception as error:  # an error of one notice must not stop the others
            log.crash(error, case=case.case_id)
    if dead := store.list_notices(NoticeState.DEAD):
        log.metric("NoticesDead", len(dead), cases=[case.case_id for case in dead][:20])
    return sent


def resend_notices() -> list[str]:
    """Let all dead notices be tried again. The schedule does it within a minute.

    Returns the ids of all cases whose notice waits to be sent, so that a repeat returns the same.
    """
    for case in store.list_notices(NoticeState.DEAD):
        _decide(case, outbox.revive)
    return [case.case_id for case in store.list_notices(NoticeState.PENDING)]
