from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import draw_symbols, make_tensors
from vaecodec.entropy.ans import CodingTables, SectionEncoder
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.errors import FormatError, ModelError
from vaecodec.models.checkerboard.latent_coder import LatentCoder
from vaecodec.models.checkerboard.symbols import TileSymbols


@pytest.fixture(scope="module")
def coders(tensors):
    return [LatentCoder(tensors, coder=c) for c in (ConstrictionCoder, PythonCoder)]


def _same(found, expected):
    return np.array_equal(
        found.hyper_symbols, expected.hyper_symbols
    ) and np.array_equal(found.latent_symbols, expected.latent_symbols)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 5), (12, 16), (64, 64)])
@pytest.mark.parametrize("quality", [0, 50, 100])
def test_a_tile_is_read_back_and_both_coders_write_the_same(coders, shape, quality):
    rng = np.random.default_rng(quality)
    symbols = draw_symbols(coders[0], rng, shape, quality=quality)
    payload = coders[0].encode(symbols, quality=quality)
    assert coders[1].encode(symbols, quality=quality) == payload
    for coder in coders:
        found = coder.decode(payload, height=shape[0], width=shape[1], quality=quality)
        assert _same(found, symbols)


def test_the_payload_is_as_long_as_the_tables_say(coders):
    rng = np.random.default_rng(4)
    coder = coders[0]
    symbols = draw_symbols(coder, rng, (48, 40), quality=70, outliers=0)
    latent, hyper = symbols.latent_symbols, symbols.hyper_symbols
    indexes, features = coder.first_indexes(hyper, (48, 40), quality=70)
    indexes = indexes + coder.second_indexes(features, latent, quality=70)
    costs = coder.tables.cost_bits(cap=5000)
    bits = costs[indexes, latent + 5000].sum(dtype=np.float64)
    rows = coder.hyper_indexes[70][:, None, None]
    bits += costs[rows, hyper + 5000].sum(dtype=np.float64)
    payload = coder.encode(symbols, quality=70)
    assert abs(len(payload) - bits / 8) < 0.0005 * bits / 8 + 8


def test_a_tile_of_zeros_takes_a_few_bytes(coders):
    zeros = TileSymbols(np.zeros((4, 4, 4), np.int16), np.zeros((8, 16, 16), np.int16))
    tensors = make_tensors(1)
    tensors["scale.offsets"][:] = -(2**31)
    tensors["hyper.indexes"][:] = 0
    assert len(LatentCoder(tensors).encode(zeros, quality=0)) == 4


def test_every_damage_to_a_payload_is_refused(coders):
    rng = np.random.default_rng(8)
    symbols = draw_symbols(coders[0], rng, (3, 5), quality=50)
    payload = coders[0].encode(symbols, quality=50)
    damaged = [payload[:end] for end in range(len(payload))]
    damaged += [payload + bytes([byte]) for byte in (0, 1, 127, 255)]
    for position in range(len(payload)):
        for change in (1, 16, 128, 255):
            changed = bytearray(payload)
            changed[position] ^= change
            damaged.append(bytes(changed))
    for broken in damaged:
        messages = []
        for coder in coders:
            with pytest.raises(FormatError) as caught:
                coder.decode(broken, height=3, width=5, quality=50)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]


@pytest.mark.parametrize(
    "other", [{"height": 4}, {"width": 4}, {"height": 5, "width": 3}, {"quality": 100}]
)
def test_a_payload_of_another_size_or_quality_is_refused(coders, other):
    rng = np.random.default_rng(8)
    symbols = draw_symbols(coders[0], rng, (3, 5), quality=50)
    payload = coders[0].encode(symbols, quality=50)
    with pytest.raises(FormatError):
        coders[0].decode(payload, **{"height": 3, "width": 5, "quality": 50} | other)


def test_the_payload_of_another_model_is_refused(coders):
    symbols = draw_symbols(coders[0], np.random.default_rng(3), (8, 8), quality=50)
    payload = coders[0].encode(symbols, quality=50)
    with pytest.raises(FormatError):
        LatentCoder(make_tensors(2)).decode(payload, height=8, width=8, quality=50)


def test_a_hyper_symbol_beyond_31_is_refused_before_the_networks(coders, tensors):
    encoder = SectionEncoder(CodingTables(coders[0].tables, PythonCoder))
    rows = tensors["hyper.indexes"][50]
    values = np.where(rows == rows.max(), 32, 0).astype(np.int16)
    encoder.put(values, rows)
    for coder in coders:
        with pytest.raises(FormatError, match="hyper-symbol of magnitude 32"):
            coder.decode(encoder.finish(), height=2, width=2, quality=50)


def test_a_non_zero_symbol_that_is_never_coded_is_our_own_mistake(coders):
    tensors = make_tensors(1)
    tensors["scale.offsets"][:] = -(2**31)
    symbols = draw_symbols(coders[0], np.random.default_rng(5), (4, 4), quality=50)
    symbols.latent_symbols[0, 0, 0] = 1
    with pytest.raises(ValueError, match="row of one entry"):
        LatentCoder(tensors).encode(symbols, quality=50)


@pytest.mark.parametrize("quality", [-1, 101])
def test_a_quality_out_of_range_is_refused_everywhere(coders, quality):
    symbols = TileSymbols(np.zeros((4, 1, 1), np.int16), np.zeros((8, 2, 2), np.int16))
    hyper, latent = symbols.hyper_symbols, symbols.latent_symbols
    _, features = coders[0].first_indexes(hyper, (2, 2), quality=50)
    calls = [
        lambda: coders[0].encode(symbols, quality=quality),
        lambda: coders[0].decode(b"\x01", height=2, width=2, quality=quality),
        lambda: coders[0].first_indexes(hyper, (2, 2), quality=quality),
        lambda: coders[0].second_indexes(features, latent, quality=quality),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"allowed 0\.\.100"):
            call()


def test_symbols_with_the_channels_of_another_model_are_refused(coders):
    other = TileSymbols(np.zeros((5, 1, 1), np.int16), np.zeros((8, 2, 2), np.int16))
    with pytest.raises(ValueError, match=r"\(5, 8\) channels"):
        coders[0].encode(other, quality=50)
    with pytest.raises(ValueError, match="expected \\(4, 1, 1\\)"):
        coders[0].first_indexes(other.hyper_symbols, (2, 2), quality=50)


def testhyper_indexes_must_name_existing_rows():
    tensors = make_tensors(1)
    tensors["hyper.indexes"][100, 3] = 64
    with pytest.raises(ModelError, match=r"reach 64, allowed 0\.\.63"):
        LatentCoder(tensors)
    tensors["hyper.indexes"] = tensors["hyper.indexes"][:, :3]
    with pytest.raises(ModelError, match=r"hyper\.indexes.*shape"):
        LatentCoder(tensors)


def test_read_only_tensors_are_enough(tensors):
    frozen = {name: value.copy() for name, value in tensors.items()}
    for value in frozen.values():
        value.flags.writeable = False
    symbols = draw_symbols(
        LatentCoder(tensors), np.random.default_rng(6), (4, 4), quality=9
    )
    assert LatentCoder(frozen).encode(symbols, quality=9) == LatentCoder(
        tensors
    ).encode(symbols, quality=9)
