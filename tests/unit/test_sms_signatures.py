"""Signatures of Aliyun and Tencent Cloud against what others have computed, and what their codes mean."""

import datetime

import pytest

from chalicelib.notices import aliyun, port, templates, tencent
from chalicelib.notices.port import NotTaken, ProviderKey, SendFailure

# --- the worked examples that the providers have published -------------------------------------------------


def test_acs3_signs_as_aliyuns_own_example() -> None:
    """help.aliyun.com/document_detail/2593177.html, "fixed parameters": RunInstances."""
    headers = aliyun.signed(
        ProviderKey("YourAccessKeyId", "YourAccessKeySecret"),
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        query={
            "RegionId": "cn-shanghai",
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        },
        at=datetime.datetime(2023, 10, 26, 10, 22, 32, tzinfo=datetime.UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tc3_signs_as_tencents_own_example() -> None:
    """cloud.tencent.com/document/api/362/4208: DescribeInstances."""
    body = (
        b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    )
    headers = tencent.signed(
        ProviderKey("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
        host="cvm.tencentcloudapi.com",
        service="cvm",
        at_s=1551113065,
        body=body,
    )
    assert headers["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


# --- our own requests, signed by the official SDKs for the same moment and nonce ---------------------------


def test_acs3_signs_a_message_as_the_sdk() -> None:
    """`Utils.get_authorization` of alibabacloud-tea-openapi 0.4.6; the id has every sign that quoting could miss."""
    headers = aliyun.signed(
        ProviderKey("testId", "testSecret"),
        host="dysmsapi.aliyuncs.com",
        action="SendSms",
        version="2017-05-25",
        query={
            "PhoneNumbers": "13800138000",
            "SignName": "考场",
            "TemplateCode": "SMS_154950909",
            "TemplateParam": '{"code":"123456","minutes":"5"}',
            "OutId": "sm_a*b~c d/e",
        },
        at=datetime.datetime(2027, 1, 15, 8, 0, 0, tzinfo=datetime.UTC),
        nonce="abcdefghijkmnpqrstuvwxyz23",
    )
    assert headers["Authorization"].endswith(
        "Signature=5e4f9b4827c1780e767abf84dfe18c2358a6514dd934221a01ac4416526ccf62"
    )


def test_tc3_signs_a_message_as_the_sdk() -> None:
    """`AbstractClient._get_tc3_signature` of tencentcloud-sdk-python-common 3.1.195, for this content type."""
    body = (
        '{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400006666","SignName":"考场",'
        '"TemplateId":"1110","TemplateParamSet":["123456","5"],"SessionContext":"sm_1"}'
    ).encode()
    headers = tencent.signed(
        ProviderKey("testId", "testSecret"),
        host="sms.tencentcloudapi.com",
        service="sms",
        at_s=1_800_000_000,
        body=body,
    )
    assert headers["Authorization"].endswith(
        "Signature=9f226ea2afb476671418905508b150038dbbfa6f271c093592a38f44b3797069"
    )


# --- codes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", SendFailure.RECIPIENT),
        ("isv.SMS_TEMPLATE_ILLEGAL", SendFailure.MESSAGE),
        ("isv.SMS_SIGNATURE_ILLEGAL", SendFailure.MESSAGE),
        ("isv.AMOUNT_NOT_ENOUGH", SendFailure.ACCOUNT),
        ("isv.OUT_OF_SERVICE", SendFailure.ACCOUNT),
        ("isv.DENY_IP_RANGE", SendFailure.ACCOUNT),
        ("isv.SMS_TEST_NUMBER_LIMIT", SendFailure.ACCOUNT),
        ("SignatureDoesNotMatch", SendFailure.ACCOUNT),
        ("InvalidAccessKeyId.NotFound", SendFailure.ACCOUNT),
        ("isv.BUSINESS_LIMIT_CONTROL", SendFailure.BUSY),
        ("Throttling", SendFailure.BUSY),
        ("Throttling.User", SendFailure.BUSY),
        ("isp.SYSTEM_ERROR", SendFailure.UNCLEAR),
        ("isv.SOMETHING_NEW", SendFailure.UNCLEAR),
        ("ThrottlingUser", SendFailure.UNCLEAR),
        ("", SendFailure.UNCLEAR),
    ],
)
def test_what_aliyuns_codes_mean(code: str, expected: SendFailure) -> None:
    assert aliyun.trouble(code) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidParameterValue.IncorrectPhoneNumber", SendFailure.RECIPIENT),
        ("FailedOperation.PhoneNumberInBlacklist", SendFailure.RECIPIENT),
        ("FailedOperation.TemplateUnapprovedOrNotExist", SendFailure.MESSAGE),
        ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", SendFailure.MESSAGE),
        ("FailedOperation.SignatureIncorrectOrUnapproved", SendFailure.MESSAGE),
        ("InvalidParameterValue.TemplateParameterLengthLimit", SendFailure.MESSAGE),
        ("UnsupportedOperation.UnsupportedRegion", SendFailure.MESSAGE),
        ("UnauthorizedOperation.ServiceSuspendDueToArrears", SendFailure.ACCOUNT),
        ("FailedOperation.InsufficientBalanceInSmsPackage", SendFailure.ACCOUNT),
        ("InvalidParameterValue.SdkAppIdNotExist", SendFailure.ACCOUNT),
        ("AuthFailure.SignatureFailure", SendFailure.ACCOUNT),
        ("LimitExceeded.AppDailyLimit", SendFailure.ACCOUNT),
        ("LimitExceeded.DailyLimit", SendFailure.ACCOUNT),
        ("LimitExceeded.PhoneNumberOneHourLimit", SendFailure.BUSY),
        ("LimitExceeded.DeliveryFrequencyLimit", SendFailure.BUSY),
        ("RequestLimitExceeded.IPLimitExceeded", SendFailure.BUSY),
        ("InternalError.Timeout", SendFailure.UNCLEAR),
        ("FailedOperation.OtherError", SendFailure.UNCLEAR),
        ("FailedOperation", SendFailure.UNCLEAR),
        ("", SendFailure.UNCLEAR),
    ],
)
def test_what_tencents_codes_mean(code: str, expected: SendFailure) -> None:
    assert tencent.trouble(code) is expected


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "isv.BUSINESS_LIMIT_CONTROL"),
        ("http_500", "http_500"),
        ("E" * 80, "E" * 80),
        ("E" * 81, "unreadable"),
        ("E1234", "E1234"),
        ("E12345", "unreadable"),
        ("sent to 13800138000", "unreadable"),
        ("手机号", "unreadable"),
        ("a\nb", "unreadable"),
        ("ok\n", "unreadable"),
        ("", "unreadable"),
    ],
)
def test_a_code_is_kept_only_when_it_can_be_nothing_else(code: str, kept: str) -> None:
    assert NotTaken(SendFailure.UNCLEAR, code).code == kept


# --- templates --------------------------------------------------------------------------------------------


def test_templates_are_known_under_the_providers_ids() -> None:
    known = templates.registered("code=SMS_1/code, complaint_upheld=22/name,complaint_rejected=3")
    assert known == {
        "code": templates.Registered("SMS_1", ("code",)),
        "complaint_upheld": templates.Registered("22", ("name",)),
        "complaint_rejected": templates.Registered("3"),
    }
    assert templates.registered("") == {}
    in_both = templates.registered("code=1/code,code.en=2/code")
    assert {name: one.template_id for name, one in in_both.items()} == {"code": "1", "code.en": "2"}
    assert templates.registered("code=1/minutes/code")["code"].variables == ("minutes", "code")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("codes=SMS_1", "no template 'codes'"),
        ("code.fr=SMS_1", "no template 'code.fr'"),
        ("code.en=SMS_1/name", "no variable name"),
        ("SMS_1", "no template 'SMS_1'"),
        ("code=SMS_1,code=SMS_2", "twice"),
        ("code=", "no id"),
        ("code=SMS 1", "no id"),
        ("code=" + "1" * 41, "no id"),
        ("code=SMS_1/name", "no variable name"),
        ("code=SMS_1/", "no variable"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_part(setting: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        templates.registered(setting)


def test_only_what_the_message_or_its_number_lack_is_for_good() -> None:
    assert {SendFailure.RECIPIENT, SendFailure.MESSAGE} == port.FOR_GOOD
