"""Rules of the notice about a decision: claimed, handed over, sent, tried again, given up. Pure.

The write that decides a case also writes its notice. Whoever sends the notice claims it first, so that stream and
schedule never send it at the same time. After a crash between the provider's answer and the note of it, the claim runs
out and the notice is handed over again with the same id. The provider recognises it by that id.
"""

import msgspec

from chalicelib.cases.model import Case, Notice, NoticeState
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS

CLAIM_MS = 90 * SECOND_MS  # longer than any function that sends may run
MOST_TRIES = 12  # with the waits below more than six hours
_LONGEST_WAIT_MS = HOUR_MS


@outcome_of(Case)
class NoticeClaimed(Outcome, frozen=True):
    """Somebody is about to send the notice. Nobody else sends it for a while."""

    notice: Notice


@outcome_of(Case)
class NoticeSent(Outcome, frozen=True):
    """The provider accepted the notice."""

    notice: Notice
    notice_pending: NoticeState | None = None


@outcome_of(Case)
class NoticeNotTaken(Outcome, frozen=True):
    """The provider did not accept the notice. It waits for its next try, or is given up (`DEAD`)."""

    notice: Notice
    notice_pending: NoticeState


@outcome_of(Case)
class NoticeRevived(Outcome, frozen=True):
    """A notice that was given up is tried again. Its tries are counted anew."""

    notice: Notice
    notice_pending: NoticeState = NoticeState.PENDING


def due(case: Case, now: int) -> bool:
    """Whether the notice of this case may be sent now."""
    notice = case.notice
    if notice is None or case.notice_pending is not NoticeState.PENDING:
        return False
    return now >= max(notice.claimed_until, notice.next_at)


def claim(case: Case, now: int) -> Outcomes:
    """Claim the notice for a while, so that nobody else sends it. Decides nothing when the notice is not due."""
    if case.notice is None or not due(case, now):
        return ()
    tries, until = case.notice.tries + 1, now + CLAIM_MS
    claimed = msgspec.structs.replace(case.notice, tries=tries, claimed_until=until)
    return (NoticeClaimed(notice=claimed),)


def may_have_been_sent(claimed: Notice, now: int) -> bool:
    """Whether this claimed notice may have been sent before: it is not the first try, or it is an old notice."""
    return claimed.tries > 1 or now - claimed.at >= CLAIM_MS


def note_sent(case: Case, claimed: Notice, now: int) -> Outcomes:
    """Note that the provider has accepted the notice. Decides nothing when the case has another notice by now."""
    if case.notice is None or case.notice.sent_at is not None:
        return ()
    if case.notice.notice_id != claimed.notice_id:  # the decision was corrected meanwhile
        return ()
    return (NoticeSent(notice=msgspec.structs.replace(case.notice, sent_at=now, claimed_until=0)),)


def note_failure(case: Case, claimed: Notice, now: int, *, for_good: bool) -> Outcomes:
    """Note that the provider did not accept the notice. It is tried later, or given up.

    It is given up after the last try, or when the provider refuses it for good (`for_good`). Decides nothing when
    somebody else has claimed the notice meanwhile.
    """
    if case.notice != claimed:
        return ()
    wait_ms = min(MINUTE_MS * 2 ** (claimed.tries - 1), _LONGEST_WAIT_MS)
    freed = msgspec.structs.replace(claimed, claimed_until=0, next_at=now + wait_ms)
    given_up = for_good or claimed.tries >= MOST_TRIES
    pending = NoticeState.DEAD if given_up else NoticeState.PENDING
    return (NoticeNotTaken(notice=freed, notice_pending=pending),)


def revive(case: Case) -> Outcomes:
    """Let a dead notice be tried again at once; its tries are counted anew. Decides nothing about other notices."""
    if case.notice is None or case.notice_pending is not NoticeState.DEAD:
        return ()
    fresh = Notice(case.notice.notice_id, case.notice.template, case.notice.at)
    return (NoticeRevived(notice=fresh),)
