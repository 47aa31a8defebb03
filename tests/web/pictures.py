"""Small pictures and models for the decoder in the browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import photograph_path
from tests.models.quadrants.small_model import small_file, small_model
from vaecodec.codec.codec_model import model_to_compress
from vaecodec.codec.image_coding import encode_as
from vaecodec.format.header import ImageHeader
from vaecodec.models.receiver_file import receiver_file

Samples = NDArray[np.uint8]


def coffee() -> Samples:
    """A part of the photograph: three by three cells, the last of them cut."""
    with Image.open(photograph_path("coffee")) as image:
        return np.array(image)[100:230, 200:340]


def small_receiver(*, whole: bool = False) -> bytes:
    """What decoding needs of a small model, or all of it."""
    return small_model() if whole else receiver_file(small_file())


def in_tiles(
    path: Path, image: Samples, *, rounds: int, quality_map: bytes | None = None
) -> bytes:
    """A file of tiles of 64 x 64 pixels."""
    model = model_to_compress(path, threads=1)
    height, width = image.shape[:2]
    ids = model.stream_id, model.painter_id
    header = ImageHeader(width, height, 3, 60, 6, rounds, *ids)
    return encode_as(header, model, image, quality_map=quality_map)


def as_rgba(planes: Samples) -> Samples:
    """Decoded planes as the browser has them: [H, W, 4]."""
    planes = planes if planes.ndim == 3 else planes[..., None]
    has_alpha = planes.shape[2] % 2 == 0
    colours = planes[..., :-1] if has_alpha else planes
    alpha = planes[..., -1:] if has_alpha else np.full_like(planes[..., :1], 255)
    shape = (*planes.shape[:2], 3)
    return np.concatenate([np.broadcast_to(colours, shape), alpha], axis=2)
