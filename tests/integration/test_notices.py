"""The SMS about a decision: from the stream once, by the minute what was missed, and what a bad provider costs."""

from collections.abc import Iterator

import boto3
import pytest

from chalicelib.cases import notices, outbox
from chalicelib.notices import sms
from chalicelib.notices.port import Message
from chalicelib.notices.templates import fill
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.languages import Language
from tests import lived
from tests.api import Api, minute, run
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, everything_stored, failing, messages, rows
from tests.integration.complaints import case_stream, tell
from tests.integration.notices import CASE, MINUTE, kept, put


@pytest.fixture
@lived.once
def decided(api: Api, clock: StandingClock) -> Api:
    """Somebody's complaint was upheld; nobody has told them yet."""
    account = api.register().json["account_id"]
    put(account)
    return api


def sent() -> int:
    return sum("投诉" in text for _, text in messages())


class Provider:
    """Takes what it is not told to refuse."""

    def __init__(self, *refusals: Exception | None) -> None:
        self.refusals = list(refusals)
        self.taken: list[Message] = []

    def send(self, message: Message) -> None:
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            raise refusal
        self.taken.append(message)


def unavailable() -> Unavailable:
    return Unavailable("service_busy", retry_after_s=1)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    made = Provider()
    monkeypatch.setattr(sms, "sender", lambda: made)
    yield made


# --- once -----------------------------------------------------------------------------------------------


def test_the_stream_sends_what_was_decided_whatever_it_repeats(decided: Api) -> None:
    event = case_stream(CASE)
    for _ in range(3):
        run("chalicelib.handlers.changes.send_notices", event)
    assert minute()["notices_sent"] == 0
    assert sent() == 1
    assert "notice_pending" not in kept()
    assert kept()["notice"]["sent_at"]


def test_the_minute_sends_what_the_stream_lost(decided: Api) -> None:
    assert [minute()["notices_sent"] for _ in range(3)] == [1, 0, 0]
    assert sent() == 1


def test_many_at_once_send_it_once(decided: Api, provider: Provider, clock: StandingClock) -> None:
    found = at_once([lambda: notices.send_notice(case_id=CASE, now=clock.now)] * 10)
    assert sorted(found) == [False] * 9 + [True]
    assert [message.message_id for message in provider.taken] == [f"{CASE}-decision"]


def test_a_write_whose_answer_got_lost_sends_nothing_twice(decided: Api) -> None:
    with answers_lost():
        tell(CASE)
    assert minute()["notices_sent"] == 0
    assert sent() == 1


def test_writes_of_the_sender_itself_wake_nobody(decided: Api, provider: Provider) -> None:
    """A failed try frees the claim, which is a change like any other: it must not try at once again."""
    provider.refusals = [unavailable()]
    key = {"case_id": {"S": CASE}}
    before = boto3.client("dynamodb").get_item(TableName=ENVIRONMENT["CASES_TABLE"], Key=key)
    tell(CASE)
    event = case_stream(CASE, old=before["Item"])
    run("chalicelib.handlers.changes.send_notices", event)
    assert provider.taken == []
    assert kept()["notice"]["tries"] == 1


def test_number_and_name_are_looked_up_when_it_is_sent_and_stand_nowhere_else(
    decided: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    tell(CASE)
    [(number, _)] = [message for message in messages() if "投诉" in message[1]]
    assert number == "+8613800138000"
    assert "13800138000" not in str(rows("CASES_TABLE")) + capsys.readouterr().out


@pytest.mark.parametrize(
    ("stored", "language"), [("en", Language.EN), ("zh-CN", Language.ZH), (None, Language.ZH)]
)
def test_about_an_earlier_case_it_is_in_the_language_that_the_account_remembers(
    decided: Api, provider: Provider, stored: str | None, language: Language
) -> None:
    """A case of an earlier release has no language, and an account of one remembers none."""
    [pk] = [pk for pk in rows("ACCOUNTS_TABLE") if pk.startswith("account#")]
    change = "SET #l = :l" if stored else "REMOVE #l"
    values = {"ExpressionAttributeValues": {":l": {"S": stored}}} if stored else {}
    boto3.client("dynamodb").update_item(
        TableName=ENVIRONMENT["ACCOUNTS_TABLE"],
        Key={"pk": {"S": pk}},
        UpdateExpression=change,
        ExpressionAttributeNames={"#l": "language"},
        **values,
    )
    tell(CASE)
    [message] = provider.taken
    assert message.language is language
    assert fill(message.template, message.variables, Language.EN).startswith(
        f"[Kaochang] Candidate, exam site: complaint {CASE} was upheld."
    )


@pytest.mark.parametrize("language", Language)
def test_it_is_in_the_language_of_the_page_where_the_case_was_written(
    decided: Api, provider: Provider, language: Language
) -> None:
    """The account's language is from the sign-in; the page may have been switched since."""
    put(kept()["account_id"], "cp-bbbb-bbbb-cccc", language=language)
    tell("cp-bbbb-bbbb-cccc")
    [message] = provider.taken
    assert message.language is language


# --- again ----------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_tried_again_with_growing_waits(
    decided: Api, provider: Provider, clock: StandingClock
) -> None:
    provider.refusals = [unavailable(), unavailable()]
    tell(CASE)  # the batch is done: the schedule tries again
    done = []
    for _ in range(4):
        clock.advance(ms=MINUTE)
        done.append(minute()["notices_sent"])
    assert done == [0, 0, 1, 0]  # after one minute, then after two more
    assert [message.message_id for message in provider.taken] == [f"{CASE}-decision"]


def test_a_function_that_died_after_the_hand_over_hands_the_same_id_over_again(
    decided: Api, provider: Provider, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, by one id: the provider knows it, whoever has no such id may deliver twice."""
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "note_sent", lambda *_: (_ for _ in ()).throw(OSError("it died")))
        with pytest.raises(OSError, match="died"):
            notices.send_notice(case_id=CASE, now=clock.now)
    assert minute()["notices_sent"] == 0  # its claim holds
    clock.advance(ms=outbox.CLAIM_MS)
    assert minute()["notices_sent"] == 1
    assert {message.message_id for message in provider.taken} == {f"{CASE}-decision"}
    assert len(provider.taken) == 2


def test_a_function_that_died_before_the_hand_over_sends_it_later(
    decided: Api, provider: Provider, clock: StandingClock
) -> None:
    provider.refusals = [OSError("it died")]
    with pytest.raises(OSError, match="died"):
        notices.send_notice(case_id=CASE, now=clock.now)
    clock.advance(ms=outbox.CLAIM_MS)
    assert minute()["notices_sent"] == 1
    assert len(provider.taken) == 1


def test_a_crash_in_the_stream_brings_its_batch_again(
    decided: Api, provider: Provider, clock: StandingClock
) -> None:
    provider.refusals = [OSError("a bug")]
    answer = run("chalicelib.handlers.changes.send_notices", case_stream(CASE))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}


@pytest.mark.parametrize("service", ["dynamodb", "sns"])
def test_aws_that_is_down_costs_nothing_but_time(
    decided: Api, clock: StandingClock, service: str
) -> None:
    with failing(service):
        run("chalicelib.handlers.changes.send_notices", case_stream(CASE))
    clock.advance(ms=outbox.CLAIM_MS)
    assert minute()["notices_sent"] == 1
    assert sent() == 1


# --- never ----------------------------------------------------------------------------------------------


def test_a_number_that_is_refused_for_good_is_given_up_told_and_revived(
    decided: Api, provider: Provider, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.refusals = [sms.Rejected()]
    tell(CASE)
    assert kept()["notice_pending"] == "dead"
    assert '"NoticesGivenUp": 1' in capsys.readouterr().out
    clock.advance(ms=24 * 60 * MINUTE)
    assert minute()["notices_sent"] == 0
    assert '"NoticesDead": 1' in capsys.readouterr().out
    for _ in range(2):  # the same again tells the same
        assert run("chalicelib.handlers.reviews.resend_notices", {})["cases"] == [CASE]
    assert minute()["notices_sent"] == 1
    assert [message.message_id for message in provider.taken] == [f"{CASE}-decision"]
    assert run("chalicelib.handlers.reviews.resend_notices", {})["cases"] == []


def test_after_twelve_tries_it_is_given_up(
    decided: Api, provider: Provider, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.refusals = [unavailable() for _ in range(99)]
    for _ in range(20):
        clock.advance(ms=60 * MINUTE)
        notices.send_waiting(now=lambda: clock.now)
    assert len(provider.refusals) == 99 - 12
    assert kept()["notice_pending"] == "dead"
    assert '"NoticesGivenUp": 1' in capsys.readouterr().out


def test_a_deleted_account_is_written_to_no_more(decided: Api, provider: Provider) -> None:
    put("ac_gone", "cp-gone")
    assert minute()["notices_sent"] == 1
    assert kept("cp-gone")["notice_pending"] == "dead"


def test_one_that_cannot_be_sent_keeps_no_other_waiting(
    decided: Api, provider: Provider, clock: StandingClock
) -> None:
    account = kept()["account_id"]
    for number in range(3):
        put(account, f"cp-{number}", opened_at=T0 + number)
    provider.refusals = [OSError("a bug"), unavailable(), sms.Rejected()]
    assert minute()["notices_sent"] == 1
    clock.advance(ms=2 * MINUTE)
    assert minute()["notices_sent"] == 2
    assert kept("cp-2")["notice"]["sent_at"] or kept()["notice"]["sent_at"]


def test_a_slow_provider_does_not_use_up_the_minute(
    decided: Api, provider: Provider, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = kept()["account_id"]
    for number in range(11):
        put(account, f"cp-{number}")
    take = provider.send

    def slowly(message: Message) -> None:
        clock.advance(s=8)
        take(message)

    monkeypatch.setattr(provider, "send", slowly)
    assert [minute()["notices_sent"] for _ in range(3)] == [
        6,
        6,
        0,
    ]  # 48 s, and the function has 55


def test_a_register_or_a_ticket_is_no_notice(decided: Api, clock: StandingClock) -> None:
    body = {"request_id": "ticket-0001", "trouble": "other", "text": "x"}
    ticket = decided.post("/tickets", body).json["ticket_id"]
    before = everything_stored()
    assert run("chalicelib.handlers.changes.send_notices", case_stream(ticket)) == {
        "batchItemFailures": []
    }
    assert notices.send_notice(case_id=ticket, now=clock.now) is False
    assert everything_stored() == before
