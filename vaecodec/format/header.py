"""The header of a `.vaec` file: what must be known before the first tile is read.

In: `ImageHeader`; out: the data of the header chunk, and back. A header that exists is
valid: the dataclass checks itself, so it does not matter whether it came from a file or
from the compressor. All that a reader must know beforehand (how many tiles, which
model) follows from these few fields. Specification: FORMAT.md, sections 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaecodec.errors import FormatError
from vaecodec.format.chunks import pack_varint, parse_varint

MAX_SIDE = 1 << 20
MAX_CHANNELS = 4
MAX_QUALITY = 100
DEFAULT_QUALITY = 70
MIN_TILE_LOG2 = 6
MAX_TILE_LOG2 = 10
DEFAULT_TILE_LOG2 = 10
MODEL_ID_BYTES = 8


@dataclass(frozen=True)
class ImageHeader:
    """The fields of the header chunk.

    Attributes:
        width: Pixels in a row, 1..2^20.
        height: Rows of pixels, 1..2^20.
        channels: 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGB and alpha).
        quality: 0 (smallest file) to 100 (best image).
        tile_log2: Logarithm to base 2 of the side of a tile in pixels, 6..10.
        model_id: First 8 bytes of the SHA-256 of the model file.

    Raises:
        FormatError: A value is outside its range.
    """

    width: int
    height: int
    channels: int
    quality: int
    tile_log2: int
    model_id: bytes

    def __post_init__(self) -> None:
        _check_range("width", self.width, 1, MAX_SIDE)
        _check_range("height", self.height, 1, MAX_SIDE)
        _check_range("colour", self.channels, 1, MAX_CHANNELS)
        _check_range("quality", self.quality, 0, MAX_QUALITY)
        _check_range("tile_log2", self.tile_log2, MIN_TILE_LOG2, MAX_TILE_LOG2)
        if len(self.model_id) != MODEL_ID_BYTES:
            raise FormatError(
                f"header: model id has {len(self.model_id)} bytes, not {MODEL_ID_BYTES}"
            )

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha, which is coded apart and without loss."""
        return self.channels in (2, 4)

    @property
    def colour_channels(self) -> int:
        """Number of channels without alpha: 1 (gray) or 3 (RGB)."""
        return self.channels - self.has_alpha

    @property
    def tile_size(self) -> int:
        """Side of a tile in pixels; tiles at the right and lower edge are smaller."""
        return 1 << self.tile_log2

    @property
    def tile_rows(self) -> int:
        """Number of tiles from top to bottom."""
        return -(-self.height // self.tile_size)

    @property
    def tile_columns(self) -> int:
        """Number of tiles from left to right."""
        return -(-self.width // self.tile_size)

    @property
    def tile_count(self) -> int:
        """Number of tiles, which is the number of tile chunks in the file."""
        return self.tile_rows * self.tile_columns


def pack_fields(header: ImageHeader) -> bytes:
    """Write the data of the header chunk, 13 to 17 bytes."""
    return (
        pack_varint(header.width)
        + pack_varint(header.height)
        + bytes([header.channels, header.quality, header.tile_log2])
        + header.model_id
    )


def parse_fields(data: bytes) -> ImageHeader:
    """Read the data of a header chunk.

    Raises:
        FormatError: A value is outside its range, or bytes are missing or left over.
    """
    width, position = parse_varint(data, 0, name="header: width")
    height, position = parse_varint(data, position, name="header: height")
    fixed = data[position:]
    if len(fixed) != 3 + MODEL_ID_BYTES:
        raise FormatError(
            f"header: {len(fixed)} bytes after the height, not {3 + MODEL_ID_BYTES}"
        )
    channels, quality, tile_log2 = fixed[:3]
    return ImageHeader(width, height, channels, quality, tile_log2, fixed[3:])


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise FormatError(f"header: {name} {value} is not in {low}..{high}")
