"""Certificates over HTTP: issued once by themselves, checked by anybody, corrected and taken back by operators."""

import hashlib
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import msgspec
import pytest

from chalicelib.attempts import follow_up, ordering, rescoring, watch
from chalicelib.attempts.commands import SeenFlag
from chalicelib.attempts.deciding import decide
from chalicelib.attempts.operating import confirm_flag
from chalicelib.exams import service as exams
from chalicelib.exams import store as exam_store
from chalicelib.kernel.commands import Command
from chalicelib.proctoring.model import Integrity, IntegrityRule, Verdict
from chalicelib.results import issuing
from chalicelib.results import service as certificates
from chalicelib.shared import table
from tests.api import Answer, deliver, minute, run, upload
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, everything_stored, failing, rows
from tests.integration.candidates import EXAM, PROFILE, Candidate
from tests.integration.certificates import (
    HANDLERS,
    attempt_of,
    changed,
    mine,
    number_of,
    order,
    paper_of,
    record_of,
    submit,
    tell,
    write,
)
from tests.integration.complaints import complain, judge_all, rule
from tests.integration.orders import another, attempt_id
from tests.operators import give
from tests.signing import is_valid, put_identity

pytestmark = pytest.mark.usefixtures("quick_engine")

NOBODY = "SX-2027-ACDE-FGHJ-KMNP-RTVW"


def check(person: Candidate, number: str) -> Answer:
    return person.api.get(f"/certificates/{number}")


def status(person: Candidate, number: str) -> str:
    return str(check(person, number).json["status"])


def document_of(number: str, edition: int = 1) -> bytes:
    key = f"certificates/{number}/{edition}.pdf"
    stored = boto3.client("s3").get_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=key)
    return bytes(stored["Body"].read())


# --- issuing --------------------------------------------------------------------------------------------


def test_a_final_pass_is_given_a_certificate_once(
    submitted: Candidate, clock: StandingClock
) -> None:
    changed(submitted)
    assert mine(submitted) == []  # snapshots are not judged: nothing is final
    pending = submitted.get("certificate").json
    assert (pending["certificate"], pending["expected"]) == (None, False)
    judge_all(submitted, clock)
    pending = submitted.get("certificate").json
    assert (pending["certificate"], pending["expected"]) == (None, True)
    changed(submitted)
    [certificate] = mine(submitted)
    score = submitted.get("result").json["score"]
    assert certificate["status"] == "valid"
    assert certificate["name"] == PROFILE["name"]
    assert certificate["id_number"].count("*") > 8
    assert (certificate["points"], certificate["out_of"]) == (score["points"], score["out_of"])
    assert certificate["passed_on"] == "2027-01-15"
    assert (certificate["preparing"], certificate["url"]) == (True, None)
    before = everything_stored()
    changed(submitted)
    minute()
    assert everything_stored()["RESULTS_TABLE"] == before["RESULTS_TABLE"]
    assert submitted.get("certificate").json["certificate"] == mine(submitted)[0]


def test_what_the_stream_has_lost_the_next_minute_makes_up_for(
    submitted: Candidate, clock: StandingClock
) -> None:
    judge_all(submitted, clock)
    assert minute()["outcomes_followed"] == 1
    assert status(submitted, number_of(submitted)) == "valid"
    assert minute()["outcomes_followed"] == 0


def test_who_fails_is_given_none(writing: Candidate, clock: StandingClock) -> None:
    clock.advance(minutes=45)
    writing.post("submission", {})
    judge_all(writing, clock)
    changed(writing)
    assert mine(writing) == []
    answer = writing.get("certificate").json
    assert (answer["certificate"], answer["expected"]) == (None, False)
    assert minute()["outcomes_followed"] == 0


def test_before_the_submission_nobody_asks_for_a_certificate(writing: Candidate) -> None:
    assert writing.get("certificate").code == "not_submitted"


def test_parallel_news_of_one_pass_issue_one_certificate(
    submitted: Candidate, clock: StandingClock
) -> None:
    judge_all(submitted, clock)
    attempt, now = attempt_id(submitted), clock.now
    at_once([lambda: certificates.follow_attempt(attempt_id=attempt, now=now)] * 8)
    kinds = sorted(key.partition("#")[0] for key in rows("RESULTS_TABLE"))
    assert kinds == ["certificate", "organisation", "person"]  # each once
    assert record_of(number_of(submitted))["version"] == 1


def test_a_lost_answer_of_our_own_write_changes_nothing(
    submitted: Candidate, clock: StandingClock
) -> None:
    judge_all(submitted, clock)
    with answers_lost("PutItem"), answers_lost():
        changed(submitted)
    number = number_of(submitted)
    with answers_lost():
        assert order("suspend_certificate", number)["ok"]
        write(number)
    assert status(submitted, number) == "suspended"


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "GetItem"])
def test_a_crash_anywhere_is_made_up_for(
    submitted: Candidate, clock: StandingClock, operation: str
) -> None:
    judge_all(submitted, clock)
    key = {"attempt_id": {"S": attempt_id(submitted)}, "sk": {"S": "ATTEMPT"}}
    with failing("dynamodb", operation), pytest.raises(AssertionError):
        tell("changes.record_changes", "ATTEMPTS_TABLE", key)
    minute()
    assert status(submitted, number_of(submitted)) == "valid"
    assert minute()["outcomes_followed"] == 0


def test_news_that_were_overtaken_do_not_have_the_last_word(
    passed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads the attempt, is slow, and meanwhile it is flagged and its certificate suspended."""
    number = number_of(passed)
    flag(passed, clock, *[Verdict.MISSING] * 3)
    assert status(passed, number) == "suspended"
    load = follow_up.load
    passes = msgspec.structs.replace(attempt_of(passed), integrity=Integrity(), follow_up="0")
    old = msgspec.structs.replace(passes, version=passes.version - 1)
    answers = iter([old])
    monkeypatch.setattr(follow_up, "load", lambda *known: next(answers, None) or load(*known))
    certificates.follow_attempt(attempt_id=attempt_id(passed), now=clock.now)
    assert status(passed, number) == "suspended"


# --- the document ---------------------------------------------------------------------------------------


def test_the_document_is_written_once_signed_and_reached_by_a_link_for_a_minute(
    passed: Candidate,
) -> None:
    number = number_of(passed)
    write(number)
    [certificate] = mine(passed)
    assert certificate["preparing"] is False
    link = urlsplit(certificate["url"])
    assert link.path.endswith(f"/certificates/{number}/1.pdf")
    assert int(parse_qs(link.query)["X-Amz-Expires"][0]) <= 60
    data = document_of(number)
    record = record_of(number)
    assert record["editions"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    assert is_valid(data)
    assert "waits_for" not in record
    before = everything_stored()
    write(number)
    assert everything_stored() == before


def test_a_document_that_was_written_before_a_crash_is_only_noted(
    passed: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = number_of(passed)
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "decide", lambda *_: 1 / 0)
        with pytest.raises(AssertionError):
            write(number)
    data = document_of(number)
    assert mine(passed)[0]["preparing"] is True
    write(number)
    assert document_of(number) == data
    assert mine(passed)[0]["preparing"] is False


def test_a_document_that_cannot_be_asked_for_does_not_keep_others_waiting(
    passed: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = [f"KC-broken-{n}" for n in range(5)]
    for number in broken:
        row = {"feed": f"certificate#{number}", "sk": "CERTIFICATE", "ordered_at": 0}
        table.put(ENVIRONMENT["RESULTS_TABLE"], {**row, "waits_for": "document"})
    clock.advance(ms=120_000)
    number_of(passed)
    told = minute()
    assert told["documents_ordered"] == 1
    said = capsys.readouterr().out
    assert said.count('"event": "crash"') == len(broken)
    assert "MinuteFailed" not in said


def test_a_document_that_nobody_wrote_is_asked_for_again(
    passed: Candidate, clock: StandingClock
) -> None:
    number = number_of(passed)
    clock.advance(ms=119_999)
    assert minute()["documents_ordered"] == 0
    clock.advance(ms=1)
    assert minute()["documents_ordered"] == 1
    assert record_of(number)["ordered_at"] == clock.now
    assert minute()["documents_ordered"] == 0
    write(number)
    clock.advance(minutes=5)
    assert minute()["documents_ordered"] == 0


def test_the_photo_of_the_attempt_is_shown_also_when_it_was_replaced_since(
    passed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(upload(passed.api.post("/me/id-photo").json, passed.picture("id_b.jpg")))
    assert passed.api.get("/me").json["id_photo"]["state"] == "accepted"
    used: list[bytes] = []
    plain = issuing.document.write_document

    def noted(wording: Any, photo: bytes, *, at: int) -> bytes:
        used.append(photo)
        return plain(wording, photo, at=at)

    monkeypatch.setattr(issuing.document, "write_document", noted)
    number = number_of(passed)
    write(number)
    known = record_of(number)["editions"][0]["content"]["photo_id"]
    sha256 = hashlib.sha256(used[0]).hexdigest()
    now = next(row for key, row in rows("ACCOUNTS_TABLE").items() if "id_photo" in row)
    assert now["id_photo"]["photo_id"] != known
    assert now["id_photo"]["sha256"] != sha256
    assert order("reissue_certificate", number)["ok"]
    write(number)
    assert hashlib.sha256(used[1]).hexdigest() == now["id_photo"]["sha256"]


# --- verification ---------------------------------------------------------------------------------------


def test_what_anybody_sees_is_said_in_their_language_and_the_content_as_it_is(
    passed: Candidate,
) -> None:
    number = number_of(passed)
    passed.api.cookie = ""
    english = {"Accept-Language": "en"}
    answer = passed.api.call("GET", f"/certificates/{number}", headers=english)
    assert answer.json["message"] == "The certificate is valid"
    assert answer.headers["content-language"] == "en"
    told = check(passed, number).json
    assert {**answer.json, "message": ""} == {**told, "message": ""}


def test_the_link_names_the_file_by_the_number(passed: Candidate) -> None:
    number = number_of(passed)
    write(number)
    [mine] = passed.api.get("/me/certificates").json["certificates"]
    [named] = parse_qs(urlsplit(mine["url"]).query)["response-content-disposition"]
    assert named.startswith(f'inline; filename="{number}.pdf"; filename*=UTF-8')
    assert unquote(named).endswith(f"合格证书-{number}.pdf")


def test_anybody_sees_the_signed_content_with_a_masked_name(passed: Candidate) -> None:
    number = number_of(passed)
    passed.api.cookie = ""
    answer = check(passed, number.lower())
    assert answer.status == 200
    shown = answer.json
    assert (shown["number"], shown["status"], shown["message"]) == (number, "valid", "证书有效")
    assert shown["name"] == PROFILE["name"][:1] + "*" * (len(PROFILE["name"]) - 1)
    assert PROFILE["name"] not in str(shown)
    assert PROFILE["id_number"] not in str(shown)
    assert shown["exam_title"] == exams.get_exam(EXAM).title
    assert shown["superseded_by"] is None
    assert shown["changed_at"] == shown["issued_at"]


@pytest.mark.parametrize("number", [NOBODY, f"{NOBODY}-2", "SX-1", "x" * 64, "certificate"])
def test_a_number_that_does_not_exist_looks_like_any_other(passed: Candidate, number: str) -> None:
    answer = check(passed, number)
    assert (answer.status, answer.code) == (404, "not_found")
    known = check(passed, number_of(passed))
    assert answer.headers["aws-calls"] == known.headers["aws-calls"] == "UpdateItem 1, GetItem 1"


def test_an_edition_that_was_never_written_does_not_exist(passed: Candidate) -> None:
    assert check(passed, f"{number_of(passed)}-2").status == 404


def test_one_address_checks_120_numbers_an_hour(passed: Candidate, clock: StandingClock) -> None:
    number = number_of(passed)
    answers = [check(passed, number if n % 2 else NOBODY).status for n in range(120)]
    assert set(answers) == {200, 404}
    refused = check(passed, number)
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    clock.advance(s=int(refused.headers["retry-after"]))
    assert check(passed, number).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "valid"),
        ("account_id", "ac_other"),
        ("reason", "x"),
        ("changed_at", 1),
        ("number", NOBODY),
        ("seal", "x"),
    ],
)
def test_whoever_touches_the_record_makes_no_valid_certificate_of_it(
    passed: Candidate,
    clock: StandingClock,
    capsys: pytest.CaptureFixture[str],
    field: str,
    value: Any,
) -> None:
    number = number_of(passed)
    assert order("revoke_certificate", number)["ok"]
    key = {"feed": f"certificate#{number}", "sk": "CERTIFICATE"}
    row = {**record_of(number), field: value}
    table.put(ENVIRONMENT["RESULTS_TABLE"], {**row, **key})
    shown = check(passed, number).json
    assert shown["status"] == "unconfirmed"
    assert (shown["name"], shown["points"], shown["issued_at"]) == ("", None, None)
    assert mine(passed) == [] or mine(passed)[0]["url"] is None
    assert order("suspend_certificate", number)["errors"][0]["code"] == "certificate_unconfirmed"
    assert "CertificateNotConfirmed" in capsys.readouterr().out
    before = record_of(number)
    flag(passed, clock, *[Verdict.MISSING] * 3)  # nor do our own news seal it anew
    assert record_of(number) == before


def test_a_changed_name_or_score_is_noticed(passed: Candidate) -> None:
    number = number_of(passed)
    for field, value in (("name", "李四"), ("points", 100), ("id_number_masked", "1")):
        row = record_of(number)
        content = {**row["editions"][0]["content"], field: value}
        forged = {**row, "editions": [{**row["editions"][0], "content": content}]}
        table.put(ENVIRONMENT["RESULTS_TABLE"], forged)
        assert status(passed, number) == "unconfirmed"
        table.put(ENVIRONMENT["RESULTS_TABLE"], row)
        assert status(passed, number) == "valid"


# --- what happens to the attempt later ------------------------------------------------------------------


def flag(person: Candidate, clock: StandingClock, *verdicts: Verdict) -> None:
    """Somebody looks at the frames again: verdicts of a settled attempt become others."""

    def other(attempt: Any) -> Any:
        slots = sorted(attempt.verdicts, key=int)
        shown = dict(zip(slots, verdicts, strict=False))
        after = msgspec.structs.replace(attempt, verdicts={**attempt.verdicts, **shown})
        return (watch.SnapshotsJudged(verdicts=after.verdicts, integrity=watch.integrity(after)),)

    decide(attempt_id(person), None, clock.now, other)
    changed(person)


def test_a_flag_suspends_its_confirmation_revokes_and_clearing_it_restores(
    passed: Candidate, clock: StandingClock
) -> None:
    number = number_of(passed)
    write(number)
    flag(passed, clock, *[Verdict.MISSING] * 3)
    assert status(passed, number) == "suspended"
    assert "待核实" in check(passed, number).json["reason"]
    assert mine(passed)[0]["url"] is None
    version = passed.get().json["version"]
    command = Command("confirm-0001", "ops@example", "核实", version)
    confirm_flag(
        attempt_id=attempt_id(passed),
        command=command,
        seen_flag=SeenFlag(IntegrityRule.MISSING),
        confirmed=True,
        now=clock.now,
    )
    changed(passed)
    assert status(passed, number) == "revoked"


def test_an_upheld_complaint_brings_the_certificate_about(
    submitted: Candidate, clock: StandingClock
) -> None:
    judge_all(submitted, clock, *[Verdict.SEVERAL] * 3)
    changed(submitted)
    assert mine(submitted) == []
    opened = complain(submitted).json
    assert rule(opened)["ok"]
    changed(submitted)
    assert status(submitted, number_of(submitted)) == "valid"


def test_a_certificate_revoked_by_frames_comes_back_with_an_upheld_complaint(
    passed: Candidate, clock: StandingClock
) -> None:
    number = number_of(passed)
    clock.advance(minutes=1)
    flag(passed, clock, *[Verdict.SEVERAL] * 3)
    assert status(passed, number) == "revoked"
    assert rule(complain(passed).json)["ok"]
    changed(passed)
    assert status(passed, number) == "valid"
    assert record_of(number)["reason"] == "restored"


# --- operators ------------------------------------------------------------------------------------------


def test_operators_suspend_reinstate_and_revoke_with_a_reason(passed: Candidate) -> None:
    number = number_of(passed)
    write(number)
    held = order("suspend_certificate", number)
    assert (held["ok"], held["state"], held["reason"]) == (True, "suspended", "收到举报，正在核查")
    shown = check(passed, number).json
    assert (shown["status"], shown["reason"]) == (
        "suspended",
        "",
    )  # his words are not for everybody
    assert mine(passed)[0]["reason"] == "收到举报，正在核查"
    changed(passed)
    minute()
    assert status(passed, number) == "suspended"  # a rule does not undo it
    assert order("reinstate_certificate", number)["state"] == "valid"
    assert mine(passed)[0]["url"]
    assert order("revoke_certificate", number)["state"] == "revoked"
    assert status(passed, number) == "revoked"
    read = run(f"{HANDLERS}.certificates.read_certificate", {"number": number})
    assert read["status"] == "revoked"
    assert [entry["what"] for entry in read["audit"]] == [
        "suspend_certificate",
        "reinstate_certificate",
        "revoke_certificate",
    ]


def test_the_same_order_again_changes_nothing_and_another_version_is_refused(
    passed: Candidate,
) -> None:
    number = number_of(passed)
    first = order("suspend_certificate", number)
    before = everything_stored()
    again = order("suspend_certificate", number, version_seen=1)
    assert (again, everything_stored()) == (first, before)
    stale = order("revoke_certificate", number, version_seen=1)
    assert stale["errors"][0]["code"] == "certificate_changed"
    assert everything_stored() == before


def test_nobody_reinstates_the_certificate_of_a_lost_pass(
    passed: Candidate, clock: StandingClock
) -> None:
    number = number_of(passed)
    flag(passed, clock, *[Verdict.SEVERAL] * 3)
    assert order("reinstate_certificate", number)["errors"][0]["code"] == "not_passed"


def test_a_corrected_name_makes_a_new_edition_and_supersedes_the_old_one(
    passed: Candidate,
) -> None:
    number = number_of(passed)
    write(number)
    assert passed.api.put("/me", {**PROFILE, "name": "张三丰"}).status == 200
    answer = order("reissue_certificate", number)
    assert (answer["ok"], len(answer["editions"])) == (True, 2)
    assert status(passed, f"{number}-2") == "valid"
    old = check(passed, number).json
    assert (old["status"], old["superseded_by"]) == ("superseded", f"{number}-2")
    assert mine(passed)[0]["preparing"] is True
    first = document_of(number)
    write(number)
    [certificate] = mine(passed)
    assert (certificate["number"], certificate["name"]) == (f"{number}-2", "张三丰")
    assert certificate["url"].partition("?")[0].endswith(f"{number}/2.pdf")
    assert document_of(number) == first
    assert is_valid(document_of(number, 2))
    assert order("revoke_certificate", f"{number}-2")["ok"]
    assert {status(passed, n) for n in (number, f"{number}-2")} == {"revoked"}


def test_another_persons_number_makes_no_new_edition(passed: Candidate) -> None:
    number = number_of(passed)
    body = {**PROFILE, "id_type": "passport", "id_number": "E12345678"}
    assert passed.api.put("/me", body).status == 200
    assert order("reissue_certificate", number)["errors"][0]["code"] == "identity_changed"


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"version_seen": 0}, {"number": ""}, {"edition": 1}]
)
def test_a_wrong_event_changes_nothing(passed: Candidate, wrong: dict[str, Any]) -> None:
    before = everything_stored()
    answer = order("revoke_certificate", number_of(passed), **wrong)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "invalid_request")
    assert everything_stored() == before


def test_an_unknown_number_is_not_found(passed: Candidate) -> None:
    known = number_of(passed)
    version = record_of(known)["version"]
    for function in ("suspend", "revoke", "reinstate", "reissue"):
        event = {"number": NOBODY, "command_id": "order-0001", "operator": "o", "reason": "核查"}
        answer = give(
            f"{HANDLERS}.certificates.{function}_certificate", {**event, "version_seen": version}
        )
        assert answer["errors"][0]["code"] == "not_found"


def test_somebody_elses_certificates_are_not_mine(passed: Candidate) -> None:
    other = another(passed, 1)
    assert mine(other) == []
    assert other.api.get(f"{passed.path}/certificate").status == 404


# --- keys -----------------------------------------------------------------------------------------------


def correct(answers: dict[str, str], **more: Any) -> Any:
    event = {
        "exam_id": EXAM,
        "command_id": "correct-0001",
        "operator": "ops@example",
        "reason": "第三题答案有误",
        "version_seen": exams.get_exam(EXAM).version,
        "answers": answers,
    }
    return give(f"{HANDLERS}.certificates.correct_key", {**event, **more})


def wrong_for_all(person: Candidate, count: int) -> dict[str, str]:
    """Other answers for so many single-choice questions that this person answered right."""
    drawn = paper_of(person)
    chosen = [entry.question for entry in drawn if len(entry.question.key) == 1][:count]
    return {q.id: "B" if q.key == "A" else "A" for q in chosen}


def test_a_corrected_key_takes_a_pass_away_and_its_certificate_with_it(
    passed: Candidate, clock: StandingClock
) -> None:
    number = number_of(passed)
    clock.advance(minutes=3)
    before = passed.get("result").json
    answer = correct(wrong_for_all(passed, 16))
    assert answer["ok"], answer
    [changed_one] = answer["changed"]
    assert changed_one["attempt_id"] == attempt_id(passed)
    assert changed_one["before"] == {"points": before["score"]["points"], "passed": True}
    after = passed.get("result").json
    assert changed_one["after"]["points"] == after["score"]["points"]
    if not after["score"]["passed"]:
        assert after["published_at"] == clock.now  # 48 hours begin anew
        changed(passed)
        assert status(passed, number) == "revoked"
    changed(passed)
    kept = rows("ATTEMPTS_TABLE")[f"{attempt_id(passed)}/RESULT"]
    assert kept["key_version"] == answer["key_version"]
    assert [entry["points"] for entry in kept["history"]] == [before["score"]["points"]]
    assert before["receipt"] == after["receipt"]


def test_a_corrected_key_brings_a_pass_about(writing: Candidate, clock: StandingClock) -> None:
    put_identity()
    others = wrong_for_all(writing, 16)
    assert correct(others)["changed"] == []  # nobody has submitted yet
    clock.advance(minutes=45)
    submit(writing)
    assert writing.get("result").json["score"]["points"] < 100
    judge_all(writing, clock)
    changed(writing)
    had_one = bool(mine(writing))
    back = {q: right for q, right in original_key(writing).items() if q in others}
    answer = correct(back, command_id="correct-0002")
    assert answer["ok"]
    [row] = answer["changed"]
    assert row["after"] == {"points": 100.0, "passed": True}
    changed(writing)
    assert status(writing, number_of(writing).removesuffix("-2")) in ("valid", "superseded")
    assert mine(writing)[0]["points"] == 100
    assert mine(writing)[0]["edition"] == (2 if had_one else 1)


def original_key(person: Candidate) -> dict[str, str]:
    bank = exam_store.load_bank(EXAM, attempt_of(person).paper_version)
    return {question.id: question.key for question in bank.questions}


def test_the_same_correction_again_changes_nothing_and_tells_the_same(passed: Candidate) -> None:
    answers = wrong_for_all(passed, 2)
    first = correct(answers)
    before = everything_stored()
    assert correct(answers, version_seen=1) == first
    assert everything_stored() == before


def test_a_correction_that_cannot_be_tried_on_everybody_changes_nothing(
    passed: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_stored()
    answers = wrong_for_all(passed, 2)
    with monkeypatch.context() as patch:
        patch.setattr(rescoring, "score", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            correct(answers)
    after = everything_stored()
    assert {k: v for k, v in after.items() if k != "PAPERS_BUCKET"} == {
        k: v for k, v in before.items() if k != "PAPERS_BUCKET"
    }
    assert correct(answers)["ok"]


def test_a_crash_half_way_is_completed_by_the_schedule(
    passed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, before = wrong_for_all(passed, 2), passed.get("result").json["score"]
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "follow_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            correct(answers)
    assert passed.get("result").json["score"] == before
    clock.advance(minutes=1)
    assert minute()["orders_followed"] == 1
    assert passed.get("result").json["score"]["points"] < before["points"]
    clock.advance(minutes=1)
    assert minute()["orders_followed"] == 0


def test_who_comes_later_is_scored_with_the_corrected_key(candidate: Candidate) -> None:
    candidate.open()
    answers = wrong_for_all(candidate, 2)
    key_version = correct(answers)["key_version"]
    other = another(candidate, 1)
    other.open()
    for person in (candidate, other):
        assert attempt_of(person).key_version == key_version


@pytest.mark.parametrize(
    ("letters", "code"),
    [
        ("Z", "key_invalid"),
        ("AB", "key_invalid"),
        ("same", "key_unchanged"),
        ("", "invalid_request"),
    ],
)
def test_an_impossible_correction_is_refused(passed: Candidate, letters: str, code: str) -> None:
    before = everything_stored()
    [[question, _]] = wrong_for_all(passed, 1).items()
    given = original_key(passed)[question] if letters == "same" else letters
    assert correct({question: given})["errors"][0]["code"] == code
    assert correct({"nobody": "A"})["errors"][0]["code"] == "key_invalid"
    assert correct({question: "C"}, version_seen=7)["errors"][0]["code"] in (
        "exam_changed",
        "key_unchanged",
    )
    assert {k: v for k, v in everything_stored().items() if k != "PAPERS_BUCKET"} == {
        k: v for k, v in before.items() if k != "PAPERS_BUCKET"
    }
