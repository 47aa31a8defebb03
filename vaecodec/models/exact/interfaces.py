"""What a model file must hold, or it is refused when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import ModelError
from vaecodec.models.exact.facts import Kind
from vaecodec.models.exact.program import Program
from vaecodec.models.sizes import CELL

Tensors = Mapping[str, NDArray[Any]]
Shape = tuple[int, int, Kind]  # channels, pixels of a position
Limits = NDArray[Any] | int


def check_program(
    name: str,
    program: Program,
    *,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
) -> None:
    """Pass a program with these inputs and outputs, and no others.

    Raises:
        ModelError: It has others, or does not fit areas of whole cells.
    """
    found = {given.name for given in program.inputs}, {*program.outputs}
    if found != ({*inputs}, {*outputs}) or program.cell > CELL:
        raise ModelError(
            f"program {name!r} of cells of {program.cell} pixels, from "
            f"{sorted(found[0])} to {sorted(found[1])}, expected at most {CELL}, "
            f"{sorted(inputs)} and {sorted(outputs)}"
        )
    for tensor, expected in {**inputs, **outputs}.items():
        facts = program.facts[tensor]
        if (facts.channels, facts.pixels, facts.kind) != expected:
            channels, pixels, kind = expected
            raise ModelError(
                f"program {name!r}: {tensor!r} has {facts.channels} channels of "
                f"{facts.pixels} pixels a position, {facts.kind.name.lower()}, "
                f"expected {channels} of {pixels}, {kind.name.lower()}"
            )


def check_takes(
    name: str, program: Program, tensor: str, low: Limits, high: Limits
) -> None:
    """Pass a program of which an input takes values low..high, [C] or of all channels.

    Raises:
        ModelError: Its range is smaller.
    """
    facts = program.facts[tensor]
    if np.any(facts.low > low) or np.any(facts.high < high):
        raise ModelError(
            f"program {name!r}: {tensor!r} does not take all values "
            f"{np.min(low)}..{np.max(high)}"
        )


def take_between(
    tensors: Tensors,
    name: str,
    dtype: DTypeLike,
    shape: Sequence[int | None],
    limits: tuple[int, int],
) -> NDArray[Any]:
    """A tensor whose numbers lie between limits.

    Raises:
        ModelError: It is missing, of another type or shape, or they do not.
    """
    values: NDArray[Any] = take_tensor(tensors, name, dtype, shape)
    low, high = limits
    if not low <= values.min() <= values.max() <= high:
        raise ModelError(
            f"{name} reaches {values.min()}..{values.max()}, allowed {low}..{high}"
        )
    return values.astype(dtype)
