"""In which ways the tiles of a lossless file are coded, without decoding them.

In: a file that is read piece by piece; out: how many tiles there are of each kind.
Specification: FORMAT.md, section 4.
"""

from __future__ import annotations

from collections import Counter

from vaecodec.errors import FormatError
from vaecodec.format.chunks import outline_chunk
from vaecodec.format.container import walk_file
from vaecodec.format.file_bytes import Bytes

WEBP, LEARNED, DEEP = 0, 1, 2
NAMES = {WEBP: "WebP", LEARNED: "learned", DEEP: "deep"}


def count_kinds(data: Bytes) -> Counter[str]:
    """Numbers of tiles by the names of kinds, as far as a file is readable.

    It is none for files with a model.
    """
    found: Counter[str] = Counter()
    try:
        file, chunks = walk_file(data, outline_chunk)
        for chunk in chunks if file.header.is_lossless else ():
            kind = data[chunk.data_start : chunk.data_start + 1]
            found[NAMES.get(int.from_bytes(kind, "little"), "unknown")] += 1
    except FormatError:  # `verify` says what is wrong
        pass
    return found
