"""The zip of a person's own data, as the person may see it."""

import msgspec

from chalicelib.own_records.model import MOST_A_DAY, RecordState
from chalicelib.own_records.service import ShownRecord


class RecordView(msgspec.Struct, frozen=True):
    """我的数据: how the newest order stands, and its zip (`url`: a link for one minute, null unless it is ready).

    `sha256`: of the zip. `fingerprint`: SHA-256 of the public key that signed it, to compare with what the checking
    page shows. `left_out`: how many older attempts are not in it. `deletion_pending`: the person's pictures are being
    deleted, so nothing can be ordered now; `deleted_at`: when the newest deletion was asked for. `next_at`: when the
    next order is possible.
    """

    state: RecordState
    ordered_at: int | None
    made_at: int | None
    expires_at: int | None
    url: str | None
    size: int | None
    sha256: str
    fingerprint: str
    left_out: int
    deletion_pending: bool
    deleted_at: int | None
    most_a_day: int
    next_at: int
    server_now: int


def record_view(shown: ShownRecord, now: int) -> RecordView:
    """Return the orders of an account as its owner may see them."""
    record, deletion = shown.record, shown.deletion
    file = record.file if shown.state in (RecordState.READY, RecordState.EXPIRED) else None
    return RecordView(
        state=shown.state,
        ordered_at=record.orders[-1] if record.orders else None,
        made_at=file.made_at if file else None,
        expires_at=record.expires_at if file else None,
        url=shown.url,
        size=file.size if file else None,
        sha256=file.sha256 if file else "",
        fingerprint=file.fingerprint if file else "",
        left_out=file.left_out if file else 0,
        deletion_pending=deletion is not None and deletion.done_at is None,
        deleted_at=deletion.requested_at if deletion else None,
        most_a_day=MOST_A_DAY,
        next_at=record.next_at(now),
        server_now=now,
    )
