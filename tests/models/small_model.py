"""A small model file, and ways to write files that no honest writer would write."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaecodec.models.model_file import pack_model

TENSORS: dict[str, NDArray[Any]] = {
    "tables.limits": np.array([1, 0, 65535], np.uint16),
    "scale.hidden.weight": np.arange(-6, 6, dtype=np.int16).reshape(3, 4),
    "scale.hidden.bias": np.array([2**31 - 1, -(2**31), 0], np.int32),
    "graph": np.frombuffer(b"odd length!", np.uint8),
    "steps": np.array([[-128, 127]], np.int8),
    "half": np.array([0.5, -2.0], np.float16),
    "gain": np.array(1.5, np.float32),
}
METADATA = {
    "architecture": "small",
    "stream": "scale.hidden.bias scale.hidden.weight tables.limits",
    "painter": "gain graph half",
    "note": "naïve\n\u2713",
}
MODEL = pack_model(TENSORS, METADATA)


def entry(dtype: object, shape: object, *offsets: object) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": list(offsets)}


def file_with_table(table: object, data: bytes = b"") -> bytes:
    """A model file with any table: JSON text, or what becomes JSON text."""
    text = (table if isinstance(table, str) else json.dumps(table)).encode()
    return len(text).to_bytes(8, "little") + text + data
