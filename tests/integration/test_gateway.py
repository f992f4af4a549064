"""Requests as API Gateway sends them, and values that are odd but of the right type."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Request

import app
from chalicelib.handlers import captchas, endpoint
from chalicelib.handlers.endpoint import Route
from chalicelib.shared import settings
from tests.api import Api
from tests.gateway import gateway_event
from tests.integration.endpoints import (
    BODIES,
    STRANGE,
    TYPED,
    call,
    check_shape,
    is_right,
    right_body,
)


def odd_bodies(entry: Route) -> Iterator[Any]:
    body = right_body(entry)
    assert entry.body is not None
    for field in body:
        for strange in STRANGE:
            if is_right({**body, field: strange}, entry.body):
                yield {**body, field: strange}


def test_odd_values_of_the_right_type_never_break_anything(api: Api) -> None:
    assert api.register().status == 201
    sent = 0
    for entry in TYPED:
        for body in odd_bodies(entry):
            answer = call(api, entry, body)
            assert answer.status < 500, (entry.path, body)
            if answer.status >= 400:
                check_shape(answer)
            sent += 1
    assert sent > 50


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"phone": "13600136000", "purpose": "register"}', 201),
        ('{"phone": "13600136000", "purpose": "register", "format": "audio"}', 201),
        ('{"phone": "1360013600", "purpose": "register"}', 400),
        ("{", 400),
    ],
)
def test_the_function_of_captchas_answers_as_the_api_does(api: Api, body: str, status: int) -> None:
    event = gateway_event("POST", "/captchas", body)
    answer = captchas.make_captcha(event, None)
    assert answer["statusCode"] == app.app(event, None)["statusCode"] == status
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_the_request_id_of_api_gateway_comes_back_and_is_logged(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = app.app(gateway_event("GET", "/exams", None), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Request-Id"] == "r-1"
    assert json.loads(answer["body"]) == {"exams": [], "next": None}
    assert '"request_id": "r-1"' in capsys.readouterr().out


def test_a_body_that_api_gateway_encoded_is_read_all_the_same(api: Api) -> None:
    raw = json.dumps(BODIES["CaptchaRequest"]).encode()
    encoded = base64.b64encode(raw).decode()
    event = gateway_event("POST", "/captchas", encoded, isBase64Encoded=True)
    assert app.app(event, None)["statusCode"] == 201
    missing = app.app(gateway_event("POST", "/captchas", None), None)
    assert missing["statusCode"] == 400
    assert json.loads(missing["body"])["error"]["code"] == "malformed_json"


EDGE = "198.51.100.7"  # API Gateway sees an edge server of CloudFront


@pytest.mark.parametrize(
    ("proof", "forwarded", "address"),
    [
        ("right", f"192.0.2.1, {EDGE}", "192.0.2.1"),
        (
            "right",
            f"10.0.0.1, 192.0.2.1, {EDGE}",
            "192.0.2.1",
        ),  # the first is the visitor's own word
        ("right", f"2001:db8::1, {EDGE}", "2001:db8::1"),
        ("right", "192.0.2.1", "192.0.2.1"),
        ("right", EDGE, EDGE),
        ("right", "", EDGE),
        ("right", " , ", EDGE),
        ("wrong", f"192.0.2.1, {EDGE}", EDGE),
        ("", f"192.0.2.1, {EDGE}", EDGE),
        (None, f"192.0.2.1, {EDGE}", EDGE),
        ("rìght", f"192.0.2.1, {EDGE}", EDGE),
    ],
)
def test_only_cloudfront_says_for_whom_it_speaks(
    api: Api, monkeypatch: pytest.MonkeyPatch, proof: str | None, forwarded: str, address: str
) -> None:
    monkeypatch.setenv("EDGE_PROOF", "right")
    settings.settings.cache_clear()
    assert visitor(proof, forwarded) == address


def test_where_nothing_stands_before_the_api_its_peer_is_the_visitor(api: Api) -> None:
    assert visitor("", f"192.0.2.1, {EDGE}") == EDGE


@pytest.mark.parametrize("known", ["right", "earlier"])
def test_while_the_proof_is_rotated_both_count(
    api: Api, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    monkeypatch.setenv("EDGE_PROOF", "right")
    monkeypatch.setenv("EDGE_PROOF_BEFORE", "earlier")
    settings.settings.cache_clear()
    assert visitor(known, f"192.0.2.1, {EDGE}") == "192.0.2.1"
    assert entering(known)["statusCode"] == 200


@pytest.mark.parametrize("proof", [None, "", "wrong", "rìght", "right ", "righ", "rightt"])
@pytest.mark.parametrize("before", ["", "earlier"])
def test_who_does_not_come_through_cloudfront_is_refused_before_anything_is_done(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    proof: str | None,
    before: str,
) -> None:
    monkeypatch.setenv("EDGE_PROOF", "right")
    monkeypatch.setenv("EDGE_PROOF_BEFORE", before)
    settings.settings.cache_clear()
    refused = entering(proof)
    assert refused["statusCode"] == 403
    assert json.loads(refused["body"])["error"] == {
        "code": "wrong_entrance",
        "message": "请通过考试网站访问",
        "details": {},
    }
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["code"], line["aws_calls"]) == ("request", "wrong_entrance", 0)


def test_every_route_has_the_one_entrance(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for who is not signed in, has no signature, or comes from a page of another site: told nothing else."""
    monkeypatch.setenv("EDGE_PROOF", "right")
    settings.settings.cache_clear()
    for entry in endpoint.ROUTES:
        parameters = dict.fromkeys(re.findall(r"{(\w+)}", entry.path), "x")
        event = gateway_event(entry.method, entry.path, "{}", pathParameters=parameters or None)
        event["headers"] |= {"Origin": "https://elsewhere.example"}
        answer = app.app(event, None)
        assert json.loads(answer["body"])["error"]["code"] == "wrong_entrance", entry.path


def entering(proof: str | None) -> dict[str, Any]:
    event = gateway_event("GET", "/exams", None)
    event["headers"] |= {"Edge-Proof": proof} if proof is not None else {}
    answer: dict[str, Any] = app.app(event, None)
    return answer


def visitor(proof: str | None, forwarded: str) -> str:
    event = gateway_event("GET", "/exams", None)
    event["headers"] |= {"X-Forwarded-For": forwarded}
    event["headers"] |= {"Edge-Proof": proof} if proof is not None else {}
    event["requestContext"]["identity"] = {"sourceIp": EDGE}
    return endpoint._visitor(Request(event, None))
