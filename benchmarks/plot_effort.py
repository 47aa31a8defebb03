"""Bits over the time of compressing: a picture, and a table.

In: what `effort` measured. Out: a line for each codec, with a point for each setting.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from benchmarks.effort_records import ANCHOR, Effort, Row
from benchmarks.markdown import markdown_table
from vaecodec.benchmark.palette import OTHERS
from vaecodec.benchmark.plot import dress


def table(result: Effort) -> str:
    """A sentence, and a line for each setting."""
    rates = [bpp for row in result.rows for bpp in (row.bpp[0], row.bpp[-1])]
    said = (
        f"{result.image_count} pictures, one thread; bits for the same "
        f"SSIMULACRA2 between {min(rates):.2f} and {max(rates):.2f} bits per pixel:"
    )
    head = "codec", "", "ms per megapixel", f"bits against {' '.join(ANCHOR)}"
    lines = (
        (
            row.family,
            row.level,
            f"{1000 * row.seconds_per_megapixel:,.0f}",
            f"{result.against_anchor(row):+.1f} %",
        )
        for row in result.rows
    )
    return f"{said}\n\n{markdown_table(head, lines)}"


def write_plot(result: Effort, target: Path) -> None:
    """Draw the result and save the picture."""
    draw(result).savefig(target, dpi=110, metadata={"Software": None})


def draw(result: Effort) -> Figure:
    """One figure."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(8, 4.6), layout="constrained")
    axes = figure.add_subplot()
    families = groupby(result.rows, key=lambda row: row.family)
    for (ink, _), (family, rows) in zip(OTHERS, families, strict=False):
        points = [_point(result, row) for row in rows]
        times, bits, _ = zip(*points, strict=True)
        axes.plot(times, bits, "o-", color=ink, label=family)
        for time, height, label in points:
            axes.annotate(
                label,
                (time, height),
                xytext=(5, 5),
                textcoords="offset points",
                color=ink,
                fontsize=8,
            )
    axes.set_xscale("log")
    axes.legend(frameon=False)
    dress(
        axes,
        title=f"{result.image_count} images: SSIMULACRA2 at low rates, one thread",
        x="ms of processor time per megapixel, compressing",
        y=f"bits in % beside {' '.join(ANCHOR)}",
    )
    return figure


def _point(result: Effort, row: Row) -> tuple[float, float, str]:
    return 1000 * row.seconds_per_megapixel, result.against_anchor(row), row.level
