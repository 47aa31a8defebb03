"""Write a model file as small as it gets without changing a number.

In: tensors and metadata; out: the bytes of a file whose tensors lie in two coded parts,
what receivers need and the rest, each with the laws that it is coded under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.interleaved import Laws, encode
from vaecodec.models.coded_numbers import Stored, indexes, rows_of, stored
from vaecodec.models.coded_part import (
    CHECKSUM,
    CODED,
    LAWS,
    LOW_BITS,
    OUTSIDE,
    SIDE_COLUMNS,
    SIDE_ROWS,
    checksum,
    describe,
    pack_part,
)
from vaecodec.models.coding_plan import Plan, logistic_laws, plan
from vaecodec.models.model_file import IDS, PAINTER, STREAM, ModelFile, parse_model
from vaecodec.models.tensor_file import Tensors, pack_tensors

RECEIVER, SENDER = "receiver", "sender"  # the parts


def pack_compact(tensors: Tensors, metadata: Mapping[str, str]) -> bytes:
    """Write a model file with coded parts.

    Args:
        tensors: as for `pack_model`.
        metadata: of the model; says which tensors a receiver needs.

    Raises:
        ModelError: The reader would refuse the file.
    """
    needed = {*metadata[STREAM].split(), *metadata[PAINTER].split()}
    parts = {
        RECEIVER: {name: tensors[name] for name in tensors if name in needed},
        SENDER: {name: tensors[name] for name in tensors if name not in needed},
    }
    packed = {
        name: np.frombuffer(_pack_part(part), np.uint8)
        for name, part in parts.items()
        if part
    }
    ids = ModelFile(tensors, metadata).model_id
    told = {**metadata, CODED: " ".join(packed), IDS: ids}
    data = pack_tensors(packed, told)
    parse_model(data)
    return data


def _pack_part(tensors: Tensors) -> bytes:
    plans = {name: plan(tensors[name]) for name in sorted(tensors)}
    coded = {name: found for name, found in plans.items() if found is not None}
    plain = {name: tensors[name] for name in tensors if name not in coded}
    described = {name: describe(one.layout) for name, one in coded.items()}
    beside, payload = _pack_plans([*coded.values()]) if coded else ({}, b"")
    metadata = described | {CHECKSUM: checksum(payload)}
    return pack_part(pack_tensors(plain | beside, metadata), payload)


def _pack_plans(plans: Sequence[Plan]) -> tuple[dict[str, NDArray[Any]], bytes]:
    """What stands beside a payload, and the payload."""
    laws = logistic_laws()
    index = np.concatenate([indexes(one.layout, one.sides) for one in plans])
    numbers = np.concatenate([one.numbers.ravel() for one in plans])
    found = stored(numbers, index, laws)
    payload = encode(found.symbols, Laws(laws), rows_of(index))
    return {LAWS: laws, **_beside(plans, found)}, payload


def _beside(plans: Sequence[Plan], found: Stored) -> dict[str, NDArray[Any]]:
    arrays = {
        SIDE_ROWS: np.concatenate([one.sides.rows for one in plans], axis=1),
        SIDE_COLUMNS: np.concatenate([one.sides.columns for one in plans], axis=1),
        OUTSIDE: found.outside,
        LOW_BITS: found.low_bits,
    }
    return {name: array for name, array in arrays.items() if array.size}
