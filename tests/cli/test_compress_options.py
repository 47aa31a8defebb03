from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vaecodec import inspect
from vaecodec.cli import main
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.models.library import load_model


def fields(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """What compressing face.png anew reports."""
    assert main(["compress", "face.png", "-f", "--json", *words]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def face(name: str = "face.png") -> np.ndarray:
    with Image.open(name) as image:
        return np.asarray(image)


@pytest.mark.parametrize(
    ("text", "size"), [("2500", 2500), ("2.5k", 2500), ("3kB", 3000), ("0.003M", 3000)]
)
def test_a_size_is_met_and_not_exceeded(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, size: int
) -> None:
    reported = fields(capsys, "--target-size", text)["bytes"]
    assert reported == Path("face.vaec").stat().st_size
    assert 0.98 * size <= reported <= size


def test_a_rate_is_met_and_not_exceeded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reported = fields(capsys, "--target-bpp", "1.6")
    assert reported["bytes"] == Path("face.vaec").stat().st_size
    assert 0.98 * 1.6 <= 8 * int(str(reported["bytes"])) / (128 * 96) <= 1.6


def test_a_psnr_is_met_and_reported_when_verified(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reported = fields(capsys, "--target-psnr", "32.5", "--verify")["psnr"]
    assert main(["decompress", "face.vaec", "-o", "again.png", "--quiet"]) == 0
    assert reported == pytest.approx(psnr_db(face(), face("again.png")), abs=1e-3)
    assert 32.5 <= reported <= 1.02 * 32.5
    assert (
        main(["compress", "face.png", "-f", "--target-psnr", "32.5", "--verify"]) == 0
    )
    assert f", {reported:.2f} dB) in " in capsys.readouterr().err


def test_a_target_out_of_reach_is_exit_code_7_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "--target-size", "1M"]) == 7
    said = capsys.readouterr().err
    assert said.startswith("vaecodec: face.png: cannot make a file of 1,000,000 bytes")
    assert said.count("\n") == 1
    assert not Path("face.vaec").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (
            ["--target-size", "2k", "--target-bpp", "1"],
            "--target-bpp cannot be used together",
        ),
        (["--target-psnr", "30", "-q", "50"], "--quality and --target-psnr"),
        (["--target-size", "5 apples"], "'5 apples' is not a size"),
        (["--target-size", "0"], "'0' is not a size"),
        (["--target-size", "nan"], "'nan' is not a size"),
        (["--target-size", "9" * 400], "is not a size"),
        (["--target-psnr", "nan"], "nan is not in the range"),
        (["--target-psnr", "inf"], "inf is not in the range"),
        (["--target-bpp", "1e999"], "1e999 is not in the range"),
        (["--target-bpp", "1e308"], "1e308 is not in the range"),
        (["--threads", "9" * 30], "is not in the range 1<=x<=1024"),
        (["--target-bpp", "0"], "x>0"),
    ],
)
def test_targets_that_mean_nothing_are_bad_usage(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    assert main(["compress", "face.png", *words]) == 2
    assert reason in capsys.readouterr().err


def test_the_model_is_chosen_by_what_it_was_tuned_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {(): "standard", ("--tune", "eye"): "standard", ("--tune", "psnr"): "psnr"}
    for words, name in names.items():
        model = load_model(name)
        fields(capsys, *words)
        found = inspect(Path("face.vaec"))
        assert found.stream_id + found.painter_id == (
            model.stream_id.hex() + model.painter_id.hex()
        )
    assert main(["decompress", "face.vaec", "-o", "again.png"]) == 0


def test_tune_and_model_exclude_each_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "--tune", "eye", "--model", "psnr"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("vaecodec: --tune and --model cannot be used together")
    assert said.count("\n") == 1
    assert main(["compress", "face.png", "--tune", "ear"]) == 2
    assert "'eye', 'psnr'" in capsys.readouterr().err


def test_the_default_quality_is_70(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fields(capsys)["quality"] == 70


def test_metadata_is_kept_unless_stripped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    Image.fromarray(face()).save("face.png", exif=exif)
    for words, maker in (([], "Camera maker"), (["--strip"], None)):
        fields(capsys, *words)
        assert main(["decompress", "face.vaec", "-f", "-o", "again.png"]) == 0
        capsys.readouterr()
        with Image.open("again.png") as image:
            assert image.getexif().get(0x010F) == maker


def test_what_would_be_given_up_is_refused_unless_conversion_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(face()).convert("CMYK").save("face.tif")
    assert main(["compress", "face.tif"]) == 1
    assert "--convert" in capsys.readouterr().err
    assert main(["compress", "face.tif", "--convert"]) == 0
    note, line = capsys.readouterr().err.splitlines()
    assert note.startswith("vaecodec: face.tif: note: ")
    assert line.startswith("face.tif: 128x96, ")


def test_targets_hold_in_other_processes_too(tree: Path) -> None:
    words = ["in/a.png", "in/b.JPG", "-o", "out", "--quiet", "-j", "2"]
    assert main(["compress", *words, "--target-size", "600", "--verify"]) == 0
    for name in ("a", "b"):
        assert 588 <= Path("out", f"{name}.vaec").stat().st_size <= 600
