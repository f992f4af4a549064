"""Encryption by AES-256-GCM: of stored personal numbers, bound to their record, and of bytes under a given key."""

from chalicelib.shared import ids
from chalicelib.shared.secrets import key

NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits


def seal(text: str, context: str) -> bytes:
    """Encrypt `text`. It can be decrypted only with the same `context` (e.g. `account_id/id_number`)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = ids.source(NONCE_BYTES)
    return nonce + AESGCM(key("sealed")).encrypt(nonce, text.encode(), context.encode())


def unseal(sealed: bytes, context: str) -> str:
    """Return the decrypted text. Raises `cryptography.exceptions.InvalidTag` when bytes or context differ."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return AESGCM(key("sealed")).decrypt(nonce, rest, context.encode()).decode()


def encrypt(data: bytes, own_key: bytes, nonce: bytes) -> bytes:
    """Return nonce (12 bytes), ciphertext and tag (16 bytes). A nonce is used for one text only with the same key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return nonce + AESGCM(own_key).encrypt(nonce, data, None)


def decrypt(sealed: bytes, own_key: bytes) -> bytes | None:
    """Return what `encrypt` was given; None when the bytes are no such thing or the key is another one."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(own_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except (InvalidTag, ValueError):  # ValueError: shorter than nonce and tag
        return None
