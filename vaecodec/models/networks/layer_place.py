"""Layers of trained networks, and the operations of exact programs that they become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from vaecodec.models.networks.exact_layers import (
    ExactBlock,
    ExactDepthwise,
    ExactPointwise,
)
from vaecodec.models.networks.exact_rounding import IntegerLayer, Rows, rows_of


@dataclass(frozen=True)
class LayerPlace:
    """A layer, and its operation.

    Attributes:
        name: of the layer, as in `state_dict`.
        layer: in PyTorch.
        operation: name of its tensors in a model file, without the last part.
        exponent: of what its inputs are multiples of.
        rows: what its sums may be multiples of.
    """

    name: str
    layer: ExactPointwise | ExactDepthwise
    operation: str
    exponent: Tensor
    rows: Rows

    def integers(self) -> IntegerLayer:
        """The layer as the receiver has it."""
        return self.layer.integers(self.exponent, self.rows)


def block_places(block: ExactBlock, name: str, operation: str) -> Iterator[LayerPlace]:
    """Places of the three layers of a residual block."""
    for part, suffix, exponent, rows in (
        ("depthwise", "mixed", block.seen.exponent, block.mixed.rows),
        ("expand", "hidden", block.mixed.exponent, block.hidden.rows),
        ("project", "change", block.hidden.exponent, rows_of(block.stream)),
    ):
        layer, place = getattr(block, part), f"{operation}_{suffix}"
        yield LayerPlace(f"{name}.{part}", layer, place, exponent, rows)
