from __future__ import annotations

import numpy as np
import pytest

from vaecodec.models.checkerboard.symbols import TileSymbols


def _symbols(*, hyper=(4, 1, 2), latent=(8, 3, 5), dtype=np.int16):
    return np.zeros(hyper, dtype), np.zeros(latent, dtype)


def test_a_hyper_grid_is_a_quarter_rounded_up():
    symbols = TileSymbols(*_symbols(hyper=(4, 1, 2), latent=(8, 4, 5)))
    assert symbols.hyper_symbols.shape == (4, 1, 2)


def test_the_widest_symbols_are_allowed():
    hyper, latent = _symbols()
    hyper[0, 0, :], latent[0, 0, :2] = [-31, 31], [-32767, 32767]
    assert TileSymbols(hyper, latent).latent_symbols.min() == -32767


@pytest.mark.parametrize("value", [-32, 32])
def test_a_hyper_symbol_beyond_31_is_refused(value):
    hyper, latent = _symbols()
    hyper[1, 0, 1] = value
    with pytest.raises(ValueError, match=r"allowed -31\.\.31"):
        TileSymbols(hyper, latent)


def test_a_latent_symbol_without_a_positive_twin_is_refused():
    hyper, latent = _symbols()
    latent[1, 0, 1] = -32768
    with pytest.raises(ValueError, match=r"allowed -32767\.\.32767"):
        TileSymbols(hyper, latent)


@pytest.mark.parametrize(
    "symbols",
    [
        _symbols(dtype=np.int32),
        _symbols(hyper=(4, 2, 2)),
        _symbols(hyper=(4, 1, 1)),
        _symbols(latent=(8, 15)),
        _symbols(hyper=(4, 0, 2), latent=(8, 0, 5)),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(symbols):
    with pytest.raises(ValueError, match="symbols"):
        TileSymbols(*symbols)
