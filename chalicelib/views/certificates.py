"""Certificates, as their owner may see them, and as anybody may see them who has the number of one."""

import msgspec

from chalicelib.results import model, texts
from chalicelib.results.keeping import verify_url
from chalicelib.results.model import CertificateStatus
from chalicelib.results.service import ShownCertificate
from chalicelib.shared.languages import NOTHING, Sentence
from chalicelib.shared.settings import settings


class CertificateView(msgspec.Struct, frozen=True):
    """我的证书: the content of a certificate, its status now, and the PDF (`url`: a link for one minute).

    `url` is null while the PDF is being written (`preparing`), and as long as the certificate is not valid.
    `verify_url` is the text of its QR code.
    """

    number: str
    edition: int
    status: CertificateStatus
    message: Sentence
    reason: Sentence
    attempt_id: str
    exam_id: str
    exam_title: str
    sitting: str
    name: str
    id_number: str
    points: float
    out_of: float
    passed_on: str
    issued_at: int
    changed_at: int
    preparing: bool
    url: str | None
    verify_url: str


class CertificateList(msgspec.Struct, frozen=True):
    """The certificates of a candidate, the newest first."""

    certificates: tuple[CertificateView, ...]
    server_now: int


class AttemptCertificate(msgspec.Struct, frozen=True):
    """The certificate of an attempt. `expected`: the result is a final pass and its certificate is still to come."""

    certificate: CertificateView | None
    expected: bool
    server_now: int


def certificate_view(shown: ShownCertificate) -> CertificateView:
    """Return a certificate as its owner may see it."""
    certificate, content = shown.certificate, shown.content
    return CertificateView(
        number=shown.number,
        edition=shown.edition,
        status=shown.status,
        message=texts.CERTIFICATES[shown.status.value],
        reason=texts.certificate_reason(certificate.reason),
        attempt_id=certificate.attempt_id,
        exam_id=content.exam_id,
        exam_title=content.exam_title,
        sitting=content.sitting,
        name=content.name,
        id_number=content.id_number_masked,
        points=content.points,
        out_of=content.out_of,
        passed_on=content.passed_on,
        issued_at=certificate.editions[shown.edition - 1].issued_at,
        changed_at=certificate.changed_at,
        preparing=not certificate.editions[shown.edition - 1].sha256,
        url=shown.url,
        verify_url=verify_url(shown.number),
    )


class PublicCertificate(msgspec.Struct, frozen=True):
    """What anybody may see who has the number of a certificate, to compare it with the paper.

    With the status `unconfirmed` all fields of the content are empty. `superseded_by`: the number of the edition that
    counts now.
    """

    number: str
    status: CertificateStatus
    message: Sentence
    reason: Sentence
    name: str
    id_number: str
    exam_title: str
    sitting: str
    points: float | None
    out_of: float | None
    passed_on: str
    issued_at: int | None
    changed_at: int | None
    superseded_by: str | None
    issuer: str
    hotline: str
    server_now: int


def public_certificate(shown: ShownCertificate, now: int) -> PublicCertificate:
    """Return the signed content with a masked name, and the status at `now` (UTC ms)."""
    certificate, content, status = shown.certificate, shown.content, shown.status
    confirmed = status is not CertificateStatus.UNCONFIRMED
    newest = model.edition_number(certificate.number, certificate.edition)
    return PublicCertificate(
        number=shown.number,
        status=status,
        message=texts.CERTIFICATES[status.value],
        reason=_public_reason(shown),
        name=model.masked_name(content.name) if confirmed else "",
        id_number=content.id_number_masked if confirmed else "",
        exam_title=content.exam_title if confirmed else "",
        sitting=content.sitting if confirmed else "",
        points=content.points if confirmed else None,
        out_of=content.out_of if confirmed else None,
        passed_on=content.passed_on if confirmed else "",
        issued_at=certificate.editions[shown.edition - 1].issued_at if confirmed else None,
        changed_at=certificate.changed_at if confirmed else None,
        superseded_by=newest if status is CertificateStatus.SUPERSEDED else None,
        issuer=settings().operator_name,
        hotline=settings().hotline,
        server_now=now,
    )


def _public_reason(shown: ShownCertificate) -> Sentence:
    """Return the reason if it is one of our own sentences. What an operator wrote is for the candidate only."""
    if shown.status not in (CertificateStatus.SUSPENDED, CertificateStatus.REVOKED):
        return NOTHING
    return texts.CERTIFICATE_REASONS.get(shown.certificate.reason, NOTHING)
