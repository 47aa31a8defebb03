from __future__ import annotations

import json
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

import vaecodec
from tests.codec.deep_pictures import deep_picture
from vaecodec import encode
from vaecodec.errors import FormatError, ImageError

numcodecs = pytest.importorskip("numcodecs")

from vaecodec.plugins.numcodecs import VaecodecCodec  # noqa: E402

Samples = NDArray[np.uint8]


@pytest.fixture
def image(astronaut: Samples) -> Samples:
    """RGB, uint8 [64, 80, 3]."""
    return np.ascontiguousarray(astronaut[:64, 180:260])


def test_chunks_of_uint16_keep_16_bits() -> None:
    samples, codec = deep_picture(64, 80, 3, 16), VaecodecCodec(quality=80)
    data = codec.encode(samples)
    expected = vaecodec.decode(data)
    assert expected.dtype == np.uint16
    np.testing.assert_array_equal(codec.decode(data), expected)
    for out in (np.empty(samples.shape, np.uint16), np.empty(2 * samples.size, "u1")):
        codec.decode(data, out=out)
        assert out.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "shape",
    [
        *[(64, 80, 3), (1, 64, 80, 3), (1, 1, 64, 80, 3), (64, 240), (1, 64, 240)],
        *[(64, 240, 1), (1, 64, 240, 1), (32, 120, 4), (64, 120, 2), (1, 80, 3)],
    ],
)
def test_a_chunk_with_axes_of_length_one_keeps_the_order_of_its_samples(
    shape: tuple[int, ...], image: Samples
) -> None:
    chunk = image.ravel()[: np.prod(shape)].reshape(shape)
    codec = VaecodecCodec(quality=100)
    data = codec.encode(chunk)
    out = np.zeros_like(chunk)
    codec.decode(data, out=out)
    np.testing.assert_array_equal(out, codec.decode(data).reshape(shape))
    assert np.abs(out.astype(int) - chunk).mean() < 30


@pytest.mark.parametrize(
    ("shape", "channels", "roles"),
    [
        ((30, 40, 5), 5, None),
        ((1, 30, 12), 1, None),  # one channel, 12 pixels wide
        ((1, 30, 12), 12, ["other"] * 12),
        ((1, 1, 30, 4), 4, ["red", "green", "blue", "other"]),
        ((1, 30, 40), 1, ["other"]),
    ],
)
def test_up_to_16_channels_are_kept_without_loss(
    shape: tuple[int, ...], channels: int, roles: list[str] | None
) -> None:
    chunk = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    codec = VaecodecCodec(lossless=True, roles=roles)
    data = numcodecs.get_codec(codec.get_config()).encode(chunk)
    np.testing.assert_array_equal(codec.decode(data).reshape(shape), chunk)
    info = vaecodec.inspect(data)
    assert (info.channels, roles or list(info.roles)) == (channels, list(info.roles))


def test_the_quality_is_that_of_the_configuration(image: Samples) -> None:
    sizes = [len(VaecodecCodec(quality=q).encode(image)) for q in (10, 50, 90)]
    assert sizes == sorted(set(sizes))


def test_the_model_is_that_of_the_configuration(image: Samples) -> None:
    codec = VaecodecCodec.from_config({"quality": 70, "tune": "psnr"})
    data = codec.encode(image)
    assert data == encode(image, tune="psnr")
    assert data != VaecodecCodec().encode(image) == encode(image, 70)
    assert codec.decode(data).shape == image.shape
    with pytest.raises(
        ValueError, match="tune 'psnr' and model 'psnr' cannot both be given"
    ):
        VaecodecCodec(tune="psnr", model="psnr").encode(image)


@pytest.mark.parametrize(
    "shape", [(2, 64, 80, 3), (3, 64, 80), (64, 80, 17), (64, 80, 1, 3), (64,), ()]
)
def test_a_chunk_that_is_not_one_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=r"\[H, W, 2\.\.16\] after axes of length 1"):
        VaecodecCodec().encode(np.zeros(shape, np.uint8))


def test_a_chunk_in_another_order_or_type_is_refused(image: Samples) -> None:
    with pytest.raises(ImageError, match="Fortran order"):
        VaecodecCodec().encode(np.asfortranarray(image))
    with pytest.raises(ImageError, match="samples are int16"):
        VaecodecCodec().encode(image.astype(np.int16))


def fortran(shape: tuple[int, ...]) -> Samples:
    return np.zeros(shape, np.uint8, order="F")


def backwards(shape: tuple[int, ...]) -> Samples:
    return np.zeros(shape, np.uint8)[::-1, ::-1]


def with_gaps(shape: tuple[int, ...]) -> Samples:
    return np.zeros((2 * shape[0], *shape[1:], 5), np.uint8)[::2, ..., 3]


def planes_first(shape: tuple[int, ...]) -> Samples:
    return np.zeros((shape[-1], *shape[:-1]), np.uint8).transpose(1, 2, 0)


@pytest.mark.parametrize("layout", [fortran, backwards, with_gaps, planes_first])
def test_an_array_of_any_layout_is_filled_with_the_image(
    layout: Callable[[tuple[int, ...]], Samples], image: Samples
) -> None:
    data = VaecodecCodec().encode(image)
    out = layout(image.shape)
    assert VaecodecCodec().decode(data, out=out) is out
    np.testing.assert_array_equal(out, VaecodecCodec().decode(data))


def test_axes_of_length_one_may_be_in_the_array_that_is_filled(image: Samples) -> None:
    data = VaecodecCodec().encode(image[:, :, 0])
    for shape in [(1, 64, 80), (64, 80, 1), (1, 64, 80, 1)]:
        for order in ("C", "F"):
            out = np.zeros(shape, np.uint8, order=order)  # type: ignore[call-overload]
            VaecodecCodec().decode(data, out=out)
            np.testing.assert_array_equal(out.squeeze(), VaecodecCodec().decode(data))


@pytest.mark.parametrize(
    "out",
    [
        bytearray(64 * 80 * 3),
        np.zeros(64 * 80 * 3, np.uint8),
        np.zeros((64, 240), np.int8),
        np.zeros((32, 240), ">u2"),
    ],
    ids=["bytearray", "flat", "int8", "big-endian"],
)
def test_a_buffer_is_filled_with_the_bytes_in_c_order(
    out: object, image: Samples
) -> None:
    data = VaecodecCodec().encode(image)
    VaecodecCodec().decode(data, out=out)
    assert memoryview(out).tobytes() == VaecodecCodec().decode(data).tobytes()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "out",
    [
        np.zeros((64, 240), np.uint8, order="F"),
        np.zeros((80, 64, 3), np.uint8)[:, ::-1],
        np.zeros((64, 80, 3), np.int8, order="F"),
        np.zeros((64, 80, 4), np.uint8),
        np.zeros((64, 80, 3), np.uint16),
        bytearray(64 * 80 * 3 - 1),
        bytes(64 * 80 * 3),
        as_strided(np.zeros(99, np.uint8), (64, 80, 3), (0, 1, 1)),
    ],
    ids=lambda out: f"{type(out).__name__} {getattr(out, 'strides', len(out))}",
)
def test_what_cannot_be_filled_in_order_is_refused(out: object, image: Samples) -> None:
    with pytest.raises(ValueError, match=r"^out "):
        VaecodecCodec().decode(VaecodecCodec().encode(image), out=out)


@pytest.mark.parametrize("layout", [backwards, with_gaps, planes_first])
def test_a_chunk_of_any_layout_but_fortran_order_is_compressed(
    layout: Callable[[tuple[int, ...]], Samples], image: Samples
) -> None:
    chunk = layout(image.shape)
    chunk[...] = image
    chunk.flags.writeable = False
    assert VaecodecCodec().encode(chunk) == VaecodecCodec().encode(image)


def test_the_bytes_of_a_chunk_may_be_in_any_buffer(image: Samples) -> None:
    data = VaecodecCodec().encode(image)
    expected = VaecodecCodec().decode(data)
    apart = np.repeat(np.frombuffer(data, np.uint8), 2)[::2]
    for buffer in (bytearray(data), memoryview(data), apart):
        np.testing.assert_array_equal(VaecodecCodec().decode(buffer), expected)
    with pytest.raises(TypeError):
        VaecodecCodec().decode("chunk.vaec")


def test_a_damaged_chunk_is_refused(image: Samples) -> None:
    data = VaecodecCodec().encode(image)
    with pytest.raises(FormatError):
        VaecodecCodec().decode(data[:-1])


def test_the_configuration_is_json_and_gives_the_codec_again() -> None:
    codec = VaecodecCodec(quality=np.int64(80))
    config = json.loads(json.dumps(codec.get_config()))
    settings = {"quality": 80, "model": None, "tune": None}
    settings |= {"lossless": None, "max_error": None, "roles": None}
    assert config == {"id": "vaecodec", **settings}
    del config["id"]
    assert VaecodecCodec.from_config(config) == codec
    assert pickle.loads(pickle.dumps(codec)) == codec


def test_a_lossless_chunk_comes_back_sample_for_sample(astronaut: Samples) -> None:
    codec = VaecodecCodec(lossless=True)
    assert np.array_equal(codec.decode(codec.encode(astronaut)), astronaut)
    with pytest.raises(ValueError, match="lossless files have no"):
        VaecodecCodec(lossless=True, tune="psnr").encode(astronaut)


def test_no_sample_is_further_off_than_the_largest_error(astronaut: Samples) -> None:
    codec = VaecodecCodec.from_config({"max_error": 2})
    assert (
        np.abs(codec.decode(codec.encode(astronaut)).astype(int) - astronaut).max() == 2
    )
    with pytest.raises(ValueError, match=r"max_error 128, allowed 0\.\.127"):
        VaecodecCodec(max_error=128).encode(astronaut)


def test_a_quality_that_is_no_integer_is_refused_at_once() -> None:
    with pytest.raises(TypeError):
        VaecodecCodec(quality=0.5)  # type: ignore[arg-type]


WRITE = """
import numpy as np, zarr
from vaecodec.plugins.numcodecs import VaecodecCodec
images = zarr.create_array(
    "images.zarr", shape=(3, 100, 70, 3), chunks=(1, 64, 64, 3), dtype="uint8",
    compressors=VaecodecCodec(quality=80), zarr_format=2,
)
ramp = np.arange(100)[:, None] + np.arange(70)
images[:] = np.stack([ramp + 10 * n for n in range(3)])[..., None].astype(np.uint8)
"""
READ = """
import zarr
images = zarr.open_array("images.zarr", mode="r")
assert images.shape == (3, 100, 70, 3)
for number in range(3):
    error = images[number, 20:90, :, 1].astype(int) - images[number, 19:89, :, 1]
    assert abs(error.mean() - 1) < 0.2, error.mean()
    assert abs(images[number, 50, 40].mean() - 90 - 10 * number) < 6
assert images.nbytes_stored() < images.nbytes / 10
"""


def test_an_array_of_zarr_in_fortran_order_is_refused(image: Samples) -> None:
    zarr = pytest.importorskip("zarr", minversion="3")
    options = {"shape": (64, 80), "chunks": (64, 80), "dtype": "uint8", "order": "F"}
    array = zarr.create_array({}, **options, zarr_format=2, compressors=VaecodecCodec())
    with pytest.raises(ImageError, match="Fortran order"):
        array[:] = image[:, :, 0]


def test_zarr_reads_what_it_wrote_without_an_import_of_the_package(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    pytest.importorskip("zarr", minversion="3")
    if "vaecodec" not in numcodecs.registry.entries:
        pytest.skip("the package is not installed with its entry points")
    monkeypatch.chdir(tmp_path)
    for script in (WRITE, READ):
        done = run_python("-c", script)
        assert (done.returncode, done.stderr) == (0, "")
