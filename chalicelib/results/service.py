"""Use cases of certificates: they follow attempts, operators correct them, and anybody verifies them."""

from collections.abc import Iterable

import msgspec

from chalicelib.accounts import service as accounts
from chalicelib.attempts import follow_up, grading
from chalicelib.attempts import service as attempts
from chalicelib.attempts.deciding import load as load_attempt
from chalicelib.attempts.deciding import score as score_of
from chalicelib.attempts.model import Attempt
from chalicelib.exams import service as exams
from chalicelib.exams.scoring import Score
from chalicelib.identity import service as identity
from chalicelib.identity.model import FrozenIdentity, frozen
from chalicelib.kernel.commands import Command
from chalicelib.kernel.deciding import LostRace, retried
from chalicelib.proctoring.model import IntegrityState
from chalicelib.results import model, store, telling
from chalicelib.results.keeping import decide, load, number_of, report_unconfirmed
from chalicelib.results.model import (
    Certificate,
    CertificateReason,
    CertificateState,
    CertificateStatus,
    CertificateWaitsFor,
    Content,
    Edition,
    News,
    ResultStanding,
)
from chalicelib.results.store import Record
from chalicelib.shared import log
from chalicelib.shared.clock import china_date
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.time_slices import TimeSlice


class ShownCertificate(msgspec.Struct, frozen=True):
    """One edition of a certificate with its present status. `url`: a link to its PDF that works for a minute."""

    certificate: Certificate
    edition: int
    status: CertificateStatus
    url: str | None = None

    @property
    def number(self) -> str:
        """The number that is printed on it."""
        return model.edition_number(self.certificate.number, self.edition)

    @property
    def content(self) -> Content:
        """The content of this edition."""
        return self.certificate.editions[self.edition - 1].content


# --- following attempts ---------------------------------------------------------------------------------


def follow_attempt(*, attempt_id: str, now: int) -> None:
    """Let the certificate follow a marked attempt, write the feeds of partners, then take the mark away.

    The stream and the schedule call it. Twice, late, out of order or at the same time, the outcome is the same: it
    reads the attempt, and reads it again when it has changed meanwhile. Raises `Conflict`: `busy`.
    """

    def follow() -> None:
        attempt = follow_up.marked_attempt(attempt_id=attempt_id)
        if attempt is None:
            return
        _follow(attempt, now)
        telling.tell_result(attempt_id=attempt_id, now=now)
        if not follow_up.take_mark(attempt=attempt):
            raise LostRace

    retried(follow)


def _follow(attempt: Attempt, now: int) -> None:
    number = number_of(attempt)
    score = score_of(attempt)
    standing, why = _standing(attempt, score, now)
    record = store.load_certificate(number)
    if record is None:
        if standing is not ResultStanding.PASSED:
            return
        fresh = _fresh(attempt, number, score, now)
        record = store.put_certificate(fresh)
        log.event("certificate_issued", attempt=attempt.attempt_id, number=number)
    if not record.genuine:
        report_unconfirmed(number)
        return
    content = _content(attempt, attempt.identity, record.certificate.content.exam_title, score)
    news = News(attempt.version, standing, why, content)
    decide(number, lambda c: model.follow(c, news, now))


def _standing(attempt: Attempt, score: Score, now: int) -> tuple[ResultStanding, CertificateReason]:
    if grading.is_final_pass(attempt, now):
        return (
            ResultStanding.PASSED if score.passed else ResultStanding.FAILED
        ), CertificateReason.KEY_CORRECTED
    if attempt.integrity.state is IntegrityState.INVALIDATED:
        return ResultStanding.FAILED, CertificateReason.INVALIDATED
    return ResultStanding.OPEN, CertificateReason.FLAGGED


def _fresh(attempt: Attempt, number: str, score: Score, now: int) -> Certificate:
    title = exams.get_exam(attempt.exam_id).title
    content = _content(attempt, attempt.identity, title, score)
    return Certificate(
        number=number,
        account_id=attempt.account_id,
        attempt_id=attempt.attempt_id,
        version=1,
        state=CertificateState.VALID,
        editions=(Edition(content, now),),
        issued_at=now,
        changed_at=now,
        waits_for=CertificateWaitsFor.DOCUMENT,
        ordered_at=now,
        follows=attempt.version,
    )


def _content(attempt: Attempt, person: FrozenIdentity, title: str, score: Score) -> Content:
    assert attempt.submitted_at is not None  # it is submitted
    return Content(
        name=person.name,
        id_type=person.id_type,
        id_number_masked=person.id_number_masked,
        organisation=person.organisation,
        exam_id=attempt.exam_id,
        exam_title=title,
        points=score.points,
        out_of=score.out_of,
        passed_on=china_date(attempt.submitted_at).isoformat(),
        photo_id=person.photo_id,
        sitting=attempt.sitting,
    )


def follow_marked(*, now: int, time_slice: TimeSlice | None = None) -> int:
    """Follow the attempts that the stream has missed. An attempt that fails does not stop the others.

    The schedule calls it. Returns how many were tried.
    """
    done = 0
    for attempt_id in (time_slice or TimeSlice()).each(follow_up.list_marked(), str):
        done += 1
        try:
            follow_attempt(attempt_id=attempt_id, now=now)
        except Exception as error:  # an error of one attempt must not stop the others
            log.crash(error, attempt=attempt_id)
            log.metric("OutcomeNotFollowed", 1, attempt=attempt_id)
    return done


def order_documents_again(*, now: int, time_slice: TimeSlice | None = None) -> int:
    """Order the documents again that nobody has written for a while. Returns how many.

    The schedule calls it. The metric `CertificatesWaiting` counts them. When it stays above 0, a human has to act.
    """
    asked = 0
    for number in (time_slice or TimeSlice()).each(
        store.list_waiting(CertificateWaitsFor.DOCUMENT), str
    ):
        try:
            asked += _order_again(number, now)
        except Exception as error:  # an error of one certificate must not stop the others
            log.crash(error, certificate=number)
    if asked:
        log.metric("CertificatesWaiting", asked)
    return asked


def _order_again(number: str, now: int) -> bool:
    record = store.load_certificate(number)
    if not (record and record.genuine and model.order_again(record.certificate, now)):
        return False
    decide(number, lambda c: model.order_again(c, now))
    return True


# --- reading --------------------------------------------------------------------------------------------


def list_certificates(*, account_id: str) -> list[ShownCertificate]:
    """我的证书: return the certificates of an account, newest first, each in its newest edition."""
    return [_newest(record) for record in store.list_of_account(account_id)]


def valid_of(*, attempts: Iterable[Attempt]) -> dict[str, str]:
    """Return attempt id → number, for those of these submitted attempts that have a valid certificate.

    Reads a hundred with one call. May be a moment behind.
    """
    return {
        attempt_id: shown.certificate.number
        for attempt_id, shown in find_certificates(attempts=attempts).items()
        if shown.status is CertificateStatus.VALID
    }


def find_certificates(*, attempts: Iterable[Attempt]) -> dict[str, ShownCertificate]:
    """Return attempt id → newest edition of the certificate, for those of these submitted attempts that have one.

    Reads a hundred with one call. May be a moment behind.
    """
    records = store.load_certificates(map(number_of, attempts))
    return {record.certificate.attempt_id: _newest(record) for record in records}


def get_certificate(
    *, attempt_id: str, account_id: str, now: int
) -> tuple[Attempt, ShownCertificate | None]:
    """Return a submitted attempt of this account, and its certificate or None.

    Raises `NotFound`, `Conflict`: `not_submitted`.
    """
    attempt = attempts.get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.submitted_at is None:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    record = store.load_certificate(number_of(attempt))
    return attempt, _newest(record) if record else None


def is_expected(attempt: Attempt, now: int) -> bool:
    """Whether an attempt without a certificate will get one. A practice never gets one."""
    if attempt.policy.is_practice:
        return False
    standing, _ = _standing(attempt, score_of(attempt), now)
    return standing is ResultStanding.PASSED


def read_own_document(shown: ShownCertificate) -> bytes | None:
    """Return the PDF of an edition, for a copy of its owner's data; None unless the certificate is valid."""
    if shown.url is None:
        return None
    return store.read_document(shown.certificate.number, shown.edition)


def verify_certificate(*, number: str, address: str, now: int) -> ShownCertificate:
    """Return the certificate of a printed number for the public. Raises `TooMany`, `NotFound`."""
    accounts.spend_certificate_check(address=address, now=now)
    return show_certificate(number=number)


def show_certificate(*, number: str) -> ShownCertificate:
    """Return the certificate of a printed number. The caller checks who may see it. Raises `NotFound`."""
    plain, edition = model.parse_number(number)
    record = load(plain)
    if edition > record.certificate.edition:
        raise NotFound("not_found")
    return _shown(record, edition)


def _newest(record: Record) -> ShownCertificate:
    return _shown(record, record.certificate.edition)


def _shown(record: Record, edition: int) -> ShownCertificate:
    certificate = record.certificate
    status = model.status(certificate, edition, genuine=record.genuine)
    written = certificate.editions[edition - 1].sha256
    url = None
    if written and status is CertificateStatus.VALID:
        url = store.document_url(certificate.number, edition)
    if status is CertificateStatus.UNCONFIRMED:
        report_unconfirmed(certificate.number)
    return ShownCertificate(certificate, edition, status, url)


# --- operators ------------------------------------------------------------------------------------------


def read_certificate(*, number: str) -> ShownCertificate:
    """Return a certificate with its whole history. Raises `NotFound`."""
    plain, _ = model.parse_number(number)
    return _newest(load(plain))


def suspend_certificate(*, number: str, command: Command, now: int) -> Certificate:
    """Suspend a valid certificate. Raises `NotFound`, `Conflict`."""
    return _order(number, CertificateState.SUSPENDED, command, now)


def revoke_certificate(*, number: str, command: Command, now: int) -> Certificate:
    """Revoke a certificate. Raises `NotFound`, `Conflict`."""
    return _order(number, CertificateState.REVOKED, command, now)


def reinstate_certificate(*, number: str, command: Command, now: int) -> Certificate:
    """Make a suspended or revoked certificate of a final pass valid again. Raises `NotFound`, `Conflict`."""
    return _order(number, CertificateState.VALID, command, now)


def _order(number: str, state: CertificateState, command: Command, now: int) -> Certificate:
    plain, _ = model.parse_number(number)
    attempt = load_attempt(load(plain).certificate.attempt_id, None)
    standing, _ = _standing(attempt, score_of(attempt), now)
    return decide(plain, lambda c: model.order_state(c, state, command, standing, now))


def reissue_certificate(*, number: str, command: Command, now: int) -> Certificate:
    """Write a new edition with the present name, organisation and ID photo of the same person.

    Raises `NotFound`, `Conflict` (`certificate_changed`, `certificate_is`, `identity_incomplete`,
    `identity_changed`: the person has another ID number now).
    """
    plain, _ = model.parse_number(number)
    certificate = load(plain).certificate
    attempt = load_attempt(certificate.attempt_id, None)
    owner = identity.look_up_person(account_id=certificate.account_id)
    identity.require_complete(owner)
    person = frozen(owner)
    if person.person_hash != attempt.identity.person_hash:
        raise Conflict("identity_changed")
    content = _content(attempt, person, certificate.content.exam_title, score_of(attempt))
    return decide(plain, lambda c: model.reissue(c, content, command, now))
