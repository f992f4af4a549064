"""Measure false rejections and false acceptances of the default engine on a folder of pictures.

    python -m tests.faces.measure_accuracy FOLDER [--cohort COHORT.npy]

FOLDER holds `people.csv` with the columns path, person, group (paths within FOLDER). Every pair of
pictures is compared, the largest face of each: same person = should match, different persons =
should not. COHORT.npy holds vectors float32[n, 128] of other persons, for the z rule. The tables of
docs/face.md come from here; no picture of the set is kept in the project.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy
from numpy.typing import NDArray

from chalicelib import faces
from chalicelib.identity.model import COHORT_MOST, Likeness, Outcome, judge_distance, z_limit
from chalicelib.shared.pictures import decode_picture

Array = NDArray[Any]

THRESHOLDS = (0.45, 0.50, 0.55, 0.60)
FALSE_ACCEPT_TARGETS = (0.001, 0.01)
COHORT_SIZES = (60, 100, 300, 1000)
JOINT_DISTANCE = 0.55


@dataclass(frozen=True)
class Shot:
    """One picture with at least one face; `vector` of the largest."""

    person: str
    group: str
    vector: tuple[float, ...]


@dataclass(frozen=True)
class Pair:
    """Two shots: same person or not, of one group (or ""), and how far apart by some measure."""

    same: bool
    group: str
    apart: float


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cohort", type=Path)
    options = parser.parse_args()
    shots = examine_all(options.folder)
    distances = list(pairs(shots))
    report_thresholds(distances)
    report_groups(distances)
    report_at_targets("distance", distances)
    if options.cohort:
        report_cohorts(shots, distances, numpy.load(options.cohort))


def examine_all(folder: Path) -> list[Shot]:
    """Examine every picture once; print what was found and how long it took."""
    engine = faces.default_engine()
    engine.load()
    shots, seen, seconds = [], Counter[str](), []
    with (folder / "people.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        picture = decode_picture((folder / row["path"]).read_bytes())
        begun = time.perf_counter()
        findings = engine.examine(picture)
        seconds.append(time.perf_counter() - begun)
        seen.update(_flags(findings))
        if findings.faces and (vector := findings.faces[0].vector):
            shots.append(Shot(row["person"], row["group"], vector))
    print(f"{findings.engine}, {findings.model}: {len(rows)} pictures", dict(seen))
    print(f"median {1000 * median(seconds):.0f} ms a picture")
    return shots


def _flags(findings: faces.Findings) -> Iterator[str]:
    """What the quality rules say about a picture and its largest face."""
    yield f"faces {min(len(findings.faces), 2)}{'+' if len(findings.faces) > 1 else ''}"
    for flag in ("dark", "dim", "covered"):
        if getattr(findings, flag):
            yield flag
    for face in findings.faces[:1]:
        for flag in ("small", "blurred", "soft", "turned", "tilted"):
            if getattr(face, flag):
                yield flag


def pairs(shots: Sequence[Shot]) -> Iterator[Pair]:
    """All pairs by Euclidean distance."""
    for one, two in combinations(shots, 2):
        yield _pair(one, two, faces.distance(one.vector, two.vector))


def _pair(one: Shot, two: Shot, apart: float) -> Pair:
    group = one.group if one.group == two.group else ""
    return Pair(one.person == two.person, group, apart)


def report_thresholds(measured: Sequence[Pair]) -> None:
    """False rejections and acceptances at fixed distances."""
    same, other = _split(measured)
    print(f"{len(same)} pairs of one person, {len(other)} of two")
    print(f"median distance {numpy.median(same):.2f} (one person), {numpy.median(other):.2f} (two)")
    for limit in THRESHOLDS:
        rejected, accepted = int((same > limit).sum()), int((other <= limit).sum())
        print(
            f"d <= {limit:.2f}: FRR {rejected / len(same):.1%} ({rejected}), "
            f"FAR {accepted / len(other):.2%} ({accepted})"
        )


def report_groups(measured: Sequence[Pair]) -> None:
    """False acceptances between persons of one group."""
    for group in sorted({pair.group for pair in measured} - {""}):
        same, other = _split([pair for pair in measured if pair.group == group])
        rates = ", ".join(
            f"{limit:.2f}: FRR {(same > limit).mean():.1%} FAR {(other <= limit).mean():.2%}"
            for limit in THRESHOLDS
        )
        print(f"{group} ({len(same)} + {len(other)} pairs): {rates}")


def report_at_targets(name: str, measured: Sequence[Pair]) -> None:
    """False rejections where false acceptances just keep a target, over all pairs; groups too."""
    same, other = _split(measured)
    for target in FALSE_ACCEPT_TARGETS:
        limit = float(numpy.quantile(other, target, method="lower"))
        groups = ", ".join(
            f"{group} {(_split([p for p in measured if p.group == group])[1] <= limit).mean():.2%}"
            for group in sorted({pair.group for pair in measured} - {""})
        )
        print(
            f"{name} at FAR {target:.1%}: limit {limit:.3f}, "
            f"FRR {(same > limit).mean():.1%}; FAR within {groups}"
        )


def report_cohorts(shots: Sequence[Shot], distances: Sequence[Pair], cohort: Array) -> None:
    """The z rule with cohorts of several sizes (the first n of the file)."""
    for size in COHORT_SIZES:
        if size <= len(cohort):
            chosen = cohort[:size]
            measured = [
                _pair(one, two, faces.cohort_z(one.vector, two.vector, chosen))
                for one, two in combinations(shots, 2)
            ]
            report_at_targets(f"z, cohort {size}", measured)
            report_both(distances, measured)
            report_rule(size, distances, measured)


def report_both(distances: Sequence[Pair], measured: Sequence[Pair]) -> None:
    """Both rules together: distance at most JOINT_DISTANCE, and z where z alone keeps FAR 0.1 %."""
    limit = float(numpy.quantile(_split(measured)[1], FALSE_ACCEPT_TARGETS[0], method="lower"))
    accepted = [
        near.apart <= JOINT_DISTANCE and z.apart <= limit
        for near, z in zip(distances, measured, strict=True)
    ]
    same = [yes for pair, yes in zip(distances, accepted, strict=True) if pair.same]
    other = [yes for pair, yes in zip(distances, accepted, strict=True) if not pair.same]
    print(
        f"  with d <= {JOINT_DISTANCE:.2f} as well: "
        f"FRR {1 - sum(same) / len(same):.1%}, FAR {sum(other) / len(other):.3%}"
    )


def report_rule(size: int, distances: Sequence[Pair], measured: Sequence[Pair]) -> None:
    """What the rule in use makes of all pairs, over all and within groups."""
    if z_limit(size) is None or size > COHORT_MOST:
        return
    judged = [
        (
            near,
            judge_distance(near.apart, engine="", model="", likeness=Likeness(z.apart, "", size)),
        )
        for near, z in zip(distances, measured, strict=True)
    ]
    for group in ("", *sorted({pair.group for pair in distances} - {""})):
        chosen = [
            (p, v.outcome is Outcome.MATCH) for p, v in judged if not group or p.group == group
        ]
        refused = [not yes for pair, yes in chosen if pair.same]
        accepted = [yes for pair, yes in chosen if not pair.same]
        print(
            f"  rule in use {group or 'all'}: FRR {sum(refused) / len(refused):.1%}, "
            f"FAR {sum(accepted) / len(accepted):.3%}"
        )


def _split(measured: Sequence[Pair]) -> tuple[Array, Array]:
    """Distances of pairs of one person, and of two."""
    same = numpy.array([pair.apart for pair in measured if pair.same])
    other = numpy.array([pair.apart for pair in measured if not pair.same])
    return same, other


if __name__ == "__main__":
    main()
