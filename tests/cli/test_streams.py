from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.conftest import ROOT
from vaecodec.cli import main

Feed = Callable[[bytes], None]


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    """Put bytes on standard input."""

    def put(data: bytes) -> None:
        stream = io.TextIOWrapper(io.BytesIO(data))
        monkeypatch.setattr(sys, "stdin", stream)

    return put


def test_a_picture_goes_through_pipes_both_ways(
    compressed: Path, feed: Feed, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    feed(Path("face.png").read_bytes())
    assert main(["compress", "-"]) == 0
    said = capfdbinary.readouterr()
    assert said.out == compressed.read_bytes()
    assert said.err.startswith(b"-: 128x96, ")

    feed(said.out)
    assert main(["decompress", "-", "--quiet"]) == 0
    said = capfdbinary.readouterr()
    assert said.err == b""
    with Image.open(io.BytesIO(said.out)) as image:
        assert image.format == "PNG"
        expected = vaecodec.decompress(compressed.read_bytes())
        np.testing.assert_array_equal(np.asarray(image), np.asarray(expected))


def test_files_and_pipes_may_be_mixed(
    compressed: Path, feed: Feed, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    feed(Path("face.png").read_bytes())
    assert main(["compress", "-", "-o", "piped.vaec", "--json"]) == 0
    fields = json.loads(capfdbinary.readouterr().out)
    assert (fields["file"], fields["output"]) == ("-", "piped.vaec")
    assert Path("piped.vaec").read_bytes() == compressed.read_bytes()
    words = ["decompress", "face.vaec", "-o", "-", "--format", "bmp", "--quiet"]
    assert main(words) == 0
    assert capfdbinary.readouterr().out.startswith(b"BM")


def test_info_and_verify_read_standard_input(
    compressed: Path, feed: Feed, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(compressed.read_bytes())
    assert main(["info", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["width"] == 128
    feed(compressed.read_bytes())
    assert main(["verify", "-"]) == 0
    assert capsys.readouterr().err == "-: undamaged\n"
    feed(compressed.read_bytes()[:-1])
    assert main(["verify", "-"]) == 1
    assert capsys.readouterr().err.startswith("vaecodec: -: ")


@pytest.mark.parametrize("size", [0, 9000])
def test_an_input_that_ends_early_gives_no_output(
    folder: Path, feed: Feed, capfdbinary: pytest.CaptureFixture[bytes], size: int
) -> None:
    feed(Path("face.png").read_bytes()[:size])
    assert main(["compress", "-"]) == 1
    said = capfdbinary.readouterr()
    assert said.out == b""
    assert said.err.startswith(b"vaecodec: -: not a readable image")


def test_json_and_a_result_cannot_share_standard_output(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "-o", "-", "--json"]) == 2
    assert "--json" in capsys.readouterr().err


def run_in_shell(script: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", script.replace("vaecodec", f"'{sys.executable}' -m vaecodec")],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.skipif(os.name != "posix", reason="for shells of POSIX systems")
@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("vaecodec compress - <&-", 3, b"vaecodec: -: standard input is closed\n"),
        (
            "vaecodec compress --quiet face.png -o - >/dev/full",
            3,
            b"vaecodec: -: No space left on device\n",
        ),
        ("vaecodec info face.vaec | true", 0, b"vaecodec: -: Broken pipe\n"),
        (
            "vaecodec compress --quiet face.png -o - | true",
            0,
            b"vaecodec: -: Broken pipe\n",
        ),
        ("vaecodec --help >/dev/full", 3, b"vaecodec: -: No space left on device\n"),
        ("vaecodec info face.vaec >&-", 3, b"vaecodec: -: standard output is closed\n"),
        ("vaecodec compress -f face.png 2>/dev/full", 0, b""),
        ("vaecodec compress -f face.png <&- >&- 2>&-", 0, b""),
    ],
)
def test_streams_that_end_are_one_line_at_most(
    compressed: Path, script: str, code: int, said: bytes
) -> None:
    done = run_in_shell(script)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", said)


def sink(kind: str) -> TextIO:
    """A stream that takes nothing: a full disk, or a pipe that nobody reads."""
    if kind == "full":
        return open("/dev/full", "w")
    read_end, write_end = os.pipe()
    os.close(read_end)
    return os.fdopen(write_end, "w")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("full", "No space left on device"),
        ("pipe", "Broken pipe"),
        ("closed", "standard output is closed"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        ["info", "face.vaec"],
        ["info", "--json", "face.vaec", "again.vaec"],
        ["models"],
        ["models", "--json"],
        ["compress", "--json", "face.png", "-o", "new.vaec"],
        ["decompress", "--json", "face.vaec", "again.vaec", "-o", "new"],
        ["verify", "--json", "face.vaec", "again.vaec"],
    ],
    ids=" ".join,
)
def test_results_that_cannot_be_told_are_one_line_and_the_work_goes_on(
    compressed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    kind: str,
    reason: str,
) -> None:
    Path("again.vaec").write_bytes(compressed.read_bytes())
    stream = None if kind == "closed" else sink(kind)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(words) == 3
    assert capsys.readouterr().err == f"vaecodec: -: {reason}\n"
    if "new" in words:
        assert len(list(Path("new").iterdir())) == 2
    if stream:
        stream.close()  # raises if anything is left to write


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("kind", ["full", "pipe"])
def test_what_cannot_be_said_stops_nothing(
    compressed: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    stream = sink(kind)
    monkeypatch.setattr(sys, "stderr", stream)
    words = ["decompress", "face.vaec", "missing.vaec", "face.vaec", "-o", "new"]
    assert main(words) == 3
    assert Path("new/face.png").is_file()
    stream.close()  # raises if anything is left to write


def test_a_file_is_not_taken_for_a_closed_stream(compressed: Path) -> None:
    script = (
        "import os, sys; os.close(1); os.close(2); sys.stdout = sys.stderr = None\n"
        "from vaecodec.cli import main\n"
        "main(['verify', 'face.vaec']); print(os.open('face.png', os.O_RDONLY) > 2, "
        "file=open('answer', 'w'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert Path("answer").read_text() == "True\n"
