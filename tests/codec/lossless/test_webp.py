from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from tests.codec.image_files import packed
from vaecodec.codec.lossless.webp import decode_webp, encode_webp
from vaecodec.errors import FormatError

Samples = NDArray[np.uint8]

SIDES = st.integers(1, 9)
SHAPES = st.one_of(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES, st.integers(2, 4)))


def gradient(height: int = 6, width: int = 5) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(arrays.arrays(np.uint8, SHAPES))
def test_every_sample_comes_back_colours_under_alpha_0_included(
    samples: Samples,
) -> None:
    assert np.array_equal(decode_webp(encode_webp(samples), samples.shape), samples)


def test_gray_takes_no_more_bytes_than_a_webp_file_of_the_same_picture(
    camera: Samples,
) -> None:
    data = encode_webp(camera)
    assert len(data) <= len(packed(Image.fromarray(camera), "WEBP", lossless=True))
    assert np.array_equal(decode_webp(data, camera.shape), camera)


def riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def animated() -> bytes:
    stream = io.BytesIO()
    others = [gradient().rotate(90)]
    gradient().save(stream, "WEBP", lossless=True, save_all=True, append_images=others)
    return stream.getvalue()


GOOD = packed(gradient(), "WEBP", lossless=True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a WebP file of 0 bytes"),
        (GOOD[:24], "a WebP file of 24 bytes"),
        (packed(gradient()), "no simple lossless WebP file"),
        (packed(gradient(), "WEBP"), "no simple lossless WebP file"),
        (packed(gradient(), "WEBP", lossless=True, xmp=b"x"), "no simple lossless"),
        (animated(), "no simple lossless WebP file"),
        (GOOD + b"\0", "more or less than one chunk"),
        (GOOD[:-2], "more or less than one chunk"),
        (riff(GOOD[12:] + b"XMP \0\0\0\0"), "more or less than one chunk"),
        (packed(gradient(7), "WEBP", lossless=True), "of 5 x 7 pixels, not 5 x 6"),
        (
            packed(Image.new("RGBA", (5, 6)), "WEBP", lossless=True),
            "with alpha, the image has none",
        ),
        (GOOD[:25] + b"\xff" * (len(GOOD) - 25), "WebP file is damaged"),
    ],
)
def test_any_other_data_is_refused_by_name(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        decode_webp(data, (6, 5, 3))


def test_a_gray_tile_with_colours_is_refused() -> None:
    data = packed(Image.new("RGB", (2, 3), "navy"), "WEBP", lossless=True)
    for shape in ((3, 2), (3, 2, 2)):
        with pytest.raises(FormatError, match="a gray image with colours"):
            decode_webp(data, shape)


def test_a_size_that_lies_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("Pillow was given the file")

    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile", refuse)
    huge = bytearray(GOOD)
    huge[21:25] = struct.pack("<I", 0x0FFFFFFF)
    with pytest.raises(FormatError, match="of 16384 x 16384 pixels"):
        decode_webp(bytes(huge), (6, 5, 3))
