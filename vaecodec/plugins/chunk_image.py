"""Chunks of arrays of any number of axes, seen as the one image that each holds.

In: the shape of a chunk; out: that of its image, without axes of length 1. Both have
the same samples in the same order.
"""

from __future__ import annotations

from vaecodec.errors import ImageError


def image_shape(chunk: tuple[int, ...]) -> tuple[int, ...]:
    """[H, W] or [H, W, 2..4], for a chunk that may have axes of length 1 around it.

    Raises:
        ImageError: The chunk is not one image.
    """
    shape = chunk[:-1] if len(chunk) > 2 and chunk[-1] == 1 else chunk
    while len(shape) > 2 and shape[0] == 1 and not _is_image(shape):
        shape = shape[1:]
    if not _is_image(shape):
        raise ImageError(
            f"a chunk of shape {list(chunk)} is not one image: [H, W] or "
            "[H, W, 2..4] after axes of length 1"
        )
    return shape


def _is_image(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (2, 3, 4))
