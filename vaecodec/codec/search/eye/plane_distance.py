"""How much structure of planes on one scale differs, and the slope of that.

Three maps, as `ssimulacra2` describes them: dissimilarity, edges added, edges lost; of
each the weighted mean and 4-norm. They are written with the error, not the covariance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.search.eye.nodes import Nodes, Term
from vaecodec.codec.search.eye.numbers import COUNTED, SMALLEST_NORM
from vaecodec.codec.search.ssimulacra2 import SSIM_C2

DISSIMILAR, ADDED, LOST = range(3)  # maps


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
        n = self._nodes
        error = n.subtract(decoded, original)
        power = n.add(n.square(original), n.square(decoded))
        maps = n.stacked([original, error, power, n.square(error)])
        means = n.blurred(maps, 4 * self._channels)
        original_mean, shift, power, error_power = n.split(means, 4, self._channels)
        mean = n.add(original_mean, shift)
        squares = n.add(n.square(original_mean), n.square(mean))
        energy = n.raised(n.subtract(power, squares), SSIM_C2)
        brightness = n.square(shift)
        ratio = n.divide(n.subtract(error_power, brightness), energy)
        rest = n.subtract(n.hold(1), brightness)
        map_ = n.node("Relu", n.add(brightness, n.times(rest, ratio)))
        dissimilar, to_map = self._pooled(map_, DISSIMILAR)

        edge = n.raised(n.node("Abs", n.subtract(original, original_mean)), 1)
        decoded_edge = n.subtract(decoded, mean)
        change = n.divide(n.raised(n.node("Abs", decoded_edge), 1), edge)
        change = n.raised(change, -1)
        changed, to_change = self._changes(change)

        # to_...: the slope of the distance along what the name says.
        to_error_power = n.divide(n.times(rest, to_map), energy)
        to_power = n.scaled(n.times(to_error_power, ratio), -1)
        to_edge = n.divide(to_change, edge)
        to_edge = n.times(to_edge, n.node("Sign", decoded_edge))
        by_map = n.times(to_map, n.subtract(n.hold(1), ratio))
        to_shift = n.times(n.subtract(by_map, to_error_power), shift)
        to_shift = n.scaled(n.subtract(to_shift, n.times(mean, to_power)), 2)
        slopes = n.stacked([n.subtract(to_shift, to_edge), to_error_power, to_power])
        back = n.blurred_back(slopes, 3 * self._channels)
        by_mean, by_error, by_power = n.split(back, 3, self._channels)
        both = n.add(n.times(by_error, error), n.times(by_power, decoded))
        slope = n.add(n.scaled(both, 2), by_mean, to_edge)
        return Term(n.add(dissimilar, *changed), slope)

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
