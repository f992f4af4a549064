"""A real Chromium with a camera that shows pictures, and what every page in it must never do."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request

from scripts import browser
from tests.web.cloud import Candidate, Cloud

SCREEN = {"width": 1280, "height": 720}
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
READY_WITHIN_S = 30
# Chromium itself logs every answer that is no 2xx and every request that found no network.
# Both are part of these stories; the page must show them, which the tests look at.
EXPECTED = re.compile(
    r"Failed to load resource: (the server responded with a status of (4\d\d|503)"
    r"|net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|ABORTED|FAILED|CONNECTION_REFUSED))"
)


def camera(picture: Path | None) -> list[str]:
    """Flags for a camera that shows one picture (or several, one after the other), or for none."""
    if picture is None:
        return ["--use-fake-ui-for-media-stream"]
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={picture.resolve()}",
    ]


@dataclass
class Guard:
    """Watches pages: requests to strangers, errors, breaches of the policy. Asked at the end."""

    allowed: set[str]
    offences: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Watch every page of a context, also those that open later."""
        context.on("request", self._request)
        context.on("weberror", lambda error: self.offences.append(f"uncaught: {error.error}"))
        context.on("console", lambda message: self._console(message.type, message.text))
        for page in context.pages:
            page.on("dialog", lambda dialog: self.offences.append(f"native {dialog.type}"))
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: object) -> None:
        kind = getattr(dialog, "type", "")
        if kind != "beforeunload":  # the browser's own question when a page is closed
            self.offences.append(f"native {kind}")
        with contextlib.suppress(Exception):
            dialog.accept()  # type: ignore[attr-defined]

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"}:
            origin = f"{url.scheme}://{url.netloc}"
            if origin not in self.allowed:
                self.offences.append(f"a request to {request.url}")

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.match(text):
            self.offences.append(f"console: {text}")

    def check(self) -> None:
        """Fail if anything was seen."""
        assert not self.offences, "\n".join(self.offences)


class Browsers:
    """One Chromium for each camera picture, started when it is first needed."""

    def __init__(self, playwright: Playwright, pictures: Path, cloud: Cloud) -> None:
        self._playwright = playwright
        self._pictures = pictures
        self._cloud = cloud
        self._running: dict[str | None, Browser] = {}

    def guard(self) -> Guard:
        """A guard that knows our origin and the one of the uploads."""
        return Guard({self._cloud.address, self._cloud.uploads})

    def with_camera(self, picture: str | None) -> Browser:
        """The browser whose camera shows this picture; `None`: it has no camera."""
        if picture not in self._running:
            path = self.mjpeg(picture) if picture else None
            self._running[picture] = self._playwright.chromium.launch(
                executable_path=browser.find(), args=[*QUIET, *camera(path)]
            )
        return self._running[picture]

    def mjpeg(self, *pictures: str) -> Path:
        """A film of pictures, half a second (15 frames) each, over and over."""
        if len(pictures) == 1:
            frames = [self._pictures / pictures[0]]
        else:
            frames = [self._pictures / name for name in pictures for _ in range(15)]
        film = self._pictures / f"film-{'-'.join(Path(p).stem for p in pictures)}.mjpeg"
        film.write_bytes(b"".join(frame.read_bytes() for frame in frames))
        return film

    def close(self) -> None:
        """End all browsers."""
        for running in self._running.values():
            running.close()


def sign_in(context: BrowserContext, cloud: Cloud, candidate: Candidate) -> None:
    """Give a context the session that a candidate already has."""
    cookie = {"name": "session", "value": candidate.session, "url": cloud.address}
    context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]


def barriers(page: Page) -> list[str]:
    """What axe finds on the page as it stands; there must be nothing."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']} — {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


class OwnChromium:
    """A Chromium as a person starts it, with a profile on disk: real tabs, and it can be killed."""

    def __init__(self, playwright: Playwright, profile: Path, picture: Path) -> None:
        self._playwright = playwright
        self._profile = profile
        self._picture = picture
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> BrowserContext:
        """Start it on its profile; its own (default) context, as it is without a test."""
        note = self._profile / "DevToolsActivePort"
        note.unlink(missing_ok=True)
        flags = [*QUIET, *camera(self._picture), f"--user-data-dir={self._profile}"]
        size = f"--window-size={SCREEN['width']},{SCREEN['height'] + 87}"
        self._process = subprocess.Popen(
            [browser.find(), *flags, size, "--remote-debugging-port=0", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        port = self._port(note)
        connected = self._playwright.chromium.connect_over_cdp(
            f"http://127.0.0.1:{port}", no_defaults=True
        )
        return connected.contexts[0]

    def _port(self, note: Path) -> str:
        assert self._process is not None
        patience = time.monotonic() + READY_WITHIN_S
        while not (note.exists() and note.read_text().count("\n")):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < patience, "Chromium did not start"
            time.sleep(0.05)
        return note.read_text().splitlines()[0]

    def kill(self) -> None:
        """kill -9 of the browser and everything that belongs to it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def own_chromium(playwright: Playwright, profile: Path, picture: Path) -> Iterator[OwnChromium]:
    """A killable Chromium that never outlives its test."""
    running = OwnChromium(playwright, profile, picture)
    try:
        yield running
    finally:
        running.kill()
