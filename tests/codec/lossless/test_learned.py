"""Tiles that the model of lattices codes, in files and on their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import vaecodec
from tests.codec.lossless.test_estimate import drawing
from tests.golden_check import FOLDER, LATTICES, read
from vaecodec.codec.lossless.learned import (
    MOST_PIXELS,
    decode_learned,
    encode_learned,
    may_be_learned,
)
from vaecodec.errors import FormatError, ModelError
from vaecodec.format import parse_file
from vaecodec.format.file_bytes import opened
from vaecodec.format.lossless_kinds import LEARNED, count_kinds
from vaecodec.models.lattices import part_file
from vaecodec.models.library import SEARCH_PATH_VARIABLE

Samples = NDArray[np.uint8]
NEEDS_SMALL = read("lossless", "learned-gray-alpha-12x10")


def kinds_in(data: bytes) -> set[int]:
    return {payload[0][0] for payload in parse_file(data).payloads}


def test_a_photograph_is_learned_and_smaller_than_with_webp(chelsea: Samples) -> None:
    part = chelsea[60:220, 100:300]
    data = vaecodec.encode(part, lossless=True)
    assert np.array_equal(vaecodec.decode(data), part)
    with opened(data) as file:
        assert count_kinds(file) == {"learned": 1}
    assert len(data) < 0.95 * len(vaecodec.encode(part, lossless=True, effort=1))


@pytest.mark.parametrize("error", [1, 4])
def test_within_a_largest_error_it_is_smaller_too(chelsea: Samples, error: int) -> None:
    part = chelsea[60:180, 100:260]
    data = vaecodec.encode(part, max_error=error)
    found = vaecodec.decode(data).astype(int)
    assert np.abs(found - part).max() == error
    assert len(data) < 0.97 * len(vaecodec.encode(part, max_error=error, effort=1))


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("opaque", [True, False])
def test_gray_and_alpha_come_back(
    chelsea: Samples, channels: int, opaque: bool
) -> None:
    rows, columns = np.mgrid[:50, :70]
    alpha = np.full((50, 70), 255) if opaque else (rows * columns) % 256
    colours = chelsea[:50, :70, : 1 if channels < 3 else 3]
    planes = [colours, alpha] if channels % 2 == 0 else [colours]
    numbers = np.dstack(planes).astype(np.uint8)
    numbers = numbers[:, :, 0] if channels == 1 else numbers
    data = encode_learned(numbers, 0)
    assert np.array_equal(decode_learned(data, numbers.shape, 0), numbers)


def test_a_drawing_costs_no_time_for_it() -> None:
    samples = np.asarray(drawing(300, 200))
    assert not may_be_learned(samples)
    data = vaecodec.encode(samples, lossless=True)
    assert data == vaecodec.encode(samples, lossless=True, effort=1)


def test_a_tile_of_too_many_pixels_is_refused_before_anything_else() -> None:
    assert not may_be_learned(np.zeros((MOST_PIXELS // 512 + 1, 512), np.uint8))
    with pytest.raises(FormatError, match="1049088 pixels, at most 1048576"):
        decode_learned(bytes(9), (MOST_PIXELS // 512 + 1, 512), 0)


def test_a_missing_model_is_no_damage_and_is_found_where_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for read_file in (vaecodec.decode, vaecodec.verify, vaecodec.recover):
        with pytest.raises(ModelError, match="no model for lossless tiles with the id"):
            read_file(NEEDS_SMALL)
    (tmp_path / "a.lossless").write_bytes(b"no model")
    (tmp_path / "b.lossless").write_bytes((FOLDER / "model.safetensors").read_bytes())
    (tmp_path / "c.lossless").write_bytes(LATTICES.read_bytes())
    monkeypatch.setenv(SEARCH_PATH_VARIABLE, str(tmp_path))
    vaecodec.verify(NEEDS_SMALL)
    assert kinds_in(NEEDS_SMALL) == {LEARNED}


def test_the_part_in_the_package_is_small() -> None:
    assert part_file.SHIPPED.stat().st_size <= 150_000
