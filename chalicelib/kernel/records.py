"""The conditional write of outcomes into an item of DynamoDB that has a `version`."""

import contextlib
from collections.abc import Iterator

import msgspec

from chalicelib.kernel.deciding import LostRace
from chalicelib.kernel.outcomes import Outcomes, changed_fields
from chalicelib.shared import table
from chalicelib.shared.table import ConditionFailed, If, Item


def write_outcomes(
    table_name: str,
    key: Item,
    version: int,
    outcomes: Outcomes,
    *,
    condition: If | None = None,
    also: Item | None = None,
) -> Item:
    """Write outcomes if the item still has this version; returns the whole new item, with the next version.

    `condition`: what must hold as well. `also`: attributes that no outcome sets, such as a seal. A field that is
    None is removed. When an answer gets lost, the request is repeated, and the repeat recognises its own write.
    Raises `LostRace`, `Unavailable`.
    """
    plain = plain_fields(outcomes)
    sets = {name: value for name, value in plain.items() if value is not None}
    removes = tuple(name for name, value in plain.items() if value is None)
    return write_fields(
        table_name, key, version, {**sets, **(also or {})}, removes, condition=condition
    )


def plain_fields(outcomes: Outcomes) -> Item:
    """Return the fields that outcomes set, as values that DynamoDB can hold. None stands for a field to remove."""
    return {
        name: msgspec.to_builtins(value, builtin_types=(bytes,))
        for name, value in changed_fields(outcomes).items()
    }


def write_fields(
    table_name: str,
    key: Item,
    version: int,
    sets: Item,
    removes: tuple[str, ...],
    *,
    condition: If | None = None,
) -> Item:
    """Set and remove attributes as `write_outcomes` does; returns the whole new item. Raises what it raises."""
    with lost_races():
        return table.update_once(
            table_name,
            key,
            (condition or If()).equals("version", version),
            sets={**sets, "version": version + 1},
            removes=removes,
        )


@contextlib.contextmanager
def lost_races() -> Iterator[None]:
    """Turn a condition that did not hold into `LostRace`."""
    try:
        yield
    except ConditionFailed:
        raise LostRace from None
