"""Whether a picture is a drawing or text, and how small lossless WebP would make it.

In: samples and the size of their file; out: an estimate in bytes if that is less, from
a few bands across the picture. Nearly all photographs are told from the others before:
there lossless coding is never smaller, and it would take time to find out. Where it
takes any, that is a few per cent of the time of compressing.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Samples = NDArray[np.uint8]

# Of the pixels of a photograph up to 0.22 are like the one to their left (Kodak; in
# gray smooth ones reach 0.65), of those of screens and drawings from 0.73 on.
FLAT = 0.5
ROW_STEP = 32

# One row in so many is looked at. The fewer, the higher the estimate, up to four times
# too high, as repetitions are not seen; the second share is for what is undecided.
SHARES = (16, 4)
FAR = 4
LEAST_PIXELS = 1 << 20  # so many are taken for a picture of fewer
BANDS = 8
QUICK = {"lossless": True, "method": 1, "quality": 20}


def smaller_lossless_size(samples: Samples, size: int) -> int | None:
    """About how many bytes lossless WebP takes, None if that is not below `size`.

    Args:
        samples: [H, W] or [H, W, 2..4].
        size: in bytes.
    """
    if _flat_share(samples[::ROW_STEP]) < FLAT:
        return None
    for share in SHARES:
        estimate = _estimate(samples, share)
        if estimate < size:
            return estimate
        if estimate > FAR * size:
            break
    return None


def _estimate(samples: Samples, share: int) -> int:
    bands = _bands(samples, share)
    stream = io.BytesIO()
    Image.fromarray(bands).save(stream, "WEBP", **QUICK)
    return len(stream.getvalue()) * len(samples) // len(bands)


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
