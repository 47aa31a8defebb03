"""A model of the architecture `checkerboard` as the beginning of one of this.

Both transforms carry over, but for what the painter knew of the prior and the slope of
its activations below zero; so do hyper-analysis, expansion and the first means. Scales
and context are learned anew.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.hierarchical_vae import (
    QuadrantVae,
    channels_of,
)
from vaecodec.models.quadrants.networks.painter import LEVELS
from vaecodec.models.quadrants.networks.quarters import STEPS

# What is taken over as it is: beginnings of names, here and there.
TAKEN = {
    "analysis.": "analysis.",
    "hyper_analysis.": "hyper_analysis.",
    "log_gain.": "log_gain.",
    "log_inverse_gain.": "log_inverse_gain.",
    "prior.hyper_first.": "hyper_log_scale.",
    "prior.hyper_second.": "hyper_log_scale.",
    "prior.expansion.enter.": "hyper_synthesis.layers.0.",
    "prior.expansion.block.": "hyper_synthesis.layers.2.",
    "prior.expansion.up.": "hyper_synthesis.layers.3.",
    "prior.expansion.gain.": "hyper_synthesis.gain.",
    "prior.steps.0.block.": "hyper_synthesis.refine.",
    "painter.": "synthesis.",
}
USUAL = 2.0  # size of features before their gain
LOUD = 20.0  # how much smaller weights of depthwise layers were than they should be

State = dict[str, Tensor]


@torch.no_grad()
def converted(source: HierarchicalVae, configuration: Configuration) -> QuadrantVae:
    """A model that paints and codes roughly as the source does.

    Raises:
        RuntimeError: It has other widths or depths.
    """
    model = QuadrantVae(configuration.tuned(source.tune))
    old, state = source.state_dict(), model.state_dict()
    for name, values in state.items():
        taken = _taken(name, old)
        if taken is not None:
            state[name] = taken.reshape(values.shape).clone()  # [O, I, 1, 1] -> [O, I]
    spread = old["synthesis.spread"].flatten()
    power = torch.exp2(torch.log2(spread).round())
    for side in ("analysis", "painter"):
        state[f"{side}.spread"] = power[:, None, None]
    _rescale(state, spread / power)
    _add_prior_bias(state, old)
    _first_means(state, old, spread / power)
    _even_out(state)
    model.load_state_dict(state)
    return model


def _taken(name: str, old: State) -> Tensor | None:
    """What a tensor is in the old model, if that has it."""
    found = None
    for here, there in TAKEN.items():
        if name.startswith(here):
            found = old.get(there + name.removeprefix(here))
    return found


def _rescale(state: State, ratio: Tensor) -> None:
    """Measure latents by the new spread, in which they are larger by a ratio [M]."""
    state["analysis.leave.weight"] *= ratio[:, None, None, None]
    state["analysis.leave.bias"] *= ratio
    state["log_gain.knots"] -= ratio.log()
    state["painter.enter.weight"] /= ratio
    for name in ("bypass.weight", "leave.weight", "leave.bias"):
        state[f"painter.{name}"] /= LEVELS


def _add_prior_bias(state: State, old: State) -> None:
    """The painter does not see the prior any more; what is left of it is its bias."""
    state["painter.enter.bias"] += old["synthesis.enter_prior.bias"]


def _first_means(state: State, old: State, ratio: Tensor) -> None:
    """All steps begin with the means that depend on the hyper-latent alone."""
    weight = old["first_means.weight"].flatten(1) * ratio[:, None]  # [M, P]
    bias = old["first_means.bias"] * ratio
    for number in range(STEPS):
        prefix = f"prior.steps.{number}"
        rows = state[f"{prefix}.leave.weight"].view(4, 2, -1, weight.shape[1])
        # [M, P] -> [P, M, 1, 1] -> [P, 4, M / 4, 1, 1] -> [4, M / 4, P]
        mine = channels_of(weight.T[:, :, None, None], number)[..., 0, 0]
        rows[:, 0] = mine.permute(1, 2, 0)
        means = state[f"{prefix}.leave.bias"].view(4, 2, -1)
        means[:, 0] = channels_of(bias[None, :, None, None], number)[0, ..., 0, 0]
        offset = "first" if number < STEPS // 2 else "second"
        curve = old[f"scale.offset_{offset}.knots"]
        state[f"{prefix}.offset.knots"] = curve + old[f"scale.output_{offset}.bias"]


def _even_out(state: State) -> None:
    """Bring all features to about one size, so that all weights learn as fast.

    Gains were small, and layers after them large. What the first step computes stays.
    """
    gain = state["prior.expansion.gain.knots"]
    factor = torch.exp(-gain.mean(0)) / USUAL  # [P]
    gain += factor.log()
    block = "prior.steps.0.block"
    state[f"{block}.depthwise.weight"] *= LOUD / factor[:, None, None, None]
    for name in ("depthwise", "expand"):
        state[f"{block}.{name}.bias"] *= LOUD
    state[f"{block}.project.weight"] *= factor[:, None] / LOUD
    state[f"{block}.project.bias"] *= factor
    for number in range(STEPS):
        state[f"prior.steps.{number}.leave.weight"] /= factor
