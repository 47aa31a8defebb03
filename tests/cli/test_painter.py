"""`decompress --painter`: another model draws what the file's symbols say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from vaecodec.cli import main
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.models.library import load_model
from vaecodec.models.model_file import pack_model, parse_model

BRIGHTER = "brighter.safetensors"


@pytest.fixture
def painter(compressed: Path) -> Path:
    """The shipped model, but what it draws is brighter."""
    model, name = load_model(), "weights.synthesis.leave.bias"
    bias = model.tensors[name]
    tensors = {**model.tensors, name: (bias + 0.05).astype(bias.dtype)}
    path = compressed.with_name(BRIGHTER)
    path.write_bytes(pack_model(tensors, model.metadata))
    return path


def decompressed(*words: str) -> np.ndarray:
    assert main(["decompress", "face.vaec", "-f", "-o", "out.png", *words]) == 0
    with Image.open("out.png") as image:
        return np.asarray(image)


def test_another_painter_draws_the_same_file_differently(painter: Path) -> None:
    own, other = decompressed(), decompressed("--painter", BRIGHTER)
    assert own.shape == other.shape
    assert 1 < other.mean() - own.mean() < 60
    assert psnr_db(own, other) > 12
    np.testing.assert_array_equal(other, vaecodec.decode("face.vaec", painter=painter))
    region = decompressed("--painter", BRIGHTER, "--region", "9,9,40,40")
    np.testing.assert_array_equal(region, other[9:49, 9:49])


def test_the_painter_also_draws_what_is_undamaged_of_a_file(painter: Path) -> None:
    other = decompressed("--painter", BRIGHTER)
    np.testing.assert_array_equal(
        decompressed("--painter", BRIGHTER, "--partial"), other
    )


def test_a_file_names_its_painter_and_both_read_the_same_symbols(
    painter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compress", "face.png", "-o", "other.vaec", "--model", BRIGHTER]
    assert main([*words, "--quiet"]) == 0
    own, other = map(vaecodec.inspect, ("face.vaec", "other.vaec"))
    assert own.stream_id == other.stream_id
    assert (
        own.painter_id
        != other.painter_id
        == parse_model(painter.read_bytes()).painter_id.hex()
    )
    # Every model of the stream checks the symbols; pictures need the painter.
    assert main(["verify", "other.vaec", "--quiet"]) == 0
    assert main(["decompress", "other.vaec"]) == 5
    line = only_line(capsys)
    assert line.startswith("vaecodec: other.vaec: no model with the painter ")
    assert line.endswith("if asked to: standard")
    assert main(["decompress", "other.vaec", "--painter", "standard"]) == 0


def test_a_painter_of_other_symbols_is_refused(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["decompress", "face.vaec", "-o", "out.png", "--painter", "psnr"]
    assert main(words) == 5
    line = only_line(capsys)
    assert load_model("standard").stream_id.hex() in line
    assert f"'psnr' is model {load_model('psnr').stream_id.hex()}" in line
    assert names(compressed.parent) == ["face.png", "face.vaec"]


@pytest.mark.parametrize("content", [None, b"no model", b""])
def test_a_painter_that_cannot_be_read_is_exit_code_5(
    compressed: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    if content is not None:
        Path("bad.safetensors").write_bytes(content)
    words = ["decompress", "face.vaec", "-o", "out.png"]
    assert main([*words, "--painter", "bad.safetensors"]) == 5
    assert "bad.safetensors" in only_line(capsys)
