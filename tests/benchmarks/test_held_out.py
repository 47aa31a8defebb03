from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.held_out import main, pictures
from benchmarks.image_sets import compare_codecs, lines
from tests.benchmark.synthetic import make_image, make_point
from tests.codec.untrained_model import untrained_model
from vaecodec.benchmark.codecs import make_codec
from vaecodec.benchmark.metrics import COMPARED
from vaecodec.benchmark.records import ImageResult
from vaecodec.training.photographs import split_files


@pytest.fixture
def folder(
    tmp_path: Path, astronaut: NDArray[np.uint8], coffee: NDArray[np.uint8]
) -> Path:
    """Two parts of photographs, 128x96 pixels."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, samples in {"face": astronaut[60:], "cup": coffee[100:]}.items():
        Image.fromarray(samples[:96, 200:328]).save(folder / f"{name}.png")
    return folder


def row(name: str, scale: float) -> ImageResult:
    """An image whose rate doubles every 3 dB, times `scale`."""
    points = [
        make_point(q, scale * 0.1 * 2 ** (q / 20), scores={"psnr-rgb": 28 + q / 7})
        for q in range(0, 99, 20)
    ]
    return make_image(name, *points)


def test_one_run_compares_with_other_codecs_on_every_image(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "untrained.safetensors"
    model.write_bytes(untrained_model())
    words = ["screens", str(folder), "--model", str(model), "-o", str(tmp_path)]
    assert main(words) == 0
    result = json.loads((tmp_path / "screens.json").read_text())
    assert result["image_count"] == 2
    assert [*result["models"]] == ["vaecodec"]
    # No MS-SSIM: the pictures are too small for it.
    assert [*filter(result["bd_rates"].get, COMPARED)] == ["psnr-rgb", "ssimulacra2"]
    rows = result["bd_rates"]["ssimulacra2"]["vaecodec"]
    assert [*rows] == ["jpeg-420", "jpeg-444", "webp", "jxl", "avif-444"]
    for found in rows.values():
        assert [*found["by_image"]["images"]] == ["cup.png", "face.png"]
    for means in result["means"].values():
        assert len(means) == 7
        assert [m["bpp"] for m in means] == sorted(m["bpp"] for m in means)
    said = capsys.readouterr().out
    assert "JPEG 4:4:4 " in said
    assert "worst by PSNR-RGB: " in said


def test_the_worst_image_is_the_one_with_most_bits_for_the_same_psnr() -> None:
    codecs = {key: make_codec(key) for key in ("vaecodec", "webp")}
    good, bad = row("good.png", 0.5), row("bad.png", 1.2)
    rows = {
        "vaecodec": [good, bad],
        "webp": [row("good.png", 1.0), row("bad.png", 1.0)],
    }
    result = compare_codecs("screens", rows, codecs, ["psnr-rgb"])
    found = result.bd_rates["psnr-rgb"]["vaecodec"]["webp"]
    assert found.percent == pytest.approx(100 * (1.7 / 2 - 1), abs=0.001)
    assert found.by_image.worst_image == "bad.png"
    assert [*lines(result)][-1] == "worst by PSNR-RGB: bad.png, +20.0 % against WebP"


def test_photographs_are_those_that_training_holds_back(
    tmp_path: Path, folder: Path
) -> None:
    for number in range(20):
        Image.new("RGB", (8, 8)).save(folder / f"{number}.png")
    training, validation = split_files([folder])
    assert pictures("photographs", [folder]) == validation
    assert not {*training} & {*validation}
    assert sorted([*training, *validation]) == pictures("screens", [folder])
