"""Where the tests' browser comes from: found, installed with apt or playwright, or named as missing."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts import browser


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser; programs put into the folder are on its PATH."""
    monkeypatch.delenv("KAOCHANG_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setattr(browser, "_from_playwright", lambda: iter([str(tmp_path / "none")]))
    return tmp_path


def program(folder: Path, name: str) -> str:
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def test_an_installed_browser_is_found(bare: Path) -> None:
    chromium = program(bare, "chromium")
    assert browser.find() == chromium
    assert browser.find() == browser.find_or_install()


def test_a_named_browser_wins_and_a_wrong_name_is_not_replaced(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare, "chromium")
    named = program(bare, "other")
    monkeypatch.setenv("KAOCHANG_BROWSER", named)
    assert browser.find() == named
    monkeypatch.setenv("KAOCHANG_BROWSER", "/nowhere/chrome")
    with pytest.raises(browser.NoBrowser):
        browser.find_or_install()


def test_root_with_apt_gets_one(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "apt-get")
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        commands.append(command)
        if "install" in command:
            program(bare, "chromium")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", run)
    assert browser.find_or_install() == str(bare / "chromium")
    assert [command[1] for command in commands] == ["update", "install"]
    assert {"chromium", "fonts-noto-cjk"} <= set(commands[1])


@pytest.mark.parametrize(("user", "apt"), [(1000, True), (0, False), (1000, False)])
def test_anybody_else_gets_the_chromium_of_playwright(
    bare: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    user: int,
    apt: bool,
) -> None:
    if apt:
        program(bare, "apt-get")
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        commands.append(command)
        program(bare, "none")  # where playwright keeps its own
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(subprocess, "run", run)
    assert browser.find_or_install() == str(bare / "none")
    assert commands == [[sys.executable, "-m", "playwright", "install", "chromium"]]
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_without_a_network_everybody_is_told_what_to_type(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    with pytest.raises(browser.NoBrowser, match="python -m playwright install chromium"):
        browser.find_or_install()


@pytest.mark.parametrize(
    ("apt", "user", "program_"),
    [
        ("/usr/bin/apt-get", 0, "/usr/bin/apt-get"),
        ("/usr/bin/apt-get", 1000, sys.executable),
        (None, 0, sys.executable),
    ],
)
def test_only_root_with_apt_installs_by_apt(apt: str | None, user: int, program_: str) -> None:
    _, commands = browser.installation(apt, user)
    assert {command[0] for command in commands} == {program_}


def test_a_failed_installation_is_no_browser(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=100))
    with pytest.raises(browser.NoBrowser):
        browser.find_or_install()
