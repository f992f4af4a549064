"""A package that is there and current is left alone; anything else is built anew."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from infra import package
from infra.package import PROJECT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As much of a project as decides what a package is."""
    place = tmp_path / "project"
    language = "web/src/languages/en"
    for name in ("chalicelib/rooms", ".chalice", "infra/a-layer", "scripts", "docs", language):
        (place / name).mkdir(parents=True)
    files = {
        "app.py": "app = 1",
        "requirements.txt": "x==1",
        "requirements-dev.txt": "y==1",
        "chalicelib/rooms/model.py": "m = 1",
        ".chalice/config.json": '{"stages": {"dev": {}, "prod": {}}}',
        ".chalice/policy-api.json": "{}",
        "infra/resources.yaml": "Resources: {}",
        "infra/site_paths.js": "//",
        "infra/a-layer/requirements.txt": "z==1",
        "scripts/face_models.py": "SHA256 = {}",
        "web/src/languages/en/language.json": "{}",
        "scripts/wheels.py": "w = 1",
        "docs/api.md": "words",
    }
    for name, text in files.items():
        (place / name).write_text(text)
    return place


@pytest.fixture
def out(tmp_path: Path, project: Path) -> Path:
    """A package of that project, checked and stamped."""
    place = tmp_path / "out"
    place.mkdir()
    for name in (*package.archive_names(), package.TEMPLATE):
        (place / name).write_text(f"content of {name}")
    package.stamp(place, "prod", "aws", project)
    return place


def test_what_was_stamped_is_current(out: Path, project: Path) -> None:
    assert package.is_current(out, "prod", "aws", project)
    (project / "chalicelib" / "__pycache__").mkdir()
    (project / "chalicelib" / "__pycache__" / "x.pyc").write_text("bytecode")
    (project / "docs" / "api.md").write_text("other words")
    (project / "app.py").touch()  # a checkout writes dates, not content
    assert package.is_current(out, "prod", "aws", project)


def test_another_stage_or_partition_is_another_package(out: Path, project: Path) -> None:
    assert not package.is_current(out, "dev", "aws", project)
    assert not package.is_current(out, "prod", "aws-cn", project)


@pytest.mark.parametrize(
    "name",
    [
        *("app.py", "requirements.txt", "requirements-dev.txt", "chalicelib/rooms/model.py"),
        *(".chalice/config.json", ".chalice/policy-api.json", "infra/resources.yaml"),
        *("infra/site_paths.js", "infra/a-layer/requirements.txt", "scripts/face_models.py"),
        "web/src/languages/en/language.json",
    ],
)
@pytest.mark.parametrize("how", ["changed", "removed", "renamed"])
def test_whatever_goes_into_it_makes_it_old(out: Path, project: Path, name: str, how: str) -> None:
    file = project / name
    if how == "changed":
        file.write_text(file.read_text() + "\n")
    elif how == "removed":
        file.unlink()
    else:
        file.rename(file.with_name(f"other{file.suffix}"))
    assert not package.is_current(out, "prod", "aws", project)


def test_a_new_file_makes_it_old(out: Path, project: Path) -> None:
    (project / "chalicelib" / "new.py").touch()
    assert not package.is_current(out, "prod", "aws", project)


@pytest.mark.parametrize("name", [*package.archive_names(), package.TEMPLATE])
@pytest.mark.parametrize("missing", [True, False])
def test_a_package_that_was_touched_is_built_anew(
    out: Path, project: Path, name: str, missing: bool
) -> None:
    (out / name).unlink() if missing else (out / name).write_text("half")
    assert not package.is_current(out, "prod", "aws", project)


def test_a_package_that_was_never_checked_is_not_current(out: Path, project: Path) -> None:
    (out / package.STAMP).unlink()
    assert not package.is_current(out, "prod", "aws", project)


def test_another_python_makes_it_old(
    out: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version", "3.13.99 (somewhere else)")
    assert not package.is_current(out, "prod", "aws", project)


def test_the_inputs_of_this_project_are_found() -> None:
    """A pattern that fits nothing would let an old package pass for a current one."""
    for pattern in package.INPUTS:
        assert any(path.is_file() for path in PROJECT.glob(pattern)), pattern


def told(monkeypatch: pytest.MonkeyPatch, out: Path, *, wrong: list[str]) -> tuple[int, list[str]]:
    """Run the command with packaging replaced; its exit code, and what was built."""
    built: list[str] = []

    def build(stage: str, place: Path, project: Path = PROJECT, *, partition: str = "aws") -> None:
        built.append(f"{stage} {partition}")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name in (*package.archive_names(), package.TEMPLATE):
            (place / name).write_text(json.dumps({"built": len(built)}))

    monkeypatch.setattr(package, "package", build)
    monkeypatch.setattr(package, "problems", lambda _: wrong)
    words = ["package", str(out), "--stage", "prod", "--partition", "aws-cn"]
    monkeypatch.setattr(sys, "argv", words)
    return package.main(), built


def test_the_command_builds_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    assert told(monkeypatch, out, wrong=[]) == (0, ["prod aws-cn"])
    assert told(monkeypatch, out, wrong=[]) == (0, [])


def test_a_package_with_something_wrong_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert told(monkeypatch, out, wrong=["E3006"]) == (1, ["prod aws-cn"])
    assert told(monkeypatch, out, wrong=[]) == (0, ["prod aws-cn"])


def test_a_stage_that_the_functions_would_not_know_is_refused(
    tmp_path: Path, project: Path
) -> None:
    with pytest.raises(package.PackagingError, match=r"no stage staging in .* dev, prod"):
        package.package("staging", tmp_path / "out", project)
