from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from vaecodec.codec.pipeline import compress, encode
from vaecodec.codec.planes import to_image, to_planes
from vaecodec.errors import ImageError


def packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def deep_png(channels: int) -> bytes:
    """A PNG of 2 x 2 pixels with 16 bits per sample, which Pillow cannot write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    colour = {1: 0, 3: 2}[channels]
    header = struct.pack(">IIBBBBB", 2, 2, 16, colour, 0, 0, 0)
    rows = (b"\0" + bytes(range(4 * channels))) * 2
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "mode", ["1", "P", "LA", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F"]
)
def test_a_mode_that_cannot_be_kept_is_refused_by_name(mode: str) -> None:
    with pytest.raises(ImageError, match=rf"^mode {mode} is not supported yet"):
        to_planes(Image.new(mode, (5, 4)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (deep_png(3), "16-bit samples"),
        (deep_png(1), "mode I;16 is not supported"),
        (b"P6 2 2 65535\n" + bytes(24), "16-bit samples"),
        (b"P3 1 1 300\n1 2 3\n", "16-bit samples"),
        (packed(Image.new("RGB", (4, 4)), transparency=(1, 2, 3)), "transparency"),
        (packed(Image.new("L", (4, 4)), transparency=7), "transparency"),
        (b"", "not a readable image"),
        (b"GIF89a", "not a readable image"),
        (packed(Image.effect_noise((40, 40), 50))[:-200], "not a readable image"),
    ],
)
def test_what_would_be_lost_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as caught:
        to_planes(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_an_animation_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = packed(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match="more than one frame"):
        to_planes(data)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        # Rows of 164 bytes: a number that Pillow's reader holds beside the mode.
        (packed(Image.new("RGB", (54, 3)), "BMP"), (54, 3)),
        (
            packed(Image.new("RGB", (16, 160)), "TIFF", compression="tiff_lzw"),
            (16, 160),
        ),
        (b"P6 1 1 160\n" + bytes(3), (1, 1)),
        (packed(Image.new("RGB", (160, 16)), "PCX"), (160, 16)),
    ],
)
def test_sixteen_in_a_size_is_no_reason_to_refuse(
    data: bytes, size: tuple[int, int]
) -> None:
    assert to_planes(data).shape == (size[1], size[0], 3)


def test_a_pillow_image_cut_short_is_refused(astronaut: NDArray[np.uint8]) -> None:
    data = packed(Image.fromarray(astronaut))
    with (
        Image.open(io.BytesIO(data[: len(data) // 2])) as image,
        pytest.raises(ImageError, match="not a readable image"),
    ):
        to_planes(image)


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_the_orientation_is_applied_with_a_warning(orientation: int) -> None:
    samples = np.arange(6 * 4, dtype=np.uint8).reshape(6, 4)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = packed(Image.fromarray(samples), exif=exif)
    turns = {
        2: samples[:, ::-1],
        3: samples[::-1, ::-1],
        4: samples[::-1],
        5: samples.T,
        6: samples[::-1].T,
        7: samples[::-1, ::-1].T,
        8: samples.T[::-1],
    }
    with pytest.warns(UserWarning, match=r"Exif, the orientation .* left out"):
        planes = to_planes(data)
    np.testing.assert_array_equal(planes, turns[orientation])


def test_a_colour_profile_is_named_in_a_warning() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = packed(Image.new("RGB", (8, 8)), icc_profile=profile)
    with pytest.warns(UserWarning, match="ICC profile left out") as caught:
        compress(data)
    assert caught[0].filename == __file__


def test_an_image_without_metadata_is_read_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert to_planes(packed(Image.new("RGB", (3, 2)))).shape == (2, 3, 3)


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_a_photograph_gives_the_same_file_in_every_wrapping(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, untrained_path: Path
) -> None:
    samples = request.getfixturevalue(name)[50:130, 100:200]
    image, path = Image.fromarray(samples), tmp_path / "image.png"
    image.save(path)
    data = path.read_bytes()
    sources = (path, str(path), data, image, Image.open(io.BytesIO(data)), samples)
    files = {compress(one, model=untrained_path, threads=1) for one in sources}
    assert len(files) == 1


def test_an_array_may_be_read_only_or_a_view(
    astronaut: NDArray[np.uint8], untrained_path: Path
) -> None:
    expected = np.ascontiguousarray(astronaut[90:10:-2, 60:140].transpose(1, 0, 2))
    frozen = expected.copy()
    frozen.flags.writeable = False
    view = astronaut[90:10:-2, 60:140].transpose(1, 0, 2)
    arrays = (expected, frozen, view, np.asfortranarray(expected))
    assert not view.flags.c_contiguous
    assert len({encode(array, model=untrained_path) for array in arrays}) == 1


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((4, 4, 3), np.float32), "samples are float32"),
        (np.zeros((4, 4), np.uint16), "samples are uint16"),
        (np.zeros((4, 4), np.bool_), "samples are bool"),
        (np.zeros((4, 4, 5), np.uint8), r"shape \[4, 4, 5\]"),
        (np.zeros((4, 4, 4, 3), np.uint8), r"shape \[4, 4, 4, 3\]"),
        (np.zeros((4, 4, 1), np.uint8), r"shape \[4, 4, 1\]"),
        (np.zeros(4, np.uint8), r"shape \[4\]"),
        (np.zeros((0, 4, 3), np.uint8), "4 x 0 pixels"),
        (np.zeros((4, 0), np.uint8), "0 x 4 pixels"),
        (np.zeros((1, (1 << 20) + 1), np.uint8), "1048577 x 1 pixels"),
        (np.broadcast_to(np.uint8(0), ((1 << 14) + 1, 1 << 14)), "at most 268435456"),
    ],
)
def test_an_array_that_is_no_image_is_refused(array: NDArray[Any], reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        encode(array)


def test_an_empty_pillow_image_is_refused() -> None:
    with pytest.raises(ImageError):
        to_planes(Image.new("RGB", (0, 5)))


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_planes_become_an_image_of_the_same_mode(mode: str) -> None:
    image = Image.effect_noise((7, 5), 60).convert(mode)
    again = to_image(to_planes(image))
    assert (again.mode, again.tobytes()) == (mode, image.tobytes())


@pytest.mark.parametrize(
    ("quality", "error"), [(-1, ValueError), (101, ValueError), (50.5, TypeError)]
)
def test_a_quality_that_does_not_exist_is_refused(
    quality: Any, error: type[Exception], camera: NDArray[np.uint8]
) -> None:
    with pytest.raises(error):
        encode(camera, quality)


def test_of_a_multi_picture_jpeg_the_first_is_taken_and_the_rest_is_named() -> None:
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (4, 4), "blue")
    data = packed(first, "MPO", save_all=True, append_images=[second])
    with pytest.warns(UserWarning, match="further pictures of a multi-picture JPEG"):
        planes = to_planes(data)
    assert planes.shape == (8, 8, 3)
    assert planes[..., 0].min() > 200
    assert planes[..., 2].max() < 50
