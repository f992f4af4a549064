"""The product's own calls of DynamoDB and Secrets Manager do what a boto3 client does, and mend what it does not."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from chalicelib.shared import clients, table, timed
from chalicelib.shared.aws import account, calls, counting, retrying, sending, signing
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.table import ConditionFailed, If
from tests import aws_server, both_ways
from tests.aws_server import Answer, Server, refusal, reply
from tests.both_ways import BOTH, EVERY_TYPE, directly, outcome

KEY = {"pk": {"S": "row"}}
OLD = {"Item": {"pk": {"S": "row"}, "n": {"N": "1"}, "b": {"B": "AP8="}}}


@pytest.fixture(autouse=True)
def own_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """boto3 reads credentials anew; what a test sets is forgotten after it."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    yield
    monkeypatch.undo()
    clients.forget()


@pytest.fixture
def server(own_session: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server in the place of DynamoDB; nobody waits between tries."""
    with aws_server.listening() as listening:
        monkeypatch.setenv("AWS_ENDPOINT_URL", listening.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_server.ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_server.SECRET_KEY)
        monkeypatch.setattr(retrying, "pause", lambda _: None)
        monkeypatch.setattr("botocore.endpoint.time", mock.Mock())
        clients.forget()
        yield listening


def get() -> Any:
    return calls.call("dynamodb", "GetItem", {"TableName": "t", "Key": KEY})


# --- the same as boto3 ----------------------------------------------------------------------------------

REQUESTS: dict[str, dict[str, Any]] = {
    "GetItem": {"TableName": "t", "Key": KEY, "ConsistentRead": True},
    "PutItem": {"TableName": "t", "Item": {**KEY, **EVERY_TYPE}},
    "UpdateItem": {
        "TableName": "t",
        "Key": KEY,
        "UpdateExpression": "SET #n0.#n1 = :v0",
        "ConditionExpression": "attribute_exists(#n0)",
        "ExpressionAttributeNames": {"#n0": "答", "#n1": "1"},
        "ExpressionAttributeValues": {":v0": {"B": b"\x00\xff"}},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    },
    "DeleteItem": {"TableName": "t", "Key": KEY, "ReturnValues": "ALL_OLD"},
    "Query": {
        "TableName": "t",
        "KeyConditionExpression": "#n0 = :v0",
        "ExpressionAttributeNames": {"#n0": "pk"},
        "ExpressionAttributeValues": {":v0": {"S": "row"}},
        "ScanIndexForward": False,
        "Limit": 2,
    },
    "Scan": {"TableName": "t", "Select": "COUNT", "ExclusiveStartKey": KEY},
    "BatchGetItem": {"RequestItems": {"t": {"Keys": [KEY]}}},
    "BatchWriteItem": {"RequestItems": {"t": [{"PutRequest": {"Item": EVERY_TYPE}}]}},
}
ANSWERS: dict[str, Any] = {
    "GetItem": {"Item": both_ways.in_json(EVERY_TYPE)},
    "PutItem": {},
    "UpdateItem": {"Attributes": both_ways.in_json(EVERY_TYPE)},
    "DeleteItem": {"Attributes": both_ways.in_json(EVERY_TYPE)},
    "Query": {"Items": [both_ways.in_json(EVERY_TYPE)], "Count": 1, "LastEvaluatedKey": KEY},
    "Scan": {"Count": 3, "ScannedCount": 4},
    "BatchGetItem": {"Responses": {"t": []}, "UnprocessedKeys": {"t": {"Keys": [KEY]}}},
    "BatchWriteItem": {"UnprocessedItems": {}},
}


@pytest.mark.parametrize("operation", REQUESTS)
def test_both_ways_ask_for_the_same_and_read_the_same(server: Server, operation: str) -> None:
    server.answers = [aws_server.with_checksum(ANSWERS[operation]) for _ in BOTH]
    told = [way("dynamodb", operation, REQUESTS[operation]) for way in BOTH]
    assert told[0] == told[1] == ANSWERS[operation]
    theirs, ours = server.asked
    assert theirs.body == ours.body == both_ways.in_json(REQUESTS[operation])
    for name in ("x-amz-target", "content-type", "host", "accept-encoding"):
        assert theirs.headers.get(name) == ours.headers.get(name), name
    assert theirs.signature_fits
    assert ours.signature_fits


def test_both_ways_read_the_same_secret(server: Server) -> None:
    server.answers = [reply({"SecretString": "密", "VersionStages": ["AWSCURRENT"]})] * 2
    told = [way("secretsmanager", "GetSecretValue", {"SecretId": "app"}) for way in BOTH]
    assert told[0] == told[1]
    theirs, ours = server.asked
    assert theirs.headers["x-amz-target"] == ours.headers["x-amz-target"]
    assert theirs.headers["content-type"] == ours.headers["content-type"]
    assert ours.signature_fits


ERRORS: dict[str, tuple[Answer, int]] = {
    "condition": (refusal("ConditionalCheckFailedException", **OLD), 1),
    "condition, no item": (refusal("ConditionalCheckFailedException"), 1),
    "transaction": (
        refusal(
            "TransactionCanceledException",
            CancellationReasons=[{"Code": "None"}, {"Code": "ConditionalCheckFailed", **OLD}],
        ),
        1,
    ),
    "conflict": (refusal("TransactionConflictException"), 1),
    "no table": (refusal("ResourceNotFoundException"), 1),
    "invalid": (refusal("ValidationException"), 1),
    "not allowed": (refusal("AccessDeniedException"), 1),
    "too large": (refusal("ItemCollectionSizeLimitExceededException"), 1),
    "throughput": (refusal("ProvisionedThroughputExceededException"), 3),
    "throttled": (refusal("ThrottlingException"), 3),
    "limit": (refusal("RequestLimitExceeded"), 3),
    "replicas": (refusal("ReplicatedWriteConflictException"), 3),
    "server": (refusal("InternalServerError", 500), 3),
    "unavailable": (reply(b"<html>busy</html>", 503), 3),
    "gateway": (reply(b"", 502), 3),
    "too many": (reply(b"", 429), 3),
    "not found": (reply(b"", 404), 1),
    "moved": (reply(b"", 301), 1),
}


@pytest.mark.parametrize("error", ERRORS)
def test_both_ways_tell_the_same_error_after_as_many_tries(server: Server, error: str) -> None:
    answer, tries = ERRORS[error]
    server.answers = [answer] * (2 * tries)
    told = [outcome(way, "dynamodb", "UpdateItem", REQUESTS["UpdateItem"]) for way in BOTH]
    assert told[0] == told[1]
    assert len(server.asked) == 2 * tries


FAILURES: dict[str, Callable[[Server], Answer]] = {
    "reset": lambda _: aws_server.reset,
    "silent": aws_server.silence,
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("times", [2, 3])
def test_both_ways_try_a_broken_connection_again(
    server: Server, monkeypatch: pytest.MonkeyPatch, failure: str, times: int
) -> None:
    if failure == "silent":
        monkeypatch.setattr(sending, "READ_S", 0.5)
    for way in BOTH:
        server.answers = [FAILURES[failure](server)] * times
        told = outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"])
        broken = exceptions.ReadTimeoutError, exceptions.ConnectionClosedError
        assert (told in broken) if times == 3 else (told == {})
        assert len(server.asked) == 3
        server.asked.clear()


@pytest.mark.parametrize("scheme", ["", "//", "http://", "http://us%40er:word@"])
def test_both_ways_go_through_the_proxy_of_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("http_proxy", scheme + server.url.removeprefix("http://"))
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://far.invalid:8000")
    clients.forget()
    for way in BOTH:
        assert outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"]) == {}
    theirs, ours = server.asked
    assert theirs.target == ours.target == "http://far.invalid:8000/"
    for name in ("host", "proxy-authorization"):
        assert theirs.headers.get(name) == ours.headers.get(name)
    assert ours.signature_fits


def test_both_ways_ask_a_proxy_for_a_tunnel(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.url.removeprefix("http://"))
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    clients.forget()
    for way in BOTH:  # the server refuses the tunnel
        told = outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"])
        assert told == exceptions.ProxyConnectionError


@pytest.mark.parametrize(
    ("address", "trusted", "expected"),
    [
        ("127.0.0.1", True, {}),
        ("127.0.0.1", False, exceptions.SSLError),
        ("127.0.0.2", True, exceptions.SSLError),  # the certificate of another host
    ],
)
def test_both_ways_verify_the_host(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    address: str,
    trusted: bool,
    expected: Any,
) -> None:
    file, context = aws_server.certificate(tmp_path, address)
    if trusted:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(file))
    with aws_server.listening(context) as secure:
        monkeypatch.setenv("AWS_ENDPOINT_URL", secure.url)
        clients.forget()
        told = [outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"]) for way in BOTH]
        assert told == [expected] * 2
        assert len(secure.asked) == (2 if expected == {} else 0)


def test_nobody_listens(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    clients.forget()
    told = [outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"]) for way in BOTH]
    assert told == [exceptions.EndpointConnectionError] * 2


@pytest.mark.parametrize("way", BOTH)
def test_without_credentials_or_region_nothing_is_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch, way: Any
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    clients.forget()
    assert outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"]) == exceptions.NoCredentialsError
    assert server.asked == []


def test_without_a_region_nothing_is_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    clients.forget()
    assert outcome(directly, "dynamodb", "GetItem", REQUESTS["GetItem"]) == exceptions.NoRegionError
    assert server.asked == []


@pytest.mark.parametrize("region", ["us-east-1", "ap-east-1", "eu-central-2", "cn-north-1"])
@pytest.mark.parametrize(
    ("service", "own"), [("dynamodb", "DYNAMODB"), ("secretsmanager", "SECRETS_MANAGER")]
)
def test_both_ways_know_the_same_addresses(
    monkeypatch: pytest.MonkeyPatch, region: str, service: str, own: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    sent: list[str] = []

    def take(request: sending.Request) -> sending.Answer:
        sent.append(request.url.rstrip("/"))
        return sending.Answer(200, {}, b"{}")

    monkeypatch.setattr(sending, "send", take)
    for variables in (
        {},
        {"AWS_ENDPOINT_URL": "http://a:1"},
        {f"AWS_ENDPOINT_URL_{own}": "http://b"},
    ):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        clients.forget()
        calls.call(service, "Any", {})
        assert sent[-1] == clients.client(service).meta.endpoint_url


def test_lambdas_trace_is_passed_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe;Sampled=1")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "api")
    for way in BOTH:
        way("dynamodb", "GetItem", REQUESTS["GetItem"])
    theirs, ours = (asked.headers["x-amzn-trace-id"] for asked in server.asked)
    assert theirs == ours
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    directly("dynamodb", "GetItem", REQUESTS["GetItem"])
    assert "x-amzn-trace-id" not in server.asked[-1].headers


def test_a_call_is_counted_once_however_often_it_is_tried(server: Server) -> None:
    counted = counting.count_calls()
    server.answers = [refusal("ThrottlingException")] * 2
    get()
    assert (len(server.asked), counted) == (3, {"GetItem": 1})


def test_connections_are_kept(server: Server) -> None:
    for _ in range(3):
        get()
    assert len({asked.connection for asked in server.asked}) == 1


# --- answers that did not arrive whole ------------------------------------------------------------------

DAMAGED: dict[str, Answer] = {
    "a wrong checksum": aws_server.with_checksum({"Item": {}}, wrong_by=1),
    "half an answer": aws_server.cut_off,
    "no JSON": reply(b"<html>"),
    "no UTF-8": reply(b'{"Item": {"pk": {"S": "\xff"}}}'),
    "a list": reply([]),
    "too deep": reply(b'{"a":' * 5000),
    "no number as checksum": reply({}, x_amz_crc32="none"),
    "no gzip": reply(b"{}", Content_Encoding="gzip"),
}


PASSING = {
    "of retries": refusal("TooManyRequestsException"),
    "of an earlier request": refusal("PriorRequestNotComplete"),
    "of replicas": refusal("ReplicatedWriteConflictException"),
    "of a proxy": reply(b"<html>slow down</html>", 429),
    "of credentials": refusal("ExpiredTokenException"),
}


@pytest.mark.parametrize("error", PASSING)
def test_an_error_that_passes_is_an_outage(server: Server, error: str) -> None:
    server.answers = [PASSING[error]] * 3
    with pytest.raises(Unavailable):
        table.get("t", {"pk": "row"})


@pytest.mark.parametrize(
    "told",
    [b"\xff", b"[]", b'{"a":' * 5000, b'{"__type": null}', b'{"__type": 400, "message": [1]}'],
)
def test_a_strange_refusal_is_an_error_with_its_status(server: Server, told: bytes) -> None:
    server.answers = [reply(told, 400)]
    assert outcome(directly, "dynamodb", "GetItem", {}) == ("400", 400, 0)


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("times", [2, 3])
def test_a_damaged_answer_is_asked_for_again(server: Server, damage: str, times: int) -> None:
    server.answers = [DAMAGED[damage]] * times
    if times == 2:
        assert get() == {}
    else:
        with pytest.raises(Unavailable):
            table.get("t", {"pk": "row"})
    assert len(server.asked) == 3


def test_an_answer_that_drips_ends_with_its_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = itertools.count()
    monkeypatch.setattr(timed, "tick", lambda: float(next(moments)))
    server.answers = [aws_server.drip] * 3
    with pytest.raises(exceptions.ReadTimeoutError):
        get()
    assert len(server.asked) == 3


def test_a_connection_that_the_server_has_closed_costs_no_try(server: Server) -> None:
    server.answers = [aws_server.last(reply({})), *[refusal("ThrottlingException")] * 2]
    assert get() == {}
    server.closed.wait()
    assert get() == {}
    assert len(server.asked) == 1 + retrying.TRIES


def test_connections_that_a_network_has_forgotten_cost_one_try(server: Server) -> None:
    """Nobody has closed them: each is reset by the first byte that is sent."""
    all_are_here = threading.Barrier(retrying.TRIES)

    def together(handler: Any) -> None:
        all_are_here.wait(10)
        reply({})(handler)

    server.answers = [together] * retrying.TRIES
    with ThreadPoolExecutor(retrying.TRIES) as pool:
        list(pool.map(lambda _: get(), range(retrying.TRIES)))
    forgotten = {asked.connection for asked in server.asked}
    assert len(forgotten) == retrying.TRIES

    def forget(handler: Any) -> None:
        (aws_server.reset if handler.client_address in forgotten else reply({}))(handler)

    server.asked.clear()
    server.answers = [forget] * retrying.TRIES
    assert get() == {}
    assert len(server.asked) == 2


def test_a_write_whose_answer_was_lost_meets_itself(server: Server) -> None:
    def own_write(handler: Any) -> None:
        written = server.asked[0].body["ExpressionAttributeValues"]
        [own] = {v["S"] for v in written.values() if "S" in v}
        told = {"pk": {"S": "row"}, "n": {"N": "1"}, "write_id": {"S": own}}
        refusal("ConditionalCheckFailedException", Item=told)(handler)

    server.answers = [aws_server.reset, own_write]
    written = table.update_once("t", {"pk": "row"}, If().exists("pk"), sets={"n": 1})
    assert written["n"] == 1
    assert server.asked[0].body == server.asked[1].body


def test_a_write_that_really_lost_the_race_says_what_stands_there(server: Server) -> None:
    server.answers = [aws_server.reset, refusal("ConditionalCheckFailedException", **OLD)]
    with pytest.raises(ConditionFailed) as failed:
        table.update_once("t", {"pk": "row"}, If().equals("n", 0), sets={"n": 1})
    assert failed.value.old == {"pk": "row", "n": 1, "b": b"\x00\xff"}


# --- clocks and credentials -----------------------------------------------------------------------------


@pytest.mark.parametrize("ahead_s", [-7200, -301, 301, 7200])
def test_a_wrong_clock_is_corrected_by_the_server(server: Server, ahead_s: float) -> None:
    server.ahead_s = ahead_s
    assert get() == {}
    assert get() == {}  # the second call is right at once
    assert len(server.asked) == 3


def test_a_refused_signature_is_an_error_when_the_clocks_agree(server: Server) -> None:
    server.answers = [refusal("InvalidSignatureException")] * 2
    with pytest.raises(ClientError, match="InvalidSignature"):
        get()
    assert len(server.asked) == 1


def test_a_clock_is_corrected_once_in_a_call(server: Server) -> None:
    server.answers = [refusal("RequestTimeTooSkewed", 403, date=server.now() + 9000)]
    with pytest.raises(ClientError, match="InvalidSignature"):
        get()
    assert len(server.asked) == 2


@pytest.mark.parametrize("ahead_s", [-600, 600])
def test_a_clock_that_another_thread_has_corrected_is_right_for_all(
    server: Server, ahead_s: float
) -> None:
    """Both calls were signed by the wrong clock before either was refused."""
    server.ahead_s = ahead_s
    both_are_here = threading.Barrier(2)

    def refuse(handler: Any) -> None:
        both_are_here.wait(10)
        refusal("InvalidSignatureException", date=server.now())(handler)

    server.before = [refuse, refuse]
    with ThreadPoolExecutor(2) as pool:
        assert [told.result() for told in [pool.submit(get), pool.submit(get)]] == [{}, {}]
    assert len(server.asked) == 4


NOW, SIGNED = 1_800_000_000.0, "20270115T080000Z"


@pytest.mark.parametrize(
    ("ahead_s", "corrected"), [(-241, True), (-240, False), (0, False), (240, False), (241, True)]
)
def test_small_differences_of_clocks_are_none(
    monkeypatch: pytest.MonkeyPatch, ahead_s: int, corrected: bool
) -> None:
    monkeypatch.setattr(signing, "wall_time", lambda: NOW)
    assert signing.correct_clock(aws_server.formatdate(NOW + ahead_s), SIGNED) is corrected
    signing.forget()


@pytest.mark.parametrize("date", ["", "soon"])
def test_without_a_date_no_clock_is_corrected(date: str) -> None:
    assert not signing.correct_clock(date, SIGNED)


def test_expired_credentials_are_read_anew(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get() == {}
    server.access_key = "AKNEXT"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKNEXT")
    assert get() == {}
    assert get() == {}
    assert len(server.asked) == 4


def test_expired_credentials_without_others_are_an_error(server: Server) -> None:
    server.access_key = "AKNEXT"
    told = [outcome(way, "dynamodb", "GetItem", REQUESTS["GetItem"]) for way in BOTH]
    assert told[0] == told[1]
    assert told[0][0] == "ExpiredTokenException"
    assert len(server.asked) == 2


def test_a_session_token_is_sent_and_signed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    clients.forget()
    get()
    asked = server.asked[-1]
    assert asked.headers["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in asked.headers["authorization"]
    assert asked.signature_fits


# --- when a call is tried again -------------------------------------------------------------------------

THROTTLED = retrying.Failure(400, "ThrottlingException")
BROKEN = retrying.Failure(500, "InternalServerError")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    taken: list[float] = []
    monkeypatch.setattr(retrying, "pause", taken.append)
    monkeypatch.setattr(retrying, "jitter", lambda: 0.5)
    retrying.forget()
    yield taken
    retrying.forget()


@pytest.mark.parametrize(
    ("service", "failure", "expected"),
    [
        ("dynamodb", BROKEN, [0.0125, 0.025]),
        ("dynamodb", retrying.Failure(), [0.0125, 0.025]),
        ("secretsmanager", BROKEN, [0.025, 0.05]),
        ("dynamodb", THROTTLED, [0.5, 1.0]),
        ("dynamodb", retrying.Failure(500, wait_s=0.01), [0.0125, 0.025]),
        ("dynamodb", retrying.Failure(500, wait_s=2), [2, 2]),
        ("dynamodb", retrying.Failure(500, wait_s=60), [5.0125, 5.025]),
    ],
)
def test_pauses_are_those_of_botocore(
    pauses: list[float], service: str, failure: retrying.Failure, expected: list[float]
) -> None:
    tries = retrying.Tries(service)
    assert [tries.again(failure) for _ in range(3)] == [True, True, False]
    assert pauses == pytest.approx(expected)
    assert pauses == pytest.approx([_pause_of_botocore(service, failure, n) for n in (1, 2)])


def _pause_of_botocore(service: str, failure: retrying.Failure, number: int) -> float:
    from botocore.retries import standard

    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    backoff = standard.ExponentialBackoff(
        random=lambda: 0.5, service_name=service, throttling_detector=detector
    )
    headers = {} if failure.wait_s is None else {"x-amz-retry-after": str(failure.wait_s * 1000)}
    headers = {name: value.removesuffix(".0") for name, value in headers.items()}
    response = mock.Mock(status_code=failure.status, headers=headers)
    told = {"Error": {"Code": failure.code}}
    context = standard.RetryContext(number, None, told, response)
    return float(backoff.delay_amount(context))


def test_the_numbers_are_those_of_botocore() -> None:
    from botocore.retries import quota, standard

    assert quota.RetryQuota.INITIAL_CAPACITY == retrying.CAPACITY
    checker = standard.RetryQuotaChecker
    assert (checker._RETRY_COST, checker._THROTTLING_RETRY_COST) == (
        retrying._COST,
        retrying._COST_THROTTLED,
    )
    assert set(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES) == retrying._THROTTLED
    transient = set(standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES)
    assert transient | {"ReplicatedWriteConflictException"} == retrying._TRANSIENT
    statuses = standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES
    assert set(statuses) == retrying._TRANSIENT_STATUS


def test_an_outage_uses_up_the_quota_and_successes_fill_it(pauses: list[float]) -> None:
    def retried() -> int:
        tries = retrying.Tries("dynamodb")
        return sum(tries.again(BROKEN) for _ in range(3))

    assert [retried() for _ in range(18)] == [2] * 17 + [1]  # 500 = 35 × 14 + 10
    assert retrying.Tries("secretsmanager").again(BROKEN)  # a quota of its own
    tries = retrying.Tries("dynamodb")
    assert tries.again(THROTTLED)  # costs 5
    tries.succeeded()  # and gives them back
    for _ in range(3):
        retrying.Tries("dynamodb").succeeded()
    assert not retrying.Tries("dynamodb").again(BROKEN)  # 13 are left
    retrying.Tries("dynamodb").succeeded()
    assert retrying.Tries("dynamodb").again(BROKEN)
    for _ in range(2 * retrying.CAPACITY):
        retrying.Tries("dynamodb").succeeded()
    assert retrying._quotas["dynamodb"].left == retrying.CAPACITY


# --- moto -----------------------------------------------------------------------------------------------


def test_both_ways_find_the_same_in_moto(aws: None) -> None:
    from tests.cloud import ENVIRONMENT

    name = ENVIRONMENT["PASSING_TABLE"]
    assert both_ways.differences(name) == []


def test_the_region_and_credentials_are_read_once(server: Server) -> None:
    assert account.region() == "us-east-1"
    assert account.credentials() == account.credentials()
    with mock.patch.object(json, "loads", side_effect=AssertionError("read again")):
        account.credentials()
