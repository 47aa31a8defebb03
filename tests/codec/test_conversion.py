from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tests.codec.image_files import packed
from vaecodec.codec.pictures import conversion
from vaecodec.codec.pictures.picture import Picture, Source, read_picture
from vaecodec.errors import ImageError

ROWS, COLUMNS = 5, 7


def noise(mode: str) -> Image.Image:
    """Random samples in any mode that Pillow can make from bytes."""
    rng = np.random.default_rng(len(mode))
    channels = len(Image.new(mode, (1, 1)).getbands())
    samples = rng.integers(0, 256, ROWS * COLUMNS * channels, np.uint8)
    return Image.frombytes(mode, (COLUMNS, ROWS), samples.tobytes())


def asked_for(source: Source) -> Picture:
    """What becomes of a source that is refused unless converting is asked for."""
    with pytest.raises(ImageError, match=r"cannot be kept; convert=True \(--convert\)"):
        read_picture(source)
    return read_picture(source, convert=True)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_eight_bits_of_gray_or_rgb_stay_as_they_are(mode: str) -> None:
    image = noise(mode)
    picture = read_picture(image)
    np.testing.assert_array_equal(picture.samples, np.asarray(image))
    assert picture.left_out == ()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("La", "LA"), ("RGBa", "RGBA"), ("RGBX", "RGB"), ("P", "RGB"), ("PA", "RGBA")],
)
def test_what_means_the_same_in_another_mode_is_converted_unasked(
    mode: str, expected: str
) -> None:
    image = noise("LA" if mode == "PA" else mode.replace("P", "L"))
    if mode in ("P", "PA"):
        image = image.convert(mode)
    picture = read_picture(image)
    np.testing.assert_array_equal(picture.samples, np.asarray(image.convert(expected)))
    assert picture.left_out == ()


def test_one_bit_becomes_black_and_white() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (9, 13)).astype(bool)
    picture = read_picture(Image.fromarray(bits))
    np.testing.assert_array_equal(picture.samples, bits * np.uint8(255))


def test_a_palette_with_transparency_gets_its_alpha() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    one = read_picture(packed(image, transparency=1)).samples
    assert one.tolist() == [[[10, 20, 30, 255], [40, 50, 60, 0], [70, 80, 90, 255]]]
    many = read_picture(packed(image, transparency=b"\x05\x80\xff")).samples
    assert many[0, :, 3].tolist() == [5, 128, 255]


@pytest.mark.parametrize(
    ("image", "transparent", "alpha"),
    [
        (Image.new("L", (2, 1), 7), 7, [0, 0]),
        (Image.new("L", (2, 1), 7), 8, [255, 255]),
        (Image.new("RGB", (2, 1), (1, 2, 3)), (1, 2, 3), [0, 0]),
        (Image.new("RGB", (2, 1), (1, 2, 3)), (1, 2, 4), [255, 255]),
        (Image.new("1", (2, 1), 1), 255, [0, 0]),
        (Image.new("1", (2, 1), 1), 0, [255, 255]),
    ],
)
def test_a_transparent_colour_becomes_alpha(
    image: Image.Image, transparent: int | tuple[int, ...], alpha: list[int]
) -> None:
    samples = read_picture(packed(image, transparency=transparent)).samples
    assert samples.shape[2] == (4 if image.mode == "RGB" else 2)
    assert samples[0, :, -1].tolist() == alpha
    colours = np.asarray(image.convert("RGB" if image.mode == "RGB" else "L"))
    np.testing.assert_array_equal(np.squeeze(samples[..., :-1]), np.squeeze(colours))


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_other_numbers_are_scaled_from_lowest_to_highest(kind: type) -> None:
    values = np.array([[-1000, 0, 1000], [250, 500, 3000]], kind)
    picture = asked_for(Image.fromarray(values))
    assert picture.samples.tolist() == [[0, 64, 128], [80, 96, 255]]
    assert picture.left_out == ("the scale of samples from -1000 to 3000",)


@pytest.mark.parametrize("value", [0.0, -3.5, 1e30])
def test_numbers_that_are_all_alike_become_black(value: float) -> None:
    flat = Image.fromarray(np.full((2, 2), value, np.float32))
    assert read_picture(flat, convert=True).samples.tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("place", [0, 3])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(value: float, place: int) -> None:
    values = np.ones((2, 2), np.float32)
    values.flat[place] = value
    with pytest.raises(ImageError, match=r"not a number|not an image"):
        read_picture(Image.fromarray(values), convert=True)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB"])
def test_other_colour_spaces_become_rgb(mode: str) -> None:
    image = noise(mode)
    picture = asked_for(image)
    np.testing.assert_array_equal(picture.samples, np.asarray(image.convert("RGB")))
    assert picture.left_out == (f"the colour space {mode}",)


def profile(space: str) -> bytes:
    created = ImageCms.createProfile(space)  # type: ignore[arg-type]
    return ImageCms.ImageCmsProfile(created).tobytes()


def cmyk_profile() -> bytes:
    """An ICC profile by which every ink, and paper, is the same medium gray."""
    identity = struct.pack(">9i", *(0x10000 * (k % 4 == 0) for k in range(9)))
    ramp, medium_gray = bytes(range(256)), bytes([128, 128, 128])
    table = bytes([4, 3, 2, 0]) + identity + 4 * ramp + 16 * medium_gray + 3 * ramp
    lut = b"mft1" + bytes(4) + table
    d50 = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    white = b"XYZ " + bytes(4) + d50
    tags = struct.pack(
        ">I4sII4sII", 2, b"A2B0", 156, len(lut), b"wtpt", 156 + len(lut), len(white)
    )
    header = struct.pack(
        ">II4s4s4s4s12s4s28x12s48x",
        156 + len(lut + white),
        0,
        bytes([2, 0x10, 0, 0]),
        b"prtr",
        b"CMYK",
        b"Lab ",
        bytes([7, 228, 0, 1, 0, 1] + 6 * [0]),
        b"acsp",
        d50,
    )
    return header + tags + lut + white


def test_cmyk_becomes_srgb_through_its_profile() -> None:
    image = noise("CMYK")
    data = packed(image, "TIFF", icc_profile=cmyk_profile())
    picture = asked_for(data)
    assert np.abs(picture.samples.astype(int) - 119).max() <= 2
    assert picture.metadata.icc_profile is None
    gone = "the ICC profile (the colours are sRGB now)"
    assert picture.left_out == ("the colour space CMYK", gone)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("unusable", [profile("sRGB"), b"junk" * 50, b"\0"])
def test_a_profile_that_does_not_fit_cmyk_is_an_error_with_a_way_out(
    unusable: bytes, kind: str
) -> None:
    data = packed(noise("CMYK"), kind, icc_profile=unusable)
    with pytest.raises(ImageError, match=r"profile cannot be applied: .*\(--strip\)"):
        read_picture(data, convert=True)
    picture = read_picture(data, convert=True, metadata=False)
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(picture.samples, image.convert("RGB"))
    lost = "the colour space CMYK and an ICC profile that is unusable"
    assert picture.left_out == (lost,)


def test_a_profile_that_fits_is_applied_where_metadata_is_not_kept() -> None:
    data = packed(noise("CMYK"), "TIFF", icc_profile=cmyk_profile())
    kept = read_picture(data, convert=True)
    stripped = read_picture(data, convert=True, metadata=False)
    np.testing.assert_array_equal(stripped.samples, kept.samples)


def test_the_profile_of_a_lab_image_does_not_survive_it() -> None:
    image = noise("LAB")
    image.info["icc_profile"] = profile("LAB")
    picture = asked_for(image)
    assert picture.metadata.icc_profile is None
    gone = "the ICC profile (the colours are sRGB now)"
    assert picture.left_out == ("the colour space LAB", gone)


def test_strips_do_not_change_a_sample(
    monkeypatch: pytest.MonkeyPatch, astronaut: NDArray[np.uint8]
) -> None:
    image = Image.fromarray(astronaut[:100, :90]).convert("CMYK")
    whole = read_picture(image, convert=True).samples
    monkeypatch.setattr(conversion, "STRIP_PIXELS", 91)
    np.testing.assert_array_equal(read_picture(image, convert=True).samples, whole)


def test_an_unknown_mode_is_refused_by_name() -> None:
    image = Image.new("L", (2, 2))
    image._mode = "XYZ"  # such as a plugin may bring
    with pytest.raises(ImageError, match=r"mode XYZ|not a readable image"):
        read_picture(image, convert=True)
