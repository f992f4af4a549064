"""Measure how many answers the embedded cloud saves in a second, and what a save costs in each of its processes.

    python -m benchmarks.saves [--clients 50] [--seconds 15] [--rounds 3] [--before FOLDER]

It starts an embedded cloud of its own and lets candidates enter an exam. Then each saves one answer after another
without a pause. With `--before` a second one runs from another checkout, and the two are measured in turn. Processor
time is read from the operating system, so that other work on the machine disturbs it little. Times and saves a second
need a quiet machine.
"""

import argparse
import http.client
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from scripts import kill_test
from scripts.kill_test import PROJECT, QUESTIONS, Candidate, Cloud, Progress

SEED = 5
PARTS = ("front", "emulator", "functions", "faces")
ROW = "| {:<8} | {:>7} | {:>9} | {:>9} | {:>6} | {:>8} | {:>9} | {:>6} | {:>6} |"


class Client:
    """One candidate who saves answers over a connection that stays open."""

    def __init__(self, person: Candidate, port: int) -> None:
        session = "; ".join(f"{c.name}={c.value}" for c in person.day.browser.http.cookies.jar)
        self._headers = {
            "Content-Type": "application/json",
            "Cookie": session,
            "Page-Token": person.day.browser.http.headers["Page-Token"],
        }
        self._path = f"/api{person.day.path}/answers"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._saved = 0

    def save_until(self, end: float) -> list[float]:
        """Save answers until `end` (by `time.monotonic`); returns the seconds that each save took."""
        times = []
        while (began := time.monotonic()) < end:
            self._save()
            times.append(time.monotonic() - began)
        return times

    def _save(self) -> None:
        place = self._saved + 1
        question, letter = self._saved % len(QUESTIONS) + 1, "ABCD"[place % 4]
        body = {"first": place, "last": place, "answers": {str(question): letter}}
        self._connection.request("PUT", self._path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200 or json.loads(content)["acked_seq"] != place:
            raise RuntimeError(f"PUT {self._path} → {answer.status} {content[:300]!r}")
        self._saved = place


@dataclass
class Figures:
    """What was measured of one embedded cloud."""

    seconds: float = 0
    times: list[float] = field(default_factory=list)
    cpu_s: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> str:
        """Return the figures as a line of a table: times and processor time in ms."""
        saves = len(self.times)
        cuts = statistics.quantiles(self.times, n=100)
        ms = [f"{self.cpu_s[part] / saves * 1000:.1f}" for part in PARTS]
        whole = f"{sum(self.cpu_s.values()) / saves * 1000:.1f}"
        times = f"{cuts[49] * 1000:.0f}", f"{cuts[98] * 1000:.0f}"
        return ROW.format(name, f"{saves / self.seconds:.0f}", *times, *ms, whole)


class Loaded:
    """An embedded cloud with candidates who have started their exam."""

    def __init__(self, name: str, project: Path, var: Path) -> None:
        self.name = name
        self.figures = Figures()
        self._cloud = Cloud(var, project)
        self._clients: list[Client] = []

    def admit(self, count: int) -> list[Candidate]:
        """Start it, let so many candidates enter and start an exam, and stop it. Returns the candidates."""
        self._cloud.start()
        people = kill_test.let_in(self._cloud.address, "saves", count, SEED, Progress())
        kill_test.start(people)
        self._cloud.stop()
        return people

    def begin(self, people: list[Candidate]) -> None:
        """Start it again, or on a copy of the state of another one, for candidates who are in the exam."""
        self._cloud.start()
        self._clients = [Client(person, self._cloud.port) for person in people]

    def measure(self, seconds: float) -> None:
        """Let all clients save for so many seconds and add the figures."""
        before, began = processor_time(self._cloud), time.monotonic()
        with ThreadPoolExecutor(len(self._clients)) as pool:
            rounds = pool.map(lambda client: client.save_until(began + seconds), self._clients)
            self.figures.times += [one for times in rounds for one in times]
        self.figures.seconds += time.monotonic() - began
        self.figures.cpu_s += processor_time(self._cloud) - before

    def end(self) -> None:
        """Stop it."""
        self._cloud.stop()


def processor_time(cloud: Cloud) -> Counter[str]:
    """Return the processor time (seconds) of each part of an embedded cloud so far, by the names of `PARTS`."""
    launcher = psutil.Process(cloud.pid)
    note = json.loads((cloud.var / "running.json").read_text())
    used: Counter[str] = Counter(front=_seconds(launcher))
    for child in launcher.children(recursive=True):
        if child.pid == note["emulator_pid"]:
            used["emulator"] += _seconds(child)
        else:
            used["faces" if _judges_faces(child) else "functions"] += _seconds(child)
    return used


def _judges_faces(process: psutil.Process) -> bool:
    """Whether a process of a function has loaded the networks. Where nobody can see it (macOS), none has."""
    maps: Any = getattr(process, "memory_maps", list)
    return any("onnxruntime" in mapped.path for mapped in maps())


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Saves of the embedded cloud.")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", type=Path, help="another checkout, measured in turn")
    given = parser.parse_args()
    threading.stack_size(256 * 1024)
    with tempfile.TemporaryDirectory() as folder:
        projects = {"before": given.before, "now": PROJECT}
        clouds = [
            Loaded(name, project.resolve(), Path(folder) / name)
            for name, project in projects.items()
            if project
        ]
        try:
            people = clouds[0].admit(given.clients)  # newer code reads the state of older code
            for cloud in clouds[1:]:
                shutil.copytree(Path(folder) / clouds[0].name, Path(folder) / cloud.name)
            for cloud in clouds:
                cloud.begin(people)
            for _ in range(given.rounds):
                for cloud in clouds:
                    cloud.measure(given.seconds)
        finally:
            for cloud in clouds:
                cloud.end()
    print(ROW.format("cloud", "saves/s", "p50, ms", "p99, ms", *PARTS, "CPU ms"))
    print("|---|" + "---:|" * 8)
    for cloud in clouds:
        print(cloud.figures.row(cloud.name))


if __name__ == "__main__":
    main()
