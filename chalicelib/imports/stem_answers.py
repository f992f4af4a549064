"""Answers that stand in stems, such as `不包括（ B ）。`: taken out, so that no candidate sees them. Pure."""

import re
from collections.abc import Callable, Iterator

import msgspec

from chalicelib.exams import content
from chalicelib.exams.blanks import normal_answer
from chalicelib.exams.content import Content, Inline, Mark, Text, plain_text, simplified

Meaning = Callable[[str], str]
"""What a text means as an answer, in one form; "" when it means none."""

_OBJECT = "\ufffc"  # stands for a picture, a formula or a blank
_SIGNS = "√✓✔☑✅×✗✘✕❌╳"
_ANSWER_WORD = r"(?:正确|参考|标准)?答案"
_BRACKETS = re.compile(
    r"[（(【\[〔〖「][\s　]*([^（()）【】\[\]〔〕〖〗「」]*?)[\s　]*[）)】\]〕〗」]"
)
_UNDERSCORES = re.compile(r"[_＿]+\s*([^_＿\s][^_＿]{0,15}?)\s*[_＿]+")
_LABEL = re.compile(rf"(?:{_ANSWER_WORD}(?:是|为)?\s*[:：]?|故?应?选)\s*(?=.)")
_TRAILING = re.compile(rf"\s*{_ANSWER_WORD}\s*[:：]\s*(\S[^\n]{{0,15}}?)\s*[。.]?[\s{_OBJECT}]*\Z")
_TRAILING_LETTERS = re.compile(
    rf"\s*{_ANSWER_WORD}\s*(?:是|为)?\s*([A-HＡ-Ｈ]{{1,8}})\s*[。.]?\s*\Z"
)
_BARE_LETTERS = re.compile(r"(?<=[。？?：:）)])\s*([A-HＡ-Ｈ]{1,8})\s*\Z")
_BARE_TRUTH = re.compile(
    rf"(?:[\s，,]*([{_SIGNS}])|(?<=[。.？?])\s*(对|错|正确|错误|[TF]))\s*[。.]?\s*\Z"
)
_EMPTY = re.compile(r"[（(【\[][\s　]*[）)】\]]")
_ONLY_MARKS = re.compile(
    rf"[\s。．.，,；;：:？?！!{_OBJECT}]*(?:[（(]\s*\d+(?:\.\d+)?\s*分\s*[）)][\s。.]*)?"
)
_BLANKS_BEHIND = re.compile(
    rf"\s*[（(]?\s*{_ANSWER_WORD}\s*[:：]\s*([^\n（()）]+?)\s*[）)]?\s*[。.]?\s*\Z"
)
_BLANK = re.compile(rf"[_＿]{{2,}}|[（(][\s　]*[）)]|{_OBJECT}")
_FUNCTION = re.compile(r"(?<![A-Za-z])[A-Za-z]\Z")  # a letter alone before brackets: P(A)


class _Place(msgspec.Struct, frozen=True):
    """Where an answer may stand: its span in the flat stem, and what stays there.

    `certain`: nothing else can be meant. `likely`: it is the answer when the file gives the same one beside the stem,
    or none.
    """

    begin: int
    end: int
    answer: str
    certain: bool
    likely: bool = False
    left: str = "（ ）"


def take_answer(
    stem: Content, written: str, meaning: Meaning, *, letters: bool
) -> tuple[Content, str]:
    """The stem without the answer that stands in it, and that answer; "" when none does.

    At the end of the stem, or after the word 答案, brackets are certain to hold the answer, and so do those with √ or ×
    anywhere. Other brackets with `letters` may, when no empty brackets show another place, and so may the brackets
    before a true/false question. `written`: the answer that stands beside the stem, "" for none. Raises `ValueError`
    when both differ, or when several brackets may hold the answer.
    """
    places = list(_places(stem, meaning, letters=letters))
    certain = [place for place in places if place.certain]
    likely = [place for place in places if place.likely]
    if letters and _EMPTY.search(plain_text(stem)):
        likely = [place for place in likely if not place.left]
    if written:
        for place in certain:
            if set(place.answer) != set(written):
                raise ValueError("题干里的答案与“答案”不同：请改正其中一个")
        usable = certain or [place for place in likely if set(place.answer) == set(written)]
    else:
        usable = certain or likely
        if len({place.answer for place in usable}) > 1:
            raise ValueError("题干里有几处像是答案：请填写“答案”列")
    if not usable:
        return stem, ""
    for place in reversed(certain or usable[-1:]):
        stem = _without(stem, place)
    return stem, usable[-1].answer


def has_answer(stem: Content, meaning: Meaning, *, letters: bool) -> bool:
    """Whether an answer may stand in the stem."""
    places = _places(stem, meaning, letters=letters)
    return any(place.certain or place.left for place in places)


def take_blank_answers(stem: Content, written: str) -> Content:
    """A stem of blanks without the accepted answers (`written`) that it tells.

    Between underscores, and in brackets of a stem without other blanks, they become blanks. Behind the stem, after 答案
    or in brackets, they are taken out. A Latin word in brackets may be a hint, as in `____ (go)`, and stays.
    """
    accepted = {normal_answer(part) for part in re.split(r"[|｜\n;；]", written) if part.strip()}
    flat = "".join(map(_flat, content.inlines_of(stem)))
    told = [m for m in _UNDERSCORES.finditer(flat) if normal_answer(m[1]) in accepted]
    behind = _BLANKS_BEHIND.search(flat)
    ends = []
    if behind and {normal_answer(p) for p in re.split(r"[|｜;；、,，]", behind[1])} <= accepted:
        ends.append(behind)
    has_blanks = bool(told or _BLANK.search(flat))
    for match in _BRACKETS.finditer(flat):
        at_end = _ONLY_MARKS.fullmatch(flat, match.end()) is not None
        if normal_answer(match[1]) not in accepted or re.match(r"[A-Za-z]", match[1]):
            continue
        if not has_blanks:
            told.append(match)
        elif at_end:
            ends.append(match)
    places = [_Place(*m.span(), "", certain=True, left="____") for m in told]
    places += [_Place(*m.span(), "", certain=True, left="") for m in ends]
    for place in sorted(places, key=lambda place: -place.begin):
        stem = _without(stem, place)
    return stem


def _places(stem: Content, meaning: Meaning, *, letters: bool) -> Iterator[_Place]:
    flat = "".join(map(_flat, content.inlines_of(stem)))
    yield from _in_brackets(flat, meaning, letters=letters)
    if letters:
        yield from _in_blanks(stem, flat, meaning)
    yield from _at_the_end(flat, meaning, letters=letters)


def _flat(inline: Inline) -> str:
    return inline.text if isinstance(inline, Text) else _OBJECT


def _in_brackets(flat: str, meaning: Meaning, *, letters: bool) -> Iterator[_Place]:
    """Answers in brackets; `f(x)` and `P(A)` are none."""
    found = [match for match in _BRACKETS.finditer(flat) if not _is_function(flat, match)]
    signs = {meaning(match[1]) for match in found if _is_sign(match[1])}
    for match in found:
        label = _LABEL.match(match[1])
        answer = meaning(match[1][label.end() :] if label else match[1])
        if not answer:
            continue
        ends = _ONLY_MARKS.fullmatch(flat, match.end()) is not None
        begins = not flat[: match.start()].strip()
        # 合格的打（√），不合格的打（×） tells no answer.
        certain = len(signs) == 1 if _is_sign(match[1]) else bool(label) or ends
        yield _Place(*match.span(), answer, certain, likely=letters or begins)


def _is_function(flat: str, brackets: re.Match[str]) -> bool:
    before = flat[max(brackets.start() - 2, 0) : brackets.start()]
    return _FUNCTION.search(before) is not None or (
        brackets[1].islower() and re.search(r"[A-Za-z]\Z", before) is not None
    )


def _is_sign(text: str) -> bool:
    return len(text) == 1 and text in _SIGNS


def _in_blanks(stem: Content, flat: str, meaning: Meaning) -> Iterator[_Place]:
    """Letters between underscores, and underlined ones."""
    for match in _UNDERSCORES.finditer(flat):
        if answer := meaning(match[1]):
            yield _Place(*match.span(), answer, certain=False, likely=True)
    begin = 0
    for inline in content.inlines_of(stem):
        end = begin + len(_flat(inline))
        is_letter = isinstance(inline, Text) and Mark.UNDERLINE in inline.marks
        around = flat[max(begin - 1, 0) : begin] + flat[end : end + 1]
        stands_alone = _flat(inline).isupper() and not re.search(r"[A-Za-z（(]", around)
        if is_letter and stands_alone and (answer := meaning(_flat(inline))):
            yield _Place(begin, end, answer, certain=False, likely=True)
        begin = end


def _at_the_end(flat: str, meaning: Meaning, *, letters: bool) -> Iterator[_Place]:
    """Answers behind the stem: with the word 答案, or bare."""
    found = _TRAILING.search(flat) or (_TRAILING_LETTERS.search(flat) if letters else None)
    if found:
        if answer := meaning(found[1]):
            yield _Place(*found.span(), answer, certain=True, left="")
        return
    bare = (_BARE_LETTERS if letters else _BARE_TRUTH).search(flat)
    if bare and (answer := meaning(next(filter(None, bare.groups())))):
        yield _Place(*bare.span(), answer, certain=not letters, likely=letters, left="")


def _without(stem: Content, place: _Place) -> Content:
    """The stem with what is left in place of the span. Other inlines than texts stay."""
    at = 0
    left = place.left

    def shorter(inline: Inline) -> tuple[Inline, ...]:
        nonlocal at, left
        begin, at = at, at + len(_flat(inline))
        if not isinstance(inline, Text) or at <= place.begin or begin >= place.end:
            return (inline,)
        before = inline.text[: max(place.begin - begin, 0)]
        behind = inline.text[max(place.end - begin, 0) :]
        put, left = left, ""
        is_whole = not before and not behind
        marks = () if is_whole else inline.marks
        return (Text(f"{before}{put}{behind}", marks),)

    return simplified(content.map_inlines(stem, shorter))
