"""Operators in DynamoDB.

Operators table, key `pk`: `REGISTER` all operators of the stage; `<operator_id>` the credential of one.
"""

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
    """All operators."""
    item = table.get(settings().operators_table, _REGISTER)
    return msgspec.convert(item, OperatorRegister) if item else OperatorRegister()


def write_register(register: OperatorRegister, operators: tuple[Operator, ...]) -> None:
    """Replace the operators of a register that nobody has written since it was read. Raises `LostRace`."""
    after = OperatorRegister(register.version + 1, operators)
    condition = If().equals("version", register.version) if register.version else If().absent("pk")
    try:
        table.put(
            settings().operators_table, {**_REGISTER, **msgspec.to_builtins(after)}, condition
        )
    except ConditionFailed as failed:
        # boto3 repeats a request whose response got lost: then this very list is there.
        if failed.old is None or msgspec.convert(failed.old, OperatorRegister) != after:
            raise LostRace from None


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


def change_credential(credential: Credential, outcomes: Outcomes) -> Credential:
    """Write what a rule decided; returns the credential after it. Raises `LostRace`, `Unavailable`."""
    key = {"pk": credential.operator_id}
    item = write_outcomes(settings().operators_table, key, credential.version, outcomes)
    return msgspec.convert(item, Credential)
