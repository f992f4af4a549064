"""ID documents: their kinds, valid numbers, and how a number is shown. Pure."""

import enum
import re

from chalicelib.shared.errors import Invalid
from chalicelib.shared.typed_numbers import plain_number


class IdType(enum.Enum):
    """The kinds of documents that candidates may use."""

    RESIDENT = "resident_id"  # 居民身份证
    HK_MACAU = "hk_macau_permit"  # 港澳居民来往内地通行证
    TAIWAN = "taiwan_permit"  # 台湾居民来往大陆通行证
    HMT_RESIDENCE = "hmt_residence_permit"  # 港澳台居民居住证
    PASSPORT = "passport"  # 护照
    FOREIGN_RESIDENT = "foreign_permanent_residence"  # 外国人永久居留身份证


_SHAPES = {
    IdType.RESIDENT: r"[1-7]\d{16}[\dX]",  # begins with a region; 8 and 9 begin the two other documents
    IdType.HK_MACAU: r"[HM]\d{8}(\d{2})?",  # 8 digits since 2013; older cards carry 2 more
    IdType.TAIWAN: r"\d{8}|\d{10}[A-Z]?",  # 8 digits since 2015
    IdType.HMT_RESIDENCE: r"8[123]0000\d{11}[\dX]",  # 国办发〔2018〕81号: 810000, 820000, 830000
    IdType.PASSPORT: r"[A-Z0-9]{5,17}",
    IdType.FOREIGN_RESIDENT: r"[A-Z]{3}\d{12}|9\d{16}[\dX]",  # 18 digits from 9 since 2023
}
_CITIZEN_NUMBERS = {IdType.RESIDENT, IdType.HMT_RESIDENCE}


class NumberFault(enum.Enum):
    """What is wrong with an ID number."""

    LENGTH = "length"  # not 18 digits
    CHARACTERS = "characters"  # not 17 digits and a digit or X
    SHAPE = "shape"  # no document of this kind has such a number
    BIRTH_DATE = "birth_date"
    CHECK_DIGIT = "check_digit"


def parse_id_number(kind: IdType, text: str) -> str:
    """Return the normal form of an ID number. Raises `Invalid`: `id_number_invalid`.

    18-digit numbers must carry a real birth date and the check digit of GB 11643-1999. The region code is
    not looked up: people keep the codes of counties that no longer exist.
    """
    number = plain_number(text)
    if _fault(kind, number) is not None:
        raise Invalid("id_number_invalid")
    return number


def find_fault(kind: IdType, text: str) -> NumberFault | None:
    """What is wrong with an ID number; None when it is right."""
    return _fault(kind, plain_number(text))


def _fault(kind: IdType, number: str) -> NumberFault | None:
    if kind in _CITIZEN_NUMBERS:
        if len(number) != 18:
            return NumberFault.LENGTH
        if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
            return NumberFault.CHARACTERS
    if not re.fullmatch(_SHAPES[kind], number, re.ASCII):
        return NumberFault.SHAPE
    if len(number) == 18:
        return _citizen_fault(number, dated=kind in _CITIZEN_NUMBERS)
    return None


def _citizen_fault(number: str, *, dated: bool) -> NumberFault | None:
    from stdnum.cn import ric
    from stdnum.exceptions import ValidationError

    try:
        if dated:
            ric.get_birth_date(number)
    except ValidationError:
        return NumberFault.BIRTH_DATE
    return None if ric.calc_check_digit(number) == number[-1] else NumberFault.CHECK_DIGIT


def masked_number(number: str) -> str:
    """Return the number with its middle hidden: `140***********1234`."""
    head, tail = (3, 4) if len(number) >= 15 else (1, 2)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]
