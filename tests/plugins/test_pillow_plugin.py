from __future__ import annotations

import io
import pickle
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import imageio.v3 as iio
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile, UnidentifiedImageError

import vaecodec
from tests.format.small_file import FILE, HEADER, join
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.container import parse_file
from vaecodec.format.header import pack_fields

Samples = NDArray[np.uint8]

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'


def exif_bytes(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "somebody"
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


@pytest.fixture(autouse=True)
def _plugin() -> None:
    vaecodec.register_pillow_plugin()


@pytest.fixture
def image(astronaut: Samples) -> Image.Image:
    """RGB, 80 x 60 pixels."""
    return Image.fromarray(astronaut[40:100, 170:250])


@pytest.fixture
def path(image: Image.Image, tmp_path: Path) -> Path:
    """The same with metadata, as a file."""
    path = tmp_path / "photo.vaec"
    image.save(path, icc_profile=ICC, exif=exif_bytes(), xmp=XMP)
    return path


def reopened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


class ShyFile(io.BytesIO):
    """Gives out no byte behind the beginning."""

    def __init__(self, data: bytes, limit: int) -> None:
        super().__init__(data)
        self.limit = limit

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        assert self.tell() <= self.limit
        return data


def test_size_mode_and_metadata_are_known_from_the_beginning_alone(
    path: Path,
) -> None:
    data = path.read_bytes()
    [[payload]] = parse_file(data).payloads
    tile = len(data) - len(pack_chunk("T", payload))
    # Other plugins read more before they give up.
    image = Image.open(ShyFile(data, tile + 1), formats=["VAEC"])
    assert (image.size, image.mode, image.format) == ((80, 60), "RGB", "VAEC")
    assert image.get_format_mimetype() == "image/x-vaec"
    assert image.info == {"icc_profile": ICC, "exif": exif_bytes(), "xmp": XMP}
    assert image.getexif()[ExifTags.Base.Artist] == "somebody"
    with pytest.raises(AssertionError):
        image.load()


def test_opening_starts_no_engine(
    path: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = run_python(
        "-c",
        "import sys, vaecodec\n"
        "assert 'PIL' not in sys.modules\n"
        "import vaecodec.plugins.pillow\n"
        "from PIL import Image\n"
        f"print(Image.open({str(path)!r}).size)\n"
        "assert 'onnxruntime' not in sys.modules\n",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "(80, 60)\n", "")


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_pixels_are_those_of_decompress(
    mode: str, image: Image.Image, tmp_path: Path
) -> None:
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.convert(mode).save(tmp_path / "photo.vaec", quality=70)
    data = (tmp_path / "photo.vaec").read_bytes()
    with Image.open(tmp_path / "photo.vaec") as opened:
        assert opened.mode == mode
        expected = np.asarray(vaecodec.decompress(data))
        np.testing.assert_array_equal(np.asarray(opened), expected)
        np.testing.assert_array_equal(np.asarray(opened), expected)


def test_file_objects_are_opened_and_saved(image: Image.Image) -> None:
    stream = io.BytesIO(b"")
    image.save(stream, format="VAEC", quality=30)
    assert stream.getvalue() == vaecodec.compress(image, 30)
    stream.seek(5)
    assert Image.open(stream).convert("L").size == image.size


def test_what_pillow_does_with_images_works(path: Path, image: Image.Image) -> None:
    def opened() -> Image.Image:
        return reopened(path)

    expected = np.asarray(opened())
    assert np.abs(expected - np.asarray(image, float)).mean() < 15
    thumbnail = opened()
    thumbnail.thumbnail((20, 20))
    assert thumbnail.size == (20, 15)
    pixel = opened().getpixel((3, 2))
    assert pixel == tuple(expected[2, 3])
    again = pickle.loads(pickle.dumps(opened()))
    for other in (again, opened().copy(), opened().crop((0, 0, 80, 60))):
        np.testing.assert_array_equal(np.asarray(other), expected)
    changed = opened()
    changed.putpixel((0, 0), (1, 2, 3))
    assert changed.getpixel((0, 0)) == (1, 2, 3)


def test_a_thumbnail_is_made_from_a_preview(coffee: Samples) -> None:
    data = vaecodec.encode(coffee, 70)
    thumbnail = Image.open(io.BytesIO(data))
    assert thumbnail.draft("RGB", (76, 50)) is None
    assert thumbnail.size == (600, 400)
    thumbnail.thumbnail((24, 24))
    assert thumbnail.size == (24, 16)
    expected = vaecodec.decompress(data)
    expected.thumbnail((24, 24))
    difference = np.asarray(thumbnail, int) - np.asarray(expected, int)
    assert 0 < np.abs(difference).mean() < 1


def test_a_draft_is_an_eighth_of_the_size(coffee: Samples) -> None:
    image = Image.open(io.BytesIO(vaecodec.encode(coffee[:333, :451])))
    assert image.draft("RGB", (56, 41)) == ("RGB", (0, 0, 451 / 8, 333 / 8))
    assert image.size == (57, 42)
    assert image.draft("RGB", (5, 4)) is None
    assert np.asarray(image).shape == (42, 57, 3)
    whole = Image.fromarray(coffee[:333, :451]).reduce(8)
    difference = np.asarray(image, int) - np.asarray(whole, int)
    assert np.abs(difference).mean() < 3


def test_a_file_that_arrives_in_parts_is_parsed(path: Path) -> None:
    parser = ImageFile.Parser()
    data = path.read_bytes()
    for start in range(0, len(data), 100):
        parser.feed(data[start : start + 100])
    np.testing.assert_array_equal(parser.close(), reopened(path))


def test_the_file_is_closed_after_the_pixels_are_decoded(path: Path) -> None:
    image = Image.open(path)
    file: BinaryIO = image.fp
    image.load()
    assert file.closed
    path.unlink()
    assert image.getpixel((0, 0)) is not None


def test_a_file_of_the_caller_stays_open(path: Path) -> None:
    with path.open("rb") as file:
        Image.open(file).load()
        assert not file.closed


def test_an_image_closed_before_its_pixels_were_needed_says_so(path: Path) -> None:
    image = Image.open(path)
    image.close()
    with pytest.raises(ValueError, match="closed"):
        image.load()


def test_pillows_limit_on_pixels_is_respected(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 80 * 60 // 2 - 1)
    with pytest.raises(Image.DecompressionBombError, match="4800 pixels"):
        Image.open(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 80 * 60 - 1)
    with pytest.warns(Image.DecompressionBombWarning, match="4800 pixels"):
        reopened(path)


def test_a_file_that_lies_about_its_size_is_refused_when_opened() -> None:
    lie = replace(HEADER, width=1 << 20, height=1 << 20, tile_log2=10)
    file = join(pack_chunk("H", pack_fields(lie)), pack_chunk("T", b""))
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(file))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (FILE[:7] + b"\x01" + FILE[8:], "format version 1"),
        (FILE[:20], "but the file ends after 20 bytes"),
        (FILE[:12] + b"?" + FILE[13:], "chunk 'H' is damaged"),
    ],
)
def test_a_damaged_beginning_is_named_when_opened(data: bytes, message: str) -> None:
    with pytest.raises(UnidentifiedImageError, match=message):
        Image.open(io.BytesIO(data))


def test_another_file_is_not_taken_for_ours() -> None:
    with pytest.raises(UnidentifiedImageError, match="cannot identify image file"):
        Image.open(io.BytesIO(b"no image at all, but long enough"))


def test_damage_behind_the_beginning_is_an_os_error(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    image = Image.open(io.BytesIO(data))
    for use in (image.load, image.load, image.verify):
        with pytest.raises(OSError, match="chunk 'T' is damaged"):
            use()
    with pytest.raises(OSError, match="the file ends"):
        Image.open(io.BytesIO(data[:-30])).load()


def test_a_missing_model_is_an_os_error() -> None:
    with pytest.raises(OSError, match="no model with the id f0f1f2f3f4f5f6f7"):
        Image.open(io.BytesIO(FILE)).load()


def test_verify_passes_a_good_file_and_closes_it(path: Path) -> None:
    image = Image.open(path)
    file: BinaryIO = image.fp
    image.verify()
    assert file.closed


def test_the_quality_decides_on_the_size(image: Image.Image, tmp_path: Path) -> None:
    sizes = []
    for quality in (0, 50, 100):
        image.save(tmp_path / "photo.vaec", quality=quality)
        sizes.append((tmp_path / "photo.vaec").stat().st_size)
    assert sizes == sorted(set(sizes))


def test_a_target_is_met_instead(image: Image.Image, tmp_path: Path) -> None:
    image.save(tmp_path / "photo.vaec", target_size=800)
    assert 400 < (tmp_path / "photo.vaec").stat().st_size <= 800
    with pytest.raises(OSError, match="10 bytes"):
        image.save(tmp_path / "photo.vaec", target_size=10)


def test_metadata_of_the_image_is_kept_unless_another_is_given(
    path: Path, tmp_path: Path
) -> None:
    image = reopened(path)
    copy = tmp_path / "copy.vaec"
    image.save(copy)
    assert reopened(copy).info == image.info
    other = Image.Exif()
    other[ExifTags.Base.Model] = "camera"
    image.save(copy, exif=other, xmp="<other/>", icc_profile=None)
    assert reopened(copy).info == {"exif": other.tobytes(), "xmp": b"<other/>"}
    assert image.info == {"icc_profile": ICC, "exif": exif_bytes(), "xmp": XMP}


def test_exif_of_a_tiff_file_can_be_left_out(
    image: Image.Image, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "somebody"
    image.save(tmp_path / "photo.tif", exif=exif)
    with Image.open(tmp_path / "photo.tif") as tiff:
        tiff.save(tmp_path / "kept.vaec")
        tiff.save(tmp_path / "left.vaec", exif=b"")
    kept, left = (reopened(tmp_path / f"{name}.vaec") for name in ("kept", "left"))
    assert kept.getexif()[ExifTags.Base.Artist] == "somebody"
    assert "exif" not in left.info


def test_an_orientation_that_is_given_turns_the_pixels(
    image: Image.Image, tmp_path: Path
) -> None:
    image.save(tmp_path / "turned.vaec", exif=exif_bytes(orientation=6))
    turned = reopened(tmp_path / "turned.vaec")
    assert turned.size == (60, 80)
    assert turned.info["exif"] == exif_bytes(orientation=1)


def test_a_part_is_saved_with_a_quality_of_its_own(image: Image.Image) -> None:
    wide = image.crop((0, 0, 72, 60))  # two cells
    file = io.BytesIO()
    wide.save(file, format="VAEC", quality_map=np.array([[90, 20]]))
    assert file.getvalue() == vaecodec.compress(wide, quality_map=np.array([[90, 20]]))
    assert parse_file(file.getvalue()).quality_map == bytes([90, 20])
    with pytest.raises(ValueError, match=r"shape \[2, 2\], expected \[1, 2\]"):
        wide.save(io.BytesIO(), format="VAEC", quality_map=np.full((2, 2), 50))


def test_an_image_that_would_lose_something_is_refused_and_no_file_stays(
    image: Image.Image, tmp_path: Path
) -> None:
    inks = image.convert("CMYK")
    with pytest.raises(OSError, match="convert=True"):
        inks.save(tmp_path / "inks.vaec")
    assert not (tmp_path / "inks.vaec").exists()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        inks.save(tmp_path / "inks.vaec", convert=True)
    assert reopened(tmp_path / "inks.vaec").mode == "RGB"


def test_deep_gray_is_saved_with_all_of_its_bits(
    image: Image.Image, tmp_path: Path
) -> None:
    deep = image.convert("L").convert("I;16")
    deep.save(tmp_path / "deep.vaec")
    assert vaecodec.inspect(tmp_path / "deep.vaec").bit_depth == 16
    assert reopened(tmp_path / "deep.vaec").mode == "I;16"


def test_an_image_saved_lossless_opens_as_it_was(image: Image.Image) -> None:
    stream = io.BytesIO()
    image.save(stream, "VAEC", lossless=True)
    with Image.open(stream) as again:
        assert (again.mode, again.size) == (image.mode, image.size)
        assert again.tobytes() == image.tobytes()


def test_a_wrong_option_is_the_callers_mistake(image: Image.Image) -> None:
    with pytest.raises(ValueError, match="quality 101"):
        image.save(io.BytesIO(), format="VAEC", quality=101)
    with pytest.raises(OSError, match="model 'none' cannot be read"):
        image.save(io.BytesIO(), format="VAEC", model="none")
    with pytest.raises(ValueError, match="tune 'ear', allowed 'eye', 'psnr'"):
        image.save(io.BytesIO(), format="VAEC", tune="ear")


def test_the_model_is_chosen_by_what_it_was_tuned_for(image: Image.Image) -> None:
    samples = np.asarray(image)
    for options in ({}, {"tune": "eye"}, {"tune": "psnr", "quality": 40}):
        file = io.BytesIO()
        image.save(file, format="VAEC", **options)
        assert file.getvalue() == vaecodec.encode(samples, **options)


def test_imageio_reads_and_writes_through_pillow(path: Path, tmp_path: Path) -> None:
    samples = iio.imread(path, plugin="pillow")
    np.testing.assert_array_equal(samples, reopened(path))
    assert iio.improps(path, plugin="pillow").shape == (60, 80, 3)
    data = iio.imwrite("<bytes>", samples, plugin="pillow", extension=".vaec")
    assert data == vaecodec.encode(samples)
    iio.imwrite(tmp_path / "copy.vaec", samples, plugin="pillow", quality=90)
    again = iio.imread(tmp_path / "copy.vaec", plugin="pillow")
    assert np.abs(again.astype(int) - samples).mean() < 5
    alike = iio.imread(data, plugin="pillow", extension=".vaec")
    np.testing.assert_array_equal(alike, vaecodec.decode(data))


def test_gray_of_more_than_8_bits_is_saved_and_opened_with_16(tmp_path: Path) -> None:
    gray = np.tile(np.arange(0, 65536, 512, dtype=np.uint16), (64, 1))
    Image.fromarray(gray).save(tmp_path / "deep.vaec", quality=95)
    with Image.open(tmp_path / "deep.vaec") as image:
        assert image.mode == "I;16"
        found = np.asarray(image)
    assert np.abs(found.astype(int) - gray).mean() < 200
    assert len(np.unique(found)) > 256


def test_colours_of_more_than_8_bits_are_opened_with_8_and_a_warning(
    tmp_path: Path,
) -> None:
    samples = np.random.default_rng(1).integers(0, 1024, (64, 64, 3), np.uint16)
    (tmp_path / "deep.vaec").write_bytes(vaecodec.encode(samples, depth=10))
    with Image.open(tmp_path / "deep.vaec") as image:
        assert image.mode == "RGB"
        with pytest.warns(UserWarning, match="not kept: the lower 2 of 10 bits"):
            image.load()
