"""我的数据: what is in the zip, who gets it, and that any changed byte is found by the page that is in it."""

import json
import pathlib
import subprocess
from typing import Any

import boto3
import pytest

from chalicelib.accounts import consents
from chalicelib.exams import service as exams
from chalicelib.own_records import model
from chalicelib.own_records import service as own_records
from chalicelib.own_records import writing as record_writing
from chalicelib.shared import archives, table
from tests import lived
from tests.api import Api, minute
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, failing, rows
from tests.integration.candidates import EXAM, ID_NUMBER, Candidate
from tests.integration.certificates import changed, number_of, paper_of, submit, tell, write
from tests.integration.complaints import HOUR, judge_all, sign_in_again
from tests.integration.orders import another, attempt_id, order
from tests.integration.test_deletion import account_of, erase
from tests.integration.test_evidence import Stream
from tests.own_record import check, files_of, save
from tests.signing import identity, put_identity

pytestmark = pytest.mark.usefixtures("quick_engine")

DAY = 24 * HOUR


def row_of(account_id: str) -> Any:
    return rows("RESULTS_TABLE")[f"record#{account_id}/RECORD"]


def write_zip(account_id: str) -> None:
    """The stream tells of the order."""
    key = {"feed": {"S": f"record#{account_id}"}, "sk": {"S": "RECORD"}}
    tell("certificates.write_documents", "RESULTS_TABLE", key)


def state(api: Api) -> str:
    return str(api.get("/me/record").json["state"])


def zip_of(account_id: str) -> bytes:
    key = row_of(account_id)["file"]["key"]
    stored_zip = boto3.client("s3").get_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=key)
    return bytes(stored_zip["Body"].read())


def download(person: Candidate) -> bytes:
    """Order a zip, let it be written, return it."""
    assert person.api.post("/me/record").status == 202
    account_id = account_of(person)
    write_zip(account_id)
    assert state(person.api) == "ready"
    return zip_of(account_id)


def content(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[name])


@pytest.fixture
@lived.once
def over(candidate: Candidate, clock: StandingClock) -> Candidate:
    """Passed, with a whole timeline and a certificate, and the exam is over for everybody."""
    put_identity()
    with pytest.MonkeyPatch.context() as patched:
        stream = Stream(patched)
        candidate.open()
        candidate.come_in()
        clock.now = T0
        assert candidate.post("start").status == 200
        clock.advance(minutes=45)
        assert order(candidate, "extend_time", extra_min=5)["ok"]
        submit(candidate, wrong=1)
        judge_all(candidate, clock)
        stream.tell()
    write(number_of(candidate))
    clock.now = exams.get_exam(EXAM).ends_at + 1
    sign_in_again(candidate)
    return candidate


# --- what is in it --------------------------------------------------------------------------------------


def test_the_zip_has_everything_of_one_person_and_checks_itself(over: Candidate) -> None:
    data = download(over)
    files, attempt = files_of(data), attempt_id(over)
    [found] = check([data])
    assert found["ok"], found["checks"]
    told = {step["title"].partition("：")[2]: step for step in found["checks"]}
    assert told["答案"]["ok"]
    assert told["时间线"]["ok"]
    assert "1 条含运营人员操作" in told["时间线"]["detail"]

    receipt = content(files, f"attempts/{attempt}/receipt.json")
    shown = over.get("result").json
    answers = {n: a for n, a in json.loads(receipt["answers_text"]).items() if a}
    assert answers == shown["receipt"]
    assert receipt["score"]["points"] == shown["score"]["points"]
    account = content(files, "account.json")
    assert account["phone"] == "138****8000"
    assert {consent["agreement"] for consent in account["consents"]} == {
        *("user-service", "privacy", "identity-authorization")
    }
    assert "consents/identity-authorization-v3.md" in files
    assert f"certificates/{number_of(over)}.pdf" in files
    assert files["id-photo.jpg"][:2] == b"\xff\xd8"
    assert files["readme.txt"].decode().startswith("我的数据")
    assert files["readme.en.txt"].decode().startswith("My data")


def test_consents_that_were_replaced_are_in_the_zip_with_their_texts(over: Candidate) -> None:
    account_id = account_of(over)
    stored = rows("ACCOUNTS_TABLE")[f"account#{account_id}"]
    earlier = [consents.agreement("privacy", version) for version in (1, 2)]
    replaced = {
        f"privacy-v{text.version}": {
            "agreement": "privacy",
            "version": text.version,
            "sha256": text.sha256 if text.version == 2 else "0" * 64,  # of another operator's name
            "at": text.version,
        }
        for text in earlier
    }
    kept = {**stored, "consents": {**stored["consents"], **replaced}}
    table.put(ENVIRONMENT["ACCOUNTS_TABLE"], kept)
    files = files_of(download(over))
    account = content(files, "account.json")
    assert [one["version"] for one in account["replaced_consents"]] == [1, 2]
    assert len(account["consents"]) == 3
    assert files["consents/privacy-v2.md"] == earlier[1].text.encode()
    assert "consents/privacy-v1.md" not in files


def test_neither_keys_nor_whole_numbers_nor_vectors_get_into_a_zip(over: Candidate) -> None:
    files = files_of(download(over))
    everything = b"".join(data for name, data in files.items() if not name.endswith(".pdf"))
    assert ID_NUMBER.encode() not in everything
    assert b"13800138000" not in everything
    assert b"vector" not in everything
    for entry in paper_of(over):
        assert entry.question.id.encode() not in everything
    named = {name.rpartition("/")[2] for name in files if "attempts/" in name}
    assert named == {"receipt.json", "timeline.json"}


def test_who_ordered_something_is_not_told(over: Candidate) -> None:
    files = files_of(download(over))
    entries = content(files, f"attempts/{attempt_id(over)}/timeline.json")
    [hidden] = [entry for entry in entries if entry["content"] is None]
    [command] = [fact for fact in hidden["facts"] if fact["what"] == "command"]
    assert command["command"] == "extend_time"
    assert not command.keys() & {"operator", "operator_id", "reason"}
    everything = b"".join(files.values())
    assert b"ops@example" not in everything
    assert "考点断网".encode() not in everything


def test_a_timeline_with_a_gap_is_told_apart_from_a_changed_zip(over: Candidate) -> None:
    key = {"attempt_id": {"S": attempt_id(over)}, "sk": {"S": "EVENT#00000003"}}
    boto3.client("dynamodb").delete_item(TableName=ENVIRONMENT["ATTEMPTS_TABLE"], Key=key)
    [found] = check([download(over)])
    assert (found["genuine"], found["ok"]) == (True, False)


def test_old_entries_without_a_signature_are_named(over: Candidate) -> None:
    for sk, row in rows("ATTEMPTS_TABLE").items():
        if f"{attempt_id(over)}/EVENT#" in sk:
            key = {name: {"S": row[name]} for name in ("attempt_id", "sk")}
            boto3.client("dynamodb").update_item(
                TableName=ENVIRONMENT["ATTEMPTS_TABLE"],
                Key=key,
                UpdateExpression="REMOVE mac, #k",
                ExpressionAttributeNames={"#k": "key"},
            )
    [found] = check([download(over)])
    assert found["ok"]
    assert [step for step in found["checks"] if step["ok"] is None and "未签名" in step["title"]]


def test_standard_tools_check_it_as_well(over: Candidate, tmp_path: pathlib.Path) -> None:
    save(tmp_path, download(over))
    run = {"cwd": tmp_path, "check": True, "capture_output": True}
    subprocess.run(["sha256sum", "--check", "--strict", "files.sha256"], **run)  # type: ignore[call-overload]
    key = subprocess.run(["openssl", "x509", "-in", "signer.pem", "-pubkey", "-noout"], **run)  # type: ignore[call-overload]
    (tmp_path / "key.pem").write_bytes(key.stdout)
    signed = ["-signature", "signature.bin", "signed.txt"]
    subprocess.run(["openssl", "dgst", "-sha256", "-verify", "key.pem", *signed], **run)  # type: ignore[call-overload]


def test_the_fingerprint_is_that_of_the_page(over: Candidate) -> None:
    [found] = check([download(over)])
    assert over.api.get("/me/record").json["fingerprint"] == found["fingerprint"]


def test_frames_are_those_that_count_against_the_person(flagged: Candidate) -> None:
    put_identity()
    assert flagged.post("submission", {}).status == 200
    data = download(flagged)
    frames = [kept for name, kept in files_of(data).items() if "/frames/" in name]
    shown = [frame for frame in flagged.get("result").json["frames"] if frame["url"]]
    assert len(frames) == len(shown) == 6
    assert {kept[:2] for kept in frames} == {b"\xff\xd8"}
    assert check([data])[0]["ok"]


def test_before_the_exam_is_over_there_are_answers_but_no_timeline(
    submitted: Candidate, clock: StandingClock
) -> None:
    folder = f"attempts/{attempt_id(submitted)}"
    changed(submitted)
    ends_at = exams.get_exam(EXAM).ends_at
    assert clock.now < ends_at
    clock.now = ends_at
    sign_in_again(submitted)
    files = files_of(download(submitted))
    assert f"{folder}/receipt.json" in files
    assert f"{folder}/timeline.json" not in files
    clock.now = ends_at + 1
    assert f"{folder}/timeline.json" in files_of(download(submitted))


def test_an_open_attempt_gives_nothing_but_its_name(writing: Candidate) -> None:
    put_identity()
    data = download(writing)
    files, folder = files_of(data), f"attempts/{attempt_id(writing)}"
    assert [name for name in files if name.startswith(folder)] == [f"{folder}/receipt.json"]
    receipt = content(files, f"{folder}/receipt.json")
    assert set(receipt) == {"attempt_id", "exam_id", "exam_title", "status", "opened_at"}
    [found] = check([data])
    assert found["ok"]


def test_an_account_without_an_exam_gets_its_data(candidate: Candidate) -> None:
    put_identity()
    assert candidate.api.post("/me/record").status == 202
    account_id = candidate.api.get("/me").json["account_id"]
    write_zip(account_id)
    data = zip_of(account_id)
    files = files_of(data)
    assert content(files, "account.json")["profile"]["name"] == "张三"
    assert "id-photo.jpg" in files
    assert not [name for name in files if name.startswith("attempts/")]
    [found] = check([data])
    assert found["ok"]


# --- manipulation ---------------------------------------------------------------------------------------


def test_any_changed_byte_is_found(over: Candidate) -> None:
    data = download(over)
    tail = range(len(data) - 3000, len(data))
    places = {*range(0, len(data), max(len(data) // 150, 1)), *range(60), *list(tail)[::23]}
    for name, kept in files_of(data).items():  # each file, and its name
        places |= {data.index(kept) + len(kept) // 2, data.index(name.encode())}
    forged = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in sorted(places)]
    forged += [data + b"\0", data[:-1], b"", b"PK\x03\x04"]
    assert [found["genuine"] for found in check(forged)] == [False] * len(forged)


def test_a_missing_file_is_found_and_said_in_words(over: Candidate) -> None:
    files = files_of(download(over))
    taken = [{name: data for name, data in files.items() if name != gone} for gone in files]
    for gone, found in zip(
        files, check(archives.pack(some, compressed=False) for some in taken), strict=True
    ):
        assert not found["genuine"], gone
        [why] = [one["detail"] for one in found["checks"] if one["ok"] is False]
        assert why in {"不符：文件有增减", f"缺少 {gone}"}


def test_what_is_signed_by_another_key_shows_another_fingerprint(over: Candidate) -> None:
    data = download(over)
    first = identity()
    identity.cache_clear()
    boto3.client("secretsmanager").delete_secret(
        SecretId=ENVIRONMENT["SIGNING_SECRET_ID"], ForceDeleteWithoutRecovery=True
    )
    put_identity()
    mine, theirs = check([data, download(over)])
    assert mine["ok"]
    assert theirs["ok"]
    assert mine["fingerprint"] != theirs["fingerprint"]
    assert identity() != first


# --- orders ---------------------------------------------------------------------------------------------


def test_three_orders_a_day(over: Candidate, clock: StandingClock) -> None:
    first = clock.now
    for _ in range(3):
        download(over)
        clock.advance(ms=1000)
    refused = over.api.post("/me/record")
    assert (refused.status, refused.json["error"]["code"]) == (429, "record_too_many")
    assert over.api.get("/me/record").json["next_at"] == first + DAY
    clock.now = first + DAY - 1
    sign_in_again(over)
    assert over.api.post("/me/record").status == 429
    clock.now = first + DAY
    assert over.api.post("/me/record").status == 202


def test_orders_at_the_same_time_are_one(over: Candidate) -> None:
    mine = {"account_id": account_of(over), "session_version": 1, "now": over.api.clock.now}
    shown = at_once([lambda: own_records.order_record(**mine)] * 4)
    assert {answer.state for answer in shown} == {model.RecordState.PREPARING}
    assert len(row_of(account_of(over))["orders"]) == 1


def test_an_order_whose_answer_got_lost_counts_once(over: Candidate) -> None:
    with answers_lost():
        assert over.api.post("/me/record").json["state"] == "preparing"
    assert len(row_of(account_of(over))["orders"]) == 1


def test_a_zip_can_be_downloaded_for_a_day(over: Candidate, clock: StandingClock) -> None:
    download(over)
    made_at = clock.now
    clock.now = made_at + DAY - 1
    sign_in_again(over)
    assert (state(over.api), bool(over.api.get("/me/record").json["url"])) == ("ready", True)
    clock.now = made_at + DAY
    shown = over.api.get("/me/record").json
    assert (shown["state"], shown["url"]) == ("expired", None)


def test_an_order_that_nobody_writes_is_called_again_and_given_up(
    over: Candidate, clock: StandingClock
) -> None:
    over.api.post("/me/record")
    account_id = account_of(over)
    with failing("s3", "PutObject"):
        for tries in (1, 2, 3):
            write_zip(account_id)
            assert (state(over.api), row_of(account_id)["tries"]) == ("preparing", tries)
            clock.advance(ms=model.ORDER_AGAIN_MS - 1)
            minute()
            assert row_of(account_id)["tries"] == tries
            clock.advance(ms=1)
            minute()
    shown = over.api.get("/me/record").json
    assert (shown["state"], shown["ordered_at"]) == ("failed", None)
    assert files_of(download(over))


def test_a_zip_that_fails_does_not_hold_certificates_up(over: Candidate) -> None:
    """The function answers that everything of the batch is done."""
    over.api.post("/me/record")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_writing, "_gather", lambda *_: 1 / 0)
        write_zip(account_of(over))
    assert state(over.api) == "preparing"


# --- who --------------------------------------------------------------------------------------------------


def test_nobody_gets_the_zip_of_somebody_else(over: Candidate) -> None:
    download(over)
    other = another(over, 1)
    shown = other.api.get("/me/record").json
    assert (shown["state"], shown["url"], shown["sha256"]) == ("none", None, "")


def test_whose_session_is_over_gets_nothing(over: Candidate) -> None:
    download(over)
    cookie = over.api.cookie
    over.api.call("DELETE", "/sessions/current")
    over.api.cookie = cookie
    assert over.api.get("/me/record").status == 401
    assert over.api.post("/me/record").status == 401


# --- deletion -------------------------------------------------------------------------------------------


def test_a_deletion_removes_the_zips_and_the_page_says_so(
    over: Candidate, clock: StandingClock
) -> None:
    download(over)
    clock.advance(ms=48 * HOUR)
    sign_in_again(over)
    download(over)
    clock.advance(ms=1000)
    assert erase(account_of(over))["ok"]
    listed = boto3.client("s3").list_object_versions(
        Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Prefix="records/"
    )
    assert "Versions" not in listed
    shown = over.api.get("/me/record").json
    assert (shown["state"], shown["url"], shown["deletion_pending"]) == ("deleted", None, True)
    refused = over.api.post("/me/record")
    assert (refused.status, refused.json["error"]["code"]) == (409, "deletion_pending")


def test_an_order_from_before_a_deletion_is_given_up(over: Candidate, clock: StandingClock) -> None:
    clock.advance(ms=48 * HOUR)
    sign_in_again(over)
    over.api.post("/me/record")
    clock.advance(ms=1000)
    assert erase(account_of(over))["ok"]
    write_zip(account_of(over))
    assert state(over.api) == "failed"
