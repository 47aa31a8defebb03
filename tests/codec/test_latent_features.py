"""Features: what the painter draws from, at the places where it does."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vaecodec import FormatError, ModelError, features
from vaecodec.api import decode, encode
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry import windows
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import encode_as, read_tile
from vaecodec.codec.latent_features import features_with
from vaecodec.format.container import parse_file
from vaecodec.format.header import ImageHeader
from vaecodec.models.checkerboard.preview import LinearPart
from vaecodec.models.library import load_model

Samples = NDArray[np.uint8]


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_a_preview_can_be_drawn_from_the_latents(coffee: Samples) -> None:
    image = coffee[:130, :300]
    cells = np.arange(15).reshape(3, 5) * 6 + 10
    data = encode(image, quality_map=cells, threads=1)
    latents = features(data, threads=1).latents
    part = LinearPart(load_model("standard").tensors, latent_channels=len(latents))
    drawn = part.draw(latents)[:17, :38].clip(0, 255)
    assert np.abs(drawn - decode(data, preview=8, threads=1)).max() <= 1


def test_distances_are_about_those_of_pixels(coffee: Samples) -> None:
    parts = [coffee[64 * n : 64 * n + 64, :128] for n in range(5)]
    files = [encode(part, 90, threads=1) for part in parts]
    pixels = [part.astype(float) / 255 for part in parts]
    latents = [features(file, threads=1).latents for file in files]
    for one, other in [(0, 1), (1, 2), (2, 3), (3, 4)]:
        expected = np.square(pixels[one] - pixels[other]).sum()
        found = np.square(latents[one] - latents[other]).sum()
        assert found == pytest.approx(expected, rel=0.25)


def test_tiles_and_windows_fit_together(
    shipped: CodecModel, coffee: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = shipped.stream_id, shipped.painter_id
    header = ImageHeader(300, 200, 3, 60, 6, 1, *ids)
    file = parse_file(encode_as(header, shipped, coffee[:200, :300]))
    whole = features_with(shipped, file)
    monkeypatch.setattr(windows, "CORE_PIXELS", 64)
    parts = features_with(shipped, file)
    assert np.abs(whole.latents - parts.latents).max() < 1e-4
    assert np.array_equal(whole.scales, parts.scales)


def test_scales_say_how_far_latents_lie_from_their_prediction(
    shipped: CodecModel, chelsea: Samples
) -> None:
    data = encode(chelsea, 70, threads=1)
    file = parse_file(data)
    [tile] = tiles(file.header)
    symbols = read_tile(shipped, file, tile).symbols.planes[1]
    found = features(data, threads=1)
    steps = shipped.architecture.step_sizes(np.full((1, 1), 70, np.uint8))
    surprise = (symbols * steps) ** 2
    expected = found.scales**2
    assert expected.sum() == pytest.approx(surprise.sum(), rel=0.3)
    loud = expected > np.quantile(expected, 0.9)
    assert surprise[loud].mean() > 10 * surprise[~loud].mean()


def test_latents_have_the_same_units_at_every_quality(coffee: Samples) -> None:
    one, other = coffee[:200, :256], coffee[200:, 300:556]
    low = features(encode(one, 40, threads=1), threads=1).latents
    high = features(encode(one, 90, threads=1), threads=1).latents
    another = features(encode(other, 90, threads=1), threads=1).latents
    assert np.vdot(low, high) / np.vdot(low, low) == pytest.approx(1, abs=0.15)
    assert correlation(low, high) > correlation(high, another) + 0.3


@pytest.mark.parametrize("shape", [(1, 1), (17, 70), (40, 33, 2), (64, 65, 4)])
def test_every_kind_of_image_has_features(
    shape: tuple[int, ...], astronaut: Samples
) -> None:
    image = np.dstack([astronaut, astronaut[..., 0]])[: shape[0], : shape[1]]
    planes = image[..., : shape[2]] if len(shape) > 2 else image[..., 0]
    found = features(encode(planes, threads=1), threads=1)
    rows, columns = (-(-side // 16) for side in shape[:2])
    assert found.latents.shape == found.scales.shape == (320, rows, columns)
    assert {found.latents.dtype, found.scales.dtype} == {np.dtype(np.float32)}
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.scales, found.scales)


def test_a_lossless_file_has_no_features_and_that_is_said(camera: Samples) -> None:
    with pytest.raises(ModelError, match="a lossless file names no model"):
        features(encode(camera, lossless=True, effort=1))


def test_a_damaged_file_has_no_features(
    photograph: Callable[[str], Image.Image], tmp_path: Path
) -> None:
    data = bytearray(encode(np.array(photograph("camera"))[:64, :64], threads=1))
    data[-20] ^= 1
    path = tmp_path / "damaged.vaec"
    path.write_bytes(data)
    with pytest.raises(FormatError):
        features(path, threads=1)
