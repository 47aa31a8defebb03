"""Chunks of arrays of any number of axes, seen as the one image that each holds.

In: the shape of a chunk; out: that of its image, without axes of length 1. Both have
the same samples in the same order.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from vaecodec.errors import ImageError
from vaecodec.format.roles import MAX_CHANNELS


def image_shape(
    chunk: tuple[int, ...], roles: Sequence[str] | None = None
) -> tuple[int, ...]:
    """[H, W] or [H, W, 2..16], for a chunk that may have axes of length 1 around it.

    [1, H, W] is one channel, unless W is 2 to 4 or there are as many roles.

    Raises:
        ImageError: The chunk is not one image.
    """
    shape = chunk[:-1] if len(chunk) > 2 and chunk[-1] == 1 else chunk
    channels = {2, 3, 4} if roles is None else {len(roles)} - {1}
    while len(shape) > 2 and shape[0] == 1 and not _is_image(shape, channels):
        shape = shape[1:]
    if not _is_image(shape, range(2, MAX_CHANNELS + 1)):
        raise ImageError(
            f"a chunk of shape {list(chunk)} is not one image: [H, W] or "
            f"[H, W, 2..{MAX_CHANNELS}] after axes of length 1"
        )
    return shape


def _is_image(shape: tuple[int, ...], channels: Container[int]) -> bool:
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in channels)
