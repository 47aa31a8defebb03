"""How much each weight matters: the curvature of the objective around a trained model.

A trained network is one draw from a posterior over weights. Near its peak that
posterior is close to a Gaussian, whose precision is the curvature of the loss: where
the loss is flat, the data say little about a weight, and its last digits are noise that
nobody needs to store (Hinton & van Camp 1993; Blundell et al. 2015). Curvature is taken
as the Fisher information, mean squared gradients, and for the matrix W of a layer as a
product of two small factors (Martens & Grosse 2015; Ritter et al. 2018):

    loss(W + D) - loss(W)  ~  1/2 sum over rows r of  G[r] D[r] A D[r]^T

with A, the second moments of the layer's inputs, and G, the squared gradients of its
outputs. A knows that errors may cancel: one weight can make up for what rounding did to
another whose input goes along with its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaecodec.models.networks.trainable import Roundable, TrainableModel
from vaecodec.training.terms import Measured

SAMPLES = 3  # of a pixel


@dataclass
class Curvature:
    """Of one layer, for the mean over crops of the logarithm of the objective.

    Attributes:
        inputs: second moments [groups, I, I] of a layer's inputs.
        outputs: squared gradients [groups x O] of its outputs.
    """

    inputs: Tensor
    outputs: Tensor


def measure(
    model: TrainableModel,
    layers: Mapping[str, Roundable],
    batches: Iterable[tuple[Tensor, Tensor]],
) -> dict[str, Curvature]:
    """Curvature of layers by their names.

    Args:
        model: trained.
        layers: of it.
        batches: images [B, 3, H, W] in 0..1 and qualities [B].
    """
    meters = {name: _Meter(layer) for name, layer in layers.items()}
    measured = Measured(model)
    with ExitStack() as stack:
        for meter in meters.values():
            stack.enter_context(meter)
        for image, quality in batches:
            terms = measured(image, quality)
            distortion = model.lmbda(quality) * terms.distortion
            pixels = image.shape[-2] * image.shape[-1]
            rate, both = terms.rate, (terms.rate + distortion).detach()
            # Factors that make mean squared gradients the curvature of log(objective):
            # of a likelihood in nats for the rate, of a sum of squares otherwise.
            nats = (pixels * math.log(2) / both).sqrt()
            squares = (SAMPLES * pixels / (2 * distortion.detach() * both)).sqrt()
            (rate * nats).sum().backward(retain_graph=True)
            (distortion * squares).sum().backward()
            model.zero_grad()
            for meter in meters.values():
                meter.images += len(image)
    return {name: meter.curvature() for name, meter in meters.items()}


class _Meter:
    """Listens to what goes into a layer and to the gradients that come back."""

    def __init__(self, place: Roundable) -> None:
        self._layer, self._groups = place.layer, place.groups
        weight: Tensor = place.layer.weight  # type: ignore[assignment]
        self._kernel = weight.shape[-1] if weight.dim() == 4 else 1
        inputs = weight[0].numel()
        self.images = 0
        self._moments = torch.zeros(self._groups, inputs, inputs)
        self._weight = torch.zeros(self._groups)
        self._gradients = torch.zeros(len(weight))

    def __enter__(self) -> None:
        self._hook = self._layer.register_forward_hook(self._listen)

    def __exit__(self, *_: object) -> None:
        self._hook.remove()

    def _listen(self, _: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        if output.requires_grad:
            values = given[0].detach().float()
            if self._kernel > 1:  # [B, C k k, n]: what each kernel sees
                values = functional.unfold(
                    values, self._kernel, padding=self._kernel // 2
                )
            output.register_hook(self._backward(values))

    def _backward(self, inputs: Tensor) -> Callable[[Tensor], None]:
        def note(gradient: Tensor) -> None:
            squares = self._places(gradient.detach().square())  # [groups, n, O]
            places = self._places(inputs)  # [groups, n, I]
            weight = squares.sum(2, keepdim=True)
            self._gradients += squares.sum(1).flatten()
            self._moments += (places * weight).transpose(1, 2) @ places
            self._weight += weight.sum((1, 2))

        return note

    def _places(self, values: Tensor) -> Tensor:
        """[B, groups x C, h, w] -> [groups, B h w, C]."""
        parts = values.float().flatten(2).unflatten(1, (self._groups, -1))
        return parts.permute(1, 0, 3, 2).flatten(1, 2)

    def curvature(self) -> Curvature:
        """What was seen."""
        moments = self._moments / self._weight[:, None, None].clamp(min=1e-30)
        return Curvature(moments, self._gradients / max(self.images, 1))
