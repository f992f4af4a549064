"""A score list: who ordered it, whom it lists, and what is known of each person. Pure.

A list is made in parts of `PART_PEOPLE` people, so that another call goes on where one has stopped, and memory does not
grow with the number of people.
"""

import enum

import msgspec

from chalicelib.attempts.model import Attempt
from chalicelib.cases.model import Case
from chalicelib.exams.scoring import Score
from chalicelib.identity.model import Deletion, Person
from chalicelib.results.model import CertificateStatus
from chalicelib.series.model import Counted
from chalicelib.shared.clock import DAY_MS

PART_PEOPLE = 1_000
PAGE_PEOPLE = 100  # read together: as many as DynamoDB gives with one call
KEPT_MS = DAY_MS  # how long the files of a list can be fetched; S3 deletes them after that (infra/resources.yaml)


class ScoreList(msgspec.Struct, frozen=True):
    """One list as an operator ordered it: also the record of who took which data, when and why. It stays for ever.

    `unmasked`: with full names and ID numbers. `exams`: the exam, or all sittings of `series_id`. `provisional`: it
    was ordered before the end of one of them. `people`: how many rows are planned, None until that is known;
    `finished_at`: None until the files are written. Times are UTC ms.
    """

    exam_id: str
    command_id: str
    operator: str
    operator_id: str
    reason: str
    ordered_at: int
    unmasked: bool = False
    series_id: str = ""
    exams: tuple[str, ...] = ()
    provisional: bool = False
    people: int | None = None
    finished_at: int | None = None

    @property
    def expires_at(self) -> int:
        """The first moment in which the list can no longer be fetched or continued."""
        return self.ordered_at + KEPT_MS

    @property
    def parts(self) -> int:
        """How many parts its rows have."""
        return -(-(self.people or 0) // PART_PEOPLE)


class Listed(msgspec.Struct, frozen=True):
    """Whom a row is about: a person on a roster, or somebody who opened an attempt, or both.

    `attempt_id`: of the first round; "" when nothing was opened. `row`, `note`: on the roster. `stranger`: the exam
    has a roster, and this person is not on it.
    """

    exam_id: str
    attempt_id: str = ""
    account_id: str = ""
    person_hash: str = ""
    row: int = 0
    note: str = ""
    stranger: bool = False


class Presence(enum.Enum):
    """Whether somebody took part."""

    PRESENT = "present"  # has begun the paper
    ABSENT = "absent"  # the exam is over, and they have not
    AWAITED = "awaited"  # the exam is not over, and they have not so far


class Privacy(enum.Enum):
    """What became of the person's wish to have their data deleted."""

    NONE = "none"
    DELETING = "deleting"
    DELETED = "deleted"


class Certified(msgspec.Struct, frozen=True):
    """The number of a certificate and its present status."""

    number: str
    status: CertificateStatus


class Facts(msgspec.Struct, frozen=True):
    """All that is known of one person at one exam. `attempt`: the newest round; None when nothing was opened.

    `score`: of a submitted attempt. `id_number`: in full, "" when it was not asked for or is not known. `ended`:
    whether the exam is over. `counted`: of a series, the try of this person that counts.
    """

    listed: Listed
    ended: bool
    sitting: str = ""
    person: Person | None = None
    id_number: str = ""
    attempt: Attempt | None = None
    score: Score | None = None
    complaint: Case | None = None
    certificate: Certified | None = None
    counted: Counted | None = None


def presence(attempt: Attempt | None, *, ended: bool) -> Presence:
    """Whether this person took part: who never began is absent as soon as the exam is over."""
    if attempt is not None and attempt.started_at is not None:
        return Presence.PRESENT
    return Presence.ABSENT if ended else Presence.AWAITED


def privacy(person: Person | None, attempt: Attempt | None) -> Privacy:
    """Whether the name in this row is to be left out, because its person asked for deletion after the row began.

    Somebody who asked, and then opened another attempt, is named in the later one.
    """
    deletion = _asked_since(person, attempt)
    if deletion is None:
        return Privacy.NONE
    return Privacy.DELETING if deletion.done_at is None else Privacy.DELETED


def _asked_since(person: Person | None, attempt: Attempt | None) -> Deletion | None:
    deletion = person.deletion if person else None
    if deletion is None or (attempt is not None and deletion.requested_at < attempt.opened_at):
        return None
    return deletion
