"""Starts and stops the AWS emulator, a child process that listens on loopback.

It saves its state when it is stopped. A journal of its tables (`journaled_ministack.py`) keeps them when it is killed.
"""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from infra.local import ports
from infra.local.errors import LaunchError

REGION = "ap-east-1"
# The emulator gets the same credentials, because it only accepts presigned links of a key that it knows.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
JOURNALED = Path(__file__).with_name("journaled_ministack.py")
READY_WITHIN_S = 60
ANSWERS_WITHIN_S = 15
SAVED_WITHIN_S = 20


class Emulator:
    """One emulator process and its address."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port
        self.pid = process.pid
        self.url = f"http://127.0.0.1:{port}"
        self.killed_after: float | None = (
            None  # see `saved_at`; None unless the emulator of the last run was killed
        )

    def alive(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process with SIGTERM, so that it writes its state to disk. Kill it when that takes too long."""
        self._process.terminate()
        try:
            self._process.wait(SAVED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def save(self) -> None:
        """Make the emulator write its whole state to disk now. The journal has all later writes."""
        request = urllib.request.Request(self.url + "/_journal/snapshot", method="POST")
        with urllib.request.urlopen(request, timeout=SAVED_WITHIN_S):
            pass

    def get_json(self, path: str) -> Any:
        """Return the content of one of the emulator's own pages, such as the sent text messages."""
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return json.load(answer)


def start(program: Path, var: Path, preferred_port: int) -> Emulator:
    """Start the emulator with its state under `var` and wait until it answers. Raises `LaunchError`."""
    if not program.exists():
        raise LaunchError(
            f"The emulator is not installed ({program} is missing): run `make setup`."
        )
    port = preferred_port if ports.is_free(preferred_port) else ports.free_port()
    with (var / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [str(program.with_name("python")), str(JOURNALED)],
            env=_environment(var, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C must not reach it: the launcher stops it last
        )
    emulator = Emulator(process, port)
    try:
        _wait_until_ready(emulator, var)
    except BaseException:
        emulator.stop()
        raise
    return emulator


def saved_at(var: Path) -> float | None:
    """Return when the state on disk was saved (seconds since 1970), None without a saved state."""
    tables = var / "emulator" / "dynamodb.json"
    return tables.stat().st_mtime if tables.exists() else None


def stop_orphan(pid: int, port: int) -> bool:
    """End the emulator of a killed launcher so that it saves its state.

    Returns False when it does not run or does not answer. Raises `LaunchError` when it does not stop.
    """
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while not _answers(port):  # a busy machine may need more than one try
        if not _is_emulator(pid) or time.monotonic() > deadline:
            return False
    if not _is_emulator(pid):
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + SAVED_WITHIN_S
    while _is_emulator(pid):
        if time.monotonic() > deadline:
            raise LaunchError(f"An emulator of an earlier run (process {pid}) does not stop.")
        time.sleep(0.1)
    return True


def _environment(var: Path, port: int) -> dict[str, str]:
    state = {
        "BIND_HOST": "127.0.0.1",  # it would listen on every address otherwise
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(var / "emulator"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(var / "buckets"),
        "LOG_LEVEL": "WARNING",
    }
    inherited = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/")}
    return {**inherited, **CREDENTIALS, **state}


def _wait_until_ready(emulator: Emulator, var: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not (emulator.alive() and _answers(emulator.port)):
        if not emulator.alive() or time.monotonic() > deadline:
            raise LaunchError(f"The emulator did not start; its log is {var / 'emulator.log'}.")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    return ports.answers(f"http://127.0.0.1:{port}/_ministack/ready")


def _is_emulator(pid: int) -> bool:
    """Return whether the process of this id is an emulator. The system may have given the id to another process."""
    command = ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "ministack" in shown and not shown.startswith("Z")
