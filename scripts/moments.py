"""A frame at other moments: the same person in front of the camera a little later.

    from scripts.moments import moment

    later = moment(Path("var/pictures/frame_a.jpg").read_bytes(), 7)

There is one original of most test pictures, and one picture shown twice is a finding of its own (docs/face.md). So
each moment distorts it a little, as small movements of eyes, lips and head do. No two moments are the same picture.
"""

from __future__ import annotations

import functools
import io
import itertools
import random

from PIL import Image

CELL = 40  # pixels: an eye, a corner of the mouth
MOST = 4.0  # pixels that a place moves to either side


@functools.lru_cache(maxsize=512)
def moment(frame: bytes, n: int) -> bytes:
    """Return the frame at its n-th moment as JPEG, the same bytes each time. Moment 0 is the frame itself."""
    if n == 0:
        return frame
    with Image.open(io.BytesIO(frame)) as opened:
        picture = opened.convert("RGB")
    bent = picture.transform(
        picture.size, Image.Transform.MESH, _mesh(picture.size, n), Image.Resampling.BICUBIC
    )
    out = io.BytesIO()
    bent.save(out, format="JPEG", quality=92)
    return out.getvalue()


def _mesh(
    size: tuple[int, int], n: int
) -> list[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """For each cell of the later frame the four corners of what it shows of the frame; the edges stay."""
    width, height = size
    source = random.Random(n)  # noqa: S311 (no secret: the same for each n)
    across, down = [*range(0, width, CELL), width], [*range(0, height, CELL), height]
    moved = {
        (x, y): (
            x + (source.uniform(-MOST, MOST) if 0 < x < width else 0),
            y + (source.uniform(-MOST, MOST) if 0 < y < height else 0),
        )
        for x in across
        for y in down
    }
    cells = []
    for left, right in itertools.pairwise(across):
        for top, bottom in itertools.pairwise(down):
            corners = ((left, top), (left, bottom), (right, bottom), (right, top))
            quad = tuple(place for corner in corners for place in moved[corner])
            cells.append(((left, top, right, bottom), quad))
    return cells
