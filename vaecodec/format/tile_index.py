"""Where the tiles of a file lie, so that some can be read without the others.

In: a file that is read piece by piece. Out: what `parse_file` returns, except that the
payloads and alphas are read, and checked, when they are asked for. Until then only the
few bytes before each of them are, which say where the next one begins.
Specification: FORMAT.md, sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable

from vaecodec.format.chunks import outline_chunk, parse_chunk
from vaecodec.format.container import ImageFile, walk_file
from vaecodec.format.file_bytes import Bytes
from vaecodec.format.parts import Parts


def index_file(data: Bytes) -> ImageFile:
    """Find all tiles of a file.

    Args:
        data: It must stay as it is while tiles are read.

    Raises:
        FormatError: The file is damaged in a place that is looked at. A tile raises it
            in turn when it is read.
    """
    header, metadata, chunks = walk_file(data, outline_chunk)
    readers: dict[str, list[Callable[[], bytes]]] = {"A": [], "T": []}
    for chunk in chunks:
        readers[chunk.type].append(_reader(data, chunk.start))
    return ImageFile(header, Parts(readers["T"]), Parts(readers["A"]), metadata)


def _reader(data: Bytes, start: int) -> Callable[[], bytes]:
    return lambda: parse_chunk(data, start).data
