"""How often a turn of the head is seen, and how often a flat photo passes for one: the tables of docs/face.md.

    python -m tests.faces.measure_turns FOLDER [--seed 1]

FOLDER holds `people.csv` with the columns path, person, group. Of each person two pictures that could be compared are
taken as frontal ones. Second pictures are others of the same person with a turned head, and photos on paper: the very
same one, and others of the same person, turned and slanted. Engine and rules are the product's own; what passes to
either side counts, though a check asks for one.
"""

import argparse
import csv
import io
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from chalicelib import faces
from chalicelib.faces import Face
from chalicelib.identity import model, turning
from chalicelib.identity.model import FaceOutcome
from chalicelib.identity.turning import Turn
from chalicelib.shared.pictures import decode_picture
from scripts.test_pictures import held

SIDE = 480  # pixels of a picture of the set, brought to the size of a camera frame
STRAIGHT = (15, 20, 25, 30, 35, 40, 45, 60)
SLANTED = 8  # for each picture, drawn
FRONTS = 2  # of each person
Slant = tuple[float, float, float]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    people = read(options.folder)
    all_, passed = Counter[str](), Counter[str]()
    for kind, good in judged(people, random.Random(options.seed)):
        all_[kind] += 1
        passed[kind] += good
    for kind in sorted(all_):
        print(f"{kind:58} {passed[kind]:5} of {all_[kind]:5}  {passed[kind] / all_[kind]:7.2%}")


def read(folder: Path) -> dict[str, list[Image.Image]]:
    """Person → pictures."""
    people: dict[str, list[Image.Image]] = {}
    with (folder / "people.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            picture = decode_picture((folder / row["path"]).read_bytes())
            photo = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
            people.setdefault(row["person"], []).append(photo)
    return people


def judged(people: dict[str, list[Image.Image]], dice: random.Random) -> Iterator[tuple[str, bool]]:
    """(kind of second picture, whether it passes) for each pair that is tried."""
    for photos in people.values():
        faces_ = [seen(held(photo, 0), may_turn=True) for photo in photos]
        fronts = [
            (photo, face)
            for photo, face in zip(photos, faces_, strict=True)
            if face is not None and not face.turned
        ]
        for photo, front in fronts[:FRONTS]:
            for other, face in zip(photos, faces_, strict=True):
                if other is photo:
                    yield from flat("the same photo", front, photo, slants(dice))
                elif face is not None and abs(face.yaw) >= turning.TURN_YAW:
                    yield f"a head turned by a yaw of {turning.TURN_YAW} or more", good(front, face)
                elif face is not None:
                    aside = "turned" if face.turned else "frontal"
                    straight = [(angle, 0.0, 0.0) for angle in (-40, -20, 20, 40)]
                    yield from flat(f"another photo, {aside}", front, other, straight)


def slants(dice: random.Random) -> list[Slant]:
    """How the same photo is held: about the vertical alone, then anyhow."""
    straight = [(float(side * angle), 0.0, 0.0) for angle in STRAIGHT for side in (1, -1)]
    return straight + [
        (dice.uniform(-60, 60), dice.uniform(-40, 40), dice.uniform(-40, 40))
        for _ in range(SLANTED)
    ]


def flat(
    what: str, front: Face, photo: Image.Image, ways: list[Slant]
) -> Iterator[tuple[str, bool]]:
    """A photo on paper before the camera, in several ways."""
    for turn, nod, tilt in ways:
        straight = nod == tilt == 0
        much = max(abs(turn), abs(nod), abs(tilt))
        kind = f"{what}, {'straight' if straight else 'slanted'}, " + (
            "up to 45 degrees" if much <= 45 else "more"
        )
        face = seen(held(photo, turn, nod, tilt), may_turn=True)
        yield kind, face is not None and good(front, face)


def seen(frame: Image.Image, *, may_turn: bool) -> Face | None:
    """The one usable face of a frame, after a camera's JPEG; None when the product would refuse the frame.

    Not for blur: pictures of the set are small, and a photo that somebody prints need not be.
    """
    out = io.BytesIO()
    frame.save(out, "JPEG", quality=85)
    findings = faces.default_engine().examine(Image.open(io.BytesIO(out.getvalue())))
    if model.why_unusable(findings, may_turn=may_turn) not in (None, "blurred"):
        return None
    face = model.the_face(findings)
    if face is not None:
        _MODELS.add(findings.model)
    return face


_MODELS: set[str] = set()


def good(front: Face, face: Face) -> bool:
    """Whether this pair passes as a turn to one of the sides."""
    [name] = _MODELS
    apart = faces.distance(front.vector or (), face.vector or (), name)
    outcome = model.judge_distance(apart, engine="", model=name).outcome
    sides = (turning.judge_turn(front, face, side, outcome).reason for side in Turn)
    return outcome is FaceOutcome.MATCH and "" in sides


if __name__ == "__main__":
    main()
