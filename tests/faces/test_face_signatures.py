"""Signatures of faces as they are stored: few bytes, and hardly anything lost that is compared."""

from __future__ import annotations

import lzma
from typing import Any

import numpy
import pytest

from chalicelib.faces import signatures
from chalicelib.faces.signatures import SIDE


def face(seed: int = 1, noise: int = 4) -> Any:
    """Grey levels like those of a face: smooth, with a little noise."""
    chance = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:SIDE, 0:SIDE] / SIDE
    smooth = 128 + 60 * numpy.sin(7 * x) * numpy.cos(5 * y) + 30 * numpy.cos(19 * x * y)
    return numpy.clip(smooth + chance.normal(0, noise, (SIDE, SIDE)), 1, 255).astype(numpy.uint8)


def test_levels_come_back_nearly_as_they_were() -> None:
    levels = face()
    stored = signatures.pack(levels)
    again = signatures.unpack(stored)
    assert again is not None
    assert (again.dtype, again.shape) == (numpy.uint8, (SIDE, SIDE))
    assert numpy.abs(again.astype(float) - levels).mean() < 4
    assert len(stored) <= signatures.MOST_BYTES


def test_what_is_nothing_stays_nothing() -> None:
    """Outside of the picture and glare are 0; no other pixel becomes 0, however dark it is."""
    levels = face()
    levels[:10] = 0
    levels[20, 30:33] = 0
    levels[40:] = 1
    again = signatures.unpack(signatures.pack(levels))
    assert again is not None
    assert ((again == 0) == (levels == 0)).all()


@pytest.mark.parametrize("noise", [0, 4, 20, 60, 400])
def test_noise_is_rounded_more_so_that_a_row_stays_small(noise: int) -> None:
    stored = signatures.pack(face(noise=noise))
    assert len(stored) <= signatures.MOST_BYTES
    assert signatures.unpack(stored) is not None


def test_the_same_face_gives_the_same_bytes() -> None:
    assert signatures.pack(face()) == signatures.pack(face())
    assert signatures.pack(face()) != signatures.pack(face(seed=2))


def test_other_bytes_are_no_signature() -> None:
    stored = signatures.pack(face())
    filters = [{"id": lzma.FILTER_LZMA1, "lc": 0, "lp": 0, "pb": 0, "dict_size": 4096}]
    short = lzma.compress(bytes(100), lzma.FORMAT_RAW, filters=filters)
    assert signatures.unpack(stored[:2] + short) is None
    assert signatures.unpack(stored[:2] + b"\xff" * 40) is None
    assert signatures.unpack(stored[:1] + b"\x12" + stored[2:]) is None
    assert signatures.unpack(b"\x08" + stored[1:]) is None
    assert signatures.unpack(b"") is None
