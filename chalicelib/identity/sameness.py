"""Which earlier picture a picture shows again. Pure.

Not whether two pictures show one person (`comparing`), but whether they are one picture: a file sent again, or
compressed, resized, cut or mirrored before. Figures and limits: docs/face.md.
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
    """A picture that was there before.

    `meaning`: what it says of a picture that shows it again. `same_camera`: it was taken before the same camera,
    perhaps moments ago, so that only a stricter limit tells a copy from somebody who sits still. Without a signature
    only exact copies are found, without `pixels` only by the signature.
    """

    meaning: str
    imprint: Imprint
    same_camera: bool


ID_PHOTO = "id_photo"  # the meaning of a photo of the person


def photos_shown_again(signatures: Iterable[bytes]) -> list[Earlier]:
    """Return the photos of a person as pictures that were there before, by their signatures."""
    return [Earlier(ID_PHOTO, Imprint("", signature), False) for signature in signatures]


def find_same(pixels: str, look: ComparablePicture, earlier: Iterable[Earlier]) -> str:
    """The meaning of the first of these pictures that this one shows again; "" when it shows none."""
    return next((it.meaning for it in earlier if _shows(pixels, look, it)), "")


def _shows(pixels: str, look: ComparablePicture, earlier: Earlier) -> bool:
    known = earlier.imprint
    return pixels == known.pixels or look.same(known.signature, one_camera=earlier.same_camera)
