"""Operators of tests: they are entered when they are first named, and have a fresh code at hand for each command."""

import functools
import unicodedata
from typing import Any

import boto3

from chalicelib.operators import codes, service, store
from chalicelib.operators.model import Credential, Operator, OperatorOrder
from chalicelib.shared import clock, lines
from tests.api import run
from tests.cloud import ENVIRONMENT


def give(handler: str, event: dict[str, Any]) -> Any:
    """Run an operators' function as the operator that the event names."""
    return run(handler, signed(event))


def signed(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with an unused code of its operator, as if a minute had passed for them."""
    if "operator" not in event or "operator_code" in event:
        return event
    return {**event, "operator_code": fresh_code(str(event["operator"]))}


def fresh_code(name: str) -> str:
    """A code of this operator that nobody has used."""
    if not lines.fold_name(name):
        return "000000"
    enter(name)
    rest(name)
    return code(name)


def enter(name: str, number: str = "") -> Operator:
    """Enter an operator, unless there is one with this name. Returns the operator."""
    found = find(name)
    if found is None:
        by = _somebody()
        order = OperatorOrder(f"enter-{lines.fold_name(name)}", "考务组", by, clock.now_ms())
        number = number or _number_of(lines.fold_name(name))
        found = service.add_operator(name=name.strip()[:40], number=number, order=order).operator
    return found


def _somebody() -> Any:
    from chalicelib.operators.model import Decider

    active = store.load_register().active
    return Decider(active[0].operator_id, active[0].name) if active else None


@functools.cache
def _number_of(name: str) -> str:
    return "T" + "".join(f"{ord(sign):X}" for sign in unicodedata.normalize("NFKC", name))[:30]


def find(name: str) -> Operator | None:
    """The operator of this name, retired or not."""
    known = store.load_register().operators
    return next((o for o in known if o.name_key == lines.fold_name(name)), None)


def credential(name: str) -> Credential:
    """What is kept of their codes."""
    found = find(name)
    assert found is not None
    kept = store.load_credential(found.operator_id)
    assert kept is not None
    return kept


def code(name: str, ms: int = 0) -> str:
    """What their app shows, so many milliseconds from now."""
    return codes.code_at(secret(name), clock.now_ms() + ms)


def secret(name: str) -> str:
    """The secret in their app."""
    from chalicelib.shared.sealed import unseal

    kept = credential(name)
    return unseal(kept.secret_sealed, f"{kept.operator_id}/totp")


def rest(name: str) -> None:
    """Make it so that this operator has not used a code lately."""
    boto3.client("dynamodb").update_item(
        TableName=ENVIRONMENT["OPERATORS_TABLE"],
        Key={"pk": {"S": credential(name).operator_id}},
        UpdateExpression="SET last_step = :none, used_for = :nothing",
        ExpressionAttributeValues={":none": {"N": "0"}, ":nothing": {"S": ""}},
    )
