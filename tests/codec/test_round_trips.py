"""From a Pillow image of any mode and size into a file and back."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.codec.image_files import tiff
from vaecodec.api import compress, decompress
from vaecodec.codec.pictures.companions import companions_left_out

# What comes back for each mode of Pillow; the second row has to be asked for.
COMES_BACK = {
    **{"1": "L", "L": "L", "LA": "LA", "La": "LA", "P": "RGB", "PA": "RGBA"},
    **{"RGB": "RGB", "RGBA": "RGBA", "RGBX": "RGB", "RGBa": "RGBA"},
    **{"I;16": "I;16", "I;16B": "I;16", "I;16L": "I;16"},
}
ASKED_FOR = {
    **{"CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB", "LAB": "RGB"},
    **{"I": "L", "F": "L"},
}
NOISY = ("1", "La", "RGBa")  # dithered, or divided by noise: poor at low quality
WITH_TRANSPARENCY = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}

# Nothing that names a gain map or the like, which is left out with a warning.
# Hypothesis tries the words that the package looks for as well.
some_bytes = st.binary(min_size=1).filter(
    lambda data: not any(companions_left_out(b"", data))
)
metadata = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("icc_profile", "xmp"), some_bytes)
)


@pytest.fixture(scope="session")
def picture(photograph: Callable[[str], Image.Image]) -> Image.Image:
    """130 x 130 pixels of a photograph, with alpha that has every value."""
    image = photograph("astronaut").crop((160, 40, 290, 170))
    image.info.clear()
    image.putalpha(Image.effect_noise(image.size, 90))
    return image


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode.startswith("I;16"):
        levels = np.asarray(image.convert("L")).astype(np.uint16) * 257
        samples = levels.astype(">u2" if mode == "I;16B" else "<u2")
        return Image.frombytes(mode, image.size, samples.tobytes())
    if mode in ("La", "PA"):
        return image.convert("LA").convert(mode)
    if mode in ("RGBa", "RGBA", "LA"):
        return image.convert(mode)
    return image.convert("RGB").convert(mode)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    width=st.integers(1, 130),
    height=st.integers(1, 130),
    mode=st.sampled_from([*COMES_BACK, *ASKED_FOR]),
    transparency=st.booleans(),
    orientation=st.integers(1, 8),
    info=metadata,
    quality=st.integers(0, 100),
)
def test_size_mode_alpha_and_metadata_survive(
    picture: Image.Image,
    untrained_path: Path,
    *,
    width: int,
    height: int,
    mode: str,
    transparency: bool,
    orientation: int,
    info: dict[str, bytes],
    quality: int,
) -> None:
    image = in_mode(picture.crop((0, 0, width, height)), mode)
    if transparency and mode in WITH_TRANSPARENCY:
        image.info["transparency"] = image.getpixel((0, 0))
    exif = {"exif": tiff([(0x0112, 3, 1, bytes([orientation, 0, 0, 0]))])}
    image.info.update({**info, **exif})
    data = quietly_compressed(image, quality, mode in ASKED_FOR, untrained_path)
    again = decompress(data, painter=untrained_path, threads=1)
    seen = ImageOps.exif_transpose(image)
    expected = {**COMES_BACK, **ASKED_FOR}[mode]
    if "transparency" in image.info:
        expected = WITH_TRANSPARENCY[mode]
    assert (again.mode, again.size) == (expected, seen.size)
    if expected in ("LA", "RGBA"):
        shown = seen.convert("LA") if mode == "La" else seen
        alpha = shown.convert("RGBA").getchannel("A")
        assert again.getchannel("A").tobytes() == alpha.tobytes()
    upright = tiff([(0x0112, 3, 1, bytes([1, 0, 0, 0]))])
    dropped = {"icc_profile"} if mode in ("CMYK", "LAB") else set()
    kept = {name: info[name] for name in info if name not in dropped}
    assert again.info == {**kept, "exif": upright}
    if mode in COMES_BACK and mode not in NOISY:
        check_colours(again, seen)


def quietly_compressed(
    image: Image.Image, quality: int, convert: bool, model: Path
) -> bytes:
    """Compress; what must be asked for is warned of, and nothing else is."""
    if "icc_profile" in image.info and image.mode == "CMYK":
        del image.info["icc_profile"]  # random bytes cannot be applied
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = compress(image, quality, convert=convert, model=model, threads=1)
    assert len(caught) == convert
    return data


def check_colours(again: Image.Image, seen: Image.Image) -> None:
    if again.mode == "I;16":
        errors = (np.asarray(again, float) - np.asarray(seen, float)) / 257
        assert np.mean(errors**2) < 255**2 / 15
        return
    colours = "L" if again.mode in ("L", "LA") else "RGB"
    one, other = (
        np.asarray(image.convert(again.mode).convert(colours), float)
        for image in (again, seen)
    )
    visible = np.asarray(again.convert("RGBA").getchannel("A")) > 0
    errors = (one - other)[visible]
    assert errors.size == 0 or np.mean(errors**2) < 255**2 / 15
