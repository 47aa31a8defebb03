"""What a `.vaec` file says about itself, without decoding it.

In: a file. Out: `ImageInfo`. Only the header is read, with nothing but the
standard library, so this is quick and needs no model. Damage after the header is not
noticed here; use `vaecodec.verify` for that.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaecodec.format.beginning import FORMAT_VERSION, parse_header
from vaecodec.format.file_bytes import Bytes, Encoded, opened


@dataclass(frozen=True)
class ImageInfo:
    """The header of a file, and its size.

    Attributes:
        width: Pixels in a row.
        height: Rows of pixels.
        channels: 1 (gray), 2 (gray and alpha), 3 (RGB), 4 (RGB and alpha), or any
            number up to 16.
        roles: What each channel is: gray, red, green, blue, alpha or other.
        quality: 0 (smallest file) to 100 (best image); in a file with a quality map,
            that for which the map was made.
        tile_size: Side of a tile, in pixels.
        bit_depth: Bits of a sample.
        lossless: Whether every sample is the one that was given; the stream id of such
            a file is 0.
        max_error: How far colour samples may be from those that were given: 0 if the
            file is lossless, None if nothing is promised.
        rounds: Payloads of a tile: 1, or one for each coding step of the model.
        stream_id: Names the models that can decode the symbols, 16 hex digits.
        painter_id: Names the painter that the sender meant, 8 hex digits.
        format_version: Version of the file format.
        file_size: Bytes of the whole file.
        bits_per_pixel: Bits of the whole file per pixel of the image.
    """

    width: int
    height: int
    channels: int
    roles: tuple[str, ...]
    quality: int
    tile_size: int
    bit_depth: int
    lossless: bool
    max_error: int | None
    rounds: int
    stream_id: str
    painter_id: str
    format_version: int
    file_size: int
    bits_per_pixel: float


def inspect(data: Encoded) -> ImageInfo:
    """Read the header of a `.vaec` file.

    Args:
        data: The path of the file, a bytes-like object that holds it, or the file
            opened for reading bytes. An open file is read from its current position,
            and returned to that position if possible.

    Raises:
        FormatError: The data does not begin like a `.vaec` file.
        TypeError: The data is not a file.
        OSError: A path or file cannot be read.
    """
    with opened(data) as file:
        return described(file)


def described(file: Bytes) -> ImageInfo:
    """As `inspect`, of a file that is open already."""
    header, size = parse_header(file), len(file)
    return ImageInfo(
        width=header.width,
        height=header.height,
        channels=header.channels,
        roles=tuple(role.word for role in header.roles),
        quality=header.quality,
        tile_size=header.tile_size,
        bit_depth=header.depth,
        lossless=header.largest_error == 0,
        max_error=header.largest_error,
        rounds=header.rounds,
        stream_id=header.stream_id.hex(),
        painter_id=header.painter_id.hex(),
        format_version=FORMAT_VERSION,
        file_size=size,
        bits_per_pixel=8 * size / (header.width * header.height),
    )
