"""The check of SMS before an exam: account, templates, and one real message."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.exams import service as exams
from chalicelib.exams.model import Checkpoint, Exam
from chalicelib.notices import service as notices
from chalicelib.notices import sms, store, texts
from chalicelib.notices.port import Message, NotTaken, SendFailure
from chalicelib.shared import settings as shared_settings
from tests import lived
from tests.api import Api, minute, publish
from tests.clock import T0, StandingClock
from tests.faults import answers_lost, rows

EXAM = "shanxi-agency-practitioners"
PHONE = "+8613900139000"
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY, TWO_HOURS, OPENING = Checkpoint


class Provider:
    """Takes what it is not told to refuse, and tells what it is told to."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None
        self.tells: list[str] = []
        self.taken: list[Message] = []
        self.looked = 0

    def send(self, message: Message) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(message)

    def look(self) -> list[str]:
        self.looked += 1
        return self.tells


@pytest.fixture
@lived.once
def published(api: Api, clock: StandingClock) -> StandingClock:
    """An exam is published, two days before its start."""
    clock.now = T0 - 48 * HOUR
    assert publish("agency-practitioners", T0)["ok"]
    return clock


@pytest.fixture
def provider(published: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider in the place of ours, and a number of the operator."""
    made = Provider()
    monkeypatch.setattr(sms, "sender", lambda: made)
    monkeypatch.setenv("OPERATOR_PHONE", PHONE)
    shared_settings.settings.cache_clear()
    yield made
    monkeypatch.undo()
    shared_settings.settings.cache_clear()


def findings(checkpoint: Checkpoint, exam_id: str = EXAM) -> list[str] | None:
    exam: Exam = exams.get_exam(exam_id)
    found = exam.preflight(checkpoint)
    return None if found is None else list(found.findings)


def test_the_operator_gets_one_message_a_day_before_and_no_other(
    published: StandingClock, provider: Provider
) -> None:
    published.now = T0 - 24 * HOUR - 1
    minute()
    assert provider.taken == []
    published.now = T0 - 24 * HOUR
    minute()
    [message] = provider.taken
    assert (message.number, message.template) == (PHONE, "code")
    assert message.variables == {"code": "000000", "minutes": "5"}
    assert findings(DAY) == []
    for later in (T0 - 24 * HOUR + 1, T0 - 2 * HOUR, T0 - 45 * MINUTE, T0):
        published.now = later
        minute()
    assert len(provider.taken) == 1


def test_without_a_number_nothing_is_sent_and_nothing_is_noted(
    published: StandingClock, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPERATOR_PHONE")
    shared_settings.settings.cache_clear()
    published.now = T0 - 24 * HOUR
    minute()
    assert (provider.taken, findings(DAY)) == ([], [])
    assert not [pk for pk in rows("PASSING_TABLE") if str(pk).startswith("sms_probe")]


@pytest.mark.parametrize(
    ("apart_ms", "messages"), [(0, 1), (HOUR - T0 % HOUR - 1, 1), (HOUR - T0 % HOUR, 2)]
)
def test_exams_of_one_hour_share_a_message(
    published: StandingClock, provider: Provider, apart_ms: int, messages: int
) -> None:
    assert publish("evaluation-experts", T0 + apart_ms)["ok"]
    published.now = T0 - 23 * HOUR
    minute()
    assert len(provider.taken) == messages
    assert findings(DAY) == findings(DAY, "shanxi-evaluation-experts") == []


def test_a_message_that_is_not_taken_is_a_finding_and_rings(
    published: StandingClock, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish("evaluation-experts", T0)["ok"]
    provider.refusal = NotTaken(SendFailure.ACCOUNT, "isv.AMOUNT_NOT_ENOUGH")
    published.now = T0 - 24 * HOUR
    minute()
    named = texts.NOT_SENT.format(code="account: isv.AMOUNT_NOT_ENOUGH")
    assert findings(DAY) == findings(DAY, "shanxi-evaluation-experts") == [named]
    out = capsys.readouterr().out
    assert PHONE not in out
    lines = [json.loads(line) for line in out.splitlines()]
    assert sum("SmsFailed" in line for line in lines) == 1  # tried once for both
    assert [line["findings"] for line in lines if "PreflightFailed" in line] == [[named]] * 2
    provider.refusal = None
    published.now += MINUTE
    minute()
    assert provider.taken == []


def test_what_the_provider_tells_is_a_finding_at_each_checkpoint_and_asked_once_a_run(
    published: StandingClock, provider: Provider
) -> None:
    assert publish("evaluation-experts", T0)["ok"]
    for number, (checkpoint, comes_at) in enumerate(
        [(DAY, T0 - 24 * HOUR), (TWO_HOURS, T0 - 2 * HOUR), (OPENING, T0 - 45 * MINUTE)]
    ):
        provider.tells = [f"短信：{number}"]
        published.now = comes_at
        minute()
        assert findings(checkpoint) == [f"短信：{number}"]
        assert provider.looked == number + 1
        minute()
        assert provider.looked == number + 1  # nothing is due, nobody is asked


def test_a_crash_after_the_claim_sends_no_second_message_and_is_named(
    published: StandingClock, provider: Provider
) -> None:
    provider.refusal = SystemExit()  # the function is killed while it sends
    published.now = began = T0 - 24 * HOUR
    with pytest.raises(SystemExit):
        minute()
    provider.refusal = None
    published.now = began + notices.AT_WORK_MS - 1
    minute()
    assert findings(DAY) is None  # somebody may still be at it
    published.now = began + notices.AT_WORK_MS
    minute()
    assert findings(DAY) == [texts.NOT_KNOWN]
    assert provider.taken == []


def test_a_crash_between_message_and_preflight_sends_no_second_one(
    published: StandingClock, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.now = T0 - 24 * HOUR
    with monkeypatch.context() as broken:
        broken.setattr(exams, "_preflight_findings", lambda exam: 1 / 0)
        minute()
    assert findings(DAY) is None
    minute()
    assert findings(DAY) == []
    assert len(provider.taken) == 1


def test_an_answer_of_the_table_that_got_lost_sends_one_message(
    published: StandingClock, provider: Provider
) -> None:
    published.now = T0 - 24 * HOUR
    with answers_lost("PutItem"):
        minute()
    assert len(provider.taken) == 1
    assert findings(DAY) == []


def test_two_runs_at_once_send_one_message(
    published: StandingClock, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[Any] = []

    def slow(message: Message) -> None:
        if not inner:
            inner.append(notices.send_test_message(starts_at=T0, now=published.now))
        provider.taken.append(message)

    monkeypatch.setattr(provider, "send", slow)
    published.now = T0 - 24 * HOUR
    assert notices.send_test_message(starts_at=T0, now=published.now) == []
    assert inner == [None]  # the other one: somebody is at it
    assert len(provider.taken) == 1


def test_a_row_is_gone_two_days_after_the_exam(
    published: StandingClock, provider: Provider
) -> None:
    assert store.claim_probe(T0, published.now) is None
    [row] = [r for pk, r in rows("PASSING_TABLE").items() if str(pk).startswith("sms_probe")]
    assert row["expires_at"] == T0 + 48 * HOUR
    assert row["expires_at_s"] == (T0 + 48 * HOUR) // 1000 + 1
