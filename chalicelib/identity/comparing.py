"""Judging pictures: whether one can serve as a portrait, and whether two show the same person."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chalicelib.identity import authority, enrolment, model, turning
from chalicelib.identity.model import (
    AuthorityVerdict,
    FaceOutcome,
    FaceVerdict,
    Reference,
    SecondOpinion,
    number_context,
)
from chalicelib.identity.sameness import Earlier, Imprint, find_same, photos_shown_again
from chalicelib.identity.turning import Turn, Turned
from chalicelib.shared import log, sealed
from chalicelib.shared.errors import NotFound
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.settings import settings

if TYPE_CHECKING:
    from PIL.Image import Image

    from chalicelib.faces import Face, FaceEngine, FacePicture, Findings
    from chalicelib.faces.vectors import Vector

_FACE_SIDE = 960  # pixels of the picture that the authority gets
_PORTRAIT_SIDE = 1280  # enough to print a certificate, and small to store


class Portrait(msgspec.Struct, frozen=True):
    """A photo that faces can be compared with: the JPEG to store, and the face that was found in it."""

    jpeg: bytes
    face: Reference


def examine_portrait(data: bytes) -> tuple[Portrait | None, str]:
    """Return an uploaded file as a portrait, or None and the reason: unreadable, too small, not one usable face.

    A picture that lies on its side or stands on its head is turned. Raises `faces.EngineUnavailable`.
    """
    from chalicelib.shared import pictures

    try:
        picture = _upright(pictures.decode_picture(data))
    except pictures.PictureRefused as refused:
        return None, refused.reason
    if model.too_small_for_id_photo(picture.width, picture.height):
        return None, "picture_too_small"
    # The vector comes from the bytes that are stored, so that it can be computed again.
    encoded = pictures.encode_jpeg(picture, max_side=_PORTRAIT_SIDE)
    face, reason = find_reference(encoded)
    return (Portrait(encoded, face), "") if face else (None, reason)


def _upright(picture: "Image") -> "Image":
    """Return the picture turned by the quarters that make its face stand upright, if it does not already."""
    from chalicelib.shared import pictures

    ways, findings = [picture], [_engine().examine(picture, vectors=False)]
    if model.is_surely_upright(findings[0]):
        return picture
    ways += [pictures.turned(picture, quarters) for quarters in range(1, 4)]
    findings += [_engine().examine(way, vectors=False) for way in ways[1:]]
    return ways[model.upright_way(findings)]


def _engine() -> "FaceEngine":
    """The face engine that the settings name."""
    from chalicelib import faces

    return faces.default_engine(settings().face_engine)


class Quality(msgspec.Struct, frozen=True):
    """Measurements of a picture. They are stored with each verdict so that it can be judged again."""

    people: int
    brightness: float
    sharpness: float | None
    engine: str
    model: str


class Comparison(msgspec.Struct, frozen=True):
    """The comparison of a picture with a photo on file: a verdict, or the reason why there is none.

    `pixels`: SHA-256 of the pixels of a picture that shows one usable face. `replay`: which earlier picture it shows
    again (`Earlier.meaning`); its face is then not compared.
    """

    verdict: FaceVerdict | None
    unusable: str = ""
    quality: Quality | None = None
    authority: AuthorityVerdict | None = None
    pixels: str = ""
    replay: str = ""

    @property
    def outcome(self) -> FaceOutcome | None:
        """The outcome by the authority or by our own comparison; None when there is none."""
        if self.authority is not None:
            return model.authority_outcome(self.authority.result)
        return self.verdict.outcome if self.verdict else None


def find_reference(data: bytes) -> tuple[Reference | None, str]:
    """Return the one usable face of a picture that can be decoded, or None and the reason.

    Raises `faces.EngineUnavailable`.
    """
    from chalicelib import faces
    from chalicelib.shared import pictures

    picture = pictures.decode_picture(data)
    findings = _engine().examine(picture)
    face, reason = model.the_face(findings), model.why_unusable(findings)
    if reason or face is None or face.vector is None:
        return None, reason or "no_face"
    digest, vector = hashlib.sha256(data).hexdigest(), faces.pack_vector(face.vector)
    signature = faces.FacePicture(picture, face.points).signature
    return Reference(digest, vector, findings.engine, findings.model, signature=signature), ""


class Sight(NamedTuple):
    """A picture with one usable face, examined. `imprint`: the marks by which it is recognised."""

    picture: "Image"
    findings: "Findings"
    look: "FacePicture"
    imprint: Imprint
    engines: "Engines"


class Counterparts(NamedTuple):
    """What a picture is compared with: the data on file of the person, and earlier pictures."""

    on_file: enrolment.OnFile
    earlier: Sequence[Earlier]


def look_at(data: bytes) -> Sight | Comparison:
    """Examine an uploaded picture once; returns what it shows, or a comparison that says why it is unusable."""
    from chalicelib import faces
    from chalicelib.shared import pictures

    try:
        picture = pictures.decode_picture(data)
    except pictures.PictureRefused as refused:
        return Comparison(None, refused.reason)
    try:
        engines = Engines(_engine(), faces.second_engine(settings().face_engine))
        findings = engines.first.examine(picture)
    except faces.EngineUnavailable as down:
        return _engine_down(down)
    unusable = why_not(findings)
    if unusable is not None:
        return unusable
    face = model.the_face(findings)
    assert face  # it is usable
    look = faces.FacePicture(picture, face.points)
    imprint = Imprint(pictures.pixels_sha256(picture), look.signature)
    return Sight(picture, findings, look, imprint, engines)


def compare_face(
    sight: Sight, counterparts: Counterparts, *, now: int, in_exam: bool = False
) -> Comparison:
    """Judge whether a picture shows the person; returns the comparison.

    A photo that an operator approved or the publisher uploaded is compared first. Without one, the authority is asked
    if it is set up; otherwise the picture is compared with the enrolled ID photo, which proves sameness with that
    photo, not identity. `in_exam`: the picture is a snapshot, for which the authority is asked only if the setting
    says so. A picture that is a copy of an earlier one is not compared. Photos are read only when the model has not
    examined them before. Raises `NotFound` when the photo is gone.
    """
    from chalicelib import faces

    try:
        return msgspec.structs.replace(
            _compare(sight, counterparts, now, in_exam), pixels=sight.imprint.pixels
        )
    except faces.EngineUnavailable as down:
        return _engine_down(down)


def _compare(sight: Sight, counterparts: Counterparts, now: int, in_exam: bool) -> Comparison:
    on_file = counterparts.on_file
    photos = photos_shown_again(on_file.signatures(sight.engines.first))
    earlier = [*photos, *counterparts.earlier]
    if replay := find_same(sight.imprint.pixels, sight.look, earlier):
        return Comparison(None, "", _quality(sight.findings), replay=replay)
    if on_file.brought is None and _asks_authority(in_exam):
        return _ask_authority(sight, on_file, now)
    photo = on_file.brought or on_file.enrolled
    if photo is None:
        raise NotFound("not_found")
    return compare_with(sight.picture, sight.findings, photo, sight.engines)


def _engine_down(error: Exception) -> Comparison:
    """Return a comparison that did not run. It returns at once, because a person waits and gets the chance back."""
    log.crash(error)
    log.metric("FaceEngineFailed", 1)
    return Comparison(None, "engine_down")


class Engines(NamedTuple):
    """The engine that decides, and a second one for doubtful cases (None: the first one decides alone)."""

    first: "FaceEngine"
    second: "FaceEngine | None"


def why_not(findings: "Findings") -> Comparison | None:
    """Return a comparison that says why a picture is unusable; None when it is usable."""
    reason = model.why_unusable(findings)
    return Comparison(None, reason, _quality(findings)) if reason else None


def compare_with(
    picture: "Image", findings: "Findings", shown: enrolment.EnrolledPhoto, engines: Engines
) -> Comparison:
    """Compare a usable picture with a photo. In dim light only a match counts; otherwise the light is the reason.

    Raises `faces.EngineUnavailable`, `NotFound` when nothing is left of the photo.
    """
    face = model.the_face(findings)
    assert face and face.vector
    verdict = _judge(picture, findings, face.vector, shown, engines)
    if verdict.outcome is not FaceOutcome.MATCH and face.dim:
        return Comparison(None, model.missing_light(findings, face), _quality(findings))
    return Comparison(verdict, "", _quality(findings))


def _judge(
    picture: "Image",
    findings: "Findings",
    vector: "Vector",
    shown: enrolment.EnrolledPhoto,
    engines: Engines,
) -> FaceVerdict:
    """Return the verdict about a face. The second engine is asked only when it could change the verdict.

    When only the second engine's vector of a photo is left, that engine decides alone, and there is no mismatch.
    """
    from chalicelib import faces

    second = engines.second
    enrolled = shown.vector_by(engines.first, findings.model)
    if enrolled is None:
        return _judge_by_other(picture, second, shown)
    apart = faces.distance(vector, faces.unpack_vector(enrolled), findings.model)
    opinion = None
    if second is not None and model.wants_second(apart, findings.model):
        opinion = _ask_second(picture, second, shown)
    return model.judge_distance(
        apart,
        engine=findings.engine,
        model=findings.model,
        second=opinion,
        alone=second is None,
    )


def _ask_second(
    picture: "Image", second: "FaceEngine", shown: enrolment.EnrolledPhoto
) -> SecondOpinion:
    """Return the distance of the two faces by the second engine, if it finds both."""
    from chalicelib import faces

    findings = second.examine(picture)
    face = model.the_face(findings)
    enrolled = shown.vector_by(second, findings.model) if face and face.vector else None
    apart = None
    if face and face.vector and enrolled:
        there = faces.unpack_vector(enrolled)
        apart = round(faces.distance(face.vector, there, findings.model), 5)
    limits = (model.SECOND_SAME_UP_TO, model.SECOND_OTHER_ABOVE)
    return SecondOpinion(apart, *limits, findings.engine, findings.model)


def _judge_by_other(
    picture: "Image", other: "FaceEngine | None", shown: enrolment.EnrolledPhoto
) -> FaceVerdict:
    from chalicelib import faces

    findings = other.examine(picture) if other else None
    face = model.the_face(findings) if findings else None
    enrolled = model.vector_of(shown.reference, findings.model) if findings else None
    if findings is None or face is None or face.vector is None or enrolled is None:
        raise NotFound("not_found")
    apart = faces.distance(face.vector, faces.unpack_vector(enrolled), findings.model)
    return model.judge_distance(apart, engine=findings.engine, model=findings.model)


class TurnFindings(msgspec.Struct, frozen=True):
    """The judgement of a frontal picture and a second one: what they show of a turn, or why they are unusable."""

    turned: Turned | None
    unusable: str = ""
    comparison: FaceVerdict | None = None
    quality: Quality | None = None

    @property
    def reason(self) -> str:
        """Why the turn is not accepted; "" when it is."""
        return self.turned.reason if self.turned else self.unusable


def compare_turn(*, front: bytes, turned: bytes, asked: Turn) -> TurnFindings:
    """Judge whether the second picture shows the head of the first one, turned to the side that was asked for.

    `front` has matched before. An engine that does not find the mouth cannot distinguish a head from a flat picture.
    That counts as a failure of ours, like an engine that does not work.
    """
    from chalicelib import faces
    from chalicelib.shared import pictures

    try:
        second = pictures.decode_picture(turned)
    except pictures.PictureRefused as refused:
        return TurnFindings(None, refused.reason)
    try:
        before = _engine().examine(pictures.decode_picture(front))
        after = _engine().examine(second)
    except faces.EngineUnavailable as down:
        return TurnFindings(None, _engine_down(down).unusable)
    quality, reason = _quality(after), model.why_unusable(after, may_turn=True)
    if reason:
        # No face is found when the head turns too far. The person then reads that the turn was not seen.
        unusable = turning.NOT_SEEN if reason == "no_face" else reason
        return TurnFindings(None, unusable, None, quality)
    one, other = model.the_face(before), model.the_face(after)
    if one is None or one.vector is None or other is None:
        return TurnFindings(None, turning.NOT_SEEN, None, quality)
    if not turning.can_tell(one.points) or not turning.can_tell(other.points):
        log.metric("FaceEngineFailed", 1, engine=after.engine)
        return TurnFindings(None, "engine_down", None, quality)
    verdict = _same_person(one, other, after)
    return TurnFindings(
        turning.judge_turn(one, other, asked, verdict.outcome), "", verdict, quality
    )


def _same_person(one: "Face", other: "Face", findings: "Findings") -> FaceVerdict:
    """Compare two faces by their vectors of one engine, taken within moments."""
    from chalicelib import faces

    apart = faces.distance(one.vector or (), other.vector or (), findings.model)
    return model.judge_distance(apart, engine=findings.engine, model=findings.model)


def _asks_authority(in_exam: bool) -> bool:
    chosen = settings().identity_authority == "http"
    return chosen and (not in_exam or settings().authority_for_snapshots)


def _ask_authority(sight: Sight, on_file: enrolment.OnFile, now: int) -> Comparison:
    """Return what the authority says of the face and the person's name and number. Raises `NotFound`."""
    from chalicelib.shared import pictures

    person, sealed_number = on_file.person, on_file.sealed_number
    if person is None or sealed_number is None or person.profile.id_type is None:
        raise NotFound("not_found")
    account_id, quality = person.account_id, _quality(sight.findings)
    face_jpeg = pictures.encode_jpeg(sight.picture, max_side=_FACE_SIDE)
    digest = hashlib.sha256(face_jpeg).hexdigest()
    question = authority.AuthorityQuestion(
        request_id=keyed_hash("authority", account_id, person.person_hash, digest),
        name=person.profile.name,
        id_type=person.profile.id_type.value,
        id_number=sealed.unseal(sealed_number, number_context(account_id)),
        face=face_jpeg,
    )
    try:
        answer = authority.ask(question, now=now)
    except authority.AuthorityDown as down:
        log.crash(down, account=account_id)
        return Comparison(None, "authority_down", quality)
    unknown = model.authority_outcome(answer.result) is None
    return Comparison(None, "authority_unknown" if unknown else "", quality, answer)


def _quality(findings: "Findings") -> Quality:
    return Quality(
        people=len(findings.people),
        brightness=round(findings.brightness, 1),
        sharpness=round(findings.faces[0].sharpness, 1) if findings.faces else None,
        engine=findings.engine,
        model=findings.model,
    )
