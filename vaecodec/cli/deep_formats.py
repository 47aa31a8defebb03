"""Image files of pictures with more than 8 bits, which Pillow does not write.

In: a picture; out: the bytes of a PNG or PPM file in which every sample is as it was
decoded. PNG has no depth between 8 and 16 bits: there samples are scaled to 16, and the
chunk sBIT says how many bits they had. PPM has any depth.
PNG (third edition), sections 9 and 12; Netpbm's ppm(5) and pgm(5).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vaecodec.cli.image_metadata import metadata_options
from vaecodec.cli.png_chunks import SIGNATURE, colour_chunks, png_chunk, split_png
from vaecodec.models.depth import Samples, greatest, of_depth

if TYPE_CHECKING:
    from vaecodec.codec.pictures.picture import Picture

BITS = 16
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels
STRIP_BYTES = 1 << 22
LEVEL = 6  # of zlib; higher ones take several times as long for little

_OF_THE_SAMPLES = (b"IHDR", b"IDAT", b"IEND")

Bytes = NDArray[np.uint8]


def pack_png(picture: Picture) -> bytes:
    """A PNG file of 16 bits, with the metadata of the picture."""
    samples = of_depth(picture.samples, picture.depth, BITS)
    height, width, channels = np.atleast_3d(samples).shape
    kind = COLOUR_TYPES[channels]
    header = struct.pack(">II5B", width, height, BITS, kind, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), colour_chunks(picture.metadata)]
    if picture.depth < BITS:
        chunks.append(png_chunk(b"sBIT", bytes([picture.depth] * channels)))
    chunks += _metadata_chunks(picture)
    chunks += [png_chunk(b"IDAT", _deflated(samples)), png_chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


def pack_ppm(picture: Picture) -> bytes:
    """A PPM file, or PGM if it is gray; without alpha and without metadata."""
    samples = picture.samples
    height, width = samples.shape[:2]
    kind = "P5" if samples.ndim == 2 else "P6"
    header = f"{kind}\n{width} {height}\n{greatest(picture.depth)}\n"
    return header.encode() + _big_endian(samples).tobytes()


def _metadata_chunks(picture: Picture) -> Iterator[bytes]:
    """Those that Pillow writes of the same metadata."""
    from vaecodec.codec.pictures.picture import Picture, to_image

    pixel = to_image(Picture(np.zeros((1, 1), np.uint8), picture.metadata))
    stream = io.BytesIO()
    pixel.save(stream, "PNG", **metadata_options(picture.metadata, "PNG"))
    for kind, chunk in split_png(stream.getvalue()):
        if kind not in _OF_THE_SAMPLES:
            yield chunk


def _deflated(samples: Samples) -> bytes:
    """Rows of samples with their filters, strip by strip."""
    stream = zlib.compressobj(LEVEL)
    pixel = 2 * np.atleast_3d(samples).shape[2]
    rows = max(1, STRIP_BYTES // (pixel * samples.shape[1]))
    above = np.zeros(pixel * samples.shape[1], np.uint8)
    parts = []
    for top in range(0, len(samples), rows):
        strip = _big_endian(samples[top : top + rows])
        parts.append(stream.compress(_filtered(strip, above, pixel).tobytes()))
        above = strip[-1]
    return b"".join([*parts, stream.flush()])


def _big_endian(samples: Samples) -> Bytes:
    """The bytes of each row, [H, n]."""
    return np.ascontiguousarray(samples, ">u2").reshape(len(samples), -1).view(np.uint8)


def _filtered(rows: Bytes, above: Bytes, pixel: int) -> Bytes:
    """Each row with the filter that leaves the smallest numbers, [H, 1 + n]."""
    up = np.concatenate([above[None], rows[:-1]])
    left, corner = (_shifted(values, pixel) for values in (rows, up))
    guesses = (np.zeros_like(left), left, up, _mean(left, up), _paeth(left, up, corner))
    best = np.full(len(rows), np.iinfo(np.int64).max)
    filtered = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
    for number, guess in enumerate(guesses):
        rest = rows - guess
        cost = np.abs(rest.view(np.int8).astype(np.int16)).sum(axis=1, dtype=np.int64)
        better = cost < best
        filtered[better, 0], filtered[better, 1:] = number, rest[better]
        best[better] = cost[better]
    return filtered


def _shifted(rows: Bytes, by: int) -> Bytes:
    """What stands so many bytes to the left, 0 beyond the edge."""
    shifted = np.zeros_like(rows)
    shifted[:, by:] = rows[:, :-by]
    return shifted


def _mean(left: Bytes, up: Bytes) -> Bytes:
    return ((left.astype(np.uint16) + up) // 2).astype(np.uint8)


def _paeth(left: Bytes, up: Bytes, corner: Bytes) -> Bytes:
    """Of the three neighbours the one nearest to left + up - corner."""
    a, b = up.astype(np.int16) - corner, left.astype(np.int16) - corner
    to_left, to_up, to_corner = np.abs(a), np.abs(b), np.abs(a + b)
    up_or_corner = np.where(to_up <= to_corner, up, corner)
    is_left = (to_left <= to_up) & (to_left <= to_corner)
    return np.where(is_left, left, up_or_corner)
