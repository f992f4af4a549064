"""Charts as SVG inside the operators' pages: bars, a distribution, a scatter of questions.

Elements and attributes are written in lower case; parsers of HTML know `viewBox` by `viewbox`. Colours come from the
style sheet of the page (`parts.frame`), so that charts follow the theme.
"""

import math
from collections.abc import Sequence

import msgspec

from chalicelib.shared.html import Content, Html, el

_WIDTH, _HEIGHT = 600, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 24, 22, 42


class Dot(msgspec.Struct, frozen=True):
    """A point of a scatter: its place (0 to 1, -1 to 1), what it is called, and whether it is doubtful."""

    x: float
    y: float
    name: str
    doubtful: bool


def _picture(label: str, height: int, *content: Content) -> Html:
    return el(
        "svg",
        *content,
        role="img",
        aria_label=label,
        viewbox=f"0 0 {_WIDTH} {height}",
        width=_WIDTH,
        height=height,
    )


def _text(x: float, y: float, content: Content, anchor: str = "middle", class_: str = "") -> Html:
    return el("text", content, x=_at(x), y=_at(y), text_anchor=anchor, class_=class_ or None)


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    return el("line", x1=_at(x1), y1=_at(y1), x2=_at(x2), y2=_at(y2), class_=class_)


def _at(place: float) -> str:
    return f"{place:.1f}"


def distribution(
    bars: Sequence[int], *, label: str, names: Sequence[str], limit: float, limit_name: str
) -> Html:
    """Bars side by side over 0 to 100 per cent. `names`: of each bar; `limit`: where a line stands, in per cent."""
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    ground, most = _TOP + plot_height, max(bars, default=0) or 1
    step = plot_width / len(bars)
    drawn: list[Content] = [_line(_LEFT, ground, _LEFT + plot_width, ground, "axis")]
    for place, (papers, name) in enumerate(zip(bars, names, strict=True)):
        height = plot_height * papers / most
        x = _LEFT + place * step
        told = el("title", f"{name}：{papers}")
        drawn.append(
            el(
                "rect",
                told,
                x=_at(x + 1),
                y=_at(ground - height),
                width=_at(step - 2),
                height=_at(height),
                class_="bar",
            )
        )
        if papers:
            drawn.append(_text(x + step / 2, ground - height - 4, papers))
    drawn += [
        _text(_LEFT + plot_width * percent / 100, ground + 16, f"{percent}%")
        for percent in range(0, 101, 20)
    ]
    x = _LEFT + plot_width * limit / 100
    drawn += [
        _line(x, _TOP - 8, x, ground, "limit"),
        _text(x, ground + 34, limit_name, class_="limit"),
    ]
    return _picture(label, _HEIGHT, *drawn)


def scatter(
    dots: Sequence[Dot],
    *,
    label: str,
    across: str,
    upward: str,
    across_limits: Sequence[float],
    upward_limits: Sequence[float],
) -> Html:
    """Dots over 0 to 1, with the lines of the limits. The scale upward begins at or below the lowest dot."""
    height = 320
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    fifths = math.floor(min((dot.y for dot in dots), default=0) * 5)
    lowest = min(-1, fifths) / 5

    def x_of(value: float) -> float:
        return _LEFT + plot_width * value

    def y_of(value: float) -> float:
        return _TOP + plot_height * (1 - value) / (1 - lowest)

    drawn: list[Content] = []
    for fifth in range(min(-1, fifths), 6):
        value = fifth / 5
        drawn.append(_line(x_of(0), y_of(value), x_of(1), y_of(value), "axis"))
        drawn.append(_text(_LEFT - 6, y_of(value) + 4, f"{value:.1f}", "end"))
        if fifth >= 0:
            drawn.append(_text(x_of(value), _TOP + plot_height + 16, f"{value:.1f}"))
    drawn += [_line(x_of(v), _TOP, x_of(v), _TOP + plot_height, "limit") for v in across_limits]
    drawn += [_line(x_of(0), y_of(v), x_of(1), y_of(v), "limit") for v in upward_limits]
    drawn += [
        el(
            "circle",
            el("title", dot.name),
            cx=_at(x_of(dot.x)),
            cy=_at(y_of(dot.y)),
            r=4,
            class_="dot doubtful" if dot.doubtful else "dot",
        )
        for dot in sorted(dots, key=lambda dot: dot.doubtful)  # doubtful ones are not covered
    ]
    drawn += [
        _text(_LEFT + plot_width / 2, height - 8, across),
        _text(4, 12, upward, "start"),
    ]
    return _picture(label, height, *drawn)


def stages(rows: Sequence[tuple[str, int]], *, label: str) -> Html:
    """Bars one under the other: name, bar, number, and the share of the stage before."""
    row_height, names = 26, 170
    most, room = max((number for _, number in rows), default=0) or 1, _WIDTH - 170 - 110
    drawn: list[Content] = []
    before: int | None = None
    for place, (name, number) in enumerate(rows):
        y = place * row_height
        width = room * number / most
        told = f"{number}" if before in (None, 0) else f"{number}（{number / before:.0%}）"
        drawn += [
            _text(names - 8, y + 17, name, "end"),
            el(
                "rect",
                x=names,
                y=y + 4,
                width=_at(max(width, 1)),
                height=row_height - 8,
                class_="bar",
            ),
            _text(names + width + 6, y + 17, told, "start", "strong"),
        ]
        before = number
    return _picture(label, row_height * len(rows) + 4, *drawn)
