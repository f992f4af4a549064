"""`python -m infra.imports FILE`: import a file into the embedded cloud as an operator would, or only check it.

Uploads the file into the dropbox of a running launcher, waits for the report beside it and prints the report. As in
AWS, S3 sends an event that starts the import function. `--check` reads the file without any cloud.
"""

import argparse
import http.client
import json
import re
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from chalicelib.exams.model import EXAM_ID
from chalicelib.imports import drops, questions, reports, rosters, tables, texts
from chalicelib.imports import service as imports
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.imports.formats import dispatch
from chalicelib.shared import archives
from infra.folders import read_folder
from infra.local.aws import Aws
from infra.local.resources import STACK

Json = dict[str, Any]

ADDRESS = "http://127.0.0.1:8000"
PHOTOS_TIMEOUT_S = 930  # the time limit of the function, and a little more
TIMEOUT_S = 330
POLL_S = 0.3


class NotImported(Exception):
    """Nothing could be imported. The message says why."""


def find_drop(file: Path, exam_id: str) -> tuple[Drop, bytes]:
    """Return the key of a file in the dropbox, by its ending and its headings, and its content.

    A zip is a bank when it is a package of QTI. Other zips and folders hold roster photos when the id of an exam is
    given, and an exam pack otherwise. Raises `NotImported`, `OSError`.
    """
    if file.is_dir():
        data = archives.pack(read_folder(file))
        return _importable(f"{_zip_folder(exam_id)}/{file.resolve().name}.zip"), data
    data = file.read_bytes()
    is_bank = dispatch.find_reader(file.name, data) is not None
    if file.suffix.lower() == ".zip" and not is_bank:
        return _importable(f"{_zip_folder(exam_id)}/{file.name}"), data
    if file.suffix.lower() not in (*tables.TABLES, *dispatch.ENDINGS):
        return _importable(f"exams/{file.name}"), data
    if not re.match(EXAM_ID, exam_id):
        raise NotImported("a bank or a roster needs the id of its exam, such as EXAM=spring-2027")
    return _importable(f"{_folder(file.name, data)}/{exam_id}/{file.name}"), data


def _zip_folder(exam_id: str) -> str:
    return f"{DropKind.PHOTOS.value}/{exam_id}" if exam_id else "exams"


def _folder(name: str, data: bytes) -> str:
    """The dropbox folder of a bank or a roster, by its format or its headings.

    An unknown table counts as a bank, and its report says so.
    """
    if dispatch.find_reader(name, data):
        return str(DropKind.QUESTIONS.value)
    table = tables.open_table(name, data)
    is_roster = bool(table.titles_with(rosters.LAYOUT))
    is_bank = bool(table.titles_with(questions.LAYOUT))
    kind = DropKind.ROSTER if is_roster and not is_bank else DropKind.QUESTIONS
    return str(kind.value)


def _importable(key: str) -> Drop:
    """Return the kind of import that a key stands for. Raises `NotImported` when no file is imported from there."""
    drop = drops.read_key(key)
    if drop is None or drop.wrong:
        raise NotImported(drop.wrong if drop else f"{key} is none of the files that are imported")
    return drop


def import_file(address: str, drop: Drop, data: bytes) -> Json:
    """Drop a file and wait for its report. Raises `NotImported`."""
    aws, bucket = find_bucket(address, "DropboxBucket")
    s3 = aws.client("s3")
    version = s3.put_object(Bucket=bucket, Key=drop.key, Body=data).get("VersionId", "")
    timeout_s = PHOTOS_TIMEOUT_S if drop.kind is DropKind.PHOTOS else TIMEOUT_S
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        report = _read_json(s3, bucket, drop.key + drops.REPORTS[0])
        if report is not None and report["version_id"] == version:
            return report
        time.sleep(POLL_S)
    raise NotImported(f"no report within {timeout_s} s: see var/dead-letters.jsonl")


def export_bank(address: str, exam_id: str, out: Path) -> Json:
    """Export the bank of an exam into a file, the whole exam as a pack when its name ends in `.zip`.

    Returns what the function answers. Raises `NotImported`.
    """
    event = json.dumps({"exam_id": exam_id}).encode()
    answer = call(f"{address}/_local/functions/export_bank", event)["result"]
    if answer["ok"]:
        aws, bucket = find_bucket(address, "DropboxBucket")
        which = "pack_key" if out.suffix.lower() == ".zip" else "key"
        stored = aws.client("s3").get_object(Bucket=bucket, Key=answer[which])
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(stored["Body"].read())
    return dict(answer)


def find_bucket(address: str, logical: str) -> tuple[Aws, str]:
    """The emulator of a running launcher, and the name of a bucket of the template in it. Raises `NotImported`."""
    aws = Aws(call(f"{address}/_local/health")["emulator"])
    stack = aws.client("cloudformation").describe_stack_resources(StackName=STACK)
    [bucket] = [
        entry["PhysicalResourceId"]
        for entry in stack["StackResources"]
        if entry["LogicalResourceId"] == logical
    ]
    return aws, bucket


def call(url: str, body: bytes | None = None) -> Json:
    """The JSON answer of a running launcher. Raises `NotImported` without one."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            result: Json = json.loads(answer.read())
            return result
    except (http.client.HTTPException, ValueError, OSError) as error:
        raise NotImported(
            f"no embedded cloud at {url} ({error}): start one with make run"
        ) from None


def _read_json(s3: Any, bucket: str, key: str) -> Json | None:
    try:
        content: Json = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
    return content


def show(report: Json) -> list[str]:
    """A JSON report as lines of text."""
    labels = texts.report_labels(report["kind"])
    lines = [f"{report['file']}：{report['message']}"]
    lines.append(
        "，".join(f"{labels[count]} {report[count]}" for count in ("rows", "right", "taken"))
    )
    if who := report.get("who_may_enter"):
        lines.append(f"{labels['who_may_enter']}：{who}")
    for finding in report["refused"]:
        row = " " + labels["rows_of"].format(rows=finding["row"]) if finding["row"] else ""
        lines.append(f"  须修改  {finding['file']}{row}：{finding['reason']}")
    for remark in report["remarks"]:
        rows = "、".join(map(str, remark["rows"]))
        which = f"（{remark['count']}：{labels['rows_of'].format(rows=rows)}）" if rows else ""
        about = f"{remark['file']}：" if remark["file"] else ""
        lines.append(f"  请留意  {about}{remark['reason']}{which}")
    return lines


def print_line(result: Json) -> None:
    """Print a report as one line of JSON, for programs. Everything else goes to the error output then."""
    print(json.dumps(result, ensure_ascii=False))


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
    parser.add_argument("--export", action="store_true", help="fetch the bank of --exam")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON line")
    given = parser.parse_args()
    try:
        if given.export:
            answer = export_bank(given.address, given.exam, given.file)
            print(f"{given.file}: {answer['questions']} 题" if answer["ok"] else answer["errors"])
            return 0 if answer["ok"] else 1
        drop, data = find_drop(given.file, given.exam)
        if given.check:
            report = imports.check_file(drop=drop, data=data, now=time.time_ns() // 1_000_000)
            result = json.loads(reports.to_json(report))
        else:
            result = import_file(given.address, drop, data)
    except (NotImported, OSError) as error:
        print(error, file=sys.stderr)
        if given.json:
            print_line({"ok": False, "message": str(error)})
        return 1
    print("\n".join(show(result)), file=sys.stderr if given.json else sys.stdout)
    if given.json:
        print_line(result)
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
