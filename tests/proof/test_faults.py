"""Every kind of failure of AWS: no answer claims what was not done, and nothing is done twice."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.api import Answer, deliver, run, snapshot_event, upload
from tests.proof import crashes, extent
from tests.proof.book import Run
from tests.proof.copies import in_a_copy
from tests.proof.crashes import Outcome, Scenario
from tests.proof.outages import Fault, weather
from tests.proof.scenarios import (
    ALL,
    CANDIDATE,
    FACE_DATA,
    PUBLIC,
    ann,
    checking_with_snapshots_due,
    later,
    post,
    reserved,
    snapshot_due,
)
from tests.proof.world import World

SAMPLED = 3  # faults of one scenario in a sample
LIMIT_S = 10  # the API function's time limit (.chalice/config.json)
WRITES = {"UpdateItem", "PutItem", "DeleteItem", "Publish", "PUT", "POST", "DELETE"}
Strikes = Callable[[str, int], bool]
NO_AWS = {"read an agreement"}
REQUESTS = [s for s in [*CANDIDATE, *PUBLIC] if s.name not in NO_AWS]
# Scenarios with overdue pictures, about which the next request asks S3.
REQUESTS += [
    Scenario(
        "begin anew when nothing was uploaded",
        "POST /attempts/{attempt_id}/check-in/notice",
        later(60_000, reserved),
        post("check-in/notice", FACE_DATA),
    ),
    Scenario(
        "beat when pictures of both kinds are awaited",
        "POST /attempts/{attempt_id}/heartbeat",
        later(300_000, checking_with_snapshots_due),
        post("heartbeat", {}),
    ),
]
COMMANDS = [
    "give another ID number",
    "open",
    "reserve",
    "enter",
    "start",
    "save",
    "beat with everything",
    "leave for the third time",
    "submit",
    "ask for help",
    "get a code",
    "register",
    "a check passes",
    "a snapshot",
    "a paper was submitted",
    "extend time",
    "decide a ticket",
]
BY_NAME = {scenario.name: scenario for scenario in ALL}


def prepared(w: World, scenario: Scenario) -> None:
    scenario.prepare(w)
    crashes.schedule_ran(w)
    crashes.new_process()


def never_false(answer: Any) -> bool:
    """Return whether the answer is final. Otherwise check that it says when to try again."""
    if isinstance(answer, Answer):
        if answer.status < 500:
            return True
        assert (answer.status, answer.code) == (503, "service_busy"), answer
        assert int(answer.headers["retry-after"]) >= 1
        return False
    if isinstance(answer, Run):
        told = answer.answer or {}  # of the captcha's function: an answer of API Gateway
        failed = bool(told.get("batchItemFailures")) or told.get("statusCode", 200) >= 500
        return answer.error is None and not failed
    if not answer["ok"]:
        assert answer["errors"][0]["code"] == "service_busy"
    return bool(answer["ok"])


def everything(_name: str, _number: int) -> bool:
    return True


def only_s3(name: str, _number: int) -> bool:
    return name.startswith("s3.")


@pytest.mark.parametrize("scenario", REQUESTS, ids=lambda scenario: scenario.name)
def test_an_outage_is_told_within_ten_seconds(living: World, scenario: Scenario) -> None:
    def in_bad_weather(fault: Fault, strikes: Strikes) -> None:
        with weather(fault, strikes) as bad:
            answer = scenario.act(living)
        done = never_false(answer)
        asked = bad.struck > 0  # the time of day needs nothing of AWS
        assert not (done and asked and strikes is everything), "AWS is down, and yet it is decided"
        assert bad.waited_s <= LIMIT_S, bad

    def each() -> None:
        prepared(living, scenario)
        for fault in (Fault.LOST_BEFORE, Fault.NOT_CONNECTED, Fault.SERVER_ERROR):
            for strikes in (everything, only_s3):
                in_a_copy(lambda f=fault, s=strikes: in_bad_weather(f, s))

    in_a_copy(each)


def hits(number: int, tries: int) -> Strikes:
    """Return strikes that fail the first `tries` tries of this write of the run."""
    state = {"writes": 0, "left": 0}

    def strikes(name: str, _number: int) -> bool:
        if state["left"]:
            state["left"] -= 1
            return True
        if name.split(".")[1] in WRITES:
            state["writes"] += 1
            if state["writes"] == number:
                state["left"] = tries - 1
                return True
        return False

    return strikes


def faults_of(name: str) -> list[Fault]:
    """Return the faults of a scenario: a lost answer and one of the other faults. A save gets all of them."""
    if name == "save":
        return list(Fault)
    others = [fault for fault in Fault if fault is not Fault.LOST_AFTER]
    return [Fault.LOST_AFTER, others[COMMANDS.index(name) % len(others)]]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_write_that_fails_or_whose_answer_is_lost_is_done_once_in_the_end(
    living: World, name: str
) -> None:
    """One lost try is repeated. After three the answer is a refusal, and the repeated request succeeds."""
    scenario = BY_NAME[name]

    def good() -> tuple[Outcome, int]:
        known = crashes._ids(living)
        with weather(Fault.SERVER_ERROR, lambda _name, _number: False) as fine:
            answer = scenario.act(living)
        assert never_false(answer)
        writes = sum(n for call, n in fine.tries.items() if call.split(".")[1] in WRITES)
        return crashes._settled(living, scenario, answer, known), writes

    def bad(fault: Fault, number: int, tries: int) -> Outcome:
        known = crashes._ids(living)
        strikes = hits(number, tries)
        with weather(fault, strikes) as struck:
            answer = scenario.act(living)
        once = fault is Fault.CONFLICT or struck.last.startswith("sns.")  # it is not retried
        assert struck.struck == (1 if once else tries), struck
        if never_false(answer):
            return crashes._settled(living, scenario, answer, known)
        assert tries == 3 or once, answer
        return crashes._recovered(living, scenario, known)

    def all_of_them() -> list[str]:
        prepared(living, scenario)
        expected, writes = in_a_copy(good)
        assert writes
        problems = []
        cases = [
            (fault, number, tries)
            for fault, number, tries in itertools.product(
                faults_of(name), range(1, writes + 1), (1, 3)
            )
            if not (fault is Fault.CONFLICT and tries > 1)
        ]
        for fault, number, tries in extent.sample(cases, SAMPLED, name):
            outcome = in_a_copy(lambda f=fault, n=number, t=tries: bad(f, n, t))
            found = [*outcome.violations, *outcome.unlike(expected)]
            problems += [f"{fault.name}, write {number}, {tries} tries: {line}" for line in found]
        return problems

    problems = in_a_copy(all_of_them)
    assert not problems, "\n".join(problems)


def test_of_a_batch_of_snapshots_only_the_failed_one_comes_again(living: World) -> None:
    def batch() -> None:
        snapshot_due(living)
        ann(living).beat()
        keys = [upload(t["upload"], living.picture("frame_a.jpg")) for t in ann(living).tickets[:2]]
        assert len(keys) == 2
        first, second = (snapshot_event(key)["Records"][0] for key in keys)
        with weather(Fault.SERVER_ERROR, hits(1, 3)):  # the write of the first one
            answer = run("chalicelib.handlers.uploads.judge_snapshot", {"Records": [first, second]})
        assert answer == {"batchItemFailures": [{"itemIdentifier": first["messageId"]}]}
        assert list(living.attempt(ann(living)).verdicts) == ["1"]
        deliver(keys[0])
        assert sorted(living.attempt(ann(living)).verdicts) == ["0", "1"]

    in_a_copy(batch)


def test_of_a_batch_of_changes_everything_from_the_failed_one_on_comes_again(
    living: World,
) -> None:
    function = "chalicelib.handlers.changes.record_changes"

    def batch() -> None:
        ann(living).open()
        ann(living).steps()
        waiting = [e.payload["Records"][0] for e in living.events if e.state == "waiting"]
        assert len(waiting) == 4
        with weather(Fault.SERVER_ERROR, hits(2, 3)):
            answer = run(function, {"Records": waiting})
        failed = waiting[1]["dynamodb"]["SequenceNumber"]
        assert answer == {"batchItemFailures": [{"itemIdentifier": failed}]}
        assert run(function, {"Records": waiting[1:]}) == {"batchItemFailures": []}
        entries = [r for r in living.rows("ATTEMPTS_TABLE") if r["sk"].startswith("EVENT#")]
        assert [entry["version"] for entry in entries] == [1, 2, 3, 4]

    in_a_copy(batch)
