"""A trained model -> the exact programs of its receiver.

The modules of `painter` and `prior` say what is computed; here each of their layers
becomes an operation on integers. Where a module works on multiples of 2**exponent, the
program works on the multiples.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaecodec.models.architecture import QUALITIES
from vaecodec.models.exact.operations import (
    Add,
    Input,
    Pointwise,
    Quarters,
    Shuffle,
    Unquarters,
)
from vaecodec.models.exact.operations import Narrow as NarrowOperation
from vaecodec.models.exact.program import Program
from vaecodec.models.networks.exact_rounding import integers
from vaecodec.models.networks.layer_place import LayerPlace
from vaecodec.models.networks.layers import QualityCurve
from vaecodec.models.networks.program_builder import (
    NO_SHIFT,
    Builder,
    arrays,
    shifts,
)
from vaecodec.models.quadrants.networks.expansion import Refinement
from vaecodec.models.quadrants.networks.hierarchical_vae import QuadrantVae
from vaecodec.models.quadrants.networks.layer_places import (
    head_exponents,
    layer_places,
)
from vaecodec.models.quadrants.networks.painter import SUM_EXPONENT, Painter
from vaecodec.models.sizes import CELL, HYPER_LIMIT, HYPER_STEP, PATCH

FEATURES_LIMIT = 2**21 - 1  # of what one step hands to the next
# Of a position of the latent: three quarters of what sums of the painter may reach.
# Noise of black and white pixels takes five sixths of that.
BUDGET = 3 * 2**22
ROOM_FOR_BLOCKS = 1.5  # what they add to features comes on top of the budget
LEVEL_EXPONENT = -8.0  # of a level of 8-bit samples, in what the painter sums up
MIDDLE = 127.5 * 2.0**LEVEL_EXPONENT


@torch.no_grad()
def programs(model: QuadrantVae) -> dict[str, Program]:
    """All programs of a model, by the names in a model file.

    Raises:
        ModelError: A sum could become too large to be exact.
    """
    places = layer_places(model)
    steps = {
        f"step{number}": _step(model, places, number)
        for number in range(len(model.prior.steps))
    }
    painter = _painter(model, Builder(places))
    return {"painter": painter, "hyper": _hyper(model, Builder(places)), **steps}


def all_qualities(model: QuadrantVae, curve: QualityCurve) -> Tensor:
    """A curve read at the qualities of users, [101, C]."""
    quality = model.rung(torch.arange(QUALITIES, dtype=torch.float32))
    return curve(quality).flatten(1)  # [101, C, 1, 1] -> [101, C]


def _painter(model: QuadrantVae, build: Builder) -> Program:
    painter = model.painter
    linear = _bypass(build, painter)
    build.wide("latent", "painter.enter", painter.enter_stream, dtype=np.int16)
    seen = _guidance(build, model)
    told = build.wide(seen, "painter.guide", painter.enter_stream)
    guided = build.add(Add("entered", told, "guided", NO_SHIFT, NO_SHIFT))
    features = build.add(Shuffle(guided, "fine", by=2))
    fine = list(painter.fine)
    for number, block in enumerate(fine[:-1]):
        features = build.block(features, block, f"painter.fine.{number}")
    place, stream = painter.before_gain, fine[-1].stream
    seen = build.narrow(features, place, fine[0].stream, "before_gain")
    gains = all_qualities(model, painter.gain).exp()
    features = build.gain(seen, place, gains, stream, "after_gain")
    features = build.block(features, fine[-1], f"painter.fine.{len(fine) - 1}")
    seen = build.narrow(features, painter.before_leave, stream, "before_leave")
    detail = build.wide(seen, "painter.leave", painter.bypass_sums)
    total = build.add(Add(linear, detail, "squares", NO_SHIFT, NO_SHIFT))
    shift = shifts(LEVEL_EXPONENT - painter.bypass_sums)
    levels = build.add(NarrowOperation(total, "levels", shift, signed=False))
    image = build.add(Shuffle(levels, "image", by=8))
    given = latent_input(build, painter), _hyper_input("hyper", model)
    return Program(given, tuple(build.operations), (image,))


def latent_input(build: Builder, painter: Painter) -> Input:
    """What the painter is given; prices are the largest weights of its first layers."""
    most = integers(painter.most.flatten(), np.int16)
    top = int(most.max())
    price = np.ones(len(most))
    for name, unit, room in (
        ("painter.bypass", painter.bypass_sums, 1),
        ("painter.enter", painter.enter_stream, ROOM_FOR_BLOCKS),
    ):
        layer = build.places[name].integers()
        lift = room * torch.exp2(layer.exponents - unit.flatten())[:, None]
        price = np.maximum(price, (layer.weight.abs() * lift).amax(0).numpy())
    return Input(
        "latent",
        len(most),
        -top,
        top,
        pixels=PATCH,
        most=most,
        price=price.astype(np.int16),
        budget=BUDGET,
    )


def _bypass(build: Builder, painter: Painter) -> str:
    """Latent [M, h, w] -> squares [192, 2 h, 2 w], with the middle of the range."""
    layer = build.places["painter.bypass"].integers()
    weight, bias = arrays(layer, np.int16)
    bias = bias + np.int32(MIDDLE / 2.0**SUM_EXPONENT)
    order = bypass_order()
    build.add(Pointwise("latent", "bypass", weight[order], bias[order]))
    return build.add(Shuffle("bypass", "linear", by=2))


def bypass_order() -> NDArray[np.int64]:
    """Rows of the bypass in the order of squares of 8 x 8 pixels, four in a patch."""
    rows = np.arange(3 * PATCH**2).reshape(3, 2, 8, 2, 8)
    return rows.transpose(0, 2, 4, 1, 3).ravel()  # [3, 8, 8, 2, 2]


def _hyper(model: QuadrantVae, build: Builder) -> Program:
    context = model.prior.hyper_context
    stream = context.block.stream
    build.wide("first", "prior.hyper_context.enter", stream)
    features = build.block("entered", context.block, "prior.hyper_context.block")
    seen = build.narrow(features, context.before_leave, stream, "before_leave")
    both = build.wide(seen, "prior.hyper_context.leave")
    first = _hyper_input("first", model)
    return Program((first,), tuple(build.operations), (both,))


def _hyper_input(name: str, model: QuadrantVae) -> Input:
    channels, limit = model.configuration.hyper_channels, HYPER_LIMIT
    return Input(name, channels, -limit, limit, pixels=CELL, narrow=True)


def _step(model: QuadrantVae, places: Mapping[str, LayerPlace], number: int) -> Program:
    build = Builder(places)
    if number:
        sums = _informed(build, model, number)
        outputs = "context", sums
        return Program(_step_inputs(model), tuple(build.operations), outputs)
    seen = _expansion(build, model)
    build.wide(seen, "prior.begin", model.prior.steps[1].block.stream)
    base = build.add(Quarters(seen, "base"))
    sums = build.wide(base, _head(0, "base"), groups=4)
    hyper = _hyper_input("hyper", model)
    return Program((hyper,), tuple(build.operations), (base, "context", sums))


def _step_inputs(model: QuadrantVae) -> tuple[Input, ...]:
    configuration, narrow = model.configuration, (-128, 127, 2 * PATCH, True)
    width, limit = configuration.prior_channels, FEATURES_LIMIT
    return (
        Input("base", 4 * width, *narrow),
        Input("features", width, -limit, limit, pixels=PATCH),
        Input("known", 2 * configuration.latent_channels, *narrow),
    )


def _informed(build: Builder, model: QuadrantVae, number: int) -> str:
    """Base, features and what is known -> context, and sums of a prediction."""
    step, name = model.prior.steps[number], f"prior.steps.{number}"
    stream = step.block.stream
    build.wide("known", f"{name}.enter", stream.repeat(4, 1, 1), groups=4)
    build.add(Unquarters("entered", "news"))
    build.add(Add("features", "news", "context", NO_SHIFT, NO_SHIFT))
    features = build.block("context", step.block, f"{name}.block")
    seen = build.narrow(features, step.before_leave, stream, "before_leave")
    build.add(Quarters(seen, "places"))
    unit = head_exponents(build.places, number)
    left = build.wide("base", _head(number, "base"), unit, groups=4)
    right = build.wide("places", _head(number, "context"), unit, groups=4)
    return build.add(Add(left, right, "both", NO_SHIFT, NO_SHIFT))


def _head(number: int, kind: str) -> str:
    return f"prior.steps.{number}.from_{kind}"


def _expansion(build: Builder, model: QuadrantVae) -> str:
    """Hyper-symbols at 1/64 -> the base at 1/16, narrow."""
    expansion, name = model.prior.expansion, "prior.expansion"
    own = expansion.block.stream
    build.wide("hyper", f"{name}.enter", own.repeat_interleave(4, 0))
    features = build.add(Shuffle("expanded", "middle", by=2))
    features = build.block(features, expansion.block, f"{name}.block")
    seen = build.narrow(features, expansion.before_up, own, "before_up")
    refinement = expansion.refinement
    build.narrowed(seen, f"{name}.up", _shuffled(refinement, 4), signed=True)
    build.add(Shuffle("up", "before_expansion", by=2))
    return _refinement(build, model, refinement, f"{name}.refinement", "expansion")


def _guidance(build: Builder, model: QuadrantVae) -> str:
    """Hyper-symbols at 1/64 -> what they tell the painter at 1/16, narrow."""
    refinement, name = model.painter.guidance.refinement, "painter.guidance"
    exponent = _shuffled(refinement, HYPER_STEP**2)
    build.narrowed("hyper", f"{name}.enter", exponent, signed=True)
    build.add(Shuffle("guiding", "before_guidance", by=HYPER_STEP))
    return _refinement(build, model, refinement, f"{name}.refinement", "guidance")


def _shuffled(refinement: Refinement, places: int) -> Tensor:
    return refinement.before_gain.exponent.repeat_interleave(places, 0)


def _refinement(
    build: Builder, model: QuadrantVae, refinement: Refinement, name: str, out: str
) -> str:
    """From the narrow `before_<out>` to the narrow `seen_<out>`."""
    gains = all_qualities(model, refinement.gain).exp()
    place, stream = refinement.before_gain, refinement.block.stream
    source, result = f"before_{out}", f"{out}_gain"
    features = build.gain(source, place, gains, stream, result)
    features = build.block(features, refinement.block, f"{name}.block")
    return build.narrow(features, refinement.before_end, stream, f"seen_{out}")
