"""The same call by a boto3 client and by the product's own way: what each gives or raises, in one form."""

import base64
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.shared import clients
from chalicelib.shared.aws import calls

NAMES = {
    "GetItem": "get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "Query": "query",
    "Scan": "scan",
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "TransactWriteItems": "transact_write_items",
    "GetSecretValue": "get_secret_value",
}
EVERY_TYPE: dict[str, Any] = {
    "text": {"S": "考场"},
    "empty": {"S": ""},
    "whole": {"N": "-7"},
    "large": {"N": "12345678901234567890123456789012345678"},
    "broken": {"N": "0.125"},
    "bytes": {"B": b"\x00\xff"},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "a"}, {"N": "1"}, {"B": b""}, {"L": []}]},
    "map": {"M": {"inner": {"M": {}}, "1": {"B": b"abc"}}},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "several": {"BS": [b"a", b"b"]},
}


def by_client(service: str, operation: str, request: dict[str, Any]) -> Any:
    """The answer that boto3 gives."""
    answer = getattr(clients.client(service), NAMES[operation])(**request)
    return in_json({name: told for name, told in answer.items() if name != "ResponseMetadata"})


def directly(service: str, operation: str, request: dict[str, Any]) -> Any:
    """The answer that the product gets."""
    return in_json(calls.call(service, operation, request))


BOTH: tuple[Callable[..., Any], ...] = (by_client, directly)


def in_json(value: Any) -> Any:
    """Bytes as base64, sets in one order, everything else as it is."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: in_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_json(inner) for inner in value]
    return value


def outcome(way: Callable[..., Any], *what: Any) -> Any:
    """What a call gives, or what its error tells: code, status, message and fields, or the kind of failure."""
    try:
        return way(*what)
    except ClientError as error:
        told = error.response
        about = told["ResponseMetadata"]
        fields = {n: in_json(v) for n, v in told.items() if n not in ("Error", "ResponseMetadata")}
        fields.pop("message", None)  # boto3 repeats it for the errors that it knows
        if told["Error"]["Code"].isdecimal():  # AWS itself has told nothing
            return told["Error"]["Code"], about["HTTPStatusCode"], about["RetryAttempts"]
        known = "RequestId" in about, about["HTTPStatusCode"], about["RetryAttempts"]
        return told["Error"]["Code"], told["Error"]["Message"], fields, known
    except BotoCoreError as error:
        return type(error)


def differences(table: str) -> list[str]:
    """Make calls of every kind both ways against one table with the key `pk`; return where the outcomes differ."""
    return [
        f"{operation} {request}: {told}"
        for operation, request in _story(table)
        for told in [[outcome(way, "dynamodb", operation, request) for way in BOTH]]
        if told[0] != told[1]
    ]


def _story(table: str) -> list[tuple[str, dict[str, Any]]]:
    """Calls that may be made twice in a row with the same outcome: writes of what stands there, reads, refusals."""
    row = {"pk": {"S": "row"}, **EVERY_TYPE}
    at = {"TableName": table, "Key": {"pk": {"S": "row"}}}
    names, is_row = {"#n": "pk"}, {":v": {"S": "row"}}
    failed = {
        "ConditionExpression": "attribute_not_exists(#n)",
        "ExpressionAttributeNames": names,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    change = {"UpdateExpression": "SET #t = :t", "ReturnValues": "ALL_NEW"}
    changed = {
        "ExpressionAttributeNames": {"#t": "text"},
        "ExpressionAttributeValues": {":t": {"S": "another"}},
    }
    rows = [{"PutRequest": {"Item": {**row, "pk": {"S": f"row {n}"}}}} for n in range(3)]
    put = {"Put": {"TableName": table, "Item": row, **failed}}
    return [
        ("GetItem", at),
        ("PutItem", {"TableName": table, "Item": row}),
        ("GetItem", {**at, "ConsistentRead": True}),
        ("PutItem", {"TableName": table, "Item": row, **failed}),
        ("UpdateItem", {**at, **change, **changed}),
        ("UpdateItem", {**at, **change, **changed, "UpdateExpression": "SET #t.#t = :t"}),
        ("DeleteItem", {**at, **failed}),
        ("BatchWriteItem", {"RequestItems": {table: rows}}),
        ("BatchGetItem", {"RequestItems": {table: {"Keys": [at["Key"], {"pk": {"S": "no"}}]}}}),
        (
            "Query",
            {
                "TableName": table,
                "KeyConditionExpression": "#n = :v",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": is_row,
            },
        ),
        ("Scan", {"TableName": table, "Select": "COUNT"}),
        ("TransactWriteItems", {"TransactItems": [put]}),
        ("GetItem", {**at, "TableName": "no-such-table"}),
        ("GetItem", {**at, "Key": {"wrong": {"S": "row"}}}),
    ]
