"""Encryption of stored personal numbers: AES-256-GCM, bound to their record."""

from chalicelib.shared import ids
from chalicelib.shared.secrets import key

_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits


def seal(text: str, context: str) -> bytes:
    """Encrypt `text`. It can be decrypted only with the same `context` (e.g. `account_id/id_number`)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = ids.source(_NONCE_BYTES)
    return nonce + AESGCM(key("sealed")).encrypt(nonce, text.encode(), context.encode())


def unseal(sealed: bytes, context: str) -> str:
    """Return the decrypted text. Raises `cryptography.exceptions.InvalidTag` when bytes or context differ."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return AESGCM(key("sealed")).decrypt(nonce, rest, context.encode()).decode()
