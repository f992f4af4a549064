"""The adapter `face_recognition`, and the second opinion: dlib's HOG detector, 5 points and ResNet.

These are the models of the package face_recognition, loaded without it: that package reads all four
of its models when imported (three times the memory), two of which nobody here needs, and switches
Pillow to accepting truncated pictures for the whole process. A contract test compares vectors.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chalicelib.faces import alignment, quality
from chalicelib.faces.engine import EngineUnavailable
from chalicelib.faces.findings import Face, Findings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

DETECTION_SIDE: Final = 1280
"""Pixels of the long side at which people are counted and encoded, in one pass; never enlarged.

The detector sees nothing under about 70 pixels, so whoever is reduced below is not counted: in a
group of six at 1280x886 it finds all six, at 640 three. Webcam frames (640x480, 1280x720) stay as
they are. Larger pictures come from telephones and only cost more. Encoding takes the aligned face,
150x150, out of the same pixels: about 83 ms whatever their size, so a second, smaller copy for it
would gain nothing. Figures of one core, docs/face.md.
"""

MAX_VECTORS: Final = 2
"""Faces that get a vector, the largest first: the candidate and one more, 83 ms each."""

CHIP_SIDE: Final = 150
CHIP_PADDING: Final = 0.25
"""What the network was trained on (dlib, face_recognition_model_v1) and face_recognition uses."""

DOUBTFUL_SCORE: Final = 0.15
"""Detector score below which a "face" may be a badge or a pattern. The badge on a suit, in five
JPEG qualities of one picture, scored 0 to .11; of 214 real faces two are under .15."""

_POINTS_FILE: Final = "shape_predictor_5_face_landmarks.dat"
_NETWORK_FILE: Final = "dlib_face_recognition_resnet_model_v1.dat"
_MODELS_PACKAGE: Final = "face_recognition_models"


class DlibEngine:
    """HOG detector, five landmarks, ResNet. Cheap to make; loads on first use (about 1 s).

    `models`: folder with the two model files; by default the one of face_recognition_models.
    May be shared between threads: dlib's objects are not safe for that, so one works at a time
    (they hold the interpreter lock while they work, so nothing is lost).
    """

    def __init__(self, models: Path | str | None = None) -> None:
        self._folder = None if models is None else Path(models)
        self._lock = threading.Lock()
        self._loaded: _DlibModels | None = None

    def load(self) -> None:
        """Load now what the first examination would load. Raises EngineUnavailable."""
        with self._lock:
            self._models()

    def examine(self, image: Image, *, vectors: bool = True) -> Findings:
        """See FaceEngine."""
        brightness, covered = quality.brightness_and_cover(image)
        dark = quality.is_dark(brightness)
        pixels, scale = _detection_pixels(image)
        with self._lock:
            models = self._models()
            # A second search in a black or covered frame finds nobody.
            detections = models.find_faces(pixels, look_harder=not (dark or covered))
            faces = tuple(
                models.measure(pixels, sight, scale, image.size, vectors and rank < MAX_VECTORS)
                for rank, sight in enumerate(detections)
            )
        return Findings(
            width=image.width,
            height=image.height,
            brightness=brightness,
            dark=dark,
            covered=covered,
            faces=faces,
            engine=models.engine,
            model=models.model,
        )

    def _models(self) -> _DlibModels:
        """Return the loaded models. The caller holds the lock."""
        if self._loaded is None:
            self._loaded = _DlibModels(self._folder or _packaged_models())
        return self._loaded


class _DlibDetection(NamedTuple):
    """A dlib rectangle, and how sure the detector is of it."""

    box: Any
    score: float


class _DlibModels:
    """The three dlib objects and their names. Not safe for threads."""

    def __init__(self, folder: Path) -> None:
        points, network = folder / _POINTS_FILE, folder / _NETWORK_FILE
        try:
            # String annotations, because dlib has no type stubs and is imported at the first examination.
            dlib = import_module("dlib")
            self._detector = dlib.get_frontal_face_detector()
            self._points = dlib.shape_predictor(str(points))
            self._network = dlib.face_recognition_model_v1(str(network))
            self.model = f"{network.stem}@{_fingerprint(network)}"
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineUnavailable(f"the face engine cannot start: {error}") from error
        self._chip = dlib.get_face_chip
        self._image = import_module("PIL.Image").fromarray
        self.engine = f"dlib {dlib.__version__} HOG"

    def find_faces(self, pixels: NDArray[Any], *, look_harder: bool) -> list[_DlibDetection]:
        """Return the faces in uint8[height, width, 3], the largest first.

        Only a picture in which nobody was found is searched again at double size (four times as
        long). So the reason for a far-away face is that it is small, not that it is missing.
        """
        detections = self._search(pixels, doublings=0)
        if not detections and look_harder:
            detections = self._search(pixels, doublings=1)
        # Equal sizes are common (the detector works in steps): position makes the order stable.
        return sorted(detections, key=lambda it: (-it.box.area(), it.box.left(), it.box.top()))

    def _search(self, pixels: NDArray[Any], *, doublings: int) -> list[_DlibDetection]:
        """One run of the detector at its own threshold (score 0)."""
        boxes, scores, _ = self._detector.run(pixels, doublings, 0.0)
        return [_DlibDetection(box, score) for box, score in zip(boxes, scores, strict=True)]

    def measure(
        self,
        pixels: NDArray[Any],
        sight: _DlibDetection,
        scale: float,
        size: tuple[int, int],
        vector: bool,
    ) -> Face:
        """Measure one face of the reduced `pixels`; the result is in pixels of the given picture of `size`."""
        box = sight.box
        shape = self._points(pixels, box)
        # Two corners of the right eye, two of the left one, the foot of the nose.
        spots = [(point.x, point.y) for point in shape.parts()]
        yaw, roll = quality.pose(spots[0:2], spots[2:4], spots[4])
        points = (quality.middle(spots[2:4]), quality.middle(spots[0:2]), spots[4])
        look = quality.look_of(alignment.chip(self._image(pixels), points[:2], quality.CHIP_SIDE))
        return Face(
            box=_box_in_picture(box, scale, size),
            width=round(box.width() / scale),
            sharpness=look.sharpness,
            yaw=yaw,
            roll_degrees=roll,
            brightness=look.brightness,
            contrast=look.contrast,
            points=tuple((x / scale, y / scale) for x, y in points),
            vector=self._vector(pixels, shape) if vector else None,
            score=sight.score,
            doubtful=sight.score < DOUBTFUL_SCORE,
        )

    def _vector(self, pixels: NDArray[Any], shape: Any) -> tuple[float, ...]:
        chip = self._chip(pixels, shape, CHIP_SIDE, CHIP_PADDING)
        return tuple(self._network.compute_face_descriptor(chip))


def _packaged_models() -> Path:
    """Return the folder of face_recognition_models without importing it, because version 0.3.0 cannot be imported."""
    spec = find_spec(_MODELS_PACKAGE)
    places: Sequence[str] = (spec.submodule_search_locations or ()) if spec else ()
    if not places:
        raise EngineUnavailable(f"the package {_MODELS_PACKAGE} is not installed")
    return Path(places[0]) / "models"


def _fingerprint(file: Path) -> str:
    """Return eight hex digits of SHA-256, which distinguish a retrained network of the same name."""
    import hashlib

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:8]


def _detection_pixels(image: Image) -> tuple[NDArray[Any], float]:
    """uint8[height, width, 3] with the long side at most DETECTION_SIDE, and the scale taken."""
    import numpy
    from PIL.Image import Resampling

    scale = min(1.0, DETECTION_SIDE / max(image.size))
    picture = image if image.mode == "RGB" else image.convert("RGB")
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        picture = picture.resize((width, height), Resampling.BILINEAR, reducing_gap=2.0)
    return numpy.asarray(picture), scale


def _box_in_picture(box: Any, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A dlib rectangle of the reduced picture, in pixels of the given one, cut at its edges."""
    width, height = size
    left, top = round(box.left() / scale), round(box.top() / scale)
    right, bottom = round(box.right() / scale), round(box.bottom() / scale)
    return max(0, left), max(0, top), min(width - 1, right), min(height - 1, bottom)
