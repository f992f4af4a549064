"""Kill the embedded cloud while candidates write, start it again, and check that no acknowledged answer is lost.

    python -m scripts.kill_test --candidates 50 --kills 6 --seed 1

Everything goes over HTTP to a launcher of its own. Each candidate acts like the page: it sends what is not
acknowledged again and again. Every second kill ends the emulator too. At the end the clock passes the deadline,
and each graded paper is compared with the answers that its candidate got. Exit code 1 when anything differs.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from examples.demo import Day
from examples.demo_browser import Browser, DemoFailed
from infra.local.ports import free_port

PROJECT = Path(__file__).parent.parent
QUESTIONS = range(1, 21)
READY_WITHIN_S = 90
TRIES = 3  # of a step of the check-in: a busy machine may end a function at its time limit
ANSWERED_WITHIN_S = 120  # of the longest outage: two starts of the launcher
HOUR_MS = 3_600_000


class Cloud:
    """A launcher in its own process, which can be killed and started again."""

    def __init__(self, var: Path, project: Path = PROJECT) -> None:
        self.var = var
        self._project = project
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it and wait until it answers; returns the seconds that it took."""
        began = time.monotonic()
        command = [sys.executable, "-m", "infra.local", "--port", str(self.port), "--no-seed"]
        with self.var.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--var", str(self.var)],
                cwd=self._project,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while time.monotonic() < began + READY_WITHIN_S:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/api/exams", timeout=5).is_success:
                    return time.monotonic() - began
            time.sleep(0.1)
        raise RuntimeError(f"The embedded cloud did not start: see {self.var.with_suffix('.log')}")

    @property
    def pid(self) -> int:
        """The process of the launcher. All others are its children."""
        assert self._process is not None
        return self._process.pid

    def kill(self, *, emulator: bool) -> None:
        """Send SIGKILL to the launcher with its functions, and its emulator if wanted."""
        assert self._process is not None
        note = json.loads((self.var / "running.json").read_text())
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if emulator:
            os.kill(note["emulator_pid"], signal.SIGKILL)

    def stop(self) -> None:
        """Stop the launcher with SIGINT and wait for its end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)


@dataclass
class Progress:
    """The number of acknowledged answers of all candidates. Kills come at random values of it."""

    acknowledged: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        """Count one more acknowledged answer or absence."""
        with self.lock:
            self.acknowledged += 1


class Candidate:
    """One candidate, with everything that the server has acknowledged."""

    cause = "deadline"  # what submits the paper

    def __init__(
        self,
        address: str,
        exam_id: str,
        number: int,
        seed: int,
        progress: Progress,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        browser = Browser(address, transport)
        browser.http.headers["X-Local-Source-Ip"] = f"198.18.{number >> 8}.{number & 255}"
        self.day = Day(browser, seed * 1000 + number)
        self.day.exam_id = exam_id
        self.random = random.Random(f"{seed}/{number}")  # noqa: S311 (a plan, not a secret)
        self.progress = progress
        self.answers: dict[str, str] = {}
        self.switches = 0
        self.retries = 0

    def enter(self) -> None:
        """Do all steps from the registration to the waiting room. A step that failed is done again, as people do."""
        for step in self._entering():
            self._do(step)

    def _do(self, step: Callable[[], str]) -> None:
        for left in reversed(range(TRIES)):
            try:
                step()
            except (DemoFailed, httpx.HTTPError):
                if not left:
                    raise
                self.retries += 1
            else:
                return

    def _entering(self) -> tuple[Callable[[], str], ...]:
        day = self.day
        enrolling = (day.register, day.fill_in_identity, day.upload_id_photo, day.open_attempt)
        checking = (day.check_in, lambda: day.verify("frame_a.jpg", "passed"))
        return (*enrolling, *checking, day.enter_waiting_room)

    def write(self, rounds: int) -> None:
        """Answer all questions some times over, and leave the page once."""
        leave_at = self.random.randrange(rounds * len(QUESTIONS))
        changes = itertools.product(range(rounds), QUESTIONS)
        for place, (_, question) in enumerate(changes, start=1):
            letters = self.random.choice("ABCD")
            self.save(place, question, letters)
            if place == leave_at + 1:
                absence = {"absence_seq": 1, "kind": "hidden", "away_ms": 2000}
                answer = self.insist("POST", "/absences", {"absences": [absence]})
                self.switches = answer["switches"]

    def save(self, place: int, question: int, letters: str) -> Any:
        """Save one answer as the `place`-th of all, and note it once it is acknowledged. Returns what was answered."""
        batch = {"first": place, "last": place, "answers": {str(question): letters}}
        answer = self.insist("PUT", "/answers", batch)
        self.answers[str(question)] = letters
        return answer

    def insist(self, method: str, path: str, body: Any) -> Any:
        """Send a request until it is acknowledged, as the page does. Returns what was answered."""
        until = time.monotonic() + ANSWERED_WITHIN_S
        url = f"/api{self.day.path}{path}"
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                answer = self.day.browser.http.request(method, url, json=body, timeout=10)
                if answer.is_success:
                    self.progress.count()
                    return answer.json()
                if answer.status_code < 500:
                    raise RuntimeError(f"{method} {path} → {answer.text[:300]}")
            self.retries += 1
            time.sleep(0.2)
        raise RuntimeError(f"{method} {path} was not answered within {ANSWERED_WITHIN_S} s")

    def differences(self) -> list[str]:
        """Return where the graded paper and the attempt differ from what was acknowledged."""
        browser, path = self.day.browser, self.day.path
        result, attempt = browser.call("GET", f"{path}/result"), browser.call("GET", path)
        wrong = [
            f"question {question}: {letters} was acknowledged, {result['receipt'].get(question)} graded"
            for question, letters in self.answers.items()
            if result["receipt"].get(question) != letters
        ]
        if attempt["switches"] != self.switches:
            wrong.append(
                f"{self.switches} switches were acknowledged, {attempt['switches']} are stored"
            )
        if result["cause"] != self.cause:
            wrong.append(f"submitted by {result['cause']}")
        return wrong


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    candidates: int
    kills: int
    acknowledged: int
    retries: int
    starts_s: tuple[float, ...]
    differences: tuple[str, ...]


def run(var: Path, *, candidates: int, kills: int, rounds: int, seed: int) -> Outcome:
    """Play the exam with kills at seeded moments. Raises `RuntimeError` when it cannot continue."""
    cloud = Cloud(var)
    cloud.start()
    try:
        return _exam(cloud, candidates, kills, rounds, seed)
    finally:
        cloud.stop()


def _exam(cloud: Cloud, candidates: int, kills: int, rounds: int, seed: int) -> Outcome:
    told, chance = Progress(), random.Random(seed)  # noqa: S311
    exam_id = f"kill-test-{seed}"
    people = let_in(cloud.address, exam_id, candidates, seed, told)
    start(people)

    total = candidates * (rounds * len(QUESTIONS) + 1)
    places = sorted(chance.sample(range(1, total), kills))
    starts: list[float] = []
    with ThreadPoolExecutor(candidates) as pool:
        writing = [pool.submit(person.write, rounds) for person in people]
        for number, place in enumerate(places):
            while told.acknowledged < place and not all(work.done() for work in writing):
                time.sleep(0.01)
            cloud.kill(emulator=number % 2 == 0)
            starts.append(cloud.start())
        for work in writing:
            work.result()
    past_the_end = {"advance_ms": HOUR_MS + 60_000, "most_minutes": 0}
    people[0].day.browser.local("POST", "/clock", past_the_end)
    wrong = [
        f"{person.day.phone[-4:]}: {what}" for person in people for what in person.differences()
    ]
    retries = sum(person.retries for person in people)
    return Outcome(candidates, kills, told.acknowledged, retries, tuple(starts), tuple(wrong))


def let_in(address: str, exam_id: str, count: int, seed: int, told: Progress) -> list[Candidate]:
    """Publish the example exam and let so many candidates enter its waiting room, four at a time."""
    body = {"pack": "agency-practitioners", "exam_id": exam_id, "starts_in_min": 40}
    Browser(address).local("POST", "/exams", body)
    people = [Candidate(address, exam_id, n, seed, told) for n in range(1, count + 1)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Candidate.enter, people))
    return people


def start(people: list[Candidate]) -> None:
    """Move the clock to the start for the first of them, and let all start, four at a time."""
    people[0].day.start_at_the_bell()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda person: person.day.start_at_the_bell(), people[1:]))


def main() -> int:
    """Run the test and print its result."""
    parser = argparse.ArgumentParser(description="Kill the embedded cloud while candidates write.")
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5, help="how often each answer is changed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder) / "var", **vars(given))
    starts = ", ".join(f"{seconds:.1f}" for seconds in outcome.starts_s)
    print(f"candidates            {outcome.candidates}")
    print(f"kills                 {outcome.kills} (every other one with the emulator)")
    print(f"started again within  {starts} s")
    print(
        f"acknowledged          {outcome.acknowledged} answers and absences, {outcome.retries} retries"
    )
    print(f"differences           {len(outcome.differences)}")
    for difference in outcome.differences[:20]:
        print(f"  {difference}")
    return 1 if outcome.differences else 0


if __name__ == "__main__":
    sys.exit(main())
