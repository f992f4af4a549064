"""Measure how the time of an import grows with the number of rows: `python -m benchmarks.imports`.

Processor time, because others may work on the machine; twice the rows runs in turn with the rows, and the
median of the pairwise ratios counts.
"""

import statistics
import time

from chalicelib.imports import banks
from chalicelib.imports.questions import to_page, to_row
from chalicelib.shared import archives
from chalicelib.sheets import writing
from tests.dropbox import many_questions

ROWS = 2_500
PAIRS = 5
BOMB_ROWS = 400_000


def main() -> None:
    """Print a table."""
    half, whole = written(ROWS), written(2 * ROWS)
    pairs = [(seconds(half), seconds(whole)) for _ in range(PAIRS)]
    ratio = statistics.median(second / first for first, second in pairs)
    each_ms = statistics.median(second for _, second in pairs) / (2 * ROWS) * 1000
    bomb = with_many_rows(BOMB_ROWS)
    refused = statistics.median(seconds(bomb) / second for _, second in pairs)
    print("| what | measured | budget |")
    print("|---|---:|---:|")
    print(f"| {2 * ROWS} questions as xlsx / {ROWS} questions | {ratio:.2f}× | 2.5× |")
    print(f"| processor time of one question | {each_ms:.2f} ms | |")
    print(
        f"| refusing {BOMB_ROWS} rows in {len(bomb) / 1e6:.1f} MB / {2 * ROWS} questions | {refused:.2f}× | 1× |"
    )


def written(count: int) -> bytes:
    """So many questions as a workbook."""
    return writing.write_xlsx([to_page([to_row(question) for question in many_questions(count)])])


def with_many_rows(count: int) -> bytes:
    """A small workbook whose sheet holds so many rows."""
    parts = archives.unpack(written(1), wanted=lambda _: True, most_files=99, most_bytes=2**30)
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{n}</t></is></c></row>'
        for n in range(1, count + 1)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    return archives.pack({**parts, "xl/worksheets/sheet1.xml": sheet.encode()})


def seconds(data: bytes) -> float:
    """Processor time of reading a bank."""
    began = time.process_time()
    banks.read_bank({"questions/bank.xlsx": data})
    return time.process_time() - began


if __name__ == "__main__":
    main()
