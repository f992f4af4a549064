"""Rules of identity: what is missing, which picture is usable, when two faces are one person. Pure."""

import enum
from collections.abc import Sequence
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


def vector_of(face: "IdPhoto | Reference", model: str) -> bytes | None:
    """The vector that a model took from this picture, as far as it is kept."""
    return face.vector if face.vector and face.model == model else face.vectors.get(model)


class IdPhoto(msgspec.Struct, frozen=True):
    """The accepted ID photo; `vector` is 128 float32 (little endian), by the `model` that accepted it.

    `vectors`: what other models have taken from the same bytes since. `replaces` is the key of the photo before it,
    which is removed after this one was written. `signature`: by which it is known again (`faces.FacePicture`); empty
    until it is first needed.
    """

    photo_id: str
    key: str
    sha256: str
    vector: bytes
    engine: str
    model: str
    at: int
    replaces: str | None = None
    vectors: dict[str, bytes] = {}
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
    operator_id: str = ""


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
    """A face to compare with: `vector` is 128 float32 (little endian) of the picture with this `sha256`, by `model`.

    `key`: where the picture lies, so that another model can look at it ("": not known). `vectors`: what other models
    have taken from it. `signature`: by which the picture is known again (`faces.FacePicture`); empty in older records.
    """

    sha256: str
    vector: bytes
    engine: str
    model: str
    key: str = ""
    vectors: dict[str, bytes] = {}
    signature: bytes = b""


class FaceOutcome(enum.Enum):
    """Three bands: a face close to a threshold is neither proven nor refuted."""

    MATCH = "match"
    UNCERTAIN = "uncertain"
    MISMATCH = "mismatch"


class SecondOpinion(msgspec.Struct, frozen=True):
    """What the other engine says of the same two pictures; `distance` is None when it found no face to compare."""

    distance: float | None
    same_up_to: float
    other_above: float
    engine: str
    model: str


class FaceVerdict(msgspec.Struct, frozen=True):
    """A comparison with everything needed to judge it again."""

    outcome: FaceOutcome
    distance: float
    match_at: float
    mismatch_above: float
    engine: str
    model: str
    second: SecondOpinion | None = None


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


def authority_outcome(result: AuthorityResult) -> FaceOutcome | None:
    """What the answer means, or None when the check could not run."""
    return {
        AuthorityResult.SAME: FaceOutcome.MATCH,
        AuthorityResult.DIFFERENT: FaceOutcome.MISMATCH,
    }.get(result)


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


class Bands(msgspec.Struct, frozen=True):
    """The limits of a model; each belongs to the better band (docs/face.md).

    `confirmed_at`: up to here a second opinion that is sure of the same person makes a match; without a second
    engine it equals `match_at`.
    """

    match_at: float
    confirmed_at: float
    mismatch_above: float


SFACE, DLIB = (
    "face_recognition_sface",
    "dlib_face_recognition",
)  # how the names of their models begin
BANDS = {
    SFACE: Bands(match_at=0.615, confirmed_at=0.68, mismatch_above=0.80),
    # Above .60 the models' own authors call two faces different.
    DLIB: Bands(match_at=0.50, confirmed_at=0.50, mismatch_above=0.60),
}
SURER_BY = (
    0.03  # 224 upright pictures stay as they are, 671 of 672 lying ones are turned (docs/face.md)
)
# From here on another way would have to be surer than .96; the surest of 243 pictures in all four ways is .956.
SURE_OF_UPRIGHT = {SFACE: 0.93}

# Where dlib's network is asked second, after SFace has found a face near one of its own limits.
SECOND_SAME_UP_TO, SECOND_OTHER_ABOVE = 0.45, 0.55


def bands(model: str) -> Bands:
    """The limits of a model by its name. Raises `KeyError` for one that nobody has calibrated."""
    for name, found in BANDS.items():
        if model.startswith(name):
            return found
    raise KeyError(model)


def wants_second(distance: float, model: str) -> bool:
    """Whether a second opinion could change what is said: just beyond a match, and before every mismatch."""
    limits = bands(model)
    near = limits.match_at < distance <= limits.confirmed_at
    return near or distance > limits.mismatch_above


def judge_distance(
    distance: float,
    *,
    engine: str,
    model: str,
    second: SecondOpinion | None = None,
    alone: bool = False,
) -> FaceVerdict:
    """Put a distance into its band. A mismatch needs both engines; `alone`: there is but one, and it decides."""
    limits = bands(model)
    if distance <= limits.match_at or (distance <= limits.confirmed_at and _says_same(second)):
        outcome = FaceOutcome.MATCH
    elif distance > limits.mismatch_above and (alone or _says_other(second)):
        outcome = FaceOutcome.MISMATCH
    else:
        outcome = FaceOutcome.UNCERTAIN
    near, far = limits.match_at, limits.mismatch_above
    return FaceVerdict(outcome, round(distance, 5), near, far, engine, model, second)


def _says_same(second: SecondOpinion | None) -> bool:
    known = second.distance if second else None
    return second is not None and known is not None and known <= second.same_up_to


def _says_other(second: SecondOpinion | None) -> bool:
    known = second.distance if second else None
    return second is not None and known is not None and known > second.other_above


def the_face(findings: "Findings") -> "Face | None":
    """The one face that a picture is about, or None when there is none or not only one (`Findings.people`)."""
    people = findings.people
    return people[0] if len(people) == 1 else None


def why_unusable(findings: "Findings", *, may_turn: bool = False) -> str | None:
    """Why a picture cannot be compared at all, or None. No face is never a mismatch.

    What is told is the cause: where light is missing, nothing else is blamed for it.
    `may_turn`: the head was asked to be turned aside.
    """
    if findings.dark:
        return "dark"
    if findings.covered:
        return "covered"
    if not findings.faces:
        return "dark" if findings.dim else "no_face"
    face = the_face(findings)
    if face is None:
        return "several_faces"
    flaws = {
        "face_too_small": face.small,
        missing_light(findings, face): face.dark,
        "blurred": face.blurred,
        "turned": face.turned and not may_turn,
        "tilted": face.tilted,
        "no_face": face.vector is None,
    }
    return next((reason for reason, found in flaws.items() if found), None)


def is_surely_upright(findings: "Findings") -> bool:
    """Whether no other way to turn a picture can show its face so much surer that `upright_way` would choose it."""
    sure = SURE_OF_UPRIGHT.get(findings.model)
    return sure is not None and bool(findings.faces) and findings.faces[0].score >= sure


def upright_way(looks: "Sequence[Findings]") -> int:
    """Which of several ways to turn a picture shows its face upright: the place of its findings; 0 when in doubt.

    YuNet sees upright faces in lying ones too, but is less sure of them, so the surest sight counts (docs/face.md).
    """
    scores = [found.faces[0].score if found.faces else 0.0 for found in looks]
    surest = max(range(len(scores)), key=scores.__getitem__)
    return surest if scores[surest] > scores[0] + SURER_BY else 0


def missing_light(findings: "Findings", face: "Face") -> str:
    """Which light a dark face lacks: `backlight` when it comes from behind the person, else `dark`."""
    return "backlight" if findings.lit_from_behind(face) else "dark"


def too_small_for_id_photo(width: int, height: int) -> bool:
    """Whether an ID photo has fewer pixels than 一寸 needs."""
    return width < MIN_PHOTO_WIDTH or height < MIN_PHOTO_HEIGHT
