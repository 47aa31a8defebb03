"""Data of many chunks that is read, and checked, only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload


class Parts(Sequence[bytes]):
    """Looks like a tuple of bytes; reading a damaged element raises FormatError.

    Args:
        readers: return the elements, one each.
    """

    def __init__(self, readers: Sequence[Callable[[], bytes]]) -> None:
        self._readers = readers

    def __len__(self) -> int:
        return len(self._readers)

    @overload
    def __getitem__(self, which: int) -> bytes: ...

    @overload
    def __getitem__(self, which: slice) -> Sequence[bytes]: ...

    def __getitem__(self, which: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(which, slice):
            return Parts(self._readers[which])
        return self._readers[which]()
