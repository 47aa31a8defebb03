"""How much structure of planes on one scale differs, and the slope of that.

Three maps, as `ssimulacra2` describes them: dissimilarity, edges added, edges lost; of
each the weighted mean and 4-norm. They are written with the error, not the covariance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.search.eye.nodes import Nodes, Term
from vaecodec.codec.search.eye.numbers import COUNTED, SMALLEST_NORM
from vaecodec.codec.search.ssimulacra2 import SSIM_C2

DISSIMILAR, ADDED, LOST = range(3)  # maps


class _Means(NamedTuple):
    """Gaussian means of planes, and what follows from them.

    Attributes:
        original, decoded: of the planes.
        error: the difference of the planes, not blurred.
        shift: its mean.
        energy: the sum of both variances, and a little.
        brightness: how much of the error is the shift.
        rest: 1 less that.
        ratio: variance of the error over the energy.
    """

    original: str
    decoded: str
    error: str
    shift: str
    energy: str
    brightness: str
    rest: str
    ratio: str


class PlaneDistance:
    """Writes the nodes for one scale.

    Args:
        nodes: of the graph.
        weights: [P, norm, map].
    """

    def __init__(self, nodes: Nodes, weights: NDArray[np.float64]) -> None:
        self._nodes = nodes
        self._weights = np.where(weights > COUNTED, weights, 0)
        self._channels = len(weights)

    def write(self, original: str, decoded: str) -> Term:
        """Planes [1, P, H, W] of two images; the slope is that along `decoded`."""
        n, means = self._nodes, self._means(original, decoded)
        map_ = n.add(means.brightness, n.times(means.rest, means.ratio))
        dissimilar, to_map = self._pooled(n.node("Relu", map_), DISSIMILAR)
        edge = n.raised(n.node("Abs", n.subtract(original, means.original)), 1)
        decoded_edge = n.subtract(decoded, means.decoded)
        change = n.divide(n.raised(n.node("Abs", decoded_edge), 1), edge)
        changed, to_change = self._changes(n.raised(change, -1))
        to_edge = n.times(n.divide(to_change, edge), n.node("Sign", decoded_edge))
        slope = self._slope(means, to_map, to_edge, decoded)
        return Term(n.add(dissimilar, *changed), slope)

    def _means(self, original: str, decoded: str) -> _Means:
        n = self._nodes
        error = n.subtract(decoded, original)
        power = n.add(n.square(original), n.square(decoded))
        maps = n.stacked([original, error, power, n.square(error)])
        blurred = n.blurred(maps, 4 * self._channels)
        original_mean, shift, power, error_power = n.split(blurred, 4, self._channels)
        mean = n.add(original_mean, shift)
        squares = n.add(n.square(original_mean), n.square(mean))
        energy = n.raised(n.subtract(power, squares), SSIM_C2)
        brightness = n.square(shift)
        return _Means(
            original=original_mean,
            decoded=mean,
            error=error,
            shift=shift,
            energy=energy,
            brightness=brightness,
            rest=n.subtract(n.hold(1), brightness),
            ratio=n.divide(n.subtract(error_power, brightness), energy),
        )

    def _slope(self, means: _Means, to_map: str, to_edge: str, decoded: str) -> str:
        """Along `decoded`; to_... is the slope along what the name says."""
        n = self._nodes
        to_error_power = n.divide(n.times(means.rest, to_map), means.energy)
        to_power = n.scaled(n.times(to_error_power, means.ratio), -1)
        by_map = n.times(to_map, n.subtract(n.hold(1), means.ratio))
        to_shift = n.times(n.subtract(by_map, to_error_power), means.shift)
        to_shift = n.subtract(to_shift, n.times(means.decoded, to_power))
        to_mean = n.subtract(n.scaled(to_shift, 2), to_edge)
        slopes = n.stacked([to_mean, to_error_power, to_power])
        back = n.blurred_back(slopes, 3 * self._channels)
        by_mean, by_error, by_power = n.split(back, 3, self._channels)
        both = n.add(n.times(by_error, means.error), n.times(by_power, decoded))
        return n.add(n.scaled(both, 2), by_mean, to_edge)

    def _changes(self, change: str) -> tuple[list[str], str]:
        """Edges added and lost, as far as they count, and the slope along the change.

        On every scale one of them does.
        """
        n, totals, slopes = self._nodes, list[str](), list[str]()
        for number, sign in ((ADDED, 1), (LOST, -1)):
            if self._weights[:, :, number].any():
                map_ = n.node("Relu", n.scaled(change, sign))
                total, slope = self._pooled(map_, number)
                totals.append(total)
                slopes.append(n.scaled(slope, sign))
        return totals, n.add(*slopes)

    def _pooled(self, values: str, number: int) -> tuple[str, str]:
        """Weighted mean and 4-norm of a map, over all planes, and their slope."""
        n, count = self._nodes, self._nodes.count(values)
        to_mean, to_norm = self._weights[:, :, number].T.reshape(2, 1, -1, 1, 1)
        cubes = n.times(n.square(values), values)
        fourth = n.raised(n.mean(n.times(cubes, values)), SMALLEST_NORM)
        parts = [n.times(n.power(fourth, 0.25), n.hold(to_norm))]
        steep = n.divide(n.times(n.power(fourth, -0.75), n.hold(to_norm)), count)
        slopes = [n.times(cubes, steep)]
        if to_mean.any():
            parts.append(n.times(n.mean(values), n.hold(to_mean)))
            positive = n.node("Sign", values)  # no value is negative
            even = n.divide(n.hold(to_mean), count)
            slopes.append(n.times(positive, even))
        total = n.node("ReduceMean", n.add(*parts), axes=[1], keepdims=1)
        return n.scaled(total, self._channels), n.add(*slopes)
