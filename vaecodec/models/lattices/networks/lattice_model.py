"""All steps of all levels in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.lattices.geometry import CODED, LEVELS, NEAREST, OWN_LEVELS, STEPS
from vaecodec.models.lattices.neighbourhood import CLIP
from vaecodec.models.lattices.networks.neighbourhood import (
    bits,
    part_of,
    surroundings,
)
from vaecodec.models.lattices.networks.step import CHANNELS, Step
from vaecodec.models.networks.exact_layers import Row


class LatticeModel(nn.Module):
    """Three steps for each level, from coarse to fine."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: Row[Row[Step]] = Row(
            Row(Step(number) for number in range(STEPS)) for _ in range(OWN_LEVELS)
        )

    def steps(self, level: int) -> list[Step]:
        """Networks of a level; 0 is the finest."""
        return [*self.levels[min(level, OWN_LEVELS - 1)]]

    def every_step(self) -> list[Step]:
        """All networks."""
        return [step for level in range(OWN_LEVELS) for step in self.steps(level)]

    def in_a_row(self) -> Iterator[tuple[Step, Step]]:
        """Networks after one another, once for each that follows."""
        for level in range(OWN_LEVELS):
            yield from pairwise([self.steps(level + 1)[-1], *self.steps(level)])

    def forward(self, images: Tensor) -> list[Tensor]:
        """Levels [B, 3, H, W], sides multiples of 32 -> bits of each step.

        Each is [B, 3, h, w], in order of coding.
        """
        found = []
        features = None
        for level in reversed(range(LEVELS)):
            lattice = images[:, :, :: 2**level, :: 2**level]
            if features is not None:
                features = functional.interpolate(features, scale_factor=2)
            for number, step in enumerate(self.steps(level)):
                around = surroundings(lattice, number)
                base = around[:, :NEAREST].mean(1)
                middle = torch.floor(base + 0.5)
                differences = (
                    (around - middle[:, None]).clamp(-CLIP, CLIP).flatten(1, 2)
                )
                if features is None:
                    features = differences.new_zeros(
                        (len(images), CHANNELS, *differences.shape[2:])
                    )
                head, features = step(differences, features)
                pixels = part_of(lattice, CODED[number])
                found.append(bits(head, pixels, base))
        return found
