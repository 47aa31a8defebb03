from __future__ import annotations

import torch

from tests.models.checkerboard.networks.conftest import lively_model
from vaecodec.models.checkerboard.networks import transforms
from vaecodec.models.networks import layers


def test_a_trunk_in_bfloat16_hardly_moves_the_latent(monkeypatch, crop):
    image = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255
    model = lively_model()
    exact = model.latent_steps(image, torch.tensor([100.0]))
    # As on a GPU, where alone it pays.
    monkeypatch.setattr(layers, "BFLOAT16_DEVICES", {"cpu"})
    monkeypatch.setattr(
        transforms,
        "trunk_in_bfloat16",
        lambda module, device: torch.autocast(device, torch.bfloat16),
    )
    lowered = model.train().latent_steps(image, torch.tensor([100.0]))
    assert lowered.dtype == torch.float32
    difference = (lowered - exact).abs()
    assert 0 < difference.max() < 0.02 * exact.abs().max()
    assert difference.mean() < 0.02
