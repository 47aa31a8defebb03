"""Samples kept nearly as they are: none is further from the original than allowed.

In: samples and the largest error N; out: for each the nearest multiple of 2 N + 1, as a
number 0, 1, 2, ..., and back. The numbers are coded without loss. With N = 0 they are
the samples. Alpha is always exact.
Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

import numpy as np

from vaecodec.errors import FormatError
from vaecodec.models.depth import Samples, greatest


def to_multiples(samples: Samples, largest_error: int, alpha: int | None) -> Samples:
    """The numbers of the nearest multiples.

    Args:
        samples: [h, w] or [h, w, C].
        largest_error: N.
        alpha: which channel is alpha; None if none is.
    """
    if not largest_error:
        return samples
    step = 2 * largest_error + 1
    numbers: Samples = (samples.astype(np.uint32) + largest_error) // step
    return _with_alpha_of(samples, numbers.astype(samples.dtype), alpha)


def from_multiples(
    numbers: Samples, largest_error: int, alpha: int | None, *, depth: int
) -> Samples:
    """Inverse of `to_multiples`, with errors.

    Raises:
        FormatError: A number stands for no sample of this depth.
    """
    if not largest_error:
        return numbers
    most = greatest(depth)
    multiples = numbers.astype(np.uint32) * np.uint32(2 * largest_error + 1)
    if alpha is not None:
        multiples[:, :, alpha] = 0
    # The greatest sample is no multiple, but must come back.
    if (found := int(multiples.max())) > most + largest_error:
        raise FormatError(f"lossless tile: a sample of {found}, at most {most}")
    samples = multiples.clip(max=most).astype(numbers.dtype)
    return _with_alpha_of(numbers, samples, alpha)


def _with_alpha_of(source: Samples, found: Samples, alpha: int | None) -> Samples:
    """What was found, in which alpha is that of the source."""
    if alpha is not None:
        found[:, :, alpha] = source[:, :, alpha]
    return found
