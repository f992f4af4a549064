"""Distance, storage and the cohort rule, on made-up vectors."""

from __future__ import annotations

import random
import struct

import numpy
import pytest

from chalicelib import faces


def made_up(seed: int) -> tuple[float, ...]:
    chance = random.Random(seed)
    return tuple(chance.gauss(0, 0.09) for _ in range(faces.VECTOR_LENGTH))


def test_distance_is_euclidean() -> None:
    assert faces.distance((0.0, 3.0), (4.0, 0.0)) == 5.0


def test_a_vector_is_at_no_distance_from_itself_and_equally_far_both_ways() -> None:
    assert faces.distance(made_up(1), made_up(1)) == 0
    assert faces.distance(made_up(1), made_up(2)) == faces.distance(made_up(2), made_up(1))


def test_distance_refuses_vectors_of_different_models() -> None:
    with pytest.raises(ValueError, match="dimension"):
        faces.distance((1.0,) * 128, (1.0,) * 512)


def test_a_vector_is_stored_as_512_bytes_of_float32_little_endian() -> None:
    stored = faces.pack_vector((1.0,) + (0.0,) * 127)
    assert len(stored) == faces.VECTOR_BYTES == 512
    assert stored[:4] == struct.pack("<f", 1.0) == b"\x00\x00\x80\x3f"


def test_storing_a_vector_keeps_its_distances() -> None:
    restored = faces.unpack_vector(faces.pack_vector(made_up(1)))
    assert faces.distance(restored, made_up(1)) < 1e-6
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


def test_the_z_rule_is_the_mean_of_both_sides() -> None:
    """On a line: a at 0, b at 1; cohort distances of a are 2, 4, of b 1, 3: deviation 1 each."""
    assert faces.cohort_z([0.0], [1.0], [[2.0], [4.0]], nearest=2) == pytest.approx(
        ((1 - 3) / 1 + (1 - 2) / 1) / 2
    )


def test_only_the_nearest_of_the_cohort_count() -> None:
    near = [[2.0], [4.0]]
    far = [[100.0], [-900.0]]
    assert faces.cohort_z([0.0], [1.0], near + far, nearest=2) == pytest.approx(
        faces.cohort_z([0.0], [1.0], near, nearest=2)
    )


def test_z_is_the_same_both_ways_and_grows_with_the_distance() -> None:
    cohort = [made_up(seed) for seed in range(100, 200)]
    a, b = made_up(1), made_up(2)
    near = tuple(0.9 * x + 0.1 * y for x, y in zip(a, b, strict=True))
    assert faces.cohort_z(a, b, cohort) == pytest.approx(faces.cohort_z(b, a, cohort))
    assert faces.cohort_z(a, near, cohort) < faces.cohort_z(a, b, cohort)


def test_a_cohort_may_be_an_array() -> None:
    cohort = [made_up(seed) for seed in range(100, 160)]
    as_array = numpy.array(cohort)
    assert faces.cohort_z(made_up(1), made_up(2), as_array) == pytest.approx(
        faces.cohort_z(made_up(1), made_up(2), cohort)
    )


def test_a_cohort_smaller_than_the_rule_needs_is_an_error() -> None:
    with pytest.raises(ValueError, match="49 cohort vectors, 50 needed"):
        faces.cohort_z(made_up(1), made_up(2), [made_up(seed) for seed in range(10, 59)])


def test_a_cohort_of_one_person_is_an_error() -> None:
    with pytest.raises(ValueError, match="equal"):
        faces.cohort_z(made_up(1), made_up(2), [made_up(3)] * 50)
