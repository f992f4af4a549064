"""The operators' function for a person who wants their face data and photos deleted."""

from typing import Annotated, Any

from msgspec import Meta

from chalicelib.deletion import service as deletion
from chalicelib.desk.commands import Answer, Event, ProvenCommand, ordered
from chalicelib.identity.deleting import SETTLING_MS
from chalicelib.identity.model import Deletion
from chalicelib.operators.model import Decider


class DeletePersonData(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose pictures are deleted. Repeating the `command_id` goes on where the last call stopped."""

    account_id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+(?!\n)$")]

    def deletion(self, by: Decider, now: int) -> Deletion:
        """The deletion as the room of identity takes it, ordered by this operator."""
        return Deletion(
            self.command_id,
            by.name,
            self.reason,
            requested_at=now,
            operator_id=by.operator_id,
        )


def delete_person_data(event: Event) -> Answer:
    """Delete a candidate's face data and photos from every store; call again at `again_at` until `done`."""
    return ordered(
        event,
        DeletePersonData,
        lambda command, by, now: _as_answer(
            command.account_id,
            deletion.delete_person_data(
                account_id=command.account_id, deletion=command.deletion(by, now), now=now
            ),
        ),
    )


def _as_answer(account_id: str, deletion: Deletion) -> dict[str, Any]:
    done = deletion.done_at is not None
    return {
        "account_id": account_id,
        "done": done,
        "requested_at": deletion.requested_at,
        "done_at": deletion.done_at,
        "again_at": None if done else deletion.requested_at + SETTLING_MS,
        "kept_certificates": list(deletion.kept),
    }
