"""What tickets and complaints share: deciding about a case, the register of an account, the pictures."""

import hashlib
from collections.abc import Callable

import msgspec

from chalicelib.cases import model, store
from chalicelib.cases.model import (
    Case,
    CaseKind,
    Upload,
    UploadKind,
    UploadState,
)
from chalicelib.identity import comparing
from chalicelib.kernel import deciding
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared import ids, log
from chalicelib.shared.errors import NotFound
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.secrets import keyed_digest

# characters, 60 bits: nobody guesses a number, and people can read it out on the telephone
_NUMBER_CHARACTERS = 12
_PICTURE_SIDE = 1600  # pixels of the longer side: a screenshot stays legible
_PREFIXES = {CaseKind.TICKET: "tk-", CaseKind.COMPLAINT: "cp-"}


def number(kind: CaseKind, *parts: str | int) -> str:
    """Return the number of a case. It follows from `parts`, so a repeated request finds its case again."""
    characters = ids.spell(keyed_digest(kind.value, *parts)[:_NUMBER_CHARACTERS])
    groups = (characters[start : start + 4] for start in range(0, _NUMBER_CHARACTERS, 4))
    return _PREFIXES[kind] + "-".join(groups)


def load(case_id: str, kind: CaseKind) -> Case:
    """Return one case of this kind. Raises `NotFound`."""
    case = store.load_case(case_id)
    if case is None or case.kind is not kind:
        raise NotFound("not_found")
    return case


def decide(case_id: str, kind: CaseKind, rule: Callable[[Case], Outcomes]) -> Case:
    """Decide about a case by a rule. Returns the case after it. Raises `NotFound`, `Conflict`: `busy`."""
    return deciding.decide(lambda: load(case_id, kind), rule, store.change_case)


def register(account_id: str, case_id: str, kind: CaseKind, now: int) -> None:
    """Enter a case into the register of its account, before the case is written.

    The register limits how many tickets there are. A crash before the case is written leaves an entry. The same
    request completes it; else it no longer counts after a while. Raises `Conflict` (`too_many_tickets`, `busy`),
    `TooMany`.
    """

    def enter() -> None:
        before = store.load_register(account_id)
        open_cases = {open_id: store.load_case(open_id) for open_id in before.open_ids}
        entries = model.enter(before, case_id, open_cases, now, kind)
        if entries is not None:
            store.write_register(before, entries)

    deciding.retried(enter)


def upload_ticket(case: Case, kind: UploadKind, *, now: int) -> UploadTicket | None:
    """Return an upload ticket for one picture; None when it can no longer be uploaded. Costs no AWS call."""
    if not model.awaits(case, kind):
        return None
    return store.upload_ticket(case, kind.value, model.UPLOAD_LIFETIME_S, now)


def judge_upload(*, key: str, version_id: str | None, now: int) -> None:
    """Check an uploaded picture of a case, and store it without metadata.

    It may be called twice, late, or for a case that is gone. Raises `faces.EngineUnavailable`: then the event comes
    again.
    """
    _, _, case_id, name, *_ = (*key.split("/"), "", "", "")
    case = store.load_case(case_id)
    kind = next((kind for kind in UploadKind if kind.value == name), None)
    if case is None or kind is None or not model.awaits(case, kind):
        return
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    upload = _examine(case, stored.data, now)
    decide(case_id, case.kind, lambda c: model.settle_upload(c, kind, upload))
    log.event("case_upload_judged", case=case_id, upload=name, refused=upload.reason)


def read_pictures(case: Case) -> dict[UploadKind, bytes | None]:
    """Return the accepted pictures of a case for the operator who decides. The caller logs the access."""
    accepted = {kind: upload.key for kind, upload in case.uploads.items() if upload.key}
    return {kind: store.read_picture(key) for kind, key in accepted.items()}


def _examine(case: Case, data: bytes, now: int) -> Upload:
    """Decode and store a picture. Only on pictures of a ticket a face is looked for: an operator may admit by it."""
    from chalicelib.shared import pictures

    try:
        picture = pictures.decode_picture(data)
    except pictures.PictureRefused as refused:
        return Upload(UploadState.REFUSED, refused.reason, judged_at=now)
    encoded = pictures.encode_jpeg(picture, max_side=_PICTURE_SIDE)
    reference, unusable = None, ""
    if case.kind is CaseKind.TICKET:
        reference, unusable = comparing.find_reference(encoded)
    digest = hashlib.sha256(encoded).hexdigest()
    kept = store.write_picture(case, digest, encoded)
    if reference is not None:
        reference = msgspec.structs.replace(reference, key=kept)
    return Upload(UploadState.ACCEPTED, "", kept, digest, unusable, reference, now)
