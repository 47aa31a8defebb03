"""Mutations of model files, and what the package says about them.

In: the models of the golden files and a number. Out: a file that may lie about
anything, and a `Verdict`: whether it was refused with a ModelError or worked. A model
that works is asked to compress a picture and to decompress the result. Its graphs are
run by ONNX Runtime, so what is tried here is that library as well. Every other number
stands for a file with coded parts, whose receiver is exact.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

import vaecodec
from tools.fuzz_bytes import DAMAGES
from tools.fuzz_coded import CODED_MUTATIONS
from tools.fuzz_judges import golden_files
from tools.fuzz_tables import MUTATIONS, Mutation, Table, graph, split
from tools.fuzz_verdicts import Judge, Verdict
from vaecodec.models.coded_part import CODED
from vaecodec.models.library import load_model

PIXELS = np.arange(70 * 90 * 3).reshape(70, 90, 3).astype(np.uint8)
WORKS = "works"


def mutated_model(model: bytes, *, seed: int, number: int) -> tuple[str, bytes]:
    """The name of a mutation and its result: the same for the same arguments."""
    rng = Random(f"model {seed}/{number}")
    table, data = split(model)
    if rng.random() < 0.15:
        damage = rng.choice(DAMAGES)
        return f"bytes: {damage.__name__}", damage(model, rng)
    mutation = rng.choice(_mutations(table))
    return mutation.__name__, mutation(table, data, rng)


def _mutations(table: Table) -> tuple[Mutation, ...]:
    if CODED in table["__metadata__"]:
        return *MUTATIONS, *CODED_MUTATIONS, *CODED_MUTATIONS
    return *MUTATIONS, *[graph] * 4


class ModelJudge(Judge):
    """Judges mutations of the models of the golden files.

    Args:
        folder: holds the golden files, and their models.
        seed: of the mutations.
    """

    suffix = ".safetensors"

    def __init__(self, folder: Path, *, seed: int) -> None:
        self._seed = seed
        names = "model.safetensors", "quadrants.safetensors"
        self._models = [(folder / name).read_bytes() for name in names]
        self._file = golden_files(folder)[0]
        self._exact_file = (folder / "quadrants" / "rgb-17x5.vaec").read_bytes()
        self._path = Path(tempfile.mkdtemp(), "model.safetensors")
        vaecodec.compress(PIXELS, threads=1)

    def file(self, number: int) -> tuple[str, bytes]:
        """The name of a mutation, and the model file."""
        model = self._models[number % len(self._models)]
        return mutated_model(model, seed=self._seed, number=number)

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

        def decompress(file: bytes) -> str:
            vaecodec.decode(made or file, painter=self._path, threads=1)
            return WORKS

        asks: dict[str, Callable[[], str]] = {
            "load": load,
            "compress": compress,
            "decompress": partial(decompress, self._file),
            "decompress exactly": partial(decompress, self._exact_file),
        }
        return self.verdict(mutation, asks)

    def __del__(self) -> None:
        """Leave nothing behind."""
        self._path.unlink(missing_ok=True)
        os.rmdir(self._path.parent)
