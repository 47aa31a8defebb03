"""Which tensors of a model file the symbols depend on, and which the pixels.

In: names of tensors; out: the same, sorted, as the metadata lists them.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaecodec.models.parts import listed_parts

NAME = "quadrants"
HYPER, PAINTER = "hyper", "painter"  # names of exact programs
STEPS = tuple(f"step{number}" for number in range(4))  # of the four of the latent
_STREAM = (HYPER, *STEPS, "latent", "tables")


def parts(tensors: Iterable[str]) -> dict[str, str]:
    """The entries of the metadata that name the architecture and its parts."""
    names = sorted(tensors)
    return listed_parts(
        NAME,
        stream=(name for name in names if name.partition(".")[0] in _STREAM),
        painter=(name for name in names if name.partition(".")[0] == PAINTER),
    )
