"""The regions where AWS sends text messages, and whether a stage has a provider that can send.

AWS hands SNS's text messages to AWS End User Messaging SMS, so a region sends them where that service is (in botocore's
data `pinpoint-sms-voice-v2`). The list of SNS does not show it: SNS is in Hong Kong and in China without SMS.
"""

from boto3.session import Session

from chalicelib.notices import templates

SMS_SERVICE = "pinpoint-sms-voice-v2"


def sending_sms() -> list[str]:
    """The regions of all partitions where AWS sends SMS, by botocore's endpoint data."""
    session = Session()
    return sorted(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(SMS_SERVICE, partition)
    )


def no_region() -> str:
    """Return the message for a missing region. There is no default, because none suits everybody."""
    return (
        "say REGION=…: where the stage shall live; there is no default.\n"
        f"AWS sends text messages from {', '.join(sending_sms())}.\n"
        "In any other region (Hong Kong, China) give SmsProvider=aliyun, tencent or https (docs/settings.md)."
    )


def sms_problem(region: str, parameters: dict[str, str]) -> str | None:
    """Return why no SMS can be sent from this region with these parameters (with defaults), or None."""
    provider = parameters["SmsProvider"]
    if provider == "sns":
        if region in sending_sms():
            return None
        return (
            f"AWS sends no text messages from {region}: nobody could sign in.\n"
            "Give SmsProvider=aliyun, tencent or https (docs/settings.md), or take one of these regions: "
            f"{', '.join(sending_sms())}"
        )
    needed = {"aliyun": ("SmsSign",), "tencent": ("SmsSign", "SmsAppId"), "https": ("SmsUrl",)}
    if missing := [name for name in needed[provider] if not parameters[name]]:
        return f"SmsProvider={provider} needs {', '.join(missing)} (docs/settings.md)"
    return None if provider == "https" else _templates_problem(parameters["SmsTemplates"])


def _templates_problem(setting: str) -> str | None:
    try:
        known = templates.registered(setting)
    except ValueError as error:
        return f"SmsTemplates: {error}"
    if missing := [name for name in templates.TEMPLATES if name not in known]:
        return f"SmsTemplates names no template for {', '.join(missing)} (docs/settings.md)"
    return None


if __name__ == "__main__":  # for the Makefile, before anything is built
    print(no_region())
