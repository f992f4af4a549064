"""Invariant 30: announcements, receipts, and requests for help."""

from collections.abc import Iterator

from chalicelib.attempts.model import Attempt, HelpRequest, Receipt, Status
from tests.proof.invariants import View, invariant


@invariant(
    30,
    "What was announced to somebody stays; a receipt says what they have confirmed, and never falls; "
    "a request for help is open until an announcement answers it or the paper is submitted",
)
def announcements_stay(view: View) -> Iterator[str]:
    for old, new, change in view.pairs():
        if new.announced < old.announced or new.personal[: len(old.personal)] != old.personal:
            yield f"{change.attempt_id}: an announcement is gone"
        if _lower(new.receipt, old.receipt):
            yield f"{change.attempt_id}: its receipt fell to {new.receipt}"
        if new.help != old.help and not _follows(old, new):
            yield f"{change.attempt_id}: {old.help} became {new.help}"
    for attempt_id, attempt in view.attempts.items():
        yield from _unlike_the_book(view, attempt_id, attempt)


def _lower(new: Receipt | None, old: Receipt | None) -> bool:
    after, before = new or Receipt(), old or Receipt()
    return after.for_all < before.for_all or after.personal < before.personal


def _follows(old: Attempt, new: Attempt) -> bool:
    """Return whether the new request for help is the next one, or the old one with its answer."""
    before, after = old.help or HelpRequest(0, "", None, 0), new.help  # type: ignore[arg-type]
    if after is None or new.status is Status.SUBMITTED:
        return False
    if after.number == before.number:
        return old.open_help is not None and len(new.personal) == len(old.personal) + 1
    return after.number == before.number + 1 and old.open_help is None


def _unlike_the_book(view: View, attempt_id: str, attempt: Attempt) -> Iterator[str]:
    """Compare the receipt with what the person sent, and with what was acknowledged."""
    receipt = attempt.receipt or Receipt()
    mine = [
        entry
        for other, found in view.attempts.items()
        if found.account_id == attempt.account_id
        for entry in view.exchanges_of.get(other, ())
        if entry.what == "POST announcements/read"
    ]
    for kind, name in (("for_all", "for_all"), ("to_me", "personal")):
        stored = getattr(receipt, name)
        if stored > max((entry.body.get(kind, 0) for entry in mine), default=0):
            yield f"{attempt_id}: nobody has confirmed {stored} ({kind})"
    for entry in mine:
        then = view.after(entry)
        open_then = then is not None and then.status is not Status.SUBMITTED
        if entry.attempt_id == attempt_id and entry.ok and open_then:
            sent = Receipt(entry.body.get("for_all", 0), entry.body.get("to_me", 0))
            if _lower(receipt, sent):
                yield f"{attempt_id}: the receipt {sent} was acknowledged, stored is {receipt}"
