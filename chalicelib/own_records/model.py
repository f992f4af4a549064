"""The order of an own record: how often somebody may ask, and what becomes of it. Pure."""

import enum

import msgspec

from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import DAY_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import TooMany

MOST_A_DAY = 3
KEPT_MS = (
    DAY_MS  # how long a zip can be downloaded; S3 deletes it after that (infra/resources.yaml)
)
ORDER_AGAIN_MS = 2 * MINUTE_MS  # longer than the writer runs at most
MOST_TRIES = 3


class RecordWaitsFor(enum.Enum):
    """What an order waits for."""

    RECORD = "record"  # the zip is not written


class RecordState(enum.Enum):
    """How an order stands."""

    NONE = "none"  # nothing was ordered, or it is forgotten
    PREPARING = "preparing"
    READY = "ready"
    EXPIRED = "expired"
    FAILED = "failed"
    DELETED = "deleted"  # the person had their pictures deleted after it was written


class RecordFile(msgspec.Struct, frozen=True):
    """A written zip. `made_at`: when it was ordered (UTC ms). `left_out`: how many older attempts it leaves out.

    `fingerprint`: SHA-256 (hex) of the public key that signed it.
    """

    key: str
    sha256: str
    size: int
    made_at: int
    fingerprint: str
    left_out: int = 0


class OwnRecord(msgspec.Struct, frozen=True):
    """The orders of one account. Times are UTC ms.

    `orders`: the orders of the last day, oldest first. `called_at`: when the writer was last called. `tries`: how often
    it was called for this order. `failed_at`: when the newest order was given up. `file`: the newest zip.
    """

    account_id: str
    version: int = 0
    orders: tuple[int, ...] = ()
    waits_for: RecordWaitsFor | None = None
    ordered_at: int = 0
    tries: int = 0
    failed_at: int | None = None
    file: RecordFile | None = None

    def state(self, now: int, deleted_at: int | None) -> RecordState:
        """Return how the newest order stands. `deleted_at`: the person's newest request of deletion."""
        if self.waits_for is not None:
            return RecordState.PREPARING
        if self.failed_at is not None:
            return RecordState.FAILED
        if self.file is None:
            return RecordState.NONE
        if deleted_at is not None and deleted_at >= self.file.made_at:
            return RecordState.DELETED
        return RecordState.READY if now < self.expires_at else RecordState.EXPIRED

    @property
    def expires_at(self) -> int:
        """The first millisecond in which the newest zip cannot be downloaded any more; 0 without one."""
        return self.file.made_at + KEPT_MS if self.file else 0

    def next_at(self, now: int) -> int:
        """Return when the next order is possible: `now`, or a day after the oldest of the last orders."""
        recent = self.recent(now)
        return recent[0] + DAY_MS if len(recent) >= MOST_A_DAY else now

    def recent(self, now: int) -> tuple[int, ...]:
        """Return the orders of the last 24 hours."""
        return tuple(at for at in self.orders if at > now - DAY_MS)


@outcome_of(OwnRecord)
class RecordOrdered(Outcome, frozen=True):
    """The person asked for a new zip."""

    orders: tuple[int, ...]
    ordered_at: int
    waits_for: RecordWaitsFor = RecordWaitsFor.RECORD
    tries: int = 1
    failed_at: None = None


@outcome_of(OwnRecord)
class WriterCalledAgain(Outcome, frozen=True):
    """The writer did not finish, and is called once more."""

    ordered_at: int
    tries: int


@outcome_of(OwnRecord)
class RecordFailed(Outcome, frozen=True):
    """The order is given up. It does not count, so the person can ask again."""

    orders: tuple[int, ...]
    failed_at: int
    waits_for: None = None


@outcome_of(OwnRecord)
class RecordWritten(Outcome, frozen=True):
    """The zip is there."""

    file: RecordFile
    waits_for: None = None


def order(record: OwnRecord, now: int) -> Outcomes:
    """Order a new zip. While one is being prepared this changes nothing. Raises `TooMany`: `record_too_many`."""
    if record.waits_for is not None:
        return ()
    wait_ms = record.next_at(now) - now
    if wait_ms > 0:
        raise TooMany("record_too_many", retry_after_s=-(-wait_ms // SECOND_MS), most=MOST_A_DAY)
    return (RecordOrdered(orders=(*record.recent(now), now), ordered_at=now),)


def call_again(record: OwnRecord, now: int) -> Outcomes:
    """Call the writer again when it has not finished in time; give the order up after the last try."""
    if record.waits_for is None or now < record.ordered_at + ORDER_AGAIN_MS:
        return ()
    if record.tries >= MOST_TRIES:
        return give_up(record, now)
    return (WriterCalledAgain(ordered_at=now, tries=record.tries + 1),)


def give_up(record: OwnRecord, now: int) -> Outcomes:
    """Give the order up, if one waits."""
    if record.waits_for is None:
        return ()
    return (RecordFailed(orders=record.orders[:-1], failed_at=now),)


def note_written(record: OwnRecord, file: RecordFile) -> Outcomes:
    """Note the zip of the order that waits. When two writers have worked on it, the first one counts."""
    return () if record.waits_for is None else (RecordWritten(file=file),)
