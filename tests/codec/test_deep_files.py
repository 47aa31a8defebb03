"""Image files of more than 8 bits are read with all bits of every sample."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import pyvips
import tifffile
from numpy.typing import NDArray
from PIL import Image

from tests.codec.deep_pictures import avif_of, deep_picture
from tests.codec.image_files import deep_png, packed, with_chunks
from vaecodec.codec.pictures import deep_files
from vaecodec.codec.pictures.picture import read_picture
from vaecodec.errors import ImageError
from vaecodec.models.depth import of_depth

Samples = NDArray[np.uint16]
NOISE = np.random.default_rng(1).integers(0, 1 << 16, (37, 29, 4), np.uint16)


def check(data: bytes, expected: NDArray[np.generic], depth: int) -> None:
    picture = read_picture(data)
    assert (picture.depth, picture.left_out) == (depth, ())
    shape = expected.shape[: 2 if expected.shape[-1] == 1 else 3]
    np.testing.assert_array_equal(picture.samples, expected.reshape(shape))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_16_bits(channels: int) -> None:
    check(deep_png(NOISE[..., :channels]), NOISE[..., :channels], 16)


def test_interlaced_png_of_16_bits() -> None:
    image = pyvips.Image.new_from_array(NOISE[..., :3], interpretation="rgb16")
    check(image.pngsave_buffer(interlace=True), NOISE[..., :3], 16)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "options",
    [{}, {"compression": "zlib", "predictor": True}, {"tile": (16, 16)}],
    ids=["plain", "deflated", "tiled"],
)
def test_tiff_of_16_bits(channels: int, order: str, options: dict[str, object]) -> None:
    stream = io.BytesIO()
    samples = np.squeeze(NOISE[..., :channels])
    with tifffile.TiffWriter(stream, byteorder=order) as writer:
        extra = ["unassalpha"] if channels == 4 else None
        kind = "minisblack" if channels == 1 else "rgb"
        writer.write(samples, photometric=kind, extrasamples=extra, **options)
    check(stream.getvalue(), samples, 16)


def test_tiff_of_16_bits_in_planes_is_refused() -> None:
    stream = io.BytesIO()
    planes = np.moveaxis(NOISE[..., :3], 2, 0)
    options = {"planarconfig": "separate", "compression": "zlib"}
    tifffile.imwrite(stream, planes, photometric="rgb", **options)
    with pytest.raises(ImageError, match="the lower 8 of 16 bits cannot be kept"):
        read_picture(stream.getvalue())


def test_gray_of_12_bits_in_tiff_has_12() -> None:
    # Two samples in three bytes, 0x000 and 0xfff, in a TIFF that Pillow cannot write.
    data = bytearray(packed(Image.new("L", (3, 1)), "TIFF"))
    with Image.open(io.BytesIO(data)) as image:
        [offset], entry = image.tag_v2[273], data.index(b"\x02\x01\x03\x00\x01\0\0\0")
    data[entry + 8] = 12
    width = data.index(b"\x00\x01\x04\x00\x01\0\0\0")
    data[width + 8] = 2
    data[offset : offset + 3] = b"\x00\x0f\xff"
    check(bytes(data), np.array([[0, 4095]]), 12)


@pytest.mark.parametrize("kind", [b"P5", b"P6"])
@pytest.mark.parametrize(("most", "depth"), [(511, 9), (1023, 10), (65535, 16)])
def test_netpbm_files_of_any_depth(kind: bytes, most: int, depth: int) -> None:
    samples = NOISE[..., : 1 if kind == b"P5" else 3] & most
    head = kind + b"\n# a comment\n29 37\n%d\n" % most
    check(head + samples.astype(">u2").tobytes(), samples, depth)


def test_netpbm_files_of_any_number_of_levels_are_scaled_to_16_bits() -> None:
    data = b"P5 4 1 1000\n" + struct.pack(">4H", 0, 500, 1000, 2000)
    check(data, np.array([[0, 32768, 65535, 65535]]), 16)


@pytest.mark.parametrize("kind", ["I;16", "I;16B"])
def test_gray_images_of_pillow_have_16_bits(kind: str) -> None:
    dtype = ">u2" if kind == "I;16B" else "<u2"
    gray = NOISE[..., 0]
    image = Image.frombytes(kind, (29, 37), gray.astype(dtype).tobytes())
    picture = read_picture(image)
    assert picture.depth == 16
    np.testing.assert_array_equal(picture.samples, gray)


def test_a_transparent_gray_of_16_bits_becomes_alpha() -> None:
    samples = np.array([[[300], [301], [300]]], np.uint16)
    data = deep_png(samples, (b"tRNS", b"\x01\x2c"))
    check(data, np.array([[[300, 0], [301, 65535], [300, 0]]]), 16)


def test_a_transparent_colour_of_16_bits_becomes_alpha() -> None:
    samples = np.array([[[1, 2, 300], [1, 2, 301]]], np.uint16)
    data = deep_png(samples, (b"tRNS", struct.pack(">3H", 1, 2, 300)))
    alpha = np.array([[[0], [65535]]])
    check(data, np.concatenate([samples, alpha], axis=2), 16)


def test_png_that_says_how_many_bits_there_were_has_as_many() -> None:
    samples = NOISE[..., :3] >> 6
    data = deep_png(of_depth(samples, 10, 16), (b"sBIT", bytes([10, 9, 10])))
    check(data, samples, 10)


def test_png_that_says_so_wrongly_keeps_its_samples() -> None:
    check(deep_png(NOISE[..., :1], (b"sBIT", b"\x0a")), NOISE[..., :1], 16)


@pytest.mark.parametrize("depth", [10, 12])
def test_avif_of_10_and_12_bits(depth: int) -> None:
    samples = deep_picture(64, 96, 3, depth)
    picture = read_picture(avif_of(depth, samples))
    assert (picture.depth, picture.samples.dtype) == (depth, np.uint16)
    assert np.abs(picture.samples.astype(int) - samples).max() <= 1
    assert len(np.unique(picture.samples)) > 95


def test_avif_of_10_bits_without_the_extra_is_refused_or_has_8(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deep_files, "find_spec", lambda _: None)
    data = avif_of(10, deep_picture(64, 96, 3, 10))
    with pytest.raises(ImageError, match=r"extra 'deep' \(pip install 'vaecodec"):
        read_picture(data)
    picture = read_picture(data, convert=True)
    assert picture.depth == 8
    assert "the lower 2 of 10 bits" in picture.left_out


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_avif_of_10_bits_is_refused_in_one_line() -> None:
    data = avif_of(10, deep_picture(64, 96, 3, 10))
    with pytest.raises(ImageError, match="not a readable image") as caught:
        read_picture(data[:-400])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [40, 400])
def test_a_png_of_16_bits_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ImageError, match="not a readable image"):
        read_picture(deep_png(NOISE[..., :3])[:-cut])


def test_an_orientation_turns_deep_samples_as_well() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    samples = NOISE[..., :3]
    data = with_chunks(deep_png(samples), (b"eXIf", exif.tobytes()[6:]))
    check(data, np.rot90(samples, -1), 16)
