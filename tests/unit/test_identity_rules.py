"""What an identity lacks, which pictures can be compared, when two faces are one person."""

from dataclasses import replace
from typing import Any

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
    FaceOutcome,
    FaceVerdict,
    IdPhoto,
    Person,
    Profile,
    Reference,
    SecondOpinion,
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
FACE = Face((0, 0, 199, 199), 200, 500, 0, 0, vector=(0.1,) * 128)
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


RESNET, SFACE = "dlib_face_recognition_resnet_model_v1@1", "face_recognition_sface_2021dec@1"


def second(distance: float | None) -> SecondOpinion:
    return SecondOpinion(distance, 0.45, 0.55, "dlib", RESNET)


def outcome(distance: float, name: str = SFACE, **more: Any) -> FaceOutcome:
    return model.judge_distance(distance, engine="e", model=name, **more).outcome


@pytest.mark.parametrize(
    ("distance", "found"),
    [
        (0.0, FaceOutcome.MATCH),
        (0.5, FaceOutcome.MATCH),
        (0.50001, FaceOutcome.UNCERTAIN),
        (0.6, FaceOutcome.UNCERTAIN),
        (0.60001, FaceOutcome.MISMATCH),
        (1.4, FaceOutcome.MISMATCH),
    ],
)
def test_a_face_between_two_thresholds_is_neither_proven_nor_refuted(
    distance: float, found: FaceOutcome
) -> None:
    assert outcome(distance, RESNET, alone=True) is found


@pytest.mark.parametrize(
    ("distance", "other", "found"),
    [
        (0.615, None, FaceOutcome.MATCH),
        (0.61501, None, FaceOutcome.UNCERTAIN),
        (0.61501, second(None), FaceOutcome.UNCERTAIN),
        (0.61501, second(0.45), FaceOutcome.MATCH),
        (0.61501, second(0.45001), FaceOutcome.UNCERTAIN),
        (0.68, second(0.45), FaceOutcome.MATCH),
        (0.68001, second(0.45), FaceOutcome.UNCERTAIN),
        (0.80, second(0.9), FaceOutcome.UNCERTAIN),
        (0.80001, second(0.55), FaceOutcome.UNCERTAIN),
        (0.80001, second(0.55001), FaceOutcome.MISMATCH),
        (0.80001, second(None), FaceOutcome.UNCERTAIN),
        (2.0, None, FaceOutcome.UNCERTAIN),
    ],
)
def test_both_engines_must_say_that_it_is_somebody_else(
    distance: float, other: SecondOpinion | None, found: FaceOutcome
) -> None:
    assert outcome(distance, second=other) is found


@pytest.mark.parametrize(
    ("distance", "wanted"),
    [
        (0.615, False),
        (0.61501, True),
        (0.68, True),
        (0.68001, False),
        (0.8, False),
        (0.80001, True),
    ],
)
def test_a_second_opinion_is_asked_only_where_it_could_change_something(
    distance: float, wanted: bool
) -> None:
    assert model.wants_second(distance, SFACE) is wanted
    found = {outcome(distance, second=second(d)) for d in (None, 0.1, 0.5, 0.9)}
    assert (len(found) > 1) is wanted


def test_nobody_has_calibrated_another_model() -> None:
    with pytest.raises(KeyError, match="unknown"):
        model.bands("unknown")


def test_a_verdict_keeps_everything_that_it_was_reached_by() -> None:
    plain = model.judge_distance(0.4999999, engine="dlib", model=RESNET)
    assert plain == FaceVerdict(FaceOutcome.MATCH, 0.5, 0.50, 0.60, "dlib", RESNET)
    other = second(0.7)
    verdict = model.judge_distance(0.9, engine="onnxruntime", model=SFACE, second=other)
    assert verdict == FaceVerdict(
        FaceOutcome.MISMATCH, 0.9, 0.615, 0.80, "onnxruntime", SFACE, other
    )


def test_verdicts_of_earlier_releases_can_be_read() -> None:
    stored = msgspec.to_builtins(model.judge_distance(0.4, engine="dlib", model=RESNET))
    del stored["second"]
    stored |= {"z": -4.7, "match_z": -4.62, "cohort": "version", "cohort_size": 120}
    assert msgspec.convert(stored, FaceVerdict).outcome is FaceOutcome.MATCH


def test_a_photo_holds_a_vector_of_each_model_that_has_looked_at_it() -> None:
    photo = msgspec.structs.replace(PHOTO, model=RESNET, vectors={SFACE: b"s"})
    assert model.vector_of(photo, RESNET) == PHOTO.vector
    assert model.vector_of(photo, SFACE) == b"s"
    assert model.vector_of(photo, "other") is None
    assert model.vector_of(Reference("sha", b"", "", ""), "") is None
    stored = msgspec.to_builtins(photo, builtin_types=(bytes,))
    del stored["vectors"]  # as earlier releases wrote it
    assert msgspec.convert(stored, IdPhoto).vectors == {}


def test_what_an_authority_says_means_a_match_a_mismatch_or_nothing() -> None:
    said = [model.authority_outcome(result) for result in AuthorityResult]
    assert said == [FaceOutcome.MATCH, FaceOutcome.MISMATCH, None]


@given(st.floats(0, 2), st.none() | st.floats(0, 2))
def test_a_verdict_can_be_judged_again_from_what_it_keeps(
    distance: float, other: float | None
) -> None:
    verdict = model.judge_distance(distance, engine="e", model=SFACE, second=second(other))
    again = model.judge_distance(
        verdict.distance, engine=verdict.engine, model=verdict.model, second=verdict.second
    )
    assert again.distance == verdict.distance
    assert again.outcome is verdict.outcome or abs(distance - verdict.distance) < 1e-5


SMALL = replace(FACE, width=40)
BLURRED = replace(FACE, sharpness=59)
TURNED = replace(FACE, yaw=0.9)
TILTED = replace(FACE, roll_degrees=60)
DOUBTFUL = replace(FACE, doubtful=True)
UNLIT = replace(FACE, brightness=19)
BEHIND = replace(FACE, width=79)
DARK = replace(GOOD, dark=True, covered=True, faces=())


@pytest.mark.parametrize(
    ("findings", "reason"),
    [
        (GOOD, None),
        (DARK, "dark"),  # most dark pictures are even as well
        (replace(GOOD, covered=True), "covered"),
        (seeing(), "no_face"),
        (replace(seeing(), brightness=29), "dark"),  # nobody could be seen
        (seeing(UNLIT), "backlight"),
        (replace(seeing(UNLIT), brightness=59), "dark"),
        (seeing(replace(UNLIT, sharpness=0)), "backlight"),  # the cause, not what follows from it
        (seeing(FACE, BEHIND), None),
        (seeing(FACE, replace(BEHIND, width=80)), "several_faces"),
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
    ("scores", "way"),
    [
        ((0.93, 0.75, 0.88, 0.6), 0),
        ((0.88, 0.75, 0.93, 0.6), 2),
        ((0.90, 0.0, 0.93, 0.0), 0),  # in doubt
        ((0.0, 0.0, 0.0, 0.94), 3),
        ((0.0, 0.0, 0.0, 0.0), 0),
    ],
)
def test_the_surest_sight_tells_which_way_is_up(scores: tuple[float, ...], way: int) -> None:
    looks = [seeing(replace(FACE, score=score)) if score else seeing() for score in scores]
    assert model.upright_way(looks) == way


@pytest.mark.parametrize(
    ("engine", "score", "surely"),
    [(model.SFACE, 0.93, True), (model.SFACE, 0.929, False), (model.DLIB, 3.0, False)],
)
def test_a_sure_sight_needs_no_look_at_the_other_ways(
    engine: str, score: float, surely: bool
) -> None:
    findings = replace(seeing(replace(FACE, score=score)), model=engine)
    assert model.is_surely_upright(findings) is surely
    if surely:  # no way that was ever measured would be chosen instead
        surest = seeing(replace(FACE, score=0.956))
        assert model.upright_way([findings, surest, surest, surest]) == 0


def test_nobody_stands_upright() -> None:
    assert not model.is_surely_upright(replace(seeing(), model=model.SFACE))


@pytest.mark.parametrize(
    ("size", "too_small"), [((295, 413), False), ((294, 413), True), ((295, 412), True)]
)
def test_an_id_photo_has_at_least_one_inch(size: tuple[int, int], too_small: bool) -> None:
    assert model.too_small_for_id_photo(*size) is too_small
