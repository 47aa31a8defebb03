"""Images that a model makes up: drawn from its prior, varied, between two pictures."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.quadrants.small_model import small_file
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.models.quadrants.architecture import QuadrantArchitecture
from vaecodec.training.generation import Dice, Generator, between

SIDE = 128
ROW = 20  # of tables of symbols between -4 and 4, mostly


@pytest.fixture(scope="module", params=["checkerboard", "quadrants"])
def generator(request):
    """Of a model of each architecture."""
    if request.param == "quadrants":
        return Generator(QuadrantArchitecture(small_file()), 70)
    return Generator(model_to_compress(None, threads=1).architecture, 70)


@pytest.fixture
def picture(astronaut):
    return astronaut[:SIDE, 160 : 160 + SIDE]


def dice(seed=1, temperature=1.0):
    return Dice(np.random.default_rng(seed), temperature)


def error(image, other):
    return float(np.abs(image.astype(float) - other).mean())


def test_draws_differ_by_chance_alone(generator):
    first, again, other = (generator.draw(64, dice(seed)) for seed in (1, 1, 2))
    assert first.shape == (64, 64, 3)
    assert (first == again).all()
    assert (first != other).any()


def test_without_temperature_there_is_no_chance(generator):
    first, other = (generator.draw(64, dice(seed, temperature=0)) for seed in (1, 2))
    assert (first == other).all()


def test_cooler_draws_take_symbols_nearer_to_their_means(generator):
    tables = generator.architecture.tables
    indexes = np.full(2000, ROW, np.uint8)
    sizes = [
        np.abs(dice(1, temperature).draw(tables, indexes)).mean()
        for temperature in (0.5, 1.0, 2.0)
    ]
    assert sizes[0] < 0.8 * sizes[1] < 0.64 * sizes[2]


def test_the_more_steps_are_kept_the_more_an_image_resembles_the_picture(
    generator, picture
):
    latents = generator.latents(picture)
    steps = len(generator.architecture.steps)
    errors = [
        error(generator.vary(latents, kept, dice()), picture)
        for kept in (0, steps - 1, steps)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < 0.5 * errors[0]
    assert error(generator.paint(latents), picture) == errors[2]


def test_an_image_between_two_pictures_has_something_of_both(
    generator, picture, chelsea
):
    other = chelsea[100 : 100 + SIDE, 150 : 150 + SIDE]
    ends = generator.latents(picture), generator.latents(other)
    first, middle, last = (
        generator.paint(between(*ends, share)) for share in (0, 0.5, 1)
    )
    assert (first == generator.paint(ends[0])).all()
    assert (last == generator.paint(ends[1])).all()
    way = error(first, last)
    assert max(error(first, middle), error(middle, last)) < 0.7 * way


@pytest.mark.parametrize("temperature", [-0.1, 2.1, float("nan")])
def test_a_senseless_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match=r"allowed 0\.\.2"):
        dice(temperature=temperature)
