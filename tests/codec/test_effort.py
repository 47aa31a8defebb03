"""A search for better symbols: what it finds is a usual file, and never a worse one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import vaecodec
from tests.toy_architecture import ToyArchitecture, toy_model
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import encode_with
from vaecodec.codec.search import effort, refinement
from vaecodec.codec.search.ssimulacra2 import ssimulacra2
from vaecodec.errors import ModelError
from vaecodec.format.container import parse_file
from vaecodec.models.library import load_model
from vaecodec.models.model_file import parse_model

Photograph = NDArray[np.uint8]
CROP = np.s_[100:228, 150:310]


def both(samples: NDArray[Any], quality: int = 40, **options: Any) -> list[bytes]:
    """Files of the usual effort and of the highest one."""
    return [
        vaecodec.encode(samples, quality, effort=number, lossless=False, **options)
        for number in (2, 3)
    ]


def squared_error(data: bytes, samples: NDArray[Any]) -> float:
    difference = vaecodec.decode(data).astype(np.float64) - samples
    return float(np.square(difference).mean())


def test_a_search_makes_a_better_image_of_as_many_bytes(chelsea: Photograph):
    samples = chelsea[CROP]
    usual, found = both(samples, 50)
    scores = [ssimulacra2(samples, vaecodec.decode(data)) for data in (usual, found)]
    assert scores[1] > scores[0] + 0.5
    assert len(found) <= 1.02 * len(usual)
    vaecodec.verify(found)


def test_a_search_for_squared_error_lowers_that(chelsea: Photograph):
    samples = chelsea[CROP]
    usual, found = both(samples, tune="psnr")
    assert squared_error(found, samples) < 0.99 * squared_error(usual, samples)
    assert len(found) <= 1.02 * len(usual)


def test_what_costs_more_than_the_usual_file_is_not_kept(
    chelsea: Photograph, monkeypatch: pytest.MonkeyPatch
):
    def worse(_: object, symbols: Any) -> Any:
        symbols.planes[-1][1:] = 0
        return symbols

    monkeypatch.setattr(refinement.TileSearch, "improve", worse)
    usual, found = both(chelsea[CROP])
    assert found == usual


def test_a_search_repeats_itself(chelsea: Photograph):
    first, second = (vaecodec.encode(chelsea[CROP], 40, effort=3) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("kind", ["gray", "alpha", "16 bits", "small"])
def test_every_kind_of_sample_can_be_searched(kind: str, chelsea: Photograph):
    samples: NDArray[Any] = chelsea[100:165, 150:231]
    if kind == "gray":
        samples = samples[:, :, 1]
    if kind == "alpha":
        alpha = np.full((*samples.shape[:2], 1), 255, np.uint8)
        alpha[:40, :30] = 0
        samples = np.concatenate([samples, alpha], axis=2)
    if kind == "16 bits":
        samples = samples.astype(np.uint16) * 257
    if kind == "small":
        samples = samples[:1, :3]
    usual, found = both(samples)
    decoded = vaecodec.decode(found)
    assert decoded.shape == samples.shape
    assert decoded.dtype == samples.dtype
    assert len(found) <= 1.05 * len(usual)
    if kind == "alpha":
        assert np.array_equal(decoded[:, :, 3], samples[:, :, 3])


def test_tiles_are_searched_one_after_the_other(
    chelsea: Photograph, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vaecodec.codec.image_coding.DEFAULT_TILE_LOG2", 6)
    samples = chelsea[100:200, 150:300]
    usual, found = both(samples, tune="psnr")
    assert parse_file(found).header.tile_count == 6
    assert squared_error(found, samples) < squared_error(usual, samples)


def test_a_target_is_met_with_what_a_search_finds(chelsea: Photograph):
    samples = chelsea[CROP]
    usual, found = (
        vaecodec.compress(samples, target_size=2100, effort=number, tune="psnr")
        for number in (2, 3)
    )
    assert 2058 <= len(found) <= 2100
    assert squared_error(found, samples) < squared_error(usual, samples)


def test_a_painter_that_cannot_be_followed_backwards_is_refused(chelsea: Photograph):
    file = parse_model(toy_model())
    model = CodecModel(file, architecture=ToyArchitecture(file))
    samples = chelsea[CROP]
    data = encode_with(model, samples, quality=50)
    with pytest.raises(ModelError, match="painter can be followed backwards"):
        effort.improved(data, samples, model)


def test_lambda_grows_with_the_quality_and_needs_a_range():
    architecture = CodecModel(load_model("standard")).architecture
    assert isinstance(architecture, effort.Differentiable)
    lambdas = [architecture.lmbda(quality) for quality in (0, 50, 100)]
    assert lambdas == sorted(lambdas)
    assert 1e-5 < lambdas[0] < lambdas[2] < 10
