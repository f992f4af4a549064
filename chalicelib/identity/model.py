"""Rules of identity: what a profile lacks, which picture is usable, when two faces show one person. Pure."""

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from chalicelib.accounts.model import AudienceRole, Window
from chalicelib.identity.documents import IdType
from chalicelib.shared.clock import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from chalicelib.faces import Face, Findings

# Enough for typing errors, and too few to try out which numbers are taken.
ID_NUMBER_WINDOWS = (Window("hour", HOUR_MS, 20), Window("day", DAY_MS, 100))
UPLOAD_LIFETIME_S = 600  # people need minutes to choose a file; an expired ticket costs nothing
MIN_PHOTO_WIDTH, MIN_PHOTO_HEIGHT = 295, 413  # 一寸 (25×35 mm) at 300 dpi


class PhotoState(enum.Enum):
    """The state of the newest ID photo."""

    NONE = "none"
    WAITING = "waiting"  # the ticket was given, no photo was judged yet
    REFUSED = "refused"
    ACCEPTED = "accepted"


class Profile(msgspec.Struct, frozen=True):
    """身份信息 without the full ID number."""

    name: str = ""
    role: AudienceRole | None = None
    organisation: str = ""
    region: str = ""
    id_type: IdType | None = None
    id_number_masked: str = ""
    updated_at: int | None = None


def vector_of(face: "IdPhoto | Reference", model: str) -> bytes | None:
    """Return the vector that a model computed from this picture; None when none is kept."""
    return face.vector if face.vector and face.model == model else face.vectors.get(model)


class IdPhoto(msgspec.Struct, frozen=True):
    """The accepted ID photo; `vector` is 128 float32 (little endian), by the `model` that accepted it.

    `vectors`: the vectors of other models, from the same bytes. `replaces` is the key of the photo before it, which is
    removed after this one was written. `signature`: the mark by which a copy is recognised (`faces.FacePicture`); empty
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
    """A request of a person to delete their pictures: the operator and reason of the command, and its progress.

    `kept`: numbers of certificates that still show their photo.
    """

    command_id: str
    operator: str
    reason: str
    requested_at: int
    done_at: int | None = None
    kept: tuple[str, ...] = ()
    operator_id: str = ""


class PracticeArea(enum.Enum):
    """What a practice exam (试考) tries, in this order."""

    CAMERA = "camera"  # 摄像头
    NETWORK = "network"  # 网络
    FACE = "face"  # 人脸核验
    FULL_SCREEN = "full_screen"  # 全屏
    SNAPSHOTS = "snapshots"  # 抓拍


class AreaState(enum.Enum):
    """How one area of a practice stands."""

    NOT_TRIED = "not_tried"
    WAITING = "waiting"  # a verdict is still to come
    OK = "ok"
    FAILED = "failed"


class AreaFinding(msgspec.Struct, frozen=True):
    """What a practice found in one area. `reason`: why it failed, or why it could not be tried; else empty."""

    area: PracticeArea
    state: AreaState = AreaState.NOT_TRIED
    reason: str = ""


class PracticeMark(msgspec.Struct, frozen=True):
    """已试考: the newest practice of a person. `at`: when it was begun; `ended_at`: None while it is not over (UTC ms).

    `round`, `version`: those of its attempt, by which a late change is recognised.
    """

    attempt_id: str
    exam_id: str
    at: int
    round: int
    version: int
    ended_at: int | None = None
    findings: tuple[AreaFinding, ...] = ()

    @property
    def order(self) -> tuple[int, int, int]:
        """By which two marks are compared: the greater one is newer."""
        return self.at, self.round, self.version

    @property
    def failed(self) -> tuple[AreaFinding, ...]:
        """The areas that did not work."""
        return tuple(found for found in self.findings if found.state is AreaState.FAILED)


class PersonPractice(msgspec.Struct, frozen=True):
    """The part of an account that says whether somebody has practised, for lists of many people."""

    account_id: str
    phone_masked: str
    profile: Profile = Profile()
    practice: PracticeMark | None = None


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
    practice: PracticeMark | None = None  # the newest 试考

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
        """Whether an open attempt has frozen this identity."""
        return any(until >= now for until in self.locks.values())


def number_context(account_id: str) -> str:
    """Return what the sealed ID number of an account is bound to."""
    return f"{account_id}/id_number"


class FrozenIdentity(msgspec.Struct, frozen=True):
    """The data of a person that an attempt stores when it is opened."""

    name: str
    id_type: str
    id_number_masked: str
    person_hash: str
    role: str
    organisation: str
    photo_id: str


def frozen(person: Person) -> FrozenIdentity:
    """Return what an attempt stores of a person whose profile is complete."""
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

    `key`: the key of the picture in S3, for other models ("": not known). `vectors`: the vectors of other models.
    `signature`: the mark by which a copy is recognised (`faces.FacePicture`); empty in older records.
    """

    sha256: str
    vector: bytes
    engine: str
    model: str
    key: str = ""
    vectors: dict[str, bytes] = {}
    signature: bytes = b""


class FaceOutcome(enum.Enum):
    """The three results of a comparison. Near a limit a face is neither proven nor refuted."""

    MATCH = "match"
    UNCERTAIN = "uncertain"
    MISMATCH = "mismatch"


class SecondOpinion(msgspec.Struct, frozen=True):
    """The result of the second engine for the same two pictures; `distance` is None when it found no face."""

    distance: float | None
    same_up_to: float
    other_above: float
    engine: str
    model: str


class FaceVerdict(msgspec.Struct, frozen=True):
    """The result of a comparison, with everything that is needed to judge it again."""

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
    UNKNOWN = "unknown"  # it does not know the person, or cannot tell; this has no consequence for the person


class AuthorityVerdict(msgspec.Struct, frozen=True):
    """An answer of the authority. `score`: as it gave it (0 to 1). `request_id`: the id of the question."""

    result: AuthorityResult
    score: float | None
    request_id: str
    key_id: str


def authority_outcome(result: AuthorityResult) -> FaceOutcome | None:
    """Return the outcome of an answer; None when the authority cannot tell."""
    return {
        AuthorityResult.SAME: FaceOutcome.MATCH,
        AuthorityResult.DIFFERENT: FaceOutcome.MISMATCH,
    }.get(result)


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of a day's count of people whose face is stored."""

    day: str
    step: int = 0  # pages looked at
    place: int = 0  # which of the tables that hold faces
    after: str = ""  # key of the last row looked at
    counted: int = 0
    done: bool = False


def census_of(day: str, newest: Census | None) -> Census:
    """Return today's count, to begin or to continue. A count of an earlier day is given up."""
    return newest if newest is not None and newest.day >= day else Census(day=day)


class Bands(msgspec.Struct, frozen=True):
    """The limits of a model. A distance at a limit belongs to the better band (docs/face.md).

    `confirmed_at`: up to here a second opinion that is sure of the same person makes a match; without a second
    engine it equals `match_at`.
    """

    match_at: float
    confirmed_at: float
    mismatch_above: float


# how the names of their models begin
SFACE, DLIB = ("face_recognition_sface", "dlib_face_recognition")
BANDS = {
    SFACE: Bands(match_at=0.615, confirmed_at=0.68, mismatch_above=0.80),
    # Above .60 the models' own authors call two faces different.
    DLIB: Bands(match_at=0.50, confirmed_at=0.50, mismatch_above=0.60),
}
# 224 upright pictures stay as they are, 671 of 672 lying ones are turned (docs/face.md)
SURER_BY = 0.03
# From here on another way would have to be surer than .96; the surest of 243 pictures in all four ways is .956.
SURE_OF_UPRIGHT = {SFACE: 0.93}

# Where dlib's network is asked second, after SFace has found a face near one of its own limits.
SECOND_SAME_UP_TO, SECOND_OTHER_ABOVE = 0.45, 0.55


def bands(model: str) -> Bands:
    """Return the limits of a model by its name. Raises `KeyError` for a model without limits."""
    for name, limits in BANDS.items():
        if model.startswith(name):
            return limits
    raise KeyError(model)


def wants_second(distance: float, model: str) -> bool:
    """Whether a second opinion could change the outcome: just above the match limit, and before any mismatch."""
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
    """Return the verdict of a distance. A mismatch needs both engines; `alone`: there is only one, which decides."""
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
    distance = second.distance if second else None
    return second is not None and distance is not None and distance <= second.same_up_to


def _says_other(second: SecondOpinion | None) -> bool:
    distance = second.distance if second else None
    return second is not None and distance is not None and distance > second.other_above


def the_face(findings: "Findings") -> "Face | None":
    """Return the one person's face in a picture; None when there is none or more than one (`Findings.people`)."""
    people = findings.people
    return people[0] if len(people) == 1 else None


def why_unusable(findings: "Findings", *, may_turn: bool = False) -> str | None:
    """Return why a picture cannot be compared; None when it can. A picture without a face is never a mismatch.

    The reason is the cause: when light is missing, the reason is the light. `may_turn`: the person was asked to turn
    the head.
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
    """Whether the face score is so high that `upright_way` could choose no other way to turn the picture."""
    sure = SURE_OF_UPRIGHT.get(findings.model)
    return sure is not None and bool(findings.faces) and findings.faces[0].score >= sure


def upright_way(looks: "Sequence[Findings]") -> int:
    """Return the index of the findings that show the face upright, among several ways to turn a picture.

    YuNet also finds faces that lie on their side, but with a lower score, so the highest score counts (docs/face.md).
    In doubt the index is 0.
    """
    scores = [findings.faces[0].score if findings.faces else 0.0 for findings in looks]
    surest = max(range(len(scores)), key=scores.__getitem__)
    return surest if scores[surest] > scores[0] + SURER_BY else 0


def missing_light(findings: "Findings", face: "Face") -> str:
    """Which light a dark face lacks: `backlight` when it comes from behind the person, else `dark`."""
    return "backlight" if findings.lit_from_behind(face) else "dark"


def too_small_for_id_photo(width: int, height: int) -> bool:
    """Whether an ID photo has fewer pixels than 一寸 needs."""
    return width < MIN_PHOTO_WIDTH or height < MIN_PHOTO_HEIGHT
