"""Decoding uploaded pictures safely, and encoding pictures as JPEG or PNG without metadata. Pure.

An uploader controls every byte of a picture. So the cheapest limits are checked first: length, first bytes, header, and
then the pixels. Pillow is imported inside the functions, because most cloud functions import this module and never
decode a picture.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

Format = Literal["jpeg", "png", "gif", "bmp", "webp"]
PHOTO_FORMATS: Final[tuple[Format, ...]] = ("jpeg", "png")
"""What cameras and pages send."""

ALL_FORMATS: Final[tuple[Format, ...]] = (*PHOTO_FORMATS, "gif", "bmp", "webp")
"""The pictures of documents and question banks."""

PictureReason = Literal[
    "empty",
    "too_large",
    "not_a_picture",
    "heic",
    "unsupported_format",
    "animated",
    "too_many_pixels",
    "truncated",
]

MAX_BYTES: Final = 5 * 1024 * 1024
"""5 MiB. A 25-megapixel photograph at usual quality fits; a screen's frame is 50-200 kB."""

MAX_PIXELS: Final = 25_000_000
"""25 megapixels: 75 MB as RGB. A PNG of 9 KiB can announce 81 megapixels and take 400 MB."""

MAX_SIDE: Final = 12_000
"""Pixels. No camera takes such strips (25 by 1,000,000 is 25 megapixels too); work per row or column adds up."""

_JPEG_START: Final = b"\xff\xd8\xff"
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"

# Brands of the ISO base media container (ISO/IEC 23008-12, annex B) that telephones write.
_HEIC_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
)
_STARTS: Final[tuple[tuple[bytes, Format], ...]] = (
    (_JPEG_START, "jpeg"),
    (_PNG_START, "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
)
_OTHER_STARTS: Final = (b"II*\x00", b"MM\x00*", b"8BPS", b"\xff\x0a")

_JFIF: Final = 0xE0
_JFIF_LENGTH: Final = 16  # without a thumbnail
_SCAN: Final = 0xDA
_BARE_SEGMENTS: Final = frozenset((_JFIF, 0xDB, 0xC0, 0xC4, _SCAN))  # tables, frame and codes
# A marker inside of the scan, other than the end of the file.
_SCAN_END: Final = re.compile(rb"\xff[^\x00](?!\Z)", re.DOTALL)

_ORIENTATION_TAG: Final = 0x0112  # EXIF 2.32, "Orientation"


class PictureRefused(ValueError):
    """The bytes are not an accepted picture. `reason` says why.

    empty               no bytes at all
    too_large           more than MAX_BYTES
    not_a_picture       none of the formats known here
    heic                a telephone's HEIC/HEIF: the sender must convert it to JPEG
    unsupported_format  a picture of a format that is not accepted here
    animated            more than one frame
    too_many_pixels     more than MAX_PIXELS, or a side above MAX_SIDE, by its own header
    truncated           begins like a picture, but the rest is missing or damaged
    """

    reason: PictureReason

    def __init__(self, reason: PictureReason) -> None:
        super().__init__(f"picture refused: {reason}")
        self.reason = reason


def decode_picture(data: bytes, formats: tuple[Format, ...] = PHOTO_FORMATS) -> Image:
    """The picture as RGB pixels, upright (EXIF orientation applied), transparency laid on white.

    The result carries no metadata. `formats`: those that are accepted. Raises PictureRefused, and nothing else,
    whatever the bytes.
    """
    kind = _format_of(data)
    if kind not in formats:
        raise PictureRefused("unsupported_format")
    try:
        picture = _open(data, kind)
        _check_header(picture)
        picture.load()
        return _bare(_upright(_as_rgb(picture), _orientation(picture)))
    except (PictureRefused, MemoryError):
        raise
    except Exception as error:
        # Pillow's parsers raise OSError, SyntaxError, ValueError, struct.error, IndexError and
        # more on damaged files; the list differs between releases, the meaning here does not.
        raise PictureRefused("truncated") from error


def encode_jpeg(image: Image, *, max_side: int | None = None, quality: int = 88) -> bytes:
    """The pixels as JPEG and nothing else: no EXIF, no comment, no colour profile, no tail.

    `max_side`: the longer side is reduced to this many pixels, never enlarged. `quality`: 1-95, as
    in libjpeg; at 88 face vectors move by .02 to .08 (docs/face.md). The same pixels give the same
    bytes with the same Pillow. Raises ValueError for a bad size or quality.
    """
    if not 1 <= quality <= 95:
        raise ValueError(f"quality must be 1-95, not {quality}")
    bare = _bare(image if image.mode == "RGB" else _as_rgb(image))
    out = io.BytesIO()
    reduced(bare, max_side).save(out, format="JPEG", quality=quality, optimize=True)
    return out.getvalue()


def is_bare_jpeg(data: bytes) -> bool:
    """Whether a JPEG holds what `encode_jpeg` writes and nothing else: one baseline scan between its tables."""
    at = 2
    if not data.startswith(_JPEG_START):
        return False
    while data[at : at + 1] == b"\xff" and len(data) >= at + 4:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker not in _BARE_SEGMENTS or (marker == _JFIF and length != _JFIF_LENGTH):
            return False
        at += 2 + length
        if marker == _SCAN:
            return _SCAN_END.search(data, at) is None and data.endswith(b"\xff\xd9")
    return False


def encode_png(image: Image) -> bytes:
    """The RGB pixels as PNG and nothing else. Lines and letters stay sharp."""
    out = io.BytesIO()
    _bare(image).save(out, format="PNG", optimize=True)
    return out.getvalue()


def reduced(picture: Image, max_side: int | None) -> Image:
    """The picture with its longer side at most `max_side` pixels, proportions kept, never enlarged.

    Raises ValueError for a bad size.
    """
    from PIL.Image import Resampling

    if max_side is None:
        return picture
    if max_side < 1:
        raise ValueError(f"max_side must be at least 1, not {max_side}")
    scale = max_side / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Resampling.LANCZOS, reducing_gap=3.0)


def pixels_sha256(image: Image) -> str:
    """SHA-256 of size and pixels, in hex: the same for every file that decodes to this picture."""
    return hashlib.sha256(f"{image.width}x{image.height}/".encode() + image.tobytes()).hexdigest()


def turned(image: Image, quarters: int) -> Image:
    """The picture turned to the left by so many quarters; the same one for none."""
    from PIL.Image import Transpose

    turns = (None, Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270)
    turn = turns[quarters % 4]
    return image if turn is None else image.transpose(turn)


def thumbnail(data: bytes, max_side: int) -> bytes | None:
    """A small JPEG of a picture: 3 kB at 160 pixels. None for bytes that are no picture."""
    try:
        return encode_jpeg(decode_picture(data), max_side=max_side, quality=60)
    except PictureRefused:
        return None


def _format_of(data: bytes) -> Format:
    """What the length and the first bytes say. Raises PictureRefused for other formats than those named here."""
    if not data:
        raise PictureRefused("empty")
    if len(data) > MAX_BYTES:
        raise PictureRefused("too_large")
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    raise PictureRefused(_other_kind(data))


def _other_kind(data: bytes) -> PictureReason:
    """A name for bytes of no format that can be decoded."""
    if data[4:8] == b"ftyp":
        return _container_kind(data)
    if data.startswith(_OTHER_STARTS):
        return "unsupported_format"
    if _JPEG_START.startswith(data[:3]) or _PNG_START.startswith(data[:8]):
        return "truncated"  # shorter than its own signature
    return "not_a_picture"


def _container_kind(data: bytes) -> PictureReason:
    """HEIC, AVIF (a picture we do not take) or a film, by the brands after `ftyp`."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12]} | {data[start : start + 4] for start in range(16, length, 4)}
    if brands & {b"avif", b"avis"}:  # AVIF names mif1 as well: ask for it first
        return "unsupported_format"
    return "heic" if brands & _HEIC_BRANDS else "not_a_picture"


def _open(data: bytes, kind: Format) -> ImageFile:
    """Read the header only. Raises PictureRefused for a WebP that is too large or moves.

    The readers are called by name, not through `Image.open`: no other format can answer, its
    decompression-bomb warning (a global number) plays no part, and a camera's MPO file, which is a
    JPEG with previews behind it, is read as the one photograph that it shows.
    """
    from PIL.BmpImagePlugin import BmpImageFile
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    if kind == "webp":  # its reader makes room for all pixels at once
        _check_size(*_webp_size(data))
    readers: dict[Format, type[ImageFile]] = {
        "jpeg": JpegImageFile,
        "png": PngImageFile,
        "gif": GifImageFile,
        "bmp": BmpImageFile,
        "webp": WebPImageFile,
    }
    return readers[kind](io.BytesIO(data))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height by the header of a WebP (RFC 9649). Raises PictureRefused for an unknown header."""
    first, numbers = data[12:16], int.from_bytes(data[20:30], "little")
    match first:
        case b"VP8X":
            return (numbers >> 32 & 0xFFFFFF) + 1, (numbers >> 56 & 0xFFFFFF) + 1
        case b"VP8L":
            return (numbers >> 8 & 0x3FFF) + 1, (numbers >> 22 & 0x3FFF) + 1
        case b"VP8 ":
            return numbers >> 48 & 0x3FFF, numbers >> 64 & 0x3FFF
    raise PictureRefused("truncated")


def _check_header(picture: ImageFile) -> None:
    """Refuse by what the header announces, before any pixel is decoded."""
    _check_size(*picture.size)
    if getattr(picture, "is_animated", False):
        raise PictureRefused("animated")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise PictureRefused("too_many_pixels")


def _as_rgb(picture: Image) -> Image:
    """Any mode that the readers give (1, L, LA, P, RGB, RGBA, CMYK, I;16, I) as RGB."""
    from PIL.Image import new

    if picture.mode.startswith("I"):
        # Pillow's own conversion cuts 16-bit grey off at 255, which makes nearly all of it white.
        return picture.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _orientation(picture: Image) -> int:
    """EXIF orientation 1-8; 1 (upright) when it is missing or cannot be read."""
    try:
        return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # a damaged EXIF block is no reason to refuse a picture that can be seen
        return 1


def _upright(picture: Image, orientation: int) -> Image:
    """Turn and mirror as EXIF 2.32 defines the eight orientations."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _bare(picture: Image) -> Image:
    """A copy with pixels only: Pillow writes what it finds in `info` (a comment) into new files."""
    bare = picture.copy()
    bare.info = {}
    return bare
