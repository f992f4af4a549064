"""Whole exams of many candidates on this machine, with real requests, pictures and verdicts.

    python -m benchmarks.crowd [--people 1000] [--minutes 60] [--frames 2] [--processes 2] [--at-once 8]

It starts an embedded cloud of its own on loopback. Everybody registers, uploads a photo, passes the check-in, waits,
starts, saves 30 answers or changes of answers, sends a heartbeat in each half minute without one, uploads each frame
that is asked for, submits and reads the result. Clients are processes with some threads each; a request is sent again
until it is acknowledged, as the page does it. The clock is moved on as soon as all have done what is due.

What is less than on a real day: each candidate is asked for `--frames` frames an hour (the default policy: 15 to 25),
because judging one takes most of the processor time of a candidate. And of every tenth candidate each frame is watched
from its upload to its verdict.

At the end each graded paper is compared with the answers that were acknowledged. It prints how long requests took by
kind, refusals, the processor time of a candidate in each process, and one JSON object as its last line. Exit code 1
when an answer is lost.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import statistics
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from benchmarks.saves import PARTS, processor_time
from chalicelib.shared import archives
from examples.demo_browser import Browser
from infra.folders import read_folder
from infra.imports import find_bucket
from scripts.kill_test import PROJECT, QUESTIONS, Candidate, Cloud, Progress

EXAM = "crowd"
PACK = PROJECT / "examples" / "agency-practitioners"
SEED = 11
BEAT_MS, WAITING_BEAT_MS = 30_000, 60_000
WAITING_BEATS = 5  # before the start; the page sends one a minute
WAITING_MIN = 300  # the waiting room is open so long that everybody is in it in time; sessions end after 12 hours
SAVES = 30  # 20 answers, half of them changed once
WATCHED = 10  # of every tenth candidate the frames are watched until their verdict
ROW = "| {:<44} | {:>7} | {:>7} | {:>7} | {:>7} | {:>7} | {:>7} |"
FRAME = "a frame, from its upload to its verdict"
UPLOAD = "POST to the storage"


@dataclass
class Told:
    """What one client process, or all of them, have seen. Seconds by kind of request; refusals by kind and status."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    retries: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    cpu_s: float = 0

    def add(self, other: "Told") -> None:
        """Add what another process has seen."""
        for kind, seconds in other.times.items():
            self.times[kind] += seconds
        self.refusals += other.refusals
        self.acknowledged += other.acknowledged
        self.retries += other.retries
        self.verdicts += other.verdicts
        self.differences += other.differences
        self.cpu_s += other.cpu_s


def kind_of(method: str, path: str) -> str:
    """Return the kind of a request: method and route. What differs between candidates is an asterisk."""
    if not path.startswith("/api/"):
        return UPLOAD
    parts = path.removeprefix("/api").split("/")
    shown = ["*" if re.search(r"[0-9_]", part) or part == EXAM else part for part in parts]
    return f"{method} {'/'.join(shown)}"


class Timed(httpx.BaseTransport):
    """Sends the requests of all candidates of a process over connections that they share, and notes their times."""

    def __init__(self, connections: int, told: Told) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._inner = httpx.HTTPTransport(limits=limits)
        self._told = told

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and read the whole answer. The launcher's helpers are no part of the exam."""
        began = time.monotonic()
        answer = self._inner.handle_request(request)
        answer.read()
        if not request.url.path.startswith("/_local/"):
            kind = kind_of(request.method, request.url.path)
            self._told.times[kind].append(time.monotonic() - began)
            if answer.status_code >= 400:
                self._told.refusals[f"{kind} {answer.status_code}"] += 1
        return answer


def plan(number: int, beats: int) -> list[int]:
    """Return for each save of a candidate the beat in which it is made, in order; fewer when there are fewer beats."""
    dice = random.Random(f"{SEED}/{number}")  # noqa: S311 (a plan, not a secret)
    return sorted(dice.sample(range(beats), min(SAVES, beats)))


class Person(Candidate):
    """A candidate whose page does in each beat what is due."""

    cause = "candidate"

    def __init__(
        self, address: str, number: int, beats: int, told: Told, transport: httpx.BaseTransport
    ) -> None:
        super().__init__(address, EXAM, number, SEED, Progress(), transport)
        self._due = set(plan(number, beats))
        self._watched = number % WATCHED == 0
        self._told = told
        self._saved = 0
        self._sent: set[str] = set()

    def wait(self) -> None:
        """Send a heartbeat of the waiting room."""
        self.insist("POST", "/heartbeat", {})

    def begin(self) -> None:
        """Start the exam and read the paper."""
        self.insist("POST", "/start", {})
        self.day.browser.call("GET", f"{self.day.path}/paper")

    def beat(self, number: int) -> None:
        """Save an answer if one is due in this beat, else send a heartbeat; upload the frames that are asked for."""
        if number in self._due:
            self._saved += 1
            letters = self.random.choice("ABCD")
            question = QUESTIONS[(self._saved - 1) % len(QUESTIONS)]
            answer = self.save(self._saved, question, letters)
        else:
            answer = self.insist("POST", "/heartbeat", {})
        self._show(answer["snapshots"])

    def submit(self) -> None:
        """Submit, and upload what is still asked for."""
        self.insist("POST", "/submission", {})
        self._show(self.insist("POST", "/heartbeat", {})["snapshots"])

    def compare(self) -> None:
        """Read the result and compare it with what was acknowledged."""
        self._told.differences += [
            f"candidate {self.day.phone[-4:]}: {what}" for what in self.differences()
        ]
        result = self.day.browser.call("GET", f"{self.day.path}/result")
        final = "provisional" if result["provisional"] else "final"
        self._told.verdicts[f"{result['integrity']}, {final}"] += 1
        self._told.acknowledged += self.progress.acknowledged
        self._told.retries += self.retries

    def _show(self, tickets: list[dict[str, Any]]) -> None:
        for ticket in tickets:
            if ticket["snapshot_id"] not in self._sent:
                self._sent.add(ticket["snapshot_id"])
                self.day.browser.upload(ticket["upload"], "frame_a.jpg", next(self.day.moments))
                if self._watched:
                    self._watch(ticket["snapshot_id"])

    def _watch(self, snapshot_id: str) -> None:
        """Ask until the frame has its verdict, and note how long that took."""
        began = time.monotonic()
        self.day.wait_for(
            lambda: self.insist("POST", "/heartbeat", {})["snapshots"],
            lambda left: snapshot_id not in {ticket["snapshot_id"] for ticket in left},
        )
        self._told.times[FRAME].append(time.monotonic() - began)


def serve(pipe: Connection, address: str, numbers: range, beats: int, at_once: int) -> None:
    """Do each step that comes through the pipe with all candidates of this process; without one, tell and end."""
    told = Told()
    transport = Timed(at_once, told)
    people = [Person(address, number, beats, told, transport) for number in numbers]
    try:
        with ThreadPoolExecutor(at_once) as pool:
            while asked := pipe.recv():
                name, *given = asked
                list(pool.map(lambda person: getattr(person, name)(*given), people))  # noqa: B023
                pipe.send(None)
        told.cpu_s = time.process_time()
        pipe.send(told)
    except Exception:
        pipe.send(traceback.format_exc())


@contextmanager
def clients(
    address: str, people: int, beats: int, processes: int, at_once: int
) -> Iterator[list[Connection]]:
    """Share the candidates among processes and give the pipes to them. All end with the block."""
    spawning = multiprocessing.get_context("spawn")
    pipes, started = [], []
    for place in range(processes):
        ours, theirs = spawning.Pipe()
        numbers = range(place + 1, people + 1, processes)
        arguments = (theirs, address, numbers, beats, at_once)
        process = spawning.Process(target=serve, args=arguments, daemon=True)
        process.start()
        pipes.append(ours)
        started.append(process)
    try:
        yield pipes
    finally:
        for process in started:
            process.terminate()
            process.join()


def ask_all(pipes: list[Connection], *step: Any) -> list[Any]:
    """Let all processes do a step, and wait until each has done it. Raises `RuntimeError` with what failed."""
    for pipe in pipes:
        pipe.send(step)
    answers = [pipe.recv() for pipe in pipes]
    for answer in answers:
        if isinstance(answer, str):
            raise RuntimeError(answer)
    return answers


def pack(minutes: int, frames: int) -> dict[str, bytes]:
    """Return the files of the example exam with this length, so many frames an hour, and a long time of waiting."""
    files = read_folder(PACK)
    policy = f"  duration_min: {minutes}\n  snapshots_min: {frames}\n  snapshots_max: {frames}\n"
    policy += f"  waiting_opens_min: {WAITING_MIN}\n"
    files["exam.yaml"] = files["exam.yaml"].replace(b"  duration_min: 60\n", policy.encode())
    return files


def publish(address: str, minutes: int, frames: int) -> None:
    """Publish the exam. Its waiting room is open at once."""
    aws, bucket = find_bucket(address, "DropboxBucket")
    key = f"packs/{EXAM}.zip"
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=archives.pack(pack(minutes, frames)))
    launcher = Browser(address)
    starts_at = launcher.local("GET", "/clock")["now"] + (WAITING_MIN - 1) * 60_000
    event = {"pack_bucket": bucket, "pack_key": key, "exam_id": EXAM, "starts_at": starts_at}
    answer = launcher.local("POST", "/functions/publish_exam", event)
    if not answer["ok"] or not answer["result"]["ok"]:
        raise RuntimeError(f"the exam was not published: {answer}")


def go_to(launcher: Browser, moment: int, most_minutes: int = 1) -> None:
    """Move the clock forward to a moment (UTC ms), if it is not there by itself."""
    ahead = max(0, moment - int(launcher.local("GET", "/clock")["now"]))
    launcher.local("POST", "/clock", {"advance_ms": ahead, "most_minutes": most_minutes})


@dataclass
class Outcome:
    """All that was seen, and the seconds that each part of the day took."""

    told: Told = field(default_factory=Told)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure one part of the day, and say that it is over."""
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
        print(f"{name}: {self.seconds[name]:.0f} s", file=sys.stderr, flush=True)


def relive(
    address: str, *, people: int, minutes: int, frames: int, processes: int, at_once: int
) -> Outcome:
    """Let so many candidates live the exam on an embedded cloud. Raises `RuntimeError` when it cannot go on."""
    publish(address, minutes, frames)
    outcome, launcher = Outcome(), Browser(address)
    starts_at = int(launcher.call("GET", f"/exams/{EXAM}")["exam"]["starts_at"])
    beats = minutes * 60_000 // BEAT_MS - 1  # the last half minute is for the submission
    with clients(address, people, beats, processes, at_once) as pipes:
        with outcome.part("registration and check-in"):
            ask_all(pipes, "enter")
        with outcome.part("waiting"):
            for left in range(WAITING_BEATS, 0, -1):
                go_to(launcher, starts_at - left * WAITING_BEAT_MS)
                ask_all(pipes, "wait")
            go_to(launcher, starts_at)
        with outcome.part("start"):
            ask_all(pipes, "begin")
        with outcome.part("exam"):
            for number in range(beats):
                go_to(launcher, starts_at + (number + 1) * BEAT_MS)
                ask_all(pipes, "beat", number)
        with outcome.part("submission"):
            ask_all(pipes, "submit")
        with outcome.part("results"):
            ask_all(pipes, "compare")
        for told in ask_all(pipes):
            outcome.told.add(told)
    return outcome


def table(times: dict[str, list[float]]) -> list[str]:
    """Return the lines of the table of times: number, percentiles and maximum in ms, by kind of request."""
    lines = [ROW.format("request", "number", "p50", "p95", "p99", "p99.9", "most")]
    lines.append("|---|" + "---:|" * 6)
    for kind, seconds in sorted(times.items()):
        shown = [f"{ms:,.0f}" for ms in percentiles(seconds)]
        lines.append(ROW.format(kind, f"{len(seconds):,}", *shown))
    return lines


def percentiles(seconds: list[float]) -> list[float]:
    """Return p50, p95, p99, p99.9 and the maximum, in ms."""
    if len(seconds) == 1:
        return [seconds[0] * 1000] * 5
    cuts = statistics.quantiles(seconds, n=1000, method="inclusive")
    return [one * 1000 for one in (cuts[499], cuts[949], cuts[989], cuts[998], max(seconds))]


def summary(outcome: Outcome, people: int, cpu_s: Counter[str]) -> dict[str, Any]:
    """Return the figures as one JSON object."""
    told = outcome.told
    everything = [one for kind, times in told.times.items() if kind != FRAME for one in times]
    p50, p95, p99, _, most = percentiles(everything)
    each = {part: round(cpu_s[part] / people, 3) for part in (*PARTS, "clients")}
    return {
        "people": people,
        "lost": len(told.differences),
        "acknowledged": told.acknowledged,
        "retries": told.retries,
        "refusals": sum(told.refusals.values()),
        "requests": len(everything),
        "p50_ms": round(p50),
        "p95_ms": round(p95),
        "p99_ms": round(p99),
        "most_ms": round(most),
        "cpu_s_per_candidate": each,
        "wall_s": round(sum(outcome.seconds.values())),
        "verdicts": dict(told.verdicts),
    }


def main() -> int:
    """Relive the exam and print what was seen."""
    parser = argparse.ArgumentParser(description="Whole exams of many candidates on this machine.")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--minutes", type=int, default=60, help="how long the exam is")
    parser.add_argument("--frames", type=int, default=2, help="frames an hour of each candidate")
    parser.add_argument("--processes", type=int, default=2, help="of clients")
    parser.add_argument("--at-once", type=int, default=8, help="requests at once in each of them")
    given = parser.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder) / "var")
        cloud.start()
        try:
            before = processor_time(cloud)
            outcome = relive(cloud.address, **vars(given))
            cpu_s = processor_time(cloud) - before
        finally:
            cloud.stop()
    cpu_s["clients"] = outcome.told.cpu_s
    print("\n".join(table(outcome.told.times)))
    for refusal, number in sorted(outcome.told.refusals.items()):
        print(f"refused: {refusal}, {number} times")
    for part, seconds in cpu_s.items():
        print(f"processor time of a candidate, {part}: {seconds / given.people:.3f} s")
    print(f"load of the machine: {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after")
    print("\n".join(outcome.told.differences[:20]))
    print(json.dumps(summary(outcome, given.people, cpu_s)))
    return 1 if outcome.told.differences else 0


if __name__ == "__main__":
    sys.exit(main())
