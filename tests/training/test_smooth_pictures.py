"""Skies drawn by code."""

from __future__ import annotations

import torch

from vaecodec.training.smooth_pictures import SHARE, draw_smooth, mix_in


def drawn(count=60, side=64):
    generator = torch.Generator().manual_seed(5)
    return draw_smooth(count, side=side, generator=generator) * 255


def test_samples_are_whole_levels():
    levels = drawn()
    assert torch.allclose(levels, levels.round(), atol=1e-3)
    assert levels.min() >= 0
    assert levels.max() <= 255


def test_neighbours_differ_by_noise_alone():
    differences = drawn().diff(dim=3).abs()
    assert differences.mean((1, 2, 3)).max() < 4
    assert (differences.amax((1, 2, 3)) <= 1).float().mean() > 0.2  # some have none


def test_some_have_a_slope():
    rows = drawn().mean(3)
    assert ((rows[..., -1] - rows[..., 0]).abs().amax(1) > 4).float().mean() > 0.2


def test_a_few_crops_of_a_batch_are_replaced():
    generator = torch.Generator().manual_seed(5)
    batch = mix_in(torch.full((1000, 3, 8, 8), -1.0), generator)
    kept = (batch == -1).all(dim=3).all(dim=2).all(dim=1).float().mean().item()
    assert abs(1 - kept - SHARE) < 0.02
