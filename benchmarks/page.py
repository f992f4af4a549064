"""Measure what the candidates' page takes in the exam: processor time of Chromium, and memory over an hour.

    python -m benchmarks.page [--seconds 20] [--rounds 5] [--minutes 60] [--before FOLDER]

Each page sits in a Chromium of its own with a fake camera, before an embedded cloud of its own, and nobody touches it.
Beside the built page of this checkout stand a bare page that only shows the same camera, as small, and with `--before`
the built page of another checkout. All are measured in the same seconds, so that other work on the machine disturbs
them alike; the median of the rounds counts. For the memory the timers run as fast as the camera has pictures.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, Page, Playwright, Route, sync_playwright

from benchmarks.page_sitter import IN_THE_EXAM, enter
from tests.emulator.launching import PROJECT, Launched
from tests.web import steps
from tests.web.browsing import Camera, OwnChromium
from tests.web.cloud import MINUTE_MS, Cloud

SITTER = Path(__file__).with_name("page_sitter.py")
KINDS = ("video capture", "page", "GPU process", "others")
ROW = "| {:<30} |" + " {:>13} |" * 5
BARE = "http://localhost/bare"
BARE_PAGE = """<!doctype html>
<video autoplay muted playsinline style="width: 9.5rem; transform: scaleX(-1)"></video>
<script>
  const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 } };
  navigator.mediaDevices.getUserMedia({ video }).then((media) => {
    document.querySelector("video").srcObject = media;
  });
</script>"""
SETTLE_S = 10  # after the entry: scripts are compiled, the detector is given back
WARM_UP_MIN = 2  # the ring of frames fills once
EVERY_MIN = 10


def main() -> None:
    """Measure, and print two tables and a JSON object."""
    parser = argparse.ArgumentParser(description="The page in the exam.")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=int, default=60, help="0: no memory")
    parser.add_argument("--before", type=Path, help="another checkout with a built page")
    given = parser.parse_args()
    checkouts = {"the page before": given.before, "the page": PROJECT}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        cpu = processor_time(playwright, place, checkouts, given.seconds, given.rounds)
        memory = memory_of_an_hour(playwright, place, given.minutes) if given.minutes else []
    print(json.dumps({"cpu": cpu, "memory": memory}))


# --- processor time ---------------------------------------------------------------------------------------


def processor_time(
    playwright: Playwright,
    folder: Path,
    checkouts: dict[str, Path | None],
    seconds: float,
    rounds: int,
) -> dict[str, dict[str, float]]:
    """Print and return, by page and kind of process, the median parts of one core in per cent."""
    with contextlib.ExitStack() as opened:
        pages = {"a bare page with the camera": bare(playwright, folder / "bare", opened)}
        for name, checkout in checkouts.items():
            if checkout:
                place = folder / name.replace(" ", "-")
                pages[name] = sitting(playwright, place, checkout.resolve(), opened)
        time.sleep(SETTLE_S)
        found: dict[str, list[Counter[str]]] = {name: [] for name in pages}
        for _ in range(rounds):
            before = {name: used(chromium) for name, chromium in pages.items()}
            began = time.monotonic()
            time.sleep(seconds)
            took = time.monotonic() - began
            for name, chromium in pages.items():
                spent = used(chromium) - before[name]
                found[name].append(Counter({kind: spent[kind] / took * 100 for kind in KINDS}))
    print(ROW.format("per cent of one core", *KINDS, "together"))
    print("|---|" + "---:|" * 5)
    medians = {}
    for name, parts in found.items():
        row = {kind: statistics.median(part[kind] for part in parts) for kind in KINDS}
        row["together"] = statistics.median(sum(part.values()) for part in parts)
        medians[name] = {kind: round(value, 2) for kind, value in row.items()}
        print(ROW.format(name, *(f"{value:.1f}" for value in row.values())))
    return medians


def bare(playwright: Playwright, folder: Path, opened: contextlib.ExitStack) -> OwnChromium:
    """Return a Chromium that shows the camera and does nothing else."""
    chromium = chromium_with_camera(playwright, folder, opened)
    page = chromium.start().new_page()
    page.route(BARE, _answer)
    page.goto(BARE)
    return chromium


def _answer(route: Route) -> None:
    route.fulfill(body=BARE_PAGE, content_type="text/html")


def sitting(
    playwright: Playwright, folder: Path, checkout: Path, opened: contextlib.ExitStack
) -> OwnChromium:
    """Return a Chromium in which the built page of a checkout is in the exam, by its own steps and its own cloud."""
    chromium = chromium_with_camera(playwright, folder, opened)
    command = [sys.executable, "-P", str(SITTER), chromium.launch(), str(folder / "var")]
    sitter = subprocess.Popen(
        command,
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    opened.callback(sitter.wait)
    assert sitter.stdin is not None
    assert sitter.stdout is not None
    opened.callback(sitter.stdin.close)
    if sitter.stdout.readline().strip() != IN_THE_EXAM:
        raise SystemExit(f"{checkout}: no exam was reached")
    return chromium


def chromium_with_camera(
    playwright: Playwright, folder: Path, opened: contextlib.ExitStack
) -> OwnChromium:
    """Return a Chromium that is not started yet, and ends with `opened`."""
    folder.mkdir()
    camera = Camera(folder / "film.mjpeg", PROJECT / "var/pictures")
    chromium = OwnChromium(playwright, folder / "profile", camera)
    opened.callback(chromium.kill)
    return chromium


def used(chromium: OwnChromium) -> Counter[str]:
    """Return the processor time of a Chromium so far (seconds), by the names of `KINDS`."""
    seconds: Counter[str] = Counter()
    for process in chromium.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds[kind_of(process.cmdline())] += times.user + times.system
    return seconds


def kind_of(command: list[str]) -> str:
    """Return which of `KINDS` a process of Chromium is."""
    if "--type=renderer" in command:
        return "page"
    if "--type=gpu-process" in command:
        return "GPU process"
    return "video capture" if any("video_capture" in part for part in command) else "others"


# --- memory -------------------------------------------------------------------------------------------------


def memory_of_an_hour(playwright: Playwright, folder: Path, minutes: int) -> list[dict[str, float]]:
    """Print and return what the page takes for itself, and its JavaScript heap (MB), every ten minutes of exam."""
    launched = Launched(folder / "memory", seed=False)
    found = []
    print("\n| minute of the exam | private, MB | JavaScript heap, MB |\n|---:|---:|---:|")
    try:
        with contextlib.ExitStack() as opened:
            cloud = Cloud(launched)
            chromium = chromium_with_camera(playwright, folder / "hour", opened)
            context = chromium.start()
            page = enter(context, cloud, fast=True, duration_min=minutes + 60)
            for minute in minutes_of(page, cloud, minutes):
                row = {"minute": minute, "private": chromium.private_mb()}
                row["heap"] = heap_mb(context, page)
                found.append({name: round(value, 1) for name, value in row.items()})
                print(f"| {minute} | {row['private']:.0f} | {row['heap']:.1f} |", flush=True)
    finally:
        launched.stop()
    return found


def minutes_of(page: Page, cloud: Cloud, minutes: int) -> Iterator[int]:
    """Let the exam go on; yields every ten minutes, the first time when the ring of frames is full."""
    for minute in range(1, minutes + 1):
        steps.film(page, 60)
        cloud.advance(MINUTE_MS)
        if minute == WARM_UP_MIN or minute % EVERY_MIN == 0:
            yield minute


def heap_mb(context: BrowserContext, page: Page) -> float:
    """Return the JavaScript heap of a page after a collection, in MB (2²⁰ bytes)."""
    session = context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    told = {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(told["JSHeapUsedSize"]) / 2**20


if __name__ == "__main__":
    main()
