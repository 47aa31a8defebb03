"""SSIMULACRA2 as a distance for training: the measure itself, with right slopes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.models.checkerboard.networks.conftest import photograph_planes
from vaecodec.codec.search.ssimulacra2 import score_of_sum, ssimulacra2
from vaecodec.training.ssimulacra2 import weighted_sum


def decoded_jpeg(planes, quality):
    """A photograph uint8 [3, H, W] after JPEG, of the same shape."""
    image, file = Image.fromarray(planes.permute(1, 2, 0).numpy()), io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)


def cropped(planes):
    """As much of a photograph as has sides that are multiples of 16."""
    height, width = (side - side % 16 for side in planes.shape[1:])
    return planes[:, :height, :width].contiguous()


@pytest.mark.parametrize("quality", [5, 20, 50, 80, 97])
@pytest.mark.parametrize("planes", photograph_planes(), ids=["woman", "cup", "cat"])
def test_the_sum_gives_the_score_of_the_measure(planes, quality):
    original = cropped(planes)
    decoded = decoded_jpeg(original, quality)
    found = weighted_sum(original[None] / 255, decoded[None] / 255, zero_sides=True)
    arrays = (image.permute(1, 2, 0).numpy() for image in (original, decoded))
    assert score_of_sum(found.item()) == pytest.approx(ssimulacra2(*arrays), abs=0.2)


def test_equal_images_have_no_distance():
    image = cropped(photograph_planes()[0])[None] / 255
    assert weighted_sum(image, image).item() == pytest.approx(0, abs=0.01)


def test_each_image_of_a_batch_is_measured_by_itself():
    batch = torch.stack([planes[:, :96, :128] for planes in photograph_planes()]) / 255
    worse = (batch + 0.05 * torch.randn(batch.shape)).clamp(0, 1)
    alone = [
        weighted_sum(*pair) for pair in zip(batch.split(1), worse.split(1), strict=True)
    ]
    assert torch.allclose(weighted_sum(batch, worse), torch.cat(alone), rtol=1e-4)


@pytest.mark.parametrize("zero_sides", [False, True])
def test_slopes_are_those_of_finite_differences(zero_sides):
    generator = torch.Generator().manual_seed(3)
    original = photograph_planes()[0][None, :, 60:124, 200:280].double() / 255
    noise, direction = torch.randn(2, *original.shape, generator=generator).double()
    decoded = (original + 0.03 * noise).clamp(0.01, 0.99).requires_grad_()

    def distance(step):
        moved = decoded.detach() + step * direction
        return weighted_sum(original, moved, zero_sides=zero_sides).item()

    weighted_sum(original, decoded, zero_sides=zero_sides).backward()
    along = (decoded.grad * direction).sum().item()
    difference = (distance(1e-6) - distance(-1e-6)) / 2e-6
    assert along == pytest.approx(difference, rel=1e-3)


def test_samples_out_of_range_count_as_clipped_and_have_no_slope():
    original = torch.full((1, 3, 64, 64), 0.9)
    decoded = original.clone()
    decoded[..., 20:30] = 1.2
    decoded.requires_grad_()
    total = weighted_sum(original, decoded)
    assert total.item() == weighted_sum(original, decoded.clamp(0, 1)).item() > 0
    total.backward()
    assert decoded.grad[..., 20:30].abs().max() == 0
    assert decoded.grad[..., 30:40].abs().max() > 0
