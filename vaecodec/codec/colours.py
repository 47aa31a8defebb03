"""The channels of planes that a model codes: all but alpha.

In: planes as users have them; out: those of them that networks see.
"""

from __future__ import annotations

from vaecodec.codec.hidden_colours import visible_colours
from vaecodec.codec.masking import Image
from vaecodec.codec.model_channels import coded_index
from vaecodec.format.header import ImageHeader
from vaecodec.models.depth import Samples


def seen_colours(planes: Samples, header: ImageHeader) -> Image:
    """The planes without alpha and what it hides, [H, W] or [H, W, C]."""
    colours = planes[coded_index(header)]
    if not header.has_alpha:
        return colours
    return visible_colours(colours, planes[:, :, header.alpha_channel])
