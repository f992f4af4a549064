"""What is known of the people of a score list: read together, as many records with one call as DynamoDB gives."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.attempts import rounds
from chalicelib.attempts.deciding import score as score_of
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases import complaints
from chalicelib.exams.model import Exam
from chalicelib.identity import service as identity
from chalicelib.results import service as results
from chalicelib.score_lists.model import Certified, Facts, Listed
from chalicelib.series import service as series
from chalicelib.series.model import Counted


def gather(
    page: Sequence[Listed], exams: Mapping[str, Exam], *, unmasked: bool, now: int
) -> list[Facts]:
    """Return what is known of these people, in their order; who was listed by a later round is left out.

    Attempts are taken as they are stored. `exams`: those of the list, by id. `unmasked`: with full ID numbers.
    """
    newest = rounds.newest_rounds(first_ids=[one.attempt_id for one in page if one.attempt_id])
    kept = [one for one in page if one.person_hash or one.attempt_id in newest]
    submitted = [a for a in newest.values() if a.status is Status.SUBMITTED]
    accounts = {one.account_id for one in kept} | {a.account_id for a in newest.values()}
    people = identity.look_up_people(account_ids=sorted(accounts - {""}), with_numbers=unmasked)
    complaints_of = complaints.find_complaints(attempts=submitted)
    certificates = results.find_certificates(attempts=submitted)
    scores = {attempt.attempt_id: score_of(attempt) for attempt in submitted}
    counted = _count(newest.values(), exams, now)
    facts = []
    for one in kept:
        exam, attempt = exams[one.exam_id], newest.get(one.attempt_id)
        known = people.get(attempt.account_id if attempt else one.account_id)
        attempt_id = attempt.attempt_id if attempt else ""
        shown = certificates.get(attempt_id)
        facts.append(
            Facts(
                listed=one,
                ended=now > exam.ends_at,
                sitting=exam.series.sitting if exam.series else "",
                person=known.person if known else None,
                id_number=known.id_number if known else "",
                attempt=attempt,
                score=scores.get(attempt_id),
                complaint=complaints_of.get(attempt_id),
                certificate=Certified(shown.number, shown.status) if shown else None,
                counted=counted.get(attempt.identity.person_hash) if attempt else None,
            )
        )
    return facts


def _count(attempts: Iterable[Attempt], exams: Mapping[str, Exam], now: int) -> dict[str, Counted]:
    """Return person hash → the try that counts. All exams of a list belong to one series, or to none."""
    [series_id] = {exam.series.id if exam.series else "" for exam in exams.values()}
    if not series_id:
        return {}
    people = sorted({attempt.identity.person_hash for attempt in attempts})
    return series.count_tries(series_id=series_id, person_hashes=people, now=now)
