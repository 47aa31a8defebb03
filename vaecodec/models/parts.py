"""Which tensors of a model file its two ids stand for, as its metadata lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vaecodec.errors import ModelError
from vaecodec.models.model_file import ARCHITECTURE, PAINTER, STREAM, ModelFile


def listed_parts(
    architecture: str, *, stream: Iterable[str], painter: Iterable[str]
) -> dict[str, str]:
    """The entries of the metadata that name an architecture and its parts."""
    return {
        ARCHITECTURE: architecture,
        STREAM: " ".join(stream),
        PAINTER: " ".join(painter),
    }


def check_listed(file: ModelFile, expected: Mapping[str, str]) -> None:
    """Refuse a file whose ids would not stand for what it does.

    Raises:
        ModelError: It lists other tensors than those that are read.
    """
    for part, names in expected.items():
        if file.metadata.get(part) != names:
            raise ModelError(f"the model file lists other tensors as its {part}")
