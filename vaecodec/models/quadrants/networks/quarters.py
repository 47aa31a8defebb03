"""Which latents are coded in which step.

The channels fall into four quarters, the positions of each 2 x 2 square into four
places. In each step every position gets one quarter of its channels, and every quarter
one place of each square; after two steps the places of a channel lie like the fields of
one colour on a chessboard (Li, Li and Lu, "Neural Video Compression with Diverse
Contexts", 2023). `quadrants/quarters.py` says which channels these are.

Letters in shapes: M channels, h x w positions; a step has [B, 4, M / 4, h / 2, w / 2],
with the places first.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vaecodec.models.quadrants.quarters import ORDER, PLACES, channels_at, quarter

STEPS = len(ORDER)


def gathered(latent: Tensor, step: int) -> Tensor:
    """The latents [B, M, h, w] of a step."""
    batch, channels, height, width = latent.shape
    # [B, M / 4, quarters, h / 2, 2, w / 2, 2]
    split = latent.view(batch, channels // 4, 4, height // 2, 2, width // 2, 2)
    return torch.stack(
        [
            split[:, :, quarter(place, step), :, place // 2, :, place % 2]
            for place in PLACES
        ],
        dim=1,
    )


def scattered(steps: Sequence[Tensor]) -> Tensor:
    """The latents [B, M, h, w] of all four steps; inverse of `gathered`."""
    batch, _, channels, height, width = steps[0].shape
    rows = []
    for place in PLACES:
        numbers = [ORDER.index(place ^ group) for group in PLACES]
        rows.append(torch.stack([steps[number][:, place] for number in numbers], 2))
    # places x [B, M / 4, 4, h / 2, w / 2] -> [B, M / 4, 4, 2, 2, h / 2, w / 2]
    squares = torch.stack(rows, 3).unflatten(3, (2, 2))
    # -> [B, M / 4, 4, h / 2, 2, w / 2, 2] -> [B, M, h, w]
    spread = squares.permute(0, 1, 2, 5, 3, 6, 4)
    return spread.reshape(batch, 4 * channels, 2 * height, 2 * width)


def by_place(values: Tensor, step: int, *, axis: int) -> Tensor:
    """What belongs to channels, M along an axis -> to those of a step, 4 x M / 4."""
    channels = channels_at(step, values.shape[axis])
    order = torch.from_numpy(channels.ravel()).to(values.device)
    return values.index_select(axis, order).unflatten(axis, channels.shape)


def to_places(features: Tensor) -> Tensor:
    """[B, C, h, w] -> [B, 4 x C, h / 2, w / 2], all channels of a place together."""
    batch, channels, height, width = features.shape
    split = features.view(batch, channels, height // 2, 2, width // 2, 2)
    # -> [B, 2, 2, C, h / 2, w / 2]
    places = split.permute(0, 3, 5, 1, 2, 4)
    return places.reshape(batch, 4 * channels, height // 2, width // 2)


def from_places(features: Tensor) -> Tensor:
    """Inverse of `to_places`."""
    batch, channels, height, width = features.shape
    split = features.view(batch, 2, 2, channels // 4, height, width)
    # -> [B, C, h / 2, 2, w / 2, 2]
    raster = split.permute(0, 3, 4, 1, 5, 2)
    return raster.reshape(batch, channels // 4, 2 * height, 2 * width)
