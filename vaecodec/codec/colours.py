"""What of an image networks see: its colours, without alpha and what that hides."""

from __future__ import annotations

from vaecodec.codec.hidden_colours import visible_colours
from vaecodec.codec.masking import Image
from vaecodec.format.header import ImageHeader
from vaecodec.models.depth import Samples


def colours_of(planes: Samples, header: ImageHeader) -> Samples:
    """View of the planes without alpha, [H, W, 3] or [H, W]."""
    if planes.ndim == 2:
        return planes
    return planes[:, :, :3] if header.colour_channels == 3 else planes[:, :, 0]


def seen_colours(planes: Samples, header: ImageHeader) -> Image:
    """The same, without what alpha hides."""
    colours = colours_of(planes, header)
    return visible_colours(colours, planes[:, :, -1]) if header.has_alpha else colours
