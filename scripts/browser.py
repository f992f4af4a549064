"""Find the Chromium that tests/web and the screenshots drive; install it where that is harmless.

    python scripts/browser.py        # prints its path, or how to install one and exits with 1

Looked for, in this order: the program that KAOCHANG_BROWSER names, an installed Chrome, Chromium or
Edge, the Chromium of `playwright install`. With none of them, root on a machine with apt (a CI) gets
Debian's package and a Chinese font; everybody else is told what to do.
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
    """What `playwright install` left; asked last, for it takes a process of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def find_or_install() -> str:
    """Like `find`; root with apt installs Debian's packages first. Raises `NoBrowser`."""
    try:
        return find()
    except NoBrowser:
        apt = shutil.which("apt-get")
        if not apt or os.geteuid() != 0 or "KAOCHANG_BROWSER" in os.environ:
            raise
    print(f"Installing {' and '.join(PACKAGES)} by apt …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "--yes", "--quiet=2", "--no-install-recommends", *PACKAGES]
    for command in ([apt, "update", "--quiet=2"], install):
        done = subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            break  # apt has said why
    return find()


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoBrowser as missing:
        print(missing, file=sys.stderr)
        raise SystemExit(1) from None
