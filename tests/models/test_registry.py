"""Which architecture a model file is of, and who builds it."""

from __future__ import annotations

import pytest

from tests.models.checkerboard.conftest import file_of, make_tensors
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.library import load_model
from vaecodec.models.model_file import ModelFile
from vaecodec.models.registry import ARCHITECTURES, build


def test_a_model_is_built_by_the_architecture_it_names() -> None:
    file = file_of(make_tensors(1))
    assert file.metadata["architecture"] == "checkerboard"
    assert isinstance(build(file), CheckerboardArchitecture)


def test_the_shipped_models_can_be_built() -> None:
    for name in ("standard", "psnr"):
        channels = [plane.channels for plane in build(load_model(name)).grid.planes]
        assert channels == [96, 320]


@pytest.mark.parametrize("name", ["transformer", "", "checkerboard.architecture"])
def test_an_unknown_architecture_is_a_model_error_that_names_the_known(
    name: str,
) -> None:
    metadata = {"architecture": name} if name else {}
    with pytest.raises(ModelError) as caught:
        build(ModelFile(make_tensors(1), metadata))
    known = ", ".join(ARCHITECTURES)
    message = f"the model's architecture is {name!r}, known are {known}"
    assert str(caught.value) == message


@pytest.mark.parametrize("threads", [0, -1])
def test_a_number_of_threads_below_1_is_refused(threads: int) -> None:
    with pytest.raises(ValueError, match=f"^{threads} threads, allowed 1"):
        build(file_of(make_tensors(1)), threads=threads)


def test_a_model_of_another_kind_is_a_model_error() -> None:
    with pytest.raises(ModelError, match="no tensor"):
        build(file_of({}))
