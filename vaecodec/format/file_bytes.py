"""Whatever holds a file, sliced like its bytes, and no more of it read than needed.

In: a path, a bytes-like object, or a file opened for reading bytes. Out: what the
parsers of this folder take in the place of bytes; they ask for the few they need, and
get copies, which nobody else can change.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from mmap import mmap
from typing import Any, Protocol


class Readable(Protocol):
    """A file opened for reading bytes; it may return fewer than are asked for."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes, none only at the end."""


BytesLike = bytes | bytearray | memoryview | mmap
Encoded = BytesLike | str | os.PathLike[str] | Readable

_PIECE = 1 << 20


class FileBytes:
    """The bytes of a seekable file, read when they are asked for, by several threads.

    Args:
        file: opened for reading bytes. It stays open and must stay so. The first byte
            is the one at which it is positioned.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._lock = threading.Lock()  # of the position of the file
        self._start: int = file.tell()
        file.seek(0, os.SEEK_END)
        self._size: int = max(0, file.tell() - self._start)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """Bytes from start to stop; fewer where the file ends, as in a slice."""
        start, stop, _ = part.indices(self._size)
        with self._lock:
            self._file.seek(self._start + start)
            return b"".join(_pieces(self._file, stop - start))

    def rewind(self) -> None:
        """Position the file where it was."""
        self._file.seek(self._start)


class ViewBytes:
    """The bytes that a bytes-like object holds, copied when they are asked for.

    Args:
        view: of any shape, layout and format. It must not be released before this.
    """

    def __init__(self, view: memoryview) -> None:
        is_flat = view.ndim == view.itemsize == 1
        self._view = view if is_flat else memoryview(view.tobytes())

    def __len__(self) -> int:
        return len(self._view)

    def __getitem__(self, part: slice) -> bytes:
        return self._view[part].tobytes()


Bytes = bytes | FileBytes | ViewBytes


@contextlib.contextmanager
def opened(source: Encoded) -> Iterator[Bytes]:
    """The bytes of a file, until the end of the context.

    Args:
        source: a path; a bytes-like object, of which all counts; or a file opened for
            reading bytes, from where it is positioned to its end. It stays open, and a
            seekable one is positioned there again afterwards.

    Raises:
        OSError: The file cannot be read.
        TypeError: It is none of these.
    """
    if isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            yield _bytes_of(file)
    elif isinstance(source, bytes):
        yield source
    elif (view := _view_of(source)) is not None:
        with view:
            yield ViewBytes(view)
    else:
        data = _bytes_of(source)
        try:
            yield data
        finally:
            if isinstance(data, FileBytes):
                data.rewind()


def all_bytes(source: Encoded) -> bytes:
    """The whole file; else as `opened`."""
    with opened(source) as data:
        return data[:]


def _view_of(source: Any) -> memoryview | None:
    try:
        return memoryview(source)
    except TypeError:
        return None


def _bytes_of(file: Any) -> Bytes:
    """The bytes of a file, all read at once if they cannot be sought."""
    if not hasattr(file, "read"):
        raise TypeError(
            f"{type(file).__name__}, expected a path, bytes, or a file opened for "
            "reading bytes"
        )
    # Some files lack `seekable`, others have it and are not.
    with contextlib.suppress(AttributeError, NotImplementedError, OSError, ValueError):
        return FileBytes(file)
    return b"".join(_pieces(file, None))


def _pieces(file: Readable, size: int | None) -> Iterator[bytes]:
    """The next bytes of a file, up to its end or a size."""
    while size is None or size > 0:
        piece: Any = file.read(_PIECE if size is None else size)
        if isinstance(piece, str):
            raise TypeError("a file opened for reading text, expected one for bytes")
        if piece is None:
            raise BlockingIOError("no data available yet from a non-blocking file")
        if not piece:
            return
        yield piece
        size = size and size - len(piece)
