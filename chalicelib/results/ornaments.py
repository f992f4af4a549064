"""The ornaments of a certificate: bands, rosettes and a seal of fine lines, drawn as curves.

They are guilloche patterns like those of banknotes: many similar waves with shifted phases. Nothing imitates the seal
of an authority.
"""

import itertools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

Colour = tuple[float, float, float]
Point = tuple[float, float]

INK: Colour = (0.11, 0.14, 0.17)
QUIET: Colour = (0.42, 0.45, 0.47)
TEAL: Colour = (0.10, 0.33, 0.33)
MIST: Colour = (0.915, 0.94, 0.935)
GOLD: Colour = (0.69, 0.55, 0.27)
VERMILION: Colour = (0.72, 0.20, 0.15)


def draw_frame(canvas: "Canvas", width: float, height: float) -> None:
    """Draw a band of interwoven waves around the page, between two fine lines."""
    inset, depth, radius = 30.0, 7.5, 22.0
    path = _rounded_rectangle(inset, inset, width - inset, height - inset, radius)
    length = _length(path)
    waves = round(length / 30)
    canvas.setLineWidth(0.28)
    for number in range(6):
        canvas.setStrokeColorRGB(*(TEAL if number % 2 else GOLD))
        phase = number * math.pi / 3
        _draw_closed(canvas, _waved(path, length, depth, waves, phase))
    canvas.setStrokeColorRGB(*TEAL)
    for offset, line in ((-11.5, 0.9), (11.5, 0.45)):
        canvas.setLineWidth(line)
        room, rounding = inset + offset, radius - offset
        canvas.roundRect(
            room, room, width - 2 * room, height - 2 * room, max(rounding, 4.0), stroke=1, fill=0
        )


def draw_watermark(canvas: "Canvas", x: float, y: float, radius: float) -> None:
    """Draw a large pale rosette behind the text."""
    canvas.setStrokeColorRGB(*MIST)
    canvas.setLineWidth(0.5)
    for number in range(24):
        turn = number * math.pi / 12 / 12
        _draw_closed(canvas, _rosette(x, y, radius, 0.30, 12, turn))
    for number in range(12):
        turn = number * math.pi / 6 / 9
        _draw_closed(canvas, _rosette(x, y, radius * 0.52, 0.36, 9, turn))


def draw_seal(canvas: "Canvas", x: float, y: float, radius: float) -> None:
    """Draw a round seal of fine lines with free room in the middle for its text."""
    canvas.setStrokeColorRGB(*VERMILION)
    canvas.setLineWidth(0.3)
    for number in range(10):
        turn = number * 2 * math.pi / 10 / 24
        _draw_closed(canvas, _rosette(x, y, radius * 0.86, 0.085, 24, turn))
    for share, line in ((1.0, 1.1), (0.945, 0.35), (0.70, 0.35), (0.665, 0.7)):
        canvas.setLineWidth(line)
        canvas.circle(x, y, radius * share, stroke=1, fill=0)


def draw_rule(canvas: "Canvas", x: float, y: float, width: float) -> None:
    """Draw a fine line with a diamond in its middle."""
    canvas.setStrokeColorRGB(*GOLD)
    canvas.setFillColorRGB(*GOLD)
    canvas.setLineWidth(0.5)
    half, gap = width / 2, 9
    canvas.line(x - half, y, x - gap, y)
    canvas.line(x + gap, y, x + half, y)
    path = canvas.beginPath()
    path.moveTo(x - 4, y)
    for point in ((x, y + 2.4), (x + 4, y), (x, y - 2.4)):
        path.lineTo(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _rosette(
    x: float, y: float, radius: float, depth: float, petals: int, turn: float
) -> list[Point]:
    """Return a circle whose radius changes in `petals` waves."""
    steps = petals * 10
    points = []
    for step in range(steps):
        angle = 2 * math.pi * step / steps
        reach = radius * (1 - depth + depth * math.cos(petals * (angle + turn)))
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _rounded_rectangle(
    left: float, bottom: float, right: float, top: float, radius: float
) -> list[Point]:
    """Return close points along a rounded rectangle, counter-clockwise from the lower left."""
    corners = (
        (right - radius, bottom + radius, -90),
        (right - radius, top - radius, 0),
        (left + radius, top - radius, 90),
        (left + radius, bottom + radius, 180),
    )
    points = []
    for x, y, start in corners:
        for step in range(25):
            angle = math.radians(start + step * 90 / 24)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return _spread([*points, points[0]], 3.75)


def _spread(points: list[Point], gap: float) -> list[Point]:
    spread = []
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        steps = max(1, round(math.dist((x1, y1), (x2, y2)) / gap))
        spread += [
            (x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps) for step in range(steps)
        ]
    return spread


def _length(points: list[Point]) -> float:
    return sum(math.dist(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True))


def _waved(
    points: list[Point], length: float, depth: float, waves: int, phase: float
) -> list[Point]:
    """Return the path with a whole number of waves around it."""
    waved, walked = [], 0.0
    for index, (x, y) in enumerate(points):
        (x1, y1), (x2, y2) = points[index - 1], points[(index + 1) % len(points)]
        along = math.hypot(x2 - x1, y2 - y1)
        swing = depth * math.sin(2 * math.pi * waves * walked / length + phase)
        waved.append((x - (y2 - y1) / along * swing, y + (x2 - x1) / along * swing))
        walked += math.dist((x, y), points[(index + 1) % len(points)])
    return waved


def _draw_closed(canvas: "Canvas", points: list[Point]) -> None:
    """Draw a smooth closed curve through all points (Catmull-Rom as Bézier curves)."""
    path = canvas.beginPath()
    path.moveTo(*points[0])
    count = len(points)
    for index in range(count):
        before, here = points[index - 1], points[index]
        there, after = points[(index + 1) % count], points[(index + 2) % count]
        path.curveTo(
            here[0] + (there[0] - before[0]) / 6,
            here[1] + (there[1] - before[1]) / 6,
            there[0] - (after[0] - here[0]) / 6,
            there[1] - (after[1] - here[1]) / 6,
            *there,
        )
    path.close()
    canvas.drawPath(path, stroke=1, fill=0)
