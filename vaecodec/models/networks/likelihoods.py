"""Rate: how many bits a symbol costs under its table, differentiable in training.

The scale table holds the standard deviations that have a frequency table. A symbol's
distribution is a logistic of mean zero convolved with the uniform posterior, hence a
difference of two sigmoids; its tails are heavier than a Gaussian's, as residuals are
whose scale is itself only estimated.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from vaecodec.entropy.frequency_tables import ROWS

SCALE_MINIMUM = 0.08  # steps; below it a symbol is zero for all that matters
SCALE_STEP = 1 / 8  # nats between neighbours: costs less than 0.002 bits a symbol
LOG_MINIMUM = math.log(SCALE_MINIMUM)
LOG_MAXIMUM = LOG_MINIMUM + SCALE_STEP * (ROWS - 1)
LOGISTIC_PER_DEVIATION = math.sqrt(3) / math.pi


def bits(values: Tensor, log_scales: Tensor) -> Tensor:
    """Bits for `values` (steps, noisy or whole), element by element.

    Args:
        values: residuals in quantisation steps, any shape.
        log_scales: natural logarithm of the standard deviation in steps.
    """
    scale = log_scales.exp() * LOGISTIC_PER_DEVIATION
    upper = (0.5 - values.abs()) / scale
    lower = (-0.5 - values.abs()) / scale
    # sigmoid(u) - sigmoid(l) = sigmoid(u) sigmoid(-l) (1 - exp(l - u)): never 0.
    log_probability = (
        functional.logsigmoid(upper)
        + functional.logsigmoid(-lower)
        + torch.log(-torch.expm1(-1 / scale))
    )
    return log_probability / -math.log(2)


def bound_scales(log_scales: Tensor) -> Tensor:
    """Clip to the scale table, but let gradients through that lead back inside."""
    bounded: Tensor = _Bound.apply(log_scales)  # type: ignore[no-untyped-call]
    return bounded


def round_through(values: Tensor) -> Tensor:
    """Nearest integer; the gradient passes as if nothing had happened."""
    return values + (torch.floor(values + 0.5) - values).detach()


class _Bound(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, values: Tensor) -> Tensor:
        context.save_for_backward(values)
        return values.clamp(LOG_MINIMUM, LOG_MAXIMUM)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        (values,) = context.saved_tensors
        # Descent moves against the gradient.
        returns = ((values < LOG_MINIMUM) & (gradient < 0)) | (
            (values > LOG_MAXIMUM) & (gradient > 0)
        )
        inside = (values >= LOG_MINIMUM) & (values <= LOG_MAXIMUM)
        return gradient * (inside | returns)
