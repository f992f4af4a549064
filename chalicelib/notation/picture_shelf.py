"""The pictures of a bank: found by name, decoded within limits, kept once by their SHA-256. Pure.

What is kept is made anew from the pixels: PNG or JPEG without metadata, at most `LONGEST_SIDE` pixels long. So a
picture brings nothing along. A JPEG that is like that already keeps its bytes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from chalicelib.exams.content import Picture
from chalicelib.notation.addresses import refuse_no_file
from chalicelib.shared import pictures
from chalicelib.shared.pictures import PictureRefused

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
"""Names of files that are taken for pictures."""

LONGEST_SIDE: Final = 1600  # pixels; a larger picture is reduced
MOST_PICTURES: Final = 500  # of a bank
MOST_BYTES: Final = 20 * 1024 * 1024  # of all kept pictures of a bank
MOST_PIXELS: Final = 200_000_000  # decoded for a bank: 10 to 40 s
MOST_ALT: Final = 200  # characters of an alternative text
_FEW_COLOURS: Final = 256  # a drawing or a screenshot, not a photograph
_JPEG_QUALITY: Final = 90
_FOLDERS: Final = re.compile(r"^(questions/|pictures/|图片/)")
_REASONS: Final = {
    "empty": "文件是空的，或只是链接：请重新插入图片",
    "too_large": f"超过 {pictures.MAX_BYTES // 1024 // 1024} MB",
    "not_a_picture": "不是图片文件",
    "heic": "是手机的 HEIC 格式：请转为 PNG 或 JPEG",
    "unsupported_format": "格式不能使用：请转为 PNG 或 JPEG",
    "animated": "是动画：请改用一张静止的图",
    "too_many_pixels": f"过大：最多 {pictures.MAX_PIXELS // 1_000_000} 百万像素、边长 {pictures.MAX_SIDE} 像素",
    "truncated": "文件不完整或已损坏",
}


Crop = tuple[float, float, float, float]
"""How much is cut off a picture at the left, top, right and bottom: parts of its width and height, 0 to 1."""

WHOLE: Final[Crop] = (0, 0, 0, 0)


class PictureShelf:
    """The pictures that a bank may use, and those that its questions have taken.

    `kept`: SHA-256 (hex) → bytes of each picture that was taken. `used`: paths of the files that were found.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        """`files`: path → bytes of the pictures that lie beside the bank."""
        self._files = dict(files or {})
        self._paths: dict[str, list[str]] = {}  # name as it is compared → paths
        for path in self._files:
            for name in _names(path):
                self._paths.setdefault(name, []).append(path)
        # SHA-256 of the given bytes, and which part of them → picture without text
        self._taken: dict[tuple[str, Crop], Picture] = {}
        self._pixels = 0
        self.kept: dict[str, bytes] = {}
        self.used: set[str] = set()

    def find(self, name: str) -> bytes | None:
        """The bytes of the file with this name or path, upper or lower case; None when there is none.

        Raises `ValueError` when several different pictures have this name.
        """
        paths = next(
            (self._paths[wanted] for wanted in reversed(_names(name)) if wanted in self._paths), []
        )
        if not paths:
            return None
        if len({self._files[path] for path in paths}) > 1:
            raise ValueError(f"有几张不同的图片都叫“{name}”：{'、'.join(sorted(paths))}")
        self.used.update(paths)
        return self._files[paths[0]]

    def take_file(self, name: str, alt: str = "") -> Picture:
        """Take the picture of this name. Raises `ValueError` with the reason, also when it is missing.

        An address of the network is refused, even when a file here has the same last name.
        """
        refuse_no_file(name)
        data = self.find(name)
        if data is None:
            raise ValueError(
                f"找不到图片“{name}”：请放进考试包的 pictures/ 文件夹，或与题库放在一起"
            )
        try:
            return self.take(data, alt)
        except ValueError as error:
            raise ValueError(f"“{name}”：{error}") from None

    def take(self, data: bytes, alt: str = "", crop: Crop = WHOLE) -> Picture:
        """Decode a picture and keep it, or the part of it that is shown. Raises `ValueError` with the reason."""
        text = " ".join(alt.split())
        if len(text) > MOST_ALT:
            raise ValueError(f"图片的文字说明最多 {MOST_ALT} 字")
        given = hashlib.sha256(data).hexdigest(), crop
        if given not in self._taken:
            self._taken[given] = self._keep(data, crop)
        taken = self._taken[given]
        return Picture(taken.sha256, taken.width, taken.height, text)

    def unused(self) -> tuple[str, ...]:
        """The paths of the files that nobody has found, in order."""
        return tuple(sorted(set(self._files) - self.used))

    def _keep(self, data: bytes, crop: Crop) -> Picture:
        if self._pixels >= MOST_PIXELS:
            raise ValueError(f"图片合计超过 {MOST_PIXELS // 1_000_000} 百万像素：请缩小图片")
        try:
            image = pictures.decode_picture(data, pictures.ALL_FORMATS)
        except PictureRefused as refused:
            raise ValueError(f"图片{_REASONS[refused.reason]}") from None
        self._pixels += image.width * image.height
        if crop == WHOLE and _is_as_kept(data, image):
            kept, size = data, image.size
        else:
            kept, size = _encoded(_cropped(image, crop))
        sha256 = hashlib.sha256(kept).hexdigest()
        if sha256 not in self.kept:
            if len(self.kept) >= MOST_PICTURES:
                raise ValueError(f"一个题库最多 {MOST_PICTURES} 张图片")
            if sum(map(len, self.kept.values())) + len(kept) > MOST_BYTES:
                raise ValueError(f"图片合计超过 {MOST_BYTES // 1024 // 1024} MB：请缩小图片")
            self.kept[sha256] = kept
        return Picture(sha256, *size)


def is_picture(path: str) -> bool:
    """Whether the name of a file says that it is a picture."""
    return path.lower().endswith(ENDINGS)


def _names(path: str) -> tuple[str, ...]:
    """The names by which a file is found, the least exact first: without folders, in its folder, and whole."""
    whole = unicodedata.normalize("NFKC", path).casefold().replace("\\", "/").removeprefix("./")
    inner = _FOLDERS.sub("", whole)
    return tuple(dict.fromkeys((whole.rpartition("/")[2], inner, whole)))


def _cropped(image: Image, crop: Crop) -> Image:
    """The part of a picture that is shown. Raises `ValueError` when nothing is."""
    if crop == WHOLE:
        return image
    left, top, right, bottom = crop
    box = (
        round(image.width * left),
        round(image.height * top),
        round(image.width * (1 - right)),
        round(image.height * (1 - bottom)),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError("图片被裁剪得什么也看不到")
    return image.crop(box)


def _is_as_kept(data: bytes, image: Image) -> bool:
    """Whether a JPEG is as we keep it, so that what was exported comes in again without a loss.

    Its colours say nothing: a grey photograph may have few of them once it is a JPEG.
    """
    return max(image.size) <= LONGEST_SIDE and pictures.is_bare_jpeg(data)


def _encoded(image: Image) -> tuple[bytes, tuple[int, int]]:
    """The bytes that are kept, and their size in pixels.

    A drawing or a screenshot stays PNG, so that its letters stay sharp; a photograph becomes JPEG, which is smaller.
    """
    small = pictures.reduced(image, LONGEST_SIDE)
    png = pictures.encode_png(small)
    if image.getcolors(_FEW_COLOURS) is None:
        jpeg = pictures.encode_jpeg(small, quality=_JPEG_QUALITY)
        return min(png, jpeg, key=len), small.size
    return png, small.size
