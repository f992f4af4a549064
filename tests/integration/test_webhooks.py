"""Webhooks: each new entry of a feed is told to its partners at least once, whatever fails on the way."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.handlers import changes
from chalicelib.partners import store, webhook
from chalicelib.shared import http, queues, settings
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS
from tests.api import Api, run
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import everything_stored, failing, rows
from tests.integration.candidates import PROFILE, Candidate
from tests.integration.certificates import changed, number_of, order, tell
from tests.integration.complaints import complain, rule
from tests.integration.orders import attempt_id
from tests.partner import KEY, NEXT_KEY, PartnerApi, change, set_up
from tests.webhooks import CALL, Queue, Receiver, entry_event, receiving

pytestmark = pytest.mark.usefixtures("quick_engine")

TELL = "chalicelib.handlers.changes.tell_partners"
ORGANISATIONS = {"agency": PROFILE["organisation"]}
OTHER_KEY = {"key_id": "other-1", "key": "other " * 6}


@pytest.fixture
def receiver(clock: StandingClock) -> Iterator[Receiver]:
    """The partner's server, which knows both keys of the partner."""
    with receiving(clock) as there:
        there.keys = {key["key_id"]: key["key"] for key in (KEY, NEXT_KEY)}
        yield there


def agency(receiver: Receiver, **more: Any) -> dict[str, Any]:
    """The partner's entry in the secret."""
    hook = {"url": receiver.url, "key_id": KEY["key_id"]}
    return {"keys": [KEY], "organisations": ORGANISATIONS, "webhook": hook, **more}


@pytest.fixture
def queue(
    api: Api, clock: StandingClock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Queue:
    """The queue of deliveries, of a deployment with one partner that has a webhook."""
    set_up(monkeypatch, {"agency": agency(receiver)})
    there = Queue(clock)
    there.install(monkeypatch)
    return there


def partners(*entries: tuple[str, Any], clock: StandingClock) -> None:
    """An operator changes the secret; five minutes later it counts."""
    change(dict(entries))
    clock.advance(minutes=5)


def entries() -> list[dict[str, Any]]:
    """The items of all feeds of organisations, in DynamoDB's format."""
    found = boto3.client("dynamodb").scan(TableName=ENVIRONMENT["RESULTS_TABLE"])["Items"]
    of_organisations = [row for row in found if row["feed"]["S"].startswith("organisation#")]
    return sorted(of_organisations, key=lambda row: row["sk"]["S"])


def announce(last: int = 1) -> None:
    """The stream tells of the newest entries."""
    for row in entries()[-last:]:
        assert run(TELL, entry_event(row)) == {"batchItemFailures": []}


def change_and_announce(submitted: Candidate) -> None:
    """A result changes, and the stream tells of its entry."""
    changed(submitted)
    announce()


# --- from the entry to the partner ----------------------------------------------------------------------


def test_a_result_reaches_the_partner_who_then_reads_it(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    change_and_announce(submitted)
    assert receiver.calls == 0  # nobody waits for a partner but the queue
    queue.deliver()
    [told] = receiver.told
    assert told == {"organisation": "agency", "cursor": "1", "told_at": clock.now}
    page = PartnerApi(submitted.api, KEY).get("/partner/results", after="0").json
    assert page["entries"][0]["cursor"] == told["cursor"]
    assert page["entries"][0]["result"]["told_at"] == told["told_at"]
    assert (queue.waiting(), queue.dead()) == ([], [])


def test_a_call_names_nobody(queue: Queue, receiver: Receiver, submitted: Candidate) -> None:
    change_and_announce(submitted)
    queue.deliver()
    said = json.dumps([receiver.told, receiver.headers, [m.body for m in queue.messages]])
    for secret in (PROFILE["name"], PROFILE["id_number"], attempt_id(submitted), KEY["key"]):
        assert secret not in said


def test_a_call_carries_the_headers_of_the_documentation(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    change_and_announce(submitted)
    queue.deliver()
    [headers] = receiver.headers
    assert headers["kaochang-key"] == KEY["key_id"]
    assert headers["kaochang-timestamp"] == str(clock.now)
    assert len(headers["kaochang-request"]) == 43
    assert headers["content-type"] == "application/json"


def test_every_correction_has_its_own_number(
    queue: Queue, receiver: Receiver, passed: Candidate
) -> None:
    number = number_of(passed)
    announce()
    for function in ("suspend_certificate", "reinstate_certificate", "revoke_certificate"):
        assert order(function, number)["ok"]
        key = {"feed": {"S": f"certificate#{number}"}, "sk": {"S": "CERTIFICATE"}}
        tell("changes.tell_partners", "RESULTS_TABLE", key)
        announce()
    queue.deliver()
    assert receiver.cursors() == ["1", "2", "3", "4"]
    assert len({headers["kaochang-request"] for headers in receiver.headers}) == 4


def test_a_corrected_verdict_is_told(queue: Queue, receiver: Receiver, accused: Candidate) -> None:
    changed(accused)
    announce()
    assert rule(complain(accused).json)["ok"]
    changed(accused)
    announce()
    queue.deliver()
    assert receiver.cursors() == ["1", "2"]


def test_who_sees_the_entry_is_told_and_nobody_else(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    others = agency(receiver, keys=[OTHER_KEY], organisations={"north": "北方公司"})
    twice = agency(
        receiver, keys=[NEXT_KEY], organisations={"a": PROFILE["organisation"], "b": "别家"}
    )
    twice["webhook"] = {"url": receiver.url, "key_id": NEXT_KEY["key_id"]}
    silent = {"keys": [{"key_id": "s-1", "key": "s" * 32}], "organisations": ORGANISATIONS}
    named = {"agency": agency(receiver), "others": others, "twice": twice, "silent": silent}
    partners(*named.items(), clock=clock)
    change_and_announce(submitted)
    queue.deliver()
    assert sorted(told["organisation"] for told in receiver.told) == ["a", "agency"]
    assert len({headers["kaochang-request"] for headers in receiver.headers}) == 2


def test_the_name_of_an_organisation_is_compared_as_the_feed_does(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    written = " " + " ".join(PROFILE["organisation"])
    partners(("agency", agency(receiver, organisations={"agency": written})), clock=clock)
    change_and_announce(submitted)
    queue.deliver()
    assert receiver.cursors() == ["1"]


def test_the_feed_of_a_person_and_certificates_order_no_calls(
    queue: Queue, passed: Candidate
) -> None:
    found = boto3.client("dynamodb").scan(TableName=ENVIRONMENT["RESULTS_TABLE"])["Items"]
    for row in found:
        if not row["feed"]["S"].startswith("organisation#"):
            assert run(TELL, entry_event(row)) == {"batchItemFailures": []}
    assert queue.messages == []


def test_without_partners_nothing_is_ordered(api: Api, submitted: Candidate) -> None:
    changed(submitted)
    with failing("sqs"):
        announce()


# --- twice, late, at once -------------------------------------------------------------------------------


def test_a_repeated_event_is_told_again_under_the_same_request_id(
    queue: Queue, receiver: Receiver, submitted: Candidate
) -> None:
    change_and_announce(submitted)
    announce()
    queue.deliver()
    assert receiver.cursors() == ["1", "1"]
    assert len({headers["kaochang-request"] for headers in receiver.headers}) == 1


def test_a_queue_that_takes_nothing_makes_the_stream_repeat(
    api: Api, receiver: Receiver, submitted: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(monkeypatch, {"agency": agency(receiver)})
    changed(submitted)
    [row] = entries()
    with failing("sqs"):
        assert run(TELL, entry_event(row)) == {"batchItemFailures": [{"itemIdentifier": "7"}]}


def test_of_a_batch_the_first_that_failed_comes_again(
    queue: Queue, passed: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = entry_event(entries()[0])
    first, second = event["Records"][0], json.loads(json.dumps(event["Records"][0]))
    second["dynamodb"]["SequenceNumber"] = "8"
    sent = iter([1])

    def fail_at_the_second(*_: Any) -> int:
        return next(sent)

    monkeypatch.setattr(queues, "send", fail_at_the_second)
    answer = changes.tell_partners({"Records": [first, second]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "8"}]}


def test_a_delivery_goes_through_sqs(
    api: Api, receiver: Receiver, submitted: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message as SQS keeps it, and a failed call that hides it."""
    set_up(monkeypatch, {"agency": agency(receiver)})
    sqs = boto3.client("sqs")
    name = ENVIRONMENT["WEBHOOK_QUEUE_URL"].rpartition("/")[2]
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == ENVIRONMENT["WEBHOOK_QUEUE_URL"]
    change_and_announce(submitted)
    [message] = sqs.receive_message(
        QueueUrl=ENVIRONMENT["WEBHOOK_QUEUE_URL"], AttributeNames=["All"], VisibilityTimeout=0
    )["Messages"]
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }
    receiver.statuses = [500]
    failed = run(CALL, {"Records": [record]})["batchItemFailures"]
    assert failed == [{"itemIdentifier": message["MessageId"]}]
    assert "Messages" not in sqs.receive_message(QueueUrl=ENVIRONMENT["WEBHOOK_QUEUE_URL"])


# --- a partner that does not answer ---------------------------------------------------------------------

MOODS = [301, 302, 307, 400, 401, 404, 408, 410, 425, 429, 500, 503]


@pytest.mark.parametrize("status", MOODS)
def test_everything_but_2xx_is_tried_again(
    queue: Queue, receiver: Receiver, submitted: Candidate, status: int
) -> None:
    receiver.statuses = [status]
    change_and_announce(submitted)
    queue.run_for(MINUTE_MS - 1)
    assert (receiver.calls, receiver.told) == (1, [])  # a redirect is not followed
    queue.run_for(1)
    assert (receiver.calls, receiver.cursors()) == (2, ["1"])


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_every_2xx_is_a_delivery(
    queue: Queue, receiver: Receiver, submitted: Candidate, status: int
) -> None:
    receiver.statuses = [status]
    change_and_announce(submitted)
    queue.run_for(HOUR_MS)
    assert receiver.calls == 1


def test_a_partner_that_comes_back_gets_what_it_missed(
    queue: Queue, receiver: Receiver, submitted: Candidate
) -> None:
    receiver.statuses = [503] * 12
    change_and_announce(submitted)
    queue.run_for(27 * HOUR_MS)
    assert (receiver.calls, receiver.cursors()) == (13, ["1"])
    stamps = [int(headers["kaochang-timestamp"]) for headers in receiver.headers]
    pauses = [after - before for before, after in itertools.pairwise(stamps)]
    assert pauses == [webhook.wait_ms(tries) for tries in range(1, 13)]
    assert len({headers["kaochang-request"] for headers in receiver.headers}) == 1


def test_after_thirteen_tries_it_is_a_dead_letter_that_can_be_sent_again(
    queue: Queue, receiver: Receiver, submitted: Candidate
) -> None:
    receiver.statuses = [503] * 13
    change_and_announce(submitted)
    queue.run_for(27 * HOUR_MS)
    assert receiver.calls == 13
    assert [len(queue.waiting()), len(queue.dead())] == [0, 1]
    queue.run_for(27 * HOUR_MS)
    assert receiver.calls == 13
    queue.redrive()
    queue.deliver()
    assert (receiver.cursors(), queue.dead()) == (["1"], [])


def test_one_failed_call_pauses_the_partner_for_half_a_minute(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    """A thousand deliveries to a dead partner cost one time limit, not a thousand."""
    receiver.statuses = [503]
    changed(submitted)
    for _ in range(5):
        announce()
    queue.deliver()
    assert receiver.calls == 1
    clock.advance(ms=webhook.PAUSE_MS - 1)
    announce()
    queue.deliver()
    assert receiver.calls == 1
    clock.advance(ms=1)
    announce()
    queue.deliver()
    assert receiver.calls == 2
    queue.run_for(HOUR_MS)
    assert receiver.cursors() == ["1"] * 7


def test_a_dead_partner_does_not_hold_up_another(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    dead = agency(receiver, keys=[OTHER_KEY])
    dead["webhook"] = {"url": "http://127.0.0.1:1/", "key_id": OTHER_KEY["key_id"]}
    partners(("dead", dead), ("agency", agency(receiver)), clock=clock)
    change_and_announce(submitted)
    announce()
    queue.deliver()
    assert receiver.cursors() == ["1", "1"]
    assert len(queue.waiting()) == 2


def test_a_pause_never_ends_earlier_than_noted(api: Api) -> None:
    store.pause("agency", 2000)
    store.pause("agency", 1999)
    assert store.is_paused("agency", 1999)
    assert not store.is_paused("agency", 2000)
    store.pause("agency", 2001)
    assert store.is_paused("agency", 2000)
    assert not store.is_paused("other", 1)
    assert rows("PASSING_TABLE")["webhook#agency"]["expires_at_s"] == 3602


@pytest.mark.parametrize("service", ["dynamodb", "secretsmanager"])
def test_what_fails_on_our_side_is_tried_again(
    queue: Queue, receiver: Receiver, submitted: Candidate, service: str, clock: StandingClock
) -> None:
    change_and_announce(submitted)
    clock.advance(minutes=5)  # the secret is read again
    with failing(service):
        queue.deliver()
    assert receiver.calls == 0
    queue.run_for(3 * MINUTE_MS)
    assert receiver.cursors() == ["1"]


def test_a_message_that_cannot_be_hidden_comes_again_all_the_same(
    queue: Queue, receiver: Receiver, submitted: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.statuses = [500]
    change_and_announce(submitted)
    with monkeypatch.context() as patch:
        patch.setattr(queues, "hide", lambda *_: 1 / 0)
        queue.deliver()
    queue.run_for(3 * MINUTE_MS)
    assert receiver.cursors() == ["1"]


def test_a_partner_that_acknowledges_too_late_is_called_again(
    queue: Queue, receiver: Receiver, submitted: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_and_announce(submitted)
    send = http.send

    def late(*call: Any, **more: Any) -> http.Answer:
        send(*call, **more)
        raise http.Unreachable("too_slow")

    with monkeypatch.context() as patch:
        patch.setattr(http, "send", late)
        queue.deliver()
    queue.run_for(MINUTE_MS)
    assert receiver.cursors() == ["1", "1"]


def test_a_broken_message_stops_nobody(
    queue: Queue, receiver: Receiver, submitted: Candidate
) -> None:
    queue.send(ENVIRONMENT["WEBHOOK_QUEUE_URL"], ["no JSON", "{}"])
    change_and_announce(submitted)
    queue.deliver()
    assert receiver.cursors() == ["1"]
    assert len(queue.waiting()) == 2


# --- the entry in the secret ----------------------------------------------------------------------------


@pytest.mark.parametrize("left", ["no webhook", "no organisation", "no partner"])
def test_what_waits_for_a_removed_webhook_is_dropped(
    queue: Queue,
    receiver: Receiver,
    submitted: Candidate,
    clock: StandingClock,
    left: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change_and_announce(submitted)
    entry = {
        "no webhook": {"agency": agency(receiver, webhook=None)},
        "no organisation": {"agency": agency(receiver, organisations={})},
        "no partner": {},
    }[left]
    partners(*entry.items(), clock=clock)
    queue.deliver()
    assert (receiver.calls, queue.waiting()) == (0, [])
    assert '"event": "webhook_dropped"' in capsys.readouterr().out


def test_a_replaced_key_signs_what_still_waits(
    queue: Queue, receiver: Receiver, submitted: Candidate, clock: StandingClock
) -> None:
    change_and_announce(submitted)
    hook = {"url": receiver.url, "key_id": NEXT_KEY["key_id"]}
    partners(("agency", agency(receiver, keys=[NEXT_KEY], webhook=hook)), clock=clock)
    queue.deliver()
    assert receiver.headers[0]["kaochang-key"] == NEXT_KEY["key_id"]
    assert receiver.cursors() == ["1"]


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        ("https://a.cn/", "webhook_malformed"),
        ({"url": "ftp://a.cn/", "key_id": KEY["key_id"]}, "webhook_scheme"),
        ({"url": "http://127.0.0.1:1/", "key_id": "no-such-key"}, "webhook_key"),
    ],
)
def test_a_wrong_entry_is_logged_tried_again_and_mended(
    queue: Queue,
    receiver: Receiver,
    submitted: Candidate,
    clock: StandingClock,
    capsys: pytest.CaptureFixture[str],
    hook: Any,
    reason: str,
) -> None:
    partners(("agency", agency(receiver, webhook=hook)), clock=clock)
    change_and_announce(submitted)
    queue.deliver()
    assert f'"reason": "{reason}"' in capsys.readouterr().out
    assert PartnerApi(submitted.api, KEY).get("/partner/results").status == 200  # all else works
    change({"agency": agency(receiver)})
    queue.run_for(7 * MINUTE_MS)
    assert receiver.cursors() == ["1"]


def test_a_malformed_partner_takes_nothing_from_another(
    queue: Queue,
    receiver: Receiver,
    submitted: Candidate,
    clock: StandingClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = {"keys": "k", "organisations": ORGANISATIONS}
    partners(("broken", broken), ("agency", agency(receiver)), clock=clock)
    change_and_announce(submitted)
    queue.deliver()
    assert receiver.cursors() == ["1"]
    assert PartnerApi(submitted.api, KEY).get("/partner/results").status == 200
    assert '"event": "partner_entry_malformed"' in capsys.readouterr().out


# --- on AWS ---------------------------------------------------------------------------------------------


@pytest.fixture
def deployed(queue: Queue, submitted: Candidate, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on AWS, where loopback is not called."""
    monkeypatch.setenv("STAGE", "prod")
    settings.settings.cache_clear()
    settings.settings()
    yield
    settings.settings.cache_clear()


@pytest.mark.usefixtures("deployed")
def test_on_aws_a_loopback_address_is_not_called(
    queue: Queue,
    receiver: Receiver,
    submitted: Candidate,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change_and_announce(submitted)
    queue.deliver()
    assert receiver.calls == 0
    assert '"reason": "webhook_scheme"' in capsys.readouterr().out


@pytest.mark.usefixtures("deployed")
def test_on_aws_a_name_that_leads_to_loopback_is_not_called(
    queue: Queue,
    receiver: Receiver,
    submitted: Candidate,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hook = {"url": "https://hooks.example.cn/", "key_id": KEY["key_id"]}
    partners(("agency", agency(receiver, webhook=hook)), clock=clock)
    change_and_announce(submitted)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))])
    queue.deliver()
    assert receiver.calls == 0
    assert '"reason": "not_public"' in capsys.readouterr().out


def test_the_log_names_partner_and_number_and_no_people(
    queue: Queue,
    receiver: Receiver,
    submitted: Candidate,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change_and_announce(submitted)
    capsys.readouterr()
    before = everything_stored()
    queue.deliver()
    assert everything_stored() == before  # a call that succeeds leaves nothing
    told = capsys.readouterr().out
    assert '"event": "webhook_delivered"' in told
    assert '"partner": "agency"' in told
    for secret in (PROFILE["name"], attempt_id(submitted), KEY["key"], receiver.url):
        assert secret not in told
