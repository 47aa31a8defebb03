"""Another painter draws the same symbols; another model cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec import ModelError, decompress, inspect, recover, verify
from vaecodec.api import decode, encode
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.image_coding import read_tile
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.format.container import parse_file
from vaecodec.models.library import load_model
from vaecodec.models.model_file import pack_model

Samples = NDArray[np.uint8]


@pytest.fixture(scope="module")
def other_painter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model with a synthesis that was trained a little differently."""
    file, rng = load_model(), np.random.default_rng(1)
    tensors = dict(file.tensors)
    for name, values in file.tensors.items():
        if name.startswith("weights.synthesis."):
            noise = rng.normal(1, 0.02, values.shape).astype(np.float16)
            tensors[name] = values * noise
    path = tmp_path_factory.mktemp("elsewhere") / "other.safetensors"
    path.write_bytes(pack_model(tensors, file.metadata))
    return path


@pytest.fixture(autouse=True)
def nowhere_to_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAECODEC_MODELS", "")


@pytest.fixture
def picture(coffee: Samples) -> Samples:
    return coffee[100:230, 200:400]


def test_another_painter_has_the_same_stream_id(other_painter: Path) -> None:
    usual, other = load_model(), load_model(other_painter)
    assert other.stream_id == usual.stream_id
    assert other.painter_id != usual.painter_id


def test_another_painter_draws_the_same_file_if_it_is_asked_to(
    picture: Samples, other_painter: Path
) -> None:
    data = encode(picture, 60, threads=1)
    usual, drawn = decode(data), decode(data, painter=other_painter)
    assert (usual != drawn).mean() > 0.1
    assert psnr_db(usual, drawn) > 25
    np.testing.assert_array_equal(decompress(data, painter=other_painter), drawn)
    image, damages = recover(data, painter=other_painter)
    np.testing.assert_array_equal(image, drawn)
    assert damages == []


def test_both_painters_are_given_the_same_symbols(
    picture: Samples, other_painter: Path
) -> None:
    file = parse_file(encode(picture, 60, threads=1))
    [tile] = tiles(file.header)
    one, other = (
        read_tile(model_to_compress(model, threads=1), file, tile)
        for model in (None, other_painter)
    )
    for part, same in zip(one.latents, other.latents, strict=True):
        np.testing.assert_array_equal(part, same)


def test_a_painter_that_is_missing_is_said_and_not_replaced(
    picture: Samples, other_painter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encode(picture, 60, model=other_painter, threads=1)
    painter_id = load_model(other_painter).painter_id.hex()
    assert inspect(data).painter_id == painter_id
    for reader in (decode, decompress, recover):
        with pytest.raises(ModelError, match=f"painter {painter_id}; .*: standard$"):
            reader(data)
    verify(data)  # symbols alone
    drawn = decode(data, painter=other_painter)
    assert (decode(data, painter="standard") != drawn).any()
    monkeypatch.setenv("VAECODEC_MODELS", str(other_painter.parent))
    np.testing.assert_array_equal(decode(data), drawn)


def test_a_model_of_other_symbols_is_refused_by_name(picture: Samples) -> None:
    data = encode(picture, 60, threads=1)
    ids = [load_model(name).stream_id.hex() for name in ("standard", "psnr")]
    message = f"made with model {ids[0]}, 'psnr' is model {ids[1]}"
    for reader in (decode, decompress, recover):
        with pytest.raises(ModelError, match=message):
            reader(data, painter="psnr")
    with pytest.raises(ModelError, match=message):
        verify(data, model="psnr")
