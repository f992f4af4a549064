"""Rules of signing in: phones, captchas, codes, budgets. Pure."""

import enum
import ipaddress
import re
import unicodedata
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.shared import clock
from chalicelib.shared.errors import Invalid


class Purpose(enum.Enum):
    """What a captcha and a code are good for; neither works for the other purpose."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    LINK = "link"  # the first sign-in by a provider: whose phone is it


class CaptchaFormat(enum.Enum):
    """How a captcha is given; what it holds can be told by eye or by ear."""

    PICTURE = "picture"
    AUDIO = "audio"  # for those who cannot see the picture


class AudienceRole(enum.Enum):
    """Who a candidate is (docs/glossary.md)."""

    AGENCY_PRACTITIONER = "agency_practitioner"  # 代理机构从业人员
    EVALUATION_EXPERT = "evaluation_expert"  # 评审专家


CAPTCHA_MS = 2 * clock.MINUTE_MS
CODE_MS = 5 * clock.MINUTE_MS
SESSION_MS = 12 * clock.HOUR_MS  # an exam day with its check-in, and not the next one
CODE_DIGITS = 6
CODE_GUESSES = 5
PROVEN_MS = 15 * clock.MINUTE_MS  # a proven phone nobody has registered: time to fill in a form
RESEND_MS = clock.MINUTE_MS


class Window(msgspec.Struct, frozen=True):
    """At most `limit` within each stretch of `length_ms`, counted from China's midnight or full hour."""

    name: str
    length_ms: int
    limit: int

    def times(self, factor: int) -> "Window":
        """The same with so many times the limit."""
        return Window(self.name, self.length_ms, factor * self.limit)

    def counter(self, now: int) -> str:
        """The attribute that counts this stretch."""
        return f"{self.name}{self._number(now)}"

    def ends_at(self, now: int) -> int:
        """When the next stretch begins."""
        return (self._number(now) + 1) * self.length_ms - _CHINA_MS

    def _number(self, now: int) -> int:
        return (now + _CHINA_MS) // self.length_ms


_CHINA_MS = 8 * clock.HOUR_MS
PHONE_WINDOWS = (Window("hour", clock.HOUR_MS, 5), Window("day", clock.DAY_MS, 10))
ADDRESS_WINDOWS = (Window("hour", clock.HOUR_MS, 20),)
GUESS_WINDOWS = (Window("hour", clock.HOUR_MS, 50),)  # wrong codes: a lab of 30 that mistypes fits
SITE_FACTOR = 10  # an IPv6 site (/48) holds 65,536 networks (/64) of one customer or of many people
CAPTCHA_WINDOWS = (Window("hour", clock.HOUR_MS, 120),)  # pictures cost time: a lab of 30 fits
SSO_WINDOWS = CAPTCHA_WINDOWS  # each begun sign-in is a row
CERTIFICATE_WINDOWS = (Window("hour", clock.HOUR_MS, 120),)  # an office that checks a stack of them
SPEED_WINDOWS = (Window("hour", clock.HOUR_MS, 20),)  # a ticket is good for about 10 MB


def stage_windows(an_hour: int, a_day: int) -> tuple[Window, ...]:
    """The budget of codes of the whole stage."""
    return (Window("hour", clock.HOUR_MS, an_hour), Window("day", clock.DAY_MS, a_day))


def typed(text: str) -> str:
    """A captcha's answer or a code as it was meant: full-width signs are what a Chinese keyboard types."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def parse_phone(text: str) -> str:
    """A mainland mobile number as E.164 (`+8613800138000`). Raises `Invalid`: `phone_invalid`.

    Full-width digits are what a Chinese keyboard types. Letters are refused here: the library would dial them
    (`1380013TAXI`), and it also reads `tel:` addresses.
    """
    import phonenumbers

    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"[+\d ()-]+", plain, re.ASCII):
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
    """`138****8000`."""
    national = e164.removeprefix("+86")
    return f"{national[:3]}****{national[-4:]}"


SIGN_IN_MS = 10 * clock.MINUTE_MS  # from the button to the return: people look for their password
LINK_MS = 15 * clock.MINUTE_MS  # then: three codes, if need be


class ReturnPage(enum.Enum):
    """Where a sign-in by a provider may return to: pages of ours by name, never an address."""

    PORTAL = "portal"  # 聚合页
    EXAM_DETAIL = "exam_detail"  # 考试详情, with the exam's id
    ME = "me"  # 个人中心


class ReturnTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page that the person came from; `exam_id` for `exam_detail` alone."""

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
    """Who is signed in, of an account item."""
    return Account(item["account_id"], item["phone_masked"], item["session_version"])


class Challenge(msgspec.Struct, frozen=True):
    """A code that was sent for one phone and purpose, as it stands after one more guess was counted."""

    code_hash: str
    guesses: int
    expires_at: int


def networks(address: str) -> tuple[tuple[str, int], ...]:
    """What an address counts as, each with how many times the usual budget it has.

    An IPv4 address counts as itself, also when it is written as IPv6 (`::ffff:192.0.2.1`). An IPv6 address is not a
    person: everybody has 2^64 of them (RFC 4291), and a site up to 2^16 networks (RFC 6177). So its network (/64)
    counts, and its site (/48) with a larger budget. All that is no address counts together: whoever could make some
    up would have a budget for each.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return (("unknown", 1),)
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    if known.version == 4:
        return ((str(known), 1),)
    network, site = (str(ipaddress.ip_network((known, n), strict=False)) for n in (64, 48))
    return ((network, 1), (site, SITE_FACTOR))
