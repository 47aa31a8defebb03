"""Which tensors of a model file the symbols depend on, and which the pixels.

In: what a model file holds; out: names, sorted, as its metadata lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vaecodec.models.model_file import ModelFile
from vaecodec.models.names import GRAPH, WEIGHT
from vaecodec.models.parts import check_listed, listed_parts

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
    return listed_parts(NAME, stream=stream, painter=[SYNTHESIS, *weights])


def check_parts(file: ModelFile) -> None:
    """Refuse a file whose ids would not stand for what it does.

    Raises:
        ModelError: It lists other tensors than those that are read.
    """
    check_listed(file, parts(file.tensors, file.metadata))
