"""Certificates: the writer of their documents, and operators' hands for what a rule cannot know."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint, DynamoDBEvent
from msgspec import Meta

from chalicelib.attempts import rescoring
from chalicelib.attempts.rescoring import Corrected
from chalicelib.exams.model import OrderKind
from chalicelib.exams.paper import Score
from chalicelib.handlers.console import (
    ExamCommand,
    OperatorCommand,
    answered,
    followed_as_answer,
    ordered,
)
from chalicelib.kernel.commands import Command
from chalicelib.operators.model import Decider
from chalicelib.results import issuing
from chalicelib.results import service as certificates
from chalicelib.results.model import Certificate
from chalicelib.shared import clock, log
from chalicelib.shared.table import item_from_wire

events = Blueprint(__name__)
functions = Blueprint(__name__)

Number = Annotated[str, Meta(min_length=1, max_length=64)]


# Chalice wants a literal ARN; the template replaces it by the table's own, and lets through only certificates that
# wait for their document.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/results/stream/replaced")
def write_documents(event: DynamoDBEvent) -> dict[str, Any]:
    """Write, sign and keep the PDFs of certificates. Answers with the first record that failed."""
    for record in event:
        try:
            waiting = item_from_wire(record.new_image or {})
            if waiting.get("waits_for"):
                issuing.write_documents(number=waiting["number"], now=clock.now_ms)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


# --- operators ------------------------------------------------------------------------------------------


class CertificateQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which certificate."""

    number: Number


class CertificateCommand(OperatorCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command on one certificate."""

    number: Number

    def command(self, by: Decider) -> Command:
        """The command, given by this operator."""
        return Command(self.command_id, by.name, self.reason, self.version_seen, by.operator_id)


class SuspendCertificate(CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It counts no longer, for now."""


class RevokeCertificate(CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It counts no longer."""


class ReinstateCertificate(
    CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """It counts again."""


class ReissueCertificate(CertificateCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It says what is right now."""


@functions.lambda_function()
def read_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One certificate with all its editions and commands, and what verification says of it."""

    def answer(question: CertificateQuestion, now: int) -> dict[str, Any]:
        shown = certificates.read_certificate(number=question.number)
        return {**_as_answer(shown.certificate), "status": shown.status.value}

    return answered(event, CertificateQuestion, answer)


@functions.lambda_function()
def suspend_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Suspend a valid certificate while something about it is looked into."""
    return _commanded(event, SuspendCertificate, certificates.suspend_certificate)


@functions.lambda_function()
def revoke_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Revoke a certificate."""
    return _commanded(event, RevokeCertificate, certificates.revoke_certificate)


@functions.lambda_function()
def reinstate_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Make a suspended or revoked certificate valid again, if its attempt is a final pass."""
    return _commanded(event, ReinstateCertificate, certificates.reinstate_certificate)


@functions.lambda_function()
def reissue_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Write a new edition with the name and photo of the owner's present profile."""
    return _commanded(event, ReissueCertificate, certificates.reissue_certificate)


def _commanded(
    event: dict[str, Any], kind: type[CertificateCommand], do: Callable[..., Certificate]
) -> dict[str, Any]:
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


class CorrectKey(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The right letters of questions, in the bank's own order of options."""

    answers: Annotated[
        dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(min_length=1, max_length=6)]],
        Meta(min_length=1, max_length=500),
    ]


@functions.lambda_function()
def correct_key(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Correct right answers of an exam and score all its attempts again; lists what changed."""

    def answer(command: CorrectKey, by: Decider, now: int) -> dict[str, Any]:
        corrected = rescoring.correct_key(
            exam_id=command.exam_id,
            corrected=command.answers,
            order=command.order(OrderKind.CORRECT_KEY, by, now),
            version_seen=command.version_seen,
            now=now,
        )
        return _corrected_as_answer(corrected)

    return ordered(event, CorrectKey, answer)


def _corrected_as_answer(corrected: Corrected) -> dict[str, Any]:
    def brief(score: Score) -> dict[str, Any]:
        return {"points": score.points, "passed": score.passed}

    changed = [
        {"attempt_id": row.attempt_id, "before": brief(row.before), "after": brief(row.after)}
        for row in corrected.changed
    ]
    told = followed_as_answer(corrected.followed)
    return {
        "exam_id": told["exam_id"],
        "version": told["version"],
        "key_version": corrected.key_version,
        "followed": told["followed"],
        "failed": told["failed"],
        "changed": changed,
    }
