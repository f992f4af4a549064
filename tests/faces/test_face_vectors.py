"""Distance and storage, on made-up vectors."""

from __future__ import annotations

import random
import struct

import pytest

from chalicelib import faces


def made_up(seed: int) -> tuple[float, ...]:
    chance = random.Random(seed)
    return tuple(chance.gauss(0, 0.09) for _ in range(faces.VECTOR_LENGTH))


def test_distance_is_euclidean() -> None:
    assert faces.distance((0.0, 3.0), (4.0, 0.0), "dlib") == 5.0


@pytest.mark.parametrize(
    ("other", "apart"),
    [((2.0, 0.0), 0.0), ((0.0, 3.0), 1.0), ((-1.0, 0.0), 2.0), ((1.0, 3**0.5), 0.5)],
)
def test_sface_compares_the_angle_alone(other: tuple[float, float], apart: float) -> None:
    found = faces.distance((1.0, 0.0), other, "face_recognition_sface_2021dec@1")
    assert found == pytest.approx(apart)


def test_a_vector_is_at_no_distance_from_itself_and_equally_far_both_ways() -> None:
    assert faces.distance(made_up(1), made_up(1), "dlib") == 0
    assert faces.distance(made_up(1), made_up(2), "dlib") == faces.distance(
        made_up(2), made_up(1), "dlib"
    )


def test_distance_refuses_vectors_of_different_models() -> None:
    with pytest.raises(ValueError, match="dimension"):
        faces.distance((1.0,) * 128, (1.0,) * 512, "dlib")


def test_a_vector_is_stored_as_512_bytes_of_float32_little_endian() -> None:
    stored = faces.pack_vector((1.0,) + (0.0,) * 127)
    assert len(stored) == faces.VECTOR_BYTES == 512
    assert stored[:4] == struct.pack("<f", 1.0) == b"\x00\x00\x80\x3f"


def test_storing_a_vector_keeps_its_distances() -> None:
    restored = faces.unpack_vector(faces.pack_vector(made_up(1)))
    assert faces.distance(restored, made_up(1), "dlib") < 1e-6
    assert faces.pack_vector(restored) == faces.pack_vector(made_up(1))


@pytest.mark.parametrize("vector", [(), (0.0,) * 127, (0.0,) * 129])
def test_only_128_numbers_are_stored(vector: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="128"):
        faces.pack_vector(vector)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_only_finite_numbers_are_stored(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        faces.pack_vector((number,) * 128)


@pytest.mark.parametrize("stored", [b"", b"\x00" * 511, b"\x00" * 513])
def test_only_512_bytes_are_a_stored_vector(stored: bytes) -> None:
    with pytest.raises(ValueError, match="512"):
        faces.unpack_vector(stored)
