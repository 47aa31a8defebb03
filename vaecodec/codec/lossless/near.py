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


def to_multiples(samples: Samples, largest_error: int) -> Samples:
    """The numbers of the nearest multiples, for samples [h, w] or [h, w, 2..4]."""
    if not largest_error:
        return samples
    numbers = samples.copy()
    colours = _colours(numbers)
    step = 2 * largest_error + 1
    colours[...] = (colours.astype(np.uint32) + largest_error) // step
    return numbers


def from_multiples(numbers: Samples, largest_error: int, *, depth: int) -> Samples:
    """Inverse of `to_multiples`, with errors.

    Raises:
        FormatError: A number stands for no sample of this depth.
    """
    if not largest_error:
        return numbers
    samples = numbers.copy()
    colours, most = _colours(samples), greatest(depth)
    multiples = colours.astype(np.uint32) * np.uint32(2 * largest_error + 1)
    # The greatest sample is no multiple, but must come back.
    if (found := int(multiples.max())) > most + largest_error:
        raise FormatError(f"lossless tile: a sample of {found}, at most {most}")
    colours[...] = multiples.clip(max=most)
    return samples


def _colours(samples: Samples) -> Samples:
    """A view without alpha."""
    has_alpha = samples.ndim == 3 and samples.shape[2] in (2, 4)
    return samples[:, :, :-1] if has_alpha else samples
