"""An SMS provider over HTTPS, played by a local server that behaves well, badly and not at all."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.notices import calling, sms
from chalicelib.notices.port import Message, NotTaken
from chalicelib.shared import http
from chalicelib.shared import settings as shared_settings
from chalicelib.shared.errors import Unavailable
from tests.clock import StandingClock
from tests.sms_provider import KEY, Server, reply, running

MESSAGE = Message("cp-1-decision", "+8613800138000", "complaint_upheld", {"name": "𠮷野㛃·"})


def taken(message_id: str = MESSAGE.message_id, accepted: bool = True) -> Callable[[Any], None]:
    return reply(200, json.dumps({"id": message_id, "accepted": accepted}).encode())


@pytest.fixture
def server(aws: None, monkeypatch: pytest.MonkeyPatch, clock: StandingClock) -> Iterator[Server]:
    """A provider on loopback, and settings that name it."""
    url = "{url}/sms/v1?account=7"
    with running(monkeypatch, SMS_PROVIDER="https", SMS_URL=url) as state:
        state.answer = taken()
        yield state


def test_a_message_carries_template_variables_id_and_signature(
    server: Server, clock: StandingClock
) -> None:
    sms.send(MESSAGE)
    [body], [headers] = server.bodies, server.headers
    assert json.loads(body) == {
        "id": "cp-1-decision",
        "to": "+8613800138000",
        "template": "complaint_upheld",
        "language": "zh-CN",
        "variables": {"name": "𠮷野㛃·"},
    }
    assert server.paths == ["/sms/v1?account=7"]
    assert (headers["Idempotency-Key"], headers["X-Key-Id"]) == ("cp-1-decision", "k1")
    text = f"{clock.now}\ncp-1-decision\n{hashlib.sha256(body).hexdigest()}"
    expected = hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest()
    assert (headers["X-Timestamp"], headers["X-Signature"]) == (str(clock.now), expected)


def test_the_same_message_again_is_the_same_id_and_taken_as_before(server: Server) -> None:
    for _ in range(2):
        sms.send(MESSAGE)
    assert server.bodies[0] == server.bodies[1]
    assert {headers["Idempotency-Key"] for headers in server.headers} == {"cp-1-decision"}


@pytest.mark.parametrize(
    "answer",
    [
        reply(500, b"{}"),
        reply(503, b""),
        reply(429, b"{}"),
        reply(401, b"{}"),
        reply(302, b"", Location="http://127.0.0.1:1/"),
        reply(200, b"<html>a login page</html>"),
        reply(200, b'{"id": "cp-1-decision"}'),
        reply(200, b'{"id": "cp-1-decision", "accepted": "yes"}'),
        reply(200, b"[]"),
        reply(200, b"\xff\xfe"),
        reply(200, b""),
        reply(200, b"x" * 40_000),
        taken("somebody-elses"),
        lambda handler: handler.connection.close(),
    ],
    ids=lambda _: "",
)
def test_whatever_is_no_clear_answer_means_try_again(
    server: Server, answer: Callable[[Any], None]
) -> None:
    server.answer = answer
    with pytest.raises(Unavailable):
        sms.send(MESSAGE)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    "answer", [reply(400, b"{}"), reply(422, b"{}"), taken(accepted=False)], ids=lambda _: ""
)
def test_a_clear_no_means_never(server: Server, answer: Callable[[Any], None]) -> None:
    server.answer = answer
    with pytest.raises(sms.Rejected):
        sms.send(MESSAGE)


def test_a_provider_that_does_not_answer_is_left_alone_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 60, 0.2))
    server.answer = lambda handler: server.release.wait(30)
    with pytest.raises(Unavailable):
        sms.send(MESSAGE)


def test_a_provider_whose_answer_drips_is_left_alone_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 60, 0.3))

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not server.release.wait(0.05):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    server.answer = drip
    with pytest.raises(Unavailable):
        sms.send(MESSAGE)


def test_nobody_there_means_try_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_URL", "http://127.0.0.1:1/sms")
    shared_settings.settings.cache_clear()
    with pytest.raises(Unavailable):
        sms.send(MESSAGE)


def test_away_from_this_machine_only_encrypted_connections_are_made(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    shared_settings.settings.cache_clear()
    with pytest.raises(NotTaken, match="address_not_encrypted"):
        sms.hand_over(MESSAGE)
    assert server.bodies == []


def test_without_a_setting_sns_sends(aws: None) -> None:
    assert type(sms.sender()).__name__ == "Sns"
