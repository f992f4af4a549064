"""Codes answer the challenge that they were sent for, networks pay for their guesses, and the stage has a cap."""

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.accounts import model, phones, store
from chalicelib.accounts import service as accounts
from chalicelib.accounts.consents import Ticks
from chalicelib.accounts.model import Purpose
from chalicelib.accounts.phones import Proof
from chalicelib.shared import settings
from chalicelib.shared.errors import TooMany
from chalicelib.shared.languages import Language
from chalicelib.shared.secrets import keyed_hash
from tests.api import Answer, Api
from tests.clock import StandingClock
from tests.faults import at_once, everything_stored, failing, messages, rows
from tests.integration.signing_in import ask_code, elsewhere, sign_in, wrong

PHONE, OTHER_PHONE = "13800138000", "13900139000"
BOTH = ["user-service", "privacy"]
HOUR = 3_600_000
MIDNIGHT = 1_799_942_400_000  # 00:00 in China


def at(api: Api, address: str) -> Api:
    """Another browser in the same cloud, at this address."""
    return Api(api.clock, address=address)


def somebody(number: int) -> str:
    return f"137{number:08}"


def register(api: Api, code: str, phone: str = PHONE) -> Answer:
    body = {"phone": phone, **api.proof(code), "agreements": BOTH, "role": "evaluation_expert"}
    return api.post("/accounts", body)


def kept(but: tuple[str, ...] = ("budget#guess#",)) -> dict[str, Any]:
    """All that is stored, but for the budgets of those who guess."""
    stored = everything_stored()
    passing = stored["PASSING_TABLE"].items()
    stored["PASSING_TABLE"] = {key: row for key, row in passing if not key.startswith(but)}
    return stored


def wire(answer: Answer) -> tuple[int, dict[str, str], str]:
    """An answer as it goes over the wire, but for its own id."""
    headers = {key: value for key, value in answer.headers.items() if key != "request-id"}
    return answer.status, headers, answer.text


# --- a code answers its challenge ---


def test_two_windows_have_two_codes_and_each_answers_its_own(registered: Api) -> None:
    older = registered.code(PHONE, "sign_in")
    second = elsewhere(registered)
    registered.clock.advance(s=60)
    newer = second.code(PHONE, "sign_in")
    assert older == newer or sign_in(registered, newer).code == "code_wrong"
    assert older == newer or sign_in(second, older).code == "code_wrong"
    assert sign_in(registered, older).status == 201
    assert sign_in(second, newer).status == 201


def test_the_guesses_of_one_window_are_not_those_of_the_other(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    second = elsewhere(registered)
    registered.clock.advance(s=60)
    used_up = second.code(PHONE, "sign_in")
    for _ in range(5):
        assert sign_in(second, wrong(used_up)).code == "code_wrong"
    assert sign_in(second, used_up).code == "code_wrong"
    assert sign_in(registered, code).status == 201


def test_one_window_signs_in_while_the_other_registers_somebody_else(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    second = elsewhere(registered)
    new = second.code(OTHER_PHONE, "register")
    assert register(second, new, OTHER_PHONE).status == 201
    assert sign_in(registered, code).status == 201


def unknown(api: Api) -> str:
    api.challenge_id = "ch_" + 26 * "a"
    return "000000"


def nobodys(api: Api) -> str:
    """Not even of our form."""
    api.challenge_id = "\u0000 ' or 1=1 "
    return "000000"


def of_another_phone(api: Api) -> str:
    return api.code(OTHER_PHONE, "sign_in")


def of_another_purpose(api: Api) -> str:
    return api.code(PHONE, "register")


def used(api: Api) -> str:
    code = api.code(PHONE, "sign_in")
    assert sign_in(api, code).status == 201
    api.cookie = ""
    return code


def expired(api: Api) -> str:
    code = api.code(PHONE, "sign_in")
    api.clock.advance(minutes=5)
    return code


def guessed_out(api: Api) -> str:
    code = api.code(PHONE, "sign_in")
    for _ in range(5):
        sign_in(api, wrong(code))
    return code


def turned(api: Api) -> str:
    """It proved a phone that nobody had: it registers that one now, and signs nobody in."""
    code = api.code(OTHER_PHONE, "sign_in")
    assert sign_in(api, code, OTHER_PHONE).code == "account_unknown"
    return code


USELESS = [unknown, nobodys, of_another_phone, of_another_purpose, used, expired, guessed_out]
USELESS += [turned]


@pytest.mark.parametrize("useless", USELESS)
def test_a_useless_challenge_is_answered_like_a_wrong_code_and_touches_nothing(
    registered: Api, useless: Callable[[Api], str]
) -> None:
    honest = at(registered, "192.0.2.1")
    before = wire(sign_in(honest, wrong(honest.code(PHONE, "sign_in"))))
    registered.clock.advance(s=60)
    guesser = at(registered, "192.0.2.2")
    code = useless(guesser)
    stored = kept()
    answer = sign_in(guesser, code)
    assert wire(answer) == before
    refused = '{"code":"code_wrong","message":"验证码错误或已失效","details":{}}'
    assert answer.text == f'{{"error":{refused}}}'
    assert kept() == stored


def test_a_guess_without_a_challenge_touches_nothing_at_all(registered: Api) -> None:
    registered.code(PHONE, "sign_in")
    stored = everything_stored()
    for path, more in (("/sessions", {}), ("/accounts", {"role": "evaluation_expert"})):
        body = {"phone": PHONE, "code": "000000", "agreements": BOTH, **more}
        for challenge in ({}, {"challenge_id": ""}, {"challenge_id": 7}, {"challenge_id": None}):
            assert registered.post(path, {**body, **challenge}).code == "invalid_request"
    assert everything_stored() == stored


def test_the_table_does_not_know_what_the_browser_knows(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    stored = json.dumps(rows("PASSING_TABLE"), default=str)
    assert len(registered.challenge_id) == len("ch_") + 26  # 5 bits each: 130
    assert registered.challenge_id.removeprefix("ch_") not in stored
    assert f'"{code}"' not in stored


# --- strangers ---


def challenges() -> dict[str, Any]:
    return {key: row for key, row in rows("PASSING_TABLE").items() if key.startswith("challenge#")}


def test_fifty_strangers_who_guess_lock_nobody_out(registered: Api) -> None:
    """They know the phone. Some have challenges of their own, some make them up; each is somewhere else."""
    code = registered.code(PHONE, "sign_in")
    mine = f"challenge#{phones.challenge_key(registered.challenge_id)}"
    row = challenges()[mine]
    for number in range(50):
        stranger = at(registered, f"198.51.100.{number}")
        if number % 2:
            stranger.code(somebody(number), "sign_in")
        else:
            stranger.challenge_id = f"ch_{number:026}"
        for guess in (code, wrong(code)):
            assert sign_in(stranger, guess).code == "code_wrong"
    assert challenges()[mine] == row
    assert sign_in(registered, code).status == 201


def test_fifty_guesses_at_once_lock_nobody_out(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")

    def guess(number: int) -> Any:
        proof = Proof(f"ch_{number:026}", f"{number:06}", f"198.51.100.{number}")
        now = registered.clock.now
        return accounts.create_session(phone=PHONE, proof=proof, ticks=Ticks(tuple(BOTH)), now=now)

    outcomes = at_once([functools.partial(guess, number) for number in range(50)])
    assert outcomes == ["code_wrong"] * 50
    assert sign_in(registered, code).status == 201


def test_sixty_guesses_from_one_address_meet_its_budget(registered: Api) -> None:
    registered.clock.now = MIDNIGHT + 10 * HOUR
    guesser = at(registered, "198.51.100.7")
    answers = [sign_in(guesser, f"{guess:06}") for guess in range(60)]
    assert [answer.code for answer in answers] == ["code_wrong"] * 50 + ["too_many_requests"] * 10
    assert {answer.headers.get("retry-after") for answer in answers[50:]} == {"3600"}
    assert sign_in(at(registered, "198.51.100.8"), "000000").code == "code_wrong"
    registered.clock.now += HOUR - 1
    assert sign_in(guesser, "000000").status == 429
    registered.clock.now += 1
    assert sign_in(guesser, "000000").code == "code_wrong"


def test_many_guesses_at_once_spend_no_more_than_the_budget(registered: Api) -> None:
    def guess(number: int) -> Any:
        proof = Proof("ch_made-up", f"{number:06}", "198.51.100.7")
        now = registered.clock.now
        return accounts.create_session(phone=PHONE, proof=proof, ticks=Ticks(tuple(BOTH)), now=now)

    outcomes = at_once([functools.partial(guess, number) for number in range(60)])
    assert (outcomes.count("code_wrong"), outcomes.count("too_many_requests")) == (50, 10)


def test_right_codes_go_through_from_an_address_whose_wrong_ones_are_used_up(
    registered: Api,
) -> None:
    """Thirty people behind one address, and one of them guesses."""
    for _ in range(50):
        sign_in(registered, "000000")
    assert sign_in(registered, "000000").status == 429
    code = registered.code(PHONE, "sign_in")
    assert sign_in(registered, wrong(code)).status == 429
    assert sign_in(registered, code).status == 201


def test_a_wrong_code_still_costs_its_guess_when_the_budget_of_the_address_is_used_up(
    registered: Api,
) -> None:
    """Or that address could guess for ever."""
    for _ in range(50):
        sign_in(registered, "000000")
    code = registered.code(PHONE, "sign_in")
    for _ in range(5):
        assert sign_in(registered, wrong(code)).status == 429
    assert sign_in(registered, code).status == 429
    assert registered.cookie == ""


# --- addresses ---


def spend(api: Api, kind: str, address: str, times: int) -> None:
    """Use some of a budget up, as that many requests would."""
    windows = {"address": model.ADDRESS_WINDOWS, "captcha": model.CAPTCHA_WINDOWS}[kind]
    for _ in range(times):
        phones.spend_by_address(kind, address, windows, api.clock.now)


def test_twenty_three_addresses_of_one_network_send_no_more_than_its_budget(api: Api) -> None:
    answers = [
        ask_code(at(api, f"2001:db8:1:2::{number:x}"), somebody(number)) for number in range(1, 24)
    ]
    assert [answer.status for answer in answers] == [202] * 20 + [429] * 3
    assert len(messages()) == 20
    assert ask_code(at(api, "2001:db8:1:3::1"), somebody(24)).status == 202, "the network beside it"


def test_a_site_sends_ten_times_as_much_as_a_network(api: Api) -> None:
    for network in range(9):
        spend(api, "address", f"2001:db8:1:{network}::1", 20)
    spend(api, "address", "2001:db8:1:9::1", 19)
    assert ask_code(at(api, "2001:db8:1:a::1"), somebody(1)).status == 202  # the 200th
    refused = ask_code(at(api, "2001:db8:1:b::1"), somebody(2))
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert ask_code(at(api, "2001:db8:2::1"), somebody(2)).status == 202, "the site beside it"
    assert ask_code(at(api, "192.0.2.1"), somebody(3)).status == 202


def test_a_network_whose_budget_is_used_up_does_not_spend_that_of_its_site(api: Api) -> None:
    spend(api, "address", "2001:db8:1:2::1", 20)
    for _ in range(300):
        with pytest.raises(TooMany):
            spend(api, "address", "2001:db8:1:2::1", 1)
    assert ask_code(at(api, "2001:db8:1:3::1"), somebody(1)).status == 202


@pytest.mark.parametrize("neighbour", ["192.0.2.0", "192.0.2.2", "192.0.3.1"])
def test_an_ipv4_address_pays_for_nobody_beside_it(api: Api, neighbour: str) -> None:
    spend(api, "address", "192.0.2.1", 20)
    assert ask_code(at(api, "192.0.2.1"), somebody(1)).status == 429
    assert ask_code(at(api, neighbour), somebody(2)).status == 202


@pytest.mark.parametrize(
    "written", ["::ffff:192.0.2.1", "::FFFF:C000:0201", "0:0:0:0:0:ffff:192.0.2.1"]
)
def test_an_ipv4_address_written_as_ipv6_is_that_address(api: Api, written: str) -> None:
    spend(api, "address", "192.0.2.1", 20)
    assert ask_code(at(api, written), somebody(1)).status == 429
    assert ask_code(at(api, "::ffff:192.0.2.2"), somebody(2)).status == 202


@pytest.mark.parametrize("made_up", ["", "x", "192.0.2.256", "192.0.2.1, x", "2001:db8::/64"])
def test_whoever_has_no_address_has_no_budget_of_their_own(api: Api, made_up: str) -> None:
    spend(api, "address", "elsewhere", 20)
    assert ask_code(at(api, made_up), somebody(1)).status == 429
    assert ask_code(at(api, "192.0.2.1"), somebody(1)).status == 202


def test_captchas_are_counted_by_network_as_well(api: Api) -> None:
    spend(api, "captcha", "2001:db8::1", 119)
    request = {"phone": PHONE, "purpose": "sign_in"}
    assert at(api, "2001:db8::2").post("/captchas", request).status == 201
    assert at(api, "2001:db8::3").post("/captchas", request).status == 429


def test_budgets_do_not_hold_an_address(api: Api) -> None:
    ask_code(at(api, "2001:db8:1:2::3"), PHONE)
    stored = json.dumps(rows("PASSING_TABLE"), default=str)
    assert "2001:db8" not in stored
    for network in ("2001:db8:1:2::/64", "2001:db8:1::/48"):
        assert f"budget#address#{keyed_hash('address', network)}" in rows("PASSING_TABLE")


# --- a proven phone that nobody has is registered by the same code ---


def test_a_phone_proven_at_signing_in_is_registered_without_another_code(api: Api) -> None:
    code = api.code(PHONE, "sign_in")
    assert sign_in(api, code).code == "account_unknown"
    assert sign_in(api, code).code == "code_wrong", "it signs nobody in any more"
    before = len(messages())
    assert register(api, code).status == 201
    assert len(messages()) == before
    api.cookie = ""
    assert register(api, code).code == "code_wrong"
    assert sign_in(api, code).code == "code_wrong"


@pytest.mark.parametrize(("ms", "status"), [(899_999, 201), (900_000, 400), (900_001, 400)])
def test_a_carried_proof_lives_a_quarter_of_an_hour(api: Api, ms: int, status: int) -> None:
    code = api.code(PHONE, "sign_in")
    api.clock.advance(s=299)
    told = sign_in(api, code).json["error"]["details"]
    assert told == {"register_until": api.clock.now + 900_000}
    api.clock.advance(ms=ms)
    assert register(api, code).status == status


def test_a_carried_proof_registers_its_own_phone_alone(api: Api) -> None:
    code = api.code(PHONE, "sign_in")
    sign_in(api, code)
    assert register(api, code, OTHER_PHONE).code == "code_wrong"
    assert register(api, code).status == 201


def test_a_carried_proof_has_five_guesses_again(api: Api) -> None:
    code = api.code(PHONE, "sign_in")
    for _ in range(4):
        sign_in(api, wrong(code))
    assert sign_in(api, code).code == "account_unknown"
    for _ in range(4):
        assert register(api, wrong(code)).code == "code_wrong"
    assert register(api, code).status == 201


def test_a_carried_proof_serves_five_guesses_and_no_sixth(api: Api) -> None:
    code = api.code(PHONE, "sign_in")
    sign_in(api, code)
    for _ in range(5):
        assert register(api, wrong(code)).code == "code_wrong"
    assert register(api, code).code == "code_wrong"


def test_the_code_of_a_phone_that_has_an_account_registers_nobody(registered: Api) -> None:
    code = registered.code(PHONE, "sign_in")
    assert register(registered, code).code == "code_wrong"
    assert sign_in(registered, code).status == 201
    assert register(registered, code).code == "code_wrong"


def test_a_proof_that_waits_finds_an_account_made_meanwhile(api: Api) -> None:
    code = api.code(PHONE, "sign_in")
    assert sign_in(api, code).code == "account_unknown"
    api.clock.advance(s=60)
    second = elsewhere(api)
    assert second.register(PHONE).status == 201
    before = rows("ACCOUNTS_TABLE")
    assert register(api, code).code == "phone_taken"
    assert register(api, code).code == "code_wrong"
    assert rows("ACCOUNTS_TABLE") == before


def test_a_code_that_proves_an_unknown_phone_many_times_at_once_is_carried_once(api: Api) -> None:
    code = api.code(PHONE, "sign_in")
    proof = Proof(api.challenge_id, code, "192.0.2.1")
    prove = functools.partial(
        accounts.create_session,
        phone=PHONE,
        proof=proof,
        ticks=Ticks(tuple(BOTH)),
        now=api.clock.now,
    )
    outcomes = at_once([prove] * 5)
    assert (outcomes.count("account_unknown"), outcomes.count("code_wrong")) == (1, 4)
    assert register(api, code).status == 201


# --- the whole stage ---


@pytest.fixture
def small(registered: Api, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stage that sends three codes an hour and five a day; it is midnight in China."""
    registered.clock.now = MIDNIGHT + 24 * HOUR
    cap(monkeypatch, 3, 5)
    yield registered
    settings.settings.cache_clear()


def cap(monkeypatch: pytest.MonkeyPatch, an_hour: int, a_day: int) -> None:
    monkeypatch.setenv("MOST_CODES_AN_HOUR", str(an_hour))
    monkeypatch.setenv("MOST_CODES_A_DAY", str(a_day))
    settings.settings.cache_clear()
    settings.settings()


def ask(api: Api, number: int) -> Answer:
    """Somebody else, from somewhere else."""
    return ask_code(at(api, f"192.0.2.{number}"), somebody(number))


def test_a_stage_sends_no_more_codes_than_it_may(
    small: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = len(messages())
    assert [ask(small, number).status for number in range(3)] == [202] * 3
    assert '"CodesPaused"' not in capsys.readouterr().out
    refused = ask(small, 3)
    assert (refused.status, refused.code) == (503, "codes_paused")
    assert refused.headers["retry-after"] == "3600"
    assert "短信验证码发送量已达上限" in refused.json["error"]["message"]
    assert '"CodesPaused": 1' in capsys.readouterr().out
    assert len(messages()) == sent + 3
    small.clock.now += HOUR - 1
    assert ask(small, 3).code == "codes_paused"
    small.clock.now += 1
    assert [ask(small, number).status for number in (3, 4)] == [202] * 2
    refused = ask(small, 5)  # the sixth of the day
    assert (refused.code, refused.headers["retry-after"]) == ("codes_paused", str(23 * 3600))
    small.clock.now += 23 * HOUR
    assert ask(small, 5).status == 202
    assert len(messages()) == sent + 6


def test_codes_that_the_provider_refused_use_up_no_stage(small: Api) -> None:
    with failing("sns", code="Throttling"):
        assert [ask(small, number).code for number in range(4)] == ["service_busy"] * 4
    assert [ask(small, number).status for number in range(3)] == [202] * 3
    assert ask(small, 3).code == "codes_paused"


def test_who_is_refused_by_the_cap_has_paid_nothing(small: Api) -> None:
    for number in range(3):
        ask(small, number)
    stored = kept(but=("captcha#", "budget#captcha#"))
    for _ in range(6):
        assert ask_code(at(small, "192.0.2.9"), PHONE).code == "codes_paused"
    assert kept(but=("captcha#", "budget#captcha#")) == stored
    small.clock.advance(minutes=60)
    assert ask_code(at(small, "192.0.2.9"), PHONE).status == 202


def test_many_who_ask_at_once_are_sent_no_more_than_the_cap(small: Api) -> None:
    sent = len(messages())
    asked = []
    for number in range(8):
        captcha_id, answer = at(small, f"192.0.2.{number}").captcha(somebody(number), "sign_in")
        asked.append(
            functools.partial(
                accounts.send_code,
                language=Language.ZH,
                phone=somebody(number),
                purpose=Purpose.SIGN_IN,
                captcha_id=captcha_id,
                captcha_answer=answer,
                address=f"192.0.2.{number}",
                now=small.clock.now,
            )
        )
    outcomes = at_once(asked)
    assert outcomes.count("codes_paused") == 5
    assert len(messages()) == sent + 3


def test_codes_that_are_not_sent_do_not_count_for_the_stage(small: Api) -> None:
    for _ in range(4):
        body = {"phone": PHONE, "purpose": "sign_in", "captcha_id": "cp_none"}
        assert small.post("/codes", {**body, "captcha_answer": "AAAA"}).code == "captcha_wrong"
    assert ask_code(small).status == 202
    for _ in range(4):
        assert ask_code(small).code == "too_many_requests"  # one a minute
    assert [ask(small, number).status for number in range(3)] == [202, 202, 503]


def test_a_code_that_was_sent_before_the_cap_still_signs_in(small: Api) -> None:
    code = small.code(PHONE, "sign_in")
    ask(small, 1), ask(small, 2)
    assert ask(small, 3).code == "codes_paused"
    assert sign_in(small, code).status == 201
    assert small.get("/me").status == 200


def test_the_cap_is_raised_within_the_hour(small: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [ask(small, number).status for number in range(4)] == [202, 202, 202, 503]
    cap(monkeypatch, 4, 5)
    assert [ask(small, number).status for number in (3, 4)] == [202, 503]


@pytest.mark.parametrize("bad", ["0", "-1", "many", ""])
def test_a_stage_without_a_cap_does_not_start(
    bad: str, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    monkeypatch.setenv("MOST_CODES_AN_HOUR", bad)
    settings.settings.cache_clear()
    with pytest.raises(ValueError, match="most_codes_an_hour"):
        settings.settings()
    monkeypatch.undo()
    settings.settings.cache_clear()


def test_looking_at_a_budget_refuses_where_spending_would(api: Api) -> None:
    windows = model.stage_windows(3, 5)
    for spent in range(3):
        store.look_at_budget("stage", "x", windows, api.clock.now)
        store.spend_budget("stage", "x", windows, api.clock.now)
        assert rows("PASSING_TABLE")["budget#stage#x"][windows[0].counter(api.clock.now)] == (
            spent + 1
        )
    waits = []
    for refuse in (store.look_at_budget, store.spend_budget):
        with pytest.raises(TooMany) as refused:
            refuse("stage", "x", windows, api.clock.now)
        waits.append(refused.value.retry_after_s)
    assert waits[0] == waits[1]
