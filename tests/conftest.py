"""Fixtures of all suites: a fresh cloud, a clock that stands still, a client for the API."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import environment, examinations
from tests.clock import T0, StandingClock
from tests.sharing import made_once

if TYPE_CHECKING:
    from tests.api import Api

# Asserts in helper modules get detailed messages, as those of tests do.
pytest.register_assert_rewrite("tests.infra", "tests.integration", "tests.unit", "tests.web")

# Each run has the same examples, so a failure comes from the change. `make soak` tries others.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

# Before a test imports the product, which reads some variables at import.
environment.set_environment()

LONGEST_FIRST = (
    *("/proof/test_interleavings.py", "/proof/"),
    # A process that begins with one or two tests also gets the next file, so these begin with files of many tests.
    *("/infra/test_deploy.py", "/emulator/test_emulated_launcher.py", "/infra/test_package.py"),
    *("/emulator/test_exam_over_http.py", "/emulator/test_emulated_privileges.py"),
    *("/infra/test_archives.py", "/infra/test_mainland.py", "/emulator/test_emulated_kills.py"),
    *("/web/test_organiser.py", "/web/test_switches.py", "/web/test_check_in.py"),
    *("/web/test_memory.py", "/web/test_exam.py"),
    *("/web/test_head_turn_page.py", "/web/test_day.py", "/web/test_operators_page.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first, so that no process waits for them at the end."""

    def place(item: pytest.Item) -> int:
        places = (n for n, part in enumerate(LONGEST_FIRST) if part in str(item.path))
        return next(places, len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """One folder of all processes of this run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def shared_examinations(run_folder: pathlib.Path) -> None:
    """No process examines a picture that another one has examined."""
    examinations.share(run_folder / "examinations")


@pytest.fixture(scope="session")
def pictures(run_folder: pathlib.Path) -> str:
    """Folder with real face pictures from pinned packages (kept between runs)."""
    project = pathlib.Path(__file__).parents[1]
    folder = project / "var/pictures"
    command = [sys.executable, "-m", "scripts.test_pictures", folder]

    def check(_place: pathlib.Path) -> None:
        subprocess.run(command, cwd=project, check=True)

    made_once(run_folder, "pictures", check)
    return str(folder)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    """Time stands at `T0` − 40 min, in the waiting room, until a test moves it."""
    standing = StandingClock(T0 - 40 * 60_000)
    standing.install(monkeypatch)
    return standing


@pytest.fixture
def aws() -> Iterator[None]:
    """A fresh, empty cloud. Imported here: tests of pure rules start without boto3 and moto."""
    from tests import cloud

    with cloud.running():
        yield


@pytest.fixture
def api(aws: None, clock: StandingClock) -> Api:
    """The HTTP API of that cloud, nobody signed in."""
    from tests.api import Api

    return Api(clock)
