"""Line charts as SVG text, drawn here so that the page needs no library.

In: `Series` and axes. Out: one `<svg>` for a width. Every series is a group with its
key, which the page's script shows and hides; every measured point carries its numbers
for the tooltip. Labels stand at the ends of the curves, where the script spreads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import log10

import numpy as np

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """A curve: `line` is drawn, `points` are measured, with a text for each."""

    key: str
    name: str
    line: Points
    points: Points = ()
    texts: tuple[str, ...] = ()
    published: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Axis:
    """Ends, marks and title of an axis; a logarithmic one has positive ends."""

    title: str
    low: float
    high: float
    marks: tuple[float, ...]
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high end."""
        if self.logarithmic:
            return log10(value / self.low) / log10(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def linear_axis(title: str, low: float, high: float) -> Axis:
    """An axis with about six round marks."""
    raw = (high - low) / 5
    round_ = min((1, 2, 5, 10), key=lambda s: abs(s * _power(raw) - raw))
    step = round_ * _power(raw)
    first = np.ceil(low / step - 1e-9) * step
    marks = np.arange(first, high + step / 1000, step)
    return Axis(title, low, high, tuple(float(round(m, 6)) + 0.0 for m in marks))


def logarithmic_axis(title: str, low: float, high: float) -> Axis:
    """An axis from one power of ten to another, with a mark at each."""
    ends = int(np.floor(log10(low))), int(np.ceil(log10(high)))
    low, high = 10.0 ** ends[0], 10.0 ** max(ends[1], ends[0] + 1)
    marks = tuple(10.0**e for e in range(ends[0], max(ends[1], ends[0] + 1) + 1))
    return Axis(title, low, high, marks, logarithmic=True)


def chart(
    series: Sequence[Series], x: Axis, y: Axis, *, size: tuple[int, int], title: str
) -> str:
    """SVG of (width, height) user units with room for labels on the right."""
    width, height = size
    left, right, top, bottom = 52, width - (130 if width > 450 else 14), 14, height - 44

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return (
            left + (right - left) * x.place(point[0]),
            bottom - (bottom - top) * y.place(point[1]),
        )

    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">',
        *_grid(x, y, at, (left, right, top, bottom)),
        *(_group(one, at, x, y) for one in series),
        "</svg>",
    ]
    return "\n".join(parts)


def _grid(
    x: Axis, y: Axis, at: Callable[..., tuple[float, float]], box: tuple[int, ...]
) -> list[str]:
    left, right, top, bottom = box
    rows = [(m, at((x.low, m))[1]) for m in y.marks]
    columns = [(m, at((m, y.low))[0]) for m in x.marks]
    middle = (top + bottom) / 2
    return [
        *(f'<path class="grid" d="M{left} {v:.1f}H{right}"/>' for _, v in rows),
        *(f'<path class="grid" d="M{h:.1f} {top}V{bottom}"/>' for _, h in columns),
        *(
            f'<text x="{left - 7}" y="{v + 4:.1f}" text-anchor="end">{m:g}</text>'
            for m, v in rows
        ),
        *(
            f'<text x="{h:.1f}" y="{bottom + 18}" text-anchor="middle">{m:g}</text>'
            for m, h in columns
        ),
        f'<text class="title" x="{(left + right) / 2}" y="{bottom + 37}" '
        f'text-anchor="middle">{escape(x.title)}</text>',
        f'<text class="title" transform="translate(14 {middle}) rotate(-90)" '
        f'text-anchor="middle">{escape(y.title)}</text>',
    ]


def _group(
    one: Series, at: Callable[..., tuple[float, float]], x: Axis, y: Axis
) -> str:
    inside = [p for p in one.line if _inside(p[0], x) and _inside(p[1], y)]
    if not inside:
        return ""
    places = [at(point) for point in inside]
    path = "M" + "L".join(f"{h:.1f} {v:.1f}" for h, v in places)
    dots = [
        f'<circle cx="{at(p)[0]:.1f}" cy="{at(p)[1]:.1f}" r="3.4" '
        f'data-tip="{escape(text)}"/>'
        for p, text in zip(one.points, one.texts, strict=True)
        if _inside(p[0], x) and _inside(p[1], y)
    ]
    h, v = places[-1]
    label = (
        f'<text class="end" x="{h + 7:.1f}" y="{v + 4:.1f}">{escape(one.name)}</text>'
    )
    kind = "published" if one.published else "measured"
    hidden = "" if one.shown else " hidden"
    return (
        f'<g class="curve {kind}{hidden}" data-curve="{escape(one.key)}">'
        f'<path d="{path}"/>{"".join(dots)}{label}</g>'
    )


def _inside(value: float, axis: Axis) -> bool:
    return axis.low <= value <= axis.high


def _power(value: float) -> float:
    return float(10.0 ** np.floor(log10(value)))
