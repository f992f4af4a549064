"""What importing would say of a file, for whoever has only this file and no cloud."""

from chalicelib.exams import service as exams
from chalicelib.exams.validation import FileRejected, check_policy
from chalicelib.imports import packs
from chalicelib.imports.drops import Drop, DropKind, Outcome, Report
from chalicelib.imports.importers import (
    Seen,
    look_at_questions,
    look_at_roster,
    make_report,
    note,
)
from chalicelib.imports.people import plain_hash
from chalicelib.imports.photos import look_at_photos


def check_file(drop: Drop, data: bytes, *, now: int) -> Report:
    """What importing would say of a file, as far as can be told without AWS; imports nothing."""
    seen = Seen(outcome=Outcome.CHECKED, exam_id=drop.exam_id)
    try:
        if drop.kind is DropKind.QUESTIONS:
            look_at_questions(drop, data, seen)
        elif drop.kind is DropKind.ROSTER:
            look_at_roster(drop, data, seen, plain_hash)
        elif drop.kind is DropKind.PHOTOS:
            look_at_photos(data, seen, plain_hash)
        elif drop.kind is DropKind.EXAM:
            header = packs.read_header(data, seen.findings)
            if header is not None:
                seen.exam_id = header.exam_id
                seen.findings += check_policy(header)
        else:
            inspected = packs.inspect(packs.read_zip(data))
            note(inspected, seen)
            if inspected.pack is not None:
                seen.exam_id = inspected.pack.header.exam_id
                draft = packs.draft_exam(inspected.pack, plain_hash)
                seen.findings += exams.check_exam(draft=draft).findings
    except FileRejected as refused:
        seen.findings += refused.findings
    return make_report(drop, seen, version_id="", now=now)
