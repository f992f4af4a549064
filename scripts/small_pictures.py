"""Pictures of the docs, with few colours so that the repository stays small."""

import io
from pathlib import Path

from PIL import Image

COLOURS = 160


def write(data: bytes, file: Path) -> None:
    """Write a picture as a PNG of at most `COLOURS` colours."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
