"""Training pictures: any folder of images -> one uint8 tensor of square tiles.

The tiles live on the training device, and a batch is drawn by indexing alone, so
that no Python runs per sample. Images of one photograph (a `manifest.csv` with the
columns `file` and `photo_id` says so, else every file is its own) stay on one side
of the split between training and validation.
"""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from vaecodec.errors import ImageError

TILE = 512
SUFFIXES = {".avif", ".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
VALIDATION_SHARE = 0.05
UNSCALED_SHARE = 0.3
LARGEST_REDUCTION = 2.0
Item = TypeVar("Item")


def load_tiles(folders: Sequence[Path]) -> tuple[Tensor, Tensor]:
    """Decode every image below `folders`.

    Returns:
        Tiles for training and for validation, each uint8 [N, 3, 512, 512].

    Raises:
        ImageError: There are too few images, or one is damaged.
        OSError: A folder cannot be read.
    """
    sides = split_files(folders)
    with ThreadPoolExecutor() as pool:
        tiles = [list(chain(*pool.map(_tiles_of, side))) for side in sides]
    files = sum(map(len, sides))
    return stacked(tiles, what="pictures", files=files, enough="40 pictures")


def stacked(
    sides: Sequence[Sequence[Tensor]], *, what: str, files: int, enough: str
) -> tuple[Tensor, Tensor]:
    """Tiles [C, 512, 512] of both sides of the split as one tensor each.

    Raises:
        ImageError: There are none on a side.
    """
    training, validation = sides
    if not (training and validation):
        raise ImageError(
            f"too few {what}: {len(training)} tiles to train on and {len(validation)} "
            f"to validate with from {files} files; {enough} are a start"
        )
    return torch.stack(list(training)), torch.stack(list(validation))


def spread(tiles: Tensor, count: int) -> Tensor:
    """At most `count` of the tiles [N, ...], from all over the pack."""
    places = torch.linspace(0, len(tiles) - 1, min(count, len(tiles)))
    return tiles[places.long().to(tiles.device)]


def split_files(folders: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Image files below `folders`, to train on and to validate with."""
    files = [file for folder in folders for file in _images_with_photo(folder)]
    return sides_of([file for file, _ in files], [photo for _, photo in files])


def sides_of(
    items: Sequence[Item], names: Sequence[str]
) -> tuple[list[Item], list[Item]]:
    """Items to train on and to validate with; those of one name stay together."""
    shares = [zlib.crc32(name.encode()) / 2**32 for name in names]
    # Chance may pick none of a few names for validation.
    bound = max(VALIDATION_SHARE, min(shares, default=0))
    sides: tuple[list[Item], list[Item]] = ([], [])
    for item, share in zip(items, shares, strict=True):
        sides[share <= bound].append(item)
    return sides


def draw_batch(
    tiles: Tensor, *, count: int, side: int, generator: torch.Generator
) -> Tensor:
    """Random crops, flipped, transposed and reduced: float32 [count, C, side, side].

    Reducing (up to 2x, the whole batch alike) hides what an earlier lossy coder
    left in the pictures and shows the model more scales.
    """
    draws = torch.rand(3, generator=generator)
    reduction = 1.0
    if draws[0] > UNSCALED_SHARE:
        reduction += float(draws[1]) * (LARGEST_REDUCTION - 1)
    source = min(round(side * reduction), TILE)
    rows, columns = (
        _crop_indexes(count, source, generator).to(tiles.device) for _ in range(2)
    )
    which = torch.randint(len(tiles), (count,), generator=generator).to(tiles.device)
    # [count, source, source, C]: indexes around a slice put their axes first.
    crops = tiles[which[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    # [count, C, source, source], the sides exchanged or not
    crops = crops.permute(0, 3, 1, 2) if draws[2] < 0.5 else crops.permute(0, 3, 2, 1)
    samples = crops.float() / 255
    if source != side:
        samples = functional.interpolate(
            samples, (side, side), mode="bilinear", antialias=True
        )
    return samples.contiguous(memory_format=torch.channels_last)


def _crop_indexes(count: int, side: int, generator: torch.Generator) -> Tensor:
    """Indexes [count, side] of random intervals, half of them running backwards."""
    start = torch.randint(TILE - side + 1, (count, 1), generator=generator)
    forward = start + torch.arange(side)
    flip = torch.rand(count, 1, generator=generator) < 0.5
    return torch.where(flip, forward.flip(1), forward)


def _images_with_photo(folder: Path) -> Iterator[tuple[Path, str]]:
    """Image files with the name of the photograph that each was cut from."""
    os.scandir(folder).close()  # or a missing folder would look like an empty one
    manifest = folder / "manifest.csv"
    photos: dict[str, str] = {}
    if manifest.exists():
        with manifest.open(newline="") as lines:
            for row in csv.DictReader(lines):
                photos[row["file"]] = row["photo_id"]
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in SUFFIXES:
            yield file, photos.get(file.name, str(file.relative_to(folder)))


def _tiles_of(file: Path) -> list[Tensor]:
    try:
        with Image.open(file) as image:
            samples = np.array(image.convert("RGB"))
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        raise ImageError(f"{file}: {error}") from error
    return cut(samples)


def cut(samples: NDArray[Any]) -> list[Tensor]:
    """Tiles [C, 512, 512] of an image [H, W, C]; small ones are mirrored up to one."""
    height, width = samples.shape[:2]
    margins = [(0, max(0, TILE - height)), (0, max(0, TILE - width)), (0, 0)]
    samples = np.pad(samples, margins, mode="symmetric")
    planes = torch.from_numpy(samples).permute(2, 0, 1)  # [H, W, C] -> [C, H, W]
    return [
        planes[:, top : top + TILE, left : left + TILE].contiguous()
        for top in range(0, planes.shape[1] - TILE + 1, TILE)
        for left in range(0, planes.shape[2] - TILE + 1, TILE)
    ]
