"""Use cases of the sittings of a series: enter one at publication, move it, and find people on two rosters.

A series is one record, so that of two publishers at the same time the second one sees the sitting of the first.
"""

from collections.abc import Callable, Sequence

from chalicelib.exams import series, store
from chalicelib.exams.model import Exam, RosterEntry
from chalicelib.exams.series import PlannedSitting, Series, SeriesAdvice, Shared
from chalicelib.exams.validation import FileRejected
from chalicelib.kernel.deciding import retried
from chalicelib.shared.errors import Conflict

Refuse = Callable[[Series, list[Shared]], None]


def enter(*, exam: Exam, roster: Sequence[RosterEntry] | None = None) -> None:
    """Enter an exam into its series, or its new roster. The same again changes nothing.

    It is written before the exam, so a series may know a sitting that was never published. `roster`: the one of the
    exam; None: the one that is stored. Raises `FileRejected` (another retake rule; people on the rosters of two
    sittings that overlap), `Conflict`: `busy`.
    """

    def refuse(record: Series, shared: list[Shared]) -> None:
        assert exam.series is not None  # `_note` asks only about sittings
        findings = series.check_entry(record, exam.exam_id, exam.series)
        if findings := findings + [series.describe_shared(one) for one in shared]:
            raise FileRejected(findings)

    _note(exam, roster, refuse)


def move(*, exam: Exam) -> None:
    """Note the new time of a sitting. `exam`: as it will be. The same again changes nothing.

    Raises `Conflict` (`sittings_overlap`: people of its roster are on that of another sitting at this time; `busy`).
    """

    def refuse(_: Series, shared: list[Shared]) -> None:
        if shared:
            raise Conflict("sittings_overlap", sitting=shared[0].other.sitting, count=len(shared))

    _note(exam, None, refuse)


def _note(exam: Exam, roster: Sequence[RosterEntry] | None, refuse: Refuse) -> None:
    """Write the present state of a sitting into its series, unless it is refused. Does nothing for other exams."""
    of = exam.series
    if of is None:
        return

    def note_once() -> None:
        record = store.load_series(of.id) or Series(of.id, of.retakes)
        refuse(record, _shared(exam, roster, record))
        after = series.with_sitting(record, series.plan(exam), of.retakes)
        if after != record:
            store.write_series(after)

    retried(note_once)


def _shared(exam: Exam, roster: Sequence[RosterEntry] | None, record: Series) -> list[Shared]:
    """The people of an exam who are also on the roster of another sitting at the same time."""
    planned = series.plan(exam)
    if not planned.roster_version:
        return []
    others = [known for other in record.find_others(exam.exam_id) for known in _as_known(other)]
    meeting = [other for other in others if other.roster_version and series.overlap(planned, other)]
    if not meeting:
        return []
    people = store.load_roster(exam.exam_id, exam.roster_version) if roster is None else roster
    found: dict[tuple[str, str], Shared] = {}
    for other in meeting:
        listed = store.load_roster(other.exam_id, other.roster_version)
        for shared in series.shared_people(people, other, listed):
            found[other.exam_id, shared.here.person_hash] = shared
    return list(found.values())


def _as_known(other: PlannedSitting) -> list[PlannedSitting]:
    """A sitting as its series knows it, and as its exam is, where these differ.

    An order or a roster that was noted in the series may not have reached the exam, for example after a crash.
    """
    exam = store.load_exam(other.exam_id)
    if exam is None or exam.series is None:
        return [other]
    return list({other, series.plan(exam)})


def advise(*, exam_id: str, series_id: str) -> list[SeriesAdvice]:
    """What should be looked at in the series of a published exam."""
    record = get_series(series_id=series_id)
    return series.advise(record, exam_id) if record else []


def list_sittings(*, series_id: str) -> list[Exam]:
    """Return the published exams of a series, the earliest start first."""
    record = get_series(series_id=series_id)
    found = (store.load_exam(planned.exam_id) for planned in (record.sittings if record else ()))
    return sorted((exam for exam in found if exam), key=lambda exam: exam.starts_at)


def get_series(*, series_id: str) -> Series | None:
    """Return a series with its sittings; None when nothing of it is published."""
    return store.load_series(series_id)
