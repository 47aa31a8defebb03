"""What users hand in to be decompressed -> the parts of a file.

In: a `.vaec` file as a path, a bytes-like object or an opened file. Out: a parsed file,
read as a whole or, for a part of the image, tile by tile as they are needed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from vaecodec.format.container import ImageFile, parse_file
from vaecodec.format.file_bytes import Encoded, opened
from vaecodec.format.tile_index import index_file


@contextlib.contextmanager
def parsed(
    encoded: Encoded, *, whole: bool = True, rounds: int | None = None
) -> Iterator[ImageFile]:
    """The file, until the end of the context.

    Args:
        encoded: as for `opened`.
        whole: read all and check all checksums at once. Else tiles are read, and
            checked, when they are asked for.
        rounds: how many rounds of payloads to read; the file may end after them.

    Raises:
        FormatError: The file is damaged.
        OSError: It cannot be read.
        TypeError: It is no file.
    """
    with opened(encoded) as data:
        if whole:
            yield parse_file(data[:], rounds=rounds)
        else:
            yield index_file(data, rounds=rounds)
