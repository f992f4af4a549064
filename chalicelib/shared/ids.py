"""Ids and codes from random bytes. Tests replace `source`."""

import secrets
from collections.abc import Callable

source: Callable[[int], bytes] = secrets.token_bytes

# 32 characters that are not confused when they are read out
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id(prefix: str, length: int = 20) -> str:
    """Return an id that cannot be guessed: 5 random bits per character, 100 bits by default."""
    return prefix + spell(source(length))


def spell(data: bytes) -> str:
    """Return one character of the alphabet for each byte (5 bits of it)."""
    return "".join(_ALPHABET[byte & 31] for byte in data)


def new_digits(length: int) -> str:
    """Return random decimal digits for codes that people type. All are equally likely."""
    return str(int.from_bytes(source(16), "big") % 10**length).zfill(length)
