"""Where each layer of the receiver stands in the exact programs of a model file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from vaecodec.models.exact.facts import DEPTHWISE_LIMIT
from vaecodec.models.networks.exact_layers import ExactDepthwise, ExactPointwise
from vaecodec.models.networks.exact_rounding import Rows, rows_of
from vaecodec.models.networks.layer_place import LayerPlace, block_places
from vaecodec.models.networks.trainable import Roundable
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.sizes import HYPER_STEP


def layer_places(model: QuadrantVae) -> dict[str, LayerPlace]:
    """All layers of the receiver, by their names."""
    everything = (*_painter(model), *_hyper(model), *_expansion(model), *_steps(model))
    return {place.name: place for place in everything}


def head_exponents(places: Mapping[str, LayerPlace], number: int) -> Tensor:
    """What the sums of a step are multiples of, [4 x 2 x M / 4]."""
    heads = (f"prior.steps.{number}.from_{source}" for source in ("base", "context"))
    exponents = [places[head].integers().exponents for head in heads if head in places]
    return torch.stack(exponents).amin(0)


def roundable_layers(model: QuadrantVae) -> dict[str, Roundable]:
    """Layers of the sender, and those of the receiver with what it can hold."""
    sender = {
        name: Roundable(layer, layer.groups)
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d) and not isinstance(layer, ExactDepthwise)
    }
    places = layer_places(model)
    return sender | {name: _roundable(place) for name, place in places.items()}


def _roundable(place: LayerPlace) -> Roundable:
    layer, integers = place.layer, place.integers()
    units = torch.exp2(integers.exponents)[:, None]
    if isinstance(layer, ExactPointwise):
        units = units / layer.input_units(place.exponent)
        return Roundable(layer, layer.groups, units, layer.limit)
    units = units / torch.exp2(place.exponent.flatten(1))
    return Roundable(layer, layer.groups, units, DEPTHWISE_LIMIT)


def _painter(model: QuadrantVae) -> Iterator[LayerPlace]:
    painter, name = model.painter, "painter"
    sums, seen = painter.bypass_sums, painter.before_leave.exponent
    guidance, entered = painter.guidance, rows_of(painter.enter_stream)
    for layer, operation, exponent, rows in (
        ("bypass", "bypass", painter.latent_exponent, Rows(sums, sums)),
        ("enter", "entered", painter.normal_exponent, entered),
        ("leave", "detail", seen, rows_of(sums)),
        ("guide", "guidance", guidance.refinement.before_end.exponent, entered),
    ):
        yield LayerPlace(
            f"{name}.{layer}",
            getattr(painter, layer),
            f"{name}.{operation}",
            exponent,
            rows,
        )
    for number, block in enumerate(painter.fine):
        yield from block_places(block, f"{name}.fine.{number}", f"{name}.fine{number}")
    yield LayerPlace(
        f"{name}.guidance.enter",
        guidance.enter,
        f"{name}.guiding",
        guidance.whole,
        guidance.refinement.rows(HYPER_STEP**2),
    )
    block, within = guidance.refinement.block, f"{name}.guidance.refinement.block"
    yield from block_places(block, within, f"{name}.guiding_block")


def _hyper(model: QuadrantVae) -> Iterator[LayerPlace]:
    context, name = model.prior.hyper_context, "prior.hyper_context"
    rows, exponent = rows_of(context.block.stream), context.before_leave.exponent
    yield LayerPlace(
        f"{name}.enter", context.enter, "hyper.entered", context.whole, rows
    )
    yield from block_places(context.block, f"{name}.block", "hyper.block")
    yield LayerPlace(
        f"{name}.leave", context.leave, "hyper.both", exponent, context.leave_rows
    )


def _expansion(model: QuadrantVae) -> Iterator[LayerPlace]:
    expansion, name = model.prior.expansion, "prior.expansion"
    rows = rows_of(expansion.block.stream.repeat_interleave(4, 0))
    exponent, refinement = expansion.before_up.exponent, expansion.refinement
    yield LayerPlace(
        f"{name}.enter", expansion.enter, "step0.expanded", expansion.whole, rows
    )
    yield from block_places(expansion.block, f"{name}.block", "step0.middle_block")
    yield LayerPlace(
        f"{name}.up", expansion.up, "step0.up", exponent, refinement.rows(4)
    )
    yield from block_places(refinement.block, f"{name}.refinement.block", "step0.block")


def _steps(model: QuadrantVae) -> Iterator[LayerPlace]:
    prior = model.prior
    base, context = (
        prior.expansion.refinement.before_end.exponent,
        prior.steps[1].block.stream,
    )
    yield LayerPlace(
        "prior.begin", prior.begin, "step0.context", base, rows_of(context)
    )
    for number, step in enumerate(prior.steps):
        name, program = f"prior.steps.{number}", f"step{number}"
        yield LayerPlace(
            f"{name}.from_base",
            step.from_base,
            f"{program}.from_base" if number else f"{program}.both",
            base.repeat(4, 1, 1),
            step.leave_rows,
        )
        if number:
            yield from _context(model, number, name, program)


def _context(
    model: QuadrantVae, number: int, name: str, program: str
) -> Iterator[LayerPlace]:
    step = model.prior.steps[number]
    known, seen = model.known_exponent(number), step.before_leave.exponent
    rows = rows_of(step.block.stream.repeat(4, 1, 1))
    for layer, operation, exponent, bounds in (
        ("enter", "entered", known, rows),
        ("from_context", "from_context", seen.repeat(4, 1, 1), step.leave_rows),
    ):
        yield LayerPlace(
            f"{name}.{layer}",
            getattr(step, layer),
            f"{program}.{operation}",
            exponent,
            bounds,
        )
    yield from block_places(step.block, f"{name}.block", f"{program}.block")
