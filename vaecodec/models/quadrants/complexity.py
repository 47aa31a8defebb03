"""How large a model is: its parameters, and what its decoder computes per pixel.

In: a model file. Out: numbers that follow from its tensors. What counts is what a
receiver runs on a large image: all exact programs. Additions of biases, gains by
quality and the entropy coder are left out, as in the literature.
"""

from __future__ import annotations

from vaecodec.models.exact.measures import products_per_pixel
from vaecodec.models.exact.stored_program import parse_program
from vaecodec.models.model_file import ModelFile
from vaecodec.models.names import WEIGHT
from vaecodec.models.quadrants.parts import HYPER, PAINTER, STEPS

PROGRAMS = (HYPER, *STEPS, PAINTER)
_TRAINED = (".weight", ".bias")


def parameters(file: ModelFile) -> int:
    """How many numbers were trained, for both directions together."""
    return sum(
        tensor.size
        for name, tensor in file.tensors.items()
        if name.startswith(WEIGHT)
        or (name.partition(".")[0] in PROGRAMS and name.endswith(_TRAINED))
    )


def decoder_kmac_per_pixel(file: ModelFile) -> float:
    """Thousands of multiply-accumulates per pixel of a large image.

    Raises:
        ModelError: A program is missing or malformed.
    """
    programs = (parse_program(name, file.tensors) for name in PROGRAMS)
    return sum(map(products_per_pixel, programs)) / 1000
