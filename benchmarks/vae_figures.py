"""The pictures of docs/vae.md.

In: models, measured numbers. Out: a WebP file with digits, and a chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import torch
from matplotlib.figure import Figure
from torch import Tensor

from benchmarks.sheets import Cell, draw_sheet, write_webp
from benchmarks.vae_results import VaeResult
from benchmarks.vae_variants import ADVERSARIAL, MIXTURE, PLAIN
from examples.vae import VAE
from examples.vae_pictures import painted, reconstructions, strip, traversal
from vaecodec.benchmark.plot import dress

COLUMNS = 20
TRAVERSED = 3  # latents
MOST_BYTES = 60_000
INKS = "#1d4ed8", "#b45309"


def draw_digits(models: Mapping[str, VAE], pictures: Tensor, path: Path) -> None:
    """Strips of digits: pictures, reconstructions, samples, traversals."""
    plain, shown = models[PLAIN], pictures[:COLUMNS]
    torch.manual_seed(3)
    strips = {
        "test pictures": shown,
        "the same, out of their latents (VAE)": reconstructions(plain, shown),
        "the same (adversarial)": reconstructions(models[ADVERSARIAL], shown),
        "drawn from the prior (VAE)": _samples(plain),
        "drawn from the prior (adversarial)": _samples(models[ADVERSARIAL]),
        "drawn class by class (100 labels)": _samples(models[MIXTURE]),
    }
    for rank in range(TRAVERSED):
        caption = f"the first picture, one of its latents from -3 to 3 ({rank + 1})"
        strips[caption] = traversal(plain, shown[0], COLUMNS, rank)
    rows = [[Cell(strip(row).numpy(), caption)] for caption, row in strips.items()]
    write_webp(draw_sheet(rows), path, most_bytes=MOST_BYTES)


def draw_chart(result: VaeResult, path: Path) -> None:
    """Bits over the grid of latents, drawn and rounded."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    points = [int(grid) for grid in result.grids]
    drawn = [grid.bits_back for grid in result.grids.values()]
    rounded = [grid.rounded for grid in result.grids.values()]
    elbo = result.variants[PLAIN].bits
    axes.axhline(elbo, color="gray", linestyle=":", label="negative ELBO")
    axes.plot(points, rounded, "s-", color=INKS[1], label="rounded, no variance")
    axes.plot(points, drawn, "o-", color=INKS[0], label="drawn, with bits back")
    axes.set_xscale("log", base=2)
    axes.set_xticks(points, [f"1/{count}" for count in points])
    dress(
        axes,
        title="Lossless files of 500 digits",
        x="grid of the latents, in deviations of the prior",
        y="bits per pixel",
    )
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _samples(model: VAE) -> Tensor:
    return painted(model, model.prior(COLUMNS))
