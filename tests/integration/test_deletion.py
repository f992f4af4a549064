"""Deletion on request, after a day with real pictures: nothing that shows the person's face is left anywhere."""

import base64
import hashlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.identity.deleting import SETTLING_MS
from chalicelib.proctoring.model import Verdict
from tests import lived
from tests.api import deliver, minute, publish, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import failing, rows
from tests.integration.candidates import Candidate, stored
from tests.integration.certificates import changed, number_of, submit, write
from tests.integration.complaints import HOUR, complain, judge_all, sign_in_again, status
from tests.integration.complaints import rule as decide_complaint
from tests.integration.orders import another, attempt_id
from tests.integration.tickets import PAGE, PORTRAIT, ask, send
from tests.integration.tickets import decide as decide_ticket
from tests.integration.watching import deliver_frame, next_ticket
from tests.operators import give
from tests.signing import put_identity

WINDOW = 48 * HOUR
PRACTICE = "shanxi-practice"


def account_of(person: Candidate) -> str:
    """The account that this browser is signed in to."""
    return str(stored(person)["account_id"]["S"])


def erase(account_id: str, command_id: str = "delete-0001", **more: Any) -> Any:
    event = {"account_id": account_id, "command_id": command_id}
    event |= {"operator": "ops@example", "reason": "本人来函要求删除", **more}
    return give("chalicelib.handlers.deletions.delete_person_data", event)


def refused(account_id: str, **more: Any) -> str:
    """The code of the refusal, which has changed nothing that is stored."""
    before = whole_cloud()
    answer = erase(account_id, **more)
    assert (answer["ok"], whole_cloud()) == (False, before)
    return str(answer["errors"][0]["code"])


def all_versions() -> dict[tuple[str, str, str], str]:
    """Every version of every object of every bucket, by the hash of its bytes; marks of removal have none."""
    s3, found = boto3.client("s3"), {}
    for bucket in [ENVIRONMENT[name] for name in ENVIRONMENT if name.endswith("_BUCKET")]:
        listed = s3.list_object_versions(Bucket=bucket)
        assert not listed["IsTruncated"]
        for entry in listed.get("Versions", []):
            which = (bucket, entry["Key"], entry["VersionId"])
            body = s3.get_object(Bucket=bucket, Key=which[1], VersionId=which[2])["Body"].read()
            found[which] = hashlib.sha256(body).hexdigest()
        for entry in listed.get("DeleteMarkers", []):
            found[(bucket, entry["Key"], entry["VersionId"])] = ""
    return found


def tables() -> dict[str, Any]:
    tables = [name for name in ENVIRONMENT if name.endswith("_TABLE")]
    return {name: rows(name) for name in tables if name != "OPERATORS_TABLE"}  # who proved what


def whole_cloud() -> tuple[Any, Any]:
    return tables(), all_versions()


def leaves(value: Any) -> Iterator[Any]:
    """Every single value in rows, whatever it is nested in."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def vectors(rows_of_tables: Any) -> set[bytes]:
    """Whatever is as long as a face vector, 128 float32, as bytes or spelled."""
    found = {bytes(leaf) for leaf in leaves(rows_of_tables) if isinstance(leaf, bytes)}
    texts = [leaf for leaf in leaves(rows_of_tables) if isinstance(leaf, str) and len(leaf) == 684]
    return {leaf for leaf in found if len(leaf) == 512} | {base64.b64decode(t) for t in texts}


def consents(of: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in of["ACCOUNTS_TABLE"].items() if k.startswith("consent#")}


@pytest.fixture
@lived.once
def neighbour(candidate: Candidate) -> Candidate:
    """Somebody else with another face and a ticket, in a cloud that keeps versions as AWS does."""
    versioned = {"Bucket": ENVIRONMENT["EVIDENCE_BUCKET"]}
    boto3.client("s3").put_bucket_versioning(
        **versioned, VersioningConfiguration={"Status": "Enabled"}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Candidate, "picture", lambda p, _: pathlib.Path(p.pictures, "id_c.jpg").read_bytes()
        )
        other = another(candidate, 1)
        other.open()
        assert send(other, ask(other).json, PORTRAIT, other.picture("id_c.jpg"))
    return other


@pytest.fixture
@lived.once
def finished(neighbour: Candidate, candidate: Candidate, clock: StandingClock) -> Candidate:
    """All kinds of pictures, of everything: a failed check, a waiver, frames, a rejected complaint."""
    candidate.open()
    candidate.steps()
    assert candidate.verify("frame_b.jpg")["state"] == "failed"
    ticket = ask(candidate).json
    send(candidate, ticket, PAGE, candidate.picture("frame_screen.jpg"))
    send(candidate, ticket, PORTRAIT, candidate.picture("id_b.jpg"))
    assert decide_ticket(ticket, admit_with="id_portrait")["effect"] == "admitted"
    assert candidate.admit().status == 201
    clock.now = T0
    assert candidate.post("start").status == 200
    for picture in ("frame_two.jpg", "frame_two.jpg", "frame_b.jpg"):
        deliver_frame(candidate, next_ticket(candidate, clock), picture)
    assert candidate.post("submission", {}).status == 200
    judge_all(candidate, clock, Verdict.SEVERAL)
    assert complain(candidate).status == 201
    place = status(candidate)["complaint"]["uploads"][0]["upload"]
    deliver(upload(place, candidate.picture("frame_a.jpg")))
    return candidate


def settle(person: Candidate, clock: StandingClock) -> None:
    """The complaint is rejected, and its time is over."""
    assert decide_complaint(status(person)["complaint"], upheld=False)["ok"]
    changed(person)
    clock.advance(ms=WINDOW + 1)
    minute()


def test_no_picture_and_no_vector_of_the_person_remains(
    finished: Candidate,
    neighbour: Candidate,
    clock: StandingClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settle(finished, clock)
    account, attempt = account_of(finished), attempt_id(finished)
    theirs = {k for k in all_versions() if account_of(neighbour) in k[1]}
    (other_case,) = [
        case_id
        for case_id, row in rows("CASES_TABLE").items()
        if row.get("account_id") == account_of(neighbour) and "kind" in row
    ]
    theirs |= {k for k in all_versions() if other_case in k[1]}
    own_cases = [
        case_id
        for case_id, row in rows("CASES_TABLE").items()
        if row.get("account_id") == account and "kind" in row
    ]
    before_tables, before = whole_cloud()
    mine = {
        k: v for k, v in before.items() if any(i in k[1] for i in (account, attempt, *own_cases))
    }
    digests = set(mine.values()) - {""}
    names = {name for name, data in finished.given if hashlib.sha256(data).hexdigest() in digests}
    wanted = ("id_a", "frame_b", "frame_screen", "id_b", "frame_two", "frame_a")
    assert names >= {f"{name}.jpg" for name in wanted}
    assert [key for key in before_tables["ATTEMPTS_TABLE"] if "/PICTURE#" in key]
    enrolled = before_tables["ACCOUNTS_TABLE"][f"account#{account}"]["id_photo"]
    others = before_tables["ACCOUNTS_TABLE"][f"account#{account_of(neighbour)}"]["id_photo"]
    assert len(vectors(before_tables)) == 5  # two enrolled (one by both engines), two portraits
    capsys.readouterr()

    first = erase(account)
    assert (first["ok"], first["done"], first["again_at"]) == (True, False, clock.now + SETTLING_MS)
    clock.advance(ms=SETTLING_MS)
    last = erase(account)
    assert (last["done"], last["done_at"], last["kept_certificates"]) == (True, clock.now, [])

    after_tables, after = whole_cloud()
    assert not digests & set(after.values())
    assert not [k for k in after if any(i in k[1] for i in (account, attempt, *own_cases))]
    assert {k: after[k] for k in theirs} == {k: before[k] for k in theirs}
    assert not [key for key in after_tables["ATTEMPTS_TABLE"] if f"{attempt}/PICTURE#" in key]
    left = vectors(after_tables)
    assert not {enrolled["vector"], *enrolled["vectors"].values()} & left
    assert left == {others["vector"]} | (vectors(before_tables["CASES_TABLE"][other_case]))
    row = after_tables["ACCOUNTS_TABLE"][f"account#{account}"]
    assert "id_photo" not in row
    assert row["deletions"][0]["operator"] == "ops@example"
    assert row["deletions"][0]["reason"] == "本人来函要求删除"
    assert row["profile"] == before_tables["ACCOUNTS_TABLE"][f"account#{account}"]["profile"]
    assert consents(after_tables) == consents(before_tables) != {}
    for table in ("ATTEMPTS_TABLE", "RESULTS_TABLE"):
        known_by = {
            key
            for key in before_tables[table]
            if f"{attempt}/PICTURE#" in key or (key.startswith("#find/") and attempt in key)
        }
        assert after_tables[table].keys() == before_tables[table].keys() - known_by
    attempts = [t["ATTEMPTS_TABLE"][f"{attempt}/ATTEMPT"] for t in (before_tables, after_tables)]
    assert attempts[1]["waiver"] == {**attempts[0]["waiver"], "reference": None}
    assert attempts[1].get("integrity") == attempts[0].get("integrity")
    logged = capsys.readouterr().out
    assert [json.loads(line)["event"] for line in logged.splitlines()].count(
        "person_data_deleted"
    ) == 2
    assert "本人来函" not in logged

    assert erase(account) == last  # called again: nothing happens
    assert whole_cloud() == (after_tables, after)


def test_the_candidate_still_sees_result_and_cases_and_may_enrol_anew(
    finished: Candidate, clock: StandingClock
) -> None:
    settle(finished, clock)
    account = account_of(finished)
    sign_in_again(finished)
    told = ("score", "outcome", "integrity", "reason", "provisional")
    before = finished.get("result").json
    assert finished.api.post("/me/id-photo").status == 201
    erase(account)
    assert finished.api.post("/me/id-photo").code == "deletion_pending"
    after = finished.get("result").json
    assert [after[name] for name in told] == [before[name] for name in told]
    assert len(finished.api.get("/tickets").json["tickets"]) == 1
    clock.advance(ms=SETTLING_MS)
    assert erase(account)["done"]
    ticket = finished.api.post("/me/id-photo").json
    deliver(upload(ticket, finished.picture("id_a.jpg")))
    assert finished.api.get("/me").json["missing"] == []
    assert erase(account)["done"]  # the old command leaves the new photo alone
    assert finished.api.get("/me").json["missing"] == []
    assert erase(account, "delete-0002")["done"] is False
    assert "id_photo" in finished.api.get("/me").json["missing"]


def test_a_picture_that_was_on_its_way_is_found_by_the_second_call(
    finished: Candidate, clock: StandingClock
) -> None:
    settle(finished, clock)
    account = account_of(finished)
    sign_in_again(finished)
    ticket = finished.api.post("/me/id-photo").json
    erase(account)
    clock.advance(ms=SETTLING_MS - 1)
    deliver(upload(ticket, finished.picture("id_a.jpg")))
    assert "id_photo" in finished.api.get("/me").json["missing"]
    early = erase(account)
    assert (early["ok"], early["done"]) == (True, False)
    clock.advance(ms=1)
    assert erase(account)["done"]
    assert not [key for key in all_versions() if account in key[1]]


def test_what_a_failure_left_undone_is_done_by_the_same_command(
    finished: Candidate, clock: StandingClock
) -> None:
    settle(finished, clock)
    account = account_of(finished)
    for operation in ("DeleteObject", "ListObjectVersions"):
        with failing("s3", operation):
            assert erase(account)["errors"][0]["code"] == "service_busy"
    assert erase(account, "delete-0002")["errors"][0]["code"] == "deletion_pending"
    clock.advance(ms=SETTLING_MS)
    assert erase(account)["done"]
    assert not [
        key for key in all_versions() if account in key[1] or attempt_id(finished) in key[1]
    ]


def test_nobody_finds_the_attempt_by_name_or_number_any_more(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    other = another(candidate, 1)
    other.open()
    account = account_of(candidate)
    clock.now = rows("ACCOUNTS_TABLE")[f"account#{account}"]["locks"][attempt_id(candidate)] + 1

    def found_by() -> list[str]:
        found = (key for key in rows("ATTEMPTS_TABLE") if "#find/" in key)
        return sorted(key.rpartition("/")[2] for key in found)

    assert found_by() == sorted([attempt_id(candidate), attempt_id(other)] * 2)
    assert erase(account)["ok"]
    assert found_by() == [attempt_id(other)] * 2
    clock.advance(ms=SETTLING_MS)
    assert erase(account)["done"]


def test_a_practice_holds_nothing_up_and_leaves_no_picture(
    candidate: Candidate, clock: StandingClock
) -> None:
    assert publish("practice", None)["ok"]
    practice = candidate.api.post(f"/exams/{PRACTICE}/attempts").json["attempt_id"]
    candidate.path = f"/attempts/{practice}"
    candidate.steps()
    assert candidate.verify()["state"] == "passed"
    account = account_of(candidate)
    about = [key for key in rows("ATTEMPTS_TABLE") if practice in key]
    assert any("/PICTURE#" in key for key in about)
    assert any(key.startswith("#find/") for key in about)
    changed(candidate)
    assert candidate.api.get("/me").json["practice"] is not None
    assert erase(account)["ok"]
    changed(candidate)  # the stream is late
    assert candidate.api.get("/me").json["practice"] is None
    left = [key for key in rows("ATTEMPTS_TABLE") if practice in key]
    assert not [key for key in left if "/PICTURE#" in key or key.startswith("#find/")]
    assert not [key for _, key, _ in all_versions() if practice in key]
    clock.advance(ms=SETTLING_MS)
    assert erase(account)["done"]


# --- refusals -------------------------------------------------------------------------------------------


def test_nothing_is_deleted_while_an_attempt_can_still_run(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    account = account_of(candidate)
    until = rows("ACCOUNTS_TABLE")[f"account#{account}"]["locks"][attempt_id(candidate)]
    clock.now = until
    assert refused(account) == "attempt_not_final"
    clock.advance(ms=1)
    assert erase(account)["ok"]


def test_nothing_is_deleted_while_a_case_is_open(finished: Candidate, clock: StandingClock) -> None:
    account = account_of(finished)
    changed(finished)
    clock.advance(ms=WINDOW + 1)
    minute()
    assert refused(account) == "case_open"
    sign_in_again(finished)
    settle(finished, clock)
    assert erase(account)["ok"]


@pytest.mark.parametrize(
    ("past", "code"), [(-1, "complaint_window_open"), (0, "complaint_window_open"), (1, "")]
)
def test_evidence_stays_to_the_last_millisecond_of_a_complaint(
    writing: Candidate, clock: StandingClock, past: int, code: str
) -> None:
    clock.advance(minutes=45)
    assert writing.post("submission", {}).status == 200
    published = clock.now
    assert refused(account_of(writing)) == "attempt_not_final"  # frames have no verdict
    judge_all(writing, clock)
    assert refused(account_of(writing)) == "attempt_not_final"  # nobody has followed the outcome
    changed(writing)
    clock.now = published + WINDOW + past
    if code:
        assert refused(account_of(writing)) == code
    else:
        assert erase(account_of(writing))["ok"]


def test_a_certificate_that_holds_keeps_its_photo_until_it_is_revoked(
    writing: Candidate, clock: StandingClock
) -> None:
    put_identity()
    account = account_of(writing)
    clock.advance(minutes=45)
    submit(writing)
    judge_all(writing, clock)
    changed(writing)
    number = number_of(writing)
    write(number)
    clock.advance(ms=WINDOW + 1)
    answer = erase(account)
    assert answer["kept_certificates"] == [number]
    kept = [key for _, key, _ in all_versions() if account in key or number in key]
    assert sorted(key.partition("/")[0] for key in kept) == ["certificates", "id-photos"]
    clock.advance(ms=SETTLING_MS)
    assert erase(account)["done"]
    assert writing.api.get(f"/certificates/{number}").json["status"] == "valid"
    version = rows("RESULTS_TABLE")[f"certificate#{number}/CERTIFICATE"]["version"]
    command = {"command_id": "revoke-0001", "operator": "ops@example", "reason": "本人放弃"}
    revoked = {"number": number, "version_seen": version, **command}
    assert give("chalicelib.handlers.certificates.revoke_certificate", revoked)["ok"]
    assert erase(account, "delete-0002")["kept_certificates"] == []
    assert not [key for _, key, _ in all_versions() if account in key or number in key]


@pytest.mark.parametrize(
    "wrong",
    [{"account_id": ""}, {"account_id": "../other"}, {"reason": ""}, {"operator": ""}, {"x": 1}],
)
def test_a_wrong_event_is_refused(candidate: Candidate, wrong: dict[str, Any]) -> None:
    candidate.open()
    assert refused(**{"account_id": account_of(candidate), **wrong}) == "invalid_request"


def test_an_unknown_account_is_not_found(candidate: Candidate) -> None:
    assert refused("ac_nobody") == "not_found"
