"""What a preview shows: a bank with its pictures, and what is known of its exam. Pure."""

from collections.abc import Mapping

import msgspec

from chalicelib.exams.model import Exam
from chalicelib.exams.questions import Bank
from chalicelib.exams.validation import FileFinding
from chalicelib.imports.packs import Inspection
from chalicelib.imports.remarks import Remark


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A bank as it is shown to its publisher.

    `pictures`: SHA-256 (hex) → bytes. `places`: id of a question → its file and row, where that is known. `who`: who
    may enter, in words; "" while that is not certain. `starts_at`: UTC ms. `published`: whether the exam is published
    already; `corrected`: whether its key was corrected since.
    """

    bank: Bank
    pictures: Mapping[str, bytes]
    title: str = ""
    exam_id: str = ""
    starts_at: int | None = None
    who: str = ""
    published: bool = False
    corrected: bool = False
    findings: tuple[FileFinding, ...] = ()
    remarks: tuple[Remark, ...] = ()
    places: Mapping[str, tuple[str, int]] = {}


def of_pack(
    inspection: Inspection, findings: tuple[FileFinding, ...] = (), who: str = ""
) -> Preview:
    """The preview of a pack, right or wrong. `findings`: those of the rehearsal; `who`: who may enter, in words."""
    header, read = inspection.header, inspection.bank
    bank = Bank(header.sections if header else (), read.questions, read.materials)
    starts_at = header.starts_at if header else None
    return Preview(
        bank=bank,
        pictures=read.pictures,
        title=header.title if header else "",
        exam_id=header.exam_id if header else "",
        starts_at=round(starts_at.timestamp() * 1000) if starts_at else None,
        who=who,
        findings=(*inspection.findings, *findings),
        remarks=inspection.remarks,
        places=read.places,
    )


def of_exam(exam: Exam, bank: Bank, pictures: Mapping[str, bytes], who: str) -> Preview:
    """The preview of a published exam with the key in use."""
    return Preview(
        bank=bank,
        pictures=pictures,
        title=exam.title,
        exam_id=exam.exam_id,
        starts_at=exam.starts_at,
        who=who,
        published=True,
        corrected=bool(exam.key_version),
    )
