"""SSIMULACRA2 as a distance that can be trained on.

`codec.search.ssimulacra2` says what the measure is, and scores two uint8 images. Here
it is a differentiable function of batches, up to the weighted sum: the curve that turns
the sum into a score is left out, since a sum is what can be traded against a rate.

Two thirds of the 108 weights are as good as zero, so only the planes that count on a
scale are looked at. The gradient of the maps is written by hand, which takes a third of
the time; blurs are products with a banded matrix, on a CPU the fastest way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.codec.search.ssimulacra2 import (
    GAUSSIAN,
    OPSIN_BIAS,
    OPSIN_MATRIX,
    RADIUS,
    SSIM_C2,
    WEIGHTS,
    XYB_FACTORS,
    XYB_OFFSETS,
)

COUNTED = 0.01  # smaller weights move no score by 0.01
SMALLEST_NORM = 1e-20  # keeps the slope of a 4-norm finite where a map is zero


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
    for scale, planes in enumerate(_counted_planes()):
        if scale:
            light = functional.avg_pool2d(light, 2)
            decoded_light = functional.avg_pool2d(decoded_light, 2)
        if planes:
            total = total + _PlaneDistance.apply(  # type: ignore[no-untyped-call]
                _opponent(light, planes),
                _opponent(decoded_light, planes),
                light.new_tensor(WEIGHTS[list(planes), scale]),
                zero_sides,
            )
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
    cones = 3 if 2 in planes else 2  # only B - Y looks at the third
    matrix = light.new_tensor(OPSIN_MATRIX)[:cones, :, None, None]
    bias = light.new_full((cones,), OPSIN_BIAS)
    responses = functional.conv2d(light, matrix, bias).pow(1 / 3)
    # [B, cones, H, W] -> planes [B, H, W]
    long, medium, *short = (responses - OPSIN_BIAS ** (1 / 3)).unbind(1)
    luminance = (long + medium) / 2
    found = [(long - medium) / 2, luminance, *(plane - luminance for plane in short)]
    return torch.stack(
        [found[p] * XYB_FACTORS[p] + XYB_OFFSETS[p] for p in planes], dim=1
    )


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
        error = decoded - original
        power = original.square().addcmul_(decoded, decoded)
        original_mean, shift, power, error_power = _blurred(
            torch.stack([original, error, power, error.square()]), zero_sides
        )
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
        to_error_power = (1 - brightness).mul_(to_map).div_(energy)
        to_power = -to_error_power * ratio
        to_edge = (to_added - to_lost).div_(edge).mul_(decoded_edge.sign_())
        to_shift = (to_map.mul_(1 - ratio) - to_error_power).mul_(shift)
        to_shift = (to_shift - mean * to_power).mul_(2) - to_edge
        back = _blurred(torch.stack([to_shift, to_error_power, to_power]), zero_sides)
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


@lru_cache(maxsize=1)
def _counted_planes() -> tuple[tuple[int, ...], ...]:
    """The planes (X, Y, B - Y) that count, scale by scale."""
    heaviest = WEIGHTS.max(axis=(2, 3))  # [plane, scale]
    return tuple(
        tuple(plane for plane, weight in enumerate(column) if weight > COUNTED)
        for column in heaviest.T
    )
