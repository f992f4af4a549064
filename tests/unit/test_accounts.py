"""Phones, windows of budgets, agreements, secrets: the rules of signing in without a cloud."""

import hashlib
import ipaddress
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts import consents, model, store
from chalicelib.accounts.consents import Ticks
from chalicelib.accounts.model import Window, masked_phone, parse_phone
from chalicelib.shared.clock import CHINA, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, china_day
from chalicelib.shared.errors import Invalid, NotFound
from chalicelib.shared.languages import Language

MIDNIGHT = 1_799_942_400_000  # 2027-01-15 00:00 in China


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "+86 13800138000",
        "0086 13800138000",
        "86 13800138000",
        "（+86）13800138000",
        "１３８００１３８０００",
    ],
)
def test_however_i_write_my_number_it_is_the_same_phone(typed: str) -> None:
    assert parse_phone(typed) == "+8613800138000"


@pytest.mark.parametrize("number", ["14500000000", "16600000000", "17000000000", "19900000000"])
def test_new_and_virtual_mobile_ranges_are_phones_too(number: str) -> None:
    assert parse_phone(number) == f"+86{number}"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "1380013800",
        "138001380001",
        "12345678901",
        "10086",
        "021-52345678",
        "+85291234567",
        "+85366123456",
        "+886912345678",
        "+12025550123",
        "1380013TAXI",
        "tel:13800138000;phone-context=+86",
        "13800138000;isub=1",
        "13800138000 ext 5",
        "13800138000#5",
        "13800138000,13900139000",
        "١٣٨٠٠١٣٨٠٠٠",
        "+",
        "()",
    ],
)
def test_what_is_no_mainland_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_phone(typed)
    assert refusal.value.code == "phone_invalid"


@given(st.text(max_size=30))
def test_whatever_is_typed_it_is_a_number_or_a_refusal(typed: str) -> None:
    try:
        number = parse_phone(typed)
    except Invalid as refusal:
        assert refusal.code == "phone_invalid"
    else:
        assert number.startswith("+861")
        assert len(number) == 14


def test_a_masked_phone_shows_the_first_three_and_the_last_four() -> None:
    assert masked_phone("+8613912345678") == "139****5678"


@pytest.mark.parametrize("window", [*model.PHONE_WINDOWS, *model.ADDRESS_WINDOWS])
def test_a_new_stretch_begins_on_chinas_full_hour_or_midnight(window: Window) -> None:
    ends = MIDNIGHT + window.length_ms
    assert window.counter(MIDNIGHT - 1) != window.counter(MIDNIGHT)
    assert window.counter(MIDNIGHT) == window.counter(ends - 1)
    assert window.ends_at(MIDNIGHT) == window.ends_at(ends - 1) == ends


@given(st.integers(0, 4_000_000_000_000), st.sampled_from([HOUR_MS, DAY_MS]))
def test_a_stretch_contains_its_moment_and_is_never_longer_than_it_says(
    now: int, length: int
) -> None:
    assert now < Window("w", length, 1).ends_at(now) <= now + length


@pytest.mark.parametrize("limit", [1, 5])
@pytest.mark.parametrize("factor", [1, 10])
def test_a_wider_window_differs_in_its_limit_alone(limit: int, factor: int) -> None:
    window = Window("hour", HOUR_MS, limit)
    wider = window.times(factor)
    assert (wider.name, wider.length_ms, wider.limit) == ("hour", HOUR_MS, limit * factor)
    assert wider.counter(MIDNIGHT) == window.counter(MIDNIGHT)


def test_the_budget_of_the_stage_is_one_of_an_hour_and_one_of_a_day() -> None:
    hour, day = model.stage_windows(7, 9)
    assert (hour.length_ms, hour.limit) == (HOUR_MS, 7)
    assert (day.length_ms, day.limit) == (DAY_MS, 9)
    assert hour.counter(MIDNIGHT) != day.counter(MIDNIGHT)


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", [("192.0.2.1", 1)]),
        ("0.0.0.0", [("0.0.0.0", 1)]),
        ("::ffff:192.0.2.1", [("192.0.2.1", 1)]),
        ("::FFFF:c000:201", [("192.0.2.1", 1)]),
        ("2001:db8:1:2:3:4:5:6", [("2001:db8:1:2::/64", 1), ("2001:db8:1::/48", 10)]),
        ("2001:DB8:1:2::", [("2001:db8:1:2::/64", 1), ("2001:db8:1::/48", 10)]),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", [("2001:db8:1:2::/64", 1), ("2001:db8:1::/48", 10)]),
        ("2001:db8:1:3::", [("2001:db8:1:3::/64", 1), ("2001:db8:1::/48", 10)]),
        ("2001:db8:2::", [("2001:db8:2::/64", 1), ("2001:db8:2::/48", 10)]),
        ("fe80::1%eth0", [("fe80::/64", 1), ("fe80::/48", 10)]),
        ("::192.0.2.1", [("::/64", 1), ("::/48", 10)]),  # not IPv4: RFC 4291 gave this form up
    ],
)
def test_an_address_counts_as_its_network(address: str, counts_as: list[tuple[str, int]]) -> None:
    assert list(model.networks(address)) == counts_as


@pytest.mark.parametrize(
    "made_up",
    ["", " ", "unknown", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1:443", "[::1]", "::g",
     "2001:db8::/64", "1", "%", "1.2.3.4, 5.6.7.8", "１.2.3.4"],
)  # fmt: skip
def test_all_that_is_no_address_counts_together(made_up: str) -> None:
    assert model.networks(made_up) == (("unknown", 1),)


@given(st.text(max_size=60))
def test_whatever_an_address_is_it_counts_as_something(address: str) -> None:
    assert 1 <= len(model.networks(address)) <= 2


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_pays_for_its_network_before_its_site(
    address: ipaddress.IPv6Address,
) -> None:
    names = [name for name, _ in model.networks(str(address))]
    if address.ipv4_mapped is None:
        network, site = (ipaddress.IPv6Network(name) for name in names)
        assert address in network and network.subnet_of(site)
    else:
        assert names == [str(address.ipv4_mapped)]


def test_the_numbers_of_signing_in_are_those_of_the_requirements() -> None:
    assert model.CAPTCHA_MS == 2 * MINUTE_MS
    assert model.CODE_MS == 5 * MINUTE_MS
    assert (model.CODE_DIGITS, model.CODE_GUESSES) == (6, 5)
    assert model.RESEND_MS == 60 * SECOND_MS
    assert [(w.name, w.limit) for w in model.PHONE_WINDOWS] == [("hour", 5), ("day", 10)]
    assert [(w.name, w.limit) for w in model.ADDRESS_WINDOWS] == [("hour", 20)]
    assert [(w.name, w.limit) for w in model.GUESS_WINDOWS] == [("hour", 50)]
    assert model.PROVEN_MS == 15 * MINUTE_MS


def test_times_are_read_as_people_in_china_read_them() -> None:
    assert china_day(MIDNIGHT - 1) == "20270114"
    assert china_day(MIDNIGHT) == "20270115"
    assert CHINA.utcoffset(None).total_seconds() == 8 * 3600


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("user-service", "用户服务协议"),
        ("privacy", "隐私"),
        ("identity-authorization", "用户信息授权使用协议"),
    ],
)
def test_each_agreement_can_be_read_and_its_hash_checked(name: str, title: str) -> None:
    text = consents.agreement(name)
    assert title in text.title
    assert hashlib.sha256(text.text.encode()).hexdigest() == text.sha256
    assert "{" not in text.text  # every placeholder is filled


def test_an_agreement_that_does_not_exist_is_not_found() -> None:
    for name in ("", "nothing", "../privacy", "privacy-v1"):
        with pytest.raises(NotFound):
            consents.agreement(name)


@pytest.mark.parametrize(
    "version", [0, 1, consents.CURRENT["privacy"], consents.CURRENT["privacy"] + 1]
)
def test_each_version_that_there_was_can_be_read(version: int) -> None:
    if 1 <= version <= consents.CURRENT["privacy"]:
        assert f"第 {version} 版" in consents.agreement("privacy", version).text
        return
    with pytest.raises(NotFound):
        consents.agreement("privacy", version)


def test_a_consent_names_version_hash_and_moment_of_what_was_ticked() -> None:
    first, second = consents.consent_to(Ticks(("privacy", "user-service")), consents.TO_SIGN_IN, 7)
    text = consents.agreement("user-service")
    assert (first.agreement, first.version, first.sha256, first.at) == (
        "user-service",
        text.version,
        text.sha256,
        7,
    )
    assert second.agreement == "privacy"


@pytest.mark.parametrize("ticked", [[], ["privacy"], ["user-service"], ["identity-authorization"]])
def test_a_box_not_ticked_is_named(ticked: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        consents.consent_to(Ticks(tuple(ticked)), consents.TO_SIGN_IN, 7)
    titles = {n: consents.agreement(n).title for n in consents.TO_SIGN_IN}
    assert refusal.value.code == "agreements_required"
    assert refusal.value.details["missing"] == [t for n, t in titles.items() if n not in ticked]


def test_a_missing_box_is_named_in_all_languages() -> None:
    with pytest.raises(Invalid) as refusal:
        consents.consent_to(Ticks(("privacy",)), consents.TO_SIGN_IN, 7)
    [title] = refusal.value.details["missing"]
    assert (title, title.en) == ("《用户服务协议》", "User Service Agreement")


def test_a_consent_names_the_language_and_the_hash_of_the_chinese_text() -> None:
    [given_in_english] = consents.consent_to(Ticks(("privacy",), Language.EN), ("privacy",), 7)
    assert given_in_english.language is Language.EN
    assert given_in_english.sha256 == consents.agreement("privacy").sha256
    assert consents.agreement("privacy", language=Language.EN).sha256 == given_in_english.sha256


def test_a_consent_of_an_earlier_release_was_given_in_chinese() -> None:
    row = {"agreement": "privacy", "version": 1, "sha256": "0" * 64, "at": 7}
    assert msgspec.convert(row, consents.Consent).language is Language.ZH
    assert store.language_of([row]) == "zh-CN"
    assert store.language_of([{**row, "language": "en"}]) == "en"


@pytest.mark.parametrize("name", consents.CURRENT)
def test_a_translation_says_that_it_is_one_and_has_all_parts(name: str) -> None:
    binding = consents.agreement(name)
    translated = consents.agreement(name, language=Language.EN)
    assert (binding.language, translated.language) == (Language.ZH, Language.EN)
    assert "is a translation for your convenience" in translated.text
    assert f"The Chinese text {binding.title} alone is binding" in translated.text
    assert f"Version {binding.version}." in translated.text
    assert "{" not in translated.text
    for kind in (r"^## ", r"^\d+\. ", r"^(?!#|\d+\. ).+", r"\d{2,}"):
        parts = [len(re.findall(kind, text.text, re.M)) for text in (binding, translated)]
        assert parts[0] == parts[1], kind


def test_what_was_never_translated_is_chinese() -> None:
    earlier = consents.agreement("privacy", 1, Language.EN)
    assert earlier.language is Language.ZH
    assert earlier == consents.agreement("privacy", 1)


def test_ticking_more_than_asked_is_no_consent_to_the_rest() -> None:
    ticked = ["user-service", "privacy", "identity-authorization", "made-up"]
    given_to = [
        c.agreement for c in consents.consent_to(Ticks(tuple(ticked)), consents.TO_SIGN_IN, 7)
    ]
    assert given_to == ["user-service", "privacy"]
