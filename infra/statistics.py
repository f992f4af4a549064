"""`python -m infra.statistics FILE`: compute the statistics of an exam in the embedded cloud, and fetch them.

Presses the button 计算统计 as an operator would. A file that ends in `.json` gets the JSON, any other the workbook.
"""

import argparse
import sys
from pathlib import Path

from infra.exam_widget import press, told
from infra.imports import ADDRESS, NotImported, find_bucket


def compute(address: str, exam_id: str) -> str:
    """Press the button; returns what the widget tells. Raises `NotImported`, also when it was refused."""
    shown = press(address, "compute_statistics", exam_id)
    if "told good" not in shown:
        raise NotImported(told(shown))
    return told(shown)


def fetch(address: str, exam_id: str, out: Path) -> None:
    """Write the stored statistics into a file. Raises `NotImported`, `OSError`."""
    aws, bucket = find_bucket(address, "PapersBucket")
    ending = "json" if out.suffix.lower() == ".json" else "xlsx"
    key = f"statistics/{exam_id}/statistics.{ending}"
    stored = aws.client("s3").get_object(Bucket=bucket, Key=key)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(stored["Body"].read())


def main() -> int:
    """Compute and fetch; 1 when it was refused."""
    parser = argparse.ArgumentParser(prog="python -m infra.statistics", description=__doc__)
    parser.add_argument("file", type=Path, help="where to write; .json or .xlsx")
    parser.add_argument("--exam", required=True, help="id of an exam that is over")
    parser.add_argument("--address", default=ADDRESS, help="a running launcher")
    given = parser.parse_args()
    try:
        text = compute(given.address, given.exam)
        fetch(given.address, given.exam, given.file)
    except (NotImported, OSError) as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"{text}：{given.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
