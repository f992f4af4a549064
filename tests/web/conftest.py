"""Fixtures: the built page on the embedded cloud, and browsers with a camera before it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from tests.emulator.launching import PROJECT, Launched
from tests.web.browsing import SCREEN, Browsers, Guard, OwnChromium, own_chromium, sign_in
from tests.web.cloud import Candidate, Cloud

PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One embedded cloud for all tests of the page; each publishes its own exam."""
    built = PROJECT / "web" / "dist" / "index.html"
    assert built.is_file(), "the page is not built: run `make web`"
    running = Launched(tmp_path_factory.mktemp("web") / "var", seed=False)
    yield Cloud(running)
    assert running.stop() == 0, running.log()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browsers(playwright: Playwright, pictures: str, cloud: Cloud) -> Iterator[Browsers]:
    running = Browsers(playwright, Path(pictures), cloud)
    yield running
    running.close()


@pytest.fixture
def guard(browsers: Browsers) -> Iterator[Guard]:
    """Watches everything that a test opens; looks back over it when the test has passed."""
    watching = browsers.guard()
    yield watching
    watching.check()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browsers: Browsers, cloud: Cloud, guard: Guard) -> Iterator[Open]:
    """`open_page(path, candidate, camera=…)`: a page in a fresh browser profile."""
    with ExitStack() as opened:

        def open_(
            path: str,
            candidate: Candidate | None = None,
            *,
            camera: str | None = "frame_a.jpg",
            size: dict[str, int] = SCREEN,
            **options: object,
        ) -> Page:
            context: BrowserContext = browsers.with_camera(camera).new_context(
                base_url=cloud.address,
                viewport=size,  # type: ignore[arg-type]
                locale="zh-CN",
                permissions=["camera"],
                **options,  # type: ignore[arg-type]
            )
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            guard.watch(context)
            if candidate:
                sign_in(context, cloud, candidate)
            page = context.new_page()
            page.goto(path)
            return page

        yield open_


@pytest.fixture
def own(playwright: Playwright, browsers: Browsers, tmp_path: Path) -> Iterator[OwnChromium]:
    """A Chromium with a profile on disk, real tabs, that can be killed."""
    profile = tmp_path / "profile"
    profile.mkdir()
    with own_chromium(playwright, profile, browsers.mjpeg("frame_a.jpg")) as running:
        yield running
