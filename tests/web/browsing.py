"""A real Chromium with a camera that shows pictures, and what every page in it must never do."""

import contextlib
import itertools
import os
import random
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import psutil
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    Request,
    expect,
)

from scripts import browser
from scripts.moments import moment
from tests.web.cloud import Candidate, Cloud

SCREEN = {"width": 1280, "height": 720}
# Of Chromium's own: two pages for its address bar, which start with each window and are never seen here. The others are
# those of Playwright's list that matter; Chromium takes the last list alone.
UNUSED_FEATURES = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "NetworkTimeServiceQuerying"),
    *("OptimizationHints", "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning"),
)
QUIET = (
    f"--disable-features={','.join(UNUSED_FEATURES)}",
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
PATIENCE_MS = 75_000  # two heartbeats: what did not get through at once comes with the next one
expect.set_options(timeout=PATIENCE_MS)
# Chromium itself logs every answer that is no 2xx and every request that found no network. Refusals
# of the API and lost networks are part of these stories; what the page then shows is looked at.
LOGGED = "Failed to load resource: "
REFUSED = re.compile(LOGGED + r"the server responded with a status of (4\d\d|503)")
CHATTER = re.compile(r"INFO: ")  # the face detector's engine tells by an error how it runs
ICON = "/favicon.ico"  # Chromium asks for it by itself where a file such as a PDF fills a tab
NO_NETWORK = re.compile(LOGGED + r"net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|ABORTED|FAILED)")


class Camera:
    """The file that Chromium films. It is mapped into memory, so what it shows can be changed."""

    SIZE = 131_072  # every picture is brought to this length, so that one replaces another in place

    def __init__(self, file: Path, pictures: Path, shows: str = "frame_a.jpg") -> None:
        self._file = file
        self._pictures = pictures
        self._moments = itertools.count(random.randrange(1, 10**9))
        file.write_bytes(self._frame(shows))

    @property
    def flags(self) -> tuple[str, ...]:
        """What makes Chromium take this file for its camera."""
        return (
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self._file.resolve()}",
        )

    def show(self, picture: str) -> None:
        """From now on the camera sees this picture, at another moment than ever before."""
        with self._file.open("r+b") as film:
            film.write(self._frame(picture))

    def _frame(self, picture: str) -> bytes:
        """The picture with as many comments after its first marker as it takes."""
        frame = moment((self._pictures / picture).read_bytes(), next(self._moments))
        missing = self.SIZE - len(frame)
        comments = b""
        while missing > 0:
            length = missing if missing <= 65_000 else min(65_000, missing - 8)
            comments += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + bytes(length - 4)
            missing -= length
        whole = frame[:2] + comments + frame[2:]
        assert len(whole) == self.SIZE
        return whole


@dataclass
class Guard:
    """Watches pages: requests to strangers, errors, breaches of the policy. Asked at the end."""

    allowed: set[str]
    offences: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Watch every page of a context, also those that open later."""
        context.on("request", self._request)
        context.on("weberror", lambda error: self.offences.append(f"uncaught: {error.error}"))
        context.on("console", self._console)
        context.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # the browser's own question when a page is left
            self.offences.append(f"native {dialog.type}: {dialog.message}")
        dialog.accept()

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"}:
            origin = f"{url.scheme}://{url.netloc}"
            if origin not in self.allowed:
                self.offences.append(f"a request to {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or NO_NETWORK.match(message.text):
            return
        path = urlsplit(message.location["url"]).path
        refused = REFUSED.match(message.text) and path.startswith(("/api/", "/_local/partner/"))
        chatter = CHATTER.match(message.text) and path.startswith("/detector/")
        if not (refused or chatter or path == ICON):
            self.offences.append(f"console: {message.text} ({path})")

    def check(self) -> None:
        """Fail if anything was seen."""
        assert not self.offences, "\n".join(self.offences)


class Browsers:
    """One Chromium with a camera and one without, each started when it is first needed."""

    NO_CAMERA = "--use-fake-device-for-media-stream=device-count=0"

    def __init__(self, playwright: Playwright, camera: Camera) -> None:
        self._playwright = playwright
        self._camera = camera
        self._running: dict[bool, Browser] = {}

    def get(self, *, camera: bool) -> Browser:
        """The browser with or without a camera. Its use is allowed or not by the context."""
        if camera not in self._running:
            flags = self._camera.flags if camera else (self.NO_CAMERA,)
            self._running[camera] = self._playwright.chromium.launch(
                executable_path=browser.find(), args=[*QUIET, *flags]
            )
        return self._running[camera]

    def close(self) -> None:
        """End both."""
        for running in self._running.values():
            running.close()


def sign_in(context: BrowserContext, cloud: Cloud, candidate: Candidate) -> None:
    """Give a context the session that a candidate already has."""
    cookie = {"name": "session", "value": candidate.session, "url": cloud.address}
    context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]


# Rules whose answer depends on the colours; the others say the same in the dark.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Of WCAG 2.2; axe leaves it out by default.
WITH_TARGETS = {"rules": {"target-size": {"enabled": True}}}


def barriers(page: Page) -> list[str]:
    """What axe finds on the page as it stands, in the light and in the dark; there must be nothing.

    A page that still loads has no heading, so its first one is waited for. A colour half way is not what anybody
    reads: a transition that runs is brought to its end, and one that begins meanwhile ends at once, as for people who
    want reduced motion.
    """
    expect(page.locator("h1").first).to_be_attached()
    found = _violations(page, "light", WITH_TARGETS) + _violations(page, "dark", OF_COLOURS)
    page.emulate_media(color_scheme="light", reduced_motion="null")
    return found


def _violations(page: Page, scheme: Literal["light", "dark"], options: dict[str, Any]) -> list[str]:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate(
        "() => document.getAnimations().forEach((running) => {"
        " if (running instanceof CSSTransition) running.finish(); })"
    )
    return [
        f"{scheme}: {violation['id']}: {node['html']} — {node['failureSummary']}"
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]


CHINESE_IN_ENGLISH = """() => {
  const chinese = /[\\u3000-\\u303f\\u3400-\\u9fff\\uff00-\\uffef]/;
  const marked = (part) => part.closest("[lang]").getAttribute("lang") === "zh-CN"; // MathML has no .lang
  const told = ["aria-label", "title", "placeholder", "alt"];
  return [...document.body.querySelectorAll("*:not(script, noscript, style)")].flatMap((part) => {
    if (marked(part)) return [];
    const own = [...part.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data);
    return [...own, ...told.map((name) => part.getAttribute(name) ?? "")].filter((text) => chinese.test(text));
  });
}"""


def chinese_in_english(page: Page) -> list[str]:
    """Chinese on an English page that is not marked as Chinese; there must be none."""
    found: list[str] = page.evaluate(CHINESE_IN_ENGLISH)
    return found


DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
LAPTOP = {"width": 1366, "height": 650}  # what 1366 × 768 leave to a page


def out_of_sight(page: Page) -> list[str]:
    """Which main buttons cannot be seen at a glance on a laptop: of the dialog on top, else of the page.

    Nothing is scrolled. A button is in sight when all of it lies in the viewport and nothing lies over its middle. Of a
    dialog that only shows something, without a main button, all buttons and pictures count.
    """
    before = page.viewport_size
    page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]
    page.evaluate(DRAWN)
    hidden: list[str] = page.evaluate(
        """() => {
          const dialog = [...document.querySelectorAll("dialog[open]")].pop();
          const primary = (dialog ?? document.querySelector("main")).querySelectorAll(".button.primary");
          const main = [...(primary.length || !dialog ? primary : dialog.querySelectorAll("button, img"))];
          const seen = (button) => {
            const { left, right, top, bottom, x, y, width, height } = button.getBoundingClientRect();
            const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
            const there = document.elementFromPoint(x + width / 2, y + height / 2);
            return inside && (button === there || button.contains(there));
          };
          if (!main.length) return ["no main button"];
          return main.filter((button) => !seen(button)).map((button) => button.innerText || button.outerHTML);
        }"""
    )
    if before:
        page.set_viewport_size(before)
    return hidden


OUTSIDE = """() => {
  const top = [...document.querySelectorAll("dialog[open]")].pop() ?? document.body;
  const visible = (part) => part.checkVisibility({ visibilityProperty: true });
  const parts = [top, ...top.querySelectorAll("*")]
    .filter((part) => visible(part) && !part.closest(".visually-hidden, .skip"));
  const cuts = (part) => getComputedStyle(part).overflowX !== "visible";
  const within = (part) => part !== document.body && (cuts(part) || within(part.parentElement));
  const wide = document.documentElement.clientWidth;
  const beyond = (part) => {
    const { left, right } = part.getBoundingClientRect();
    return (left < -1 || right > wide + 1) && (part === top || !within(part.parentElement));
  };
  const free = "table, .table-frame, p:has(math), input, select, textarea, video, img"; // these may be scrolled
  const shortened = (part) => getComputedStyle(part).textOverflow === "ellipsis"; // on purpose
  const tooWide = (part) =>
    cuts(part) && part.scrollWidth > part.clientWidth + 1 && !part.matches(free) && !shortened(part);
  const controls = parts.filter((part) => part.matches("button, a[href], input, select, textarea, summary"));
  const covered = (part) => {
    part.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const { x, y, width, height } = part.getClientRects()[0];
    const there = document.elementFromPoint(x + width / 2, y + height / 2);
    return !there || !(part.contains(there) || there.contains(part) || there.closest("label")?.control === part);
  };
  const [x, y, within_] = [scrollX, scrollY, top.scrollTop];
  const found = [
    ...parts.filter(beyond).map((part) => ["beyond", part]),
    ...parts.filter(tooWide).map((part) => ["cut off", part]),
    ...controls.filter(covered).map((part) => ["covered", part]),
  ];
  scrollTo({ left: x, top: y, behavior: "instant" });
  top.scrollTop = within_;
  return found.map(([how, part]) => `${how}: ${part.outerHTML.slice(0, 120)}`);
}"""


def outside(page: Page, size: dict[str, int] | None = None) -> list[str]:
    """What of the page, or of the dialog on top, cannot be seen at this size of the viewport, or at its own.

    A part that reaches beyond the left or right edge, one whose content is wider than itself, and a control that
    nothing brings into sight. Tables and formulas may be wider than the page (WCAG 1.4.10); they scroll by themselves.
    """
    before = page.viewport_size
    if size:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.evaluate(DRAWN)
    found: list[str] = page.evaluate(OUTSIDE)
    if size and before:
        page.set_viewport_size(before)
        page.evaluate(DRAWN)
    return found


class OwnChromium:
    """A Chromium as a person starts it, with a profile on disk: real tabs, and it can be killed."""

    def __init__(self, playwright: Playwright, profile: Path, camera: Camera) -> None:
        self._playwright = playwright
        self._profile = profile
        self.camera = camera
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> BrowserContext:
        """Start it on its profile; its own (default) context, as it is without a test."""
        connected = self._playwright.chromium.connect_over_cdp(
            f"http://127.0.0.1:{self.launch()}", no_defaults=True
        )
        return connected.contexts[0]

    def launch(self) -> str:
        """Start it on its profile; the port of its debugger."""
        note = self._profile / "DevToolsActivePort"
        note.unlink(missing_ok=True)
        self.camera.show(
            "frame_a.jpg"
        )  # who comes back looks a little different: no picture is there twice
        flags = [*QUIET, *self.camera.flags, "--use-fake-ui-for-media-stream", *self._window()]
        self._process = subprocess.Popen(
            [browser.find(), *flags, "--remote-debugging-port=0", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self._port(note)

    def _window(self) -> list[str]:
        width, height = SCREEN["width"], SCREEN["height"]
        return [
            f"--user-data-dir={self._profile}",
            f"--screen-info={{{width}x{height}}}",
            f"--window-size={width},{height}",
        ]

    def _port(self, note: Path) -> str:
        assert self._process is not None
        patience = time.monotonic() + READY_WITHIN_S
        while not (note.exists() and note.read_text().count("\n")):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < patience, "Chromium did not start"
            time.sleep(0.05)
        return note.read_text().splitlines()[0]

    def processes(self) -> list[psutil.Process]:
        """All processes that belong to it."""
        assert self._process is not None
        whole = psutil.Process(self._process.pid)
        return [whole, *whole.children(recursive=True)]

    def private_mb(self) -> float:
        """What its pages take of the computer's memory for themselves alone, in MB (2²⁰ bytes).

        Without what is mapped from files that exist, the program itself: it counts as private or as
        shared by whether another Chromium happens to run. (Memory shared by Chromium's own processes
        lies in files that are deleted already, and counts.)
        """
        pages = [process for process in self.processes() if "--type=renderer" in process.cmdline()]
        assert pages
        maps = [part for process in pages for part in process.memory_maps()]
        own = (part for part in maps if not os.path.isfile(part.path))
        return float(sum(part.private_clean + part.private_dirty for part in own)) / 2**20

    def kill(self) -> None:
        """kill -9 of the browser and everything that belongs to it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
