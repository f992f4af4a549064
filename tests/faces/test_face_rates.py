"""`make faces`: what it counts, on the few pictures that there are."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from PIL.Image import Image

from scripts import face_rates
from scripts.face_rates import Share


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """Three persons, one of them with one picture, and a file that is none."""
    place = tmp_path_factory.mktemp("people")
    for person, names in {
        "ann": ("id_a.jpg", "frame_a.jpg"),
        "bob": ("id_b.jpg", "frame_b.jpg"),
        "cat": ("id_c.jpg",),
    }.items():
        (place / person).mkdir()
        for name in names:
            shutil.copyfile(pictures / name, place / person / name)
    (place / "cat" / "broken.png").write_bytes(b"no picture")
    (place / "groups.csv").write_text("person,group\nann,one\nbob,one\n", "utf-8")
    return place


def test_a_folder_is_measured_to_the_last_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_rates, "FRAMES", 8)  # days short enough to wait for
    assert face_rates.main([str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    found = json.loads(said[-1])
    assert found["engine"].startswith("onnxruntime")
    assert {key: found[key] for key in ("frr", "far", "worst_group_far")} == {
        "frr": 0.0,
        "far": 0.0,
        "worst_group_far": 0.0,
    }
    assert (found["honest_flagged"], found["random_caught"]) == (0.0, 1.0)
    assert (found["look_alike_caught"], found["look_alike_half_caught"]) == (1.0, 1.0)
    assert said[0] == "6 pictures of 3 persons, 5 usable"
    assert said[1] == "  not_a_picture 1"
    assert "FRR over all           0.00% (0/2; 0.00% to 65.76%)" in said
    assert "FAR one                0.00% (0/4; 0.00% to 48.99%)" in said


@pytest.mark.parametrize("arguments", [[], [""], ["-h"], ["a", "b"]])
def test_without_a_folder_it_says_what_it_wants(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert face_rates.main(arguments) == 2
    assert "FOLDER" in capsys.readouterr().out


def test_a_folder_without_persons_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert face_rates.main([str(tmp_path)]) == 1
    assert "no folder with sub-folders" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 0, 0, 1), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (5, 100, 0.0215, 0.1118)],
)
def test_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval() == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_is_unknown() -> None:
    assert (Share().rate, str(Share())) == (None, "-")
    share = Share()
    share.add(True)
    share.add(False)
    assert share.rate == 0.5


def test_the_same_seed_makes_the_same_frame(picture: Callable[[str], Image]) -> None:
    one, same, other = (
        face_rates.webcam(picture("frame_a.jpg"), random.Random(seed)) for seed in (1, 1, 2)
    )
    assert one.size == picture("frame_a.jpg").size
    assert one.tobytes() == same.tobytes() != other.tobytes()
    assert numpy.asarray(one).std() > 10
