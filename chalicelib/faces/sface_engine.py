"""The default adapter: YuNet finds faces, SFace makes vectors, onnxruntime runs both.

Both networks come from OpenCV Zoo (Apache-2.0) by a pinned wheel; scripts/face_models.py prepares the files. One
with another SHA-256 than the one written here is not loaded.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chalicelib.faces import alignment, quality
from chalicelib.faces.engine import EngineUnavailable
from chalicelib.faces.findings import Face, Findings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

DETECTOR: Final = "face_detection_yunet_2023mar.onnx"
NETWORK: Final = "face_recognition_sface_2021dec.onnx"
SHA256: Final = {
    DETECTOR: "bda6f5727d8d54c5ad95f06e81a477566f13051b26cfc77fb05a73817fdd4574",
    NETWORK: "81b1b042895c4c0cd9683506878228fe37405b2a43fe76e5a2f5660c40e01280",
}
"""Of the prepared files: scripts/face_models.py makes the same bytes everywhere."""

PLACES: Final = (
    Path("/opt/face-models"),  # the Lambda layer
    Path(__file__).resolve().parents[2] / "var" / "face-models",
)

DETECTION_SIDE: Final = 640
"""Pixels of the long side at which faces are looked for: what the network was exported for. Never enlarged."""

PICTURE_SIDE: Final = 1280
"""Pixels of the long side out of which the aligned face is taken; larger ones bring nothing into 112 pixels."""

STRIDES: Final = (8, 16, 32)
FOUND_SCORE: Final = 0.6
"""The network's authors show faces from .9 on, OpenCV's samples from .6; below lie hands and folds."""

SURE_SCORE: Final = 0.75
"""From here on a sight counts as a person beside another one. Of 216 good faces the lowest score is .88."""

OVERLAP: Final = 0.3
"""Share of common area (of both together) from which two sights are one face (OpenCV's default)."""

MAX_VECTORS: Final = 2

BACKLIGHT_GAIN: Final = 5
"""How much brighter a picture is looked at once more in which nobody was found (tried)."""

CHIP_SIDE: Final = 112
"""What SFace was trained on."""


class SFaceEngine:
    """Cheap to make; loads on first use (about .2 s). May be shared between threads: onnxruntime allows it.

    `models`: folder with the two prepared files; by default the layer's, or var/face-models of the project.
    """

    def __init__(self, models: Path | str | None = None) -> None:
        self._folder = None if models is None else Path(models)
        self._lock = threading.Lock()
        self._loaded: _SFaceModels | None = None

    def load(self) -> None:
        """Load now what the first examination would load. Raises EngineUnavailable."""
        self._models()

    def examine(self, image: Image, *, vectors: bool = True) -> Findings:
        """See FaceEngine."""
        models = self._models()
        brightness, covered = quality.brightness_and_cover(image)
        picture, scale = _reduced(image, PICTURE_SIDE)
        gain = quality.gain(brightness)
        sights = models.find_faces(quality.brightened(picture, gain))
        if not sights and not covered:  # so that a dark face before a window is found
            sights = models.find_faces(quality.brightened(picture, gain * BACKLIGHT_GAIN))
        return Findings(
            width=image.width,
            height=image.height,
            brightness=brightness,
            dark=quality.is_dark(brightness),
            covered=covered,
            faces=tuple(
                models.measure(picture, sight, scale, image.size, vectors and rank < MAX_VECTORS)
                for rank, sight in enumerate(sights)
            ),
            engine=models.engine,
            model=models.model,
        )

    def _models(self) -> _SFaceModels:
        with self._lock:
            if self._loaded is None:
                self._loaded = _SFaceModels(self._folder or _place())
            return self._loaded


class _YuNetDetection(NamedTuple):
    """A face that YuNet found, in pixels of the picture that it examined."""

    score: float
    box: tuple[float, float, float, float]
    points: tuple[quality.Point, ...]

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


class _SFaceModels:
    """The two networks and their names."""

    def __init__(self, folder: Path) -> None:
        try:
            # A string annotation, because the library is imported at the first examination.
            runtime = import_module("onnxruntime")
            options = runtime.SessionOptions()
            # a function has one or two cores, so threads gain nothing
            options.intra_op_num_threads = 1
            options.log_severity_level = 3
            self._detector, self._network = (
                runtime.InferenceSession(_checked(folder / name), options, ["CPUExecutionProvider"])
                for name in (DETECTOR, NETWORK)
            )
        except EngineUnavailable:
            raise
        except Exception as error:  # the exceptions of onnxruntime have no other common base
            raise EngineUnavailable(f"the face engine cannot start: {error}") from error
        self._outputs = [output.name for output in self._detector.get_outputs()]
        self.engine = f"onnxruntime {runtime.__version__} YuNet"
        self.model = f"{Path(NETWORK).stem}@{SHA256[NETWORK][:8]}"

    def find_faces(self, picture: Image) -> list[_YuNetDetection]:
        """Return the faces of a picture, the largest first."""
        small, scale = _reduced(picture, DETECTION_SIDE)
        planes, width = _as_planes(small)
        outputs = dict(zip(self._outputs, self._detector.run(None, {"input": planes}), strict=True))
        sights = sorted(_sights(outputs, width, scale), key=lambda sight: -sight.score)
        kept: list[_YuNetDetection] = []
        for sight in sights:
            if all(_common(sight, other) < OVERLAP for other in kept):
                kept.append(sight)
        return sorted(kept, key=lambda sight: (-sight.area, sight.box))

    def measure(
        self,
        picture: Image,
        sight: _YuNetDetection,
        scale: float,
        size: tuple[int, int],
        vector: bool,
    ) -> Face:
        """Measure one face of the reduced `picture`; the result is in pixels of the given picture of `size`."""
        left_eye, right_eye, nose = sight.points[:3]
        yaw, roll = quality.pose([right_eye], [left_eye], nose)
        look = quality.look_of(alignment.chip(picture, sight.points, quality.CHIP_SIDE))
        left, top, right, bottom = (place / scale for place in sight.box)
        return Face(
            box=(
                max(0, round(left)),
                max(0, round(top)),
                min(size[0] - 1, round(right)),
                min(size[1] - 1, round(bottom)),
            ),
            width=round(right - left),
            sharpness=look.sharpness,
            yaw=yaw,
            roll_degrees=roll,
            brightness=look.brightness,
            contrast=look.contrast,
            points=tuple((x / scale, y / scale) for x, y in sight.points),
            vector=self._vector(picture, sight, look) if vector else None,
            score=sight.score,
            doubtful=sight.score < SURE_SCORE,
        )

    def _vector(
        self, picture: Image, sight: _YuNetDetection, look: quality.ChipQuality
    ) -> tuple[float, ...]:
        """128 numbers of length 1: of the aligned face and its mirror image together, in even light.

        Both steps cost no training: the mean of the two sides is steadier than one of them, and a face that is lit
        by half as much gives the same numbers (docs/face.md).
        """
        import numpy

        chip = alignment.chip(picture, sight.points, CHIP_SIDE)
        face = numpy.asarray(quality.brightened(chip, quality.gain(look.brightness)))
        both = numpy.stack((face, face[:, ::-1])).astype(numpy.float32).transpose(0, 3, 1, 2)
        (one,), (other,) = (
            self._network.run(None, {"data": numpy.ascontiguousarray(side[None])})[0]
            for side in both
        )
        mean = one / numpy.linalg.norm(one) + other / numpy.linalg.norm(other)
        return tuple((mean / numpy.linalg.norm(mean)).tolist())


def _place() -> Path:
    """Return the first folder that has both files. Raises EngineUnavailable."""
    for folder in PLACES:
        if all((folder / name).is_file() for name in SHA256):
            return folder
    raise EngineUnavailable("the face models are not there: `make setup` prepares them")


def _checked(file: Path) -> bytes:
    """Return the bytes of a model file with the right SHA-256. Raises EngineUnavailable, OSError."""
    data = file.read_bytes()
    found, wanted = hashlib.sha256(data).hexdigest(), SHA256[file.name]
    if found != wanted:
        raise EngineUnavailable(f"{file.name} has SHA-256 {found}, not {wanted}")
    return data


def _reduced(image: Image, side: int) -> tuple[Image, float]:
    """Return RGB with the long side at most `side`, and the scale of the reduction."""
    from PIL.Image import Resampling

    scale = min(1.0, side / max(image.size))
    picture = image if image.mode == "RGB" else image.convert("RGB")
    if scale < 1:
        width, height = (max(1, round(length * scale)) for length in image.size)
        picture = picture.resize((width, height), Resampling.BILINEAR, reducing_gap=2.0)
    return picture, scale


def _as_planes(picture: Image) -> tuple[NDArray[Any], int]:
    """float32[1, 3, height, width] in BGR, filled up with black to whole strides, and its width."""
    import numpy

    pixels = numpy.asarray(picture, dtype=numpy.float32)[:, :, ::-1]
    whole = STRIDES[-1]
    height, width = (-(-side // whole) * whole for side in pixels.shape[:2])
    planes = numpy.zeros((1, 3, height, width), dtype=numpy.float32)
    planes[0, :, : pixels.shape[0], : pixels.shape[1]] = pixels.transpose(2, 0, 1)
    return planes, width


def _sights(
    outputs: dict[str, NDArray[Any]], width: int, scale: float
) -> Iterator[_YuNetDetection]:
    """Yield the faces in the twelve outputs of the network. `scale`: by which the picture was reduced.

    The layout of the outputs: OpenCV, modules/objdetect/src/face_detect.cpp.
    """
    import numpy

    for stride in STRIDES:
        known, there, boxes, points = (
            outputs[f"{name}_{stride}"][0] for name in ("cls", "obj", "bbox", "kps")
        )
        scores = numpy.sqrt(numpy.clip(known[:, 0], 0, 1) * numpy.clip(there[:, 0], 0, 1))
        for cell in numpy.flatnonzero(scores >= FOUND_SCORE).tolist():
            row, column = divmod(cell, width // stride)
            x, y, wide, high = boxes[cell].tolist()
            centre = (column + x, row + y)
            half = (math.exp(wide) / 2, math.exp(high) / 2)
            unit = stride / scale
            spots = points[cell].reshape(5, 2).tolist()
            yield _YuNetDetection(
                float(scores[cell]),
                (
                    (centre[0] - half[0]) * unit,
                    (centre[1] - half[1]) * unit,
                    (centre[0] + half[0]) * unit,
                    (centre[1] + half[1]) * unit,
                ),
                tuple(((px + column) * unit, (py + row) * unit) for px, py in spots),
            )


def _common(one: _YuNetDetection, other: _YuNetDetection) -> float:
    """Return the common area of two boxes as a share of their union."""
    left, top = max(one.box[0], other.box[0]), max(one.box[1], other.box[1])
    right, bottom = min(one.box[2], other.box[2]), min(one.box[3], other.box[3])
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    return shared / (one.area + other.area - shared)
