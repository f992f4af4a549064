"""Bytecode of a package: the same source gives the same bytes, wherever and whenever it is compiled."""

import sys
from pathlib import Path

import pytest

from infra import bytecode, package

SOURCE = 'NAMES = {"b", "a", "c", *"xyz"}\n\n\ndef fail() -> None:\n    raise ValueError(NAMES)\n'


def compiled(folder: Path) -> dict[str, bytes]:
    """The compiled files of a folder with a module, a package and a file that is no Python."""
    (folder / "rooms").mkdir(parents=True)
    (folder / "m.py").write_text(SOURCE)
    (folder / "rooms" / "__init__.py").write_text("")
    (folder / "rooms" / "template.py").write_text("class {{ name }}: ...")
    bytecode.add(folder, sys.executable, "/var/task")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.pyc")
    }


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = compiled(tmp_path / "1"), compiled(tmp_path / "2" / "deep")
    assert first == second
    assert {name.split(".")[0] for name in first} == {
        "__pycache__/m",
        "rooms/__pycache__/__init__",
    }


def test_a_traceback_names_the_place_on_lambda(tmp_path: Path) -> None:
    [data] = [data for name, data in compiled(tmp_path / "1").items() if "/m." in name]
    assert b"/var/task/m.py" in data
    assert str(tmp_path).encode() not in data


def test_a_module_of_this_project_is_the_same_each_time(tmp_path: Path) -> None:
    made = []
    for place in ("1", "2"):
        folder = tmp_path / place
        folder.mkdir()
        for name in ("model.py", "gaps.py"):
            text = (package.PROJECT / "chalicelib" / "attempts" / name).read_text("utf-8")
            (folder / name).write_text(text)
        bytecode.add(folder, sys.executable, "/var/task/chalicelib/attempts")
        made.append([path.read_bytes() for path in sorted(folder.rglob("*.pyc"))])
    assert made[0] == made[1]


def test_a_compiler_that_fails_is_told(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no module compileall' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(bytecode.BytecodeError, match="no module compileall"):
        bytecode.add(tmp_path, str(python), "/var/task")


def test_without_the_runtimes_python_a_package_ships_its_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.py").write_text(SOURCE)
    monkeypatch.setattr(package, "runtime_python", lambda: None)
    package._compile(tmp_path, "/var/task")
    assert [path.name for path in tmp_path.rglob("*")] == ["m.py"]
    assert "without bytecode" in capsys.readouterr().err


def test_bytecode_that_a_package_brings_is_not_kept(tmp_path: Path) -> None:
    compiled(tmp_path / "1")
    bytecode.remove(tmp_path / "1")
    assert not list(tmp_path.rglob("*.pyc"))
