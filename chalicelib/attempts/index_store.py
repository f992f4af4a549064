"""The indexes of attempts: those of an exam, those that are due, and those that are marked.

Attempts table: (`#shards`, `exam_id`) in how many parts the indexes are for an exam that is larger than usual.
Indexes: `by_exam`, `overdue`, `outcomes`. They may be a moment behind.
"""

import contextlib
from collections.abc import Iterator

import msgspec

from chalicelib.attempts import shards
from chalicelib.attempts.model import Attempt, Listed
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_SHARDS = "#shards"
_remembered: set[tuple[str, int]] = set()  # by this process


def remember_shards(attempt: Attempt) -> None:
    """Write in how many parts the indexes are for the exam of this attempt, before the attempt is in one of them.

    Nothing is written for an exam of the usual size. The number of an exam only grows: when it is published again with
    fewer people, its earlier attempts are still found.
    """
    number = shards.shards_of(attempt.policy)
    if number == shards.LEAST_SHARDS or (attempt.exam_id, number) in _remembered:
        return
    row = {"attempt_id": _SHARDS, "sk": attempt.exam_id, "shards": number}
    with contextlib.suppress(ConditionFailed):
        table.put(settings().attempts_table, row, If().absent_or_below("shards", number))
    _remembered.add((attempt.exam_id, number))


def most_shards() -> int:
    """Return in how many parts the indexes are for the largest of all exams."""
    rows = table.query(settings().attempts_table, hash_key=("attempt_id", _SHARDS), most=None)
    return max((int(row["shards"]) for row in rows), default=shards.LEAST_SHARDS)


def _keys_of_exam(exam_id: str) -> list[str]:
    row = table.get(settings().attempts_table, {"attempt_id": _SHARDS, "sk": exam_id})
    return shards.exam_shards(exam_id, int(row["shards"]) if row else shards.LEAST_SHARDS)


def count_open(exam_id: str, most: int) -> int:
    """Return how many attempts of an exam are not submitted. At most `most` rows of each part are read."""
    attempts = settings().attempts_table
    return sum(
        "submitted_at" not in row
        for shard in _keys_of_exam(exam_id)
        for row in table.query(attempts, index="by_exam", hash_key=("exam_shard", shard), most=most)
    )


def list_of_exam(exam_id: str) -> Iterator[Listed]:
    """Every attempt of an exam."""
    attempts = settings().attempts_table
    for shard in _keys_of_exam(exam_id):
        for row in table.query(
            attempts, index="by_exam", hash_key=("exam_shard", shard), most=None
        ):
            yield msgspec.convert(row, Listed)


def list_due(bucket: str) -> list[str]:
    """Return the ids of the attempts in one overdue bucket."""
    rows = table.query(
        settings().attempts_table, index="overdue", hash_key=("due_bucket", bucket), most=None
    )
    return [row["attempt_id"] for row in rows]


def list_marked(shard: str) -> list[str]:
    """Return the ids of the marked attempts of one part of the index, which may be a moment behind."""
    rows = table.query(
        settings().attempts_table, index="outcomes", hash_key=("follow_up", shard), most=None
    )
    return [row["attempt_id"] for row in rows]
