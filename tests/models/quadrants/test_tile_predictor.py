"""Predictions are those of SPEC.md, in all arithmetics, for tiles of all sizes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models.quadrants.conftest import everywhere
from tests.models.quadrants.plain_predictor import PlainPredictor
from vaecodec.codec.tile_coder import no_symbols
from vaecodec.models.architecture import Quality, Symbols
from vaecodec.models.exact import engine
from vaecodec.models.model_file import ModelFile
from vaecodec.models.quadrants.architecture import QuadrantArchitecture
from vaecodec.models.registry import build

MAP = np.array([[10, 90, 60], [0, 100, 35]], np.uint8)


def draw_symbols(
    architecture: QuadrantArchitecture,
    shape: tuple[int, int],
    quality: Quality,
    look: Callable[[int, Symbols, NDArray[np.uint8]], None] = lambda *_: None,
) -> tuple[Symbols, Symbols]:
    """Random symbols of a tile, a few far out, and its latents.

    `look` is shown each step, what is known before it, and its rows.
    """
    rng = np.random.default_rng(5)
    known = no_symbols(architecture, *shape)
    predictor = architecture.predictor(*shape, quality)
    for number, step in enumerate(architecture.steps):
        rows = predictor.predict(number, known).indexes
        look(number, known, rows)
        symbols = rng.integers(-4, 5, rows.size)
        far = rng.integers(-step.limit, step.limit + 1, rows.size)
        symbols = np.where(rng.random(rows.size) < 0.02, far, symbols)
        predictor.scatter(number, symbols, known.planes[step.plane])
    return known, predictor.latents(known)


@pytest.mark.parametrize(
    ("shape", "quality"),
    [
        ((64, 64), everywhere(50)),
        ((1, 1), everywhere(0)),
        ((128, 192), MAP),
        ((97, 161), MAP),
        ((70, 33), everywhere(100)),
    ],
)
def test_predictions_are_those_of_the_specification(
    architecture: QuadrantArchitecture,
    file: ModelFile,
    shape: tuple[int, int],
    quality: Quality,
) -> None:
    plain = PlainPredictor(file.tensors, *shape, quality)
    every: set[int] = set()

    def compare(number: int, known: Symbols, rows: NDArray[np.uint8]) -> None:
        assert rows.tolist() == plain.rows(number, known.planes)
        every.update(rows.tolist())

    known, latents = draw_symbols(architecture, shape, quality, compare)
    plain.finish(known.planes[1])
    np.testing.assert_array_equal(latents.planes[0], plain.values)
    np.testing.assert_array_equal(latents.planes[1], plain.latents)
    assert [plane.dtype for plane in latents] == [np.int16, np.int16]
    assert len(every) > 5


@pytest.mark.parametrize("shape", [(64, 128), (100, 150), (17, 65), (1, 1)])
def test_every_symbol_is_coded_once_in_the_order_of_the_specification(
    architecture: QuadrantArchitecture, file: ModelFile, shape: tuple[int, int]
) -> None:
    predictor = architecture.predictor(*shape, everywhere(50))
    plain = PlainPredictor(file.tensors, *shape, everywhere(50))
    counted = no_symbols(architecture, *shape)
    for number, step in enumerate(architecture.steps):
        plane = counted.planes[step.plane]
        numbers = np.arange(1, plane.size + 1, dtype=np.int32).reshape(plane.shape)
        coded = predictor.gather(number, numbers)
        assert coded.tolist() == [numbers[place] for place in plain.positions(number)]
        found = np.zeros_like(numbers)
        predictor.scatter(number, coded, found)
        inside = np.zeros(plane.shape, bool)
        for lattice in step.lattices:
            inside[lattice] = True
        np.testing.assert_array_equal(found, np.where(inside, numbers, 0))
        plane += inside
    assert all((plane == 1).all() for plane in counted)


@pytest.mark.parametrize("only", ["int8", "float", "numpy"])
def test_all_arithmetics_give_the_same_rows_latents_and_pixels(
    architecture: QuadrantArchitecture,
    file: ModelFile,
    monkeypatch: pytest.MonkeyPatch,
    only: str,
) -> None:
    def walk(one: QuadrantArchitecture) -> list[NDArray[np.int64]]:
        seen: list[NDArray[np.int64]] = []
        _, latents = draw_symbols(
            one, (128, 192), MAP, lambda *step: seen.append(step[2])
        )
        return [*seen, *latents, one.paint(latents, MAP), one.preview(latents, MAP)]

    expected = walk(architecture)
    kept = {key: one for key, one in engine.ARITHMETICS.items() if key == only}
    monkeypatch.setattr(engine, "ARITHMETICS", kept)
    other = build(file)
    assert isinstance(other, QuadrantArchitecture)
    for one, found in zip(expected, walk(other), strict=True):
        np.testing.assert_array_equal(found, one)
    assert other._painter.arithmetic == only


def test_steps_that_are_not_decoded_have_their_means(
    architecture: QuadrantArchitecture,
) -> None:
    predictor = architecture.predictor(128, 128, everywhere(50))
    known = no_symbols(architecture, 128, 128)
    for number in range(len(architecture.steps)):
        predictor.predict(number, known)
    _, latents = predictor.latents(known)
    assert np.count_nonzero(latents) > latents.size / 2


def test_predictions_of_a_tile_do_not_depend_on_symbols_of_later_steps(
    architecture: QuadrantArchitecture,
) -> None:
    known, _ = draw_symbols(architecture, (64, 64), everywhere(60))
    predictor = architecture.predictor(64, 64, everywhere(60))

    def compare(number: int, _: Symbols, rows: NDArray[np.uint8]) -> None:
        assert predictor.predict(number, known).indexes.tolist() == rows.tolist()

    draw_symbols(architecture, (64, 64), everywhere(60), compare)
