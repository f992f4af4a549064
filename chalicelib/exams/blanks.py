"""The answers to blanks: what is accepted, and whether an answer is right. Pure.

Two answers are the same when they differ only in width, case, spaces, hidden characters or a full stop at the end, or
are the same number. Raised and lowered characters differ from plain ones: `10²` is not `102`. `10±0.5` accepts every
number from 9.5 to 10.5. Numbers are exact decimals.
"""

import decimal
import re
import unicodedata
from decimal import Decimal

from chalicelib.shared.hidden_characters import without_hidden

MOST_CHARACTERS = 200  # in the answer to one blank
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})", re.ASCII)
_SAME_CHARACTERS = str.maketrans("−–－⁄∕", "---//", "\ufe0e\ufe0f")
# Digits are grouped by threes, as in 1,000,000.
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_FULL_STOP = re.compile(r"(?<=[^.。])[.。]\Z")  # that of an ellipsis stays
_RAISED_OR_LOWERED = ("<super>", "<sub>")


def accepted_answers(key: str) -> tuple[tuple[str, ...], ...]:
    """The accepted answers of each blank: lines of a key, separated by `|`; empty ones are left out."""
    return tuple(
        tuple(answer.strip() for answer in line.split("|") if answer.strip())
        for line in key.split("\n")
    )


def is_right(given: str, accepted: tuple[str, ...]) -> bool:
    """Whether an answer to a blank is one of the accepted ones. An empty answer is never right."""
    written = normal_answer(given)
    return bool(written) and any(_matches(written, normal_answer(answer)) for answer in accepted)


def normal_answer(text: str) -> str:
    """A text in the form in which answers are compared."""
    plain = _with_plain_characters(unicodedata.normalize("NFC", without_hidden(text)))
    folded = unicodedata.normalize("NFC", plain.casefold())
    return _FULL_STOP.sub("", "".join(folded.split()).translate(_SAME_CHARACTERS))


def is_raised_or_lowered(character: str) -> bool:
    """Whether a character is another one, raised or lowered, such as `²` and `₂`."""
    return unicodedata.decomposition(character).startswith(_RAISED_OR_LOWERED)


def _with_plain_characters(text: str) -> str:
    """The text with characters of another width or form made plain; raised and lowered ones stay as they are.

    `½`, `⑩` and `㎡` are written out, unless their digits would run into those beside them: `1½` is not `11/2`.
    """
    plain = ""
    for before, character, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        form = _plain_form(character)
        runs_on = (_is_digit(before, form) and form[0].isdigit()) or (
            _is_digit(after, form) and form[-1].isdigit()
        )
        plain += character if runs_on and not character.isdecimal() else form
    return plain


def _is_digit(beside: str, form: str) -> bool:
    """Whether a character would be read together with a form beside it. Circled digits in a row are read one by one."""
    return beside.isnumeric() if len(form) > 1 else beside.isdecimal()


def _plain_form(character: str) -> str:
    """What a character stands for: itself when it is plain, raised or lowered."""
    kind, *codes = unicodedata.decomposition(character).split() or ("",)
    if not kind.startswith("<") or kind in _RAISED_OR_LOWERED:
        return character
    return "".join(_plain_form(chr(int(code, 16))) for code in codes)


def _matches(written: str, accepted: str) -> bool:
    if written == accepted:
        return True
    middle, sign, tolerance = accepted.partition("±")
    values = [number_of(written), number_of(middle), number_of(tolerance) if sign else Decimal(0)]
    if None in values:
        return False
    value, target, within = (number for number in values if number is not None)
    with decimal.localcontext(prec=100):  # more than any two numbers need, so differences are exact
        return abs(value - target) <= within


def is_comparable(accepted: str) -> bool:
    """Whether an accepted answer means what it says: with a tolerance it must be a number, `±`, and a number."""
    normal = normal_answer(accepted)
    if not any(sign in normal for sign in ("±", "+-", "+/-")):
        return True
    middle, _, tolerance = normal.partition("±")
    within = number_of(tolerance)
    return number_of(middle) is not None and within is not None and within >= 0


def number_of(text: str) -> Decimal | None:
    """The number that a normal answer is; None when it is none."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    return Decimal(text) if _NUMBER.fullmatch(text) else None
