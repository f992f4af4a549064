"""The use case of deletion: refuse while something is open, note the request, remove from every store, look again."""

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
from chalicelib.results import forgetting as documents
from chalicelib.shared import log


def delete_person_data(*, account_id: str, deletion: Deletion, now: int) -> Deletion:
    """Delete what shows a person's face; called again with the same command until `done_at` is set.

    A picture that was on its way when the request came may arrive later, so the end is noted only by a call after
    `SETTLING_MS`, which has looked everywhere again. Consents, results and what was decided stay. Raises `NotFound`,
    `Conflict` (`attempt_not_final`, `complaint_window_open`, `case_open`, `deletion_pending`, `busy`), `Unavailable`.
    """
    person = identity.look_up_person(account_id=account_id)
    earlier = find_command(person.deletions, deletion.command_id)
    if earlier is not None and earlier.done_at is not None:
        return earlier
    _find_settled(account_id, now)
    begun = photos.begin_deletion(account_id=account_id, deletion=deletion, now=now)
    cases, papers = _find_settled(account_id, now)  # one may have been opened before the note
    documents_kept = documents.forget_documents(account_id=account_id)
    removed = documents_kept.removed
    removed += sum(case_pictures.forget_pictures(case) for case in cases)
    removed += sum(
        attempt_pictures.forget_pictures(attempt_id=attempt.attempt_id, now=now)
        for attempt in papers
    )
    person_hashes = {person.person_hash, *(attempt.identity.person_hash for attempt in papers)}
    removed += sum(roster_photos.forget_photos(person_hash=number) for number in person_hashes)
    removed += photos.forget_photos(account_id=account_id, keep=documents_kept.photo_ids)
    log.event("person_data_deleted", account=account_id, removed=removed)
    return photos.finish_deletion(
        account_id=account_id, command_id=begun.command_id, kept=documents_kept.numbers, now=now
    )


def _find_settled(account_id: str, now: int) -> tuple[list[Case], list[Attempt]]:
    """Everything of this person that has pictures, if all of it is settled."""
    cases = case_pictures.list_cases(account_id=account_id)
    for case in cases:
        case_pictures.refuse_open(case)
    papers = attempts.list_attempts(account_id=account_id, now=now)
    for attempt in papers:
        attempt_pictures.refuse_unsettled(attempt, now)
    return cases, papers
