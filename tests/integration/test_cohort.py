"""The cohort rule: from a hundred others on, two pictures must stand out from look-alikes."""

import pathlib
from typing import Any

import boto3
import msgspec
import numpy
import pytest

from chalicelib import faces
from chalicelib.identity import cohort, store
from chalicelib.shared import table
from tests import lived
from tests.api import Api, minute
from tests.cloud import ENVIRONMENT
from tests.faults import at_once, rows
from tests.integration.test_identity import PROFILE, compare, item, registered, send

DAY = 24 * 60


def faces_near(vector: tuple[float, ...], apart: float, count: int) -> list[tuple[float, ...]]:
    """Made-up people, each about so far from somebody; the spread is that of real look-alikes."""
    random = numpy.random.default_rng(7)
    directions = random.normal(size=(count, 128))
    directions /= numpy.linalg.norm(directions, axis=1, keepdims=True)
    lengths = apart + random.normal(scale=0.02, size=(count, 1))
    return [tuple(map(float, row)) for row in numpy.array(vector) + directions * lengths]


def enrol(people: list[tuple[float, ...]], model: str) -> None:
    """Accounts with an accepted ID photo, of which the cohort needs the vector alone."""
    for number, vector in enumerate(people):
        photo = {"photo_id": "p", "key": "k", "sha256": "s", "engine": "e", "at": 1}
        photo |= {"vector": faces.pack_vector(vector), "model": model}
        account_id = f"ac_other{number:04}"
        row = {"pk": f"account#{account_id}", "account_id": account_id, "id_photo": photo}
        table.put(ENVIRONMENT["ACCOUNTS_TABLE"], row)


@pytest.fixture
@lived.once
def me(api: Api, pictures: str) -> Api:
    """Somebody enrolled with a real face."""
    person = registered(api, "13800138000")
    assert person.put("/me", PROFILE).status == 200
    assert send(person, picture(pictures, "id_a.jpg"))["state"] == "accepted"
    return person


def picture(pictures: str, name: str) -> bytes:
    return (pathlib.Path(pictures) / name).read_bytes()


def own(api: Api) -> tuple[tuple[float, ...], str]:
    """My enrolled vector and the model that made it."""
    photo = item(api)["id_photo"]
    return faces.unpack_vector(photo["vector"]), photo["model"]


def drawn(now: int) -> dict[str, Any]:
    """Draw, and see what is in use."""
    cohort.draw_cohort(now=now)
    return rows("ACCOUNTS_TABLE")["cohort#current"]


@pytest.mark.parametrize(("others", "applies"), [(99, False), (100, True), (101, True)])
def test_the_rule_holds_from_a_hundred_others_on(
    me: Api, pictures: str, others: int, applies: bool
) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, others), model)
    note = drawn(me.clock.now)
    assert note["size"] == others + 1  # I am among them, and no other to myself
    verdict = compare(me, picture(pictures, "frame_a.jpg")).verdict
    assert verdict.outcome.value == "match"
    assert verdict.cohort == (note["version"] if applies else "")
    assert verdict.cohort_size == (others if applies else 0)
    assert (verdict.match_at, verdict.match_z) == ((0.55, -4.62) if applies else (0.5, None))
    assert (verdict.z is not None) is applies


def test_who_is_no_nearer_than_the_look_alikes_is_no_match_and_no_mismatch(
    me: Api, pictures: str
) -> None:
    vector, model = own(me)
    frame = picture(pictures, "frame_a.jpg")
    apart = compare(me, frame).verdict.distance
    assert compare(me, frame).verdict.outcome.value == "match"
    enrol(faces_near(vector, apart, 150), model)
    drawn(me.clock.now)
    verdict = compare(me, frame).verdict
    assert verdict.distance == apart
    assert verdict.outcome.value == "uncertain"
    assert verdict.z > verdict.match_z


def test_another_person_stays_a_mismatch(me: Api, pictures: str) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, 120), model)
    drawn(me.clock.now)
    verdict = compare(me, picture(pictures, "frame_b.jpg")).verdict
    assert verdict.outcome.value == "mismatch"
    assert verdict.cohort


def test_vectors_of_another_model_are_no_others(me: Api, pictures: str) -> None:
    vector, model = own(me)
    people = faces_near(vector, 0.8, 199)
    enrol(people, "another@00000000")
    enrol(people[:99], model)  # the same accounts: 99 examined anew
    assert drawn(me.clock.now)["size"] == 200
    assert compare(me, picture(pictures, "frame_a.jpg")).verdict.cohort == ""


def test_a_version_holds_301_and_a_comparison_300(me: Api, pictures: str) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, 320), model)
    assert drawn(me.clock.now)["size"] == 301
    verdict = compare(me, picture(pictures, "frame_a.jpg")).verdict
    assert (verdict.cohort_size, verdict.match_z) == (300, -3.92)


def test_one_version_a_day_and_whoever_left_is_not_in_the_next(me: Api) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, 120), model)
    assert minute()["cohorts_drawn"] == 1
    first = rows("ACCOUNTS_TABLE")["cohort#current"]
    assert minute()["cohorts_drawn"] == 0
    table.delete(ENVIRONMENT["ACCOUNTS_TABLE"], {"pk": "account#ac_other0007"})
    gone = cohort._tag("ac_other0007")
    assert gone in [member.tag for member in store.load_cohort(first["version"]).members]
    me.clock.advance(minutes=DAY)
    assert minute()["cohorts_drawn"] == 1
    second = rows("ACCOUNTS_TABLE")["cohort#current"]
    tags = [member.tag for member in store.load_cohort(second["version"]).members]
    assert (len(tags), len(set(tags))) == (120, 120)
    assert gone not in tags


def test_a_version_names_nobody(me: Api) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, 120), model)
    version = drawn(me.clock.now)["version"]
    s3 = boto3.client("s3")
    stored = s3.get_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=f"cohorts/{version}")
    data = stored["Body"].read()
    for secret in (b"ac_other", item(me)["account_id"].encode(), "张三".encode()):
        assert secret not in data
    assert len(msgspec.msgpack.decode(data)) == 121


def test_two_draws_at_once_leave_one_version(me: Api) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, 120), model)
    draw = [lambda: cohort.draw_cohort(now=me.clock.now)] * 3
    assert sorted(at_once(draw)) == [0, 0, 1]
    version = rows("ACCOUNTS_TABLE")["cohort#current"]["version"]
    assert len(store.load_cohort(version).members) == 121


def test_a_version_that_is_gone_judges_as_without(me: Api, pictures: str) -> None:
    vector, model = own(me)
    enrol(faces_near(vector, 0.8, 120), model)
    version = drawn(me.clock.now)["version"]
    store.load_cohort.cache_clear()
    bucket = ENVIRONMENT["PRIVATE_BUCKET"]
    boto3.client("s3").delete_object(Bucket=bucket, Key=f"cohorts/{version}")
    verdict = compare(me, picture(pictures, "frame_a.jpg")).verdict
    assert (verdict.outcome.value, verdict.cohort) == ("match", "")
