"""What follows from the layers of a program: how far it looks, what it computes."""

from __future__ import annotations

from vaecodec.models.exact.operations import Depthwise, Pointwise, sources
from vaecodec.models.exact.program import Program


def reach(program: Program) -> int:
    """How far beyond an area its outputs depend on inputs, in pixels.

    The borders of the area are borders of whole positions of all tensors.
    """
    needed = dict.fromkeys(program.facts, 0)
    for operation in reversed(program.operations):
        for name in sources(operation):
            pixels = program.facts[name].pixels
            around = -(-needed[operation.out] // pixels) * pixels
            if isinstance(operation, Depthwise):
                around += operation.weight.shape[1] // 2 * pixels
            needed[name] = max(needed[name], around)
    return max(needed[given.name] for given in program.inputs)


def products_per_pixel(program: Program) -> float:
    """Multiply-accumulates of its layers for each pixel of a large image."""
    return sum(
        operation.weight.size / program.facts[operation.out].pixels ** 2
        for operation in program.operations
        if isinstance(operation, Pointwise | Depthwise)
    )
