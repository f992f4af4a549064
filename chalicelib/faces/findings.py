"""The findings of an engine about one picture: measurements, and flags that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.faces import quality


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    box           left, top, right, bottom in pixels of the given picture, cut off at its edges;
                  right and bottom are the last pixels inside
    width         pixels of the given picture, before any cut at the edge
    sharpness     edges of the aligned grey 150x150 chip, beside its own contrast (`quality.sharpness`)
    yaw           nose beside the middle of the eyes, along the eye axis, in eye distances;
                  positive: towards the right edge of the picture
    roll_degrees  slope of the eye axis; positive: the right edge's eye is lower
    brightness    mean grey of that chip, 0-255
    contrast      standard deviation of its grey levels
    points        middle of the eye nearer to the left edge of the picture, of the other eye, tip (or foot) of the
                  nose, and where known the corners of the mouth, left edge first: (x, y) in pixels of the given picture
    vector        128 numbers, or None when it was not asked for or the face is not among the
                  largest two; never in logs, so left out of repr
    score         how sure the detector is; engine-specific
    doubtful      perhaps no face at all, so it does not count as a second person
    """

    box: tuple[int, int, int, int]
    width: int
    sharpness: float
    yaw: float
    roll_degrees: float
    vector: tuple[float, ...] | None = field(default=None, repr=False)
    score: float = 1.0
    doubtful: bool = False
    brightness: float = 128.0
    contrast: float = 50.0
    points: tuple[tuple[float, float], ...] = ()

    @property
    def small(self) -> bool:
        """Too few pixels to compare."""
        return self.width < quality.SMALL_FACE_WIDTH

    @property
    def dark(self) -> bool:
        """Too little light on the face to compare it, whatever the light on the rest."""
        return (
            self.brightness < quality.DARK_FACE_MEAN or self.contrast < quality.DARK_FACE_DEVIATION
        )

    @property
    def dim(self) -> bool:
        """Comparable, but so dark that a difference may come from the light alone; true for a dark face as well."""
        return self.dark or self.brightness < quality.DIM_FACE_MEAN

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
    def people(self) -> tuple[Face, ...]:
        """The faces that count as persons beside the largest, the largest first (docs/face.md, Who counts).

        Doubtful faces and small ones in the background (posters, people far away) are left out. When all faces are
        doubtful, they are counted.
        """
        sure = [face for face in self.faces if not face.doubtful] or list(self.faces)
        return tuple(sure[:1]) + tuple(
            face
            for face in sure[1:]
            if face.width >= quality.SECOND_FACE_WIDTH
            and face.width >= quality.SECOND_FACE_SHARE * sure[0].width
        )

    def lit_from_behind(self, face: Face) -> bool:
        """Whether a face is dark because of a window or lamp behind it, not because the room is."""
        return (
            self.brightness >= quality.LIT_FRAME_MEAN
            and self.brightness >= quality.BACKLIGHT_TIMES * face.brightness
        )

    @property
    def dim(self) -> bool:
        """Usable, but worth a hint to the candidate; true for a dark picture as well."""
        return self.brightness < quality.DIM_MEAN
