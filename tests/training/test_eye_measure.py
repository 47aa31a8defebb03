"""The measure for the eye, written twice: for training, and for senders that search."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vaecodec.codec.search.objective import EyeMeasure, SquaredError
from vaecodec.training.objective import eye_distortion

LAMBDA = 0.02


@pytest.fixture(scope="module")
def pair() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Levels of an image with a plain and a busy half, and of a blurred copy."""
    rows, columns = np.indices((256, 320))
    random = np.random.default_rng(2)
    image = 90 + rows / 4 + np.array([[[0]], [[20]], [[-30]]])
    image += (columns > 160) * random.normal(0, 30, (3, 256, 320))
    image = image.clip(0, 255).astype(np.float32)
    blurred = (image + np.roll(image, 1, 1) + np.roll(image, 1, 2)) / 3
    return image, (blurred + random.normal(0, 2, image.shape)).astype(np.float32)


def test_it_is_what_models_are_trained_for(pair):
    original, decoded = pair
    value, slope = EyeMeasure(original, lmbda=LAMBDA)(decoded)
    trained = torch.from_numpy(decoded[None] / 255).requires_grad_(True)
    distortion = eye_distortion(
        torch.from_numpy(original[None] / 255), trained, torch.tensor([LAMBDA])
    )
    distortion.sum().backward()
    assert trained.grad is not None
    expected = trained.grad[0].numpy() / 255
    assert value == pytest.approx(distortion.item(), rel=0.02)
    inside = np.s_[:, 64:-64, 64:-64]  # at the sides each does as it likes
    likeness = np.corrcoef(slope[inside].ravel(), expected[inside].ravel())
    assert likeness[0, 1] > 0.995


@pytest.mark.parametrize("kind", [SquaredError, EyeMeasure])
def test_slopes_are_those_that_small_changes_show(pair, kind):
    original, decoded = pair
    measure = kind(original, **({"lmbda": LAMBDA} if kind is EyeMeasure else {}))
    value, slope = measure(decoded)
    # Along the slope itself, where the change is large beside what float32 rounds.
    change = slope * np.float32(0.2 / np.abs(slope).mean())
    high, low = measure(decoded + change)[0], measure(decoded - change)[0]
    assert (high - low) / 2 == pytest.approx(float((slope * change).sum()), rel=0.05)
    assert value > 0


def test_equal_images_have_no_distortion(pair):
    original, _ = pair
    assert EyeMeasure(original, lmbda=LAMBDA)(original)[0] == pytest.approx(0, abs=0.1)
