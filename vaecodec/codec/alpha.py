"""Alpha of one tile <-> the data of its chunk, without any loss.

In: samples [h, w]; out: nothing at all for an opaque tile, else a small PNG file,
and back. PNG because every reader has it: Pillow cannot be built without zlib, and
thirty lines of any language decode it. Lossless WebP would be a tenth to a third
smaller on soft planes, two thirds on hard cutouts (which are small anyhow), behind a
decoder much larger than the rest of this codec.

A PNG file out of a `.vaec` file is hostile until its size, its kind and the length of
what it inflates to are known; only then is it given to Pillow.
Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, PngImagePlugin

from vaecodec.codec.geometry.squares import in_squares
from vaecodec.errors import FormatError
from vaecodec.models.architecture import REDUCTION
from vaecodec.models.depth import SHALLOW, Samples, dtype_of, greatest

# Deflating harder saves up to a quarter, and takes ten times as long: where a quick PNG
# file has less than a sixteenth of the samples' bytes, that is not long.
QUICK, HARD = 6, 9
WORTH_MORE = 16

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HIGHEST_FILTER = 4


def encode_alpha(alpha: Samples, *, depth: int = SHALLOW) -> bytes:
    """Write the alpha of a tile, [h, w], samples of `depth` bits."""
    if (alpha == greatest(depth)).all():
        return b""
    quick = _png(alpha, QUICK)
    if len(quick) * WORTH_MORE > alpha.nbytes:
        return quick
    return min(quick, _png(alpha, HARD), key=len)


def decode_alpha(
    data: bytes, *, height: int, width: int, depth: int = SHALLOW
) -> Samples:
    """Inverse of `encode_alpha`: [height, width].

    Raises:
        FormatError: The data is not a PNG file of this size and of the one kind that
            is allowed, or is damaged.
    """
    dtype, most = np.dtype(dtype_of(depth)), greatest(depth)
    if not data:
        return np.full((height, width), most, dtype)
    deflated = _deflated_rows(data, height, width, 8 * dtype.itemsize)
    _check_rows(deflated, height, 1 + width * dtype.itemsize)
    # Not Image.open, whose limit on pixels is about files from nowhere.
    with PngImagePlugin.PngImageFile(io.BytesIO(data)) as image:
        alpha: Samples = np.asarray(image).astype(dtype, copy=False)
    if (found := alpha.max()) > most:
        raise FormatError(f"alpha of {found}, at most {most} with {depth} bits")
    return alpha


def reduced(samples: Samples) -> Samples:
    """Means of 8 x 8 samples of [h, w]; beyond the edge the last ones are repeated."""
    blocks = in_squares(samples, REDUCTION)
    total = blocks.sum(axis=(1, 3), dtype=np.uint32)
    means: Samples = ((total + 32) // REDUCTION**2).astype(samples.dtype)
    return means


def _png(alpha: Samples, compress_level: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(alpha).save(stream, "PNG", compress_level=compress_level)
    return stream.getvalue()


def _deflated_rows(data: bytes, height: int, width: int, bits: int) -> bytes:
    """The zlib stream of a PNG file that has nothing but what it must have."""
    chunks = list(_chunks(data))
    header = struct.pack(">II5B", width, height, bits, 0, 0, 0, 0)
    if chunks[:1] != [(b"IHDR", header)]:
        kind = f"{bits}-bit gray PNG of {width} x {height} pixels"
        raise FormatError(f"alpha is no {kind}")
    if chunks[-1] != (b"IEND", b"") or {kind for kind, _ in chunks[1:-1]} != {b"IDAT"}:
        raise FormatError("alpha: PNG with other chunks than IHDR, IDAT, IEND")
    return b"".join(part for _, part in chunks[1:-1])


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and data of each chunk of a PNG file, checked."""
    if not data.startswith(_SIGNATURE):
        raise FormatError("alpha is not a PNG file")
    position = len(_SIGNATURE)
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        body = data[position + 4 : position + 8 + length]
        position += 12 + length
        checksum = zlib.crc32(body).to_bytes(4, "big")
        if position > len(data) or checksum != data[position - 4 : position]:
            raise FormatError("alpha: a PNG chunk is cut off or damaged")
        yield body[:4], body[4:]


def _check_rows(deflated: bytes, height: int, row: int) -> None:
    """Refuse what does not inflate to rows of so many bytes, the first a filter."""
    size = height * row
    stream = zlib.decompressobj()
    try:
        rows = stream.decompress(deflated, size + 1)
    except zlib.error as error:
        raise FormatError(f"alpha: PNG is not deflated: {error}") from error
    if len(rows) != size or not stream.eof or stream.unused_data:
        raise FormatError(f"alpha: PNG does not hold {size} bytes")
    if max(rows[::row]) > _HIGHEST_FILTER:
        raise FormatError("alpha: PNG with an unknown filter")
