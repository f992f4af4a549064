"""Where randomness comes from; tests replace `source`."""

import secrets
from collections.abc import Callable

source: Callable[[int], bytes] = secrets.token_bytes

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 signs that nobody confuses on the telephone


def new_id(prefix: str, length: int = 20) -> str:
    """An id that cannot be guessed: 5 bits a sign, 100 bits by default."""
    return prefix + spell(source(length))


def spell(data: bytes) -> str:
    """Random bytes as signs that can be read out, one for each byte (5 bits of it)."""
    return "".join(_ALPHABET[byte & 31] for byte in data)


def new_digits(length: int) -> str:
    """Decimal digits, each equally likely, for codes that people type."""
    return str(int.from_bytes(source(16), "big") % 10**length).zfill(length)
