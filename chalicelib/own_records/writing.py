"""Write the zip of a record. This use case needs the key that signs documents, and the Lambda layer of documents."""

import contextlib
import hashlib
import pathlib
from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.accounts import consents
from chalicelib.accounts import service as accounts
from chalicelib.accounts.service import OwnAccount
from chalicelib.attempts import copying
from chalicelib.attempts.model import Attempt, Status
from chalicelib.cases import service as cases
from chalicelib.exams import service as exams
from chalicelib.identity import service as identity
from chalicelib.identity.model import Person
from chalicelib.kernel.deciding import decide
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.own_records import archive, copies, model, store, texts
from chalicelib.own_records.model import OwnRecord, RecordFile
from chalicelib.results import service as certificates
from chalicelib.results import signing
from chalicelib.shared import log
from chalicelib.shared.clock import china_text
from chalicelib.shared.errors import NotFound
from chalicelib.shared.languages import NOTHING, Language
from chalicelib.timeline import service as timeline

MOST_ATTEMPTS = 60
MOST_BYTES = 60_000_000  # the function has 1 GB and holds the zip twice
_VERIFY = pathlib.Path(__file__).parent / "verify.html"


class _Files:
    """The files of a record so far. A file that would make the zip too large is counted, not kept."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.size = 0
        self.oversized = 0

    def add(self, name: str, data: bytes) -> None:
        if self.size + len(data) > MOST_BYTES:
            self.oversized += 1
            return
        self.data[name] = data
        self.size += len(data)

    def add_json(self, name: str, content: Any) -> None:
        self.add(name, msgspec.json.format(msgspec.json.encode(content), indent=2))


def write_record(*, account_id: str) -> None:
    """Write the zip that an account waits for. It may be called twice, or when nothing waits.

    The zip bears the moment of its order, so writing it again gives the same bytes as long as nothing has changed.
    While the person's pictures are being deleted the order is given up. Raises `Unavailable`: the schedule calls again.
    """
    waiting = store.load_record(account_id)
    if waiting.waits_for is None:
        return
    at = waiting.orders[-1]
    person = identity.look_up_person(account_id=account_id)
    if person.deletion is not None and person.deletion.done_at is None:
        _decide(account_id, lambda record: model.give_up(record, at))
        return
    files, left_out = _gather(person, at)
    data = archive.pack(files, account_id=account_id, at=at, sign=signing.sign_text)
    sha256 = hashlib.sha256(data).hexdigest()
    key = store.write_zip(account_id, sha256, _name(at), data)
    file = RecordFile(key, sha256, len(data), at, signing.fingerprint(), left_out)
    _decide(account_id, lambda record: model.note_written(record, file))
    log.event("own_record_written", account=account_id, bytes=len(data), files=len(files))


def _decide(account_id: str, rule: Callable[[OwnRecord], Outcomes]) -> None:
    decide(lambda: store.load_record(account_id), rule, store.change_record)


def _name(at: int) -> str:
    return f"kaochang-record-{china_text(at, '%Y%m%d-%H%M%S')}.zip"


def _gather(person: Person, now: int) -> tuple[dict[str, bytes], int]:
    """Return the files of a record by name, the ones that explain it first; and how many attempts are left out."""
    account = accounts.get_own(account_id=person.account_id)
    attempts, left_out = copying.list_stored(account_id=person.account_id, most=MOST_ATTEMPTS)
    files = _Files()
    files.add_json("account.json", copies.account_copy(account, person))
    _add_photo(files, person)
    _add_agreements(files, account)
    told = cases.list_registered(account_id=person.account_id)
    files.add_json("cases.json", [copies.case_copy(case) for case in told])
    _add_certificates(files, person.account_id)
    for attempt in attempts:
        _add_attempt(files, attempt, now)
    about = {
        **_readmes(left_out, files.oversized),
        "verify.html": _VERIFY.read_bytes(),
        archive.SIGNER: signing.certificates_pem(),
    }
    return {**about, **files.data}, left_out


def _readmes(left_out: int, oversized: int) -> dict[str, bytes]:
    """Return what a person reads first, one file per language."""
    more = texts.LEFT_OUT.format(count=left_out, most=MOST_ATTEMPTS) if left_out else NOTHING
    more += texts.OVERSIZED.format(count=oversized) if oversized else NOTHING
    text = texts.README.format(left_out=more)
    return {
        f"readme{'' if language is Language.ZH else f'.{language.value}'}.txt": text.say(
            language
        ).encode()
        for language in Language
    }


def _add_photo(files: _Files, person: Person) -> None:
    if person.id_photo is not None:
        with contextlib.suppress(NotFound):  # it was replaced a moment ago
            photo_id = person.id_photo.photo_id
            files.add(
                "id-photo.jpg",
                identity.read_photo(account_id=person.account_id, photo_id=photo_id),
            )


def _add_agreements(files: _Files, account: OwnAccount) -> None:
    """Add the texts of the agreements that the person consented to, where they are what was binding then.

    A translation that the person was offered is beside its text.
    """
    for consent in (*account.replaced, *account.consents):
        with contextlib.suppress(NotFound):
            text = consents.agreement(consent.agreement, consent.version)
            if text.sha256 == consent.sha256:
                name = f"consents/{consent.agreement}-v{consent.version}"
                files.add(f"{name}.md", text.text.encode())
                shown = consents.agreement(consent.agreement, consent.version, consent.language)
                if shown.language is not text.language:
                    files.add(f"{name}.{shown.language.value}.md", shown.text.encode())


def _add_certificates(files: _Files, account_id: str) -> None:
    mine = certificates.list_certificates(account_id=account_id)
    files.add_json("certificates.json", [copies.certificate_copy(shown) for shown in mine])
    for shown in mine:
        document = certificates.read_own_document(shown)
        if document is not None:
            files.add(f"certificates/{shown.number}.pdf", document)


def _add_attempt(files: _Files, attempt: Attempt, now: int) -> None:
    """Add what the candidate may have of an attempt: nothing of it before the submission.

    The timeline comes after the last possible deadline of the exam: it tells when snapshots were asked for, and its
    digests cover the version of a corrected key.
    """
    title, ends_at = _exam(attempt.exam_id)
    folder = f"attempts/{attempt.attempt_id}"
    if attempt.status is not Status.SUBMITTED:
        files.add_json(f"{folder}/receipt.json", copies.open_copy(attempt, title))
        return
    score = copying.stored_score(attempt)
    files.add_json(f"{folder}/receipt.json", copies.receipt_copy(attempt, title, score))
    for number, frame in enumerate(copying.read_held_frames(attempt), start=1):
        if frame.data is not None:
            files.add(f"{folder}/frames/{number:02}-{frame.verdict.value}.jpg", frame.data)
    if now > ends_at:
        entries, _ = timeline.get_timeline(attempt_id=attempt.attempt_id)
        files.add_json(f"{folder}/timeline.json", copies.timeline_copy(entries))


def _exam(exam_id: str) -> tuple[str, int]:
    """Return title and last possible deadline of an exam."""
    exam = exams.get_exam(exam_id)
    return exam.title, exam.ends_at
