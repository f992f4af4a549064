"""身份核验 with a turn of the head over HTTP, with real pictures: what passes, what could not run, and in any order."""

import json
from typing import Any
from unittest import mock

import boto3
import pytest

from chalicelib import faces
from chalicelib.identity import turning
from chalicelib.shared import settings
from tests import lived
from tests.api import Answer, Api, deliver, publish, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT, ROOT
from tests.faults import rows
from tests.integration.candidates import Candidate, stored

FRONT = "frame_a.jpg"
TURNED = {"left": "frame_a_left.jpg", "right": "frame_a_right.jpg"}
OTHER = {"left": "right", "right": "left"}


@pytest.fixture
@lived.once
def asked(api: Api, pictures: str) -> Candidate:
    """Enrolled, and at the face check of an exam that asks for a turn."""
    header = (ROOT / "examples" / "agency-practitioners" / "exam.yaml").read_text("utf-8")
    policy = header.replace("policy:", "policy:\n  liveness: head_turn\n ", 1)
    assert "liveness" in policy
    assert publish("agency-practitioners", T0, **{"exam.yaml": policy.encode()})["ok"]
    person = Candidate(api, pictures)
    person.enrol()
    person.open()
    person.steps()
    return person


def reserve(person: Candidate) -> tuple[Answer, str]:
    """A reserved check, and the side that it asks for."""
    reserved = person.reserve()
    assert reserved.status == 201, reserved
    return reserved, reserved.json["verification"]["turn"]


def post(person: Candidate, reserved: Answer, front: bytes | str, turned: bytes | str) -> list[str]:
    """Both pictures to where they belong; returns their keys."""
    data = [person.picture(p) if isinstance(p, str) else p for p in (front, turned)]
    tickets = (reserved.json["upload"], reserved.json["turn_upload"])
    return [upload(ticket, picture) for ticket, picture in zip(tickets, data, strict=True)]


def check(person: Candidate, turned: bytes | str | None = None, front: str = FRONT) -> Any:
    """One whole check with a right turn, or this second picture; returns what became of it."""
    reserved, side = reserve(person)
    for key in post(person, reserved, front, turned if turned is not None else TURNED[side]):
        deliver(key)
    return person.verdict(reserved)


def used(person: Candidate) -> tuple[int, int]:
    """Chances that are used, and checks of today that could not run."""
    item = stored(person)
    count = item.get("unusable", {"M": {"count": {"N": "0"}}})["M"]["count"]["N"]
    return int(item["chances"]["M"]["used"]["N"]), int(count)


def kept(prefix: str) -> list[dict[str, Any]]:
    """Rows of what pictures showed."""
    return [row for row in rows("ATTEMPTS_TABLE").values() if row["sk"].startswith(prefix)]


# --- what is asked for ----------------------------------------------------------------------------------


def test_no_turn_is_asked_for_by_default(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    assert (reserved.json["verification"]["turn"], reserved.json["turn_upload"]) == (None, None)
    deliver(upload(reserved.json["upload"], candidate.picture(FRONT)))
    assert candidate.verdict(reserved)["state"] == "passed"


def test_the_exam_tells_beforehand_that_a_turn_will_be_asked_for(asked: Candidate) -> None:
    [exam] = asked.api.get("/exams").json["exams"]
    rules = asked.api.get(f"/exams/{exam['exam_id']}").json["rules"]
    assert rules["liveness"] == "head_turn"


def test_the_server_chooses_the_side_anew_for_each_check_and_once_for_each_request(
    asked: Candidate,
) -> None:
    sides = set()
    for number in range(20):
        body = {"request_id": f"another-{number:04}"}
        reserved = asked.post("verifications", body)
        again = asked.post("verifications", body)
        assert again.json["verification"] == reserved.json["verification"]
        assert (reserved.json["turn_upload"] is None) is False
        sides.add(reserved.json["verification"]["turn"])
        for key in post(asked, reserved, "frame_empty.jpg", "frame_empty.jpg"):
            deliver(key)
    assert sides == {"left", "right"}


def test_both_pictures_have_a_place_of_their_own(asked: Candidate) -> None:
    reserved, _ = reserve(asked)
    first, second = (reserved.json[name]["fields"]["key"] for name in ("upload", "turn_upload"))
    assert second == f"{first}.turn"
    assert reserved.json["turn_upload"]["expires_at"] == reserved.json["upload"]["expires_at"]


def test_an_exam_is_not_published_where_no_engine_sees_a_turn(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACE_ENGINE", "face_recognition")
    settings.settings.cache_clear()
    told = publish("evaluation-experts", T0)
    assert not told["ok"]
    assert "FACE_ENGINE" in json.dumps(told, ensure_ascii=False)
    assert publish("agency-practitioners", T0)["ok"]
    monkeypatch.delenv("FACE_ENGINE")
    settings.settings.cache_clear()
    assert publish("evaluation-experts", T0)["ok"]


# --- what passes, what does not -------------------------------------------------------------------------


def test_a_matching_face_that_turns_as_asked_passes(asked: Candidate) -> None:
    assert check(asked)["state"] == "passed"
    assert used(asked) == (1, 0)
    assert asked.admit().status == 201


def test_both_sides_pass(asked: Candidate) -> None:
    passed = set()
    while passed != {"left", "right"}:
        reserved, side = reserve(asked)
        for key in post(asked, reserved, FRONT, TURNED[side]):
            deliver(key)
        assert asked.verdict(reserved)["state"] == "passed"
        passed.add(side)
        asked.steps()


def test_a_turn_to_the_other_side_could_not_run(asked: Candidate) -> None:
    reserved, side = reserve(asked)
    for key in post(asked, reserved, FRONT, TURNED[OTHER[side]]):
        deliver(key)
    told = asked.verdict(reserved)
    assert (told["state"], told["reason"]) == ("not_run", "turn_wrong_way")
    assert "方向" in told["message"]
    assert used(asked) == (0, 1)
    assert asked.get().json["next_step"] == "verification"


@pytest.mark.parametrize(
    ("turned", "reason"),
    [
        (FRONT, "turn_not_seen"),  # nobody turned
        ("frame_flat.jpg", "turn_not_seen"),  # a photo was turned
        ("frame_turned.jpg", "turn_not_seen"),  # somebody else did
        ("frame_empty.jpg", "turn_not_seen"),  # out of the picture
        ("frame_dark.jpg", "dark"),
        ("frame_two.jpg", "several_faces"),
        (b"no picture", "not_a_picture"),
    ],
)
def test_a_second_picture_without_a_good_turn_could_not_run(
    asked: Candidate, turned: bytes | str, reason: str
) -> None:
    told = check(asked, turned)
    assert (told["state"], told["reason"]) == ("not_run", reason)
    assert used(asked) == (0, 1)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_flat_photo_never_passes_on_whichever_side(asked: Candidate, mirrored: bool) -> None:
    """The photo is turned to the left and to the right."""
    import io

    from PIL import Image, ImageOps

    flat = Image.open(io.BytesIO(asked.picture("frame_flat.jpg")))
    out = io.BytesIO()
    (ImageOps.mirror(flat) if mirrored else flat).save(out, "JPEG")
    for _ in range(4):
        assert check(asked, out.getvalue())["reason"] == "turn_not_seen"


@pytest.mark.parametrize(
    ("front", "state", "reason"),
    [("frame_b.jpg", "failed", "mismatch"), ("frame_dark.jpg", "not_run", "dark")],
)
def test_the_frontal_picture_is_judged_as_ever(
    asked: Candidate, front: str, state: str, reason: str
) -> None:
    told = check(asked, front=front)
    assert (told["state"], told["reason"]) == (state, reason)
    assert used(asked) == ((1, 0) if state == "failed" else (0, 1))


# --- events in any order --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1, 0), (0, 0, 1, 1), (1, 1, 0)])
def test_the_order_of_events_does_not_matter(asked: Candidate, order: tuple[int, ...]) -> None:
    reserved, side = reserve(asked)
    keys = post(asked, reserved, FRONT, TURNED[side])
    for which in order:
        deliver(keys[which])
    assert asked.verdict(reserved)["state"] == "passed"
    assert used(asked) == (1, 0)


@pytest.mark.parametrize("which", [0, 1])
def test_one_event_is_enough_when_both_pictures_are_there_but_for_the_frontal_ones_own(
    asked: Candidate, which: int
) -> None:
    reserved, side = reserve(asked)
    deliver(post(asked, reserved, FRONT, TURNED[side])[which])
    assert asked.verdict(reserved)["state"] == ("passed" if which == 0 else "pending")


@pytest.mark.parametrize("which", ["upload", "turn_upload"])
def test_one_picture_of_two_is_none(asked: Candidate, clock: StandingClock, which: str) -> None:
    reserved, side = reserve(asked)
    picture = FRONT if which == "upload" else TURNED[side]
    deliver(upload(reserved.json[which], asked.picture(picture)))
    assert asked.verdict(reserved)["state"] == "pending"
    clock.advance(s=60)
    told = asked.verdict(reserved)
    assert (told["state"], told["reason"]) == ("not_run", "not_uploaded")
    assert used(asked) == (0, 1)


def test_events_that_come_late_count_as_ever(asked: Candidate, clock: StandingClock) -> None:
    reserved, side = reserve(asked)
    keys = post(asked, reserved, FRONT, TURNED[side])
    clock.advance(s=60)
    assert asked.verdict(reserved)["state"] == "judging"
    clock.advance(s=120)
    assert asked.verdict(reserved)["reason"] == "engine_down"
    for key in reversed(keys):
        deliver(key)
    assert asked.verdict(reserved)["state"] == "passed"
    assert used(asked) == (1, 0)


def test_a_frontal_picture_that_was_replaced_after_its_judging_plays_no_part(
    asked: Candidate,
) -> None:
    """The photo of the candidate first, then the head of whoever turned: both must be one picture's."""
    s3 = boto3.client("s3")
    reserved, side = reserve(asked)
    front = upload(reserved.json["upload"], asked.picture(FRONT))
    deliver(front, version_id=s3.head_object(**at(front))["VersionId"])
    upload(reserved.json["upload"], asked.picture("frame_b.jpg"))
    deliver(front, version_id=s3.head_object(**at(front))["VersionId"])
    turned = upload(reserved.json["turn_upload"], asked.picture(TURNED[side]))
    deliver(turned)
    assert asked.verdict(reserved)["state"] == "passed", "by the picture that was judged"


def test_without_the_judged_bytes_there_is_no_verdict(
    asked: Candidate, clock: StandingClock
) -> None:
    reserved, side = reserve(asked)
    front = upload(reserved.json["upload"], asked.picture(FRONT))
    deliver(front)
    [row] = kept("VERIFICATION#")
    boto3.client("dynamodb").update_item(
        TableName=ENVIRONMENT["ATTEMPTS_TABLE"],
        Key={name: {"S": row[name]} for name in ("attempt_id", "sk")},
        UpdateExpression="SET sha256 = :other",
        ExpressionAttributeValues={":other": {"S": "0" * 64}},
    )
    deliver(upload(reserved.json["turn_upload"], asked.picture(TURNED[side])))
    assert asked.verdict(reserved)["state"] == "pending"
    clock.advance(s=180)
    assert asked.verdict(reserved)["reason"] == "engine_down"
    assert used(asked) == (0, 0)


def at(key: str) -> dict[str, str]:
    return {"Bucket": ENVIRONMENT["PRIVATE_BUCKET"], "Key": key}


def test_an_engine_that_is_down_for_the_second_picture_is_our_fault(asked: Candidate) -> None:
    reserved, side = reserve(asked)
    front, turned = post(asked, reserved, FRONT, TURNED[side])
    real, calls = faces.default_engine(), 0

    class Failing:
        def examine(self, image: Any, *, vectors: bool = True) -> Any:
            nonlocal calls
            calls += 1
            if calls > 1:
                raise faces.EngineUnavailable("down for a while")
            return real.examine(image, vectors=vectors)

    with mock.patch.object(faces, "default_engine", lambda *_: Failing()):
        deliver(front)
    told = asked.verdict(reserved)
    assert (told["state"], told["reason"]) == ("not_run", "engine_down")
    assert used(asked) == (0, 0)
    deliver(turned)
    assert asked.verdict(reserved)["state"] == "not_run", "it is told; the next check is another"


def test_an_engine_that_sees_no_mouth_is_our_fault_and_nobodys_turn(asked: Candidate) -> None:
    import dataclasses

    real = faces.default_engine()

    class Blunt:
        def examine(self, image: Any, *, vectors: bool = True) -> Any:
            found = real.examine(image, vectors=vectors)
            blunt = tuple(dataclasses.replace(face, points=face.points[:3]) for face in found.faces)
            return dataclasses.replace(found, faces=blunt)

    with mock.patch.object(faces, "default_engine", lambda *_: Blunt()):
        told = check(asked)
    assert (told["state"], told["reason"]) == ("not_run", "engine_down")
    assert used(asked) == (0, 0)


# --- evidence -------------------------------------------------------------------------------------------


def test_what_was_seen_is_kept_with_both_pictures(asked: Candidate) -> None:
    assert check(asked)["state"] == "passed"
    [front], [turn] = kept("VERIFICATION#"), kept("TURN#")
    assert turn["turned"]["reason"] == ""
    assert turn["turned"]["outcome"] == turn["comparison"]["outcome"] == "match"
    assert turn["turned"]["yaw"] >= turning.TURN_YAW
    assert turn["turned"]["depth"] >= turning.TURN_DEPTH
    assert turn["turned"]["breadth"] >= turning.TURN_BREADTH
    assert turn["sha256"] != front["sha256"]
    listed = boto3.client("s3").list_objects_v2(Bucket=ENVIRONMENT["PRIVATE_BUCKET"])
    uploads = [o["Key"] for o in listed["Contents"]]
    assert sum(key.startswith("incoming/verifications/") for key in uploads) == 2
