"""Routes of partner platforms: results and certificates of their people. Each request is signed."""

from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.partners import service as partners
from chalicelib.results.feed import FeedEntry, FeedKind, FeedResult
from chalicelib.results.keeping import verify_url
from chalicelib.results.model import CertificateStatus
from chalicelib.results.service import ShownCertificate
from chalicelib.results.texts import CERTIFICATES

routes = Blueprint(__name__)


class PartnerResult(FeedResult, frozen=True, kw_only=True):
    """A result as it was when the entry was written. `revision` counts the entries about it, `kind` is the cause."""

    revision: int
    kind: FeedKind
    told_at: int


class ResultNews(msgspec.Struct, frozen=True):
    """One entry of the feed. A request with `after` = its `cursor` returns the entries after it."""

    cursor: str
    result: PartnerResult


class ResultFeed(msgspec.Struct, frozen=True):
    """Entries after the given cursor, oldest first. `next`: the cursor of the next request, due at once if `more`."""

    entries: tuple[ResultNews, ...]
    next: str
    more: bool
    server_now: int


class FeedQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries: those after this cursor (none: all). `organisation`: the short name of one of several."""

    after: Annotated[str, Meta(pattern=r"^[0-9]{1,12}(?!\n)$")] = "0"
    organisation: Annotated[str, Meta(max_length=64)] = ""


@route(routes, "GET", "/partner/results", role=Role.PARTNER)
def read_feed(call: Call, query: FeedQuery) -> ResultFeed:
    """企业信息 > 培训列表 > 查看结果: return new results of an organisation, with corrections of earlier ones."""
    after = int(query.after)
    page = partners.read_results(partner=call.partner, organisation=query.organisation, after=after)
    entries = tuple(ResultNews(str(kept.sequence), _result(kept.entry)) for kept in page.entries)
    following = entries[-1].cursor if entries else str(after)
    return ResultFeed(entries, following, page.more, call.now)


class PersonResults(msgspec.Struct, frozen=True):
    """The result of each attempt of a person, the last submitted first."""

    results: tuple[PartnerResult, ...]
    server_now: int


@route(routes, "GET", "/partner/people/{ref}/results", role=Role.PARTNER)
def read_person_results(call: Call, ref: str) -> PersonResults:
    """专家工作台 > 培训列表 > 查看结果: return the results of one person, such as a user of the platform."""
    entries = partners.read_person(partner=call.partner, ref=ref)
    return PersonResults(tuple(map(_result, entries)), call.now)


class PartnerCertificate(msgspec.Struct, frozen=True):
    """证书详情: the content of a certificate, whether it is valid now, and its PDF (`url`: a link for one minute).

    `url` is null while the PDF is being written (`preparing`), and as long as the certificate is not valid. With the
    status `unconfirmed` all fields of the content are empty.
    """

    number: str
    status: CertificateStatus
    message: str
    attempt_id: str
    exam_id: str
    exam_title: str
    sitting: str
    name: str
    id_number_masked: str
    organisation: str
    points: float | None
    out_of: float | None
    passed_on: str
    issued_at: int | None
    changed_at: int | None
    preparing: bool
    url: str | None
    verify_url: str
    server_now: int


@route(routes, "GET", "/partner/certificates/{number}", role=Role.PARTNER)
def read_partner_certificate(call: Call, number: str) -> PartnerCertificate:
    """证书详情: return a certificate of one of the partner's people."""
    shown = partners.read_certificate(partner=call.partner, number=number)
    return _certificate(shown, call.now)


def _result(entry: FeedEntry) -> PartnerResult:
    fields = {field: getattr(entry.result, field) for field in FeedResult.__struct_fields__}
    return PartnerResult(**fields, revision=entry.revision, kind=entry.kind, told_at=entry.at)


def _certificate(shown: ShownCertificate, now: int) -> PartnerCertificate:
    certificate, content, status = shown.certificate, shown.content, shown.status
    confirmed = status is not CertificateStatus.UNCONFIRMED
    edition = certificate.editions[shown.edition - 1]
    return PartnerCertificate(
        number=shown.number,
        status=status,
        message=str(CERTIFICATES[status.value]),
        attempt_id=certificate.attempt_id if confirmed else "",
        exam_id=content.exam_id if confirmed else "",
        exam_title=content.exam_title if confirmed else "",
        sitting=content.sitting if confirmed else "",
        name=content.name if confirmed else "",
        id_number_masked=content.id_number_masked if confirmed else "",
        organisation=content.organisation if confirmed else "",
        points=content.points if confirmed else None,
        out_of=content.out_of if confirmed else None,
        passed_on=content.passed_on if confirmed else "",
        issued_at=edition.issued_at if confirmed else None,
        changed_at=certificate.changed_at if confirmed else None,
        preparing=confirmed and not edition.sha256,
        url=shown.url,
        verify_url=verify_url(shown.number),
        server_now=now,
    )
