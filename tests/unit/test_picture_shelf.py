"""The pictures of a bank: found by name, decoded within limits, kept once."""

from __future__ import annotations

import hashlib
import io
import random
from typing import Any

import pytest
from PIL import Image, ImageChops

from chalicelib.exams.content import Picture
from chalicelib.notation import picture_shelf
from chalicelib.notation.picture_shelf import (
    LONGEST_SIDE,
    MOST_ALT,
    MOST_PICTURES,
    PictureShelf,
    is_picture,
)
from tests.unit.test_pictures import png_of, saved

BLACK = png_of(8, 4)
WIDE = png_of(16, 4)


def opened(shelf: PictureShelf, picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(shelf.kept[picture.sha256]))


def noise(width: int = 48, height: int = 32) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["图1.png", "图1.PNG", "pictures/图1.png", "./pictures/图1.png", "pictures\\图1.png"]
)
def test_a_picture_is_found_by_name_or_path_in_upper_or_lower_case(name: str) -> None:
    shelf = PictureShelf({"pictures/图1.png": BLACK})
    assert shelf.find(name) == BLACK
    assert shelf.used == {"pictures/图1.png"}


def test_the_most_exact_name_is_found_first() -> None:
    shelf = PictureShelf({"pictures/a.png": BLACK, "pictures/two/a.png": WIDE})
    assert shelf.find("two/a.png") == WIDE
    assert shelf.find("pictures/a.png") == BLACK
    with pytest.raises(ValueError, match="几张不同的图片都叫"):
        shelf.find("a.png")


def test_the_same_picture_in_two_folders_is_one() -> None:
    shelf = PictureShelf({"pictures/a.png": BLACK, "questions/A.png": BLACK})
    assert shelf.find("a.png") == BLACK
    assert shelf.unused() == ()


def test_files_that_nobody_has_found_are_told() -> None:
    shelf = PictureShelf({"pictures/b.png": BLACK, "pictures/a.png": WIDE})
    shelf.take_file("b.png")
    assert shelf.unused() == ("pictures/a.png",)


def test_a_missing_picture_is_refused_by_its_name() -> None:
    shelf = PictureShelf({"pictures/a.png": BLACK})
    assert shelf.find("b.png") is None
    with pytest.raises(ValueError, match="找不到图片“b"):
        shelf.take_file("b.png")


@pytest.mark.parametrize(
    ("path", "expected"), [("a.PNG", True), ("图.webp", True), ("a.csv", False)]
)
def test_pictures_are_told_by_their_endings(path: str, expected: bool) -> None:
    assert is_picture(path) is expected


# --- what is kept -------------------------------------------------------------------------------


def test_the_same_picture_twice_is_kept_once() -> None:
    shelf = PictureShelf()
    assert shelf.take(BLACK, "黑") == Picture(shelf.take(BLACK).sha256, 8, 4, "黑")
    assert shelf.take(saved(Image.new("RGB", (8, 4)), "BMP")).sha256 in shelf.kept
    assert len(shelf.kept) == 1


def test_a_picture_is_named_by_the_bytes_that_are_kept_and_they_are_always_the_same() -> None:
    first, second = PictureShelf(), PictureShelf()
    taken = first.take(saved(noise(), "JPEG"))
    assert second.take(saved(noise(), "JPEG")) == taken
    assert hashlib.sha256(first.kept[taken.sha256]).hexdigest() == taken.sha256
    assert first.kept == second.kept


def test_a_drawing_stays_png_and_a_photograph_becomes_jpeg() -> None:
    shelf = PictureShelf()
    assert opened(shelf, shelf.take(saved(Image.new("L", (90, 90), 7), "BMP"))).format == "PNG"
    assert opened(shelf, shelf.take(saved(noise(), "PNG"))).format == "JPEG"


def nearly_grey() -> Image.Image:
    """A scan: grey with a trace of colour, which a JPEG loses."""
    grey = noise(60, 40).convert("L").resize((300, 200), Image.Resampling.BICUBIC)
    faint = Image.eval(noise(300, 200).convert("L"), lambda value: value % 2)
    return Image.merge("RGB", (grey, ImageChops.add(grey, faint), grey))


@pytest.mark.parametrize(
    "image", [nearly_grey(), noise(), Image.new("L", (90, 90), 7), Image.new("RGB", (9, 9), "red")]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_is_kept_is_kept_as_it_is_when_it_comes_again(image: Image.Image, kind: str) -> None:
    first, second = PictureShelf(), PictureShelf()
    taken = first.take(saved(image, kind))
    assert second.take(first.kept[taken.sha256]) == taken


def test_a_scan_becomes_a_jpeg_of_few_colours() -> None:
    shelf = PictureShelf()
    kept = opened(shelf, shelf.take(saved(nearly_grey(), "PNG")))
    assert kept.format == "JPEG"
    assert kept.getcolors(256) is not None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_each_usual_format_is_taken_without_metadata(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    options = {"exif": exif} if kind in ("PNG", "JPEG", "WEBP") else {}
    shelf = PictureShelf()
    taken = shelf.take(saved(Image.new("RGB", (8, 4), "white"), kind, **options))
    assert (taken.width, taken.height) == (8, 4)
    assert opened(shelf, taken).getpixel((3, 3)) == (255, 255, 255)
    assert b"Maker" not in shelf.kept[taken.sha256]


def test_a_picture_with_a_longer_side_is_reduced_and_no_other() -> None:
    shelf = PictureShelf()
    assert shelf.take(png_of(LONGEST_SIDE, 10)).width == LONGEST_SIDE
    taken = shelf.take(png_of(2 * LONGEST_SIDE, 300))
    assert (taken.width, taken.height) == (LONGEST_SIDE, 150)
    assert opened(shelf, taken).size == (LONGEST_SIDE, 150)


def test_the_text_of_a_picture_is_one_line_and_bounded() -> None:
    shelf = PictureShelf()
    assert shelf.take(BLACK, " 一\n 二 ").alt == "一 二"
    assert len(shelf.take(BLACK, "图" * MOST_ALT).alt) == MOST_ALT
    with pytest.raises(ValueError, match="文字说明最多"):
        shelf.take(BLACK, "图" * (MOST_ALT + 1))


# --- refusals -----------------------------------------------------------------------------------


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 4), colour) for colour in ("red", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "图片文件是空的"),
        (b"<svg/>", "图片不是图片文件"),
        (saved(noise(), "TIFF"), "请转为 PNG 或 JPEG"),
        (moving("GIF"), "是动画"),
        (moving("PNG"), "是动画"),
        (moving("WEBP"), "是动画"),
        (saved(noise(), "WEBP")[:40], "不完整或已损坏"),
        (png_of(9000, 9000), "过大：最多 25 百万像素"),
    ],
)
def test_what_is_no_usable_picture_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    shelf = PictureShelf()
    with pytest.raises(ValueError, match=reason):
        shelf.take(data)
    assert shelf.kept == {}


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_is_refused_by_its_header(lossless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    small = saved(noise(64, 16), "WEBP", lossless=lossless)
    monkeypatch.setattr("chalicelib.shared.pictures.MAX_PIXELS", 64 * 16)
    assert PictureShelf().take(small).width == 64
    monkeypatch.setattr("chalicelib.shared.pictures.MAX_PIXELS", 64 * 16 - 1)
    with pytest.raises(ValueError, match="过大"):
        PictureShelf().take(small)


def test_a_bank_has_only_so_many_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_shelf, "MOST_PICTURES", 2)
    shelf = PictureShelf()
    for width in (1, 2, 1):
        shelf.take(png_of(width, 1))
    with pytest.raises(ValueError, match="最多 2 张"):
        shelf.take(png_of(3, 1))
    assert MOST_PICTURES == 500


@pytest.mark.parametrize(
    ("limit", "reason"), [("MOST_BYTES", "合计超过"), ("MOST_PIXELS", "合计超过")]
)
def test_all_pictures_of_a_bank_together_are_bounded(
    limit: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = PictureShelf()
    taken = shelf.take(BLACK)
    amount: dict[str, Any] = {"MOST_BYTES": len(shelf.kept[taken.sha256]), "MOST_PIXELS": 8 * 4}
    monkeypatch.setattr(picture_shelf, limit, amount[limit])
    assert shelf.take(BLACK) == taken
    with pytest.raises(ValueError, match=reason):
        shelf.take(WIDE)
