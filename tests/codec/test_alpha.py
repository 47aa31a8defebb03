from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFile

from tests.codec.image_files import SIGNATURE, packed, png_chunk
from vaecodec.codec import image_coding
from vaecodec.codec.alpha import decode_alpha, encode_alpha
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.errors import FormatError
from vaecodec.format.container import pack_file, parse_file

Samples = NDArray[np.uint8]
Readers = list[Callable[[bytes], object]]


def png(
    width: int = 5,
    height: int = 4,
    kind: bytes = bytes([8, 0, 0, 0, 0]),
    rows: bytes | None = None,
) -> list[bytes]:
    """Signature and chunks of a PNG file, by default a black one of 5 x 4 pixels."""
    header = struct.pack(">II", width, height) + kind
    data = zlib.compress(bytes(height * (width + 1)) if rows is None else rows)
    return [
        SIGNATURE,
        png_chunk(b"IHDR", header),
        png_chunk(b"IDAT", data),
        png_chunk(b"IEND", b""),
    ]


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 99))
def test_alpha_comes_back_exactly(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (height, width), np.uint8)
    for alpha in (noise, noise // 255, noise & 1, np.full_like(noise, seed)):
        data = encode_alpha(alpha)
        again = decode_alpha(data, height=height, width=width)
        np.testing.assert_array_equal(again, alpha)


def test_an_opaque_tile_takes_no_bytes() -> None:
    opaque = np.full((300, 200), 255, np.uint8)
    assert encode_alpha(opaque) == b""
    np.testing.assert_array_equal(decode_alpha(b"", height=300, width=200), opaque)
    opaque[299, 199] = 254
    assert encode_alpha(opaque) != b""


def test_a_valid_png_of_another_writer_is_read() -> None:
    [signature, header, data, end] = png(5, 4, rows=(b"\4" + bytes(range(5))) * 4)
    split = data[8:-4]
    parts = [png_chunk(b"IDAT", split[i : i + 1]) for i in range(len(split))]
    file = b"".join([signature, header, png_chunk(b"IDAT", b""), *parts, end])
    with Image.open(io.BytesIO(file)) as image:
        expected = np.asarray(image)
    np.testing.assert_array_equal(decode_alpha(file, height=4, width=5), expected)


BLACK = png()
REFUSED = {
    "text": b"alpha",
    "only a signature": SIGNATURE,
    "wider": b"".join(png(6, 4)),
    "higher": b"".join(png(5, 5)),
    "turned": b"".join(png(4, 5)),
    "huge": b"".join(png(2**31 - 1, 2**31 - 1, rows=b"")),
    "16 bits": b"".join(png(kind=bytes([16, 0, 0, 0, 0]), rows=bytes(4 * 11))),
    "1 bit": b"".join(png(kind=bytes([1, 0, 0, 0, 0]), rows=bytes(4 * 2))),
    "palette": b"".join(png(kind=bytes([8, 3, 0, 0, 0]))),
    "interlaced": b"".join(png(kind=bytes([8, 0, 0, 0, 1]))),
    "unknown filter": b"".join(png(rows=b"\5" + bytes(23))),
    "a byte more": b"".join(png(rows=bytes(25))),
    "a byte less": b"".join(png(rows=bytes(23))),
    "a bomb": b"".join(png(rows=bytes(1 << 26))),
    "no data": b"".join([*BLACK[:2], BLACK[3]]),
    "no end": b"".join(BLACK[:3]),
    "no header": b"".join([BLACK[0], *BLACK[2:]]),
    "two headers": b"".join([*BLACK[:2], *BLACK[1:]]),
    "more after the end": b"".join([*BLACK, BLACK[3]]),
    "garbage after the end": b"".join([*BLACK, b"\0"]),
    "text chunk": b"".join([*BLACK[:2], png_chunk(b"tEXt", b"a\0b"), *BLACK[2:]]),
    "damaged chunk": b"".join(BLACK).replace(b"IDAT", b"IDAU"),
    "not deflated": b"".join([*BLACK[:2], png_chunk(b"IDAT", b"rows"), BLACK[3]]),
    "colour": packed(Image.new("RGB", (5, 4))),
    "transparent colour": packed(Image.new("L", (5, 4)), transparency=0),
    "JPEG": b"\xff\xd8\xff\xe0",
}


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_png_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert decode_alpha(b"".join(BLACK), height=4, width=5).max() == 0
    with pytest.raises(FormatError, match=r"^alpha") as caught:
        decode_alpha(REFUSED[name], height=4, width=5)
    assert "\n" not in str(caught.value)


@given(rows=st.binary(min_size=24, max_size=24), cut=st.integers(0, 40))
def test_rows_from_anywhere_are_read_or_refused(rows: bytes, cut: int) -> None:
    file = b"".join(png(rows=rows))
    try:
        alpha = decode_alpha(file[: len(file) - cut], height=4, width=5)
    except FormatError:
        assert cut > 0 or max(rows[::6]) > 4
    else:
        assert (cut, alpha.shape) == (0, (4, 5))


def test_the_limit_of_pillow_on_pixels_does_not_concern_alpha(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3)
    assert decode_alpha(b"".join(BLACK), height=4, width=5).shape == (4, 5)


@pytest.fixture
def tiled(
    untrained: CodecModel, astronaut: Samples, monkeypatch: pytest.MonkeyPatch
) -> tuple[Samples, bytes]:
    """RGB and alpha of 150 x 70 pixels in two rows of three tiles."""
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)
    alpha = np.full((70, 150), 255, np.uint8)
    alpha[60:, 100:140] = np.arange(1, 41)
    image = np.dstack([astronaut[100:170, 100:250], alpha])
    return image, encode_with(untrained, image, quality=50)


def test_the_alpha_of_every_tile_comes_back_in_its_place(
    tiled: tuple[Samples, bytes], untrained: CodecModel
) -> None:
    image, data = tiled
    file = parse_file(data)
    assert [len(alpha) > 0 for alpha in file.alphas] == [False, True, True] * 2
    again = decode_with(untrained, file)
    np.testing.assert_array_equal(again[..., 3], image[..., 3])


def test_colours_do_not_depend_on_alpha(
    tiled: tuple[Samples, bytes], untrained: CodecModel
) -> None:
    image, data = tiled
    opaque = encode_with(untrained, image[..., :3], quality=50)
    file = parse_file(data)
    colours = decode_with(untrained, parse_file(opaque))
    np.testing.assert_array_equal(decode_with(untrained, file)[..., :3], colours)


def test_damaged_alpha_names_its_tile(
    tiled: tuple[Samples, bytes], readers: Readers
) -> None:
    file = parse_file(tiled[1])
    alphas = (*file.alphas[:4], b"".join(BLACK), file.alphas[5])
    data = pack_file(file.header, file.payloads, alphas=alphas)
    message = r"^tile 5 of 6 \(row 1, column 1\): alpha is no .* PNG of 64 x 6 pixels"
    for reader in readers:
        with pytest.raises(FormatError, match=message):
            reader(data)


def test_the_first_damaged_tile_ends_the_work_on_a_file(
    tiled: tuple[Samples, bytes], readers: Readers
) -> None:
    file = parse_file(tiled[1])
    payloads = [file.payloads[0], [b"\1"], *file.payloads[2:]]
    alphas = (*file.alphas[:5], b"later")
    data = pack_file(file.header, payloads, alphas=alphas)
    for reader in readers:
        with pytest.raises(FormatError, match=r"^tile 2 of 6"):
            reader(data)
