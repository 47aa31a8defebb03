"""Small pictures and models for the decoder in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import photograph_path
from tests.models.quadrants.small_model import small_file, small_model, small_tensors
from vaecodec.api import encode
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.image_coding import encode_as
from vaecodec.format.header import ImageHeader
from vaecodec.models.exact.program import Program
from vaecodec.models.exact.stored_program import pack_program, parse_program
from vaecodec.models.receiver_file import receiver_file

Samples = NDArray[np.uint8]


def coffee() -> Samples:
    """A part of the photograph: three by three cells, the last of them cut."""
    with Image.open(photograph_path("coffee")) as image:
        return np.array(image)[100:230, 200:340]


def valid_files(model: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of small files of every kind."""
    image = coffee()
    soft = np.indices(image.shape[:2]).sum(0).astype(np.uint8)
    drawn = {
        "fused": image,
        "one-pixel": image[:1, :1],
        "edges": image[:97, :65],
        "gray": image[:90, :70, 0],
        "gray-alpha": np.dstack([image, soft])[..., 2:],
        "alpha": np.dstack([image, soft]),
        "opaque": np.dstack([image, soft | 255]),
    }
    for name, planes in drawn.items():
        yield name, encode(planes, 60, model=model, lossless=False)
    yield "steps", in_tiles(model, image, rounds=6)
    yield "small-tiles", in_tiles(model, image, rounds=1)
    yield "map", in_tiles(model, image, rounds=6, quality_map=_uneven(image))
    for name, planes in _for_webp(image, soft).items():
        yield f"lossless-{name}", encode(planes, lossless=True, effort=1)
    for name in ("gray-alpha", "alpha"):
        yield f"near-{name}", encode(drawn[name], max_error=3, effort=1)


def _for_webp(image: Samples, soft: Samples) -> dict[str, Samples]:
    """Pictures for which lossless WebP has means of its own."""
    few = (image // 64 * 64)[:, :-1]
    return {
        "photo": image,
        "hidden": np.dstack([image, soft // 128 * 255]),
        "gray": soft,
        "gray-alpha": np.dstack([soft, ~soft]),
        "two-colours": (few > 64).all(2).astype(np.uint8) * 200,
        "four-colours": few[..., 0],
        "sixteen-colours": few // 128 * 99,
        "more-colours": few,
        "noise": np.random.default_rng(1).integers(0, 256, (50, 41, 3), np.uint8),
        "flat": np.full((70, 30, 3), 7, np.uint8),
        "pixel": image[:1, :1],
    }


def _uneven(image: Samples) -> bytes:
    cells = -(-image.shape[0] // 64) * -(-image.shape[1] // 64)
    return bytes(17 * cell % 101 for cell in range(cells))


def small_receiver(*, whole: bool = False) -> bytes:
    """What decoding needs of a small model, or all of it."""
    return small_model() if whole else receiver_file(small_file())


def model_with_budget(budget: int) -> bytes:
    """A small model whose painter has prices, of 1 each."""
    tensors = small_tensors()
    painter = parse_program("painter", tensors)
    given, hyper = painter.inputs
    dear = replace(given, price=np.ones(given.channels, np.int16), budget=budget)
    program = Program((dear, hyper), painter.operations, painter.outputs)
    return small_model(tensors | pack_program("painter", program))


def in_tiles(
    path: Path, image: Samples, *, rounds: int, quality_map: bytes | None = None
) -> bytes:
    """A file of tiles of 64 x 64 pixels."""
    model = model_to_compress(path, threads=1)
    height, width = image.shape[:2]
    ids = model.stream_id, model.painter_id
    header = ImageHeader(width, height, 3, 60, 6, rounds, *ids)
    return encode_as(header, model, image, quality_map=quality_map)


def as_rgba(planes: Samples) -> Samples:
    """Decoded planes as the browser has them: [H, W, 4]."""
    planes = planes if planes.ndim == 3 else planes[..., None]
    has_alpha = planes.shape[2] % 2 == 0
    colours = planes[..., :-1] if has_alpha else planes
    alpha = planes[..., -1:] if has_alpha else np.full_like(planes[..., :1], 255)
    shape = (*planes.shape[:2], 3)
    return np.concatenate([np.broadcast_to(colours, shape), alpha], axis=2)
