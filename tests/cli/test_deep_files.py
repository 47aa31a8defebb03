"""Files of more than 8 bits on the command line: in, through, and out again."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from tests.codec.deep_pictures import avif_of, deep_picture
from tests.codec.image_files import deep_png, with_chunks
from vaecodec.cli import main
from vaecodec.cli.image_formats import pack_image
from vaecodec.codec.pictures.picture import Picture, read_picture
from vaecodec.codec.search.distortion import psnr_db
from vaecodec.format.metadata import Metadata

NOISE = np.random.default_rng(5).integers(0, 1 << 16, (33, 40, 4), np.uint16)
SMOOTH = deep_picture(50, 70, 4, 16)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [9, 10, 12, 16])
@pytest.mark.parametrize("drawn", [NOISE, SMOOTH], ids=["noise", "smooth"])
def test_a_png_file_holds_every_sample_of_every_depth(
    drawn: np.ndarray, depth: int, channels: int
) -> None:
    samples = drawn[..., :channels] >> (16 - depth)
    picture = Picture(samples[..., 0] if channels == 1 else samples, depth=depth)
    again = read_picture(pack_image(picture, ".png"))
    assert again.depth == depth
    np.testing.assert_array_equal(again.samples, picture.samples)


@pytest.mark.parametrize("suffix", [".ppm", ".pgm"])
def test_a_ppm_file_holds_every_sample_with_the_same_depth(suffix: str) -> None:
    samples = NOISE[..., 0] >> 4
    again = read_picture(pack_image(Picture(samples, depth=12), suffix))
    assert again.depth == 12
    channel = again.samples if suffix == ".pgm" else again.samples[..., 2]
    np.testing.assert_array_equal(channel, samples)


def test_smooth_samples_are_filtered_and_become_small() -> None:
    picture = Picture(deep_picture(300, 400, 3, 16), depth=16)
    packed = pack_image(picture, ".png")
    assert len(packed) < picture.samples.nbytes / 3
    np.testing.assert_array_equal(read_picture(packed).samples, picture.samples)


@pytest.mark.parametrize("suffix", [".bmp", ".webp"])
def test_other_formats_are_refused_by_name(suffix: str) -> None:
    picture = Picture(NOISE[..., :3] >> 6, depth=10)
    with pytest.raises(OSError, match=f"^{suffix} cannot hold 10 bits"):
        pack_image(picture, suffix)


def test_a_png_file_of_16_bits_has_the_metadata_of_the_picture() -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0"
    metadata = Metadata(icc_profile=b"profile", exif=exif, xmp=b"<x/>")
    packed = pack_image(Picture(SMOOTH, metadata, depth=16), ".png")
    assert read_picture(packed).metadata == metadata


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_file_of_16_bits_comes_back_as_one(
    folder: Path, channels: int, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = SMOOTH[..., :channels]
    Path("deep.png").write_bytes(deep_png(samples))
    assert main(["compress", "-q", "90", "--verify", "deep.png"]) == 0
    assert float(only_line(capsys).split(" dB")[0].split()[-1]) > 30
    assert main(["decompress", "deep.vaec", "-o", "again.png"]) == 0
    again = read_picture(Path("again.png"))
    expected = vaecodec.decode("deep.vaec")
    assert again.depth == 16
    np.testing.assert_array_equal(again.samples, expected)
    with Image.open("again.png") as image:  # as others read it
        upper = np.asarray(image)
        if channels == 3:
            np.testing.assert_array_equal(upper, expected >> 8)


def test_info_says_the_depth_and_the_code_points(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = Picture(SMOOTH >> 4, Metadata(code_points=b"\x09\x10\0\1"), depth=12)
    Path("deep.vaec").write_bytes(vaecodec.compress(picture))
    assert main(["info", "deep.vaec"]) == 0
    assert "code points     9/16/0/1\n" in capsys.readouterr().out
    assert main(["info", "deep.vaec", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["bit_depth"], facts["code_points"]) == (12, [9, 16, 0, 1])


def test_a_png_file_of_hdr_comes_back_with_its_colours(folder: Path) -> None:
    points, light = b"\x09\x10\0\1", struct.pack(">2I", 10_000_000, 4_000_000)
    png = with_chunks(deep_png(SMOOTH[..., :3]), (b"cICP", points), (b"cLLI", light))
    Path("hdr.png").write_bytes(png)
    assert main(["compress", "hdr.png"]) == 0
    assert main(["decompress", "hdr.vaec", "-o", "again.png"]) == 0
    metadata = read_picture(Path("again.png")).metadata
    assert metadata == Metadata(code_points=points, mastering=bytes(24) + light)


def test_an_avif_file_of_10_bits_becomes_a_png_file_with_its_colours(
    folder: Path,
) -> None:
    samples = deep_picture(64, 96, 3, 10)
    data = bytearray(avif_of(10, samples))
    place = data.index(b"colrnclx") + len(b"colrnclx")
    data[place : place + 4] = struct.pack(">2H", 9, 16)
    Path("hdr.avif").write_bytes(data)
    assert main(["compress", "-q", "90", "hdr.avif"]) == 0
    assert main(["decompress", "hdr.vaec", "-o", "again.png"]) == 0
    again = read_picture(Path("again.png"))
    assert (again.depth, again.metadata.code_points) == (10, bytes([9, 16, 0, 1]))
    assert psnr_db(samples, again.samples, depth=10) > 40


def test_a_damaged_file_of_16_bits_is_shown_in_part_with_all_bits(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = vaecodec.encode(deep_picture(1100, 64, 3, 16), 30)
    Path("deep.vaec").write_bytes(data[:-3])
    assert main(["decompress", "--partial", "deep.vaec", "-o", "again.png"]) == 4
    assert "tile" in capsys.readouterr().err
    again = read_picture(Path("again.png"))
    assert (again.depth, again.samples.shape) == (16, (1100, 64, 3))
    assert len(np.unique(again.samples)) > 1000
    assert names(folder) == ["again.png", "deep.vaec", "face.png"]
