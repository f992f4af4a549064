"""Measure imports: `python -m benchmarks.imports`.

Processor time, because others may work on the machine. What is compared runs in turn, and the median of the pairwise
ratios counts: twice the rows, each format against the same rows as CSV, and hostile files against honest ones. The
memory is that of a process of its own for each file.
"""

import concurrent.futures
import io
import json
import multiprocessing
import pathlib
import statistics
import time

import msgspec
import openpyxl
from openpyxl.drawing.image import Image as DrawnImage
from PIL import Image

from benchmarks import bank_files
from chalicelib.exams.questions import Question, QuestionType
from chalicelib.imports import banks
from chalicelib.imports.questions import HEADINGS
from chalicelib.sheets.model import MAX_ROWS
from tests.dropbox import saved
from tests.unit import test_qti as qti
from tests.unit import word
from tests.unit.formats import package

QUESTIONS = 5_000
ROUNDS = 5
TOO_MANY = 60_000
SHORT = Question("", QuestionType.SINGLE, "问？", ("甲", "乙"), "A")
Files = dict[str, tuple[str, bytes]]
"""What a file is → its ending and its bytes."""


def main() -> None:
    """Print the tables."""
    questions = bank_files.some_questions(QUESTIONS)
    honest = _files(questions)
    half = {"half": ("xlsx", _files(questions[: QUESTIONS // 2])["xlsx"][1])}
    taken: dict[str, list[float]] = {name: [] for name in (*honest, *half)}
    for _ in range(ROUNDS):
        for name, (ending, data) in {**honest, **half}.items():
            taken[name].append(seconds(data, ending))
    _print_growth(taken)
    _print_refusals(taken, {name: ending for name, (ending, _) in honest.items()})
    _print_memory()


def _files(questions: list[bank_files.Question]) -> Files:
    """The questions in each format."""
    rows = bank_files.as_rows(questions)
    tables = {name: (name, write(rows)) for name, write in bank_files.TABLES.items()}
    others = {n: (ending, write(questions)) for n, (ending, write) in bank_files.FORMATS.items()}
    return {**tables, **others}


def _print_growth(taken: dict[str, list[float]]) -> None:
    print(f"| {QUESTIONS} questions as | time / as CSV | time of a question |")
    print("|---|---:|---:|")
    for name, times in taken.items():
        if name != "half":
            each = statistics.median(times) / QUESTIONS * 1000
            print(f"| {name} | {_ratio(times, taken['csv']):.2f}× | {each:.2f} ms |")
    growth = _ratio(taken["xlsx"], taken["half"])
    print(f"\n{QUESTIONS} questions as xlsx / {QUESTIONS // 2}: {growth:.2f}× (budget 2.5×)\n")


def _print_refusals(taken: dict[str, list[float]], endings: dict[str, str]) -> None:
    print(f"| refused | size | time / importing {QUESTIONS} questions of its format |")
    print("|---|---:|---:|")
    for what, name, data in _hostile():
        times = [seconds(data, endings[name], refused=True) for _ in range(ROUNDS)]
        print(f"| {what} | {len(data) / 1e6:.1f} MB | {_ratio(times, taken[name]):.2f}× |")


def _print_memory() -> None:
    config = json.loads(pathlib.Path(".chalice/config.json").read_text("utf-8"))
    limit = config["lambda_functions"]["imports_import_drop"]["lambda_memory_size"]
    print("\n| largest workbook | highest memory | of the function's limit |")
    print("|---|---:|---:|")
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn, max_tasks_per_child=1) as pool:
        for what, data in _largest():
            peak = pool.submit(peak_megabytes, data).result()
            print(f"| {what} | {peak:.0f} MB | {peak / limit:.0%} |")


def _ratio(times: list[float], others: list[float]) -> float:
    return statistics.median(time / other for time, other in zip(times, others, strict=True))


def seconds(data: bytes, name: str, *, refused: bool = False) -> float:
    """Processor time of reading a bank of this format."""
    began = time.process_time()
    found = banks.read_bank({f"questions/bank.{name}": data})
    taken = time.process_time() - began
    assert bool(found.findings) is refused
    return taken


def peak_megabytes(data: bytes) -> float:
    """The highest memory of this process after reading a workbook. Linux alone tells it without what came before."""
    banks.read_bank({"questions/bank.xlsx": data})
    status = pathlib.Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


# --- files ------------------------------------------------------------------------------------------------


def _hostile() -> list[tuple[str, str, bytes]]:
    """Files that are refused: what they are, their format, their bytes."""
    rows = [tuple(HEADINGS), *[("单选题", "问？", "甲", "乙", "A")] * TOO_MANY]
    files = [
        (f"{TOO_MANY} rows as {name}", name, write(rows))
        for name, write in bank_files.TABLES.items()
    ]
    short = [msgspec.structs.replace(SHORT, id=f"N-{number}") for number in range(TOO_MANY)]
    files += [
        (f"{TOO_MANY} questions as {name}", name, write(short))
        for name, (_, write) in bank_files.FORMATS.items()
    ]
    formulas = "".join(f"<row>{'<c><f>1+1</f><v>2</v></c>' * 13}</row>" for _ in range(QUESTIONS))
    spaces = " " * 65 * 1024 * 1024
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    definitions = f'<!DOCTYPE quiz [<!ENTITY e0 "0">{entities}]><quiz>&e9;</quiz>'
    return [
        *files,
        (f"{QUESTIONS} rows of formulas", "xlsx", bank_files.workbook_of_cells(formulas)),
        ("a zip bomb as xlsx", "xlsx", bank_files.workbook_of_cells(f"<row>{spaces}")),
        ("a zip bomb as docx", "Word list", word.document(spaces)),
        ("a zip bomb as QTI", "QTI 2.1 package", package({"1.xml": spaces}, {"1.xml": qti.V21})),
        ("XML entities in entities", "Moodle XML", definitions.encode()),
        ("a picture of 81 megapixels", "xlsx", _with_picture(9_000)),
    ]


def _largest() -> list[tuple[str, bytes]]:
    """The largest workbooks that are read."""
    marked = "<c t='inlineStr'><is><r><t>1</t></r><r><rPr><b/></rPr><t>2</t></r></is></c>"
    return [
        (f"{MAX_ROWS} rows of 49 numbers", _rows_of("<c><v>1</v></c>" * 49)),
        (f"{MAX_ROWS} rows of 37 texts with bold words", _rows_of(marked * 37)),
        ("a picture of 25 megapixels", _with_picture(5_000)),
    ]


def _rows_of(cells: str) -> bytes:
    return bank_files.workbook_of_cells(f"<row>{cells}</row>" * (MAX_ROWS - 1))


def _with_picture(side: int) -> bytes:
    book = openpyxl.Workbook()
    for line in (("题型", "题干", "选项A", "选项B", "答案"), ("单选题", "如图？", "甲", "乙", "A")):
        book.active.append(line)
    out = io.BytesIO()
    Image.radial_gradient("L").resize((side, side)).convert("RGB").save(out, "JPEG")
    book.active.add_image(DrawnImage(out), "B2")
    return saved(book)


if __name__ == "__main__":
    main()
