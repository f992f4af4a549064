"""The agreements are versioned texts. A consent stores the version and the hash of the text that was shown."""

import functools
import hashlib
import pathlib

import msgspec

from chalicelib.shared.errors import Invalid, NotFound
from chalicelib.shared.settings import settings

_FOLDER = pathlib.Path(__file__).parent / "agreements"

# Name → current version. A new text is a new file and a new number here; old files stay readable.
CURRENT = {"user-service": 1, "privacy": 3, "identity-authorization": 3}
TO_SIGN_IN = ("user-service", "privacy")
FOR_FACE_DATA = "identity-authorization"


class Agreement(msgspec.Struct, frozen=True):
    """The text of an agreement as it is shown (Markdown), with its SHA-256."""

    name: str
    version: int
    title: str
    text: str
    sha256: str


class Consent(msgspec.Struct, frozen=True):
    """A person agreed to this text. `at`: UTC ms."""

    agreement: str
    version: int
    sha256: str
    at: int


@functools.cache
def agreement(name: str, version: int | None = None) -> Agreement:
    """Return an agreement in its current version, or in another one that there was. Raises `NotFound`."""
    version = CURRENT.get(name, 0) if version is None else version
    if not 1 <= version <= CURRENT.get(name, 0):
        raise NotFound("not_found")
    raw = (_FOLDER / f"{name}-v{version}.md").read_text(encoding="utf-8")
    text = raw.replace("{operator}", settings().operator_name)
    title = text.splitlines()[0].lstrip("# ").strip()
    return Agreement(name, version, title, text, hashlib.sha256(text.encode()).hexdigest())


def consent_to(names: list[str], required: tuple[str, ...], now: int) -> list[Consent]:
    """Return a consent for each required agreement.

    Raises `Invalid` (`agreements_required`) when one of them is not in `names`.
    """
    missing = [agreement(name).title for name in required if name not in names]
    if missing:
        raise Invalid("agreements_required", missing=missing)
    texts = [agreement(name) for name in required]
    return [Consent(text.name, text.version, text.sha256, now) for text in texts]
