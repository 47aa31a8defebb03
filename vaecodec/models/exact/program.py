"""Exact programs: operations in order, proven when they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from reprlib import repr as shown
from types import MappingProxyType

from vaecodec.errors import ModelError
from vaecodec.models.exact.facts import Facts
from vaecodec.models.exact.operations import Gain, Input, Operation, sources
from vaecodec.models.exact.proof import facts_of, facts_of_input

MOST_OPERATIONS = 1000
# Of all tensors, for each cell of 64 x 64 pixels: what a machine has to compute, and
# perhaps to hold. A large painter needs a sixth of this.
MOST_VALUES = 1 << 21
_NAME = re.compile("[a-z0-9_]{1,64}")


@dataclass(frozen=True, eq=False)
class Program:
    """Integers in, integers out, the same on every machine.

    Attributes:
        inputs: the tensors that it is given.
        operations: in the order in which they are computed; each reads tensors that
            are known by then, and makes a new one.
        outputs: names of the tensors that are wanted.
        facts: what is proven of every tensor, by name.

    Raises:
        ModelError: Something does not fit, or could leave the range that is exact.
    """

    inputs: tuple[Input, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[str, ...]
    facts: Mapping[str, Facts] = field(init=False)

    def __post_init__(self) -> None:
        if not self.inputs or len(self.operations) > MOST_OPERATIONS:
            raise ModelError(
                f"a program of {len(self.inputs)} inputs and {len(self.operations)} "
                f"operations, allowed are 1 or more and at most {MOST_OPERATIONS}"
            )
        facts: dict[str, Facts] = {}
        for given in self.inputs:
            with _naming(facts, given.name):
                facts[given.name] = facts_of_input(given)
        for operation in self.operations:
            with _naming(facts, operation.out):
                known = [_known(facts, name) for name in sources(operation)]
                facts[operation.out] = facts_of(operation, *known)
        values = sum(one.values for one in facts.values())
        if values > MOST_VALUES:
            raise ModelError(
                f"a program of {values:.0f} values for each cell, at most {MOST_VALUES}"
            )
        for name in self.outputs:
            _known(facts, name)
        if not self.outputs or len(set(self.outputs)) < len(self.outputs):
            raise ModelError(f"a program with the outputs {shown(list(self.outputs))}")
        object.__setattr__(self, "facts", MappingProxyType(facts))

    @property
    def cell(self) -> int:
        """What both sides of the image area are multiples of, in pixels."""
        return max(facts.pixels for facts in self.facts.values())

    @property
    def gain_pixels(self) -> tuple[int, ...]:
        """Sizes of the positions that gains work on; none if no quality is needed."""
        gains = (op for op in self.operations if isinstance(op, Gain))
        return tuple(sorted({self.facts[gain.source].pixels for gain in gains}))


@contextmanager
def _naming(facts: Mapping[str, Facts], name: str) -> Iterator[None]:
    """Check the name of a new tensor, and put it before what is wrong with it."""
    if not _NAME.fullmatch(name) or name in facts:
        raise ModelError(
            f"a tensor named {shown(name)}, allowed are new names of 1 to 64 letters "
            "a-z, digits and _"
        )
    try:
        yield
    except ModelError as error:
        raise ModelError(f"exact tensor {name!r}: {error}") from error


def _known(facts: Mapping[str, Facts], name: str) -> Facts:
    if name not in facts:
        raise ModelError(f"{shown(name)} is not known before it is read")
    return facts[name]
