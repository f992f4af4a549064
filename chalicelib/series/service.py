"""Use cases of a series: open a sitting as its retake rule allows, and tell a person how they stand.

Each person has one record in a series, through which every attempt is opened: a claim is one conditional write, made
before the attempt. So of two sittings that one person opens at the same moment, one is refused.
"""

from collections.abc import Iterable
from typing import NoReturn

import msgspec

from chalicelib.attempts import rounds
from chalicelib.attempts.deciding import score as score_of
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases import complaints
from chalicelib.cases.model import Case, CaseState
from chalicelib.exams import sittings
from chalicelib.exams.model import Exam, RetakeRule
from chalicelib.exams.series import PlannedSitting
from chalicelib.identity import service as identity
from chalicelib.kernel.deciding import retried
from chalicelib.series import model, store
from chalicelib.series.model import Claim, Counted, Reason, Refusal, Tries, Try
from chalicelib.shared.errors import Conflict


def open_attempt(*, exam_id: str, account_id: str, session_version: int, now: int) -> Attempt:
    """Open the attempt of this account at an exam, or return its newest round.

    Raises what `rounds.open_attempt` raises, and `Conflict` for a sitting of a series (`series_passed`,
    `series_sitting_open`, `series_tries_used_up`, `series_result_open`, `series_too_early`).
    """
    return rounds.open_attempt(
        exam_id=exam_id,
        account_id=account_id,
        session_version=session_version,
        now=now,
        claim=lambda exam, attempt: _claim(exam, attempt, now),
    )


def _claim(exam: Exam, attempt: Attempt, now: int) -> None:
    """Claim a sitting for the person of this attempt. The same claim again writes nothing. Raises `Conflict`."""
    of = exam.series
    if of is None:
        return
    claim = Claim(exam.exam_id, attempt.account_id, of.sitting, now, exam.entry_until)

    of_account = _claims_of_account(of.id, attempt.account_id)

    def claim_once() -> None:
        before = store.load_tries(attempt.identity.person_hash, of.id)
        known = model.with_missing(before, of_account)
        earlier = [_try_of(other, now) for other in model.other_claims(known, claim)]
        if refusal := model.may_open(of.retakes, earlier, exam.starts_at):
            _refuse(refusal)
        after = model.with_claim(known, claim)
        if after != before:
            store.write_tries(after)

    retried(claim_once)


def _claims_of_account(series_id: str, account_id: str) -> list[Claim]:
    """The sittings that an account has opened, with whatever ID number: who corrects the number gains no tries."""
    series = sittings.get_series(series_id=series_id)
    planned = series.sittings if series else ()
    ids = [rounds.first_round_id(exam_id=p.exam_id, account_id=account_id) for p in planned]
    return list(map(_claim_of, rounds.newest_rounds(first_ids=ids).values()))


def _claim_of(own: Attempt) -> Claim:
    """The claim that an attempt stands for."""
    return Claim(own.exam_id, own.account_id, own.sitting, own.opened_at, own.entry_until)


def _refuse(refusal: Refusal) -> NoReturn:
    """Raise the reason why a sitting may not be opened."""
    match refusal.reason:
        case Reason.PASSED:
            raise Conflict("series_passed", sitting=refusal.sitting)
        case Reason.OPEN:
            raise Conflict("series_sitting_open", sitting=refusal.sitting)
        case Reason.USED_UP:
            raise Conflict("series_tries_used_up", tries=refusal.tries)
        case Reason.UNDECIDED:
            raise Conflict("series_result_open", sitting=refusal.sitting)
        case Reason.TOO_EARLY:
            raise Conflict("series_too_early", days=refusal.days, day=refusal.day)


def _try_of(claim: Claim, now: int) -> Try:
    """The try behind a claim, as it stands now."""
    attempt = rounds.newest_round(exam_id=claim.exam_id, account_id=claim.account_id, now=now)
    if attempt is None or attempt.status is not Status.SUBMITTED:
        return model.try_of(claim, attempt, None, complaint_open=False, now=now)
    complaint = complaints.find_complaint(attempt)
    return _submitted_try(claim, attempt, complaint, now)


def _submitted_try(claim: Claim, attempt: Attempt, complaint: Case | None, now: int) -> Try:
    complaint_open = complaint is not None and complaint.state is CaseState.OPEN
    return model.try_of(claim, attempt, score_of(attempt), complaint_open=complaint_open, now=now)


def count_tries(*, series_id: str, person_hashes: Iterable[str], now: int) -> dict[str, Counted]:
    """Return person hash → the try that counts, for those of these people who have submitted one of the series.

    Attempts are taken as they are stored. Reads a hundred records with one call.
    """
    series = sittings.get_series(series_id=series_id)
    if series is None:
        return {}
    records = list(store.load_many_tries(person_hashes, series_id))
    first_of = {claim: _first_round_id(claim) for record in records for claim in record.claims}
    newest = rounds.newest_rounds(first_ids=first_of.values())
    complaints_of = complaints.find_complaints(attempts=newest.values())
    counted = {}
    for record in records:
        tries = []
        for claim in record.claims:
            attempt = newest.get(first_of[claim])
            if attempt is not None and attempt.status is Status.SUBMITTED:
                complaint = complaints_of.get(attempt.attempt_id)
                tries.append(_submitted_try(claim, attempt, complaint, now))
        if found := model.counted_try(series.retakes, tries):
            counted[record.person_hash] = found
    return counted


def _first_round_id(claim: Claim) -> str:
    return rounds.first_round_id(exam_id=claim.exam_id, account_id=claim.account_id)


# --- how a person stands --------------------------------------------------------------------------------


class SittingFor(msgspec.Struct, frozen=True):
    """A sitting that a person has not opened, and why the retake rule refuses it; None: it does not."""

    sitting: PlannedSitting
    refusal: Refusal | None


class Standing(msgspec.Struct, frozen=True):
    """How a person stands in a series: their tries, the one that counts, and the sittings that they have not opened."""

    series_id: str
    retakes: RetakeRule
    tries: tuple[Try, ...]
    counted: Counted | None
    sittings: tuple[SittingFor, ...]


def list_standings(*, account_id: str, session_version: int, now: int) -> list[Standing]:
    """Return how the person of this account stands in each series that they have tried. Raises `NotSignedIn`.

    Tries of this account with another ID number count, as they do when a sitting is opened.
    """
    person = identity.get_person(account_id=account_id, session_version=session_version)
    records = {tries.series_id: tries for tries in store.list_tries(person.person_hash)}
    for own in rounds.first_rounds(account_id=account_id):
        if own.series is not None:
            series_id = own.series.series_id
            known = records.get(series_id, Tries(person.person_hash, series_id))
            records[series_id] = model.with_missing(known, [_claim_of(own)])
    found = (_standing(tries, now) for tries in records.values())
    return [standing for standing in found if standing is not None]


def _standing(record: Tries, now: int) -> Standing | None:
    series = sittings.get_series(series_id=record.series_id)
    if series is None:
        return None
    tries = tuple(_try_of(claim, now) for claim in record.claims)
    opened = {one.exam_id for one in tries}
    return Standing(
        series_id=record.series_id,
        retakes=series.retakes,
        tries=tries,
        counted=model.counted_try(series.retakes, tries),
        sittings=tuple(
            SittingFor(planned, model.may_open(series.retakes, tries, planned.starts_at))
            for planned in series.sittings
            if planned.exam_id not in opened
        ),
    )
