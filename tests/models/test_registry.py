"""Which architecture a model file is of, and who builds it."""

from __future__ import annotations

import pytest

from tests.models.checkerboard.conftest import make_tensors
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.library import load_model
from vaecodec.models.model_file import ModelFile
from vaecodec.models.registry import ARCHITECTURES, build


def file_with(metadata: dict[str, str]) -> ModelFile:
    return ModelFile(make_tensors(1), metadata, bytes(8))


@pytest.mark.parametrize("metadata", [{}, {"architecture": "checkerboard"}])
def test_a_model_that_names_no_architecture_is_of_the_first_one(
    metadata: dict[str, str],
) -> None:
    assert isinstance(build(file_with(metadata)), CheckerboardArchitecture)


def test_the_shipped_models_can_be_built() -> None:
    for name in ("standard", "psnr"):
        channels = [plane.channels for plane in build(load_model(name)).grid.planes]
        assert channels == [96, 320]


@pytest.mark.parametrize("name", ["transformer", "", "checkerboard.architecture"])
def test_an_unknown_architecture_is_a_model_error_that_names_the_known(
    name: str,
) -> None:
    with pytest.raises(ModelError) as caught:
        build(file_with({"architecture": name}))
    known = ", ".join(ARCHITECTURES)
    message = f"the model's architecture is {name!r}, known are {known}"
    assert str(caught.value) == message


@pytest.mark.parametrize("threads", [0, -1])
def test_a_number_of_threads_below_1_is_refused(threads: int) -> None:
    with pytest.raises(ValueError, match=f"^{threads} threads, allowed 1"):
        build(file_with({}), threads=threads)


def test_a_model_of_another_kind_is_a_model_error() -> None:
    with pytest.raises(ModelError, match="no tensor"):
        build(ModelFile({}, {}, bytes(8)))
