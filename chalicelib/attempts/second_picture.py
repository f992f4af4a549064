"""Checks that ask for a turn of the head: judge both pictures together, whichever event comes first."""

import hashlib
from collections.abc import Callable

import msgspec

from chalicelib.attempts import check_in, store
from chalicelib.attempts.check_in import CheckFinding
from chalicelib.attempts.model import Verification
from chalicelib.identity import comparing
from chalicelib.identity.comparing import Comparison, TurnFindings
from chalicelib.identity.model import FaceOutcome
from chalicelib.kernel.faults import is_our_fault
from chalicelib.shared import log
from chalicelib.shared.table import Item


def finding_of(row: Item) -> CheckFinding:
    """Return the finding about the frontal picture from its stored row."""
    comparison = msgspec.convert(row, Comparison)
    outcome, digest = comparison.outcome, row["sha256"]
    if comparison.replay:
        return CheckFinding(matched=False, replayed=True, photo_sha256=digest)
    if outcome is None:
        return CheckFinding(matched=False, unusable=comparison.unusable, photo_sha256=digest)
    return CheckFinding(
        matched=outcome is FaceOutcome.MATCH,
        uncertain=outcome is FaceOutcome.UNCERTAIN,
        distance=comparison.verdict.distance if comparison.verdict else None,
        photo_sha256=digest,
    )


def judge_both(
    attempt_id: str,
    check: Verification,
    finding: CheckFinding | None,
    turned: bytes | None,
    now: Callable[[], int],
) -> CheckFinding | None:
    """Return the finding of the whole check; None while a picture is missing. The later event judges both.

    `finding`: of the frontal picture, when the event is about that one. `turned`: the bytes of the second picture, when
    the event is about that one. The row of the frontal picture is written before the second one is read, and the second
    one is in S3 before its event. So of two events at the same time at least one has both pictures.
    """
    if finding is not None and is_our_fault(finding.unusable):
        return finding  # the check could not run, whatever the second picture shows
    row = store.load_verification(attempt_id, check.id)
    if row is None:
        return None
    if turned is None:
        stored = store.read_upload(store.turn_key(attempt_id, check.id), None)
        if stored is None:
            return None
        turned = stored.data
    finding = finding_of(row)
    if not finding.matched:
        return finding
    front = _front(attempt_id, check, row)
    if front is None:
        return None
    return check_in.with_turn(finding, _turn(attempt_id, check, front, turned, now))


def _front(attempt_id: str, check: Verification, row: Item) -> bytes | None:
    """Return the judged bytes of the frontal picture; None when they are gone.

    They are read by version: a ticket can be used again, and a later upload may show somebody else.
    """
    key = store.upload_key(attempt_id, check.id)
    stored = store.read_upload(key, row.get("version_id") or None)
    if stored is None or hashlib.sha256(stored.data).hexdigest() != row["sha256"]:
        log.event("judged_picture_gone", attempt=attempt_id, verification=check.id)
        return None
    return stored.data


def _turn(
    attempt_id: str,
    check: Verification,
    front: bytes,
    turned: bytes,
    now: Callable[[], int],
) -> str:
    """Return why this is no good turn, or "". The findings are written once; a second event reads them."""
    assert check.turn is not None
    findings = comparing.compare_turn(front=front, turned=turned, asked=check.turn)
    if is_our_fault(findings.unusable):
        return findings.unusable
    row = {**msgspec.to_builtins(findings), "asked": check.turn.value}
    row |= {"sha256": hashlib.sha256(turned).hexdigest(), "judged_at": now()}
    stored_row = store.put_turn(attempt_id, check.id, row)
    return msgspec.convert(stored_row, TurnFindings).reason
