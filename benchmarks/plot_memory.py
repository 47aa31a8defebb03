"""Peak memory over the size of an image: one picture.

In: the rows that `memory` measures. Out: `results/memory.png`. Whole processes are
solid; what the codec takes beside the samples is dashed, and ought to be nearly flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from benchmarks.memory_rows import SizeRow
from vaecodec.benchmark.palette import OTHERS
from vaecodec.benchmark.plot import dress

# Field of the row, of the cost in it, how it is called, how it is drawn.
CURVES = (
    ("compress", "peak_mib", "vaecodec compress: the whole process", "-"),
    ("decompress", "peak_mib", "vaecodec decompress: the whole process", "-"),
    ("encode", "beside_samples_mib", "encode, beside the samples", "--"),
    ("decode", "beside_samples_mib", "decode, beside the samples", "--"),
)


def write_plot(rows: Sequence[SizeRow], target: Path) -> None:
    """Draw the rows and save the picture."""
    draw(rows).savefig(target, dpi=120, metadata={"Software": None})


def draw(rows: Sequence[SizeRow]) -> Figure:
    """One line for each of `CURVES`."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    axes = figure.add_subplot()
    megapixels = [row.megapixels for row in rows]
    for position, (name, key, label, style) in enumerate(CURVES):
        values = [getattr(getattr(row, name), key) for row in rows]
        ink = OTHERS[position % 2][0]
        axes.plot(
            megapixels,
            values,
            "o",
            linestyle=style,
            color=ink,
            markersize=4,
            label=label,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.legend(frameon=False)
    dress(
        axes,
        title="Peak memory over the size of an image",
        x="megapixels",
        y="peak resident memory in MiB",
    )
    return figure
