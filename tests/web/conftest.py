"""Fixtures: the built page on the embedded cloud, and browsers with a camera before it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from infra.local.sign_in_provider import PROVIDER
from tests.emulator.launching import PROJECT, Launched
from tests.web.browsing import PATIENCE_MS, SCREEN, Browsers, Camera, Guard, OwnChromium, sign_in
from tests.web.cloud import Candidate, Cloud


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
def session_camera(pictures: str, tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return Camera(tmp_path_factory.mktemp("camera") / "film.mjpeg", Path(pictures))


@pytest.fixture
def camera(session_camera: Camera) -> Iterator[Camera]:
    """What the camera of `open_page` sees: the candidate, unless a test shows something else."""
    yield session_camera
    session_camera.show("frame_a.jpg")


@pytest.fixture(scope="session")
def browsers(playwright: Playwright, session_camera: Camera) -> Iterator[Browsers]:
    running = Browsers(playwright, session_camera)
    yield running
    running.close()


@pytest.fixture
def guard(cloud: Cloud) -> Iterator[Guard]:
    """Watches everything that a test opens; looks back over it when the test has passed."""
    watching = Guard({cloud.address, cloud.uploads})
    yield watching
    watching.check()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browsers: Browsers, cloud: Cloud, guard: Guard) -> Iterator[Open]:
    """`open_page(path, candidate)`: a page in a fresh profile, with a camera that it may use."""
    with ExitStack() as opened:

        def open_(
            path: str,
            candidate: Candidate | None = None,
            *,
            camera: bool = True,
            permissions: tuple[str, ...] = ("camera",),
            size: dict[str, int] = SCREEN,
            **options: object,
        ) -> Page:
            context: BrowserContext = browsers.get(camera=camera).new_context(
                base_url=cloud.address,
                viewport=size,  # type: ignore[arg-type]
                locale="zh-CN",
                permissions=permissions,
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
def own(playwright: Playwright, pictures: str, tmp_path: Path) -> Iterator[OwnChromium]:
    """A Chromium with a profile on disk, real tabs, that can be killed."""
    camera = Camera(tmp_path / "film.mjpeg", Path(pictures))
    running = OwnChromium(playwright, tmp_path / "profile", camera)
    yield running
    running.kill()


@pytest.fixture
def platform(cloud: Cloud, guard: Guard) -> str:
    """Where the platform is; pages may go there, and nowhere else."""
    body = {"agreements": ["user-service", "privacy"]}
    begun = httpx.post(f"{cloud.address}/api/sso/{PROVIDER}/requests", json=body, timeout=60)
    origin = re.match(r"http://127\.0\.0\.1:\d+", begun.json()["authorization_url"])
    assert origin
    guard.allowed.add(origin[0])
    return origin[0]
