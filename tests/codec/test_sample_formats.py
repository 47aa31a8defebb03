"""Samples that Pillow hands on as they are, and that mean something else."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.codec.image_files import packed, tiff
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.errors import ImageError
from vaecodec.models.depth import of_depth

RAMP = np.linspace(0, 1, 9)
LEVELS = np.rint(255 * RAMP)
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
UNSIGNED, SIGNED, FLOAT = 1, 2, 3


def tiff_of(
    samples: NDArray[np.generic],
    photometric: int,
    *others: tuple[int, int],
    order: str = "<",
    channels: int = 1,
) -> bytes:
    """A TIFF file of one row of samples [W * channels], and further tags of it."""
    samples = samples.astype(samples.dtype.newbyteorder(order))
    kind = {"u": UNSIGNED, "i": SIGNED, "f": FLOAT}[samples.dtype.kind]
    values = {
        **{256: samples.size // channels, 257: 1, 258: 8 * samples.itemsize, 259: 1},
        **{262: photometric, 273: 0, 277: channels, 278: 1, 279: samples.nbytes},
        **{339: kind, **dict(others)},
    }
    start = 8 + 2 + 12 * len(values) + 4
    entries = [
        (tag, 4, 1, struct.pack(order + "I", start if tag == 273 else value))
        for tag, value in sorted(values.items())
    ]
    return tiff(entries, order=order) + samples.tobytes()


def in_8_bits(picture: Picture) -> NDArray[np.float64]:
    return of_depth(picture.samples, picture.depth, 8).astype(float)


def palette_of_8_bits() -> bytes:
    """A TIFF file whose palette goes up to 200 of 65535."""
    image = Image.new("P", (9, 1))
    image.putpalette([200] * 768)
    return packed(image, "TIFF").replace(b"\0\xc8" * 768, b"\xc8\0" * 768)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"])
def test_gray_of_every_kind_comes_right_or_is_refused(
    order: str, photometric: int, kind: str
) -> None:
    dtype = np.dtype(kind)
    low, high = (
        (0, 1) if dtype.kind == "f" else (np.iinfo(kind).min, np.iinfo(kind).max)
    )
    data = tiff_of((low + RAMP * (high - low)).astype(dtype), photometric, order=order)
    try:
        samples = in_8_bits(read_picture(data, convert=True))
    except ImageError:
        assert kind not in ("u1", "u2") or (kind, order, photometric) == ("u2", ">", 0)
    else:
        expected = LEVELS if photometric == BLACK_IS_ZERO else LEVELS[::-1]
        assert np.abs(samples[0] - expected).max() <= 1


@pytest.mark.parametrize("kind", ["u2", "f4"])
def test_white_is_zero_beyond_8_bits_is_turned_round(kind: str) -> None:
    high = 65535 if kind == "u2" else 1
    data = tiff_of((high * RAMP).astype(kind), WHITE_IS_ZERO)
    samples = in_8_bits(read_picture(data, convert=True))
    assert np.abs(samples[0] - LEVELS[::-1]).max() <= 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tiff_of(np.zeros(9, "i1"), BLACK_IS_ZERO), "signed samples of 8 bits"),
        (tiff_of(np.array([1, 2**32 - 1], "u4"), BLACK_IS_ZERO), "samples above"),
        (tiff_of(np.zeros(9, "u2"), RGB, (284, 2), channels=3), "planes of 16 bits"),
        (palette_of_8_bits(), "a palette of 8 bits"),
    ],
)
def test_samples_that_pillow_takes_for_others_are_refused(
    data: bytes, reason: str
) -> None:
    with pytest.raises(ImageError, match=f"^not supported: {reason}"):
        read_picture(data, convert=True)


def test_signed_samples_of_fits_files_are_refused() -> None:
    cards = {"SIMPLE": "T", "BITPIX": 16, "NAXIS": 2, "NAXIS1": 4, "NAXIS2": 1}
    header = "".join(
        f"{name:8}= {value:>20}".ljust(80) for name, value in cards.items()
    )
    data = f"{header}END".ljust(2880).encode() + bytes(2880)
    with pytest.raises(ImageError, match="not supported: signed samples of 16 bits"):
        read_picture(data, convert=True)


@pytest.mark.parametrize("channels", [2, 4])
def test_a_channel_that_is_neither_colour_nor_alpha_is_named(channels: int) -> None:
    samples = np.arange(4 * channels, dtype=np.uint8)
    photometric = BLACK_IS_ZERO if channels == 2 else RGB
    for meaning, names in ((0, ("a channel without a meaning",)), (2, ())):
        data = tiff_of(samples, photometric, (338, meaning), channels=channels)
        assert read_picture(data).left_out == names


def test_a_bitmap_of_photoshop_has_black_ones() -> None:
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 1, 1, 8, 1, 0)
    picture = read_picture(header + bytes(12) + b"\0\0" + b"\x0f")
    assert picture.samples.tolist() == [[255] * 4 + [0] * 4]


@pytest.mark.parametrize("bits", [10, 12])
def test_gray_of_jpeg_2000_uses_the_whole_range_at_every_depth(bits: int) -> None:
    middle = 1 << (bits - 1)
    values = np.tile(np.rint(RAMP * (2 * middle - 1)).astype(np.int32), (9, 1))
    shifted = Image.fromarray((values - middle + 32768).astype(np.uint16))
    data = bytearray(packed(shifted, "JPEG2000"))
    data[data.index(b"\xff\x4f\xff\x51") + 42] = bits - 1
    samples = in_8_bits(read_picture(bytes(data)))
    assert np.abs(samples - LEVELS).max() <= 1
