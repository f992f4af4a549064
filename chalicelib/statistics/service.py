"""Use cases of statistics: compute them after the end of an exam, and show what was computed.

Attempts are read a hundred at a time. What is kept of each paper is a few bytes for each question.
"""

from collections.abc import Iterator

import msgspec

from chalicelib.attempts import rounds, watching
from chalicelib.attempts.model import Attempt, Listed
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, Phase
from chalicelib.exams.questions import Bank
from chalicelib.identity import service as identity
from chalicelib.results import service as results
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict
from chalicelib.sheets import writing
from chalicelib.statistics import counting, papers, questions, store, workbook
from chalicelib.statistics.answers import AnswerTable
from chalicelib.statistics.counting import Places, Standing
from chalicelib.statistics.model import (
    Basis,
    Counted,
    Funnel,
    QuestionStatistics,
    Statistics,
    Timed,
)
from chalicelib.statistics.papers import Person


class Shown(msgspec.Struct, frozen=True):
    """The statistics computed last, with links to their files. `current`: nothing has changed since."""

    exam: Exam
    statistics: Statistics | None
    current: bool = False
    links: dict[str, str] = {}


def look_up_statistics(*, exam_id: str) -> Shown:
    """Return the statistics that were computed last, and whether they still hold. Raises `NotFound`, `Unavailable`."""
    exam = exams.get_exam(exam_id)
    found = store.load(exam_id)
    if found is None:
        return Shown(exam, None)
    rows = watching.list_attempts(exam_id=exam_id)
    current = _holds(found.basis, _basis(exam, rows))
    return Shown(exam, found, current, store.links(exam_id, exam.full_title))


def compute_statistics(*, exam_id: str, now: int) -> Statistics:
    """Compute the statistics of an exam that is over, and store them with their workbook.

    The same data give the same figures, so it may be repeated. Raises `NotFound`, `Unavailable`, `Conflict`
    (`exam_not_over`, `practice_not_counted`).
    """
    exam, bank = exams.get_bank(exam_id=exam_id)
    if exam.policy.is_practice:
        raise Conflict("practice_not_counted")
    if exam.phase(now) is not Phase.ENDED:
        raise Conflict("exam_not_over", ends_at=exam.ends_at)
    gathered = _Gathered(exam, bank, watching.list_attempts(exam_id=exam_id))
    statistics = gathered.statistics(now)
    pages = workbook.pages(statistics)
    store.write(statistics, writing.write_xlsx(pages), writing.CONTENT_TYPE)
    log.event("statistics_computed", exam_id=exam_id, papers=statistics.counted.counted)
    return statistics


def _basis(exam: Exam, rows: list[Listed]) -> Basis:
    return Basis(
        exam_version=exam.version,
        paper_version=exam.paper_version,
        key_version=exam.key_version,
        roster_version=exam.roster_version,
        attempts=counting.digest(rows),
    )


def _holds(then: Basis, now: Basis) -> bool:
    """Whether nothing has changed. The schedule notes things on the exam that change its version alone."""
    return msgspec.structs.replace(then, exam_version=now.exam_version) == now


class _Gathered:
    """What is gathered from the attempts of an exam, one after the other."""

    def __init__(self, exam: Exam, bank: Bank, rows: list[Listed]) -> None:
        self.exam, self.bank, self.rows = exam, bank, rows
        self.roster = exams.list_roster(exam=exam)
        self.notes = {entry.person_hash: entry.note for entry in self.roster}
        self.submitted = {row.attempt_id for row in rows if row.submitted_at is not None}
        self.places, self.table = Places(bank), AnswerTable()
        self.people: list[Person] = []
        self.standings = dict.fromkeys(Standing, 0)
        self.reached = dict.fromkeys(("opened", "checked_in", "started", "submitted"), 0)
        self.certificates = 0
        self.times = Timed()

    def statistics(self, now: int) -> Statistics:
        """Read all attempts and compute everything."""
        ids = [row.attempt_id for row in self.rows]
        for first in range(0, len(ids), 100):
            self._take(list(watching.look_up_attempts(attempt_ids=ids[first : first + 100])))
        pass_mark = self.exam.policy.pass_mark
        return Statistics(
            exam_id=self.exam.exam_id,
            title=self.exam.full_title,
            computed_at=now,
            basis=_basis(self.exam, self.rows),
            counted=Counted(**{kind.value: number for kind, number in self.standings.items()}),
            funnel=self._funnel(),
            paper=papers.describe(self.table, sum(self.exam.worths), pass_mark),
            groups=papers.group_results(self.people),
            questions=questions.doubtful_first(self._questions()),
            times=self.times,
        )

    def _take(self, some: list[Attempt]) -> None:
        last = []
        for attempt in some:
            if attempt.round == 1:
                self._note_progress(attempt)
            if attempt.submitted_at is not None and not self._is_followed(attempt):
                self._take_paper(attempt)
                last.append(attempt)
        self.certificates += len(results.valid_of(attempts=last))

    def _note_progress(self, attempt: Attempt) -> None:
        """Count how far somebody came. Later rounds exist only after a submitted first one."""
        self.reached["opened"] += 1
        self.reached["checked_in"] += attempt.page > 0
        self.reached["started"] += attempt.started_at is not None
        self.reached["submitted"] += attempt.submitted_at is not None

    def _is_followed(self, attempt: Attempt) -> bool:
        """Whether a later round of the same person was submitted. Rounds have no gap."""
        return rounds.next_round_id(attempt) in self.submitted

    def _take_paper(self, attempt: Attempt) -> None:
        standing = counting.standing(attempt)
        self.standings[standing] += 1
        drawn = exams.draw_keyed_paper(
            exam_id=attempt.exam_id,
            paper_version=attempt.paper_version,
            seed=attempt.paper_seed,
            key_version=self.exam.key_version,
        )
        answered = list(
            counting.responses(self.places, drawn, attempt.answers, attempt.policy, attempt.seconds)
        )
        earned, worth = sum(r.earned for r in answered), sum(e.centipoints for e in drawn)
        enough = earned * 100 >= worth * attempt.policy.pass_mark
        person = attempt.identity
        passed = {Standing.COUNTED: enough, Standing.INVALIDATED: False, Standing.OPEN: None}
        note = self.notes.get(person.person_hash, "")
        self.people.append(Person(note, person.organisation, person.role, passed[standing]))
        if standing is Standing.COUNTED:
            self.table.add(answered)
            self.times = counting.with_times(self.times, attempt)

    def _funnel(self) -> Funnel:
        passed = sum(person.passed is True for person in self.people)
        funnel = Funnel(**self.reached, passed=passed, certificates=self.certificates)
        if not self.exam.has_roster:
            return funnel
        people = {entry.person_hash for entry in self.roster}
        return msgspec.structs.replace(
            funnel,
            listed=len(people),
            registered=len(identity.find_accounts(person_hashes=people)),
        )

    def _questions(self) -> Iterator[QuestionStatistics]:
        cells = self.table.by_question(len(self.bank.questions))
        titles = [section.title for section in self.bank.sections]
        listed = [
            questions.Listed(
                question,
                titles[self.table.section[own[0]]] if own else "",
            )
            for question, own in zip(self.bank.questions, cells, strict=True)
        ]
        return questions.analyse(self.table, listed, cells)
