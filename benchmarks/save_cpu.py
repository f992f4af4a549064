"""Measure the processor time of a whole save, now and by boto3: in a warm function and as the first call of a process.

    python -m benchmarks.save_cpu

A process on loopback answers as DynamoDB and Secrets Manager do, without TLS, so only our own work is counted. The two
ways run in turn; the median of the pairwise ratios counts. The last line is a JSON object with `save_cpu_ratio`, and
with `save_cpu_moodle`: the save over the 22 ms that Moodle's autosave takes where a loop of 10⁷ steps takes 0.9 s.
"""

import contextlib
import functools
import io
import json
import multiprocessing
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks import measure  # noqa: E402

ROUNDS, IN_A_ROW = 15, 100
MOODLE_MS, MOODLE_LOOP_S, LOOP = 22, 0.9, 10_000_000
ROW = "| {:<48} | {:>9} | {:>9} | {:>6} |"


Figures = tuple[float, float, float]
"""Median ms now, median ms by boto3, median of the pairwise ratios."""


def main() -> None:
    """Print the table and the JSON object."""
    from tests import environment

    environment.set_environment()
    with answering(_answers()) as url:
        os.environ["AWS_ENDPOINT_URL"] = url
        rows = {
            "one `UpdateItem` that returns the whole attempt": warm(_update),
            "a save": warm(_save),
            "a save that gives a ticket for a frame": warm(_save, _moment_of_a_ticket()),
            "a new process, from its start to its first save": cold(),
        }
    print(ROW.format("processor time, ms", "now", "by boto3", "ratio"))
    print("|---|---:|---:|---:|")
    for what, (now, before, ratio) in rows.items():
        print(ROW.format(what, f"{now:.2f}", f"{before:.2f}", f"{ratio:.2f}×"))
    now, _, ratio = rows["a save"]
    loop = loop_s()
    print(f"\nA loop that adds {LOOP:,} numbers takes {loop:.2f} s here.")
    moodle = per_moodle(now, loop)
    print(json.dumps({"save_cpu_ratio": round(ratio, 3), "save_cpu_moodle": round(moodle, 4)}))


def whole_save() -> Figures:
    """Measure a save of a warm function alone, both ways."""
    with answering(_answers()) as url, mock.patch.dict(os.environ, AWS_ENDPOINT_URL=url):
        return warm(_save)


def per_moodle(save_ms: float, loop_s: float) -> float:
    """Return a save over Moodle's autosave, each over the loop of its machine."""
    return save_ms / loop_s * MOODLE_LOOP_S / MOODLE_MS


def loop_s() -> float:
    """Measure the loop by which machines are compared, in seconds."""
    began, total = time.process_time(), 0
    for number in range(LOOP):
        total += number
    return time.process_time() - began


def _figures(pairs: list[tuple[float, float]]) -> Figures:
    now, before = zip(*pairs, strict=True)
    ratios = [one / other for one, other in pairs]
    return statistics.median(now), statistics.median(before), statistics.median(ratios)


def warm(what: Callable[[], Any], after_ms: int = 0) -> Figures:
    """Measure calls of this process, many in a row each way. `after_ms`: how long after the exam's first second."""
    from benchmarks import by_boto3

    def took_ms() -> float:
        began = time.process_time()
        for _ in range(IN_A_ROW):
            what()
        return (time.process_time() - began) / IN_A_ROW * 1000

    pairs = []
    with _in_the_exam(after_ms):
        for _ in range(ROUNDS + 1):
            now = took_ms()
            with by_boto3.calling():
                pairs.append((now, took_ms()))
    return _figures(pairs[1:])


def cold() -> Figures:
    """Measure a new interpreter that imports the API, reads the secret and saves once."""
    began_at = _began_at()
    arguments = json.dumps(_event()), str(began_at + 1000 - time.time_ns() // 1_000_000)

    def took_ms(way: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "benchmarks.by_boto3", way, *arguments]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000

    pairs = [(took_ms("now"), took_ms("boto3")) for _ in range(ROUNDS + 1)]
    return _figures(pairs[1:])


# --- what is called -------------------------------------------------------------------------------------


def _began_at() -> int:
    from tests.unit.attempts import T0

    return int(T0)


@functools.cache
def _event() -> dict[str, Any]:
    """Return what API Gateway sends for a save of two answers."""
    from chalicelib.accounts import sessions
    from chalicelib.attempts import service

    cookie = sessions.cookie("ac_1", 1, _began_at()).split(";")[0]
    token = f"1.{service._page_hash('at_1', 'ac_1', 1)}"
    body = {"first": 1, "last": 2, "answers": {"1": "A", "2": "BC"}}
    return measure.api_event("PUT", "answers", body, cookie, token)


@contextlib.contextmanager
def _in_the_exam(after_ms: int) -> Iterator[None]:
    """Let the product's clock stand so long after the exam's first second, and its log go nowhere."""
    now = _began_at() + 1000 + after_ms
    with (
        mock.patch("chalicelib.shared.clock.now_ms", lambda: now),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        yield


def _save() -> dict[str, Any]:
    """Save two answers; returns the body of the response."""
    from chalicelib.handlers.api import app

    answer: dict[str, Any] = app(_event(), None)
    assert answer["statusCode"] == 200, answer
    return dict(json.loads(answer["body"]))


def _moment_of_a_ticket() -> int:
    """Return when a save first gives a ticket (ms after the exam's first second)."""
    for after_ms in range(0, 3_600_000, 1000):
        with _in_the_exam(after_ms):
            if _save()["snapshots"]:
                return after_ms
    raise AssertionError("no frame is ever due")


def _update() -> None:
    from chalicelib.shared import table

    key = {"attempt_id": "at_1", "sk": "ATTEMPT"}
    condition = table.If().equals("status", "started").below("acked_seq", 2)
    table.update("attempts", key, condition, sets={"answers.1": "A", "answers.2": "BC"})


# --- who answers ----------------------------------------------------------------------------------------


def _answers() -> dict[str, bytes]:
    """Return whole HTTP answers by operation: an attempt of 100 questions, and the secret."""
    from tests.both_ways import in_json
    from tests.unit.attempts import started

    told = {
        "UpdateItem": {"Attributes": in_json(measure.item_of(started(_began_at())))},
        "GetSecretValue": {"SecretString": "secret of the benchmark"},
    }
    return {operation: _http(json.dumps(answer).encode()) for operation, answer in told.items()}


def _http(body: bytes) -> bytes:
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": len(body),
        "Connection": "keep-alive",
        "x-amzn-RequestId": "B" * 52,
        "x-amz-crc32": zlib.crc32(body),
        "Date": "Fri, 15 Jan 2027 08:00:00 GMT",
        "Server": "Server",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body


@contextlib.contextmanager
def answering(answers: dict[str, bytes]) -> Iterator[str]:
    """Run a process that answers so; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(listener, answers), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        process.kill()
        process.join()
        listener.close()


def _serve(listener: socket.socket, answers: dict[str, bytes]) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_answer, args=(connection, answers), daemon=True).start()


def _answer(connection: socket.socket, answers: dict[str, bytes]) -> None:
    """Answer the requests of one connection, one after another."""
    with connection, connection.makefile("rb") as stream:
        while stream.readline():
            headers = {}
            while line := stream.readline().strip():
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            stream.read(int(headers["content-length"]))
            connection.sendall(answers[headers["x-amz-target"].rpartition(".")[2]])


if __name__ == "__main__":
    main()
