"""What all use cases of a certificate share: deciding about one, and where it is verified."""

from collections.abc import Callable

from chalicelib.attempts.model import Attempt
from chalicelib.kernel import deciding
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.results import model, store
from chalicelib.results.model import Certificate
from chalicelib.results.store import Record
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.secrets import keyed_digest
from chalicelib.shared.settings import settings


def decide(number: str, rule: Callable[[Certificate], Outcomes]) -> Certificate:
    """Decide about a certificate by a rule; returns the certificate after it.

    Raises `NotFound`, `Conflict` (`busy`; `certificate_unconfirmed`: what is not ours is not sealed again).
    """
    return deciding.decide(lambda: _load_genuine(number), rule, store.change_certificate)


def _load_genuine(number: str) -> Certificate:
    """A certificate as it was sealed. Raises `NotFound`, `Conflict`: `certificate_unconfirmed`."""
    record = load(number)
    if not record.genuine:
        report_unconfirmed(number)
        raise Conflict("certificate_unconfirmed")
    return record.certificate


def number_of(attempt: Attempt) -> str:
    """The number of the certificate of a submitted attempt, whether there is one or not."""
    assert attempt.submitted_at is not None  # it is submitted
    digest = keyed_digest("certificate-number", attempt.attempt_id)
    return model.number(model.china_date(attempt.submitted_at).year, digest)


def load(number: str) -> Record:
    """One certificate. Raises `NotFound`."""
    record = store.load_certificate(number)
    if record is None:
        raise NotFound("not_found")
    return record


def report_unconfirmed(number: str) -> None:
    """Tell an operator that somebody has touched this record."""
    log.metric("CertificateNotConfirmed", 1, number=number)


def verify_url(number: str) -> str:
    """The page that checks a number; the QR code leads there."""
    return f"{settings().site_origin}/certificates/{number}"
