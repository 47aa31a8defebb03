"""How much errors show, and that the sender minds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import vaecodec
from vaecodec.codec.hidden_colours import FilledColours
from vaecodec.codec.masking import masking, visibility
from vaecodec.models.library import load_model

EVERYTHING = slice(0, 40), slice(0, 52)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_errors_show_where_it_is_flat_and_hide_where_it_is_busy():
    image = np.full((32, 64, 3), 130, np.uint8)
    image[:, 32:] = noise(32, 32, 3)
    factors = masking(image, 16, 8)
    assert factors.shape == (2, 4)
    assert factors[:, :2] == pytest.approx(2.7)
    assert (factors[:, 2:] < 0.4).all()


@pytest.mark.parametrize("shape", [(40, 52), (40, 52, 3)])
def test_squares_at_the_edge_go_on_as_they_end(shape: tuple[int, ...]):
    image = noise(*shape)
    below, beside = (0, 8), (0, 12)
    whole = np.pad(image, [below, beside, (0, 0)][: image.ndim], mode="edge")
    assert np.array_equal(masking(image, 16, 8), masking(whole, 16, 8))


def test_the_depth_of_samples_makes_no_difference():
    image = noise(32, 32, 3)
    deep = image.astype(np.uint16) * 257
    assert masking(deep, 16, 16) == pytest.approx(masking(image, 16, 8))


def test_nothing_shows_where_alpha_hides_all():
    image, alpha = noise(40, 52, 3), np.full((40, 52), 255, np.uint8)
    alpha[:32, :16] = 0
    factors = visibility(FilledColours(image, alpha), EVERYTHING, 16, 8)
    assert factors.shape == (3, 4)
    assert (factors == 0).nonzero()[0].tolist() == [0, 1]
    assert (factors == 0).nonzero()[1].tolist() == [0, 0]


def test_plain_areas_get_bits_that_busy_ones_do_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, columns = np.indices((128, 256))
    image = 90 + rows / 2 + columns / 4 + np.sin(rows / 3) * np.cos(columns / 4)
    image[:, 128:] += np.random.default_rng(1).normal(0, 40, (128, 128))
    image = np.repeat(image.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)

    def errors() -> tuple[float, float]:
        data = vaecodec.encode(image, quality=45, lossless=False)
        squares = np.square(vaecodec.decode(data).astype(float) - image)
        return squares[:, :112].mean(), squares[:, 144:].mean()

    plain, busy = errors()
    monkeypatch.setattr(
        "vaecodec.codec.analysis.visibility", lambda *_: np.ones((8, 16), np.float32)
    )
    plain_before, busy_before = errors()
    assert plain < plain_before
    assert busy > busy_before


def test_models_say_what_they_are_tuned_for():
    assert load_model("standard").tune == "eye"
    assert load_model("psnr").tune is None  # as files before there were two said


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tune": 3}', "[" * 100_000])
def test_what_says_nothing_is_tuned_for_nothing(text: str):
    file = replace(load_model("psnr"), metadata={"configuration": text})
    assert file.tune is None
