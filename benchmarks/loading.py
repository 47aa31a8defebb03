"""Images per second of a loader: random crops by region, whole files, and JPEG.

In: nothing; a photograph from a wheel is enlarged. Out: `results/loading.json`: for
pictures of several sizes, the rate at which a `DataLoader` without workers gives random
crops of 256 x 256 pixels: by region from `.vaec` files, cut from whole `.vaec` files,
and cut from JPEG files of quality 75 that Pillow decodes. Process time, one thread.
"""

from __future__ import annotations

import io
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Dataset

import vaecodec
from benchmarks.photographs import large_photograph
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions
from vaecodec.plugins.training_images import ImageReader

CROP = 256
SIZES = (512, 384), (2048, 1536), (4096, 3072)
READS = 4


@dataclass(frozen=True)
class Loading:
    """The result file: images per second by the size of a picture, then by the way."""

    crop: int
    rates: Mapping[str, Mapping[str, float]]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "loading.json")
    parser.add_argument("--reads", type=int, default=READS)
    options = parser.parse_args(arguments)
    rates = {f"{w} x {h}": measured(w, h, options.reads) for w, h in SIZES}
    write_json(options.output, Loading(CROP, rates, conditions(threads=1)))
    print(rates)
    return 0


def measured(width: int, height: int, reads: int) -> dict[str, float]:
    photograph = large_photograph(width, height)
    file = vaecodec.encode(np.asarray(photograph), threads=1)
    buffer = io.BytesIO()
    photograph.save(buffer, "JPEG", quality=75)
    jpeg = buffer.getvalue()
    ways: dict[str, Callable[[bytes], NDArray[Any]]] = {
        "vaecodec, by region": ImageReader(crop=CROP),
        "vaecodec, whole": lambda data: cut(vaecodec.decode(data, threads=1)),
        "JPEG, whole": lambda data: cut(np.asarray(Image.open(io.BytesIO(data)))),
    }
    files = (file, file, jpeg)
    return {
        name: round(rate(way, data, reads), 2)
        for (name, way), data in zip(ways.items(), files, strict=True)
    }


def rate(way: Callable[[bytes], NDArray[Any]], file: bytes, reads: int) -> float:
    """Images for each second, after a first one."""
    random.seed(0)
    images = iter(DataLoader(Reads(way, file, reads + 1)))
    next(images)
    start = time.process_time()
    count = sum(1 for _ in images)
    return count / (time.process_time() - start)


@dataclass(frozen=True)
class Reads(Dataset[NDArray[Any]]):
    """A data set: the same file again and again."""

    way: Callable[[bytes], NDArray[Any]]
    file: bytes
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> NDArray[Any]:
        return np.ascontiguousarray(self.way(self.file))


def cut(samples: NDArray[Any]) -> NDArray[Any]:
    """A random crop of an image [H, W, 3]."""
    top, left = (random.randint(0, side - CROP) for side in samples.shape[:2])
    return samples[top : top + CROP, left : left + CROP]


if __name__ == "__main__":
    sys.exit(main())
