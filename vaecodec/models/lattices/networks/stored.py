"""A trained model -> the tensors of its receiver."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.stored_program import pack_program
from vaecodec.models.lattices.geometry import OWN_LEVELS
from vaecodec.models.lattices.laws import FIRST_OCTAVE, HALF, ROWS, STEPS
from vaecodec.models.lattices.names import HALF_LAW, INVERSE_SCALES, program_name
from vaecodec.models.lattices.networks.lattice_model import LatticeModel
from vaecodec.models.lattices.networks.programs import program

ROWS_PER_OCTAVE, STEPS_PER_SCALE = 8, 64


def receiver_tensors(model: LatticeModel) -> dict[str, NDArray[Any]]:
    """Programs and laws, by their names in files.

    Raises:
        ModelError: A sum could become too large to be exact.
    """
    tensors = law_tensors()
    for level in range(OWN_LEVELS):
        for number, step in enumerate(model.steps(level)):
            name = program_name(level, number)
            tensors |= pack_program(name, program(step, number))
    return tensors


def law_tensors() -> dict[str, NDArray[Any]]:
    """The logistic law, and its scales."""
    steps = np.arange(STEPS + 1) / STEPS_PER_SCALE
    half = np.rint(HALF * np.tanh(steps / 2)).astype(np.uint16)
    octaves = np.arange(ROWS) / ROWS_PER_OCTAVE - FIRST_OCTAVE / 256
    inverse = np.rint(2.0 ** (16 - octaves)).astype(np.int32)
    return {HALF_LAW: half, INVERSE_SCALES: inverse}
