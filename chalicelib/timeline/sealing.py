"""The digests that an entry of the timeline holds of the stored data. Pure.

A digest is computed from the stored item, not from the record that the code makes of it. So a release that adds a
field to a record does not change the digests of older items.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]
Digests = dict[str, str]

GONE = ""  # stands for an attribute that was removed
ANSWERS = "answers"
# Attributes that change without a new version, and attributes that the entry itself holds.
_LOOSE = frozenset({"attempt_id", "sk", "version", "write_id", "follow_up"})
_LOOSE |= frozenset({ANSWERS, "acked_seq", "saved_at"})
_BYTES = 16  # of SHA-256: 128 bits are enough that nobody finds another text with the same digest
_MARK_BYTES = 3
_MARK = 4  # characters of the mark of one answer
_MOST_DIGITS = 8  # of a version in its sort key
# The most important facts for an auditor. Their entries are copied to S3, where administrators of the tables
# cannot write.
_SEALED = frozenset({"submitted", "published", "command"})


def digest(name: str, value: Any) -> str:
    """Return the digest of a stored value and its name: 22 characters."""
    return _text(hashlib.sha256(_canonical([name, value])).digest()[:_BYTES])


def changed(old: Item | None, new: Item) -> Digests:
    """Return the digests of the attributes that a change wrote, by name. `GONE` stands for a removed attribute."""
    before = old or {}
    return {
        name: digest(name, new[name]) if name in new else GONE
        for name in sorted({*before, *new} - _LOOSE)
        if before.get(name) != new.get(name)
    }


def attributes(item: Item) -> Digests:
    """Return the digests of all attributes of an item, by name."""
    return changed(None, item)


def answers_text(answers: Mapping[str, Any]) -> str:
    """Return the answers as JSON with sorted names, without spaces, in ASCII."""
    return _canonical(dict(answers)).decode()


def answers_sha256(answers: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of `answers_text`."""
    return hashlib.sha256(answers_text(answers).encode()).hexdigest()


def answer_marks(attempt_id: str, answers: Mapping[str, Any]) -> str:
    """Return four characters for each question, in the order of the questions.

    When the digest of all answers differs, the marks show which answers were changed.
    """
    return "".join(_mark(attempt_id, str(n), answers) for n in range(1, len(answers) + 1))


def other_answers(attempt_id: str, marks: str, answers: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the questions whose answer does not fit its mark, or that have no mark."""
    stored_marks = [marks[at : at + _MARK] for at in range(0, len(marks), _MARK)]
    numbers = {*range(1, len(stored_marks) + 1), *(int(n) for n in answers if is_number(n))}
    return [
        number
        for number in sorted(numbers)
        if not 1 <= number <= len(stored_marks)
        or stored_marks[number - 1] != _mark(attempt_id, str(number), answers)
    ]


def is_number(name: str) -> bool:
    """Whether a name can be the number of a question, a slot or a version: at most eight ASCII digits."""
    return name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS


def is_sealed(facts: list[dict[str, Any]]) -> bool:
    """Whether an entry with these facts also gets a seal outside of the tables."""
    return any(fact.get("what") == what for fact in facts for what in _SEALED)


def _mark(attempt_id: str, number: str, answers: Mapping[str, Any]) -> str:
    content = _canonical([attempt_id, number, answers.get(number)])
    return _text(hashlib.sha256(content).digest()[:_MARK_BYTES])


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    return text.encode()


def _plain(value: Any) -> Any:
    """Turn a value that JSON cannot hold into one that it can. Raises `TypeError` for a type that no item holds."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, set):  # the product writes no sets, but somebody else may
        return {"set": sorted(_canonical(entry).decode() for entry in value)}
    raise TypeError(f"no digest of {type(value).__name__}")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
