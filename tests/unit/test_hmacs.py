"""The one scheme of HMACs: what partners compute and what is stored follows from these very bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts import sessions
from chalicelib.exams import paper
from chalicelib.partners import model as partners
from chalicelib.proctoring import model as proctoring
from chalicelib.shared import hmacs, secrets

KEY = "k" * 32
AT = "1800000000000"


@pytest.fixture
def stored_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A root secret that never changes, for values that must not change either."""
    secrets.key.cache_clear()
    monkeypatch.setattr(secrets, "_root", lambda: b"stored secret")


def test_ids_and_seals_of_before_stay_valid(stored_secret: None) -> None:
    assert (
        secrets.keyed_hash("attempt", "ex_1", "ac_1", 2)
        == "ochnwoMw7JMVGZM_UhDlT2odwB1ojOgk3FIFo-sCftw"
    )
    turn = "21197469c550db6339123fe7783d2b26524ac695fcf5cb4f0173f96ee7b38521"
    assert secrets.keyed_digest("turn", "vf_1").hex() == turn


def test_session_cookies_of_before_stay_valid(stored_secret: None) -> None:
    token = "WyJhY18xIiwzLDE4MDAwMDAwMDAwMDBd.ZCb4r1JROQQx_Bx18rxsKtG1L26NFzkGyGq3aGkc0oU"
    assert sessions.read(token, 0) == sessions.Session("ac_1", 3, int(AT))


def test_drawn_papers_and_snapshot_moments_of_before_stay() -> None:
    rank = "32a2e531ca9cd9aa22eddadce2b1f639e72b2f4a18481b30bd7200deed321b90"
    assert paper._rank("seed", "question", "s1", "Q-1").hex() == rank
    assert proctoring._number("seed", "count") == 15930485424313340297
    assert proctoring._number("seed/0", "point/3") == 2234303693158140178


def test_a_partners_signature_is_the_documented_one() -> None:
    asked = partners.SignedRequest("GET", "/partner/results", (("b", "2"), ("a", "考")), b"")
    signature = partners.signature(KEY, asked, timestamp=AT, nonce="n" * 16)
    assert signature == "d8e7a6bb13835985722ab8c23fe45d8155e1275a44176c30561bb70a90e1aaed"


def test_questions_to_the_authority_and_messages_to_gateways_are_signed_as_documented() -> None:
    authority = hmacs.message_signature(KEY, "request", AT, "rq", body=b"{}")
    assert authority == "72b15e68be403fbbc0c05a9a1d84ddea3d952d8198348d0867b3a31df374776b"
    gateway = hmacs.message_signature(KEY, AT, "m1", body=b"{}")
    assert gateway == "3b8e708354e96a5cf52a46166054f6992eef27db2d5614ea8fa6f43566131979"


@given(st.lists(st.text("ab", max_size=3), max_size=4), st.lists(st.text("ab", max_size=3)))
def test_other_parts_have_another_code(one: list[str], other: list[str]) -> None:
    same = one == other or (
        {"".join(one), "".join(other)} == {""} and max(len(one), len(other)) < 2
    )
    assert (hmacs.digest(b"key", *one) == hmacs.digest(b"key", *other)) is same


@pytest.mark.parametrize("given_text", ["", "a", "abd", "考", "\ud800"])
def test_another_text_is_not_equal(given_text: str) -> None:
    assert not hmacs.equal("abc", given_text)
    assert hmacs.equal("abc", "abc")
