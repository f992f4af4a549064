"""Options that stand in one text as `A.… B.…`: parted, or refused when the letters do not follow A, B. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.exams import content
from chalicelib.exams.content import Content, Inline, Text, plain_text, simplified
from chalicelib.exams.questions import LETTERS
from chalicelib.imports.stem_heads import cut

_Place = tuple[int, int]
"""The index of an inline, and of a character in it."""

_BEYOND = chr(ord(LETTERS[-1]) + 1)  # the letter of an option too many
# `A.` at the beginning of a word, else `（A）` anywhere, else `A.` anywhere but in a word of letters.
_AT_WORDS = re.compile(
    r"(?:^|(?<=[\s　）)。？?：:；;|｜]))([A-IＡ-Ｉ])\s*([.．、:：)）])\s*", re.MULTILINE
)
_IN_BRACKETS = re.compile(r"[(（]([A-IＡ-Ｉ])([)）])\s*[.．、:：]?\s*")
_ANYWHERE = re.compile(r"(?<![A-Za-zＡ-Ｚａ-ｚ])([A-IＡ-Ｉ])\s*([.．、:：])\s*")
_NEXT_LETTER = re.compile(r"[A-HＡ-Ｈ](?![A-Za-zＡ-Ｚａ-ｚ])")
_ABBREVIATION = re.compile(r"[A-Za-z]\.[A-Za-z]\.")
_BAR = re.compile(r"[|｜]\s*")


class _Start(NamedTuple):
    """A letter that may begin an option, and the sign behind it in half width.

    `is_reference`: it may also be a part of a text such as A、B都对 or Washington, D.C.
    """

    place: _Place
    letter: str
    sign: str
    is_reference: bool


def split_options(whole: Content) -> tuple[Content, tuple[Content, ...]]:
    """A stem and the options that stand in its text as `A.… B.…`; no options when the text has no such letters.

    Raises `ValueError` when a letter is missing, stands twice, or is not in its place. A letter that may be an option
    or a part of a text is refused, too.
    """
    flat: list[Inline] = []
    for number, block in enumerate(content.blocks_of(whole)):
        if isinstance(block, content.Table):
            return whole, ()
        flat += [Text("\n")] if number else []
        flat += block.inlines
    for pattern in (_AT_WORDS, _IN_BRACKETS, _ANYWHERE):
        starts = _in_order(_starts(flat, pattern))
        if starts:
            break
    else:
        letters = [start for start in _starts(flat, _AT_WORDS) if not start.is_reference]
        if len(letters) >= 2:
            raise ValueError(_wrong_order(letters))
        return whole, ()
    if doubtful := _doubtful(flat, starts):
        raise ValueError(_wrong_order([*starts, *doubtful]))
    places = [start.place for start in starts]
    flat = _without_bars(flat, places)
    stem, *options = (
        _piece(flat, begin, end)
        for begin, end in zip([(0, 0), *places], [*places, None], strict=True)
    )
    bare = [_without_start(option, pattern) for option in options]
    return stem, tuple(_without_separators(bare))


def _starts(flat: list[Inline], pattern: re.Pattern[str]) -> list[_Start]:
    """The letters that this pattern finds, in reading order."""
    found = []
    for at, text in _texts(flat):
        for match in pattern.finditer(text):
            letter, sign = (unicodedata.normalize("NFKC", match[group]) for group in (1, 2))
            listed = sign == "、" and _NEXT_LETTER.match(text, match.end()) is not None
            is_reference = listed or _is_abbreviated(text, match.start())
            found.append(_Start((at, match.start()), letter, sign, is_reference))
    return found


def _is_abbreviated(text: str, at: int) -> bool:
    """Whether the letter at this place may be one of an abbreviation: D.C., M.D."""
    return any(_ABBREVIATION.match(text, begin) for begin in (at, max(at - 2, 0)))


def _texts(flat: list[Inline]) -> list[tuple[int, str]]:
    """The texts among these inlines, each with its index."""
    return [(at, inline.text) for at, inline in enumerate(flat) if isinstance(inline, Text)]


def _in_order(found: list[_Start]) -> list[_Start]:
    """Of these letters those that count up from A, two or more; a possible reference counts where that gives more."""
    certain = _count_up(start for start in found if not start.is_reference)
    starts = max(certain, _count_up(found), key=len)
    return starts if len(starts) > 1 else []


def _count_up(found: Iterable[_Start]) -> list[_Start]:
    starts: list[_Start] = []
    for start in found:
        if starts and start.sign == ")" != starts[0].sign:  # the end of a remark: （见图 C）
            continue
        if len(starts) <= len(LETTERS) and start.letter == (*LETTERS, _BEYOND)[len(starts)]:
            starts.append(start)
    return starts


def _doubtful(flat: list[Inline], starts: list[_Start]) -> list[_Start]:
    """Letters beside those of the options that look like options: with the same sign, or at the beginning of a word."""
    taken = {start.place for start in starts}
    sign = starts[0].sign
    at_words = [s for s in _starts(flat, _AT_WORDS) if s.sign in (".", "、", ":", sign)]
    others = [
        start
        for pattern in (_IN_BRACKETS, _ANYWHERE)
        for start in _starts(flat, pattern)
        if start.sign == sign
    ]
    return [
        start
        for start in dict.fromkeys((*at_words, *others))
        if start.place not in taken and not start.is_reference and start.letter in LETTERS
    ]


def _wrong_order(starts: list[_Start]) -> str:
    """Why these letters are no options, with what is missing or stands twice."""
    letters = [start.letter for start in sorted(starts)]
    missing = [x for x in LETTERS if x < max(letters) and x not in letters]
    twice = sorted({letter for letter in letters if letters.count(letter) > 1})
    wrong = f"缺 {'、'.join(missing)}" if missing else "次序不对"
    wrong = f"{'、'.join(twice)} 重复" if twice and not missing else wrong
    return (
        f"选项须从 A 起依次排列，这里是 {'、'.join(letters)}（{wrong}）："
        "请改正；不是选项的字母，后面请不要写点、顿号或冒号"
    )


def _without_bars(flat: list[Inline], places: list[_Place]) -> list[Inline]:
    """The same with spaces in place of the bars between options (A.甲|B.乙); bars with another meaning stay."""
    last = len(flat) - 1
    for at, text in _texts(flat):
        for bar in _BAR.finditer(text):
            at_end = at == last and bar.end() == len(text)
            if (at, bar.end()) not in places and not at_end:
                return flat
    return [
        Text(re.sub(r"[|｜]", " ", inline.text), inline.marks)
        if isinstance(inline, Text)
        else inline
        for inline in flat
    ]


def _without_start(option: Content, pattern: re.Pattern[str]) -> Content:
    """An option without the letter and the dot before it."""
    start = pattern.match(plain_text(option))
    return simplified(cut(option, len(start[0]))) if start else option


def _without_separators(options: list[Content]) -> list[Content]:
    """The options of one text without the semicolons between them (A.甲;B.乙), and without the full stop after them.

    All but the last one end with the same semicolon. Where the last one ends with `;`, too, it may belong to them, as
    in code (`int a;`).
    """
    *others, last = options
    ends = {plain_text(option)[-1:] for option in others}
    end = plain_text(last)[-1:]
    if ends not in ({";"}, {"；"}) or (end == ";" and ends == {";"}):
        return options
    bare = [_without_end(option) for option in others]
    return [*bare, _without_end(last) if end in "；。" and end else last]


def _without_end(option: Content) -> Content:
    """An option without its last character, which stands in a text."""
    if isinstance(option, str):
        return option[:-1].strip()
    *blocks, last = option
    *inlines, text = content.inlines_of((last,))
    if not (isinstance(last, content.Paragraph) and isinstance(text, Text)):
        return option
    shorter = Text(text.text[:-1], text.marks)
    return simplified((*blocks, content.Paragraph((*inlines, shorter))))


def _piece(flat: list[Inline], begin: tuple[int, int], end: tuple[int, int] | None) -> Content:
    """The inlines between two places as one paragraph."""
    taken: list[Inline] = []
    for at in range(begin[0], len(flat)):
        inline = flat[at]
        if isinstance(inline, Text):
            first = begin[1] if at == begin[0] else 0
            last = end[1] if end and at == end[0] else len(inline.text)
            inline = Text(inline.text[first:last], inline.marks)
        if end and at == end[0]:
            taken += [inline] if isinstance(inline, Text) else []
            break
        taken.append(inline)
    return simplified((content.Paragraph(tuple(taken)),))
