"""Safe decoding: every reason to refuse, every kind of pixel, and nothing but pixels written."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import warnings
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageFile, ImageOps

from chalicelib.shared.pictures import (
    MAX_BYTES,
    MAX_PIXELS,
    PictureRefused,
    decode_picture,
    encode_jpeg,
    is_bare_jpeg,
)

SIZE = (48, 32)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def four_corners() -> Image.Image:
    """A picture that looks different in each of its eight positions."""
    image = Image.new("RGB", SIZE, "white")
    image.paste("red", (0, 0, 24, 16))
    image.paste("blue", (24, 0, 48, 16))
    image.paste("green", (0, 16, 24, 32))
    return image


def noise() -> Image.Image:
    """A picture that does not compress, so that its data are spread over the file."""
    return Image.frombytes("RGB", SIZE, random.Random(1).randbytes(3 * SIZE[0] * SIZE[1]))


def png_of(width: int, height: int) -> bytes:
    """A black 1-bit PNG, made row by row without ever holding its pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    press = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(press.compress(row) for _ in range(height)) + press.flush()
    parts = chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refused(data: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        decode_picture(data)
    return caught.value.reason


def container(brand: bytes, *others: bytes) -> bytes:
    """The first box of an ISO media file."""
    body = b"ftyp" + brand + b"\x00\x00\x00\x00" + b"".join(others)
    return struct.pack(">I", len(body) + 4) + body + b"\x00" * 64


# --- refusals ---------------------------------------------------------------------------------


def test_no_bytes_are_empty() -> None:
    assert refused(b"") == "empty"


def test_exactly_the_limit_is_taken_and_one_byte_more_is_too_large() -> None:
    picture = saved(four_corners(), "JPEG")
    full = picture + b"\x00" * (MAX_BYTES - len(picture))
    assert decode_picture(full).size == SIZE
    assert refused(full + b"\x00") == "too_large"


@pytest.mark.parametrize(
    "data", [b"hello", b"%PDF-1.7\n", b"<svg/>", b"PK\x03\x04", b"\x00" * 40, container(b"isom")]
)
def test_other_files_are_not_a_picture(data: bytes) -> None:
    assert refused(data) == "not_a_picture"


@pytest.mark.parametrize(
    "data", [container(b"heic", b"mif1", b"heic"), container(b"mif1", b"heic"), container(b"msf1")]
)
def test_a_telephones_heic_is_named(data: bytes) -> None:
    assert refused(data) == "heic"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_pictures_of_other_formats_are_unsupported(kind: str) -> None:
    assert refused(saved(four_corners(), kind)) == "unsupported_format"


def test_avif_is_unsupported_though_it_names_the_heif_brand() -> None:
    assert refused(container(b"avif", b"mif1", b"miaf")) == "unsupported_format"


def test_a_moving_png_is_animated() -> None:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "blue")]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert refused(data) == "animated"


def test_nine_kibibytes_that_unfold_to_81_megapixels_are_refused_before_they_unfold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = png_of(9000, 9000)
    assert len(bomb) < 10 * 1024

    def unfold(_: ImageFile.ImageFile) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", unfold)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refused(bomb) == "too_many_pixels"


def test_25_megapixels_are_taken_and_one_row_more_is_not() -> None:
    assert MAX_PIXELS == 5000 * 5000
    assert decode_picture(png_of(5000, 5000)).size == (5000, 5000)
    assert refused(png_of(5000, 5001)) == "too_many_pixels"


def test_a_strip_of_few_pixels_is_refused_by_its_longer_side() -> None:
    for size in ((12_000, 10), (10, 12_000)):
        assert decode_picture(png_of(*size)).size == size
    for size in ((12_001, 10), (10, 12_001)):
        assert refused(png_of(*size)) == "too_many_pixels"


@pytest.mark.parametrize("data", [b"\xff\xd8", b"\xff", b"\x89PNG\r\n"])
def test_less_than_a_signature_is_truncated(data: bytes) -> None:
    assert refused(data) == "truncated"


FORMATS = [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {})]


@pytest.mark.parametrize(("kind", "options"), FORMATS)
def test_half_a_picture_is_truncated(kind: str, options: dict[str, Any]) -> None:
    data = saved(noise(), kind, **options)
    assert refused(data[: len(data) // 2]) == "truncated"


@pytest.mark.parametrize(("kind", "options"), FORMATS)
def test_wherever_a_picture_is_cut_it_is_refused_or_whole(
    kind: str, options: dict[str, Any]
) -> None:
    data = saved(noise(), kind, **options)
    whole = decode_picture(data).tobytes()
    for end in range(1, len(data), 7):
        try:
            decoded = decode_picture(data[:end])
        except PictureRefused as refusal:
            assert refusal.reason == "truncated"
        else:
            assert decoded.tobytes() == whole, f"cut at {end} of {len(data)}"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on damaged EXIF
@pytest.mark.parametrize(("kind", "options"), FORMATS)
def test_damaged_bytes_never_raise_anything_else(kind: str, options: dict[str, Any]) -> None:
    data = saved(noise(), kind, exif=exif_of(6), **options)
    chance = random.Random(7)
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(data))] = chance.randrange(256)
        with suppress(PictureRefused):
            decode_picture(bytes(damaged))


# --- what is taken ----------------------------------------------------------------------------


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    return exif.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_comes_out_upright(kind: str, orientation: int) -> None:
    data = saved(four_corners(), kind, exif=exif_of(orientation))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    decoded = decode_picture(data)
    assert decoded.size == expected.size
    assert decoded.tobytes() == expected.tobytes()


@pytest.mark.parametrize("exif", [b"Exif\x00\x00rubbish", exif_of(0), exif_of(99)])
def test_a_damaged_orientation_leaves_the_picture_as_it_is(exif: bytes) -> None:
    assert decode_picture(saved(four_corners(), "JPEG", exif=exif)).size == SIZE


GREY16 = Image.frombytes("I;16", (1, 1), struct.pack("<H", 40_000))
PALETTE = Image.new("P", (1, 1), 1)
PALETTE.putpalette([0, 0, 0, 200, 100, 50])


@pytest.mark.parametrize(
    ("image", "options", "pixel"),
    [
        (Image.new("1", (1, 1), 1), {}, (255, 255, 255)),
        (Image.new("L", (1, 1), 90), {}, (90, 90, 90)),
        (Image.new("LA", (1, 1), (0, 0)), {}, (255, 255, 255)),
        (Image.new("RGB", (1, 1), (10, 20, 30)), {}, (10, 20, 30)),
        (Image.new("RGB", (1, 1), (10, 20, 30)), {"transparency": (10, 20, 30)}, (255,) * 3),
        (Image.new("RGBA", (1, 1), (10, 20, 30, 255)), {}, (10, 20, 30)),
        (Image.new("RGBA", (1, 1), (10, 20, 30, 0)), {}, (255, 255, 255)),
        (Image.new("RGBA", (1, 1), (0, 0, 0, 128)), {}, (127, 127, 127)),
        (PALETTE, {}, (200, 100, 50)),
        (PALETTE, {"transparency": 1}, (255, 255, 255)),
        (GREY16, {}, (156, 156, 156)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_every_kind_of_png_becomes_rgb_on_white(
    image: Image.Image, options: dict[str, Any], pixel: tuple[int, int, int]
) -> None:
    decoded = decode_picture(saved(image, "PNG", **options))
    assert decoded.mode == "RGB"
    assert decoded.getpixel((0, 0)) == pixel


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_becomes_rgb(mode: str) -> None:
    data = saved(Image.new("RGB", SIZE, (200, 200, 200)).convert(mode), "JPEG")
    decoded = decode_picture(data)
    pixel = decoded.getpixel((5, 5))
    assert decoded.mode == "RGB"
    assert isinstance(pixel, tuple)
    assert all(abs(value - 200) <= 3 for value in pixel)


def test_a_cameras_jpeg_with_previews_behind_it_is_its_first_photo() -> None:
    previews = [Image.new("RGB", SIZE, "black")]
    data = saved(four_corners(), "MPO", save_all=True, append_images=previews)
    assert decode_picture(data).tobytes() == decode_picture(saved(four_corners(), "JPEG")).tobytes()


def test_a_decoded_picture_has_no_metadata() -> None:
    data = saved(four_corners(), "JPEG", exif=exif_of(1), comment=b"secret", dpi=(72, 72))
    assert decode_picture(data).info == {}


def test_the_librarys_global_settings_stay_as_they_are() -> None:
    pixels = Image.MAX_IMAGE_PIXELS
    decode_picture(saved(four_corners(), "PNG"))
    assert pixels == Image.MAX_IMAGE_PIXELS
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


# --- what is written --------------------------------------------------------------------------


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG up to its scan, and whatever follows the end of the image."""
    markers, at = [], 2
    while jpeg[at + 1] != 0xDA:
        markers.append(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return markers


JFIF, TABLES, FRAME, CODES = 0xE0, 0xDB, 0xC0, 0xC4


def test_nothing_but_pixels_is_written() -> None:
    image = four_corners()
    image.info.update(comment=b"secret", exif=exif_of(6), icc_profile=b"profile", xmp=b"<x/>")
    written = encode_jpeg(image)
    assert set(segments(written)) <= {JFIF, TABLES, FRAME, CODES}
    assert b"secret" not in written
    assert b"Maker" not in written


@pytest.mark.parametrize(
    ("data", "bare"),
    [
        (encode_jpeg(noise()), True),
        (saved(noise(), "JPEG", exif=exif_of(1)), False),
        (saved(noise(), "JPEG", comment=b"x"), False),
        (saved(noise(), "JPEG", progressive=True), False),
        (encode_jpeg(noise()) + b"x", False),
        (encode_jpeg(noise()) + encode_jpeg(noise()), False),
        (encode_jpeg(noise())[:-2], False),
        (saved(noise(), "PNG"), False),
        (b"\xff\xd8\xff", False),
        (b"", False),
    ],
)
def test_a_jpeg_is_bare_when_it_holds_nothing_but_the_picture(data: bytes, bare: bool) -> None:
    assert is_bare_jpeg(data) is bare


def test_a_second_file_behind_the_picture_is_dropped() -> None:
    polyglot = saved(four_corners(), "JPEG", exif=exif_of(1)) + b"PK\x03\x04<script>"
    written = encode_jpeg(decode_picture(polyglot))
    assert b"<script>" not in written
    assert written.endswith(b"\xff\xd9")


def test_the_same_pixels_give_the_same_bytes() -> None:
    image = noise()
    assert encode_jpeg(image) == encode_jpeg(image.copy())


def test_encoding_leaves_the_given_picture_alone() -> None:
    image = four_corners()
    image.info["comment"] = b"mine"
    encode_jpeg(image, max_side=10)
    assert image.size == SIZE
    assert image.info == {"comment": b"mine"}


@pytest.mark.parametrize(
    ("max_side", "size"), [(None, (48, 32)), (48, (48, 32)), (100, (48, 32)), (24, (24, 16))]
)
def test_the_long_side_is_reduced_and_never_enlarged(
    max_side: int | None, size: tuple[int, int]
) -> None:
    assert decode_picture(encode_jpeg(four_corners(), max_side=max_side)).size == size


def test_a_line_keeps_at_least_one_pixel() -> None:
    assert decode_picture(encode_jpeg(Image.new("RGB", (400, 1)), max_side=10)).size == (10, 1)


@pytest.mark.parametrize("options", [{"quality": 0}, {"quality": 96}, {"max_side": 0}])
def test_nonsense_sizes_and_qualities_are_errors(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        encode_jpeg(four_corners(), **options)


def test_a_large_picture_that_does_not_compress_can_be_written() -> None:
    image = Image.effect_noise((2000, 2000), 100)
    assert decode_picture(encode_jpeg(image, quality=95)).size == (2000, 2000)


def test_importing_the_module_loads_no_picture_library() -> None:
    look = "import sys, chalicelib.shared.pictures; print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
