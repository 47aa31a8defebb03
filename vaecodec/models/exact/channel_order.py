"""In which order engines hold the channels of tensors: what makes shuffles cheap.

With channels last, a shuffle moves single values about, unless the channels that end
up side by side lie side by side before. Where a 1x1 layer makes a tensor, its rows can
be computed in any order, so the order is chosen for the shuffle that follows.
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.exact.operations import (
    Add,
    Depthwise,
    Gain,
    Narrow,
    Operation,
    Pointwise,
    Quarters,
    Shuffle,
    Unquarters,
    Widen,
    sources,
)
from vaecodec.models.exact.program import Program

Order = NDArray[np.intp]  # [C], the channel that each place holds
Ordered = TypeVar("Ordered", bound=Operation)
_ARRAYS_BY_CHANNEL = ("weight", "bias", "shift", "lift", "left_shift", "right_shift")
_ONE_BY_ONE = (Narrow, Widen, Depthwise, Add, Gain)  # no channel moves


def channel_orders(program: Program) -> dict[str, Order]:
    """An order for each tensor; inputs and outputs keep theirs."""
    leaders = _leaders(program)
    orders = {
        leaders[name]: np.arange(program.facts[name].channels)
        for name in _kept_in_order(program)
    }
    for operation in reversed(program.operations):
        out = leaders[operation.out]
        orders.setdefault(out, np.arange(program.facts[operation.out].channels))
        if isinstance(operation, Shuffle):
            order = shuffle_order(orders[out], operation.by)
            orders.setdefault(leaders[operation.source], order)
    return {name: orders[leader] for name, leader in leaders.items()}


def shuffle_order(out: Order, by: int) -> Order:
    """The order of a source that a shuffle turns, by whole runs, into this order."""
    places = np.arange(by * by)[:, None]  # where in the square, place by place
    return (out * by * by + places).ravel()


def in_order(operation: Ordered, orders: dict[str, Order]) -> Ordered:
    """The operation with its arrays in the order of its tensors."""
    out = orders[operation.out]
    if all(_is_kept(orders[name]) for name in (operation.out, *sources(operation))):
        return operation  # as it is: weights are large
    arrays = {name: getattr(operation, name, None) for name in _ARRAYS_BY_CHANNEL}
    changes = {
        name: array[out]
        for name, array in arrays.items()
        if array is not None and len(array) == len(out)
    }
    if isinstance(operation, Pointwise) and operation.groups == 1:
        changes["weight"] = changes["weight"][:, orders[operation.source]]
    if isinstance(operation, Gain):
        changes["table"] = operation.table[:, out]
    return dataclasses.replace(operation, **changes)


def _is_kept(order: Order) -> bool:
    return bool(np.array_equal(order, np.arange(len(order))))


def _leaders(program: Program) -> dict[str, str]:
    """For each tensor one of those that must have the same order."""
    leaders = {given.name: given.name for given in program.inputs}
    for operation in program.operations:
        leaders[operation.out] = operation.out
        if isinstance(operation, _ONE_BY_ONE):
            joined = {leaders[name] for name in (operation.out, *sources(operation))}
            for name, leader in leaders.items():
                leaders[name] = operation.out if leader in joined else leader
    return leaders


def _kept_in_order(program: Program) -> set[str]:
    names = {given.name for given in program.inputs} | {*program.outputs}
    for operation in program.operations:
        grouped = isinstance(operation, Pointwise) and operation.groups > 1
        if grouped or isinstance(operation, (Quarters, Unquarters)):
            names |= {operation.out, *sources(operation)}
    return names
