"""Operators in DynamoDB.

Operators table, key `pk`: `REGISTER` all operators of the stage; `<operator_id>` the credential of one.
"""

from typing import Any

import msgspec

from chalicelib.operators.model import Changes, Credential, Operator, Register
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_REGISTER = {"pk": "REGISTER"}


class ChangedMeanwhile(Exception):
    """Somebody else changed the register or the credential since it was read."""


def load_register() -> Register:
    """All operators."""
    item = table.get(settings().operators_table, _REGISTER)
    return msgspec.convert(item, Register) if item else Register()


def write_register(known: Register, operators: tuple[Operator, ...]) -> None:
    """Replace the list if nobody did since. Raises `ChangedMeanwhile`."""
    after = Register(known.version + 1, operators)
    condition = If().equals("version", known.version) if known.version else If().absent("pk")
    try:
        table.put(
            settings().operators_table, {**_REGISTER, **msgspec.to_builtins(after)}, condition
        )
    except ConditionFailed as failed:
        # boto3 repeats a request whose response got lost: then this very list is there.
        if failed.old is None or msgspec.convert(failed.old, Register) != after:
            raise ChangedMeanwhile from None


def load_credential(operator_id: str) -> Credential | None:
    """What proves one operator."""
    item = table.get(settings().operators_table, {"pk": operator_id})
    return msgspec.convert(item, Credential) if item else None


def put_credential(fresh: Credential) -> Credential:
    """Keep a new credential unless it is there; returns the one that is there now."""
    item: dict[str, Any] = {"pk": fresh.operator_id, **msgspec.structs.asdict(fresh)}
    try:
        table.put(settings().operators_table, item, If().absent("pk"))
    except ConditionFailed as failed:
        return msgspec.convert(failed.old, Credential)
    return fresh


def change_credential(known: Credential, changes: Changes) -> Credential:
    """Write what a rule decided if nobody wrote since. Raises `ChangedMeanwhile`."""
    try:
        item = table.update_once(
            settings().operators_table,
            {"pk": known.operator_id},
            If().equals("version", known.version),
            sets={**changes, "version": known.version + 1},
        )
    except ConditionFailed:
        raise ChangedMeanwhile from None
    return msgspec.convert(item, Credential)
