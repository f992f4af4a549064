"""Use cases of the list of exams: its pages, and which exams are in which part of it."""

import msgspec

from chalicelib.exams import listing, store
from chalicelib.exams.listing import CurrentExams, ExamPage, ListPart
from chalicelib.exams.model import ListedExam
from chalicelib.shared.time_slices import TimeSlice


def list_current() -> list[ListedExam]:
    """Return the exams that are coming or running, and practice exams, the earliest start first."""
    return store.list_current()


def list_started_since(*, moment: int) -> list[ListedExam]:
    """Return the exams that start at this moment (UTC ms) or later, also those that are over."""
    return store.list_started_since(moment)


def list_page(*, part: ListPart, after: str, most: int) -> ExamPage:
    """Return a page of a part of the list. `after`: `Place.text` of the page before, "" for the first page.

    Raises `Invalid`: `place_invalid`.
    """
    place = listing.read_place(after) if after else None
    return listing.page_of(store.list_part(part, after=place, most=most + 1), most)


def find_exam(*, exam_id: str) -> ListedExam | None:
    """Return what the list has of one exam; None when there is none."""
    exam = store.load_exam(exam_id)
    return msgspec.convert(exam, ListedExam, from_attributes=True) if exam else None


def move_ended(
    *, now: int, time_slice: TimeSlice | None = None, listed: CurrentExams = store.list_current
) -> int:
    """Move exams that are over, and of which nothing is left to do, out of the current ones. Returns how many.

    The next run continues. Nothing depends on it but how much the portal and the schedule read.
    """
    done = [exam for exam in listed() if listing.is_done(exam, now)]
    reached = (time_slice or TimeSlice()).each(done, lambda exam: exam.exam_id)
    return sum(store.mark_ended(exam) for exam in reached)
