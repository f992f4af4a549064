"""Bad input on every route there is: always the one error shape, never a 500, and nothing changed."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import app  # registers every route
from chalicelib.accounts.model import SESSION_MS
from chalicelib.handlers import public
from chalicelib.handlers.endpoint import MAX_BODY_BYTES, ROUTES, Role, Route
from chalicelib.shared import settings
from tests import cloud
from tests.api import Answer, Api, publish
from tests.clock import T0, StandingClock
from tests.faults import everything_stored, failing
from tests.integration.endpoints import (
    ID,
    PHONE,
    STRANGE,
    TYPED,
    call,
    check_shape,
    is_right,
    path,
    right_body,
)

NOW = T0 - 40 * 60_000
NOT_OBJECTS = [
    b"",
    b" ",
    b"{",
    b"}",
    b'{"phone": ',
    b"null",
    b"[]",
    b'"text"',
    b"1e999",
    b"NaN",
    b"\xff\xfe{\x00}\x00",
    b'{"phone": "\xff"}',
    b'{"phone": "\\ud800"}',
    b"\xef\xbb\xbf{}",
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"phone=13800138000",
    b"<xml/>",
]
SIGNED = [
    entry for entry in ROUTES if entry.role is Role.PARTNER
]  # tests/integration/test_partner_api.py
WITH_IDS = [entry for entry in ROUTES if "{" in entry.path and entry not in SIGNED]
SIGNED_IN = [entry for entry in ROUTES if entry.role in (Role.CANDIDATE, Role.PAGE)]
CHANGING = [entry for entry in ROUTES if entry.method != "GET"]


def named(entry: Route) -> str:
    return f"{entry.method} {entry.path}"


def refused(answer: Answer, status: int, *codes: str) -> None:
    check_shape(answer)
    assert (answer.status, answer.code) in [(status, code) for code in codes], answer


@pytest.fixture(scope="module")
def world() -> Iterator[Api]:
    """One cloud for all tests of this file, since none of them may change it: an exam, somebody signed in."""
    with pytest.MonkeyPatch.context() as patch, cloud.running():
        clock = StandingClock(NOW)
        clock.install(patch)
        api = Api(clock)
        assert publish("agency-practitioners", T0)["ok"]
        assert api.register().status == 201
        yield api


@pytest.fixture
def me(world: Api) -> Iterator[Api]:
    """Who is signed in; whatever the test sends must leave everything as it is."""
    world.clock.now = NOW
    before = all_but_looks()
    yield Api(world.clock, cookie=world.cookie)
    settings.settings.cache_clear()
    settings.settings()
    assert all_but_looks() == before


def all_but_looks() -> dict[str, Any]:
    """Everything stored, but how often somebody has looked certificates up."""
    stored = everything_stored()
    passing = stored["PASSING_TABLE"].items()
    kept = {pk: row for pk, row in passing if not pk.startswith("budget#certificate#")}
    return {**stored, "PASSING_TABLE": kept}


def test_every_route_of_the_app_is_one_of_ours_and_has_a_right_body() -> None:
    ours = {(entry.path, entry.method) for entry in ROUTES}
    theirs = {(name, method) for name, methods in app.app.routes.items() for method in methods}
    assert ours == theirs
    for entry in TYPED:
        assert entry.body is not None
        assert msgspec.convert(right_body(entry), entry.body)


@pytest.mark.parametrize("entry", TYPED, ids=named)
def test_a_body_that_is_no_right_json_object_is_refused(me: Api, entry: Route) -> None:
    for raw in NOT_OBJECTS:
        refused(call(me, entry, raw=raw), 400, "malformed_json", "invalid_request")


@pytest.mark.parametrize("entry", TYPED, ids=named)
def test_missing_extra_and_mistyped_fields_are_refused(me: Api, entry: Route) -> None:
    body = right_body(entry)
    assert entry.body is not None
    refused(call(me, entry, {**body, "role_": "operator"}), 400, "invalid_request")
    refused(call(me, entry, {**body, "__class__": {}}), 400, "invalid_request")
    required = {field.name for field in msgspec.structs.fields(entry.body) if field.required}
    for field in required:
        less = {name: value for name, value in body.items() if name != field}
        refused(call(me, entry, less), 400, "invalid_request")
    count = 0
    for field in body:
        for strange in STRANGE:
            changed = {**body, field: strange}
            if is_right(changed, entry.body):
                continue
            answer = call(me, entry, changed)
            refused(answer, 400, "invalid_request")
            assert "x" * 50 not in str(answer.json)  # what was sent is not sent back
            count += 1
    assert count > 5 * len(body)


@pytest.mark.parametrize("entry", TYPED, ids=named)
def test_a_body_over_64_kib_is_refused_unread(me: Api, entry: Route) -> None:
    raw = json.dumps(right_body(entry)).encode()
    padded = raw[:-1] + b" " * (MAX_BODY_BYTES - len(raw)) + b" }"
    assert len(padded) == MAX_BODY_BYTES + 1
    refused(call(me, entry, raw=padded), 413, "body_too_large")
    refused(call(me, entry, raw=b"0" * 200_000), 413, "body_too_large")
    with_extra = raw[:-1] + b" " * (MAX_BODY_BYTES - len(raw) - 8) + b',"a_b":1}'
    assert len(with_extra) == MAX_BODY_BYTES  # just small enough to be read
    refused(call(me, entry, raw=with_extra), 400, "invalid_request")


@pytest.mark.parametrize("entry", TYPED, ids=named)
def test_a_body_of_another_type_is_refused(me: Api, entry: Route) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "json", "text/json"):
        headers = {"Content-Type": kind}
        refused(call(me, entry, right_body(entry), headers=headers), 415, "not_json")
    raw = b"not json at all"
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        refused(call(me, entry, raw=raw, headers={"Content-Type": kind}), 400, "malformed_json")


def sessions_of_strangers(api: Api) -> list[str]:
    name = "session"
    cookie = api.cookie.partition("=")[2]
    swapped = cookie[:-2] + ("AA" if cookie[-2:] != "AA" else "BB")
    unsigned = base64.urlsafe_b64encode(json.dumps(["ac_1", 1, 2**50]).encode()).decode()
    return [
        "",
        name,
        f"{name}=",
        f"{name}=null",
        f"{name}={cookie[:-5]}",
        f"{name}={swapped}",
        f"{name}={unsigned}",
        f"{name}={unsigned}.",
        f"{name}={unsigned}.{cookie.rpartition('.')[2]}",
        f"other={cookie}",
        f"{name.upper()}={cookie}",
        ";;;=;",
        f"{name}={'a' * 4000}",
    ]


@pytest.mark.parametrize("entry", SIGNED_IN, ids=named)
def test_without_a_session_of_ours_nobody_comes_in(me: Api, entry: Route) -> None:
    good = me.cookie
    for cookie in sessions_of_strangers(me):
        answer = call(me, entry, right_body(entry), headers={"Cookie": cookie})
        refused(answer, 401, "not_signed_in")
    me.cookie = good
    me.clock.advance(ms=SESSION_MS)
    refused(call(me, entry, right_body(entry)), 401, "session_expired")


@pytest.mark.parametrize("entry", SIGNED_IN, ids=named)
def test_who_is_not_signed_in_learns_nothing_from_a_wrong_body(me: Api, entry: Route) -> None:
    refused(call(me, entry, raw=b"{", headers={"Cookie": ""}), 401, "not_signed_in")


@pytest.mark.parametrize("entry", CHANGING, ids=named)
def test_a_page_of_another_site_cannot_act(me: Api, entry: Route) -> None:
    for origin in (
        "https://evil.example",
        "null",
        "http://[",
        "https://exam.example.evil.example",
        "https://exam.example:8443",
        "exam.example",
        "file://",
        "https://exam.example@evil.example",
    ):
        headers = {"Origin": origin, "Host": "exam.example"}
        refused(call(me, entry, right_body(entry), headers=headers), 403, "foreign_origin")


@pytest.mark.parametrize("entry", TYPED, ids=named)
def test_our_own_page_may_act_from_the_apis_host_or_the_sites(
    me: Api, entry: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_ORIGIN", "https://page.example")
    settings.settings.cache_clear()
    for origin in ("https://exam.example", "https://page.example"):
        headers = {"Origin": origin, "Host": "exam.example"}
        refused(call(me, entry, raw=b"{", headers=headers), 400, "malformed_json")


@pytest.mark.parametrize("entry", WITH_IDS, ids=named)
def test_an_id_that_cannot_exist_or_does_not_is_not_found(me: Api, entry: Route) -> None:
    odd = ["x" * 65, "x" * 3000, "%00", "%1f", "a%20b", "a'b", "..", "a.b", "中文", "*", "at_1%0a"]
    for value in odd:
        answer = me.call(entry.method, path(entry, value), right_body(entry))
        refused(answer, 404, "not_found")
    answer = call(me, entry, right_body(entry))
    if entry.role is Role.PAGE:
        refused(answer, 403, "page_token_invalid")
    else:
        refused(answer, 404, "not_found")


@pytest.mark.parametrize("entry", [e for e in ROUTES if e.role is Role.PAGE], ids=named)
def test_without_the_page_token_of_an_admission_nothing_is_done(me: Api, entry: Route) -> None:
    for token in (
        "",
        "1",
        "1.",
        ".x",
        "1.abc",
        "-1.x",
        "0.x",
        "9999999.x",
        "１.x",
        "1e3.x",
        "1.x.y",
    ):
        me.page_token = token
        refused(call(me, entry, right_body(entry)), 403, "page_token_invalid")


@pytest.mark.parametrize("entry", ROUTES, ids=named)
def test_a_dead_table_is_a_503_to_wait_for_on_every_route_that_needs_one(
    me: Api, entry: Route
) -> None:
    with failing("dynamodb"):
        answer = call(me, entry, right_body(entry))
    if entry.role is Role.PAGE:  # refused before any read
        refused(answer, 403, "page_token_invalid")
    elif entry.role is Role.PARTNER:  # unsigned: nothing is asked
        refused(answer, 401, "signature_invalid")
    elif entry.path == "/sso":  # no table is asked
        assert (answer.status, answer.json) == (200, {"providers": []})
    elif entry.path == "/site":
        assert (answer.status, answer.json) == (200, {"hotline": "95763", "filing_number": ""})
    elif entry.path == "/time":
        assert (answer.status, answer.json) == (200, {"server_now": me.clock.now})
    elif entry.path == "/agreements/{name}" or "{provider}" in entry.path:
        refused(answer, 404, "not_found")
    elif entry.path in ("/sessions", "/accounts"):
        refused(answer, 400, "agreements_required")
    else:
        refused(answer, 503, "service_busy")


def test_a_bug_is_told_without_its_message(
    me: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: Any) -> Any:
        raise ValueError(f"{PHONE} is no exam")

    monkeypatch.setattr(public.lists, "list_page", broken)
    capsys.readouterr()
    answer = me.get("/exams")
    refused(answer, 500, "internal_error")
    assert answer.json["error"]["details"] == {}
    crash, request = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (crash["event"], crash["kind"]) == ("crash", "ValueError")
    assert crash["places"][-1].endswith(" broken")
    assert (request["status"], request["code"]) == (500, "internal_error")
    assert PHONE not in str(answer.json) + json.dumps(crash) + json.dumps(request)


def test_each_request_writes_one_line_that_names_route_and_account_only(
    me: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    account = me.get("/me").json["account_id"]
    capsys.readouterr()
    me.get(f"/attempts/{ID}?phone={PHONE}")
    [line] = capsys.readouterr().out.splitlines()
    logged = json.loads(line)
    assert logged["route"] == "GET /attempts/{attempt_id}"
    assert (logged["status"], logged["code"], logged["account"]) == (404, "not_found", account)
    assert set(logged) == {
        "at",
        "event",
        "request_id",
        "route",
        "status",
        "code",
        "account",
        "partner",
        "aws_calls",
        "ms",
    }
    assert ID not in line
    assert PHONE not in line


def test_costs_are_told_on_the_embedded_cloud_only(
    me: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert me.get("/me").headers["aws-calls"] == "GetItem 1"
    monkeypatch.setenv("STAGE", "prod")
    settings.settings.cache_clear()
    settings.settings()
    assert "aws-calls" not in me.get("/me").headers


def test_the_portal_answers_anybody(me: Api) -> None:
    stranger = Api(me.clock)
    [exam] = stranger.get("/exams").json["exams"]
    detail = stranger.get(f"/exams/{exam['exam_id']}").json
    assert detail["exam"] == exam
    assert detail["rules"]["verification_chances"] == 10
    assert (exam["phase"], exam["starts_at"]) == ("waiting", T0)
    assert exam["waiting_opens_at"] == T0 - 45 * 60_000
    assert exam["entry_until"] == T0 + 30 * 60_000
    assert [section["count"] for section in detail["sections"]] == [7, 5, 4, 2, 1]
    assert [section["total"] for section in detail["sections"]] == [35, 30, 16, 8, 11]
    assert "paper_version" not in str(detail)
    assert "snapshot" not in str(detail)  # how often one is taken is nobody's to know
    refused(stranger.get("/exams/no-such-exam"), 404, "not_found")


@pytest.mark.parametrize("name", ["user-service", "privacy", "identity-authorization"])
def test_anybody_may_read_the_agreements(me: Api, name: str) -> None:
    answer = me.get(f"/agreements/{name}")
    assert answer.status == 200
    assert answer.json["text"].startswith("#")
    assert answer.headers["aws-calls"] == ""
