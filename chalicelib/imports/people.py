"""Rows of a roster become people: ID numbers are checked and hashed; the numbers themselves are not kept. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable

from chalicelib.exams.model import RosterEntry
from chalicelib.exams.validation import FileFinding
from chalicelib.identity import documents
from chalicelib.identity.texts import ID_TYPES
from chalicelib.imports import texts
from chalicelib.imports.rosters import CITIZEN_DIGITS, LOST_END, RosterRow
from chalicelib.shared.clock import MINUTE_MS

HashOfNumber = Callable[[documents.IdType, str], str]
ID_TYPE_NAMES = {name: documents.IdType(value) for value, name in ID_TYPES.items()}


# Other names that offices use, without blanks and in capitals.
_OTHER_NAMES = {
    documents.IdType.RESIDENT: (
        *("身份证", "二代身份证", "第二代身份证", "二代证", "第二代居民身份证", "二代居民身份证"),
        *("中华人民共和国居民身份证", "中国居民身份证", "大陆居民身份证", "内地居民身份证"),
        *(
            "公民身份证",
            "居民身份证件",
            "身份证件",
            "居民二代身份证",
            "临时居民身份证",
            "临时身份证",
        ),
    ),
    documents.IdType.HK_MACAU: (
        *("港澳居民往来内地通行证", "港澳居民来往大陆通行证", "港澳居民往来大陆通行证"),
        *("港澳居民通行证", "港澳来往内地通行证", "港澳往来内地通行证", "回乡证", "港澳回乡证"),
        *("香港居民来往内地通行证", "澳门居民来往内地通行证", "港澳同胞回乡证", "港澳通行证"),
    ),
    documents.IdType.TAIWAN: (
        *("台湾居民往来大陆通行证", "台湾居民来往内地通行证", "台湾居民往来内地通行证"),
        *("台湾居民通行证", "台湾来往大陆通行证", "台胞证", "台湾通行证", "台湾同胞证"),
    ),
    documents.IdType.HMT_RESIDENCE: (
        *("港澳台居住证", "港澳居民居住证", "台湾居民居住证", "香港居民居住证", "澳门居民居住证"),
        *("港澳台居民居住证件", "中华人民共和国港澳居民居住证", "中华人民共和国台湾居民居住证"),
    ),
    documents.IdType.PASSPORT: (
        *("中国护照", "普通护照", "因私护照", "因私普通护照", "因公护照", "外国护照", "外籍护照"),
        *("中华人民共和国护照", "护照号", "PASSPORT"),
    ),
    documents.IdType.FOREIGN_RESIDENT: (
        *("外国人永久居留证", "外国人居留身份证", "永久居留身份证", "永久居留证", "外国人永居证"),
        *("永居证", "外国人永久居留身份证件", "中华人民共和国外国人永久居留身份证", "五星卡"),
    ),
}
ID_TYPE_SPELLINGS = ID_TYPE_NAMES | {
    spelling: kind for kind, spellings in _OTHER_NAMES.items() for spelling in spellings
}
_CODE = re.compile(r"^[0-9]{1,3}[-_.、:|]?(?=\D)|\([^()]*\)$")  # `01-身份证`, `身份证(二代)`


def plain_hash(kind: documents.IdType, number: str) -> str:
    """A hash that tells two people of a roster apart without the secret of a deployment. Never stored."""
    return hashlib.sha256(f"{kind.value}/{number}".encode()).hexdigest()


def identify(
    rows: Iterable[RosterRow], hash_of: HashOfNumber
) -> tuple[list[tuple[RosterRow, RosterEntry]], list[FileFinding]]:
    """Each right row with its person; a finding for each row whose ID number is wrong, or repeats another row's.

    `hash_of` hashes a checked ID number.
    """
    people: dict[str, tuple[RosterRow, RosterEntry]] = {}
    findings: list[FileFinding] = []
    for row in rows:
        kind = find_type(row.id_type)
        if kind is None:
            findings.append(FileFinding(row.file, row.row, _unknown_type(row.id_type)))
            continue
        if fault := documents.find_fault(kind, row.id_number):
            reason = _wrong_number(kind, fault, row.id_number)
            findings.append(FileFinding(row.file, row.row, reason))
            continue
        person_hash = hash_of(kind, documents.parse_id_number(kind, row.id_number))
        if person_hash in people:
            findings.append(FileFinding(row.file, row.row, "此人重复出现"))
            continue
        entry = RosterEntry(person_hash, row.extra_min * MINUTE_MS, row.note, row.file, row.row)
        people[person_hash] = (row, entry)
    return list(people.values()), findings


def find_type(written: str) -> documents.IdType | None:
    """The kind of document that a name stands for, in any usual spelling; None for an unknown name."""
    name = "".join(unicodedata.normalize("NFKC", written).split()).upper()
    return ID_TYPE_SPELLINGS.get(name) or ID_TYPE_SPELLINGS.get(_CODE.sub("", name))


def _unknown_type(written: str) -> str:
    """Why a row with an unknown document type is refused. The cell is not shown: it may hold a name or a number."""
    names = "、".join(ID_TYPE_NAMES)
    return texts.NUMBERS["type_unknown" if written else "type_empty"].format(names=names)


def _wrong_number(kind: documents.IdType, fault: documents.NumberFault, number: str) -> str:
    """Why an ID number is refused: another type fits it, or what is wrong with it. The number is not shown."""
    named = {of: name for name, of in ID_TYPE_NAMES.items()}
    others = [
        of
        for of in named
        if of not in (kind, documents.IdType.PASSPORT)  # nearly everything could be a passport
        and documents.find_fault(of, number) is None
    ]
    if others:
        return texts.NUMBERS["other_type"].format(
            name=named[kind], others="、".join(named[of] for of in others)
        )
    told = texts.NUMBERS[fault.value].format(name=named[kind], length=len(number))
    cut = len(number) == CITIZEN_DIGITS and number.endswith(LOST_END)
    return told + (texts.NUMBERS["cut_off"] if cut else "")
