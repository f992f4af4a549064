"""Every route × who asks: another person, nobody, a forged or expired session, a candidate without a page.

The rows are made from the routes of the app: a route that has no row here fails.
"""

import json
import string
from typing import Any

import pytest

import app
from chalicelib.accounts import sessions
from chalicelib.handlers.endpoint import ROUTES, Role, Route
from tests.api import Answer, Api
from tests.clock import StandingClock
from tests.faults import everything_stored
from tests.integration.candidates import EXAM, PROFILE, Candidate, stored
from tests.integration.orders import another
from tests.partner import KEY, PartnerApi, set_up

DAY_MS = 24 * 3_600_000

# What each route takes: an honest body. `$attempt_id` and the like stand for what belongs to the owner.
REPEATABLE = {"request_id": "matrix-0001"}
ANSWERS = {"first": 1, "last": 1, "answers": {"1": "A"}}
AGREED = {"agreements": ["identity-authorization"]}
ABSENCE = {"absence_seq": 1, "kind": "hidden", "away_ms": 5000}
PHONE = {"phone": "13800138000", "purpose": "sign_in"}
CODE = {"phone": "13800138000", "challenge_id": "none", "code": "000000"}
CODE |= {"agreements": ["user-service", "privacy"]}
BODIES: dict[str, Any] = {
    "POST /captchas": PHONE,
    "POST /codes": {**PHONE, "captcha_id": "none", "captcha_answer": "AAAA"},
    "POST /sessions": CODE,
    "POST /accounts": {**CODE, "role": "agency_practitioner"},
    "GET /sso": None,
    "POST /sso/{provider}/requests": {"agreements": ["user-service", "privacy"]},
    "POST /sso/{provider}/sessions": {"code": "none", "state": "none"},
    "POST /sso/{provider}/links": {
        "link_id": "none",
        "phone": "13800138000",
        "challenge_id": "none",
        "code": "000000",
    },
    "GET /agreements/{name}": None,
    "GET /site": None,
    "GET /time": None,
    "GET /exams": None,
    "GET /exams/{exam_id}": None,
    "GET /me": None,
    "PUT /me": PROFILE,
    "POST /me/id-photo": None,
    "GET /me/record": None,
    "POST /me/record": None,
    "POST /exams/{exam_id}/attempts": None,
    "GET /me/attempts": None,
    "GET /me/series": None,
    "GET /attempts/{attempt_id}": None,
    "POST /attempts/{attempt_id}/check-in/notice": {**REPEATABLE, **AGREED},
    "POST /attempts/{attempt_id}/check-in/camera": {"camera_on": True},
    "POST /attempts/{attempt_id}/check-in/network": {
        "down_mbps": 9,
        "up_mbps": 4,
        "latency_ms": 20,
    },
    "POST /attempts/{attempt_id}/speed-uploads": None,
    "POST /attempts/{attempt_id}/verifications": REPEATABLE,
    "GET /attempts/{attempt_id}/verifications/{verification_id}": None,
    "POST /attempts/{attempt_id}/admission": REPEATABLE,
    "POST /attempts/{attempt_id}/heartbeat": {"answers": ANSWERS, "absences": [ABSENCE]},
    "POST /attempts/{attempt_id}/absences": {"absences": [ABSENCE]},
    "POST /attempts/{attempt_id}/start": None,
    "GET /attempts/{attempt_id}/paper": None,
    "GET /attempts/{attempt_id}/pictures": None,
    "PUT /attempts/{attempt_id}/answers": ANSWERS,
    "POST /attempts/{attempt_id}/submission": {"answers": ANSWERS},
    "GET /attempts/{attempt_id}/announcements": None,
    "POST /attempts/{attempt_id}/announcements/read": {"for_all": 0, "to_me": 0},
    "POST /attempts/{attempt_id}/help": {**REPEATABLE, "reason": "display"},
    "GET /attempts/{attempt_id}/result": None,
    "POST /attempts/{attempt_id}/practice": {"camera_trouble": "busy", "end": True},
    "GET /attempts/{attempt_id}/practice": None,
    "POST /attempts/{attempt_id}/complaint": {**REPEATABLE, "text": "请复核"},
    "GET /attempts/{attempt_id}/complaint": None,
    "GET /me/certificates": None,
    "GET /attempts/{attempt_id}/certificate": None,
    "GET /certificates/{number}": None,
    "POST /tickets": {
        **REPEATABLE,
        "trouble": "other",
        "text": "请处理",
        "attempt_id": "$attempt_id",
    },
    "GET /tickets": None,
    "GET /tickets/{ticket_id}": None,
    "DELETE /sessions/current": None,
    "GET /partner/results": None,
    "GET /partner/people/{ref}/results": None,
    "GET /partner/certificates/{number}": None,
}
OWNED = ("attempt_id", "verification_id", "ticket_id")
NOT_SIGNED_IN = {"not_signed_in", "session_expired", "signature_invalid"}
AGENCY = {"keys": [KEY], "organisations": {"agency": PROFILE["organisation"]}}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_route_of_the_app_has_a_row() -> None:
    routed = {f"{method} {path}" for path, methods in app.app.routes.items() for method in methods}
    assert routed == set(BODIES) == {name_of(route) for route in ROUTES}


def owned(route: Route) -> bool:
    """Whether the route names something that belongs to somebody."""
    named = route.path + json.dumps(BODIES[name_of(route)])
    return any(f"{{{kind}}}" in named or f"${kind}" in named for kind in OWNED)


def call(api: Api, route: Route, ids: dict[str, str]) -> Answer:
    return api.call(route.method, *request(route, ids))


def request(route: Route, ids: dict[str, str]) -> tuple[str, Any]:
    """Path and body about what belongs to the owner of these ids."""
    others = {"exam_id": EXAM, "name": "privacy", "number": "SX-0000", "provider": "shanxi"}
    others["ref"] = "nobody"
    body = string.Template(json.dumps(BODIES[name_of(route)])).substitute(ids)
    return route.path.format_map({**ids, **others}), json.loads(body)


def ids_of(owner: Candidate) -> dict[str, str]:
    """What the owner has: an attempt, a passed check, a ticket."""
    item = stored(owner)
    body = {"request_id": "ticket-0001", "trouble": "other", "text": "请处理"}
    return {
        "attempt_id": item["attempt_id"]["S"],
        "verification_id": item["verifications"]["L"][0]["M"]["id"]["S"],
        "ticket_id": owner.api.post("/tickets", body).json["ticket_id"],
    }


MADE_UP = {"attempt_id": "at_none", "verification_id": "vf_none", "ticket_id": "tk-none"}
IN_THE_END = sorted(ROUTES, key=lambda route: route.method == "DELETE")  # signing out comes last


# --- another person -------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["waiting", "writing", "afterwards"])
def test_what_belongs_to_somebody_is_for_others_like_what_does_not_exist(
    inside: Candidate, clock: StandingClock, when: str
) -> None:
    if when != "waiting":
        clock.advance(minutes=40)
        assert inside.post("start").status == 200
    if when == "afterwards":
        inside.post("submission", {})
        assert inside.post("complaint", {**REPEATABLE, "text": "请复核"}).status == 201
    ids, other = ids_of(inside), another(inside, 1)
    other.api.page_token = inside.api.page_token  # even one who saw the owner's screen
    before = everything_stored()
    wrong = {}
    for route in filter(owned, ROUTES):
        theirs, nothing = call(other.api, route, ids), call(other.api, route, MADE_UP)
        expected = 403 if route.role is Role.PAGE else 404  # a page token is for one account
        if (theirs.status, theirs.json) != (expected, nothing.json):
            wrong[name_of(route)] = (theirs.status, theirs.json, nothing.json)
    assert wrong == {}
    assert everything_stored() == before


def test_what_a_person_can_list_is_their_own(inside: Candidate) -> None:
    ids, other = ids_of(inside), another(inside, 1)
    mine = {stored(inside)["account_id"]["S"], "138****8000", *ids.values()}
    for route in ROUTES:
        if route.method == "GET" and not owned(route):
            told = json.dumps(call(other.api, route, ids).json, ensure_ascii=False)
            assert not [value for value in mine if value in told], name_of(route)
    opened = other.api.post(f"/exams/{EXAM}/attempts").json
    assert opened["attempt_id"] != ids["attempt_id"]


# --- every kind of caller -------------------------------------------------------------------------------


def test_a_route_is_open_to_its_role_and_to_nobody_less(
    writing: Candidate, clock: StandingClock
) -> None:
    ids, account = ids_of(writing), stored(writing)["account_id"]["S"]
    cookie, token = writing.api.cookie, writing.api.page_token
    old = sessions.cookie(account, 1, clock.now - DAY_MS).split(";")[0]
    callers = {
        "nobody": Api(clock),
        "forged": Api(clock, cookie[:-6] + "AAAAAA", token),
        "other name": Api(clock, cookie.replace("session=", "visit="), token),
        "expired": Api(clock, old, token),
    }
    before = everything_stored()
    wrong = {}
    for route in (route for route in ROUTES if route.role is not Role.PUBLIC):
        for name, api in callers.items():
            answer = call(Api(clock, api.cookie, api.page_token), route, ids)
            if answer.status != 401 or answer.code not in NOT_SIGNED_IN:
                wrong[name_of(route), name] = (answer.status, answer.json)
    for route in (route for route in ROUTES if route.role is Role.PAGE):
        for page in ("", "1.AAAA", "9." + token.partition(".")[2], token[:-1], "x"):
            answer = call(Api(clock, cookie, page), route, ids)
            if (answer.status, answer.code) != (403, "page_token_invalid"):
                wrong[name_of(route), page] = (answer.status, answer.json)
    assert wrong == {}
    assert everything_stored() == before


def test_a_route_is_open_to_its_role(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the answer, it is not that somebody may not ask."""
    set_up(monkeypatch, {"agency": AGENCY})
    ids = ids_of(writing)
    cookie, token = writing.api.cookie, writing.api.page_token
    callers = {
        Role.PUBLIC: Api(clock),
        Role.CANDIDATE: Api(clock, cookie),
        Role.PAGE: Api(clock, cookie, token),
    }
    for route in IN_THE_END:
        if route.role is Role.PARTNER:
            answer = PartnerApi(Api(clock), KEY).get(request(route, ids)[0])
        else:
            caller = callers[route.role]
            answer = call(Api(clock, caller.cookie, caller.page_token), route, ids)
        assert answer.status not in {401, 403, 405, 415, 500}, (name_of(route), answer.json)
        assert answer.code not in {"invalid_request", "malformed_json"}, name_of(route)


def test_a_page_of_another_site_changes_nothing(writing: Candidate, clock: StandingClock) -> None:
    ids = ids_of(writing)
    before = everything_stored()
    for route in (route for route in ROUTES if route.method != "GET"):
        origin = {"Origin": "https://evil.example"}
        answer = writing.api.call(route.method, *request(route, ids), headers=origin)
        assert (answer.status, answer.code) == (403, "foreign_origin"), name_of(route)
    assert everything_stored() == before
