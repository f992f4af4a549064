"""A check that asks for a turn of the head: what is reserved, what its two pictures come to."""

import dataclasses
from typing import Any

import msgspec
import pytest

from chalicelib.attempts import check_in, items, second_picture, store
from chalicelib.attempts.check_in import CheckFinding, with_turn
from chalicelib.attempts.model import Attempt, Chances, CheckState, Unusable
from chalicelib.exams.model import Liveness, Policy
from chalicelib.faces import Face, Findings
from chalicelib.identity import comparing
from chalicelib.identity.model import FaceOutcome, why_unusable
from chalicelib.identity.turning import NOT_SEEN, WRONG_WAY, Turn, Turned
from chalicelib.kernel.outcomes import applied
from chalicelib.shared.clock import china_day
from tests.unit.attempts import MATCH, MISMATCH, NO_FACE, T0, checked_in

HEAD_TURN = Policy(liveness=Liveness.HEAD_TURN)


def asked(turn: Turn = Turn.LEFT, **fields: Any) -> Attempt:
    """A check `vf` is pending that asks for a turn."""
    before = checked_in(policy=HEAD_TURN, **fields)
    return applied(before, check_in.reserve_verification(before, "vf", T0, turn))


def settled(finding: CheckFinding, **fields: Any) -> Attempt:
    before = asked(**fields)
    return applied(before, check_in.settle_verification(before, "vf", finding, T0 + 1))


@pytest.mark.parametrize("turn", list(Turn))
def test_the_side_that_the_server_chose_stays_with_the_check(turn: Turn) -> None:
    now = asked(turn)
    assert now.pending is not None
    assert now.pending.turn is turn
    assert check_in.reserve_verification(now, "vf", T0 + 1, Turn.LEFT) == ()
    done = applied(now, check_in.settle_verification(now, "vf", MATCH, T0 + 1))
    assert done.verifications[0].turn is turn


def test_no_turn_is_asked_for_where_the_policy_does_not_say_so() -> None:
    before = checked_in()
    now = applied(before, check_in.reserve_verification(before, "vf", T0, Turn.LEFT))
    assert now.pending is not None
    assert now.pending.turn is None


def test_a_policy_and_a_check_of_before_ask_for_no_turn() -> None:
    now = applied(checked_in(), check_in.reserve_verification(checked_in(), "vf", T0))
    item = items.to_item(now)
    item["policy"] = msgspec.msgpack.decode(item["policy"])[:-1]
    del item["pending"]["turn"]
    assert items.from_item(item) == now
    assert now.policy.liveness is Liveness.NONE


def test_a_match_with_a_good_turn_passes() -> None:
    now = settled(with_turn(MATCH, ""))
    assert now.verifications[0].state is CheckState.PASSED
    assert now.check_in.passed == "vf"


@pytest.mark.parametrize("reason", [NOT_SEEN, WRONG_WAY, "dark"])
@pytest.mark.parametrize(("before_it", "used"), [(28, 0), (29, 0), (30, 1)])
def test_a_match_without_a_good_turn_could_not_run(reason: str, before_it: int, used: int) -> None:
    today = china_day(T0)
    now = settled(with_turn(MATCH, reason), unusable=Unusable(today, before_it))
    check = now.verifications[0]
    assert (check.state, check.reason, check.distance) == (
        CheckState.NOT_RUN,
        reason,
        MATCH.distance,
    )
    assert (now.chances.used, now.failures) == (used, 0)
    assert now.unusable == Unusable(today, before_it + 1)
    assert now.check_in.passed is None


def test_our_own_failure_about_the_second_picture_is_never_counted() -> None:
    today = china_day(T0)
    now = settled(with_turn(MATCH, "engine_down"), unusable=Unusable(today, 30))
    assert (now.chances.used, now.unusable.count) == (0, 30)


@pytest.mark.parametrize(
    "finding", [MISMATCH, NO_FACE, CheckFinding(matched=False, uncertain=True)]
)
def test_a_frontal_picture_that_does_not_match_counts_as_ever(finding: CheckFinding) -> None:
    assert with_turn(finding, NOT_SEEN) == finding
    assert with_turn(finding, "") == finding


def test_a_late_turn_that_was_not_seen_changes_nothing() -> None:
    before = asked(chances=Chances(10))
    released = applied(before, check_in.settle_lapsed(before, False, T0 + 60_000))
    assert released.verifications[0].reason == "not_uploaded"
    bad, good = with_turn(MATCH, NOT_SEEN), with_turn(MATCH, "")
    assert check_in.settle_verification(released, "vf", bad, T0 + 60_001) == ()
    late = applied(released, check_in.settle_verification(released, "vf", good, T0 + 60_001))
    assert (late.check_in.passed, late.chances.used) == ("vf", 1)


# --- keys and rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vf_abc", "vf_-turn", "vf_turn"])
def test_each_of_two_pictures_has_a_key_that_tells_which_it_is(name: str) -> None:
    assert store.verification_of(store.upload_key("at_1", name)) == ("at_1", name, False)
    assert store.verification_of(store.turn_key("at_1", name)) == ("at_1", name, True)


@pytest.mark.parametrize("reason", ["", NOT_SEEN])
def test_what_was_kept_of_a_turn_reads_as_it_was_found(reason: str) -> None:
    found = comparing.TurnFindings(Turned(reason, 0.4, None, None, FaceOutcome.MATCH))
    row = {**msgspec.to_builtins(found), "sha256": "aa", "judged_at": T0, "asked": "left"}
    assert msgspec.convert(row, comparing.TurnFindings) == found
    assert found.reason == reason
    assert comparing.TurnFindings(None, "dark").reason == "dark"


def test_a_kept_frontal_picture_reads_as_it_was_found() -> None:
    row = {"verdict": None, "unusable": "no_face", "sha256": "cc"}
    assert second_picture.finding_of(row) == NO_FACE


# --- which pictures may show a turned head --------------------------------------------------------------


def seen(**fields: Any) -> Findings:
    face = Face((0, 0, 200, 200), 200, 500.0, 0.5, 0.0, (0.0,) * 128)
    face = dataclasses.replace(face, **fields)
    return Findings(640, 480, 100.0, False, False, (face,), "engine", "model")


def test_only_the_second_picture_may_show_a_turned_head() -> None:
    assert why_unusable(seen()) == "turned"
    assert why_unusable(seen(), may_turn=True) is None


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"width": 10}, "face_too_small"),
        ({"roll_degrees": 50.0}, "tilted"),
        ({"vector": None}, "no_face"),
    ],
)
def test_everything_else_is_asked_of_both(flaw: dict[str, Any], reason: str) -> None:
    assert why_unusable(seen(**flaw), may_turn=True) == reason
