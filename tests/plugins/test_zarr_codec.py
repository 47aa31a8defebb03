"""Arrays of Zarr format 3 whose chunks are images."""

from __future__ import annotations

import json
import pickle
import subprocess
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import vaecodec
from tests.codec.deep_pictures import deep_picture
from vaecodec.errors import FormatError

zarr = pytest.importorskip("zarr", minversion="3")

from vaecodec.plugins.zarr import VaecodecSerializer  # noqa: E402

Samples = NDArray[np.uint8]


@pytest.fixture
def image(astronaut: Samples) -> Samples:
    """RGB, uint8 [64, 80, 3]."""
    return np.ascontiguousarray(astronaut[:64, 180:260])


def array_of(shape: tuple[int, ...], **options: Any) -> Any:
    options = {"chunks": shape, "dtype": "uint8", "compressors": None} | options
    options = {"serializer": VaecodecSerializer(quality=80)} | options
    return zarr.create_array({}, shape=shape, **options)


@pytest.mark.parametrize(
    ("shape", "image_shape"),
    [
        *[(shape, (64, 80, 3)) for shape in [(64, 80, 3), (1, 1, 64, 80, 3)]],
        *[(shape, (64, 240)) for shape in [(64, 240), (1, 64, 240), (64, 240, 1)]],
        *[(shape, shape) for shape in [(32, 120, 4), (64, 120, 2), (1, 80, 3)]],
    ],
)
def test_a_chunk_comes_back_as_the_codec_decodes_it(
    shape: tuple[int, ...], image_shape: tuple[int, ...], image: Samples
) -> None:
    chunk = image.ravel()[: np.prod(shape)].reshape(shape)
    array = array_of(shape)
    array[...] = chunk
    data = vaecodec.encode(chunk.reshape(image_shape), quality=80, threads=1)
    expected = vaecodec.decode(data, threads=1).reshape(shape)
    np.testing.assert_array_equal(array[...], expected)


@pytest.mark.parametrize(
    "options", [{}, {"shards": (1, 128, 160, 3)}, {"config": {"order": "F"}}]
)
def test_the_chunks_at_the_edges_are_cut(
    options: dict[str, Any], astronaut: Samples
) -> None:
    images = np.stack([astronaut[:100, :150], astronaut[200:300, 200:350]])
    array = array_of(images.shape, chunks=(1, 64, 80, 3), **options)
    array[...] = images
    assert np.abs(array[...].astype(int) - images).mean() < 4
    np.testing.assert_array_equal(array[1, 70:90, 60:100], array[...][1, 70:90, 60:100])


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_an_array_of_uint16_keeps_16_bits(dtype: str) -> None:
    samples = deep_picture(64, 80, 3, 16)
    array = array_of(samples.shape, dtype=dtype)
    array[...] = samples
    data = vaecodec.encode(samples, quality=80, threads=1)
    np.testing.assert_array_equal(array[...], vaecodec.decode(data, threads=1))


@pytest.mark.parametrize(
    ("chunks", "roles"),
    [
        ((32, 40, 7), None),
        ((1, 50, 7), ["other"] * 6 + ["alpha"]),
    ],
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_up_to_16_channels_are_kept_without_loss(
    chunks: tuple[int, ...], roles: list[str] | None, dtype: str
) -> None:
    shape = 40, 50, 7
    samples = np.random.default_rng(1).integers(0, 256, shape).astype(dtype)
    serializer = VaecodecSerializer(lossless=True, roles=roles)
    store: dict[str, Any] = {}
    array = zarr.create_array(
        store,
        shape=shape,
        chunks=chunks,
        dtype=dtype,
        serializer=serializer,
        compressors=None,
    )
    array[...] = samples
    again = zarr.open_array(store, mode="r")
    np.testing.assert_array_equal(again[...], samples)
    np.testing.assert_array_equal(again[5:36, 3:9, 2:5], samples[5:36, 3:9, 2:5])


def test_a_chunk_of_another_depth_is_refused(image: Samples) -> None:
    store: dict[str, Any] = {}
    array = zarr.create_array(
        store,
        shape=image.shape,
        chunks=image.shape,
        dtype="uint16",
        serializer=VaecodecSerializer(),
        compressors=None,
    )
    array[...] = image.astype(np.uint16)
    [key] = [key for key in store if key.startswith("c/")]
    store[key] = store[key].from_bytes(vaecodec.encode(image, threads=1))
    with pytest.raises(FormatError, match="a chunk of uint8, the array has uint16"):
        array[...]


def test_planes_are_turned_into_an_image_by_a_filter(image: Samples) -> None:
    filters = [zarr.codecs.TransposeCodec(order=(1, 2, 0))]
    array = array_of((3, 64, 80), filters=filters)
    array[...] = image.transpose(2, 0, 1)
    expected = array_of((64, 80, 3))
    expected[...] = image
    np.testing.assert_array_equal(array[...], expected[...].transpose(2, 0, 1))


@pytest.mark.parametrize(
    "layout",
    [np.asfortranarray, lambda image: image[::-1, ::-1], lambda image: image[:, ::2]],
    ids=["Fortran", "backwards", "gaps"],
)
def test_what_is_written_may_have_any_layout(
    layout: Callable[[Samples], Samples], image: Samples
) -> None:
    chunk = layout(image)
    one, other = array_of(chunk.shape), array_of(chunk.shape)
    one[...], other[...] = chunk, np.ascontiguousarray(chunk)
    np.testing.assert_array_equal(one[...], other[...])


@pytest.mark.parametrize(
    ("shape", "dtype", "reason"),
    [
        ((2, 64, 80, 3), "uint8", r"a chunk of shape \[2, 64, 80, 3\] is not one"),
        ((64,), "uint8", r"a chunk of shape \[64\] is not one image"),
        ((64, 80), "<i2", "samples are int16, only uint8 and uint16"),
    ],
)
def test_a_chunk_that_is_no_image_is_refused(
    shape: tuple[int, ...], dtype: str, reason: str
) -> None:
    array = array_of(shape, dtype=dtype)
    with pytest.raises(vaecodec.ImageError, match=reason):
        array[...] = 1


def test_a_damaged_chunk_and_one_of_another_size_are_refused(image: Samples) -> None:
    store: dict[str, Any] = {}
    for other in (image[:, :, 0], image[:32], image.transpose(1, 0, 2), None):
        array = zarr.create_array(
            store,
            shape=image.shape,
            chunks=image.shape,
            dtype="uint8",
            serializer=VaecodecSerializer(),
            compressors=None,
            overwrite=True,
        )
        array[...] = image
        [key] = [key for key in store if key.startswith("c/")]
        data = vaecodec.encode(image if other is None else np.ascontiguousarray(other))
        buffer = type(store[key])
        store[key] = buffer.from_bytes(data[:-1] if other is None else data)
        with pytest.raises(vaecodec.FormatError):
            array[...]


def test_a_lossless_chunk_comes_back_sample_for_sample(image: Samples) -> None:
    array = array_of(image.shape, serializer=VaecodecSerializer(lossless=True))
    array[...] = image
    np.testing.assert_array_equal(array[...], image)


@pytest.mark.parametrize(("dtype", "most"), [("uint8", 3), ("uint16", 300)])
def test_no_sample_is_further_off_than_the_largest_error(dtype: str, most: int) -> None:
    samples = deep_picture(64, 80, 4, 8 * np.dtype(dtype).itemsize)
    serializer = VaecodecSerializer(max_error=most)
    array = array_of(samples.shape, dtype=dtype, serializer=serializer)
    array[...] = samples
    errors = np.abs(array[...].astype(int) - samples)
    assert 0 < errors.max() <= most
    assert not errors[:, :, 3].any()


def test_the_configuration_is_json_and_gives_the_codec_again() -> None:
    codec = VaecodecSerializer(quality=np.int64(80), tune="psnr")  # type: ignore[arg-type]
    stored = json.loads(json.dumps(codec.to_dict()))
    assert stored["name"] == "vaecodec"
    expected = {"quality": 80, "model": None, "tune": "psnr"}
    expected |= {"lossless": None, "max_error": None, "roles": None}
    assert stored["configuration"] == expected
    assert VaecodecSerializer.from_dict(stored) == codec
    assert pickle.loads(pickle.dumps(codec)) == codec
    assert VaecodecSerializer.from_dict({"name": "vaecodec"}) == VaecodecSerializer()


WRITE = """
import numpy as np, zarr
from vaecodec.plugins.zarr import VaecodecSerializer
images = zarr.create_array(
    "images.zarr", shape=(3, 100, 70, 3), chunks=(1, 64, 64, 3), dtype="uint8",
    serializer=VaecodecSerializer(quality=80), compressors=None,
)
ramp = np.arange(100)[:, None] + np.arange(70)
images[:] = np.stack([ramp + 10 * n for n in range(3)])[..., None].astype(np.uint8)
"""
READ = """
import zarr
images = zarr.open_array("images.zarr", mode="r")
assert images.metadata.zarr_format == 3
for number in range(3):
    assert abs(images[number, 50, 40].mean() - 90 - 10 * number) < 6
assert images.nbytes_stored() < images.nbytes / 10
"""


def test_zarr_reads_what_it_wrote_without_an_import_of_the_package(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    if not entry_points(group="zarr.codecs", name="vaecodec"):
        pytest.skip("the package is not installed with its entry points")
    monkeypatch.chdir(tmp_path)
    for script in (WRITE, READ):
        done = run_python("-c", script)
        assert (done.returncode, done.stderr) == (0, "")
