"""Tiles worked on by several threads: the same files, pixels and errors as by one."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.codec import image_coding
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.errors import FormatError
from vaecodec.format.container import ImageFile, parse_file
from vaecodec.format.file_bytes import FileBytes
from vaecodec.format.tile_index import index_file
from vaecodec.models.library import load_model
from vaecodec.models.registry import build

Samples = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty of them in what is compressed here, in lines of five."""
    monkeypatch.setattr(image_coding, "DEFAULT_TILE_LOG2", 6)


@pytest.fixture
def picture(coffee: Samples) -> Samples:
    """RGB and alpha, uint8 [320, 384, 4]."""
    colours = coffee[:320, :384]
    return np.dstack([colours, colours[..., 0]])


@pytest.fixture
def several(untrained_path: Path) -> CodecModel:
    file = load_model(untrained_path)
    return CodecModel(file, architecture=build(file), threads=4)


def test_several_threads_write_the_same_file(
    picture: Samples, several: CodecModel, untrained: CodecModel
) -> None:
    for image in (picture, picture.transpose(1, 0, 2)):
        data = encode_with(several, image, quality=70)
        assert data == encode_with(untrained, image, quality=70)


def test_several_threads_read_the_same_pixels_from_one_file(
    picture: Samples, several: CodecModel, untrained: CodecModel
) -> None:
    data = encode_with(untrained, picture, quality=70)
    expected = decode_with(untrained, parse_file(data))
    file = index_file(FileBytes(SlowFile(data)))
    np.testing.assert_array_equal(decode_with(several, file), expected)


class SlowFile(io.BytesIO):
    """A file that leaves time for another thread to move it."""

    def read(self, size: int | None = -1, /) -> bytes:
        time.sleep(1e-4)
        return super().read(size)


def test_the_first_damaged_tile_is_named(
    picture: Samples, several: CodecModel, untrained: CodecModel
) -> None:
    file = parse_file(encode_with(untrained, picture, quality=70))
    payloads = list(file.payloads)
    for number in (6, 7, 12):
        payloads[number] = [b"\x55"]
    damaged = ImageFile(file.header, payloads, file.alphas)
    for model in (untrained, several):
        with pytest.raises(FormatError, match="tile 7 of 30"):
            decode_with(model, damaged)


def test_work_side_by_side_comes_back_in_order_from_other_threads(
    several: CodecModel, untrained: CodecModel
) -> None:
    def work(number: int) -> tuple[int, int]:
        time.sleep(0.001 * (number % 3))
        return number, threading.get_ident()

    items = range(20)
    found = list(several.side_by_side(work, items))
    assert [number for number, _ in found] == list(items)
    here = threading.get_ident()
    assert here not in {thread for _, thread in found}
    assert {thread for _, thread in untrained.side_by_side(work, items)} == {here}
