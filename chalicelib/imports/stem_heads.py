"""What stands before a stem and is no part of it: the number of the question, and its type as 【单选题】. Pure."""

import re
from collections.abc import Sequence

from chalicelib.exams import content
from chalicelib.exams.content import Content, Inline, Text, simplified
from chalicelib.exams.questions import QuestionType
from chalicelib.imports import type_names
from chalicelib.imports.characters import normal_word

NUMBERS = (
    re.compile(r"^\s*(?:第\s*)?(\d{1,5})\s*(?:题\s*[.．、:：]?|[.．、](?!\d)|[)）])\s*"),
    re.compile(r"^\s*[（(【\[]\s*(?:第\s*)?(\d{1,5})\s*题?\s*[)）】\]]\s*[.．、]?\s*"),
)
"""How the number of a question is written: `1.` `第 1 题`, or in brackets `（1）`."""

_MARK = r"[【\[（(]\s*([^【】\[\]（）()]{2,20})\s*[】\]）)]"
_MARK_BEFORE = re.compile(rf"\s*{_MARK}\s*[:：]?\s*")
_MARK_BEHIND = re.compile(rf"\s*{_MARK}\s*\Z")
_POINTS = re.compile(r"[,、;]?(?:每题|本题)?\d+(?:\.\d+)?分$")


def type_mark(stem: Content) -> QuestionType | None:
    """The type that a stem certainly says at its beginning or end: 【单选题】, （多选题，2 分）; None without one."""
    found = _find_mark(stem, None)
    return found[0] if found else None


def take_type_mark(stem: Content, of: QuestionType) -> tuple[Content, QuestionType | None]:
    """A stem without the type that it says, and that type; None when it says none. `of`: the type of the question.

    A word such as （判断）, in round brackets and without 题, is a mark only at the beginning of such a question.
    """
    found = _find_mark(stem, of)
    if found is None:
        return stem, None
    kind, begin, end = found
    return simplified(cut(stem, end - begin, begin)), kind


def _find_mark(stem: Content, of: QuestionType | None) -> tuple[QuestionType, int, int] | None:
    """The type that a stem says, and where in its first texts the mark begins and ends."""
    text, is_whole = _first_texts(stem)
    begin = next((match.end() for p in NUMBERS if (match := p.match(text))), 0)
    for mark in (
        _MARK_BEFORE.match(text, begin),
        _MARK_BEHIND.search(text) if is_whole else None,
    ):
        name = _POINTS.sub("", normal_word(mark[1])) if mark else ""
        kind = type_names.exact_type(name)
        if mark and kind:
            certain = name.endswith("题") or mark[0].strip()[0] in "【["
            if certain or (kind is of and mark.start() == begin):
                return kind, *mark.span()
    return None


def running_numbers(stems: Sequence[str], most: int) -> list[int]:
    """The places of the stems whose number is certain to count the questions. `most`: the number of all questions.

    It is that of the place, or it follows the number of the stem before, or the next one follows it, or it is a 1 below
    another number, where a section begins.
    """
    numbers = [_number(stem) for stem in stems]
    certain = []
    for place, number in enumerate(numbers):
        before = numbers[place - 1] if place else None
        after = numbers[place + 1] if place + 1 < len(numbers) else None
        if number is not None and number <= most:
            begins = number == 1 and before is not None
            if begins or number == place + 1 or before == number - 1 or after == number + 1:
                certain.append(place)
    return certain


def without_number(stem: Content) -> Content:
    """The stem without the number of the question; a type may stand before it."""
    span = _number_span(_first_texts(stem)[0])
    return simplified(cut(stem, span[1] - span[0], span[0])) if span else stem


def with_kept_number(written: str) -> str:
    """A stem in our notation, so that a number at its beginning is read as a part of it: a space stands before it."""
    return f"&#32;{written}" if _number_span(written) else written


def _number(text: str) -> int | None:
    """The number before a stem; None without one, or when the stem itself counts: （1）甲；（2）乙."""
    span = _number_span(text)
    if span is None:
        return None
    number = int(re.sub(r"\D", "", normal_word(text[span[0] : span[1]])))
    counts_on = re.search(rf"(?<!\d){number + 1}\s*[)）.．、](?!\d)", text[span[1] :])
    return None if counts_on else number


def _number_span(text: str) -> tuple[int, int] | None:
    mark = _MARK_BEFORE.match(text)
    is_type = mark and type_names.exact_type(_POINTS.sub("", normal_word(mark[1])))
    begin = mark.end() if mark and is_type else 0
    for pattern in NUMBERS:
        if match := pattern.match(text[begin:]):
            return begin, begin + match.end()
    return None


def _first_texts(stem: Content) -> tuple[str, bool]:
    """The texts before the first picture, formula or blank, and whether these are all of the stem."""
    texts: list[str] = []
    for inline in content.inlines_of(stem):
        if not isinstance(inline, Text):
            return "".join(texts), False
        texts.append(inline.text)
    return "".join(texts), True


def cut(whole: Content, length: int, begin: int = 0) -> Content:
    """A content without so many characters of its first texts, those before the first picture, formula or blank.

    `begin`: the character from which on they are taken out.
    """
    before, left = begin, length

    def shorter(inline: Inline) -> tuple[Inline, ...]:
        nonlocal before, left
        if not left or not isinstance(inline, Text):
            left = 0
            return (inline,)
        kept = inline.text[:before]
        before -= len(kept)
        rest = inline.text[len(kept) :]
        taken = min(left, len(rest))
        left -= taken
        return (Text(kept + rest[taken:], inline.marks),)

    return content.map_inlines(whole, shorter)
