"""The script that fetches the pictures: complete, repeatable, and clear when it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from scripts import wheels

NEEDED = [
    *("person_a_1.jpg", "person_a_2.jpg", "person_a_3.jpg", "person_b_1.jpg", "person_b_2.jpg"),
    *("person_c_1.png", "group.jpg", "two_people.jpg", "partial_face_1.jpg", "id_a.jpg"),
    *("id_b.jpg", "id_c.jpg", "frame_a.jpg", "frame_b.jpg", "frame_c.jpg", "frame_two.jpg"),
    *("frame_dark.jpg", "frame_covered.jpg", "frame_empty.jpg", "frame_blurred.jpg"),
]


@pytest.mark.parametrize("name", NEEDED)
def test_every_named_picture_is_there(pictures: Path, name: str) -> None:
    assert (pictures / name).stat().st_size > 1000


def test_frames_and_portraits_have_the_sizes_that_cameras_and_forms_give(
    pictures: Path,
) -> None:
    for file in [*pictures.glob("frame_*.jpg"), *pictures.glob("id_*.jpg")]:
        with Image.open(file) as image:
            assert image.size == ((640, 480) if file.name.startswith("frame_") else (413, 579))


def test_the_folder_keeps_itself_out_of_version_control(pictures: Path) -> None:
    assert (pictures / ".gitignore").read_text() == "*\n"


def without_pip(*_: object) -> Path:
    raise AssertionError("pip was asked")


def test_a_complete_folder_is_left_alone(
    picture_script: ModuleType, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "download", without_pip)
    assert picture_script.fetch(pictures) == pictures


def test_derived_pictures_are_made_again_without_pip_and_come_out_the_same(
    picture_script: ModuleType, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in picture_script.ORIGINALS:
        shutil.copy(pictures / name, tmp_path / name)
    monkeypatch.setattr(wheels, "download", without_pip)
    picture_script.fetch(tmp_path)
    for name in picture_script.DERIVED:
        assert (tmp_path / name).read_bytes() == (pictures / name).read_bytes(), name


def test_when_pip_fails_the_error_names_the_package_and_what_pip_said(
    tmp_path: Path,
) -> None:
    with pytest.raises(wheels.FileUnavailable, match=r"face-recognition==1\.3\.0") as e:
        wheels.download("face-recognition==1.3.0", tmp_path, ["--no-index"])
    assert "No matching distribution" in str(e.value)


def test_a_picture_that_changed_is_refused(
    picture_script: ModuleType, pictures: Path, tmp_path: Path
) -> None:
    archive = shutil.make_archive(str(tmp_path / "package"), "zip", pictures, "id_a.jpg")
    changed = picture_script.Package(
        "package==1", (), {"id_a.jpg": picture_script.Original("id_a.jpg", "0" * 64)}
    )
    with pytest.raises(wheels.FileUnavailable, match="has changed"):
        list(picture_script._extracted(Path(archive), changed))


def test_a_package_without_the_picture_is_refused(
    picture_script: ModuleType, pictures: Path, tmp_path: Path
) -> None:
    archive = shutil.make_archive(str(tmp_path / "package"), "zip", pictures, "id_a.jpg")
    other = picture_script.Package(
        "package==1", (), {"x.jpg": picture_script.Original("no/such.jpg", "0" * 64)}
    )
    with pytest.raises(wheels.FileUnavailable, match="holds no"):
        list(picture_script._extracted(Path(archive), other))
