"""Forgetting the documents of certificates that show a person's photo to no purpose any more."""

import msgspec

from chalicelib.results import store
from chalicelib.results.model import Certificate, CertificateState, photo_copy_id


class KeptDocuments(msgspec.Struct, frozen=True):
    """What stays: numbers of certificates that hold, the photos that they show; and how many versions went."""

    numbers: tuple[str, ...] = ()
    photo_ids: tuple[str, ...] = ()
    removed: int = 0


def forget_documents(*, account_id: str) -> KeptDocuments:
    """Remove the PDFs that show a photo of this person, but for the newest edition of what is not revoked."""
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
    """Editions that keep their photo: the newest, unless revoked, and any whose PDF is still to be written."""
    holds = {certificate.edition} if certificate.state is not CertificateState.REVOKED else set()
    unwritten = {n for n, entry in enumerate(certificate.editions, start=1) if not entry.sha256}
    return tuple(sorted(holds | unwritten))
