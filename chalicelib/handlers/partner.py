"""Routes of partner platforms, each a signed request: results of their people, and their certificates."""

from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.partners import service as partners
from chalicelib.results.feed import FeedEntry, FeedKind, Told
from chalicelib.results.keeping import verify_url
from chalicelib.results.model import CertificateStatus
from chalicelib.results.service import ShownCertificate
from chalicelib.results.texts import CERTIFICATES

routes = Blueprint(__name__)


class PartnerResult(Told, frozen=True, kw_only=True):
    """How a result stood when this was written: `revision` counts what was told of it, `kind` says why."""

    revision: int
    kind: FeedKind
    told_at: int


class ResultNews(msgspec.Struct, frozen=True):
    """A piece of news; ask with `after` = its `cursor` for what follows it."""

    cursor: str
    result: PartnerResult


class ResultFeed(msgspec.Struct, frozen=True):
    """News after the given cursor, oldest first. Keep `next` and ask with it; at once if there is `more`."""

    entries: tuple[ResultNews, ...]
    next: str
    more: bool
    server_now: int


class FeedQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which news: after this cursor (none: from the beginning); `organisation`: the short name of one of several."""

    after: Annotated[str, Meta(pattern=r"^[0-9]{1,12}(?!\n)$")] = "0"
    organisation: Annotated[str, Meta(max_length=64)] = ""


@route(routes, "GET", "/partner/results", role=Role.PARTNER)
def read_feed(call: Call, query: FeedQuery) -> ResultFeed:
    """企业信息 > 培训列表 > 查看结果: news of the results of an organisation, corrections included."""
    after = int(query.after)
    page = partners.read_results(partner=call.partner, organisation=query.organisation, after=after)
    entries = tuple(ResultNews(str(kept.sequence), _result(kept.entry)) for kept in page.entries)
    following = entries[-1].cursor if entries else str(after)
    return ResultFeed(entries, following, page.more, call.now)


class PersonResults(msgspec.Struct, frozen=True):
    """How each attempt of a person stands, the last submitted first."""

    results: tuple[PartnerResult, ...]
    server_now: int


@route(routes, "GET", "/partner/people/{ref}/results", role=Role.PARTNER)
def read_person_results(call: Call, ref: str) -> PersonResults:
    """专家工作台 > 培训列表 > 查看结果: the results of one person, such as a user of the platform."""
    found = partners.read_person(partner=call.partner, ref=ref)
    return PersonResults(tuple(map(_result, found)), call.now)


class PartnerCertificate(msgspec.Struct, frozen=True):
    """证书详情: what a certificate says, whether it holds now, and its PDF (`url`: a link for one minute).

    `url` is null while the PDF is being written (`preparing`), and as long as the certificate does not hold.
    `unconfirmed` says nothing but that: then all fields of the content are empty.
    """

    number: str
    status: CertificateStatus
    message: str
    attempt_id: str
    exam_id: str
    exam_title: str
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
    """证书详情: a certificate of one of the partner's people."""
    shown = partners.read_certificate(partner=call.partner, number=number)
    return _certificate(shown, call.now)


def _result(entry: FeedEntry) -> PartnerResult:
    fields = {field: getattr(entry.result, field) for field in Told.__struct_fields__}
    return PartnerResult(**fields, revision=entry.revision, kind=entry.kind, told_at=entry.at)


def _certificate(shown: ShownCertificate, now: int) -> PartnerCertificate:
    certificate, content, status = shown.certificate, shown.content, shown.status
    known = status is not CertificateStatus.UNCONFIRMED
    edition = certificate.editions[shown.edition - 1]
    return PartnerCertificate(
        number=shown.number,
        status=status,
        message=CERTIFICATES[status.value],
        attempt_id=certificate.attempt_id if known else "",
        exam_id=content.exam_id if known else "",
        exam_title=content.exam_title if known else "",
        name=content.name if known else "",
        id_number_masked=content.id_number_masked if known else "",
        organisation=content.organisation if known else "",
        points=content.points if known else None,
        out_of=content.out_of if known else None,
        passed_on=content.passed_on if known else "",
        issued_at=edition.issued_at if known else None,
        changed_at=certificate.changed_at if known else None,
        preparing=known and not edition.sha256,
        url=shown.url,
        verify_url=verify_url(shown.number),
        server_now=now,
    )
