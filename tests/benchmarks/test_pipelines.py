"""What the benchmarks of pipelines measure with, at a small scale."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks import transcoding

pytest.importorskip("torch")

from benchmarks import loading, training_on_files


def test_jpeg_gets_as_many_bytes_and_not_one_more(camera: NDArray[np.uint8]) -> None:
    picture = camera[200:296, 200:296]
    for size in (300, 1000):
        shown, found = training_on_files.best_jpeg(picture, size)
        assert 0.8 * size < found <= size
        assert shown.shape == picture.shape


def test_crops_of_whole_images_have_their_size(coffee: NDArray[np.uint8]) -> None:
    random.seed(1)
    assert {loading.cut(coffee).shape for _ in range(5)} == {(256, 256, 3)}


def test_pictures_to_transcode_have_mixed_sizes(tmp_path: Path) -> None:
    megapixels = transcoding.write_pictures(tmp_path / "in", 5)
    sizes = []
    for path in (tmp_path / "in").iterdir():
        with Image.open(path) as image:
            sizes.append(image.size)
    assert len({*sizes}) == 5
    assert sum(w * h for w, h in sizes) == pytest.approx(1e6 * megapixels)
