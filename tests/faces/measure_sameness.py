"""Measure how well copies of a picture are told from two moments of somebody who sits still.

    python -m tests.faces.measure_sameness PICTURES [--films FILM ...]

PICTURES is a folder with one sub-folder of JPEG pictures for each person (or `var/pictures`). FILMS are films of one
person before a camera that stands; they need `pip install av==18.1.0`, which nothing else here uses. The tables of
docs/face.md come from here; where its films are from is written there. No picture and no film is kept in the project.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from chalicelib import faces
from chalicelib.faces import quality
from chalicelib.faces.findings import Face

Change = Callable[[Image.Image], Image.Image]

APART_S = (0.04, 0.2, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
MOST_PAIRS = 1600  # of one film and time apart
FRAME_S = 0.12  # films are looked at this often
DAY_FRAMES, DAYS_OF_EACH, REPLAYS_FLAGGED = 20, 1, 2
CAMERA = (640, 480)


@dataclass(frozen=True)
class Shot:
    """One picture that may be compared: pixels, the eyes' places, what it is known again by."""

    picture: Image.Image
    face: Face
    look: faces.FacePicture


@dataclass(frozen=True)
class Film:
    """One film: seconds and look of each frame that may be compared, and some of its frames."""

    name: str
    frames: list[tuple[float, faces.FacePicture]]
    some: list[Shot]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--films", type=Path, nargs="*", default=[])
    parser.add_argument("--most", type=int, default=60, help="pictures that are copied")
    asked = parser.parse_args()
    chance = random.Random(1)
    people = dict(_people(asked.pictures))
    print(f"{sum(map(len, people.values()))} pictures of {len(people)} persons")
    print_strangers(people)
    films = [_film(file, chance) for file in asked.films]
    print_stills(films)
    shots = [shot for group in people.values() for shot in group]
    chosen = chance.sample(shots, min(asked.most, len(shots)))
    chosen += [shot for film in films for shot in film.some]
    print_copies(chosen)
    print_simulated(chosen)
    print_days(chosen, chance)


def print_strangers(people: dict[str, list[Shot]]) -> None:
    """Pairs of different photos that are called one picture: of one person, and of two."""
    own = [pair for group in people.values() for pair in combinations(group, 2)]
    firsts = [group[0] for group in people.values() if group]
    for name, pairs in (("one person", own), ("two persons", list(combinations(firsts, 2)))):
        apart = sorted(_difference(a, b) for a, b in pairs)
        called = sum(a.look.same(b.look.signature, one_camera=False) for a, b in pairs)
        nearest = f"{apart[0]:.4f}" if apart else "-"
        print(
            f"different photos of {name}: {len(pairs)} pairs, {called} called the same, nearest {nearest}"
        )


def print_stills(films: Sequence[Film]) -> None:
    """By time apart: how many pairs of one film are called the same, and how near the nearest are."""
    print("\nseconds apart | pairs | called the same | nearest | 1 % | median")
    for apart in APART_S:
        pairs = [pair for film in films for pair in _apart(film, apart)]
        if not pairs:
            continue
        found = numpy.array([min(a.difference(b.signature), 9.0) for a, b in pairs])
        called = sum(a.same(b.signature, one_camera=True) for a, b in pairs)
        low, middle = numpy.quantile(found, (0.01, 0.5))
        share = f"{called} ({called / len(pairs):.2%})"
        print(f"{apart} | {len(pairs)} | {share} | {found.min():.4f} | {low:.4f} | {middle:.4f}")


def print_copies(shots: Sequence[Shot]) -> None:
    """By what was done to a picture: how many copies are found, beside a photo and beside a camera's picture."""
    print(
        f"\n{len(shots)} pictures, each copied: copy | compared | as a photo | of one camera | median"
    )
    for name, change in CHANGES.items():
        pairs = [(shot, copy) for shot in shots if (copy := _shot(change(shot.picture)))]
        print(f"{name} | {_found(pairs)}")


def print_simulated(shots: Sequence[Shot]) -> None:
    """Twice the same scene, nothing but the camera's noise and what is named between the two."""
    print("\nthe same scene twice: between | compared | as a photo | of one camera | median")
    for name, (first, second) in SCENES.items():
        taken = [(_shot(first(shot.picture)), _shot(_eyes_or_all(second, shot))) for shot in shots]
        print(f"{name} | {_found([(a, b) for a, b in taken if a and b])}")


def print_days(shots: Sequence[Shot], chance: random.Random) -> None:
    """One picture for all frames of a day, each changed by chance: how many days have two frames found."""
    print("\none picture for a whole day of 20 frames, each copied")
    for name, names in (("in the same way", PLAIN), ("in any way", tuple(CHANGES))):
        flagged = days = 0
        for shot in shots:
            seen: list[bytes] = []
            found = 0
            for _ in range(DAY_FRAMES):
                copy = _shot(_noisy(CHANGES[chance.choice(names)](shot.picture), 2.0))
                if copy is None:
                    continue
                found += any(copy.look.same(old, one_camera=True) for old in seen)
                seen.append(copy.look.signature)
            days += 1
            flagged += found >= REPLAYS_FLAGGED
        print(f"{name}: {flagged} of {days} days flagged")


def _found(pairs: Sequence[tuple[Shot, Shot]]) -> str:
    def share(one_camera: bool) -> str:
        hits = sum(a.look.same(b.look.signature, one_camera=one_camera) for a, b in pairs)
        return f"{hits / max(1, len(pairs)):.1%}"

    apart = [min(_difference(a, b), _difference(a, b, mirrored=True)) for a, b in pairs]
    middle = f"{numpy.median(apart):.4f}" if apart else "-"
    return f"{len(pairs)} | {share(False)} | {share(True)} | {middle}"


def _difference(a: Shot, b: Shot, mirrored: bool = False) -> float:
    return min(a.look.difference(b.look.signature, mirrored=mirrored), 9.0)


# --- pictures and films -----------------------------------------------------------------------------


def _people(folder: Path) -> Iterator[tuple[str, list[Shot]]]:
    own = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    for place in own or [folder]:
        files = sorted(place.glob("*.jpg"))
        shots = [shot for file in files if (shot := _shot(Image.open(file).convert("RGB")))]
        if shots:
            yield place.name, shots


def _shot(picture: Image.Image) -> Shot | None:
    """A picture as the product gets it; None when its face may not be compared."""
    found = faces.default_engine().examine(picture, vectors=False)
    sure = [face for face in found.faces if not face.doubtful]
    if found.dark or found.covered or len(sure) != 1:
        return None
    face = sure[0]
    if face.small or face.blurred or face.turned or face.tilted:
        return None
    look = faces.FacePicture(picture, face.points)
    return Shot(picture, face, look) if look.signature else None


def _film(file: Path, chance: random.Random) -> Film:
    """The frames of a film, each compressed as the page does it."""
    frames: list[tuple[float, faces.FacePicture]] = []
    some: list[Shot] = []
    newest = -1.0
    with import_module("av").open(str(file)) as film:
        for frame in film.decode(video=0):
            if frame.time - newest < FRAME_S and not (
                0 <= frame.time - newest <= 0.05 and len(frames) % 3 == 0
            ):
                continue
            newest = frame.time
            if shot := _shot(_compressed(frame.to_image(), 90)):
                frames.append((frame.time, shot.look))
                some.append(shot)
                some = chance.sample(some, 4) if len(some) > 40 else some
    print(f"{file.name}: {len(frames)} frames in {newest:.0f} s")
    return Film(file.name, frames, some[:4])


def _apart(film: Film, seconds: float) -> Iterator[tuple[faces.FacePicture, faces.FacePicture]]:
    """Pairs of frames that are so far apart, to a tenth."""
    times = numpy.array([at for at, _ in film.frames])
    given = 0
    for at, first in film.frames:
        if given == MOST_PAIRS:
            return
        near = int(numpy.argmin(abs(times - at - seconds)))
        if abs(times[near] - at - seconds) <= max(0.03, seconds / 10):
            given += 1
            yield first, film.frames[near][1]


# --- what is done to a picture ----------------------------------------------------------------------


def _compressed(picture: Image.Image, quality_of_jpeg: int) -> Image.Image:
    out = io.BytesIO()
    picture.convert("RGB").save(out, format="JPEG", quality=quality_of_jpeg)
    return Image.open(out).convert("RGB")


def _sized(scale: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        size = (round(picture.width * scale), round(picture.height * scale))
        return _compressed(picture.resize(size, Image.Resampling.BICUBIC), 85)

    return change


def _noisy(picture: Image.Image, sigma: float) -> Image.Image:
    """With noise of a sensor that is new each time."""
    grain = _noise.normal(0, sigma, (picture.height, picture.width, 3))
    values = numpy.asarray(picture, dtype=numpy.float32) + grain
    return Image.fromarray(values.clip(0, 255).astype(numpy.uint8))


_noise = numpy.random.default_rng(1)


def _cut(picture: Image.Image) -> Image.Image:
    """A twelfth less at each side."""
    width, height = picture.size
    return _compressed(
        picture.crop((width // 12, height // 12, width * 11 // 12, height * 11 // 12)), 80
    )


def _camera(picture: Image.Image) -> Image.Image:
    """In a camera's frame, bars beside it."""
    return _compressed(ImageOps.pad(picture, CAMERA), 80)


def _bright(factor: float) -> Change:
    return lambda picture: _compressed(ImageEnhance.Brightness(picture).enhance(factor), 80)


def _contrast(factor: float) -> Change:
    return lambda picture: _compressed(ImageEnhance.Contrast(picture).enhance(factor), 80)


def _turned(degrees: float) -> Change:
    return lambda it: _compressed(it.rotate(degrees, Image.Resampling.BICUBIC), 80)


def _taken(sigma: float, shift: float = 0.0, light: float = 1.0) -> Change:
    """A camera's picture of a scene, with fresh noise, moved by pixels and lit otherwise."""

    def change(picture: Image.Image) -> Image.Image:
        place = (1, 0, shift, 0, 1, -shift)
        moved = picture.transform(
            picture.size, Image.Transform.AFFINE, place, Image.Resampling.BICUBIC
        )
        return _compressed(_noisy(ImageEnhance.Brightness(moved).enhance(light), sigma), 85)

    return change


class _Blinking:
    """Closed eyes: the skin above an eye laid over it."""

    def __call__(self, shot: Shot) -> Image.Image:
        picture = shot.picture.copy()
        left, right = shot.face.points[:2]
        wide = round(0.24 * _distance(left, right))
        for x, y in (left, right):
            over = (round(x) - wide, round(y - 1.9 * wide), round(x) + wide, round(y - 0.9 * wide))
            lid = picture.crop(over).filter(ImageFilter.GaussianBlur(1))
            picture.paste(lid.resize((2 * wide, wide)), (round(x) - wide, round(y) - wide // 2))
        return _taken(3.0)(picture)


def _distance(a: quality.Point, b: quality.Point) -> float:
    """Pixels between two points."""
    return float(numpy.hypot(a[0] - b[0], a[1] - b[1]))


def _eyes_or_all(change: Change | _Blinking, shot: Shot) -> Image.Image:
    return change(shot) if isinstance(change, _Blinking) else change(shot.picture)


CHANGES: dict[str, Change] = {
    "JPEG 95": lambda it: _compressed(it, 95),
    "JPEG 70": lambda it: _compressed(it, 70),
    "JPEG 40": lambda it: _compressed(it, 40),
    "JPEG 60, then 40": lambda it: _compressed(_compressed(it, 60), 40),
    "half the size": _sized(0.5),
    "three quarters": _sized(0.75),
    "double": _sized(2.0),
    "mirrored": lambda it: _compressed(ImageOps.mirror(it), 80),
    "bars, 640x480": _camera,
    "bars, mirrored": lambda it: _compressed(ImageOps.mirror(_camera(it)), 60),
    "cut by a twelfth": _cut,
    "light x 1.3": _bright(1.3),
    "light x 0.6": _bright(0.6),
    "contrast x 1.3": _contrast(1.3),
    "contrast x 0.7": _contrast(0.7),
    "turned by 1 degree": _turned(1),
    "turned by 2 degrees": _turned(-2),
    "blurred (1 pixel)": lambda it: _compressed(it.filter(ImageFilter.GaussianBlur(1)), 80),
}
PLAIN = ("JPEG 70", "JPEG 95")
SCENES: dict[str, tuple[Change, Change | _Blinking]] = {
    "noise 2": (_taken(2), _taken(2)),
    "noise 4": (_taken(4), _taken(4)),
    "noise 6": (_taken(6), _taken(6)),
    "noise 3, moved by a pixel": (_taken(3), _taken(3, shift=1.0)),
    "noise 3, light x 1.03": (_taken(3), _taken(3, light=1.03)),
    "noise 3, eyes closed": (_taken(3), _Blinking()),
}


if __name__ == "__main__":
    main()
