"""Write a model file as small as it gets without changing a number.

In: tensors and metadata; out: the bytes of a file whose tensors lie in two coded parts,
what receivers need and the rest, with the laws that they are coded under.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.ans import CodingTables, SectionEncoder, default_coder
from vaecodec.entropy.frequency_tables import TableSet, quantize_frequencies
from vaecodec.models.coded_numbers import ROWS, SHIFTS, Sides, indexes, runs
from vaecodec.models.coded_part import CODED, LAWS, describe, law_tensors, pack_part
from vaecodec.models.coding_plan import Plan, logistic_laws, plan
from vaecodec.models.model_file import IDS, PAINTER, STREAM, ModelFile, parse_model
from vaecodec.models.tensor_file import Tensors, pack_tensors

RECEIVER, SENDER = "receiver", "sender"  # the parts

_NONE = np.zeros(0, np.int64)


def pack_compact(tensors: Tensors, metadata: Mapping[str, str]) -> bytes:
    """Write a model file with coded parts.

    Args:
        tensors: as for `pack_model`.
        metadata: of the model; says which tensors a receiver needs.

    Raises:
        ModelError: The reader would refuse the file.
    """
    laws = law_tensors(*quantize_frequencies(logistic_laws()))
    tables = TableSet(
        {name.removeprefix(f"{CODED}."): law for name, law in laws.items()}
    )
    needed = {*metadata[STREAM].split(), *metadata[PAINTER].split()}
    parts = {
        RECEIVER: {name: tensors[name] for name in tensors if name in needed},
        SENDER: {name: tensors[name] for name in tensors if name not in needed},
    }
    packed = {
        name: np.frombuffer(_pack_part(part, tables), np.uint8)
        for name, part in parts.items()
        if part
    }
    ids = ModelFile(tensors, metadata).model_id
    told = {**metadata, CODED: " ".join(packed), IDS: ids}
    data = pack_tensors(laws | packed, told)
    parse_model(data)
    return data


def _pack_part(tensors: Tensors, tables: TableSet) -> bytes:
    plans = {name: plan(tensors[name]) for name in sorted(tensors) if name != LAWS}
    coded = {name: found for name, found in plans.items() if found is not None}
    plain = {name: tensors[name] for name in tensors if name not in coded}
    laws = [
        _cheapest_row(_steps(parts), tables)
        for parts in zip(*(one.sides for one in coded.values()), strict=True)
    ] or [0] * len(Sides._fields)
    metadata = {name: describe(one.layout) for name, one in coded.items()}
    inner = pack_tensors(plain, metadata | {LAWS: " ".join(map(str, laws))})
    encoder = SectionEncoder(
        CodingTables(tables, default_coder()), checksum=zlib.crc32(inner)
    )
    plans_left = iter(coded.values())
    for run in runs(one.layout for one in coded.values()):
        _put_run(encoder, [next(plans_left) for _ in run], laws)
    return pack_part(inner, encoder.finish())


def _steps(parts: Iterable[NDArray[np.int16]]) -> NDArray[np.int64]:
    """What is coded of one of `Sides`: differences from one to the next."""
    return np.diff(np.concatenate([_NONE, *parts]), prepend=0)


def _put_run(encoder: SectionEncoder, plans: list[Plan], laws: list[int]) -> None:
    for parts, law in zip(
        zip(*(one.sides for one in plans), strict=True), laws, strict=True
    ):
        steps = _steps(parts)
        encoder.put(steps.astype(np.int16), np.full(steps.size, law, np.uint8))
    _put_numbers(encoder, plans)


def _put_numbers(encoder: SectionEncoder, plans: list[Plan]) -> None:
    parts = [indexes(one.layout, one.sides).ravel() for one in plans]
    index = np.concatenate([_NONE.astype(np.uint8), *parts])
    numbers = np.concatenate([_NONE, *(one.numbers.ravel() for one in plans)])
    shifts = SHIFTS.take(index)
    symbols = numbers >> shifts
    encoder.put(symbols.astype(np.int16), ROWS.take(index))
    wide = shifts > 0
    low = (numbers - (symbols << shifts))[wide]
    encoder.put_bits(low.astype(np.int16), shifts[wide])


def _cheapest_row(values: NDArray[np.int64], tables: TableSet) -> int:
    """The row that codes values in the fewest bits."""
    cap = max(int(np.abs(values).max(initial=1)), 1)
    costs = tables.cost_bits(cap=cap)[:, values + cap].sum(axis=1)
    return int(costs.argmin())
