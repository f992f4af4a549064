"""Invariant 29: practice exams."""

from collections.abc import Iterator

import boto3

from chalicelib.attempts import practising
from chalicelib.attempts.model import Attempt
from chalicelib.identity import store as people
from tests.cloud import ENVIRONMENT
from tests.proof.invariants import View, invariant


@invariant(29, "A practice leaves nothing but the newest mark on its account")
def only_a_mark(view: View) -> Iterator[str]:
    newest: dict[str, Attempt] = {}
    for change in view.practices:
        attempt = change.new
        assert attempt is not None
        known = newest.get(attempt.account_id)
        if known is None or practising.mark(known).order <= practising.mark(attempt).order:
            newest[attempt.account_id] = attempt
        if attempt.chances.used or attempt.published_at or attempt.follow_up:
            yield f"{attempt.attempt_id} has used a chance, or is published"
        if attempt.cause is not None and attempt.cause.value == "switches":
            yield f"{attempt.attempt_id} was submitted by switches"
    left = {attempt_id for attempt_id, sk in view.rows if sk == "RESULT" or sk[:6] == "EVENT#"}
    yield from (f"{name} has a result or a timeline" for name in left if name[:3] == "pr_")
    if newest and view.settled:
        yield from _marks(newest)
        yield from _evidence()


def _marks(newest: dict[str, Attempt]) -> Iterator[str]:
    for account_id, attempt in newest.items():
        person = people.load_person(account_id)
        mark = person.practice if person else None
        if mark is None or (mark.at, mark.ended_at) != (attempt.opened_at, attempt.submitted_at):
            yield f"{account_id} is marked {mark}, the newest is {attempt.attempt_id}"


def _evidence() -> Iterator[str]:
    """Seals of timelines and entries of feeds name no practice."""
    bucket = ENVIRONMENT["EVIDENCE_BUCKET"]
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix="timelines/pr_")
    yield from (entry["Key"] for entry in listed.get("Contents", []))
    rows = boto3.client("dynamodb").scan(TableName=ENVIRONMENT["RESULTS_TABLE"])["Items"]
    yield from (str(row["feed"]) for row in rows if "pr_" in str(row.get("attempt_id", "")))
