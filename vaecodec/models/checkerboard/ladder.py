"""What a model takes for the qualities of users.

In: the metadata of a model file. Out: its ladder. Graphs and tables climb it by
themselves; it matters to whoever reads the curves over quality among the weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError

# A model without a ladder takes qualities as they are.
EVEN = tuple(map(float, range(0, 101, 10)))


def ladder(metadata: Mapping[str, str]) -> NDArray[np.float64]:
    """The rungs 0..100 for the qualities 0, 10 ... 100, straight between them [11].

    Raises:
        ModelError: The configuration in the metadata holds no such list.
    """
    try:
        rungs = json.loads(metadata["configuration"]).get("ladder", EVEN)
        values = np.array(rungs, dtype=np.float64)
        good = values.shape == (len(EVEN),) and np.all((values >= 0) & (values <= 100))
    except (
        *(AttributeError, KeyError, TypeError, ValueError),
        *(OverflowError, RecursionError),
    ) as error:
        raise ModelError(f"the model's configuration is of no use: {error}") from error
    if not good:
        raise ModelError(f"the model's ladder is {rungs}, not 11 numbers in 0..100")
    return values


def lmbda(metadata: Mapping[str, str], quality: int) -> float:
    """Bits per pixel that a unit of the distortion is worth: what the model learned.

    Raises:
        ModelError: The configuration in the metadata does not say it.
    """
    rung = float(np.interp(quality, np.linspace(0, 100, len(EVEN)), ladder(metadata)))
    try:
        low, high = map(float, json.loads(metadata["configuration"])["lambda_range"])
        if not (math.isfinite(low + high) and low > 0 and high > 0):
            raise ValueError(f"lambdas {low} and {high}")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"the model names no range of lambda: {error}") from error
    return low * math.exp(rung / 100 * math.log(high / low))
