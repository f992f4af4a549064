"""What an identity lacks, which pictures can be compared, when two faces are one person."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.model import AudienceRole
from chalicelib.faces import Face, Findings
from chalicelib.identity import model
from chalicelib.identity.documents import IdType
from chalicelib.identity.model import (
    AuthorityResult,
    Cohort,
    FaceVerdict,
    IdPhoto,
    Likeness,
    Member,
    Outcome,
    Person,
    Profile,
)

PHOTO = IdPhoto("ph_1", "key", "sha", b"\0" * 512, "engine", "model", 1)
PROFILE = Profile(
    name="张三",
    role=AudienceRole.AGENCY_PRACTITIONER,
    organisation="某公司",
    region="太原",
    id_type=IdType.RESIDENT,
)
COMPLETE = Person("ac_1", 1, 1, "138****8000", PROFILE, person_hash="h", id_photo=PHOTO)
FACE = Face((0, 0, 199, 199), 200, 100, 0, 0, vector=(0.1,) * 128)
GOOD = Findings(640, 480, 120, False, False, (FACE,), "engine", "model")


def seeing(*faces: Face) -> Findings:
    return replace(GOOD, faces=faces)


def test_a_complete_identity_lacks_nothing() -> None:
    assert COMPLETE.missing() == []


def test_an_empty_identity_lacks_everything_in_the_order_of_the_form() -> None:
    fields = ["id_photo", "name", "id_type", "id_number", "role", "organisation", "region"]
    assert Person("ac_1", 1, 1, "138****8000").missing() == fields


@pytest.mark.parametrize("field", ["name", "organisation", "region", "role", "id_type"])
def test_each_missing_field_is_named_alone(field: str) -> None:
    empty = getattr(Profile(), field)
    profile = msgspec.structs.replace(PROFILE, **{field: empty})
    assert msgspec.structs.replace(COMPLETE, profile=profile).missing() == [field]


def test_a_missing_number_or_photo_is_named_alone() -> None:
    assert msgspec.structs.replace(COMPLETE, person_hash="").missing() == ["id_number"]
    assert msgspec.structs.replace(COMPLETE, id_photo=None).missing() == ["id_photo"]


@pytest.mark.parametrize(("now", "locked"), [(99, True), (100, True), (101, False)])
def test_an_identity_is_locked_until_the_last_moment_of_the_exam(now: int, locked: bool) -> None:
    assert msgspec.structs.replace(COMPLETE, locks={"at_1": 100}).locked(now) is locked


def test_one_open_attempt_of_several_locks() -> None:
    assert msgspec.structs.replace(COMPLETE, locks={"at_1": 1, "at_2": 100}).locked(50)
    assert not COMPLETE.locked(0)


@pytest.mark.parametrize(
    ("distance", "outcome"),
    [
        (0.0, Outcome.MATCH),
        (0.5, Outcome.MATCH),
        (0.50001, Outcome.UNCERTAIN),
        (0.6, Outcome.UNCERTAIN),
        (0.60001, Outcome.MISMATCH),
        (1.4, Outcome.MISMATCH),
    ],
)
def test_a_face_between_two_thresholds_is_neither_proven_nor_refuted(
    distance: float, outcome: Outcome
) -> None:
    assert model.judge_distance(distance, engine="e", model="m").outcome is outcome


def test_a_verdict_keeps_everything_that_it_was_reached_by() -> None:
    plain = model.judge_distance(0.4999999, engine="dlib", model="resnet")
    assert plain == FaceVerdict(Outcome.MATCH, 0.5, 0.50, 0.60, "dlib", "resnet")
    among = Likeness(z=-4.0000001, cohort="version", size=300)
    verdict = model.judge_distance(0.55, engine="dlib", model="resnet", likeness=among)
    assert verdict == FaceVerdict(
        *(Outcome.MATCH, 0.55, 0.55, 0.60, "dlib", "resnet"),
        z=-4.0,
        match_z=-3.92,
        cohort="version",
        cohort_size=300,
    )


@pytest.mark.parametrize(
    ("size", "z", "outcome"),
    [
        (300, -3.92, Outcome.MATCH),
        (300, -3.91, Outcome.UNCERTAIN),
        (299, -3.92, Outcome.UNCERTAIN),
        (100, -4.62, Outcome.MATCH),
        (100, -4.61, Outcome.UNCERTAIN),
        (99, -1.0, Outcome.MATCH),  # too few to say anything
    ],
)
def test_among_others_a_match_must_stand_out(size: int, z: float, outcome: Outcome) -> None:
    among = Likeness(z=z, cohort="version", size=size)
    assert model.judge_distance(0.3, engine="e", model="m", likeness=among).outcome is outcome
    assert model.judge_distance(0.551, engine="e", model="m", likeness=among).outcome is (
        Outcome.UNCERTAIN
    )
    assert model.judge_distance(0.61, engine="e", model="m", likeness=among).outcome is (
        Outcome.MISMATCH
    )


def test_the_limit_depends_on_how_many_others_there_are() -> None:
    limits = [model.z_limit(others) for others in (99, 100, 299, 300, 1000)]
    assert limits == [None, -4.62, -4.62, -3.92, -3.92]


def test_nobody_is_compared_with_themselves_nor_with_another_model() -> None:
    mine, theirs = Member("me", "m", b"1"), Member("you", "m", b"2")
    many = [Member(f"n{n}", "m", b"3") for n in range(300)]
    cohort = Cohort("v", (mine, theirs, Member("old", "other", b"4"), *many))
    found = cohort.others("me", "m")
    assert (found[0], len(found), b"1" in found, b"4" in found) == (b"2", 300, False, False)


def test_what_an_authority_says_means_a_match_a_mismatch_or_nothing() -> None:
    said = [model.authority_outcome(result) for result in AuthorityResult]
    assert said == [Outcome.MATCH, Outcome.MISMATCH, None]


@given(st.floats(0, 2))
def test_a_verdict_can_be_judged_again_from_what_it_keeps(distance: float) -> None:
    verdict = model.judge_distance(distance, engine="e", model="m")
    again = model.judge_distance(verdict.distance, engine=verdict.engine, model=verdict.model)
    assert again.distance == verdict.distance
    assert (verdict.match_at, verdict.mismatch_above) == (model.MATCH_AT, model.MISMATCH_ABOVE)
    assert again.outcome is verdict.outcome or abs(distance - verdict.distance) < 1e-5


SMALL = replace(FACE, width=40)
BLURRED = replace(FACE, sharpness=1)
TURNED = replace(FACE, yaw=0.9)
TILTED = replace(FACE, roll_degrees=60)
DOUBTFUL = replace(FACE, score=0.1)
DARK = replace(GOOD, dark=True, covered=True, faces=())


@pytest.mark.parametrize(
    ("findings", "reason"),
    [
        (GOOD, None),
        (DARK, "dark"),  # most dark pictures are even as well
        (replace(GOOD, covered=True), "covered"),
        (seeing(), "no_face"),
        (seeing(FACE, FACE), "several_faces"),
        (seeing(DOUBTFUL, FACE), None),
        (seeing(DOUBTFUL), None),
        (seeing(DOUBTFUL, DOUBTFUL), "several_faces"),
        (seeing(SMALL), "face_too_small"),
        (seeing(BLURRED), "blurred"),
        (seeing(TURNED), "turned"),
        (seeing(TILTED), "tilted"),
        (seeing(replace(FACE, vector=None)), "no_face"),
    ],
)
def test_a_picture_that_cannot_be_compared_says_why(findings: Findings, reason: str | None) -> None:
    assert model.why_unusable(findings) == reason


def test_the_sure_face_is_compared_even_beside_a_larger_badge() -> None:
    assert model.the_face(seeing(DOUBTFUL, FACE)) is FACE
    assert model.the_face(seeing(FACE, FACE)) is None
    assert model.the_face(seeing()) is None


@pytest.mark.parametrize(
    ("size", "too_small"), [((295, 413), False), ((294, 413), True), ((295, 412), True)]
)
def test_an_id_photo_has_at_least_one_inch(size: tuple[int, int], too_small: bool) -> None:
    assert model.too_small_for_id_photo(*size) is too_small
