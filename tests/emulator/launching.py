"""Start the real launcher as a process of its own, for tests over HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from infra.local.ports import free_port

PROJECT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90


def emulator_program() -> Path:
    """The emulator: installed by `make setup`, or named by KAOCHANG_EMULATOR."""
    named = os.environ.get("KAOCHANG_EMULATOR")
    return Path(named) if named else PROJECT / ".venv-cloud" / "bin" / "ministack"


class Launched:
    """A running embedded cloud."""

    def __init__(self, var: Path, project: Path = PROJECT, *, seed: bool = True) -> None:
        self.var = var
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", "infra.local", "--port", str(self.port)]
        self._command += ["--var", str(var), "--project", str(project)]
        self._command += ["--emulator", str(emulator_program())]
        self._command += [] if seed else ["--no-seed"]
        self.log_file = var.with_suffix(".log")
        self.http = httpx.Client(base_url=self.address, timeout=300, trust_env=False)
        self.process = self._start()
        self._wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log_file.open("wb") as log:
            return subprocess.Popen(
                self._command, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT
            )

    def _wait(self) -> None:
        patience = time.monotonic() + READY_WITHIN_S
        while "Ctrl-C" not in self.log():
            if self.process.poll() is not None or time.monotonic() > patience:
                self.kill()
                raise AssertionError(f"the launcher did not start:\n{self.log()}")
            time.sleep(0.05)

    def log(self) -> str:
        """What it has printed."""
        return self.log_file.read_text("utf-8")

    def local(self, path: str, body: Any = None) -> Any:
        """The launcher's own API: GET, or POST when there is a body. Fails unless it answers 2xx."""
        method = "GET" if body is None else "POST"
        answer = self.http.request(method, f"/_local/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def note(self, pk: str) -> Any:
        """What a handler of the stand-in noted, once it has: events need a moment."""
        patience = time.monotonic() + 15
        escaped = pk.replace("#", "%23").replace("/", "%2F")
        while time.monotonic() < patience:
            content = self.http.get(f"/api/notes/{escaped}").json()["content"]
            if content:
                return json.loads(content)
            time.sleep(0.05)
        raise AssertionError(f"nothing was noted under {pk}:\n{self.log()}")

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(40)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9 (nothing happens when it has ended)."""
        self.process.kill()
        self.process.wait()
        self.http.close()
