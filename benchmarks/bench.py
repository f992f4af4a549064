"""Measure all budgets in one run, write their table into benchmarks/README.md, and print them as one line of JSON.

    python -m benchmarks.bench PACKAGE_FOLDER [--print]

The table stands between two comments of the README; `--print` leaves the file as it is. What is compared with
something else runs in turn with it. The last line that is printed is one JSON object, a figure for each key.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import benchmarks.day as days
from benchmarks import measure, save_cpu, saves
from infra.package import APP_ZIP

ROOT = Path(__file__).parent.parent
README = ROOT / "benchmarks" / "README.md"
BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
PAGE = ROOT / "web" / "dist"
CALLS_OF_FIRST_VIEW = 5  # time, me, current exams, exams that are over, and the icon
CLIENTS, SECONDS = 50, 15


@dataclass(frozen=True)
class Figure:
    """One measured figure; `budget`: the most it may be, None where there is none. `unit`: as it is written."""

    key: str
    what: str
    value: float
    budget: float | None = None
    unit: str = ""

    def row(self) -> str:
        """Return the figure as a line of the table. A missed budget is marked as missed."""
        if self.budget is None:
            told, verdict = "", ""
        else:
            told = f"{self.budget:.3g}{self.unit}"
            verdict = "ok" if self.value <= self.budget else "**missed**"
        return f"| {self.what} | {self.value:.3g}{self.unit} | {told} | {verdict} |"


def main() -> None:
    """Measure, write the table and print it."""
    parser = argparse.ArgumentParser(description="All budgets in one run.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--print", action="store_true", help="do not write benchmarks/README.md")
    given = parser.parse_args()
    from tests import environment

    environment.set_environment()
    figures: list[Figure] = []
    for what, part in parts(given.package).items():
        began = time.monotonic()
        figures += part()
        print(f"{what}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    written = table(figures)
    if not given.print:
        README.write_text(replaced(README.read_text("utf-8"), written), "utf-8")
    print(written)
    print(json.dumps({figure.key: round(figure.value, 3) for figure in figures}))


def parts(package: Path) -> dict[str, Callable[[], list[Figure]]]:
    """Return what is measured, by name, in its order."""
    return {
        "the machine": machine,
        "a candidate's day": day,
        "the package": lambda: shipped(package),
        "a save": save,
        "the functions": functions,
        "the embedded cloud": local_saves,
        "the page": first_view,
    }


def machine() -> list[Figure]:
    """How fast one core adds numbers in a loop: figures of other machines are compared by it."""
    what = "a loop that adds 10⁷ numbers on this machine"
    return [Figure("loop_s", what, save_cpu.loop_s(), unit=" s")]


def day() -> list[Figure]:
    """What one candidate's day writes and calls."""
    found = []
    for questions, budgets in days.BUDGETS.items():
        lived = days.lived(questions)
        of = f"a day with {questions} questions"
        units, calls = lived.meter.write_units, lived.calls
        found += [
            Figure(
                f"write_units_{questions}", f"write units of {of}", units, budgets["write units"]
            ),
            Figure(f"calls_{questions}", f"calls of {of}", calls, budgets["API calls"]),
        ]
    return found


def shipped(folder: Path) -> list[Figure]:
    """Sizes and cold import of the package."""
    ratio = measure.import_ratio(folder, compiled=True)
    bare = measure.import_ratio(folder, compiled=False)
    size, largest = measure.unzipped_mb(folder / APP_ZIP), measure.largest_mb(folder)
    return [
        Figure("package_mb", "API package unzipped, without boto3", size, 30, " MB"),
        Figure("largest_function_mb", "largest function with its layers", largest, 240, " MB"),
        Figure(
            "import_ratio_shipped",
            "cold import of the API as shipped / of boto3, Chalice and one client",
            ratio,
            1.2,
            "×",
        ),
        Figure("import_ratio_uncompiled", "the same without its bytecode", bare, None, "×"),
    ]


def save() -> list[Figure]:
    """The processor time of a whole save, over the same by boto3 and over Moodle's autosave."""
    with contextlib.redirect_stdout(io.StringIO()):
        now, _, ratio = save_cpu.whole_save()
    moodle = save_cpu.per_moodle(now, save_cpu.loop_s())
    return [
        Figure("save_cpu_ms", "processor time of a save, whole handler", now, unit=" ms"),
        Figure("save_cpu_ratio", "the same / by boto3", ratio, 1 / 3, "×"),
        Figure(
            "save_cpu_moodle",
            "the same / Moodle's autosave (22 ms where the loop takes 0.9 s)",
            moodle,
            0.1,
            "×",
        ),
    ]


def functions() -> list[Figure]:
    """Our own time in the two busiest routes, and the judging of a frame."""
    with contextlib.redirect_stdout(io.StringIO()):
        saving, beating = measure.own_time_ms("answers"), measure.own_time_ms("heartbeat")
    frame = measure.frame_ratio()
    return [
        Figure("save_own_ms", "own time of a save, without its AWS call", saving, 1, " ms"),
        Figure(
            "heartbeat_own_ms", "own time of a heartbeat, without its AWS call", beating, 1, " ms"
        ),
        Figure(
            "frame_cpu_ratio",
            "CPU of judging a frame / of plain face_recognition",
            frame,
            0.5,
            "×",
        ),
    ]


def local_saves() -> list[Figure]:
    """How many answers the embedded cloud saves in a second."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        cloud = saves.Loaded("now", ROOT, Path(folder) / "now")
        try:
            cloud.begin(cloud.admit(CLIENTS))
            cloud.measure(SECONDS)
        finally:
            cloud.end()
    rate = len(cloud.figures.times) / cloud.figures.seconds
    what = f"saves a second of the embedded cloud, {CLIENTS} clients"
    return [Figure("saves_per_s_local", what, rate)]


def first_view() -> list[Figure]:
    """What the portal loads before anything can be seen, from the built page."""
    manifest = json.loads((PAGE / ".vite" / "manifest.json").read_text("utf-8"))
    files = {"index.html", "start.js", *_files(manifest, "index.html", set())}
    size = sum(len(gzip.compress((PAGE / file).read_bytes())) for file in files) / 1000
    requests = len(files) + CALLS_OF_FIRST_VIEW
    return [
        Figure("first_view_kb", "first view of the portal, gzip", size, 60, " kB"),
        Figure("first_view_requests", "requests of the first view", requests, 12),
    ]


def _files(manifest: dict[str, dict[str, object]], name: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    chunk = manifest[name]
    yield str(chunk["file"])
    for style in chunk.get("css", []):
        yield str(style)
    for needed in chunk.get("imports", []):
        yield from _files(manifest, str(needed), seen)


def table(figures: list[Figure]) -> str:
    """Return the table, with the machine that measured it."""
    kind = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"Measured on one machine ({platform.system()}, {kind}) in one run."
    rows = [figure.row() for figure in figures]
    return "\n".join([head, "", "| what | measured | budget | |", "|---|---:|---:|---|", *rows])


def replaced(text: str, written: str) -> str:
    """Return the README with another table. Raises ValueError when one of the two comments is missing."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{written}\n{END}{after}"


if __name__ == "__main__":
    main()
