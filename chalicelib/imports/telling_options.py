"""Options that tell the key: by a √ or （正确） behind the right one, or by being the only ones in bold. Pure."""

import re

from chalicelib.exams import content
from chalicelib.exams.content import Content, Inline, Mark, Text, plain_text, simplified
from chalicelib.exams.questions import LETTERS

_SIGN = "[√✓✔☑✅]"
_RIGHT = re.compile(
    rf"{_SIGN}\s*\Z"
    rf"|^\s*{_SIGN}\s*(?=[\u4e00-\u9fff])"  # √2 is a number
    rf"|[（(【\[]\s*(?:正确答案|正确|答案|对|{_SIGN})\s*[)）】\]]\s*[。.]?\s*\Z"
)
_WRONG = re.compile(r"[×✗✘✕❌╳]|[（(【\[]\s*(?:错误|错)\s*[)）】\]]")
_ANSWER = re.compile(
    r"(?:\A|(?<=[\s（(【\[。，,;；]))(?:正确|参考|标准)?答案\s*[:：是为]?\s*[A-HＡ-Ｈ√×对错]{1,8}\s*[)）】\]]?\s*[。.]?\s*\Z"
)


def refuse_telling(options: tuple[Content, ...], key: str) -> None:
    """Raise `ValueError` when a sign stands at the right options alone, or when the answer stands behind an option."""
    texts = dict(zip(LETTERS, map(plain_text, options), strict=False))
    for letter, text in texts.items():
        if _ANSWER.search(text):
            raise ValueError(f"选项{letter}里写着答案，考生会看到：请从选项里删去")
    signs = {letter: found[0] for letter, text in texts.items() if (found := _RIGHT.search(text))}
    only_signs = all(texts[letter].strip() == sign.strip() for letter, sign in signs.items())
    others = [text for letter, text in texts.items() if letter not in signs]
    if not signs or only_signs or not others or any(map(_WRONG.search, others)):
        return
    if set(signs) == set(key):
        [letter, sign] = next(iter(signs.items()))
        raise ValueError(
            f"只有正确的选项带有“{sign.strip()}”（选项{letter}），考生会看到：请从选项里删去"
        )


def without_telling_marks(options: tuple[Content, ...], key: str) -> tuple[Content, ...]:
    """The options without bold and underline that the right ones have as a whole, and no other one."""
    for mark in (Mark.BOLD, Mark.UNDERLINE):
        lettered = zip(LETTERS, options, strict=False)
        marked = [letter for letter, option in lettered if _is_whole(option, mark)]
        if set(marked) == set(key) and len(marked) < len(options):
            options = tuple(
                _without_mark(option, mark) if letter in marked else option
                for letter, option in zip(LETTERS, options, strict=False)
            )
    return options


def _is_whole(option: Content, mark: Mark) -> bool:
    """Whether all texts of an option have this mark."""
    texts = [i for i in content.inlines_of(option) if isinstance(i, Text) and i.text.strip()]
    return bool(texts) and all(mark in text.marks for text in texts)


def _without_mark(option: Content, mark: Mark) -> Content:
    def plain(inline: Inline) -> tuple[Inline, ...]:
        if not isinstance(inline, Text):
            return (inline,)
        return (Text(inline.text, tuple(m for m in inline.marks if m is not mark)),)

    return simplified(content.map_inlines(option, plain))
