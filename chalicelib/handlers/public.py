"""Routes that anybody may call: captchas, codes, sessions, registration, agreements, the portal."""

from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.accounts import consents, sessions
from chalicelib.accounts import service as accounts
from chalicelib.accounts.consents import Agreement, Ticks
from chalicelib.accounts.model import SESSION_MS, Account, AudienceRole, CaptchaFormat, Purpose
from chalicelib.accounts.phones import Proof
from chalicelib.accounts.service import Captcha, CodeSent
from chalicelib.exams import lists
from chalicelib.exams import service as exams
from chalicelib.exams.listing import MOST_SHOWN, USUALLY_SHOWN, ListPart
from chalicelib.exams.model import (
    BlankRule,
    Exam,
    ExamKind,
    FaceReference,
    ListedExam,
    Liveness,
    MultipleRule,
    Phase,
    RetakeRule,
)
from chalicelib.exams.questions import SectionType
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.identity import service as identity
from chalicelib.results import service as certificates
from chalicelib.shared.settings import settings
from chalicelib.views.announcements import PublicAnnouncement, public_announcement
from chalicelib.views.certificates import PublicCertificate, public_certificate

routes = Blueprint(__name__)

# A new exam is seen this much later at most; a portal that is full asks as much less.
LISTS_ARE_KEPT_S = 15
SITE_IS_KEPT_S = 300  # it changes with a deployment only

Phone = Annotated[str, Meta(min_length=1, max_length=30)]
Code = Annotated[str, Meta(min_length=1, max_length=12)]
Challenge = Annotated[str, Meta(min_length=1, max_length=60)]
Line = Annotated[str, Meta(max_length=120)]
Names = Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=10)]


class CaptchaRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The phone and purpose that a captcha is made for, and whether it is a picture or a sound."""

    phone: Phone
    purpose: Purpose
    format: CaptchaFormat = CaptchaFormat.PICTURE


@route(routes, "POST", "/captchas", role=Role.PUBLIC, status=201)
def create_captcha(call: Call, body: CaptchaRequest) -> Captcha:
    """Make a captcha, drawn or spoken. It can be used once, within two minutes."""
    return accounts.create_captcha(
        phone=body.phone,
        purpose=body.purpose,
        given_as=body.format,
        address=call.address,
        now=call.now,
    )


class CodeRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The answer to a captcha, for which a code is sent."""

    phone: Phone
    purpose: Purpose
    captcha_id: Annotated[str, Meta(min_length=1, max_length=60)]
    captcha_answer: Code


@route(routes, "POST", "/codes", role=Role.PUBLIC, status=202)
def send_code(call: Call, body: CodeRequest) -> CodeSent:
    """Send a 6-digit code by SMS. The answer is the same whether the phone is known or not."""
    return accounts.send_code(
        phone=body.phone,
        purpose=body.purpose,
        captcha_id=body.captcha_id,
        captcha_answer=body.captcha_answer,
        address=call.address,
        language=call.language,
        now=call.now,
    )


class SignedIn(msgspec.Struct, frozen=True):
    """Who is signed in now. The session itself is in the cookie."""

    account_id: str
    phone: str
    expires_at: int


class SessionRequest(msgspec.Struct, forbid_unknown_fields=True):
    """手机快捷登录: `agreements` names the ticked texts."""

    phone: Phone
    challenge_id: Challenge
    code: Code
    agreements: Names


@route(routes, "POST", "/sessions", role=Role.PUBLIC, status=201)
def create_session(call: Call, body: SessionRequest) -> SignedIn:
    """Sign in with a proven phone."""
    account = accounts.create_session(
        phone=body.phone,
        proof=Proof(body.challenge_id, body.code, call.address),
        ticks=ticks(call, body.agreements),
        now=call.now,
    )
    return signed_in(call, account)


class AccountRequest(msgspec.Struct, forbid_unknown_fields=True):
    """新用户注册. Challenge and code of a sign-in that was refused with `account_unknown` can be used here too."""

    phone: Phone
    challenge_id: Challenge
    code: Code
    agreements: Names
    role: AudienceRole
    name: Line = ""
    organisation: Line = ""
    region: Line = ""


@route(routes, "POST", "/accounts", role=Role.PUBLIC, status=201)
def create_account(call: Call, body: AccountRequest) -> SignedIn:
    """Register with a proven phone and sign in."""
    profile = identity.first_profile(
        role=body.role,
        name=body.name,
        organisation=body.organisation,
        region=body.region,
        now=call.now,
    )
    account = accounts.create_account(
        phone=body.phone,
        proof=Proof(body.challenge_id, body.code, call.address),
        ticks=ticks(call, body.agreements),
        profile=profile,
        now=call.now,
    )
    return signed_in(call, account)


def ticks(call: Call, names: list[str]) -> Ticks:
    """Return what a person has ticked, with the language of the request."""
    return Ticks(tuple(names), call.language)


def signed_in(call: Call, account: Account) -> SignedIn:
    """Set the session cookie for an account and return who is signed in."""
    call.set_cookie = sessions.cookie(account.account_id, account.session_version, call.now)
    return SignedIn(account.account_id, account.phone, call.now + SESSION_MS)


@route(routes, "GET", "/agreements/{name}", role=Role.PUBLIC)
def get_agreement(call: Call, name: str) -> Agreement:
    """Return the current text of 《用户服务协议》, 《隐私协议》 or 《用户信息授权使用协议》, or a translation of it.

    The Chinese text binds, and `sha256` is its hash in every language.
    """
    text = consents.agreement(name, language=call.language)
    call.spoken = text.language
    return text


class SittingOf(msgspec.Struct, frozen=True):
    """The series that an exam belongs to, its name within it (第一场), and the rule of the series."""

    series_id: str
    sitting: str
    retakes: RetakeRule


class ExamView(msgspec.Struct, frozen=True):
    """An exam as the portal shows it. `series`: null for an exam by itself."""

    exam_id: str
    kind: ExamKind
    title: str
    audience: tuple[AudienceRole, ...]
    by_roster: bool
    phase: Phase
    waiting_opens_at: int
    starts_at: int
    entry_until: int
    duration_min: int
    series: SittingOf | None


class SectionView(msgspec.Struct, frozen=True):
    """A section of the paper, before anybody sees questions. `total`: what all its questions are worth together."""

    title: str
    type: SectionType
    count: int
    points: float
    questions: int
    total: float


class Rules(msgspec.Struct, frozen=True):
    """The part of the policy that a candidate may know. How often and when snapshots are taken is not in it."""

    waiting_opens_min: int
    entry_closes_min: int
    duration_min: int
    pass_mark: int
    verification_chances: int
    switch_limit: int
    switch_min_ms: int
    fullscreen_grace_s: int
    page_loss_counts: bool
    locked_copy: bool
    several_limit: int
    complaint_hours: int
    recommended_down_mbps: float
    recommended_up_mbps: float
    multiple_rule: MultipleRule
    blank_rule: BlankRule
    face_reference: FaceReference
    liveness: Liveness


class ExamDetail(msgspec.Struct, frozen=True):
    """An exam with its rules, and what was announced to everybody so far, the oldest first."""

    exam: ExamView
    notice: str
    announcements: tuple[PublicAnnouncement, ...]
    rules: Rules
    sections: tuple[SectionView, ...]
    hotline: str


class ExamList(msgspec.Struct, frozen=True):
    """A page of the list of exams. `next`: the value of `after` for the page after it; null at the end."""

    exams: tuple[ExamView, ...]
    next: str | None


class ExamsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which exams: the current ones, or those that are over; after which place; at most how many."""

    which: ListPart = ListPart.CURRENT
    after: Annotated[str, Meta(max_length=80)] = ""
    most: Annotated[int, Meta(ge=1, le=MOST_SHOWN)] = USUALLY_SHOWN


class ServerTime(msgspec.Struct, frozen=True):
    """The time of the server in UTC milliseconds."""

    server_now: int


class Site(msgspec.Struct, frozen=True):
    """What stands at the foot of every page. `filing_number`: ICP 备案号, "" where the site needs none."""

    hotline: str
    filing_number: str


@route(routes, "GET", "/site", role=Role.PUBLIC, max_age_s=SITE_IS_KEPT_S)
def get_site(call: Call) -> Site:
    """Return the hotline and the filing number of this site; nothing is read for it."""
    return Site(settings().hotline, settings().filing_number)


@route(routes, "GET", "/time", role=Role.PUBLIC)
def tell_time(call: Call) -> ServerTime:
    """Return the server's time. The page corrects its clock with it; nothing is read for it."""
    return ServerTime(call.now)


@route(routes, "GET", "/exams", role=Role.PUBLIC, max_age_s=LISTS_ARE_KEPT_S)
def list_exams(call: Call, query: ExamsQuery) -> ExamList:
    """聚合页: list exams by pages, the current ones by their start, those that are over with the newest first."""
    page = lists.list_page(part=query.which, after=query.after, most=query.most)
    shown = tuple(_exam_view(exam, call.now) for exam in page.exams)
    return ExamList(shown, page.next.text if page.next else None)


@route(routes, "GET", "/exams/{exam_id}", role=Role.PUBLIC)
def get_exam(call: Call, exam_id: str) -> ExamDetail:
    """考试详情: return an exam with the numbers of its rules."""
    exam = exams.get_exam(exam_id)
    sections = tuple(
        SectionView(s.title, s.type, s.count, s.points, s.question_count, worth / 100)
        for s, worth in zip(exam.sections, exam.worths, strict=True)
    )
    hotline = settings().hotline
    rules = msgspec.convert(exam.policy, Rules, from_attributes=True)
    announced = tuple(map(public_announcement, exam.announcements))
    shown = _exam_view(exam, call.now)
    return ExamDetail(shown, exam.notice, announced, rules, sections, hotline)


@route(routes, "GET", "/certificates/{number}", role=Role.PUBLIC)
def verify_certificate(call: Call, number: str) -> PublicCertificate:
    """证书查验: return the content of a certificate with a masked name, and whether it is valid now."""
    shown = certificates.verify_certificate(number=number, address=call.address, now=call.now)
    return public_certificate(shown, call.now)


def _exam_view(exam: Exam | ListedExam, now: int) -> ExamView:
    return ExamView(
        exam_id=exam.exam_id,
        kind=exam.policy.kind,
        title=exam.title,
        audience=exam.audience,
        by_roster=exam.has_roster,
        phase=exam.phase(now),
        waiting_opens_at=exam.waiting_opens_at,
        starts_at=exam.starts_at,
        entry_until=exam.entry_until,
        duration_min=exam.policy.duration_min,
        series=_sitting_of(exam),
    )


def _sitting_of(exam: Exam | ListedExam) -> SittingOf | None:
    series = exam.series
    return SittingOf(series.id, series.sitting, series.retakes) if series else None
