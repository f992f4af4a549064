"""Signing in by 山西政府采购平台 over HTTP: against a real provider, and against one that lies."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from chalicelib.accounts import providers, sso
from chalicelib.shared import http, secrets, settings
from tests import provider as there
from tests.api import Answer, Api
from tests.faults import answers_lost, at_once, everything_stored, failing, rows
from tests.provider import Liar

BOTH = ["user-service", "privacy"]
PHONE, OTHER_PHONE = "13800138000", "13900139000"
EXAM = {"page": "exam_detail", "exam_id": "ex-2027"}
SHANXI = {"provider": "shanxi", "title": "山西政府采购平台", "client_id": there.CLIENT_ID}
MINUTE = 60_000
PATIENT = http.Limits(connect_s=60, read_s=60, total_s=60)  # a busy machine is no bad day


def set_up(monkeypatch: pytest.MonkeyPatch, *known: dict[str, str]) -> None:
    """These providers, as the settings and the second secret of a stack say it."""
    monkeypatch.setenv("SIGN_IN_PROVIDERS", json.dumps(known))
    monkeypatch.setenv("SITE_ORIGIN", there.ORIGIN)
    monkeypatch.setenv("PARTNERS_SECRET_ID", "partners")
    monkeypatch.setattr(providers, "_LIMITS", PATIENT)
    told = {"sign_in": {"shanxi": there.CLIENT_SECRET}}
    boto3.client("secretsmanager").create_secret(Name="partners", SecretString=json.dumps(told))
    reload()
    secrets.forget()
    providers.forget()


def reload() -> None:
    """Read the settings now: Chalice's client lays the stage of .chalice/config.json over them."""
    settings.settings.cache_clear()
    settings.settings()


@pytest.fixture
def now(api: Api) -> int:
    """Providers sign with the time of this machine."""
    api.clock.now = int(time.time()) * 1000
    return api.clock.now


@pytest.fixture
def real(api: Api, now: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with there.real_provider() as issuer:
        set_up(monkeypatch, {**SHANXI, "issuer": issuer})
        yield issuer
    settings.settings.cache_clear()


@pytest.fixture
def liar(api: Api, now: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Liar]:
    with there.lying_provider() as provider:
        set_up(monkeypatch, {**SHANXI, "issuer": provider.issuer})
        yield provider
    settings.settings.cache_clear()


class Browser(Api):
    """A browser keeps every cookie, each under its name."""

    def call(self, *args: Any, **more: Any) -> Answer:
        kept = self.cookie
        answer = super().call(*args, **more)
        if self.cookie != kept:
            jar = dict(pair.split("=", 1) for pair in f"{kept}; {self.cookie}".split("; ") if pair)
            self.cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
        return answer


@pytest.fixture
def browser(api: Api) -> Browser:
    return Browser(api.clock)


def begin(browser: Api, return_to: Any = None, agreements: Any = BOTH) -> Answer:
    body = {"agreements": agreements, "return_to": return_to or {"page": "portal"}}
    return browser.post("/sso/shanxi/requests", body)


def come_back(browser: Api, back: there.Back) -> Answer:
    return browser.post("/sso/shanxi/sessions", {"code": back.code, "state": back.state})


def link(browser: Api, link_id: str, phone: str = PHONE) -> Answer:
    body = {"link_id": link_id, "phone": phone, **browser.proof(browser.code(phone, "link"))}
    return browser.post("/sso/shanxi/links", body)


def visit(browser: Api, subject: str = "wang", return_to: Any = None) -> Answer:
    """To the real provider and back."""
    url = begin(browser, return_to).json["authorization_url"]
    return come_back(browser, there.sign_in_there(url, subject))


def signed_in(browser: Api) -> bool:
    return browser.get("/me").status == 200


# --- with a real provider ---


def test_without_a_provider_there_is_no_button(api: Api) -> None:
    assert api.get("/sso").json == {"providers": []}
    assert begin(api).status == 404


def test_the_page_is_told_whom_one_can_sign_in_by(api: Api, real: str) -> None:
    shown = [{"provider": "shanxi", "title": "山西政府采购平台"}]
    assert api.get("/sso").json == {"providers": shown}


def test_a_provider_needs_the_address_of_the_page(
    api: Api, real: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SITE_ORIGIN")
    reload()
    assert api.get("/sso").json == {"providers": []}


def test_the_address_carries_state_nonce_and_challenge_and_nothing_of_the_person(
    browser: Browser, real: str
) -> None:
    asked = parse_qs(urlsplit(begin(browser).json["authorization_url"]).query)
    assert asked["redirect_uri"] == [f"{there.ORIGIN}/sso/shanxi"]
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert {len(asked[name][0]) for name in ("state", "nonce")} == {32}
    assert set(asked) == {
        *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
    kept = rows("PASSING_TABLE")
    [row] = [row for key, row in kept.items() if key.startswith("sign_in#")]
    assert asked["state"][0] not in str(kept)  # hashed
    assert row["verifier"] not in str(asked) and len(row["verifier"]) == 64


def test_the_first_sign_in_asks_for_a_phone_then_i_am_in_with_my_data(
    browser: Browser, real: str
) -> None:
    back = visit(browser, return_to=EXAM)
    assert back.status == 201 and back.json["signed_in"] is None
    assert not signed_in(browser)
    linked = link(browser, back.json["link"]["link_id"])
    assert linked.status == 201 and linked.json["return_to"] == EXAM
    me = browser.get("/me").json
    profile = me["profile"]
    assert {name: profile[name] for name in there.WANG} == there.WANG
    assert profile["role"] == "agency_practitioner"
    assert me["phone"] == "138****8000"


def test_the_second_sign_in_needs_no_phone_and_returns_to_the_exam(
    browser: Browser, real: str
) -> None:
    account = link(browser, visit(browser).json["link"]["link_id"]).json["signed_in"]["account_id"]
    browser.cookie = ""
    back = visit(browser, return_to=EXAM)
    assert back.status == 201 and back.json["link"] is None
    assert back.json["signed_in"]["account_id"] == account
    assert back.json["return_to"] == EXAM and signed_in(browser)


def test_my_account_of_before_is_linked_after_its_phone_is_proven_and_keeps_what_it_says(
    browser: Browser, real: str
) -> None:
    body = {"phone": PHONE, **browser.proof(browser.code(PHONE, "register")), "name": "王小敏"}
    body |= {"role": "evaluation_expert", "agreements": BOTH}
    account = browser.post("/accounts", body).json["account_id"]
    browser.cookie = ""
    browser.clock.advance(minutes=2)
    back = visit(browser)
    assert back.json["signed_in"] is None, "a provider's word alone opens no account"
    assert link(browser, back.json["link"]["link_id"]).json["signed_in"]["account_id"] == account
    profile = browser.get("/me").json["profile"]
    assert (profile["name"], profile["role"]) == ("王小敏", "evaluation_expert")
    assert profile["organisation"] == there.WANG["organisation"]  # it was empty


def test_a_person_of_whom_the_provider_says_nothing_fills_in_everything(
    browser: Browser, real: str
) -> None:
    back = visit(browser, "nobody-special")
    assert link(browser, back.json["link"]["link_id"]).status == 201
    profile = browser.get("/me").json["profile"]
    assert profile["name"] == profile["organisation"] == "" and profile["role"] is None


def test_each_sign_in_records_the_agreements_that_were_ticked(browser: Browser, real: str) -> None:
    link(browser, visit(browser).json["link"]["link_id"])
    browser.clock.advance(s=30)
    visit(browser)
    kept = [row for key, row in rows("ACCOUNTS_TABLE").items() if key.startswith("consent#")]
    assert sorted(row["agreement"] for row in kept) == sorted(BOTH * 2)
    refused = begin(browser, agreements=["privacy"])
    assert (refused.status, refused.code) == (400, "agreements_required")


def test_the_account_knows_its_sign_ins_once(browser: Browser, real: str) -> None:
    link(browser, visit(browser).json["link"]["link_id"])
    visit(browser)
    stored = rows("ACCOUNTS_TABLE")
    [account] = [row for key, row in stored.items() if key.startswith("account#")]
    [entry] = account["sign_ins"]
    assert stored[f"sso#{entry['key']}"]["account_id"] == account["account_id"]


def test_no_session_and_no_personal_data_without_a_proven_phone(
    browser: Browser, real: str
) -> None:
    visit(browser)
    assert "王敏" not in json.dumps(everything_stored(), ensure_ascii=False, default=str)


@pytest.mark.parametrize("guess", ["000000", ""])
def test_a_wrong_code_links_nothing(browser: Browser, real: str, guess: str) -> None:
    link_id = visit(browser).json["link"]["link_id"]
    right = browser.code(PHONE, "link")
    wrong = guess if guess != right else "999999"
    body = {"link_id": link_id, "phone": PHONE, **browser.proof(wrong)}
    assert browser.post("/sso/shanxi/links", body).status == 400
    assert not signed_in(browser)
    assert not [key for key in rows("ACCOUNTS_TABLE") if key.startswith(("sso#", "account#"))]
    assert browser.post("/sso/shanxi/links", {**body, **browser.proof(right)}).status == 201


@pytest.mark.parametrize("purpose", ["sign_in", "register"])
def test_a_code_for_something_else_links_nothing(browser: Browser, real: str, purpose: str) -> None:
    link_id = visit(browser).json["link"]["link_id"]
    body = {"link_id": link_id, "phone": PHONE, **browser.proof(browser.code(PHONE, purpose))}
    assert browser.post("/sso/shanxi/links", body).code == "code_wrong"


def test_a_link_works_once(browser: Browser, real: str) -> None:
    link_id = visit(browser).json["link"]["link_id"]
    assert link(browser, link_id).status == 201
    browser.clock.advance(minutes=2)
    assert link(browser, link_id, OTHER_PHONE).code == "sign_in_failed"


@pytest.mark.parametrize(("late_ms", "status"), [(-1, 201), (0, 400)])
def test_a_link_waits_fifteen_minutes(
    browser: Browser, real: str, late_ms: int, status: int
) -> None:
    waiting = visit(browser).json["link"]
    assert waiting["expires_at"] == browser.clock.now + 15 * MINUTE
    code = None
    browser.clock.now = waiting["expires_at"] - MINUTE
    code = browser.code(PHONE, "link")
    browser.clock.now = waiting["expires_at"] + late_ms
    body = {"link_id": waiting["link_id"], "phone": PHONE, **browser.proof(code)}
    assert browser.post("/sso/shanxi/links", body).status == status


def test_a_person_of_the_platform_has_one_account(browser: Browser, real: str) -> None:
    """Two first sign-ins that were both under way: the second phone does not get the person."""
    first, second = visit(browser).json["link"], visit(browser).json["link"]
    assert link(browser, first["link_id"]).status == 201
    browser.clock.advance(minutes=2)
    refused = link(browser, second["link_id"], OTHER_PHONE)
    assert (refused.status, refused.code) == (409, "provider_linked")


def test_the_identity_frozen_by_an_attempt_is_not_filled(browser: Browser, real: str) -> None:
    account = browser.register(PHONE).json["account_id"]
    from chalicelib.identity import service as identity

    person = identity.look_up_person(account_id=account)
    later = browser.clock.now + 60 * MINUTE
    identity.freeze(person=person, attempt_id="at", until=later, now=browser.clock.now)
    browser.clock.advance(minutes=2)
    assert link(browser, visit(browser).json["link"]["link_id"]).status == 201
    assert browser.get("/me").json["profile"]["name"] == ""


def test_lost_answers_of_the_database_harm_nothing(browser: Browser, real: str) -> None:
    with answers_lost("UpdateItem"), answers_lost("PutItem"):
        assert link(browser, visit(browser).json["link"]["link_id"]).status == 201
        assert visit(browser).json["signed_in"]
    [account] = [r for k, r in rows("ACCOUNTS_TABLE").items() if k.startswith("account#")]
    assert len(account["sign_ins"]) == 1


# --- attacks ---


def honest(browser: Browser, liar: Liar, **changes: Any) -> Answer:
    """To the liar and back."""
    liar.changes = changes
    return come_back(browser, liar.approve(begin(browser).json["authorization_url"]))


def assert_refused(browser: Browser, answer: Answer) -> None:
    assert (answer.status, answer.code) == (400, "sign_in_failed")
    assert "set-cookie" not in answer.headers
    assert not signed_in(browser)
    assert not [key for key in rows("PASSING_TABLE") if key.startswith("link#")]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_an_honest_token_is_taken(browser: Browser, liar: Liar, algorithm: str) -> None:
    liar.algorithm = algorithm
    assert honest(browser, liar).status == 201


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256 by another key"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    browser: Browser, liar: Liar, algorithm: str
) -> None:
    liar.algorithm = algorithm
    assert_refused(browser, honest(browser, liar))


FOR_OTHERS: dict[str, Callable[[int], dict[str, Any]]] = {
    "another issuer": lambda now: {"iss": "https://login.example.cn"},
    "the issuer with a slash": lambda now: {"iss": "http://127.0.0.1/"},
    "no issuer": lambda now: {"iss": None},
    "another client": lambda now: {"aud": "somebody"},
    "no client": lambda now: {"aud": None},
    "a client made of numbers": lambda now: {"aud": 7},
    "several clients, none responsible": lambda now: {"aud": [there.CLIENT_ID, "somebody"]},
    "another client's": lambda now: {"azp": "somebody"},
    "a wrong nonce": lambda now: {"nonce": "n" * 32},
    "no nonce": lambda now: {"nonce": None},
    "a nonce beyond ASCII": lambda now: {"nonce": "号码"},
    "no subject": lambda now: {"sub": None},
    "an empty subject": lambda now: {"sub": ""},
    "a long subject": lambda now: {"sub": "s" * 256},
    "expired": lambda now: {"exp": now - 60},
    "no end": lambda now: {"exp": None},
    "an end in words": lambda now: {"exp": "tomorrow"},
    "no beginning": lambda now: {"iat": None},
    "from the future": lambda now: {"iat": now + 61},
    "old": lambda now: {"iat": now - 661},
    "not valid yet": lambda now: {"nbf": now + 61},
}


@pytest.mark.parametrize("lie", FOR_OTHERS)
def test_a_token_for_something_else_is_refused(browser: Browser, liar: Liar, lie: str) -> None:
    now = browser.clock.now // 1000
    assert_refused(browser, honest(browser, liar, **FOR_OTHERS[lie](now)))


AT_THE_EDGE: dict[str, Callable[[int], dict[str, Any]]] = {
    "expired a minute ago, less a second": lambda now: {"exp": now - 59},
    "a minute from the future": lambda now: {"iat": now + 60},
    "eleven minutes old": lambda now: {"iat": now - 660},
    "valid in a minute": lambda now: {"nbf": now + 60},
    "a list of one client": lambda now: {"aud": [there.CLIENT_ID]},
    "several clients, we are responsible": lambda now: {
        "aud": [there.CLIENT_ID, "somebody"],
        "azp": there.CLIENT_ID,
    },
    "the longest subject": lambda now: {"sub": "s" * 255},
}


@pytest.mark.parametrize("claim", AT_THE_EDGE)
def test_a_token_at_the_edge_is_taken(browser: Browser, liar: Liar, claim: str) -> None:
    now = browser.clock.now // 1000
    assert honest(browser, liar, **AT_THE_EDGE[claim](now)).status == 201


def test_the_return_of_another_browser_signs_nobody_in(browser: Browser, liar: Liar) -> None:
    """Somebody sends me a link that would sign me in as them; my own sign-in is not disturbed by it."""
    victim = Browser(browser.clock)
    begin(victim)  # has a cookie of its own
    theirs = liar.approve(begin(browser).json["authorization_url"])
    assert_refused(victim, come_back(victim, theirs))
    assert_refused(Browser(browser.clock), come_back(Browser(browser.clock), theirs))
    assert come_back(browser, theirs).status == 201  # it was not used up


def test_a_return_works_once(browser: Browser, liar: Liar) -> None:
    back = liar.approve(begin(browser).json["authorization_url"])
    assert come_back(browser, back).status == 201
    again = come_back(browser, back)
    assert (again.status, again.code) == (400, "sign_in_failed")


def test_a_return_at_the_same_moment_works_once(browser: Browser, liar: Liar) -> None:
    back = liar.approve(begin(browser).json["authorization_url"])
    liar.codes |= {"again": liar.codes[back.code]}
    cookie = browser.cookie.partition("=")[2]

    def return_with(code: str) -> Any:
        return sso.come_back(
            provider="shanxi", code=code, state=back.state, browser=cookie, now=browser.clock.now
        )

    both = at_once([lambda: return_with(back.code), lambda: return_with("again")])
    assert both.count("sign_in_failed") == 1


def test_a_made_up_state_is_refused(browser: Browser, liar: Liar) -> None:
    back = liar.approve(begin(browser).json["authorization_url"])
    assert_refused(browser, come_back(browser, there.Back(back.code, "s" * 32, back.address)))


def test_a_code_of_another_sign_in_is_refused(browser: Browser, liar: Liar) -> None:
    """An injected code fails at the provider: it belongs to another verifier."""
    thief = Browser(browser.clock)
    stolen = liar.approve(begin(thief).json["authorization_url"])
    mine = liar.approve(begin(browser).json["authorization_url"])
    assert_refused(browser, come_back(browser, there.Back(stolen.code, mine.state, mine.address)))


def test_a_code_that_the_provider_has_forgotten_is_refused(browser: Browser, liar: Liar) -> None:
    back = liar.approve(begin(browser).json["authorization_url"])
    liar.codes.clear()
    assert_refused(browser, come_back(browser, back))


@pytest.mark.parametrize(("late_ms", "status"), [(-1, 201), (0, 400)])
def test_a_sign_in_lasts_ten_minutes(
    browser: Browser, liar: Liar, late_ms: int, status: int
) -> None:
    begun = begin(browser)
    back = liar.approve(begun.json["authorization_url"])
    assert begun.json["expires_at"] == browser.clock.now + 10 * MINUTE
    browser.clock.now = begun.json["expires_at"] + late_ms
    liar.now_s = browser.clock.now // 1000
    assert come_back(browser, back).status == status


def test_the_same_subject_of_another_issuer_is_another_person(
    browser: Browser, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = link(browser, honest(browser, liar).json["link"]["link_id"]).json["signed_in"]
    with there.lying_provider() as other:
        set_up_again(monkeypatch, other)
        stranger = Browser(browser.clock)
        back = honest(stranger, other)
        assert back.json["signed_in"] is None and back.json["link"]
        browser.clock.advance(minutes=2)
        theirs = link(stranger, back.json["link"]["link_id"], OTHER_PHONE).json["signed_in"]
    assert theirs["account_id"] != mine["account_id"]


def set_up_again(monkeypatch: pytest.MonkeyPatch, other: Liar) -> None:
    known = [{**SHANXI, "issuer": other.issuer}]
    monkeypatch.setenv("SIGN_IN_PROVIDERS", json.dumps(known))
    reload()


def test_the_return_of_another_provider_is_refused(
    browser: Browser, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code of one provider is never shown to another one."""
    with there.lying_provider() as other:
        known = [{**SHANXI, "issuer": liar.issuer}]
        known += [{**SHANXI, "provider": "other", "issuer": other.issuer}]
        monkeypatch.setenv("SIGN_IN_PROVIDERS", json.dumps(known))
        reload()
        back = liar.approve(begin(browser).json["authorization_url"])
        body = {"code": back.code, "state": back.state}
        assert_refused(browser, browser.post("/sso/other/sessions", body))
        assert other.asked == []


@pytest.mark.parametrize(
    "page",
    [
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https://evil.example/",
        {"page": "//evil.example"},
        {"page": "javascript:alert(1)"},
        {"page": "exam_detail", "exam_id": "//evil"},
        {"page": "exam_detail", "exam_id": "/\\evil"},
        {"page": "exam_detail", "exam_id": "javascript:1"},
        {"page": "exam_detail", "exam_id": "x" * 65},
        {"page": "exam_detail", "exam_id": "x\n"},
        {"page": "exam_detail"},
        {"page": "portal", "exam_id": "ex-2027"},
        {"page": "portal", "url": "https://evil.example"},
        {"page": "exam_detail", "exam_id": "ex-2027", "next": "/me"},
    ],
)
def test_a_return_to_anything_but_a_page_of_ours_is_refused(
    browser: Browser, liar: Liar, page: Any
) -> None:
    answer = begin(browser, page)
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert not [key for key in rows("PASSING_TABLE") if key.startswith("sign_in#")]


def test_a_page_of_another_site_cannot_begin(browser: Browser, liar: Liar) -> None:
    body = {"agreements": BOTH}
    foreign = {"Origin": "https://evil.example"}
    answer = browser.call("POST", "/sso/shanxi/requests", body, headers=foreign)
    assert (answer.status, answer.code) == (403, "foreign_origin")


def test_the_cookie_is_for_the_server_alone(browser: Browser, liar: Liar) -> None:
    cookie = begin(browser).headers["set-cookie"]
    assert cookie.startswith("sign-in=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_two_tabs_may_sign_in_at_once(browser: Browser, liar: Liar) -> None:
    first = liar.approve(begin(browser).json["authorization_url"])
    second = liar.approve(begin(browser).json["authorization_url"])
    assert come_back(browser, second).status == 201
    assert come_back(browser, first).status == 201


def test_an_address_begins_120_sign_ins_an_hour(browser: Browser, liar: Liar) -> None:
    hour = browser.clock.now - browser.clock.now % (60 * MINUTE)
    browser.clock.now = hour
    assert {begin(browser).status for _ in range(120)} == {201}
    refused = begin(browser)
    assert (refused.status, refused.headers["retry-after"]) == (429, "3600")


# --- a bad day of the provider ---


def test_what_the_provider_says_is_asked_for_once(browser: Browser, liar: Liar) -> None:
    for _ in range(3):
        honest(browser, liar)
    asked = [path for path, _, _ in liar.asked]
    assert asked.count("/.well-known/openid-configuration") == asked.count("/jwks") == 1
    browser.clock.now += 60 * MINUTE
    liar.now_s = browser.clock.now // 1000
    honest(browser, liar)
    assert [path for path, _, _ in liar.asked].count("/jwks") == 2


def test_a_new_key_of_the_provider_is_fetched_when_it_is_met(browser: Browser, liar: Liar) -> None:
    liar.published = ["ES256"]
    liar.algorithm = "ES256"
    assert honest(browser, liar).status == 201
    liar.published = ["ES256", "RS256"]
    liar.algorithm = "RS256"
    assert honest(browser, liar).status == 201
    liar.published = ["ES256"]
    providers.forget()
    liar.asked.clear()
    assert honest(browser, liar).code == "sign_in_failed"
    assert [path for path, _, _ in liar.asked].count("/jwks") == 2  # once more, not for ever


def test_the_client_secret_goes_to_the_token_endpoint_only(browser: Browser, liar: Liar) -> None:
    honest(browser, liar)
    for path, form, headers in liar.asked:
        assert ("Authorization" in headers) == (path == "/token")
        assert there.CLIENT_SECRET not in str(form)
    liar.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    providers.forget()
    liar.asked.clear()
    honest(browser, liar)
    [form] = [form for path, form, _ in liar.asked if path == "/token"]
    assert form["client_secret"] == there.CLIENT_SECRET


def test_a_provider_without_a_client_secret_is_spoken_to_as_a_public_client(
    browser: Browser, liar: Liar
) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="partners", SecretString="{}")
    secrets.forget()
    assert honest(browser, liar).status == 201
    [(form, headers)] = [(form, headers) for path, form, headers in liar.asked if path == "/token"]
    assert form["client_id"] == there.CLIENT_ID and "client_secret" not in form
    assert "Authorization" not in headers


DISCOVERY = "/.well-known/openid-configuration"
BAD_DAYS: dict[str, dict[str, tuple[int, bytes]]] = {
    "broken": {DISCOVERY: (500, b"")},
    "moved": {DISCOVERY: (302, b"")},
    "garbage": {DISCOVERY: (200, b"<html>")},
    "a list": {DISCOVERY: (200, b"[]")},
    "nothing in it": {DISCOVERY: (200, b"{}")},
    "endless": {DISCOVERY: (200, b" " * 300_000)},
}


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_provider_that_is_down_is_said_to_be_down_and_nothing_is_kept(
    browser: Browser, liar: Liar, day: str
) -> None:
    liar.answers = BAD_DAYS[day]
    answer = begin(browser)
    assert (answer.status, answer.code) == (503, "provider_unavailable")
    assert answer.headers["retry-after"] == "10"
    assert "山西政府采购平台" in answer.json["error"]["message"]
    assert not [key for key in rows("PASSING_TABLE") if key.startswith("sign_in#")]


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://login.example.cn"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "ftp://127.0.0.1/"},
        {"jwks_uri": "http://["},
    ],
)
def test_a_document_that_speaks_for_others_is_not_followed(
    browser: Browser, liar: Liar, metadata: dict[str, str]
) -> None:
    liar.metadata = metadata
    assert begin(browser).code == "provider_unavailable"


def test_on_aws_nothing_goes_over_plain_http(
    browser: Browser, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    reload()
    assert begin(browser).code == "provider_unavailable"
    assert liar.asked == []


@pytest.mark.parametrize(
    "answers",
    [
        {"/token": (500, b"")},
        {"/token": (401, b'{"error": "invalid_client"}')},
        {"/token": (200, b"{}")},
        {"/token": (200, b"\xff")},
        {"/jwks": (503, b"")},
        {"/jwks": (200, b'{"keys": 7}')},
        {"/jwks": (200, b"{}")},
    ],
)
def test_whoever_comes_back_while_the_provider_is_down_may_come_again(
    browser: Browser, liar: Liar, answers: dict[str, tuple[int, bytes]]
) -> None:
    back = liar.approve(begin(browser).json["authorization_url"])
    before = everything_stored()
    liar.answers = answers
    answer = come_back(browser, back)
    assert (answer.status, answer.code) == (503, "provider_unavailable")
    assert everything_stored() == before
    liar.answers = {}
    liar.codes.setdefault(back.code, {**asked_of(before, back), **challenge_of(before)})
    assert come_back(browser, back).status == 201


def asked_of(stored: dict[str, Any], back: there.Back) -> dict[str, str]:
    [row] = [r for k, r in stored["PASSING_TABLE"].items() if k.startswith("sign_in#")]
    return {"nonce": row["nonce"], "redirect_uri": back.address, "state": back.state}


def challenge_of(stored: dict[str, Any]) -> dict[str, str]:
    [row] = [r for k, r in stored["PASSING_TABLE"].items() if k.startswith("sign_in#")]
    return {
        "code_challenge": providers.challenge(row["verifier"]),
        "code_challenge_method": "S256",
    }


def test_a_provider_that_never_answers_is_not_waited_for(
    browser: Browser, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "_LIMITS", http.Limits(connect_s=60, read_s=0.2, total_s=60))
    liar.silent = threading.Event()
    assert begin(browser).code == "provider_unavailable"


def test_a_bad_day_of_our_own_is_told_too(browser: Browser, liar: Liar) -> None:
    back = liar.approve(begin(browser).json["authorization_url"])
    with failing("secretsmanager"):
        assert come_back(browser, back).code == "service_busy"
    assert come_back(browser, back).status == 201


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert providers.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_logs_name_neither_person_nor_code(
    browser: Browser, real: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = begin(browser, EXAM).json["authorization_url"]
    back = there.sign_in_there(url)
    answer = come_back(browser, back)
    link(browser, answer.json["link"]["link_id"])
    told = capsys.readouterr().out
    for private in ("王敏", "wang", back.code, back.state, PHONE, answer.json["link"]["link_id"]):
        assert private not in told
