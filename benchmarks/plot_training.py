"""How validation went while models were trained: one picture.

In: `results/training/*.jsonl`, the logs of training, by the name of
the run. Out: `results/training/validation.png`: log J over the crops seen, lower is
better. A run that starts from an earlier model counts the crops of that one too, so its
curve begins where the other ended.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from benchmarks.script import RESULTS, script_parser
from vaecodec.benchmark.palette import colour
from vaecodec.benchmark.plot import dress

Logs = dict[str, list[dict[str, Any]]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__)
    parser.add_argument("--logs", type=Path, default=RESULTS / "training")
    options = parser.parse_args(arguments)
    logs = read_logs(options.logs)
    if not logs:
        print(f"no log in {options.logs}")
        return 1
    target = options.logs / "validation.png"
    draw(logs).savefig(target, dpi=120, metadata={"Software": None})
    return 0


def read_logs(folder: Path) -> Logs:
    """The rows of every log by its name."""
    return {
        path.stem: [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted(folder.glob("*.jsonl"))
    }


def draw(logs: Logs) -> Figure:
    """One line per run, named at its end."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    axes = figure.add_subplot()
    for position, (name, rows) in enumerate(logs.items()):
        ink = colour(name, position)[0]
        images = [row["images"] / 1000 for row in rows]
        objectives = [row["log_objective"] for row in rows]
        axes.plot(images, objectives, "o-", color=ink, markersize=4, linewidth=1.6)
        axes.annotate(
            name,
            xy=(images[-1], objectives[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            color=ink,
            va="center",
            fontsize=9,
        )
    dress(
        axes,
        title="Validation on pictures held out of training",
        x="crops seen, in thousands",
        y="log J: mean ln(rate + lambda x distortion)",
    )
    # Runs on a CPU and on a GPU see numbers of very different size.
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.margins(x=0.1)
    return figure


if __name__ == "__main__":
    sys.exit(main())
