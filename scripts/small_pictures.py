"""Pictures of the docs, with few colours so that the repository stays small."""

import io
from pathlib import Path

from PIL import Image

COLOURS = 256


def write(data: bytes, file: Path) -> None:
    """Write a picture as a PNG of at most `COLOURS` colours."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    # of the methods this one keeps colours that are rare, such as a small red mark
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
