"""Rules of webhooks: addresses, keys, the signed call, and when a failed call is repeated."""

import json
import pathlib
from typing import Any

import pytest
import yaml

from chalicelib.partners import webhook
from chalicelib.partners.model import PartnerAccess, PartnerKey
from chalicelib.partners.webhook import Delivery, UnusableWebhook
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS
from examples.webhook_receiver import SKEW_MS, is_genuine

TEMPLATE = pathlib.Path(__file__).parents[2] / "infra/resources.yaml"
NOW = 1_800_000_000_000
URL = "https://hooks.example.cn/kaochang"
KEY, NEXT = PartnerKey("jinhua-1", "k" * 32), PartnerKey("jinhua-2", "n" * 32)
DELIVERY = Delivery("request", "jinhua", "agency", 18, NOW - 5)


def partners(hook: Any, keys: tuple[PartnerKey, ...] = (KEY,)) -> dict[str, PartnerAccess]:
    return {
        "jinhua": PartnerAccess(keys, webhook=hook),
        "other": PartnerAccess((PartnerKey("other-1", "o" * 32),)),
    }


def problem_of(hook: Any, keys: tuple[PartnerKey, ...] = (KEY,)) -> str:
    with pytest.raises(UnusableWebhook) as refused:
        webhook.target(partners(hook, keys), "jinhua", local=False)
    return str(refused.value)


# --- addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        *(
            URL,
            "https://a.cn",
            "https://a.cn:443/x?y=1",
            "https://xn--fiq228c.cn/",
            "HTTPS://A.CN/",
        ),
        f"https://a.cn/{'x' * (500 - len('https://a.cn/'))}",
    ],
)
def test_an_https_address_by_name_is_called(url: str) -> None:
    assert webhook.url_problem(url, local=False) == ""


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        *[(text, "url") for text in ("", "hooks", "https://", "https:///x", "https://[")],
        *[
            (f"https://a.cn{end}", "url")
            for end in ("/#part", "/a b", "/\n", "/考", "\\@b.cn", ":x")
        ],
        (f"https://a.cn/{'x' * (501 - len('https://a.cn/'))}", "url"),
        ("https://考场.cn/", "url"),
        ("https://user@a.cn/", "user"),
        ("https://user:word@a.cn/", "user"),
        ("https://@a.cn/", "user"),
        ("http://a.cn/", "scheme"),
        ("//a.cn/", "scheme"),
        ("ftp://a.cn/", "scheme"),
        ("file://a.cn/etc", "scheme"),
        ("https://a.cn:442/", "port"),
        ("https://a.cn:444/", "port"),
        ("https://a.cn:80/", "port"),
        ("https://a.cn:0/", "port"),
        *[
            (f"https://{host}/", "host")
            for host in ("localhost", "intranet", "a.cn.", ".cn", "a..cn")
        ],
        *[(f"https://{host}/", "host") for host in ("127.0.0.1", "10.0.0.1", "93.184.216.34")],
        *[(f"https://{host}/", "host") for host in ("127.1", "2130706433", "0x7f000001", "a.0x7f")],
        *[(f"https://[{host}]/", "host") for host in ("::1", "::ffff:10.0.0.1", "2400:3200::1")],
        ("https://[fe80::1%25eth0]/", "host"),
    ],
)
def test_another_address_is_not_called(url: str, problem: str) -> None:
    assert webhook.url_problem(url, local=False) == problem


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/hooks", "http://localhost/", URL])
def test_the_embedded_cloud_calls_loopback(url: str) -> None:
    assert webhook.url_problem(url, local=True) == ""


@pytest.mark.parametrize("url", ["ftp://localhost/", "http://user@localhost/", "http:///x"])
def test_the_embedded_cloud_does_not_call_everything(url: str) -> None:
    assert webhook.url_problem(url, local=True)


# --- the entry in the secret ----------------------------------------------------------------------------


def test_the_named_key_signs() -> None:
    for key in (KEY, NEXT):
        hook = {"url": URL, "key_id": key.key_id}
        found = webhook.target(partners(hook, (KEY, NEXT)), "jinhua", local=False)
        assert (found.url, found.key) == (URL, key)


@pytest.mark.parametrize(
    "hook",
    [
        URL,
        [],
        7,
        {},
        {"url": URL},
        {"url": URL, "key_id": 1},
        {"url": URL, "key_id": "a", "keys": 1},
    ],
)
def test_an_entry_of_a_wrong_shape_is_not_used(hook: Any) -> None:
    assert problem_of(hook) == "malformed"


@pytest.mark.parametrize("key_id", ["", "jinhua-3", "other-1"])
def test_a_key_that_is_not_the_partners_does_not_sign(key_id: str) -> None:
    assert problem_of({"url": URL, "key_id": key_id}) == "key"


def test_a_key_that_may_not_sign_requests_signs_no_calls() -> None:
    short = PartnerKey("jinhua-1", "k" * 31)
    assert problem_of({"url": URL, "key_id": "jinhua-1"}, (short,)) == "key"


def test_a_bad_address_is_told_by_its_part() -> None:
    assert problem_of({"url": "http://a.cn/", "key_id": "jinhua-1"}) == "scheme"


# --- the call -------------------------------------------------------------------------------------------


def signed(now: int = NOW, key: PartnerKey = KEY) -> tuple[dict[str, str], bytes]:
    content = webhook.body(DELIVERY)
    return webhook.headers(DELIVERY, key, content, now), content


def test_a_call_tells_of_the_entry_and_of_nobody() -> None:
    headers, content = signed()
    assert json.loads(content) == {"organisation": "agency", "cursor": "18", "told_at": NOW - 5}
    assert set(headers) == {
        *("Content-Type", "Kaochang-Key", "Kaochang-Timestamp", "Kaochang-Request"),
        "Kaochang-Signature",
    }


def test_the_example_accepts_what_we_sign() -> None:
    headers, content = signed()
    assert is_genuine({"jinhua-1": KEY.key}, headers, content, NOW)


@pytest.mark.parametrize(
    ("off", "genuine"), [(SKEW_MS - 1, True), (SKEW_MS, True), (SKEW_MS + 1, False)]
)
@pytest.mark.parametrize("way", [-1, 1])
def test_the_example_refuses_an_old_call_and_one_from_the_future(
    off: int, genuine: bool, way: int
) -> None:
    headers, content = signed()
    assert is_genuine({"jinhua-1": KEY.key}, headers, content, NOW + off * way) is genuine


@pytest.mark.parametrize(
    "other",
    [
        {"Kaochang-Key": "jinhua-2"},
        {"Kaochang-Key": None},
        {"Kaochang-Timestamp": str(NOW + 1)},
        {"Kaochang-Timestamp": "now"},
        {"Kaochang-Timestamp": "１８"},
        {"Kaochang-Timestamp": None},
        {"Kaochang-Request": "another"},
        {"Kaochang-Signature": "0" * 64},
        {"Kaochang-Signature": "签名"},
        {"Kaochang-Signature": None},
    ],
)
def test_the_example_refuses_a_changed_call(other: dict[str, Any]) -> None:
    headers, content = signed()
    assert not is_genuine(
        {"jinhua-1": KEY.key, "jinhua-2": NEXT.key}, headers | other, content, NOW
    )
    assert not is_genuine({"jinhua-1": KEY.key}, headers, content + b" ", NOW)


def test_a_call_is_no_request_to_us() -> None:
    """The same key signs both; the first line tells them apart."""
    headers, content = signed()
    other = webhook.hmacs.message_signature(KEY.key, "request", str(NOW), "request", body=content)
    assert headers["Kaochang-Signature"] != other


# --- again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tries", "wait"),
    [
        *((1, MINUTE_MS), (2, 2 * MINUTE_MS), (3, 4 * MINUTE_MS), (8, 128 * MINUTE_MS)),
        *((9, 256 * MINUTE_MS), (10, 6 * HOUR_MS), (11, 6 * HOUR_MS), (12, 6 * HOUR_MS)),
        *((13, 0), (14, 0)),  # the queue takes it as dead
    ],
)
def test_each_pause_is_twice_the_one_before(tries: int, wait: int) -> None:
    assert webhook.wait_ms(tries) == wait


def test_the_queue_gives_up_after_the_last_try() -> None:
    template = yaml.safe_load(TEMPLATE.read_text("utf-8"))
    queue = template["Resources"]["WebhookDeliveries"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == webhook.TRIES
    waits = [webhook.wait_ms(tries) for tries in range(1, webhook.TRIES + 1)]
    assert 26 * HOUR_MS < sum(waits) < 27 * HOUR_MS
    assert sum(waits) < queue["MessageRetentionPeriod"] * 1000 / 2
    assert max(waits) <= 12 * HOUR_MS  # the most that SQS hides a message


def test_a_paused_partner_costs_no_extra_wait() -> None:
    assert webhook.wait_ms(1) > webhook.PAUSE_MS
