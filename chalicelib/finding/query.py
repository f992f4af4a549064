"""What an operator types to find somebody: which kind of number or name it is, and its normal form. Pure."""

import enum
import re
from collections.abc import Iterator

import msgspec

from chalicelib.accounts.model import masked_phone, parse_phone
from chalicelib.identity.documents import masked_number
from chalicelib.results.model import masked_name, parse_number
from chalicelib.shared import lines
from chalicelib.shared.errors import Invalid
from chalicelib.shared.typed_numbers import plain_number, without_label

MOST_CHARACTERS = 100
MOST_QUERIES = 3  # numbers in one text; a whole list of people is no caller


class QueryKind(enum.Enum):
    """What somebody is looked up by."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    NUMBER_END = "number_end"  # what can be seen of an ID number, within one exam
    NAME = "name"  # within one exam
    CERTIFICATE = "certificate"
    CASE = "case"  # a ticket or a complaint
    ATTEMPT = "attempt"


class Query(msgspec.Struct, frozen=True):
    """What is looked for. `value`: its normal form, never shown. `masked`: what may be shown and kept."""

    kind: QueryKind
    value: str
    masked: str
    exam_id: str = ""


_CASE = re.compile(r"(tk|cp)([a-z0-9]{4})([a-z0-9]{4})([a-z0-9]{4})")
_CERTIFICATE = re.compile(r"SX([0-9]{4})([A-Z0-9]{16})([0-9]{1,3})?")
_ATTEMPT = re.compile(r"(?:at|pr)_[A-Za-z0-9_-]{28}")
_ID_NUMBER = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,18}")
# What of an ID number can be seen: its last characters, or the whole of it as it is shown.
_NUMBER_END = re.compile(r"[0-9]{1,3}[0-9X]|[A-Z0-9]{1,3}\*+[A-Z0-9]{2,4}")
# Where a number may stand within other words, in the order in which they are looked for.
_INSIDE = tuple(
    re.compile(rf"(?<![A-Za-z0-9_*-])(?:{pattern})(?![A-Za-z0-9_*-])", re.IGNORECASE)
    for pattern in (
        _ATTEMPT.pattern,
        r"(?:tk|cp)(?:[ -]?[a-z0-9]{4}){3}",
        r"SX[ -]?[0-9]{4}(?:[ -]?[A-Z0-9]{4}){4}(?:-[0-9]{1,3})?",
        r"[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9X]",
        r"(?:(?:\+|00)86[ -]?)?1[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        r"(?=[A-Z]*[0-9])[A-Z0-9]{5,18}",
        r"[A-Z0-9]{1,3}\*+[A-Z0-9]{2,4}",
    )
)
# An issue count or check digit in brackets behind a number: H12345678(01).
_ISSUE = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2}[0-9]{6,8})\s*\(([A-Z0-9]{1,2})\)", re.IGNORECASE)


def understand(text: str, exam_id: str = "") -> tuple[Query, ...]:
    """Return what is looked for: one number, every number that stands among other words, or one name.

    Width, case, spaces, dashes, labels in front and marks around make no difference. A number in brackets behind
    another (`H12345678(01)`) is looked for with and without it. A text without a digit is a name, which is looked
    for in one exam, as the end of an ID number is. Names beside a number are left out, because the number says more.
    Raises `Invalid`: `text_invalid` (nothing, or too much), `number_unclear` (digits that are none of our numbers),
    `too_many_numbers`, `exam_needed` (a name or the end of a number without an exam).
    """
    plain = without_label(text)
    if not plain or len(plain) > MOST_CHARACTERS:
        raise Invalid("text_invalid", field="query", most=MOST_CHARACTERS)
    if whole := _one(plain, exam_id):
        return (whole,)
    found = tuple(dict.fromkeys(_inside(plain, exam_id)))
    if len(found) > MOST_QUERIES:
        raise Invalid("too_many_numbers", most=MOST_QUERIES)
    return found or (_name(plain, exam_id),)


def _one(plain: str, exam_id: str) -> Query | None:
    """The number that a text is; None when it is none, or not one alone."""
    number = plain_number(plain)
    if _ATTEMPT.fullmatch(plain):
        return Query(QueryKind.ATTEMPT, plain, plain)
    if found := _CASE.fullmatch(number.lower()):
        case_id = "-".join(found.groups())
        return Query(QueryKind.CASE, case_id, case_id)
    if found := _CERTIFICATE.fullmatch(number):
        written = _certificate(*found.groups())
        return Query(QueryKind.CERTIFICATE, written, written)
    if phone := _phone(number):
        return Query(QueryKind.PHONE, phone, masked_phone(phone))
    if _ID_NUMBER.fullmatch(number):
        return Query(QueryKind.ID_NUMBER, number, masked_number(number))
    if _NUMBER_END.fullmatch(number):
        return _number_end(number, exam_id)
    return None


def _inside(plain: str, exam_id: str) -> Iterator[Query]:
    """The numbers that stand among other words."""
    for number, issue in _ISSUE.findall(plain):
        yield from filter(None, [_one(number + issue, exam_id)])
    rest = _ISSUE.sub(r"\1 ", plain)
    for pattern in _INSIDE:
        for found in pattern.findall(rest):
            yield from filter(None, [_one(found, exam_id)])
        rest = pattern.sub(" ", rest)


def _number_end(shown: str, exam_id: str) -> Query:
    """What can be seen of an ID number; no more of it is known, so nothing of it has to be hidden."""
    if not exam_id:
        raise Invalid("exam_needed")
    return Query(QueryKind.NUMBER_END, shown, shown, exam_id)


def _certificate(year: str, characters: str, edition: str | None) -> str:
    """The number of a certificate without its edition."""
    groups = [characters[start : start + 4] for start in range(0, len(characters), 4)]
    written = "-".join(["SX", year, *groups, *([edition] if edition else [])])
    return parse_number(written)[0]


def _phone(number: str) -> str | None:
    national = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", number)
    if not re.fullmatch(r"1\d{10}", national, re.ASCII):
        return None
    try:
        return parse_phone(national)
    except Invalid:
        return None


def _name(plain: str, exam_id: str) -> Query:
    if not lines.fold_name(plain):
        raise Invalid("text_invalid", field="query", most=MOST_CHARACTERS)
    if any(character.isdecimal() for character in plain):
        raise Invalid("number_unclear")
    if not exam_id:
        raise Invalid("exam_needed")
    return Query(QueryKind.NAME, plain, masked_name(plain), exam_id)
