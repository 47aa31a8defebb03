"""Sums of a coarse and a fine layer: found in programs, for engines to do them fast.

    coarse -> 1x1 -> shuffle by 2 -+
                                   + -> narrow (-> shuffle)
               fine -> 1x1 --------+

Done as it stands, this moves wide sums about, which are large. It is faster to split
the source of the fine layer into the four places of 2x2 cells, to add and narrow each
on its own, and to move the bytes that come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.facts import EXACT_LIMIT, Kind
from vaecodec.models.exact.operations import (
    Add,
    Narrow,
    Operation,
    Pointwise,
    Shuffle,
    sources,
)
from vaecodec.models.exact.program import Program

PLACES = 4


@dataclass(frozen=True, eq=False)
class QuarterSums:
    """Operations that can be done as one.

    Attributes:
        coarse: the layer that is shuffled, of one group and without a lift.
        fine: the layer that is added, of one group.
        narrow: of the sums.
        shuffle: of what is narrowed, if nothing else reads that.
        inside: names of the results that nothing else reads.
    """

    coarse: Pointwise
    fine: Pointwise
    narrow: Narrow
    shuffle: Shuffle | None
    inside: frozenset[str]

    @property
    def out(self) -> str:
        """Name of the result."""
        return self.narrow.out if self.shuffle is None else self.shuffle.out


def quarter_sums(program: Program) -> Iterator[QuarterSums]:
    """All that there are in a program."""
    makers = {operation.out: operation for operation in program.operations}
    readers = Counter(program.outputs)
    for operation in program.operations:
        readers.update(sources(operation))
    once = {name for name, count in readers.items() if count == 1}
    shuffles = {
        operation.source: operation
        for operation in program.operations
        if isinstance(operation, Shuffle) and operation.source in once
    }
    for operation in program.operations:
        found = _ending_in(operation, makers)
        if found is not None and found.inside <= once and _is_exact(found, program):
            yield _with_shuffle(found, shuffles.get(operation.out))


def fine_by_places(coarse: Pointwise, fine: Pointwise, source: str) -> Pointwise:
    """The fine layer of a source in quarters, with the biases of both layers.

    Rows of the coarse layer must lie place by place, as `channel_orders` has them.
    """
    lift = fine.lift
    if lift is not None and lift.size > 1:
        lift = np.tile(lift, PLACES)
    bias: NDArray[Any] = np.tile(fine.bias, PLACES) + coarse.bias / _factors(lift)
    weight: NDArray[Any] = np.tile(fine.weight, (PLACES, 1))
    return replace(
        fine, source=source, weight=weight, bias=bias, lift=lift, groups=PLACES
    )


def _ending_in(
    narrow: Operation, makers: Mapping[str, Operation]
) -> QuarterSums | None:
    if not isinstance(narrow, Narrow):
        return None
    add = makers.get(narrow.source)
    if not isinstance(add, Add) or add.left_shift.any() or add.right_shift.any():
        return None
    shuffle, fine = makers.get(add.left), makers.get(add.right)
    if not isinstance(shuffle, Shuffle) or shuffle.by**2 != PLACES:
        return None
    coarse = makers.get(shuffle.source)
    if not _is_wide_layer(coarse) or coarse.lift is not None:
        return None
    if not _is_wide_layer(fine):
        return None
    inside = frozenset((coarse.out, shuffle.out, fine.out, add.out))
    return QuarterSums(coarse, fine, narrow, None, inside)


def _with_shuffle(sums: QuarterSums, shuffle: Shuffle | None) -> QuarterSums:
    if shuffle is None:
        return sums
    return replace(sums, shuffle=shuffle, inside=sums.inside | {shuffle.source})


def _is_wide_layer(operation: Operation | None) -> TypeGuard[Pointwise]:
    return (
        isinstance(operation, Pointwise)
        and operation.groups == 1
        and operation.shift is None
    )


def _is_exact(sums: QuarterSums, program: Program) -> bool:
    """Whether both biases may come first, before what the coarse layer adds."""
    fine = sums.fine
    if program.facts[fine.source].kind is Kind.WIDE:
        return False
    facts, own = program.facts[fine.out], fine.bias * _factors(fine.lift)
    # Channel c of the shuffled sums comes from rows 4 c to 4 c + 3.
    others = sums.coarse.bias.reshape(-1, PLACES)
    reached = [np.abs(others + some[:, None]) for some in (own, facts.low, facts.high)]
    return bool(np.max(reached) < EXACT_LIMIT)


def _factors(lift: NDArray[np.int8] | None) -> Any:
    """What sums are multiplied by."""
    return 1 if lift is None else np.exp2(lift, dtype=np.float64)
