"""An exam that knows its candidates' faces from their registration: the publisher's photos decide, not their own."""

import json
import pathlib
from typing import Any

import msgspec
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from chalicelib.attempts import store as attempts_store
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.exams.model import ROSTER_PHOTO_DAYS
from chalicelib.identity import comparing
from chalicelib.identity import service as identity
from chalicelib.identity.documents import IdType
from chalicelib.imports import drops, reports
from chalicelib.imports import service as imports
from chalicelib.results import document
from chalicelib.shared import archives, objects
from tests import lived
from tests.api import Api, minute, run
from tests.clock import T0, StandingClock
from tests.console import Widget
from tests.dropbox import (
    BANK,
    LI,
    LISTED,
    OTHER,
    ZHANG,
    content,
    drop,
    people,
    put,
    reasons,
    report,
    settings,
    tell,
)
from tests.faults import everything_stored, failing, rows
from tests.integration.candidates import EXAM, MINUTE, PROFILE, Candidate
from tests.integration.certificates import changed, order, submit, write
from tests.integration.complaints import judge_all
from tests.integration.tickets import ask
from tests.integration.tickets import decide as decide_ticket
from tests.integration.watching import deliver_frame, next_ticket, verdicts
from tests.operators import give
from tests.signing import put_identity

DAY = 24 * 60 * MINUTE
ZIP = f"photos/{EXAM}/photos.zip"
MINE = f"{LISTED}.jpg"


def publish(**policy: Any) -> Any:
    """An exam for two people whose faces are known from their registration."""
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    drop(f"roster/{EXAM}/people.xlsx", people(ZHANG, LI))
    policy = {"face_reference": "roster", **policy}
    return drop("exams/x.yaml", settings(exam_id=EXAM, policy=policy))


@pytest.fixture(autouse=True)
def uploads_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 tells whole seconds; these tests upload several files within one."""
    describe = objects.describe

    def described(bucket: str, key: str) -> Any:
        found = describe(bucket, key)
        if found is None:
            return None
        stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[bucket].keys[key]
        return msgspec.structs.replace(found, at=int(stored.last_modified.timestamp() * 1000))

    monkeypatch.setattr(objects, "describe", described)


@pytest.fixture
@lived.once
def candidate(api: Api, pictures: str) -> Candidate:
    """Person A is enrolled; the exam is published; the waiting room is open."""
    assert publish()["ok"]
    person = Candidate(api, pictures)
    person.enrol()
    return person


def kept() -> dict[str, Any]:
    """Faces that are kept of people on the roster."""
    return {key: row for key, row in rows("EXAMS_TABLE").items() if "/PHOTO#" in key}


def pictures_kept() -> list[str]:
    return sorted(k for k in everything_stored()["PRIVATE_BUCKET"] if k.startswith("roster-"))


def person_hash(number: str = LISTED, kind: IdType = IdType.RESIDENT) -> str:
    return identity.hash_of_number(kind, number)


# --- whose face counts ---


def test_the_photo_of_the_registration_decides_and_not_the_one_that_somebody_uploaded(
    candidate: Candidate,
) -> None:
    told = drop(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    assert (told["outcome"], told["rows"], told["taken"]) == ("kept", 1, 1)
    candidate.open()
    candidate.steps()
    assert candidate.verify("frame_a.jpg")["reason"] == "mismatch"  # who registered is person B
    assert candidate.verify("frame_b.jpg")["state"] == "passed"
    [photo] = kept().values()
    judged = [row for key, row in rows("ATTEMPTS_TABLE").items() if "/VERIFICATION#" in key]
    assert {row["reference"] for row in judged} == {photo["sha256"]}


def test_snapshots_are_compared_with_it_too(candidate: Candidate, clock: StandingClock) -> None:
    drop(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    candidate.open()
    candidate.steps()
    assert candidate.verify("frame_b.jpg")["state"] == "passed"
    assert candidate.admit().status == 201
    clock.now = T0
    assert candidate.post("start").status == 200
    for picture in ("frame_a.jpg", "frame_b.jpg"):
        deliver_frame(candidate, next_ticket(candidate, clock), picture)
    assert sorted(verdicts(candidate)) == ["match", "mismatch"]
    judged = [row for key, row in rows("ATTEMPTS_TABLE").items() if "/SNAPSHOT#" in key]
    assert {row["reference"] for row in judged} == {next(iter(kept().values()))["sha256"]}


def test_who_has_none_loses_no_chance_and_gets_in_as_soon_as_it_is_brought(
    candidate: Candidate,
) -> None:
    candidate.open()
    candidate.steps()
    for _ in range(31):  # more than a day gives back for bad pictures
        told = candidate.verify()
        assert (told["state"], told["reason"]) == ("not_run", "roster_photo_missing")
        assert "去反馈" in told["message"]
    assert candidate.get().json["chances_left"] == 10
    assert drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))["ok"]
    assert candidate.verify()["state"] == "passed"


def test_an_operator_admits_who_has_none_by_ticket(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    assert candidate.verify()["reason"] == "roster_photo_missing"
    assert decide_ticket(ask(candidate).json, admit_with="enrolled")["effect"] == "admitted"
    assert candidate.admit().status == 201


@pytest.mark.parametrize(("known", "verdict"), [(True, "mismatch"), (False, "match")])
def test_who_is_admitted_by_ticket_is_still_compared_with_the_roster_where_it_has_a_photo(
    candidate: Candidate, clock: StandingClock, known: bool, verdict: str
) -> None:
    """Else a ticket would be the way to sit for somebody else with one's own photo."""
    if known:
        drop(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    candidate.open()
    assert decide_ticket(ask(candidate).json, admit_with="enrolled")["effect"] == "admitted"
    candidate.steps()
    assert candidate.admit().status == 201
    clock.now = T0
    candidate.post("start")
    deliver_frame(candidate, next_ticket(candidate, clock), "frame_a.jpg")
    assert verdicts(candidate) == [verdict]


def test_the_operator_who_decides_a_ticket_sees_the_photo_of_the_roster(
    candidate: Candidate,
) -> None:
    candidate.open()
    ticket = ask(candidate).json
    assert "roster" not in looked_at(ticket)
    drop(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    assert "/roster-photos/" in looked_at(ticket)["roster"]
    widget = Widget().open("cases", case_id=ticket["ticket_id"], kind="ticket")
    assert "名单照片（主办方提供）" in widget.html


def looked_at(ticket: Any) -> dict[str, str]:
    event = {"ticket_id": ticket["ticket_id"]}
    pictures: dict[str, str] = run("chalicelib.handlers.console.read_ticket", event)["pictures"]
    return pictures


def test_the_certificate_shows_the_face_that_was_compared_with(
    candidate: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sits may have uploaded anybody's portrait: nothing ever looked at it."""
    printed: list[bytes] = []
    write_document = document.write_document
    monkeypatch.setattr(
        document,
        "write_document",
        lambda w, photo, at: printed.append(photo) or write_document(w, photo, at=at),
    )
    put_identity()
    drop(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    registered = roster_photos.read_picture(exam_id=EXAM, person_hash=person_hash(), now=clock.now)
    candidate.open()
    candidate.steps()
    assert candidate.verify("frame_b.jpg")["state"] == "passed"
    assert candidate.admit().status == 201
    clock.now = T0
    candidate.post("start")
    submit(candidate)
    judge_all(candidate, clock)
    changed(candidate)
    [number] = {row["number"] for row in rows("RESULTS_TABLE").values() if "number" in row}
    write(number)
    assert candidate.api.put("/me", {**PROFILE, "name": "张三丰"}).status == 200
    roster_photos.forget_photos(person_hash=person_hash())  # as its 180 days do
    assert order("reissue_certificate", number)["ok"]
    write(number)
    assert printed == [registered, registered]


@pytest.mark.parametrize(("after", "reason"), [(-1, "passed"), (0, "roster_photo_missing")])
def test_a_photo_is_used_for_180_days(
    candidate: Candidate, clock: StandingClock, after: int, reason: str
) -> None:
    drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    [photo] = kept().values()
    until = photo["at"] + ROSTER_PHOTO_DAYS * DAY
    assert ROSTER_PHOTO_DAYS == 180
    assert photo["expires_at_s"] == until // 1000
    candidate.open()
    found = attempts_store.load_attempt(candidate.path.rsplit("/", 1)[-1])
    assert found is not None
    get = roster_photos.get_photo
    asked = {"exam_id": EXAM, "person_hash": found.identity.person_hash, "now": until + after}
    if reason == "passed":
        assert get(**asked).sha256 == photo["sha256"]
    else:
        with pytest.raises(Exception, match=reason):
            get(**asked)


def test_a_candidate_is_told_which_photo_counts(candidate: Candidate) -> None:
    assert candidate.api.get(f"/exams/{EXAM}").json["rules"]["face_reference"] == "roster"


# --- bringing them ---


def test_all_mistakes_of_a_zip_are_told_and_nothing_of_it_is_kept(candidate: Candidate) -> None:
    passport = "护照-" + OTHER
    told = drop(
        ZIP,
        archives.pack(
            {
                MINE: candidate.picture("id_a.jpg"),
                f"extra/{LISTED}-张三.jpg": candidate.picture("id_a.jpg"),
                f"{passport}.jpg": candidate.picture("frame_two.jpg"),
                "护照-E9999999.png": candidate.picture("id_c.jpg"),
                "110105194912310021.jpg": candidate.picture("id_c.jpg"),
                "护照-E8888888.jpg": b"no picture",  # of a stranger: nobody looks at it
                "张三.jpg": candidate.picture("id_a.jpg"),
                "Thumbs.db": b"",
            }
        ),
    )
    assert (told["outcome"], told["rows"], told["right"], told["taken"]) == ("refused", 7, 1, 0)
    assert {(file, reason) for file, _, reason in reasons(told)} == {
        ("110***********002X.jpg", "此人重复出现"),
        ("E*****21.jpg", "画面中有多张人脸，请确保只有您本人"),
        ("E*****99.png", "本场考试的名单里没有此人"),
        ("110***********0021.jpg", "证件号码不正确：末位校验码对不上，号码中有抄错的数字"),
        ("E*****88.jpg", "本场考试的名单里没有此人"),
        (
            "张三.jpg",
            "文件名须为证件号码，如 110105199001011234.jpg；护照等写作 护照-E1234567.jpg",
        ),
    }
    assert (kept(), pictures_kept()) == ({}, [])
    page = content(f"{ZIP}.report.html").decode()
    assert "张三.jpg 第 4 个文件" in page
    assert "可用的照片" in page


def test_what_is_kept_tells_no_number_and_no_name(
    candidate: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(ZIP, archives.pack({f"{LISTED}-张三.jpg": candidate.picture("id_a.jpg")}))
    drop(ZIP, archives.pack({f"{LISTED}-张三.jpg": b"no picture"}))
    [key] = pictures_kept()
    told = key + repr(kept()) + capsys.readouterr().out
    told += str(report(ZIP)) + content(f"{ZIP}.report.html").decode()
    assert LISTED not in told
    [row] = kept().values()
    name = f"{row['at']:013}-{row['sha256']}.jpg"
    assert key == f"roster-photos/{EXAM}/{person_hash()}/{name}"


def test_the_operator_is_told_what_is_still_to_do(
    candidate: Candidate, clock: StandingClock
) -> None:
    published = drop("exams/x.yaml", settings(exam_id=EXAM, policy={"face_reference": "roster"}))
    assert [(r["advice"], EXAM in r["reason"]) for r in published["remarks"]] == [
        ("needs_photos", True)
    ]
    told = drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    assert [(r["advice"], "1 人" in r["reason"]) for r in told["remarks"]] == [
        ("without_photo", True)
    ]
    clock.now = T0 - 24 * 60 * MINUTE
    minute()
    [finding] = exams.get_exam(EXAM).preflight_day_before.findings
    assert finding == f"名单中有 1 人没有照片，无法通过人脸核验：请上传到 photos/{EXAM}/"
    told = drop(ZIP, archives.pack({f"护照-{OTHER}.jpg": candidate.picture("id_b.jpg")}))
    assert told["remarks"] == []
    clock.now = T0 - 2 * 60 * MINUTE
    minute()
    assert exams.get_exam(EXAM).preflight_two_hours_before.ok


def test_a_new_roster_tells_of_whom_there_is_no_photo(candidate: Candidate) -> None:
    drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    told = drop(f"roster/{EXAM}/people.xlsx", people(ZHANG, ("王五", "护照", "E1111111", 0, "")))
    assert [r["advice"] for r in told["remarks"]] == ["without_photo"]


def test_an_exam_that_compares_with_own_photos_keeps_none_of_others(
    api: Api, pictures: str
) -> None:
    assert publish(face_reference="enrolled")["remarks"] == []
    face = pathlib.Path(pictures, "id_a.jpg").read_bytes()
    told = drop(ZIP, archives.pack({MINE: face}))
    assert [reason.startswith("本场考试不用名单照片") for _, _, reason in reasons(told)] == [True]
    told = drop("photos/no-such-exam/x.zip", archives.pack({MINE: face}))
    assert [reason for _, _, reason in reasons(told)] == [
        "没有这场考试：请先发布考试和名单，再上传照片"
    ]
    assert (kept(), pictures_kept()) == ({}, [])


def test_without_a_roster_there_is_nobody_to_keep_photos_of(api: Api) -> None:
    drop(f"questions/{EXAM}/bank.xlsx", BANK)
    told = drop(
        "exams/x.yaml",
        settings(
            exam_id=EXAM,
            audience=["agency_practitioner"],
            policy={"face_reference": "roster"},
        ),
    )
    assert [reason for _, _, reason in reasons(told)] == [
        "face_reference 为 roster 时须有名单：照片按名单上的人保存"
    ]


@pytest.mark.parametrize(("after", "ok"), [(-1, True), (0, True), (1, False)])
def test_photos_are_taken_until_the_exam_is_over(
    candidate: Candidate, clock: StandingClock, after: int, ok: bool
) -> None:
    clock.now = exams.get_exam(EXAM).ends_at + after
    assert drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))["ok"] is ok


# --- changing them ---


def test_who_has_opened_their_attempt_keeps_the_photo_that_it_began_with(
    candidate: Candidate, clock: StandingClock
) -> None:
    first = archives.pack({MINE: candidate.picture("id_a.jpg")})
    other = archives.pack({MINE: candidate.picture("id_b.jpg")})
    drop(ZIP, other)
    assert drop(ZIP, first)["ok"]  # nobody has opened anything: it may be corrected
    assert len(pictures_kept()) == 1
    candidate.open()
    before = kept()
    assert [reason for _, _, reason in reasons(drop(ZIP, other))] == [
        "此人已打开考试（或已要求删除照片），照片不能再更换：照片有误的，请处理其工单"
    ]
    assert kept() == before
    assert drop(ZIP, first)["ok"]  # the same again is no change
    assert pictures_kept()


def test_a_zip_that_is_told_late_does_not_bring_an_older_photo_back(candidate: Candidate) -> None:
    late = f"photos/{EXAM}/first.zip"
    version = put(late, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    before = kept()
    tell(late, version)
    told = report(late)
    assert (told["ok"], told["outcome"], told["taken"]) == (False, "superseded", 0)
    assert next((r["advice"], r["rows"]) for r in told["remarks"]) == ("photo_stays", [1])
    assert kept() == before
    assert len(pictures_kept()) == 1


def test_the_same_event_again_changes_nothing(candidate: Candidate) -> None:
    version = put(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    tell(ZIP, version)
    before = everything_stored()
    tell(ZIP, version)
    tell(f"{ZIP}.report.json")
    assert everything_stored() == before


def test_a_delivery_that_died_on_the_way_is_carried_on_with_whatever_has_changed_since(
    candidate: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {MINE: candidate.picture("id_a.jpg"), f"护照-{OTHER}.jpg": candidate.picture("id_b.jpg")}
    version = put(ZIP, archives.pack(both))
    keep = roster_photos.keep_photo

    def keep_one(**given: Any) -> None:
        if kept():
            raise RuntimeError("out of time")
        keep(**given)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(roster_photos, "keep_photo", keep_one)
        tell(ZIP, version)
    assert len(kept()) == 1
    clock.now = exams.get_exam(EXAM).ends_at + 1  # nobody else may begin now
    tell(ZIP, version)
    told = report(ZIP)
    assert (told["outcome"], told["taken"], len(kept())) == ("kept", 2, 2)


def while_looking(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """Something happens while the photos of a zip are looked at."""
    examine = comparing.examine_portrait

    def examine_and_more(data: bytes) -> Any:
        happens()
        return examine(data)

    monkeypatch.setattr(comparing, "examine_portrait", examine_and_more)


def test_who_opens_while_photos_are_looked_at_keeps_theirs(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    before = kept()
    while_looking(monkeypatch, candidate.open)
    told = drop(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    assert (told["outcome"], kept()) == ("refused", before)


def test_a_zip_that_is_replaced_while_it_is_looked_at_keeps_nothing(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = put(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    while_looking(
        monkeypatch, lambda: put(ZIP, archives.pack({MINE: candidate.picture("id_b.jpg")}))
    )
    tell(ZIP, version)
    assert (kept(), f"{ZIP}.report.json" in everything_stored()["DROPBOX_BUCKET"]) == ({}, False)


def test_who_wanted_to_be_forgotten_since_the_upload_is_left_out(candidate: Candidate) -> None:
    version = put(ZIP, archives.pack({MINE: candidate.picture("id_a.jpg")}))
    forget(candidate)
    tell(ZIP, version)
    assert (report(ZIP)["outcome"], kept()) == ("refused", {})


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "PutObject"), ("dynamodb", "PutItem"), ("dynamodb", "GetItem")],
)
def test_after_an_outage_the_next_delivery_keeps_all(
    candidate: Candidate, service: str, operation: str
) -> None:
    both = {MINE: candidate.picture("id_a.jpg"), f"护照-{OTHER}.jpg": candidate.picture("id_b.jpg")}
    version = put(ZIP, archives.pack(both))
    with failing(service, operation), pytest.raises(Exception, match="service_busy"):
        tell(ZIP, version)
    assert kept() == {}
    tell(ZIP, version)
    assert report(ZIP)["taken"] == 2
    assert (len(kept()), len(pictures_kept())) == (2, 2)


# --- and away with them ---


def test_who_wants_to_be_forgotten_is_forgotten_by_the_roster_too(candidate: Candidate) -> None:
    both = {MINE: candidate.picture("id_a.jpg"), f"护照-{OTHER}.jpg": candidate.picture("id_b.jpg")}
    drop(ZIP, archives.pack(both))
    drop(ZIP, archives.pack({MINE: candidate.picture("id_c.jpg")}))  # older versions lie about
    forget(candidate)
    other = person_hash(OTHER, IdType.PASSPORT)
    assert [row["person_hash"] for row in kept().values()] == [other]
    assert [key.split("/")[2] for key in pictures_kept()] == [other]


def forget(candidate: Candidate) -> None:
    told = give(
        "chalicelib.handlers.deletions.delete_person_data",
        {
            "account_id": candidate.api.get("/me").json["account_id"],
            "command_id": "delete-0001",
            "operator": "ops@example",
            "reason": "本人要求",
        },
    )
    assert told["ok"], told


def test_who_is_taken_off_the_roster_is_forgotten_with_it(candidate: Candidate) -> None:
    both = {MINE: candidate.picture("id_a.jpg"), f"护照-{OTHER}.jpg": candidate.picture("id_b.jpg")}
    drop(ZIP, archives.pack(both))
    assert drop(f"roster/{EXAM}/people.xlsx", people(LI))["ok"]
    assert [row["person_hash"] for row in kept().values()] == [person_hash(OTHER, IdType.PASSPORT)]
    assert len(pictures_kept()) == 1


# --- without a cloud ---


def test_a_zip_can_be_looked_through_on_any_machine(pictures: str) -> None:
    face = pathlib.Path(pictures, "id_a.jpg").read_bytes()
    found = drops.read_key(ZIP)
    assert found is not None
    told = imports.check_file(
        drop=found, data=archives.pack({MINE: face, "护照-1.jpg": face}), now=T0
    )
    shown = json.loads(reports.to_json(told))
    assert (shown["outcome"], shown["rows"], shown["right"]) == ("refused", 2, 1)
    told = imports.check_file(drop=found, data=archives.pack({MINE: face}), now=T0)
    assert (told.outcome.value, told.right, told.taken) == ("checked", 1, 0)
