"""An embedded cloud and a real Chromium with a camera, for scripts that play a day on the candidates' page."""

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scripts import test_pictures
from tests.emulator.launching import PROJECT, Launched
from tests.web.browsing import LAPTOP, Browsers, Camera
from tests.web.cloud import Cloud


@dataclass(frozen=True)
class Stage:
    """A page at the size of a small laptop, the server side of it, and the folder of the test pictures."""

    page: Page
    cloud: Cloud
    pictures: Path


@contextlib.contextmanager
def staged() -> Iterator[Stage]:
    """Start everything, without an exam, and end it afterwards."""
    pictures = test_pictures.fetch(PROJECT / "var" / "pictures")
    with tempfile.TemporaryDirectory(prefix="kaochang-stage-") as folder, ExitStack() as running:
        launched = Launched(Path(folder) / "var", seed=False)
        running.callback(launched.stop)
        camera = Camera(Path(folder) / "film.mjpeg", pictures)
        playwright = running.enter_context(sync_playwright())
        browsers = Browsers(playwright, camera)
        running.callback(browsers.close)
        page = browsers.get(camera=True).new_page(
            viewport=LAPTOP,  # type: ignore[arg-type]
            locale="zh-CN",
            permissions=["camera"],
        )
        yield Stage(page, Cloud(launched), pictures)
