"""Take the named arrays of a model file and refuse those that do not fit.

In come the tensors of a model file, out goes one array of a known dtype and shape.
A model file may come from anywhere, so nothing above this function meets an array
whose size it did not ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vaecodec.errors import ModelError


def take_tensor(
    tensors: Mapping[str, NDArray[np.generic]],
    name: str,
    dtype: DTypeLike,
    shape: Sequence[int | None],
) -> NDArray[np.generic]:
    """Return the tensor ``name``; ``None`` in ``shape`` allows any size of 1 or more.

    Raises:
        ModelError: The tensor is missing, or has another dtype or shape.
    """
    if name not in tensors:
        raise ModelError(f"the model has no tensor {name!r}")
    tensor = tensors[name]
    wanted = np.dtype(dtype)
    if tensor.dtype != wanted:
        raise ModelError(f"tensor {name!r} is {tensor.dtype}, expected {wanted}")
    if not _fits(tensor.shape, shape):
        expected = ", ".join("any" if size is None else str(size) for size in shape)
        raise ModelError(
            f"tensor {name!r} has shape {list(tensor.shape)}, expected [{expected}]"
        )
    return tensor


def _fits(shape: tuple[int, ...], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(
        size == want if want is not None else size >= 1
        for size, want in zip(shape, wanted, strict=True)
    )
