"""What an entry of the timeline commits to: digests of what is stored beside it. Pure.

A digest is taken of what lies in the table, not of what the code makes of it: a release with another field in a
record leaves the digests of older items as they are.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]
Digests = dict[str, str]

GONE = ""  # the digest of an attribute that was removed
ANSWERS = "answers"
# What changes without a new version, and what the entry says itself.
_LOOSE = frozenset({"attempt_id", "sk", "version", "write_id", "follow_up"})
_LOOSE |= frozenset({ANSWERS, "acked_seq", "saved_at"})
_BYTES = 16  # of SHA-256: nobody finds a second text for 128 bits
_MARK_BYTES = 3
_MARK = 4  # signs of one answer's mark
_MOST_DIGITS = 8  # of a version in its sort key
# What an auditor asks for first, by whoever may have been at the tables: a copy outside of them.
_SEALED = frozenset({"submitted", "published", "command"})


def digest(name: str, value: Any) -> str:
    """22 signs that stand for a stored value under its name."""
    return _text(hashlib.sha256(_canonical([name, value])).digest()[:_BYTES])


def changed(old: Item | None, new: Item) -> Digests:
    """The digests of the attributes that a change wrote; `GONE` for those that it removed."""
    before = old or {}
    return {
        name: digest(name, new[name]) if name in new else GONE
        for name in sorted({*before, *new} - _LOOSE)
        if before.get(name) != new.get(name)
    }


def attributes(item: Item) -> Digests:
    """The digests of an item as it is now."""
    return changed(None, item)


def answers_sha256(answers: Mapping[str, str]) -> str:
    """SHA-256 of the answers as JSON: names in order, no spaces, ASCII."""
    return hashlib.sha256(_canonical(dict(answers))).hexdigest()


def answer_marks(attempt_id: str, answers: Mapping[str, str]) -> str:
    """Four signs for each question in its order: they only name what the digest of all answers proves."""
    return "".join(_mark(attempt_id, str(n), answers) for n in range(1, len(answers) + 1))


def other_answers(attempt_id: str, marks: str, answers: Mapping[str, str]) -> list[int]:
    """The numbers of the questions whose answer is not the marked one, or that were not there."""
    known = [marks[at : at + _MARK] for at in range(0, len(marks), _MARK)]
    numbers = {*range(1, len(known) + 1), *(int(n) for n in answers if is_number(n))}
    return [
        number
        for number in sorted(numbers)
        if not 1 <= number <= len(known)
        or known[number - 1] != _mark(attempt_id, str(number), answers)
    ]


def is_number(name: str) -> bool:
    """Whether a name is a number of a question, a slot or a version, and not something that only looks like one."""
    return name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS


def is_sealed(facts: list[dict[str, Any]]) -> bool:
    """Whether an entry with these facts is also kept where the tables' administrators do not write."""
    return any(fact.get("what") == what for fact in facts for what in _SEALED)


def _mark(attempt_id: str, number: str, answers: Mapping[str, str]) -> str:
    content = _canonical([attempt_id, number, answers.get(number)])
    return _text(hashlib.sha256(content).digest()[:_MARK_BYTES])


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    return text.encode()


def _plain(value: Any) -> Any:
    """What JSON cannot say. Raises `TypeError` for what no item holds."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, set):  # none of ours: somebody else wrote it
        return {"set": sorted(_canonical(entry).decode() for entry in value)}
    raise TypeError(f"no digest of {type(value).__name__}")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
