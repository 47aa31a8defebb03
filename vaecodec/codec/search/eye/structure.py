"""The weighted sum inside SSIMULACRA2, and its slope along the decoded image.

Levels become linear light, light on each scale becomes planes X, Y and B - Y, and
planes are compared. The slope goes the same way back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.codec.search.eye.nodes import COLOURS, Nodes, Term
from vaecodec.codec.search.eye.numbers import TO_PLANES, counted_planes
from vaecodec.codec.search.eye.plane_distance import PlaneDistance
from vaecodec.codec.search.ssimulacra2 import OPSIN_BIAS, OPSIN_MATRIX, WEIGHTS
from vaecodec.models.depth import BRIGHTEST

DARK, DARK_SLOPE, OFFSET, POWER = 0.04045, 1 / 12.92, 0.055, 2.4  # IEC 61966-2-1


class _Opponent(NamedTuple):
    """Planes [1, P, H, W], what cones answer [1, 2 or 3, H, W], and its cube roots."""

    planes: str
    responses: str
    roots: str


class Structure:
    """Writes the nodes."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def planes(self, original: str) -> dict[int, str]:
        """What is compared with the original, by scale, from its levels."""
        n = self._nodes
        light, _ = self._light(original)
        found = dict[int, str]()
        for scale, planes in enumerate(counted_planes()):
            if scale:
                light = n.reduced(light, 2)
            if planes:
                found[scale] = self._opponent(light, planes).planes
        return found

    def write(self, original: Mapping[int, str], decoded: str) -> Term:
        """Planes of the original by scale, levels of the decoded image."""
        n = self._nodes
        light, to_light = self._light(decoded)
        totals, slope = self._scales(0, original, light)
        return Term(n.add(*totals), n.times(slope, to_light))

    def _scales(
        self, scale: int, original: Mapping[int, str], light: str
    ) -> tuple[list[str], str]:
        """Sums of a scale and those below it, and their slope along its light."""
        totals, slopes = list[str](), list[str]()
        if scale in original:
            found = self._scale(scale, original[scale], light)
            totals, slopes = [found.total], [found.slope]
        if scale < max(original):
            half = self._nodes.reduced(light, 2)
            coarser, slope = self._scales(scale + 1, original, half)
            totals += coarser
            slopes.append(self._nodes.reduced_back(slope, 2))
        return totals, self._nodes.add(*slopes)

    def _scale(self, scale: int, original: str, light: str) -> Term:
        n, planes = self._nodes, counted_planes()[scale]
        decoded = self._opponent(light, planes)
        distance = PlaneDistance(n, WEIGHTS[list(planes), scale])
        total, slope = distance.write(original, decoded.planes)
        shares = _shares(planes)
        # The slope of a cube root is a third of the root over what it is of.
        steep = n.divide(decoded.roots, decoded.responses)
        slope = n.times(n.mixed(slope, shares.T), steep)
        return Term(total, n.mixed(slope, _cones(shares).T / 3))

    def _light(self, levels: str) -> Term:
        """Levels of sRGB -> linear light 0..1, and its slope along the levels."""
        n = self._nodes
        image = n.scaled(levels, 1 / BRIGHTEST)
        bounded = n.node("Clip", image, n.hold(0), n.hold(1))
        dark = n.node("LessOrEqual", bounded, n.hold(DARK))
        shifted = n.raised(bounded, OFFSET)
        bent = n.power(n.scaled(shifted, 1 / (1 + OFFSET)), POWER)
        light = n.chosen(dark, n.scaled(bounded, DARK_SLOPE), bent)
        steep = n.scaled(n.divide(bent, shifted), POWER / BRIGHTEST)
        slope = n.chosen(dark, n.hold(DARK_SLOPE / BRIGHTEST), steep)
        inside = n.node("Equal", bounded, image)
        return Term(light, n.chosen(inside, slope, n.hold(0)))

    def _opponent(self, light: str, planes: Sequence[int]) -> _Opponent:
        n, shares = self._nodes, _shares(planes)
        responses = n.raised(n.mixed(light, _cones(shares)), OPSIN_BIAS)
        roots = n.power(responses, 1 / 3)
        offsets = np.array([TO_PLANES[plane][1] for plane in planes])
        held = n.hold(offsets.reshape(1, -1, 1, 1))
        return _Opponent(n.add(n.mixed(roots, shares), held), responses, roots)


def _shares(planes: Sequence[int]) -> NDArray[np.float64]:
    """Of the roots of cones in planes [P, 2 or 3]: only B - Y looks at the third."""
    cones = COLOURS if 2 in planes else 2
    return np.array([TO_PLANES[plane][0][:cones] for plane in planes])


def _cones(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of linear light in the answers of as many cones."""
    return np.array(OPSIN_MATRIX)[: shares.shape[1]]
