"""The use case of deletion: remove everything that shows a person's face.

It refuses while something is open, notes the request, removes from every store, and later checks once more.
"""

from chalicelib.attempts import forgetting as attempt_pictures
from chalicelib.attempts import service as attempts
from chalicelib.attempts.model import Attempt
from chalicelib.cases import forgetting as case_pictures
from chalicelib.cases.model import Case
from chalicelib.exams import roster_photos
from chalicelib.identity import forgetting as photos
from chalicelib.identity import service as identity
from chalicelib.identity.model import Deletion
from chalicelib.kernel.commands import find_command
from chalicelib.own_records import service as own_records
from chalicelib.results import forgetting as documents
from chalicelib.shared import log


def delete_person_data(*, account_id: str, deletion: Deletion, now: int) -> Deletion:
    """Delete what shows a person's face. Returns the deletion as it is noted now.

    Call it again with the same command until `done_at` is set. A picture may still arrive after the request, so only
    a call after `SETTLING_MS` sets `done_at`, and it removes from every store again. Consents, results and decisions
    stay. Raises `NotFound`, `Conflict` (`attempt_not_final`, `complaint_window_open`, `case_open`,
    `deletion_pending`, `busy`), `Unavailable`.
    """
    person = identity.look_up_person(account_id=account_id)
    earlier = find_command(person.deletions, deletion.command_id)
    if earlier is not None and earlier.done_at is not None:
        return earlier
    _find_settled(account_id, now)
    begun = photos.begin_deletion(account_id=account_id, deletion=deletion, now=now)
    # Somebody may have opened a case or an attempt before the request was noted.
    cases, papers = _find_settled(account_id, now)
    documents_kept = documents.forget_documents(account_id=account_id)
    removed = documents_kept.removed
    removed += sum(case_pictures.forget_pictures(case) for case in cases)
    removed += sum(
        attempt_pictures.forget_pictures(attempt_id=attempt.attempt_id, now=now)
        for attempt in papers
    )
    person_hashes = {person.person_hash, *(attempt.identity.person_hash for attempt in papers)}
    removed += sum(roster_photos.forget_photos(person_hash=number) for number in person_hashes)
    removed += own_records.forget_zips(account_id=account_id)
    removed += photos.forget_photos(account_id=account_id, keep=documents_kept.photo_ids)
    log.event("person_data_deleted", account=account_id, removed=removed)
    return photos.finish_deletion(
        account_id=account_id, command_id=begun.command_id, kept=documents_kept.numbers, now=now
    )


def _find_settled(account_id: str, now: int) -> tuple[list[Case], list[Attempt]]:
    """Return all cases and attempts of this person. Raises `Conflict` unless all of them are settled."""
    cases = case_pictures.list_cases(account_id=account_id)
    for case in cases:
        case_pictures.refuse_open(case)
    papers = attempts.list_attempts(account_id=account_id, now=now)
    for attempt in papers:
        attempt_pictures.refuse_unsettled(attempt, now)
    return cases, papers
