"""Draw the measured and the published rate-distortion curves of Kodak.

In: result files of `rate_distortion` and `anchors/kodak.json`, nothing else. Out:
`rate_distortion.png` beside the result files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator  # type: ignore[import-untyped, unused-ignore]

from benchmarks.conditions import RESULTS
from benchmarks.curves import Curve, load_anchors, load_results, measured_curve

# The range of everyday use: at the ends the curves only spread the picture.
MAXIMUM_BPP = 2.0
LOWEST_DB, HIGHEST_DB = 25.0, 43.0
MEASURED_COLOURS = {
    "vaecodec": "#c1121f",
    "jpeg": "#6c757d",
    "webp": "#2a7f62",
    "avif": "#7b4fa3",
}
ANCHOR_COLOURS = {
    "jpeg2000": "#8a817c",
    "bpg444": "#b5651d",
    "vtm": "#1d3557",
    "mbt2018-mean": "#3a86c8",
    "bmshj2018-hyperprior": "#d4a017",
}
LABEL_GAP_DB = 0.62


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=RESULTS / "kodak")
    folder = parser.parse_args(arguments).folder
    output = folder / "rate_distortion.png"
    draw(folder).savefig(output, dpi=120, metadata={"Software": None})
    print(f"written: {output}")
    return 0


def draw(folder: Path) -> Figure:
    """One figure: measured codecs as thick lines with points, published ones thin."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(9, 6.2), layout="constrained")
    axes = figure.add_subplot()
    labels = []
    for codec, result in load_results(folder).items():
        colour = MEASURED_COLOURS[codec]
        width = 2.4 if codec == "vaecodec" else 1.6
        curve = measured_curve(result)
        axes.plot(curve.bits_per_pixel, curve.psnr_db, "o", color=colour, markersize=4)
        labels.append(_draw_line(axes, curve, colour, width=width, style="-"))
    anchors = load_anchors()
    for key, colour in ANCHOR_COLOURS.items():
        labels.append(_draw_line(axes, anchors[key], colour, width=1.2, style="--"))
    _write_labels(axes, labels)
    _dress(axes)
    return figure


def _draw_line(
    axes: Axes, curve: Curve, colour: str, *, width: float, style: str
) -> tuple[float, str, str]:
    """Draw, and say where at the right edge the label belongs: (dB, text, colour).

    Between the points runs what the BD-rate integrates: PCHIP of log rate over PSNR.
    """
    log_rate = PchipInterpolator(curve.psnr_db, np.log(curve.bits_per_pixel))
    psnr = np.linspace(curve.psnr_db[0], curve.psnr_db[-1], 300)
    rate = np.exp(log_rate(psnr))
    axes.plot(rate, psnr, color=colour, linewidth=width, linestyle=style)
    return float(np.interp(MAXIMUM_BPP, rate, psnr)), curve.name, colour


def _write_labels(axes: Axes, labels: list[tuple[float, str, str]]) -> None:
    """Names at the right edge, moved down just enough not to touch."""
    height = HIGHEST_DB
    for edge, text, colour in sorted(labels, reverse=True):
        height = min(edge, height - LABEL_GAP_DB)
        axes.annotate(
            text,
            xy=(MAXIMUM_BPP, height),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontsize=9,
            annotation_clip=False,
        )


def _dress(axes: Axes) -> None:
    axes.set_xlim(0, MAXIMUM_BPP)
    axes.set_ylim(LOWEST_DB, HIGHEST_DB)
    axes.set_xlabel("bits per pixel of the whole file, mean over the images")
    axes.set_ylabel("PSNR-RGB in dB, mean over the images")
    axes.set_title("Kodak: solid lines measured here, dashed lines published")
    axes.grid(color="#e5e5e5", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    sys.exit(main())
