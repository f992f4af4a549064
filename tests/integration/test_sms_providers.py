"""Aliyun, Tencent Cloud and SNS: good answers, failures, and what logs and metrics say about them."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from chalicelib.accounts import service as accounts
from chalicelib.accounts.model import Purpose
from chalicelib.cases import notices
from chalicelib.notices import calling, sms, texts
from chalicelib.notices.port import Message, NotTaken, SendFailure
from chalicelib.notices.templates import TEMPLATES as NAMES
from chalicelib.shared import clients, http
from chalicelib.shared import settings as shared_settings
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.languages import Language, Sentence
from tests.api import Api
from tests.clock import T0, StandingClock
from tests.integration.notices import MINUTE, kept, put
from tests.sms_provider import Server, json_reply, reply, running

VARIABLES = {"name": "𠮷野㛃·", "exam": "某考试", "number": "cp-1"}
MESSAGE = Message("cp-1-decision", "+8613800138000", "complaint_upheld", VARIABLES)
CODE = Message("sm_1", "+8613800138000", "code", {"code": "123456", "minutes": "5"})
IDS = dict(zip(NAMES, range(11, 99, 11), strict=True))
TEMPLATES = ",".join(f"{name}={number}" for name, number in IDS.items())
TEMPLATES = TEMPLATES.replace("=11", "=11/code").replace("=22", "=22/name")
Answer = Callable[[Any], None]


def aliyun_code(code: str, status: int = 200, **more: Any) -> Answer:
    told = {"Code": code, "Message": "给 13800138000", "RequestId": "r", **more}
    return json_reply(told, status)


def tencent_status(code: str, **more: Any) -> Answer:
    status = {"Code": code, "Message": "给 13800138000", "SerialNo": "1", "Fee": 1, **more}
    return json_reply({"Response": {"SendStatusSet": [status], "RequestId": "r"}})


def tencent_error(code: str, status: int = 200) -> Answer:
    error = {"Code": code, "Message": "给 13800138000"}
    return json_reply({"Response": {"Error": error, "RequestId": "r"}}, status)


@dataclasses.dataclass(frozen=True)
class Vendor:
    """What differs between the two."""

    name: str
    taken: Answer
    error: Callable[[str], Answer]
    for_good: str
    busy: str
    broke: str


VENDORS = [
    Vendor(
        "aliyun",
        aliyun_code("OK", BizId="b"),
        aliyun_code,
        for_good="isv.SMS_TEMPLATE_ILLEGAL",
        busy="isv.BUSINESS_LIMIT_CONTROL",
        broke="isv.AMOUNT_NOT_ENOUGH",
    ),
    Vendor(
        "tencent",
        tencent_status("Ok", SessionContext=""),
        tencent_error,
        for_good="FailedOperation.TemplateIncorrectOrUnapproved",
        busy="LimitExceeded.PhoneNumberThirtySecondLimit",
        broke="UnauthorizedOperation.ServiceSuspendDueToArrears",
    ),
]


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    chosen: Vendor = request.param
    return chosen


@pytest.fixture
def server(
    vendor: Vendor, aws: None, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> Iterator[Server]:
    """The vendor on loopback; nobody is hurried by a busy machine."""
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 60, 60, 32 * 1024))
    with at(vendor.name, monkeypatch) as state:
        state.answer = vendor.taken
        yield state


def at(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    return running(
        monkeypatch,
        SMS_PROVIDER=name,
        SMS_URL="{url}/",
        SMS_SIGN="考场",
        SMS_APP_ID="1400006666",
        SMS_TEMPLATES=TEMPLATES,
    )


@pytest.fixture
def aliyun(aws: None, monkeypatch: pytest.MonkeyPatch, clock: StandingClock) -> Iterator[Server]:
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 60, 60, 32 * 1024))
    with at("aliyun", monkeypatch) as state:
        yield state


@pytest.fixture
def tencent(aws: None, monkeypatch: pytest.MonkeyPatch, clock: StandingClock) -> Iterator[Server]:
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 60, 60, 32 * 1024))
    with at("tencent", monkeypatch) as state:
        yield state


def trouble(message: Message = MESSAGE) -> tuple[SendFailure, str]:
    with pytest.raises(NotTaken) as caught:
        sms.hand_over(message)
    return caught.value.trouble, caught.value.code


def asked(server: Server, which: int = -1) -> tuple[str, dict[str, str]]:
    """Action and fields of a request to Aliyun."""
    fields = parse_qs(urlsplit(server.paths[which]).query, keep_blank_values=True)
    return server.headers[which]["x-acs-action"], {name: v[0] for name, v in fields.items()}


# --- a good day -------------------------------------------------------------------------------------------


def test_aliyun_gets_sign_template_values_and_our_id(aliyun: Server) -> None:
    aliyun.answer = VENDORS[0].taken
    sms.send(MESSAGE)
    assert asked(aliyun) == (
        "SendSms",
        {
            "PhoneNumbers": "13800138000",
            "SignName": "考场",
            "TemplateCode": "22",
            "TemplateParam": '{"name":"𠮷野㛃·"}',
            "OutId": "cp-1-decision",
        },
    )
    headers = aliyun.headers[0]
    assert (headers["x-acs-version"], aliyun.bodies) == ("2017-05-25", [b""])
    assert headers["Authorization"].startswith("ACS3-HMAC-SHA256 Credential=k1,")
    assert headers["Host"] == aliyun.url.removeprefix("http://")  # the one that is signed


def test_tencent_gets_sign_template_values_and_our_id(tencent: Server) -> None:
    tencent.answer = VENDORS[1].taken
    sms.send(MESSAGE)
    [body], [headers] = tencent.bodies, tencent.headers
    assert json.loads(body) == {
        "PhoneNumberSet": ["+8613800138000"],
        "SmsSdkAppId": "1400006666",
        "SignName": "考场",
        "TemplateId": "22",
        "TemplateParamSet": ["𠮷野㛃·"],
        "SessionContext": "cp-1-decision",
    }
    told = headers["X-TC-Action"], headers["X-TC-Version"], headers["X-TC-Region"]
    assert told == ("SendSms", "2021-01-11", "ap-guangzhou")
    assert headers["Authorization"].startswith("TC3-HMAC-SHA256 Credential=k1/")
    assert headers["Host"] == tencent.url.removeprefix("http://")


def test_a_template_gets_the_variables_that_were_approved_for_it(
    aliyun: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    aliyun.answer = VENDORS[0].taken
    sms.send(CODE)
    assert asked(aliyun)[1]["TemplateParam"] == '{"code":"123456"}'  # no minutes
    sms.send(Message("cp-2", CODE.number, "complaint_rejected", {"name": "张三"}))
    assert asked(aliyun)[1]["TemplateParam"] == "{}"


@pytest.mark.parametrize(
    ("setting", "language", "template", "granted"),
    [
        ("ticket_granted=1/granted", Language.EN, "1", "增加核验机会2次"),
        ("ticket_granted=1/granted,ticket_granted.en=2/granted", Language.EN, "2", "2 more"),
        (
            "ticket_granted=1/granted,ticket_granted.en=2/granted",
            Language.ZH,
            "1",
            "增加核验机会2次",
        ),
    ],
)
def test_a_template_is_taken_in_the_language_of_the_person_or_in_chinese(
    aliyun: Server,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    language: Language,
    template: str,
    granted: str,
) -> None:
    aliyun.answer = VENDORS[0].taken
    monkeypatch.setenv("SMS_TEMPLATES", setting)
    shared_settings.settings.cache_clear()
    given = {"granted": Sentence("增加核验机会2次", "2 more")}
    sms.send(Message("tk-1", CODE.number, "ticket_granted", {**given}, language=language))
    sent = asked(aliyun)[1]
    assert (sent["TemplateCode"], sent["TemplateParam"]) == (template, f'{{"granted":"{granted}"}}')


# --- bad days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        reply(500, b""),
        reply(502, b"<html>bad gateway</html>"),
        reply(302, b"", Location="http://127.0.0.1:1/"),
        reply(200, b""),
        reply(200, b"<html>a login page</html>"),
        reply(200, b"[]"),
        reply(200, b'"OK"'),
        reply(200, b"{}"),
        reply(200, b'{"Code": ["OK"], "Response": "Ok"}'),
        reply(200, b'{"Code": null, "Response": {"SendStatusSet": []}}'),
        reply(200, b'{"Code": "", "Response": {"SendStatusSet": [[]]}}'),
        reply(200, b'{"Response": {"SendStatusSet": [{"Code": "Ok"}, {"Code": "Ok"}]}}'),
        reply(200, b'{"Response": {"SendStatusSet": [{"Code": "Ok", "SessionContext": "x"}]}}'),
        reply(200, b'{"Response": {"Error": "no"}}'),
        reply(200, b"\xff\xfe"),
        reply(200, b'{"Code": "OK", "Response": ' + b"[" * 20_000),
        reply(200, b'{"Code": "OK", "Message": "' + b"x" * 40_000 + b'"}'),
        reply(500, b'{"Code": "OK", "Response": {"SendStatusSet": [{"Code": "Ok"}]}}'),
        lambda handler: handler.connection.close(),
    ],
    ids=lambda _: "",
)
def test_whatever_is_no_clear_answer_may_have_been_taken(server: Server, answer: Answer) -> None:
    server.answer = answer
    assert trouble()[0] is SendFailure.UNCLEAR
    with pytest.raises(Unavailable):
        sms.send(MESSAGE)


def test_an_answer_that_comes_too_late_may_have_been_taken(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 0.2, 60, 32 * 1024))
    server.answer = lambda handler: server.release.wait(30)
    assert trouble() == (SendFailure.UNCLEAR, "no_answer")


def test_an_answer_that_drips_is_left_alone_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LIMITS", http.Limits(60, 60, 0.3, 32 * 1024))

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not server.release.wait(0.05):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    server.answer = drip
    assert trouble() == (SendFailure.UNCLEAR, "no_answer")


def test_too_many_requests_means_later(server: Server) -> None:
    server.answer = reply(429, b"slow down")
    assert trouble() == (SendFailure.BUSY, "http_429")


def test_codes_of_the_provider_decide_what_becomes_of_a_message(
    server: Server, vendor: Vendor
) -> None:
    for code, expected in (
        (vendor.for_good, SendFailure.MESSAGE),
        (vendor.busy, SendFailure.BUSY),
        (vendor.broke, SendFailure.ACCOUNT),
        ("Something.New", SendFailure.UNCLEAR),
    ):
        server.answer = vendor.error(code)
        assert trouble() == (expected, code)
    server.answer = vendor.error(vendor.for_good)
    with pytest.raises(sms.Rejected):
        sms.send(MESSAGE)
    for code in (vendor.busy, vendor.broke, "Something.New"):
        server.answer = vendor.error(code)
        with pytest.raises(Unavailable):
            sms.send(MESSAGE)


def test_aliyuns_gateway_says_no_with_other_statuses(aliyun: Server) -> None:
    aliyun.answer = aliyun_code("SignatureDoesNotMatch", 400)
    assert trouble() == (SendFailure.ACCOUNT, "SignatureDoesNotMatch")
    aliyun.answer = aliyun_code("Throttling.User", 503)
    assert trouble() == (SendFailure.BUSY, "Throttling.User")


def test_tencent_says_no_for_the_number_in_the_status(tencent: Server) -> None:
    tencent.answer = tencent_status("InvalidParameterValue.IncorrectPhoneNumber")
    assert trouble() == (SendFailure.RECIPIENT, "InvalidParameterValue.IncorrectPhoneNumber")
    tencent.answer = tencent_status("Ok", SessionContext="somebody-elses")
    assert trouble() == (SendFailure.UNCLEAR, "another_message")
    tencent.answer = tencent_status("Ok", SessionContext="cp-1-decision")
    sms.send(MESSAGE)


def test_nobody_there_means_try_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_URL", "http://127.0.0.1:1/")
    shared_settings.settings.cache_clear()
    assert trouble() == (SendFailure.UNCLEAR, "no_answer")


def test_away_from_this_machine_only_encrypted_connections_are_made(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    shared_settings.settings.cache_clear()
    assert trouble() == (SendFailure.ACCOUNT, "address_not_encrypted")
    assert server.paths == []


@pytest.mark.parametrize("setting", ["", "code=11/code", "nonsense"])
def test_a_template_that_nobody_has_named_is_not_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("SMS_TEMPLATES", setting)
    shared_settings.settings.cache_clear()
    assert trouble() == (SendFailure.MESSAGE, "template_not_set")
    assert server.paths == []


def test_a_key_that_is_not_there_yet_is_the_accounts_trouble(server: Server) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="sms", SecretString='{"key_id": "x"}')
    assert trouble() == (SendFailure.ACCOUNT, "key_not_set")
    assert server.paths == []


# --- what is told -----------------------------------------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_try_is_counted_with_the_providers_code_and_nothing_of_the_person(
    server: Server, vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = vendor.error(vendor.busy)
    with pytest.raises(Unavailable):
        sms.send(CODE)
    server.answer = vendor.taken
    sms.send(CODE)
    out = capsys.readouterr().out
    assert "13800138000" not in out
    assert "123456" not in out
    not_taken, failed, taken = (json.loads(line) for line in out.splitlines())
    assert (not_taken["SmsTaken"], not_taken["provider"]) == (0, vendor.name)
    assert (failed["SmsFailed"], failed["code"], failed["template"]) == (1, vendor.busy, "code")
    [directive] = failed["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["stage"], ["stage", "provider", "trouble"]]
    assert (failed["provider"], failed["trouble"]) == (vendor.name, "busy")
    assert taken["SmsTaken"] == 1
    [directive] = taken["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["stage"], ["stage", "provider"]]


def test_what_an_operator_must_see_to_is_counted_beside(
    server: Server, vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    for code, expected in ((vendor.for_good, 1), (vendor.broke, 1), (vendor.busy, 0)):
        server.answer = vendor.error(code)
        trouble()
        assert sum("SmsNeedsOperator" in line for line in told(capsys)) == expected


def test_a_code_that_holds_a_number_is_not_kept(
    server: Server, vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = vendor.error("E13800138000")
    with pytest.raises(Unavailable):
        sms.send(MESSAGE)
    assert "13800138000" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "code", ["isv.AMOUNT_NOT_ENOUGH", "isv.SMS_TEMPLATE_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL"]
)
def test_a_person_who_asks_for_a_code_is_told_to_try_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    captcha_id, captcha_answer = api.captcha("13800138000", "sign_in")
    with at("aliyun", monkeypatch) as state:
        state.answer = aliyun_code(code)
        with pytest.raises(Unavailable, match="service_busy"):
            accounts.send_code(
                language=Language.ZH,
                phone="13800138000",
                purpose=Purpose.SIGN_IN,
                captcha_id=captcha_id,
                captcha_answer=captcha_answer,
                address="192.0.2.1",
                now=api.clock.now,
            )
        assert actions(state) == ["SendSms"]


# --- one logical message ----------------------------------------------------------------------------------


@pytest.fixture
def complaint(api: Api) -> str:
    account: str = api.register().json["account_id"]
    put(account)
    return "cp-aaaa-bbbb-cccc"


def send(case_id: str, now: int) -> bool:
    return notices.send_notice(case_id=case_id, now=now)


def details(*out_ids: str) -> Answer:
    sent = [{"OutId": out_id, "SendStatus": 3} for out_id in out_ids]
    return aliyun_code("OK", SmsSendDetailDTOs={"SmsSendDetailDTO": sent}, TotalCount=len(sent))


def play(state: Server, **by_action: Answer) -> None:
    def answer(handler: Any) -> None:
        by_action[handler.headers["x-acs-action"]](handler)

    state.answer = answer


def actions(state: Server) -> list[str]:
    return [headers["x-acs-action"] for headers in state.headers]


def test_a_message_whose_yes_got_lost_is_not_sent_again(
    complaint: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aliyun has taken it, its answer never came; before the second try it is asked."""
    with at("aliyun", monkeypatch) as state:
        play(state, SendSms=lambda handler: handler.connection.close())
        assert not send(complaint, clock.now)
        clock.advance(minutes=2)
        play(state, QuerySendDetails=details("another", f"{complaint}-decision"))
        assert send(complaint, clock.now)
        assert actions(state) == ["SendSms", "QuerySendDetails"]
    assert kept()["notice"]["sent_at"] == clock.now


def test_a_message_that_aliyun_does_not_know_is_sent_under_the_same_id(
    complaint: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("aliyun", monkeypatch) as state:
        play(state, SendSms=reply(500, b""))
        assert not send(complaint, clock.now)
        clock.advance(minutes=2)
        play(state, QuerySendDetails=details("another"), SendSms=VENDORS[0].taken)
        assert send(complaint, clock.now)
        assert actions(state) == ["SendSms", "QuerySendDetails", "SendSms"]
        assert asked(state, 0)[1]["OutId"] == asked(state, 2)[1]["OutId"]


def test_both_days_are_asked_for_when_midnight_lies_between(
    complaint: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("aliyun", monkeypatch) as state:
        play(state, QuerySendDetails=details(), SendSms=VENDORS[0].taken)
        clock.now = T0 + 24 * 60 * MINUTE
        assert send(complaint, clock.now)
        days = [asked(state, n)[1]["SendDate"] for n in (0, 1)]
        assert days == ["20270115", "20270116"]


@pytest.mark.parametrize(
    "answer",
    [reply(500, b""), aliyun_code("isp.RAM_PERMISSION_DENY"), reply(200, b"[]")],
    ids=lambda _: "",
)
def test_while_aliyun_does_not_say_nothing_is_sent(
    complaint: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    with at("aliyun", monkeypatch) as state:
        play(state, QuerySendDetails=answer)
        clock.now = T0 + 2 * MINUTE
        assert not send(complaint, clock.now)
        assert actions(state) == ["QuerySendDetails"]
    assert kept()["notice_pending"] == "pending"


def test_two_at_once_hand_one_message_over(
    complaint: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("tencent", monkeypatch) as state:
        state.answer = VENDORS[1].taken
        assert [send(complaint, clock.now) for _ in range(2)] == [True, False]
        assert len(state.bodies) == 1


# --- before an exam: what the provider tells --------------------------------------------------------------


def look() -> list[str]:
    return sms.sender().look()


def test_aliyun_is_asked_for_sign_and_templates(aliyun: Server) -> None:
    good = aliyun_code("OK", SignStatus=1, RegisterResult=1)
    play(aliyun, GetSmsSign=good, GetSmsTemplate=aliyun_code("OK", TemplateStatus="1"))
    assert look() == []
    assert [asked(aliyun, n) for n in range(4)] == [
        ("GetSmsSign", {"SignName": "考场"}),
        *(("GetSmsTemplate", {"TemplateCode": code}) for code in ("11", "22", "33")),
    ]


@pytest.mark.parametrize(
    "state", ["0", "2", "10", 0, None, "已停用 13800138000 的签名，请联系客服"]
)
def test_what_aliyun_has_not_approved_is_named(aliyun: Server, state: Any) -> None:
    play(
        aliyun,
        GetSmsSign=aliyun_code("OK", SignStatus=state),
        GetSmsTemplate=aliyun_code("OK", TemplateStatus=state),
    )
    shown = str(state)[:20]
    assert look() == [
        texts.SIGN_NOT_APPROVED.format(state=shown),
        *(
            texts.TEMPLATE_NOT_APPROVED.format(name=name, id=code, state=shown)
            for name, code in IDS.items()
        ),
    ]


@pytest.mark.parametrize("filed", [0, 2])
def test_a_sign_that_is_not_filed_is_named(aliyun: Server, filed: int) -> None:
    play(
        aliyun,
        GetSmsSign=aliyun_code("OK", SignStatus=1, RegisterResult=filed),
        GetSmsTemplate=aliyun_code("OK", TemplateStatus=1),
    )
    assert look() == [texts.SIGN_NOT_FILED.format(state=filed)]


def tencent_templates(*states: tuple[int, int]) -> Answer:
    listed = [{"TemplateId": code, "StatusCode": state} for code, state in states]
    return json_reply({"Response": {"DescribeTemplateStatusSet": listed, "RequestId": "r"}})


def test_tencent_is_asked_for_the_templates(tencent: Server) -> None:
    tencent.answer = tencent_templates(*((number, 0) for number in IDS.values()))
    assert look() == []
    [body] = tencent.bodies
    assert json.loads(body) == {"International": 0, "TemplateIdSet": [*IDS.values()]}
    tencent.answer = tencent_templates((11, 1), (22, -1))
    assert look() == [
        texts.TEMPLATE_NOT_APPROVED.format(
            name=name, id=str(number), state={11: "1", 22: "-1"}.get(number, "None")
        )
        for name, number in IDS.items()
    ]


@pytest.mark.parametrize("listed", [None, "x", [1, None], {}])
def test_a_list_that_is_none_approves_nothing(tencent: Server, listed: Any) -> None:
    tencent.answer = json_reply({"Response": {"DescribeTemplateStatusSet": listed}})
    assert len(look()) == len(IDS)


def test_what_is_not_told_and_not_set_is_a_finding(
    server: Server, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = vendor.error(vendor.broke)
    assert look() == [texts.NOT_TOLD.format(code=vendor.broke)]
    server.answer = reply(500, b"")
    assert look() == [texts.NOT_TOLD.format(code="http_500")]
    boto3.client("secretsmanager").put_secret_value(SecretId="sms", SecretString="{}")
    assert look() == [texts.NO_KEY.format(code="key_not_set")]


@pytest.mark.parametrize("setting", ["", "code=abc/code", "nonsense"])
def test_templates_that_are_not_set_are_findings(
    server: Server, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    server.answer = aliyun_code("OK", SignStatus=1, TemplateStatus=1, Response={})
    monkeypatch.setenv("SMS_TEMPLATES", setting)
    shared_settings.settings.cache_clear()
    assert texts.NO_TEMPLATE.format(name="complaint_upheld") in look()


# --- SNS --------------------------------------------------------------------------------------------------


class SnsAnswers:
    """SNS as a client, with answers that moto does not know."""

    def __init__(self, boxed: bool = False, limit: str | None = "500", error: Any = None) -> None:
        self.boxed, self.limit, self.error = boxed, limit, error

    def get_sms_sandbox_account_status(self) -> dict[str, Any]:
        if self.error:
            raise self.error
        return {"IsInSandbox": self.boxed}

    def get_sms_attributes(self, attributes: list[str]) -> dict[str, Any]:
        assert attributes == ["MonthlySpendLimit"]
        return {"attributes": {} if self.limit is None else {"MonthlySpendLimit": self.limit}}

    def publish(self, **_: Any) -> None:
        raise self.error


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "+8613800138000"}}, "Publish")


@pytest.fixture
def on_aws(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[SnsAnswers], None]]:
    monkeypatch.setenv("STAGE", "prod")
    shared_settings.settings.cache_clear()
    yield lambda answers: monkeypatch.setattr(clients, "client", lambda _: answers)
    monkeypatch.undo()
    shared_settings.settings.cache_clear()


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (SnsAnswers(), []),
        (SnsAnswers(boxed=True), [texts.SANDBOX]),
        (SnsAnswers(limit="1"), [texts.NO_LIMIT.format(limit="1")]),
        (SnsAnswers(limit="1.01"), []),
        (SnsAnswers(limit=None), [texts.NO_LIMIT.format(limit="1")]),
        (SnsAnswers(limit="soon"), [texts.NOT_TOLD.format(code="MonthlySpendLimit")]),
        (
            SnsAnswers(error=refusal("AuthorizationError")),
            [texts.NOT_TOLD.format(code="AuthorizationError")],
        ),
        (
            SnsAnswers(error=ConnectTimeoutError(endpoint_url="x")),
            [texts.NOT_TOLD.format(code="ConnectTimeoutError")],
        ),
    ],
    ids=lambda _: "",
)
def test_sns_tells_of_sandbox_and_limit(
    on_aws: Callable[[SnsAnswers], None], answers: SnsAnswers, found: list[str]
) -> None:
    on_aws(answers)
    assert look() == found


def test_the_embedded_cloud_has_no_account_to_look_at(aws: None) -> None:
    assert look() == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidParameter", SendFailure.RECIPIENT),
        ("OptedOut", SendFailure.RECIPIENT),
        ("Throttled", SendFailure.BUSY),
        ("AuthorizationError", SendFailure.ACCOUNT),
        ("InternalError", SendFailure.UNCLEAR),
    ],
)
def test_what_snss_codes_mean(
    on_aws: Callable[[SnsAnswers], None], code: str, expected: SendFailure
) -> None:
    on_aws(SnsAnswers(error=refusal(code)))
    assert trouble() == (expected, code)


@pytest.mark.parametrize("error", [ConnectTimeoutError, EndpointConnectionError])
def test_without_a_connection_to_sns_nothing_was_sent(
    on_aws: Callable[[SnsAnswers], None], error: type[BotoCoreError]
) -> None:
    on_aws(SnsAnswers(error=error(endpoint_url="x")))
    assert trouble() == (SendFailure.BUSY, error.__name__)
