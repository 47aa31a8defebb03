from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel, model_to_compress
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.codec.search.rate_search import (
    HIGHEST,
    LOWEST,
    MOST_TRIALS,
    STEPS,
    compress_to_level,
    compress_to_size,
    psnr_goal,
    settings_at,
)
from vaecodec.errors import TargetError
from vaecodec.format.container import parse_file


class Encoding:
    """Encodes one image at any quality and factor, and counts how often."""

    def __init__(self, pixels: NDArray[np.uint8], model: CodecModel) -> None:
        self.pixels, self.model, self.trials = pixels, model, 0

    def at(self, quality: int, factor: float) -> bytes:
        self.trials += 1
        model = self.model.weighing_errors(factor)
        return encode_with(model, self.pixels, quality=quality)

    def psnr_of(self, data: bytes) -> float:
        return psnr_db(self.pixels, decode_with(self.model, parse_file(data)))

    def to_size(self, size: int) -> bytes:
        pixels = self.pixels.shape[0] * self.pixels.shape[1]
        return compress_to_size(self.at, size=size, pixels=pixels)

    def to_psnr(self, psnr: float) -> bytes:
        return compress_to_level(self.at, self.psnr_of, psnr_goal(psnr))


@pytest.fixture(scope="module")
def model() -> CodecModel:
    return model_to_compress(None, threads=1)


@pytest.fixture
def encodings(
    coffee: NDArray[np.uint8],
    chelsea: NDArray[np.uint8],
    camera: NDArray[np.uint8],
    model: CodecModel,
) -> list[Encoding]:
    """Three photographs of different kinds, the last one gray."""
    crops = (coffee[100:340, 160:400], chelsea[30:230, 90:311], camera[:224, 64:300])
    return [Encoding(crop, model) for crop in crops]


@pytest.mark.parametrize("rate", [0.06, 0.25, 0.7, 1.4])
def test_a_photograph_is_compressed_to_98_percent_of_a_size_and_no_more(
    encodings: list[Encoding], rate: float
) -> None:
    for encoding in encodings:
        size = int(rate * encoding.pixels.shape[0] * encoding.pixels.shape[1] / 8)
        data = encoding.to_size(size)
        assert 0.98 * size <= len(data) <= size
        # Files of 400 bytes lie so far apart that more may be needed.
        assert encoding.trials <= (10 if rate > 0.1 else MOST_TRIALS)


@pytest.mark.parametrize("psnr", [26.0, 31.5, 37.0])
def test_a_photograph_is_compressed_to_a_psnr_or_little_more(
    encodings: list[Encoding], psnr: float
) -> None:
    for encoding in encodings:
        reached = encoding.psnr_of(encoding.to_psnr(psnr))
        assert psnr <= reached <= 1.01 * psnr
        assert encoding.trials <= 10


def test_a_target_out_of_reach_is_refused_with_the_range(
    encodings: list[Encoding],
) -> None:
    encoding = encodings[0]
    smallest, largest = (
        len(encoding.at(*settings_at(position))) for position in (LOWEST, HIGHEST)
    )
    expected = f"only of {smallest:,} to {largest:,} bytes"
    for size in (1, smallest - 1, round(largest / 0.97), 10**9):
        with pytest.raises(TargetError, match=expected):
            encoding.to_size(size)
    for psnr in (5.0, 60.0):
        with pytest.raises(TargetError, match=r"only \d\d\.\d\d to \d\d\."):
            encoding.to_psnr(psnr)


def test_a_target_that_falls_between_two_files_is_refused_with_both() -> None:
    def encode_at(quality: int, factor: float) -> bytes:
        return bytes(5_000 if quality < 40 else 90_000)

    for size in (5_300, 40_000, 89_000):
        with pytest.raises(TargetError, match=r"only of 5,000 or 90,000 bytes"):
            compress_to_size(encode_at, size=size, pixels=10**6)


def test_a_gap_between_two_qualities_is_filled_by_smaller_factors() -> None:
    def encode_at(quality: int, factor: float) -> bytes:
        """Rates that double every ten qualities, and once grow to four times."""
        return bytes(int(100 * 2 ** (quality / 10 + 2 * (quality > 60)) * factor**0.8))

    for size in (7_000, 11_000, 25_000, 90_000):
        data = compress_to_size(encode_at, size=size, pixels=10**6)
        assert 0.98 * size <= len(data) <= size


def test_the_ends_of_the_range_are_reached(encodings: list[Encoding]) -> None:
    for position in (LOWEST, HIGHEST):
        data = encodings[1].at(*settings_at(position))
        assert 0.98 * len(data) <= len(encodings[1].to_size(len(data))) <= len(data)


def test_a_tiny_image_takes_the_largest_file_that_fits(
    encodings: list[Encoding], model: CodecModel
) -> None:
    """Its sizes are a few bytes apart: not every size has one within 2 %."""
    tiny = Encoding(encodings[0].pixels[:16, :16], model)
    positions = range(LOWEST, HIGHEST + 1, STEPS)
    sizes = sorted({len(tiny.at(*settings_at(position))) for position in positions})
    for size in range(sizes[0], sizes[-1], 7):
        data = tiny.to_size(size)
        assert len(data) <= size
        assert len(data) >= max(known for known in sizes if known <= size) - 4


def test_an_image_without_detail_meets_a_psnr_that_it_can_only_jump_over(
    model: CodecModel,
) -> None:
    flat = Encoding(np.full((40, 50, 3), 90, np.uint8), model)
    lowest, highest = (
        flat.psnr_of(flat.at(*settings_at(position))) for position in (LOWEST, HIGHEST)
    )
    wanted = (lowest + highest) / 2
    assert flat.psnr_of(flat.to_psnr(wanted)) >= wanted


@pytest.mark.parametrize(
    "length_at",
    [
        lambda position: 500 * math.exp(position / 400),
        lambda position: 60_000 + position,
        lambda position: 3_000 if position < 700 else 90_000 + position,
        lambda position: 40 + (position + 60) ** 2 / 10,
    ],
    ids=["as expected", "nearly constant", "a jump", "a power"],
)
def test_any_rising_curve_is_searched_in_few_trials(
    length_at: Callable[[int], float],
) -> None:
    tried: list[int] = []

    def encode_at(quality: int, factor: float) -> bytes:
        position = round(STEPS * (quality - math.log(factor) / math.log(0.65)))
        tried.append(position)
        return bytes(int(length_at(position)))

    for position in range(20, 1600, 90):
        size = int(length_at(position))
        tried.clear()
        data = compress_to_size(encode_at, size=size, pixels=100_000)
        assert 0.98 * size <= len(data) <= size
        assert len(tried) <= MOST_TRIALS
        assert len({*tried}) == len(tried)


def test_settings_run_through_the_qualities_without_a_gap() -> None:
    assert settings_at(HIGHEST) == (100, 1.0)
    assert settings_at(50 * STEPS) == (50, 1.0)
    assert settings_at(0) == (0, 1.0)
    for position in (LOWEST, -1, 1, 799):
        quality, factor = settings_at(position)
        assert 0.2 < factor < 1
        assert quality == max(0, math.ceil(position / STEPS))
