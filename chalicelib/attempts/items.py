"""The items of an attempt, and the sort keys of the rows beside them. Pure.

Until the start an attempt is one item. The start moves what rests from then on into a second one, the *resting item*,
which never changes. A save rewrites only the first item, and DynamoDB bills a write by the size of the whole item.
Every change goes into the first item, and what stands there counts.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.attempts.model import Attempt, LiveAttempt
from chalicelib.exams.model import Policy, current_names
from chalicelib.proctoring.model import Verdict

Item = dict[str, Any]
POLICY = Policy.__struct_fields__
ATTEMPT, RESTING = "ATTEMPT", "ATTEMPT#RESTING"
OF_CHECK, OF_FRAME, OF_TURN = "VERIFICATION#", "SNAPSHOT#", "TURN#"

# Attributes of an attempt that stay in the first item: keys of indexes, what a save reads or writes, and the waiver: a
# deletion on request removes a face from it, and nothing is ever removed from the resting item.
_STAYING = frozenset(LiveAttempt.__struct_fields__) | {"waiver"}
_STAYING |= {"opened_at", "due_bucket", "exam_shard", "follow_up", "expires_at_s", "write_id"}
# These stay if they say anything: the index by exam shows them, or a save tells them. Missing, they have their default.
_STAYING_IF_SET = frozenset({"asked", "switches", "silences", "announced", "personal"})
_STAYING_IF_SET |= {"integrity", "orders", "receipt", "help", "cause"}
_STAYING -= _STAYING_IF_SET
_ALWAYS = frozenset({"acked_seq"})  # the first save has a condition on it
_LETTERS = {
    Verdict.MATCH.value: "m",
    Verdict.MISMATCH.value: "x",
    Verdict.UNCERTAIN.value: "u",
    Verdict.SEVERAL.value: "s",
    Verdict.NO_FACE.value: "n",
    Verdict.UNCLEAR.value: "c",
    Verdict.REPLAYED.value: "r",
    Verdict.MISSING.value: "-",
    Verdict.SYSTEM_GAP.value: "g",
}
_VERDICTS = {letter: verdict for verdict, letter in _LETTERS.items()}
_NONE = "."  # a slot without a verdict
# Names that only the two items have: they tie the first one to the resting one.
RESTS, RESTS_SINCE = "rests", "since_version"


class RestingItemMissing(Exception):
    """The first item of an attempt names a resting item that was not read with it."""


def from_item(item: Item, resting: Item | None = None) -> Attempt:
    """Return the attempt of its stored items. Raises `RestingItemMissing`."""
    return msgspec.convert(_plain(whole(item, resting)), Attempt)


def live_from_item(item: Item) -> LiveAttempt:
    """Return what the first item alone holds of a started attempt."""
    return msgspec.convert(_plain(item), LiveAttempt)


def _plain(item: Item) -> Item:
    """Return the attributes with policy and verdicts as the records have them."""
    values = item["policy"]
    if isinstance(values, bytes):
        values = msgspec.msgpack.decode(values)
    named = dict(zip(POLICY, values, strict=False)) if isinstance(values, list) else values
    return {**item, "policy": current_names(named), "verdicts": verdicts_of(item)}


def verdicts_of(item: Mapping[str, Any]) -> dict[str, str]:
    """Return slot → verdict. Attempts of earlier releases have such a map, others a letter for each slot."""
    stored = item.get("verdicts", {})
    if not isinstance(stored, str):
        return stored if isinstance(stored, dict) else {}
    return {
        str(slot): _VERDICTS.get(letter, letter)
        for slot, letter in enumerate(stored)
        if letter != _NONE
    }


def to_item(attempt: Attempt) -> Item:
    """Return the one item of an attempt before its start. Writes are billed by size, so it is kept small.

    Fields with their default value are left out; earlier releases wrote them. The policy is a list of its values
    without names, in MessagePack. New fields go to the end of `POLICY`; older items have shorter lists, not packed, or
    a map, and get the defaults.
    """
    stored = {
        n: v for n, v in _named(attempt).items() if n in _ALWAYS or not _is_default(attempt, n)
    }
    return {**stored, "sk": ATTEMPT}


def _named(attempt: Attempt) -> Item:
    """Return the fields of an attempt as items keep them, without those that are None."""
    fields = msgspec.to_builtins(attempt, builtin_types=(bytes,))
    return {n: packed(n, value) for n, value in fields.items() if value is not None}


def packed(name: str, value: Any) -> Any:
    """Return the value of a field as the item keeps it."""
    if name == "policy":
        return msgspec.msgpack.encode([value[field] for field in POLICY])
    if name == "verdicts":
        slots = {int(slot): _LETTERS[verdict] for slot, verdict in value.items()}
        return "".join(slots.get(slot, _NONE) for slot in range(max(slots, default=-1) + 1))
    return value


def resting_item(attempt: Attempt) -> Item:
    """Return the resting item of an attempt that has not started, without its expiry. It follows from the attempt."""
    said = {n: v for n, v in to_item(attempt).items() if n != "sk" and not _stays(attempt, n)}
    return {
        **said,
        "attempt_id": attempt.attempt_id,
        "sk": RESTING,
        RESTS_SINCE: attempt.version,
    }


def leaving(attempt: Attempt, resting: Mapping[str, Any]) -> set[str]:
    """Return the attributes that the start takes out of the first item: what its resting item has, and defaults.

    Another release may have put the resting item, with other names in it.
    """
    return {
        name
        for name in _named(attempt)
        if not _stays(attempt, name) and (name in resting or _is_default(attempt, name))
    }


def _stays(attempt: Attempt, name: str) -> bool:
    """Whether an attribute stays in the first item at the start."""
    return name in _STAYING or (name in _STAYING_IF_SET and not _is_default(attempt, name))


def _is_default(attempt: Attempt, name: str) -> bool:
    """Whether a field has the value that it has when no item names it."""
    field = _FIELDS[name]
    if field.required:
        return False
    made = field.default_factory is not msgspec.NODEFAULT
    return bool(getattr(attempt, name) == (field.default_factory() if made else field.default))


_FIELDS = {field.name: field for field in msgspec.structs.fields(Attempt)}


def is_split(item: Mapping[str, Any]) -> bool:
    """Whether the first item of an attempt names a resting item."""
    return RESTS in item


def whole(item: Mapping[str, Any], resting: Mapping[str, Any] | None) -> Item:
    """Return all attributes of an attempt, from whichever item. None in the first item stands for a removed one.

    Raises `RestingItemMissing` when the resting item that the first one names is not given.
    """
    if not is_split(item):
        return dict(item)
    if resting is None or resting.get(RESTS_SINCE) != item[RESTS]:
        raise RestingItemMissing(item.get("attempt_id"))
    both = {**resting, **item}
    return {n: v for n, v in both.items() if v is not None and n not in (RESTS, RESTS_SINCE)}


def may_rest(name: str) -> bool:
    """Whether an attribute may stand in a resting item, where nothing can remove it."""
    return name not in _STAYING


def of_check(verification_id: str) -> str:
    """Return the sort key of the findings of a check. It is also the name of that picture within its attempt."""
    return f"{OF_CHECK}{verification_id}"


def of_frame(slot: int) -> str:
    """Return the sort key of the findings of a slot's frame. It is also the name of that frame within its attempt."""
    return f"{OF_FRAME}{slot:03}"


def of_turn(verification_id: str) -> str:
    """Return the sort key of the findings about the turn of the head in a check."""
    return f"{OF_TURN}{verification_id}"
