"""The architectures that there are: what a model file says it is, and who builds it.

A new architecture is a folder beside `checkerboard`, and a line here.
"""

from __future__ import annotations

from importlib import import_module

from vaecodec.errors import ModelError
from vaecodec.models.architecture import Architecture
from vaecodec.models.model_file import ModelFile

# The class that is built, in this folder, by the name in a model file's metadata.
ARCHITECTURES = {
    "checkerboard": "checkerboard.architecture.CheckerboardArchitecture",
}
DEFAULT = "checkerboard"  # of model files that name none


def build(file: ModelFile, *, threads: int | None = 1) -> Architecture:
    """The model in a file, ready for work.

    Args:
        file: of the model.
        threads: for its float networks; None takes all cores.

    Raises:
        ModelError: The architecture is not known, or its tensors do not fit.
        ValueError: Fewer than 1 thread.
    """
    name = file.metadata.get("architecture", DEFAULT)
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ModelError(f"the model's architecture is {name!r}, known are {known}")
    module, _, maker = f"{__package__}.{ARCHITECTURES[name]}".rpartition(".")
    made: Architecture = getattr(import_module(module), maker)(file, threads=threads)
    return made
