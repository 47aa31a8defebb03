"""Does it hurt to train on `.vaec` files? A classifier trained on them and on others.

In: gray squares of ten photographs from wheels, as in `features`. Out:
`results/training_on_files.json`: how well a small network that was trained on
originals, on JPEG and on `.vaec` files of as many bytes tells which photograph a new
original is from, and a new file of its own kind.

JPEG gets what its tables take for free, which would be half of such small files.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

import vaecodec
from benchmarks.features import LEFT, RIGHT, gray_square, photographs
from benchmarks.script import RESULTS, conditions, script_parser
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

CLASSES = 10
BATCH = 50
RATE = 2e-3

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Trained:
    """What a network learned from files of one kind; accuracies are 0..1.

    Attributes:
        bytes: mean of a picture.
        on_originals: accuracy on new originals, for each seed.
        on_own_kind: the same on new files of this kind.
    """

    bytes: float
    on_originals: tuple[float, ...]
    on_own_kind: tuple[float, ...]


@dataclass(frozen=True)
class TrainingOnFiles:
    """The result file: kinds by quality of `.vaec`, then by kind."""

    pictures: int
    tested: int
    epochs: int
    kinds: Mapping[str, Mapping[str, Trained]]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "training_on_files.json")
    parser.add_argument("--pictures", type=int, default=1200)
    parser.add_argument("--tested", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--qualities", type=int, nargs="+", default=[30])
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    labels, pictures = squares(options.pictures, options.tested)
    seeds, kinds = range(options.seeds), {}
    for quality in options.qualities:
        kinds[str(quality)] = {
            name: trained(pictures, seen, labels, size, options, seeds)
            for name, seen, size in of_each_kind(pictures, quality)
        }
    counts = options.pictures, options.tested, options.epochs
    result = TrainingOnFiles(*counts, kinds, conditions(threads=1))
    write_json(options.output, result)
    for quality, found in kinds.items():
        for name, row in found.items():
            print(f"{quality:>3} {name:9} {row}")
    return 0


def squares(taught: int, tested: int) -> tuple[NDArray[np.int64], list[Picture]]:
    """Labels, and pictures uint8 [96, 96]; those to learn from are the first."""
    generator, sources = np.random.default_rng(0), photographs()
    counts, parts = (taught, tested), (LEFT, RIGHT)
    labels = np.concatenate([np.arange(count) % len(sources) for count in counts])
    places = [part for part, n in zip(parts, counts, strict=True) for _ in range(n)]
    return labels, [
        np.asarray(gray_square(sources[label], part, generator))
        for label, part in zip(labels, places, strict=True)
    ]


def of_each_kind(
    pictures: Sequence[Picture], quality: int
) -> Iterator[tuple[str, list[Picture], float]]:
    """Name of a kind, pictures as its files show them, and mean bytes of a file."""
    yield "originals", list(pictures), float(pictures[0].nbytes)
    files = [vaecodec.encode(picture, quality, threads=1) for picture in pictures]
    sizes = [len(file) for file in files]
    shown = [np.asarray(vaecodec.decode(file, threads=1), np.uint8) for file in files]
    yield "vaecodec", shown, fmean(sizes)
    jpegs = [
        best_jpeg(picture, size) for picture, size in zip(pictures, sizes, strict=True)
    ]
    yield "JPEG", [shown for shown, _ in jpegs], fmean(size for _, size in jpegs)


def best_jpeg(picture: Picture, size: int) -> tuple[Picture, int]:
    """The best JPEG file of at most so many bytes without tables, or the smallest."""
    low, high = 1, 95
    while low < high:
        middle = (low + high + 1) // 2
        fits = bytes_of_scan(as_jpeg(picture, middle)) <= size
        low, high = (middle, high) if fits else (low, middle - 1)
    data = as_jpeg(picture, low)
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image), bytes_of_scan(data)


def as_jpeg(picture: Picture, quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def bytes_of_scan(data: bytes) -> int:
    return len(data) - data.rindex(b"\xff\xda")


def trained(
    originals: Sequence[Picture],
    pictures: Sequence[Picture],
    labels: NDArray[np.int64],
    size: float,
    options: argparse.Namespace,
    seeds: Sequence[int],
) -> Trained:
    """Train on the first pictures, test on the rest of them and of the originals."""
    count, epochs = options.pictures, options.epochs
    classes = torch.from_numpy(labels)
    seen, new = tensor(pictures[:count]), tensor(pictures[count:])
    unseen = tensor(originals[count:])
    on_originals: list[float] = []
    on_own_kind: list[float] = []
    for seed in seeds:
        network = learned(seen, classes[:count], epochs=epochs, seed=seed)
        for images, accuracies in ((unseen, on_originals), (new, on_own_kind)):
            right = network(images).argmax(1) == classes[count:]
            accuracies.append(round(right.float().mean().item(), 3))
    return Trained(round(size, 1), tuple(on_originals), tuple(on_own_kind))


def tensor(pictures: Sequence[Picture]) -> Tensor:
    """Float32 [N, 1, 96, 96] around 0."""
    return torch.from_numpy(np.stack(pictures))[:, None].float() / 64 - 2


def learned(
    images: Tensor, labels: Tensor, *, epochs: int, seed: int
) -> Callable[[Tensor], Tensor]:
    """A network that was trained from nothing, ready to be used."""
    torch.manual_seed(seed)
    widths = 1, 16, 32, 64
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1)]
        layers += [nn.BatchNorm2d(after), nn.ReLU()]
    pooled = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES)]
    network = nn.Sequential(*layers, *pooled)
    steps = epochs * (len(images) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    for _ in range(epochs):
        for part in torch.randperm(len(images)).split(BATCH)[: len(images) // BATCH]:
            flipped = images[part].flip(3) if torch.rand(()) < 0.5 else images[part]
            loss = nn.functional.cross_entropy(network(flipped), labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return torch.no_grad()(network.eval())


if __name__ == "__main__":
    sys.exit(main())
