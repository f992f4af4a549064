"""What is our own fault: one list, and what the page is told of it."""

import json
from typing import get_args

import pytest

from chalicelib.attempts.model import CheckReason, CheckState, Verification
from chalicelib.handlers import endpoint
from chalicelib.kernel.faults import OurFault, is_our_fault
from chalicelib.shared.languages import Language
from chalicelib.shared.pictures import PictureReason
from chalicelib.views.attempts import verification_view

OTHERS = {CheckReason.NOT_UPLOADED, CheckReason.TURN_NOT_SEEN, CheckReason.TURN_WRONG_WAY}


def test_neither_a_person_nor_a_picture_is_our_fault() -> None:
    assert {reason for reason in CheckReason if not is_our_fault(reason.value)} == OTHERS
    for code in (*get_args(PictureReason), "mismatch", "uncertain", "replayed", "", "code_wrong"):
        assert not is_our_fault(code)


@pytest.mark.parametrize("code", ["busy", "service_busy", "internal_error"])
def test_a_refusal_says_that_the_product_failed(code: str) -> None:
    assert json.loads(endpoint.error_body(code, {}, Language.ZH))["error"]["our_fault"] is True


def test_another_refusal_says_nothing_of_it() -> None:
    assert set(json.loads(endpoint.error_body("code_wrong", {}, Language.ZH))["error"]) == {
        *("code", "message", "details")
    }


@pytest.mark.parametrize(
    ("reason", "ours"), [(OurFault.ENGINE_DOWN.value, True), ("not_uploaded", False)]
)
def test_a_check_that_did_not_run_says_whether_it_is_our_fault(reason: str, ours: bool) -> None:
    check = Verification("vf_1", 1, False, 0, 60_000, state=CheckState.NOT_RUN, reason=reason)
    assert verification_view(check).our_fault is ours
