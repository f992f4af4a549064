"""Rules of signing in: phones, captchas, codes, budgets. Pure."""

import enum
import ipaddress
import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.shared import clock
from chalicelib.shared.errors import Invalid
from chalicelib.shared.typed_numbers import plain_number


class Purpose(enum.Enum):
    """What a captcha or a code is used for. It works for no other purpose."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    LINK = "link"  # the first sign-in by a provider: the phone decides which account is linked


class CaptchaFormat(enum.Enum):
    """How a captcha is presented."""

    PICTURE = "picture"
    AUDIO = "audio"  # for people who cannot see the picture


class AudienceRole(enum.Enum):
    """The professional role of a candidate (docs/glossary.md)."""

    AGENCY_PRACTITIONER = "agency_practitioner"  # 代理机构从业人员
    EVALUATION_EXPERT = "evaluation_expert"  # 评审专家


CAPTCHA_MS = 2 * clock.MINUTE_MS
CODE_MS = 5 * clock.MINUTE_MS
SESSION_MS = 12 * clock.HOUR_MS  # covers one exam day with its check-in, not the next day
CODE_DIGITS = 6
CODE_GUESSES = 5
# time to fill in the registration form after an unregistered phone was proven
PROVEN_MS = 15 * clock.MINUTE_MS
RESEND_MS = clock.MINUTE_MS


class Window(msgspec.Struct, frozen=True):
    """A budget: at most `limit` uses in each period of `length_ms`.

    Periods begin at full hours or at midnight in China.
    """

    name: str
    length_ms: int
    limit: int

    def times(self, factor: int) -> "Window":
        """Return this window with its limit multiplied by `factor`."""
        return Window(self.name, self.length_ms, factor * self.limit)

    def counter(self, now: int) -> str:
        """Return the name of the attribute that counts the uses of the present period."""
        return f"{self.name}{self._number(now)}"

    def ends_at(self, now: int) -> int:
        """Return when the next period begins (UTC ms)."""
        return (self._number(now) + 1) * self.length_ms - _CHINA_MS

    def _number(self, now: int) -> int:
        return (now + _CHINA_MS) // self.length_ms


_CHINA_MS = 8 * clock.HOUR_MS
PHONE_WINDOWS = (Window("hour", clock.HOUR_MS, 5), Window("day", clock.DAY_MS, 10))
ADDRESS_WINDOWS = (Window("hour", clock.HOUR_MS, 20),)
# wrong codes: enough for a computer room of 30 people
GUESS_WINDOWS = (Window("hour", clock.HOUR_MS, 50),)
SITE_FACTOR = 10  # an IPv6 site (/48) holds 65,536 networks (/64) of one customer or of many people
# drawing takes CPU time: enough for a computer room of 30
CAPTCHA_WINDOWS = (Window("hour", clock.HOUR_MS, 120),)
SSO_WINDOWS = CAPTCHA_WINDOWS  # each sign-in that begins writes a row
CERTIFICATE_WINDOWS = (Window("hour", clock.HOUR_MS, 120),)  # enough for an office that checks many
SPEED_WINDOWS = (Window("hour", clock.HOUR_MS, 20),)  # each ticket allows about 10 MB


def stage_windows(an_hour: int, a_day: int) -> tuple[Window, ...]:
    """Return the budget of SMS codes of the whole stage, per hour and per day."""
    return (Window("hour", clock.HOUR_MS, an_hour), Window("day", clock.DAY_MS, a_day))


def parse_phone(text: str) -> str:
    """Return a mainland mobile number as E.164 (`+8613800138000`). Raises `Invalid`: `phone_invalid`.

    Letters are refused before the library sees the text: it would translate them into digits (`1380013TAXI`), and it
    also reads `tel:` addresses.
    """
    import phonenumbers

    plain = plain_number(text)
    if not re.fullmatch(r"[+\d()]+", plain, re.ASCII):
        raise Invalid("phone_invalid")
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        raise Invalid("phone_invalid") from None
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if number.country_code != 86 or number.extension or not mobile:
        raise Invalid("phone_invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked_phone(e164: str) -> str:
    """Return the number with its middle digits hidden: `138****8000`."""
    national = e164.removeprefix("+86")
    return f"{national[:3]}****{national[-4:]}"


SIGN_IN_MS = 10 * clock.MINUTE_MS  # from the button until the person returns from the provider
LINK_MS = 15 * clock.MINUTE_MS  # then to prove a phone: enough for three codes


class ReturnPage(enum.Enum):
    """The pages to which a sign-in by a provider may return. They are names, never addresses."""

    PORTAL = "portal"  # 聚合页
    EXAM_DETAIL = "exam_detail"  # 考试详情, with the exam's id
    ME = "me"  # 个人中心


class ReturnTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page that the person came from. `exam_id` is given for `exam_detail` alone."""

    page: ReturnPage = ReturnPage.PORTAL
    exam_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,64}(?!\n)$")] = ""


class LinkedSignIn(msgspec.Struct, frozen=True):
    """A sign-in at a provider that belongs to an account; `key` names its row."""

    provider: str
    key: str
    at: int


class Account(msgspec.Struct, frozen=True):
    """Who is signed in."""

    account_id: str
    phone: str
    session_version: int


def account_of(item: dict[str, Any]) -> Account:
    """Return the account of a stored item."""
    return Account(item["account_id"], item["phone_masked"], item["session_version"])


class Challenge(msgspec.Struct, frozen=True):
    """A code that was sent for one phone and purpose. `guesses`: how many were counted, including the present one."""

    code_hash: str
    guesses: int
    expires_at: int


def networks(address: str) -> tuple[tuple[str, int], ...]:
    """Return the names under which the uses of an address are counted, each with the factor of its budget.

    An IPv4 address counts as itself, also when it is written as IPv6 (`::ffff:192.0.2.1`). One IPv6 address does not
    stand for one person: everybody has 2^64 of them (RFC 4291), and a site has up to 2^16 networks (RFC 6177). So the
    uses of its network (/64) are counted, and those of its site (/48) with a larger budget. Everything that is not an
    address counts under one name, so that nobody gets more budget by inventing addresses.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return (("unknown", 1),)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return ((str(parsed), 1),)
    network, site = (str(ipaddress.ip_network((parsed, n), strict=False)) for n in (64, 48))
    return ((network, 1), (site, SITE_FACTOR))
