"""身份信息 over HTTP: the profile, one number one account, and the ID photo with real pictures."""

import functools
import hashlib
import io
import pathlib
import zlib
from dataclasses import replace
from typing import Any
from unittest import mock

import boto3
import pytest
from PIL import Image

from chalicelib.accounts import phones, sessions
from chalicelib.accounts import service as accounts
from chalicelib.accounts import store as account_store
from chalicelib.accounts.consents import Ticks
from chalicelib.identity import comparing, enrolment, model, store, texts
from chalicelib.identity import service as identity
from chalicelib.identity.documents import IdType
from chalicelib.identity.model import FaceOutcome
from chalicelib.shared import objects, sealed
from chalicelib.shared.pictures import decode_picture
from tests import lived
from tests.api import Api, deliver, upload
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, everything_stored, failing, rows
from tests.integration.candidates import ID_NUMBER, PROFILE

OTHER_NUMBER = "E12345678"
PASSPORT = {**PROFILE, "id_type": "passport", "id_number": OTHER_NUMBER}
MINUTE = 60_000


def item(api: Api) -> dict[str, Any]:
    """My account as it is stored."""
    return rows("ACCOUNTS_TABLE")[f"account#{api.get('/me').json['account_id']}"]


def my_id() -> str:
    """My account's id, whatever became of the session."""
    [key] = [key for key in rows("ACCOUNTS_TABLE") if key.startswith("account#")]
    return key.removeprefix("account#")


def owners() -> dict[str, str]:
    """ID numbers (hashed) and the accounts that hold them."""
    kept = rows("ACCOUNTS_TABLE")
    return {k: row["account_id"] for k, row in kept.items() if k.startswith("person#")}


def registered(api: Api, phone: str) -> Api:
    """Somebody who has just registered; captcha and code are test_sign_in's matter."""
    with mock.patch.object(
        accounts, "prove_phone", lambda number, **_: accounts.phone_hash(number)
    ):
        account = accounts.create_account(
            phone=phone,
            proof=phones.Proof("", "", "192.0.2.1"),
            ticks=Ticks(("user-service", "privacy")),
            profile={"role": "agency_practitioner"},
            now=api.clock.now,
        )
    api.cookie = sessions.cookie(account.account_id, 1, api.clock.now).split(";")[0]
    return api


@pytest.fixture
@lived.once
def me(api: Api) -> Api:
    """Somebody signed in with a new account."""
    return registered(api, "13800138000")


@pytest.fixture
@lived.once
def other(me: Api) -> Api:
    """Somebody else in the same cloud."""
    return registered(Api(me.clock), "13900139000")


# --- the profile ---


def test_a_new_account_lacks_nearly_everything(me: Api) -> None:
    answer = me.get("/me").json
    assert answer["missing"] == [
        "id_photo",
        "name",
        "id_type",
        "id_number",
        "organisation",
        "region",
    ]
    assert answer["id_photo"] == {"state": "none", "reason": "", "message": "", "url": None}
    assert answer["frozen"] is False


def test_what_i_save_is_what_i_see_with_the_number_masked(me: Api) -> None:
    me.clock.advance(s=1)
    saved = me.put("/me", {**PROFILE, "id_number": "11010519491231002x"})
    assert saved.status == 200
    assert saved.json == me.get("/me").json
    profile = saved.json["profile"]
    assert profile.pop("id_number_masked") == "110***********002X"
    assert profile.pop("updated_at") == me.clock.now
    assert profile == {k: v for k, v in PROFILE.items() if k != "id_number"}
    assert saved.json["missing"] == ["id_photo"]


@pytest.mark.parametrize(
    ("kind", "number", "shown"),
    [
        ("hk_macau_permit", "H12345678", "H******78"),
        ("taiwan_permit", "12345678", "1*****78"),
        ("hmt_residence_permit", "810000199408230021", "810***********0021"),
        ("passport", "E12345678", "E******78"),
        ("foreign_permanent_residence", "USA110012345678", "USA********5678"),
    ],
)
def test_all_six_kinds_of_documents_are_taken(me: Api, kind: str, number: str, shown: str) -> None:
    answer = me.put("/me", {**PROFILE, "id_type": kind, "id_number": number})
    assert answer.status == 200
    assert answer.json["profile"]["id_number_masked"] == shown


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_number": "110105194912310021"}, "id_number_invalid"),
        ({"id_number": ""}, "id_number_invalid"),
        ({"id_type": "passport"}, "id_number_invalid"),
        ({"id_type": "driving_licence"}, "invalid_request"),
        ({"role": "operator"}, "invalid_request"),
        ({"name": ""}, "name_invalid"),
        ({"name": "张3"}, "name_invalid"),
        ({"organisation": " "}, "text_invalid"),
        ({"region": "a\nb"}, "text_invalid"),
        ({"id_photo": "mine.jpg"}, "invalid_request"),
        ({"account_id": "ac_2"}, "invalid_request"),
        ({"person_hash": "x"}, "invalid_request"),
    ],
)
def test_a_wrong_field_is_refused_and_nothing_is_kept(
    me: Api, changes: dict[str, Any], code: str
) -> None:
    before = everything_stored()
    answer = me.put("/me", {**PROFILE, **changes})
    assert (answer.status, answer.code) == (400, code)
    assert everything_stored() == before


def test_leaving_the_number_out_keeps_it(me: Api) -> None:
    me.put("/me", PROFILE)
    kept = item(me)
    without = {k: v for k, v in PROFILE.items() if k != "id_number"}
    answer = me.put("/me", {**without, "region": "大同"})
    assert answer.json["profile"]["region"] == "大同"
    assert answer.json["profile"]["id_number_masked"] == "110***********002X"
    assert item(me)["id_number_sealed"] == kept["id_number_sealed"]


def test_one_number_is_one_person_whatever_document_carries_it(aws: None) -> None:
    kinds = (IdType.RESIDENT, IdType.HMT_RESIDENCE, IdType.FOREIGN_RESIDENT)
    assert len({identity.hash_of_number(kind, ID_NUMBER) for kind in kinds}) == 1
    shorter = {identity.hash_of_number(kind, "12345678") for kind in IdType}
    assert len(shorter) == len(IdType)  # eight digits of a passport and of a permit are two persons


def test_the_number_is_asked_for_the_first_time_and_with_another_document(me: Api) -> None:
    without = {k: v for k, v in PROFILE.items() if k != "id_number"}
    assert me.put("/me", without).code == "id_number_needed"
    me.put("/me", PROFILE)
    assert me.put("/me", {**without, "id_type": "passport"}).code == "id_number_needed"
    assert me.get("/me").json["profile"]["id_type"] == "resident_id"


def test_the_number_is_nowhere_in_clear(me: Api, capsys: pytest.CaptureFixture[str]) -> None:
    me.put("/me", PROFILE)
    me.put("/me", {**PROFILE, "id_number": ID_NUMBER[:-1] + "1"})
    with failing("dynamodb"):
        assert me.put("/me", PROFILE).status == 503
    with pytest.MonkeyPatch.context() as patch:  # a bug whose message quotes the number
        patch.setattr(store, "claim_number", lambda *_: {}[ID_NUMBER])
        assert me.put("/me", PROFILE).code == "internal_error"
    stored = item(me)
    assert ID_NUMBER not in repr(everything_stored())
    assert (
        sealed.unseal(stored["id_number_sealed"], f"{stored['account_id']}/id_number") == ID_NUMBER
    )
    logged = capsys.readouterr()
    assert '"kind": "KeyError"' in logged.out
    for secret in (ID_NUMBER, ID_NUMBER[6:14], "13800138000", "张三"):
        assert secret not in logged.out + logged.err
    answered = str([answer.json for answer in me.answers])
    assert "110***********002X" in answered
    assert ID_NUMBER not in answered
    assert "13800138000" not in answered


# --- one number, one account ---


def test_a_number_belongs_to_one_account(me: Api, other: Api) -> None:
    assert me.put("/me", PROFILE).status == 200
    refused = other.put("/me", PROFILE)
    assert (refused.status, refused.code) == (409, "id_number_taken")
    assert other.get("/me").json["profile"]["name"] == ""
    other.clock.advance(minutes=60 * 11)  # a number that is in use is never taken over
    assert other.put("/me", PROFILE).code == "id_number_taken"


def test_the_same_digits_of_another_document_are_another_person(me: Api, other: Api) -> None:
    taiwan = {**PROFILE, "id_type": "taiwan_permit", "id_number": "12345678"}
    assert me.put("/me", taiwan).status == 200
    passport = {**PROFILE, "id_type": "passport", "id_number": "12345678"}
    assert other.put("/me", passport).status == 200


def test_saving_the_same_number_again_changes_nobody(me: Api) -> None:
    me.put("/me", PROFILE)
    before = owners()
    me.clock.advance(s=1)
    assert me.put("/me", PROFILE).status == 200
    assert owners() == before


def test_a_number_i_no_longer_use_is_free(me: Api, other: Api) -> None:
    me.put("/me", PROFILE)
    me.clock.advance(s=1)
    assert me.put("/me", PASSPORT).status == 200
    assert other.put("/me", PROFILE).status == 200
    assert sorted(owners().values()) == sorted([item(me)["account_id"], item(other)["account_id"]])


def save(api: Api, profile: dict[str, Any]) -> Any:
    person = item(api)
    edit = identity.ProfileEdit(
        name=profile["name"],
        role=identity.AudienceRole(profile["role"]),
        organisation=profile["organisation"],
        region=profile["region"],
        id_type=IdType(profile["id_type"]),
        id_number=profile["id_number"],
    )
    return functools.partial(
        identity.save_profile,
        account_id=person["account_id"],
        session_version=1,
        edit=edit,
        now=api.clock.now,
    )


def test_of_two_who_claim_a_number_at_once_one_gets_it(me: Api, other: Api) -> None:
    outcomes = at_once([save(me, PROFILE), save(other, PROFILE)] * 3)
    winners = [who for who in (me, other) if item(who).get("person_hash")]
    assert len(winners) == 1
    assert set(owners().values()) == {item(winners[0])["account_id"]}
    assert outcomes.count("id_number_taken") == 3


def test_a_claim_that_crashed_is_taken_over_after_five_minutes(me: Api, other: Api) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "change_person", lambda *_: (_ for _ in ()).throw(OSError("crash")))
        assert me.put("/me", PROFILE).code == "internal_error"
    assert list(owners().values()) == [item(me)["account_id"]]
    me.clock.advance(ms=5 * MINUTE)
    assert other.put("/me", PROFILE).code == "id_number_taken"
    me.clock.advance(ms=1)
    assert other.put("/me", PROFILE).status == 200
    assert me.put("/me", PROFILE).code == "id_number_taken"
    assert list(owners().values()) == [item(other)["account_id"]]


def test_who_crashed_may_simply_try_again(me: Api) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "change_person", lambda *_: (_ for _ in ()).throw(OSError("crash")))
        me.put("/me", PROFILE)
    assert me.put("/me", PROFILE).status == 200


def test_a_number_claimed_again_meanwhile_is_not_given_up(me: Api) -> None:
    """One window changes number A to B, another back to A before the first gives A up."""
    me.put("/me", PROFILE)
    person_hash = item(me)["person_hash"]
    began = me.clock.now + 10
    me.clock.advance(ms=20)
    store.claim_number(person_hash, item(me)["account_id"], me.clock.now)
    store.release_number(person_hash, item(me)["account_id"], began)
    assert owners() == {f"person#{person_hash}": item(me)["account_id"]}


def test_two_edits_at_once_end_in_one_of_them(me: Api) -> None:
    north, south = {**PROFILE, "region": "大同"}, {**PROFILE, "region": "运城"}
    at_once([save(me, north), save(me, south)])
    assert me.get("/me").json["profile"]["region"] in ("大同", "运城")
    assert item(me)["version"] == 3


# --- the ID photo ---


def send(api: Api, data: bytes) -> dict[str, Any]:
    """Upload as ID photo; what `GET /me` then says of it."""
    deliver(upload(api.post("/me/id-photo").json, data))
    answer: dict[str, Any] = api.get("/me").json["id_photo"]
    return answer


def as_bytes(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def picture(pictures: str, name: str) -> bytes:
    return (pathlib.Path(pictures) / name).read_bytes()


def objects_of(prefix: str) -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Prefix=prefix)
    return [entry["Key"] for entry in listed.get("Contents", [])]


def test_a_ticket_is_for_one_key_ten_minutes_and_five_megabytes(me: Api) -> None:
    answer = me.post("/me/id-photo")
    assert answer.status == 201
    assert answer.json["expires_at"] == me.clock.now + 10 * MINUTE
    assert answer.json["max_bytes"] == 5 * 1024 * 1024
    assert answer.json["fields"]["key"].startswith("incoming/id-photos/ac_")
    assert me.get("/me").json["id_photo"]["state"] == "waiting"


def test_a_good_photo_is_accepted_and_shown(me: Api, pictures: str) -> None:
    photo = send(me, picture(pictures, "id_a.jpg"))
    assert (photo["state"], photo["reason"]) == ("accepted", "")
    assert "X-Amz-Expires=60&" in photo["url"]
    assert "id_photo" not in me.get("/me").json["missing"]


def test_the_kept_photo_is_written_anew_and_its_vector_is_of_the_kept_bytes(
    me: Api, pictures: str
) -> None:
    from chalicelib import faces
    from chalicelib.shared.pictures import decode_picture

    with Image.open(pathlib.Path(pictures) / "id_a.jpg") as original:
        marked = (
            as_bytes(original, quality=95, comment=b"COMMENT", exif=b"Exif\0\0secret") + b"TAIL"
        )
    assert send(me, marked)["state"] == "accepted"
    kept = item(me)["id_photo"]
    stored = objects.read(ENVIRONMENT["PRIVATE_BUCKET"], kept["key"])
    assert stored is not None
    assert hashlib.sha256(stored.data).hexdigest() == kept["sha256"]
    for mark in (b"COMMENT", b"secret", b"TAIL"):
        assert mark in marked
        assert mark not in stored.data
    vector = faces.default_engine().examine(decode_picture(stored.data)).faces[0].vector
    assert vector is not None
    assert faces.pack_vector(vector) == kept["vector"]
    assert len(kept["vector"]) == 512


def bomb() -> bytes:
    """A PNG of a few hundred bytes that announces 81 megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    size = (9000).to_bytes(4, "big")
    header = chunk(b"IHDR", size + size + b"\x08\x02\x00\x00\x00")
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )


def animated() -> bytes:
    frames = [Image.new("RGB", (300, 420), colour) for colour in ("red", "blue")]
    return as_bytes(frames[0], "PNG", save_all=True, append_images=frames[1:])


def refused_pictures(pictures: str) -> dict[str, bytes]:
    """A real picture for each reason, by reason."""
    good = picture(pictures, "id_a.jpg")
    with Image.open(io.BytesIO(good)) as portrait:
        portrait.load()
    width, height = portrait.size
    lying = portrait.rotate(-45, fillcolor="white")
    return {
        "empty": b"",
        "too_large": good + b"\0" * (5 * 1024 * 1024),
        "not_a_picture": b"%PDF-1.7 not a photo",
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
        "unsupported_format": as_bytes(portrait, "GIF"),
        "animated": animated(),
        "too_many_pixels": bomb(),
        "truncated": good[: len(good) // 2],
        "picture_too_small": as_bytes(portrait.resize((294, 412))),
        "no_face": picture(pictures, "frame_empty.jpg"),
        "several_faces": picture(pictures, "two_people.jpg"),
        "face_too_small": picture(pictures, "frame_small.jpg"),
        "dark": as_bytes(portrait.point(lambda value: value // 20)),
        "backlight": as_bytes(before_a_window(portrait)),
        "covered": picture(pictures, "frame_covered.jpg"),
        "blurred": as_bytes(portrait.resize((width // 12, height // 12)).resize((width, height))),
        "turned": picture(pictures, "frame_turned.jpg"),
        "tilted": as_bytes(lying),
    }


def before_a_window(portrait: Image.Image) -> Image.Image:
    """Somebody whose face is dark before a wide bright sky."""
    window = Image.new("RGB", (portrait.width * 3, portrait.height), (235, 240, 250))
    window.paste(portrait.point(lambda value: value * 0.12), (portrait.width, 0))
    return window


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("name", ["id_a.jpg", "id_b.jpg", "id_c.jpg"])
def test_a_photo_that_lies_is_turned_and_kept_upright(
    me: Api, pictures: str, name: str, degrees: int
) -> None:
    from chalicelib import faces

    upright = Image.open(io.BytesIO(picture(pictures, name)))
    assert send(me, as_bytes(upright.rotate(degrees, expand=True)))["state"] == "accepted"
    photo = item(me)["id_photo"]
    stored = (
        boto3.client("s3")
        .get_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=photo["key"])["Body"]
        .read()
    )
    assert Image.open(io.BytesIO(stored)).size == upright.size
    face = faces.default_engine().examine(upright).faces[0].vector
    assert face
    apart = faces.distance(face, faces.unpack_vector(photo["vector"]), photo["model"])
    assert apart < 0.1


def test_why_a_photo_is_refused_is_said_in_the_language_of_the_request(me: Api) -> None:
    send(me, b"%PDF-1.7 not a photo")
    answer = me.call("GET", "/me", headers={"Accept-Language": "en"})
    assert answer.json["id_photo"]["message"] == texts.PICTURES["not_a_picture"].en
    assert answer.headers["content-language"] == "en"


def test_each_refused_photo_says_why_in_words_and_the_earlier_one_stays(
    me: Api, pictures: str
) -> None:
    assert send(me, picture(pictures, "id_a.jpg"))["state"] == "accepted"
    accepted = item(me)["id_photo"]
    samples = refused_pictures(pictures)
    assert set(samples) == set(texts.PICTURES) - {"attempt_open"}
    seen = {}
    for reason, data in samples.items():
        photo = send(me, data)
        seen[reason] = photo["reason"]
        assert photo["state"] == "refused"
        assert photo["message"] == texts.PICTURES[photo["reason"]]
        assert photo["url"] is not None  # the photo that counts is still the one before
    assert seen == {reason: reason for reason in samples}
    assert item(me)["id_photo"] == accepted
    assert objects_of("id-photos/") == [accepted["key"]]


def test_an_upload_event_that_comes_twice_settles_once(me: Api, pictures: str) -> None:
    key = upload(me.post("/me/id-photo").json, picture(pictures, "id_a.jpg"))
    deliver(key)
    before = item(me)
    deliver(key)
    assert item(me) == before


def test_an_event_that_comes_hours_late_still_settles_its_ticket(me: Api, pictures: str) -> None:
    key = upload(me.post("/me/id-photo").json, picture(pictures, "id_a.jpg"))
    me.clock.advance(minutes=300)
    deliver(key)
    assert me.get("/me").json["id_photo"]["state"] == "accepted"


def test_a_ticket_that_was_replaced_settles_nothing(me: Api, pictures: str) -> None:
    old = upload(me.post("/me/id-photo").json, picture(pictures, "id_b.jpg"))
    new = upload(me.post("/me/id-photo").json, picture(pictures, "id_a.jpg"))
    before = item(me)
    deliver(old)
    assert item(me) == before
    deliver(new)
    assert me.get("/me").json["id_photo"]["state"] == "accepted"


def test_the_version_that_the_event_names_is_judged(me: Api, pictures: str) -> None:
    ticket = me.post("/me/id-photo").json
    first = boto3.client("s3").put_object(
        Bucket=ENVIRONMENT["PRIVATE_BUCKET"],
        Key=ticket["fields"]["key"],
        Body=picture(pictures, "frame_empty.jpg"),
    )
    key = upload(ticket, picture(pictures, "id_a.jpg"))
    deliver(key, version_id=first["VersionId"])
    assert me.get("/me").json["id_photo"]["reason"] == "no_face"


def test_two_photos_posted_to_one_ticket_cannot_be_mixed_up(me: Api, pictures: str) -> None:
    """The face that is compared must be the face on the certificate."""
    key = upload(me.post("/me/id-photo").json, picture(pictures, "id_a.jpg"))
    real_write = store.write_photo
    with pytest.MonkeyPatch.context() as patch:

        def write_when_the_other_was_judged(name: str, data: bytes) -> None:
            patch.setattr(store, "write_photo", real_write)
            boto3.client("s3").put_object(
                Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=key, Body=picture(pictures, "id_b.jpg")
            )
            deliver(key)
            real_write(name, data)

        patch.setattr(store, "write_photo", write_when_the_other_was_judged)
        deliver(key)
    kept = item(me)["id_photo"]
    stored = objects.read(ENVIRONMENT["PRIVATE_BUCKET"], kept["key"])
    assert stored is not None
    assert hashlib.sha256(stored.data).hexdigest() == kept["sha256"]


def test_an_event_without_its_picture_or_person_is_harmless(me: Api) -> None:
    key = me.post("/me/id-photo").json["fields"]["key"]
    before = everything_stored()
    deliver(key)
    deliver("incoming/id-photos/ac_nobody/ph_nothing")
    deliver("incoming/other/ac_nobody/ph_nothing")
    assert everything_stored() == before


def test_an_engine_that_is_down_leaves_the_photo_waiting_for_the_retry(
    me: Api, pictures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import faces

    def down(name: str) -> Any:
        raise faces.EngineUnavailable("no models")

    key = upload(me.post("/me/id-photo").json, picture(pictures, "id_a.jpg"))
    with monkeypatch.context() as patch:
        patch.setattr(faces, "default_engine", down)
        with pytest.raises(faces.EngineUnavailable):  # Lambda repeats the event
            deliver(key)
    assert me.get("/me").json["id_photo"]["state"] == "waiting"
    deliver(key)
    assert me.get("/me").json["id_photo"]["state"] == "accepted"


def test_the_photo_that_was_replaced_is_removed(me: Api, pictures: str) -> None:
    send(me, picture(pictures, "id_a.jpg"))
    first = item(me)["id_photo"]["key"]
    send(me, picture(pictures, "id_b.jpg"))
    second = item(me)["id_photo"]["key"]
    assert objects_of("id-photos/") == [second]
    send(me, picture(pictures, "id_a.jpg"))  # the first again, under a name of its own
    assert objects_of("id-photos/") == [item(me)["id_photo"]["key"]]
    assert item(me)["id_photo"]["key"] not in (first, second)


def test_a_replaced_photo_is_removed_although_whoever_replaced_it_died_before(
    me: Api, pictures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(me, picture(pictures, "id_a.jpg"))
    first = item(me)["id_photo"]["key"]
    key = upload(me.post("/me/id-photo").json, picture(pictures, "id_b.jpg"))

    def dies(_key: str) -> None:
        raise OSError("the function died")

    with monkeypatch.context() as patch:
        patch.setattr(store, "delete_photo", dies)
        with pytest.raises(OSError, match="died"):
            deliver(key)
    second = item(me)["id_photo"]["key"]
    assert set(objects_of("id-photos/")) == {first, second}
    for _ in range(2):  # Lambda repeats the event
        deliver(key)
        assert objects_of("id-photos/") == [second]


def test_the_loser_of_two_photos_for_one_ticket_is_removed(me: Api, pictures: str) -> None:
    key = upload(me.post("/me/id-photo").json, picture(pictures, "id_a.jpg"))
    store_photo = store.write_photo
    with pytest.MonkeyPatch.context() as patch:

        def judge_the_other_first(name: str, data: bytes) -> None:
            store_photo(name, data)
            patch.setattr(store, "write_photo", store_photo)
            other = picture(pictures, "id_b.jpg")
            boto3.client("s3").put_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=key, Body=other)
            deliver(key)

        patch.setattr(store, "write_photo", judge_the_other_first)
        deliver(key)
    assert objects_of("id-photos/") == [item(me)["id_photo"]["key"]]


# --- how many numbers somebody may try ---


def test_twenty_numbers_an_hour_and_a_hundred_a_day(me: Api) -> None:
    """Whether a number is taken is told, so nobody may ask for many; mistakes of form cost nothing."""
    me.clock.now = (
        me.clock.now // 86_400_000 + 1
    ) * 86_400_000 - 8 * 60 * MINUTE  # China's midnight
    me.cookie = sessions.cookie(my_id(), 1, me.clock.now).split(";")[0]
    for hour in range(5):
        assert me.put("/me", {**PROFILE, "id_number": "123"}).code == "id_number_invalid"
        for _ in range(20):
            assert me.put("/me", PROFILE).status == 200
        refused = me.put("/me", PASSPORT)
        assert (refused.status, refused.code) == (429, "too_many_requests")
        left_s = 3600 if hour < 4 else 20 * 3600
        assert int(refused.headers["retry-after"]) == left_s
        me.clock.advance(minutes=60)
    assert me.put("/me", PASSPORT).status == 429
    without = {k: v for k, v in PROFILE.items() if k != "id_number"}
    assert me.put("/me", without).status == 200  # what needs no number may still be edited
    me.clock.advance(minutes=19 * 60)
    me.cookie = sessions.cookie(my_id(), 1, me.clock.now).split(";")[0]
    assert me.put("/me", PASSPORT).status == 200


def test_an_edit_whose_answer_got_lost_is_made_once(me: Api) -> None:
    with answers_lost():
        assert me.put("/me", PROFILE).status == 200
    assert item(me)["version"] == 2


# --- frozen while an attempt is open ---


@pytest.fixture
@lived.once
def complete(me: Api, pictures: str) -> Api:
    """Somebody who lacks nothing."""
    assert me.put("/me", PROFILE).status == 200
    assert send(me, picture(pictures, "id_a.jpg"))["state"] == "accepted"
    return me


def freeze(api: Api, minutes: int = 60) -> Any:
    return identity.freeze(
        person=person(api),
        attempt_id="at_1",
        until=api.clock.now + minutes * MINUTE,
        now=api.clock.now,
    )


def person(api: Api) -> Any:
    found = store.load_person(item(api)["account_id"])
    assert found is not None
    return found


def test_freezing_keeps_name_number_and_photo_and_refuses_edits(complete: Api) -> None:
    assert freeze(complete)
    frozen = model.frozen(person(complete))
    assert (frozen.name, frozen.id_number_masked) == ("张三", "110***********002X")
    assert frozen.photo_id == item(complete)["id_photo"]["photo_id"]
    assert frozen.person_hash == item(complete)["person_hash"]
    before = item(complete)
    assert freeze(complete)
    for refused in (complete.put("/me", PROFILE), complete.post("/me/id-photo")):
        assert (refused.status, refused.code) == (409, "identity_frozen")
    assert complete.get("/me").json["frozen"] is True
    assert item(complete) == before


def test_the_lock_ends_with_the_exam_even_if_nobody_opens_it(complete: Api) -> None:
    freeze(complete, minutes=60)
    complete.clock.advance(minutes=60)
    assert complete.put("/me", PROFILE).code == "identity_frozen"
    complete.clock.advance(ms=1)
    assert complete.put("/me", PROFILE).status == 200


def test_unfreezing_ends_this_lock_only_and_may_be_repeated(complete: Api) -> None:
    freeze(complete)
    account_id = item(complete)["account_id"]
    identity.unfreeze(account_id=account_id, attempt_id="at_2")
    assert complete.get("/me").json["frozen"] is True
    for _ in range(2):
        identity.unfreeze(account_id=account_id, attempt_id="at_1")
        assert complete.get("/me").json["frozen"] is False
    identity.unfreeze(account_id="ac_nobody", attempt_id="at_1")


def test_who_changed_since_they_were_read_is_not_frozen(complete: Api) -> None:
    read = person(complete)
    assert complete.put("/me", {**PROFILE, "name": "李四"}).status == 200
    until = complete.clock.now + MINUTE
    assert not identity.freeze(person=read, attempt_id="at_1", until=until, now=complete.clock.now)
    assert "locks" not in item(complete)


@pytest.mark.parametrize(("more_ms", "kept"), [(-1, 0), (0, 0), (1, 1)])
def test_a_lock_only_ever_lasts_longer_and_never_comes_back(
    complete: Api, more_ms: int, kept: int
) -> None:
    freeze(complete)
    account_id, until = item(complete)["account_id"], complete.clock.now + 60 * MINUTE
    for _ in range(2):
        identity.keep_frozen(account_id=account_id, attempt_id="at_1", until=until + more_ms)
        assert item(complete)["locks"] == {"at_1": until + kept}
    identity.unfreeze(account_id=account_id, attempt_id="at_1")
    identity.keep_frozen(account_id=account_id, attempt_id="at_1", until=until + 1)
    assert item(complete)["locks"] == {}


def test_a_photo_that_arrives_after_the_opening_is_refused_with_the_reason(
    complete: Api, pictures: str
) -> None:
    key = upload(complete.post("/me/id-photo").json, picture(pictures, "id_b.jpg"))
    before = item(complete)["id_photo"]
    freeze(complete)
    deliver(key)
    photo = complete.get("/me").json["id_photo"]
    assert (photo["state"], photo["reason"]) == ("refused", "attempt_open")
    assert photo["message"] == texts.PICTURES["attempt_open"]
    assert item(complete)["id_photo"] == before
    assert objects_of("id-photos/") == [before["key"]]  # and the one that came too late is not kept


def test_nothing_personal_is_logged_while_a_photo_is_judged(
    complete: Api, pictures: str, capsys: pytest.CaptureFixture[str]
) -> None:
    send(complete, picture(pictures, "id_b.jpg"))
    send(complete, b"no picture")
    logged = capsys.readouterr().out
    assert '"refused": "not_a_picture"' in logged
    for secret in (ID_NUMBER, "13800138000", "张三", "某招标代理有限公司"):
        assert secret not in logged


# --- comparing faces ---


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("frame_a.jpg", "match"), ("frame_b.jpg", "mismatch"), ("frame_c.jpg", "mismatch")],
)
def test_my_face_is_me_and_another_is_not(
    complete: Api, pictures: str, name: str, outcome: str
) -> None:
    verdict = compare(complete, picture(pictures, name)).verdict
    assert verdict.outcome.value == outcome
    assert verdict.engine
    assert verdict.model


def compare(api: Api, data: bytes) -> Any:
    stored = item(api)
    photo_id = stored["id_photo"]["photo_id"]
    return compared(stored["account_id"], photo_id, data)


def compared(account_id: str, photo_id: str, data: bytes) -> Any:
    """What is said of a picture and the ID photo, as for a check without earlier pictures."""
    sight = comparing.look_at(data)
    if isinstance(sight, comparing.Comparison):
        return sight
    on_file = enrolment.load(account_id, photo_id, None)
    return comparing.compare_face(sight, comparing.Counterparts(on_file, ()), now=0)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("frame_empty.jpg", "no_face"),
        ("frame_two.jpg", "several_faces"),
        ("frame_dark.jpg", "dark"),
        ("frame_covered.jpg", "covered"),
    ],
)
def test_an_unusable_picture_is_never_a_mismatch(
    complete: Api, pictures: str, name: str, reason: str
) -> None:
    comparison = compare(complete, picture(pictures, name))
    assert (comparison.verdict, comparison.unusable) == (None, reason)


def test_a_photo_that_never_was_is_not_found(complete: Api, pictures: str) -> None:
    ask = functools.partial(
        compared, item(complete)["account_id"], "ph_another", picture(pictures, "frame_a.jpg")
    )
    assert at_once([ask]) == ["not_found"]


def test_a_replaced_photo_is_still_what_its_attempt_is_compared_with(
    complete: Api, pictures: str
) -> None:
    before = item(complete)
    send(complete, picture(pictures, "id_b.jpg"))
    assert item(complete)["id_photo"]["photo_id"] != before["id_photo"]["photo_id"]
    photo_id = before["id_photo"]["photo_id"]
    comparison = compared(before["account_id"], photo_id, picture(pictures, "frame_a_2.jpg"))
    assert comparison.outcome is FaceOutcome.MATCH


def test_a_mismatch_rests_on_both_engines_and_what_the_second_took_is_kept(
    complete: Api, pictures: str
) -> None:
    assert compare(complete, picture(pictures, "frame_a.jpg")).verdict.second is None
    assert item(complete)["id_photo"]["vectors"] == {}
    verdict = compare(complete, picture(pictures, "frame_b.jpg")).verdict
    assert (verdict.outcome, verdict.second.model[:4]) == (FaceOutcome.MISMATCH, "dlib")
    assert verdict.second.distance > verdict.second.other_above
    kept = item(complete)["id_photo"]
    assert list(kept["vectors"]) == [verdict.second.model]
    assert kept["vectors"][verdict.second.model] != kept["vector"]
    again = compare(complete, picture(pictures, "frame_b.jpg")).verdict
    assert (again, item(complete)["id_photo"]) == (verdict, kept)


def test_without_the_second_engines_word_nobody_is_somebody_else(
    complete: Api, pictures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        def examine(self, image: Image.Image, *, vectors: bool = True) -> Any:
            seen = faces.default_engine("face_recognition").examine(image, vectors=vectors)
            return replace(seen, faces=())

    from chalicelib import faces

    monkeypatch.setattr(faces, "second_engine", lambda name: Blind())
    verdict = compare(complete, picture(pictures, "frame_b.jpg")).verdict
    assert (verdict.outcome, verdict.second.distance) == (FaceOutcome.UNCERTAIN, None)


def enrolled_by_another_model(api: Api, **fields: Any) -> str:
    """My ID photo as an earlier release wrote it, by the other engine; returns the name of its model."""
    from chalicelib import faces

    stored = objects.read(ENVIRONMENT["PRIVATE_BUCKET"], item(api)["id_photo"]["key"])
    assert stored
    seen = faces.default_engine("face_recognition").examine(decode_picture(stored.data))
    assert seen.faces[0].vector
    old = {**item(api)["id_photo"], "engine": seen.engine, "model": seen.model, **fields}
    old["vector"] = faces.pack_vector(seen.faces[0].vector)
    del old["vectors"]
    person = store.load_person(item(api)["account_id"])
    assert person
    account_store.change_account(person.account_id, person.version, {"id_photo": old})
    return seen.model


def test_a_photo_enrolled_by_another_model_is_looked_at_again_and_that_is_kept(
    complete: Api, pictures: str
) -> None:
    other = enrolled_by_another_model(complete)
    for _ in range(2):
        verdict = compare(complete, picture(pictures, "frame_a.jpg")).verdict
        assert (verdict.outcome, verdict.model[:22]) == (
            FaceOutcome.MATCH,
            "face_recognition_sface",
        )
        kept = item(complete)["id_photo"]
        assert (kept["model"], list(kept["vectors"])) == (other, [verdict.model])
        enrolment.forget()


def test_one_comparison_keeps_all_that_an_older_photo_lacks(complete: Api, pictures: str) -> None:
    signature = item(complete)["id_photo"]["signature"]
    enrolled_by_another_model(complete, signature=b"")
    verdict = compare(complete, picture(pictures, "frame_a.jpg")).verdict
    kept = item(complete)["id_photo"]
    assert (kept["signature"], list(kept["vectors"])) == (signature, [verdict.model])


def test_an_engine_that_cannot_run_is_told_by_a_metric_and_counts_against_nobody(
    complete: Api,
    pictures: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from chalicelib.faces import sface_engine

    engine = sface_engine.SFaceEngine(pictures)  # no models there
    monkeypatch.setattr("chalicelib.faces.default_engine", lambda name: engine)
    comparison = compare(complete, picture(pictures, "frame_a.jpg"))
    assert (comparison.verdict, comparison.unusable) == (None, "engine_down")
    assert '"FaceEngineFailed": 1' in capsys.readouterr().out


@pytest.mark.parametrize("light", [0.15, 0.25, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("name", ["frame_a.jpg", "frame_a_2.jpg", "frame_b.jpg", "frame_c.jpg"])
def test_less_light_changes_no_verdict_but_for_want_of_light(
    complete: Api, pictures: str, name: str, light: float
) -> None:
    full = compare(complete, picture(pictures, name))
    dimmed = Image.open(io.BytesIO(picture(pictures, name))).point(lambda value: value * light)
    seen = compare(complete, as_bytes(dimmed))
    assert seen.outcome is full.outcome or seen.unusable in {"dark", "backlight"}
