"""Text tables: CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or GB18030. Pure."""

import csv
import io
import itertools
from collections.abc import Callable, Iterator

from chalicelib.sheets.model import MAX_ROWS, Cell, Sheet, SheetRefused

DELIMITERS = (",", "\t", ";")  # of several that fit equally well, the first counts
LOOKED_AT = 10  # rows with content in which headings are looked for
_SAMPLE_BYTES = 400
_LEAST_ZEROS = 4  # zero bytes of the sample; neither UTF-8 nor GB18030 has any
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def read_text_table(data: bytes, fit: Callable[[list[str]], int]) -> Sheet:
    """The rows of a text table; `fit` counts the known headings of a row. Raises `SheetRefused`.

    The delimiter is the one with which some row has the most known headings. Commas in a question do not matter for it.
    """
    text = decode_text(data)
    delimiter = max(DELIMITERS, key=lambda character: _best_fit(text, character, fit))
    rows: list[tuple[int, list[Cell]]] = []
    try:
        for number, line in _rows(text, delimiter):
            rows.append((number, [Cell(cell) for cell in line]))
            if len(rows) > MAX_ROWS + LOOKED_AT:
                break
    except csv.Error as error:
        raise SheetRefused(f"不是有效的 CSV：{error}") from None
    if not rows:
        raise SheetRefused("文件是空的")
    return Sheet("", rows)


def _best_fit(text: str, delimiter: str, fit: Callable[[list[str]], int]) -> int:
    """The most known headings that one of the first rows has with this delimiter."""
    best = 0
    try:
        for _, line in itertools.islice(_rows(text, delimiter), LOOKED_AT):
            best = max(best, fit(line))
    except csv.Error:  # it is told when the whole table is read
        pass
    return best


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with content and their numbers. Raises `csv.Error`."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    for number, line in enumerate(lines, start=1):
        if any(cell.strip() for cell in line):
            yield number, line


def decode_text(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or GB18030, with or without a byte order mark. Raises `SheetRefused`."""
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise SheetRefused("文字编码无法识别：请用 UTF-8 或 GB18030 保存")


def _encodings(data: bytes) -> tuple[str, ...]:
    """The encodings that a file may have. In UTF-16 each delimiter has a zero byte, always on the same side."""
    if data[:2] in _UTF_16:
        return (_UTF_16[data[:2]],)
    begin = data[:_SAMPLE_BYTES]
    before, after = begin[0::2].count(0), begin[1::2].count(0)
    if max(before, after) >= max(_LEAST_ZEROS, _LEAST_ZEROS * min(before, after)):
        return ("utf-16-be" if before > after else "utf-16-le",)
    return ("utf-8", "gb18030")
