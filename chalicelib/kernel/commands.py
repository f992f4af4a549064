"""Commands of operators: their data, how records keep them, and how a repeated command is recognised. Pure."""

from collections.abc import Iterable
from typing import Any, Protocol, Self, TypeVar

import msgspec

KEPT = 20  # commands that one record keeps, newest last


class Given(Protocol):
    """Something that says who gave a command and why: a command, its audit, an order, a ruling, a deletion."""

    @property
    def command_id(self) -> str:
        """The id that the command keeps when it is repeated."""

    @property
    def operator(self) -> str:
        """The name of the operator."""

    @property
    def reason(self) -> str:
        """The reason, in the operator's words."""

    @property
    def operator_id(self) -> str:
        """The operator; empty in records from before operators proved who they are."""


G = TypeVar("G", bound=Given)


class Command(msgspec.Struct, frozen=True):
    """A command on one record. `version_seen`: the version of the record that the operator decided on."""

    command_id: str
    operator: str
    reason: str
    version_seen: int
    operator_id: str = ""


class Audit(msgspec.Struct, frozen=True):
    """A command as its record keeps it. It is written together with what the command changes.

    `what`: the name of the command. `at`: when it was carried out (UTC ms). Certificates are sealed over these
    fields in this order: a room that keeps more adds its fields in a subclass.
    """

    command_id: str
    what: str
    operator: str
    reason: str
    at: int
    operator_id: str = ""

    @classmethod
    def of(cls, given: Given, what: str, at: int, **more: Any) -> Self:
        """The audit of this command. `more`: fields of a subclass."""
        return cls(
            command_id=given.command_id,
            what=what,
            operator=given.operator,
            reason=given.reason,
            at=at,
            operator_id=given.operator_id,
            **more,
        )


def find_command(kept: Iterable[G], command_id: str) -> G | None:
    """What is kept of the command with this id; None when it was not given before."""
    return next((entry for entry in kept if entry.command_id == command_id), None)


def repeats(kept: Given, command: Given) -> bool:
    """Whether this is the command that was kept, given again by the same operator for the same reason."""
    return (kept.command_id, kept.operator_id, kept.reason) == (
        command.command_id,
        command.operator_id,
        command.reason,
    )


def may_be_same_operator(one: Given, other: Given) -> bool:
    """Whether one operator may have given both. An older record without an id may be anybody's."""
    return len({one.operator_id, other.operator_id} - {""}) < 2


def with_newest(kept: tuple[G, ...], *newest: G) -> tuple[G, ...]:
    """The kept commands with newer ones. The oldest go when there are more than `KEPT`."""
    return (*kept, *newest)[-KEPT:]
