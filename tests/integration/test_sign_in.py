"""Signing in and registering over HTTP: what works once, what runs out, and what tells nobody anything."""

import base64
import functools
import io
import re
import wave
from typing import Any

import pytest

from chalicelib.accounts import service as accounts
from chalicelib.accounts import store
from chalicelib.accounts.consents import CURRENT, Ticks
from chalicelib.accounts.model import AudienceRole, CaptchaFormat, Purpose
from chalicelib.accounts.phones import Proof, challenge_key, phone_hash
from chalicelib.shared import sealed, table
from chalicelib.shared.errors import TooMany
from chalicelib.shared.languages import Language
from tests.api import Answer, Api, newest_code
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, everything_stored, failing, messages, rows
from tests.integration.signing_in import (
    BOTH,
    OTHER_PHONE,
    PHONE,
    ask_code,
    elsewhere,
    sign_in,
    wrong,
)

HOUR = 3_600_000


def full_width(digits: str) -> str:
    """As a Chinese keyboard may type them."""
    return digits.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})


# --- the captcha ---


def test_a_captcha_is_a_picture_and_its_answer_stays_on_the_server(api: Api) -> None:
    answer = api.post("/captchas", {"phone": PHONE, "purpose": "sign_in"})
    picture = base64.b64decode(answer.json["content"].removeprefix("data:image/png;base64,"))
    assert picture.startswith(b"\x89PNG")
    assert set(answer.json) == {"captcha_id", "content", "expires_at"}
    assert answer.json["expires_at"] == api.clock.now + 120_000


def test_who_cannot_see_a_captcha_hears_one(api: Api) -> None:
    answer = api.post("/captchas", {"phone": PHONE, "purpose": "sign_in", "format": "audio"})
    speech = base64.b64decode(answer.json["content"].removeprefix("data:audio/wav;base64,"))
    with wave.open(io.BytesIO(speech)) as opened:
        seconds = opened.getnframes() / opened.getframerate()
    assert 5 < seconds < 20  # four digits with one to three seconds between them
    assert set(answer.json) == {"captcha_id", "content", "expires_at"}
    assert answer.json["expires_at"] == api.clock.now + 120_000


def test_a_spoken_captcha_is_four_digits_and_serves_one_try(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in", "audio")
    assert re.fullmatch(r"\d{4}", answer)
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    assert api.post("/codes", {**body, "captcha_answer": full_width(answer)}).status == 202
    api.clock.advance(s=61)
    assert api.post("/codes", {**body, "captcha_answer": answer}).code == "captcha_wrong"
    assert len(messages()) == 1


def test_on_aws_even_the_table_does_not_hold_a_captchas_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.shared import settings

    monkeypatch.setenv("STAGE", "prod")
    settings.settings.cache_clear()
    accounts.create_captcha(
        phone=PHONE,
        purpose=Purpose.SIGN_IN,
        given_as=CaptchaFormat.PICTURE,
        address="a",
        now=api.clock.now,
    )
    [row] = [row for key, row in rows("PASSING_TABLE").items() if key.startswith("captcha#")]
    assert set(row) == {"pk", "answer_hash", "expires_at", "expires_at_s"}


def test_small_letters_and_blanks_answer_a_captcha_too(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    assert api.post("/codes", {**body, "captcha_answer": f" {answer.lower()} "}).status == 202


def test_a_captcha_serves_one_right_answer(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    body["captcha_answer"] = answer
    assert api.post("/codes", body).status == 202
    api.clock.advance(s=61)
    assert api.post("/codes", body).code == "captcha_wrong"
    assert len(messages()) == 1


def test_a_captcha_serves_one_wrong_answer(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    assert api.post("/codes", {**body, "captcha_answer": "0000"}).code == "captcha_wrong"
    assert api.post("/codes", {**body, "captcha_answer": answer}).code == "captcha_wrong"
    assert messages() == []


def test_a_captcha_answered_by_many_at_once_sends_one_code(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    ask = functools.partial(
        accounts.send_code,
        language=Language.ZH,
        phone=PHONE,
        purpose=Purpose.SIGN_IN,
        captcha_id=captcha_id,
        captcha_answer=answer,
        address="a",
        now=api.clock.now,
    )
    outcomes = at_once([ask] * 8)
    assert outcomes.count("captcha_wrong") == 7
    assert len(messages()) == 1


def test_a_right_captcha_stays_right_when_an_answer_of_dynamodb_gets_lost(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    with answers_lost("UpdateItem"), answers_lost("DeleteItem"):
        assert api.post("/codes", {**body, "captcha_answer": answer}).status == 202
    assert len(messages()) == 1


@pytest.mark.parametrize(
    "changes", [{"phone": OTHER_PHONE}, {"purpose": "register"}, {"captcha_id": "cp_unknown"}]
)
def test_a_captcha_is_for_its_phone_and_purpose_only(api: Api, changes: dict[str, str]) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    answer = api.post("/codes", {**body, "captcha_answer": answer, **changes})
    assert (answer.status, answer.code) == (400, "captcha_wrong")
    assert messages() == []


@pytest.mark.parametrize(("age_ms", "code"), [(119_999, None), (120_000, "captcha_wrong")])
def test_a_captcha_lives_less_than_two_minutes(api: Api, age_ms: int, code: str | None) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    api.clock.advance(ms=age_ms)
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    assert api.post("/codes", {**body, "captcha_answer": answer}).code == code


def test_an_address_draws_120_captchas_an_hour(api: Api) -> None:
    draw = functools.partial(store.spend_budget, "captcha", "who", accounts.model.CAPTCHA_WINDOWS)
    for _ in range(120):
        draw(api.clock.now)
    assert at_once([lambda: draw(api.clock.now)]) == ["too_many_requests"]
    assert at_once([lambda: draw(api.clock.now + HOUR)]) == [None]


# --- the code ---


def test_a_code_is_six_digits_for_five_minutes(registered: Api) -> None:
    answer = ask_code(registered)
    now = registered.clock.now
    assert (answer.status, answer.json) == (
        202,
        {
            "challenge_id": registered.challenge_id,
            "guesses": 5,
            "expires_at": now + 300_000,
            "resend_at": now + 60_000,
        },
    )
    number, text = messages()[-1]
    assert number == f"+86{PHONE}"
    assert newest_code().isdecimal()
    assert len(newest_code()) == 6
    assert newest_code() in text
    assert len(text) <= 70  # one SMS


def test_signing_in_by_phone_works(registered: Api) -> None:
    answer = sign_in(registered, registered.code(PHONE, "sign_in"))
    assert answer.status == 201
    assert answer.json["phone"] == "138****8000"
    assert answer.json["expires_at"] == registered.clock.now + 12 * HOUR
    assert registered.get("/me").json["account_id"] == answer.json["account_id"]


@pytest.mark.parametrize(("age_ms", "status"), [(299_999, 201), (300_000, 400)])
def test_a_code_lives_less_than_five_minutes(registered: Api, age_ms: int, status: int) -> None:
    code = registered.code(PHONE, "sign_in")
    registered.clock.advance(ms=age_ms)
    assert sign_in(registered, code).status == status


def test_a_code_typed_in_full_width_digits_works(registered: Api) -> None:
    ask_code(registered)
    assert sign_in(registered, f" {full_width(newest_code())} ").status == 201


def test_a_code_works_once(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    assert sign_in(registered, code).status == 201
    assert sign_in(registered, code).code == "code_wrong"


def test_a_code_used_by_many_at_once_signs_in_once(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    proof = Proof(registered.challenge_id, code, "192.0.2.1")
    use = functools.partial(
        accounts.create_session,
        phone=PHONE,
        proof=proof,
        ticks=Ticks(tuple(BOTH)),
        now=registered.clock.now,
    )
    outcomes = at_once([use] * 5)
    assert outcomes.count("code_wrong") == 4


def test_the_fifth_guess_may_be_right(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    for _ in range(4):
        assert sign_in(registered, wrong(code)).code == "code_wrong"
    assert sign_in(registered, code).status == 201


def test_the_sixth_guess_is_refused_even_when_it_is_right(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    for _ in range(5):
        assert sign_in(registered, wrong(code)).code == "code_wrong"
    answer = sign_in(registered, code)
    assert (answer.status, answer.code) == (400, "code_wrong")
    assert registered.cookie == ""


def test_guessing_in_parallel_gives_no_more_than_five_guesses(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    compared: list[str] = []

    def guess(number: int) -> Any:
        challenge = challenge_key(registered.challenge_id)
        phone = phone_hash(f"+86{PHONE}")
        row = store.count_guess(challenge, phone, Purpose.SIGN_IN, registered.clock.now)
        if row is not None:
            compared.append(f"{number:06}")
        return row

    outcomes = at_once([functools.partial(guess, number) for number in range(20)])
    assert len(compared) == 5
    assert sorted(row.guesses for row in outcomes if row is not None) == [1, 2, 3, 4, 5]
    assert sign_in(registered, code).code == "code_wrong"


def test_a_code_is_for_its_purpose_and_phone_only(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    register = {"phone": PHONE, **registered.proof(code), "agreements": BOTH}
    register["role"] = "evaluation_expert"
    assert registered.post("/accounts", register).code == "code_wrong"
    assert sign_in(registered, code, OTHER_PHONE).code == "code_wrong"
    assert sign_in(registered, code).status == 201


def test_however_i_write_my_number_it_is_the_same_phone(registered: Api) -> None:
    code = registered.code("+86 138-0013-8000", "sign_in")
    assert sign_in(registered, code, "１３８００１３８０００").status == 201


def test_forgetting_to_tick_does_not_use_the_code_up(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    body = {"phone": PHONE, **registered.proof(code), "agreements": ["privacy"]}
    answer = registered.post("/sessions", body)
    assert answer.code == "agreements_required"
    assert (
        "《" in answer.json["error"]["message"] or "用户服务协议" in answer.json["error"]["message"]
    )
    assert sign_in(registered, code).status == 201


# --- budgets ---


@pytest.mark.parametrize(("wait_ms", "status"), [(59_999, 429), (60_000, 202)])
def test_a_code_is_sent_again_after_a_minute(api: Api, wait_ms: int, status: int) -> None:
    assert ask_code(api).status == 202
    api.clock.advance(ms=wait_ms)
    answer = ask_code(api)
    assert answer.status == status
    assert answer.headers.get("retry-after") == ("1" if status == 429 else None)
    assert len(messages()) == (1 if status == 429 else 2)


def test_one_minute_counts_for_both_purposes_together(api: Api) -> None:
    assert ask_code(api, purpose="sign_in").status == 202
    assert ask_code(api, purpose="register").code == "too_many_requests"


def test_a_phone_gets_five_codes_an_hour_and_ten_a_day(api: Api) -> None:
    api.clock.now = 1_799_942_400_000  # 00:00 in China
    for hour in range(2):
        for number in range(5):
            api.address = f"10.0.{hour}.{number}"
            assert ask_code(api).status == 202
            api.clock.advance(minutes=2)
        refused = ask_code(api)
        assert refused.code == "too_many_requests"
        wait_s = 3000 if hour == 0 else 82_200  # the full hour; then the next day
        assert refused.headers["retry-after"] == str(wait_s)
        api.clock.advance(minutes=50)
    assert ask_code(api).code == "too_many_requests"
    api.clock.now = 1_799_942_400_000 + 24 * HOUR - 1
    assert ask_code(api).code == "too_many_requests"
    api.clock.advance(ms=1)
    assert ask_code(api).status == 202
    assert len(messages()) == 11


def spend_address(api: Api, times: int) -> None:
    from chalicelib.shared.secrets import keyed_hash

    who = keyed_hash("address", api.address)
    for _ in range(times):
        store.spend_budget("address", who, accounts.model.ADDRESS_WINDOWS, api.clock.now)


def test_an_address_sends_twenty_codes_an_hour(api: Api) -> None:
    spend_address(api, 19)
    assert ask_code(api, "13800138001").status == 202
    assert ask_code(api, "13800138002").code == "too_many_requests"
    api.clock.advance(minutes=60)
    assert ask_code(api, "13800138002").status == 202


def test_an_address_that_spent_its_budget_cannot_spend_that_of_a_phone(api: Api) -> None:
    spend_address(api, 20)
    for _ in range(6):
        assert ask_code(api).code == "too_many_requests"
        api.clock.advance(s=61)
    assert [key for key in rows("PASSING_TABLE") if key.startswith("budget#phone")] == []


def test_many_requests_at_once_spend_no_more_than_the_budget(api: Api) -> None:
    windows = accounts.model.ADDRESS_WINDOWS
    spend = functools.partial(store.spend_budget, "address", "who", windows, api.clock.now)
    outcomes = at_once([spend] * 25)
    assert (outcomes.count(None), outcomes.count("too_many_requests")) == (20, 5)


def test_expired_rows_are_invisible_though_nobody_removed_them(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    captcha_id, answer = registered.captcha(PHONE, "sign_in")
    registered.clock.advance(minutes=30)
    stored = rows("PASSING_TABLE")
    assert any(key.startswith("challenge#") for key in stored)
    assert sign_in(registered, code).code == "code_wrong"
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    assert registered.post("/codes", {**body, "captcha_answer": answer}).code == "captcha_wrong"
    assert all(row["expires_at_s"] * 1000 > row["expires_at"] for row in stored.values())


# --- a bad day ---


@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem"])
def test_no_code_is_sent_while_the_budget_cannot_be_counted(api: Api, operation: str) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    with failing("dynamodb", operation):
        refused = api.post("/codes", {**body, "captcha_answer": answer})
    assert (refused.status, refused.code) == (503, "service_busy")
    assert int(refused.headers["retry-after"]) > 0
    assert messages() == []


def test_a_provider_that_takes_no_message_is_told_as_such(api: Api) -> None:
    captcha_id, answer = api.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    with failing("sns"):
        refused = api.post("/codes", {**body, "captcha_answer": answer})
    assert (refused.status, refused.code) == (503, "service_busy")
    api.clock.advance(s=60)
    assert ask_code(api).status == 202


@pytest.mark.parametrize("code", ["Throttling", "AuthorizationError"])
def test_a_code_that_the_provider_refused_is_not_counted(api: Api, code: str) -> None:
    assert ask_code(api).status == 202
    api.clock.advance(s=60)
    for _ in range(6):  # more than the phone may have in an hour
        with failing("sns", code=code):
            assert ask_code(api).code == "service_busy"
    for _ in range(4):
        assert ask_code(api).status == 202
        api.clock.advance(s=60)
    assert ask_code(api).status == 429  # the sixth code within the hour


@pytest.mark.parametrize("code", ["OptedOut", "InternalServerError"])
def test_a_code_that_may_be_sent_or_can_never_be_is_counted(api: Api, code: str) -> None:
    with failing("sns", code=code):
        assert ask_code(api).code == "service_busy"
        assert ask_code(api).status == 429
        api.clock.advance(s=59)
        assert ask_code(api).status == 429
        api.clock.advance(s=1)
        assert ask_code(api).code == "service_busy"


def test_a_use_is_taken_back_once_and_never_below_none(api: Api) -> None:
    windows = (accounts.model.Window("hour", 3_600_000, 1),)
    now = api.clock.now
    store.return_budget("phone", "x", windows, now)
    store.spend_budget("phone", "x", windows, now, apart_ms=60_000)
    store.return_budget("phone", "x", windows, now)
    store.return_budget("phone", "x", windows, now)
    store.spend_budget("phone", "x", windows, now, apart_ms=60_000)
    with pytest.raises(TooMany):
        store.spend_budget("phone", "x", windows, now)


@pytest.mark.parametrize("operation", ["GetItem", "UpdateItem"])
def test_nobody_is_signed_in_while_the_tables_do_not_answer(
    registered: Api, operation: str
) -> None:
    code = registered.code(PHONE, "sign_in")
    with failing("dynamodb", operation):
        refused = sign_in(registered, code)
    assert (refused.status, refused.code) == (503, "service_busy")
    assert "set-cookie" not in refused.headers


# --- nothing is told about who is registered ---


def comparable(answer: Answer) -> tuple[Any, ...]:
    calls = {call for call in answer.headers["aws-calls"].split(", ") if "Secret" not in call}
    apart = ("captcha_id", "content", "challenge_id")
    body = {key: value for key, value in answer.json.items() if key not in apart}
    return answer.status, body, calls, set(answer.headers)


def test_an_unknown_phone_is_answered_like_a_known_one(registered: Api) -> None:
    api = registered
    seen: dict[str, list[Any]] = {PHONE: [], OTHER_PHONE: []}
    for phone, steps in seen.items():
        for purpose in ("sign_in", "register"):
            request = {"phone": phone, "purpose": purpose}
            steps.append(comparable(api.post("/captchas", request)))
            steps.append(comparable(ask_code(api, phone, purpose)))
            steps.append(comparable(ask_code(api, phone, purpose)))  # too soon
            guess = wrong(newest_code())
            steps.append(comparable(sign_in(api, guess, phone)))
            register = {"phone": phone, **api.proof(guess), "agreements": BOTH}
            register["role"] = "evaluation_expert"
            steps.append(comparable(api.post("/accounts", register)))
    assert seen[PHONE] == seen[OTHER_PHONE]
    assert [step[0] for step in seen[PHONE]][:5] == [201, 202, 429, 400, 400]


def test_only_who_proved_the_phone_learns_that_it_is_unknown(registered: Api) -> None:
    answer = sign_in(registered, registered.code(OTHER_PHONE, "sign_in"), OTHER_PHONE)
    assert (answer.status, answer.code) == (404, "account_unknown")
    until = registered.clock.now + 15 * 60_000
    assert answer.json["error"]["details"] == {"register_until": until}
    assert "set-cookie" not in answer.headers


def test_only_who_proved_the_phone_learns_that_it_is_taken(registered: Api) -> None:
    before = rows("ACCOUNTS_TABLE")
    code = registered.code(PHONE, "register")
    body = {"phone": PHONE, "agreements": BOTH, "role": "evaluation_expert"}
    assert (
        registered.post("/accounts", {**body, **registered.proof(wrong(code))}).code == "code_wrong"
    )
    answer = registered.post("/accounts", {**body, **registered.proof(code)})
    assert (answer.status, answer.code) == (409, "phone_taken")
    assert "set-cookie" not in answer.headers
    assert rows("ACCOUNTS_TABLE") == before


def test_no_phone_code_or_captcha_is_written_to_the_log(
    registered: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    captcha_id, answer = registered.captcha(PHONE, "sign_in")
    body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": captcha_id}
    registered.post("/codes", {**body, "captcha_answer": answer})
    code = newest_code()
    sign_in(registered, wrong(code))
    registered.post("/sessions", {"phone": PHONE, **registered.proof(code), "agreements": []})
    with pytest.MonkeyPatch.context() as patch:  # a bug whose message quotes everything
        patch.setattr(store, "count_guess", lambda *_: {}[f"{PHONE} {code}"])
        assert sign_in(registered, code).code == "internal_error"
    sign_in(registered, code)
    logged = capsys.readouterr()
    assert logged.out.count('"event": "request"') == 6
    challenge_id = registered.challenge_id
    for secret in (PHONE, code, wrong(code), answer, captcha_id, challenge_id, "privacy"):
        assert secret not in logged.out + logged.err


# --- registering ---

FORM = {"role": "evaluation_expert", "name": " 张三 ", "organisation": "某公司", "region": "太原"}


def register(api: Api, phone: str = PHONE, **changes: Any) -> Answer:
    body = {"phone": phone, **api.proof(api.code(phone, "register")), "agreements": BOTH}
    return api.post("/accounts", {**body, **FORM, **changes})


def test_registering_signs_in_and_keeps_what_the_form_said(api: Api) -> None:
    answer = register(api)
    assert answer.status == 201
    me = api.get("/me").json
    assert me["phone"] == "138****8000"
    assert me["profile"]["name"] == "张三"
    assert (me["profile"]["role"], me["profile"]["region"]) == ("evaluation_expert", "太原")
    assert me["missing"] == ["id_photo", "id_type", "id_number"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "\u202e三张"}, "name_invalid"),
        ({"name": "<b>"}, "name_invalid"),
        ({"organisation": "a\nb"}, "text_invalid"),
        ({"region": " "}, "text_invalid"),
        ({"organisation": "字" * 101}, "text_invalid"),
        ({"agreements": ["user-service"]}, "agreements_required"),
    ],
)
def test_a_wrong_form_is_refused_before_the_code_is_used(
    api: Api, changes: dict[str, Any], code: str
) -> None:
    assert register(api, **changes).code == code
    assert rows("ACCOUNTS_TABLE") == {}
    body = {"phone": PHONE, **api.proof(newest_code()), "agreements": BOTH}
    assert api.post("/accounts", {**body, **FORM}).status == 201


def test_a_consent_keeps_version_hash_and_moment_of_each_text(api: Api) -> None:
    account_id = register(api).json["account_id"]
    kept = rows("ACCOUNTS_TABLE")[f"account#{account_id}"]["consents"]
    assert set(kept) == set(BOTH)
    for name, consent in kept.items():
        text = api.get(f"/agreements/{name}").json
        assert consent["version"] == text["version"]
        assert consent["sha256"] == text["sha256"]
        assert consent["at"] == api.clock.now


def test_signing_in_again_renews_the_consent(registered: Api) -> None:
    account_id = sign_in(registered, registered.code(PHONE, "sign_in")).json["account_id"]
    kept = rows("ACCOUNTS_TABLE")[f"account#{account_id}"]["consents"]
    assert {consent["at"] for consent in kept.values()} == {registered.clock.now}


def consents() -> list[tuple[str, int]]:
    """Every consent ever given: which, and when."""
    kept = rows("ACCOUNTS_TABLE")
    found = [row for key, row in kept.items() if key.startswith("consent#")]
    assert all(len(row["sha256"]) == 64 for row in found)
    assert all(row["version"] == CURRENT[row["agreement"]] for row in found)
    return sorted((row["agreement"], row["at"]) for row in found)


def test_each_consent_is_kept_whatever_comes_after_it(registered: Api) -> None:
    first = consents()
    assert [name for name, _ in first] == sorted(BOTH)
    registered.clock.advance(minutes=2)
    code, again = registered.code(PHONE, "sign_in"), registered.clock.now
    sign_in(registered, code)
    assert consents() == sorted([*first, *((name, again) for name in BOTH)])


@pytest.mark.parametrize("version", [CURRENT["privacy"] - 1, CURRENT["privacy"]])
def test_a_consent_to_an_earlier_version_stays_in_the_account(
    registered: Api, version: int
) -> None:
    """The account was made by a release with an earlier text, or with the same."""
    [key] = [key for key in rows("ACCOUNTS_TABLE") if key.startswith("account#")]
    old = {"agreement": "privacy", "version": version, "sha256": "0" * 64, "at": 7}
    stored = rows("ACCOUNTS_TABLE")[key]
    table.put(
        ENVIRONMENT["ACCOUNTS_TABLE"],
        {**stored, "consents": {**stored["consents"], "privacy": old}},
    )
    for _ in range(2):  # the second time replaces nothing
        sign_in(registered, registered.code(PHONE, "sign_in"))
        registered.clock.advance(s=60)
    kept = rows("ACCOUNTS_TABLE")[key]["consents"]
    replaced = {"privacy-v2": old} if version < CURRENT["privacy"] else {}
    assert {name: kept[name] for name in kept if name not in BOTH} == replaced
    assert kept["privacy"]["version"] == CURRENT["privacy"]


def test_an_ended_session_replaces_no_consent(registered: Api) -> None:
    [key] = [key for key in rows("ACCOUNTS_TABLE") if key.startswith("account#")]
    account_id, before = key.partition("#")[2], rows("ACCOUNTS_TABLE")[key]
    newer = {**before["consents"]["privacy"], "version": CURRENT["privacy"] + 1}
    assert not store.add_consents(account_id, [newer], before["session_version"] + 1)
    assert rows("ACCOUNTS_TABLE")[key] == before


def test_a_write_whose_answer_got_lost_is_not_taken_for_somebody_elses(registered: Api) -> None:
    """Neither does it count twice: an hour has room for five messages."""
    registered.clock.advance(minutes=60)
    with answers_lost():
        for _ in range(4):
            code = registered.code(PHONE, "sign_in")
            registered.clock.advance(s=60)
        assert sign_in(registered, code).status == 201
        assert sign_in(registered, code).code == "code_wrong"  # used up, and not by a repeat
        registered.code(PHONE, "sign_in")
    registered.clock.advance(s=60)
    assert ask_code(registered).code == "too_many_requests"


def test_the_fifth_guess_counts_though_its_answer_got_lost(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    wrong = "000000" if code != "000000" else "111111"
    with answers_lost():
        for _ in range(4):
            assert sign_in(registered, wrong).code == "code_wrong"
        assert sign_in(registered, code).status == 201


def test_the_phone_is_nowhere_in_clear(api: Api) -> None:
    account_id = register(api).json["account_id"]
    stored = repr(everything_stored())
    assert PHONE not in stored
    item = rows("ACCOUNTS_TABLE")[f"account#{account_id}"]
    assert sealed.unseal(item["phone_sealed"], f"{account_id}/phone") == f"+86{PHONE}"


def test_registering_at_once_from_two_windows_makes_one_account(api: Api) -> None:
    """Both have proven the phone; one row says whose it is."""
    from chalicelib.shared import ids

    now, hashed = api.clock.now, phone_hash(f"+86{PHONE}")

    def make() -> Any:
        account_id = store.claim_phone(hashed, ids.new_id("ac_"))
        return store.put_account(
            account_id, {"version": 1, "created_at": now, "by": ids.new_id("")}
        )

    assert sorted(at_once([make] * 6)) == [False] * 5 + [True]
    kept = rows("ACCOUNTS_TABLE")
    assert len(kept) == 2
    [account_id] = [key for key in kept if key.startswith("account#")]
    assert kept[f"phone#{hashed}"]["account_id"] == account_id.removeprefix("account#")


def test_a_crash_between_phone_and_account_is_healed_by_the_next_try(api: Api) -> None:
    code = api.code(PHONE, "register")
    body = {"phone": PHONE, **api.proof(code), "agreements": BOTH, **FORM}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "put_account", lambda *_: (_ for _ in ()).throw(OSError("crash")))
        assert api.post("/accounts", body).code == "internal_error"
    assert len(rows("ACCOUNTS_TABLE")) == 1
    api.clock.advance(s=60)
    answer = sign_in(api, api.code(PHONE, "sign_in"))
    assert answer.code == "account_unknown"  # there is no account yet, so nobody is signed in
    api.clock.advance(s=60)
    assert register(api).status == 201
    kinds = sorted(key.split("#")[0] for key in rows("ACCOUNTS_TABLE"))
    assert kinds == ["account", "consent", "consent", "phone"]
    assert api.get("/me").status == 200


def test_a_lost_response_of_our_own_write_is_no_taken_phone(api: Api) -> None:
    item = {"version": 1, "phone_sealed": b"\x01", "consents": {"privacy": {"at": 1}}}
    assert store.put_account("ac_1", item)
    assert store.put_account("ac_1", item)  # what was not answered is repeated
    assert not store.put_account("ac_1", {**item, "phone_sealed": b"\x02"})


# --- sessions ---


def test_a_session_ends_after_twelve_hours(registered: Api) -> None:
    assert sign_in(registered, registered.code(PHONE, "sign_in")).status == 201
    registered.clock.advance(ms=12 * HOUR - 1)
    assert registered.get("/me").status == 200
    registered.clock.advance(ms=1)
    answer = registered.get("/me")
    assert (answer.status, answer.code) == (401, "session_expired")


def test_signing_out_forgets_the_cookie(registered: Api) -> None:
    sign_in(registered, registered.code(PHONE, "sign_in"))
    answer = registered.call("DELETE", "/sessions/current")
    assert answer.status == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert registered.get("/me").code == "not_signed_in"


def test_signing_out_ends_my_other_sessions_too(registered: Api) -> None:
    sign_in(registered, registered.code(PHONE, "sign_in"))
    phone = elsewhere(registered)
    phone.clock.advance(s=60)
    assert sign_in(phone, phone.code(PHONE, "sign_in")).status == 201
    assert phone.get("/me").status == 200
    assert registered.call("DELETE", "/sessions/current").status == 200
    for answer in (phone.get("/me"), phone.post("/me/id-photo")):
        assert (answer.status, answer.code) == (401, "session_expired")
    assert phone.call("DELETE", "/sessions/current").status == 200  # harmless: it is over already
    phone.clock.advance(s=60)
    assert sign_in(phone, phone.code(PHONE, "sign_in")).status == 201
    assert phone.get("/me").status == 200


def test_a_session_that_was_ended_gives_no_consent_and_changes_nothing(registered: Api) -> None:
    account_id = sign_in(registered, registered.code(PHONE, "sign_in")).json["account_id"]
    stale = elsewhere(registered)
    stale.cookie = registered.cookie
    registered.call("DELETE", "/sessions/current")
    before = rows("ACCOUNTS_TABLE")[f"account#{account_id}"]
    give = functools.partial(
        accounts.give_consent,
        account_id=account_id,
        session_version=1,
        ticks=Ticks(("identity-authorization",)),
        now=stale.clock.now,
    )
    assert at_once([give]) == ["session_expired"]
    profile = {"name": "李四", "role": "evaluation_expert", "organisation": "乙", "region": "丙"}
    profile |= {"id_type": "passport", "id_number": "E1234567"}
    assert stale.put("/me", profile).code == "session_expired"
    assert rows("ACCOUNTS_TABLE")[f"account#{account_id}"] == before


def test_an_account_keeps_its_role_from_registration(clock: StandingClock, api: Api) -> None:
    code = api.code(PHONE, "register")
    account = accounts.create_account(
        phone=PHONE,
        proof=Proof(api.challenge_id, code, "192.0.2.1"),
        ticks=Ticks(tuple(BOTH)),
        profile={"role": AudienceRole.EVALUATION_EXPERT.value},
        now=clock.now,
    )
    kept = rows("ACCOUNTS_TABLE")[f"account#{account.account_id}"]
    assert kept["profile"]["role"] == "evaluation_expert"
    assert kept["session_version"] == account.session_version == 1
