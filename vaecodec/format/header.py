"""The header of a `.vaec` file: what must be known before the first tile is read.

In: `ImageHeader`; out: the data of the header chunk, and back. A header that exists is
valid: the dataclass checks itself, so it does not matter whether it came from a file or
from the compressor. All that a reader must know beforehand (how many tiles, in how many
rounds, which model) follows from these few fields. Specification: FORMAT.md, sections 3
and 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaecodec.errors import FormatError
from vaecodec.format.chunks import pack_varint, parse_varint
from vaecodec.format.roles import (
    LAYOUTS,
    Role,
    Roles,
    alpha_channel,
    check_list,
    pack_list,
    parse_list,
)

MAX_SIDE = 1 << 20
MIN_DEPTH = 8
MAX_DEPTH = 16
MAX_QUALITY = 100
DEFAULT_QUALITY = 70
MIN_TILE_LOG2 = 6
MAX_TILE_LOG2 = 10
MAX_LOSSLESS_TILE_LOG2 = 12
DEFAULT_TILE_LOG2 = 10
MAX_ROUNDS = 15
STREAM_ID_BYTES = 8
PAINTER_ID_BYTES = 4

NO_STREAM = bytes(STREAM_ID_BYTES)  # of files that need no model

_ID_BYTES = STREAM_ID_BYTES + PAINTER_ID_BYTES


@dataclass(frozen=True)
class ImageHeader:
    """The fields of the header chunk.

    Attributes:
        width: Pixels in a row, 1..2^20.
        height: Rows of pixels, 1..2^20.
        channels: 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGB and alpha); 1..16 with
            a list.
        quality: 0 (smallest file) to 100 (best image); where the file has a quality
            map, the quality that the map was made for.
        tile_log2: Logarithm to base 2 of the side of a tile in pixels, 6..10; up to 12
            in a lossless file.
        rounds: Payloads of a tile: 1 if one payload holds all coding steps of the
            model, else one for each step, 2..15.
        stream_id: Names the models that can decode the symbols, 8 bytes; `NO_STREAM`
            makes the file a lossless one.
        painter_id: Names the painter that the sender meant, 4 bytes; in a lossless
            file, the largest error that its sender allowed.
        depth: Bits of a sample, 8..16.
        listed: What each channel is, in their order, if the file lists them; else none.

    A lossless file has quality 100 and 1 round.

    Raises:
        FormatError: A value is outside its range.
    """

    width: int
    height: int
    channels: int
    quality: int
    tile_log2: int
    rounds: int
    stream_id: bytes
    painter_id: bytes
    depth: int = MIN_DEPTH
    listed: Roles = ()

    def __post_init__(self) -> None:
        _check_range("width", self.width, 1, MAX_SIDE)
        _check_range("height", self.height, 1, MAX_SIDE)
        self._check_channels()
        _check_range("bits per sample", self.depth, MIN_DEPTH, MAX_DEPTH)
        _check_range("quality", self.quality, 0, MAX_QUALITY)
        most = MAX_LOSSLESS_TILE_LOG2 if self.is_lossless else MAX_TILE_LOG2
        _check_range("tile_log2", self.tile_log2, MIN_TILE_LOG2, most)
        _check_range("rounds", self.rounds, 1, MAX_ROUNDS)
        _check_id("stream id", self.stream_id, STREAM_ID_BYTES)
        _check_id("painter id", self.painter_id, PAINTER_ID_BYTES)
        if self.is_lossless:
            self._check_lossless()

    @property
    def is_lossless(self) -> bool:
        """Whether all tiles are lossless, alpha included, and no model is needed."""
        return self.stream_id == NO_STREAM

    @property
    def largest_error(self) -> int | None:
        """How far a sample may be from the original; None where nothing is promised."""
        return int.from_bytes(self.painter_id, "little") if self.is_lossless else None

    @property
    def has_alpha(self) -> bool:
        """Whether a channel is alpha, which is always kept without loss."""
        return Role.ALPHA in self.roles

    @property
    def alpha_channel(self) -> int | None:
        """Which channel is alpha; None if none is."""
        return alpha_channel(self.roles)

    @property
    def roles(self) -> Roles:
        """What each channel is."""
        return self.listed or LAYOUTS[self.channels]

    @property
    def codes_alpha_apart(self) -> bool:
        """Whether each tile has a chunk of its own for alpha."""
        return self.has_alpha and not self.is_lossless

    @property
    def colour_channels(self) -> int:
        """Number of channels without alpha: 1 (gray), 3 (RGB), or any of a list."""
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
        """Number of tiles; the file has as many payloads in each round."""
        return self.tile_rows * self.tile_columns

    def _check_channels(self) -> None:
        if not self.listed:
            _check_range("layout", self.channels, min(LAYOUTS), max(LAYOUTS))
            return
        check_list(self.listed)
        _check_range("channels", self.channels, *2 * [len(self.listed)])

    def _check_lossless(self) -> None:
        """Refuse what means nothing without a model."""
        _check_range("quality of a lossless file", self.quality, *2 * [MAX_QUALITY])
        _check_range("rounds of a lossless file", self.rounds, 1, 1)
        error = int.from_bytes(self.painter_id, "little")
        _check_range("largest error", error, 0, most_error(self.depth))


def most_error(depth: int) -> int:
    """The largest error that a lossless file may have: about half of the range."""
    return (1 << depth - 1) - 1


def error_id(largest_error: int) -> bytes:
    """What a lossless file has in the place of a painter id."""
    return largest_error.to_bytes(PAINTER_ID_BYTES, "little")


def pack_fields(header: ImageHeader) -> bytes:
    """Write the data of the header chunk, 17 to 21 bytes."""
    layout = 0 if header.listed else header.channels
    samples = layout | (header.depth - 1) << 4
    tiling = header.tile_log2 | header.rounds << 4
    return (
        pack_varint(header.width)
        + pack_varint(header.height)
        + bytes([samples, header.quality, tiling])
        + header.stream_id
        + header.painter_id
    )


def pack_bound(header: ImageHeader) -> bytes:
    """What all tiles are bound to: the fields, and the list of channels behind them."""
    return pack_fields(header) + pack_list(header.listed)


def parse_fields(data: bytes, list_data: bytes | None = None) -> ImageHeader:
    """Read the data of a header chunk, and of the list of channels if there is one.

    Raises:
        FormatError: A value is outside its range, or bytes are missing or left over.
    """
    width, position = parse_varint(data, 0, name="header: width")
    height, position = parse_varint(data, position, name="header: height")
    fixed = data[position:]
    if len(fixed) != 3 + _ID_BYTES:
        raise FormatError(
            f"header: {len(fixed)} bytes after the height, not {3 + _ID_BYTES}"
        )
    samples, quality, tiling = fixed[:3]
    layout = samples & 15
    listed = _parse_list(layout, list_data)
    return ImageHeader(
        width=width,
        height=height,
        channels=len(listed) or layout,
        quality=quality,
        tile_log2=tiling & 15,
        rounds=tiling >> 4,
        stream_id=fixed[3:-PAINTER_ID_BYTES],
        painter_id=fixed[-PAINTER_ID_BYTES:],
        depth=(samples >> 4) + 1,
        listed=listed,
    )


def _parse_list(layout: int, data: bytes | None) -> Roles:
    """The list of channels, which is there if and only if the layout is 0."""
    if layout == 0 and data is None:
        raise FormatError("header: layout 0 without a list of channels (chunk 'C')")
    if layout and data is not None:
        raise FormatError(
            f"header: layout {layout} with a list of channels (chunk 'C'), which "
            "belongs to layout 0"
        )
    return () if data is None else parse_list(data)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise FormatError(f"header: {name} {value} is not in {low}..{high}")


def _check_id(name: str, value: bytes, length: int) -> None:
    if len(value) != length:
        raise FormatError(f"header: {name} has {len(value)} bytes, not {length}")
