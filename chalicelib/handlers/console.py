"""Operators' hands: plain functions, to be invoked from the AWS console or with a test event."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.exams import pack as packs
from chalicelib.exams import service as exams
from chalicelib.exams.model import RosterEntry
from chalicelib.exams.pack import Finding, Pack, PackRefused
from chalicelib.exams.service import Published
from chalicelib.identity import documents
from chalicelib.identity import service as identity
from chalicelib.shared import objects
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import Invalid

functions = Blueprint(__name__)

_ID_TYPES = {
    "居民身份证": documents.IdType.RESIDENT,
    "港澳居民来往内地通行证": documents.IdType.HK_MACAU,
    "台湾居民来往大陆通行证": documents.IdType.TAIWAN,
    "港澳台居民居住证": documents.IdType.HMT_RESIDENCE,
    "护照": documents.IdType.PASSPORT,
    "外国人永久居留身份证": documents.IdType.FOREIGN_RESIDENT,
}


class PublishCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the zipped pack lies; id and start (UTC ms) override the pack's own."""

    pack_bucket: str
    pack_key: str
    exam_id: str | None = None
    starts_at: int | None = None


@functions.lambda_function()
def publish_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish an exam pack, or list every mistake in it and publish nothing."""
    try:
        command = msgspec.convert(event, PublishCommand)
    except msgspec.ValidationError as error:
        return _refused([Finding("event", 0, str(error))])
    data = objects.read_all(command.pack_bucket, command.pack_key)
    try:
        pack = packs.read_pack(packs.read_zip(data))
        published = exams.publish_exam(
            pack=pack,
            roster=_roster(pack),
            exam_id=command.exam_id,
            starts_at=command.starts_at,
        )
    except PackRefused as refused:
        return _refused(refused.findings)
    return _answer(published)


def _roster(pack: Pack) -> list[RosterEntry] | None:
    if pack.roster is None:
        return None
    entries: list[RosterEntry] = []
    findings: list[Finding] = []
    for row in pack.roster:
        try:
            kind = _ID_TYPES[row.id_type]
            number = documents.parse_id_number(kind, row.id_number)
        except (KeyError, Invalid):
            findings.append(Finding("roster.csv", row.row, "证件类型或证件号码不正确"))
            continue
        person_hash = identity.hash_of_number(kind, number)
        entries.append(RosterEntry(person_hash, row.extra_min * MINUTE_MS))
    if findings:
        raise PackRefused(findings)
    return entries


def _refused(findings: list[Finding]) -> dict[str, Any]:
    return _answer(Published("", False, findings=tuple(findings)))


def _answer(published: Published) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(published)
    answer["errors"] = answer.pop("findings")
    return answer
