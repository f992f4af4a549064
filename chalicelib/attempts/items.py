"""The item of an attempt, and the sort keys of the rows beside it. Pure."""

from typing import Any

import msgspec

from chalicelib.attempts.model import Attempt
from chalicelib.exams.model import Policy, current_names

Item = dict[str, Any]
POLICY = Policy.__struct_fields__
OF_CHECK, OF_FRAME, OF_TURN = "VERIFICATION#", "SNAPSHOT#", "TURN#"


def from_item(item: Item) -> Attempt:
    """The attempt of a stored item."""
    values = item["policy"]
    named = dict(zip(POLICY, values, strict=False)) if isinstance(values, list) else values
    return msgspec.convert({**item, "policy": current_names(named)}, Attempt)


def to_item(attempt: Attempt) -> Item:
    """Return the item of an attempt. Writes are billed by size, so the policy is stored as a list without names.

    New fields of the policy go to the end of `POLICY`. Older items have shorter lists and get the defaults.
    """
    fields = {
        name: value
        for name, value in msgspec.to_builtins(attempt, builtin_types=(bytes,)).items()
        if value is not None
    }
    return {**fields, "policy": [fields["policy"][name] for name in POLICY], "sk": "ATTEMPT"}


def of_check(verification_id: str) -> str:
    """Return the sort key of the findings of a check. It is also the name of that picture within its attempt."""
    return f"{OF_CHECK}{verification_id}"


def of_frame(slot: int) -> str:
    """Return the sort key of the findings of a slot's frame. It is also the name of that frame within its attempt."""
    return f"{OF_FRAME}{slot:03}"


def of_turn(verification_id: str) -> str:
    """Return the sort key of the findings about the turn of the head in a check."""
    return f"{OF_TURN}{verification_id}"
