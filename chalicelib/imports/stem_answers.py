"""Answers that stand in stems, such as `不包括（ B ）。`: taken out, so that no candidate sees them. Pure."""

import re
from collections.abc import Callable

import msgspec

from chalicelib.exams import content
from chalicelib.exams.content import Content, Inline, Text, plain_text, simplified

Meaning = Callable[[str], str]
"""What a text means as an answer, in one form; "" when it means none."""

_LABEL = r"(?:正确|参考|标准)?答案(?:是|为)?\s*[:：]?\s*"
_BRACKETS = re.compile(r"[（(【\[][\s　]*([^（()）【】\[\]]*?)[\s　]*[）)】\]]")
_LABELLED = re.compile(f"^{_LABEL}(?=.)")
_TRAILING = re.compile(r"\s*(?:正确|参考|标准)?答案\s*[:：]\s*(\S[^\n]{0,15}?)\s*[。.]?\s*\Z")
_EMPTY = re.compile(r"[（(【\[][\s　]*[）)】\]]")
_ONLY_MARKS = re.compile(r"[\s。．.，,；;：:？?！!]*")


class _Place(msgspec.Struct, frozen=True):
    """Where an answer may stand: index of the inline, span in its text, what stays there, and whether it is certain."""

    inline: int
    begin: int
    end: int
    answer: str
    certain: bool
    left: str = "（ ）"


def take_answer(
    stem: Content, written: str, meaning: Meaning, *, within: bool
) -> tuple[Content, str]:
    """The stem without the answer that stands in it, and that answer; "" when none does.

    At the end of the stem, or after the word 答案, brackets are certain to hold the answer. Elsewhere they may
    (`within`) when no empty brackets show another place. `written`: the answer that stands beside the stem, "" for
    none. Raises `ValueError` when both differ, or when several brackets may hold the answer.
    """
    places = _places(stem, meaning)
    certain = [place for place in places if place.certain]
    if written:
        for place in certain:
            if set(place.answer) != set(written):
                raise ValueError("题干里的答案与“答案”不同：请改正其中一个")
        same = [place for place in places if set(place.answer) == set(written)]
        usable = certain or (same if within and not _EMPTY.search(plain_text(stem)) else [])
    else:
        usable = certain or (places if within and not _EMPTY.search(plain_text(stem)) else [])
        if len({place.answer for place in usable}) > 1:
            raise ValueError("题干里有几处像是答案：请填写“答案”列")
    if not usable:
        return stem, ""
    return _without(stem, usable[-1]), usable[-1].answer


def has_answer(stem: Content, meaning: Meaning) -> bool:
    """Whether an answer may stand in the stem."""
    return bool(_places(stem, meaning))


def _places(stem: Content, meaning: Meaning) -> list[_Place]:
    texts = [
        (at, inline.text)
        for at, inline in enumerate(content.inlines_of(stem))
        if isinstance(inline, Text)
    ]
    places = []
    for at, text in texts:
        last = at == texts[-1][0]
        for match in _BRACKETS.finditer(text):
            label = _LABELLED.match(match[1])
            if answer := meaning(match[1][len(label[0]) :] if label else match[1]):
                ends = last and _ONLY_MARKS.fullmatch(text, match.end()) is not None
                places.append(_Place(at, *match.span(), answer, bool(label) or ends))
        trailing = _TRAILING.search(text) if last else None
        if trailing and (answer := meaning(trailing[1])):
            places.append(_Place(at, *trailing.span(), answer, certain=True, left=""))
    return places


def _without(stem: Content, place: _Place) -> Content:
    number = -1

    def emptied(inline: Inline) -> tuple[Inline, ...]:
        nonlocal number
        number += 1
        if number != place.inline or not isinstance(inline, Text):
            return (inline,)
        text = f"{inline.text[: place.begin]}{place.left}{inline.text[place.end :]}"
        return (Text(text, inline.marks),)

    return simplified(content.map_inlines(stem, emptied))
