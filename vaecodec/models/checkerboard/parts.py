"""Which tensors of a model file the symbols depend on, and which the pixels.

In: what a model file holds; out: names, sorted, as its metadata lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vaecodec.errors import ModelError
from vaecodec.models.model_file import ARCHITECTURE, PAINTER, STREAM, ModelFile
from vaecodec.models.names import GRAPH, WEIGHT

NAME = "checkerboard"
SYNTHESIS = f"{GRAPH}synthesis"
_EXACT = ("hyper.", "scale.", "tables.")


def parts(tensors: Iterable[str], metadata: Mapping[str, str]) -> dict[str, str]:
    """The entries of the metadata that name the architecture and its parts.

    Args:
        tensors: names of all tensors.
        metadata: with the names of the weights of graph "synthesis".
    """
    stream = sorted(name for name in tensors if name.startswith(_EXACT))
    weights = sorted(WEIGHT + name for name in metadata.get(SYNTHESIS, "").split())
    painter = [SYNTHESIS, *weights]
    return {ARCHITECTURE: NAME, STREAM: " ".join(stream), PAINTER: " ".join(painter)}


def check_parts(file: ModelFile) -> None:
    """Refuse a file whose ids would not stand for what it does.

    Raises:
        ModelError: It lists other tensors than those that are read.
    """
    for part, names in parts(file.tensors, file.metadata).items():
        if file.metadata.get(part) != names:
            raise ModelError(f"the model file lists other tensors as its {part}")
