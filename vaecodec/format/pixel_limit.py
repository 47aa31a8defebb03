"""How many pixels an image may have: a limit of this program, not of the format.

In: width and height, from a file or of an image. Out: nothing, or an error. Memory and
time follow the number of pixels, and a flat image of any size makes a small file; so
whoever reads files of strangers sets the limit as low as the largest image that is
expected, by the environment variable VAECODEC_MAX_PIXELS.
"""

from __future__ import annotations

import os

from vaecodec.errors import VaecodecError

MAX_PIXELS = 1 << 28
VARIABLE = "VAECODEC_MAX_PIXELS"


def max_pixels() -> int:
    """The limit that holds now.

    Raises:
        VaecodecError: The environment variable is no whole number above 0.
    """
    value = os.environ.get(VARIABLE) or str(MAX_PIXELS)
    if not (value.isascii() and value.isdecimal() and len(value) < 20 and int(value)):
        raise VaecodecError(f"{VARIABLE} is {value!r}, not a whole number above 0")
    return int(value)


def check_pixels(
    width: int, height: int, channels: int = 1, *, error: type[VaecodecError]
) -> None:
    """Raise the given error when an image of this size is too large.

    Of up to 4 channels each pixel counts once, of up to 8 twice, and so on.
    """
    times = -(-channels // 4)
    pixels, most = width * height * times, max_pixels()
    if pixels > most:
        of_many = f" (each counts as {times}: {channels} channels)" if times > 1 else ""
        raise error(
            f"{width} x {height} are {pixels} pixels{of_many}, more than the {most} "
            f"that this program reads and writes ({VARIABLE} changes that)"
        )
