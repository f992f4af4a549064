"""Pictures that were there before: as a check, as a frame, somebody else's; and those who merely sit still."""

import io
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from PIL import Image, ImageOps

from benchmarks.meter import size
from chalicelib.attempts import events, store
from chalicelib.faces import signatures
from chalicelib.identity import service as identity
from chalicelib.identity import store as identity_store
from chalicelib.shared.clock import DAY_MS
from chalicelib.shared.table import to_wire
from scripts.moments import moment
from tests.api import Api, deliver, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import rows
from tests.integration.candidates import PROFILE, Candidate, stored
from tests.integration.watching import next_ticket, verdicts

OTHER = {**PROFILE, "name": "李四", "id_number": "110101199003070417"}


def jpeg(picture: Image.Image, quality: int = 80) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, format="JPEG", quality=quality)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def as_it_is(data: bytes) -> bytes:
    return data


def compressed(data: bytes) -> bytes:
    return jpeg(opened(data), quality=80)


def mirrored(data: bytes) -> bytes:
    return jpeg(ImageOps.mirror(opened(data)))


def by_virtual_camera(data: bytes) -> bytes:
    """In the middle of a camera's picture, bars beside it, as a virtual camera shows a portrait."""
    frame = Image.new("RGB", (640, 480))
    shown = ImageOps.contain(opened(data), frame.size)
    frame.paste(shown, ((640 - shown.width) // 2, (480 - shown.height) // 2))
    return jpeg(frame)


COPIES = [as_it_is, compressed, mirrored, by_virtual_camera]


def check(person: Candidate, data: bytes) -> Any:
    reserved = person.reserve()
    assert reserved.status == 201, reserved
    deliver(upload(reserved.json["upload"], data))
    return person.verdict(reserved)


def send_frame(person: Candidate, clock: StandingClock, data: bytes) -> str:
    """Deliver one frame; returns its key."""
    key = upload(next_ticket(person, clock)["upload"], data)
    deliver(key)
    return key


def snapshots(person: Candidate) -> list[dict[str, Any]]:
    return list(store.list_snapshots(person.path.rsplit("/", 1)[-1]).values())


def replays(person: Candidate) -> list[str]:
    return [row["reason"] for row in snapshots(person) if row["verdict"] == "replayed"]


def id_photo(person: Candidate) -> bytes:
    return person.picture("id_a.jpg")


# --- in the check-in --------------------------------------------------------------------------------


@pytest.mark.parametrize("copy", COPIES)
def test_the_id_photo_is_no_picture_of_this_moment(
    candidate: Candidate, copy: Callable[[bytes], bytes]
) -> None:
    candidate.open()
    candidate.steps()
    verdict = check(candidate, copy(id_photo(candidate)))
    assert (verdict["state"], verdict["reason"]) == ("failed", "replayed")
    assert "请用摄像头现场拍摄" in verdict["message"]
    assert candidate.get().json["chances_left"] == 9
    assert candidate.verify()["state"] == "passed"


def test_the_photo_that_was_enrolled_as_it_is_stored_is_none_either(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    account = candidate.api.get("/me").json["account_id"]
    photo = stored_photo(account)
    verdict = check(candidate, photo)
    assert (verdict["state"], verdict["reason"]) == ("failed", "replayed")


def stored_photo(account_id: str) -> bytes:
    person = identity.look_up_person(account_id=account_id)
    assert person.id_photo is not None
    return identity.read_photo(account_id=account_id, photo_id=person.id_photo.photo_id)


def test_a_photo_of_an_older_record_is_signed_when_it_is_first_needed(candidate: Candidate) -> None:
    account_id = candidate.api.get("/me").json["account_id"]
    person = identity_store.load_person(account_id)
    assert person is not None and person.id_photo is not None
    signature = person.id_photo.signature
    identity_store.keep_signature(person, b"")
    candidate.open()
    candidate.steps()
    verdict = check(candidate, mirrored(id_photo(candidate)))
    assert (verdict["state"], verdict["reason"]) == ("failed", "replayed")
    again = identity_store.load_person(account_id)
    assert again is not None and again.id_photo is not None
    assert again.id_photo.signature == signature


@pytest.mark.parametrize("copy", COPIES)
def test_the_picture_of_an_earlier_check_is_refused(
    candidate: Candidate, copy: Callable[[bytes], bytes]
) -> None:
    candidate.open()
    candidate.steps()
    picture = candidate.picture("frame_a.jpg")
    assert check(candidate, picture)["state"] == "passed"
    assert candidate.admit().status == 201
    candidate.steps()  # the page was closed: all over again
    verdict = check(candidate, copy(picture))
    assert (verdict["state"], verdict["reason"]) == ("failed", "replayed")
    assert candidate.verify()["state"] == "passed"


def test_a_check_that_could_not_run_is_repeated_with_its_very_picture(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate.open()
    candidate.steps()
    picture = candidate.picture("frame_a.jpg")
    attempt_id = candidate.path.rsplit("/", 1)[-1]
    reserved = candidate.reserve()
    key = upload(reserved.json["upload"], picture)
    # As if the authority had not answered: the picture is known, and the check did not run.
    from chalicelib.identity import comparing

    monkeypatch.setattr(comparing, "_asks_authority", lambda in_exam: True)
    monkeypatch.setattr(comparing, "_ask_authority", authority_down)
    deliver(key)
    assert candidate.verdict(reserved)["reason"] == "authority_down"
    assert store.list_pictures(attempt_id, T0)
    monkeypatch.undo()
    assert check(candidate, picture)["state"] == "passed"


def authority_down(*_: Any) -> Any:
    from chalicelib.identity.comparing import Comparison

    return Comparison(None, "authority_down")


# --- in the exam ------------------------------------------------------------------------------------


@pytest.mark.parametrize("copy", COPIES)
def test_the_id_photo_as_a_frame(
    writing: Candidate, clock: StandingClock, copy: Callable[[bytes], bytes]
) -> None:
    send_frame(writing, clock, copy(id_photo(writing)))
    assert (verdicts(writing), replays(writing)) == (["replayed"], ["id_photo"])


def test_one_frame_for_all_slots(writing: Candidate, clock: StandingClock) -> None:
    frame = writing.picture("frame_a.jpg")
    for copy in COPIES:
        send_frame(writing, clock, copy(frame))
    assert verdicts(writing) == ["match", "replayed", "replayed", "replayed"]
    assert replays(writing) == ["earlier_frame"] * 3
    assert writing.get().json["status"] == "started"  # for a human to look at, the exam goes on
    assert stored(writing)["integrity"]["M"]["rule"]["S"] == "replayed"


def test_the_picture_of_the_check_as_a_frame(inside: Candidate, clock: StandingClock) -> None:
    clock.now = T0
    assert inside.post("start").status == 200
    of_the_check = moment((inside.pictures / "frame_a.jpg").read_bytes(), inside.moment)
    send_frame(inside, clock, of_the_check)
    assert replays(inside) == ["earlier_frame"]


def test_whoever_sits_still_is_left_in_peace(writing: Candidate, clock: StandingClock) -> None:
    for _ in range(6):
        send_frame(writing, clock, writing.picture("frame_a.jpg"))
    assert verdicts(writing) == ["match"] * 6


@pytest.mark.parametrize(
    ("picture", "verdict"),
    [
        ("frame_dark.jpg", "unclear"),
        ("frame_covered.jpg", "unclear"),
        ("frame_empty.jpg", "no_face"),
        ("frame_two.jpg", "several"),
    ],
)
def test_what_looks_the_same_all_day_keeps_its_verdict(
    writing: Candidate, clock: StandingClock, picture: str, verdict: str
) -> None:
    data = (writing.pictures / picture).read_bytes()
    for _ in range(2):
        send_frame(writing, clock, data)
    assert verdicts(writing) == [verdict] * 2


def test_an_upload_that_is_judged_twice_is_no_replay_of_itself(
    writing: Candidate, clock: StandingClock
) -> None:
    key = send_frame(writing, clock, writing.picture("frame_a.jpg"))
    deliver(key)
    assert verdicts(writing) == ["match"]
    # Whoever judged it first died before the findings were kept.
    attempt_id = writing.path.rsplit("/", 1)[-1]
    table = boto3.resource("dynamodb").Table(ENVIRONMENT["ATTEMPTS_TABLE"])
    table.delete_item(Key={"attempt_id": attempt_id, "sk": "SNAPSHOT#000"})
    table.update_item(
        Key={"attempt_id": attempt_id, "sk": "ATTEMPT"},
        UpdateExpression="SET verdicts = :none",
        ExpressionAttributeValues={":none": ""},
    )
    deliver(key)
    assert verdicts(writing) == ["match"]


def test_of_two_that_are_judged_at_once_one_at_least_is_found(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = writing.picture("frame_a.jpg")
    keys: list[str] = []
    while len(keys) < 2:
        ticket = next_ticket(writing, clock)
        key = upload(ticket["upload"], compressed(frame) if keys else frame)
        keys += [key] if key not in keys else []
    listed, inner = store.list_pictures, []

    def judged_in_between(*arguments: Any) -> Any:
        if not inner:
            inner.append(True)
            deliver(keys[1])
        return listed(*arguments)

    monkeypatch.setattr(events.store, "list_pictures", judged_in_between)
    deliver(keys[0])
    assert "replayed" in verdicts(writing)


def other_candidate(first: Candidate, clock: StandingClock) -> Candidate:
    """Somebody else in the same exam, who resembles nobody but themselves."""
    other = Candidate(Api(clock), str(first.pictures), who=2)
    assert other.api.register("13900139000").status == 201
    assert other.api.put("/me", OTHER).status == 200
    deliver(upload(other.api.post("/me/id-photo").json, first.picture("id_b.jpg")))
    return other


def test_a_frame_of_another_candidate(inside: Candidate, clock: StandingClock) -> None:
    other = other_candidate(inside, clock)
    other.open()
    other.steps()
    of_the_other = other.picture("frame_b.jpg")
    assert check(other, of_the_other)["state"] == "passed"
    clock.now = T0
    assert inside.post("start").status == 200
    send_frame(inside, clock, of_the_other)
    assert (verdicts(inside), replays(inside)) == (["replayed"], ["other_person"])


# --- what is kept -----------------------------------------------------------------------------------


def over(kept_at: int) -> int:
    """The first moment at which what was kept then is gone: days are whole."""
    return (kept_at // DAY_MS + 1 + store.PICTURES_DAYS) * DAY_MS


def test_what_pictures_are_known_by_goes_after_ninety_days(
    writing: Candidate, clock: StandingClock
) -> None:
    send_frame(writing, clock, writing.picture("frame_a.jpg"))
    attempt_id = writing.path.rsplit("/", 1)[-1]
    expiring = [row for row in rows("ATTEMPTS_TABLE").values() if "expires_at_s" in row]
    kept = [row for row in expiring if not row["attempt_id"].startswith("#find/")]
    assert {row["sk"] for row in kept} == {
        "FIRST",
        f"PICTURE#VERIFICATION#{stored_check(writing)}",
        "PICTURE#SNAPSHOT#000",
    }
    days = (over(clock.now) - clock.now) / DAY_MS
    assert store.PICTURES_DAYS < days <= store.PICTURES_DAYS + 1
    assert len(store.list_pictures(attempt_id, over(clock.now) - 1000)) == 2
    assert store.list_pictures(attempt_id, over(clock.now)) == {}
    store.delete_pictures(attempt_id)
    assert store.list_pictures(attempt_id, T0) == {}


def test_what_an_earlier_release_kept_of_a_picture_is_still_compared(
    writing: Candidate, clock: StandingClock
) -> None:
    """Its hash was written in hexadecimal digits, and its signature was the grey levels themselves."""
    frame = writing.picture("frame_a.jpg")
    send_frame(writing, clock, frame)
    key = {"attempt_id": writing.path.rsplit("/", 1)[-1], "sk": "PICTURE#SNAPSHOT#000"}
    table = boto3.resource("dynamodb").Table(ENVIRONMENT["ATTEMPTS_TABLE"])
    row = table.get_item(Key=key)["Item"]
    levels = signatures.unpack(bytes(row["signature"]))
    assert levels is not None
    older = {"pixels": bytes(row["pixels"]).hex(), "signature": b"\x01" + levels.tobytes()}
    table.put_item(Item={**row, **older})
    kept = store.list_pictures(key["attempt_id"], T0)["SNAPSHOT#000"]
    assert (kept.pixels, kept.signature) == (older["pixels"], older["signature"])
    for copy in (as_it_is, compressed):
        send_frame(writing, clock, copy(frame))
    assert replays(writing) == ["earlier_frame"] * 2


def test_what_a_picture_is_known_by_takes_one_write_unit(
    writing: Candidate, clock: StandingClock
) -> None:
    send_frame(writing, clock, writing.picture("frame_a.jpg"))
    kept = [row for key, row in rows("ATTEMPTS_TABLE").items() if "/PICTURE#" in key]
    assert len(kept) == 2  # of the check and the frame
    assert all(size({name: to_wire(value) for name, value in row.items()}) <= 1024 for row in kept)


def stored_check(person: Candidate) -> str:
    return str(stored(person)["verifications"]["L"][0]["M"]["id"]["S"])


def test_pixels_are_claimed_anew_once_their_time_is_over(
    writing: Candidate, clock: StandingClock
) -> None:
    attempt = store.load_attempt(writing.path.rsplit("/", 1)[-1])
    assert attempt is not None
    first = store.claim_pixels(attempt, "SNAPSHOT#001", "0" * 64, T0)
    assert store.claim_pixels(attempt, "SNAPSHOT#002", "0" * 64, over(T0) - 1000) == first
    assert store.claim_pixels(attempt, "SNAPSHOT#002", "0" * 64, over(T0)).event == "SNAPSHOT#002"
