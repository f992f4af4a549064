"""The interface that all face engines implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image

    from chalicelib.faces.findings import Findings

EngineName = Literal["yunet_sface", "face_recognition"]


class EngineUnavailable(RuntimeError):
    """No examination is possible, because library or models are missing. It says nothing about a picture."""


class FaceEngine(Protocol):
    """An engine that examines pictures. docs/face.md lists what another engine has to fulfil."""

    def examine(self, image: Image, *, vectors: bool = True) -> Findings:
        """Measure one picture (any Pillow image, as `decode_picture` gives it).

        `vectors=False` leaves the vectors out and saves most of the time. A picture without faces
        is a finding, not an error. Raises EngineUnavailable.
        """
        ...
