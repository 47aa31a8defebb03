"""Arrays of any number of channels as data to train on."""

from __future__ import annotations

import numpy as np
import pytest

from vaecodec.errors import ImageError
from vaecodec.models.networks.trainable import Kind
from vaecodec.training.arrays import load_samples
from vaecodec.training.photographs import TILE

FIVE, DEEP = Kind("psnr", 5, 8), Kind("psnr", 4, 12)


def noise(shape, depth=8):
    dtype = np.uint8 if depth == 8 else np.uint16
    return np.random.default_rng(1).integers(0, 1 << depth, shape).astype(dtype)


def images(sides):
    """All tiles as arrays [C, 512, 512]."""
    return [tile.numpy() for side in sides for tile in side]


def test_each_image_of_an_array_becomes_tiles_in_levels(tmp_path):
    array = noise((3, 40, TILE, 5))
    np.save(tmp_path / "stack.npy", array)
    found = images(load_samples([tmp_path], FIVE))
    assert [tile.shape for tile in found] == 3 * [(5, TILE, TILE)]
    seen = sorted(tile[0, 0, 0] for tile in found)
    assert seen == sorted(array[:, 0, 0, 0].astype(np.float32))


def test_a_single_large_image_is_split_between_training_and_validation(tmp_path):
    np.save(tmp_path / "large.npy", noise((TILE, 3 * TILE + 9), 12))
    training, validation = load_samples([tmp_path], Kind("psnr", 1, 12))
    assert len(training) + len(validation) == 3
    assert len(validation) >= 1
    assert training.shape[1:] == (1, TILE, TILE)
    assert 254 < training.max() <= 255


def test_tiff_pages_and_zarr_arrays_say_the_same_as_npy(tmp_path):
    pyvips = pytest.importorskip("pyvips")
    array = noise((2, 30, 50, 4), 12)
    folders = {name: tmp_path / name for name in ("npy", "bands", "pages", "zarr")}
    for folder in folders.values():
        folder.mkdir()
    np.save(folders["npy"] / "0.npy", array)
    for number, image in enumerate(array):
        bands = pyvips.Image.new_from_array(np.ascontiguousarray(image))
        bands.tiffsave(str(folders["bands"] / f"{number}.tif"))
    pages = pyvips.Image.arrayjoin(
        [
            pyvips.Image.new_from_array(np.ascontiguousarray(image[..., channel]))
            for image in array
            for channel in range(4)
        ],
        across=1,
    ).copy()
    pages.set_type(pyvips.GValue.gint_type, "page-height", 30)
    pages.tiffsave(str(folders["pages"] / "0.tiff"))
    zarr = pytest.importorskip("zarr", minversion="3")
    stored = zarr.create_array(
        folders["zarr"] / "0.zarr", data=array, chunks=(1, 30, 50, 4)
    )
    assert stored.shape == array.shape
    found = {
        name: sorted(tile.tobytes() for tile in images(load_samples([folder], DEEP)))
        for name, folder in folders.items()
    }
    assert len(found["npy"]) == 2
    assert all(tiles == found["npy"] for tiles in found.values())


@pytest.mark.parametrize(
    ("array", "kind", "message"),
    [
        (np.zeros((9, 9, 5), np.float32), FIVE, "float32, 8 bits need uint8"),
        (np.zeros((9, 9, 5), np.uint16), FIVE, "uint16, 8 bits need uint8"),
        (np.full((9, 9, 4), 4096, np.uint16), DEEP, "4096, at most 4095 with 12 bits"),
        (
            np.zeros((5, 9, 9), np.uint8),
            FIVE,
            r"array \[5, 9, 9\], expected \[\.\.\., H,",
        ),
        (np.zeros((9, 5), np.uint8), FIVE, r"array \[9, 5\], expected"),
        (np.zeros((0, 9, 9, 5), np.uint8), FIVE, "expected"),
        (
            np.zeros((9, 9, 5), np.uint8),
            FIVE,
            "too few arrays: 0 tiles .* from 1 files",
        ),
    ],
)
def test_other_arrays_and_too_few_are_refused_by_name(tmp_path, array, kind, message):
    np.save(tmp_path / "one.npy", array)
    with pytest.raises(ImageError, match=message):
        load_samples([tmp_path], kind)


@pytest.mark.parametrize("name", ["one.npy", "one.tif", "one.zarr"])
def test_a_damaged_file_is_named(tmp_path, name):
    pytest.importorskip("pyvips")
    pytest.importorskip("zarr", minversion="3")
    (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(ImageError, match=f"{name}: "):
        load_samples([tmp_path], FIVE)


def test_only_pictures_are_trained_for_the_eye():
    with pytest.raises(ValueError, match="tune 'eye' for 5 channels of 8 bits"):
        Kind("eye", 5)
