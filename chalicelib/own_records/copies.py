"""What a record says: each file as plain data, made of what the rooms have stored. Asks AWS for nothing.

Only fields that are named here get into a record. Nothing here has seen a paper or a key.
"""

from typing import Any

import msgspec

from chalicelib.accounts.service import OwnAccount
from chalicelib.attempts.copying import StoredScore
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases.model import Case
from chalicelib.identity.model import Person
from chalicelib.results.service import ShownCertificate
from chalicelib.timeline import model as timeline
from chalicelib.timeline import sealing
from chalicelib.timeline.model import TimelineEntry

# Of a command: who gave it, and their own words about it, which may name other people.
_OPERATORS_OWN = frozenset({"operator", "operator_id", "reason"})


def account_copy(account: OwnAccount, person: Person) -> dict[str, Any]:
    """Return the account with its identity profile. Phone and ID number are masked, face vectors are left out."""
    photo, practice = person.id_photo, person.practice
    return {
        "account_id": person.account_id,
        "created_at": account.created_at,
        "phone": person.phone_masked,
        "profile": _plain(person.profile),
        "id_photo": {"sha256": photo.sha256, "accepted_at": photo.at} if photo else None,
        "consents": _plain(account.consents),
        "replaced_consents": _plain(account.replaced),
        "sign_ins": [{"provider": s.provider, "linked_at": s.at} for s in account.sign_ins],
        "practice": _plain(practice) if practice else None,
        "deletions": [
            {"requested_at": d.requested_at, "done_at": d.done_at, "reason": d.reason}
            for d in person.deletions
        ],
    }


def case_copy(case: Case) -> dict[str, Any]:
    """Return a ticket or complaint with its decision, without the name of the operator."""
    ruling = case.ruling
    return {
        "case_id": case.case_id,
        "kind": case.kind.value,
        "opened_at": case.opened_at,
        "state": case.state.value,
        "trouble": case.trouble.value if case.trouble else None,
        "text": case.text,
        "exam_id": case.exam_id,
        "attempt_id": case.attempt_id,
        "decided_at": ruling.at if ruling else None,
        "reason": ruling.reason if ruling else "",
        "effect": case.effect.value if case.effect else None,
    }


def certificate_copy(shown: ShownCertificate) -> dict[str, Any]:
    """Return a certificate in its newest edition, with its status."""
    edition = shown.certificate.editions[shown.edition - 1]
    return {
        "number": shown.number,
        "status": shown.status.value,
        "attempt_id": shown.certificate.attempt_id,
        "content": _plain(edition.content),
        "issued_at": edition.issued_at,
        "pdf_sha256": edition.sha256,
    }


def open_copy(attempt: Attempt, title: str) -> dict[str, Any]:
    """Return what a record says of an attempt that is not submitted: that there is one."""
    return {
        "attempt_id": attempt.attempt_id,
        "exam_id": attempt.exam_id,
        "exam_title": title,
        "status": attempt.status.value,
        "opened_at": attempt.opened_at,
    }


def receipt_copy(attempt: Attempt, title: str, score: StoredScore | None) -> dict[str, Any]:
    """Return a submitted attempt: every acknowledged answer, and how it went.

    `answers_text`: all answers, exactly as the entry of the submission has digested them (`answers_sha256`).
    """
    assert attempt.status is Status.SUBMITTED and attempt.cause is not None
    return {
        **open_copy(attempt, title),
        "sitting": attempt.sitting,
        "round": attempt.round,
        "started_at": attempt.started_at,
        "deadline": attempt.deadline,
        "submitted_at": attempt.submitted_at,
        "cause": attempt.cause.value,
        "person": {
            "name": attempt.identity.name,
            "id_type": attempt.identity.id_type,
            "id_number": attempt.identity.id_number_masked,
            "organisation": attempt.identity.organisation,
            "role": attempt.identity.role,
        },
        "questions": attempt.question_count,
        "saved_revisions": attempt.acked_seq,
        "saved_at": attempt.saved_at,
        "answers_text": sealing.answers_text(attempt.answers),
        "answers_sha256": sealing.answers_sha256(attempt.answers),
        "score": _plain(score) if score else None,
        "integrity": attempt.integrity.state.value,
        "integrity_rule": attempt.integrity.rule.value if attempt.integrity.rule else None,
        "switches": _plain(attempt.switches),
        "announcements_to_me": [{"text": a.text, "at": a.at} for a in attempt.personal],
        "announcements_read": _plain(attempt.receipt) if attempt.receipt else None,
    }


def timeline_copy(entries: list[TimelineEntry]) -> list[dict[str, Any]]:
    """Return the timeline. `content`: the text whose SHA-256 is `hash`; null in entries of operators' commands.

    Then `facts` says the same without the operator and the reason. `key`: the key of the platform that signed the
    entry; "" in entries from before there were signatures.
    """
    return [_entry(link) for link in entries]


def _entry(link: TimelineEntry) -> dict[str, Any]:
    shown = {
        "version": link.version,
        "at": link.at,
        "previous": link.previous,
        "hash": link.hash,
        "key": link.key,
        "mac": link.mac,
    }
    if not any(fact.get("what") == "command" for fact in link.facts):
        return {**shown, "content": timeline.content_of(link)}
    facts = [
        {name: value for name, value in fact.items() if name not in _OPERATORS_OWN}
        for fact in link.facts
    ]
    return {**shown, "content": None, "facts": facts}


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
