"""What calls to DynamoDB are billed, counted behind moto: by table, by kind of item, and by index.

The rules of DynamoDB: a write is billed on the whole item, before or after it, whichever is larger, per started KiB. A
write whose condition fails is billed as well. An index is billed when the attributes change that it holds: once when an
entry comes, changes or goes, twice when the key of the entry changes. A query is billed on all that it reads together,
per started 4 KiB, and at least once; a read that need not be consistent is half a unit.
"""

import base64
import contextlib
import copy
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

Wire = dict[str, Any]
KIB, READ = 1024, 4096


@dataclass
class Change:
    """One change of an item, as a stream tells it. None: there was, or is, no item."""

    table: str
    before: Wire | None
    after: Wire | None


@dataclass
class Meter:
    """Units by (table, kind of item, index or ""), the largest item of each kind in bytes, and all changes."""

    writes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reads: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    largest: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)

    @property
    def write_units(self) -> int:
        """All write units together."""
        return sum(self.writes.values())

    @property
    def read_units(self) -> float:
        """All read units together."""
        return sum(self.reads.values())

    def clear(self) -> None:
        """Begin anew."""
        for counted in (self.writes, self.reads, self.largest, self.changes):
            counted.clear()

    def wrote(self, table: Any, before: Wire | None, after: Wire | None) -> None:
        """Count one write that was done."""
        self._bill(table, before, after)
        for index in table.global_indexes:
            if units := _index_units(table, index, before, after):
                kind = kind_of(table, after or before or {})
                self.writes[table.name, kind, index.name] += units
        if before != after:
            self.changes.append(Change(table.name, before, after))

    def refused(self, table: Any, before: Wire | None) -> None:
        """Count one write whose condition did not hold."""
        self._bill(table, before, None)

    def _bill(self, table: Any, before: Wire | None, after: Wire | None) -> None:
        kind, bytes_ = kind_of(table, after or before or {}), max(size(before), size(after))
        self.writes[table.name, kind, ""] += units(bytes_, KIB)
        self.largest[table.name, kind] = max(self.largest[table.name, kind], bytes_)

    def read(self, table: Any, index: str, items: list[Wire], consistent: bool) -> None:
        """Count one call that has read these items."""
        kind = kind_of(table, items[0]) if items else "nothing"
        share = 1 if consistent else 0.5
        self.reads[table.name, kind, index] += share * units(sum(map(size, items)), READ)


def units(bytes_: int, each: int) -> int:
    """Return how many units so many bytes are, at least one."""
    return max(1, math.ceil(bytes_ / each))


def kind_of(table: Any, item: Wire) -> str:
    """Return the kind of an item: the beginning of the key that tells what it is."""
    names = (table.range_key_attr, table.hash_key_attr)
    values = [str(next(iter(item[name].values()))) for name in names if name and name in item]
    of_partition = values[-1] if values else ""
    if of_partition.startswith("#"):
        return of_partition.split("/")[0]
    return (values[0] if values else "").split("#")[0]


def _index_units(table: Any, index: Any, before: Wire | None, after: Wire | None) -> int:
    old, new = (_entry(table, index, item) for item in (before, after))
    if old == new:
        return 0
    keys = [key["AttributeName"] for key in index.schema]
    if old and new and [old[key] for key in keys] == [new[key] for key in keys]:
        return units(max(size(old), size(new)), KIB)
    return sum(units(size(entry), KIB) for entry in (old, new) if entry)


def _entry(table: Any, index: Any, item: Wire | None) -> Wire | None:
    """Return what an index holds of an item; None when the item has not all keys of the index."""
    keys = [key["AttributeName"] for key in index.schema]
    if item is None or any(key not in item for key in keys):
        return None
    projection = index.projection or {}
    if projection.get("ProjectionType") == "ALL":
        return item
    held = {*keys, table.hash_key_attr, table.range_key_attr}
    held |= {*projection.get("NonKeyAttributes", ())}
    return {name: value for name, value in item.items() if name in held}


def size(item: Wire | None) -> int:
    """Return about the bytes of an item as DynamoDB counts them: names and values in UTF-8, 3 per map or list."""
    return sum(len(name.encode()) + value_size(value) for name, value in (item or {}).items())


def value_size(value: Wire) -> int:
    """Bytes of one value."""
    [(kind, inner)] = value.items()
    if kind == "M":
        return 3 + size(inner) + len(inner)
    if kind == "L":
        return 3 + sum(value_size(entry) + 1 for entry in inner)
    if kind == "N":
        return (len(inner.strip("-0.")) + 1) // 2 + 1
    if kind == "B":
        return len(base64.b64decode(inner) if isinstance(inner, str) else inner)
    return len(inner.encode()) if isinstance(inner, str) else 1


@contextlib.contextmanager
def counting(meter: Meter) -> Iterator[None]:
    """Count every call that moto's DynamoDB answers meanwhile."""
    with contextlib.ExitStack() as stack:
        for name in ("put_item", "update_item", "delete_item"):
            inner = getattr(DynamoDBBackend, name)
            stack.enter_context(mock.patch.object(DynamoDBBackend, name, _write(meter, inner)))
        inner = DynamoDBBackend.query
        stack.enter_context(mock.patch.object(DynamoDBBackend, "query", _query(meter, inner)))
        for name in ("get_item", "batch_get_item"):
            inner = getattr(DynamoHandler, name)
            stack.enter_context(mock.patch.object(DynamoHandler, name, _get(meter, inner)))
        yield


def _plain(item: Any) -> Wire | None:
    return copy.deepcopy(item.to_json()["Attributes"]) if item is not None else None


def _stored(backend: Any, table: Any, key: Wire) -> Wire | None:
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    only = {name: key[name] for name in names}
    return _plain(_get_item(backend, table.name, only))


_get_item = DynamoDBBackend.get_item


def _write(meter: Meter, inner: Callable[..., Any]) -> Callable[..., Any]:
    def counted(self: Any, table_name: str, key: Wire, *args: Any, **kwargs: Any) -> Any:
        table = self.get_table(table_name)
        before = _stored(self, table, key)
        try:
            answer = inner(self, table_name, key, *args, **kwargs)
        except Exception:
            meter.refused(table, before)
            raise
        meter.wrote(table, before, _stored(self, table, key))
        return answer

    return counted


def _query(meter: Meter, inner: Callable[..., Any]) -> Callable[..., Any]:
    def counted(self: Any, table_name: str, *args: Any, **kwargs: Any) -> Any:
        answer = inner(self, table_name, *args, **kwargs)
        items = [item for item in map(_plain, answer[0]) if item is not None]
        consistent = bool(kwargs.get("consistent_read"))
        meter.read(self.get_table(table_name), kwargs.get("index_name") or "", items, consistent)
        return answer

    return counted


def _get(meter: Meter, inner: Callable[..., Any]) -> Callable[..., Any]:
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        def read(backend: Any, table_name: str, keys: Wire, *rest: Any, **more: Any) -> Any:
            item = _get_item(backend, table_name, keys, *rest, **more)
            whole = _plain(_get_item(backend, table_name, keys))
            consistent = bool(self.body.get("ConsistentRead"))
            meter.read(backend.get_table(table_name), "", [whole] if whole else [], consistent)
            return item

        with mock.patch.object(DynamoDBBackend, "get_item", read):
            return inner(self, *args, **kwargs)

    return counted
