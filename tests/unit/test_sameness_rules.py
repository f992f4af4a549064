"""Which earlier picture a picture shows again, and which pictures it is compared with."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import check_in
from chalicelib.attempts.check_in import CheckFinding
from chalicelib.attempts.earlier_pictures import EarlierShowing, known_pictures
from chalicelib.attempts.items import of_check, of_frame
from chalicelib.attempts.model import CheckState, Verification
from chalicelib.identity.sameness import Earlier, Imprint, find_same, photos_shown_again
from chalicelib.kernel.outcomes import changed_fields
from tests.unit.attempts import T0, reserved
from tests.unit.attempts import attempt as opened

A, B, C = (name * 64 for name in "abc")
NEAR = b"near"


class Seen:
    """A picture whose signatures are equal or not; the measuring itself is tested with real ones (tests/faces)."""

    def __init__(self, signature: bytes = b"") -> None:
        self.signature = signature
        self.asked: list[bool] = []

    def same(self, stored: bytes, *, one_camera: bool) -> bool:
        self.asked.append(one_camera)
        return bool(stored) and stored == self.signature


def earlier(meaning: str, pixels: str = "", signature: bytes = b"", camera: bool = True) -> Earlier:
    return Earlier(meaning, Imprint(pixels, signature), camera)


def test_a_new_picture_shows_none_again() -> None:
    assert find_same(A, Seen(NEAR), []) == ""
    assert find_same(A, Seen(NEAR), [earlier("x", B, b"far")]) == ""


def test_the_same_pixels_are_the_same_picture_without_any_signature() -> None:
    assert find_same(A, Seen(), [earlier("x", A)]) == "x"
    assert find_same(A, Seen(), [earlier("x", B)]) == ""


def test_a_copy_is_known_by_its_signature() -> None:
    assert find_same(A, Seen(NEAR), [earlier("x", B, NEAR)]) == "x"


def test_the_first_of_several_is_told() -> None:
    known = [earlier("far", C, b"far"), earlier("first", B, NEAR), earlier("second", A)]
    assert find_same(A, Seen(NEAR), known) == "first"


@pytest.mark.parametrize("camera", [True, False])
def test_the_stricter_limit_is_for_pictures_of_one_camera(camera: bool) -> None:
    seen = Seen(NEAR)
    find_same(A, seen, [earlier("x", B, NEAR, camera)])
    assert seen.asked == [camera]


# --- what a picture is compared with ----------------------------------------------------------------


def known(attempt: Any = None, event: str = "", **more: Any) -> list[tuple[str, str, bytes]]:
    attempt = attempt or opened()
    first = EarlierShowing(attempt.account_id, attempt.attempt_id, event or of_frame(3))
    given: dict[str, Any] = {"first": first, "own": {}, **more}
    photos = photos_shown_again(given.pop("photos", []))
    found = [*photos, *known_pictures(attempt, event or of_frame(3), A, **given)]
    return [(it.meaning, it.imprint.pixels, it.imprint.signature) for it in found]


def test_photos_of_the_person_come_first() -> None:
    own = {of_frame(1): Imprint(B, b"b")}
    stranger = EarlierShowing("ac_other", "at_other", of_frame(9))
    assert known(photos=[b"roster", b"enrolled"], first=stranger, own=own) == [
        ("id_photo", "", b"roster"),
        ("id_photo", "", b"enrolled"),
        ("other_person", A, b""),
        ("earlier_frame", B, b"b"),
    ]


def test_an_event_is_never_compared_with_its_own_picture() -> None:
    own = {of_frame(3): Imprint(A, b"a"), of_frame(4): Imprint(B, b"b")}
    assert known(own=own) == [("earlier_frame", B, b"b")]


def test_an_earlier_round_of_the_same_person_is_an_own_picture() -> None:
    attempt = opened()
    first = EarlierShowing(attempt.account_id, "at_round_1", of_frame(3))
    assert known(attempt, first=first) == [("earlier_frame", A, b"")]


def test_pixels_that_this_attempt_showed_first_say_nothing_by_themselves() -> None:
    attempt = opened()
    first = EarlierShowing(attempt.account_id, attempt.attempt_id, of_frame(1))
    assert known(attempt, first=first) == []  # the picture of that event is among the own ones


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (CheckState.PASSED, True),
        (CheckState.FAILED, True),
        (CheckState.JUDGING, True),
        (CheckState.NOT_RUN, False),
    ],
)
def test_a_check_that_did_not_run_may_be_repeated_with_its_picture(
    state: CheckState, counts: bool
) -> None:
    check = Verification("vf_1", 1, False, T0, T0, state=state)
    attempt = msgspec.structs.replace(opened(), verifications=(check,))
    own = {of_check("vf_1"): Imprint(B, b"b")}
    assert bool(known(attempt, of_check("vf_2"), own=own)) is counts


def test_a_check_that_is_known_no_longer_counts() -> None:
    assert known(own={of_check("vf_old"): Imprint(B, b"b")})


# --- what it means for a check ----------------------------------------------------------------------


def test_a_replayed_picture_uses_the_chance() -> None:
    attempt = reserved(T0)
    pending = attempt.pending
    assert pending is not None
    finding = CheckFinding(matched=False, replayed=True, photo_sha256="s")
    changes = changed_fields(check_in.settle_verification(attempt, pending.id, finding, T0))
    [settled] = changes["verifications"][:1]
    assert (settled.state, settled.reason) == (CheckState.FAILED, "replayed")
    assert changes["failures"] == attempt.failures + 1
    assert "chances" not in changes
