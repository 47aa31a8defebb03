from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from vaecodec.cli import main

MODULE = "tests.benchmark.own_codecs"
OWN = f"{MODULE}:Works"


@pytest.fixture
def inside(
    folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """The folder above the pictures, as the current one."""
    monkeypatch.chdir(folder.parent)
    return folder.parent


def test_one_command_writes_results_a_plot_and_a_report(
    inside: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--quick", "--against", "jpeg", "--codec", OWN, "-q", "20,40,60,80"]
    assert main(["benchmark", "pictures", "--model", str(model), *words]) == 0
    output = inside / "vaecodec-benchmark"
    assert sorted(path.name for path in output.iterdir()) == [
        *("jpeg-420.json", "jpeg-444.json", "jpeg-baseline.json"),
        *("rate_distortion.png", "report.html", "results.csv", "summary.json"),
        *("tests.benchmark.own_codecs.Works.json", "vaecodec.json"),
    ]
    summary = json.loads((output / "summary.json").read_text("utf-8"))
    assert summary["folder"] == "pictures"
    said = capsys.readouterr().err
    heads, row = (
        next(line for line in said.splitlines() if line.startswith(name))
        for name in ("BD-rate against", "JPEG 4:4:4 ")
    )
    assert heads.split()[2:] == ["PSNR-RGB", "MS-SSIM", "SSIMULACRA2"]
    assert len(row.replace(" %", "").split()) == 2 + 3
    assert "worst by SSIMULACRA2: " in said
    assert said.endswith(f"report: {Path('vaecodec-benchmark', 'report.html')}\n")


def test_quiet_says_nothing(
    inside: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--quick", "--against", "", "--model", str(model), "--quiet"]
    assert main(["benchmark", "pictures", *words]) == 0
    assert tuple(capsys.readouterr()) == ("", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--against", "gif"], "'gif' is not one of avif, jpeg, jpeg2000, jxl, webp"),
        (["--codec", f"{MODULE}:CannotBeMade"], "RuntimeError: no licence"),
        (["--codec", "webp"], "'webp' is not MODULE:CLASS"),
        (["-q", "5,x"], "'5,x' is not a list of numbers and commas"),
        (["-q", "5,101"], "'5,101' is not within 0..100"),
        (["--codec", "nowhere:Codec"], "No module named 'nowhere'"),
        (["--codec", f"{OWN}Not"], "has no attribute 'WorksNot'"),
    ],
)
def test_bad_usage_is_one_line(
    words: list[str],
    message: str,
    inside: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["benchmark", "pictures", "--quiet", *words]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert message in said


def test_a_missing_model_ends_the_command_with_its_own_code(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benchmark", "pictures", "--quiet", "--model", "none.st"]) == 5
    assert "none.st" in capsys.readouterr().err


def test_a_folder_without_images_is_bad_usage(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inside / "empty").mkdir()
    assert main(["benchmark", "empty", "--quiet"]) == 2
    assert "no image" in capsys.readouterr().err


def test_a_picture_that_cannot_be_read_is_named(
    inside: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = inside / "pictures" / "broken.png"
    broken.write_bytes((inside / "pictures" / "face.png").read_bytes()[:200])
    words = ["--model", str(model), "--quiet", "--against", ""]
    assert main(["benchmark", "pictures", *words]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "broken.png: " in said


def test_a_missing_folder_is_named(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benchmark", "nowhere", "--quiet"]) == 3
    assert "nowhere: No such file" in capsys.readouterr().err


def test_help_loads_no_library_of_the_benchmark(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_python(
        "-c",
        "import sys\n"
        "from vaecodec.cli import commands\n"
        "commands.commands['benchmark'].make_context('benchmark', ['.'])\n"
        "heavy = {'numpy', 'PIL', 'scipy', 'torch', 'matplotlib', 'bjontegaard'}\n"
        "sys.exit(' '.join(heavy & {*sys.modules}) or 0)\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
