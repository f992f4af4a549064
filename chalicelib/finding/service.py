"""Use cases of finding people: by phone, ID number, certificate, case, attempt; within an exam by name or number's end.

Everything is bounded: so many people, and so many attempts and cases of each. Every look-up is recorded before its
answer is shown.
"""

import contextlib
from collections.abc import Iterator

import msgspec

from chalicelib.accounts import service as accounts
from chalicelib.attempts import watching
from chalicelib.attempts.model import Attempt
from chalicelib.cases import looking as cases
from chalicelib.cases.model import Case
from chalicelib.finding.query import Query, QueryKind
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person
from chalicelib.operators import service as operators
from chalicelib.operators.model import Decider
from chalicelib.results import service as certificates
from chalicelib.results.service import ShownCertificate
from chalicelib.shared import log
from chalicelib.shared.errors import NotFound
from chalicelib.shared.secrets import keyed_hash

MOST_PEOPLE = 5  # with one name or end of a number in one exam
MOST_EACH = 20  # attempts and cases of one person, the newest ones


class FoundPerson(msgspec.Struct, frozen=True):
    """An account with what belongs to it, the newest first. `more`: there are more attempts than these."""

    person: Person
    attempts: tuple[Attempt, ...]
    more: bool
    cases: tuple[Case, ...]
    certificates: tuple[ShownCertificate, ...]


class Found(msgspec.Struct, frozen=True):
    """The answer to a look-up. `more`: more people have this name or end of a number than are shown."""

    query: Query
    people: tuple[FoundPerson, ...]
    more: bool = False


def look_up(*, query: Query, by: Decider, request_id: str, now: int) -> Found:
    """Find the people that a query leads to, and record the look-up first. Raises `Unavailable`."""
    account_ids = list(dict.fromkeys(_accounts(query)))
    operators.record_look_up(
        by=by,
        request_id=request_id,
        what=query.kind.value,
        value_hash=keyed_hash("look_up", query.kind.value, query.exam_id, query.value),
        masked=query.masked,
        exam_id=query.exam_id,
        found=len(account_ids),
        now=now,
    )
    log.event("person_looked_up", what=query.kind.value, by=by.operator_id, found=len(account_ids))
    shown = filter(None, map(_person, account_ids[:MOST_PEOPLE]))
    return Found(query, tuple(shown), len(account_ids) > MOST_PEOPLE)


def _accounts(query: Query) -> Iterator[str]:
    """The accounts that a query leads to; at most one for numbers."""
    match query.kind:
        case QueryKind.PHONE:
            account_id = accounts.find_account(number=query.value)
            # eleven digits may also be the number of a document
            yield from filter(None, [account_id or _of_number(query.value)])
        case QueryKind.ID_NUMBER:
            yield from filter(None, [_of_number(query.value)])
        case QueryKind.NAME:
            found = watching.find_by_name(exam_id=query.exam_id, name=query.value)
            yield from (attempt.account_id for attempt in found)
        case QueryKind.NUMBER_END:
            attempts = watching.find_by_number_end(exam_id=query.exam_id, shown=query.value)
            yield from (attempt.account_id for attempt in attempts)
        case QueryKind.CASE:
            yield from (case.account_id for case in [cases.find_case(query.value)] if case)
        case QueryKind.CERTIFICATE:
            with contextlib.suppress(NotFound):
                shown = certificates.read_certificate(number=query.value)
                yield shown.certificate.account_id
        case QueryKind.ATTEMPT:
            with contextlib.suppress(NotFound):
                yield watching.look_up_attempt(attempt_id=query.value).account_id


def _of_number(number: str) -> str | None:
    return identity.find_by_number(number=number.removeprefix("+86"))


def _person(account_id: str) -> FoundPerson | None:
    """The person of an account; None when its registration was never completed."""
    try:
        person = identity.look_up_person(account_id=account_id)
    except NotFound:
        return None
    newest = watching.list_of_account(account_id=account_id, most=MOST_EACH + 1)
    return FoundPerson(
        person=person,
        attempts=newest[:MOST_EACH],
        more=len(newest) > MOST_EACH,
        cases=cases.list_newest(account_id=account_id, most=MOST_EACH),
        certificates=tuple(certificates.list_certificates(account_id=account_id)[:MOST_EACH]),
    )
