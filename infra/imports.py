"""`python -m infra.imports FILE`: what an operator's upload does, against the embedded cloud; or a check without it.

Puts the file into the dropbox of a running launcher, waits for the report beside it and prints that. The
way is the one of AWS: S3, an event, the packaged function.
"""

import argparse
import json
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from chalicelib.imports import archives, checking, drops, questions, rosters, tables, texts
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.imports.packs import EXAM_ID
from infra.local.aws import Aws
from infra.local.resources import STACK

Json = dict[str, Any]

ADDRESS = "http://127.0.0.1:8000"
PATIENCE_S = {DropKind.PHOTOS: 930}  # the time limit of the function, and a little more
PATIENCE_ELSE_S = 330
LOOKS_EACH_S = 0.3


class NotImported(Exception):
    """Why nothing could be imported; the message is shown as it is."""


def find_drop(file: Path, exam_id: str) -> tuple[Drop, bytes]:
    """Where a file belongs in the dropbox, by its ending and its headings. Raises `NotImported`, `OSError`.

    A zip or folder for an exam that is named holds photos of the people on its roster; else it is an exam itself.
    """
    if file.is_dir():
        found = sorted(path for path in file.rglob("*") if path.is_file())
        data = archives.pack({p.relative_to(file).as_posix(): p.read_bytes() for p in found})
        return _known(f"{_zip_folder(exam_id)}/{file.resolve().name}.zip"), data
    data = file.read_bytes()
    if file.suffix.lower() == ".zip":
        return _known(f"{_zip_folder(exam_id)}/{file.name}"), data
    if file.suffix.lower() not in (".csv", ".xlsx"):
        return _known(f"exams/{file.name}"), data
    if not re.match(EXAM_ID, exam_id):
        raise NotImported("a bank or a roster needs the id of its exam, such as EXAM=spring-2027")
    return _known(f"{_folder(file.name, data)}/{exam_id}/{file.name}"), data


def _zip_folder(exam_id: str) -> str:
    return f"{DropKind.PHOTOS.value}/{exam_id}" if exam_id else "exams"


def _folder(name: str, data: bytes) -> str:
    """Whose headings these are; a bank's when nobody's, so that its report says what is missing."""
    is_roster = tables.has_headings(name, data, rosters.LAYOUT)
    is_bank = tables.has_headings(name, data, questions.LAYOUT)
    kind = DropKind.ROSTER if is_roster and not is_bank else DropKind.QUESTIONS
    return str(kind.value)


def _known(key: str) -> Drop:
    drop = drops.read_key(key)
    if drop is None or drop.wrong:
        raise NotImported(drop.wrong if drop else f"{key} is none of the files that are imported")
    return drop


def import_file(address: str, drop: Drop, data: bytes) -> Json:
    """Drop a file and wait for its report. Raises `NotImported`."""
    aws, bucket = _dropbox(address)
    s3 = aws.client("s3")
    version = s3.put_object(Bucket=bucket, Key=drop.key, Body=data).get("VersionId", "")
    patience_s = PATIENCE_S.get(drop.kind, PATIENCE_ELSE_S)
    patience = time.monotonic() + patience_s
    while time.monotonic() < patience:
        told = _read(s3, bucket, drop.key + drops.REPORTS[0])
        if told is not None and told["version_id"] == version:
            return told
        time.sleep(LOOKS_EACH_S)
    raise NotImported(f"no report within {patience_s} s: see var/dead-letters.jsonl")


def export_bank(address: str, exam_id: str, out: Path) -> Json:
    """Have the bank of an exam exported and fetch it. Raises `NotImported`."""
    asked = json.dumps({"exam_id": exam_id}).encode()
    answer = _call(f"{address}/_local/functions/export_bank", asked)["result"]
    if answer["ok"]:
        aws, bucket = _dropbox(address)
        stored = aws.client("s3").get_object(Bucket=bucket, Key=answer["key"])
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(stored["Body"].read())
    return dict(answer)


def _dropbox(address: str) -> tuple[Aws, str]:
    """The emulator of a running launcher, and the name of the dropbox in it."""
    aws = Aws(_call(f"{address}/_local/health")["emulator"])
    stack = aws.client("cloudformation").describe_stack_resources(StackName=STACK)
    [bucket] = [
        entry["PhysicalResourceId"]
        for entry in stack["StackResources"]
        if entry["LogicalResourceId"] == "DropboxBucket"
    ]
    return aws, bucket


def _call(url: str, body: bytes | None = None) -> Json:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            told: Json = json.loads(answer.read())
            return told
    except (urllib.error.URLError, ValueError, OSError) as error:
        raise NotImported(
            f"no embedded cloud at {url} ({error}): start one with make run"
        ) from None


def _read(s3: Any, bucket: str, key: str) -> Json | None:
    try:
        told: Json = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
    return told


def show(told: Json) -> list[str]:
    """A report as lines."""
    label = texts.report_labels(told["kind"])
    lines = [f"{told['file']}：{told['message']}"]
    lines.append("，".join(f"{label[count]} {told[count]}" for count in ("rows", "right", "taken")))
    for finding in told["refused"]:
        row = " " + label["rows_of"].format(rows=finding["row"]) if finding["row"] else ""
        lines.append(f"  须修改  {finding['file']}{row}：{finding['reason']}")
    for remark in told["remarks"]:
        rows = "、".join(map(str, remark["rows"]))
        which = f"（{remark['count']}：{label['rows_of'].format(rows=rows)}）" if rows else ""
        about = f"{remark['file']}：" if remark["file"] else ""
        lines.append(f"  请留意  {about}{remark['reason']}{which}")
    return lines


def main() -> int:
    """Import, check or export; 1 when something was refused."""
    parser = argparse.ArgumentParser(prog="python -m infra.imports", description=__doc__)
    parser.add_argument(
        "file", type=Path, help="a pack, exam.yaml, bank, roster or photos; with --export: where to"
    )
    parser.add_argument(
        "--exam", default="", help="id of the exam that a bank, a roster or photos are for"
    )
    parser.add_argument("--address", default=ADDRESS, help="a running launcher")
    parser.add_argument("--check", action="store_true", help="only look, without any cloud")
    parser.add_argument("--export", action="store_true", help="fetch the bank of --exam as xlsx")
    given = parser.parse_args()
    try:
        if given.export:
            answer = export_bank(given.address, given.exam, given.file)
            print(f"{given.file}: {answer['questions']} 题" if answer["ok"] else answer["errors"])
            return 0 if answer["ok"] else 1
        drop, data = find_drop(given.file, given.exam)
        if given.check:
            report = checking.check_file(drop, data, now=time.time_ns() // 1_000_000)
            told = json.loads(drops.as_json(report))
        else:
            told = import_file(given.address, drop, data)
    except (NotImported, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(show(told)))
    return 0 if told["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
