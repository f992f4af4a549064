"""Whom a score list lists: the roster in its order, then everybody else who opened an attempt."""

import itertools
from collections.abc import Iterator

from chalicelib.attempts import rounds, watching
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, RosterEntry
from chalicelib.identity import service as identity
from chalicelib.score_lists.model import PAGE_PEOPLE, PART_PEOPLE, Listed

_NEVER = 2**63


def plan(exam: Exam) -> Iterator[Listed]:
    """Yield everybody of an exam. In an exam without a roster who started first comes first.

    The index may be a moment behind. Later rounds of somebody may be among those without a roster: whoever reads the
    attempts leaves them out (`rounds.newest_rounds`).
    """
    began = {
        row.attempt_id: row.started_at if row.started_at is not None else _NEVER
        for row in watching.each_attempt(exam_id=exam.exam_id)
    }
    if exam.has_roster:
        yield from _roster(exam, began)
    for attempt_id in sorted(began, key=lambda one: (began[one], one)):
        yield Listed(exam.exam_id, attempt_id, stranger=exam.has_roster)


def _roster(exam: Exam, began: dict[str, int]) -> Iterator[Listed]:
    """Yield the people on the roster, and take their attempts out of `began`."""
    roster = sorted(exams.list_roster(exam=exam), key=lambda entry: (entry.row, entry.person_hash))
    accounts: dict[str, str] = {}
    firsts: dict[str, str] = {}
    for some in itertools.batched(roster, PART_PEOPLE):
        found = identity.find_accounts(person_hashes=[entry.person_hash for entry in some])
        accounts |= found
        for person_hash, account_id in found.items():
            own = rounds.rounds_among(exam_id=exam.exam_id, account_id=account_id, known=began)
            if own:
                firsts[person_hash] = own[0]
            for attempt_id in own:
                del began[attempt_id]
    _match_by_number({entry.person_hash for entry in roster} - firsts.keys(), began, firsts)
    for entry in roster:
        person_hash = entry.person_hash
        yield _listed(exam, entry, firsts.get(person_hash, ""), accounts.get(person_hash, ""))


def _match_by_number(missing: set[str], began: dict[str, int], firsts: dict[str, str]) -> None:
    """Find attempts of people on the roster whose account has got another ID number since."""
    for some in itertools.batched(list(began), PAGE_PEOPLE):
        for attempt in watching.look_up_attempts(attempt_ids=some):
            person_hash = attempt.identity.person_hash
            if person_hash in missing:
                del began[attempt.attempt_id]
                if attempt.round == 1:
                    firsts[person_hash] = attempt.attempt_id


def _listed(exam: Exam, entry: RosterEntry, attempt_id: str, account_id: str) -> Listed:
    return Listed(
        exam_id=exam.exam_id,
        attempt_id=attempt_id,
        account_id=account_id,
        person_hash=entry.person_hash,
        row=entry.row,
        note=entry.note,
    )
