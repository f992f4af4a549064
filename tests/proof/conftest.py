"""The world of which tests make copies."""

import functools
import pathlib
from collections.abc import Iterator

import msgspec
import pytest

from chalicelib.results import document, signing
from tests.proof import invariants, world
from tests.proof.world import World


@pytest.fixture(scope="module")
def living(pictures: str) -> Iterator[World]:
    """A world with two enrolled people while the waiting room is open. Each test acts in copies of it."""
    with world.living(pictures) as w:
        w.deliver_all()
        load_documents(pictures)
        # Each copy inherits what this process has loaded and read.
        assert invariants.violations(w) == []
        yield w


@functools.cache
def load_documents(pictures: str) -> None:
    """Write and sign a document, once: each copy would load fonts and libraries anew, which takes most of a second."""
    texts = dict.fromkeys(document.Wording.__struct_fields__, "张三 ABC 123")
    photo = (pathlib.Path(pictures) / "id_a.jpg").read_bytes()
    plain = document.write_document(msgspec.convert(texts, document.Wording), photo, at=0)
    signing.sign_document(plain, issuer="考试平台运营方", at=world.T0)
    signing.forget()
