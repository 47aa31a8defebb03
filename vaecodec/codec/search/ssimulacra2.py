"""SSIMULACRA2: how good a decoded image looks beside its original.

In: two uint8 arrays [H, W, 3], sRGB. Out: a float, 100 for equal images, about 90 where
no flicker shows, 70 high, 50 medium, 30 low quality, and negative when it is awful.

Written from the published definition (github.com/cloudinary/ssimulacra2, version 2.1):
in the colour space XYB of JPEG XL and on six scales, a map of structural dissimilarity
and two maps of edges, one of those that were added and one of those that were lost; of
each map its mean and its 4-norm; a weighted sum of these 108 numbers; a curve.
The numbers are those of the Python package `ssimulacra2` within 0.001, borders
included: the Gaussian finds zeros left and right of the image, and mirrored rows above
and below. The constants are public for whoever needs the measure elsewhere, as training
does. No BLAS and no threads: it may run before a fork.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SCALES = 6
SMALLEST_SIDE = 8  # a scale with a smaller side is left out, and all below it
# Linear RGB to the responses of long, medium and short cones.
OPSIN_MATRIX = (
    (0.30, 0.622, 0.078),
    (0.23, 0.692, 0.078),
    (0.24342268924547819, 0.20476744424496821, 0.55180986650955360),
)
OPSIN_BIAS = 0.0037930732552754493
# Factor and offset that bring X, Y and B - Y into the positive range.
XYB_FACTORS = (14.0, 1.0, 1.0)
XYB_OFFSETS = (0.42, 0.01, 0.55)
RADIUS = 5  # of the Gaussian, in pixels of its scale
SIGMA = 1.5
_BELL = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
GAUSSIAN: NDArray[np.float64] = _BELL / _BELL.sum()  # [2 * RADIUS + 1]
SSIM_C2 = 0.0009
# Score = 100 - CURVE_SCALE * p(CURVE_INPUT * sum) ** CURVE_POWER, where p is a
# polynomial with these coefficients of the first, second and third power.
CURVE_INPUT = 0.9562382616834844
CURVE_POLYNOMIAL = (2.326765642916932, -0.020884521182843837, 6.248496625763138e-05)
CURVE_SCALE = 10.0
CURVE_POWER = 0.6276336467831387
ROWS_AT_ONCE = 128  # so that the Gaussian stays in the processor's cache

Samples = NDArray[np.uint8]
Plane = NDArray[np.float32]  # [H, W]

# Of [3 planes; 6 scales, the largest first; 2 norms: mean, 4-norm, a line each;
# 3 maps: dissimilarity, edges added, edges lost].
# fmt: off
WEIGHTS: NDArray[np.float64] = np.array((
    # X
    0.0, 0.0007376606707406586, 0.0,
    0.0, 0.0007793481682867309, 0.0,
    0.0, 0.0004371155730107379, 0.0,
    1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
    0.0, 0.0016406437456599754, 0.0,
    1.8422455520539298, 11.441172603757666, 0.0,
    0.0007989109436015163, 0.000176816438078653, 0.0,
    1.8787594979546387, 10.94906990605142, 0.0,
    0.0007289346991508072, 0.9677937080626833, 0.0,
    0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
    0.0004550992113792063, 0.0, 0.0,
    0.0013648766163243398, 0.0, 0.0,
    # Y
    0.0, 0.0, 0.0,
    7.466890328078848, 0.0, 17.445833984131262,
    0.0006235601634041466, 0.0, 0.0,
    6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    225.20515300849274, 0.0, 0.0,
    19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    176.39317598450694, 0.0, 0.0,
    24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    0.0, 0.0, 0.0,
    34.77906344483772, 44.835625328877896, 0.0,
    0.0, 0.0, 0.0,
    0.0, 0.0, 0.0,
    # B - Y
    0.0, 0.0008680556573291698, 0.0,
    0.0, 0.0, 0.0,
    0.0, 0.0005313191874358747, 0.0,
    0.00016533814161379112, 0.0, 0.0,
    0.0, 0.0, 0.0,
    0.0004179171803251336, 0.0017290828234722833, 0.0,
    0.0020827005846636437, 0.0, 0.0,
    8.826982764996862, 23.19243343998926, 0.0,
    95.1080498811086, 0.9863978034400682, 0.9834382792465353,
    0.0012286405048278493, 171.2667255897307, 0.9807858872435379,
    0.0, 0.0, 0.0,
    0.0005130064588990679, 0.0, 0.00010854057858411537,
)).reshape(3, SCALES, 2, 3)
# fmt: on


class _Plane(NamedTuple):
    """A plane of the original on one scale, and what the Gaussian makes of it."""

    samples: Plane
    mean: Plane
    variance: Plane


class Ssimulacra2:
    """Scores decoded versions of one original, whose side is computed once.

    Keeps about 50 bytes per pixel of the original.

    Raises:
        ValueError: `original` is not uint8 [H, W, 3], or a side is under 8 pixels.
    """

    def __init__(self, original: Samples) -> None:
        self._shape = original.shape
        if min(sides := self._shape[:2]) < SMALLEST_SIDE:
            raise ValueError(f"sides {sides}, expected at least {SMALLEST_SIDE}")
        self._scales = [
            [_Plane(p, mean := blur(p), blur(p * p) - mean * mean) for p in planes]
            for planes in _pyramid(original)
        ]

    def score(self, decoded: Samples) -> float:
        """The score of a decoded version, -inf..100.

        Raises:
            ValueError: `decoded` is not uint8 or has another shape.
        """
        if decoded.shape != self._shape:
            raise ValueError(f"shapes differ: {self._shape} and {decoded.shape}")
        pairs = zip(self._scales, _pyramid(decoded), strict=True)
        norms = np.stack([list(map(_norms, *pair)) for pair in pairs], axis=1)
        # As published: with fewer scales the first weights of the list are taken, so
        # that those of a plane are no longer its own.
        weights = WEIGHTS.reshape(-1)[: norms.size].reshape(norms.shape)
        return score_of_sum(float((weights * norms).sum()))


def ssimulacra2(original: Samples, decoded: Samples) -> float:
    """The score of one decoded image, -inf..100.

    Raises:
        ValueError: Shapes differ, something is not uint8 [H, W, 3], or a side is under
            8 pixels.
    """
    return Ssimulacra2(original).score(decoded)


def score_of_sum(weighted_sum: float) -> float:
    """The published curve: from the weighted sum (at least 0) to the score."""
    x = CURVE_INPUT * weighted_sum
    first, second, third = CURVE_POLYNOMIAL
    bent = x * (first + x * (second + x * third))
    return float(100.0 - CURVE_SCALE * max(bent, 0.0) ** CURVE_POWER)


def blur(plane: Plane) -> Plane:
    """The Gaussian of a plane whose sides are at least RADIUS; the same shape."""
    around = np.pad(plane, ((RADIUS, RADIUS), (0, 0)), mode="symmetric")
    return weighted_windows(np.pad(around, ((0, 0), (RADIUS, RADIUS))))


def weighted_windows(plane: Plane) -> Plane:
    """Of each window of 11 by 11 samples that lies in the plane, the Gaussian mean.

    From [H, W] to [H - 10, W - 10].
    """
    height, width = (side - 2 * RADIUS for side in plane.shape)
    means = np.empty((height, width), np.float32)
    for top in range(0, height, ROWS_AT_ONCE):
        rows = plane[top : top + ROWS_AT_ONCE + 2 * RADIUS]
        means[top : top + ROWS_AT_ONCE] = _weighted(_weighted(rows).T).T
    return means


def _weighted(values: Plane) -> Plane:
    """Gaussian means of 11 neighbouring rows."""
    taps = GAUSSIAN[RADIUS:].astype(np.float32)
    count = len(values) - 2 * RADIUS
    total: Plane = values[RADIUS : RADIUS + count] * taps[0]
    pair = np.empty_like(total)
    for distance in range(1, RADIUS + 1):
        first, second = RADIUS - distance, RADIUS + distance
        np.add(values[first:][:count], values[second:][:count], out=pair)
        pair *= taps[distance]
        total += pair
    return total


def _pyramid(image: Samples) -> Iterator[list[Plane]]:
    """The image in XYB on every scale that is large enough, the largest first."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f"expected uint8 [H, W, 3], got {image.dtype} {list(image.shape)}"
        )
    linear = [_LINEAR[image[..., channel]] for channel in range(3)]
    for scale in range(SCALES):
        if scale:
            linear = list(map(_halved, linear))
        if min(linear[0].shape) < SMALLEST_SIDE:
            return
        yield _positive_xyb(linear)


def _linear_levels() -> NDArray[np.float32]:
    """Linear light 0..1 of the 256 levels of sRGB."""
    level = np.arange(256) / 255
    bent = ((level + 0.055) / 1.055) ** 2.4
    return np.where(level <= 0.04045, level / 12.92, bent).astype(np.float32)


_LINEAR = _linear_levels()


def _halved(plane: Plane) -> Plane:
    """Means of 2 by 2 samples; of what there is at an odd right or lower border."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    rows = even[::2] + even[1::2]
    return (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)


def _positive_xyb(linear: Sequence[Plane]) -> list[Plane]:
    """X, Y and B - Y of linear R, G and B, shifted and scaled to be positive."""
    cones = []
    for row in OPSIN_MATRIX:
        red, green, blue = (np.float32(w) * p for w, p in zip(row, linear, strict=True))
        mixed = np.maximum(red + green + blue + np.float32(OPSIN_BIAS), 0)
        cones.append(np.cbrt(mixed) - np.float32(np.cbrt(OPSIN_BIAS)))
    long, medium, short = cones
    y = (long + medium) / 2
    planes = ((long - medium) / 2, y, short - y)
    return [
        plane * np.float32(factor) + np.float32(offset)
        for plane, factor, offset in zip(planes, XYB_FACTORS, XYB_OFFSETS, strict=True)
    ]


def _norms(original: _Plane, samples: Plane) -> NDArray[np.float64]:
    """Mean and 4-norm of the three maps of one plane: float64 [2 norms, 3 maps].

    The maps are written with the error, the difference of the two images, instead of
    their covariance: that makes float32 precise enough.
    """
    error = samples - original.samples
    shift = blur(error)
    error_variance = blur(error * error) - shift * shift
    mean = original.mean + shift
    variance = blur(samples * samples) - mean * mean
    energy = original.variance + variance + np.float32(SSIM_C2)
    brightness = shift * shift
    dissimilarity = brightness + (1 - brightness) * error_variance / energy
    edges = np.abs(original.samples - original.mean)
    added = (np.abs(samples - mean) - edges) / (1 + edges)
    maps = (dissimilarity, added, -added)
    return np.stack([_mean_and_norm(np.maximum(one, 0)) for one in maps], axis=-1)


def _mean_and_norm(values: Plane) -> NDArray[np.float64]:
    """Mean and 4-norm: float64 [2]."""
    fourth = np.square(np.square(values)).mean(dtype=np.float64)
    return np.array([values.mean(dtype=np.float64), fourth**0.25])
