"""What all use cases of a case share: deciding about one, the register of an account, the pictures."""

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

_NUMBER_SIGNS = 12  # 60 bits: nobody guesses one, and it can be read out on the telephone
_PICTURE_SIDE = 1600  # a screenshot stays legible
_PREFIXES = {CaseKind.TICKET: "tk-", CaseKind.COMPLAINT: "cp-"}


def number(kind: CaseKind, *parts: str | int) -> str:
    """The number of a case: a function of what makes it one, so that a repeat finds it again."""
    signs = ids.spell(keyed_digest(kind.value, *parts)[:_NUMBER_SIGNS])
    groups = (signs[start : start + 4] for start in range(0, _NUMBER_SIGNS, 4))
    return _PREFIXES[kind] + "-".join(groups)


def load(case_id: str, kind: CaseKind) -> Case:
    """One case of this kind. Raises `NotFound`."""
    case = store.load_case(case_id)
    if case is None or case.kind is not kind:
        raise NotFound("not_found")
    return case


def decide(case_id: str, kind: CaseKind, rule: Callable[[Case], Outcomes]) -> Case:
    """Decide about a case by a rule; returns the case after it. Raises `NotFound`, `Conflict`: `busy`."""
    return deciding.decide(lambda: load(case_id, kind), rule, store.change_case)


def register(account_id: str, case_id: str, kind: CaseKind, now: int) -> None:
    """Enter a case into the register of its account, before it is written.

    The register bounds how many there are. A crash before the case leaves an entry that the same request
    completes, or that is forgotten. Raises `Conflict` (`too_many_tickets`, `busy`), `TooMany`.
    """

    def enter() -> None:
        before = store.load_register(account_id)
        open_cases = {open_id: store.load_case(open_id) for open_id in before.open_ids}
        entries = model.enter(before, case_id, open_cases, now, kind)
        if entries is not None:
            store.write_register(before, entries)

    deciding.retried(enter)


def upload_ticket(case: Case, kind: UploadKind, *, now: int) -> UploadTicket | None:
    """A ticket for one of the pictures, as long as it is awaited. Costs no AWS call."""
    if not model.awaits(case, kind):
        return None
    return store.upload_ticket(case, kind.value, model.UPLOAD_LIFETIME_S, now)


def judge_upload(*, key: str, version_id: str | None, now: int) -> None:
    """Look at an uploaded picture of a case: keep it without metadata.

    May be called twice, late, or for nothing. Raises `faces.EngineUnavailable`, so that the event comes again.
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
    """The accepted pictures of a case, for the operator who decides; whoever asks has noted the look."""
    accepted = {kind: upload.key for kind, upload in case.uploads.items() if upload.key}
    return {kind: store.read_picture(key) for kind, key in accepted.items()}


def _examine(case: Case, data: bytes, now: int) -> Upload:
    """A face is looked for on the pictures of a ticket alone: an operator may admit somebody by it."""
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
