"""Mutations of a model file, or of what has its layout: a table and flat numbers.

In: the table and the data of a file, and a random generator. Out: the bytes of a file
that may lie about anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from tools.fuzz_bytes import damaged, flip_bits, insert, remove, set_bytes
from vaecodec.models.tensor_file import DTYPES

LENGTH_BYTES = 8
NUMBERS = (0, 1, 2, 3, 2**15, 2**26, 2**31, 2**63, -1, True, None, 1.5, "4", [1])

Table = dict[str, Any]
Mutation = Callable[[Table, bytes, Random], bytes]


def split(model: bytes) -> tuple[Table, bytes]:
    """Table and data of a valid model file."""
    end = LENGTH_BYTES + int.from_bytes(model[:LENGTH_BYTES], "little")
    return json.loads(model[LENGTH_BYTES:end]), model[end:]


def sealed(table: Table | bytes, data: bytes) -> bytes:
    """A model file with this table, whatever it says."""
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + data


def table_bytes(table: Table, data: bytes, rng: Random) -> bytes:
    return sealed(damaged(json.dumps(table).encode(), rng), data)


def table_length(table: Table, data: bytes, rng: Random) -> bytes:
    file = sealed(table, data)
    lie = rng.choice((0, 1, len(file), 2**20, 2**40, 2**64 - 1))
    return lie.to_bytes(LENGTH_BYTES, "little") + file[LENGTH_BYTES:]


def entry(table: Table, data: bytes, rng: Random) -> bytes:
    """One member of the entry of a tensor is another."""
    name = _any_tensor(table, rng)
    member = rng.choice(("dtype", "shape", "data_offsets"))
    value = table[name][member]
    if member == "dtype":
        value = rng.choice((*DTYPES, "F64", "", 7))
    elif value:
        value[rng.randrange(len(value))] = rng.choice(NUMBERS)
    table[name][member] = rng.choice((value, value, value, [], rng.choice(NUMBERS)))
    return sealed(table, data)


def shape(table: Table, data: bytes, rng: Random) -> bytes:
    """As many numbers in another shape, or as much data of another type."""
    tensor = table[_any_tensor(table, rng)]
    sizes = list(tensor["shape"])
    rng.shuffle(sizes)
    flat = [int(np.prod(sizes))]
    tensor["shape"] = rng.choice((sizes, sizes[::-1], flat, [1, *sizes]))
    if rng.random() < 0.3:
        one_byte = tensor["dtype"] in ("U8", "I8")
        tensor["dtype"] = rng.choice(("U8", "I8") if one_byte else ("U16", "I16"))
    return sealed(table, data)


def other_name(table: Table, data: bytes, rng: Random) -> bytes:
    """A tensor under the name of another, or under none that is known."""
    one, other = _any_tensor(table, rng), _any_tensor(table, rng)
    if rng.random() < 0.5:
        table[one], table[other] = table[other], table[one]
    else:
        table[rng.choice(("", "x", "scale." * 99))] = table.pop(one)
    return sealed(table, data)


def names_of_weights(table: Table, data: bytes, rng: Random) -> bytes:
    metadata = table["__metadata__"]
    name = rng.choice(list(metadata))
    words = metadata[name].split()
    rng.shuffle(words)
    wrong = rng.choice((" ".join(words[:-1]), "", "x y", 3, None, "../x"))
    metadata[name] = rng.choice((" ".join(words), wrong))
    if rng.random() < 0.2:
        del metadata[name]
    return sealed(table, data)


def numbers(table: Table, data: bytes, rng: Random) -> bytes:
    """All numbers of a tensor are extreme, or some are others."""
    start, end = place_of(table, rng, "")
    size = end - start
    extreme = rng.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\x00\x7c", b"\xff\x7f"))
    filled = (extreme * size)[:size]
    return sealed(
        table, data[:start] + changed(data[start:end], filled, rng) + data[end:]
    )


def graph(table: Table, data: bytes, rng: Random) -> bytes:
    """Some bytes of a graph are others; its length stays."""
    start, end = place_of(table, rng, "graph.")
    old = data[start:end]
    return sealed(table, data[:start] + changed(old, old[::-1], rng) + data[end:])


MUTATIONS: tuple[Mutation, ...] = (
    *(table_bytes, table_length, entry, entry, shape, other_name),
    *(names_of_weights, numbers, numbers, numbers),
)


def _any_tensor(table: Table, rng: Random, prefix: str = "") -> str:
    names = [name for name in table if name.startswith(prefix)]
    return rng.choice([name for name in names if name != "__metadata__"])


def place_of(table: Table, rng: Random, prefix: str) -> tuple[int, int]:
    start, end = table[_any_tensor(table, rng, prefix)]["data_offsets"]
    return start, end


def changed(old: bytes, replacement: bytes, rng: Random) -> bytes:
    """Bytes of the same length: a few of them damaged, or all replaced."""
    if rng.random() < 0.3:
        return replacement
    other = rng.choice((flip_bits, set_bytes, remove, insert))(old, rng)
    return (other + bytes(len(old)))[: len(old)]
