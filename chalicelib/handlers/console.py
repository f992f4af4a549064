"""Operators' hands: plain functions, to be invoked from the AWS console or with a test event."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import service as attempts
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


# From 2001 on: a number of seconds is a mistake, not a date in 1970.
Milliseconds = Annotated[int, Meta(ge=10**12, lt=10**13)]


class PublishCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the zipped pack lies; id and start (UTC ms) override the pack's own."""

    pack_bucket: str
    pack_key: str
    exam_id: Annotated[str, Meta(pattern=packs.EXAM_ID)] | None = None
    starts_at: Milliseconds | None = None


@functions.lambda_function()
def publish_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish an exam pack, or list every mistake in it and publish nothing."""
    try:
        command = msgspec.convert(event, PublishCommand)
    except msgspec.ValidationError as error:
        return _refused([Finding("event", 0, f"内容不符合格式：{error}")])
    if not objects.exists(command.pack_bucket, command.pack_key):
        return _refused([Finding(command.pack_key, 0, "没有找到这个文件")])
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


class TimelineQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose timeline."""

    attempt_id: str


@functions.lambda_function()
def read_timeline(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The evidence timeline of an attempt in one call, and whether its chain is whole."""
    try:
        question = msgspec.convert(event, TimelineQuestion)
    except msgspec.ValidationError as error:
        return {"ok": False, "errors": [str(error)]}
    entries, problems = attempts.get_timeline(attempt_id=question.attempt_id)
    return {"ok": not problems, "errors": problems, "entries": msgspec.to_builtins(entries)}


def _roster(pack: Pack) -> list[RosterEntry] | None:
    if pack.roster is None:
        return None
    entries: dict[str, RosterEntry] = {}
    findings: list[Finding] = []
    for row in pack.roster:
        try:
            kind = _ID_TYPES[row.id_type]
            number = documents.parse_id_number(kind, row.id_number)
        except (KeyError, Invalid):
            findings.append(Finding("roster.csv", row.row, "证件类型或证件号码不正确"))
            continue
        person_hash = identity.hash_of_number(kind, number)
        if person_hash in entries:
            findings.append(Finding("roster.csv", row.row, "此人重复出现"))
        entries[person_hash] = RosterEntry(person_hash, row.extra_min * MINUTE_MS)
    if findings:
        raise PackRefused(findings)
    return list(entries.values())


def _refused(findings: list[Finding]) -> dict[str, Any]:
    return _answer(Published("", False, findings=tuple(findings)))


def _answer(published: Published) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(published)
    answer["errors"] = answer.pop("findings")
    return answer
