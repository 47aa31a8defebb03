"""A model of the architecture `checkerboard` as the beginning of one of this.

Both transforms carry over, but for the painter's block at 1/16, what it knew of the
prior (its guidance begins anew), and the slope of its activations below zero; so do
hyper-analysis, expansion and means with their context: the first two steps have the
latents of the first group. Scales are learned anew, and so is what the second and the
fourth step make of the ones before them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vaecodec.models.checkerboard.networks.hierarchical_vae import HierarchicalVae
from vaecodec.models.quadrants.networks.configuration import Configuration
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.painter import LEVELS
from vaecodec.models.quadrants.networks.quarters import STEPS, by_place

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
    "prior.expansion.refinement.gain.": "hyper_synthesis.gain.",
    "prior.expansion.refinement.block.": "hyper_synthesis.refine.",
    "prior.begin.": "context.enter_prior.",
    "prior.steps.1.block.": "context.block.",
    "prior.steps.2.block.": "context.block.",
    "prior.steps.3.block.": "context.block.",
    "painter.bypass.": "synthesis.bypass.",
    "painter.fine.": "synthesis.fine.",
    "painter.gain.": "synthesis.gain.",
    "painter.leave.": "synthesis.leave.",
}
# Channels change places in fours, so that the first two steps have the first group.
FOURS = (0, 1, 3, 2)
# The axis of each tensor on which they are.
LATENT_AXES = {
    "analysis.spread": 0,
    "analysis.bypass.weight": 0,
    "analysis.leave.weight": 0,
    "analysis.leave.bias": 0,
    "hyper_analysis.layers.0.weight": 1,  # twice
    "log_gain.knots": 1,
    "log_inverse_gain.knots": 1,
    "first_means.weight": 0,
    "first_means.bias": 0,
    "context.enter.weight": 1,
    "context.leave.weight": 0,
    "context.leave.bias": 0,
    "synthesis.spread": 0,
    "synthesis.enter.weight": 1,
    "synthesis.bypass.weight": 1,
    "scale.output_first.bias": 0,
    "scale.output_second.bias": 0,
    "scale.offset_first.knots": 1,
    "scale.offset_second.knots": 1,
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
    old, state = _reordered(source.state_dict()), model.state_dict()
    for name, values in state.items():
        taken = _taken(name, old)
        if taken is not None:
            state[name] = taken.reshape(values.shape).clone()  # [O, I, 1, 1] -> [O, I]
    spread = old["synthesis.spread"].flatten()
    power = torch.exp2(torch.log2(spread).round())
    for side in ("analysis", "painter"):
        state[f"{side}.spread"] = power[:, None, None]
    _rescale(state, spread / power)
    _enter_painter(state, old, spread / power)
    _means(state, old, spread / power)
    _context(state, old, spread / power)
    _even_out(state)
    model.load_state_dict(state)
    return model


def _reordered(old: State) -> State:
    """The old model with its latent channels in another order."""
    fours = torch.arange(len(old["first_means.bias"])).view(-1, 4)
    order = fours[:, FOURS].flatten()
    twice = torch.cat([order, order + len(order)])
    return old | {
        name: old[name].index_select(
            axis, order if old[name].shape[axis] == len(order) else twice
        )
        for name, axis in LATENT_AXES.items()
    }


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
    for name in ("bypass.weight", "leave.weight", "leave.bias"):
        state[f"painter.{name}"] /= LEVELS


def _enter_painter(state: State, old: State, ratio: Tensor) -> None:
    """Two layers as one, without the block between; what the prior told is its bias."""
    up = old["synthesis.up.weight"].flatten(1)
    enter = old["synthesis.enter.weight"].flatten(1) / ratio
    bias = old["synthesis.enter.bias"] + old["synthesis.enter_prior.bias"]
    state["painter.enter.weight"] = up @ enter
    state["painter.enter.bias"] = up @ bias + old["synthesis.up.bias"]


def _means(state: State, old: State, ratio: Tensor) -> None:
    """Means from the base, and scales that depend on quality alone."""
    weight = old["first_means.weight"].flatten(1) * ratio[:, None]  # [M, P]
    bias = old["first_means.bias"] * ratio
    second = bias + old["context.leave.bias"] * ratio
    for number in range(STEPS):
        prefix = f"prior.steps.{number}"
        first = number < STEPS // 2
        _set_means(state[f"{prefix}.from_base.weight"], number, weight)
        means = state[f"{prefix}.from_base.bias"].view(4, 2, -1)
        means[:, 0] = by_place(bias if first else second, number, axis=0)
        group = "first" if first else "second"
        curve = old[f"scale.offset_{group}.knots"]
        state[f"{prefix}.offset.knots"] = curve + old[f"scale.output_{group}.bias"]


def _context(state: State, old: State, ratio: Tensor) -> None:
    """The last two steps know of the first two what one group knew of the other."""
    state["prior.begin.bias"] += old["context.enter.bias"]
    seen = old["context.enter.weight"].flatten(1) / ratio  # [P, M]
    leave = old["context.leave.weight"].flatten(1) * ratio[:, None]  # [M, P]
    for number in range(1, STEPS):
        enter = state[f"prior.steps.{number}.enter.weight"].zero_()
        if number <= STEPS // 2:
            rows = enter.view(4, len(seen), 2, -1)  # [4 P, 2 M / 4]
            rows[:, :, 0] = by_place(seen, number - 1, axis=1).transpose(0, 1)
    for number in range(STEPS // 2, STEPS):
        weight = state[f"prior.steps.{number}.from_context.weight"]
        _set_means(weight, number, leave)


def _set_means(weight: Tensor, number: int, means: Tensor) -> None:
    """Rows [4 x 2 x M / 4, P] that lead to means, from those of all channels [M, P]."""
    weight.view(4, 2, -1, weight.shape[1])[:, 0] = by_place(means, number, axis=0)


def _even_out(state: State) -> None:
    """Bring all features to about one size, so that all weights learn as fast.

    Gains were small, and layers after them large. What the first step computes stays.
    """
    gain = state["prior.expansion.refinement.gain.knots"]
    factor = torch.exp(-gain.mean(0)) / USUAL  # [P]
    gain += factor.log()
    state["prior.begin.weight"] /= factor
    block = "prior.expansion.refinement.block"
    state[f"{block}.depthwise.weight"] *= LOUD / factor[:, None, None, None]
    for name in ("depthwise", "expand"):
        state[f"{block}.{name}.bias"] *= LOUD
    state[f"{block}.project.weight"] *= factor[:, None] / LOUD
    state[f"{block}.project.bias"] *= factor
    for number in range(STEPS):
        state[f"prior.steps.{number}.from_base.weight"] /= factor
