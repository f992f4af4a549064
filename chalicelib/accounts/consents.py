"""The agreements are versioned texts. A consent stores version and hash of the text that binds, and its language.

The Chinese text binds. A translation of the current version may lie beside it, and says itself that it is one.
"""

import functools
import hashlib
import pathlib

import msgspec

from chalicelib.shared.errors import Invalid, NotFound
from chalicelib.shared.languages import Language, Sentence
from chalicelib.shared.settings import settings

_FOLDER = pathlib.Path(__file__).parent / "agreements"
_SUFFIX = {Language.ZH: "", Language.EN: ".en"}

# Name → current version. A new text is a new file and a new number here; old files stay readable.
CURRENT = {"user-service": 1, "privacy": 3, "identity-authorization": 3}
TO_SIGN_IN = ("user-service", "privacy")
FOR_FACE_DATA = "identity-authorization"


class Agreement(msgspec.Struct, frozen=True):
    """The text of an agreement as it is shown (Markdown), in `language`.

    `sha256`: of the Chinese text, which binds, also where `text` is a translation.
    """

    name: str
    version: int
    title: str
    text: str
    sha256: str
    language: Language


class Consent(msgspec.Struct, frozen=True):
    """A person agreed to this text. `at`: UTC ms. `language`: in which it was offered; earlier ones in Chinese."""

    agreement: str
    version: int
    sha256: str
    at: int
    language: Language = Language.ZH


class Ticks(msgspec.Struct, frozen=True):
    """The agreements that a person has ticked, by name, and the language that they were offered in."""

    names: tuple[str, ...]
    language: Language = Language.ZH


@functools.cache
def agreement(name: str, version: int | None = None, language: Language = Language.ZH) -> Agreement:
    """Return an agreement in its current version, or in another one that there was. Raises `NotFound`.

    It is Chinese where there is no translation of that version.
    """
    version = CURRENT.get(name, 0) if version is None else version
    if not 1 <= version <= CURRENT.get(name, 0):
        raise NotFound("not_found")
    if not _file(name, version, language).exists():
        language = Language.ZH
    text = _read(name, version, language)
    title = text.splitlines()[0].lstrip("# ").strip()
    binding = _read(name, version, Language.ZH)
    sha256 = hashlib.sha256(binding.encode()).hexdigest()
    return Agreement(name, version, title, text, sha256, language)


def _read(name: str, version: int, language: Language) -> str:
    raw = _file(name, version, language).read_text(encoding="utf-8")
    return raw.replace("{operator}", settings().operator_name)


def _file(name: str, version: int, language: Language) -> pathlib.Path:
    return _FOLDER / f"{name}-v{version}{_SUFFIX[language]}.md"


def consent_to(ticks: Ticks, required: tuple[str, ...], now: int) -> list[Consent]:
    """Return a consent for each required agreement.

    Raises `Invalid` (`agreements_required`) when one of them is not ticked.
    """
    missing = [_title(name) for name in required if name not in ticks.names]
    if missing:
        raise Invalid("agreements_required", missing=missing)
    texts = [agreement(name) for name in required]
    return [Consent(it.name, it.version, it.sha256, now, ticks.language) for it in texts]


def _title(name: str) -> Sentence:
    return Sentence(*(agreement(name, language=language).title for language in Language))
