"""A decoder written from the specification alone finds the same symbols and pixels."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models.quadrants.small_model import small_model
from tests.models.quadrants.test_round_trips import in_small_tiles
from tests.reference import decoder, exact
from tests.reference.model import Model
from vaecodec.api import decode, encode
from vaecodec.models.compact_file import pack_compact
from vaecodec.models.model_file import ModelFile, parse_model
from vaecodec.models.quadrants.complexity import PROGRAMS

Samples = NDArray[np.uint8]


@functools.cache
def reference_model() -> Model:
    plain = parse_model(small_model())
    return decoder.read_model(pack_compact(plain.tensors, plain.metadata))


def files(path: Path, image: Samples) -> dict[str, bytes]:
    alpha = np.dstack([image, image[..., :1]])
    qualities = np.array([[5, 90, 40], [100, 0, 60]])
    return {
        "one pixel": encode(image[:1, :1], 70, model=path),
        "gray": encode(image[:30, :70, 0], 95, model=path),
        "alpha": encode(alpha[:65, :40], 30, model=path),
        "map": encode(image[:97, :130], quality_map=qualities, model=path),
        "tiles and rounds": in_small_tiles(path, image[:129, :140]),
    }


def pixels(data: bytes, rounds: int | None = None) -> tuple[int, ...]:
    found = decoder.decode(data, reference_model(), rounds=rounds)
    assert found.pixels is not None
    return tuple(found.pixels)


def expected(data: bytes) -> tuple[int, ...]:
    image = decode(data)
    image = image if image.ndim == 3 else image[..., None]
    colours = image.shape[2] - (image.shape[2] % 2 == 0)
    return tuple(image[..., :colours].ravel().tolist())


def test_pixels_are_those_of_the_package(model_path: Path, coffee: Samples) -> None:
    for name, data in files(model_path, coffee[100:300, 100:300]).items():
        assert pixels(data) == expected(data), name


@pytest.mark.parametrize("rounds", [1, 2, 4])
def test_pixels_of_a_few_rounds_are_those_of_the_package(
    model_path: Path, coffee: Samples, rounds: int
) -> None:
    data = in_small_tiles(model_path, coffee[200:270, 300:390])
    image = decode(data, steps=rounds)
    assert pixels(data, rounds) == tuple(image.ravel().tolist())


def test_the_reference_knows_the_answers_of_programs(file: ModelFile) -> None:
    for name in PROGRAMS:
        program = exact.read_program(reference_model(), name)
        assert exact.known_answer(program) == program.answer
