"""The answers to blanks: what is accepted, and whether an answer is right. Pure.

Two answers are the same when they differ only in width, case or spaces (NFKC, case folding), or are the same number.
`10±0.5` accepts every number from 9.5 to 10.5. Numbers are exact decimals.
"""

import decimal
import re
import unicodedata
from decimal import Decimal

MOST_CHARACTERS = 200  # in the answer to one blank
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_MINUS = str.maketrans("−–－", "---")
# Digits are grouped by threes, as in 1,000,000.
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


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
    """A text without differences of width, case and spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split()).translate(_MINUS)


def _matches(written: str, accepted: str) -> bool:
    if written == accepted:
        return True
    middle, sign, tolerance = accepted.partition("±")
    values = [_number(written), _number(middle), _number(tolerance) if sign else Decimal(0)]
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
    within = _number(tolerance)
    return _number(middle) is not None and within is not None and within >= 0


def _number(text: str) -> Decimal | None:
    """The number that a text is; None when it is none."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    return Decimal(text) if _NUMBER.fullmatch(text) else None
