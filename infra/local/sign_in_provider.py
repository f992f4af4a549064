"""山西政府采购平台 on this machine: an OpenID Connect provider (oidc-provider-mock) with made-up people.

It is a process of its own, as it would be elsewhere. Its clock runs with the embedded cloud's, or no token of it
would be valid after the clock was moved.
"""

import argparse
import contextlib
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import ports
from infra.local.errors import LaunchError

PROVIDER, TITLE, CLIENT_ID = "shanxi", "山西政府采购平台", "kaochang"
# The local platform accepts any secret, but not an empty one.
CLIENT_SECRETS = {PROVIDER: "known to this machine alone"}
READY_WITHIN_S = 60
TEMPLATES = Path(__file__).with_name("provider")
_ROLES = ("agency_practitioner", "evaluation_expert")
ORGANISATION = "山西示例招标代理有限公司"  # an agency that is known to the platform
PEOPLE: dict[str, dict[str, str]] = {
    "shanxi-1001": {
        "name": "王敏",
        "organisation": ORGANISATION,
        "region": "山西省太原市",
        "role": _ROLES[0],
    },
    "shanxi-2001": {
        "name": "李建国",
        "organisation": "太原示例大学",
        "region": "山西省太原市",
        "role": _ROLES[1],
    },
    "shanxi-2002": {
        "name": "周文",
        "organisation": "大同示例研究院",
        "region": "山西省大同市",
        "role": _ROLES[1],
    },
}


def subject_ref(issuer: str, subject: str) -> str:
    """Return the platform's reference of one of its users, for requests of results (docs/partners.md)."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


@dataclass(frozen=True)
class Platform:
    """The process of the provider, once it is started."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def issuer(self) -> str:
        """The issuer of the provider, which is also its address."""
        return f"http://127.0.0.1:{self.port}"

    def setting(self) -> str:
        """Return the value of the parameter `SignInProviders` for this provider."""
        known = {"provider": PROVIDER, "title": TITLE, "issuer": self.issuer}
        return json.dumps([{**known, "client_id": CLIENT_ID}], ensure_ascii=False)

    def wait(self) -> None:
        """Wait until the provider answers. Raises `LaunchError`."""
        patience = time.monotonic() + READY_WITHIN_S
        address = f"{self.issuer}/.well-known/openid-configuration"
        while not ports.answers(address, within_s=5):
            if self.process.poll() is not None or time.monotonic() > patience:
                raise LaunchError(f"The local sign-in provider did not start; see {self.log}.")
            time.sleep(0.1)


@contextlib.contextmanager
def running(var: Path) -> Iterator[Platform]:
    """Start the provider and stop it at the end."""
    port, log_file = ports.free_port(), var / "sign-in-provider.log"
    command = [sys.executable, "-m", __name__, "--port", str(port)]
    command += ["--clock", str(var / "clock.json")]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,  # the system closes it when the launcher ends or is killed
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Platform(port, process, log_file)
    finally:
        process.terminate()
        process.wait(10)


# --- the process itself ---


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clock", type=Path, required=True, help="the launcher's clock.json")
    given = parser.parse_args()
    _run_ahead(given.clock)
    import threading

    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", given.port, _app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()


def _run_ahead(clock: Path) -> None:
    """Make `time.time` return the embedded cloud's time, because the provider dates tokens with it."""
    machine = time.time

    def now() -> float:
        try:
            offset_ms = json.loads(clock.read_text())["offset_ms"]
        except (
            OSError,
            ValueError,
            KeyError,
        ):  # the clock was not moved yet, or its file is being written
            offset_ms = 0
        return machine() + float(offset_ms) / 1000

    time.time = now


def _app() -> Any:
    import oidc_provider_mock
    from jinja2 import ChoiceLoader, FileSystemLoader

    people = [
        oidc_provider_mock.User(sub=sub, claims=dict(claims)) for sub, claims in PEOPLE.items()
    ]
    app = oidc_provider_mock.app(user_claims=people, require_nonce=True, issue_refresh_token=False)
    app.debug = False
    app.wsgi_app = app.wsgi_app.app  # no debugger in the browser
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), app.jinja_loader])
    app.jinja_env.globals |= {"title": TITLE, "people": people}
    return app


if __name__ == "__main__":
    main()
