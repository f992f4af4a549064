"""Measure the error rates of the face check on a folder of pictures: `make faces FOLDER=folder`.

    python -m scripts.face_rates FOLDER

FOLDER has a sub-folder of pictures (jpg, png) for each person, and may have `groups.csv` (person,group). Every
picture passes all steps of the product: decoding, gates, both engines, bands, and for exam days the rules of
snapshots. Printed are

- how many pictures can be used, and why the others cannot;
- FRR, the share of pairs of one person that are no match, and FAR, the share of pairs of two persons that are one,
  over all and within groups, with Wilson's 95 % interval. Pairs that share a picture or person are not independent,
  so the truth may lie a little outside;
- exam days of 20 frames through `proctoring.model.accusations`: honest ones, with the most similar other person of
  the group all day and from half-way, and with a random person of the group. A frame is one of a person's usable
  pictures (never the one that is compared with; who is not alone or looks away in one does not sit an exam in it) as
  a webcam may show it: moved, turned, in other light, blurred, noisy, compressed badly. One seed decides all chance.

The last line is one JSON object. No picture leaves the folder.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from chalicelib import faces
from chalicelib.exams.model import Policy
from chalicelib.faces.vectors import unpack_vector
from chalicelib.identity import comparing
from chalicelib.identity.comparing import Comparison, Engines
from chalicelib.identity.enrolment import EnrolledPhoto
from chalicelib.identity.model import FaceOutcome, Reference
from chalicelib.proctoring import judging
from chalicelib.proctoring.model import Sights, Verdict, accusations
from chalicelib.shared.pictures import PictureRefused, decode_picture

if TYPE_CHECKING:
    from PIL.Image import Image

    from chalicelib.faces import FaceEngine, Findings

SEED = 20260501
FRAMES = 20  # of an exam day
Z95 = 1.959964  # standard deviations on either side that hold 95 %
PICTURES = {".jpg", ".jpeg", ".png"}


@dataclass
class Picture:
    """A picture of a person with its findings. `shown`: the result if it can be an ID photo."""

    person: str
    group: str
    image: Image
    findings: Findings
    unusable: Comparison | None
    shown: EnrolledPhoto | None = None
    frames: list[tuple[Image, Findings]] = field(default_factory=list)


class Remembering:
    """An engine that examines the same pixels only once."""

    def __init__(self, engine: FaceEngine) -> None:
        self._engine = engine
        self._known: dict[tuple[bytes, bool], Findings] = {}

    def examine(self, image: Image, *, vectors: bool = True) -> Findings:
        """See FaceEngine."""
        place = (hashlib.sha256(image.tobytes()).digest(), vectors)
        if place not in self._known:
            self._known[place] = self._engine.examine(image, vectors=vectors)
        return self._known[place]


@dataclass
class Share:
    """A number of cases out of all, with rate and confidence interval."""

    hits: int = 0
    of: int = 0

    def add(self, hit: bool) -> None:
        """Count one more."""
        self.hits += hit
        self.of += 1

    @property
    def rate(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.hits / self.of if self.of else None

    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, 95 % (E. B. Wilson, JASA 22, 1927)."""
        if not self.of:
            return 0.0, 1.0
        n, p, z = self.of, self.hits / self.of, Z95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if self.rate is None:
            return "-"
        low, high = self.interval()
        return f"{self.rate:.2%} ({self.hits}/{self.of}; {low:.2%} to {high:.2%})"


class Rates:
    """The rates of one folder."""

    def __init__(self, folder: Path, engines: Engines, say: Any = print) -> None:
        self.engines, self.say = engines, say
        self.chance = random.Random(SEED)  # noqa: S311 (the same draw each time is what it is for)
        self.policy = Policy()
        self.verdicts: dict[str, Counter[str]] = defaultdict(Counter)  # of frames, by kind of day
        self.rules: dict[str, Counter[str]] = defaultdict(Counter)  # that flagged days of a kind
        self.pictures = list(self._examined(folder))
        self.by_person: dict[str, list[Picture]] = defaultdict(list)
        for picture in self.pictures:
            self.by_person[picture.person].append(picture)

    def _examined(self, folder: Path) -> Iterable[Picture]:
        groups, files = _groups(folder), _files(folder)
        refused = Counter[str]()
        for person, file in files:
            try:
                image = decode_picture(file.read_bytes())
            except PictureRefused as error:
                refused[error.reason] += 1
                continue
            findings = self.engines.first.examine(image)
            unusable = comparing.why_not(findings)
            refused[unusable.unusable if unusable else ""] += 1
            picture = Picture(person, groups.get(person, "all"), image, findings, unusable)
            if unusable is None:
                picture.shown = _enrolled(image, findings)
            yield picture
        usable = refused.pop("", 0)
        self.say(f"{len(files)} pictures of {len({p for p, _ in files})} persons, {usable} usable")
        self.say("  " + (", ".join(f"{why} {n}" for why, n in refused.most_common()) or "all"))

    def verdict(self, image: Image, findings: Findings, shown: EnrolledPhoto) -> Comparison:
        """Return the verdict of the product on a frame and a photo."""
        unusable = comparing.why_not(findings)
        return unusable or comparing.compare_with(image, findings, shown, self.engines)

    def pairs(self) -> tuple[dict[str, Share], dict[str, Share]]:
        """FRR and FAR over all ("") and within groups; pairs that cannot be compared are left out."""
        refused: dict[str, Share] = defaultdict(Share)
        accepted: dict[str, Share] = defaultdict(Share)
        usable = [picture for picture in self.pictures if picture.shown]
        for place, one in enumerate(usable):
            for two in usable[place + 1 :]:
                assert one.shown
                outcome = self.verdict(two.image, two.findings, one.shown).outcome
                if outcome is None:
                    continue
                match, same = outcome is FaceOutcome.MATCH, one.person == two.person
                for group in {"", one.group} if one.group == two.group else {""}:
                    (refused if same else accepted)[group].add(match != same)
        return refused, accepted

    def days(self) -> dict[str, dict[str, Share]]:
        """Flagged days by kind and group ("": all): one of each kind for each photo that somebody could enrol."""
        self._make_frames()
        found: dict[str, dict[str, Share]] = defaultdict(lambda: defaultdict(Share))
        for person, pictures in sorted(self.by_person.items()):
            alike, others = self._most_similar(person), self._others(person)
            for picture in pictures:
                if picture.shown is None:
                    continue
                own = [frame for one in pictures if one is not picture for frame in one.frames]
                for kind, frames in self._kinds(own, alike, others):
                    flagged = self._flagged(kind, frames, picture.shown)
                    for group in {"", picture.group}:
                        found[kind][group].add(flagged)
        return found

    def _kinds(
        self, own: list[Any], alike: str | None, others: list[str]
    ) -> Iterable[tuple[str, list[Any]]]:
        if own:
            yield "honest", self._drawn(own)
        if alike is not None:
            theirs = self._drawn(self._frames_of(alike))
            yield "look_alike", theirs
            if own:
                half = FRAMES // 2
                yield "look_alike_half", self._drawn(own)[:half] + theirs[half:]
        if others:
            yield "random", self._drawn(self._frames_of(self.chance.choice(others)))

    def _flagged(
        self, kind: str, frames: Sequence[tuple[Image, Findings]], shown: EnrolledPhoto
    ) -> bool:
        verdicts: dict[int, Verdict] = {}
        for slot, (image, findings) in enumerate(frames):
            verdicts[slot] = judging.judge_frame(self.verdict(image, findings, shown)).verdict
        found = accusations(Sights(verdicts, due=len(frames)), self.policy)
        self.verdicts[kind].update(verdict.value for verdict in verdicts.values())
        self.rules[kind].update(one.rule.value for one in found if one.rule)
        return bool(found)

    def _drawn(self, frames: list[Any]) -> list[Any]:
        """Return the frames of a day: all different ones, then the same again."""
        drawn: list[Any] = []
        while len(drawn) < FRAMES:
            drawn += self.chance.sample(frames, min(len(frames), FRAMES - len(drawn)))
        return drawn

    def _frames_of(self, person: str) -> list[Any]:
        return [frame for picture in self.by_person[person] for frame in picture.frames]

    def _others(self, person: str) -> list[str]:
        group = self.by_person[person][0].group
        return [
            other
            for other, pictures in sorted(self.by_person.items())
            if other != person
            and pictures[0].group == group
            and any(picture.frames for picture in pictures)
        ]

    def _most_similar(self, person: str) -> str | None:
        """Return the person of the group with the smallest mean distance (all usable pictures, first engine)."""
        distances = {
            other: [
                self._apart(one, two)
                for one in self.by_person[person]
                for two in self.by_person[other]
                if one.shown and two.shown
            ]
            for other in self._others(person)
        }
        known = {other: fmean(apart) for other, apart in distances.items() if apart}
        return min(known, key=known.__getitem__) if known else None

    @staticmethod
    def _apart(one: Picture, two: Picture) -> float:
        assert one.shown and two.shown
        a, b = (unpack_vector(picture.shown.reference.vector) for picture in (one, two))  # type: ignore[union-attr]
        return faces.distance(a, b, one.findings.model)

    def _make_frames(self) -> None:
        """As many of each usable picture as give a day of different frames without one of them."""
        for pictures in self.by_person.values():
            usable = [picture for picture in pictures if picture.unusable is None]
            for picture in usable:
                for _ in range(math.ceil(FRAMES / max(1, len(usable) - 1))):
                    frame = webcam(picture.image, self.chance)
                    picture.frames.append((frame, self.engines.first.examine(frame)))


def webcam(image: Image, chance: random.Random) -> Image:
    """Return the picture as a webcam may show it: moved, turned, in other light, blurred, noisy, compressed badly."""
    import numpy
    from PIL import ImageFilter
    from PIL.Image import Resampling, fromarray

    width, height = image.size
    moves = (
        round(chance.uniform(-0.05, 0.05) * width),
        round(chance.uniform(-0.05, 0.05) * height),
    )
    seen = image.rotate(chance.uniform(-5, 5), Resampling.BICUBIC, translate=moves)
    seen = seen.filter(ImageFilter.GaussianBlur(chance.uniform(0, 0.6) * max(image.size) / 250))
    grain = numpy.random.default_rng(chance.getrandbits(32))
    noise = grain.normal(0, chance.uniform(2, 6), (height, width, 1))
    pixels = numpy.asarray(seen) * chance.uniform(0.6, 1.2) + noise
    out = io.BytesIO()
    dirty = fromarray(pixels.clip(0, 255).astype(numpy.uint8))
    dirty.save(out, "JPEG", quality=chance.randint(60, 85))
    return decode_picture(out.getvalue())


def _enrolled(image: Image, findings: Findings) -> EnrolledPhoto:
    """Return a picture as an enrolled photo."""
    face = findings.people[0]
    assert face.vector
    out = io.BytesIO()
    image.save(out, "PNG")
    digest = hashlib.sha256(out.getvalue()).hexdigest()
    vector = faces.pack_vector(face.vector)
    reference = Reference(digest, vector, findings.engine, findings.model)
    return EnrolledPhoto(reference, out.getvalue)


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Person and picture, in the order of their names."""
    return [
        (place.name, file)
        for place in sorted(folder.iterdir())
        if place.is_dir()
        for file in sorted(place.iterdir())
        if file.suffix.lower() in PICTURES
    ]


def _groups(folder: Path) -> dict[str, str]:
    table = folder / "groups.csv"
    if not table.is_file():
        return {}
    with table.open(newline="", encoding="utf-8-sig") as stream:
        return {row["person"]: row["group"] for row in csv.DictReader(stream)}


def report(rates: Rates, say: Any = print) -> dict[str, Any]:
    """Print the tables; returns what the last line holds."""
    refused, accepted = rates.pairs()
    groups = sorted({picture.group for picture in rates.pictures})
    for name, shares in (("FRR", refused), ("FAR", accepted)):
        for group in ("", *groups):
            say(f"{name} {group or 'over all':18} {shares[group]}")
    days = rates.days()
    for kind in ("honest", "look_alike", "look_alike_half", "random"):
        for group in ("", *groups):
            say(f"{kind + ' days flagged':30} {group or 'over all':18} {days[kind][group]}")
        say(f"  frames: {dict(rates.verdicts[kind])}; by rules: {dict(rates.rules[kind])}")
    known = [rate for group in groups if (rate := accepted[group].rate) is not None]
    first = rates.pictures[0].findings if rates.pictures else None
    return {
        "frr": refused[""].rate,
        "far": accepted[""].rate,
        "worst_group_far": max(known, default=None),
        "honest_flagged": days["honest"][""].rate,
        "look_alike_caught": days["look_alike"][""].rate,
        "look_alike_half_caught": days["look_alike_half"][""].rate,
        "random_caught": days["random"][""].rate,
        "engine": f"{first.engine}, {first.model}" if first else None,
    }


def main(arguments: list[str]) -> int:
    """The command line; 0 when something was measured."""
    if len(arguments) != 1 or arguments[0] in ("", "-h", "--help"):
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    if not folder.is_dir() or not _files(folder):
        print(f"{folder}: no folder with sub-folders of pictures", file=sys.stderr)
        return 1
    second = faces.second_engine()
    engines = Engines(Remembering(faces.default_engine()), Remembering(second) if second else None)
    print(json.dumps(report(Rates(folder, engines))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
