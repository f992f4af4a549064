"""The timeline in DynamoDB and S3.

Attempts table: (`attempt_id`, `EVENT#version`) one entry for each change of the attempt.
Evidence bucket: `timelines/attempt/version.json` the seals.
"""

import msgspec

from chalicelib.shared import objects, table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item
from chalicelib.timeline.model import EVENTS, TimelineEntry, entry_key

SEALS = "timelines"


def list_timeline(attempt_id: str) -> list[TimelineEntry]:
    """Return all entries of an attempt in the order of their versions."""
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", attempt_id),
        sort_prefix=("sk", EVENTS),
        most=None,
    )
    return [msgspec.convert(row, TimelineEntry) for row in rows]


def newest_entry(attempt_id: str) -> TimelineEntry | None:
    """Return the entry with the highest version; None when the attempt has no entry."""
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", attempt_id),
        sort_prefix=("sk", EVENTS),
        newest_first=True,
        most=1,
    )
    row = next(iter(rows), None)
    return msgspec.convert(row, TimelineEntry) if row else None


def put_entry(attempt_id: str, entry: TimelineEntry) -> TimelineEntry:
    """Append an entry, unless its version already has one. Returns the entry that the version has now."""
    item = {"attempt_id": attempt_id, "sk": entry_key(entry.version)}
    try:
        table.put(
            settings().attempts_table,
            {**item, **msgspec.to_builtins(entry)},
            If().absent("attempt_id"),
        )
    except ConditionFailed as failed:
        return msgspec.convert(failed.old, TimelineEntry)
    return entry


def load_row(attempt_id: str, sk: str) -> Item | None:
    """Return the row of an attempt with this sort key; None when there is none."""
    return table.get(settings().attempts_table, {"attempt_id": attempt_id, "sk": sk})


def load_everything(attempt_id: str) -> dict[str, Item]:
    """Return all rows of an attempt, by sort key."""
    rows = table.query(settings().attempts_table, hash_key=("attempt_id", attempt_id), most=None)
    return {row["sk"]: row for row in rows}


def write_seal(attempt_id: str, entry: TimelineEntry) -> None:
    """Write the hash and the signature of an entry to S3. The same entry always writes the same object."""
    seal = {"attempt_id": attempt_id, "version": entry.version}
    seal |= {"hash": entry.hash, "key": entry.key, "mac": entry.mac}
    key = f"{SEALS}/{attempt_id}/{entry.version:08}.json"
    objects.write(settings().evidence_bucket, key, msgspec.json.encode(seal), "application/json")


def list_seals(attempt_id: str) -> list[tuple[int, str]]:
    """Return version and hash of each seal that was ever written for an attempt, whoever wrote it.

    An object that is no seal gets the hash "".
    """
    bucket, seals = settings().evidence_bucket, []
    for key, version_id in objects.list_versions(bucket, f"{SEALS}/{attempt_id}/"):
        stored = objects.read(bucket, key, version_id)
        if stored is None:  # a delete marker
            continue
        number = key.rpartition("/")[2].removesuffix(".json")
        try:
            sealed_hash = msgspec.json.decode(stored.data, type=_Seal).hash
        except msgspec.DecodeError:
            sealed_hash = ""
        seals.append((int(number) if number.isdecimal() else 0, sealed_hash))
    return seals


class _Seal(msgspec.Struct, frozen=True):
    hash: str
