"""This architecture as training knows it: see `TrainableArchitecture`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.model_file import ModelFile
from vaecodec.models.networks.table_fitting import Counts
from vaecodec.models.networks.trainable import (
    Kind,
    Roundable,
    TrainableArchitecture,
    TrainableModel,
)
from vaecodec.models.quadrants.networks import first_step, stored
from vaecodec.models.quadrants.networks.configuration import NETWORKS, Configuration
from vaecodec.models.quadrants.networks.conversion import converted
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.layer_places import roundable_layers


class TrainableQuadrants(TrainableArchitecture[QuadrantVae]):
    """Hierarchical VAEs with an exact receiver, from the KLT or a checkerboard on."""

    name = QuadrantVae.architecture
    networks = tuple(NETWORKS)

    def new(self, network: str, kind: Kind, pictures: Sequence[Tensor]) -> QuadrantVae:
        if not kind.is_pictures:
            raise ValueError(f"network {network!r} is for pictures only")
        model = QuadrantVae(NETWORKS[network].tuned(kind.tune))
        first_step.initialize(model, pictures)
        return model

    def changed(
        self, model: TrainableModel, network: str | None, *, tune: str
    ) -> QuadrantVae:
        if not model.kind.is_pictures:
            raise ValueError(f"network {network!r} is for pictures only")
        if isinstance(model, HierarchicalVae) and network is not None:
            width = model.configuration.hyper_channels
            configuration = replace(NETWORKS[network], prior_channels=width)
            model = converted(model, configuration)
        named = (
            (None, model.configuration.name) if isinstance(model, QuadrantVae) else ()
        )
        if not isinstance(model, QuadrantVae) or network not in named:
            raise ValueError(f"the model cannot become a network {network!r}")
        if model.tune != tune:
            raise ValueError(f"a model tuned for {model.tune} cannot go on for {tune}")
        return model

    def empty(self, configuration: str) -> QuadrantVae:
        return QuadrantVae(Configuration.from_json(configuration))

    def from_file(self, file: ModelFile) -> QuadrantVae:
        return stored.from_file(file)

    def roundable(self, model: QuadrantVae) -> dict[str, Roundable]:
        return roundable_layers(model)

    def to_file(
        self, model: QuadrantVae, *, counts: Counts, training_images: int
    ) -> bytes:
        return stored.to_file(model, counts=counts, training_images=training_images)
