"""One step in PyTorch: the pixels around those to code -> the laws of these.

differences -> 1x1 -+-> block -> Narrow -> 1x1 -+-> head
|              |            |
features ----> 1x1 -+              v            |
features of the next  |
differences -----------------------------> 1x1 -+
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vaecodec.models.lattices.geometry import neighbours
from vaecodec.models.lattices.head import FINE_BITS, NUMBERS
from vaecodec.models.networks.exact_layers import ExactBlock, ExactPointwise, Narrow
from vaecodec.models.networks.exact_rounding import Rows, rows_of

CHANNELS, EXPANSION, KERNEL = 24, 2, 3
COLOURS = 3
DIFFERENCE_EXPONENT = -4.0  # of one level of 8-bit samples, in what layers work on
# With weights of 7 bits and units of 2**-8, as elsewhere, means and scales would be so
# inexact that pictures take 4 % more.
HEAD_EXPONENT = -float(FINE_BITS)
FINE = 32767
FIRST_HEAD = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.8, 0.4, 0.4, 0.3, 0.3)


class Prediction(NamedTuple):
    """What a step puts out.

    Attributes:
        head: [B, 11, h, w], see `lattices.head`.
        features: for the next step [B, C, h, w].
    """

    head: Tensor
    features: Tensor


class Step(nn.Module):
    """The network of a step.

    Args:
        number: 0..2, which says what it looks at.

    Attributes:
        given: exponent of the features that it is given [C, 1, 1].
    """

    given: Tensor
    level_unit: Tensor
    head_unit: Tensor

    def __init__(self, number: int) -> None:
        super().__init__()
        inputs = COLOURS * len(neighbours(number))
        self.enter = ExactPointwise(inputs, CHANNELS)
        self.carry = ExactPointwise(CHANNELS, CHANNELS, damping=0.3)
        self.block = ExactBlock(CHANNELS, expansion=EXPANSION, kernel=KERNEL)
        self.before_leave = Narrow(CHANNELS)
        self.leave = ExactPointwise(CHANNELS, NUMBERS, limit=FINE, damping=0.05)
        self.direct = ExactPointwise(inputs, NUMBERS, limit=FINE, damping=0.0)
        self.leave.bias.data.copy_(torch.tensor(FIRST_HEAD))
        self.register_buffer("given", torch.zeros(CHANNELS, 1, 1))
        level = torch.full((1, 1, 1), DIFFERENCE_EXPONENT)
        self.register_buffer("level_unit", level, persistent=False)
        head = torch.full((1, 1, 1), HEAD_EXPONENT)
        self.register_buffer("head_unit", head, persistent=False)

    @property
    def head_rows(self) -> Rows:
        """What the sums of a head are multiples of."""
        return rows_of(self.head_unit)

    def forward(self, differences: Tensor, features: Tensor) -> Prediction:
        """Levels [B, inputs, h, w], whole numbers -127..127; features [B, C, h, w]."""
        scaled = differences * 2.0**DIFFERENCE_EXPONENT
        rows = rows_of(self.block.stream)
        stream = self.enter(scaled, self.level_unit, rows)
        stream = stream + self.carry(features, self.given, rows)
        seen = self.before_leave(self.block(stream))
        head = self.leave(seen, self.before_leave.exponent, self.head_rows)
        direct = self.direct(scaled, self.level_unit, self.head_rows)
        return Prediction(head + direct, seen)
