"""Attempts at each step, for the tests of the pure rules."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import check_in, sitting
from chalicelib.attempts.check_in import CheckFinding
from chalicelib.attempts.model import (
    Attempt,
    Chances,
    CheckIn,
    Status,
    Step,
)
from chalicelib.exams.model import Policy
from chalicelib.identity.model import FrozenIdentity
from chalicelib.kernel.outcomes import applied
from chalicelib.shared.errors import DomainError

T0 = 1_800_000_000_000
MINUTE = 60_000
OPENS = T0 - 45 * MINUTE
CLOSES = T0 + 30 * MINUTE
HOUR = 60 * MINUTE
MATCH = CheckFinding(matched=True, distance=0.3, photo_sha256="aa")
MISMATCH = CheckFinding(matched=False, distance=0.8, photo_sha256="bb")
NO_FACE = CheckFinding(matched=False, unusable="no_face", photo_sha256="cc")
ALL_STEPS = tuple(Step)


def attempt(**fields: Any) -> Attempt:
    """A freshly opened attempt, with fields replaced."""
    fresh = Attempt(
        attempt_id="at_1",
        account_id="ac_1",
        exam_id="exam",
        round=1,
        version=1,
        status=Status.OPENED,
        opened_at=OPENS,
        starts_at=T0,
        entry_until=CLOSES,
        allowed_ms=HOUR,
        policy=Policy(),
        paper_version="v1",
        paper_seed="seed",
        question_count=3,
        identity=FrozenIdentity("张三", "resident_id", "1**", "hash", "r", "o", "ph_1"),
        chances=Chances(10),
        chances_after_start=Chances(10),
    )
    return msgspec.structs.replace(fresh, **fields)


def checked_in(**fields: Any) -> Attempt:
    """All steps before 身份核验 are done."""
    return attempt(check_in=CheckIn(steps=ALL_STEPS), **fields)


def reserved(at: int, **fields: Any) -> Attempt:
    """A check `vf` is pending."""
    before = checked_in(**fields)
    return applied(before, check_in.reserve_verification(before, "vf", at))


def passed(reserved_at: int, settled_at: int, **fields: Any) -> Attempt:
    """The check `vf` was passed."""
    before = reserved(reserved_at, **fields)
    return applied(before, check_in.settle_verification(before, "vf", MATCH, settled_at))


def admitted(at: int = T0 - MINUTE, **fields: Any) -> Attempt:
    """Page 1 is in the waiting room or the exam."""
    before = passed(at, at, **fields)
    return applied(before, check_in.admit(before, "request-1", at))


def started(at: int = T0, **fields: Any) -> Attempt:
    """The candidate's clock runs on page 1."""
    before = admitted(min(at, CLOSES), **fields)
    return applied(before, sitting.start(before, 1, at))


def refusal(code: str) -> Any:
    return pytest.raises(DomainError, match=f"^{code}$")
