"""Rules of a partner's signed request: signed by whom, when, and exactly what."""

from typing import Any

import msgspec
import pytest

from chalicelib.partners import model
from chalicelib.partners.model import Claim, OwnedKey, SignedRequest
from chalicelib.shared.errors import NotSignedIn
from examples import partner_client

NOW = 1_800_000_000_000
KEY = OwnedKey("shanxi", "shanxi-1", "k" * 32)
NEXT = OwnedKey("shanxi", "shanxi-2", "n" * 32)
QUERY = {"organisation": "太原 a&b=c~", "after": "17"}
ASKED = SignedRequest("GET", "/partner/results", tuple(QUERY.items()), b"")


def claimed(key: OwnedKey = KEY, at: int = NOW) -> Claim:
    """As the example client signs."""
    told = partner_client.signed(key.key_id, key.key, ASKED.path, QUERY, at)
    return model.claim({name.lower(): value for name, value in told.items()})


def refusal(told: Claim, asked: SignedRequest = ASKED, now: int = NOW, keys: Any = (KEY,)) -> str:
    with pytest.raises(NotSignedIn) as refused:
        model.recognise(list(keys), told, asked, now)
    return refused.value.code


def test_the_example_client_signs_as_we_check() -> None:
    assert model.recognise([KEY], claimed(), ASKED, NOW) == KEY
    assert len({claimed().nonce for _ in range(20)}) == 20


def test_the_order_of_the_query_does_not_matter() -> None:
    turned = msgspec.structs.replace(ASKED, query=ASKED.query[::-1])
    assert model.recognise([KEY], claimed(), turned, NOW) == KEY


@pytest.mark.parametrize("off", [-300_000, 0, 300_000])
def test_five_minutes_to_either_side_are_in(off: int) -> None:
    assert model.recognise([KEY], claimed(at=NOW + off), ASKED, NOW) == KEY


@pytest.mark.parametrize("off", [-300_001, 300_001])
def test_a_millisecond_more_is_out(off: int) -> None:
    assert refusal(claimed(at=NOW + off)) == "timestamp_invalid"


def test_a_nonce_is_kept_for_as_long_as_its_request_could_be_sent_again() -> None:
    assert 2 * model.SKEW_MS < model.NONCE_MS


@pytest.mark.parametrize(
    "other",
    [
        {"method": "POST"},
        {"path": "/partner/results/"},
        {"query": (("after", "18"), ASKED.query[0])},
        {"query": ASKED.query[:1]},
        {"query": (*ASKED.query, ("more", ""))},
        {"body": b"{}"},
    ],
)
def test_nothing_of_a_signed_request_can_be_changed(other: dict[str, Any]) -> None:
    asked = msgspec.structs.replace(ASKED, **other)
    assert refusal(claimed(), asked) == "signature_invalid"


@pytest.mark.parametrize(
    "other",
    [
        {"key_id": "shanxi-2"},
        {"key_id": ""},
        {"timestamp": str(NOW + 1)},
        {"timestamp": "now"},
        {"timestamp": "-1"},
        {"timestamp": "１８００００００００００００"},
        {"timestamp": str(NOW) + "\n"},
        {"nonce": "n" * 32},
        {"nonce": ""},
        {"nonce": "n" * 15},
        {"nonce": "n" * 65},
        {"nonce": "n" * 20 + "\n"},
        {"signature": ""},
        {"signature": "签名"},
        {"signature": "0" * 64},
    ],
)
def test_whatever_is_wrong_with_the_headers_looks_the_same(other: dict[str, str]) -> None:
    told = msgspec.structs.replace(claimed(), **other)
    assert refusal(told, keys=(KEY, NEXT)) == "signature_invalid"


@pytest.mark.parametrize("length", [16, 64])
def test_a_nonce_has_16_to_64_signs(length: int) -> None:
    nonce = "n" * length
    signed = model.signature(KEY.key, ASKED, timestamp=str(NOW), nonce=nonce)
    assert model.recognise([KEY], Claim(KEY.key_id, str(NOW), nonce, signed), ASKED, NOW) == KEY


def test_who_says_nothing_is_nobody() -> None:
    assert refusal(model.claim({})) == "signature_invalid"


def test_while_a_key_is_replaced_both_sign() -> None:
    keys = model.usable([KEY, NEXT])
    assert model.recognise(keys, claimed(KEY), ASKED, NOW) == KEY
    assert model.recognise(keys, claimed(NEXT), ASKED, NOW) == NEXT


def test_the_retired_key_signs_no_more() -> None:
    assert refusal(claimed(KEY), keys=model.usable([NEXT])) == "signature_invalid"


def test_a_third_key_a_short_one_and_an_id_of_two_partners_sign_nothing() -> None:
    third = OwnedKey("shanxi", "shanxi-3", "t" * 32)
    assert model.usable([KEY, NEXT, third]) == [KEY, NEXT]
    short = OwnedKey("shanxi", "shanxi-0", "k" * 31)
    assert model.usable([short, KEY]) == [KEY]
    assert model.usable([KEY, OwnedKey("other", "shanxi-1", "o" * 32), NEXT]) == [NEXT]
