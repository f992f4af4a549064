"""What all use cases of a certificate share: load it, decide about it, and the URL that verifies it."""

from collections.abc import Callable

from chalicelib.attempts.model import Attempt
from chalicelib.kernel import deciding
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.results import model, store
from chalicelib.results.model import Certificate
from chalicelib.results.store import Record
from chalicelib.shared import log
from chalicelib.shared.clock import china_date
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.secrets import keyed_digest
from chalicelib.shared.settings import settings


def decide(number: str, rule: Callable[[Certificate], Outcomes]) -> Certificate:
    """Decide about a certificate by a rule. Returns the certificate after it.

    Raises `NotFound`, `Conflict` (`busy`; `certificate_unconfirmed`: a record with a wrong seal is not sealed again).
    """
    return deciding.decide(lambda: _load_genuine(number), rule, store.change_certificate)


def _load_genuine(number: str) -> Certificate:
    """Return a certificate whose seal is right. Raises `NotFound`, `Conflict`: `certificate_unconfirmed`."""
    record = load(number)
    if not record.genuine:
        report_unconfirmed(number)
        raise Conflict("certificate_unconfirmed")
    return record.certificate


def number_of(attempt: Attempt) -> str:
    """Return the number that the certificate of a submitted attempt has, or would have."""
    assert attempt.submitted_at is not None  # it is submitted
    digest = keyed_digest("certificate-number", attempt.attempt_id)
    return model.number(china_date(attempt.submitted_at).year, digest)


def load(number: str) -> Record:
    """Return the record of one certificate. Raises `NotFound`."""
    record = store.load_certificate(number)
    if record is None:
        raise NotFound("not_found")
    return record


def report_unconfirmed(number: str) -> None:
    """Count a record with a wrong seal (metric `CertificateNotConfirmed`), which raises an alarm for the operators."""
    log.metric("CertificateNotConfirmed", 1, number=number)


def verify_url(number: str) -> str:
    """Return the URL of the page that verifies a number. The QR code holds it."""
    return f"{settings().site_origin}/certificates/{number}"
