"""Coded parts of a model file: many tensors in one array of bytes.

A part is a zlib stream and an ANS payload. The stream holds a small file of its own, in
the same layout as a model file: what would gain nothing from coding lies in it, and
its metadata describes the tensors in the payload. The payload is decoded when one of
them is first asked for, so a receiver never decodes the sender's weights.
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
from numpy.typing import NDArray

from vaecodec.entropy.ans import CodingTables, SectionDecoder, default_coder
from vaecodec.entropy.frequency_tables import ROWS, TableSet
from vaecodec.errors import FormatError, ModelError
from vaecodec.models.coded_numbers import (
    MOST_ORDER,
    Layout,
    Sides,
    most_symbols,
    read,
    runs,
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
LAWS = "laws"  # in that of a part: rows that code `Sides`
MAX_CODED_NUMBERS = 1 << 23  # in all parts

_TABLES = ("tables.limits", "tables.frequencies")
_NUMBER = "(?:0|[1-9][0-9]{0,7})"
_LAYOUT = re.compile(
    f"([A-Z0-9]+) ({_NUMBER}(?:x{_NUMBER})*) ({_NUMBER}) ({_NUMBER}) ({_NUMBER})"
)
_LAWS = re.compile(" ".join([_NUMBER] * len(Sides._fields)))


def law_tensors(
    limits: NDArray[np.uint16], frequencies: NDArray[np.uint16]
) -> dict[str, NDArray[Any]]:
    """Name the two tensors of the tables that parts are coded with."""
    both = zip(_TABLES, (limits, frequencies), strict=True)
    return {f"{CODED}.{name}": tensor for name, tensor in both}


def take_laws(tensors: dict[str, NDArray[Any]]) -> CodingTables:
    """Take these tables out of the tensors of a file.

    Raises:
        ModelError: They are missing or no tables.
    """
    named = {name: f"{CODED}.{name}" for name in _TABLES}
    found = {name: tensors.pop(key) for name, key in named.items() if key in tensors}
    return CodingTables(TableSet(found), default_coder())


def pack_part(plain: bytes, payload: bytes) -> bytes:
    """The bytes of a part from its inner file and its payload."""
    return zlib.compress(plain, 9) + payload


def describe(layout: Layout) -> str:
    """What the metadata says of a coded tensor."""
    shape = "x".join(map(str, layout.shape))
    numbers = layout.columns, layout.order, layout.axis
    return " ".join(map(str, [DTYPE_NAMES[layout.dtype], shape, *numbers]))


class CodedPart(Mapping[str, NDArray[Any]]):
    """The tensors of a part; its payload is decoded when first needed.

    Args:
        data: of the part.
        tables: that it is coded with.

    Attributes:
        numbers: how many numbers are coded.

    Raises:
        ModelError: The part is damaged, or too large. So does looking up a tensor.
    """

    def __init__(self, data: bytes, tables: CodingTables) -> None:
        inflated, self._payload = _inflate(data)
        self._checksum = zlib.crc32(inflated)
        self._tables = tables
        self._plain, self._layouts, self._laws = _parse(parse_tensors(inflated))
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
        try:
            decoder = SectionDecoder(
                self._payload,
                self._tables,
                symbol_count=sum(most_symbols(layout) for layout in layouts),
                checksum=self._checksum,
            )
            tensors = [
                tensor
                for run in runs(layouts)
                for tensor in read(decoder, run, self._laws)
            ]
            decoder.finish()
        except FormatError as error:
            raise ModelError(f"a coded part of the model file: {error}") from error
        return dict(zip(self._layouts, tensors, strict=True))


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


def _parse(
    inner: TensorFile,
) -> tuple[dict[str, NDArray[Any]], dict[str, Layout], list[int]]:
    """Plain tensors, layouts of the coded ones, and the rows for what is beside."""
    metadata = dict(inner.metadata)
    laws = metadata.pop(LAWS, "")
    rows = [int(number) for number in laws.split()] if _LAWS.fullmatch(laws) else []
    if not rows or max(rows) >= ROWS:
        raise ModelError(f"a coded part of the model file has the laws {shown(laws)}")
    layouts = {name: _parse_layout(name, text) for name, text in metadata.items()}
    repeated = layouts.keys() & inner.tensors.keys()
    if repeated:
        raise ModelError(f"a coded part holds tensor {min(repeated)!r} twice")
    return inner.tensors, layouts, rows


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
