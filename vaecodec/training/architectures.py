"""The architectures that can be trained. A new one is a folder, and a line here."""

from __future__ import annotations

from typing import Any

from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.networks.training import TrainableCheckerboard
from vaecodec.models.model_file import ARCHITECTURE, ModelFile
from vaecodec.models.networks.trainable import TrainableArchitecture
from vaecodec.models.quadrants.networks.training import TrainableQuadrants

ARCHITECTURES: dict[str, TrainableArchitecture[Any]] = {
    one.name: one for one in (TrainableCheckerboard(), TrainableQuadrants())
}
EARLIEST = TrainableCheckerboard.name  # that of checkpoints which name none
# By the names of their networks, no two of which are alike; the smallest first.
BY_NETWORK = {name: one for one in ARCHITECTURES.values() for name in one.networks}


def architecture_of(file: ModelFile) -> TrainableArchitecture[Any]:
    """The architecture of the model in a file.

    Raises:
        ModelError: It cannot be trained.
    """
    name = file.metadata.get(ARCHITECTURE, "")
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ModelError(f"the model's architecture is {name!r}, trainable are {known}")
    return ARCHITECTURES[name]
