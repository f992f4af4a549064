"""In which part of the public list an exam is, and where a page of it ends. Pure.

The index `listed` has two parts: the current exams, and those that are over. The portal shows both by pages; the
schedule looks at the first alone. Whatever changes an exam puts it among the current ones, and the schedule takes it
out again.
"""

import enum
import re
from collections.abc import Callable

import msgspec

from chalicelib.exams.model import ListedExam, Phase
from chalicelib.shared.errors import Invalid

CurrentExams = Callable[[], list[ListedExam]]
"""Reads the current exams. The schedule reads them once for all its parts."""

MOST_SHOWN = 50
USUALLY_SHOWN = 20

_PLACE = re.compile(r"([0-9]{1,15})-([A-Za-z0-9_-]{1,64})")


class ListPart(enum.Enum):
    """The parts of the list. An exam that is over may still be in the first for a minute or two."""

    CURRENT = "current"  # coming, running, or with something for the schedule to do; practice exams
    ENDED = "ended"


class Place(msgspec.Struct, frozen=True):
    """The place of an exam in its part of the list. The exam itself may have left it since."""

    starts_at: int
    exam_id: str

    @property
    def text(self) -> str:
        """The place as a page names it to get the next one."""
        return f"{self.starts_at}-{self.exam_id}"


class ExamPage(msgspec.Struct, frozen=True):
    """One page of a part. `next`: the place after which the next page begins, None at the end."""

    exams: tuple[ListedExam, ...]
    next: Place | None


def read_place(text: str) -> Place:
    """Return the place that a text names. Raises `Invalid`: `place_invalid`."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise Invalid("place_invalid")
    return Place(int(match[1]), match[2])


def page_of(rows: list[ListedExam], most: int) -> ExamPage:
    """Return a page of at most `most` exams out of one row more than that."""
    shown = tuple(rows[:most])
    more = len(rows) > most
    return ExamPage(shown, Place(shown[-1].starts_at, shown[-1].exam_id) if more else None)


def is_done(exam: ListedExam, now: int) -> bool:
    """Whether the exam is over, and every attempt is known to have all orders and announcements."""
    followed = all(order.followed_at is not None for order in exam.orders)
    return exam.phase(now) is Phase.ENDED and followed and exam.announced_at is None
