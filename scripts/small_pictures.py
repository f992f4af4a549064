"""Pictures of the docs, with few colours so that the repository stays small."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

KEPT = 128  # the most frequent colours, of surfaces, signs and letters: they stay as they are
OTHERS = 128  # the nearest of these take the place of all other colours


def write(data: bytes, file: Path) -> None:
    """Write a picture as a PNG of at most `KEPT` + `OTHERS` colours."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    red, green, blue = np.moveaxis(np.asarray(picture, np.uint32), 2, 0)
    colours = red << 16 | green << 8 | blue
    found, counts = np.unique(colours, return_counts=True)
    frequent = found[np.argsort(counts)[::-1][:KEPT]]
    other = picture.quantize(OTHERS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    places = np.asarray(other) + np.uint8(len(frequent))
    for place, colour in enumerate(frequent):
        places[colours == colour] = place
    small = Image.fromarray(places, "P")
    kept = [int(colour) >> shift & 255 for colour in frequent for shift in (16, 8, 0)]
    small.putpalette(kept + (other.getpalette() or []))
    small.save(file, optimize=True)
