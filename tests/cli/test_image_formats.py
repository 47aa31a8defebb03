"""What `decompress` writes holds every sample, or is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecodec
from tests.cli.folders import names, only_line
from vaecodec.cli import main
from vaecodec.cli.image_formats import LOSSLESS_FORMATS, pack_image
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.pictures.picture import picture_of as picture_of_array

MODES = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,)}


def picture_of(mode: str) -> Picture:
    shape = (5, 7, *MODES[mode])
    return Picture(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("suffix", LOSSLESS_FORMATS)
def test_a_format_holds_every_sample_or_is_refused(mode: str, suffix: str) -> None:
    picture = picture_of(mode)
    no_alpha = "A" in mode and suffix in (".bmp", ".ppm", ".pgm")
    if no_alpha or (mode == "RGB" and suffix == ".pgm"):
        with pytest.raises(OSError, match=f"^{suffix} cannot hold (alpha|colours)"):
            pack_image(picture, suffix)
        return
    with Image.open(io.BytesIO(pack_image(picture, suffix))) as again:
        images = again, Image.fromarray(picture.samples)
        one, other = (np.asarray(each.convert("RGBA")) for each in images)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("suffix", [".bmp", ".ppm"])
def test_alpha_that_is_opaque_everywhere_is_no_loss(mode: str, suffix: str) -> None:
    picture = picture_of(mode)
    picture.samples[:, :, -1] = 255
    with Image.open(io.BytesIO(pack_image(picture, suffix))) as again:
        images = again, Image.fromarray(picture.samples)
        one, other = (np.asarray(each.convert("RGB")) for each in images)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("suffix", "kind"), [(".pgm", b"P5"), (".ppm", b"P6")])
def test_a_suffix_says_truly_what_is_inside(suffix: str, kind: bytes) -> None:
    assert pack_image(picture_of("L"), suffix).startswith(kind)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", LOSSLESS_FORMATS)
def test_channels_of_no_image_are_refused_by_every_format(
    suffix: str, dtype: type[np.unsignedinteger]
) -> None:
    with pytest.raises(vaecodec.FormatError, match="channels other x5: no image has"):
        pack_image(picture_of_array(np.zeros((4, 5, 5), dtype)), suffix)


@pytest.mark.parametrize(
    ("image_format", "mode", "reason"),
    [
        ("ppm", "RGBA", ".ppm cannot hold alpha (.png, .tiff and .webp can)"),
        ("bmp", "LA", ".bmp cannot hold alpha (.png, .tiff and .webp can)"),
        ("pgm", "RGB", ".pgm cannot hold colours (.ppm can)"),
    ],
)
def test_a_format_that_cannot_hold_the_image_is_refused_in_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    image_format: str,
    mode: str,
    reason: str,
) -> None:
    Path("odd.vaec").write_bytes(vaecodec.compress(picture_of(mode)))
    for words in (["--format", image_format], ["-o", f"odd.{image_format}"]):
        assert main(["decompress", "odd.vaec", *words]) == 3
        assert only_line(capsys) == f"vaecodec: odd.vaec: {reason}"
    assert names(folder) == ["face.png", "odd.vaec"]


@pytest.mark.parametrize("name", ["face.webp", "face.jxl", "face.PNG"])
def test_a_name_of_another_format_is_no_name_for_a_compressed_file(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["compress", "face.png", "-o", name]) == 2
    assert f"the suffix of {name} must be .vaec" in capsys.readouterr().err
    assert names(folder) == ["face.png"]
