"""Where the tests' browser comes from: found, installed by root with apt, or named as missing."""

import os
import subprocess
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


@pytest.mark.parametrize(("user", "apt"), [(1000, True), (0, False)])
def test_anybody_else_is_told_how(
    bare: Path, monkeypatch: pytest.MonkeyPatch, user: int, apt: bool
) -> None:
    if apt:
        program(bare, "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(browser.NoBrowser, match="apt-get install chromium"):
        browser.find_or_install()


def test_a_failed_installation_is_no_browser(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=100))
    with pytest.raises(browser.NoBrowser):
        browser.find_or_install()
