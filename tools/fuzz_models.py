"""Mutations of model files, and what the package says about them.

In: the model of the golden files and a number. Out: a file that may lie about anything,
and a `Verdict`: whether it was refused with a ModelError or worked. A model that works
is asked to compress a picture and to decompress the result. Its graphs are run by ONNX
Runtime, so what is tried here is that library as well.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import vaecodec
from tools.fuzz_bytes import (
    DAMAGES,
    damaged,
    flip_bits,
    insert,
    remove,
    set_bytes,
)
from tools.fuzz_judges import Judge, Verdict, golden_files
from vaecodec.models.library import load_model
from vaecodec.models.tensor_file import DTYPES

LENGTH_BYTES = 8
NUMBERS = (0, 1, 2, 3, 2**15, 2**26, 2**31, 2**63, -1, True, None, 1.5, "4", [1])
PIXELS = np.arange(70 * 90 * 3).reshape(70, 90, 3).astype(np.uint8)
WORKS = "works"

Table = dict[str, Any]
Mutation = Callable[[Table, bytes, Random], bytes]


def mutated_model(model: bytes, *, seed: int, number: int) -> tuple[str, bytes]:
    """The name of a mutation and its result: the same for the same arguments."""
    rng = Random(f"model {seed}/{number}")
    table, data = split(model)
    if rng.random() < 0.15:
        damage = rng.choice(DAMAGES)
        return f"bytes: {damage.__name__}", damage(model, rng)
    mutation = rng.choice(MUTATIONS)
    return mutation.__name__, mutation(table, data, rng)


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
    start, end = _place(table, rng, "")
    size = end - start
    extreme = rng.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\x00\x7c", b"\xff\x7f"))
    filled = (extreme * size)[:size]
    return sealed(
        table, data[:start] + _other(data[start:end], filled, rng) + data[end:]
    )


def graph(table: Table, data: bytes, rng: Random) -> bytes:
    """Some bytes of a graph are others; its length stays."""
    start, end = _place(table, rng, "graph.")
    old = data[start:end]
    return sealed(table, data[:start] + _other(old, old[::-1], rng) + data[end:])


MUTATIONS: tuple[Mutation, ...] = (
    *(table_bytes, table_length, entry, entry, shape, other_name),
    *(names_of_weights, numbers, numbers, numbers, graph, graph, graph, graph),
)


def _any_tensor(table: Table, rng: Random, prefix: str = "") -> str:
    names = [name for name in table if name.startswith(prefix)]
    return rng.choice([name for name in names if name != "__metadata__"])


def _place(table: Table, rng: Random, prefix: str) -> tuple[int, int]:
    start, end = table[_any_tensor(table, rng, prefix)]["data_offsets"]
    return start, end


def _other(old: bytes, replacement: bytes, rng: Random) -> bytes:
    """Bytes of the same length: a few of them damaged, or all replaced."""
    if rng.random() < 0.3:
        return replacement
    changed = rng.choice((flip_bits, set_bytes, remove, insert))(old, rng)
    return (changed + bytes(len(old)))[: len(old)]


class ModelJudge(Judge):
    """Judges mutations of the model of the golden files.

    Args:
        folder: holds the golden files, and their model.
        seed: of the mutations.
    """

    suffix = ".safetensors"

    def __init__(self, folder: Path, *, seed: int) -> None:
        self._seed = seed
        self._model = (folder / "model.safetensors").read_bytes()
        self._file = golden_files(folder)[0]
        self._path = Path(tempfile.mkdtemp(), "model.safetensors")
        vaecodec.compress(PIXELS, threads=1)

    def file(self, number: int) -> tuple[str, bytes]:
        """The name of a mutation, and the model file."""
        return mutated_model(self._model, seed=self._seed, number=number)

    def judge(self, data: bytes, mutation: str = "") -> Verdict:
        """Ask about this model."""
        self._path.write_bytes(data)
        made = b""

        def load() -> str:
            load_model(self._path)
            return WORKS

        def compress() -> str:
            nonlocal made
            made = vaecodec.encode(PIXELS, 80, model=self._path, threads=1)
            return WORKS

        def decompress() -> str:
            vaecodec.decode(made or self._file, painter=self._path, threads=1)
            return WORKS

        return self.verdict(
            mutation, {"load": load, "compress": compress, "decompress": decompress}
        )

    def __del__(self) -> None:
        """Leave nothing behind."""
        self._path.unlink(missing_ok=True)
        os.rmdir(self._path.parent)
