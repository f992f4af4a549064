"""Exports: the bank of an exam as a table, and the whole exam as a pack. Importing them gives the same again. Pure."""

import datetime
from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.exams.content import Content, Picture
from chalicelib.exams.model import Exam, Policy
from chalicelib.exams.questions import Bank
from chalicelib.imports.headers import Header
from chalicelib.imports.questions import picture_name, to_page, to_row
from chalicelib.notation.markup import NameOfPicture
from chalicelib.sheets import writing

PACK_TYPE = "application/zip"
_CHINA = datetime.timezone(datetime.timedelta(hours=8))
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


def write_header(exam: Exam) -> bytes:
    """The settings of an exam as `exam.yaml`. What has its default value is left out."""
    import yaml

    starts_at = datetime.datetime.fromtimestamp(exam.starts_at / 1000, _CHINA)
    header = Header(
        format=1,
        exam_id=exam.exam_id,
        title=exam.title,
        sections=exam.sections,
        audience=exam.audience,
        policy=exam.policy,
        notice=exam.notice,
    )
    fields: dict[str, Any] = {
        **msgspec.to_builtins(header),
        "starts_at": starts_at.isoformat(),
        "policy": _changed(exam.policy),
        "sections": [_without_defaults(msgspec.to_builtins(s)) for s in exam.sections],
    }
    return yaml.safe_dump(
        {name: value for name, value in fields.items() if value or name == "format"},
        allow_unicode=True,
        sort_keys=False,
    ).encode()


def _changed(policy: Policy) -> dict[str, Any]:
    """The values of a policy that are not the default."""
    default = msgspec.to_builtins(Policy())
    values = msgspec.to_builtins(policy)
    return {name: value for name, value in values.items() if value != default[name]}


def _without_defaults(section: dict[str, Any]) -> dict[str, Any]:
    defaults = {"tag": "", "group_size": 1}
    return {name: value for name, value in section.items() if defaults.get(name) != value}
