"""Use cases of the rounds of one person at one exam: open the first, re-open a closed one, list all."""

import contextlib
import itertools
from collections.abc import Callable, Container, Iterable

from chalicelib.attempts import commands, model, practising, store
from chalicelib.attempts.commands import Terms
from chalicelib.attempts.deciding import decide, load
from chalicelib.attempts.model import Attempt, AttemptSitting, Status
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person, frozen
from chalicelib.kernel.commands import Command
from chalicelib.kernel.deciding import LostRace, retried
from chalicelib.shared import ids
from chalicelib.shared.clock import DAY_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, NotFound, TooMany

Claim = Callable[[Exam, Attempt], None]
"""Is called before a new attempt is written, also again for the same one. Raises `DomainError` to refuse it."""


def open_attempt(
    *, exam_id: str, account_id: str, session_version: int, now: int, claim: Claim
) -> Attempt:
    """Open the attempt of this account at an exam, or return its newest round. Each practice opens one of its own.

    Raises what `claim` raises, `NotFound`, `NotSignedIn`, `Refused` (`not_admitted_to_exam`), `Conflict`
    (`waiting_room_not_open`, `entry_closed`, `identity_incomplete`, `busy`), `TooMany` (`practice_enough_today`).
    """
    if newest := newest_round(exam_id=exam_id, account_id=account_id, now=now):
        return newest
    exam = exams.get_exam(exam_id)
    if exam.is_practice:
        person = identity.get_person(account_id=account_id, session_version=session_version)
        return _practise(exam, person, now)
    if now < exam.waiting_opens_at:
        raise Conflict("waiting_room_not_open", opens_at=exam.waiting_opens_at)
    if now > exam.entry_until:
        raise Conflict("entry_closed", closed_at=exam.entry_until)

    def open_once() -> Attempt:
        person = identity.get_person(account_id=account_id, session_version=session_version)
        attempt = _fresh(exam, person, now)
        claim(exam, attempt)
        _freeze(person, attempt, now)
        return store.put_attempt(attempt)

    return retried(open_once)


def _practise(exam: Exam, person: Person, now: int) -> Attempt:
    """Return the practice of this person that goes on, or open the next one of today.

    A practice does not freeze the identity: who sees that the photo will not do may replace it at once.
    """
    identity.require_complete(person)
    first = practising.first_round(now)
    yesterday = _practices(
        exam.exam_id, person.account_id, practising.first_round(now - DAY_MS), now
    )
    today = _practices(exam.exam_id, person.account_id, first, now)
    for attempt in (*today[-1:], *yesterday[-1:]):
        if practising.goes_on(attempt, frozen(person), now):
            return attempt
    if len(today) >= practising.MOST_A_DAY:
        wait_s = practising.until_tomorrow(now) // SECOND_MS
        raise TooMany("practice_enough_today", most=practising.MOST_A_DAY, retry_after_s=wait_s)
    return store.put_attempt(_fresh(exam, person, now, number=first + len(today)))


def _practices(exam_id: str, account_id: str, first: int, now: int) -> list[Attempt]:
    """Return the practices of one day, by their ids as in `_rounds`. `first`: the number of the first of the day."""
    practices: list[Attempt] = []
    with contextlib.suppress(NotFound):
        while len(practices) < practising.MOST_A_DAY:
            number = first + len(practices)
            attempt_id = store.attempt_id_of(exam_id, account_id, number, practice=True)
            practices.append(decide(attempt_id, account_id, now, lambda _: ()))
    return practices


def newest_round(*, exam_id: str, account_id: str, now: int) -> Attempt | None:
    """Return the newest round of this account at an exam as it is now; None when it was never opened."""
    rounds = _rounds(exam_id, account_id, lambda a: decide(a, account_id, now, lambda _: ()))
    return rounds[-1] if rounds else None


def _rounds(exam_id: str, account_id: str, load: Callable[[str], Attempt]) -> list[Attempt]:
    """Return all rounds of one person at one exam. They are found by their ids, because an index may be behind.

    Only a closed round can have a next one, so usually this costs one read.
    """
    rounds: list[Attempt] = []
    with contextlib.suppress(NotFound):
        while not rounds or rounds[-1].status is Status.SUBMITTED:
            rounds.append(load(store.attempt_id_of(exam_id, account_id, len(rounds) + 1)))
    return rounds


def _fresh(exam: Exam, person: Person, now: int, *, number: int = 1) -> Attempt:
    """Return a new round with the present data of this person: the first one, or a practice with this number."""
    identity.require_complete(person)
    role = person.profile.role.value if person.profile.role else ""
    policy = exam.policy
    starts_at, entry_until = exam.times_of_attempt(now)
    return Attempt(
        attempt_id=store.attempt_id_of(
            exam.exam_id, person.account_id, number, practice=exam.is_practice
        ),
        account_id=person.account_id,
        exam_id=exam.exam_id,
        round=number,
        version=1,
        status=Status.OPENED,
        opened_at=now,
        starts_at=starts_at,
        entry_until=entry_until,
        allowed_ms=exams.allowed_time(exam, role=role, person_hash=person.person_hash),
        policy=policy,
        paper_version=exam.paper_version,
        paper_seed=ids.new_id("", 26),
        snapshot_seed=ids.new_id("", 26),
        question_count=exam.question_count,
        identity=frozen(person),
        chances=model.Chances(policy.verification_chances),
        chances_after_start=model.Chances(policy.verification_chances_after_start),
        orders=tuple(order.command_id for order in exam.orders),
        key_version=exam.key_version,
        series=_sitting(exam),
        announced=exam.announced,
    )


def _sitting(exam: Exam) -> AttemptSitting | None:
    return AttemptSitting(exam.series.id, exam.series.sitting) if exam.series else None


def _freeze(person: Person, attempt: Attempt, now: int) -> None:
    """Freeze the person's data as the attempt holds them. Raises `LostRace` when they have changed since."""
    until = attempt.frozen_until
    if not identity.freeze(person=person, attempt_id=attempt.attempt_id, until=until, now=now):
        raise LostRace


def first_round_id(*, exam_id: str, account_id: str) -> str:
    """Return the id that the first round of this account at an exam has, or would have."""
    return store.attempt_id_of(exam_id, account_id, 1)


def first_rounds(*, account_id: str) -> list[Attempt]:
    """Return the first rounds of this account at all exams as stored, the oldest first. One query, and batches.

    The index may be a moment behind.
    """
    found = store.load_attempts(store.list_attempt_ids(account_id))
    first = (attempt for attempt in found if attempt.round == 1)
    return sorted(first, key=lambda attempt: attempt.opened_at)


def rounds_among(*, exam_id: str, account_id: str, known: Container[str]) -> list[str]:
    """Return those of these ids that are rounds of this account at this exam, in their order. Rounds have no gap."""
    numbers = itertools.count(1)
    ids_of_rounds = (store.attempt_id_of(exam_id, account_id, number) for number in numbers)
    return list(itertools.takewhile(lambda one: one in known, ids_of_rounds))


def newest_rounds(*, first_ids: Iterable[str]) -> dict[str, Attempt]:
    """Return id of a first round → the newest round of its person as it is stored. Other ids are left out.

    Reads a hundred with one call: the attempts, and once for each further round those that may follow.
    """
    some = store.load_attempts(dict.fromkeys(first_ids))
    newest = {attempt.attempt_id: attempt for attempt in some if attempt.round == 1}
    looking = dict(newest)
    while following := {
        next_round_id(attempt): first
        for first, attempt in looking.items()
        if attempt.status is Status.SUBMITTED
    }:
        looking = {following[a.attempt_id]: a for a in store.load_attempts(following)}
        newest |= looking
    return newest


def next_round_id(attempt: Attempt) -> str:
    """Return the id that the next round of this person has, or would have."""
    return store.attempt_id_of(attempt.exam_id, attempt.account_id, attempt.round + 1)


def reopen_attempt(*, attempt_id: str, command: Command, terms: Terms, now: int) -> Attempt:
    """Open the next round of a closed attempt. The closed one does not change. A repeat returns the same round.

    Raises `NotFound`, `Conflict` (`changed_meanwhile`, `reopened_already`, `round_open`,
    `submitted_by_candidate`, `keys_shown`, `identity_changed`, `identity_incomplete`, `busy`).
    """
    closed = decide(attempt_id, None, now, lambda _: ())
    next_id = next_round_id(closed)
    if (next_attempt := store.load_attempt(next_id)) is not None:
        return _reopened_by(command, next_attempt)
    exam = exams.get_exam(closed.exam_id)
    commands.refuse_reopening(closed, command, exam.ends_at, now)

    def reopen_once() -> Attempt:
        person = identity.get_person(account_id=closed.account_id, session_version=None)
        identity.require_complete(person)
        following = commands.next_round(
            closed,
            command,
            terms,
            attempt_id=next_id,
            identity=frozen(person),
            orders=tuple(order.command_id for order in exam.orders),
            key_version=exam.key_version,
            announced=exam.announced,
            snapshot_seed=ids.new_id("", 26),
            now=now,
        )
        exams.note_deadline(exam_id=exam.exam_id, deadline=following.last_deadline)
        _freeze(person, following, now)
        return _reopened_by(command, store.put_attempt(following))

    return retried(reopen_once)


def _reopened_by(command: Command, next_attempt: Attempt) -> Attempt:
    if next_attempt.origin is None or next_attempt.origin.command_id != command.command_id:
        raise Conflict(
            "reopened_already", attempt_id=next_attempt.attempt_id, round=next_attempt.round
        )
    return next_attempt


def list_rounds(*, attempt_id: str) -> list[Attempt]:
    """Return all rounds of the person and exam of this attempt, in order. Empty when there is no such attempt."""
    attempt = store.load_attempt(attempt_id)
    if attempt is None:
        return []
    if attempt.policy.is_practice:  # practices have nothing to do with each other
        return [attempt]
    return _rounds(attempt.exam_id, attempt.account_id, lambda a: load(a, None))
