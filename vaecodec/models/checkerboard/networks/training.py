"""This architecture as training knows it: see `TrainableArchitecture`."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from vaecodec.models.checkerboard.networks import first_step, stored
from vaecodec.models.checkerboard.networks.configuration import (
    NETWORKS,
    Configuration,
)
from vaecodec.models.checkerboard.networks.growth import grown, relaid
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.model_file import ModelFile
from vaecodec.models.networks.table_fitting import Counts
from vaecodec.models.networks.trainable import (
    Kind,
    TrainableArchitecture,
    TrainableModel,
)


class TrainableCheckerboard(TrainableArchitecture[HierarchicalVae]):
    """Hierarchical VAEs with a checkerboard of two groups, from the KLT on."""

    name = HierarchicalVae.architecture
    networks = tuple(NETWORKS)

    def new(
        self, network: str, kind: Kind, pictures: Sequence[Tensor]
    ) -> HierarchicalVae:
        configuration = NETWORKS[network].tuned(kind.tune)
        model = HierarchicalVae(configuration.for_samples(kind.channels, kind.depth))
        first_step.initialize(model, pictures)
        return model

    def changed(
        self, model: TrainableModel, network: str | None, *, tune: str
    ) -> HierarchicalVae:
        if not isinstance(model, HierarchicalVae):
            raise ValueError(f"the model cannot become a network {network!r}")
        if network is not None:
            own = model.configuration
            larger = NETWORKS[network].for_samples(own.channels, own.depth)
            model = grown(model, larger)
        configuration = model.configuration.tuned(tune)
        return (
            model
            if model.configuration == configuration
            else relaid(model, configuration)
        )

    def empty(self, configuration: str) -> HierarchicalVae:
        return HierarchicalVae(Configuration.from_json(configuration))

    def from_file(self, file: ModelFile) -> HierarchicalVae:
        return stored.from_file(file)

    def to_file(
        self, model: HierarchicalVae, *, counts: Counts, training_images: int
    ) -> bytes:
        return stored.to_file(model, counts=counts, training_images=training_images)
