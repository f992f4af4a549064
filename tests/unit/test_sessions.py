"""The cookie that says who is signed in."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.accounts import sessions
from chalicelib.shared import secrets
from chalicelib.shared import settings as configuration
from chalicelib.shared.errors import NotSignedIn

NOW = 1_800_000_000_000
HOURS_12 = 12 * 3_600_000
pytestmark = pytest.mark.usefixtures("aws")


def token(now: int = NOW) -> str:
    return sessions.cookie("ac_1", 3, now).split(";")[0].partition("=")[2]


def refused(text: str, now: int = NOW) -> str:
    with pytest.raises(NotSignedIn) as refusal:
        sessions.read(text, now)
    return refusal.value.code


def test_a_session_says_who_and_which_version() -> None:
    assert sessions.read(token(), NOW) == sessions.Session("ac_1", 3, NOW + HOURS_12)


def test_a_session_lives_twelve_hours_and_no_millisecond_more() -> None:
    assert sessions.read(token(), NOW + HOURS_12 - 1).account_id == "ac_1"
    assert refused(token(), NOW + HOURS_12) == "session_expired"


@pytest.mark.parametrize("text", ["", ".", "a.b", "null", "会话", "\ud800", "a" * 5000])
def test_what_is_no_session_is_not_signed_in(text: str) -> None:
    assert refused(text) == "not_signed_in"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data())
def test_no_sign_of_a_session_can_be_changed(data: st.DataObject) -> None:
    good = token()
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.=").filter(lambda sign: sign != good[place]))
    forged = good[:place] + other + good[place + 1 :]
    try:
        # base64 has spare bits: another spelling of the same signature is the same session
        assert sessions.read(forged, NOW) == sessions.read(good, NOW)
    except NotSignedIn as refusal:
        assert refusal.code == "not_signed_in"


def test_nobody_can_promote_themselves_to_another_account() -> None:
    payload, _, signature = token().rpartition(".")
    content = json.loads(base64.urlsafe_b64decode(payload))
    assert content[0] == "ac_1"
    content[0] = "ac_2"
    forged = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    assert refused(f"{forged}.{signature}") == "not_signed_in"


def test_a_session_signed_with_another_key_is_worthless(monkeypatch: pytest.MonkeyPatch) -> None:
    good = token()
    monkeypatch.setattr(sessions, "key", lambda purpose: secrets.key(purpose + "x"))
    assert refused(good) == "not_signed_in"


def test_the_cookie_is_kept_from_scripts_and_other_sites() -> None:
    assert sessions.cookie("ac_1", 3, NOW).endswith(
        "; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax"
    )
    assert sessions.removal_cookie() == "session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"


def test_on_aws_the_cookie_is_bound_to_the_host_and_to_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SESSION_COOKIE")
    configuration.settings.cache_clear()
    for cookie in (sessions.cookie("ac_1", 3, NOW), sessions.removal_cookie()):
        assert cookie.startswith("__Host-session=")
        assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
        assert "Domain" not in cookie


def test_keys_of_different_purposes_have_nothing_in_common() -> None:
    assert secrets.key("session") != secrets.key("sealed")
    assert len(secrets.key("session")) == 32
    assert secrets.keyed_hash("phone", "1") != secrets.keyed_hash("person", "1")
    assert secrets.keyed_hash("code", "12", "3") != secrets.keyed_hash("code", "1", "23")
