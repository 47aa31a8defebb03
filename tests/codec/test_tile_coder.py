from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import (
    architecture_of,
    draw_symbols,
    everywhere,
    make_tensors,
)
from vaecodec.codec.tile_coder import TileCoder, no_symbols
from vaecodec.entropy.ans import CodingTables, SectionEncoder
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.errors import FormatError
from vaecodec.models.architecture import Symbols

QUALITY = everywhere(50)


@pytest.fixture(scope="module")
def architecture():
    return architecture_of(make_tensors(1))


@pytest.fixture(scope="module")
def coders(architecture):
    return [TileCoder(architecture, coder=c) for c in (ConstrictionCoder, PythonCoder)]


def encoded(coder, symbols, shape, quality=QUALITY):
    height, width = shape
    sections = coder.sections(symbols, height=height, width=width, quality=quality)
    return coder.encode(sections)


def same(found, expected):
    return all(
        np.array_equal(one, other) for one, other in zip(found, expected, strict=True)
    )


# In pixels; tiles at the edge of an image are no multiples of anything.
@pytest.mark.parametrize(
    "shape", [(1, 1), (16, 17), (48, 80), (180, 250), (1024, 1024)]
)
@pytest.mark.parametrize("quality", [0, 50, 100])
def test_a_tile_is_read_back_and_both_coders_write_the_same(
    architecture, coders, shape, quality
):
    rng, level = np.random.default_rng(quality), everywhere(quality)
    symbols = draw_symbols(architecture, rng, shape, quality=level)
    payload = encoded(coders[0], symbols, shape, level)
    assert encoded(coders[1], symbols, shape, level) == payload
    for coder in coders:
        found = coder.decode(payload, height=shape[0], width=shape[1], quality=level)
        assert same(found.symbols, symbols)
        # The painter of this architecture is given the symbols themselves.
        assert same(found.latents, symbols)


def test_a_tile_with_a_map_of_qualities_is_read_back_with_that_map_alone(
    architecture, coders
):
    rng, coder = np.random.default_rng(2), coders[0]
    qualities = np.arange(40, 64, 2, dtype=np.uint8).reshape(3, 4)
    symbols = draw_symbols(architecture, rng, (180, 250), quality=qualities)
    payload = encoded(coder, symbols, (180, 250), qualities)
    found = coder.decode(payload, height=180, width=250, quality=qualities)
    assert same(found.symbols, symbols)
    for other in (QUALITY, qualities[::-1]):
        with pytest.raises(FormatError):
            coder.decode(payload, height=180, width=250, quality=other)


def test_the_payload_is_as_long_as_the_tables_say(architecture, coders):
    rng, quality = np.random.default_rng(4), everywhere(70)
    symbols = draw_symbols(architecture, rng, (768, 640), quality=quality, outliers=0)
    sections = coders[0].sections(symbols, height=768, width=640, quality=quality)
    costs = architecture.tables.cost_bits(cap=5000)
    bits = sum(
        costs[section.indexes, section.symbols + 5000].sum(dtype=np.float64)
        for section in sections
    )
    payload = coders[0].encode(sections)
    assert abs(len(payload) - bits / 8) < 0.0005 * bits / 8 + 8


def test_a_tile_of_zeros_takes_a_few_bytes():
    tensors = make_tensors(1)
    tensors["scale.offsets"][:] = -(2**31)
    tensors["hyper.indexes"][:] = 0
    silent = architecture_of(tensors)
    zeros = no_symbols(silent, 256, 256)
    assert [plane.shape for plane in zeros] == [(4, 4, 4), (8, 16, 16)]
    assert len(encoded(TileCoder(silent), zeros, (256, 256), everywhere(0))) == 4


def test_every_damage_to_a_payload_is_refused(architecture, coders):
    rng = np.random.default_rng(8)
    symbols = draw_symbols(architecture, rng, (48, 80), quality=QUALITY)
    payload = encoded(coders[0], symbols, (48, 80))
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
                coder.decode(broken, height=48, width=80, quality=QUALITY)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]


@pytest.mark.parametrize(
    "other",
    [
        {"height": 64},
        {"width": 64},
        {"height": 80, "width": 48},
        {"quality": everywhere(100)},
        {"bound_to": b"elsewhere"},
    ],
)
def test_a_payload_of_another_size_quality_or_place_is_refused(
    architecture, coders, other
):
    rng = np.random.default_rng(8)
    symbols = draw_symbols(architecture, rng, (48, 80), quality=QUALITY)
    payload = encoded(coders[0], symbols, (48, 80))
    right = {"height": 48, "width": 80, "quality": QUALITY}
    coders[0].decode(payload, **right)
    with pytest.raises(FormatError):
        coders[0].decode(payload, **right | other)


def test_the_payload_of_another_model_is_refused(architecture, coders):
    rng, shape = np.random.default_rng(3), (128, 128)
    symbols = draw_symbols(architecture, rng, shape, quality=QUALITY)
    payload = encoded(coders[0], symbols, shape)
    other = TileCoder(architecture_of(make_tensors(2)))
    with pytest.raises(FormatError):
        other.decode(payload, height=128, width=128, quality=QUALITY)


@pytest.mark.parametrize("value", [-32, 32])
def test_a_hyper_symbol_beyond_31_is_refused_before_the_networks(
    architecture, coders, value
):
    encoder = SectionEncoder(CodingTables(architecture.tables, PythonCoder))
    rows = make_tensors(1)["hyper.indexes"][50]
    encoder.put(np.where(rows == rows.max(), value, 0).astype(np.int16), rows)
    message = "^a symbol of step 'hyper-latent' of magnitude 32, allowed 31$"
    for coder in coders:
        with pytest.raises(FormatError, match=message):
            coder.decode(encoder.finish(), height=32, width=32, quality=QUALITY)


def test_the_widest_symbols_are_allowed():
    tensors = make_tensors(1)
    tensors["scale.offsets"][:] = 2**31 - 1
    tensors["hyper.indexes"][:] = 63
    wide = architecture_of(tensors)
    symbols = no_symbols(wide, 80, 80)
    for plane, limit in zip(symbols, (31, 32767), strict=True):
        plane.flat[::2], plane.flat[1::2] = limit, -limit
    for coder in (ConstrictionCoder, PythonCoder):
        tiles = TileCoder(wide, coder=coder)
        payload = encoded(tiles, symbols, (80, 80))
        found = tiles.decode(payload, height=80, width=80, quality=QUALITY)
        assert same(found.symbols, symbols)


def test_a_non_zero_symbol_that_is_never_coded_is_our_own_mistake(architecture):
    tensors = make_tensors(1)
    tensors["scale.offsets"][:] = -(2**31)
    rng = np.random.default_rng(5)
    symbols = draw_symbols(architecture, rng, (64, 64), quality=QUALITY)
    symbols.planes[1][0, 0, 0] = 1
    with pytest.raises(ValueError, match="row of one entry"):
        encoded(TileCoder(architecture_of(tensors)), symbols, (64, 64))


@pytest.mark.parametrize(
    ("hyper", "latent"),
    [
        ((5, 1, 1), (8, 2, 2)),
        ((4, 1, 1), (10, 2, 2)),
        ((4, 2, 1), (8, 2, 2)),
        ((4, 1, 1), (8, 2, 1)),
        ((4, 1), (8, 2, 2)),
    ],
)
def test_symbols_of_another_model_or_size_are_refused(coders, hyper, latent):
    symbols = Symbols((np.zeros(hyper, np.int16), np.zeros(latent, np.int16)))
    with pytest.raises(ValueError, match=r"expected \[\(4, 1, 1\), \(8, 2, 2\)\]"):
        encoded(coders[0], symbols, (32, 32))


def test_read_only_tensors_are_enough():
    tensors = make_tensors(1)
    frozen = {name: value.copy() for name, value in tensors.items()}
    for value in frozen.values():
        value.flags.writeable = False
    symbols = draw_symbols(
        architecture_of(tensors),
        np.random.default_rng(6),
        (64, 64),
        quality=everywhere(9),
    )
    payloads = [
        encoded(TileCoder(architecture_of(model)), symbols, (64, 64), everywhere(9))
        for model in (frozen, tensors)
    ]
    assert payloads[0] == payloads[1]
