"""Use cases of complaints 我要投诉: one for each verdict, decided by an operator who did not confirm the flag."""

from collections.abc import Iterable

import msgspec

from chalicelib.attempts import complaining, operating
from chalicelib.attempts import service as attempts
from chalicelib.attempts.complaining import Settlement
from chalicelib.attempts.evidence import Result
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases import model, store
from chalicelib.cases.deciding import decide, load, number, register
from chalicelib.cases.model import (
    Case,
    CaseKind,
    CaseState,
    CaseWaitsFor,
    Effect,
    Ruling,
    Upload,
)
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person
from chalicelib.proctoring.model import IntegrityState
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict
from chalicelib.shared.languages import Language
from chalicelib.shared.lines import parse_text
from chalicelib.timeline import service as timeline
from chalicelib.timeline.model import TimelineEntry

_KIND = CaseKind.COMPLAINT


class Review(msgspec.Struct, frozen=True):
    """A complaint with everything that a decision needs. `pictures`: name → a link that works for a minute."""

    case: Case
    person: Person
    result: Result
    pictures: dict[str, str]
    timeline: list[TimelineEntry]
    problems: list[str]


# --- the candidate's side -------------------------------------------------------------------------------


def open_complaint(
    *,
    attempt_id: str,
    account_id: str,
    request_id: str,
    text: str,
    language: Language,
    now: int,
) -> Case:
    """我要投诉: ask a human to check the present verdict again. Possible once, within the time to complain.

    The number follows from the attempt and the time of publication. The same request again finds its complaint, also
    after the time to complain. Raises `Invalid`, `NotFound`, `Conflict` (`not_submitted`, `complaint_exists`,
    `complaint_too_late`).
    """
    plain = parse_text(text, "text", most=model.MOST_TEXT_CHARACTERS)
    attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    complaint = find_complaint(attempt)
    if complaint is None:
        contested = complaining.complain(attempt, now)
        case_id = _number(attempt)
        register(account_id, case_id, _KIND, now)
        fresh = Case(
            case_id=case_id,
            kind=_KIND,
            account_id=account_id,
            version=1,
            state=CaseState.OPEN,
            opened_at=now,
            text=plain,
            exam_id=attempt.exam_id,
            attempt_id=attempt_id,
            verdict=contested,
            request_id=request_id,
            uploads={kind: Upload() for kind in model.UPLOADS_OF[_KIND]},
            waits_for=CaseWaitsFor.COMPLAINT,
            language=language,
        )
        complaint = store.put_case(fresh)
    if complaint.request_id != request_id:
        raise Conflict("complaint_exists", state=complaint.state.value)
    return complaint


def _number(attempt: Attempt) -> str:
    return number(_KIND, attempt.attempt_id, attempt.verdict_at)


def find_complaint(attempt: Attempt) -> Case | None:
    """Return the complaint about the present verdict of this attempt, or None. Costs one read."""
    if attempt.status is not Status.SUBMITTED:
        return None
    return store.load_case(_number(attempt))


def find_complaints(*, attempts: Iterable[Attempt]) -> dict[str, Case]:
    """Return attempt id → the complaint about its present verdict, where there is one.

    Reads a hundred with one call.
    """
    numbers = [_number(one) for one in attempts if one.status is Status.SUBMITTED]
    return {case.attempt_id: case for case in store.load_cases(numbers) if case.attempt_id}


def get_complaint(*, attempt_id: str, account_id: str, now: int) -> tuple[Attempt, Case | None]:
    """Return a submitted attempt of this account, and the complaint about its verdict or None.

    Raises `NotFound`, `Conflict`: `not_submitted`.
    """
    attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    return attempt, find_complaint(attempt)


# --- operators ------------------------------------------------------------------------------------------


def list_open_complaints() -> list[Case]:
    """Return the complaints that nobody has decided, oldest first."""
    waiting = store.list_waiting(CaseWaitsFor.COMPLAINT)
    return [case for case in waiting if case.state is CaseState.OPEN]


def review_complaint(*, case_id: str, now: int) -> Review:
    """Return a complaint with person, pictures, result, frames and timeline. Each call is logged. Raises `NotFound`."""
    case = load(case_id, _KIND)
    assert case.attempt_id is not None  # a complaint is about one
    pictures = {kind.value: upload.key for kind, upload in case.uploads.items() if upload.key}
    entries, problems = timeline.get_timeline(attempt_id=case.attempt_id)
    review = Review(
        case=case,
        person=identity.look_up_person(account_id=case.account_id),
        result=operating.review_result(attempt_id=case.attempt_id, now=now),
        pictures={name: store.picture_url(key) for name, key in pictures.items()},
        timeline=entries,
        problems=problems,
    )
    log.event("evidence_shown", complaint=case_id, pictures=sorted(pictures))
    return review


def decide_complaint(*, case_id: str, ruling: Ruling, version_seen: int, now: int) -> Case:
    """Uphold or reject a complaint with a reason. The operator must not be the one who confirmed the flag.

    One write holds the decision and the notice to the candidate; then the decision is passed on to the attempt. After
    a crash, the same command or the schedule completes it. Raises `NotFound`, `Conflict` (`complaint_decided`,
    `complaint_changed`, `same_operator`).
    """
    case = load(case_id, _KIND)
    assert case.attempt_id is not None  # a complaint is about one
    if case.ruling is None:
        operating.refuse_decider(
            attempt_id=case.attempt_id, operator=ruling.operator, operator_id=ruling.operator_id
        )
    notice_id = f"{case_id}-decision"  # one notice for each decision
    decided = decide(
        case_id, _KIND, lambda c: model.decide_complaint(c, ruling, version_seen, notice_id)
    )
    return finish(decided, now)


def finish(case: Case, now: int) -> Case:
    """Pass a decision on to its attempt, if that has not happened yet. Returns the case after it."""
    ruling, attempt_id = case.ruling, case.attempt_id
    if case.waits_for is not CaseWaitsFor.SETTLEMENT or ruling is None or attempt_id is None:
        return case
    assert case.verdict is not None  # every complaint has one
    settlement = Settlement(
        case_id=case.case_id,
        operator=ruling.operator,
        reason=ruling.reason,
        at=ruling.at,
        upheld=ruling.accepted,
        verdict=case.verdict,
        operator_id=ruling.operator_id,
    )
    attempt = operating.settle_complaint(attempt_id=attempt_id, settlement=settlement, now=now)
    decision = attempt.decision_about(case.verdict.accused)
    overturned = decision is not None and decision.state is IntegrityState.OVERTURNED
    effect = Effect.OVERTURNED if overturned and ruling.accepted else Effect.NOTED
    return decide(case.case_id, _KIND, lambda c: model.take_effect(c, effect))
