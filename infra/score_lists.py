"""`python -m infra.score_lists FILE`: make the score list of an exam in the embedded cloud, and fetch it.

Fills in the form of 成绩单 as the second demo operator would. A file that ends in `.csv` gets the CSV, any other the
workbook. The link of the answer is followed, as a person would.
"""

import argparse
import html
import json
import re
import secrets
import sys
import urllib.request
from pathlib import Path
from typing import Any

from infra.exam_widget import press, told
from infra.imports import ADDRESS, NotImported, call

REASON = "本机生成成绩单"


def make(address: str, exam_id: str, *, full: bool = False, reason: str = REASON) -> str:
    """Give the order until the list is finished; returns what the widget shows. Raises `NotImported`."""
    do = "make_full_score_list" if full else "make_score_list"
    command_id = f"local-{secrets.token_hex(8)}"
    while True:
        signed = _signed(address)
        shown = press(address, do, exam_id, command_id=command_id, reason=reason, **signed)
        if "成绩单已生成" in shown:
            return shown
        if "已完成" not in shown:
            raise NotImported(told(shown))


def _signed(address: str) -> dict[str, Any]:
    """Name and code of the second demo operator."""
    # A code serves one command, so the clock of the cloud goes on to the next one.
    call(f"{address}/_local/clock", json.dumps({"advance_ms": 30_000}).encode())
    who = call(f"{address}/_local/operators")["operators"][-1]
    return {"operator": who["name"], "operator_code": who["code"]}


def fetch(shown: str, out: Path) -> str:
    """Write the file behind the link that the widget shows; returns what it tells. Raises `OSError`."""
    links = map(html.unescape, re.findall(r'href="([^"]+)"', shown))
    ending = "csv" if out.suffix.lower() == ".csv" else "xlsx"
    address = next(link for link in links if f"/list.{ending}?" in link)
    out.parent.mkdir(parents=True, exist_ok=True)
    with urllib.request.urlopen(address, timeout=60) as answer:
        out.write_bytes(answer.read())
    return told(shown)


def main() -> int:
    """Make and fetch; 1 when it was refused."""
    parser = argparse.ArgumentParser(prog="python -m infra.score_lists", description=__doc__)
    parser.add_argument("file", type=Path, help="where to write; .csv or .xlsx")
    parser.add_argument("--exam", required=True, help="id of an exam")
    parser.add_argument("--full", action="store_true", help="with full names and ID numbers")
    parser.add_argument("--reason", default=REASON, help="what the list is for; kept for ever")
    parser.add_argument("--address", default=ADDRESS, help="a running launcher")
    given = parser.parse_args()
    try:
        shown = make(given.address, given.exam, full=given.full, reason=given.reason)
        text = fetch(shown, given.file)
    except (NotImported, OSError) as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"{text}：{given.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
