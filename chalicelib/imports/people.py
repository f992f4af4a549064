"""Rows of a roster become people: ID numbers are checked and hashed; the numbers themselves are not kept. Pure."""

import hashlib
from collections.abc import Callable, Iterable

from chalicelib.exams.model import RosterEntry
from chalicelib.exams.validation import FileFinding
from chalicelib.identity import documents
from chalicelib.imports.rosters import RosterRow
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import Invalid

HashOfNumber = Callable[[documents.IdType, str], str]
ID_TYPE_NAMES = {
    "居民身份证": documents.IdType.RESIDENT,
    "港澳居民来往内地通行证": documents.IdType.HK_MACAU,
    "台湾居民来往大陆通行证": documents.IdType.TAIWAN,
    "港澳台居民居住证": documents.IdType.HMT_RESIDENCE,
    "护照": documents.IdType.PASSPORT,
    "外国人永久居留身份证": documents.IdType.FOREIGN_RESIDENT,
}


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
        try:
            kind = ID_TYPE_NAMES[row.id_type]
            number = documents.parse_id_number(kind, row.id_number)
        except (KeyError, Invalid):
            findings.append(FileFinding(row.file, row.row, "证件类型或证件号码不正确"))
            continue
        person_hash = hash_of(kind, number)
        if person_hash in people:
            findings.append(FileFinding(row.file, row.row, "此人重复出现"))
            continue
        entry = RosterEntry(person_hash, row.extra_min * MINUTE_MS, row.note)
        people[person_hash] = (row, entry)
    return list(people.values()), findings
