"""The architectures that there are: what a model file says it is, and who builds it.

A new architecture is a folder beside `checkerboard`, and a line in each table here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from vaecodec.errors import ModelError
from vaecodec.models.architecture import Architecture
from vaecodec.models.model_file import ARCHITECTURE, ModelFile

# The class that is built, by the name in a model file's metadata.
ARCHITECTURES = {
    "checkerboard": (
        "vaecodec.models.checkerboard.architecture.CheckerboardArchitecture"
    ),
    "quadrants": "vaecodec.models.quadrants.architecture.QuadrantArchitecture",
}
# The module that tells how large a model is from its file alone, where there is one.
COMPLEXITY = {
    name: f"vaecodec.models.{name}.complexity" for name in ("checkerboard", "quadrants")
}


def complexity(file: ModelFile) -> tuple[int | None, float | None]:
    """Trained numbers, and what decoding computes; None for what is not known.

    The second are multiply-accumulates per pixel of a large image, in thousands.
    """
    name = COMPLEXITY.get(file.metadata.get(ARCHITECTURE, ""))
    if name is None:
        return None, None
    module: Any = import_module(name)
    return module.parameters(file), module.decoder_kmac_per_pixel(file)


def build(file: ModelFile, *, threads: int | None = 1) -> Architecture:
    """The model in a file, ready for work.

    Args:
        file: of the model.
        threads: for its float networks; None takes all cores.

    Raises:
        ModelError: The architecture is not known, or its tensors do not fit.
        ValueError: Fewer than 1 thread.
    """
    name = file.metadata.get(ARCHITECTURE, "")
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ModelError(f"the model's architecture is {name!r}, known are {known}")
    module, _, maker = ARCHITECTURES[name].rpartition(".")
    made: Architecture = getattr(import_module(module), maker)(file, threads=threads)
    return made
