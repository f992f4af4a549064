"""Orders of own records in DynamoDB, their zips in S3.

Results table: (`record#<account_id>`, `RECORD`) the orders of one account. Private bucket: `records/<account_id>/`
their zips.
"""

import msgspec

from chalicelib.kernel.outcomes import Outcomes, applied, changed_fields
from chalicelib.kernel.records import lost_races
from chalicelib.own_records.model import OwnRecord, RecordWaitsFor
from chalicelib.shared import objects, table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import If, Item

_FEED = "record#"
_ZIPS = "records"


def _key(account_id: str) -> Item:
    return {"feed": f"{_FEED}{account_id}", "sk": "RECORD"}


def load_record(account_id: str) -> OwnRecord:
    """Return the orders of an account; an empty record of version 0 when there are none."""
    item = table.get(settings().results_table, _key(account_id))
    return msgspec.convert(item, OwnRecord) if item else OwnRecord(account_id)


def change_record(record: OwnRecord, outcomes: Outcomes) -> OwnRecord:
    """Write what a rule decided. Returns the record after it. Raises `LostRace`, `Unavailable`."""
    before = If().equals("version", record.version) if record.version else If().absent("feed")
    after = msgspec.structs.replace(applied(record, outcomes), version=record.version + 1)
    written = {"account_id", "version", *changed_fields(outcomes)}
    fields = {name: value for name, value in msgspec.to_builtins(after).items() if name in written}
    with lost_races():
        table.update_once(
            settings().results_table,
            _key(record.account_id),
            before,
            sets={name: value for name, value in fields.items() if value is not None},
            removes=tuple(name for name, value in fields.items() if value is None),
        )
    return after


def list_waiting() -> list[str]:
    """Return the accounts whose zip is not written, the oldest order first. The index may be a moment behind."""
    rows = table.query(
        settings().results_table,
        index="waiting",
        hash_key=("waits_for", RecordWaitsFor.RECORD.value),
        most=None,
    )
    return [row["feed"].removeprefix(_FEED) for row in rows]


def write_zip(account_id: str, sha256: str, name: str, data: bytes) -> str:
    """Store a zip; returns its key, which follows from its content."""
    key = f"{_ZIPS}/{account_id}/{sha256[:16]}/{name}"
    objects.write(settings().private_bucket, key, data, "application/zip")
    return key


def zip_url(key: str) -> str:
    """Return a link to a zip that works for a minute. Costs no AWS call."""
    return objects.view_url(settings().private_bucket, key)


def delete_zips(account_id: str) -> int:
    """Remove all zips of an account in all versions; returns how many."""
    return objects.delete_below(settings().private_bucket, f"{_ZIPS}/{account_id}/")
