"""Check whether somebody has changed the evidence of an attempt: compare everything that is stored about it."""

import base64

import msgspec

from chalicelib.attempts import practising, watch
from chalicelib.attempts.deciding import graded
from chalicelib.attempts.items import from_item
from chalicelib.attempts.model import Attempt, Status
from chalicelib.exams import service as exams
from chalicelib.shared import log, macs
from chalicelib.shared.errors import NotFound
from chalicelib.shared.macs import Mac
from chalicelib.shared.table import Item
from chalicelib.timeline import model, store, verifying
from chalicelib.timeline.model import TimelineEntry
from chalicelib.timeline.verifying import StoredEvidence, Verified


def verify_attempt(*, attempt_id: str) -> Verified:
    """Compare an attempt with its timeline, the signatures in it, and the seals outside of the tables.

    Costs one query, one KMS call for each signed entry, and one read for each picture of the paper. An attempt whose
    rows are all gone is known by its seals. A practice has no timeline. Raises `NotFound`, `Conflict`
    (`practice_without_timeline`), `Unavailable` (KMS, S3 or DynamoDB does not answer).
    """
    practising.require_timeline(attempt_id)
    rows = store.load_everything(attempt_id)
    seals = store.list_seals(attempt_id)
    if not seals and not any(map(verifying.is_of_attempt, rows)):
        raise NotFound("not_found")
    stored = _readable(verifying.item_of(rows))
    attempt = stored if stored and stored.status is Status.SUBMITTED else None
    whole = attempt is None or exams.is_whole(
        exam_id=attempt.exam_id,
        paper_version=attempt.paper_version,
        key_version=attempt.key_version,
    )
    without_picture: tuple[int, ...] = ()
    if attempt and whole:
        without_picture = exams.list_without_picture(
            exam_id=attempt.exam_id, paper_version=attempt.paper_version, seed=attempt.paper_seed
        )
    verified = verifying.verify(
        StoredEvidence(
            attempt_id=attempt_id,
            rows=dict(rows),
            graded=graded(attempt) if attempt and whole else None,
            paper_whole=whole,
            without_picture=without_picture,
            slots=_slots(stored) if stored else frozenset(),
            seals=seals,
            signed_since=macs.first_key_at(),
        ),
        lambda link: _holds(attempt_id, link),
    )
    log.event(
        "evidence_verified",
        attempt=attempt_id,
        entries=verified.entries,
        problems=[problem.kind.value for problem in verified.problems],
    )
    return verified


def _readable(item: Item | None) -> Attempt | None:
    """Return the attempt; None if it cannot be read. Its attributes are compared in any case."""
    try:
        return from_item(item) if item else None
    except (msgspec.DecodeError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _slots(attempt: Attempt) -> frozenset[int]:
    """Return the slots of an attempt; none if somebody else wrote what they follow from."""
    try:
        return frozenset(watch.slots(attempt))
    except (ValueError, ArithmeticError):
        return frozenset()


def _holds(attempt_id: str, link: TimelineEntry) -> bool:
    try:
        code = base64.b64decode(link.mac, validate=True)
    except ValueError:  # not base64
        return False
    return macs.holds(Mac(link.key, code), model.message(attempt_id, link))
