"""Where the payloads of a file lie, so that some can be read without the others.

In: a file that is read piece by piece. Out: what `parse_file` returns, except that each
payload and alpha is read, and checked, when it is asked for. Until then only the few
bytes before each of them are, which say where the next one begins.
Specification: FORMAT.md, sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from vaecodec.format.beginning import ALPHA
from vaecodec.format.chunks import outline_chunk, parse_chunk
from vaecodec.format.container import ImageFile, by_tile, walk_file
from vaecodec.format.file_bytes import Bytes


def index_file(data: Bytes, *, rounds: int | None = None) -> ImageFile:
    """Find all tiles of a file.

    Args:
        data: It must stay as it is while tiles are read.
        rounds: How many rounds to find, or all. What comes after fewer rounds than the
            file has is not looked at, and may be missing.

    Raises:
        FormatError: The file is damaged in a place that is looked at. A payload raises
            it in turn when it is read.
        ValueError: Less than one round is asked for.
    """
    file, chunks = walk_file(data, outline_chunk, rounds=rounds)
    alphas: list[int] = []
    places: list[int] = []
    for chunk in chunks:
        (alphas if chunk.type == ALPHA else places).append(chunk.start)
    tiles = by_tile(places, file.header.tile_count)
    payloads = tuple(_Chunks(data, starts) for starts in tiles)
    return replace(file, payloads=payloads, alphas=_Chunks(data, alphas))


class _Chunks(Sequence[bytes]):
    """The data of the chunks that begin at some positions."""

    def __init__(self, data: Bytes, starts: Sequence[int]) -> None:
        self._data = data
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, which: int) -> bytes: ...

    @overload
    def __getitem__(self, which: slice) -> Sequence[bytes]: ...

    def __getitem__(self, which: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(which, slice):
            return _Chunks(self._data, self._starts[which])
        return parse_chunk(self._data, self._starts[which]).data
