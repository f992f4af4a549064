"""What an engine says about one picture: measurements, and flags that are rules over them."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.faces import quality


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    box           left, top, right, bottom in pixels of the given picture, cut off at its edges;
                  right and bottom are the last pixels inside
    width         pixels of the given picture, before any cut at the edge
    sharpness     variance of the Laplacian of the aligned grey 150x150 chip (grey levels squared)
    yaw           nose beside the middle of the eyes, along the eye axis, in eye distances;
                  positive: towards the right edge of the picture
    roll_degrees  slope of the eye axis; positive: the right edge's eye is lower
    vector        128 numbers, or None when it was not asked for or the face is not among the
                  largest two; never in logs, so left out of repr
    score         how sure the detector is: 0 just so, 1.7 usual; engine-specific
    points        middle of the eye nearer to the left edge of the picture, of the other eye, tip (or foot) of the
                  nose, and where known the corners of the mouth, left edge first: (x, y) in pixels of the given picture
    """

    box: tuple[int, int, int, int]
    width: int
    sharpness: float
    yaw: float
    roll_degrees: float
    vector: tuple[float, ...] | None = field(default=None, repr=False)
    score: float = 1.0
    points: tuple[quality.Point, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Perhaps no face at all: too little to accuse somebody of not being alone."""
        return self.score < quality.DOUBTFUL_SCORE

    @property
    def small(self) -> bool:
        """Too few pixels to compare."""
        return self.width < quality.SMALL_FACE_WIDTH

    @property
    def blurred(self) -> bool:
        """Out of focus or moving: not to be compared."""
        return self.sharpness < quality.BLURRED_SHARPNESS

    @property
    def soft(self) -> bool:
        """Comparable, but worth a hint to the candidate; true for a blurred face as well."""
        return self.sharpness < quality.SOFT_SHARPNESS

    @property
    def turned(self) -> bool:
        """Looking away to one side."""
        return abs(self.yaw) > quality.TURNED_YAW

    @property
    def tilted(self) -> bool:
        """Head on the shoulder, or the picture lies on its side."""
        return abs(self.roll_degrees) > quality.TILTED_DEGREES


@dataclass(frozen=True, slots=True)
class Findings:
    """One picture, examined.

    width, height  pixels of the given picture
    brightness     mean grey of the picture reduced to 320 pixels, 0-255
    dark           too little light to see anybody; ask it before `covered`, for most dark pictures
                   are even as well
    covered        nothing but one even surface: a finger, a lid, a wall
    faces          the largest first, none left out for its size
    engine, model  what measured it, with versions: kept beside every decision, so that it can be
                   judged again. Vectors are comparable only when `model` is equal.
    """

    width: int
    height: int
    brightness: float
    dark: bool
    covered: bool
    faces: tuple[Face, ...]
    engine: str
    model: str

    @property
    def dim(self) -> bool:
        """Usable, but worth a hint to the candidate; true for a dark picture as well."""
        return self.brightness < quality.DIM_MEAN
