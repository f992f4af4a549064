"""Use cases of own records: order one, see how it stands, call the writer again, forget the zips."""

import msgspec

from chalicelib.identity import deleting
from chalicelib.identity import service as identity
from chalicelib.identity.model import Deletion
from chalicelib.kernel.deciding import decide
from chalicelib.own_records import model, store
from chalicelib.own_records.model import OwnRecord, RecordState
from chalicelib.shared import log
from chalicelib.shared.time_slices import TimeSlice


class ShownRecord(msgspec.Struct, frozen=True):
    """The orders of an account, and the newest deletion on request. `url`: a link to the zip for one minute."""

    record: OwnRecord
    state: RecordState
    deletion: Deletion | None
    url: str | None


def get_record(*, account_id: str, session_version: int, now: int) -> ShownRecord:
    """Return how the newest order of this account stands. Two reads. Raises `NotSignedIn`: the session is over."""
    person = identity.get_person(account_id=account_id, session_version=session_version)
    return _shown(store.load_record(account_id), person.deletion, now)


def order_record(*, account_id: str, session_version: int, now: int) -> ShownRecord:
    """Order a zip of everything that belongs to this account. A repeat while it is prepared changes nothing.

    Raises `NotSignedIn`, `TooMany` (`record_too_many`), `Conflict` (`deletion_pending`: what would be copied is being
    deleted; `busy`).
    """
    person = identity.get_person(account_id=account_id, session_version=session_version)
    deleting.refuse_pending(person)
    record = decide(
        lambda: store.load_record(account_id), lambda r: model.order(r, now), store.change_record
    )
    return _shown(record, person.deletion, now)


def _shown(record: OwnRecord, deletion: Deletion | None, now: int) -> ShownRecord:
    state = record.state(now, deletion.requested_at if deletion else None)
    ready = record.file if state is RecordState.READY else None
    return ShownRecord(record, state, deletion, store.zip_url(ready.key) if ready else None)


def call_again(*, now: int, time_slice: TimeSlice | None = None) -> int:
    """Call the writer again for zips that are late, and give up those that failed too often. Returns how many.

    The schedule calls it. The metric `OwnRecordsFailed` counts those that are given up.
    """
    called = 0
    for account_id in (time_slice or TimeSlice()).each(store.list_waiting(), str):
        try:
            called += _call_again(account_id, now)
        except Exception as error:  # an error of one record must not stop the others
            log.crash(error, account=account_id)
    return called


def _call_again(account_id: str, now: int) -> bool:
    before = store.load_record(account_id)
    if not model.call_again(before, now):
        return False
    after = decide(
        lambda: store.load_record(account_id),
        lambda r: model.call_again(r, now),
        store.change_record,
    )
    if after.failed_at == now:
        log.metric("OwnRecordsFailed", 1, account=account_id)
    return True


def forget_zips(*, account_id: str) -> int:
    """Remove all zips of an account; returns how many versions. Orders stay, and say that they were deleted."""
    return store.delete_zips(account_id)
