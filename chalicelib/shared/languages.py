"""The languages of candidates, and texts that exist in all of them. Pure.

A text for candidates is a `Sentence`. Only `handlers.endpoint` says it in the language of the
request; everything before passes it on with all its texts. What only operators read is a plain Chinese `str`.
"""

import enum
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any


class Language(enum.StrEnum):
    """The languages that a candidate may choose, as tags of BCP 47. The first one is the default."""

    ZH = "zh-CN"
    EN = "en"


_BY_PRIMARY_TAG = {language.value.partition("-")[0]: language for language in Language}
_LONGEST_HEADER = 200  # characters; browsers send some 50


class Sentence(str):
    """A text in all languages. As a `str` it is the Chinese one, which operators read.

    What `format`, `+` and `joined` make of sentences is a sentence again. Other methods of `str` return the Chinese
    text alone.
    """

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str) -> "Sentence":
        """Return the sentence with these texts."""
        sentence = super().__new__(cls, zh)
        sentence.en = en
        return sentence

    def say(self, language: Language) -> str:
        """Return the text in a language."""
        return self.en if language is Language.EN else str.__str__(self)

    def format(self, *args: object, **values: object) -> "Sentence":
        """Return the sentence with its placeholders filled. A value that is a sentence is said in each language."""
        return _each(lambda language: self.say(language).format(*args, **said(values, language)))

    def __add__(self, other: str) -> "Sentence":
        """Return this sentence with another one, or with the same text in all languages, at its end."""
        return _each(lambda language: self.say(language) + say(other, language))


def _each(text_in: Callable[[Language], str]) -> Sentence:
    """Return the sentence whose texts a function gives, language by language."""
    return Sentence(text_in(Language.ZH), text_in(Language.EN))


NOTHING = Sentence("", "")


def say(text: str, language: Language) -> str:
    """Return a sentence in a language, and a plain text as it is."""
    return text.say(language) if isinstance(text, Sentence) else text


def said(values: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return the values of placeholders, with the sentences among them in a language."""
    return {
        name: say(value, language) if isinstance(value, str) else value
        for name, value in values.items()
    }


def joined(sentences: Iterable[Sentence]) -> Sentence:
    """Return all sentences that are not empty as one, with semicolons between them."""
    kept = [sentence for sentence in sentences if sentence]
    between = {Language.ZH: "；", Language.EN: "; "}
    return _each(lambda language: between[language].join(one.say(language) for one in kept))


@functools.lru_cache(maxsize=256)
def preferred(accept_language: str) -> Language:
    """Return the language that a header `Accept-Language` asks for; Chinese when it names none of ours.

    Regions and scripts do not count: `en-GB` is English. A header that cannot be read is as good as none.
    """
    wanted: list[tuple[float, Language]] = []
    for part in accept_language[:_LONGEST_HEADER].split(","):
        tag, _, parameter = part.partition(";")
        language = _BY_PRIMARY_TAG.get(tag.strip().lower().partition("-")[0])
        quality = _quality(parameter)
        if language is not None and quality > 0:
            wanted.append((quality, language))
    # Of equal ones `max` takes the first.
    return max(wanted, key=lambda one: one[0], default=(0.0, Language.ZH))[1]


def _quality(parameter: str) -> float:
    """Return the weight of a parameter such as `q=0.5`: 1 without one, 0 for one that is no weight."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name.strip().lower() == "q" and 0 <= quality <= 1 else 0.0
