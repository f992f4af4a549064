"""The figures of an exam-day report, counted over attempts, their timelines, cases and the exam. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt, Cause, Status
from chalicelib.cases.model import Case, CaseKind, CaseState
from chalicelib.day_reports.model import Figures, median
from chalicelib.exams.model import Checkpoint, Exam
from chalicelib.proctoring.model import IntegrityState, Verdict
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS
from chalicelib.timeline.model import TimelineEntry

_AGAINST = (Verdict.MISMATCH, Verdict.SEVERAL, Verdict.REPLAYED)
_UNUSABLE = (Verdict.NO_FACE, Verdict.UNCLEAR, Verdict.UNCERTAIN)


class Counting:
    """Figures while attempts come one after the other; nothing of an attempt is kept."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()
        self.waits: list[int] = []

    def take(self, attempt: Attempt, now: int, timeline: Iterable[TimelineEntry] = ()) -> None:
        """Count one round. `timeline`: its entries, for the time of decisions; of rounds without a decision none."""
        self._people(attempt)
        self._frames(attempt, now)
        self._flags(attempt)
        numbers = self.numbers
        numbers["acknowledged"] += attempt.acked_seq
        numbers["kept"] += sum(1 for answer in attempt.answers.values() if answer)
        numbers["switches"] += len(attempt.switches)
        numbers["switched"] += bool(attempt.switches)
        numbers["short_absences"] += attempt.short_absences
        numbers["silent"] += attempt.silences.times if attempt.silences else 0
        numbers["commands"] += len(attempt.audit)
        numbers["announcements"] += len(attempt.personal)
        numbers["help_requests"] += attempt.help.number if attempt.help else 0
        self.waits += decision_waits(attempt, timeline)

    def figures(self, exam: Exam, listed: int | None, cases: Iterable[Case]) -> Figures:
        """All figures. `listed`: people on the roster, None without one. `cases`: those of the exam."""
        numbers = dict(self.numbers)
        numbers["orders"] = len(exam.orders)
        numbers["compensated_min"] = exam.compensated_ms // MINUTE_MS
        numbers["announcements"] = numbers.get("announcements", 0) + exam.announced
        done = (exam.preflight(checkpoint) for checkpoint in Checkpoint)
        numbers["failed_preflights"] = sum(check is not None and not check.ok for check in done)
        counted: dict[str, Any] = {**numbers, **_cases(list(cases))}
        return Figures(listed=listed, flag_median_s=median(self.waits), **counted)

    def _people(self, attempt: Attempt) -> None:
        numbers = self.numbers
        if attempt.round > 1:
            numbers["reopened"] += 1
        else:
            numbers["opened"] += 1
            numbers["started"] += attempt.started_at is not None
        numbers["waived"] += attempt.waiver is not None
        if attempt.status is Status.STARTED:
            numbers["unsubmitted"] += 1
        if attempt.status is Status.SUBMITTED:
            numbers["submitted"] += 1
            numbers["questions"] += attempt.question_count
            numbers["by_candidate"] += attempt.cause is Cause.CANDIDATE
            numbers["by_deadline"] += attempt.cause is Cause.DEADLINE
            numbers["by_switches"] += attempt.cause is Cause.SWITCHES

    def _frames(self, attempt: Attempt, now: int) -> None:
        numbers, verdicts = self.numbers, Counter(attempt.verdicts.values())
        due = len(watch.due_slots(attempt, now))
        numbers["due"] += due
        # A frame that came was offered; only late ones are asked for by a write.
        numbers["asked"] += len(attempt.asked.keys() | attempt.verdicts.keys())
        numbers["match"] += verdicts[Verdict.MATCH]
        numbers["against"] += sum(verdicts[verdict] for verdict in _AGAINST)
        numbers["unusable"] += sum(verdicts[verdict] for verdict in _UNUSABLE)
        numbers["missing"] += verdicts[Verdict.MISSING]
        numbers["gaps"] += verdicts[Verdict.SYSTEM_GAP]
        numbers["gaps_accepted"] += len(attempt.accepted_gaps)
        numbers["judged"] += (
            verdicts.total() - verdicts[Verdict.MISSING] - verdicts[Verdict.SYSTEM_GAP]
        )
        numbers["unsettled"] += max(0, due - verdicts.total())

    def _flags(self, attempt: Attempt) -> None:
        numbers, integrity = self.numbers, attempt.integrity
        decided = {decision.rule: decision.state for decision in attempt.decisions}
        numbers["flags_open"] += integrity.state is IntegrityState.FLAGGED
        numbers["flags_upheld"] += _count(decided.values(), IntegrityState.INVALIDATED)
        numbers["flags_cleared"] += _count(decided.values(), IntegrityState.CLEAR)
        numbers["flags_overturned"] += _count(decided.values(), IntegrityState.OVERTURNED)
        by_rule = integrity.state is IntegrityState.INVALIDATED and integrity.rule not in decided
        numbers["invalidated_by_rule"] += by_rule


def _count(states: Iterable[IntegrityState], wanted: IntegrityState) -> int:
    return sum(state is wanted for state in states)


def decision_waits(attempt: Attempt, timeline: Iterable[TimelineEntry]) -> list[int]:
    """How long each flag waited for its operator, in whole seconds: from the newest entry that raised it.

    A decision of a complaint is no decision of a flag. A decision whose flag is in no entry is left out.
    """
    raised = [
        (entry.at, fact.get("rule"))
        for entry in timeline
        for fact in entry.facts
        if fact.get("what") == "integrity" and fact.get("state") == IntegrityState.FLAGGED.value
    ]
    waits = []
    for decision in attempt.decisions:
        if decision.state is IntegrityState.OVERTURNED:
            continue
        times = [at for at, rule in raised if rule == decision.rule.value and at <= decision.at]
        if times:
            waits.append((decision.at - max(times)) // SECOND_MS)
    return waits


def _cases(cases: list[Case]) -> dict[str, int | None]:
    complaints = [case for case in cases if case.kind is CaseKind.COMPLAINT]
    tickets = [case for case in cases if case.kind is CaseKind.TICKET]
    return {
        "complaints": len(complaints),
        "complaints_upheld": _in_state(complaints, CaseState.ACCEPTED),
        "complaints_rejected": _in_state(complaints, CaseState.REJECTED),
        "complaints_open": _in_state(complaints, CaseState.OPEN),
        "complaint_median_s": _median_wait(complaints),
        "tickets": len(tickets),
        "tickets_accepted": _in_state(tickets, CaseState.ACCEPTED),
        "tickets_rejected": _in_state(tickets, CaseState.REJECTED),
        "tickets_open": _in_state(tickets, CaseState.OPEN),
        "ticket_median_s": _median_wait(tickets),
    }


def _in_state(cases: list[Case], state: CaseState) -> int:
    return sum(case.state is state for case in cases)


def _median_wait(cases: list[Case]) -> int | None:
    decided = ((case.ruling, case.opened_at) for case in cases)
    return median([(ruling.at - opened) // SECOND_MS for ruling, opened in decided if ruling])
