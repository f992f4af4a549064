"""Exports: the bank of an exam as a table, and the whole exam as a pack. Importing them gives the same again. Pure."""

from collections.abc import Mapping

from chalicelib.exams.content import Content, Picture
from chalicelib.exams.model import Exam
from chalicelib.exams.questions import Bank
from chalicelib.imports.headers import write_header
from chalicelib.imports.questions import to_page, to_row
from chalicelib.notation.markup import NameOfPicture, picture_name
from chalicelib.sheets import writing

PACK_TYPE = "application/zip"
_JPEG_START = b"\xff\xd8"


def write_bank(bank: Bank, pictures: Mapping[str, bytes]) -> bytes:
    """A bank as xlsx in our notation. `pictures`: SHA-256 (hex) → bytes, from which their names are made."""
    name_of = _namer(pictures)
    contents = {material.id: material.content for material in bank.materials}
    rows = []
    for question in bank.questions:
        # the content stands in the first row of a material alone
        material: Content = contents.pop(question.material, "")
        rows.append(to_row(question, material, name_of))
    return writing.write_xlsx([to_page(rows)])


def pack_files(exam: Exam, bank: Bank, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a pack: settings, bank and pictures. It has no roster: an exam keeps hashes of ID numbers alone."""
    name_of = _namer(pictures)
    named = {f"pictures/{name_of(Picture(sha, 0, 0))}": pictures[sha] for sha in sorted(pictures)}
    return {
        "exam.yaml": write_header(exam),
        "questions/bank.xlsx": write_bank(bank, pictures),
        **named,
    }


def _namer(pictures: Mapping[str, bytes]) -> NameOfPicture:
    """How pictures are named: by their content, with the ending of their format."""

    def name(picture: Picture) -> str:
        is_jpeg = pictures.get(picture.sha256, b"").startswith(_JPEG_START)
        png = picture_name(picture)
        return png.replace(".png", ".jpg") if is_jpeg else png

    return name
