"""Requests as API Gateway sends them, and values that are odd but of the right type."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

import app
from chalicelib.handlers.endpoint import Route
from tests.api import Api
from tests.integration.test_endpoint import (
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


def gateway_event(method: str, resource: str, body: str | None, **more: Any) -> dict[str, Any]:
    """An event as API Gateway sends it (proxy integration, payload 1.0)."""
    headers = {"Content-Type": ["application/json"], "User-Agent": ["test"]}
    context = {"httpMethod": method, "resourcePath": resource, "requestId": "r-1", "path": resource}
    context["identity"] = {"sourceIp": "203.0.113.9"}
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {name: values[0] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": body,
        "isBase64Encoded": False,
        **more,
    }


def test_the_request_id_of_api_gateway_comes_back_and_is_logged(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = app.app(gateway_event("GET", "/exams", None), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Request-Id"] == "r-1"
    assert json.loads(answer["body"]) == {"exams": [], "server_now": api.clock.now}
    assert '"request_id": "r-1"' in capsys.readouterr().out


def test_a_body_that_api_gateway_encoded_is_read_all_the_same(api: Api) -> None:
    raw = json.dumps(BODIES["CaptchaRequest"]).encode()
    encoded = base64.b64encode(raw).decode()
    event = gateway_event("POST", "/captchas", encoded, isBase64Encoded=True)
    assert app.app(event, None)["statusCode"] == 201
    missing = app.app(gateway_event("POST", "/captchas", None), None)
    assert missing["statusCode"] == 400
    assert json.loads(missing["body"])["error"]["code"] == "malformed_json"
