"""Any mode of Pillow -> 8-bit gray or RGB, with alpha if there is transparency.

In: a loaded PIL image; out: uint8 samples, and what of the image they do not hold.
What means the same afterwards is done unasked: palettes, 1-bit samples, transparent
colours, premultiplied alpha. What changes the image needs `convert`: bits that cannot
be read, other colour spaces, numbers of any range.

The samples are filled in strip by strip, so that a large image is never there thrice.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaecodec.errors import ImageError
from vaecodec.models.depth import SHALLOW, Samples

STRIP_PIXELS = 1 << 22

# Without transparency, and with it.
SAME_MEANING = {
    "1": ("L", "LA"),
    "L": ("L", "LA"),
    "LA": ("LA", "LA"),
    "La": ("LA", "LA"),
    "P": ("RGB", "RGBA"),
    "PA": ("RGBA", "RGBA"),
    "RGB": ("RGB", "RGBA"),
    "RGBA": ("RGBA", "RGBA"),
    "RGBX": ("RGB", "RGB"),
    "RGBa": ("RGBA", "RGBA"),
}
COLOUR_SPACES = ("CMYK", "YCbCr", "HSV", "LAB")

Strip = Callable[[Image.Image], NDArray[np.uint8]]


@dataclass(frozen=True)
class Conversion:
    """What becomes of an image.

    Attributes:
        channels: 1 to 4, as in the header of a file.
        strip: gives the samples of some rows, [h, w] or [h, w, channels].
        lost: what is lost, in words; empty if the image means the same afterwards.
        keeps_profile: whether the ICC profile of the image still describes it.
    """

    channels: int
    strip: Strip
    lost: str = ""
    keeps_profile: bool = True

    def read(self, image: Image.Image) -> Reading:
        """The samples of the image, uint8 [H, W] or [H, W, channels]."""
        depth = () if self.channels == 1 else (self.channels,)
        samples = np.empty((image.height, image.width, *depth), np.uint8)
        rows = max(1, STRIP_PIXELS // image.width)
        for top in range(0, image.height, rows):
            box = (0, top, image.width, min(top + rows, image.height))
            samples[box[1] : box[3]] = self.strip(image.crop(box))
        return Reading(samples, lost=self.lost, keeps_profile=self.keeps_profile)


class Reading(NamedTuple):
    """What was read of an image.

    Attributes:
        samples: [H, W] or [H, W, 2..4].
        depth: bits of a sample, 8..16.
        upright: whether the samples are turned already as the file says.
        lost: as of a `Conversion`.
        keeps_profile: as of a `Conversion`.
    """

    samples: Samples
    depth: int = SHALLOW
    upright: bool = False
    lost: str = ""
    keeps_profile: bool = True


def conversion_of(
    image: Image.Image, *, bits: int, convert: bool, profile_matters: bool = True
) -> Conversion:
    """How an image of any mode is converted.

    Args:
        image: loaded, since some formats decide on the mode only then.
        bits: of each sample in the file, which may be more than the mode holds.
        convert: whether something may be lost.
        profile_matters: whether an ICC profile that cannot be applied is an error.

    Raises:
        ImageError: Something would be lost unasked, or no conversion is known.
    """
    mode = image.mode
    if mode in SAME_MEANING:
        found = _same_meaning(image, bits)
    elif mode in ("I", "F"):
        found = _gray_of_numbers(image)
    elif mode in COLOUR_SPACES:
        found = _rgb_of(image, profile_matters)
    else:
        raise ImageError(f"images of mode {mode} are not supported")
    if found.lost and not convert:
        raise ImageError(needs_convert(found.lost))
    return found


def needs_convert(lost: str) -> str:
    """The message about something that is lost only when that is asked for."""
    return f"{lost} cannot be kept; convert=True (--convert) leaves it out"


def _same_meaning(image: Image.Image, bits: int) -> Conversion:
    mode = SAME_MEANING[image.mode][_has_transparency(image)]
    if bits > 8 and image.info.get("transparency") is not None:
        raise ImageError(f"a transparent colour of {bits} bits is not supported")
    return Conversion(
        channels=len(mode),
        strip=lambda part: np.asarray(part.convert(mode)),
        lost=_lower_bits(bits),
    )


def _has_transparency(image: Image.Image) -> bool:
    """Whether one colour, or some of a palette, are transparent."""
    palette = image.palette.mode if image.palette else ""
    return image.info.get("transparency") is not None or palette.endswith("A")


def _lower_bits(bits: int) -> str:
    return f"the lower {bits - 8} of {bits} bits" if bits > 8 else ""


def _gray_of_numbers(image: Image.Image) -> Conversion:
    """Numbers from the lowest to the highest become 0 to 255."""
    low, high = np.ravel(image.getextrema()).tolist()
    if not np.isfinite([low, high]).all():
        raise ImageError(f"samples reach from {low} to {high}, which is not an image")

    def strip(part: Image.Image) -> NDArray[np.uint8]:
        values = np.asarray(part)
        if np.isnan(values).any():
            raise ImageError("some samples are not a number")
        scaled = (values.astype(float) - low) * (255 / ((high - low) or 1))
        gray: NDArray[np.uint8] = np.rint(scaled).clip(0, 255).astype(np.uint8)
        return gray

    lost = f"the scale of samples from {low:g} to {high:g}"
    return Conversion(channels=1, strip=strip, lost=lost)


def _rgb_of(image: Image.Image, profile_matters: bool) -> Conversion:
    """Another colour space as sRGB, through the profile of the image if it has one."""
    lost = f"the colour space {image.mode}"
    try:
        through = _profile_transform(image)
    except ImageError:
        if profile_matters:
            raise
        through, lost = _pillows_own, f"{lost} and an ICC profile that is unusable"
    return Conversion(
        channels=3,
        strip=lambda part: np.asarray(through(part)),
        lost=lost,
        keeps_profile=image.mode not in ("CMYK", "LAB"),
    )


def _pillows_own(image: Image.Image) -> Image.Image:
    return image.convert("RGB")


def _profile_transform(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    profile = image.info.get("icc_profile")
    if image.mode != "CMYK" or not profile:
        return _pillows_own
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        transform = ImageCms.buildTransform(
            source, target, "CMYK", "RGB", intent, flags
        )
    except (ImageCms.PyCMSError, OSError, ImportError) as error:
        # ImageCms is not part of every build of Pillow, and says so when it is used.
        raise ImageError(
            f"the ICC profile cannot be applied: {error}; metadata=False "
            "(--strip) ignores it"
        ) from error
    return transform.apply
