"""Where AWS sends SMS, and what a stage needs to send them otherwise."""

import pytest

from infra import regions

BLANK = dict.fromkeys(("SmsSign", "SmsAppId", "SmsTemplates", "SmsUrl"), "")
TICKETS = ("admitted", "granted", "answered", "rejected", "corrected")
TEMPLATES = ",".join(
    (
        "code=1/code,complaint_upheld=2/name,complaint_rejected=3",
        *(f"ticket_{word}={number}" for number, word in enumerate(TICKETS, start=4)),
    )
)


def problem(region: str = "ap-east-1", **given: str) -> str | None:
    return regions.sms_problem(region, {**BLANK, **given})


def test_the_list_fits_what_aws_says() -> None:
    """Named in the SNS developer guide, "supported countries and regions", and not named there."""
    sending = regions.sending_sms()
    for region in ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-northeast-1"):
        assert region in sending
    for region in ("ap-east-1", "cn-north-1", "cn-northwest-1", "nowhere-1", ""):
        assert region not in sending


def test_sns_is_refused_where_it_sends_nothing() -> None:
    assert problem("ap-southeast-1", SmsProvider="sns") is None
    for region in ("ap-east-1", "cn-north-1", "cn-northwest-1", "nowhere-1"):
        told = problem(region, SmsProvider="sns")
        assert told is not None
        assert f"from {region}" in told
        assert "SmsProvider=aliyun" in told
        assert "ap-southeast-1" in told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SmsProvider": "https"}, "needs SmsUrl"),
        ({"SmsProvider": "https", "SmsUrl": "https://x"}, None),
        ({"SmsProvider": "aliyun", "SmsTemplates": TEMPLATES}, "needs SmsSign"),
        ({"SmsProvider": "aliyun", "SmsSign": "考场"}, "no template for code, complaint_upheld"),
        ({"SmsProvider": "aliyun", "SmsSign": "考场", "SmsTemplates": "code=1/x"}, "no variable x"),
        ({"SmsProvider": "aliyun", "SmsSign": "考场", "SmsTemplates": TEMPLATES}, None),
        (
            {"SmsProvider": "tencent", "SmsSign": "考场", "SmsTemplates": TEMPLATES},
            "needs SmsAppId",
        ),
        ({"SmsProvider": "tencent", "SmsTemplates": TEMPLATES}, "needs SmsSign, SmsAppId"),
        (
            {
                "SmsProvider": "tencent",
                "SmsSign": "考场",
                "SmsAppId": "1",
                "SmsTemplates": TEMPLATES,
            },
            None,
        ),
    ],
)
def test_another_provider_needs_its_settings_in_every_region(
    given: dict[str, str], told: str | None
) -> None:
    for region in ("ap-east-1", "ap-southeast-1", "cn-north-1"):
        found = problem(region, **given)
        assert (found is None) if told is None else (found is not None and told in found)
