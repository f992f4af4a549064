"""Measure score lists: `python -m benchmarks.score_lists`.

Exams of three sizes. Everybody is on the roster; one of ten never came, the others answered 100 questions drawn from
400. Rows of tables come in the form of the wire, as DynamoDB sends them, files lie in a folder, and everything else is
the product's own code. The calls of DynamoDB are counted. Each size runs in a process of its own, so that its highest
memory is its own; the ids of the stand-in's attempts are in it.
"""

import concurrent.futures
import io
import math
import multiprocessing
import pathlib
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Any
from unittest import mock

from benchmarks import bank_files
from benchmarks.statistics import IN_BANK, LIMIT_MB, QUESTIONS, Wire, stored
from chalicelib.attempts import store as attempt_store
from chalicelib.exams import service as exams
from chalicelib.exams import store as exam_store
from chalicelib.exams.questions import Bank, Section, SectionType
from chalicelib.identity.model import FrozenIdentity
from chalicelib.score_lists import service
from chalicelib.score_lists.model import ScoreList
from chalicelib.shared import objects, secrets, table
from chalicelib.shared.objects import Described
from chalicelib.shared.table import Item, item_from_wire, to_wire
from tests.environment import set_environment
from tests.unit.attempts import T0
from tests.unit.exams import exam

SIZES = (1_000, 10_000, 100_000)
SHARDS = 8


def main() -> None:
    """Print the table."""
    print(
        "| on the roster | processor time | a person | files of it | highest memory | calls | xlsx | CSV |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn, max_tasks_per_child=1) as pool:
        for size in SIZES:
            taken, files, peak, calls, sizes = pool.submit(measured, size).result()
            print(
                f"| {size:,} | {taken:.1f} s | {taken / size * 1000:.1f} ms | {files:.1f} s "
                f"| {peak:.0f} MB ({peak / LIMIT_MB:.0%}) | {calls:,} "
                f"| {sizes[0] / 1e6:.2f} MB | {sizes[1] / 1e6:.2f} MB |",
                flush=True,
            )


class StandIn:
    """The tables of one exam, and a folder for its files."""

    def __init__(self, size: int, folder: pathlib.Path) -> None:
        self.size, self.folder = size, folder
        self.calls: Counter[str] = Counter()
        came = (n for n in range(size) if n % 10)
        self.numbers = {attempt_store.attempt_id_of("exam", f"ac_{n}", 1): n for n in came}

    def query(self, _: str, *, hash_key: tuple[str, Any], **__: Any) -> Iterator[Item]:
        """The roster, or one part of the index of attempts; a page of 1 MB has some 2,000 such rows."""
        if hash_key[0] == "exam_id":
            self.calls["Query"] += math.ceil(self.size / 2_000)
            for n in range(self.size):
                yield {
                    "person_hash": _person(n),
                    "row": n + 2,
                    "note": "一组",
                    "file": "people.xlsx",
                }
            return
        shard = int(str(hash_key[1]).partition("#")[2])
        ids = list(self.numbers)[shard::SHARDS]
        self.calls["Query"] += max(1, math.ceil(len(ids) / 2_000))
        for attempt_id in ids:
            yield {"attempt_id": attempt_id, "submitted_at": T0 + 1, "started_at": T0}

    def get_many(self, _: str, keys: Iterable[Item]) -> Iterator[Item]:
        """The rows with these keys."""
        wanted = list(keys)
        self.calls["BatchGetItem"] += math.ceil(len(wanted) / 100)
        for key in wanted:
            found = self._row(key)
            if found is not None:
                yield item_from_wire(found)

    def _row(self, key: Item) -> Wire | None:
        if "attempt_id" in key:
            number = self.numbers.get(key["attempt_id"])
            return None if number is None else _attempt(key["attempt_id"], number)
        kind, _, name = str(key.get("pk", "")).partition("#")
        if kind == "person":
            return _wire({"pk": key["pk"], "account_id": f"ac_{name.removeprefix('person-')}"})
        if kind == "account":
            return _account(name)
        return None  # no complaints, no certificates

    def read_all(self, _: str, key: str) -> bytes:
        """A file."""
        return (self.folder / key.replace("/", "_")).read_bytes()

    def write(self, _: str, key: str, data: bytes | IO[bytes], __: str) -> None:
        """Keep a file."""
        with (self.folder / key.replace("/", "_")).open("wb") as file:
            shutil.copyfileobj(io.BytesIO(data) if isinstance(data, bytes) else data, file)

    def list_objects(self, _: str, prefix: str, **__: Any) -> list[Described]:
        """The parts whose rows are made."""
        plain = prefix.replace("/", "_")
        names = (f.name.removeprefix(plain) for f in self.folder.glob(f"{plain}*"))
        return [Described(prefix + name, "", 1, 1) for name in names]

    def sizes(self) -> tuple[int, int]:
        """Bytes of both files."""
        xlsx, plain = (next(self.folder.glob(f"*list.{kind}")) for kind in ("xlsx", "csv"))
        return xlsx.stat().st_size, plain.stat().st_size


def measured(size: int) -> tuple[float, float, float, int, tuple[int, int]]:
    """Processor seconds in all and of the files, highest memory in MB, calls of DynamoDB, bytes of xlsx and CSV."""
    set_environment()
    section = Section("s", "单选题", SectionType.SINGLE, QUESTIONS, 1)
    bank = Bank((section,), tuple(bank_files.some_questions(IN_BANK)))
    published = exam(exam_id="exam", sections=(section,), roster_version="r1")
    order = ScoreList("exam", "list-0001", "李运营", "op_1", "报送", published.ends_at + 1)
    files_took = 0.0
    write_files = service._Making._write_files

    def timed(making: Any) -> None:
        nonlocal files_took
        began = time.process_time()
        write_files(making)
        files_took = time.process_time() - began

    with tempfile.TemporaryDirectory() as folder, mock.patch.object(secrets, "_root", lambda: b"k"):
        cloud = StandIn(size, pathlib.Path(folder))
        with (
            mock.patch.object(exams, "get_exam", lambda _: published),
            mock.patch.object(exam_store, "load_bank", lambda *_: bank),
            mock.patch.object(service.store, "load_order", lambda *_: None),
            mock.patch.object(service.store, "put_order", lambda kept: kept),
            mock.patch.object(table, "update", lambda *_, **__: {}),
            mock.patch.multiple(table, query=cloud.query, get_many=cloud.get_many),
            mock.patch.multiple(
                objects,
                read_all=cloud.read_all,
                write=cloud.write,
                list_objects=cloud.list_objects,
                view_url=lambda *_, **__: "",
            ),
            mock.patch.object(service._Making, "_write_files", timed),
        ):
            began = time.process_time()
            service.make_score_list(order=order, now=order.ordered_at)
            taken = time.process_time() - began
        sizes = cloud.sizes()
    status = pathlib.Path("/proc/self/status").read_text("utf-8")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return taken, files_took, peak, cloud.calls.total(), sizes


def _person(number: int) -> str:
    return f"person-{number}"


def _attempt(attempt_id: str, number: int) -> Wire:
    who = FrozenIdentity(
        f"考生{number}",
        "resident_id",
        "110***********002X",
        _person(number),
        "agency_practitioner",
        "某招标代理有限公司",
        "ph_1",
    )
    return stored(number, attempt_id=attempt_id, exam_id="exam", identity=who)


def _account(account_id: str) -> Wire:
    number = int(account_id.removeprefix("ac_"))
    profile = {"name": f"考生{number}", "organisation": "某招标代理有限公司"}
    photo = {"photo_id": "ph_1", "key": "k", "sha256": "s", "vector": b"v" * 512}
    return _wire(
        {
            "account_id": account_id,
            "version": 3,
            "session_version": 1,
            "phone_masked": "138****8000",
            "profile": profile,
            "person_hash": _person(number),
            "id_photo": {**photo, "engine": "e", "model": "m", "at": T0},
        }
    )


def _wire(item: Item) -> Wire:
    return {name: to_wire(value) for name, value in item.items()}


if __name__ == "__main__":
    main()
