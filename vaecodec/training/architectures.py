"""The architectures that can be trained. A new one is a folder, and a line here."""

from __future__ import annotations

from typing import Any

from vaecodec.models.checkerboard.networks.training import TrainableCheckerboard
from vaecodec.models.networks.trainable import TrainableArchitecture

ARCHITECTURES: dict[str, TrainableArchitecture[Any]] = {
    one.name: one for one in (TrainableCheckerboard(),)
}
DEFAULT = TrainableCheckerboard.name  # of files that name none
# By the names of their networks, no two of which are alike; the smallest first.
BY_NETWORK = {name: one for one in ARCHITECTURES.values() for name in one.networks}
