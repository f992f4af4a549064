"""What an entry of the timeline commits to: digests of what is stored beside it. Pure.

A digest is taken of what is stored, not of the record that the code reads from it: a release with another field in
a record leaves the digests of older items as they are.
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
# These facts matter most to an auditor: their entries are copied to where no administrator of the tables can write.
_SEALED = frozenset({"submitted", "published", "command"})


def digest(name: str, value: Any) -> str:
    """The digest of a stored value under its name: 22 signs."""
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
    """SHA-256 (hex) of the answers as JSON: names in order, no spaces, ASCII."""
    return hashlib.sha256(_canonical(dict(answers))).hexdigest()


def answer_marks(attempt_id: str, answers: Mapping[str, str]) -> str:
    """Four signs for each question in order. They name the changed answers when the digest of all answers differs."""
    return "".join(_mark(attempt_id, str(n), answers) for n in range(1, len(answers) + 1))


def other_answers(attempt_id: str, marks: str, answers: Mapping[str, str]) -> list[int]:
    """The numbers of the questions whose answer differs from its mark, or that have no mark."""
    stored_marks = [marks[at : at + _MARK] for at in range(0, len(marks), _MARK)]
    numbers = {*range(1, len(stored_marks) + 1), *(int(n) for n in answers if is_number(n))}
    return [
        number
        for number in sorted(numbers)
        if not 1 <= number <= len(stored_marks)
        or stored_marks[number - 1] != _mark(attempt_id, str(number), answers)
    ]


def is_number(name: str) -> bool:
    """Whether a name is the number of a question, a slot or a version: ASCII digits, at most eight."""
    return name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS


def is_sealed(facts: list[dict[str, Any]]) -> bool:
    """Whether an entry with these facts is also sealed outside of the tables, out of reach of their administrators."""
    return any(fact.get("what") == what for fact in facts for what in _SEALED)


def _mark(attempt_id: str, number: str, answers: Mapping[str, str]) -> str:
    content = _canonical([attempt_id, number, answers.get(number)])
    return _text(hashlib.sha256(content).digest()[:_MARK_BYTES])


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    return text.encode()


def _plain(value: Any) -> Any:
    """A value that JSON cannot hold, as one that it can. Raises `TypeError` for types that no item holds."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, set):  # not written by us
        return {"set": sorted(_canonical(entry).decode() for entry in value)}
    raise TypeError(f"no digest of {type(value).__name__}")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
