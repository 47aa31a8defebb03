"""One static picture of the curves, for a README.

In: results and the published curves. Out: `rate_distortion.png`.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vaecodec.benchmark.anchors import SHOWN, covers_anchors, load_anchors
from vaecodec.benchmark.codecs import is_hidden, is_own
from vaecodec.benchmark.curves import Curve, is_drawable, measured_curve, smooth
from vaecodec.benchmark.palette import colour
from vaecodec.benchmark.records import ImageResult, Results

# The range of everyday use: at the ends the curves only spread the picture.
HIGHEST_BPP = 1.6
LOWEST_DB, HIGHEST_DB = 25.0, 41.0
LABEL_GAP_DB = 0.55

Label = tuple[float, float, str, str]


def write_plot(results: Results, output: Path) -> None:
    """Draw the results, and published curves where they are of the same images."""
    draw(results).savefig(output, dpi=120, metadata={"Software": None})


def draw(results: Results) -> Figure:
    """One figure: measured codecs as thick lines with points, published ones thin."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(9, 6.2), layout="constrained")
    axes = figure.add_subplot()
    labels: list[Label] = []
    images: tuple[ImageResult, ...] = ()
    for position, (codec, result) in enumerate(results.items()):
        curve = measured_curve(result)
        if is_hidden(codec) or result.failures or not is_drawable(curve):
            continue
        images = result.images
        ink, width = colour(codec, position)[0], 2.6 if is_own(codec) else 1.6
        axes.plot(curve.bpp, curve.score, "o", color=ink, markersize=4)
        labels.append(_draw_line(axes, curve, ink, width=width, style="-"))
    if covers_anchors(images):
        anchors = load_anchors()
        for key in SHOWN:
            ink = colour(key)[0]
            labels.append(_draw_line(axes, anchors[key], ink, width=1.2, style="--"))
    _write_labels(axes, labels)
    axes.set_xlim(0, HIGHEST_BPP)
    axes.set_ylim(LOWEST_DB, HIGHEST_DB)
    dress(
        axes,
        title=f"{len(images)} images: solid measured here, dashed published",
        x="bits per pixel of the whole file, mean over the images",
        y="PSNR-RGB in dB, mean over the images",
    )
    return figure


def dress(axes: Axes, *, title: str, x: str, y: str) -> None:
    """Titles and a quiet grid, as all plots of this project have them."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e5e5e5", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_line(
    axes: Axes, curve: Curve, ink: str, *, width: float, style: str
) -> Label:
    """Draw, and say where its label belongs: (bpp, dB, text, colour)."""
    rates, scores = smooth(curve, 300)
    axes.plot(rates, scores, color=ink, linewidth=width, linestyle=style)
    inside = rates <= HIGHEST_BPP
    return float(rates[inside][-1]), float(scores[inside][-1]), curve.name, ink


def _write_labels(axes: Axes, labels: list[Label]) -> None:
    """Names at the ends of the curves, moved down just enough not to touch."""
    placed: list[tuple[float, float]] = []
    for rate, score, text, ink in sorted(labels, key=lambda label: -label[1]):
        near = [s for r, s in placed if abs(r - rate) < HIGHEST_BPP / 4]
        height = min([score, *(s - LABEL_GAP_DB for s in near)])
        placed.append((rate, height))
        axes.annotate(
            text,
            xy=(rate, height),
            xytext=(6, 0),
            textcoords="offset points",
            color=ink,
            va="center",
            fontsize=9,
            annotation_clip=False,
        )
