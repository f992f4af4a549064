"""Commands: how a record keeps them, and how it knows them again."""

import msgspec

from chalicelib.kernel.commands import (
    KEPT,
    Audit,
    Command,
    find_command,
    may_be_same_operator,
    repeats,
    with_newest,
)

COMMAND = Command("command-1", "王运营", "网络故障", 3, "op_1")


class Detailed(Audit, frozen=True):
    """An audit of a room that keeps more."""

    detail: str = ""


def test_an_audit_says_who_ordered_what_and_why() -> None:
    entry = Audit.of(COMMAND, "extend_time", 7)
    assert entry == Audit("command-1", "extend_time", "王运营", "网络故障", 7, "op_1")


def test_a_room_may_keep_more() -> None:
    entry = Detailed.of(COMMAND, "extend_time", 7, detail="+60000 ms")
    assert msgspec.to_builtins(entry) == {
        "command_id": "command-1",
        "what": "extend_time",
        "operator": "王运营",
        "reason": "网络故障",
        "at": 7,
        "operator_id": "op_1",
        "detail": "+60000 ms",
    }


def test_a_command_is_found_by_its_id() -> None:
    entry = Audit.of(COMMAND, "extend_time", 7)
    assert find_command((entry,), "command-1") is entry
    assert find_command((entry,), "command-2") is None


def test_a_repeat_has_the_same_id_operator_and_reason() -> None:
    entry = Audit.of(COMMAND, "extend_time", 7)
    assert repeats(entry, COMMAND)
    for change in ({"command_id": "command-2"}, {"operator_id": "op_2"}, {"reason": "停电"}):
        assert not repeats(entry, msgspec.structs.replace(COMMAND, **change))


def test_a_command_without_an_operators_id_may_be_anybodys() -> None:
    entry = Audit.of(COMMAND, "extend_time", 7)
    nobody = msgspec.structs.replace(COMMAND, operator_id="")
    other = msgspec.structs.replace(COMMAND, operator_id="op_2")
    assert may_be_same_operator(entry, COMMAND)
    assert may_be_same_operator(entry, nobody)
    assert not may_be_same_operator(entry, other)


def test_a_record_keeps_the_newest_commands() -> None:
    kept: tuple[Audit, ...] = ()
    for number in range(KEPT + 1):
        kept = with_newest(kept, Audit(f"command-{number}", "extend_time", "ops", "why", number))
    assert [entry.at for entry in kept] == list(range(1, KEPT + 1))
