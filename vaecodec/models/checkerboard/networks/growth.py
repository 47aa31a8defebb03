"""A trained model as the beginning of another one: deeper, or tuned otherwise.

The added residual blocks put out zero at first, so that the deeper model computes what
the other one does, and all that was learned is kept (Chen, Goodfellow and Shlens,
"Net2Net: Accelerating Learning via Knowledge Transfer", 2016).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from vaecodec.models.checkerboard.networks.configuration import Configuration
from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.networks.layers import KNOTS, ResidualBlock


def grown(model: HierarchicalVae, configuration: Configuration) -> HierarchicalVae:
    """A model of another configuration that puts out what `model` does.

    Blocks are added behind those of the analysis transform and before those of the
    synthesis transform, which keeps the gains where they were.

    Raises:
        ValueError: The configurations differ in more than blocks that are added.
    """
    deeper = HierarchicalVae(configuration)
    for side in (deeper.analysis, deeper.synthesis):
        for block in side.modules():
            if isinstance(block, ResidualBlock):
                nn.init.zeros_(block.project.weight)
    blocks = zip(
        configuration.synthesis_blocks,
        model.configuration.synthesis_blocks,
        strict=True,
    )
    coarse, fine = (after - before for after, before in blocks)
    shift = {"synthesis.coarse.": coarse, "synthesis.fine.": fine}
    state = deeper.state_dict()
    for name, values in model.state_dict().items():
        place = _shifted(name, shift)
        if place not in state or state[place].shape != values.shape:
            raise ValueError(f"{name} has no place in a model {configuration.name!r}")
        state[place] = values
    deeper.load_state_dict(state)
    return deeper


def _shifted(name: str, shift: dict[str, int]) -> str:
    """A weight's name when `shift` blocks come before those of its list."""
    for prefix, added in shift.items():
        if name.startswith(prefix):
            number, rest = name.removeprefix(prefix).split(".", 1)
            return f"{prefix}{int(number) + added}.{rest}"
    return name


def relaid(model: HierarchicalVae, configuration: Configuration) -> HierarchicalVae:
    """The model on the lambdas of a configuration that differs in nothing else.

    Its curves over quality are read at the old place of each lambda, and continued
    straight on beyond their ends.
    """
    low, high = (model.configuration.log_lambda(rung) for rung in (0, 100))
    rungs = np.linspace(0, 100, KNOTS)
    shares = [(configuration.log_lambda(rung) - low) / (high - low) for rung in rungs]
    places = torch.tensor(shares) * (KNOTS - 1)
    left = places.floor().clamp(0, KNOTS - 2).long()
    share = (places - left)[:, None]  # [KNOTS, 1], for knots [KNOTS, C]
    again = HierarchicalVae(configuration)
    state = model.state_dict()
    for name, values in state.items():
        if name.endswith("knots"):
            state[name] = values[left] * (1 - share) + values[left + 1] * share
    again.load_state_dict(state)
    return again
