"""Use cases of score lists: an operator orders one, it is made in parts, and its files can be fetched for a day."""

import itertools
import tempfile
from collections.abc import Iterator, Mapping

import msgspec

from chalicelib.exams import service as exams
from chalicelib.exams import sittings
from chalicelib.exams.model import Exam, Phase
from chalicelib.kernel.commands import repeats
from chalicelib.score_lists import gathering, planning, rows, store
from chalicelib.score_lists import texts as t
from chalicelib.score_lists.model import PAGE_PEOPLE, PART_PEOPLE, Listed, ScoreList
from chalicelib.score_lists.rows import Columns, Row, Tally
from chalicelib.score_lists.store import Part
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.time_slices import TimeSlice
from chalicelib.sheets import streaming, writing
from chalicelib.sheets.writing import SheetToWrite


class MadeScoreList(msgspec.Struct, frozen=True):
    """A list as it is now. `done`: how many rows are made. `links`: ending → a link for five minutes, when finished."""

    order: ScoreList
    done: int
    links: dict[str, str] = {}


def list_orders(*, exam_id: str) -> list[ScoreList]:
    """Return who has taken score lists of this exam, the newest first."""
    return store.list_orders(exam_id)


def make_score_list(
    *, order: ScoreList, of_series: bool = False, now: int, time_slice: TimeSlice | None = None
) -> MadeScoreList:
    """Make the list that an operator has ordered, or go on with it. The same order again never makes two.

    The order is written before anything is read for it. When the time is over, the rows made so far are kept, and the
    same order again goes on after them. Raises `NotFound`, `Conflict` (`practice_not_listed`, `series_unknown`,
    `command_id_taken`, `score_list_expired`), `Unavailable`.
    """
    exam = exams.get_exam(order.exam_id)
    if exam.is_practice:
        raise Conflict("practice_not_listed")
    planned = _planned(order, exam, of_series, now)
    kept = store.load_order(order.exam_id, order.command_id) or store.put_order(planned)
    same = (kept.unmasked, kept.series_id) == (planned.unmasked, planned.series_id)
    if not (repeats(kept, planned) and same):
        raise Conflict("command_id_taken")
    if now >= kept.expires_at:
        raise Conflict("score_list_expired")
    return _Making(kept, exam, now, time_slice or TimeSlice()).make()


def _planned(order: ScoreList, exam: Exam, of_series: bool, now: int) -> ScoreList:
    """The order with its exams. Raises `Conflict`: `series_unknown`."""
    if not of_series:
        found = [exam]
    elif exam.series is None:
        raise Conflict("series_unknown")
    else:
        found = list(_sittings(exam.series.id).values())
    return msgspec.structs.replace(
        order,
        series_id=exam.series.id if of_series and exam.series else "",
        exams=tuple(one.exam_id for one in found),
        provisional=any(one.phase(now) is not Phase.ENDED for one in found),
    )


def _sittings(series_id: str) -> dict[str, Exam]:
    """Return the sittings of a series that are published, by the id of their exam, the earliest first."""
    record = sittings.get_series(series_id=series_id)
    found = _exams([one.exam_id for one in record.sittings] if record else [])
    return dict(sorted(found.items(), key=lambda pair: pair[1].starts_at))


def _exams(exam_ids: list[str]) -> dict[str, Exam]:
    found = {}
    for exam_id in exam_ids:
        try:
            found[exam_id] = exams.get_exam(exam_id)
        except NotFound:  # a series may know a sitting whose publication failed
            continue
    return found


class _Making:
    """One call that makes a list, or a part of it."""

    def __init__(self, order: ScoreList, exam: Exam, now: int, time: TimeSlice) -> None:
        self.order, self.exam, self.now, self.time = order, exam, now, time
        self.exams = _exams(list(order.exams))
        titles = (section.title for one in self.exams.values() for section in one.sections)
        in_series = any(one.series for one in self.exams.values())
        self.columns: Columns = rows.columns(titles, series=in_series, unmasked=order.unmasked)

    def make(self) -> MadeScoreList:
        """Do what is left, as far as the time goes."""
        if self.order.finished_at is not None:
            return self._made(self.order.people or 0)
        if self.order.people is None:
            self.order = store.note(self.order, people=self._plan())
        number = store.find_next_part(self.order)
        while number <= self.order.parts:
            part = self._part(store.load_plan(self.order, number))
            if part is None:
                return self._made((number - 1) * PART_PEOPLE)
            store.write_part(self.order, number, part)
            number += 1
        if self.time.is_over():
            return self._made(self.order.people or 0)
        self._write_files()
        self.order = store.note(self.order, finished_at=self.now)
        log.event(
            "score_list_made",
            exam_id=self.order.exam_id,
            command_id=self.order.command_id,
            by=self.order.operator_id,
            unmasked=self.order.unmasked,
            rows=self.order.people,
        )
        return self._made(self.order.people or 0)

    def _plan(self) -> int:
        """Write whom each part lists; returns how many they are."""
        people = (one for exam in self.exams.values() for one in planning.plan(exam))
        planned = 0
        for number, some in enumerate(itertools.batched(people, PART_PEOPLE), start=1):
            store.write_plan(self.order, number, list(some))
            planned += len(some)
        return planned

    def _part(self, people: list[Listed]) -> Part | None:
        """Make the rows of a part; None when the time is over before they are made."""
        made: list[Row] = []
        tally = Tally()
        for page in itertools.batched(people, PAGE_PEOPLE):
            if self.time.is_over():
                return None
            facts = gathering.gather(page, self.exams, unmasked=self.order.unmasked, now=self.now)
            made += [rows.row(one, self.columns, self.now) for one in facts]
            tally.add(rows.tally(facts, self.now))
        return Part(made, tally)

    def _write_files(self) -> None:
        """Write CSV and workbook, with one part in memory at a time."""
        total = Tally()
        with tempfile.TemporaryFile() as file:
            streaming.write_long_csv(file, self.columns.headings, self._rows(total))
            store.write_file(self.order, "csv", file, streaming.CSV_TYPE)
        with tempfile.TemporaryFile() as file:
            streaming.write_long_xlsx(
                file,
                t.TITLE + (t.PROVISIONAL if self.order.provisional else ""),
                self.columns.headings,
                self.columns.widths,
                self._rows(Tally()),
                [SheetToWrite(t.ABOUT, t.ABOUT_HEADINGS, list(self._about(total)), (24, 60))],
            )
            store.write_file(self.order, "xlsx", file, writing.CONTENT_TYPE)

    def _rows(self, total: Tally) -> Iterator[Row]:
        """Yield all rows, and count them in `total`."""
        for part in store.each_part(self.order):
            total.add(part.tally)
            yield from part.rows

    def _about(self, total: Tally) -> Iterator[Row]:
        order = self.order
        values: Mapping[str, str | int] = {
            "exam": "、".join(f"{one.full_title}（{one.exam_id}）" for one in self.exams.values()),
            "state": t.STATE_PROVISIONAL if order.provisional else t.STATE_ENDED,
            "ordered_at": rows.moment(order.ordered_at),
            "operator": order.operator,
            "reason": order.reason,
            "masked": t.UNMASKED if order.unmasked else t.MASKED,
            "people": total.people,
            "present": total.present,
            "absent": total.absent,
            "passed": total.passed,
            "open": total.open,
            "times": t.TIMES,
            "texts": t.TEXTS,
        }
        return ((t.ABOUT_ROWS[name], value) for name, value in values.items())

    def _made(self, done: int) -> MadeScoreList:
        if self.order.finished_at is None:
            return MadeScoreList(self.order, min(done, self.order.people or 0))
        links = {
            ending: store.link(self.order, ending, self._name(ending)) for ending in ("xlsx", "csv")
        }
        return MadeScoreList(self.order, done, links)

    def _name(self, ending: str) -> str:
        exam = self.exam
        return t.FILE_NAME.format(
            title=exam.title + t.ALL_SITTINGS if self.order.series_id else exam.full_title,
            provisional=t.PROVISIONAL if self.order.provisional else "",
            masked=t.FILE_UNMASKED if self.order.unmasked else "",
            ending=ending,
        )
