"""Previews: an eighth of the size, nearly the means of what decompressing gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vaecodec.api import compress, decode, decompress
from vaecodec.codec.alpha import reduced
from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.geometry import windows
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.errors import ModelError
from vaecodec.format.container import parse_file
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.checkerboard.dequantizer import Dequantizer
from vaecodec.models.checkerboard.engine import Engine
from vaecodec.models.checkerboard.ladder import EVEN
from vaecodec.models.checkerboard.onnx_engine import OnnxEngine
from vaecodec.models.checkerboard.preview import LinearPart
from vaecodec.models.library import load_model

Samples = NDArray[np.uint8]


def block_means(image: Samples) -> NDArray[np.float64]:
    """Of [H, W, 3], with its edges repeated."""
    fill = [(0, -side % 8) for side in image.shape[:2]]
    filled = np.pad(image.astype(float), [*fill, (0, 0)], mode="edge")
    rows, columns = (side // 8 for side in filled.shape[:2])
    return filled.reshape(rows, 8, columns, 8, 3).mean(axis=(1, 3))


def psnr(one: NDArray[np.float64], other: Samples) -> float:
    return float(10 * np.log10(255**2 / np.mean((one - other) ** 2)))


@pytest.mark.parametrize(("quality", "least"), [(10, 32), (50, 44), (90, 50)])
@pytest.mark.parametrize("photo", ["coffee", "chelsea"])
def test_a_preview_is_close_to_the_means_of_the_image(
    photo: str,
    quality: int,
    least: float,
    shipped: CodecModel,
    request: pytest.FixtureRequest,
) -> None:
    image: Samples = request.getfixturevalue(photo)
    file = parse_file(encode_with(shipped, image, quality=quality))
    preview = decode_with(shipped, file, reduction=8)
    assert psnr(block_means(decode_with(shipped, file)), preview) > least


@pytest.mark.parametrize(
    "shape", [(1, 1), (8, 9), (130, 17, 2), (64, 64, 3), (65, 200, 4)]
)
def test_a_preview_has_the_kind_of_the_image_and_an_eighth_of_its_sides(
    shape: tuple[int, ...], astronaut: Samples, untrained_path: Path
) -> None:
    image = np.dstack([astronaut, astronaut[..., 0]])[: shape[0], : shape[1]]
    image = image[..., 0] if len(shape) == 2 else image[..., -shape[2] :]
    data = compress(image, 60, model=untrained_path, threads=1)
    preview = decode(data, preview=8, painter=untrained_path, threads=1)
    assert preview.shape == (-(-shape[0] // 8), -(-shape[1] // 8), *shape[2:])
    if len(shape) == 3 and shape[2] in (2, 4):
        np.testing.assert_array_equal(preview[..., -1], reduced(image[..., -1]))


def test_alpha_is_reduced_to_rounded_means() -> None:
    alpha = np.random.default_rng(4).integers(0, 256, (16, 11), np.uint8)
    means = reduced(alpha)
    assert means.shape == (2, 2)
    assert means[1, 0] == np.floor(alpha[8:, :8].mean() + 0.5)
    repeated = [*range(8, 11), *5 * [10]]
    assert means[0, 1] == np.floor(alpha[:8, repeated].mean() + 0.5)


def test_windows_leave_no_seam_in_a_preview(
    coffee: Samples, shipped: CodecModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = np.concatenate([coffee[:100], coffee[:100, ::-1]], axis=1)
    file = parse_file(encode_with(shipped, wide, quality=50))
    whole = decode_with(shipped, file, reduction=8).astype(int)
    monkeypatch.setattr(windows, "CORE_PIXELS", 128)
    pieces = decode_with(shipped, file, reduction=8)
    assert np.abs(whole - pieces).max() <= 1


def test_a_preview_needs_no_synthesis(coffee: Samples, untrained_path: Path) -> None:
    data = compress(coffee, model=untrained_path, threads=1)
    file = load_model(untrained_path)
    means_alone = CheckerboardArchitecture(file, engine=OnlyMeans(OnnxEngine(file)))
    fresh = CodecModel(file, architecture=means_alone)
    decode_with(fresh, parse_file(data), reduction=8)
    with pytest.raises(AttributeError, match="synthesize"):
        decode_with(fresh, parse_file(data))


class OnlyMeans:
    """An engine that knows the means and nothing else."""

    def __init__(self, engine: Engine) -> None:
        self.means = engine.means


def test_a_preview_as_an_image_keeps_the_metadata(
    photograph: Callable[[str], Image.Image], untrained_path: Path
) -> None:
    image = photograph("camera").crop((0, 0, 100, 50))
    image.info["xmp"] = b"<x/>"
    data = compress(image, model=untrained_path, threads=1)
    preview = decompress(data, preview=8, painter=untrained_path, threads=1)
    assert (preview.mode, preview.size) == ("L", (13, 7))
    assert preview.info["xmp"] == b"<x/>"


def test_other_previews_are_refused(coffee: Samples, untrained_path: Path) -> None:
    data = compress(coffee[:50, :50], model=untrained_path, threads=1)
    for preview in (0, 1, 2, 16):
        with pytest.raises(ValueError, match=f"preview {preview}, allowed 8"):
            decode(data, preview=preview, painter=untrained_path)
    with pytest.raises(ValueError, match="takes no region"):
        decompress(data, preview=8, region=(0, 0, 8, 8), painter=untrained_path)


def test_a_model_without_a_linear_part_cannot_draw_previews(
    untrained_path: Path,
) -> None:
    tensors = dict(load_model(untrained_path).tensors)
    name = "weights.synthesis.bypass.weight"
    weight = tensors.pop(name)
    with pytest.raises(ModelError, match=f"no tensor '{name}'"):
        LinearPart(tensors, latent_channels=64)
    with pytest.raises(ModelError, match="expected"):
        LinearPart({**tensors, name: weight[:, :-1]}, latent_channels=64)
    with pytest.raises(ModelError, match="not finite"):
        LinearPart({**tensors, name: weight + np.float16(np.inf)}, latent_channels=64)
    part = LinearPart({**tensors, name: weight}, latent_channels=64)
    with pytest.raises(ModelError, match="not finite"):
        part.draw(np.full((64, 4, 4), np.inf, np.float32))


def test_a_gain_that_leads_to_infinity_is_refused(untrained_path: Path) -> None:
    gain = np.full((8, 64), -6e4, np.float16)
    tensors = {**load_model(untrained_path).tensors, "weights.log_gain.knots": gain}
    model = Dequantizer(tensors, latent_channels=64, ladder=np.array(EVEN))
    symbols, quality = np.ones((64, 4, 4), np.int16), np.full((1, 1), 50, np.uint8)
    with pytest.raises(ModelError, match="not finite"):
        model.latents(symbols, symbols.astype(np.float32), quality)
