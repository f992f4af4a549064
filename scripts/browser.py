"""Find the Chromium that tests/web and the screenshots drive; install one if there is none.

    python scripts/browser.py        # prints its path, or how to install one and exits with 1

The search order: the program that KAOCHANG_BROWSER names, an installed Chrome, Chromium or Edge, the
Chromium of `playwright install`. If none is there, root on a machine with apt (a CI) gets Debian's
package and a Chinese font, and everybody else gets the Chromium of `playwright install`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
)
PLACES = (
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
PACKAGES = ("chromium", "fonts-noto-cjk")
ADVICE = """No Chrome, Chromium or Edge was found; the tests of the candidates' page need one:
    sudo apt-get install chromium fonts-noto-cjk            (Debian)
    .venv/bin/python -m playwright install chromium         (any system)
or name one: KAOCHANG_BROWSER=/path/to/chrome make test"""


class NoBrowser(RuntimeError):
    """There is no browser; the text says how to install one."""


def find() -> str:
    """The path of a browser's program. Raises `NoBrowser`."""
    for path in _candidates():
        if os.access(path, os.X_OK):
            return path
    raise NoBrowser(ADVICE)


def _candidates() -> Iterator[str]:
    if named := os.environ.get("KAOCHANG_BROWSER"):
        yield named
        return
    yield from filter(None, map(shutil.which, NAMES))
    yield from PLACES
    yield from _from_playwright()


def _from_playwright() -> Iterator[str]:
    """Return the path of the Chromium of `playwright install`. It comes last, because it takes a process of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def find_or_install() -> str:
    """Like `find`, but installs a browser if there is none. Raises `NoBrowser` if that fails.

    A wrong path in KAOCHANG_BROWSER is an error: no other browser takes its place.
    """
    try:
        return find()
    except NoBrowser:
        if "KAOCHANG_BROWSER" in os.environ:
            raise
    said, commands = installation(shutil.which("apt-get"), os.geteuid())
    print(said, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        done = subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            break  # the command has printed the reason
    return find()


def installation(apt: str | None, user_id: int) -> tuple[str, list[list[str]]]:
    """Return how a browser is installed here: a line for the user, and the commands.

    `apt` is the path of apt-get, None on a machine without it; `user_id` is 0 for root.
    """
    if apt and user_id == 0:
        install = [apt, "install", "--yes", "--quiet=2", "--no-install-recommends", *PACKAGES]
        line = f"No browser was found: apt installs {' and '.join(PACKAGES)} …"
        return line, [[apt, "update", "--quiet=2"], install]
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return "No browser was found: playwright downloads Chromium (150 MB) …", [command]


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoBrowser as missing:
        print(missing, file=sys.stderr)
        raise SystemExit(1) from None
