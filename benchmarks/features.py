"""What latents are worth without pixels: their time, near-duplicates, few labels.

In: photographs from the wheels of scikit-image and scikit-learn. Out:
`results/features.json`.

* Time: process time of `features` and of `decode`, one thread, in turns.
* Near-duplicates: squares of the photographs are searched for by a crop of each,
  another size, another quality, or a JPEG file of it. Recall: the share of them for
  which the nearest is the right one.
* Few labels: which of ten photographs is a square from? All are made gray and get a
  random contrast. Labelled ones are from the left of the photographs, those to be
  recognised from the right.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import vaecodec
from benchmarks.photographs import large_photograph, wheel_photograph
from benchmarks.script import RESULTS, conditions, script_parser
from examples import few_labels, find_duplicates
from vaecodec.benchmark.json_files import write_json
from vaecodec.benchmark.records import Conditions

PHOTOGRAPHS = (
    *("astronaut", "brick", "chelsea", "coffee", "grass"),
    *("gravel", "hubble", "tissue", "retina", "flower"),
)
DUPLICATE_SIDE, CLASS_SIDE = 160, 96
LEAST_DEVIATION = 12  # of the samples of a square that can be told from others
LEFT, RIGHT = (0, 0.55), (0.6, 1)  # parts of the width
LABELS, TESTED = (10, 50), 40  # for each class
THUMBNAIL, COMPONENTS = 12, 64
QUALITIES = (30, 50, 70, 90)
REPEATS = 5

Descriptors = Mapping[str, Callable[[bytes], NDArray[Any]]]


@dataclass(frozen=True)
class FeatureTime:
    """Milliseconds for a megapixel."""

    quality: int
    pixels: float
    features: float


@dataclass(frozen=True)
class FeatureResult:
    """The result file; shares are 0..1.

    Attributes:
        searched: pictures among which a near-duplicate is looked for.
        recall: by how the query differs, then by descriptor.
        accuracy: by descriptor, for each number of `labels` in each of `classes`.
    """

    times: tuple[FeatureTime, ...]
    searched: int
    recall: Mapping[str, Mapping[str, float]]
    classes: int
    labels: tuple[int, ...]
    accuracy: Mapping[str, tuple[float, ...]]
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = script_parser(__doc__, output=RESULTS / "features.json")
    options = parser.parse_args(arguments)
    pictures = photographs()
    searched = squares(pictures)
    result = FeatureResult(
        times=tuple(map(times, QUALITIES)),
        searched=len(searched),
        recall=recalls(searched),
        classes=len(pictures),
        labels=LABELS,
        accuracy=accuracies(pictures),
        conditions=conditions(threads=1),
    )
    write_json(options.output, result)
    print(result)
    return 0


def photographs() -> list[Image.Image]:
    """RGB, sides of at most 1000 pixels."""
    pictures = [Image.fromarray(wheel_photograph(name)) for name in PHOTOGRAPHS]
    for picture in pictures:
        picture.thumbnail((1000, 1000))
    return pictures


def times(quality: int) -> FeatureTime:
    """The least of several, in turns."""
    photograph = np.asarray(large_photograph(1024, 1024))
    file = vaecodec.encode(photograph, quality, threads=1)
    taken: dict[Callable[..., object], list[float]] = {}
    for _ in range(REPEATS + 1):
        for work in (vaecodec.decode, vaecodec.features):
            start = time.process_time()
            work(file, threads=1)
            taken.setdefault(work, []).append(time.process_time() - start)
    pixels, features = (
        round(1000 * min(seconds[1:]) / 1.048576, 1) for seconds in taken.values()
    )
    return FeatureTime(quality, pixels, features)


def squares(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    """Squares side by side, without the plainest."""
    side = DUPLICATE_SIDE
    found = [
        picture.crop((x, y, x + side, y + side))
        for picture in pictures
        for y in range(0, picture.height - side + 1, side)
        for x in range(0, picture.width - side + 1, side)
    ]
    return [each for each in found if np.asarray(each).std() > LEAST_DEVIATION]


def recalls(pictures: Sequence[Image.Image]) -> dict[str, dict[str, float]]:
    """Of every change, by descriptor."""
    generator = np.random.default_rng(0)
    side = DUPLICATE_SIDE

    def crop(image: Image.Image, share: float) -> Image.Image:
        length = int(side * share)
        x, y = generator.integers(0, side - length + 1, 2)
        return image.crop((x, y, x + length, y + length))

    changes: dict[str, Callable[[Image.Image], bytes]] = {
        "crop of 81 %": lambda image: encoded(crop(image, 0.9)),
        "crop of 49 %": lambda image: encoded(crop(image, 0.7)),
        "half the width": lambda image: encoded(image.resize((side // 2,) * 2)),
        "twice the width": lambda image: encoded(image.resize((side * 2,) * 2)),
        "quality 30": lambda image: encoded(image, 30),
        "JPEG, quality 40": lambda image: encoded(as_jpeg(image)),
    }
    descriptors: Descriptors = {
        "latents": find_duplicates.descriptor,
        "thumbnail of 8 x 8": thumbnail_of_preview,
    }
    files = [encoded(picture) for picture in pictures]
    known = {
        name: unit_rows([describe(file) for file in files])
        for name, describe in descriptors.items()
    }
    found: dict[str, dict[str, float]] = {}
    for change, make in changes.items():
        queries = [make(picture) for picture in pictures]
        for name, describe in descriptors.items():
            rows = unit_rows([describe(query) for query in queries])
            nearest = (rows @ known[name].T).argmax(axis=1)
            share = float(np.mean(nearest == np.arange(len(rows))))
            found.setdefault(change, {})[name] = round(share, 3)
    return found


def accuracies(pictures: Sequence[Image.Image]) -> dict[str, tuple[float, ...]]:
    """By descriptor, for each number of labels."""
    generator = np.random.default_rng(0)
    count = max(LABELS)
    taught, tested = (
        [
            encoded(gray_square(picture, part, generator))
            for picture in pictures
            for _ in range(number)
        ]
        for part, number in ((LEFT, count), (RIGHT, TESTED))
    )
    classes = np.arange(len(pictures))
    truth = classes.repeat(TESTED)
    found: dict[str, list[float]] = {}
    for name, (describe, classifier) in ways().items():
        rows = np.array([describe(each) for each in taught])
        queries = np.array([describe(each) for each in tested])
        for labels in LABELS:
            chosen = np.arange(len(taught)) % count < labels
            model = classifier().fit(rows[chosen], classes.repeat(labels))
            share = float(np.mean(model.predict(queries) == truth))
            found.setdefault(name, []).append(round(share, 3))
    return {name: tuple(shares) for name, shares in found.items()}


def ways() -> dict[str, tuple[Callable[[bytes], NDArray[Any]], Callable[[], Any]]]:
    """Descriptors, and the classifiers that suit them."""

    def linear() -> Any:
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))

    def by_components() -> Any:
        return make_pipeline(PCA(COMPONENTS, random_state=0), linear())

    return {
        "latents": (few_labels.descriptor, few_labels.classifier),
        "pixels, PCA": (lambda file: pixels(file).ravel(), by_components),
        "thumbnails": (lambda file: thumbnail(pixels(file), THUMBNAIL), linear),
    }


def gray_square(
    picture: Image.Image, part: tuple[float, float], generator: np.random.Generator
) -> Image.Image:
    """A square from a part of the width, with a random contrast."""
    side = CLASS_SIDE
    first, last = (int(share * picture.width) for share in part)
    x = int(generator.integers(first, last - side + 1))
    y = int(generator.integers(0, picture.height - side + 1))
    gray = picture.crop((x, y, x + side, y + side)).convert("L")
    samples = 128 + generator.uniform(0.6, 1.2) * (np.asarray(gray, float) - 128)
    return Image.fromarray(samples.clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, quality: int = 70) -> bytes:
    return vaecodec.encode(np.asarray(image), quality, threads=1)


def as_jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=40)
    return Image.open(buffer)


def pixels(file: bytes) -> NDArray[np.float64]:
    return np.asarray(vaecodec.decode(file, threads=1), float)


def thumbnail(samples: NDArray[Any], side: int) -> NDArray[np.float64]:
    image = Image.fromarray(samples.astype(np.uint8))
    small = image.resize((side, side), Image.Resampling.BOX)
    return np.asarray(small, float).ravel()


def thumbnail_of_preview(file: bytes) -> NDArray[np.float64]:
    return thumbnail(vaecodec.decode(file, preview=8, threads=1), 8)


def unit_rows(rows: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """Directions from the mean: samples and energies are all positive."""
    points = np.asarray(rows, float)
    points -= points.mean(axis=0)
    lengths: NDArray[np.float64] = np.linalg.norm(points, axis=1, keepdims=True)
    return points / lengths


if __name__ == "__main__":
    sys.exit(main())
