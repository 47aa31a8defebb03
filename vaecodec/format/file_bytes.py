"""A file that is sliced like bytes, so that it need not be read as a whole.

In: a seekable binary file. Out: what the parsers of this folder take in the place of
its bytes; they ask for the few they need, and only those are read.
"""

from __future__ import annotations

import os
import threading
from typing import IO


class FileBytes:
    """The bytes of a file, read when they are asked for, also by several threads.

    Args:
        file: seekable, opened for reading bytes. It stays open and must stay so; where
            it is positioned makes no difference.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lock = threading.Lock()  # of the position of the file
        self._size = file.seek(0, os.SEEK_END)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """Bytes from start to stop; fewer where the file ends, as in a slice."""
        start, stop, _ = part.indices(self._size)
        with self._lock:
            self._file.seek(start)
            return self._file.read(max(0, stop - start))


Bytes = bytes | FileBytes
