"""Operators in DynamoDB.

Operators table, key `pk`: `REGISTER` all operators of the stage; `<operator_id>` the credential of one;
`LOOK_UP#<hash>` that an operator looked somebody up.
"""

import contextlib
from typing import Any

import msgspec

from chalicelib.kernel.deciding import LostRace
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.kernel.records import write_outcomes
from chalicelib.operators.model import Credential, Operator, OperatorRegister
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_REGISTER = {"pk": "REGISTER"}


def load_register() -> OperatorRegister:
    """Return the register; an empty one of version 0 before the first write."""
    item = table.get(settings().operators_table, _REGISTER)
    return msgspec.convert(item, OperatorRegister) if item else OperatorRegister()


def write_register(register: OperatorRegister, operators: tuple[Operator, ...]) -> None:
    """Replace the operators of the register. Raises `LostRace` when somebody has written it since it was read."""
    after = OperatorRegister(register.version + 1, operators)
    condition = If().equals("version", register.version) if register.version else If().absent("pk")
    try:
        table.put(
            settings().operators_table, {**_REGISTER, **msgspec.to_builtins(after)}, condition
        )
    except ConditionFailed as failed:
        # A request is repeated when its response gets lost. Then the table already holds the same list.
        if failed.old is None or msgspec.convert(failed.old, OperatorRegister) != after:
            raise LostRace from None


def put_look_up(item: dict[str, Any]) -> None:
    """Add the record of a look-up, once. Nothing changes or deletes it before it expires."""
    with contextlib.suppress(ConditionFailed):
        table.put(settings().operators_table, item, If().absent("pk"))


def load_credential(operator_id: str) -> Credential | None:
    """Return the credential of an operator; None when there is none."""
    item = table.get(settings().operators_table, {"pk": operator_id})
    return msgspec.convert(item, Credential) if item else None


def put_credential(fresh: Credential) -> Credential:
    """Write a new credential unless the operator has one. Returns the one that is stored now."""
    item: dict[str, Any] = {"pk": fresh.operator_id, **msgspec.structs.asdict(fresh)}
    try:
        table.put(settings().operators_table, item, If().absent("pk"))
    except ConditionFailed as failed:
        return msgspec.convert(failed.old, Credential)
    return fresh


def change_credential(credential: Credential, outcomes: Outcomes) -> Credential:
    """Write what a rule decided. Returns the credential after it. Raises `LostRace`, `Unavailable`."""
    key = {"pk": credential.operator_id}
    item = write_outcomes(settings().operators_table, key, credential.version, outcomes)
    return msgspec.convert(item, Credential)
