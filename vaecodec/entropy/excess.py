"""What lies beyond the ends of a table or law <-> a stack.

In: numbers 0, 1, 2, ..; each is coded as its class, floor(log2(number + 1)), under
frequencies that halve from one to the next, and as many plain bits (Exp-Golomb).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.entropy.frequency_tables import excess_class

if TYPE_CHECKING:
    from vaecodec.entropy.coder import Coder


def push_excess(coder: Coder, excess: NDArray[np.int32], classes: Any) -> None:
    """Push numbers [n] so that `pop_excess` returns them in the same order.

    Args:
        coder: a stack.
        excess: 0..32767.
        classes: the coder's table of `CLASS_FREQUENCIES`.
    """
    found = excess_class(excess)
    raw = found > 0
    widths = found[raw]
    coder.push_bits(excess[raw] + 1 - (1 << widths), widths)
    coder.push(found, classes)


def pop_excess(coder: Coder, count: int, classes: Any) -> NDArray[np.int32]:
    """Return the next numbers [count], at most 65534."""
    found = coder.pop(count, classes)
    excess = np.left_shift(np.int32(1), found, dtype=np.int32) - 1
    raw = found > 0
    excess[raw] += coder.pop_bits(found[raw])
    return excess
