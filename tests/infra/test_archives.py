"""Archives that depend on their content alone."""

import os
import py_compile
import zipfile
from pathlib import Path

import pytest

from infra import archives, package
from tests.infra.conftest import Built

CONTENT = {"python/b.py": b"b = 1\n", "python/a/lib.so": b"\x7fELF" * 999, "models/m.onnx": b"m"}


def folder(place: Path, names: list[str], *, mode: int, seconds: int) -> Path:
    for name in names:
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(CONTENT[name])
        file.chmod(mode)
        os.utime(file, (seconds, seconds))
    (place / "empty").mkdir()
    return place


def test_when_by_whom_and_in_which_order_files_were_written_does_not_matter(tmp_path: Path) -> None:
    first = folder(tmp_path / "1", list(CONTENT), mode=0o644, seconds=1)
    second = folder(tmp_path / "2", list(CONTENT)[::-1], mode=0o755, seconds=2_000_000_000)
    for name, place in (("1.zip", first), ("2.zip", second)):
        archives.of_folder(tmp_path / name, place)
    assert archives.sha256(tmp_path / "1.zip") == archives.sha256(tmp_path / "2.zip")
    with zipfile.ZipFile(tmp_path / "1.zip") as made:
        assert {name: made.read(name) for name in made.namelist()} == CONTENT


def test_one_byte_more_is_another_archive(tmp_path: Path) -> None:
    place = folder(tmp_path / "1", list(CONTENT), mode=0o644, seconds=1)
    archives.of_folder(tmp_path / "1.zip", place)
    (place / "models" / "m.onnx").write_bytes(b"mm")
    archives.of_folder(tmp_path / "2.zip", place)
    assert archives.sha256(tmp_path / "1.zip") != archives.sha256(tmp_path / "2.zip")


def test_an_archive_of_somebody_elses_becomes_the_same(tmp_path: Path) -> None:
    """Chalice writes its own; written anew it is what `of_folder` writes."""
    archives.of_folder(
        tmp_path / "ours.zip", folder(tmp_path / "1", [*CONTENT], mode=0o6, seconds=9)
    )
    with zipfile.ZipFile(tmp_path / "theirs.zip", "w", zipfile.ZIP_STORED) as made:
        made.mkdir("python")
        for name, data in CONTENT.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 5, 4, 3, 2, 0)), data)
    archives.again(tmp_path / "theirs.zip")
    assert archives.sha256(tmp_path / "theirs.zip") == archives.sha256(tmp_path / "ours.zip")
    assert sorted(file.name for file in tmp_path.glob("*.zip*")) == ["ours.zip", "theirs.zip"]


def test_bytecode_with_a_date_is_left_out_and_bytecode_with_a_hash_stays(tmp_path: Path) -> None:
    source = tmp_path / "1" / "m.py"
    source.parent.mkdir()
    source.write_text("m = 1\n")
    dated, hashed = (source.parent / "__pycache__" / f"{name}.pyc" for name in ("dated", "hashed"))
    modes = py_compile.PycInvalidationMode
    py_compile.compile(str(source), str(dated), invalidation_mode=modes.TIMESTAMP)
    py_compile.compile(str(source), str(hashed), invalidation_mode=modes.UNCHECKED_HASH)
    archives.of_folder(tmp_path / "1.zip", tmp_path / "1")
    with zipfile.ZipFile(tmp_path / "1.zip") as made:
        assert made.namelist() == ["__pycache__/hashed.pyc", "m.py"]


@pytest.mark.parametrize("name", package.archive_names())
def test_what_is_packaged_carries_no_date_and_no_order_of_its_making(
    built: Built, name: str
) -> None:
    with zipfile.ZipFile(built.out / name) as content:
        entries = content.infolist()
        flags = [content.read(e)[4] for e in entries if e.filename.endswith(".pyc")]
    assert [entry.filename for entry in entries] == sorted({entry.filename for entry in entries})
    assert {entry.date_time for entry in entries} == {archives.EPOCH}
    assert {entry.external_attr >> 16 for entry in entries} == {archives.MODE}
    assert all(flag & 1 for flag in flags)  # bytecode, if any, names a hash, not a date (PEP 552)
    assert not [
        e.filename for e in entries if e.filename.endswith("direct_url.json")
    ]  # a path here


def test_the_application_packaged_again_is_the_same(built: Built, tmp_path: Path) -> None:
    """Chalice's part of a second build."""
    package._run_chalice("prod", tmp_path, package.PROJECT)
    name = package.APP_ZIP
    assert archives.sha256(tmp_path / name) == archives.sha256(built.out / name)


def test_a_layer_built_again_is_the_same(built: Built, tmp_path: Path) -> None:
    layer = package.LAYERS["DocumentsLayer"]
    package._build_layer(layer, package.PROJECT, tmp_path)
    assert archives.sha256(tmp_path / layer.archive) == archives.sha256(built.out / layer.archive)
