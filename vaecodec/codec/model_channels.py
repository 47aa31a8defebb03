"""Which channels a model codes, and where they lie in an array.

Alpha goes past the models. All others of a picture or a list are coded together, by a
model for as many; one for three channels codes gray as three that are alike.
"""

from __future__ import annotations

from types import EllipsisType

import numpy as np

from vaecodec.codec.pictures.arrays import channels_of
from vaecodec.codec.pictures.picture import Picture
from vaecodec.errors import VaecodecError
from vaecodec.format.header import ImageHeader
from vaecodec.format.roles import Role, Roles, words_of
from vaecodec.models.architecture import Architecture
from vaecodec.models.depth import Samples

RGB = 3
Index = tuple[EllipsisType, slice | int | list[int]] | tuple[EllipsisType]


def check_channels(
    header: ImageHeader, architecture: Architecture, error: type[VaecodecError]
) -> None:
    """Raise the given error unless a model is for the channels of an image."""
    count, own = header.colour_channels, architecture.channels
    if count == own or (count == 1 and own == RGB):
        return
    raise error(
        f"{count} channels ({words_of(header.roles)}), the model is for {own}: "
        "lossless=True keeps all, and 'python -m vaecodec.training train "
        f"--channels {count}' makes a model for them"
    )


def listed_for(picture: Picture, architecture: Architecture) -> Roles:
    """The list of channels of a picture that a model is to code.

    If nobody said what they are, and the model is for as many, it codes all of them:
    four channels are then no RGB and alpha.
    """
    own = architecture.channels
    if picture.unnamed and channels_of(picture.samples) == own:
        return roles_coded(own)
    return picture.listed


def roles_coded(channels: int) -> Roles:
    """The list of channels that are all coded by a model; none for gray and RGB."""
    return () if channels in (1, RGB) else (Role.OTHER,) * channels


def coded_index(header: ImageHeader) -> Index:
    """The channels without alpha in planes [H, W] or [H, W, C]; one loses its axis."""
    places = [n for n in range(header.channels) if n != header.alpha_channel]
    if header.channels == 1:
        return (...,)
    if len(places) == 1:
        return (..., places[0])
    whole = slice(places[0], places[-1] + 1)
    return (..., whole if len(places) == whole.stop - whole.start else places)


def for_model(samples: Samples, channels: int) -> Samples:
    """Samples [h, w] or [h, w, C] as a model for so many channels takes them."""
    if samples.ndim == 3:
        return samples
    return np.repeat(samples[:, :, None], channels, axis=2)


def from_model(image: Samples, header: ImageHeader) -> Samples:
    """What a model draws, as it is put into planes: [h, w] or [h, w, C]."""
    if header.colour_channels > 1:
        return image
    return image[:, :, 0] if image.shape[2] == 1 else _as_gray(image)


def _as_gray(image: Samples) -> Samples:
    """The mean of three channels that are alike but for coding errors."""
    total = image.sum(axis=2, dtype=f"u{2 * image.itemsize}")
    gray: Samples = ((total + 1) // 3).astype(image.dtype)
    return gray
