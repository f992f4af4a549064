"""Measure statistics: `python -m benchmarks.statistics`.

Exams of three sizes, each candidate with 100 questions drawn from 400. Attempts come in the form of the wire, as
DynamoDB sends them, and everything after that is the product's own code; the calls are counted. Each size runs in a
process of its own, so that its highest memory is its own.
"""

import concurrent.futures
import multiprocessing
import pathlib
import time
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock

import msgspec

from benchmarks import bank_files
from chalicelib.attempts import items, watching
from chalicelib.attempts.model import Admission, Attempt, Cause, Listed, Status
from chalicelib.exams import service as exams
from chalicelib.exams import store as exam_store
from chalicelib.exams.questions import LETTERS, Bank, Section, SectionType
from chalicelib.results import service as results
from chalicelib.shared.table import item_from_wire, to_wire
from chalicelib.statistics import service, store
from tests.unit.attempts import T0, attempt
from tests.unit.exams import exam

SIZES = (100, 1_000, 10_000)
QUESTIONS, IN_BANK = 100, 400
LIMIT_MB = 512  # of widgets_command_exam
Wire = dict[str, Any]


def main() -> None:
    """Print the table."""
    print(
        "| candidates | processor time | a candidate | highest memory | reads of attempts | JSON | xlsx |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn, max_tasks_per_child=1) as pool:
        for size in SIZES:
            taken, peak, reads, plain, book = pool.submit(measured, size).result()
            print(
                f"| {size:,} | {taken:.1f} s | {taken / size * 1000:.1f} ms "
                f"| {peak:.0f} MB ({peak / LIMIT_MB:.0%}) | {reads} "
                f"| {plain / 1e6:.2f} MB | {book / 1e6:.2f} MB |"
            )


def measured(size: int) -> tuple[float, float, int, int, int]:
    """Processor seconds, highest memory in MB, calls that read attempts, bytes of JSON and of xlsx."""
    section = Section("s", "单选题", SectionType.SINGLE, QUESTIONS, 1)
    bank = Bank((section,), tuple(bank_files.some_questions(IN_BANK)))
    published = exam(sections=(section,))
    reads, written = 0, [0, 0]

    def look_up(*, attempt_ids: Iterable[str]) -> Iterator[Attempt]:
        nonlocal reads
        reads += 1
        for attempt_id in attempt_ids:
            wire = stored(int(attempt_id.removeprefix("at_")))
            yield items.from_item(item_from_wire(wire))

    def write(found: Any, workbook: bytes, _: str) -> None:
        written[:] = [len(msgspec.json.encode(found)), len(workbook)]

    rows = [
        Listed(f"at_{number}", submitted_at=T0, cause=Cause.CANDIDATE, started_at=T0)
        for number in range(size)
    ]
    with (
        mock.patch.object(exams, "get_bank", lambda exam_id: (published, bank)),
        mock.patch.object(exam_store, "load_bank", lambda *_: bank),
        mock.patch.object(watching, "list_attempts", lambda exam_id: rows),
        mock.patch.object(watching, "look_up_attempts", look_up),
        mock.patch.object(results, "valid_of", lambda attempts: {}),
        mock.patch.object(service.rounds, "next_round_id", lambda _: ""),
        mock.patch.object(store, "write", write),
    ):
        began = time.process_time()
        service.compute_statistics(exam_id=published.exam_id, now=published.ends_at + 1)
        taken = time.process_time() - began
    status = pathlib.Path("/proc/self/status").read_text("utf-8")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return taken, peak, reads, written[0], written[1]


def stored(number: int, **fields: Any) -> Wire:
    """A submitted attempt as DynamoDB sends it, with fields replaced. Making it takes a small part of the time."""
    places = range(1, QUESTIONS + 1)
    answers = {str(place): LETTERS[(number * place + place) % 4] for place in places}
    values: dict[str, Any] = {
        "attempt_id": f"at_{number}",
        "account_id": f"ac_{number}",
        "paper_seed": f"seed-{number}",
        "question_count": QUESTIONS,
        "answers": answers,
        "status": Status.SUBMITTED,
        "page": 1,
        "admission": Admission("r", "v", T0, T0),
        "started_at": T0,
        "submitted_at": T0,
        "cause": Cause.CANDIDATE,
        "seconds": tuple((number + place) % 60 for place in places),
    }
    sat = attempt(**{**values, **fields})
    return {name: to_wire(value) for name, value in items.to_item(sat).items()}


if __name__ == "__main__":
    main()
