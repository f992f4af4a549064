"""Use cases of the feeds for partner platforms: one feed for each person, one for each organisation (decision 0018).

To write an entry, a caller reads the feed of the person first, then attempt and certificate. It writes the next entry
on condition that nobody has written one meanwhile, and repeats this until there is nothing to write. So a later entry
always holds a later state, and the last entry holds the present one. Then each entry is copied once, in order, into the
feed of the organisation.
"""

import msgspec

from chalicelib.attempts import grading
from chalicelib.attempts.deciding import load as load_attempt
from chalicelib.attempts.deciding import score as score_of
from chalicelib.attempts.model import Attempt, Status
from chalicelib.exams import service as exams
from chalicelib.kernel.deciding import retried
from chalicelib.results import feed, model, store
from chalicelib.results.feed import CertificateNews, FeedEntry, FeedResult, PlacedEntry
from chalicelib.results.keeping import number_of
from chalicelib.shared import log
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.table import Item

_TRIES = 10  # many people submit at the same time; after so many lost races the next minute's schedule tries again


class FeedPage(msgspec.Struct, frozen=True):
    """Entries of a feed after a cursor. `more`: whether there are later ones."""

    entries: tuple[PlacedEntry, ...]
    more: bool


def person_ref(account_id: str) -> str:
    """Return the reference of a person in the feeds. Without our key nobody can compute it or trace it back."""
    return keyed_hash("partner-person", account_id)


def organisation_ref(name: str) -> str:
    """Return the reference of an organisation's feed."""
    return keyed_hash("partner-organisation", feed.plain_organisation(name))


def tell_result(*, attempt_id: str, now: int) -> None:
    """Write the entries that the feeds lack about a submitted attempt and its certificate.

    It may be called twice, late, out of order or at the same time: an entry holds the present state and is written
    once. Raises `NotFound`, `Conflict`: `busy`.
    """
    account_id = load_attempt(attempt_id, None).account_id
    if retried(lambda: _tell(account_id, attempt_id, now), tries=_TRIES):
        _copy(account_id, attempt_id)


def _tell(account_id: str, attempt_id: str, now: int) -> bool:
    """Write entries of a person until there is nothing new to write. Returns False when the attempt is not submitted.

    It reads everything again after each write, so a later entry holds a later state. Raises `LostRace`.
    """
    while True:
        entries = store.list_entries(store.person_feed(person_ref(account_id)))
        of_attempt = feed.about(entries, attempt_id)
        attempt = load_attempt(attempt_id, account_id)
        if attempt.status is not Status.SUBMITTED:
            return False
        result = _feed_result(attempt, of_attempt[-1].entry if of_attempt else None)
        entry = feed.next_entry(of_attempt, result, now)
        if entry is None:
            return True
        _append(entries, entry)


def _append(entries: list[PlacedEntry], entry: FeedEntry) -> None:
    """Write the next entry into a person's feed. Raises `LostRace` when somebody else has written one meanwhile."""
    of_organisation = organisation_ref(entry.result.organisation)
    beyond = store.last_sequence(store.organisation_feed(of_organisation))
    placed = PlacedEntry(entries[-1].sequence + 1 if entries else 1, entry, beyond)
    store.put_entry(store.person_feed(entry.result.person), placed)
    details = {"revision": entry.revision, "kind": entry.kind.value}
    log.event("result_told", attempt=entry.result.attempt_id, **details)


def _copy(account_id: str, attempt_id: str) -> None:
    """Copy the entries without a noted copy, oldest first. Raises `Conflict`: `busy`."""
    source = store.person_feed(person_ref(account_id))
    for placed in feed.about(store.list_entries(source), attempt_id):
        if not placed.copied:
            name = placed.entry.result.organisation
            target = store.organisation_feed(organisation_ref(name))
            store.note_copied(source, placed, _copied(target, placed))


def _copied(target: str, placed: PlacedEntry) -> int:
    """Return the sequence of the copy of this entry. Write the copy if it is not there.

    The copy comes after the end that the target had before the entry was written. The copy is written at the end
    that was read. If somebody else writes there at the same time, it reads again and finds a copy that they made.
    Raises `Conflict`: `busy`.
    """
    end = placed.beyond

    def find_or_write() -> int:
        nonlocal end
        for other in store.list_entries(target, beyond=end):
            end = other.sequence
            if _same(other.entry, placed.entry):
                return other.sequence
        store.put_entry(target, PlacedEntry(end + 1, placed.entry))
        return end + 1

    return retried(find_or_write, tries=_TRIES)


def _same(one: FeedEntry, other: FeedEntry) -> bool:
    return (one.result.attempt_id, one.revision) == (other.result.attempt_id, other.revision)


def _feed_result(attempt: Attempt, before: FeedEntry | None) -> FeedResult:
    assert attempt.submitted_at is not None  # it is submitted
    score, person = score_of(attempt), attempt.identity
    title = before.result.exam_title if before else exams.get_exam(attempt.exam_id).title
    return FeedResult(
        attempt_id=attempt.attempt_id,
        round=attempt.round,
        person=person_ref(attempt.account_id),
        name=person.name,
        id_number_masked=person.id_number_masked,
        role=person.role,
        organisation=person.organisation,
        exam_id=attempt.exam_id,
        exam_title=title,
        submitted_at=attempt.submitted_at,
        verdict_at=attempt.verdict_at,
        complaint_until=attempt.complaint_until,
        outcome=grading.outcome(attempt, passed=score.passed),
        provisional=not grading.is_final(attempt, attempt.verdict_at),
        points=score.points,
        out_of=score.out_of,
        passed=score.passed,
        certificate=_certificate(attempt),
        series_id=attempt.series.series_id if attempt.series else "",
        sitting=attempt.sitting,
    )


def _certificate(attempt: Attempt) -> CertificateNews | None:
    record = store.load_certificate(number_of(attempt))
    if record is None:
        return None
    certificate = record.certificate
    status = model.status(certificate, certificate.edition, genuine=record.genuine)
    number = model.edition_number(certificate.number, certificate.edition)
    return CertificateNews(number, status)


# --- reading ---


def entry_of_organisation(item: Item) -> PlacedEntry | None:
    """Return the entry that a stored item holds; None unless it stands in the feed of an organisation."""
    return store.entry_from_item(item) if store.is_of_organisation(item) else None


def read_organisation(*, name: str, after: int) -> FeedPage:
    """Return the entries of an organisation's feed after the sequence `after`, at most `feed.PAGE`."""
    entries = store.list_entries(
        store.organisation_feed(organisation_ref(name)), beyond=after, most=feed.PAGE + 1
    )
    return FeedPage(tuple(entries[: feed.PAGE]), len(entries) > feed.PAGE)


def read_person(*, ref: str) -> list[FeedEntry]:
    """Return the newest entry of each attempt of a person, the last submitted first. Empty for an unknown `ref`."""
    return feed.newest_of_each(store.list_entries(store.person_feed(ref)))
