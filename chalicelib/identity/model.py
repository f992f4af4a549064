"""Rules of identity: what is missing, which picture is usable, when two faces are one person. Pure."""

import enum
from typing import TYPE_CHECKING

import msgspec

from chalicelib.accounts.model import AudienceRole, Window
from chalicelib.identity.documents import IdType
from chalicelib.shared.clock import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from chalicelib.faces import Face, Findings

# Whoever mistypes needs a few; whoever asks which numbers are taken gets no further.
ID_NUMBER_WINDOWS = (Window("hour", HOUR_MS, 20), Window("day", DAY_MS, 100))
UPLOAD_LIFETIME_S = 600  # choosing a file takes people minutes; nothing is counted here
MIN_PHOTO_WIDTH, MIN_PHOTO_HEIGHT = 295, 413  # 一寸 (25×35 mm) at 300 dpi


class PhotoState(enum.Enum):
    """Where the newest ID photo stands."""

    NONE = "none"
    WAITING = "waiting"  # ticket handed out, nothing judged yet
    REFUSED = "refused"
    ACCEPTED = "accepted"


class Profile(msgspec.Struct, frozen=True):
    """身份信息 without the number itself."""

    name: str = ""
    role: AudienceRole | None = None
    organisation: str = ""
    region: str = ""
    id_type: IdType | None = None
    id_number_masked: str = ""
    updated_at: int | None = None


class IdPhoto(msgspec.Struct, frozen=True):
    """The accepted ID photo; `vector` is 128 float32 (little endian).

    `replaces` is the key of the photo before it, which is removed after this one was written. `signature`: by which it
    is known again (`faces.signature`); empty in records of version 1.
    """

    photo_id: str
    key: str
    sha256: str
    vector: bytes
    engine: str
    model: str
    at: int
    replaces: str | None = None
    signature: bytes = b""


class PhotoUpload(msgspec.Struct, frozen=True):
    """The newest upload ticket for an ID photo and what became of it."""

    upload_id: str
    key: str
    expires_at: int
    state: PhotoState = PhotoState.WAITING
    reason: str = ""


class Deletion(msgspec.Struct, frozen=True):
    """A person's wish that their pictures be deleted: who carried it out and why, and how far it is.

    `kept`: numbers of certificates that still show their photo.
    """

    command_id: str
    operator: str
    reason: str
    requested_at: int
    done_at: int | None = None
    kept: tuple[str, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """The part of an account that identity owns. `locks`: attempt id → until when edits are refused."""

    account_id: str
    version: int
    session_version: int
    phone_masked: str
    profile: Profile = Profile()
    person_hash: str = ""
    id_photo: IdPhoto | None = None
    photo_upload: PhotoUpload | None = None
    locks: dict[str, int] = {}
    deletions: tuple[Deletion, ...] = ()

    @property
    def deletion(self) -> Deletion | None:
        """The newest deletion, done or not."""
        return self.deletions[-1] if self.deletions else None

    def missing(self) -> list[str]:
        """What an attempt still needs, in the order of the form."""
        have = {
            "id_photo": self.id_photo is not None,
            "name": bool(self.profile.name),
            "id_type": self.profile.id_type is not None,
            "id_number": bool(self.person_hash),
            "role": self.profile.role is not None,
            "organisation": bool(self.profile.organisation),
            "region": bool(self.profile.region),
        }
        return [field for field, there in have.items() if not there]

    def locked(self, now: int) -> bool:
        """Whether an attempt is open that has frozen this identity."""
        return any(until >= now for until in self.locks.values())


class FrozenIdentity(msgspec.Struct, frozen=True):
    """What an attempt keeps of a person from its opening on."""

    name: str
    id_type: str
    id_number_masked: str
    person_hash: str
    role: str
    organisation: str
    photo_id: str


def frozen(person: Person) -> FrozenIdentity:
    """What an attempt keeps of this person, who lacks nothing."""
    profile, photo = person.profile, person.id_photo
    assert profile.id_type and profile.role and photo
    return FrozenIdentity(
        name=profile.name,
        id_type=profile.id_type.value,
        id_number_masked=profile.id_number_masked,
        person_hash=person.person_hash,
        role=profile.role.value,
        organisation=profile.organisation,
        photo_id=photo.photo_id,
    )


class Reference(msgspec.Struct, frozen=True):
    """A face to compare with: `vector` is 128 float32 (little endian) of the picture with this `sha256`.

    `signature`: by which the picture is known again (`faces.signature`); empty in records of version 1.
    """

    sha256: str
    vector: bytes
    engine: str
    model: str
    signature: bytes = b""


class Outcome(enum.Enum):
    """Three bands: a face close to a threshold is neither proven nor refuted."""

    MATCH = "match"
    UNCERTAIN = "uncertain"
    MISMATCH = "mismatch"


class FaceVerdict(msgspec.Struct, frozen=True):
    """A comparison with everything needed to judge it again."""

    outcome: Outcome
    distance: float
    match_at: float
    mismatch_above: float
    engine: str
    model: str
    z: float | None = None
    match_z: float | None = None
    cohort: str = ""
    cohort_size: int = 0


class AuthorityResult(enum.Enum):
    """What an identity authority says about a face."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # it knows no such person, or cannot tell: never held against anybody


class AuthorityVerdict(msgspec.Struct, frozen=True):
    """An answer of the authority: `score` as it gave it (0 to 1), and by which id it can find the question again."""

    result: AuthorityResult
    score: float | None
    request_id: str
    key_id: str


def authority_outcome(result: AuthorityResult) -> Outcome | None:
    """What the answer means, or None when the check could not run."""
    return {
        AuthorityResult.SAME: Outcome.MATCH,
        AuthorityResult.DIFFERENT: Outcome.MISMATCH,
    }.get(result)


class Likeness(msgspec.Struct, frozen=True):
    """How near two faces are beside their look-alikes in a cohort of `size` others (`faces.cohort_z`)."""

    z: float
    cohort: str
    size: int


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One enrolled face of a cohort; `tag` lets nobody but us tell whose it is."""

    tag: str
    model: str
    vector: bytes


class Cohort(msgspec.Struct, frozen=True):
    """Faces of enrolled people, drawn at random; a version never changes."""

    version: str
    members: tuple[Member, ...]

    def others(self, tag: str, model: str) -> list[bytes]:
        """Vectors of one model, of everybody but the person with this tag; at most `COHORT_MOST`."""
        found = [m.vector for m in self.members if m.tag != tag and m.model == model]
        return found[:COHORT_MOST]


class CohortNote(msgspec.Struct, frozen=True):
    """Which version is in use; `day` (China) is when it was drawn, `version` empty when too few are enrolled."""

    version: str
    size: int
    day: str


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """The day's count of people whose face is stored: how far it is, and what it has found up to there."""

    day: str
    step: int = 0  # pages looked at
    place: int = 0  # which of the tables that hold faces
    after: str = ""  # key of the last row looked at
    counted: int = 0
    done: bool = False


def census_of(day: str, newest: Census | None) -> Census:
    """Today's count, to be begun or gone on with. One of an earlier day is not finished any more."""
    return newest if newest is not None and newest.day >= day else Census(day=day)


# docs/face.md: with fewer others the rule does harm; its limit depends on how many there are.
COHORT_LEAST, COHORT_MOST = 100, 300
_MATCH_Z = ((300, -3.92), (100, -4.62))
_MATCH_AT_WITH_COHORT = 0.55

# docs/face.md: without a cohort of other enrolled people, accept at .50 (false accepts .23 % of pairs there);
# above .60 the models' own authors call two faces different. Between lies the honest "don't know".
MATCH_AT = 0.50
MISMATCH_ABOVE = 0.60


def judge_distance(
    distance: float, *, engine: str, model: str, likeness: Likeness | None = None
) -> FaceVerdict:
    """Put a distance into its band; each limit belongs to the better band.

    With a cohort a match may be a little farther apart, but must stand out from the look-alikes. What it
    refuses is uncertain: alone it makes no mismatch.
    """
    match_at = _MATCH_AT_WITH_COHORT if likeness else MATCH_AT
    match_z = z_limit(likeness.size) if likeness else None
    stands_out = likeness is None or match_z is None or likeness.z <= match_z
    if distance > MISMATCH_ABOVE:
        outcome = Outcome.MISMATCH
    else:
        outcome = Outcome.MATCH if distance <= match_at and stands_out else Outcome.UNCERTAIN
    return FaceVerdict(
        outcome,
        round(distance, 5),
        match_at,
        MISMATCH_ABOVE,
        engine,
        model,
        z=round(likeness.z, 5) if likeness else None,
        match_z=match_z,
        cohort=likeness.cohort if likeness else "",
        cohort_size=likeness.size if likeness else 0,
    )


def z_limit(others: int) -> float | None:
    """The largest z of a match in a cohort of so many others, or None when there are too few."""
    return next((limit for size, limit in _MATCH_Z if others >= size), None)


def the_face(findings: "Findings") -> "Face | None":
    """The one face that a picture is about, or None when there is none or not only one.

    A badge or a pattern can look like a face to the detector; such doubtful sights make nobody a crowd
    (docs/face.md). If there is nothing else, a single doubtful sight is taken for the face.
    """
    sure = [face for face in findings.faces if not face.doubtful] or list(findings.faces)
    return sure[0] if len(sure) == 1 else None


def why_unusable(findings: "Findings", *, may_turn: bool = False) -> str | None:
    """Why a picture cannot be compared at all, or None. No face is never a mismatch.

    `may_turn`: the head was asked to be turned aside.
    """
    if findings.dark:
        return "dark"
    if findings.covered:
        return "covered"
    if not findings.faces:
        return "no_face"
    face = the_face(findings)
    if face is None:
        return "several_faces"
    flaws = {
        "face_too_small": face.small,
        "blurred": face.blurred,
        "turned": face.turned and not may_turn,
        "tilted": face.tilted,
        "no_face": face.vector is None,
    }
    return next((reason for reason, found in flaws.items() if found), None)


def too_small_for_id_photo(width: int, height: int) -> bool:
    """Whether an ID photo has fewer pixels than 一寸 needs."""
    return width < MIN_PHOTO_WIDTH or height < MIN_PHOTO_HEIGHT
