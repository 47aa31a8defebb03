"""SSIMULACRA2 as a distance that can be trained on.

`codec.search.ssimulacra2` says what the measure is, and scores two uint8 images. Here
it is a differentiable function of batches, up to the weighted sum: the curve that turns
the sum into a score is left out, since a sum is what can be traded against a rate.

Two thirds of the 108 weights are as good as zero, so only the planes that count on a
scale are looked at. The gradient of the maps is written by hand, which takes a third of
the time, that of the opponent colours a tenth; blurs are products with a banded matrix,
on a CPU the fastest way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.codec.search.eye.numbers import (
    COUNTED,
    SMALLEST_NORM,
    TO_PLANES,
    counted_planes,
)
from vaecodec.codec.search.ssimulacra2 import (
    GAUSSIAN,
    OPSIN_BIAS,
    OPSIN_MATRIX,
    RADIUS,
    SSIM_C2,
    WEIGHTS,
)


def weighted_sum(
    original: Tensor, decoded: Tensor, *, zero_sides: bool = False
) -> Tensor:
    """The distance [B] between images [B, 3, H, W] of samples in 0..1.

    0 for equal images, 0.4 at a score of 90, 2.6 at 70, 6 at 50, 13 at 30. Gradients
    flow to `decoded`; samples outside of 0..1 count as clipped. Sides are multiples of
    16. With `zero_sides` there is nothing left and right of the images, as when a score
    is computed; otherwise they are mirrored there, as a crop of a larger picture.
    """
    with torch.no_grad():
        light = _LinearLight.apply(original)  # type: ignore[no-untyped-call]
    decoded_light = _LinearLight.apply(decoded)  # type: ignore[no-untyped-call]
    total = decoded.new_zeros(len(decoded))
    for scale, planes in enumerate(counted_planes()):
        if scale:
            light = functional.avg_pool2d(light, 2)
            decoded_light = functional.avg_pool2d(decoded_light, 2)
        if planes:
            weights = light.new_tensor(WEIGHTS[list(planes), scale])
            found = _opponent(light, planes), _opponent(decoded_light, planes)
            total = total + _PlaneDistance.apply(*found, weights, zero_sides)  # type: ignore[no-untyped-call]
    return total


class _LinearLight(torch.autograd.Function):
    """sRGB samples -> linear light, both 0..1 (IEC 61966-2-1)."""

    @staticmethod
    def forward(context: Any, image: Tensor) -> Tensor:
        bounded = image.clamp(0, 1)
        power = bounded.add(0.055).mul_(1 / 1.055).pow_(2.4)
        dark = bounded <= 0.04045
        context.save_for_backward(image, power, dark)
        return torch.where(dark, bounded.div_(12.92), power)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        image, power, dark = context.saved_tensors
        slope = power.mul(2.4).div_(image + 0.055)
        slope.masked_fill_(dark, 1 / 12.92).mul_(gradient)
        return slope.masked_fill_((image < 0) | (image > 1), 0)


def _opponent(light: Tensor, planes: tuple[int, ...]) -> Tensor:
    """Linear light [B, 3, H, W] -> those of X, Y and B - Y, positive [B, P, H, W]."""
    found: Tensor = _Opponent.apply(light, planes)  # type: ignore[no-untyped-call]
    return found


class _Opponent(torch.autograd.Function):
    """The planes from cube roots of what three kinds of cones see."""

    @staticmethod
    def forward(context: Any, light: Tensor, planes: tuple[int, ...]) -> Tensor:
        cones = 3 if 2 in planes else 2  # only B - Y looks at the third
        responses = [_response(light, cone) for cone in range(cones)]
        roots = [response.pow(1 / 3) for response in responses]
        context.planes, context.cones = planes, cones
        context.save_for_backward(*responses, *roots)
        found = light.new_empty(len(light), len(planes), *light.shape[2:])
        for place, plane in enumerate(planes):
            shares, offset = TO_PLANES[plane]
            _mixed(roots, shares, found[:, place]).add_(offset)
        return found

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        cones, planes = context.cones, context.planes
        responses, roots = context.saved_tensors[:cones], context.saved_tensors[cones:]
        along = gradient.unbind(1)
        slopes = []
        for cone in range(cones):
            shares = [TO_PLANES[plane][0][cone] for plane in planes]
            slope = _mixed(along, shares, torch.empty_like(roots[cone]))
            # The slope of a cube root is a third of the root over what it is of.
            slopes.append(slope.mul_(roots[cone]).div_(responses[cone]))
        shape = len(gradient), 3, *gradient.shape[2:]
        to_light = gradient.new_empty(shape)
        for colour in range(3):
            shares = [OPSIN_MATRIX[cone][colour] / 3 for cone in range(cones)]
            _mixed(slopes, shares, to_light[:, colour])
        return to_light, None


def _response(light: Tensor, cone: int) -> Tensor:
    """Of a cone to linear light [B, H, W]."""
    response = torch.empty_like(light[:, 0])
    return _mixed(light.unbind(1), OPSIN_MATRIX[cone], response).add_(OPSIN_BIAS)


def _mixed(parts: Sequence[Tensor], shares: Sequence[float], out: Tensor) -> Tensor:
    """The sum of parts times shares, put into a tensor."""
    torch.mul(parts[0], shares[0], out=out)
    for part, share in zip(parts[1:], shares[1:], strict=False):
        if share:
            out.add_(part, alpha=share)
    return out


class _PlaneDistance(torch.autograd.Function):
    """Planes [B, P, H, W] of two images, weights [P, norm, map] -> distance [B]."""

    @staticmethod
    def forward(
        context: Any,
        original: Tensor,
        decoded: Tensor,
        weights: Tensor,
        zero_sides: bool,
    ) -> Tensor:
        maps = original.new_empty(4, *original.shape)
        error = torch.sub(decoded, original, out=maps[1])
        maps[0].copy_(original)
        torch.square(original, out=maps[2]).addcmul_(decoded, decoded)
        torch.square(error, out=maps[3])
        original_mean, shift, power, error_power = _blurred(maps, zero_sides)
        mean = original_mean + shift
        energy = (power - original_mean.square()).sub_(mean.square()).add_(SSIM_C2)
        brightness = shift.square()
        ratio = (error_power - brightness) / energy
        edge = (original - original_mean).abs_().add_(1)
        decoded_edge = decoded - mean
        change = decoded_edge.abs().add_(1).div_(edge).sub_(1)

        dissimilarity = (brightness + (1 - brightness) * ratio).relu_()
        dissimilar, to_map = _pooled(dissimilarity, weights[..., 0])
        added, to_added = _pooled(change.relu(), weights[..., 1])
        lost, to_lost = _pooled(change.neg_().relu_(), weights[..., 2])

        # to_...: the slope of the distance along what the name says.
        slopes = original.new_empty(3, *original.shape)
        to_error_power = torch.sub(1, brightness, out=slopes[1]).mul_(to_map)
        to_error_power.div_(energy)
        to_power = torch.mul(to_error_power, ratio, out=slopes[2]).neg_()
        to_edge = (to_added - to_lost).div_(edge).mul_(decoded_edge.sign_())
        to_shift = (to_map.mul_(1 - ratio) - to_error_power).mul_(shift)
        to_shift.addcmul_(mean, to_power, value=-1).mul_(2)
        torch.sub(to_shift, to_edge, out=slopes[0])
        back = _blurred(slopes, zero_sides)
        slope = back[1].mul_(error) + back[2].mul_(decoded)
        context.save_for_backward(slope.mul_(2).add_(back[0]).add_(to_edge))
        return dissimilar + added + lost

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[None, Tensor, None, None]:
        (slope,) = context.saved_tensors
        return None, gradient[:, None, None, None] * slope, None, None


def _pooled(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted mean and 4-norm of a map >= 0, and their slope along the map.

    [B, P, H, W] with weights [P, norm] -> [B] and [B, P, H, W].
    """
    to_mean, to_norm = weights.where(weights > COUNTED, 0).unbind(1)
    count = values[0, 0].numel()
    cubes = values.square().mul_(values)
    fourth = (cubes * values).mean((2, 3)).add_(SMALLEST_NORM)
    pooled = values.mean((2, 3)) @ to_mean + fourth.pow(0.25) @ to_norm
    slope = cubes.mul_((to_norm / count * fourth.pow(-0.75))[:, :, None, None])
    if to_mean.any():
        slope += (values > 0) * (to_mean / count)[:, None, None]
    return pooled, slope


def _blurred(values: Tensor, zero_sides: bool) -> Tensor:
    """Gaussian blur of the last two dimensions; its own transpose."""
    height, width = values.shape[-2:]
    rows = _blur_matrix(height, mirrored=True).to(values)
    columns = _blur_matrix(width, mirrored=not zero_sides).to(values)
    return rows @ (values @ columns)


@lru_cache(maxsize=64)
def _blur_matrix(size: int, *, mirrored: bool) -> Tensor:
    """The blur of a line of samples as a symmetric matrix [size, size].

    Beyond the ends of the line the samples are mirrored, or zero.
    """
    period = torch.arange(size)[:, None] + torch.arange(-RADIUS, RADIUS + 1)
    folded = period.remainder(2 * size)
    places = torch.minimum(folded, 2 * size - 1 - folded)  # ... 1 0 | 0 1 2 | 2 1 ...
    shares = torch.from_numpy(GAUSSIAN).expand(size, -1)
    if not mirrored:
        shares = shares * (places == period)
    return torch.zeros(size, size).double().scatter_add_(1, places, shares)
