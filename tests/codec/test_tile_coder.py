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
from vaecodec.models.checkerboard.board import group_lattices

QUALITY = everywhere(50)


@pytest.fixture(scope="module")
def architecture():
    return architecture_of(make_tensors(1))


@pytest.fixture(scope="module")
def coders(architecture):
    return [TileCoder(architecture, coder=c) for c in (ConstrictionCoder, PythonCoder)]


def encoded(coder, symbols, shape, quality=QUALITY, *, fused=True, bound_to=b""):
    """All payloads of a tile."""
    height, width = shape
    sections = coder.sections(symbols, height=height, width=width, quality=quality)
    return coder.encode(sections, fused=fused, bound_to=bound_to)


def decoded(coder, payloads, shape=(48, 80), quality=QUALITY, **options):
    options = {"fused": len(payloads) == 1, **options}
    height, width = shape
    return coder.decode(
        payloads, height=height, width=width, quality=quality, **options
    )


def same(found, expected):
    return all(
        np.array_equal(one, other) for one, other in zip(found, expected, strict=True)
    )


# In pixels; tiles at the edge of an image are no multiples of anything.
@pytest.mark.parametrize(
    "shape", [(1, 1), (16, 17), (48, 80), (180, 250), (1024, 1024)]
)
@pytest.mark.parametrize("quality", [0, 50, 100])
@pytest.mark.parametrize("fused", [True, False])
def test_a_tile_is_read_back_and_both_coders_write_the_same(
    architecture, coders, shape, quality, fused
):
    rng, level = np.random.default_rng(quality), everywhere(quality)
    symbols = draw_symbols(architecture, rng, shape, quality=level)
    payloads = encoded(coders[0], symbols, shape, level, fused=fused)
    assert len(payloads) == (1 if fused else 3)
    assert encoded(coders[1], symbols, shape, level, fused=fused) == payloads
    for coder in coders:
        found = decoded(coder, payloads, shape, level)
        assert same(found.symbols, symbols)
        # The painter of this architecture is given the symbols themselves.
        assert same(found.latents, symbols)


def test_a_tile_with_a_map_of_qualities_is_read_back_with_that_map_alone(
    architecture, coders
):
    rng, coder = np.random.default_rng(2), coders[0]
    qualities = np.arange(40, 64, 2, dtype=np.uint8).reshape(3, 4)
    symbols = draw_symbols(architecture, rng, (180, 250), quality=qualities)
    payloads = encoded(coder, symbols, (180, 250), qualities)
    found = decoded(coder, payloads, (180, 250), qualities)
    assert same(found.symbols, symbols)
    for other in (QUALITY, qualities[::-1]):
        with pytest.raises(FormatError):
            decoded(coder, payloads, (180, 250), other)


def test_the_payload_is_as_long_as_the_tables_say(architecture, coders):
    rng, quality = np.random.default_rng(4), everywhere(70)
    symbols = draw_symbols(architecture, rng, (768, 640), quality=quality, outliers=0)
    sections = coders[0].sections(symbols, height=768, width=640, quality=quality)
    costs = architecture.tables.cost_bits(cap=5000)
    bits = sum(
        costs[section.indexes, section.symbols + 5000].sum(dtype=np.float64)
        for section in sections
    )
    for fused in (True, False):
        payloads = coders[0].encode(sections, fused=fused)
        more = sum(map(len, payloads)) - bits / 8
        assert abs(more) < 0.0005 * bits / 8 + 8 * len(payloads)


def test_a_tile_of_zeros_takes_a_few_bytes():
    tensors = make_tensors(1)
    tensors["scale.offsets"][:] = -(2**31)
    tensors["hyper.indexes"][:] = 0
    silent = architecture_of(tensors)
    zeros = no_symbols(silent, 256, 256)
    assert [plane.shape for plane in zeros] == [(4, 4, 4), (8, 16, 16)]
    for fused in (True, False):
        payloads = encoded(
            TileCoder(silent), zeros, (256, 256), everywhere(0), fused=fused
        )
        assert {len(payload) for payload in payloads} == {4}


def test_every_damage_to_a_payload_is_refused(architecture, coders):
    rng = np.random.default_rng(8)
    symbols = draw_symbols(architecture, rng, (48, 80), quality=QUALITY)
    [payload] = encoded(coders[0], symbols, (48, 80))
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
                decoded(coder, [broken])
            messages.append(str(caught.value))
        assert messages[0] == messages[1]


@pytest.mark.parametrize(
    "other",
    [
        {"shape": (64, 80)},
        {"shape": (48, 64)},
        {"shape": (80, 48)},
        {"quality": everywhere(100)},
        {"bound_to": b"elsewhere"},
    ],
)
@pytest.mark.parametrize("fused", [True, False])
def test_a_payload_of_another_size_quality_or_place_is_refused(
    architecture, coders, other, fused
):
    rng = np.random.default_rng(8)
    symbols = draw_symbols(architecture, rng, (48, 80), quality=QUALITY)
    payloads = encoded(coders[0], symbols, (48, 80), fused=fused)
    decoded(coders[0], payloads)
    with pytest.raises(FormatError):
        decoded(coders[0], payloads, **other)


def test_a_payload_is_bound_to_those_before_it(architecture, coders):
    coder, (one, other) = coders[0], (np.random.default_rng(seed) for seed in (8, 9))
    symbols = draw_symbols(architecture, one, (48, 80), quality=QUALITY)
    others = draw_symbols(architecture, other, (48, 80), quality=QUALITY)
    here, elsewhere = (
        encoded(coder, symbols, (48, 80), fused=False, bound_to=place)
        for place in (b"here", b"elsewhere")
    )
    # The first step of one tile, and further ones with the same tables of another.
    hybrid = Symbols((symbols.planes[0], others.planes[1]))
    hybrids = encoded(coder, hybrid, (48, 80), fused=False, bound_to=b"here")
    assert hybrids[0] == here[0]
    mixtures = {
        1: [here[0], elsewhere[1], here[2]],
        2: [here[0], here[1], hybrids[2]],
        3: [here[0], here[1], elsewhere[2]],
    }
    for payloads in mixtures.values():
        with pytest.raises(FormatError):
            decoded(coder, payloads, bound_to=b"here")
    assert same(decoded(coder, hybrids, bound_to=b"here").symbols, hybrid)


def first_steps(symbols, steps):
    """The symbols of the first steps; the others are 0."""
    hyper, latent = symbols
    kept = np.zeros_like(latent)
    for group in range(steps - 1):
        for places in group_lattices(group):
            kept[places] = latent[places]
    return Symbols((hyper, kept))


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_first_steps_are_the_same_symbols_however_they_are_packed(
    architecture, coders, fused, steps
):
    rng, shape = np.random.default_rng(8), (100, 150)
    symbols = draw_symbols(architecture, rng, shape, quality=QUALITY)
    payloads = encoded(coders[0], symbols, shape, fused=fused)
    for coder in coders:
        found = decoded(coder, payloads, shape, steps=steps)
        assert same(found.symbols, first_steps(symbols, steps))
        if not fused:
            part = decoded(coder, payloads[:steps], shape, fused=False)
            assert same(part.symbols, found.symbols)


def test_steps_that_are_not_asked_for_are_checked_only_where_they_are_read(
    architecture, coders
):
    rng, coder = np.random.default_rng(8), coders[0]
    symbols = draw_symbols(architecture, rng, (48, 80), quality=QUALITY)
    [fused] = encoded(coder, symbols, (48, 80))
    with pytest.raises(FormatError):
        decoded(coder, [fused[:-1]], steps=1)
    first, second, _ = encoded(coder, symbols, (48, 80), fused=False)
    decoded(coder, [first, second, b"damaged"], steps=2)
    with pytest.raises(FormatError):
        decoded(coder, [first, second, b"damaged"])


def test_the_payload_of_another_model_is_refused(architecture, coders):
    rng, shape = np.random.default_rng(3), (128, 128)
    symbols = draw_symbols(architecture, rng, shape, quality=QUALITY)
    payloads = encoded(coders[0], symbols, shape)
    other = TileCoder(architecture_of(make_tensors(2)))
    with pytest.raises(FormatError):
        decoded(other, payloads, shape)


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
            decoded(coder, [encoder.finish()], (32, 32))


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
        for fused in (True, False):
            payloads = encoded(tiles, symbols, (80, 80), fused=fused)
            assert same(decoded(tiles, payloads, (80, 80)).symbols, symbols)


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
