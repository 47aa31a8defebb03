from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from vaecodec.cli import main
from vaecodec.format import ImageHeader, Metadata, pack_file
from vaecodec.format.chunks import parse_chunk


def test_a_photograph_goes_out_and_comes_back(folder: Path) -> None:
    assert main(["compress", "face.png", "-q", "80"]) == 0
    assert main(["decompress", "face.vaec", "-o", "again.png"]) == 0
    before = np.asarray(Image.open("face.png"), np.float64)
    after = np.asarray(Image.open("again.png"), np.float64)
    assert before.shape == after.shape
    assert np.mean((before - after) ** 2) < 100
    assert names(folder) == ["again.png", "face.png", "face.vaec"]


def test_a_gray_photograph_comes_back_gray(
    folder: Path, camera: NDArray[np.uint8]
) -> None:
    Image.fromarray(camera[:64, :80]).save("gray.png")
    assert main(["compress", "gray.png"]) == 0
    assert main(["decompress", "gray.vaec", "-o", "again.png"]) == 0
    with Image.open("again.png") as image:
        assert (image.mode, image.size) == ("L", (80, 64))


def test_one_line_says_size_bytes_rate_and_time(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "-q", "40"]) == 0
    size = Path("face.vaec").stat().st_size
    rate = f"{8 * size / (128 * 96):.3f} bpp"
    before = Path("face.png").stat().st_size
    sizes = [f"{before / 1000:.3g} kB", f"{size} B"]
    start = f"face.png: 128x96, {sizes[0]} -> {sizes[1]} ({rate}, {before / size:.1f}x)"
    assert only_line(capsys).startswith(start)
    assert main(["decompress", "face.vaec", "-f", "-o", "again.png"]) == 0
    start = f"face.vaec: 128x96, {sizes[1]} -> "
    assert only_line(capsys).startswith(start)


def test_quiet_says_nothing(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compress", "face.png", "-f", "--quiet"]) == 0
    assert main(["decompress", "face.vaec", "-f", "--quiet", "-o", "again.png"]) == 0
    assert main(["verify", "face.vaec", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_higher_quality_makes_a_larger_file(folder: Path) -> None:
    for quality in ("0", "50", "100"):
        assert main(["compress", "face.png", "-q", quality, "-o", quality]) == 0
    sizes = [Path(quality).stat().st_size for quality in ("0", "50", "100")]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("suffix", [".ppm", ".bmp", ".tiff", ".webp", ".PNG"])
def test_every_lossless_format_holds_the_same_pixels(
    compressed: Path, suffix: str
) -> None:
    for output in ("expected.png", f"other{suffix}"):
        assert main(["decompress", "face.vaec", "-o", output]) == 0
    with Image.open("expected.png") as one, Image.open(f"other{suffix}") as two:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))


def test_a_lossy_output_format_is_bad_usage(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decompress", "face.vaec", "-o", "face.jpg"]) == 2
    assert ".png .ppm" in only_line(capsys)


@pytest.mark.parametrize("command", ["compress", "decompress", "info", "verify"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.vaec", "No such file or directory"),
        ("inner", "is a folder (-r takes the files in it)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    name: str,
    reason: str,
) -> None:
    (folder / "inner").mkdir()
    assert main([command, name]) == 3
    assert only_line(capsys) == f"vaecodec: {name}: {reason}"


@pytest.mark.parametrize("command", ["compress", "decompress", "info", "verify"])
@pytest.mark.parametrize(
    "content",
    [b"", b"Dear diary,\n", bytes(1000), b"\x8bVAEC\r\n\x02"],
    ids=["empty", "text", "zeros", "magic alone"],
)
def test_data_of_another_kind_is_one_line_and_exit_code_1(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, content: bytes
) -> None:
    (folder / "some.file").write_bytes(content)
    assert main([command, "some.file"]) == 1
    assert only_line(capsys).startswith("vaecodec: some.file: ")
    assert names(folder) == ["face.png", "some.file"]


@pytest.mark.parametrize("command", ["decompress", "verify"])
@pytest.mark.parametrize("position", [8, 30, -1], ids=["header", "payload", "end"])
def test_one_flipped_bit_is_refused(
    compressed: Path, capsys: pytest.CaptureFixture[str], command: str, position: int
) -> None:
    damaged = bytearray(compressed.read_bytes())
    damaged[position] ^= 1
    Path("damaged.vaec").write_bytes(damaged)
    assert main([command, "damaged.vaec"]) == 1
    assert only_line(capsys).startswith("vaecodec: damaged.vaec: ")


def test_an_image_cut_short_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("half.png").write_bytes(Path("face.png").read_bytes()[:9000])
    assert main(["compress", "half.png"]) == 1
    assert only_line(capsys).startswith("vaecodec: half.png: ")


def test_a_missing_model_is_exit_code_5(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.safetensors").write_bytes(b"not a model")
    assert main(["compress", "face.png", "--model", "bad.safetensors"]) == 5
    assert "bad.safetensors" in only_line(capsys)
    assert names(folder) == ["bad.safetensors", "face.png"]


def test_a_name_with_a_line_break_is_still_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", "two\nlines\x1b[31m"]) == 3
    expected = "vaecodec: two\ufffdlines\ufffd[31m: No such file or directory"
    assert only_line(capsys) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["compress", "face.png", "-q", "101"], "101 is not in the range 0<=x<=100"),
        (
            ["compress", "face.png", "--threads", "0"],
            "0 is not in the range 1<=x<=1024",
        ),
        (["compress"], "Missing argument 'FILE...'"),
        (["compress", "face.png", "--sharper"], "--sharper"),
        (["enlarge", "face.png"], "enlarge"),
        (["verify"], "Missing argument 'FILE...'"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    assert main(words) == 2
    line = only_line(capsys)
    assert line.startswith("vaecodec: ")
    assert reason in line


def test_info_reads_the_header(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", "face.vaec", "--json"]) == 0
    fields = json.loads(capsys.readouterr().out)
    size = compressed.stat().st_size
    assert (fields["width"], fields["height"], fields["channels"]) == (128, 96, 3)
    assert (fields["quality"], fields["file_size"]) == (70, size)
    assert fields["bits_per_pixel"] == pytest.approx(8 * size / (128 * 96))
    ids = fields["stream_id"], fields["painter_id"]
    assert [len(bytes.fromhex(text)) for text in ids] == [8, 4]
    assert (fields["format_version"], fields["bit_depth"]) == (2, 8)
    assert main(["info", "face.vaec"]) == 0
    text = capsys.readouterr().out
    names = ("width", "height", "stream_id", "painter_id", "rounds")
    assert all(str(fields[name]) in text for name in names)


def test_info_names_the_channels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = np.zeros((8, 9, 6), np.uint8)
    roles = ["red", "green", "blue", "other", "other", "alpha"]
    Path("six.vaec").write_bytes(vaecodec.encode(samples, roles=roles, lossless=True))
    assert main(["info", "six.vaec", "--json"]) == 0
    fields = json.loads(capsys.readouterr().out)
    assert (fields["channels"], fields["roles"]) == (6, roles)
    assert main(["info", "six.vaec"]) == 0
    assert "red, green, blue, other, other, alpha\n" in capsys.readouterr().out
    assert main(["decompress", "six.vaec"]) == 1
    assert "no image has these (vaecodec.decode returns" in only_line(capsys)
    assert not Path("six.png").exists()


def test_info_says_which_metadata_a_file_holds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = ImageHeader(8, 8, 3, 50, 6, 1, b"a stream", bytes(4))
    metadata = Metadata(icc_profile=bytes(3000), xmp=b"<x/>")
    data = pack_file(header, [[bytes(300)]], metadata=metadata)
    # What comes before the tiles is enough.
    Path("start.vaec").write_bytes(data[:-250])
    assert main(["info", "start.vaec", "--json"]) == 0
    fields = json.loads(capsys.readouterr().out)
    found = [fields[f"{name}_bytes"] for name in ("icc_profile", "exif", "xmp")]
    assert found == [3000, 0, 4]
    assert main(["info", "start.vaec"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[-4:-1] == [
        ["ICC", "profile", "3000", "bytes"],
        ["Exif", "none"],
        ["XMP", "4", "bytes"],
    ]


def test_info_says_in_one_line_that_metadata_is_damaged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = ImageHeader(8, 8, 3, 50, 6, 1, b"a stream", bytes(4))
    data = pack_file(header, [[b"."]], metadata=Metadata(xmp=b"<x/>" * 9))
    Path("bad.vaec").write_bytes(data.replace(b"x", b"y", 1))
    Path("short.vaec").write_bytes(data[:40])
    assert main(["info", "bad.vaec"]) == 1
    place = parse_chunk(data, 8).end  # behind the header
    reason = f"bad.vaec: at byte {place}: chunk 'y' is damaged"
    assert reason in only_line(capsys)
    assert main(["info", "short.vaec"]) == 1
    assert "the file ends after 40 bytes" in only_line(capsys)


def test_verify_looks_at_every_file_and_exits_with_the_highest_code(
    compressed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("short.vaec").write_bytes(compressed.read_bytes()[:-1])
    assert main(["verify", "short.vaec", "missing.vaec", "face.vaec"]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[-2] for line in lines[1:3]] == [
        "missing.vaec",
        "face.vaec",
    ]
    assert lines[0].startswith("vaecodec: short.vaec: ")
    assert lines[2] == "face.vaec: undamaged"
    assert lines[3].startswith("3 files: 1 undamaged, 2 failed in ")


def test_what_is_not_stored_is_noted_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Image.open("face.png") as image:
        image.convert("L").save("scan.jpg", comment="A remark", dpi=(300, 300))
    assert main(["compress", "scan.jpg"]) == 0
    note, result = capsys.readouterr().err.splitlines()
    kept = "not kept: the comment, the resolution of 300 dpi"
    assert note == f"vaecodec: scan.jpg: note: {kept}"
    assert result.startswith("scan.jpg: 128x96, ")


def test_a_result_larger_than_the_image_file_is_noted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Image.open("face.png") as image:
        image.save("tiny.webp", quality=0)
    assert main(["compress", "tiny.webp", "-q", "100"]) == 0
    note = "vaecodec: tiny.webp: note: not smaller than the image file"
    assert capsys.readouterr().err.startswith(note)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["info", "face.vaec"]])
def test_a_quick_command_starts_no_numpy_and_no_engine(
    compressed: Path,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
    words: list[str],
) -> None:
    done = run_python(
        "-c",
        "import sys; from vaecodec.cli import main\n"
        f"code = main({words!r})\n"
        "heavy = {'numpy', 'PIL', 'onnxruntime', 'constriction', 'torch'}\n"
        "sys.exit(code or ' '.join(heavy & {*sys.modules}) or 0)\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout != ""


def test_a_command_for_one_file_loads_nothing_for_several(
    compressed: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = run_python(
        "-c",
        "import sys; from vaecodec.cli import main\n"
        "code = main(['decompress', '-f', '--quiet', 'face.vaec'])\n"
        "several = {'multiprocessing', 'concurrent.futures'}\n"
        "sys.exit(code or ' '.join(several & {*sys.modules}) or 0)\n",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_runs_as_a_program_and_shows_no_traceback(
    folder: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = run_python("-m", "vaecodec", "info", "face.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("vaecodec: face.png: ")
    assert done.stderr.count("\n") == 1
