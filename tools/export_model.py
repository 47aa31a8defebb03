"""Checkpoint -> model file: `python tools/export_model.py CHECKPOINT --data FOLDER`.

The averaged weights are stored, the scale networks become integers, and the frequency
tables are fitted to the symbols of pictures from FOLDER (the training pictures), in
two rounds, since the sender's choices depend on the tables.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.tiling import tiles
from vaecodec.codec.transformation import analyze
from vaecodec.engine.onnx_engine import OnnxEngine
from vaecodec.format.container import parse_file
from vaecodec.format.header import DEFAULT_TILE_LOG2, ImageHeader
from vaecodec.model.configuration import Configuration
from vaecodec.model.hierarchical_vae import HierarchicalVae
from vaecodec.model.photographs import load_tiles
from vaecodec.model.stored import to_file
from vaecodec.model.table_fitting import Counts, count, no_counts
from vaecodec.model.validation import psnr_db
from vaecodec.weights.model_file import ModelFile, parse_model

FIT_QUALITIES = range(0, 101, 10)
FIT_PICTURES = 40
ROUNDS = 2


def main() -> None:
    options = _options()
    model, images = read_checkpoint(options.checkpoint)
    tiles_to_train_on, _ = load_tiles(options.data)
    pictures = _spread(tiles_to_train_on)
    counts = no_counts()
    for number in range(ROUNDS):
        print(f"fitting tables, round {number + 1} of {ROUNDS}", flush=True)
        data = to_file(model, counts=counts, training_images=images)
        counts = count_symbols(parse_model(data), pictures)
    data = to_file(model, counts=counts, training_images=images)
    file = parse_model(data)
    check(file, pictures[0])
    options.output.write_bytes(data)
    print(f"{options.output}: {len(data)} bytes, id {file.model_id.hex()}")


def read_checkpoint(path: Path) -> tuple[HierarchicalVae, int]:
    """The averaged model of a training run, and how many crops it has seen."""
    state = torch.load(path, weights_only=True, map_location="cpu")
    model = HierarchicalVae(Configuration.from_json(state["sizes"]))
    model.load_state_dict(state["average"])
    _, images, earlier_images, _ = state["counters"]
    return model, images + earlier_images


def count_symbols(file: ModelFile, pictures: NDArray[np.uint8]) -> Counts:
    """Count what the sender codes in pictures [N, H, W, 3], row by row."""
    model = CodecModel(file, engine=OnnxEngine(file))
    counts = no_counts()
    for picture in pictures:
        for quality in FIT_QUALITIES:
            _count_one(counts, model, picture, quality)
    return counts


def check(file: ModelFile, picture: NDArray[np.uint8]) -> None:
    """Refuse a model that does not bring a picture back."""
    model = CodecModel(file, engine=OnnxEngine(file))
    for quality in (0, 50, 100):
        data = encode_with(model, picture, quality=quality)
        decoded = decode_with(model, parse_file(data)).astype(np.float64)
        psnr = psnr_db(float(np.mean((decoded - picture) ** 2)))
        print(
            f"quality {quality}: {8 * len(data) / picture[..., 0].size:.3f} bpp, "
            f"{psnr:.2f} dB"
        )


def _count_one(
    counts: Counts, model: CodecModel, picture: NDArray[np.uint8], quality: int
) -> None:
    height, width = picture.shape[:2]
    header = ImageHeader(width, height, 3, quality, DEFAULT_TILE_LOG2, model.model_id)
    for tile, symbols in zip(
        tiles(header), analyze(picture, header, model), strict=True
    ):
        latent, hyper = symbols.latent_symbols, symbols.hyper_symbols
        first, features = model.coder.first_indexes(hyper, tile.shape, quality=quality)
        second = model.coder.second_indexes(features, latent, quality=quality)
        # Each is 0 where the other counts.
        count(counts, latent, first + second)
        rows = model.coder.hyper_indexes[quality][:, None, None]
        count(counts, hyper, np.broadcast_to(rows, hyper.shape))


def _spread(planes: torch.Tensor) -> NDArray[np.uint8]:
    """Some pictures from all over the pack, as [N, H, W, 3]."""
    step = -(-len(planes) // FIT_PICTURES)
    return np.ascontiguousarray(planes[::step].permute(0, 2, 3, 1).numpy())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("-o", "--output", type=Path, default=Path("model.safetensors"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
