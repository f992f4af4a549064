"""The kernel: outcomes are checked against their record, and a lost race is decided again."""

from typing import Annotated

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from chalicelib.kernel.deciding import TRIES, LostRace, decide
from chalicelib.kernel.outcomes import (
    Outcome,
    Outcomes,
    applied,
    changed_fields,
    includes,
    outcome_of,
)
from chalicelib.shared.errors import Conflict


class Door(msgspec.Struct, frozen=True):
    version: int = 1
    colour: str = "red"
    opened_at: int | None = None


@outcome_of(Door)
class Opened(Outcome):
    opened_at: int


@outcome_of(Door)
class Painted(Outcome):
    colour: str
    opened_at: int | UnsetType | None = UNSET


def test_an_outcome_sets_exactly_the_fields_it_names() -> None:
    assert changed_fields((Opened(opened_at=7),)) == {"opened_at": 7}
    assert changed_fields((Painted(colour="blue"),)) == {"colour": "blue"}
    assert changed_fields(()) == {}


def test_the_later_outcome_counts_and_none_removes() -> None:
    outcomes = (Opened(opened_at=7), Painted(colour="blue", opened_at=None))
    assert changed_fields(outcomes) == {"colour": "blue", "opened_at": None}
    assert applied(Door(), outcomes) == Door(1, "blue", None)
    assert includes(outcomes, Painted)
    assert not includes(outcomes[:1], Painted)


def test_a_misspelt_field_is_noticed_at_import() -> None:
    with pytest.raises(TypeError, match=r"Shut\.closed_at: Door has no such field"):

        @outcome_of(Door)
        class Shut(Outcome):
            closed_at: int


def test_a_field_of_another_type_is_noticed_at_import() -> None:
    with pytest.raises(TypeError, match=r"Shut\.opened_at: Door has another type"):

        @outcome_of(Door)
        class Shut(Outcome):
            opened_at: str


def test_what_annotates_a_field_of_the_record_makes_no_other_type() -> None:
    class Labelled(msgspec.Struct, frozen=True):
        label: Annotated[str, Meta(max_length=9)] = ""

    @outcome_of(Labelled)
    class Renamed(Outcome, frozen=True):
        label: str

    assert applied(Labelled(), (Renamed(label="front"),)) == Labelled("front")


def test_nobody_but_the_write_counts_the_version() -> None:
    with pytest.raises(TypeError, match="version"):

        @outcome_of(Door)
        class Counted(Outcome):
            version: int


class Races:
    """A record that others change before the first `lost` writes."""

    def __init__(self, lost: int) -> None:
        self.left = lost
        self.loads = 0

    def load(self) -> Door:
        self.loads += 1
        return Door(version=self.loads)

    def write(self, door: Door, outcomes: Outcomes) -> Door:
        if self.left:
            self.left -= 1
            raise LostRace
        return applied(door, outcomes)


def opened(door: Door) -> Outcomes:
    """A rule: what it decides depends on what was loaded."""
    return (Opened(opened_at=door.version),)


@pytest.mark.parametrize("lost", range(TRIES))
def test_after_a_lost_race_the_record_is_loaded_and_decided_again(lost: int) -> None:
    races = Races(lost)
    assert decide(races.load, opened, races.write) == Door(lost + 1, opened_at=lost + 1)
    assert races.loads == lost + 1


def test_who_loses_every_race_is_told_so() -> None:
    races = Races(TRIES)
    with pytest.raises(Conflict) as refused:
        decide(races.load, opened, races.write)
    assert refused.value.code == "busy"
    assert races.loads == TRIES


def test_a_rule_that_decides_nothing_writes_nothing() -> None:
    races = Races(1)
    assert decide(races.load, lambda door: (), races.write) == Door(1)
    assert races.left == 1
