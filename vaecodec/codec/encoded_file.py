"""What users hand in to be decompressed -> the parts of a file.

In: the bytes of a `.vaec` file, its path, or the opened file. Out: a parsed file, read
as a whole or, for a part of the image, tile by tile as they are needed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import IO

from vaecodec.format.container import ImageFile, parse_file
from vaecodec.format.file_bytes import Bytes, FileBytes
from vaecodec.format.tile_index import index_file

Encoded = bytes | str | os.PathLike[str] | IO[bytes]


@contextlib.contextmanager
def parsed(encoded: Encoded, *, whole: bool = True) -> Iterator[ImageFile]:
    """The file, until the end of the context.

    Args:
        encoded: bytes, a path, or a seekable binary file, which is read from its first
            byte wherever it is positioned, and stays open.
        whole: read all and check all checksums at once. Else tiles are read, and
            checked, when they are asked for.

    Raises:
        FormatError: The file is damaged.
        OSError: It cannot be read.
    """
    with _opened(encoded) as data:
        yield parse_file(data[:]) if whole else index_file(data)


def all_bytes(encoded: Encoded) -> bytes:
    """The whole file.

    Raises:
        OSError: It cannot be read.
    """
    with _opened(encoded) as data:
        return data[:]


@contextlib.contextmanager
def _opened(encoded: Encoded) -> Iterator[Bytes]:
    if isinstance(encoded, bytes):
        yield encoded
    elif isinstance(encoded, str | os.PathLike):
        with open(encoded, "rb") as file:
            yield FileBytes(file)
    else:
        yield FileBytes(encoded)
