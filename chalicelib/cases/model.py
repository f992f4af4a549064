"""Rules of cases: who may open, upload and decide, and when. Pure. The rules of notices are in `outbox.py`."""

import enum
from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.attempts.granting import Given, Grant
from chalicelib.attempts.model import Contested
from chalicelib.identity.model import Reference
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, TooMany
from chalicelib.shared.languages import Language

MOST_OPEN = 3  # open tickets of one account
MOST_A_DAY = 10  # tickets of one account within 24 hours
KEPT = 20  # newest cases that an account sees
MOST_TEXT_CHARACTERS = 500
UPLOAD_LIFETIME_S = 600  # people need minutes to choose a file
MOST_ENTRY_MS = 24 * HOUR_MS
_CLAIM_STALE_MS = 5 * MINUTE_MS  # longer than any request lives


class CaseKind(enum.Enum):
    """What a case is about."""

    TICKET = "ticket"  # 去反馈
    COMPLAINT = "complaint"  # 我要投诉


class CaseState(enum.Enum):
    """Where a case stands. It changes once; a decided ticket may be corrected once."""

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
    """The pictures of a case: two of a ticket, up to three of a complaint."""

    FAILURE_PAGE = "failure_page"  # 失败页截图
    ID_PORTRAIT = "id_portrait"  # 身份证人像页
    PICTURE_1 = "picture_1"
    PICTURE_2 = "picture_2"
    PICTURE_3 = "picture_3"


UPLOADS_OF = {
    CaseKind.TICKET: (UploadKind.FAILURE_PAGE, UploadKind.ID_PORTRAIT),
    CaseKind.COMPLAINT: (UploadKind.PICTURE_1, UploadKind.PICTURE_2, UploadKind.PICTURE_3),
}


class UploadState(enum.Enum):
    """Where a picture stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class AdmitWith(enum.Enum):
    """The photo that frames are compared with when somebody is admitted without the face check."""

    ENROLLED = "enrolled"  # the accepted ID photo, as before
    FAILURE_PAGE = "failure_page"
    ID_PORTRAIT = "id_portrait"


class Effect(enum.Enum):
    """What a decision did to the attempt."""

    ADMITTED = "admitted"
    GIVEN = "given"  # a later entry, chances or time
    WITHDRAWN = "withdrawn"  # a corrected ticket gives nothing, and what the first decision gave is taken back
    TOO_LATE = "too_late"  # the attempt was submitted before the decision reached it
    OVERTURNED = "overturned"  # the broken rule no longer counts
    NOTED = "noted"  # the decision is in the attempt's audit; the verdict stays as it was


class CaseWaitsFor(enum.Enum):
    """What a case still waits for. The index `waiting` holds only cases that wait for something."""

    TICKET = "ticket"  # a human has to decide
    WAIVER = "waiver"  # the decision has to reach the attempt
    COMPLAINT = "complaint"  # a human has to decide
    SETTLEMENT = "settlement"  # the decision has to reach the attempt


class NoticeState(enum.Enum):
    """Why a notice is in the index of unsent notices."""

    PENDING = "pending"  # to be sent, now or after a failed try
    DEAD = "dead"  # given up: an operator has to act


class Upload(msgspec.Struct, frozen=True):
    """One picture of a case, and its stored copy.

    `reason`: why it was refused. `unusable`: why no face can be compared with it; then `reference` is None.
    """

    state: UploadState = UploadState.WAITING
    reason: str = ""
    key: str = ""
    sha256: str = ""
    unusable: str = ""
    reference: Reference | None = None
    judged_at: int | None = None


class Ruling(msgspec.Struct, frozen=True):
    """What an operator decided, with its audit. `enter_until`: see `Waiver`."""

    command_id: str
    operator: str
    reason: str
    accepted: bool
    at: int
    admit_with: AdmitWith | None = None
    enter_until: int | None = None
    operator_id: str = ""
    grant: Grant | None = None  # of tickets; None in rulings of earlier releases
    chances: int = 0
    extra_ms: int = 0

    @property
    def gives(self) -> Grant:
        """What an accepted ticket gives."""
        admits = Grant.ADMISSION if self.admit_with else Grant.NOTHING
        return self.grant or admits


class Corrected(msgspec.Struct, frozen=True):
    """The first decision about a ticket, which another one has corrected, and what it did to the attempt."""

    ruling: Ruling
    effect: Effect | None = None
    given: Given | None = None


class Notice(msgspec.Struct, frozen=True):
    """The SMS about a decision. The write that decides also writes it. Name and number are read when it is sent.

    `notice_id`: its id with the provider. It stays the same, however often the notice is handed over.
    """

    notice_id: str
    template: str
    at: int
    tries: int = 0
    claimed_until: int = 0  # nobody else sends meanwhile
    next_at: int = 0  # when the next try is due
    sent_at: int | None = None


class Case(msgspec.Struct, frozen=True):
    """One case. Times are UTC ms."""

    case_id: str
    kind: CaseKind
    account_id: str
    version: int
    state: CaseState
    opened_at: int
    text: str
    trouble: Trouble | None = None  # of a ticket
    exam_id: str | None = None
    attempt_id: str | None = None
    verdict: Contested | None = None  # what a complaint is about
    request_id: str = ""  # of a complaint
    uploads: dict[UploadKind, Upload] = {}
    ruling: Ruling | None = None
    effect: Effect | None = None
    waits_for: CaseWaitsFor | None = None
    notice: Notice | None = None
    notice_pending: NoticeState | None = None
    given: Given | None = None  # what the decision about a ticket has really given
    corrected: Corrected | None = None  # the decision before, if a ticket was corrected
    # of the page that it was written on; None in cases of earlier releases
    language: Language | None = None

    @property
    def settled(self) -> bool:
        """Whether the case is decided and the decision has reached the attempt."""
        return self.state is not CaseState.OPEN and self.waits_for is None

    def reference(self, photo: AdmitWith) -> Reference | None:
        """The face on the photo of the case; None for the enrolled photo, which the person has already."""
        if photo is AdmitWith.ENROLLED:
            return None
        return self.uploads[UploadKind(photo.value)].reference


# --- what is decided about a case -----------------------------------------------------------------------


@outcome_of(Case)
class PictureJudged(Outcome, frozen=True):
    """An uploaded picture was checked. `uploads`: all pictures of the case with their states."""

    uploads: dict[UploadKind, Upload]


@outcome_of(Case)
class PicturesForgotten(Outcome, frozen=True):
    """Keys and faces of the pictures are removed. The state of each picture stays."""

    uploads: dict[UploadKind, Upload]


@outcome_of(Case)
class TicketDecided(Outcome, frozen=True):
    """An operator accepted or rejected a ticket, or corrected the first decision.

    A ticket that gives something waits for its attempt, and its candidate is told after that; else at once.
    """

    state: CaseState
    ruling: Ruling
    waits_for: CaseWaitsFor | None
    effect: Effect | UnsetType | None = UNSET
    given: Given | UnsetType | None = UNSET
    corrected: Corrected | UnsetType = UNSET
    notice: Notice | UnsetType | None = UNSET
    notice_pending: NoticeState | UnsetType | None = UNSET


@outcome_of(Case)
class ComplaintDecided(Outcome, frozen=True):
    """An operator upheld or rejected a complaint. The attempt and the candidate still have to get the decision."""

    state: CaseState
    ruling: Ruling
    notice: Notice
    notice_pending: NoticeState = NoticeState.PENDING
    waits_for: CaseWaitsFor = CaseWaitsFor.SETTLEMENT


@outcome_of(Case)
class TookEffect(Outcome, frozen=True):
    """The decision has reached the attempt. The candidate of a ticket is told by this write."""

    effect: Effect
    waits_for: CaseWaitsFor | None = None
    given: Given | UnsetType | None = UNSET
    notice: Notice | UnsetType = UNSET
    notice_pending: NoticeState | UnsetType = UNSET


# --- the register ---------------------------------------------------------------------------------------


class RegisterEntry(msgspec.Struct, frozen=True):
    """A case in the register of its account. `open` may be out of date; the state in the case is right."""

    case_id: str
    at: int
    open: bool = True
    kind: CaseKind = CaseKind.TICKET


class CaseRegister(msgspec.Struct, frozen=True):
    """The cases of one account, newest first. `version` 0: not written yet."""

    account_id: str
    version: int = 0
    entries: tuple[RegisterEntry, ...] = ()

    @property
    def open_ids(self) -> list[str]:
        """The ids of cases that were open when the register was last written."""
        return [entry.case_id for entry in self.entries if entry.open]


def enter(
    register: CaseRegister,
    case_id: str,
    open_cases: Mapping[str, Case | None],
    now: int,
    kind: CaseKind = CaseKind.TICKET,
) -> tuple[RegisterEntry, ...] | None:
    """Return the entries of the register with one more case; None when the case is in it already.

    Only tickets are limited: there is one complaint for each verdict. `open_cases`: the cases of `open_ids` as they
    are stored; None for a case that was never written because its request failed. Such an entry counts as open for
    five minutes. Raises `Conflict` (`too_many_tickets`), `TooMany` (`too_many_requests`).
    """
    if any(entry.case_id == case_id for entry in register.entries):
        return None
    entries = tuple(_refreshed(entry, open_cases, now) for entry in register.entries)
    if kind is CaseKind.TICKET:
        _limit([entry for entry in entries if entry.kind is CaseKind.TICKET], now)
    listed = (RegisterEntry(case_id, now, kind=kind), *entries)
    return tuple(entry for place, entry in enumerate(listed) if place < KEPT or _stays(entry))


def _stays(entry: RegisterEntry) -> bool:
    return entry.open or entry.kind is CaseKind.COMPLAINT


def _limit(tickets: list[RegisterEntry], now: int) -> None:
    if sum(entry.open for entry in tickets) >= MOST_OPEN:
        raise Conflict("too_many_tickets", most=MOST_OPEN)
    recent = [entry.at for entry in tickets if entry.at > now - DAY_MS]
    if len(recent) >= MOST_A_DAY:
        wait_ms = sorted(recent)[-MOST_A_DAY] + DAY_MS - now
        raise TooMany("too_many_requests", retry_after_s=-(-wait_ms // SECOND_MS))


def _refreshed(
    entry: RegisterEntry, open_cases: Mapping[str, Case | None], now: int
) -> RegisterEntry:
    if not entry.open:
        return entry
    case = open_cases.get(entry.case_id)
    open_still = case.state is CaseState.OPEN if case else entry.at > now - _CLAIM_STALE_MS
    return msgspec.structs.replace(entry, open=open_still)


# --- rules of a case ------------------------------------------------------------------------------------


def awaits(case: Case, kind: UploadKind) -> bool:
    """Whether this picture can still be uploaded: until a picture is accepted or the case is decided."""
    upload = case.uploads.get(kind)
    undecided = case.state is CaseState.OPEN
    return undecided and upload is not None and upload.state is not UploadState.ACCEPTED


def settle_upload(case: Case, kind: UploadKind, upload: Upload) -> Outcomes:
    """Note the result of checking an uploaded picture. An accepted picture is never replaced."""
    if not awaits(case, kind):
        return ()
    return (PictureJudged(uploads={**case.uploads, kind: upload}),)


def forget_pictures(case: Case) -> Outcomes:
    """Remove the keys of the pictures from a case, and the faces on them."""
    shown = {
        kind: upload for kind, upload in case.uploads.items() if upload.key or upload.reference
    }
    if not shown:
        return ()
    forgotten = {
        kind: msgspec.structs.replace(upload, key="", reference=None)
        for kind, upload in shown.items()
    }
    return (PicturesForgotten(uploads={**case.uploads, **forgotten}),)


def decide_ticket(case: Case, ruling: Ruling, version_seen: int) -> Outcomes:
    """Accept or reject a ticket, once. The same command again changes nothing.

    Raises `Conflict`: `ticket_decided` (by another command), `ticket_changed` (since the operator read it),
    `nothing_to_admit` (rejected, or about no attempt), `photo_needed`, `photo_unusable` (with the reason).
    """
    if _is_repeat(case, ruling):
        return ()
    if case.ruling is not None:
        raise Conflict("ticket_decided", state=case.state.value)
    _check_ticket(case, ruling, version_seen)
    if ruling.gives is not Grant.NOTHING:
        waits = TicketDecided(state=_state_after(ruling), ruling=ruling, waits_for=_WAITS)
        return (waits,)
    decided = TicketDecided(
        state=_state_after(ruling),
        ruling=ruling,
        waits_for=None,
        notice=_ticket_notice(case, ruling, None, ruling.at, corrects=False),
        notice_pending=NoticeState.PENDING,
    )
    return (decided,)


def correct_ticket(case: Case, ruling: Ruling, version_seen: int) -> Outcomes:
    """Replace the decision about a ticket, once, by another one with its own reason. A repeat changes nothing.

    Raises `Conflict`: `ticket_open` (nobody has decided it), `ticket_corrected` (before, by another command),
    `command_id_taken` (by the first decision), `ticket_unsettled` (the first decision has not reached its attempt),
    and what `decide_ticket` raises.
    """
    if case.ruling is None:
        raise Conflict("ticket_open")
    if case.corrected is not None:
        if case.ruling.command_id == ruling.command_id:
            return ()
        raise Conflict("ticket_corrected", state=case.state.value)
    if case.ruling.command_id == ruling.command_id:
        raise Conflict("command_id_taken")
    if case.waits_for is not None:
        raise Conflict("ticket_unsettled")
    _check_ticket(case, ruling, version_seen)
    first = Corrected(case.ruling, case.effect, case.given)
    changes_attempt = ruling.gives is not Grant.NOTHING or gave(first) != Given()
    told = None if changes_attempt else _ticket_notice(case, ruling, None, ruling.at, corrects=True)
    corrected = TicketDecided(
        state=_state_after(ruling),
        ruling=ruling,
        waits_for=_WAITS if changes_attempt else None,
        effect=None,
        given=None,
        corrected=first,
        notice=told,
        notice_pending=NoticeState.PENDING if told else None,
    )
    return (corrected,)


_WAITS = CaseWaitsFor.WAIVER


def gave(first: Corrected) -> Given:
    """What the corrected decision has given. Decisions of earlier releases gave an admission or nothing."""
    if first.given is not None:
        return first.given
    if first.effect is Effect.ADMITTED:
        return Given(admitted=True, enter_until=first.ruling.enter_until)
    return Given()


def _check_ticket(case: Case, ruling: Ruling, version_seen: int) -> None:
    if version_seen != case.version:
        raise Conflict("ticket_changed", version=case.version)
    if ruling.gives is not Grant.NOTHING and (not ruling.accepted or case.attempt_id is None):
        raise Conflict("nothing_to_admit")
    if ruling.gives is Grant.ADMISSION and ruling.admit_with is None:
        raise Conflict("photo_needed")
    if ruling.admit_with is not None:
        _check_photo(case, ruling.admit_with)


def _ticket_notice(
    case: Case, ruling: Ruling, effect: Effect | None, at: int, *, corrects: bool
) -> Notice:
    """The SMS about a decision: one for the decision, one for its correction."""
    if corrects:
        return Notice(f"{case.case_id}-correction", "ticket_corrected", at)
    given = {Effect.ADMITTED: "ticket_admitted", Effect.GIVEN: "ticket_granted"}
    answered = "ticket_answered" if ruling.accepted else "ticket_rejected"
    template = given.get(effect, answered) if effect else answered
    return Notice(f"{case.case_id}-decision", template, at)


def _is_repeat(case: Case, ruling: Ruling) -> bool:
    """Whether the same command has decided the case, though another one may have corrected it since."""
    first = case.corrected.ruling if case.corrected else case.ruling
    return first is not None and first.command_id == ruling.command_id


def _state_after(ruling: Ruling) -> CaseState:
    return CaseState.ACCEPTED if ruling.accepted else CaseState.REJECTED


def _check_photo(case: Case, photo: AdmitWith) -> None:
    if photo is not AdmitWith.ENROLLED and case.reference(photo) is None:
        upload = case.uploads[UploadKind(photo.value)]
        reason = upload.unusable or upload.reason or upload.state.value
        raise Conflict("photo_unusable", reason=reason)


def decide_complaint(case: Case, ruling: Ruling, version_seen: int, notice_id: str) -> Outcomes:
    """Uphold or reject a complaint, once, with the notice to its candidate. A repeat changes nothing.

    Raises `Conflict`: `complaint_decided` (by another command), `complaint_changed` (since the operator read it).
    """
    if _is_repeat(case, ruling):
        return ()
    if case.ruling is not None:
        raise Conflict("complaint_decided", state=case.state.value)
    if version_seen != case.version:
        raise Conflict("complaint_changed", version=case.version)
    template = "complaint_upheld" if ruling.accepted else "complaint_rejected"
    notice = Notice(notice_id, template, ruling.at)
    return (ComplaintDecided(state=_state_after(ruling), ruling=ruling, notice=notice),)


def take_effect(case: Case, effect: Effect) -> Outcomes:
    """Note once that the decision about a complaint has reached the attempt."""
    if case.waits_for is not CaseWaitsFor.SETTLEMENT:
        return ()
    return (TookEffect(effect=effect),)


def settle_ticket(case: Case, given: Given | None, now: int) -> Outcomes:
    """Note once what the decision about a ticket has done to the attempt, and have the candidate told.

    `given`: None when the attempt was closed before.
    """
    if case.waits_for is not CaseWaitsFor.WAIVER or case.ruling is None:
        return ()
    effect = _effect_of(case.ruling, given)
    settled = TookEffect(
        effect=effect,
        given=given,
        notice=_ticket_notice(case, case.ruling, effect, now, corrects=case.corrected is not None),
        notice_pending=NoticeState.PENDING,
    )
    return (settled,)


def _effect_of(ruling: Ruling, given: Given | None) -> Effect:
    if given is None:
        return Effect.TOO_LATE
    if given.admitted:
        return Effect.ADMITTED
    return Effect.WITHDRAWN if ruling.gives is Grant.NOTHING else Effect.GIVEN
