"""In which part of each index an attempt is. Pure.

All candidates of an exam open, start and submit at the same time, and DynamoDB takes 1,000 writes a second for each
key of an index. So the indexes `by_exam`, `overdue` and `outcomes` have parts, more for a larger exam. Attempts from
before are in the first eight.
"""

import zlib

from chalicelib.attempts.model import Attempt
from chalicelib.exams.model import Policy
from chalicelib.shared.clock import MINUTE_MS

LEAST_SHARDS = 8
SHARDS_PER_10_000 = 32


def shards_of(policy: Policy) -> int:
    """Return the number of parts in which the attempts of an exam of this size are."""
    return max(LEAST_SHARDS, -(-policy.expected_people * SHARDS_PER_10_000 // 10_000))


def shard_of(attempt: Attempt) -> int:
    """Return the part that an attempt is in. A checksum spreads ids evenly over any number of parts."""
    return zlib.crc32(attempt.attempt_id.encode()) % shards_of(attempt.policy)


def due_bucket(attempt: Attempt, moment: int) -> str:
    """Return the key in the index `overdue`: the first whole minute after `moment` (UTC ms), and the part."""
    return f"{moment // MINUTE_MS + 1}#{shard_of(attempt)}"


def due_buckets(minute: int, shards: int) -> list[str]:
    """All keys of one minute (since 1970) in so many parts."""
    return [f"{minute}#{shard}" for shard in range(shards)]


def exam_shard(attempt: Attempt) -> str:
    """Return the key in the index `by_exam`."""
    return f"{attempt.exam_id}#{shard_of(attempt)}"


def exam_shards(exam_id: str, shards: int) -> list[str]:
    """All keys of one exam in so many parts."""
    return [f"{exam_id}#{shard}" for shard in range(shards)]


def follow_up_shard(attempt: Attempt) -> str:
    """Return the key in the index `outcomes`, of which each attempt has one that is marked."""
    return str(shard_of(attempt))


def follow_up_shards(shards: int) -> list[str]:
    """All keys of the index `outcomes` in so many parts."""
    return [str(shard) for shard in range(shards)]
