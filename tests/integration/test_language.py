"""The language of answers: `Accept-Language` decides it, in refusals and in what views say."""

import re

import pytest

import app  # noqa: F401  (registers every route)
from chalicelib.handlers.endpoint import ROUTES, Role, Route
from chalicelib.shared.languages import Language
from tests.api import Api, publish
from tests.clock import T0
from tests.faults import messages, rows
from tests.integration.endpoints import PHONE, call

CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,zh-CN;q=0.5"}


@pytest.mark.parametrize(
    ("headers", "language", "message"),
    [
        ({}, "zh-CN", "请先登录"),
        ({"Accept-Language": "fr"}, "zh-CN", "请先登录"),
        ({"Accept-Language": ";;q=x,\x7f"}, "zh-CN", "请先登录"),
        (ENGLISH, "en", "Please sign in first"),
    ],
)
def test_a_refusal_is_said_in_the_language_that_is_asked_for(
    api: Api, headers: dict[str, str], language: str, message: str
) -> None:
    answer = api.call("GET", "/me", headers=headers)
    assert (answer.code, answer.json["error"]["message"]) == ("not_signed_in", message)
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"


OURS = [entry for entry in ROUTES if entry.role is not Role.PARTNER and entry.body is not None]


@pytest.mark.parametrize("entry", OURS, ids=lambda entry: f"{entry.method} {entry.path}")
def test_every_route_refuses_in_english(api: Api, entry: Route) -> None:
    assert api.register().status == 201
    answer = call(api, entry, raw=b"[]", headers=ENGLISH)
    assert answer.status >= 400
    assert answer.headers["content-language"] == Language.EN
    assert not CHINESE.search(answer.json["error"]["message"]), answer


def test_what_caches_keep_is_the_same_in_all_languages(api: Api) -> None:
    api.clock.now = T0 - 40 * 60_000
    assert publish("agency-practitioners", T0)["ok"]
    assert api.register().status == 201
    answer = api.get("/exams")
    english = api.call("GET", "/exams", headers=ENGLISH)
    assert english.text == answer.text
    assert "content-language" not in english.headers
    assert "vary" not in english.headers
    assert english.headers["cache-control"].startswith("public")


def test_a_code_is_sent_in_the_language_of_the_request_and_the_account_remembers_it(
    api: Api,
) -> None:
    assert api.register().status == 201
    api.clock.advance(s=60)
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    sent = api.call("POST", "/codes", {**body, "captcha_answer": answer}, headers=ENGLISH)
    assert sent.status == 202
    text = messages()[-1][1]
    assert text.startswith("[Kaochang] Your code is ")
    [code] = re.findall(r"\d{6}", text)
    assert remembered() == "zh-CN"
    body = {"phone": PHONE, **api.proof(code), "agreements": ["user-service", "privacy"]}
    assert api.call("POST", "/sessions", body, headers=ENGLISH).status == 201
    assert remembered() == "en"


def remembered() -> str:
    """The language of the one account."""
    [item] = [row for pk, row in rows("ACCOUNTS_TABLE").items() if pk.startswith("account#")]
    assert {one["language"] for one in item["consents"].values()} == {item["language"]}
    return str(item["language"])


def test_an_agreement_comes_as_a_translation_with_the_hash_of_the_chinese_text(api: Api) -> None:
    chinese = api.get("/agreements/privacy").json
    answer = api.call("GET", "/agreements/privacy", headers=ENGLISH)
    assert (chinese["language"], answer.json["language"]) == ("zh-CN", "en")
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.json["title"] == "Privacy Policy"
    assert "The Chinese text 《隐私协议》 alone is binding" in answer.json["text"]
    assert answer.json["sha256"] == chinese["sha256"]


@pytest.mark.parametrize(("headers", "language"), [({}, "zh-CN"), (ENGLISH, "en")])
def test_a_ticket_keeps_the_language_that_it_was_written_in(
    api: Api, headers: dict[str, str], language: str
) -> None:
    assert api.register().status == 201
    body = {"request_id": "ticket-0001", "trouble": "other", "text": "help"}
    ticket = api.call("POST", "/tickets", body, headers=headers).json
    assert rows("CASES_TABLE")[ticket["ticket_id"]]["language"] == language
