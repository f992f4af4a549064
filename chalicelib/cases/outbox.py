"""Rules of the notice about a decision: claimed, handed over, sent, tried again, given up. Pure.

A notice waits in its own case from the write that decides. Whoever sends it claims it first, so that stream and
schedule never send the same one at the same time. A crash between the provider's yes and the note of it lets the
claim run out, and the notice is handed over again under the same id: the provider knows it by that.
"""

import msgspec

from chalicelib.cases.model import Case, Changes, Notice, NoticeState
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS

CLAIM_MS = 90 * SECOND_MS  # longer than any function that sends may run
MOST_TRIES = 12  # with the waits below more than six hours
_LONGEST_WAIT_MS = HOUR_MS


def due(case: Case, now: int) -> bool:
    """Whether this notice may be handed over now."""
    notice = case.notice
    if notice is None or case.notice_pending is not NoticeState.PENDING:
        return False
    return now >= max(notice.claimed_until, notice.next_at)


def claim(case: Case, now: int) -> Changes:
    """Keep others from sending for a while; nothing when it is not due."""
    if case.notice is None or not due(case, now):
        return {}
    tries, until = case.notice.tries + 1, now + CLAIM_MS
    return {"notice": msgspec.structs.replace(case.notice, tries=tries, claimed_until=until)}


def may_have_been_sent(claimed: Notice, now: int) -> bool:
    """Whether somebody may have handed this claimed notice over before: the second try, or after it was given up."""
    return claimed.tries > 1 or now - claimed.at >= CLAIM_MS


def sent(case: Case, now: int) -> Changes:
    """The provider has taken it."""
    if case.notice is None or case.notice.sent_at is not None:
        return {}
    return {
        "notice": msgspec.structs.replace(case.notice, sent_at=now, claimed_until=0),
        "notice_pending": None,
    }


def failed(case: Case, claimed: Notice, now: int, *, for_good: bool) -> Changes:
    """It was not taken: later again, or given up when the provider never will, or after the last try.

    Only the claim that failed is given back: somebody may have claimed it anew meanwhile.
    """
    if case.notice != claimed:
        return {}
    wait_ms = min(MINUTE_MS * 2 ** (claimed.tries - 1), _LONGEST_WAIT_MS)
    freed = msgspec.structs.replace(claimed, claimed_until=0, next_at=now + wait_ms)
    given_up = for_good or claimed.tries >= MOST_TRIES
    return {
        "notice": freed,
        "notice_pending": NoticeState.DEAD if given_up else NoticeState.PENDING,
    }


def revive(case: Case) -> Changes:
    """Have a given-up notice tried again, at once and with all tries; nothing when it is not given up."""
    if case.notice is None or case.notice_pending is not NoticeState.DEAD:
        return {}
    fresh = Notice(case.notice.notice_id, case.notice.template, case.notice.at)
    return {"notice": fresh, "notice_pending": NoticeState.PENDING}
