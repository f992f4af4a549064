"""The pictures, fetched once a run, and the one engine that examines them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from PIL.Image import Image

from chalicelib import faces
from chalicelib.shared.pictures import decode_picture

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def picture_script() -> ModuleType:
    """scripts/test_pictures.py as a module."""
    return importlib.import_module("scripts.test_pictures")


@pytest.fixture(scope="session")
def pictures(picture_script: ModuleType) -> Path:
    """The folder with all test pictures; fetched when it is not complete."""
    folder: Path = picture_script.fetch(ROOT / "var" / "pictures")
    return folder


@pytest.fixture(scope="session")
def picture(pictures: Path) -> Callable[[str], Image]:
    """A test picture by its name, decoded as the product does it."""
    return lambda name: decode_picture((pictures / name).read_bytes())


@pytest.fixture(scope="session")
def examined(picture: Callable[[str], Image]) -> Callable[[str], faces.Findings]:
    """What the default engine finds in a test picture; each is examined once a run."""
    return cache(lambda name: faces.default_engine().examine(picture(name)))


@pytest.fixture(scope="session")
def examined_by_dlib(picture: Callable[[str], Image]) -> Callable[[str], faces.Findings]:
    """The same for the engine that gives the second opinion."""
    return cache(lambda name: faces.default_engine("face_recognition").examine(picture(name)))


@pytest.fixture(scope="session")
def vector_of(examined: Callable[[str], faces.Findings]) -> Callable[[str], tuple[float, ...]]:
    """The vector of the largest face of a test picture."""

    def vector(name: str) -> tuple[float, ...]:
        found = examined(name).faces[0].vector
        assert found is not None
        return found

    return vector
