"""What a rule decides: typed outcomes, whose fields are the new values of fields of a record. Pure."""

import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about a record.

    Each field has the name and the type of a field of the record. None removes an optional field. `UNSET` leaves a
    field as it is; only fields that are declared with `UnsetType` may be left out.
    """


Outcomes = tuple[Outcome, ...]
"""All that one rule decides. A later outcome overrides an earlier one. The empty tuple changes nothing."""

R = TypeVar("R", bound=msgspec.Struct)
O = TypeVar("O", bound=type[Outcome])  # noqa: E741


def outcome_of(record: type[msgspec.Struct]) -> Callable[[O], O]:
    """Decorate an outcome of this kind of record.

    Raises `TypeError` at import when a field of the outcome is no field of the record, or has a type that the
    record's field does not admit. Nobody sets `version`: the write counts it.
    """

    def checked(outcome: O) -> O:
        admitted = _annotations(record)
        for name, kind in _annotations(outcome).items():
            if name == "version" or name not in admitted:
                raise TypeError(f"{outcome.__name__}.{name}: {record.__name__} has no such field")
            if not _members(kind) - {UnsetType} <= _members(admitted[name]):
                raise TypeError(f"{outcome.__name__}.{name}: {record.__name__} has another type")
        return outcome

    return checked


def changed_fields(outcomes: Outcomes) -> dict[str, Any]:
    """The fields that these outcomes set, with their new values. None stands for a field to remove."""
    return {
        name: value
        for outcome in outcomes
        for name in outcome.__struct_fields__
        if (value := getattr(outcome, name)) is not UNSET
    }


def applied(record: R, outcomes: Outcomes) -> R:
    """The record as it is after these outcomes; its version stays."""
    return msgspec.structs.replace(record, **changed_fields(outcomes))


def includes(outcomes: Outcomes, *kinds: type[Outcome]) -> bool:
    """Whether one of the outcomes is of one of these kinds."""
    return any(isinstance(outcome, kinds) for outcome in outcomes)


def _annotations(kind: type) -> dict[str, Any]:
    """The annotated fields of a class and its bases, in the order of the bases."""
    annotations: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        annotations |= {
            name: annotation
            for name, annotation in getattr(base, "__annotations__", {}).items()
            if typing.get_origin(annotation) is not typing.ClassVar
        }
    return annotations


def _members(kind: Any) -> frozenset[Any]:
    """The types that a union admits; for any other type that type alone. `Annotated` is ignored."""
    if typing.get_origin(kind) is typing.Annotated:
        return _members(typing.get_args(kind)[0])
    if kind is None:
        return frozenset({types.NoneType})
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return frozenset(typing.get_args(kind))
    return frozenset({kind})
