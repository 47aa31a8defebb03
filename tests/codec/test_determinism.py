"""Symbols are exact on every machine; pixels may differ by a level, and rarely do."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vaecodec.codec.codec_model import CodecModel
from vaecodec.codec.image_coding import decode_with, encode_with, read_symbols
from vaecodec.codec.tiling import tiles
from vaecodec.engine.onnx_engine import OnnxEngine
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.entropy.latent_coder import LatentCoder
from vaecodec.format.container import ImageFile, parse_file
from vaecodec.model.torch_engine import TorchEngine
from vaecodec.weights.library import load_model
from vaecodec.weights.model_file import ModelFile

Samples = NDArray[np.uint8]
BOUND = 1  # levels of a sample; FORMAT.md, section 10
SHARE = 0.999  # of the samples

SETTINGS: dict[str, Callable[[ModelFile], CodecModel]] = {
    "1 thread": lambda file: CodecModel(file, engine=OnnxEngine(file, threads=1)),
    "2 threads": lambda file: CodecModel(file, engine=OnnxEngine(file, threads=2)),
    "not optimised": lambda file: CodecModel(
        file, engine=OnnxEngine(file, threads=1, optimize=False)
    ),
    "PyTorch": lambda file: CodecModel(file, engine=TorchEngine(file)),
    "plain Python": lambda file: CodecModel(
        file,
        engine=OnnxEngine(file, threads=1),
        coder=LatentCoder(file.tensors, coder=PythonCoder),
    ),
}
QUALITIES = (5, 60, 100)


@pytest.fixture(scope="module", params=["untrained", "shipped"])
def machines(request: pytest.FixtureRequest) -> dict[str, CodecModel]:
    """One model in every setting."""
    if request.param == "shipped":
        file = load_model()
    else:
        file = load_model(request.getfixturevalue("untrained_path"))
    return {name: make(file) for name, make in SETTINGS.items()}


@pytest.fixture(scope="module")
def files(
    machines: dict[str, CodecModel], picture: Samples
) -> dict[tuple[str, int], ImageFile]:
    """The picture, compressed with every setting at every quality."""
    return {
        (name, quality): parse_file(encode_with(model, picture, quality=quality))
        for name, model in machines.items()
        for quality in QUALITIES
    }


@pytest.fixture(scope="module")
def picture(photograph: Callable[[str], Any]) -> Samples:
    """RGB, uint8 [150, 230, 3]."""
    return np.array(photograph("chelsea"))[60:210, 80:310]


def test_every_setting_decodes_the_same_symbols_from_every_file(
    machines: dict[str, CodecModel], files: dict[tuple[str, int], ImageFile]
) -> None:
    for file in files.values():
        [tile] = tiles(file.header)
        one, *others = (read_symbols(model, file, tile) for model in machines.values())
        for other in others:
            np.testing.assert_array_equal(one.hyper_symbols, other.hyper_symbols)
            np.testing.assert_array_equal(one.latent_symbols, other.latent_symbols)


def test_every_setting_decodes_pixels_within_the_bound(
    machines: dict[str, CodecModel], files: dict[tuple[str, int], ImageFile]
) -> None:
    for file in files.values():
        images = [decode_with(model, file).astype(int) for model in machines.values()]
        for one, other in itertools.combinations(images, 2):
            assert (np.abs(one - other) <= BOUND).mean() >= SHARE


def test_the_coders_write_the_same_bytes(
    files: dict[tuple[str, int], ImageFile],
) -> None:
    for quality in QUALITIES:
        one, other = files["1 thread", quality], files["plain Python", quality]
        assert one.payloads == other.payloads


def test_settings_write_files_of_nearly_the_same_size(
    files: dict[tuple[str, int], ImageFile],
) -> None:
    # Ties that round the other way change a few symbols, and nothing else may.
    for quality in QUALITIES:
        sizes = [len(files[name, quality].payloads[0]) for name in SETTINGS]
        assert max(sizes) <= 1.01 * min(sizes) + 8
