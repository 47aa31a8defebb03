"""A second decoder, part four: a model file -> tensors, tables and ids.

Written from vaecodec/format/FORMAT.md alone, sections 5 and 6, with the standard
library.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import prod
from typing import Any, NamedTuple

TYPES = {"U8": "B", "I8": "b", "I16": "h", "I32": "i", "U16": "H", "F16": "e"}
TYPES["F32"] = "f"


class Refused(Exception):
    """A file, or a model file, breaks a rule of the document."""


def refuse_unless(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


class Tensor(NamedTuple):
    dtype: str
    shape: list[int]
    data: bytes

    def values(self) -> tuple[int, ...]:
        return struct.unpack(f"<{prod(self.shape)}{TYPES[self.dtype]}", self.data)

    def rows(self) -> list[tuple[int, ...]]:
        """The values, cut along the first axis."""
        size, values = prod(self.shape[1:]), self.values()
        return [values[start : start + size] for start in range(0, len(values), size)]


class Model:
    """A model file, as far as entropy decoding needs it.

    Attributes:
        metadata: strings by name.
        limits: L of each row of the frequency tables.
        tables: for each row, the sums of the frequencies before each entry, and of all.
    """

    def __init__(self, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        self._tensors, self.metadata = tensors, metadata
        self.limits = self["tables.limits"].values()
        stored = self["tables.frequencies"].values()
        self.tables = frequency_sums(self.limits, stored)

    def __getitem__(self, name: str) -> Tensor:
        refuse_unless(name in self._tensors, f"the model has no tensor {name}")
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def stream_id(self) -> bytes:
        return self._hash("stream")[:8]

    def painter_id(self) -> bytes:
        return self._hash("painter")[:4]

    def _hash(self, part: str) -> bytes:
        digest = hashlib.sha256(self.metadata["architecture"].encode() + b"\0")
        for name in self.metadata[part].split(" "):
            tensor = self[name]
            sizes = "x".join(map(str, tensor.shape))
            digest.update(f"{name}\0{tensor.dtype}\0{sizes}\0".encode() + tensor.data)
        return digest.digest()


def frequency_sums(limits: tuple[int, ...], stored: tuple[int, ...]) -> list[list[int]]:
    """For each row, the sums of the frequencies before each entry, and of all."""
    ends = accumulate([0, *(2 * limit + 1 for limit in limits)])
    rows = [stored[start:end] for start, end in pairwise(ends)]
    tables = [[0, *accumulate(f + 1 for f in row)] for row in rows]
    refuse_unless(all(sums[-1] == 65536 for sums in tables), "a table's sum")
    return tables


def read_safetensors(data: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read a whole file; it must be covered by its tensors."""
    refuse_unless(len(data) >= 8, "no table in the model file")
    begin = 8 + int.from_bytes(data[:8], "little")
    refuse_unless(begin <= len(data), "the table exceeds the model file")
    try:
        table = json.loads(data[8:begin], object_pairs_hook=_without_repetition)
    except ValueError as error:
        raise Refused(f"the table of the model file: {error}") from error
    entries = {name: table[name] for name in table if name != "__metadata__"}
    members = {"dtype", "shape", "data_offsets"}
    plain = all(entry.keys() == members for entry in entries.values())
    refuse_unless(plain, "the description of a tensor")
    spans = sorted(entry["data_offsets"] for entry in entries.values())
    ends = [0, *(end for _, end in spans)]
    covered = [start for start, _ in spans] == ends[:-1]
    refuse_unless(covered and ends[-1] == len(data) - begin, "holes in the model file")
    tensors = {name: _tensor(data[begin:], **entry) for name, entry in entries.items()}
    return tensors, table.get("__metadata__", {})


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_unless(len({name for name, _ in pairs}) == len(pairs), "a name twice")
    return dict(pairs)


def _tensor(
    data: bytes, dtype: str, shape: list[int], data_offsets: list[int]
) -> Tensor:
    refuse_unless(dtype in TYPES, f"dtype {dtype}")
    values = data[slice(*data_offsets)]
    size = struct.calcsize(f"<{prod(shape)}{TYPES[dtype]}")
    refuse_unless(len(values) == size, "size of a tensor")
    return Tensor(dtype, shape, values)
