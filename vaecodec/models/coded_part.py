"""Coded parts of a model file: many tensors in one array of bytes.

A part is a zlib stream and an ANS payload of interleaved lanes. The stream holds a
small file of its own, in the same layout as a model file: what would gain nothing from
coding lies in it, and its metadata describes the tensors in the payload. The payload is
decoded when one of them is first asked for, so a receiver never decodes the sender's
weights.
Specification: FORMAT.md, section 6.
"""

from __future__ import annotations

import functools
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from reprlib import repr as shown
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.entropy.interleaved import SYMBOLS, Laws, decode
from vaecodec.entropy.model_tensors import take_tensor
from vaecodec.errors import FormatError, ModelError
from vaecodec.models import coded_numbers
from vaecodec.models.coded_numbers import (
    MOST_ORDER,
    Layout,
    Sides,
    Stored,
    cut,
    indexes,
    numbers_of,
    rows_of,
    tensor,
)
from vaecodec.models.tensor_file import (
    DTYPE_NAMES,
    DTYPES,
    MAX_DIMENSIONS,
    MAX_FILE_BYTES,
    TensorFile,
    parse_tensors,
)

CODED = "coded"  # in the metadata of a model file: its coded parts
MAX_CODED_NUMBERS = 1 << 23  # in all parts
# In an inner file: what stands beside the payload, and in the metadata its CRC-32.
LAWS, SIDE_ROWS, SIDE_COLUMNS = "coded.laws", "coded.rows", "coded.columns"
OUTSIDE, LOW_BITS, CHECKSUM = "coded.outside", "coded.low_bits", "coded.checksum"

_NUMBER = "(?:0|[1-9][0-9]{0,7})"
_LAYOUT = re.compile(
    f"([A-Z0-9]+) ({_NUMBER}(?:x{_NUMBER})*) ({_NUMBER}) ({_NUMBER}) ({_NUMBER})"
)


def pack_part(plain: bytes, payload: bytes) -> bytes:
    """The bytes of a part from its inner file and its payload."""
    return zlib.compress(plain, 9) + payload


def checksum(payload: bytes) -> str:
    """What the inner file says of the payload."""
    return f"{zlib.crc32(payload):08x}"


def describe(layout: Layout) -> str:
    """What the metadata says of a coded tensor."""
    shape = "x".join(map(str, layout.shape))
    numbers = layout.columns, layout.order, layout.axis
    return " ".join(map(str, [DTYPE_NAMES[layout.dtype], shape, *numbers]))


class CodedPart(Mapping[str, NDArray[Any]]):
    """The tensors of a part; its payload is decoded when first needed.

    Args:
        data: of the part.

    Attributes:
        numbers: how many numbers are coded.

    Raises:
        ModelError: The part is damaged, or too large. So does looking up a tensor.
    """

    def __init__(self, data: bytes) -> None:
        inflated, self._payload = _inflate(data)
        inner = parse_tensors(inflated)
        if inner.metadata.pop(CHECKSUM, "") != checksum(self._payload):
            raise ModelError("a coded part of the model file: its checksum is wrong")
        self._beside = {
            name: inner.tensors.pop(name)
            for name in (LAWS, SIDE_ROWS, SIDE_COLUMNS, OUTSIDE, LOW_BITS)
            if name in inner.tensors
        }
        self._plain, self._layouts = inner.tensors, _parse_layouts(inner)
        self.numbers = sum(layout.size for layout in self._layouts.values())

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._decoded[name] if name in self._layouts else self._plain[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._plain
        yield from self._layouts

    def __len__(self) -> int:
        return len(self._plain) + len(self._layouts)

    @functools.cached_property
    def _decoded(self) -> dict[str, NDArray[Any]]:
        layouts = list(self._layouts.values())
        sides = self._sides(layouts)
        index = np.concatenate(
            [indexes(*each) for each in zip(layouts, sides, strict=True)]
        )
        numbers = cut(self._numbers(index), [layout.size for layout in layouts])
        found = map(tensor, layouts, numbers, sides)
        return dict(zip(self._layouts, found, strict=True))

    def _sides(self, layouts: list[Layout]) -> list[Sides]:
        """Scales and units of all matrices."""
        rows = [layout.rows for layout in layouts]
        columns = [layout.scaled_columns for layout in layouts]
        parts = (
            cut(self._take(name, np.int8, [2], sum(sizes)), sizes)
            for name, sizes in ((SIDE_ROWS, rows), (SIDE_COLUMNS, columns))
        )
        return [Sides(*each) for each in zip(*parts, strict=True)]

    def _numbers(self, index: NDArray[np.uint8]) -> NDArray[np.int32]:
        laws = self._take(LAWS, np.uint16, [coded_numbers.LAWS], SYMBOLS)
        try:
            symbols = decode(self._payload, Laws(laws), rows_of(index))
        except FormatError as error:
            raise ModelError(f"the model file: {error}") from error
        outside = self._take(OUTSIDE, np.int16, [], None)
        low_bits = self._take(LOW_BITS, np.uint8, [], None)
        return numbers_of(Stored(symbols, outside, low_bits), index)

    def _take(
        self, name: str, dtype: DTypeLike, before: list[int], last: int | None
    ) -> NDArray[Any]:
        """What stands beside the payload; there is no tensor without numbers."""
        if name not in self._beside and not last:
            return np.zeros([*before, 0], dtype)
        return take_tensor(self._beside, name, dtype, [*before, last])


def check_total(parts: Iterable[CodedPart]) -> None:
    """Refuse more numbers than any model has.

    Raises:
        ModelError: There are more.
    """
    numbers = sum(part.numbers for part in parts)
    if numbers > MAX_CODED_NUMBERS:
        raise ModelError(
            f"the model file has {numbers} coded numbers, at most {MAX_CODED_NUMBERS}"
        )


def _inflate(data: bytes) -> tuple[bytes, bytes]:
    """The inner file of a part, and its payload."""
    stream = zlib.decompressobj()
    try:
        inflated = stream.decompress(data, MAX_FILE_BYTES)
    except zlib.error as error:
        raise ModelError(f"a coded part of the model file: {error}") from error
    if not stream.eof:
        raise ModelError("a coded part of the model file does not end, or is too long")
    return inflated, stream.unused_data


def _parse_layouts(inner: TensorFile) -> dict[str, Layout]:
    """Layouts of the coded tensors, by name."""
    layouts = {name: _parse_layout(name, text) for name, text in inner.metadata.items()}
    repeated = layouts.keys() & inner.tensors.keys()
    if repeated:
        raise ModelError(f"a coded part holds tensor {min(repeated)!r} twice")
    return layouts


def _parse_layout(name: str, text: str) -> Layout:
    found = _LAYOUT.fullmatch(text)
    if found is None or found[1] not in DTYPES:
        raise ModelError(f"coded tensor {name!r} is described by {shown(text)}")
    shape = tuple(map(int, found[2].split("x")))
    columns, order, axis = (int(found[number]) for number in (3, 4, 5))
    size = math.prod(shape)
    if (
        not 1 <= len(shape) <= MAX_DIMENSIONS
        or not 1 <= size <= MAX_CODED_NUMBERS
        or not columns
        or size % columns
        or order > MOST_ORDER
        or axis >= len(shape)
    ):
        raise ModelError(f"coded tensor {name!r} is described by {shown(text)}")
    return Layout(DTYPES[found[1]], shape, columns, order, axis)
