"""Small pictures of what a codec easily spoils, drawn or cut from photographs.

Out: `regression_pictures`, by name: distant detail in haze, smooth skies, skin, leaves,
text, saturated colours. All are the same on every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.photographs import wheel_photograph

Pixels = NDArray[np.uint8]

SIDE = 256  # of drawn pictures, in pixels
SKY = ((70, 120, 200), (205, 225, 245))  # above and below
NOISE_SIGMA = 1.5  # in levels
WORDS = "Sphinx of black quartz, judge my vow. 0123456789"
COLOURS = (
    *("red", "lime", "blue", "yellow", "magenta", "cyan", "black", "white"),
    *("orange", "purple", "navy", "maroon", "gray", "gold", "teal", "hotpink"),
)


@dataclass(frozen=True)
class RegressionPicture:
    """A picture to watch.

    Attributes:
        shows: what it is, and what goes wrong on it.
        samples: uint8 [H, W, 3], at least 161 pixels wide and high.
        noise: of a smooth picture, how far its samples are at most from the surface
            below the noise, in levels; None when the picture is not smooth.
    """

    shows: str
    samples: Pixels
    noise: float | None = None


def regression_pictures() -> dict[str, RegressionPicture]:
    """All of them, by the name of their files."""
    sky = gradient(*SKY)
    return {
        "haze": RegressionPicture(
            "boats and a bridge in haze: detail of low contrast vanishes",
            _cut("china", left=352, top=130, width=192, height=176),
        ),
        "sky": smooth("a plain sky: bands, and another colour", sky),
        "noisy-sky": smooth(
            "a sky with a little noise: bands, and another colour",
            sky,
            sigma=NOISE_SIGMA,
        ),
        "vignette": smooth(
            "a surface that darkens towards its corners: bands and blocks", vignette()
        ),
        "skin": RegressionPicture(
            "a face: skin turns to wax or changes its colour",
            _cut("astronaut", left=142, top=10, width=176, height=176),
        ),
        "leaves": RegressionPicture(
            "leaves: fine texture turns to mush",
            _cut("china", left=330, top=251, width=192, height=176),
        ),
        "text": RegressionPicture("text: rings around the letters", text()),
        "squares": RegressionPicture(
            "squares of saturated colours: bleeding edges", squares()
        ),
    }


def smooth(
    shows: str, surface: NDArray[np.float64], *, sigma: float = 0
) -> RegressionPicture:
    """A surface [H, W, 3] in levels, with Gaussian noise, rounded."""
    noise = np.random.default_rng(1).normal(0, sigma, surface.shape)
    samples = (surface + noise).round().clip(0, 255).astype(np.uint8)
    largest = float(np.abs(samples - surface.round()).max())
    return RegressionPicture(shows, samples, noise=largest)


def gradient(above: Sequence[float], below: Sequence[float]) -> NDArray[np.float64]:
    """From one colour to another, [SIDE, SIDE, 3]."""
    share = np.linspace(0, 1, SIDE)[:, None, None]
    row = (1 - share) * np.array(above, float) + share * np.array(below, float)
    return np.broadcast_to(row, (SIDE, SIDE, 3))


def vignette() -> NDArray[np.float64]:
    """Warm gray that falls to 60 % in the corners, [SIDE, SIDE, 3]."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    light = 1 - 0.2 * (x**2 + y**2)
    colour: NDArray[np.float64] = np.array((190.0, 180.0, 165.0))
    surface: NDArray[np.float64] = np.multiply.outer(light, colour)
    return surface


def text() -> Pixels:
    """Dark letters of growing size on white."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw, top = ImageDraw.Draw(image), 4
    for size in range(9, 27, 2):
        draw.text((4, top), WORDS, fill=(20, 20, 30), font=ImageFont.load_default(size))
        top += round(1.6 * size)
    return np.asarray(image)


def squares() -> Pixels:
    """Squares of saturated colours, side by side."""
    image = Image.new("RGB", (SIDE, SIDE))
    draw, side = ImageDraw.Draw(image), SIDE // 4
    for number, colour in enumerate(COLOURS):
        top, left = (side * place for place in divmod(number, 4))
        draw.rectangle((left, top, left + side - 1, top + side - 1), fill=colour)
    return np.asarray(image)


def _cut(name: str, *, left: int, top: int, width: int, height: int) -> Pixels:
    return wheel_photograph(name)[top : top + height, left : left + width].copy()
