"""Operators' hand for a person who wants their face data and photos deleted."""

from typing import Annotated, Any

from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.deletion import service as deletion
from chalicelib.handlers.console import Audited, ordered
from chalicelib.identity.deleting import SETTLING_MS
from chalicelib.identity.model import Deletion
from chalicelib.operators.model import Decider

functions = Blueprint(__name__)


class DeletePersonData(Audited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose pictures, who deletes them, and why. The same `command_id` again goes on where it stopped."""

    account_id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+(?!\n)$")]


@functions.lambda_function()
def delete_person_data(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Delete a candidate's face data and photos from every store; call again at `again_at` until `done`."""

    def answer(command: DeletePersonData, by: Decider, now: int) -> dict[str, Any]:
        wish = Deletion(
            command.command_id,
            by.name,
            command.reason,
            requested_at=now,
            operator_id=by.operator_id,
        )
        found = deletion.delete_person_data(account_id=command.account_id, deletion=wish, now=now)
        return _as_answer(command.account_id, found)

    return ordered(event, DeletePersonData, answer)


def _as_answer(account_id: str, found: Deletion) -> dict[str, Any]:
    done = found.done_at is not None
    return {
        "account_id": account_id,
        "done": done,
        "requested_at": found.requested_at,
        "done_at": found.done_at,
        "again_at": None if done else found.requested_at + SETTLING_MS,
        "kept_certificates": list(found.kept),
    }
