from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.codec.image_files import SIGNATURE, packed, png_chunk
from vaecodec.api import compress, encode
from vaecodec.codec.pictures.picture import read_picture, to_image
from vaecodec.errors import ImageError


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        packed(Image.effect_noise((40, 40), 50))[:-200],
        packed(Image.effect_noise((40, 40), 50), "JPEG")[:-200],
        packed(Image.effect_noise((40, 40), 50), "WEBP")[:-200],
    ],
)
def test_what_is_no_whole_image_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(ImageError, match="not a readable image") as caught:
        read_picture(data)
    assert "\n" not in str(caught.value)


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    return packed(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_of_an_animation_one_frame_is_taken_if_that_is_asked_for(kind: str) -> None:
    data = animation(kind)
    message = "all but one of 2 frames cannot be kept; convert=True"
    with pytest.raises(ImageError, match=message):
        read_picture(data)
    picture = read_picture(data, convert=True)
    assert picture.left_out == ("all but one of 2 frames",)
    assert (picture.samples[..., 0] > 200).all()
    assert (picture.samples[..., 2] < 50).all()


def test_the_frame_that_is_shown_is_the_one_that_is_taken() -> None:
    with Image.open(io.BytesIO(animation("TIFF"))) as image:
        image.seek(1)
        assert (read_picture(image, convert=True).samples == [0, 0, 255]).all()


def test_a_pillow_image_cut_short_is_refused(astronaut: NDArray[np.uint8]) -> None:
    data = packed(Image.fromarray(astronaut))
    with (
        Image.open(io.BytesIO(data[: len(data) // 2])) as image,
        pytest.raises(ImageError, match="not a readable image"),
    ):
        read_picture(image)


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
        (np.zeros((4, 4), np.int16), "samples are int16"),
        (np.zeros((4, 4), np.bool_), "samples are bool"),
        (np.zeros((4, 4, 17), np.uint8), r"shape \[4, 4, 17\]"),
        (np.zeros((4, 4, 4, 3), np.uint8), r"shape \[4, 4, 4, 3\]"),
        (np.zeros((4, 4, 1), np.uint8), r"shape \[4, 4, 1\]"),
        (np.zeros(4, np.uint8), r"shape \[4\]"),
        (np.zeros((0, 4, 3), np.uint8), "4 x 0 pixels"),
        (np.zeros((4, 0), np.uint8), "0 x 4 pixels"),
        (np.zeros((1, (1 << 20) + 1), np.uint8), "1048577 x 1 pixels"),
        (
            np.broadcast_to(np.uint8(0), ((1 << 14) + 1, 1 << 14)),
            "more than the 268435456",
        ),
    ],
)
def test_an_array_that_is_no_image_is_refused(array: NDArray[Any], reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        encode(array)


def test_an_empty_pillow_image_is_refused() -> None:
    with pytest.raises(ImageError, match="0 x 5 pixels"):
        read_picture(Image.new("RGB", (0, 5)))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_samples_become_an_image_of_the_same_mode(mode: str) -> None:
    image = Image.effect_noise((7, 5), 60).convert(mode)
    again = to_image(read_picture(image))
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
    picture = read_picture(data)
    assert picture.left_out == ("the further pictures of a multi-picture JPEG",)
    assert picture.samples.shape == (8, 8, 3)
    assert picture.samples[..., 0].min() > 200
    assert picture.samples[..., 2].max() < 50


def black_png(width: int, height: int) -> bytes:
    """One bit per pixel, all 0; deflated to a thousandth."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 1)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return SIGNATURE + b"".join(png_chunk(*chunk) for chunk in chunks)


def test_an_image_that_pillow_warns_of_is_read_without_a_word() -> None:
    width, height = 30_000, 3_000
    assert width * height > (Image.MAX_IMAGE_PIXELS or 0)
    assert read_picture(black_png(width, height)).samples.shape == (height, width)


def test_the_limit_that_is_set_in_pillow_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = black_png(100, 50)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2000)
    with pytest.raises(ImageError, match=r"5000 pixels.*limit of 4000 pixels"):
        read_picture(data)


def test_more_pixels_than_a_file_holds_are_refused_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    data = black_png(1 << 15, (1 << 13) + 1)[:200]
    with pytest.raises(ImageError, match="268468224 pixels, more than the 268435456"):
        read_picture(data)


def test_a_pillow_image_is_left_as_it_was() -> None:
    image = Image.effect_noise((7, 5), 60).convert("P")
    image.info.update({"transparency": 3, "xmp": b"<x/>"})
    before = (image.mode, dict(image.info), image.tobytes(), image.getpalette())
    read_picture(image)
    after = (image.mode, dict(image.info), image.tobytes(), image.getpalette())
    assert before == after
