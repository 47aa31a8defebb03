from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.codec.untrained_model import untrained_model
from vaecodec.models.model_file import ModelFile, pack_model, parse_model

Changed = Callable[..., ModelFile]


@pytest.fixture(scope="session")
def model() -> ModelFile:
    """A small model that was never trained."""
    return parse_model(untrained_model())


@pytest.fixture
def changed(model: ModelFile) -> Changed:
    """The model with other tensors and metadata; None takes one out."""

    def change(
        tensors: Mapping[str, NDArray[Any] | None] | None = None,
        metadata: Mapping[str, str | None] | None = None,
    ) -> ModelFile:
        kept = {**model.tensors, **(tensors or {})}
        texts = {**model.metadata, **(metadata or {})}
        data = pack_model(
            {name: value for name, value in kept.items() if value is not None},
            {name: text for name, text in texts.items() if text is not None},
        )
        return parse_model(data)

    return change


@pytest.fixture
def image(astronaut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB, uint8 [128, 192, 3]."""
    return np.ascontiguousarray(astronaut[:128, 100:292])
