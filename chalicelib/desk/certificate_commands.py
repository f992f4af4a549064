"""Operators' functions for certificates: read, suspend, revoke, reinstate, write a new edition."""

from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.desk.commands import Answer, Event, Id, VersionedCommand, answered, ordered
from chalicelib.kernel.commands import Command
from chalicelib.operators.model import Decider
from chalicelib.results import service as certificates
from chalicelib.results.model import Certificate


class CertificateQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which certificate is asked about."""

    number: Id


class CertificateCommand(VersionedCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command on one certificate."""

    number: Id

    def command(self, by: Decider) -> Command:
        """The command, given by this operator."""
        return Command(self.command_id, by.name, self.reason, self.version_seen, by.operator_id)


class SuspendCertificate(CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which certificate is not valid for now."""


class RevokeCertificate(CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which certificate is not valid any more."""


class ReinstateCertificate(
    CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """Which certificate is valid again."""


class ReissueCertificate(CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which certificate gets a new edition."""


def read_certificate(event: Event) -> Answer:
    """One certificate with all its editions and commands, and the status that verification shows."""

    def answer(question: CertificateQuestion, now: int) -> Answer:
        shown = certificates.read_certificate(number=question.number)
        return {**_as_answer(shown.certificate), "status": shown.status.value}

    return answered(event, CertificateQuestion, answer)


def suspend_certificate(event: Event) -> Answer:
    """Suspend a valid certificate while it is investigated."""
    return _commanded(event, SuspendCertificate, certificates.suspend_certificate)


def revoke_certificate(event: Event) -> Answer:
    """Revoke a certificate."""
    return _commanded(event, RevokeCertificate, certificates.revoke_certificate)


def reinstate_certificate(event: Event) -> Answer:
    """Make a suspended or revoked certificate valid again, if its attempt is a final pass."""
    return _commanded(event, ReinstateCertificate, certificates.reinstate_certificate)


def reissue_certificate(event: Event) -> Answer:
    """Write a new edition with the name and photo of the owner's present profile."""
    return _commanded(event, ReissueCertificate, certificates.reissue_certificate)


def _commanded(
    event: Event, kind: type[CertificateCommand], do: Callable[..., Certificate]
) -> Answer:
    """Carry out a command on a certificate and answer with the certificate as it is now."""
    return ordered(
        event,
        kind,
        lambda c, by, now: _as_answer(do(number=c.number, command=c.command(by), now=now)),
    )


def _as_answer(certificate: Certificate) -> dict[str, Any]:
    return {
        "number": certificate.number,
        "version": certificate.version,
        "state": certificate.state.value,
        "reason": certificate.reason,
        "by_rule": certificate.by_rule,
        "attempt_id": certificate.attempt_id,
        "issued_at": certificate.issued_at,
        "changed_at": certificate.changed_at,
        "editions": msgspec.to_builtins(certificate.editions),
        "audit": msgspec.to_builtins(certificate.audit),
    }
