"""A question that shows whether a machine computes an exact program right.

The answer is the CRC-32 of all outputs for one input that is the same everywhere. The
reference gives it when a model is exported, and the model file carries it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.architecture import Quality
from vaecodec.models.exact.budget import within_budget
from vaecodec.models.exact.facts import CELL
from vaecodec.models.exact.feeds import Feeds, Outputs
from vaecodec.models.exact.limits import limits_of
from vaecodec.models.exact.operations import Input
from vaecodec.models.exact.program import Program

Run = Callable[[Feeds, Quality], Outputs]

_GOLDEN_RATIO = 2654435761  # 2^32 divided by it: its multiples scatter
_QUALITIES = ((25, 75),)


def known_answer(program: Program, run: Run) -> NDArray[np.uint8]:
    """What something that runs programs answers: the CRC-32, uint8 [4], low byte first.

    The area is as small as the program allows, with a quality on either side.
    """
    rows, columns = np.shape(_QUALITIES)
    side = max(CELL, program.cell)
    feeds = {
        given.name: _scattered_values(given, rows * side, columns * side)
        for given in program.inputs
    }
    qualities = np.array(_QUALITIES, np.uint8)
    qualities = qualities.repeat(side // CELL, 0).repeat(side // CELL, 1)
    checksum = 0
    for _, values in sorted(run(feeds, qualities).items()):
        checksum = zlib.crc32(values.astype("<i4").tobytes(), checksum)
    return np.frombuffer(checksum.to_bytes(4, "little"), np.uint8)


def scattered(count: int) -> NDArray[np.uint32]:
    """Numbers of 32 bits whose higher bits look random."""
    numbers = np.arange(count, dtype=np.uint64) * np.uint64(_GOLDEN_RATIO)
    return numbers.astype(np.uint32)


def _scattered_values(given: Input, height: int, width: int) -> NDArray[np.int32]:
    """Values of all magnitudes that an input may have."""
    shape = given.channels, height // given.pixels, width // given.pixels
    numbers = scattered(int(np.prod(shape))).reshape(shape)
    # Shifts by 8 to 31 bits leave numbers from one byte less down to a sign.
    shifts = (numbers >> np.uint32(4)) % np.uint32(24) + np.uint32(8)
    values: NDArray[np.int32] = numbers.view(np.int32) >> shifts.view(np.int32)
    low, high = (limit[:, None, None] for limit in limits_of(given))
    return within_budget(given, values.clip(low, high).astype(np.int32))
