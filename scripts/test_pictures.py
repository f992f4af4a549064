"""Fetch the pictures that the tests and the demonstration use; they are never kept in the project.

    python -m scripts.test_pictures [DEST]        # default: var/pictures

The originals lie in packages that pip can download: the source of face-recognition 1.3.0 (3.2 MB,
its own test pictures), scikit-image 0.25.2 (about 15 MB, astronaut.png) and insightface 2.1
(1.2 MB, a group picture). Nothing of them is installed; the pictures named below are taken out, and
each must have the SHA-256 pinned here.

Everything else is derived, the same bytes each time with the same Pillow: portraits of 413x579
pixels (id_*.jpg), camera frames of 640x480 (frame_*.jpg), good and spoilt ones. There is only one
original of person b, so person_b_2 and frame_b are derived from it (crop, mirror, light, JPEG q40).
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import PIL
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from scripts import wheels
from scripts.wheels import FileUnavailable

DEFAULT_DEST = Path("var/pictures")
STAMP = "made-by.txt"
CAMERA = (640, 480)
PORTRAIT = (413, 579)  # 二寸, 35x49 mm at 300 dpi; an ID photo must have at least 一寸, 295x413

Box = tuple[int, int, int, int]

# Middle of the eyes, their distance, tip of the nose in frame_a_2.jpg: pixels, set by hand.
EYES, EYES_APART, NOSE = (320, 156), 127, (288, 232)


@dataclass(frozen=True)
class Original:
    """A picture inside a package: where it lies, and the SHA-256 that it must have."""

    member: str
    sha256: str


@dataclass(frozen=True)
class Package:
    """A package with options for pip, and the pictures to take from it: name here → original."""

    requirement: str
    options: tuple[str, ...]
    pictures: dict[str, Original]


PACKAGES = (
    Package(
        "face-recognition==1.3.0",
        ("--no-binary", "face-recognition"),  # the wheel holds no pictures
        {
            "person_a_1.jpg": Original(
                "tests/test_images/obama.jpg",
                "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
            ),
            "person_a_2.jpg": Original(
                "tests/test_images/obama2.jpg",
                "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
            ),
            "person_a_3.jpg": Original(
                "tests/test_images/obama3.jpg",
                "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
            ),
            "person_b_1.jpg": Original(
                "tests/test_images/biden.jpg",
                "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
            ),
            "partial_face_1.jpg": Original(
                "tests/test_images/obama_partial_face.jpg",
                "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
            ),
            "partial_face_2.jpg": Original(
                "tests/test_images/obama_partial_face2.jpg",
                "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
            ),
        },
    ),
    Package(
        "scikit-image==0.25.2",
        (),
        {
            "person_c_1.png": Original(
                "skimage/data/astronaut.png",
                "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
            )
        },
    ),
    Package(
        "insightface==2.1",
        (),
        {
            "group.jpg": Original(
                "insightface/data/images/t1.jpg",
                "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489",
            )
        },
    ),
)


def fetch(dest: Path = DEFAULT_DEST) -> Path:
    """Make `dest` complete and return it; at once when it already is.

    Safe to call from several processes. Raises FileUnavailable.
    """
    if is_complete(dest):
        return dest
    dest.mkdir(parents=True, exist_ok=True)
    (dest / ".gitignore").write_text("*\n")  # faces of people: never to be committed
    with tempfile.TemporaryDirectory(dir=dest) as work:
        made = Path(work)
        for package in PACKAGES:
            _take_originals(package, dest, made)
        for name, recipe in DERIVED.items():
            (made / name).write_bytes(_jpeg(recipe(made)))
        (made / STAMP).write_text(_stamp())
        for name in (*ORIGINALS, *DERIVED, STAMP):  # the stamp last: it says that all is there
            os.replace(made / name, dest / name)
    return dest


def is_complete(dest: Path) -> bool:
    """Whether this very script with this Pillow has filled `dest`."""
    stamp = dest / STAMP
    present = all((dest / name).is_file() for name in (*ORIGINALS, *DERIVED))
    return present and stamp.is_file() and stamp.read_text() == _stamp()


def _stamp() -> str:
    """Changes with the recipes and with the library that carries them out."""
    return f"{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()} Pillow {PIL.__version__}\n"


# --- originals --------------------------------------------------------------------------------


def _take_originals(package: Package, dest: Path, made: Path) -> None:
    """Write the pictures of one package to `made`, from `dest` if they are there already."""
    have = {name: _checked_file(dest / name, want) for name, want in package.pictures.items()}
    if not all(have.values()):
        with tempfile.TemporaryDirectory() as folder:
            archive = wheels.download(package.requirement, Path(folder), package.options)
            have = dict(_extracted(archive, package))
    for name, data in have.items():
        (made / name).write_bytes(data or b"")


def _checked_file(file: Path, want: Original) -> bytes | None:
    """The bytes of a file that is there and right, else None."""
    data = file.read_bytes() if file.is_file() else b""
    return data if hashlib.sha256(data).hexdigest() == want.sha256 else None


def _extracted(archive: Path, package: Package) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each wanted picture. Raises FileUnavailable if missing or changed."""
    members = dict(_members(archive))
    for name, want in package.pictures.items():
        found = [data for path, data in members.items() if path.endswith(want.member)]
        if len(found) != 1:
            raise FileUnavailable(f"{package.requirement} holds no {want.member}")
        if hashlib.sha256(found[0]).hexdigest() != want.sha256:
            raise FileUnavailable(f"{want.member} of {package.requirement} has changed")
        yield name, found[0]


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the pictures in a wheel or a source archive; nothing is written to disk."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            for path in wheel.namelist():
                if path.endswith((".jpg", ".png")):
                    yield path, wheel.read(path)
        return
    with tarfile.open(archive) as source:
        for member in source:
            stream = source.extractfile(member) if member.name.endswith((".jpg", ".png")) else None
            if stream is not None:
                yield member.name, stream.read()


# --- derived pictures -------------------------------------------------------------------------
# The boxes (left, top, right, bottom in pixels of the original) were set round the faces by hand.


def _part(folder: Path, name: str, box: Box, size: tuple[int, int]) -> Image.Image:
    """A cut-out of an original, brought to a size of the same proportions."""
    with Image.open(folder / name) as original:
        cut = original.convert("RGB").crop(box)
    return cut.resize(size, Image.Resampling.LANCZOS)


def _portrait(name: str, box: Box) -> Callable[[Path], Image.Image]:
    """An ID-photo-like portrait: one face, upright, over 295x413 pixels."""
    return lambda folder: _part(folder, name, box, PORTRAIT)


def _frame_a(folder: Path) -> Image.Image:
    """Person a before a camera: another day and place than person_a_1, of which id_a is made."""
    return _part(folder, "person_a_3.jpg", (293, 100, 1293, 850), CAMERA)


def _frame_a_2(folder: Path) -> Image.Image:
    """Person a again, near to the camera and speaking."""
    return _part(folder, "person_a_2.jpg", (0, 220, 626, 690), CAMERA)


def _person_b_2(folder: Path) -> Image.Image:
    """The stand-in for a second picture of person b: cut, mirrored, brighter, badly compressed."""
    cut = ImageOps.mirror(_part(folder, "person_b_1.jpg", (0, 65, 968, 791), (968, 726)))
    return _recompressed(ImageEnhance.Brightness(cut).enhance(1.2), quality=40)


def _frame_b(folder: Path) -> Image.Image:
    """Person b before a camera (derived from the only original, see above)."""
    return _recompressed(_person_b_2(folder).resize(CAMERA, Image.Resampling.LANCZOS), quality=40)


def _frame_c(folder: Path) -> Image.Image:
    """Person c before a camera (cut from the same original as id_c)."""
    return _part(folder, "person_c_1.png", (42, 0, 402, 270), CAMERA)


def _frame_two(folder: Path) -> Image.Image:
    """Persons a and b side by side."""
    frame = Image.new("RGB", CAMERA)
    frame.paste(_frame_a(folder).crop((160, 0, 480, 480)), (0, 0))
    frame.paste(_frame_b(folder).crop((90, 0, 410, 480)), (320, 0))
    return frame


def _two_people(folder: Path) -> Image.Image:
    """Persons a and b side by side, as large as a telephone takes it."""
    picture = Image.new("RGB", (1600, 1000))
    picture.paste(_part(folder, "person_a_1.jpg", (100, 0, 900, 1000), (800, 1000)), (0, 0))
    picture.paste(_part(folder, "person_b_1.jpg", (100, 0, 900, 1000), (800, 1000)), (800, 0))
    return picture


def _frame_dark(folder: Path) -> Image.Image:
    """Frame a with the light off: mean grey under 15."""
    return ImageEnhance.Brightness(_frame_a(folder)).enhance(0.08)


def _frame_blurred(folder: Path) -> Image.Image:
    """Frame a out of focus; the face is still found."""
    return _frame_a(folder).filter(ImageFilter.GaussianBlur(6))


def _frame_small(folder: Path) -> Image.Image:
    """Person a so far away that the face, 50 pixels, is found in an enlarged frame only."""
    frame = Image.new("RGB", CAMERA, (96, 92, 88))
    frame.paste(_frame_a(folder).resize((176, 132), Image.Resampling.LANCZOS), (232, 170))
    return frame


def _frame_turned(folder: Path) -> Image.Image:
    """Somebody of the group picture who looks aside."""
    return _part(folder, "group.jpg", (805, 45, 1065, 240), CAMERA)


def _frame_a_right(folder: Path) -> Image.Image:
    """Frame a 2, in which person a looks to their right already, turned further: seen over a relief of a face.

    What stands out moves sideways in proportion to its height, as it does when a head turns; what lies behind a nose
    or a cheek cannot be shown. So this is a real face and a drawn turn, by a tangent of .9 at the picture's plane.
    """
    frame = _frame_a_2(folder)
    return frame.transform(
        frame.size, Image.Transform.MESH, _relief(-0.9), Image.Resampling.BILINEAR
    )


def _frame_a_left(folder: Path) -> Image.Image:
    """The same, mirrored: person a turned to their left."""
    return ImageOps.mirror(_frame_a_right(folder))


def _frame_flat(folder: Path) -> Image.Image:
    """Frame a as a photo on paper, held before the camera and turned by 45 degrees about its vertical middle."""
    return held(_frame_a(folder), 45)


def held(photo: Image.Image, turn: float, nod: float = 0, tilt: float = 0) -> Image.Image:
    """A flat photo before the camera, from twice its height away; angles in degrees, `turn` about the vertical.

    It is tilted first, then nodded, then turned.
    """
    width, height = photo.size
    away = 2.0 * height
    scale = away * min(CAMERA[0] / width, CAMERA[1] / height)
    places: list[tuple[float, float, float, float]] = []
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        a, b, c = float(x - width / 2), float(y - height / 2), 0.0
        a, b = _spun(a, b, tilt)
        b, c = _spun(b, c, nod)
        a, c = _spun(a, c, turn)
        near = scale / (away + c)
        places.append((a * near + CAMERA[0] / 2, b * near + CAMERA[1] / 2, x, y))
    how, smooth = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    return photo.transform(CAMERA, how, _perspective(places), smooth, fillcolor=(120, 125, 130))


def _spun(a: float, b: float, degrees: float) -> tuple[float, float]:
    """Two coordinates after a turn in their plane."""
    turn = math.radians(degrees)
    return a * math.cos(turn) - b * math.sin(turn), a * math.sin(turn) + b * math.cos(turn)


def _perspective(places: list[tuple[float, float, float, float]]) -> list[float]:
    """Pillow's eight numbers of a map that takes each (x, y, …) to its (…, u, v): elimination of eight equations."""
    rows: list[list[float]] = []
    for x, y, u, v in places:
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for n in range(8):
        best = max(range(n, 8), key=lambda row: abs(rows[row][n]))
        rows[n], rows[best] = rows[best], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for other in range(8):
            if other != n:
                factor = rows[other][n]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[n], strict=True)]
    return [row[8] for row in rows]


def _relief(tangent: float) -> list[tuple[Box, tuple[float, ...]]]:
    """For each cell of the new picture the four corners of what it shows of the old one."""
    cell = 8
    cells = []
    for left in range(0, CAMERA[0], cell):
        for top in range(0, CAMERA[1], cell):
            right, bottom = left + cell, top + cell
            corners = ((left, top), (left, bottom), (right, bottom), (right, top))
            quad = [place for x, y in corners for place in (_before(x, y, tangent), float(y))]
            cells.append(((left, top, right, bottom), tuple(quad)))
    return cells


def _before(x: float, y: float, tangent: float) -> float:
    """Where a point of the turned picture was, found step by step; positive: it moved to the right edge."""
    before = x
    for _ in range(30):
        before = x - tangent * _height(before, y)
    return before


def _height(x: float, y: float) -> float:
    """How far a place of the face stands out, in pixels: a round head and a nose, by the eyes' distance."""
    across, down = (x - EYES[0]) / (1.25 * EYES_APART), (y - EYES[1]) / EYES_APART
    head = 1 - across**2 - ((down - 0.45) / 1.9) ** 2
    aside = ((x - NOSE[0]) / (0.3 * EYES_APART)) ** 2 + ((y - NOSE[1]) / (0.38 * EYES_APART)) ** 2
    return EYES_APART * (0.55 * math.pow(max(0.0, head), 1.2) + 0.34 * math.exp(-aside))


def _frame_covered(folder: Path) -> Image.Image:
    """A finger on the lens, light from one side: red, even in each place, uneven as a whole."""
    del folder
    light = ImageOps.invert(Image.linear_gradient("L")).rotate(90).resize(CAMERA)
    bands = [
        light.point([base + value * depth // 255 for value in range(256)])
        for base, depth in ((110, 90), (30, 50), (20, 40))
    ]
    return Image.merge("RGB", bands)


def _frame_empty(folder: Path) -> Image.Image:
    """A drawn room without anybody: wall, window, shelf, chair, desk."""
    del folder
    room = Image.linear_gradient("L").resize(CAMERA).point([150 + v // 4 for v in range(256)])
    frame = Image.merge("RGB", (room, room.point([v - 6 for v in range(256)]), room))
    draw = ImageDraw.Draw(frame)
    draw.rectangle((60, 40, 220, 220), fill=(225, 235, 245), outline=(90, 80, 70), width=8)
    draw.line((140, 40, 140, 220), fill=(90, 80, 70), width=6)
    draw.rectangle((400, 60, 600, 74), fill=(110, 80, 50))
    for number, shade in enumerate((40, 90, 60, 120, 75, 100)):
        left = 410 + number * 28
        draw.rectangle((left, 5 + 3 * number, left + 22, 60), fill=(shade, 60, 150 - shade))
    draw.rectangle((250, 240, 400, 400), fill=(60, 60, 66))
    draw.rectangle((0, 390, 640, 480), fill=(120, 90, 60))
    return frame.filter(ImageFilter.GaussianBlur(1.5))


def _frame_screen(folder: Path) -> Image.Image:
    """Frame a, not alive: shown by a tablet before the camera, with bezel, lines, glare and a slight turn."""
    shown = _frame_a(folder).crop((110, 20, 530, 440))
    lines = Image.new("L", shown.size, 255)
    for row in range(0, shown.height, 3):
        lines.paste(205, (0, row, shown.width, row + 1))
    glare = (
        Image.linear_gradient("L").resize(shown.size).point([value // 5 for value in range(256)])
    )
    shown = ImageChops.multiply(shown, Image.merge("RGB", (lines, lines, lines)))
    shown = ImageChops.screen(shown, Image.merge("RGB", (glare, glare, glare)))
    tablet = ImageOps.expand(shown, border=16, fill=(12, 12, 14)).convert("RGBA")
    tablet = tablet.rotate(4, Image.Resampling.BICUBIC, expand=True)
    frame = _frame_empty(folder)
    frame.paste(tablet, (90, 2), tablet)
    return _recompressed(frame.filter(ImageFilter.GaussianBlur(0.8)), quality=70)


def _recompressed(picture: Image.Image, quality: int) -> Image.Image:
    """What is left after a round through JPEG."""
    return Image.open(io.BytesIO(_jpeg(picture, quality=quality))).convert("RGB")


def _jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    """JPEG bytes without metadata."""
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=quality)
    return out.getvalue()


ORIGINALS = tuple(name for package in PACKAGES for name in package.pictures)

DERIVED: dict[str, Callable[[Path], Image.Image]] = {
    "id_a.jpg": _portrait("person_a_1.jpg", (236, 0, 754, 726)),
    "id_b.jpg": _portrait("person_b_1.jpg", (281, 20, 901, 889)),
    "id_c.jpg": _portrait("person_c_1.png", (126, 8, 318, 277)),
    "person_b_2.jpg": _person_b_2,
    "two_people.jpg": _two_people,
    "frame_a.jpg": _frame_a,
    "frame_a_2.jpg": _frame_a_2,
    "frame_b.jpg": _frame_b,
    "frame_c.jpg": _frame_c,
    "frame_two.jpg": _frame_two,
    "frame_dark.jpg": _frame_dark,
    "frame_blurred.jpg": _frame_blurred,
    "frame_small.jpg": _frame_small,
    "frame_turned.jpg": _frame_turned,
    "frame_a_left.jpg": _frame_a_left,
    "frame_a_right.jpg": _frame_a_right,
    "frame_flat.jpg": _frame_flat,
    "frame_covered.jpg": _frame_covered,
    "frame_empty.jpg": _frame_empty,
    "frame_screen.jpg": _frame_screen,
}


if __name__ == "__main__":
    raise SystemExit(wheels.command(sys.argv[1:], __doc__, fetch, DEFAULT_DEST))
