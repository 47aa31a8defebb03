"""A trained model -> the bytes of a model file, fitted to pictures.

The qualities of a model for the eye are laid out by scores (see `ladder`). Frequency
tables are counted from what the sender codes, in two rounds, since its choices depend
on the tables. Scale networks become integers on the way. Weights are rounded first,
to what they are worth (see `weight_rounding`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import torch

from vaecodec.cli.messages import tell
from vaecodec.codec.analysis import analyze
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import header_for
from vaecodec.codec.model_channels import roles_coded
from vaecodec.codec.pictures.picture import Picture
from vaecodec.models.depth import samples_of
from vaecodec.models.model_file import ModelFile, parse_model
from vaecodec.models.networks.table_fitting import Counts, count, no_counts
from vaecodec.models.networks.trainable import Kind, TrainableModel
from vaecodec.training.architectures import ARCHITECTURES
from vaecodec.training.arrays import load_samples
from vaecodec.training.ladder import RUNGS, measured_ladder
from vaecodec.training.photographs import draw_batch, spread
from vaecodec.training.weight_rounding import round_weights

QUALITIES = range(0, 101, 10)
BATCHES, BATCH, SIDE, SEED = 30, 8, 192, 1  # of crops that weights are measured on
PICTURES = 40
ROUNDS = 2


def fitted(
    model: TrainableModel, images: int, folders: Sequence[Path]
) -> tuple[bytes, Picture]:
    """The model file, and one of the pictures that its tables are fitted to.

    Args:
        model: its ladder is laid anew, and its weights are rounded.
        images: crops that it has seen.
        folders: with pictures.
    """
    tell(f"Loading pictures from {', '.join(map(str, folders))}")
    tiles, held_out = load_samples(folders, model.kind)
    if model.tune == "eye":
        lay_ladder(model, spread(held_out, PICTURES))
    shorten_weights(model, tiles)
    pictures = [picture_of_tile(tile, model.kind) for tile in spread(tiles, PICTURES)]
    to_file = partial(
        ARCHITECTURES[model.architecture].to_file, model, training_images=images
    )
    counts = no_counts()
    for number in range(ROUNDS):
        data = to_file(counts=counts)
        label = f"Fitting tables, round {number + 1} of {ROUNDS}"
        counts = count_symbols(parse_model(data), pictures, label=label)
    return to_file(counts=counts), pictures[0]


def picture_of_tile(tile: torch.Tensor, kind: Kind) -> Picture:
    """Levels [C, H, W] as a picture; a model of this kind codes all its channels."""
    planes = tile.permute(1, 2, 0).contiguous().numpy()  # [C, H, W] -> [H, W, C]
    samples = planes if tile.dtype == torch.uint8 else samples_of(planes, kind.depth)
    listed = roles_coded(kind.channels)
    flat = samples[:, :, 0] if kind.channels == 1 else samples
    return Picture(flat, depth=kind.depth, listed=listed)


def shorten_weights(model: TrainableModel, tiles: torch.Tensor) -> None:
    """Round the weights to what they are worth, as measured on crops of tiles."""
    layers = ARCHITECTURES[model.architecture].roundable(model)
    generator = torch.Generator().manual_seed(SEED)
    batches = (
        (
            draw_batch(tiles, count=BATCH, side=SIDE, generator=generator),
            100 * torch.rand(BATCH, generator=generator),
        )
        for _ in range(BATCHES)
    )
    if layers:
        tell(f"Rounding weights by their worth on {BATCHES * BATCH} crops")
        round_weights(model, layers, batches)


def lay_ladder(model: TrainableModel, tiles: torch.Tensor) -> None:
    """Make quality q aim at a SSIMULACRA2 of q, as far as the model gets that good."""
    tell(f"Scoring {len(tiles)} pictures at {len(RUNGS)} rungs for the qualities")
    try:
        ladder = measured_ladder(model, tiles)
    except ValueError as error:
        print(f"the qualities will not aim at scores: {error}")
        return
    print("rungs of the qualities 0, 10 ... 100:", *ladder)
    model.lay_ladder(ladder)


def count_symbols(
    file: ModelFile, pictures: Sequence[Picture], *, label: str
) -> Counts:
    """Count what the sender codes in pictures, row by row."""
    model = CodecModel(file, threads=None)
    counts = no_counts()
    with click.progressbar(pictures, label=label, file=sys.stderr) as bar:
        for picture in bar:
            for quality in QUALITIES:
                _count_one(counts, model, picture, quality)
    return counts


def _count_one(
    counts: Counts, model: CodecModel, picture: Picture, quality: int
) -> None:
    samples = picture.samples
    header = header_for(model, samples, quality, picture.depth, picture.listed)
    for _, sections in analyze(samples, header, model):
        for section in sections:
            count(counts, section.symbols, section.indexes)
