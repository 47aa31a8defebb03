"""Crops, previews and whole images for training, through the loaders people have."""

from __future__ import annotations

import io
import random
import tarfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec import decode, encode
from vaecodec.plugins.training_images import (
    ImageReader,
    WebDatasetDecoder,
    random_region,
)

Samples = NDArray[np.uint8]


@pytest.fixture
def file(coffee: Samples) -> bytes:
    """150 rows of 200 pixels."""
    return encode(coffee[:150, 200:400], 60, threads=1)


def test_a_crop_is_that_part_of_the_image(file: bytes) -> None:
    whole = decode(file, threads=1)
    random.seed(5)
    crops = [ImageReader(crop=64)(file) for _ in range(3)]
    random.seed(5)
    for crop in crops:
        x, y, width, height = random_region(file, 64)
        part = whole[y : y + height, x : x + width].transpose(2, 0, 1)
        assert np.array_equal(crop, part)
    assert len({crop.tobytes() for crop in crops}) == 3


def test_crops_reach_every_edge_and_stay_inside(file: bytes) -> None:
    regions = {random_region(file, 199)[:2] for _ in range(200)}
    assert regions == {(0, 0), (1, 0)}
    assert random_region(file, 500) == (0, 0, 200, 150)


def test_an_image_smaller_than_the_crop_is_mirrored(file: bytes) -> None:
    crop = ImageReader(crop=180)(file)
    assert crop.shape == (3, 180, 180)
    assert np.array_equal(crop[:, 150:], crop[:, 120:150][:, ::-1])


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_every_kind_of_image_becomes_rgb(channels: int, astronaut: Samples) -> None:
    planes = np.dstack([astronaut[:40, :50], astronaut[:40, :50, :1]])[..., :channels]
    data = encode(planes[..., 0] if channels == 1 else planes, 80, threads=1)
    samples, found = decode(data, threads=1), ImageReader()(data)
    colours = (
        samples[..., :3] if channels == 4 else samples.reshape(40, 50, -1)[..., :1]
    )
    assert np.array_equal(
        found.transpose(1, 2, 0), np.broadcast_to(colours, (40, 50, 3))
    )


def test_a_preview_is_an_eighth(file: bytes) -> None:
    assert ImageReader(preview=8)(file).shape == (3, 19, 25)
    with pytest.raises(ValueError, match="crop 0, allowed 1 or more"):
        ImageReader(crop=0)


# WebDataset leaves the shard open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_web_dataset_decodes_its_entries(file: bytes, tmp_path: Path) -> None:
    assert WebDatasetDecoder()("cls", b"3") is None
    webdataset = pytest.importorskip("webdataset")
    with tarfile.open(tmp_path / "shard.tar", "w") as shard:
        for name, data in (("a.vaec", file), ("a.cls", b"3"), ("b.jpg.vaec", file)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            shard.addfile(entry, io.BytesIO(data))
    shards = webdataset.WebDataset(str(tmp_path / "shard.tar"), shardshuffle=False)
    first, second = shards.decode(WebDatasetDecoder(crop=32))
    assert first["vaec"].shape == second["jpg.vaec"].shape == (3, 32, 32)
    assert first["cls"] == 3
