"""What a person has opened of a series, in DynamoDB.

Attempts table: (`#series/<person hash>`, `TRIES#<series>`) all sittings of a series that one person has opened.
"""

from collections.abc import Iterable, Iterator

import msgspec

from chalicelib.kernel.records import lost_races
from chalicelib.series.model import Tries
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import If, Item

_TRIES = "TRIES#"


def load_tries(person_hash: str, series_id: str) -> Tries:
    """Return what a person has opened of a series; an empty record of version 0 when it is nothing."""
    item = table.get(settings().attempts_table, _key(person_hash, series_id))
    return msgspec.convert(item, Tries) if item else Tries(person_hash, series_id)


def load_many_tries(person_hashes: Iterable[str], series_id: str) -> Iterator[Tries]:
    """Yield what these people have opened of a series; who has opened nothing is left out. Eventually consistent."""
    keys = (_key(person_hash, series_id) for person_hash in person_hashes)
    for item in table.get_many(settings().attempts_table, keys):
        yield msgspec.convert(item, Tries)


def list_tries(person_hash: str) -> list[Tries]:
    """Return what a person has opened of each series."""
    rows = table.query(
        settings().attempts_table,
        hash_key=("attempt_id", _partition(person_hash)),
        sort_prefix=("sk", _TRIES),
        most=None,
    )
    return [msgspec.convert(row, Tries) for row in rows]


def write_tries(tries: Tries) -> None:
    """Store the record with the next version. Raises `LostRace` when somebody has written it since it was read."""
    before = If().equals("version", tries.version) if tries.version else If().absent("version")
    fields = msgspec.to_builtins(tries) | {"version": tries.version + 1}
    key = _key(tries.person_hash, tries.series_id)
    with lost_races():
        table.update_once(settings().attempts_table, key, before, sets=fields)


def _key(person_hash: str, series_id: str) -> Item:
    return {"attempt_id": _partition(person_hash), "sk": f"{_TRIES}{series_id}"}


def _partition(person_hash: str) -> str:
    return f"#series/{person_hash}"
