"""Named arrays and strings in one file: the layout of safetensors.

In: tensors and metadata; out: the bytes of a file, and back. The layout is a table in
JSON and flat numbers, nothing that could run, and the reader believes none of it: the
table is compared with the size of the file before an array is made, and the arrays are
read-only views of the file's bytes. Specification: FORMAT.md, section 6.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaecodec.errors import ModelError

MAX_FILE_BYTES = 64 << 20
MAX_TABLE_BYTES = 1 << 20
MAX_DIMENSIONS = 8
DTYPES: Mapping[str, np.dtype[Any]] = {
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
}
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}

_LENGTH_BYTES = 8
_ALIGNMENT = 8

Tensors = Mapping[str, NDArray[Any]]


class TensorFile(NamedTuple):
    """What a file holds: read-only arrays and strings by name."""

    tensors: dict[str, NDArray[Any]]
    metadata: dict[str, str]


class _Entry(NamedTuple):
    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    end: int


def pack_tensors(tensors: Tensors, metadata: Mapping[str, str]) -> bytes:
    """Write a file; the order of the mappings makes no difference.

    Args:
        tensors: Arrays with a dtype of `DTYPES`, at most 8 axes, none of length 0.
        metadata: Strings by name.

    Raises:
        ModelError: The reader would refuse the file.
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    table: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    position = 0
    for name in names:
        end = position + tensors[name].nbytes
        table[name] = _describe(name, tensors[name], position, end)
        position = end
    text = json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    arrays = [tensors[name].tobytes() for name in names]
    data = len(text).to_bytes(_LENGTH_BYTES, "little") + text + b"".join(arrays)
    parse_tensors(data)
    return data


def parse_tensors(data: bytes) -> TensorFile:
    """Read all bytes of a file.

    Raises:
        ModelError: The file is damaged, or larger than this program reads.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(f"model file has more than {MAX_FILE_BYTES} bytes")
    table, data_start = _parse_table(data)
    metadata = _parse_metadata(table.pop("__metadata__", {}))
    entries = [_parse_entry(name, entry) for name, entry in table.items()]
    _check_tiling(entries, len(data) - data_start)
    tensors = {entry.name: _view(data, data_start, entry) for entry in entries}
    return TensorFile(tensors, metadata)


def refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON, for `json.loads`.

    Raises:
        ValueError: Readers could take one name for different values.
    """
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name appears twice in one object")
    return names


def _describe(
    name: str, tensor: NDArray[Any], start: int, end: int
) -> dict[str, object]:
    dtype_name = DTYPE_NAMES.get(tensor.dtype)
    if dtype_name is None or name == "__metadata__":
        raise ModelError(f"tensor {name!r} of dtype {tensor.dtype} cannot be stored")
    return {
        "dtype": dtype_name,
        "shape": list(tensor.shape),
        "data_offsets": [start, end],
    }


def _parse_table(data: bytes) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    end = _LENGTH_BYTES + length
    if length > MAX_TABLE_BYTES or end > len(data):
        raise ModelError(
            f"model file of {len(data)} bytes: its table is said to have {length} "
            f"bytes, at most {MAX_TABLE_BYTES}"
        )
    try:
        table = json.loads(
            data[_LENGTH_BYTES:end].decode(), object_pairs_hook=refuse_repeated_names
        )
        # JSON may hold half of a surrogate pair, which can be neither hashed nor shown.
        json.dumps(table, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ModelError(f"model file: its table is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise ModelError("model file: its table is not a JSON object")
    return table, end


def _parse_metadata(metadata: object) -> dict[str, str]:
    if not isinstance(metadata, dict) or not all(
        isinstance(value, str) for value in metadata.values()
    ):
        raise ModelError("model file: __metadata__ is not an object of strings")
    return metadata


def _parse_entry(name: str, entry: object) -> _Entry:
    where = f"model file: tensor {name!r}"
    if not isinstance(entry, dict) or entry.keys() != {
        "dtype",
        "shape",
        "data_offsets",
    }:
        raise ModelError(f"{where} is not described by dtype, shape and data_offsets")
    dtype_name, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype_name, str) or dtype_name not in DTYPES:
        raise ModelError(f"{where} has a dtype that is none of {', '.join(DTYPES)}")
    if not _is_int_list(shape, at_least=1) or len(shape) > MAX_DIMENSIONS:
        raise ModelError(f"{where} has a shape that is not up to 8 sizes of at least 1")
    if not _is_int_list(offsets, at_least=0) or len(offsets) != 2:
        raise ModelError(f"{where} has data_offsets that are not two positions")
    dtype = DTYPES[dtype_name]
    if offsets[1] - offsets[0] != math.prod(shape) * dtype.itemsize:
        raise ModelError(f"{where} has data_offsets that do not fit dtype and shape")
    return _Entry(name, dtype, tuple(shape), *offsets)


def _is_int_list(value: object, *, at_least: int) -> bool:
    # `type`, because True is an int for isinstance. A size beyond the file's limit is
    # wrong anyway, and numbers of thousands of digits stay out of the arithmetic.
    return isinstance(value, list) and all(
        type(item) is int and at_least <= item <= MAX_FILE_BYTES for item in value
    )


def _check_tiling(entries: list[_Entry], data_length: int) -> None:
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.start):
        if entry.start != position:
            raise ModelError(
                f"model file: tensor {entry.name!r} begins at {entry.start}, "
                f"the one before it ends at {position}"
            )
        position = entry.end
    if position != data_length:
        raise ModelError(
            f"model file: tensors end at {position} of {data_length} bytes of data"
        )


def _view(data: bytes, data_start: int, entry: _Entry) -> NDArray[Any]:
    # Views of bytes cannot be written to: numpy keeps them read-only.
    view = np.ndarray(entry.shape, entry.dtype, data, data_start + entry.start)
    native = entry.dtype.newbyteorder("=")  # another one on big-endian machines only
    return view.astype(native, copy=False)
