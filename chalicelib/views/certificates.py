"""What routes answer about certificates: to their owner, and to anybody who holds a printed one. Allow-lists."""

import msgspec

from chalicelib.results import model, texts
from chalicelib.results.keeping import verify_url
from chalicelib.results.model import CertificateStatus
from chalicelib.results.service import ShownCertificate
from chalicelib.shared.settings import settings


class CertificateView(msgspec.Struct, frozen=True):
    """我的证书: what it says, what is true of it now, and the PDF (`url`: a link for one minute).

    `url` is null while the PDF is being written (`preparing`), and as long as the certificate does not hold.
    `verify_url` is what its QR code says.
    """

    number: str
    edition: int
    status: CertificateStatus
    message: str
    reason: str
    attempt_id: str
    exam_id: str
    exam_title: str
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
    """Mine, newest first."""

    certificates: tuple[CertificateView, ...]
    server_now: int


class AttemptCertificate(msgspec.Struct, frozen=True):
    """The certificate of an attempt; `expected`: the result is a final pass and its certificate is on its way."""

    certificate: CertificateView | None
    expected: bool
    server_now: int


def certificate_view(shown: ShownCertificate) -> CertificateView:
    """A certificate as its owner sees it."""
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
    """What anybody may know who holds a printed number: compare it with the paper.

    `unconfirmed` says nothing but that: then all fields of the content are empty. `superseded_by`: the number of the
    edition that counts now.
    """

    number: str
    status: CertificateStatus
    message: str
    reason: str
    name: str
    id_number: str
    exam_title: str
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
    """The signed content with a masked name, and the live status."""
    certificate, content, status = shown.certificate, shown.content, shown.status
    known = status is not CertificateStatus.UNCONFIRMED
    newest = model.edition_number(certificate.number, certificate.edition)
    return PublicCertificate(
        number=shown.number,
        status=status,
        message=texts.CERTIFICATES[status.value],
        reason=_public_reason(shown),
        name=model.masked_name(content.name) if known else "",
        id_number=content.id_number_masked if known else "",
        exam_title=content.exam_title if known else "",
        points=content.points if known else None,
        out_of=content.out_of if known else None,
        passed_on=content.passed_on if known else "",
        issued_at=certificate.editions[shown.edition - 1].issued_at if known else None,
        changed_at=certificate.changed_at if known else None,
        superseded_by=newest if status is CertificateStatus.SUPERSEDED else None,
        issuer=settings().operator_name,
        hotline=settings().hotline,
        server_now=now,
    )


def _public_reason(shown: ShownCertificate) -> str:
    """Our own sentences are public; what an operator wrote is between them and the candidate."""
    if shown.status not in (CertificateStatus.SUSPENDED, CertificateStatus.REVOKED):
        return ""
    return texts.CERTIFICATE_REASONS.get(shown.certificate.reason, "")
