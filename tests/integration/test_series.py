"""Sittings of a series as a candidate meets them: one at a time, as the retake rule allows, and one of them counts."""

import csv
import io
from typing import Any

import pytest

from chalicelib.attempts import store as attempts
from chalicelib.kernel.deciding import LostRace
from chalicelib.score_lists import service as score_lists
from chalicelib.score_lists.model import ScoreList
from chalicelib.series import store
from chalicelib.shared import objects
from chalicelib.shared.settings import settings
from tests import lived
from tests.api import Answer
from tests.clock import T0, StandingClock
from tests.faults import answers_lost, everything_stored, rows
from tests.integration.candidates import MINUTE, PROFILE, Candidate
from tests.integration.certificates import attempt_of, changed, mine, number_of, submit, write
from tests.integration.complaints import complain, judge_all, rule
from tests.integration.signing_in import PHONE, sign_in
from tests.integration.test_partner_api import KEY, PARTNERS, feed
from tests.integration.test_sittings import published
from tests.partner import PartnerApi, set_up
from tests.signing import put_identity

pytestmark = pytest.mark.usefixtures("quick_engine")

DAY = 24 * 60 * MINUTE
EARLIER = 10 * MINUTE  # before the start
WRONG = 15  # answers: too many to pass


@pytest.fixture
@lived.once
def listed(candidate: Candidate) -> Candidate:
    """Enrolled; three sittings are published, of which everybody may try two, seven days apart."""
    for number, days in ((1, 0), (2, 7), (3, 14)):
        assert published(f"第{number}场", f"sitting-{number}", T0 + days * DAY)["ok"]
    put_identity()
    return candidate


def sit(person: Candidate, number: int, clock: StandingClock, wrong: int = 0) -> None:
    """From opening to submission, ten minutes before the start to twenty after it."""
    clock.now = T0 + (number - 1) * 7 * DAY - EARLIER
    come_back(person)
    assert person.open(f"sitting-{number}").status == 200
    person.come_in()
    clock.advance(minutes=10)
    assert person.post("start").status == 200
    clock.advance(minutes=20)
    submit(person, wrong=wrong)


def come_back(person: Candidate) -> None:
    """Sign in again: a session lives for twelve hours."""
    assert sign_in(person.api, person.api.code(PHONE, "sign_in")).status == 201


def at(person: Candidate, number: int, clock: StandingClock) -> Answer:
    """What opening a sitting says while its waiting room is open."""
    clock.now = T0 + (number - 1) * 7 * DAY - EARLIER
    come_back(person)
    return person.api.post(f"/exams/sitting-{number}/attempts")


def standing(person: Candidate) -> Any:
    answer = person.api.get("/me/series")
    assert answer.status == 200, answer
    [series] = answer.json["series"]
    return series


def refusals(person: Candidate) -> dict[str, str]:
    """Each sitting that is not opened yet → why it may not be."""
    return {one["exam_id"]: one["refusal"] for one in standing(person)["sittings"]}


def states(person: Candidate) -> list[tuple[str, str, bool]]:
    return [(one["sitting"], one["state"], one["counts"]) for one in standing(person)["tries"]]


def test_somebody_fails_waits_and_passes_at_the_second_try(
    listed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(listed, 1, clock, wrong=WRONG)
    assert refusals(listed) == {
        "sitting-2": "series_result_open",
        "sitting-3": "series_result_open",
    }
    judge_all(listed, clock)
    assert states(listed) == [("第1场", "failed", True)]
    assert refusals(listed) == {"sitting-2": "", "sitting-3": ""}
    sit(listed, 2, clock)
    result = listed.get("result").json
    assert (result["outcome"], result["sitting"]) == ("passed", "第2场")
    judge_all(listed, clock)
    assert states(listed) == [("第1场", "failed", False), ("第2场", "passed", True)]
    [other] = standing(listed)["sittings"]
    assert (other["sitting"], other["refusal"]) == ("第3场", "series_passed")
    assert (
        other["message"] == "您已在「第2场」合格，不能再参加同一系列的考试；成绩和证书见“个人中心”"
    )
    refused = at(listed, 3, clock)
    assert (refused.code, refused.json["error"]["message"]) == ("series_passed", other["message"])
    # The certificate and the feed of partners say which sitting it was.
    changed(listed)
    write(number_of(listed))
    [certificate] = mine(listed)
    assert certificate["sitting"] == "第2场"
    shown = listed.api.get(f"/certificates/{certificate['number']}").json
    assert (shown["status"], shown["sitting"]) == ("valid", "第2场")
    set_up(monkeypatch, PARTNERS)
    [told] = feed(PartnerApi(listed.api, KEY))
    assert (told["result"]["series_id"], told["result"]["sitting"]) == ("spring", "第2场")


def test_who_has_failed_twice_is_refused_a_third_try(
    listed: Candidate, clock: StandingClock
) -> None:
    for number in (1, 2):
        sit(listed, number, clock, wrong=WRONG)
        judge_all(listed, clock)
    assert refusals(listed) == {"sitting-3": "series_tries_used_up"}
    refused = at(listed, 3, clock)
    assert (refused.status, refused.code) == (409, "series_tries_used_up")
    assert refused.json["error"]["details"] == {"tries": 2}


def test_who_never_started_has_both_tries_left(listed: Candidate, clock: StandingClock) -> None:
    assert at(listed, 1, clock).status == 200
    assert states(listed) == [("第1场", "open", False)]
    assert set(refusals(listed).values()) == {"series_sitting_open"}
    clock.now = T0 + 30 * MINUTE + 1
    assert states(listed) == [("第1场", "absent", False)]
    for number in (2, 3):
        sit(listed, number, clock, wrong=WRONG)
        judge_all(listed, clock)
    assert [state for _, state, _ in states(listed)] == ["absent", "failed", "failed"]


def test_an_open_complaint_blocks_until_it_is_decided(
    listed: Candidate, clock: StandingClock
) -> None:
    sit(listed, 1, clock, wrong=WRONG)
    judge_all(listed, clock)
    assert complain(listed).status == 201
    assert refusals(listed)["sitting-2"] == "series_result_open"
    refused = at(listed, 2, clock)
    assert (refused.code, refused.json["error"]["details"]) == (
        "series_result_open",
        {"sitting": "第1场"},
    )
    assert rule(listed.get("complaint").json["complaint"], upheld=False)["ok"]
    assert listed.api.post("/exams/sitting-2/attempts").status == 200


def test_a_sitting_that_comes_too_soon_says_from_when_on(
    listed: Candidate, clock: StandingClock
) -> None:
    assert published("加场", "extra", T0 + 6 * DAY)["ok"]
    sit(listed, 1, clock, wrong=WRONG)
    judge_all(listed, clock)
    assert refusals(listed)["extra"] == "series_too_early"
    clock.now = T0 + 6 * DAY - EARLIER
    come_back(listed)
    refused = listed.api.post("/exams/extra/attempts")
    assert refused.json["error"]["details"] == {"days": 7, "day": "2027-01-22"}
    assert "2027-01-22 起开考的场次" in refused.json["error"]["message"]


def test_two_sittings_at_one_time_are_opened_one_by_one(
    listed: Candidate, clock: StandingClock
) -> None:
    assert published("平行场", "parallel", T0)["ok"]
    assert at(listed, 1, clock).status == 200
    refused = listed.api.post("/exams/parallel/attempts")
    assert (refused.code, refused.json["error"]["details"]) == (
        "series_sitting_open",
        {"sitting": "第1场"},
    )
    assert listed.api.post("/exams/sitting-1/attempts").status == 200


def test_opening_again_writes_nothing(listed: Candidate, clock: StandingClock) -> None:
    first = at(listed, 1, clock)
    before = everything_stored()["ATTEMPTS_TABLE"]
    again = listed.api.post("/exams/sitting-1/attempts")
    assert again.json["attempt_id"] == first.json["attempt_id"]
    assert everything_stored()["ATTEMPTS_TABLE"] == before


def test_a_lost_answer_claims_once(listed: Candidate, clock: StandingClock) -> None:
    clock.now = T0 - EARLIER
    with answers_lost():
        assert listed.open("sitting-1").status == 200
    [tries] = [row for row in rows("ATTEMPTS_TABLE").values() if row["sk"].startswith("TRIES#")]
    assert (tries["version"], len(tries["claims"])) == (1, 1)


def test_a_claim_without_an_attempt_blocks_until_entry_is_over(
    listed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function dies between claim and attempt, and the person does not come back to that sitting."""
    assert published("平行场", "parallel", T0)["ok"]
    assert published("晚场", "late", T0 + 30 * MINUTE)["ok"]
    clock.now = T0 - EARLIER
    with monkeypatch.context() as patch:
        patch.setattr(attempts, "put_attempt", lambda _: 1 / 0)
        assert listed.open("sitting-1").status == 500
    assert listed.open("parallel").code == "series_sitting_open"
    clock.now = T0 + 30 * MINUTE
    assert listed.open("late").code == "series_sitting_open"
    clock.now += 1
    assert listed.open("late").status == 200
    assert states(listed)[0] == ("第1场", "absent", False)


def test_who_loses_every_race_is_told_to_try_again(
    listed: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_: Any) -> None:
        raise LostRace

    clock.now = T0 - EARLIER
    monkeypatch.setattr(store, "write_tries", lost)
    assert listed.open("sitting-1").code == "busy"


def test_who_changes_the_id_number_gains_no_tries(listed: Candidate, clock: StandingClock) -> None:
    sit(listed, 1, clock)
    judge_all(listed, clock)
    of_number = attempt_of(listed).identity.person_hash
    record = store.load_tries(of_number, "spring")
    assert [claim.exam_id for claim in record.claims] == ["sitting-1"]
    clock.advance(minutes=120)
    changed_number = {**PROFILE, "id_type": "passport", "id_number": "E55555555"}
    come_back(listed)
    assert listed.api.put("/me", changed_number).status == 200
    assert states(listed) == [("第1场", "passed", True)]
    [standing] = listed.api.get("/me/series").json["series"]
    assert {one["refusal"] for one in standing["sittings"]} == {"series_passed"}
    assert at(listed, 2, clock).code == "series_passed"
    assert store.load_tries(of_number, "spring") == record


def test_an_exam_by_itself_writes_no_claim(candidate: Candidate) -> None:
    assert candidate.open().json["sitting"] == ""
    assert not [row for row in rows("ATTEMPTS_TABLE").values() if row["sk"].startswith("TRIES#")]
    assert candidate.api.get("/me/series").json["series"] == []


def test_the_portal_names_the_sitting_and_its_rule(listed: Candidate) -> None:
    by_id = {exam["exam_id"]: exam["series"] for exam in listed.api.get("/exams").json["exams"]}
    rule_of = {"most_tries": 2, "after_days": 7, "counts": "best", "only_failed": True}
    expected = {"series_id": "spring", "sitting": "第2场", "retakes": rule_of}
    assert by_id["sitting-2"] == expected
    assert listed.api.get("/exams/sitting-2").json["exam"]["series"] == expected
    assert by_id["shanxi-agency-practitioners"] is None


def test_the_score_list_of_a_series_says_which_try_counts(
    listed: Candidate, clock: StandingClock
) -> None:
    sit(listed, 1, clock, wrong=WRONG)
    judge_all(listed, clock)
    assert told(clock, 1) == [("第1场", "不合格", "计入")]
    sit(listed, 2, clock)
    assert told(clock, 2) == [("第1场", "不合格", "暂计入"), ("第2场", "合格", "不计入")]
    judge_all(listed, clock)
    assert told(clock, 3) == [("第1场", "不合格", "不计入"), ("第2场", "合格", "计入")]
    assert told(clock, 4, of_series=False) == [("第2场", "合格", "计入")]


def told(clock: StandingClock, number: int, *, of_series: bool = True) -> list[tuple[str, ...]]:
    """The sitting, result and whether it counts, of each row of a new score list."""
    order = ScoreList("sitting-2", f"list-{number:04}", "李运营", "op_1", "报送", clock.now)
    score_lists.make_score_list(order=order, of_series=of_series, now=clock.now)
    key = f"score-lists/sitting-2/list-{number:04}/list.csv"
    text = objects.read_all(settings().private_bucket, key).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [(row["场次"], row["成绩"], row["是否计入"]) for row in rows]
