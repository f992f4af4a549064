"""Which earlier picture a picture shows again. Pure.

`comparing` judges whether two pictures show one person. This module judges whether they are one picture: a file that is
sent again, or a copy that was compressed, resized, cut or mirrored. Figures and limits: docs/face.md.
"""

from collections.abc import Iterable
from typing import Protocol

import msgspec


class Imprint(msgspec.Struct, frozen=True):
    """The marks by which a picture with one usable face is recognised when it is shown again.

    `pixels`: SHA-256 of its pixels. `signature`: of its `faces.FacePicture`, empty when there is none.
    """

    pixels: str
    signature: bytes = b""


class ComparablePicture(Protocol):
    """A picture that can be compared with signatures: `faces.FacePicture`."""

    def same(self, stored: bytes, *, one_camera: bool) -> bool:
        """Whether a signature is of this picture, or of its mirror image."""
        ...


class Earlier(msgspec.Struct, frozen=True):
    """A picture that was seen before.

    `meaning`: what follows for a picture that shows it again. `same_camera`: it came from the same camera, perhaps
    moments ago. Then a stricter limit distinguishes a copy from a person who sits still. Without a signature only
    exact copies are found; without `pixels` only the signature is compared.
    """

    meaning: str
    imprint: Imprint
    same_camera: bool


ID_PHOTO = "id_photo"  # the meaning of a photo of the person


def photos_shown_again(signatures: Iterable[bytes]) -> list[Earlier]:
    """Return the photos of a person as earlier pictures, by their signatures."""
    return [Earlier(ID_PHOTO, Imprint("", signature), False) for signature in signatures]


def find_same(pixels: str, look: ComparablePicture, earlier: Iterable[Earlier]) -> str:
    """Return the meaning of the first earlier picture that this picture shows again; "" when there is none."""
    return next((it.meaning for it in earlier if _shows(pixels, look, it)), "")


def _shows(pixels: str, look: ComparablePicture, earlier: Earlier) -> bool:
    imprint = earlier.imprint
    return pixels == imprint.pixels or look.same(imprint.signature, one_camera=earlier.same_camera)
