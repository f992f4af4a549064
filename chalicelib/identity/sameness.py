"""Which earlier picture a picture shows again. Pure.

Not whether two pictures show one person (`comparing`), but whether they are one picture: a file sent again, or
compressed, resized, cut or mirrored before. Figures and limits: docs/face.md.
"""

from collections.abc import Iterable

import msgspec


class Imprint(msgspec.Struct, frozen=True):
    """What a picture with one usable face is known again by: SHA-256 of its pixels, and `faces.signature`."""

    pixels: str
    signature: bytes = b""


class Earlier(msgspec.Struct, frozen=True):
    """A picture that was there before.

    `meaning`: what it says of a picture that shows it again. `same_camera`: it was taken before the same camera,
    perhaps moments ago, so that only a stricter limit tells a copy from somebody who sits still. Without a signature
    only exact copies are found, without `pixels` only by the signature.
    """

    meaning: str
    imprint: Imprint
    same_camera: bool


def find_same(picture: Imprint, earlier: Iterable[Earlier]) -> str:
    """The meaning of the first of these pictures that this one shows again; "" when it shows none."""
    return next((it.meaning for it in earlier if _shows(picture, it)), "")


def _shows(picture: Imprint, earlier: Earlier) -> bool:
    from chalicelib import faces

    if picture.pixels == earlier.imprint.pixels:
        return True
    old = earlier.imprint.signature
    return faces.same(picture.signature, old, one_camera=earlier.same_camera)
