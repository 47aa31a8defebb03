"""A file that tells how much of it was read: for measurements and tests."""

from __future__ import annotations

import io


class CountedFile(io.BytesIO):
    """Bytes as a file.

    Attributes:
        count: bytes read so far, those that were read twice counted twice.
        furthest: the end of what was read.
    """

    count = 0
    furthest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as `io.BytesIO` does, and keep count."""
        data = super().read(size)
        self.count += len(data)
        self.furthest = max(self.furthest, self.tell())
        return data
