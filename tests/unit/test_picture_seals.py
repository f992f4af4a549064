"""Sealed pictures: opened by their own key alone, the same bytes each time, and nothing else passes for them."""

import hashlib

import pytest

from chalicelib.exams.picture_seals import seal, unseal
from chalicelib.shared.sealed import NONCE_BYTES

KEY, OTHER = bytes(range(32)), bytes(32)
PICTURE = b"\x89PNG a picture"
SHA = hashlib.sha256(PICTURE).hexdigest()


def test_a_sealed_picture_is_opened_by_its_key() -> None:
    assert unseal(seal(PICTURE, KEY), KEY, SHA) == PICTURE
    assert PICTURE not in seal(PICTURE, KEY)


def test_the_form_is_what_browsers_open() -> None:
    """Nonce, ciphertext, tag: `crypto.subtle.decrypt` takes the nonce as `iv` and the rest as data."""
    sealed = seal(PICTURE, KEY)
    assert sealed[:NONCE_BYTES] == hashlib.sha256(PICTURE).digest()[:12]
    assert len(sealed) == 12 + len(PICTURE) + 16


def test_the_same_picture_gives_the_same_bytes_and_another_key_others() -> None:
    assert seal(PICTURE, KEY) == seal(PICTURE, KEY)
    assert seal(PICTURE, KEY)[NONCE_BYTES:] != seal(PICTURE, OTHER)[NONCE_BYTES:]


@pytest.mark.parametrize(
    ("sealed", "key", "sha256"),
    [
        (seal(PICTURE, KEY), OTHER, SHA),
        (seal(PICTURE, KEY)[:-1], KEY, SHA),
        (seal(b"another", KEY), KEY, SHA),
        (PICTURE, KEY, SHA),
        (b"", KEY, SHA),
    ],
    ids=["other key", "cut off", "another picture", "not sealed", "empty"],
)
def test_whatever_else_lies_there_is_noticed(sealed: bytes, key: bytes, sha256: str) -> None:
    assert unseal(sealed, key, sha256) is None
