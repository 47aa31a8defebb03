"""Lossless files, asked for or not: `--lossless`, `--no-lossless` and neither."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.codec.lossless.test_estimate import PHOTOGRAPHS, drawing
from vaecodec.cli import main

Capture = pytest.CaptureFixture[str]


def same(one: str, other: str) -> bool:
    with Image.open(one) as first, Image.open(other) as second:
        return first.mode == second.mode and first.tobytes() == second.tobytes()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_text_is_kept_lossless_unasked_where_that_is_smaller_and_the_line_says_so(
    folder: Path, capsys: Capture, mode: str
) -> None:
    image = drawing(480, 320, mode)
    image.save("text.png")
    image.save("text.webp", lossless=True)
    assert main(["compress", "text.png"]) == 0
    assert "(lossless, which is smaller, " in capsys.readouterr().err
    assert Path("text.vaec").stat().st_size <= Path("text.webp").stat().st_size + 60
    assert main(["decompress", "text.vaec", "-o", "again.png"]) == 0
    assert "(lossless, " in capsys.readouterr().err
    assert same("text.png", "again.png")


@pytest.mark.parametrize(
    "options", [["--no-lossless"], ["--model", "standard"], ["-q", "0"]]
)
def test_it_is_not_where_that_is_unwanted_or_larger(
    folder: Path, capsys: Capture, options: list[str]
) -> None:
    drawing(480, 320).save("text.png")
    assert main(["compress", "text.png", *options]) == 0
    assert "lossless" not in capsys.readouterr().err
    assert not vaecodec.inspect("text.vaec").lossless


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_not(
    folder: Path, name: str, request: pytest.FixtureRequest
) -> None:
    Image.fromarray(request.getfixturevalue(name)).save("photo.png")
    assert main(["compress", "photo.png", "-q", "100"]) == 0
    assert not vaecodec.inspect("photo.vaec").lossless


def test_a_target_may_be_met_by_a_smaller_lossless_file(folder: Path) -> None:
    drawing(480, 320).save("text.png")
    assert main(["compress", "text.png", "--target-psnr", "30"]) == 0
    assert vaecodec.inspect("text.vaec").lossless


def test_a_photograph_is_kept_lossless_when_that_is_asked_for(
    folder: Path, photograph: Callable[[str], Image.Image], capsys: Capture
) -> None:
    photograph("chelsea").save("photo.png")
    words = ["compress", "photo.png", "--lossless", "--verify", "--json"]
    assert main(words) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["lossless"], facts["instead_of_lossy"]) == (True, False)
    assert (facts["quality"], facts["psnr"]) == (100, 100)
    assert main(["verify", "photo.vaec"]) == 0
    assert main(["info", "photo.vaec"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["lossless", "True"] in lines
    assert ["lossless", "tiles", "1", "learned"] in lines


@pytest.mark.parametrize(
    "option",
    [
        ["-q", "50"],
        ["--tune", "psnr"],
        ["--model", "psnr"],
        ["--target-size", "20k"],
        ["--roi", "0,0,64,64:90"],
        ["-e", "3"],
    ],
)
def test_options_that_mean_nothing_without_loss_are_refused(
    folder: Path, capsys: Capture, option: list[str]
) -> None:
    drawing(40, 40).save("text.png")
    assert main(["compress", "text.png", "--lossless", *option]) == 2
    assert "cannot be used together" in capsys.readouterr().err
    assert not Path("text.vaec").exists()


def test_damage_is_shown_and_named_as_in_other_files(
    folder: Path, photograph: Callable[[str], Image.Image], capsys: Capture
) -> None:
    image = photograph("astronaut").resize((1100, 1000))
    image.save("photo.png")
    assert main(["compress", "photo.png", "--lossless", "-e", "1"]) == 0
    data = bytearray(Path("photo.vaec").read_bytes())
    data[-9] ^= 1
    Path("photo.vaec").write_bytes(data)
    assert main(["verify", "photo.vaec"]) == 1
    words = ["decompress", "photo.vaec", "-o", "again.png", "--partial"]
    capsys.readouterr()
    assert main(words) == 4
    assert "1 damaged tile is filled: 1024,0,76,1000" in capsys.readouterr().err
    with Image.open("again.png") as again:
        found, expected = np.asarray(again), np.asarray(image)
    assert np.array_equal(found[:, :1024], expected[:, :1024])


def test_reading_a_drawing_needs_neither_a_model_nor_an_engine(
    folder: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    drawing(480, 320).save("text.png")
    assert main(["compress", "text.png", "--lossless"]) == 0
    code = (
        "import sys, vaecodec.cli\n"
        "for words in (['decompress', '-f'], ['verify'], ['info']):\n"
        "    assert vaecodec.cli.main([*words, 'text.vaec']) == 0\n"
        "names = 'onnxruntime', 'torch', 'constriction'\n"
        "print([name for name in names if name in sys.modules])\n"
        "from vaecodec.models import library\n"
        "print(library._read_model.cache_info().currsize)\n"
    )
    run = run_python("-c", code)
    assert run.stdout.splitlines()[-2:] == ["[]", "0"], run.stderr


def test_a_largest_error_is_kept_and_said_in_every_line(
    folder: Path, photograph: Callable[[str], Image.Image], capsys: Capture
) -> None:
    photograph("chelsea").save("photo.png")
    assert main(["compress", "photo.png", "--max-error", "3"]) == 0
    assert "(largest error 3, " in capsys.readouterr().err
    assert main(["decompress", "photo.vaec", "-o", "again.png"]) == 0
    assert "(largest error 3, " in capsys.readouterr().err
    assert main(["info", "photo.vaec"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["lossless", "False"] in lines
    assert ["max", "error", "3"] in lines
    with Image.open("again.png") as again, Image.open("photo.png") as photo:
        difference = np.asarray(again).astype(int) - np.asarray(photo)
    assert np.abs(difference).max() == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--max-error", "200"], "max_error 200, allowed 0..127"),
        (["--max-error", "2", "--lossless"], "cannot be used together"),
        (["--max-error", "2", "-q", "40"], "cannot be used together"),
    ],
)
def test_a_largest_error_that_makes_no_sense_is_bad_usage(
    folder: Path, capsys: Capture, options: list[str], message: str
) -> None:
    drawing(40, 40).save("text.png")
    assert main(["compress", "text.png", *options]) == 2
    assert message in capsys.readouterr().err
    assert not Path("text.vaec").exists()
