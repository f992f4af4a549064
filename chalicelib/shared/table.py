"""DynamoDB with plain Python values: reads, queries and conditional writes of items.

boto3's own converter turns numbers into `Decimal`. Ours keeps `int` and `float`, which is all that our items hold, and
takes microseconds.
"""

import base64
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.shared import ids
from chalicelib.shared.aws import calls, retrying
from chalicelib.shared.errors import Unavailable

Item = dict[str, Any]

# Errors that pass besides those that are tried again (`retrying`): the same request may succeed later.
_PASSING_ERRORS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InternalError",
        "ServiceUnavailable",
        "TransactionConflictException",
    }
)


class ConditionFailed(Exception):
    """The condition of a write did not hold. `old`: the item as it is (None: there is none)."""

    def __init__(self, old: Item | None) -> None:
        super().__init__("condition failed")
        self.old = old


@contextlib.contextmanager
def aws_errors() -> Iterator[None]:
    """Turn errors that pass into `Unavailable`. Other errors are raised unchanged."""
    try:
        yield
    except ClientError as error:
        if _passes(error):
            raise Unavailable("service_busy", retry_after_s=2) from error
        raise
    except BotoCoreError as error:
        raise Unavailable("service_busy", retry_after_s=2) from error


def _passes(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    code = error.response["Error"]["Code"]
    return code in _PASSING_ERRORS or status >= 500 or retrying.Failure(status, code).passes


def to_wire(value: Any) -> dict[str, Any]:
    """A Python value as DynamoDB writes it. Raises `TypeError` for what our items never hold."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": repr(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [to_wire(entry) for entry in value]}
        case dict():
            return {"M": {name: to_wire(entry) for name, entry in value.items()}}
    raise TypeError(f"no DynamoDB type for {type(value).__name__}")


def from_wire(value: Mapping[str, Any]) -> Any:
    """The Python value of what DynamoDB wrote. Bytes are base64; boto3, which tests use, gives bytes."""
    [(kind, inner)] = value.items()
    return inner if kind == "S" else _from_kind(kind, inner)


def _from_kind(kind: str, inner: Any) -> Any:
    match kind:
        case "S" | "BOOL":
            return inner
        case "N":
            return int(inner) if inner.lstrip("-").isdigit() else float(inner)
        case "NULL":
            return None
        case "B":
            return base64.b64decode(inner) if isinstance(inner, str) else bytes(inner)
        case "L":
            return [from_wire(entry) for entry in inner]
        case "M":
            return item_from_wire(inner)
        # we write no sets, but a set from elsewhere must not make reading fail
        case "SS" | "NS" | "BS":
            return {from_wire({kind[0]: entry}) for entry in inner}
    raise TypeError(f"unexpected DynamoDB type {kind}")


def item_from_wire(wire: Mapping[str, Any]) -> Item:
    """A whole item. Most values are texts, for which a function would be called in vain."""
    return {
        name: inner if kind == "S" else _from_kind(kind, inner)
        for name, value in wire.items()
        for kind, inner in value.items()
    }


def _item_to_wire(item: Item) -> dict[str, Any]:
    return {name: to_wire(value) for name, value in item.items()}


def _call(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    return calls.call("dynamodb", operation, request)


def get(table: str, key: Item) -> Item | None:
    """One item, strongly consistent, or None. Raises `Unavailable`."""
    with aws_errors():
        answer = _call(
            "GetItem", {"TableName": table, "Key": _item_to_wire(key), "ConsistentRead": True}
        )
    return item_from_wire(answer["Item"]) if "Item" in answer else None


def get_many(table: str, keys: Iterable[Item], *, fields: tuple[str, ...] = ()) -> Iterator[Item]:
    """Yield the items with these keys that exist, in no particular order, many in one call. Eventually consistent.

    Keys must differ. `fields`: only these attributes are read; () reads all.
    Raises `Unavailable` when the table does not return all of them.
    """
    waiting = [_item_to_wire(key) for key in keys]
    expression = _Expression()
    wanted = ", ".join(map(expression.path, fields))
    only = expression.request(ProjectionExpression=wanted) if wanted else {}
    for first in range(0, len(waiting), _READ_AT_ONCE):
        left = {table: {"Keys": waiting[first : first + _READ_AT_ONCE], **only}}
        for tried in range(_BATCH_TRIES):
            retrying.pause_before_rest(tried)
            with aws_errors():
                answer = _call("BatchGetItem", {"RequestItems": left})
            yield from map(item_from_wire, answer["Responses"].get(table, ()))
            left = answer.get("UnprocessedKeys") or {}
            if not left:
                break
        if left:
            raise Unavailable("service_busy", retry_after_s=2)


class _Expression:
    """Collects the placeholders of one request. Its text holds no names and no values."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def path(self, dotted: str) -> str:
        """`answers.17` as `#n0.#n1`."""
        return ".".join(self._name(part) for part in dotted.split("."))

    def _name(self, part: str) -> str:
        for placeholder, name in self.names.items():
            if name == part:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = part
        return placeholder

    def value(self, value: Any) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = to_wire(value)
        return placeholder

    def request(self, **more: Any) -> dict[str, Any]:
        if self.names:
            more["ExpressionAttributeNames"] = self.names
        if self.values:
            more["ExpressionAttributeValues"] = self.values
        return more


class If:
    """Conditions, joined by AND: `If().equals("page", 3).at_least("saves_until", now)`."""

    def __init__(self) -> None:
        self._terms: list[tuple[str, str, Any]] = []

    def _add(self, form: str, path: str, value: Any = None) -> "If":
        self._terms.append((form, path, value))
        return self

    def equals(self, path: str, value: Any) -> "If":
        """The attribute is there and is `value`."""
        return self._add("{p} = {v}", path, value)

    def below(self, path: str, value: Any) -> "If":
        """The attribute is there and less than `value`."""
        return self._add("{p} < {v}", path, value)

    def above(self, path: str, value: Any) -> "If":
        """The attribute is there and greater than `value`."""
        return self._add("{p} > {v}", path, value)

    def at_least(self, path: str, value: Any) -> "If":
        """The attribute is there and not less than `value`."""
        return self._add("{p} >= {v}", path, value)

    def exists(self, path: str) -> "If":
        """The attribute is there."""
        return self._add("attribute_exists({p})", path)

    def absent(self, path: str) -> "If":
        """The attribute is not there (on the key: the item is not there)."""
        return self._add("attribute_not_exists({p})", path)

    def absent_or_below(self, path: str, value: Any) -> "If":
        """The attribute is missing, or less than `value` (counters, lapsed rows)."""
        return self._add("(attribute_not_exists({p}) OR {p} < {v})", path, value)

    def absent_or_equals(self, path: str, value: Any) -> "If":
        """The attribute is missing, or is `value` already."""
        return self._add("(attribute_not_exists({p}) OR {p} = {v})", path, value)

    def absent_or_not(self, path: str, value: Any) -> "If":
        """The attribute is missing, or is something else."""
        return self._add("(attribute_not_exists({p}) OR {p} <> {v})", path, value)

    def text(self, expression: _Expression) -> str:
        """The condition with placeholders of `expression`."""
        parts = []
        for form, path, value in self._terms:
            filled = expression.value(value) if "{v}" in form else ""
            parts.append(form.format(p=expression.path(path), v=filled))
        return " AND ".join(parts)


def put(table: str, item: Item, condition: If | None = None) -> None:
    """Write a whole item. Raises `ConditionFailed` with the item that is stored."""
    expression = _Expression()
    more = {"ConditionExpression": condition.text(expression)} if condition else {}
    request = expression.request(TableName=table, Item=_item_to_wire(item), **more)
    _conditional("PutItem", request)


_AT_ONCE = 25  # the most that BatchWriteItem takes
_READ_AT_ONCE = 100  # the most that BatchGetItem takes
_BATCH_TRIES = 10


def put_many(table: str, items: Iterable[Item]) -> None:
    """Write whole items without conditions, many in one call. A repeated call writes the same again.

    Raises `Unavailable` when the table does not take all of them; some may have been written.
    """
    waiting = [{"PutRequest": {"Item": _item_to_wire(item)}} for item in items]
    for first in range(0, len(waiting), _AT_ONCE):
        left = {table: waiting[first : first + _AT_ONCE]}
        for tried in range(_BATCH_TRIES):
            retrying.pause_before_rest(tried)
            with aws_errors():
                answer = _call("BatchWriteItem", {"RequestItems": left})
            left = answer.get("UnprocessedItems") or {}
            if not left:
                break
        if left:
            raise Unavailable("service_busy", retry_after_s=2)


def delete(table: str, key: Item, condition: If | None = None) -> Item | None:
    """Remove an item and return what it was. Raises `ConditionFailed`."""
    expression = _Expression()
    more = {"ConditionExpression": condition.text(expression)} if condition else {}
    request = expression.request(TableName=table, Key=_item_to_wire(key), **more)
    answer = _conditional("DeleteItem", {**request, "ReturnValues": "ALL_OLD"})
    return item_from_wire(answer["Attributes"]) if "Attributes" in answer else None


def update(
    table: str,
    key: Item,
    condition: If,
    *,
    sets: Item | None = None,
    adds: dict[str, int] | None = None,
    removes: tuple[str, ...] = (),
) -> Item:
    """One conditional `UpdateItem`; returns the whole new item.

    Raises `ConditionFailed` with the old item, `Unavailable`.
    """
    expression = _Expression()
    clauses = []
    if sets:
        pairs = [f"{expression.path(p)} = {expression.value(v)}" for p, v in sets.items()]
        clauses.append("SET " + ", ".join(pairs))
    if adds:
        pairs = [f"{expression.path(p)} {expression.value(v)}" for p, v in adds.items()]
        clauses.append("ADD " + ", ".join(pairs))
    if removes:
        clauses.append("REMOVE " + ", ".join(expression.path(p) for p in removes))
    request = expression.request(
        TableName=table,
        Key=_item_to_wire(key),
        UpdateExpression=" ".join(clauses),
        ConditionExpression=condition.text(expression),
    )
    answer = _conditional("UpdateItem", {**request, "ReturnValues": "ALL_NEW"})
    return item_from_wire(answer["Attributes"])


def update_once(
    table: str,
    key: Item,
    condition: If,
    *,
    sets: Item | None = None,
    adds: dict[str, int] | None = None,
    removes: tuple[str, ...] = (),
) -> Item:
    """Do the same as `update`, also when the request is repeated because its response got lost.

    The repeat must not count a second time, and must not take its own write for somebody else's. So each call stores
    its own id in the item (`write_id`). Raises what `update` raises.
    """
    write_id = ids.new_id("", 12)
    try:
        return update(
            table,
            key,
            condition.absent_or_not("write_id", write_id),
            sets={**(sets or {}), "write_id": write_id},
            adds=adds,
            removes=removes,
        )
    except ConditionFailed as failed:
        if failed.old is None or failed.old.get("write_id") != write_id:
            raise
        return failed.old


def _conditional(operation: str, request: dict[str, Any]) -> Any:
    if "ConditionExpression" in request:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    with aws_errors():
        try:
            return _call(operation, request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            old = error.response.get("Item")
            raise ConditionFailed(item_from_wire(old) if old else None) from None  # type: ignore[arg-type, unused-ignore]


def scan(table: str, *, having: str, start: Item | None = None) -> Iterator[Item]:
    """Yield the items of a table that have an attribute, in no particular order.

    `start` is any key, whether or not an item has it; a random key begins at a random place. Eventually consistent.
    """
    expression = _Expression()
    wanted = If().exists(having).text(expression)
    request = expression.request(TableName=table, FilterExpression=wanted)
    after = {"ExclusiveStartKey": _item_to_wire(start)} if start else {}
    while True:
        with aws_errors():
            answer = _call("Scan", {**request, **after})
        yield from map(item_from_wire, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        after = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def count_page(table: str, *, having: str, after: Item | None = None) -> tuple[int, Item | None]:
    """Return how many items of one page of a table have an attribute, and where the next page begins (None: the end).

    A page is 1 MB of the table. Eventually consistent.
    """
    expression = _Expression()
    wanted = If().exists(having).text(expression)
    request = expression.request(TableName=table, FilterExpression=wanted, Select="COUNT")
    begin = {"ExclusiveStartKey": _item_to_wire(after)} if after else {}
    with aws_errors():
        answer = _call("Scan", {**request, **begin})
    last = answer.get("LastEvaluatedKey")
    return int(answer["Count"]), item_from_wire(last) if last else None


def query(
    table: str,
    *,
    hash_key: tuple[str, Any],
    sort_prefix: tuple[str, str] | None = None,
    sort_above: tuple[str, Any] | None = None,
    index: str | None = None,
    newest_first: bool = False,
    after: Item | None = None,
    most: int | None,
) -> Iterator[Item]:
    """Yield the items of one partition of a table or index.

    `most`: how many at most; None: all. Each caller says it, because a caller that stops early has paid for the
    whole first page of the answer (1 MB). `sort_prefix`, `sort_above`: only items whose sort key begins with it, or is
    greater (not both). `after`: the keys (of table and index) of an item, which need not exist; only items after it.
    """
    expression = _Expression()
    wanted = f"{expression.path(hash_key[0])} = {expression.value(hash_key[1])}"
    if sort_prefix:
        name, prefix = expression.path(sort_prefix[0]), expression.value(sort_prefix[1])
        wanted += f" AND begins_with({name}, {prefix})"
    if sort_above:
        wanted += f" AND {expression.path(sort_above[0])} > {expression.value(sort_above[1])}"
    request = expression.request(
        TableName=table,
        KeyConditionExpression=wanted,
        ScanIndexForward=not newest_first,
        **({"IndexName": index} if index else {"ConsistentRead": True}),
        **({"Limit": most} if most else {}),
    )
    start: dict[str, Any] = {"ExclusiveStartKey": _item_to_wire(after)} if after else {}
    while True:
        with aws_errors():
            answer = _call("Query", {**request, **start})
        yield from map(item_from_wire, answer["Items"])
        if most or "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
