"""Where the tiles of a file lie, so that some can be read without the others.

In: a file that is read piece by piece. Out: what `parse_file` returns, except that the
payloads and alphas are read, and checked, when they are asked for. Until then only the
few bytes before each of them are, which say where the next one begins.
Specification: FORMAT.md, sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from vaecodec.format.chunks import outline_chunk, parse_chunk
from vaecodec.format.container import ImageFile, walk_file
from vaecodec.format.file_bytes import Bytes


def index_file(data: Bytes) -> ImageFile:
    """Find all tiles of a file.

    Args:
        data: It must stay as it is while tiles are read.

    Raises:
        FormatError: The file is damaged in a place that is looked at. A tile raises it
            in turn when it is read.
    """
    header, metadata, chunks = walk_file(data, outline_chunk)
    places: dict[str, list[int]] = {"A": [], "T": []}
    for chunk in chunks:
        places[chunk.type].append(chunk.start)
    return ImageFile(
        header, _Chunks(data, places["T"]), _Chunks(data, places["A"]), metadata
    )


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
