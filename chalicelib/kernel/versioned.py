"""Records that are sealed or compared with what was stored: a field that is added later changes no old record. Pure.

Such a record is stored with a `schema`: the version of its fields. Version 1 is what was stored without one. A field
that is added later gets a default and the version that brings it:

    note: Annotated[str, since(2)] = ""

A stored record is compared and sealed in the fields of its own version alone. So the new field neither makes a
difference to an old record nor breaks its seal; the next write stores the record in the newest version. The default
of such a field never changes afterwards. Fields of records inside a record count with the record that holds them.
"""

import functools
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Meta, Struct

SCHEMA = "schema"  # the attribute of a stored item that names its version

R = TypeVar("R", bound=Struct)


def since(schema: int) -> Meta:
    """Mark a field that was added with this version, 2 or later."""
    return Meta(extra={SCHEMA: schema})


@functools.cache
def newest_schema(kind: type[Struct]) -> int:
    """The version that the code of today writes."""
    versions = [1, *_versions(kind).values()]
    inner = [
        newest_schema(record)
        for field in msgspec.structs.fields(kind)
        for record in _records_in(field.type)
    ]
    return max([*versions, *inner])


def stored_schema(item: Mapping[str, Any]) -> int:
    """The version by which an item was stored. Raises `msgspec.ValidationError`."""
    return msgspec.convert(item.get(SCHEMA, 1), int)


def read(item: Mapping[str, Any], kind: type[R]) -> R:
    """The record of a stored item. A field that its version does not know has its default, whatever is stored.

    Otherwise somebody could add a field to an item that is sealed without it. Raises `msgspec.ValidationError`.
    """
    record = msgspec.convert(item, kind)
    schema = stored_schema(item)
    if schema >= newest_schema(kind):
        return record
    return msgspec.convert(
        msgspec.to_builtins(_as_of(record, schema), builtin_types=(bytes,)), kind
    )


def same(stored: Struct, fresh: Struct, schema: int) -> bool:
    """Whether a record that was stored by this version says what a fresh one says, in the fields of that version."""
    return bool(_as_of(stored, schema) == _as_of(fresh, schema))


def canonical(record: Struct, schema: int) -> bytes:
    """One encoding of the fields that this version has, to be sealed: JSON in the order of the fields.

    The version itself is part of it from version 2 on.
    """
    fields = _as_of(record, schema)
    return msgspec.json.encode(fields if schema == 1 else {SCHEMA: schema, **fields})


def _as_of(value: Any, schema: int) -> Any:
    """A record as a dict of the fields that this version has; the same of all records inside."""
    match value:
        case Struct():
            versions = _versions(type(value))
            return {
                name: _as_of(getattr(value, name), schema)
                for name in value.__struct_fields__
                if versions.get(name, 1) <= schema
            }
        case list() | tuple():
            return [_as_of(entry, schema) for entry in value]
        case dict():
            return {name: _as_of(entry, schema) for name, entry in sorted(value.items())}
    return value


@functools.cache
def _versions(kind: type[Struct]) -> dict[str, int]:
    """Fields that were added later, with the version that brought each."""
    return {
        field.name: mark.extra[SCHEMA]
        for field in msgspec.structs.fields(kind)
        for mark in getattr(field.type, "__metadata__", ())
        if isinstance(mark, Meta) and mark.extra and SCHEMA in mark.extra
    }


def _records_in(kind: Any) -> Iterator[type[Struct]]:
    """The records that a type can hold, at any depth of unions and containers."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
    for argument in typing.get_args(kind):
        yield from _records_in(argument)
