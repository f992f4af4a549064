"""The lean engine against the package face_recognition, which everybody knows.

Same detector, same models, so: the same boxes, and the same vectors to five digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy
import pytest
from PIL import ImageFile
from PIL.Image import Image

from chalicelib import faces

# At most 1280 pixels: the engine takes them as they are, so the oracle sees the same pixels.
PICTURES = [
    *("person_a_1.jpg", "person_a_2.jpg", "person_c_1.png", "group.jpg", "frame_two.jpg"),
    *("frame_a.jpg", "frame_b.jpg", "id_a.jpg", "id_b.jpg", "id_c.jpg"),
]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Any]:
    """face_recognition. Importing it makes Pillow accept truncated pictures: undone at once."""
    module = import_module("face_recognition")
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    yield module


def as_oracle_box(face: faces.Face) -> tuple[int, int, int, int]:
    """Top, right, bottom, left: the order that face_recognition uses."""
    left, top, right, bottom = face.box
    return top, right, bottom, left


@pytest.mark.parametrize("name", [*PICTURES, "partial_face_1.jpg", "frame_empty.jpg"])
def test_the_same_faces_are_found(
    oracle: Any,
    picture: Callable[[str], Image],
    examined_by_dlib: Callable[[str], faces.Findings],
    name: str,
) -> None:
    pixels = numpy.asarray(picture(name))
    expected = oracle.face_locations(pixels, number_of_times_to_upsample=0)
    assert sorted(map(as_oracle_box, examined_by_dlib(name).faces)) == sorted(expected)


def test_a_far_away_face_is_found_as_with_one_upsampling(
    oracle: Any, picture: Callable[[str], Image], examined_by_dlib: Callable[[str], faces.Findings]
) -> None:
    pixels = numpy.asarray(picture("frame_small.jpg"))
    assert oracle.face_locations(pixels, number_of_times_to_upsample=0) == []
    expected = oracle.face_locations(pixels, number_of_times_to_upsample=1)
    assert [as_oracle_box(face) for face in examined_by_dlib("frame_small.jpg").faces] == expected


@pytest.mark.parametrize("name", [*PICTURES, "frame_small.jpg"])
def test_the_same_vectors_come_out(
    oracle: Any,
    picture: Callable[[str], Image],
    examined_by_dlib: Callable[[str], faces.Findings],
    name: str,
) -> None:
    encoded = [face for face in examined_by_dlib(name).faces if face.vector is not None]
    expected = oracle.face_encodings(
        numpy.asarray(picture(name)), known_face_locations=[as_oracle_box(face) for face in encoded]
    )
    assert len(encoded) == len(expected) > 0
    for face, vector in zip(encoded, expected, strict=True):
        assert face.vector == pytest.approx(tuple(vector), abs=1e-5)
        assert faces.distance(face.vector or (), vector, "dlib") < 1e-5
