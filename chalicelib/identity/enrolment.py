"""The photos of a person that pictures are compared with, as each face engine sees them.

A vector is comparable only with vectors of the same model. A vector that is missing is computed from the stored
picture when it is first needed, and is kept. The same holds for the signature of a photo of version 1.
"""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.identity import model, store
from chalicelib.identity.model import IdPhoto, Person, Reference

if TYPE_CHECKING:
    from chalicelib.faces import FaceEngine

_MOST_COMPUTED = 64
_computed: dict[
    tuple[str, str], bytes
] = {}  # (sha256, model) -> vector, or signature; of this process alone
_SIGNATURE = "signature"


class EnrolledPhoto:
    """A photo of a person, with functions that read its bytes and keep what was computed from them."""

    def __init__(
        self,
        reference: Reference,
        read: Callable[[], bytes | None],
        keep: Callable[[str, bytes], None] = lambda model, vector: None,
        keep_signature: Callable[[bytes], None] = lambda signature: None,
    ) -> None:
        self.reference = reference
        self._read, self._keep, self._keep_signature = read, keep, keep_signature

    def vector_by(self, engine: "FaceEngine", name: str) -> bytes | None:
        """Return the photo's vector of the model with this name; None when the photo is gone or shows no single face.

        Raises `faces.EngineUnavailable`.
        """
        place = (self.reference.sha256, name)
        vector = model.vector_of(self.reference, name) or _computed.get(place)
        if vector is None and (data := self._read()) is not None:
            vector = _take(engine, data)
            if vector is not None:
                self._keep(name, vector)
                _remember(place, vector)
        return vector

    def signature_by(self, engine: "FaceEngine") -> bytes | None:
        """Return the signature of the photo (`faces.FacePicture`), which any engine may compute; None as above.

        Raises `faces.EngineUnavailable`.
        """
        place = (self.reference.sha256, _SIGNATURE)
        signature: bytes | None = self.reference.signature or _computed.get(place)
        if not signature:
            data = self._read()
            signature = _sign(engine, data) if data is not None else None
            if signature is not None:
                self._keep_signature(signature)
                _remember(place, signature)
        return signature


class OnFile(NamedTuple):
    """The data on file of a person: profile, sealed ID number, and photos of their face.

    `brought`: a photo from an operator or the publisher; pictures are compared with it instead of `enrolled`.
    `enrolled`: the ID photo of the attempt; None when nothing is left of it.
    """

    person: Person | None
    sealed_number: bytes | None
    brought: EnrolledPhoto | None
    enrolled: EnrolledPhoto | None

    def signatures(self, engine: "FaceEngine") -> list[bytes]:
        """Return the signatures of the photos. Raises `faces.EngineUnavailable`."""
        photos = [photo for photo in (self.brought, self.enrolled) if photo]
        signatures = [photo.signature_by(engine) for photo in photos]
        return [signature for signature in signatures if signature]


def load(account_id: str, photo_id: str, brought: Reference | None) -> OnFile:
    """Return the data on file of a person, by one read of their account. Raises `Unavailable`.

    `photo_id`: the ID photo that an attempt began with, even if the person has replaced it since.
    """
    person, sealed_number = store.load_person_and_number(account_id)
    photo = person.id_photo if person else None
    if person is not None and photo is not None and photo.photo_id == photo_id:
        enrolled: EnrolledPhoto | None = _of_present(person, photo)
    else:
        enrolled = _of_replaced(account_id, photo_id)
    return OnFile(person, sealed_number, _of_brought(brought) if brought else None, enrolled)


def _of_brought(reference: Reference) -> EnrolledPhoto:
    return EnrolledPhoto(
        reference, lambda: store.read_picture(reference.key) if reference.key else None
    )


def _of_present(person: Person, photo: IdPhoto) -> EnrolledPhoto:
    """Return the present ID photo of a person. What is computed from it is added to what was kept before."""

    def keep_vector(name: str, vector: bytes) -> None:
        nonlocal person
        person = store.keep_vector(person, name, vector)

    def keep_signature(signature: bytes) -> None:
        nonlocal person
        person = store.keep_signature(person, signature)

    return EnrolledPhoto(
        _reference(photo), lambda: store.read_picture(photo.key), keep_vector, keep_signature
    )


def _reference(photo: IdPhoto) -> Reference:
    fields = (photo.sha256, photo.vector, photo.engine, photo.model, photo.key)
    return Reference(*fields, photo.vectors, photo.signature)


def forget() -> None:
    """Clear the vectors and signatures that this process keeps in memory."""
    _computed.clear()


def _of_replaced(account_id: str, photo_id: str) -> EnrolledPhoto | None:
    data = store.read_photo(account_id, photo_id)
    if data is None:
        return None
    reference = Reference(hashlib.sha256(data).hexdigest(), b"", "", "")
    return EnrolledPhoto(reference, lambda: data)


def _take(engine: "FaceEngine", data: bytes) -> bytes | None:
    from chalicelib import faces
    from chalicelib.shared import pictures

    face = model.the_face(engine.examine(pictures.decode_picture(data)))
    return faces.pack_vector(face.vector) if face and face.vector else None


def _sign(engine: "FaceEngine", data: bytes) -> bytes | None:
    from chalicelib import faces
    from chalicelib.shared import pictures

    picture = pictures.decode_picture(data)
    face = model.the_face(engine.examine(picture, vectors=False))
    return faces.FacePicture(picture, face.points).signature if face else None


def _remember(place: tuple[str, str], vector: bytes) -> None:
    if len(_computed) >= _MOST_COMPUTED:
        del _computed[next(iter(_computed))]
    _computed[place] = vector
