"""Checkpoints -> model file: `python tools/export_model.py CHECKPOINT --data FOLDER`.

Of several checkpoints the one with the best validation is taken. The averaged weights
are stored, the scale networks become integers, and the frequency tables are fitted to
the symbols of pictures from FOLDER (the training pictures), in two rounds, since the
sender's choices depend on the tables.

With `--check FOLDER` the new model must compress the pictures of that folder at least
as well as the model that OUTPUT holds now. A worse one is refused: OUTPUT stays as it
is, and the new model lies beside it as OUTPUT.new.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray

from vaecodec.codec.analysis import analyze
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.format.container import parse_file
from vaecodec.format.header import DEFAULT_TILE_LOG2, ImageHeader
from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.checkerboard.networks.stored import to_file
from vaecodec.models.checkerboard.networks.table_fitting import Counts, count, no_counts
from vaecodec.models.engines.onnx_engine import OnnxEngine
from vaecodec.models.model_file import ModelFile, parse_model
from vaecodec.training.ladder import RUNGS, measured_ladder
from vaecodec.training.photographs import load_tiles
from vaecodec.training.validation import psnr_db

FIT_QUALITIES = range(0, 101, 10)
FIT_PICTURES = 40
ROUNDS = 2
CHECK_QUALITIES = (5, 20, 35, 50, 65, 80, 95)
METRICS = {"eye": "ssimulacra2", "psnr": "psnr-rgb"}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    checkpoint = best_checkpoint(options.checkpoints)
    model, images = read_checkpoint(checkpoint)
    data, picture = fitted(model, images, options.data)
    file = parse_model(data)
    bring_back(file, picture)
    # Not .safetensors: a refused model must not be found, nor shipped.
    new = options.output.with_name(options.output.name + ".new")
    new.write_bytes(data)
    if options.check is not None and options.output.exists():
        metric = METRICS[model.sizes.tune]
        refuse_worse(new, options.output, options.check, metric=metric)
    new.replace(options.output)
    print(f"{options.output}: {len(data)} bytes, id {file.model_id.hex()}")


def best_checkpoint(checkpoints: Sequence[Path]) -> Path:
    """The checkpoint with the lowest log J, as logged in the folder of its run.

    Log J of different runs compares only if they were validated on the same pictures.
    """
    if len(checkpoints) == 1:
        return checkpoints[0]
    objectives = {path: logged_objective(path) for path in checkpoints}
    for path, objective in objectives.items():
        print(f"{path}: log J {objective:.4f}")
    return min(objectives, key=lambda path: objectives[path])


def logged_objective(checkpoint: Path) -> float:
    """Log J of the last validation before a checkpoint was written."""
    _, images = read_checkpoint(checkpoint)
    log = checkpoint.with_name("log.jsonl")
    lines = log.read_text().splitlines() if log.exists() else []
    rows = [row for row in map(json.loads, lines) if row["images"] <= images]
    if not rows:
        raise SystemExit(f"{checkpoint} was never validated: {log} says nothing of it")
    return float(rows[-1]["log_objective"])


def read_checkpoint(path: Path) -> tuple[HierarchicalVae, int]:
    """The averaged model of a training run, and how many crops it has seen."""
    state = torch.load(path, weights_only=True, map_location="cpu")
    model = HierarchicalVae(Configuration.from_json(state["sizes"]))
    model.load_state_dict(state["average"])
    _, images, earlier_images, _ = state["counters"]
    return model, images + earlier_images


def fitted(
    model: HierarchicalVae, images: int, folders: list[Path]
) -> tuple[bytes, NDArray[np.uint8]]:
    """The model file with tables for pictures of the folders, and one of these."""
    _announce("Loading pictures from", *folders)
    tiles_to_train_on, held_out = load_tiles(folders)
    pictures = _spread(tiles_to_train_on)
    if model.sizes.tune == "eye":
        lay_ladder(model, held_out[:: -(-len(held_out) // FIT_PICTURES)])
    counts = no_counts()
    for number in range(ROUNDS):
        data = to_file(model, counts=counts, training_images=images)
        label = f"Fitting tables, round {number + 1} of {ROUNDS}"
        counts = count_symbols(parse_model(data), pictures, label=label)
    return to_file(model, counts=counts, training_images=images), pictures[0]


def lay_ladder(model: HierarchicalVae, tiles: torch.Tensor) -> None:
    """Make quality q aim at a SSIMULACRA2 of q, as far as the model gets that good."""
    _announce(f"Scoring {len(tiles)} pictures at {len(RUNGS)} rungs for the qualities")
    try:
        ladder = measured_ladder(model, tiles)
    except ValueError as error:
        print(f"the qualities will not aim at scores: {error}")
        return
    print("rungs of the qualities 0, 10 ... 100:", *ladder)
    model.sizes = dataclasses.replace(model.sizes, ladder=ladder)


def count_symbols(
    file: ModelFile, pictures: NDArray[np.uint8], *, label: str
) -> Counts:
    """Count what the sender codes in pictures [N, H, W, 3], row by row."""
    model = CodecModel(file, engine=OnnxEngine(file))
    counts = no_counts()
    with click.progressbar(pictures, label=label, file=sys.stderr) as bar:
        for picture in bar:
            for quality in FIT_QUALITIES:
                _count_one(counts, model, picture, quality)
    return counts


def bring_back(file: ModelFile, picture: NDArray[np.uint8]) -> None:
    """Compress a picture and decode it again: what does not work raises here."""
    _announce("Compressing and decompressing a picture")
    model = CodecModel(file, engine=OnnxEngine(file))
    for quality in (0, 50, 100):
        data = encode_with(model, picture, quality=quality)
        decoded = decode_with(model, parse_file(data)).astype(np.float64)
        psnr = psnr_db(float(np.mean((decoded - picture) ** 2)))
        print(
            f"quality {quality}: {8 * len(data) / picture[..., 0].size:.3f} bpp, "
            f"{psnr:.2f} dB"
        )


def refuse_worse(new: Path, old: Path, folder: Path, *, metric: str) -> None:
    """End with a message unless `new` needs no more bits than `old` at equal score."""
    try:
        percent = bd_rate(new, old, folder, metric=metric)
    except ValueError as error:  # They can hardly be compared.
        raise SystemExit(f"refused, {new} is kept: {error}") from error
    print(f"BD-rate against the model in {old}: {percent:+.2f} %, by {metric}")
    if round(percent, 2) > 0:
        raise SystemExit(f"refused: {old} is better and stays, {new} is kept")


def bd_rate(new: Path, old: Path, folder: Path, *, metric: str) -> float:
    """Percent more rate of `new` at equal score: real files, means over the pictures.

    Raises:
        ValueError: A model fails, or their curves have too little in common.
    """
    # Late, since only the extra "bench" brings what they need.
    from vaecodec.benchmark.bd_rate import compare
    from vaecodec.benchmark.codecs.vaecodec import Vaecodec
    from vaecodec.benchmark.curves import curve_of
    from vaecodec.benchmark.entry import Codec
    from vaecodec.benchmark.images import list_images, load_image
    from vaecodec.benchmark.results import failures, means
    from vaecodec.benchmark.runner import measure_images

    codecs: dict[str, Codec] = {str(path): Vaecodec(str(path)) for path in (new, old)}
    qualities = dict.fromkeys(codecs, CHECK_QUALITIES)
    paths = list_images(folder)
    with click.progressbar(length=len(paths), label="Checking", file=sys.stderr) as bar:
        images = map(load_image, paths)
        rows = measure_images(images, codecs, qualities, done=bar.update)
    if failed := [failure for key in rows for failure in failures(rows[key])]:
        raise ValueError("{image} at quality {quality}: {reason}".format(**failed[0]))
    tested, anchor = (curve_of(k, means(rows[k]), metric) for k in codecs)
    return compare(tested, anchor).percent


def _announce(*words: object) -> None:
    """Say what is about to take long."""
    print(*words, file=sys.stderr, flush=True)


def _count_one(
    counts: Counts, model: CodecModel, picture: NDArray[np.uint8], quality: int
) -> None:
    height, width = picture.shape[:2]
    header = ImageHeader(width, height, 3, quality, DEFAULT_TILE_LOG2, model.model_id)
    for _, symbols, indexes in analyze(picture, header, model):
        hyper = symbols.hyper_symbols
        count(counts, symbols.latent_symbols, indexes)
        rows = model.coder.hyper_indexes[quality][:, None, None]
        count(counts, hyper, np.broadcast_to(rows, hyper.shape))


def _spread(planes: torch.Tensor) -> NDArray[np.uint8]:
    """Some pictures from all over the pack, as [N, H, W, 3]."""
    step = -(-len(planes) // FIT_PICTURES)
    return np.ascontiguousarray(planes[::step].permute(0, 2, 3, 1).numpy())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT")
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument(
        "--check", type=Path, metavar="FOLDER", help="refuse a model worse on these"
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("model.safetensors"))
    options = parser.parse_args(arguments)
    if options.check is not None and not options.check.is_dir():
        parser.error(f"--check {options.check}: not a folder")
    if options.check is not None and not find_spec("bjontegaard"):
        parser.error("--check needs more libraries: pip install 'vaecodec[bench]'")
    return options


if __name__ == "__main__":
    main()
