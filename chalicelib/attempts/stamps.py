"""The stamps of `silence` as signed text, which a page sends back with its next request."""

from chalicelib.attempts.model import Silences
from chalicelib.attempts.silence import Stamp
from chalicelib.shared import hmacs
from chalicelib.shared.secrets import keyed_hash

_MAC_CHARACTERS = 22  # 132 bits of a base64 HMAC


def write(attempt_id: str, stamp: Stamp) -> str:
    """Return a stamp as text: its numbers and their HMAC."""
    silences = stamp.silences
    numbers = (stamp.page, stamp.at, stamp.interval_ms, silences.times, silences.longest_ms)
    text = ".".join(map(str, numbers))
    return f"{text}.{_mac(attempt_id, text)}"


def read(attempt_id: str, page: int, stamp: str) -> Stamp | None:
    """Return the stamp of this text; None when it is empty, has a wrong HMAC, or belongs to another page."""
    text, _, mac = stamp.rpartition(".")
    if not text or not hmacs.equal(_mac(attempt_id, text), mac):
        return None
    number, at, interval_ms, times, longest_ms = map(int, text.split("."))
    if number != page:
        return None
    return Stamp(number, at, interval_ms, Silences(times, longest_ms))


def _mac(attempt_id: str, text: str) -> str:
    return keyed_hash("stamp", attempt_id, text)[:_MAC_CHARACTERS]
