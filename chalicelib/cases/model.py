"""Rules of cases: what may be opened, uploaded, decided, and when. Pure."""

import enum
from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.identity.model import Reference
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, TooMany

MOST_OPEN = 3  # of one account
MOST_A_DAY = 10  # within 24 hours
KEPT = 20  # newest cases that an account sees
TEXT_SIGNS = 500
UPLOAD_LIFETIME_S = 600  # choosing a file takes people minutes; nothing is counted here
MOST_ENTRY_MS = 24 * HOUR_MS
_CLAIM_STALE_MS = 5 * MINUTE_MS  # longer than any request lives
_DAY_MS = 24 * HOUR_MS

Changes = dict[str, Any]


class CaseKind(enum.Enum):
    """What a case is about."""

    TICKET = "ticket"  # 去反馈


class CaseState(enum.Enum):
    """Where a case stands; it moves once."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Trouble(enum.Enum):
    """What somebody asks for help with."""

    FACE_CHECK = "face_check"  # 身份核验不通过
    ID_NUMBER_TAKEN = "id_number_taken"  # 证件号码已被其他账号使用
    CAMERA = "camera"
    NETWORK = "network"
    OTHER = "other"


class UploadKind(enum.Enum):
    """The two pictures of a ticket."""

    FAILURE_PAGE = "failure_page"  # 失败页截图
    ID_PORTRAIT = "id_portrait"  # 身份证人像页


class UploadState(enum.Enum):
    """Where a picture stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class AdmitWith(enum.Enum):
    """The photo that somebody who is admitted without the face check is compared with in the exam."""

    ENROLLED = "enrolled"  # the accepted ID photo, as before
    FAILURE_PAGE = "failure_page"
    ID_PORTRAIT = "id_portrait"


class Effect(enum.Enum):
    """What an accepted ticket did to the attempt."""

    ADMITTED = "admitted"
    TOO_LATE = "too_late"  # the attempt was submitted before the decision reached it


class WaitsFor(enum.Enum):
    """What has still to happen to a case: the index of open ones holds nothing else."""

    TICKET = "ticket"  # a human has to decide
    WAIVER = "waiver"  # the decision has to reach the attempt


class Upload(msgspec.Struct, frozen=True):
    """One picture: what became of it, and the copy that is kept.

    `reason` says why it was refused; `unusable` why it cannot be compared with (`reference` is absent then).
    """

    state: UploadState = UploadState.WAITING
    reason: str = ""
    key: str = ""
    sha256: str = ""
    unusable: str = ""
    reference: Reference | None = None
    judged_at: int | None = None


class Ruling(msgspec.Struct, frozen=True):
    """What an operator decided, and the audit of it. `enter_until`: see `Waiver`."""

    command_id: str
    operator: str
    reason: str
    accepted: bool
    at: int
    admit_with: AdmitWith | None = None
    enter_until: int | None = None


class Case(msgspec.Struct, frozen=True):
    """One case. Times are UTC ms."""

    case_id: str
    kind: CaseKind
    account_id: str
    version: int
    state: CaseState
    opened_at: int
    trouble: Trouble
    text: str
    exam_id: str | None = None
    attempt_id: str | None = None
    uploads: dict[UploadKind, Upload] = {}
    ruling: Ruling | None = None
    effect: Effect | None = None
    waits_for: WaitsFor | None = None

    def reference(self, photo: AdmitWith) -> Reference | None:
        """The face that `photo` shows; none is needed for the enrolled one."""
        if photo is AdmitWith.ENROLLED:
            return None
        return self.uploads[UploadKind(photo.value)].reference


class Entry(msgspec.Struct, frozen=True):
    """A case in the register of its account; `open` may be out of date, the case itself decides."""

    case_id: str
    at: int
    open: bool = True


class Register(msgspec.Struct, frozen=True):
    """The cases of one account, newest first. `version` 0: there is none yet."""

    account_id: str
    version: int = 0
    entries: tuple[Entry, ...] = ()

    @property
    def open_ids(self) -> list[str]:
        """Cases that were open when somebody last looked."""
        return [entry.case_id for entry in self.entries if entry.open]


def enter(
    register: Register, case_id: str, found: Mapping[str, Case | None], now: int
) -> tuple[Entry, ...] | None:
    """The register with one more case, or None when it is there already.

    `found` are the cases of `open_ids` as they stand; what was never written (its request died) is forgotten
    after a while. Raises `Conflict` (`too_many_tickets`), `TooMany` (`too_many_requests`).
    """
    if any(entry.case_id == case_id for entry in register.entries):
        return None
    entries = tuple(_refreshed(entry, found, now) for entry in register.entries)
    if sum(entry.open for entry in entries) >= MOST_OPEN:
        raise Conflict("too_many_tickets", most=MOST_OPEN)
    recent = [entry.at for entry in entries if entry.at > now - _DAY_MS]
    if len(recent) >= MOST_A_DAY:
        wait_ms = sorted(recent)[-MOST_A_DAY] + _DAY_MS - now
        raise TooMany("too_many_requests", retry_after_s=-(-wait_ms // SECOND_MS))
    listed = (Entry(case_id, now), *entries)
    return tuple(entry for place, entry in enumerate(listed) if place < KEPT or entry.open)


def _refreshed(entry: Entry, found: Mapping[str, Case | None], now: int) -> Entry:
    if not entry.open:
        return entry
    case = found.get(entry.case_id)
    open_still = case.state is CaseState.OPEN if case else entry.at > now - _CLAIM_STALE_MS
    return msgspec.structs.replace(entry, open=open_still)


def awaits(case: Case, kind: UploadKind) -> bool:
    """Whether this picture can still be uploaded: until one is accepted or the case is decided."""
    upload = case.uploads.get(kind)
    undecided = case.state is CaseState.OPEN
    return undecided and upload is not None and upload.state is not UploadState.ACCEPTED


def settle_upload(case: Case, kind: UploadKind, upload: Upload) -> Changes:
    """What became of an uploaded picture; an accepted one stays, whatever comes later."""
    return {f"uploads.{kind.value}": upload} if awaits(case, kind) else {}


def rule(case: Case, ruling: Ruling, version_seen: int) -> Changes:
    """Decide a case, once. The same command again changes nothing.

    Raises `Conflict`: `ticket_decided` (by another command), `ticket_changed` (not what the operator saw),
    `nothing_to_admit` (rejected, or about no attempt), `photo_unusable` (with the reason).
    """
    if case.ruling is not None:
        if case.ruling.command_id == ruling.command_id:
            return {}
        raise Conflict("ticket_decided", state=case.state.value)
    if version_seen != case.version:
        raise Conflict("ticket_changed", version=case.version)
    if ruling.admit_with is not None:
        _check_admission(case, ruling, ruling.admit_with)
    return {
        "state": CaseState.ACCEPTED if ruling.accepted else CaseState.REJECTED,
        "ruling": ruling,
        "waits_for": WaitsFor.WAIVER if ruling.admit_with else None,
    }


def _check_admission(case: Case, ruling: Ruling, photo: AdmitWith) -> None:
    if not ruling.accepted or case.attempt_id is None:
        raise Conflict("nothing_to_admit")
    if photo is not AdmitWith.ENROLLED and case.reference(photo) is None:
        upload = case.uploads[UploadKind(photo.value)]
        reason = upload.unusable or upload.reason or upload.state.value
        raise Conflict("photo_unusable", reason=reason)


def take_effect(case: Case, effect: Effect) -> Changes:
    """Note that the decision has reached the attempt; once."""
    if case.waits_for is not WaitsFor.WAIVER:
        return {}
    return {"effect": effect, "waits_for": None}
