"""ID documents: their kinds, valid numbers, and how a number is shown. Pure."""

import enum
import re
import unicodedata

from chalicelib.shared.errors import Invalid


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


def parse_id_number(kind: IdType, text: str) -> str:
    """Return the normal form of an ID number. Raises `Invalid`: `id_number_invalid`.

    18-digit numbers must carry a real birth date and the check digit of GB 11643-1999. The region code is
    not looked up: people keep the codes of counties that no longer exist.
    """
    number = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    if not re.fullmatch(_SHAPES[kind], number, re.ASCII):
        raise Invalid("id_number_invalid")
    if len(number) == 18:
        _check_citizen_number(number, dated=kind in _CITIZEN_NUMBERS)
    return number


def _check_citizen_number(number: str, *, dated: bool) -> None:
    from stdnum.cn import ric
    from stdnum.exceptions import ValidationError

    try:
        if dated:
            ric.get_birth_date(number)
    except ValidationError:
        raise Invalid("id_number_invalid") from None
    if ric.calc_check_digit(number) != number[-1]:
        raise Invalid("id_number_invalid")


def masked_number(number: str) -> str:
    """Return the number with its middle hidden: `140***********1234`."""
    head, tail = (3, 4) if len(number) >= 15 else (1, 2)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]
