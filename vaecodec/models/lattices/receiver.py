"""Pictures <-> bytes, without loss, by a model part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.coder import Coder, default_coder
from vaecodec.errors import FormatError
from vaecodec.models.exact.engine import ExactEngine
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.interfaces import check_program, check_takes
from vaecodec.models.lattices.geometry import (
    CELL,
    COARSEST,
    OWN_LEVELS,
    STEPS,
    neighbours,
)
from vaecodec.models.lattices.head import GREEN, NUMBERS
from vaecodec.models.lattices.laws import Laws
from vaecodec.models.lattices.multiples import Multiples
from vaecodec.models.lattices.names import (
    DIFFERENCES,
    FEATURES,
    HEAD,
    SEEN,
    program_name,
)
from vaecodec.models.lattices.neighbourhood import CLIP, Levels
from vaecodec.models.lattices.value_coder import ValueDecoder, ValueEncoder
from vaecodec.models.lattices.walk import Walk

COLOURS = 3
CHANNELS = 24  # of features

Pixels = NDArray[np.uint8]


class LatticeReceiver:
    """Codes pictures; may be shared between threads.

    Args:
        tensors: of a model part.
        coder: None takes the fastest that is installed.
        threads: threads per call; None takes all cores.

    Raises:
        ModelError: A tensor is missing or does not fit.
    """

    def __init__(
        self,
        tensors: Mapping[str, NDArray[Any]],
        *,
        coder: type[Coder] | None = None,
        threads: int | None = 1,
    ) -> None:
        engines = [
            [_engine(tensors, level, step, threads) for step in range(STEPS)]
            for level in range(OWN_LEVELS)
        ]
        self._walk = Walk(engines, Laws.from_tensors(tensors))
        self._coder = coder or default_coder()

    def encode(self, numbers: Pixels, *, largest_error: int = 0) -> bytes:
        """Write numbers so that each comes back: the coarsest lattice, then the rest.

        Args:
            numbers: gray [H, W] or RGB [H, W, 3], as `multiples` has them.
            largest_error: 0..127; with 0 numbers are samples.
        """
        multiples = Multiples(largest_error)
        levels = _rgb(multiples.levels(numbers.astype(np.int32)).astype(np.int16))
        encoder = ValueEncoder(self._coder)
        self._walk.code(levels, encoder, multiples, gray=numbers.ndim == 2)
        return numbers[::COARSEST, ::COARSEST].tobytes() + encoder.finish()

    def decode(
        self, data: bytes, shape: tuple[int, ...], *, largest_error: int = 0
    ) -> Pixels:
        """Inverse of `encode`.

        Args:
            data: what it returned.
            shape: of the numbers, [H, W] or [H, W, 3].
            largest_error: 0..127.

        Raises:
            FormatError: The data is damaged, or of another size.
        """
        multiples = Multiples(largest_error)
        numbers = np.zeros(shape, np.uint8)
        size = _read_coarsest(data, numbers, multiples.greatest)
        levels = _rgb(multiples.levels(numbers.astype(np.int32)).astype(np.int16))
        decoder = ValueDecoder(data[size:], self._coder, greatest=multiples.greatest)
        self._walk.code(levels, decoder, multiples, gray=len(shape) == 2)
        decoder.finish()
        found = multiples.numbers(levels if len(shape) > 2 else levels[..., GREEN])
        return found.astype(np.uint8)


def _read_coarsest(data: bytes, numbers: Pixels, greatest: int) -> int:
    """Fill in the first lattice; return how many bytes it has."""
    coarsest = numbers[::COARSEST, ::COARSEST]
    if len(data) < coarsest.size:
        raise FormatError(f"lossless tile: {len(data)} bytes, at least {coarsest.size}")
    first = np.frombuffer(data, np.uint8, coarsest.size)
    if first.max() > greatest:
        raise FormatError(f"lossless tile: a number not in 0..{greatest}")
    coarsest[...] = first.reshape(coarsest.shape)
    return int(coarsest.size)


def _rgb(levels: Levels) -> Levels:
    """Levels [H, W, 3]; those of gray are repeated."""
    return np.stack([levels] * COLOURS, axis=2) if levels.ndim == 2 else levels


def _engine(
    tensors: Mapping[str, NDArray[Any]], level: int, step: int, threads: int | None
) -> ExactEngine:
    name = program_name(level, step)
    engine = ExactEngine.from_tensors(name, tensors, threads=threads)
    program, inputs = engine.program, COLOURS * len(neighbours(step))
    check_program(
        name,
        program,
        inputs={
            DIFFERENCES: (inputs, CELL, Kind.SIGNED),
            FEATURES: (CHANNELS, CELL, Kind.SIGNED),
        },
        outputs={
            HEAD: (NUMBERS, CELL, Kind.WIDE),
            SEEN: (CHANNELS, CELL, Kind.SIGNED),
        },
    )
    check_takes(name, program, DIFFERENCES, -CLIP, CLIP)
    check_takes(name, program, FEATURES, *Kind.SIGNED.value)
    return engine
