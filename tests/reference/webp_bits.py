"""A second decoder: bits of a lossless WebP file, lowest first."""

from __future__ import annotations

from tests.reference.model import refuse_unless


class Bits:
    """Reads numbers of some bits from bytes."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._place, self._end = 0, 8 * len(data)

    def read(self, count: int) -> int:
        """The next bits, the first of them the lowest."""
        value = self._number >> self._place & (1 << count) - 1
        self._place += count
        refuse_unless(self._place <= self._end, "the end of the WebP file is missing")
        return value
