"""Pictures of questions, sealed until the start of the exam (decision 0038).

A page fetches the sealed pictures of its paper in the waiting room, and gets the key together with the paper. Each
version of a bank has its own key. The same picture always gives the same sealed bytes: publishing can be repeated.
"""

import hashlib

from chalicelib.shared import sealed
from chalicelib.shared.secrets import keyed_digest


def picture_key(exam_id: str, paper_version: str) -> bytes:
    """The 32 bytes of the AES-256 key for the pictures of a version of a bank."""
    return keyed_digest("paper-pictures", exam_id, paper_version)


def seal(picture: bytes, key: bytes) -> bytes:
    """The picture under AES-256-GCM: nonce (12 bytes), ciphertext, tag (16 bytes).

    The nonce is the beginning of the SHA-256 of the picture, so two pictures never share one.
    """
    nonce = hashlib.sha256(picture).digest()[: sealed.NONCE_BYTES]
    return sealed.encrypt(picture, key, nonce)


def unseal(data: bytes, key: bytes, sha256: str) -> bytes | None:
    """The picture whose SHA-256 (hex) this is; None when the bytes are anything else than that, sealed by this key."""
    picture = sealed.decrypt(data, key)
    return picture if picture and hashlib.sha256(picture).hexdigest() == sha256 else None
