"""The painter that takes any numbers, and its way back, beside the painter itself."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import everywhere
from vaecodec.errors import ModelError
from vaecodec.models.architecture import Symbols
from vaecodec.models.checkerboard.architecture import CheckerboardArchitecture
from vaecodec.models.checkerboard.ladder import lmbda
from vaecodec.models.library import load_model


@pytest.fixture(scope="module")
def architecture() -> CheckerboardArchitecture:
    return CheckerboardArchitecture(load_model("psnr"))


@pytest.fixture(scope="module")
def symbols(architecture: CheckerboardArchitecture) -> Symbols:
    random = np.random.default_rng(0)
    return Symbols(
        tuple(
            random.integers(-2, 3, plane.shape(64, 128)).astype(np.int16)
            for plane in architecture.grid.planes
        )
    )


@pytest.mark.parametrize("quality", [0, 37, 100])
def test_levels_are_those_that_the_painter_rounds(
    architecture: CheckerboardArchitecture, symbols: Symbols, quality: int
):
    hyper, latent = symbols
    painting = architecture.painting(symbols, everywhere(quality))
    levels = painting.levels(latent.astype(np.float32))
    expected = architecture.engine.levels(hyper, latent, quality=everywhere(quality))
    assert levels == pytest.approx(expected.transpose(2, 0, 1), abs=0.02)


def test_slopes_are_those_that_small_changes_show(
    architecture: CheckerboardArchitecture, symbols: Symbols
):
    random = np.random.default_rng(1)
    latent = symbols.planes[1].astype(np.float32)
    painting = architecture.painting(symbols, everywhere(50))
    along = random.standard_normal((3, 64, 128)).astype(np.float32)
    change = 0.01 * random.standard_normal(latent.shape).astype(np.float32)
    seen = painting.levels(latent + change) - painting.levels(latent - change)
    painting.levels(latent)
    expected = float((painting.slopes(along) * change).sum())
    assert expected == pytest.approx(float((seen * along).sum()) / 2, rel=0.02)


@pytest.mark.parametrize(
    "text", ["{}", '{"lambda_range": 3}', '{"lambda_range": [0, 1]}']
)
def test_a_model_without_lambdas_is_refused_when_they_are_asked_for(text: str):
    with pytest.raises(ModelError, match="names no range of lambda"):
        lmbda({"configuration": text}, 50)
