"""The rules of what a decided ticket gives in its attempt, and of what a corrected decision takes back. Pure.

A decision is carried out once: its audit in the attempt says so, and holds what was really given. Time that was given
is never taken back, because deadlines and entries never move earlier. An admission and chances are taken back as far
as they were not used.
"""

import enum

import msgspec

from chalicelib.attempts import waiving
from chalicelib.attempts.commands import MOST_CHANCES, more_time
from chalicelib.attempts.model import (
    Attempt,
    AttemptAudit,
    Chances,
    Status,
    Waiver,
    refuse_submitted,
)
from chalicelib.attempts.outcomes import Audited, chances_changed
from chalicelib.kernel.commands import find_command, with_newest
from chalicelib.kernel.outcomes import Outcome, Outcomes, applied
from chalicelib.shared.errors import Conflict


class Grant(enum.Enum):
    """What an accepted ticket gives."""

    ADMISSION = "admission"  # 免人脸核验入场
    ENTRY = "entry"  # a later last time for the first start
    CHANCES = "chances"  # more verification chances
    TIME = "time"  # more time to write
    NOTHING = "nothing"  # an answer alone


class Given(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a decision has really changed. `after_start`: the chances are those of coming back.

    `kept`: what an earlier decision gave and the corrected one could not take back.
    """

    admitted: bool = False
    enter_until: int | None = None
    chances: int = 0
    after_start: bool = False
    extra_ms: int = 0
    withdrawn: bool = False
    kept: tuple[Grant, ...] = ()


class TicketOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about a ticket as it is passed on to the attempt.

    `command_id`: its name in the audit. `waiver`: how the person is admitted, if they are. `before`: what the decision
    gave that this one corrects.
    """

    command_id: str
    case_id: str
    operator: str
    operator_id: str
    reason: str
    at: int
    waiver: Waiver | None = None
    enter_until: int | None = None
    chances: int = 0
    extra_ms: int = 0
    before: Given | None = None


def refuse_grant(
    attempt: Attempt, grant: Grant, *, chances: int = 0, enter_until: int | None = None
) -> None:
    """Refuse a decision that could not be carried out, or that would change nothing though it says so.

    Raises `Conflict` (`attempt_submitted`; `entry_not_needed`: the candidate has started; `entry_not_later`: they may
    start until then anyway; `too_many_chances`).
    """
    refuse_submitted(attempt)
    if grant is Grant.ENTRY and attempt.status is Status.STARTED:
        raise Conflict("entry_not_needed")
    if grant is Grant.ENTRY and (enter_until or 0) <= attempt.entry_until:
        raise Conflict("entry_not_later")
    if attempt.chances_now.granted + chances > MOST_CHANCES:
        raise Conflict("too_many_chances", most=MOST_CHANCES)


def give(attempt: Attempt, order: TicketOrder) -> Outcomes:
    """Carry out a decision, once. A closed round never changes."""
    if attempt.status is Status.SUBMITTED or find_command(attempt.audit, order.command_id):
        return ()
    outcomes, kept = _take_back(attempt, order)
    withdrawn = bool(outcomes)
    given: Outcomes = ()
    between = applied(attempt, outcomes)
    entered = _entry(between, order)
    more = min(order.chances, MOST_CHANCES - between.chances_now.granted)
    if order.waiver is not None:
        given += waiving.waive(between, order.waiver)
    elif entered is not None:
        given += waiving.extend_entry(between, entered)
    if more > 0:
        given += (_changed(between, more, after_start=between.status is Status.STARTED),)
    extra_ms = _extra(order)
    if extra_ms > 0:
        given += more_time(between, extra_ms)
    told = Given(
        admitted=order.waiver is not None,
        enter_until=entered,
        chances=max(0, more),
        after_start=more > 0 and between.status is Status.STARTED,
        extra_ms=max(order.extra_ms, _before(order).extra_ms) if order.extra_ms else 0,
        withdrawn=withdrawn,
        kept=kept,
    )
    return (*outcomes, *given, _audited(attempt, order, told))


def given(after: Attempt, order: TicketOrder) -> Given | None:
    """What this decision has given; None when it was not carried out because the attempt was closed."""
    entry = find_command(after.audit, order.command_id)
    if entry is None:
        return None
    try:
        return msgspec.json.decode(entry.detail, type=Given)
    except msgspec.MsgspecError:  # an entry of an earlier release names the photo
        return Given(admitted=True, enter_until=order.enter_until)


def moves_deadline_by(attempt: Attempt, order: TicketOrder) -> int:
    """By how much this decision may move the last deadline of the attempt (ms)."""
    until = _entry(attempt, order)
    later = 0 if until is None else max(0, until - attempt.entry_until)
    return later + max(0, _extra(order))


def _extra(order: TicketOrder) -> int:
    """The time that the decision adds to what the corrected one gave (ms)."""
    return order.extra_ms - _before(order).extra_ms


def _before(order: TicketOrder) -> Given:
    return order.before or Given()


def _entry(attempt: Attempt, order: TicketOrder) -> int | None:
    """Until when this person may start by the decision; None for who has started, or may start later anyway."""
    until = order.enter_until
    if until is None or attempt.status is not Status.OPENED or until <= attempt.entry_until:
        return None
    return until


def _take_back(attempt: Attempt, order: TicketOrder) -> tuple[Outcomes, tuple[Grant, ...]]:
    """Take back what the corrected decision gave, as far as it was not used; and what of it stays."""
    before = _before(order)
    outcomes: Outcomes = ()
    kept: list[Grant] = []
    if before.admitted and order.waiver is None:
        withdrawn = waiving.withdraw(attempt, order.case_id)
        outcomes += withdrawn
        if not withdrawn:
            kept.append(Grant.ADMISSION)
    if before.enter_until is not None and order.enter_until is None:
        kept.append(Grant.ENTRY)
    if before.chances:
        chances = _chances(attempt, after_start=before.after_start)
        less = min(before.chances, chances.left)
        if less:
            outcomes += (_changed(attempt, -less, after_start=before.after_start),)
        if before.chances - less > order.chances:
            kept.append(Grant.CHANCES)
    if before.extra_ms > order.extra_ms:
        kept.append(Grant.TIME)
    return outcomes, tuple(kept)


def _chances(attempt: Attempt, *, after_start: bool) -> Chances:
    return attempt.chances_after_start if after_start else attempt.chances


def _changed(attempt: Attempt, count: int, *, after_start: bool) -> Outcome:
    chances = _chances(attempt, after_start=after_start)
    more = msgspec.structs.replace(chances, granted=chances.granted + count)
    return chances_changed(more, after_start=after_start)


def _audited(attempt: Attempt, order: TicketOrder, told: Given) -> Audited:
    what = "waive_face_check" if told.admitted else "decide_ticket"
    entry = AttemptAudit.of(
        order,
        "correct_ticket" if order.before is not None else what,
        order.at,
        detail=msgspec.json.encode(told).decode(),
    )
    audit = with_newest(attempt.audit, entry)
    if (
        told.chances or told.extra_ms
    ):  # commands that were decided on an earlier version are refused
        return Audited(audit=audit, ordered_version=attempt.version + 1)
    return Audited(audit=audit)
