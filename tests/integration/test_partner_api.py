"""Partner platforms over HTTP: who may ask, which results they get, and that the feed loses and repeats nothing."""

from typing import Any

import pytest

from chalicelib.accounts import sso
from chalicelib.accounts import store as accounts
from chalicelib.attempts import store as attempt_store
from chalicelib.kernel.deciding import LostRace
from chalicelib.partners import service as partners
from chalicelib.partners import store as nonces
from chalicelib.partners.model import SignedRequest, claim
from chalicelib.results import store, telling
from chalicelib.shared import table
from chalicelib.shared.errors import Conflict
from tests.api import Api, minute
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, everything_stored, failing, rows
from tests.integration.candidates import EXAM, PROFILE, Candidate
from tests.integration.certificates import changed, number_of, order, tell, write
from tests.integration.complaints import complain, judge_all, rule
from tests.integration.orders import attempt_id
from tests.partner import KEY, NEXT_KEY, PartnerApi, change, set_up

pytestmark = pytest.mark.usefixtures("quick_engine")

MINUTE = 60_000
ISSUER = "https://login.example.cn"
AGENCY = {"keys": [KEY], "organisations": {"agency": PROFILE["organisation"]}}
PLATFORM = {"keys": [NEXT_KEY], "sign_in": "shanxi"}
OTHERS = {"key_id": "others-1", "key": "others " * 6}
PARTNERS = {
    "agency": AGENCY,
    "platform": PLATFORM,
    "others": {"keys": [OTHERS], "organisations": {"north": "北方公司", "south": "南方公司"}},
}


@pytest.fixture
def agency(api: Api, monkeypatch: pytest.MonkeyPatch) -> PartnerApi:
    """The platform as it asks for the agency that the candidates work for."""
    set_up(monkeypatch, PARTNERS)
    return PartnerApi(api, KEY)


@pytest.fixture
def others(agency: PartnerApi) -> PartnerApi:
    return PartnerApi(agency.api, OTHERS)


@pytest.fixture
def platform(agency: PartnerApi) -> PartnerApi:
    """The platform as it asks for users of its own."""
    return PartnerApi(agency.api, NEXT_KEY)


def feed(partner: PartnerApi, after: str = "0") -> list[dict[str, Any]]:
    """All entries after a cursor, page by page."""
    entries: list[dict[str, Any]] = []
    while True:
        answer = partner.get("/partner/results", after=after)
        assert answer.status == 200, answer
        entries += answer.json["entries"]
        after = answer.json["next"]
        if not answer.json["more"]:
            return entries


def kinds(partner: PartnerApi) -> list[str]:
    return [entry["result"]["kind"] for entry in feed(partner)]


def tell_of_certificate(number: str) -> None:
    """The stream tells of the newest change of a certificate."""
    key = {"feed": {"S": f"certificate#{number}"}, "sk": {"S": "CERTIFICATE"}}
    tell("changes.tell_partners", "RESULTS_TABLE", key)


def link(person: Candidate, subject: str, provider: str = "shanxi") -> str:
    """The person signs in by the platform; returns how the platform names them."""
    ref = sso.subject_ref(ISSUER, subject)
    account = person.api.get("/me").json["account_id"]
    key = sso._subject_key(ref)
    accounts.claim_subject(key, account, provider, 1)
    sso._note(account, sso.LinkedSignIn(provider, key, 1))
    return ref


# --- the feed -------------------------------------------------------------------------------------------


def test_a_result_is_told_at_its_submission_and_again_when_it_is_final(
    agency: PartnerApi, submitted: Candidate, clock: StandingClock
) -> None:
    changed(submitted)
    [first] = feed(agency)
    assert first["cursor"] == "1"
    told = first["result"]
    assert told["name"] == PROFILE["name"]
    assert told["exam_id"] == EXAM
    assert (told["outcome"], told["provisional"], told["certificate"]) == ("passed", True, None)
    assert (told["kind"], told["revision"], told["told_at"]) == ("published", 1, clock.now)
    assert told["complaint_until"] == told["submitted_at"] + 48 * 60 * MINUTE
    judge_all(submitted, clock)
    changed(submitted)
    [_, second] = feed(agency)
    assert (second["cursor"], second["result"]["kind"]) == ("2", "final")
    assert second["result"]["provisional"] is False
    number = number_of(submitted)
    assert second["result"]["certificate"] == {"number": number, "status": "valid"}
    assert PROFILE["id_number"] not in str(feed(agency))


def test_an_overturned_verdict_is_a_new_entry(
    agency: PartnerApi, accused: Candidate, clock: StandingClock
) -> None:
    changed(accused)
    assert [entry["result"]["outcome"] for entry in feed(agency)] == ["invalidated"]
    assert rule(complain(accused).json)["ok"]
    changed(accused)
    before, after = (entry["result"] for entry in feed(agency))
    assert (before["outcome"], before["provisional"]) == ("invalidated", True)
    assert (after["kind"], after["outcome"], after["provisional"]) == (
        "overturned",
        "failed",
        False,
    )


def test_a_rejected_complaint_makes_the_verdict_final(
    agency: PartnerApi, accused: Candidate
) -> None:
    changed(accused)
    assert rule(complain(accused).json, upheld=False)["ok"]
    changed(accused)
    assert kinds(agency) == ["published", "final"]


def test_the_hour_alone_makes_no_entry(
    agency: PartnerApi, accused: Candidate, clock: StandingClock
) -> None:
    changed(accused)
    clock.advance(minutes=49 * 60)
    telling.tell_result(attempt_id=attempt_id(accused), now=clock.now)
    assert kinds(agency) == ["published"]


def test_what_an_operator_does_to_a_certificate_is_told(
    agency: PartnerApi, passed: Candidate
) -> None:
    number = number_of(passed)
    for function in ("suspend_certificate", "reinstate_certificate", "reissue_certificate"):
        assert order(function, number)["ok"]
        tell_of_certificate(number)
    shown = [entry["result"] for entry in feed(agency)]
    assert [told["kind"] for told in shown] == ["published", *["certificate"] * 3]
    assert [told["certificate"]["status"] for told in shown] == [
        "valid",
        "suspended",
        "valid",
        "valid",
    ]
    assert shown[-1]["certificate"]["number"] == f"{number}-2"


def test_a_document_that_was_written_is_no_news(agency: PartnerApi, passed: Candidate) -> None:
    number = number_of(passed)
    write(number)
    tell_of_certificate(number)
    assert kinds(agency) == ["published"]


def test_the_feed_replayed_from_any_cursor_gives_the_same_entries(
    agency: PartnerApi, passed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = number_of(passed)
    for function in ("suspend_certificate", "reinstate_certificate") * 2:
        assert order(function, number, command_id=f"{function}-{clock.now}")["ok"]
        tell_of_certificate(number)
        clock.advance(minutes=1)
    whole = feed(agency)
    assert [entry["cursor"] for entry in whole] == ["1", "2", "3", "4", "5"]
    for page in (1, 2, 4, 5):
        monkeypatch.setattr("chalicelib.results.feed.PAGE", page)
        for after in range(7):
            assert feed(agency, str(after)) == whole[after:]
    answer = agency.get("/partner/results", after="5").json
    assert (answer["entries"], answer["next"], answer["more"]) == ([], "5", False)


@pytest.mark.parametrize("after", ["", "-1", "x", "1.5", "0" * 13, "1\n"])
def test_what_is_no_cursor_is_refused(agency: PartnerApi, after: str) -> None:
    assert agency.get("/partner/results", after=after).code == "invalid_request"


def test_an_unknown_part_of_the_query_is_refused(agency: PartnerApi) -> None:
    assert agency.get("/partner/results", before="1").code == "invalid_request"


# --- twice, late, at once -------------------------------------------------------------------------------


def test_the_same_news_again_changes_nothing(agency: PartnerApi, passed: Candidate) -> None:
    before = everything_stored()
    for _ in range(2):
        changed(passed)
        tell_of_certificate(number_of(passed))
        minute()
    after = everything_stored()
    assert after["RESULTS_TABLE"] == before["RESULTS_TABLE"]


def test_many_people_and_tellers_at_once_leave_no_gap_and_tell_each_once(
    agency: PartnerApi, submitted: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colleagues who submit on the same bell write into one feed: it has a place for each."""
    monkeypatch.setattr(telling, "_TRIES", 50)  # far more at once here than functions would be
    attempts = colleagues(submitted, 6)
    at_once([lambda a=a: telling.tell_result(attempt_id=a, now=clock.now) for a in attempts * 2])
    entries = feed(agency)
    assert [entry["cursor"] for entry in entries] == ["1", "2", "3", "4", "5", "6"]
    assert sorted(entry["result"]["attempt_id"] for entry in entries) == sorted(attempts)
    assert {entry["result"]["revision"] for entry in entries} == {1}


def colleagues(person: Candidate, count: int) -> list[str]:
    """As many submitted attempts of as many people; returns their ids."""
    item = attempt_store.load_attempt(attempt_id(person))
    assert item is not None
    found = [item.attempt_id]
    attempts = ENVIRONMENT["ATTEMPTS_TABLE"]
    rows = [
        table.get(attempts, {"attempt_id": item.attempt_id, "sk": sk}) or {}
        for sk in ("ATTEMPT", "ATTEMPT#RESTING")
    ]
    for number in range(1, count):
        attempt = f"at_colleague{number}"
        of_person = {"account_id": f"ac_colleague{number}"}
        table.put(attempts, {**rows[0], **of_person, "attempt_id": attempt})
        table.put(attempts, {**rows[1], "attempt_id": attempt})
        found.append(attempt)
    return found


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "GetItem", "Query"])
def test_what_fails_half_way_is_made_up_for(
    agency: PartnerApi, submitted: Candidate, clock: StandingClock, operation: str
) -> None:
    judge_all(submitted, clock)
    now = clock.now
    with failing("dynamodb", operation), pytest.raises(Exception, match="service_busy"):
        telling.tell_result(attempt_id=attempt_id(submitted), now=now)
    minute()
    entries = feed(agency)
    assert len({entry["result"]["revision"] for entry in entries}) == len(entries)
    assert entries[-1]["result"]["certificate"]["status"] == "valid"


def test_a_crash_before_the_copy_does_not_change_the_order(
    agency: PartnerApi, accused: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first entry reaches the person's feed alone; the second brings it along."""
    attempt = attempt_id(accused)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "_copy", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            telling.tell_result(attempt_id=attempt, now=clock.now)
    assert feed(agency) == []
    assert rule(complain(accused).json)["ok"]
    changed(accused)
    assert kinds(agency) == ["published", "overturned"]


def test_a_copy_whose_note_got_lost_is_found_again(
    agency: PartnerApi, passed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt, number = attempt_id(passed), number_of(passed)
    assert order("suspend_certificate", number)["ok"]
    with monkeypatch.context() as patch:
        patch.setattr(store, "note_copied", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            telling.tell_result(attempt_id=attempt, now=clock.now)
    telling.tell_result(attempt_id=attempt, now=clock.now)
    assert kinds(agency) == ["published", "certificate"]
    feeds = [row for key, row in rows("RESULTS_TABLE").items() if key.startswith("person#")]
    assert sorted(row["copied"] for row in feeds) == [1, 2]


def test_a_lost_answer_of_our_own_write_makes_no_second_entry(
    agency: PartnerApi, submitted: Candidate, clock: StandingClock
) -> None:
    judge_all(submitted, clock)
    with answers_lost("PutItem"), answers_lost():
        changed(submitted)
    assert kinds(agency) == ["published"]


def test_who_always_loses_the_race_comes_again_later(
    agency: PartnerApi, submitted: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_all(submitted, clock)
    with monkeypatch.context() as patch:
        patch.setattr(store, "put_entry", lambda *_: (_ for _ in ()).throw(LostRace()))
        with pytest.raises(Conflict, match="busy"):
            telling.tell_result(attempt_id=attempt_id(submitted), now=clock.now)
    assert minute()["outcomes_followed"] == 1
    assert kinds(agency) == ["published"]


def test_what_was_seen_before_somebody_elses_entry_is_looked_at_again(
    agency: PartnerApi, passed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow teller has read the attempt; meanwhile it is flagged, and that is told."""
    put, overtaken = store.put_entry, [True]
    number = number_of(passed)
    assert order("suspend_certificate", number)["ok"]

    def slow(of: str, kept: Any) -> None:
        if overtaken and overtaken.pop():
            assert order("reinstate_certificate", number)["ok"]
            telling.tell_result(attempt_id=attempt_id(passed), now=clock.now)
        put(of, kept)

    monkeypatch.setattr(store, "put_entry", slow)
    telling.tell_result(attempt_id=attempt_id(passed), now=clock.now)
    assert feed(agency)[-1]["result"]["certificate"]["status"] == "valid"


# --- whose it is ----------------------------------------------------------------------------------------


def test_others_see_nothing_of_it(
    others: PartnerApi, passed: Candidate, agency: PartnerApi
) -> None:
    person = feed(agency)[0]["result"]["person"]
    number = number_of(passed)
    for path, made_up in (
        (f"/partner/people/{person}/results", "/partner/people/none/results"),
        (f"/partner/certificates/{number}", "/partner/certificates/none"),
    ):
        assert agency.get(path).status == 200
        refused, nothing = others.get(path), others.get(made_up)
        assert (refused.status, refused.json) == (404, nothing.json)
    assert others.get("/partner/results", organisation="agency").status == 404
    assert others.get("/partner/results", organisation="north").json["entries"] == []
    assert others.get("/partner/results").code == "invalid_request"  # which of the two


def test_an_organisation_is_known_however_it_is_spaced(
    agency: PartnerApi, passed: Candidate
) -> None:
    spaced = {**AGENCY, "organisations": {"agency": f" {PROFILE['organisation']} "}}
    change({"agency": spaced})
    agency.api.clock.advance(minutes=5)
    assert len(feed(agency)) == 1
    assert agency.get(f"/partner/certificates/{number_of(passed)}").status == 200


def test_the_platform_sees_its_own_users_whoever_they_work_for(
    platform: PartnerApi, passed: Candidate
) -> None:
    ref, number = link(passed, "expert-7"), number_of(passed)
    [result] = platform.get(f"/partner/people/{ref}/results").json["results"]
    assert result["certificate"]["number"] == number
    write(number)
    shown = platform.get(f"/partner/certificates/{number}").json
    assert (shown["status"], shown["name"]) == ("valid", PROFILE["name"])
    assert f"/certificates/{number}/1.pdf" in shown["url"]
    assert platform.get("/partner/results").status == 404  # it has no organisations


def test_a_user_of_another_platform_is_nobody(platform: PartnerApi, passed: Candidate) -> None:
    number = number_of(passed)
    assert platform.get(f"/partner/certificates/{number}").status == 404
    ref = link(passed, "expert-7", "henan")
    assert platform.get(f"/partner/people/{ref}/results").status == 404
    assert platform.get(f"/partner/certificates/{number}").status == 404


def test_a_user_without_a_result_has_an_empty_list(
    platform: PartnerApi, candidate: Candidate
) -> None:
    ref = link(candidate, "expert-8")
    assert platform.get(f"/partner/people/{ref}/results").json["results"] == []


def test_a_certificate_that_does_not_hold_has_no_link_and_a_touched_one_says_nothing(
    agency: PartnerApi, passed: Candidate
) -> None:
    number = number_of(passed)
    path = f"/partner/certificates/{number}"
    shown = agency.get(path).json
    assert (shown["status"], shown["preparing"], shown["url"]) == ("valid", True, None)
    write(number)
    assert agency.get(path).json["url"]
    assert order("suspend_certificate", number)["ok"]
    shown = agency.get(path).json
    assert (shown["status"], shown["url"]) == ("suspended", None)
    assert "收到举报" not in str(shown)  # what an operator wrote is not for partners
    key = {"feed": f"certificate#{number}", "sk": "CERTIFICATE"}
    row = {**rows("RESULTS_TABLE")[f"certificate#{number}/CERTIFICATE"], "state": "valid"}
    table.put(ENVIRONMENT["RESULTS_TABLE"], {**row, **key})
    shown = agency.get(path).json
    assert (shown["status"], shown["name"], shown["url"]) == ("unconfirmed", "", None)


# --- who asks -------------------------------------------------------------------------------------------

PATH = "/partner/results"


def test_a_request_works_once(agency: PartnerApi) -> None:
    headers = agency.headers(PATH, {})
    assert agency.send(PATH, headers, {}).status == 200
    again = agency.send(PATH, headers, {})
    assert (again.status, again.code) == (401, "nonce_used")


def test_of_the_same_request_at_once_one_is_taken(agency: PartnerApi) -> None:
    told = claim({name.lower(): value for name, value in agency.headers(PATH, {}).items()})
    asked, now = SignedRequest("GET", PATH, (), b""), agency.api.clock.now

    def ask() -> str:
        return partners.authenticate(claim=told, request=asked, now=now).name

    assert sorted(at_once([ask] * 6)) == ["agency", *["nonce_used"] * 5]


def test_a_lost_answer_of_the_nonces_write_refuses_nobody(agency: PartnerApi) -> None:
    with answers_lost():
        assert agency.get(PATH).status == 200


@pytest.mark.parametrize(("off", "status"), [(300_000, 200), (300_001, 401)])
@pytest.mark.parametrize("way", [-1, 1])
def test_an_old_request_and_one_from_the_future_are_refused(
    agency: PartnerApi, off: int, status: int, way: int
) -> None:
    headers = agency.headers(PATH, {})
    agency.api.clock.now += off * way
    answer = agency.send(PATH, headers, {})
    assert answer.status == status
    if status == 401:
        assert answer.json["error"]["details"]["server_now"] == agency.api.clock.now


def test_a_request_from_the_future_cannot_be_repeated_while_it_holds(agency: PartnerApi) -> None:
    headers = agency.headers(PATH, {})
    agency.api.clock.now -= 300_000
    assert agency.send(PATH, headers, {}).status == 200
    agency.api.clock.now += 600_000
    assert agency.send(PATH, headers, {}).code == "nonce_used"


def test_a_row_that_ttl_has_not_removed_yet_stands_in_nobodys_way(agency: PartnerApi) -> None:
    assert nonces.use_nonce("n", 2000, 1000)
    assert not nonces.use_nonce("n", 3000, 2000)
    assert nonces.use_nonce("n", 3000, 2001)


def test_body_and_query_are_as_they_were_signed(agency: PartnerApi) -> None:
    headers = agency.headers(PATH, {"after": "1"})
    assert agency.send(PATH, headers, {"after": "0"}).code == "signature_invalid"
    assert agency.send(PATH, headers, {}).code == "signature_invalid"
    assert agency.send(PATH, headers, {"after": "1"}, b"{}").code == "signature_invalid"
    assert agency.send(f"{PATH}x", headers, {"after": "1"}).status in {403, 404}
    assert agency.send(PATH, headers, {"after": "1"}).status == 200  # nothing was used up


def test_a_repeated_parameter_is_as_it_was_signed(agency: PartnerApi) -> None:
    headers = agency.headers(PATH, {"after": "1"})
    answer = agency.api.call("GET", f"{PATH}?after=1&after=0", headers=headers)
    assert answer.code == "signature_invalid"


@pytest.mark.parametrize("value", ["x" * 65, "a.b", "*", "at_1%0a", "%00"])
def test_an_id_that_cannot_exist_is_not_looked_for(agency: PartnerApi, value: str) -> None:
    for path in (f"/partner/people/{value}/results", f"/partner/certificates/{value}"):
        plain = path.replace("%0a", "\n").replace("%00", "\0")
        answer = agency.send(path, agency.headers(plain, {}), {})
        assert answer.code in {"not_found", "signature_invalid"}


def test_a_dead_table_is_a_503_to_wait_for(agency: PartnerApi) -> None:
    with failing("dynamodb"):
        answer = agency.get(PATH)
    assert (answer.status, answer.code) == (503, "service_busy")
    assert answer.headers["retry-after"] == "2"


def test_an_unsigned_request_writes_nothing(agency: PartnerApi, others: PartnerApi) -> None:
    before = everything_stored()
    assert agency.api.call("GET", PATH).code == "signature_invalid"
    headers = {**agency.headers(PATH, {}), "Kaochang-Signature": "0" * 64}
    assert agency.send(PATH, headers, {}).code == "signature_invalid"
    assert everything_stored() == before


def test_a_key_is_replaced_without_an_hour_of_silence_and_then_signs_no_more(
    agency: PartnerApi,
) -> None:
    new = PartnerApi(agency.api, {"key_id": "agency-2", "key": "new " * 10})
    assert new.get(PATH).code == "signature_invalid"
    change({"agency": {**AGENCY, "keys": [KEY, new.key]}})
    agency.api.clock.advance(minutes=5)
    assert (agency.get(PATH).status, new.get(PATH).status) == (200, 200)
    change({"agency": {**AGENCY, "keys": [new.key]}})
    agency.api.clock.advance(minutes=5)
    assert agency.get(PATH).code == "signature_invalid"
    assert new.get(PATH).status == 200


def test_without_a_secret_nobody_is_a_partner(api: Api) -> None:
    assert PartnerApi(api, KEY).get(PATH).code == "signature_invalid"


def test_a_session_is_no_signature(agency: PartnerApi, candidate: Candidate) -> None:
    assert candidate.api.get(PATH).code == "signature_invalid"


def test_the_log_names_partner_and_route_and_neither_people_nor_numbers(
    agency: PartnerApi, passed: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    person, number = feed(agency)[0]["result"]["person"], number_of(passed)
    capsys.readouterr()
    agency.get(f"/partner/people/{person}/results")
    agency.get(f"/partner/certificates/{number}")
    told = capsys.readouterr().out
    assert '"partner": "agency"' in told
    assert person not in told
    assert number not in told
    assert PROFILE["name"] not in told
