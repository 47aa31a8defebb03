"""Whether a picture is a drawing or text, and whether lossless coding may be smaller.

In: samples and the size of a file; out: yes or no, from a few rows and bands across the
picture. Nearly all photographs are told from the others at once: there lossless coding
is never smaller, and it would take time to find out. Where it takes any, that is a few
per cent of the time of compressing.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from vaecodec.codec.lossless.deep import encode_deep
from vaecodec.codec.pictures.picture import Picture
from vaecodec.models.depth import Samples

# Of the pixels of a photograph up to 0.24 are like the one to their left (Kodak; in
# gray smooth ones reach 0.65), of those of screens and drawings from 0.73 on.
FLAT = 0.5
ROW_STEP = 32

# One row in so many is looked at. As repetitions are not seen, the estimate is up to
# four times too high.
SHARE = 16
FAR = 4
LEAST_PIXELS = 1 << 20  # so many are taken for a picture of fewer
BANDS = 8
QUICK = {"lossless": True, "method": 1, "quality": 20}


def looks_drawn(samples: Samples) -> bool:
    """Whether many pixels of [H, W] or [H, W, C] are like their left neighbour."""
    return _flat_share(samples[::ROW_STEP]) >= FLAT


def may_be_smaller(picture: Picture, size: int) -> bool:
    """Whether a lossless file of this picture may have fewer bytes than `size`."""
    samples = picture.samples
    if picture.listed or not looks_drawn(samples):
        return False
    return _estimate(samples, SHARE) < FAR * size


def _estimate(samples: Samples, share: int) -> int:
    bands = _bands(samples, share)
    coded = _quick(bands) if bands.dtype == np.uint8 else encode_deep(bands)
    return len(coded) * len(samples) // len(bands)


def _quick(samples: Samples) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(samples).save(stream, "WEBP", **QUICK)
    return stream.getvalue()


def _flat_share(rows: Samples) -> float:
    """Which share of the pixels are like their left neighbour."""
    same = rows[:, 1:] == rows[:, :-1]
    if rows.ndim == 3:
        same = same.all(axis=2)
    return float(same.mean()) if same.size else 0.0


def _bands(samples: Samples, share: int) -> Samples:
    """Rows in bands that are spread over the picture, one below the other."""
    height, width = samples.shape[:2]
    rows = max(height, LEAST_PIXELS // width) // share // BANDS + 1
    if rows * BANDS >= height:
        return samples
    starts = np.linspace(0, height - rows, BANDS).astype(int)
    return np.concatenate([samples[start : start + rows] for start in starts])
