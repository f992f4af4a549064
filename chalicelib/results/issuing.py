"""Write the PDFs of certificates. This is the only use case that needs the Lambda layer of documents."""

import contextlib
import hashlib
from collections.abc import Callable

from chalicelib.attempts.deciding import load as load_attempt
from chalicelib.exams import roster_photos
from chalicelib.identity import service as identity
from chalicelib.results import document, model, signing, store
from chalicelib.results.document import Wording
from chalicelib.results.keeping import decide, verify_url
from chalicelib.results.model import Certificate, Edition
from chalicelib.shared import log
from chalicelib.shared.clock import china_date
from chalicelib.shared.errors import NotFound
from chalicelib.shared.settings import settings


def write_documents(*, number: str, now: Callable[[], int]) -> None:
    """Write, sign and store the PDF of each edition that has none. It may be called twice, or when nothing is to do.

    An edition always gives the same bytes, so two calls at the same time do no harm. Raises `Unavailable`, `NotFound`
    (the photo is gone): then the event comes again.
    """
    record = store.load_certificate(number)
    if record is None or not record.genuine:
        return
    for edition, entry in enumerate(record.certificate.editions, start=1):
        if not entry.sha256:
            _write(record.certificate, edition, entry, now)


def _write(certificate: Certificate, edition: int, entry: Edition, now: Callable[[], int]) -> None:
    data = store.read_document(certificate.number, edition)
    if data is None:
        photo = _photo(certificate, entry, now())
        plain = document.write_document(
            _wording(certificate, edition, entry), photo, at=entry.issued_at
        )
        issuer = settings().operator_name
        data = signing.sign_document(plain, issuer=issuer, at=entry.issued_at)
        store.write_document(certificate.number, edition, data)
    digest = hashlib.sha256(data).hexdigest()
    decide(certificate.number, lambda c: model.rendered(c, edition, digest, now()))
    log.event("certificate_written", number=certificate.number, edition=edition, bytes=len(data))


def _photo(certificate: Certificate, entry: Edition, now: int) -> bytes:
    """Return the photo that faces were compared with (JPEG). A publisher's photo expires, so it is copied first."""
    account_id, copy_id = certificate.account_id, model.photo_copy_id(certificate.number)
    attempt = load_attempt(certificate.attempt_id, None)
    if attempt.by_roster:
        with contextlib.suppress(NotFound):
            return identity.read_photo(account_id=account_id, photo_id=copy_id)
        with contextlib.suppress(NotFound):
            jpeg = roster_photos.read_picture(
                exam_id=attempt.exam_id, person_hash=attempt.identity.person_hash, now=now
            )
            identity.keep_photo(account_id=account_id, photo_id=copy_id, jpeg=jpeg)
            return jpeg
    return identity.read_photo(account_id=account_id, photo_id=entry.content.photo_id)


def _wording(certificate: Certificate, edition: int, entry: Edition) -> Wording:
    content, number = entry.content, model.edition_number(certificate.number, edition)
    return Wording(
        number=number,
        name=content.name,
        id_number=content.id_number_masked,
        organisation=content.organisation,
        exam_title=content.exam_title,
        sitting=content.sitting,
        score=f"{content.points:g} / {content.out_of:g}",
        passed_on=model.in_words(content.passed_on),
        issued_on=model.in_words(china_date(entry.issued_at).isoformat()),
        issuer=settings().operator_name,
        verify_url=verify_url(number),
    )
