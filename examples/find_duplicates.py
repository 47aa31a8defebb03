"""Find pictures that are nearly the same among the `.vaec` files of a folder.

python find_duplicates.py FOLDER [SIMILARITY]

Latents are compared, so no picture is drawn. SIMILARITY is 0..1, by default 0.97.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

import vaecodec

PLACES = 3  # parts of the height, and of the width
LAYOUT = 8  # channels, the first, that say what is where
DETAIL = 96  # channels that say how much detail there is


def descriptor(file: Path | bytes) -> NDArray[np.float32]:
    """Layout and detail of a picture, nearly the same for a crop or another size."""
    latents = vaecodec.features(file, threads=1).latents
    first, (rows, columns) = latents[:LAYOUT], latents.shape[1:]
    parts = first.repeat(PLACES, axis=1).repeat(PLACES, axis=2)
    layout = parts.reshape(LAYOUT, PLACES, rows, PLACES, columns).mean((2, 4))
    energies = np.square(latents[LAYOUT:DETAIL]).mean((1, 2))
    return np.concatenate([layout.ravel(), PLACES * energies**0.25])


def duplicates(
    files: Sequence[Path], similarity: float
) -> Iterator[tuple[float, Path, Path]]:
    """Pairs of files whose descriptors have at least this cosine."""
    points = np.array([descriptor(file) for file in files])
    search = NearestNeighbors(radius=1 - similarity, metric="cosine").fit(points)
    distances, numbers = search.radius_neighbors(points)
    for one, (others, far) in enumerate(zip(numbers, distances, strict=True)):
        for other, distance in zip(others, far, strict=True):
            if one < other:
                yield 1 - distance, files[one], files[other]


if __name__ == "__main__":
    similarity = float(sys.argv[2]) if len(sys.argv) > 2 else 0.97
    paths = sorted(Path(sys.argv[1]).glob("*.vaec"))
    for share, first, second in sorted(duplicates(paths, similarity), reverse=True):
        print(f"{share:.3f} {first.name} {second.name}")
