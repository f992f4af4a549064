"""Rules of what operators announce to a candidate, and of the receipts that the candidate gives. Pure."""

from chalicelib.attempts import helping
from chalicelib.attempts.model import (
    Attempt,
    AttemptAudit,
    PersonalAnnouncement,
    Receipt,
    Status,
    refuse_submitted,
)
from chalicelib.attempts.outcomes import Audited
from chalicelib.exams.model import Announcement
from chalicelib.kernel.commands import find_command, may_be_same_operator, with_newest
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.errors import Conflict, Invalid

MOST_PERSONAL = 20  # a save is billed by the size of the item


@outcome_of(Attempt)
class Announced(Outcome, frozen=True):
    """The attempt has an announcement to everybody: the number of the newest."""

    announced: int


@outcome_of(Attempt)
class AnnouncedPersonally(Outcome, frozen=True):
    """An operator announced something to this person: all such announcements, this one last."""

    personal: tuple[PersonalAnnouncement, ...]


@outcome_of(Attempt)
class ReceiptGiven(Outcome, frozen=True):
    """The candidate has read announcements."""

    receipt: Receipt


def follow(attempt: Attempt, newest: int) -> Outcomes:
    """Take over the number of the newest announcement to everybody. A submitted attempt needs none."""
    if attempt.status is Status.SUBMITTED or newest <= attempt.announced:
        return ()
    return (Announced(announced=newest),)


def announce(
    attempt: Attempt, announcement: Announcement, answers: int | None, now: int
) -> Outcomes:
    """Announce something to this person. `answers`: the number of the request for help that it answers and closes.

    The same command again changes nothing. Raises `Conflict` (`attempt_submitted`, `too_many_announcements`,
    `help_answered`, `command_id_taken`).
    """
    if _done(attempt, announcement):
        return ()
    refuse_submitted(attempt)
    if len(attempt.personal) >= MOST_PERSONAL:
        raise Conflict("too_many_announcements", most=MOST_PERSONAL)
    answered = () if answers is None else helping.answer(attempt, answers, now)
    personal = PersonalAnnouncement(announcement.command_id, announcement.text, now)
    what = "announce" if answers is None else "answer_help"
    # Commands of other operators do not wait for an announcement, so `ordered_version` stays.
    entry = AttemptAudit.of(announcement, what, now, detail=f"{len(attempt.personal) + 1}")
    return (
        AnnouncedPersonally(personal=(*attempt.personal, personal)),
        *answered,
        Audited(audit=with_newest(attempt.audit, entry)),
    )


def _done(attempt: Attempt, announcement: Announcement) -> bool:
    """Whether the command was carried out before. Raises `Conflict`: `command_id_taken`."""
    made = next((p for p in attempt.personal if p.command_id == announcement.command_id), None)
    entry = find_command(attempt.audit, announcement.command_id)
    if made is None and entry is None:
        return False
    same_text = made is not None and made.text == announcement.text
    if not same_text or (entry is not None and not may_be_same_operator(entry, announcement)):
        raise Conflict("command_id_taken")
    return True


def read(attempt: Attempt, for_all: int, personal: int, now: int) -> Outcomes:
    """Note that the candidate has read the announcements up to these numbers.

    A receipt only rises; the same one again changes nothing, and neither does one after the submission. Raises
    `Invalid` (`announcement_unknown`: there is no announcement with this number).
    """
    if for_all > attempt.announced or personal > len(attempt.personal):
        raise Invalid("announcement_unknown")
    if attempt.status is Status.SUBMITTED:
        return ()
    before = attempt.receipt or Receipt()
    if for_all <= before.for_all and personal <= before.personal:
        return ()
    after = Receipt(max(for_all, before.for_all), max(personal, before.personal), now)
    return (ReceiptGiven(receipt=after),)
