"""Delete the PDFs of certificates that show a person's photo and are no longer needed."""

import msgspec

from chalicelib.results import store
from chalicelib.results.model import Certificate, CertificateState, photo_copy_id


class KeptDocuments(msgspec.Struct, frozen=True):
    """What stays, and how much was removed.

    `numbers`: certificates that keep a PDF. `photo_ids`: the photos on them. `removed`: how many object versions.
    """

    numbers: tuple[str, ...] = ()
    photo_ids: tuple[str, ...] = ()
    removed: int = 0


def forget_documents(*, account_id: str) -> KeptDocuments:
    """Remove the PDFs of this person, except those of `shown_editions`. Returns what stays."""
    kept = KeptDocuments()
    for record in store.list_of_account(account_id):
        certificate = record.certificate
        editions = shown_editions(certificate)
        removed = store.delete_documents(certificate.number, editions)
        photos = (certificate.editions[edition - 1].content.photo_id for edition in editions)
        copies = (photo_copy_id(certificate.number),) if editions else ()
        kept = KeptDocuments(
            numbers=(*kept.numbers, *((certificate.number,) if editions else ())),
            photo_ids=(*kept.photo_ids, *photos, *copies),
            removed=kept.removed + removed,
        )
    return kept


def shown_editions(certificate: Certificate) -> tuple[int, ...]:
    """Return the editions that keep their photo: the newest unless revoked, and those without a PDF so far."""
    holds = {certificate.edition} if certificate.state is not CertificateState.REVOKED else set()
    unwritten = {n for n, entry in enumerate(certificate.editions, start=1) if not entry.sha256}
    return tuple(sorted(holds | unwritten))
