"""`python -m infra.validate FOLDER|ZIP`: print every mistake in an exam pack and the dry run of its exam.

It finds the same mistakes as publishing, without AWS. Exits with 1 when the pack cannot be published.
"""

import argparse
import contextlib
import json
import sys
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from chalicelib.exams import service
from chalicelib.exams.validation import FileFinding, FileRejected
from chalicelib.imports import reports
from chalicelib.imports import service as imports
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.imports.packs import Inspection, draft_exam, inspect, read_zip
from chalicelib.imports.people import plain_hash
from chalicelib.imports.remarks import Remark
from chalicelib.shared import archives
from infra.folders import read_folder
from infra.imports import Json, print_line

HEADINGS = {
    "who": "考生",
    "starts": "开始",
    "deadline": "截止",
    "minutes": "实得分钟",
    "cut_short": "被缩短",
    "note": "说明",
}


def check(path: Path) -> tuple[Inspection, service.Checked | None]:
    """Return what a pack contains, and the dry run of its exam when it is right. Raises `FileRejected`, `OSError`."""
    inspection = inspect(_files(path))
    if inspection.pack is None:
        return inspection, None
    return inspection, service.check_exam(draft=draft_exam(inspection.pack, plain_hash))


def _files(path: Path) -> dict[str, bytes]:
    return read_folder(path) if path.is_dir() else read_zip(path.read_bytes())


def lines(remarks: tuple[Remark, ...]) -> list[str]:
    """Return each remark as a line: file, rows, advice."""
    shown = []
    for remark in remarks:
        rows = f":{','.join(map(str, remark.rows))}" if remark.rows else ""
        more = "…" if remark.count > len(remark.rows) else ""
        shown.append(f"{remark.file}{rows}{more}: 请留意：{remark.reason}")
    return shown


def table(checked: service.Checked) -> list[str]:
    """Return the dry run as lines of a table. Chinese characters are two columns wide."""
    rows: list[Mapping[str, object]] = [HEADINGS]
    rows += [sitting.as_row() for sitting in checked.sittings]
    cells = [[_cell(name, row[name]) for name in HEADINGS] for row in rows]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(HEADINGS))]
    return ["  ".join(map(_padded, line, widths)).rstrip() for line in cells]


def _cell(name: str, value: object) -> str:
    if name == "cut_short":
        return str(value) or "否"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def main() -> int:
    """Print findings, or the table of the dry run."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.validate", description="Check an exam pack and rehearse its exam."
    )
    parser.add_argument("pack", type=Path, help="folder or zip")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON line")
    given = parser.parse_args()
    if not given.json:
        return show(given.pack)
    with contextlib.redirect_stdout(sys.stderr):
        status = show(given.pack)
    print_line(read_report(given.pack))
    return status


def read_report(path: Path) -> Json:
    """The report on a pack, as importing it would give it; for a file that cannot be read, the reason alone."""
    try:
        data = archives.pack(read_folder(path)) if path.is_dir() else path.read_bytes()
    except OSError as error:
        return {"ok": False, "message": error.strerror or "cannot be read"}
    drop = Drop(str(path), DropKind.PACK)
    report = imports.check_file(drop=drop, data=data, now=time.time_ns() // 1_000_000)
    return dict(json.loads(reports.to_json(report)))


def show(path: Path) -> int:
    """Print findings, remarks and dry run for people; 1 when the pack cannot be published."""
    try:
        inspection, checked = check(path)
        findings = [*inspection.findings, *(checked.findings if checked else ())]
        for line in [*(table(checked) if checked else ()), *lines(inspection.remarks)]:
            print(line)
        if checked:
            print(f"谁可以参加：{checked.who_may_enter}")
    except FileRejected as refused:
        findings = refused.findings
    except OSError as error:
        findings = [FileFinding(str(path), 0, error.strerror or "cannot be read")]
    for finding in findings:
        place = finding.file + (f":{finding.row}" if finding.row else "")
        print(f"{place}: {finding.reason}" if place else finding.reason, file=sys.stderr)
    print(f"{path}: {f'{len(findings)} 处须修改' if findings else '可以发布'}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
