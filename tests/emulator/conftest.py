"""Fixtures: the whole embedded cloud as a process (`launched`), or only its emulator (`cloud`)."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local import emulator, ports, resources
from infra.local.aws import Aws
from tests.emulator.launching import PROJECT, Launched, emulator_program


@pytest.fixture(scope="session")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """The real product on the embedded cloud, with the example exams; stops by itself."""
    running = Launched(tmp_path_factory.mktemp("launched") / "var")
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture(scope="session")
def standin_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product in miniature under the product's own template and configuration."""
    folder = tmp_path_factory.mktemp("standin") / "project"
    shutil.copytree(Path(__file__).with_name("standin"), folder)
    shutil.copytree(PROJECT / ".chalice", folder / ".chalice")
    (folder / "infra").mkdir()
    shutil.copy(PROJECT / "infra" / "resources.yaml", folder / "infra")
    return folder


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory, standin_project: Path) -> Iterator[Launched]:
    """The stand-in on the embedded cloud."""
    running = Launched(tmp_path_factory.mktemp("standin-var") / "var", standin_project)
    yield running
    assert running.stop() == 0, running.log()


@dataclass(frozen=True)
class Cloud:
    """An emulator with our resources, and nobody who delivers its events."""

    aws: Aws
    deployment: resources.Deployment


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Only the emulator."""
    var = tmp_path_factory.mktemp("cloud")
    running = emulator.start(emulator_program(), var, ports.free_port())
    try:
        aws = Aws(running.url)
        template = PROJECT / "infra" / "resources.yaml"
        yield Cloud(aws, resources.deploy(aws, template, {"SiteOrigin": "http://127.0.0.1"}))
    finally:
        running.stop()
