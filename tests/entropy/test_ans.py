from __future__ import annotations

import functools
import subprocess
import sys
import zlib

import numpy as np
import pytest

from tests.entropy.conftest import laplacian_rows
from vaecodec.entropy import ans
from vaecodec.entropy.ans import CodingTables, SectionDecoder, SectionEncoder
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.entropy.frequency_tables import TableSet, quantize_frequencies
from vaecodec.errors import FormatError

CODERS = [ConstrictionCoder, PythonCoder]


@pytest.fixture(scope="module")
def tables():
    limits, frequencies = quantize_frequencies(laplacian_rows())
    return TableSet({"tables.limits": limits, "tables.frequencies": frequencies})


@functools.cache
def _made(tables, coder):
    return CodingTables(tables, coder)


def _encode(tables, coder, sections):
    encoder = SectionEncoder(_made(tables, coder))
    for values, indexes in sections:
        encoder.put(values, indexes)
    return encoder.finish()


def _decode(tables, coder, payload, sections):
    count = sum(indexes.size for _, indexes in sections)
    decoder = SectionDecoder(payload, _made(tables, coder), symbol_count=count)
    values = [decoder.get(indexes).tolist() for _, indexes in sections]
    decoder.finish()
    return values


def _random_section(rng, size):
    indexes = rng.integers(0, 64, size).astype(np.uint8)
    values = rng.laplace(0, 0.08 * np.exp(indexes / 8)).round()
    far = rng.random(size) < 0.05
    values[far] = rng.integers(-32767, 32768, np.count_nonzero(far))
    values[indexes < 5] = 0
    return values.clip(-32767, 32767).astype(np.int16), indexes


@pytest.mark.parametrize("seed", range(20))
def test_both_coders_write_the_same_bytes_and_read_them_back(tables, seed):
    rng = np.random.default_rng(seed)
    sections = [_random_section(rng, size) for size in rng.integers(0, 400, 4)]
    payload = _encode(tables, ConstrictionCoder, sections)
    assert payload == _encode(tables, PythonCoder, sections)
    expected = [values.tolist() for values, _ in sections]
    for coder in CODERS:
        assert _decode(tables, coder, payload, sections) == expected


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("row", [5, 20, 63])
def test_every_distance_from_an_edge_survives(tables, coder, row):
    edge = int(tables.limits[row])
    near = np.arange(-edge - 70, edge + 71)
    powers = edge + 2 ** np.arange(15)
    far = np.concatenate([powers - 1, powers, powers - 2])
    far = np.concatenate([far[far <= 32767], [32767]])
    values = np.concatenate([near, far, -far]).astype(np.int16)
    sections = [(values, np.full(values.size, row, np.uint8))]
    payload = _encode(tables, coder, sections)
    assert _decode(tables, coder, payload, sections) == [values.tolist()]


@pytest.mark.parametrize("coder", CODERS)
def test_a_section_longer_than_a_chunk_is_read_back(tables, coder, monkeypatch):
    monkeypatch.setattr(ans, "CHUNK", 100)
    sections = [_random_section(np.random.default_rng(1), 1234)]
    payload = _encode(tables, coder, sections)
    assert _decode(tables, coder, payload, sections) == [sections[0][0].tolist()]


def test_chunks_of_131072_symbols_are_part_of_the_format(tables):
    values, indexes = _random_section(np.random.default_rng(2), 150_000)
    payload = _encode(tables, ConstrictionCoder, [(values, indexes)])
    coded = np.flatnonzero(tables.is_coded[indexes])
    first, second = coded[: 2**17], coded[2**17 :]
    decoder = SectionDecoder(
        payload, CodingTables(tables, PythonCoder), symbol_count=150_000
    )
    assert second.size > 0
    assert decoder.get(indexes[first]).tolist() == values[first].tolist()
    assert decoder.get(indexes[second]).tolist() == values[second].tolist()


def test_the_payload_of_known_symbols_never_changes():
    # The row is 1/4, 1/2, 1/4; the values are -1, 0, 1, 4 (an excess of 3, class 2).
    row, unit = np.array([1.0, 2.0, 1.0]), 2**24
    limits, frequencies = quantize_frequencies([row] * 64)
    tables = TableSet({"tables.limits": limits, "tables.frequencies": frequencies})
    values, indexes = np.array([-1, 0, 1, 4], np.int16), np.zeros(4, np.uint8)
    state = zlib.crc32(values.astype("<i2").tobytes())
    words = []
    pushed = [
        # raw bits 00 of excess 3, then its class 2, then class 0 of the excess 0 of
        # the values 1 and -1: last first.
        (0, unit // 4),
        (unit * 3 // 4, unit // 8),
        (0, unit // 2),
        (0, unit // 2),
        # the table symbols of 4, 1, 0, -1
        (unit * 3 // 4, unit // 4),
        (unit * 3 // 4, unit // 4),
        (unit // 4, unit // 2),
        (0, unit // 4),
    ]
    for start, frequency in pushed:
        if state >= frequency << 40:
            words.append(state % 2**32)
            state >>= 32
        state = state // frequency * unit + start + state % frequency
    words += [state % 2**32, state >> 32]
    expected = b"".join(word.to_bytes(4, "little") for word in words).rstrip(b"\0")
    for coder in CODERS:
        assert _encode(tables, coder, [(values, indexes)]) == expected


@pytest.mark.parametrize("coder", CODERS)
def test_no_symbols_at_all_leave_the_checksum_alone(tables, coder):
    nothing = np.zeros(0, np.int16), np.zeros(0, np.uint8)
    assert _encode(tables, coder, [nothing, nothing]) == b"\x01"
    assert _decode(tables, coder, b"\x01", [nothing]) == [[]]


@pytest.mark.parametrize("coder", CODERS)
def test_skipped_symbols_cost_nothing_but_are_in_the_checksum(tables, coder):
    skipped = np.zeros(1000, np.int16), np.full(1000, 4, np.uint8)
    payload = _encode(tables, coder, [skipped])
    assert len(payload) == 4
    assert _decode(tables, coder, payload, [skipped]) == [[0] * 1000]


def test_a_symbol_that_its_row_cannot_hold_is_our_own_mistake(tables):
    encoder = SectionEncoder(CodingTables(tables, PythonCoder))
    with pytest.raises(ValueError, match="row of one entry"):
        encoder.put(np.array([3, 1], np.int16), np.array([9, 4], np.uint8))


@pytest.mark.parametrize("seed", range(3))
def test_the_size_is_the_cost_of_the_tables_and_a_checksum(tables, seed):
    rng = np.random.default_rng(seed)
    indexes = rng.integers(5, 40, 20_000).astype(np.uint8)
    values = rng.laplace(0, 0.08 * np.exp(indexes / 8)).round()
    values = values.clip(-500, 500).astype(np.int16)
    cost = tables.cost_bits(cap=500)[indexes, values + 500].sum(dtype=np.float64)
    payload = _encode(tables, ConstrictionCoder, [(values, indexes)])
    assert abs(len(payload) - (cost + 32) / 8) < 0.0005 * cost / 8 + 4


def _outcome(tables, coder, payload, sections):
    """What decoding gives, damage included: the values, or the error's message."""
    try:
        return _decode(tables, coder, payload, sections)
    except FormatError as error:
        return str(error)


def test_every_damage_to_a_payload_is_refused_alike_by_both_coders(tables):
    rng = np.random.default_rng(11)
    sections = [_random_section(rng, size) for size in (30, 50)]
    payload = _encode(tables, ConstrictionCoder, sections)
    damaged = [payload[:end] for end in range(len(payload))]
    damaged += [payload[start:] for start in range(1, len(payload))]
    damaged += [payload + bytes([byte]) for byte in range(256)]
    damaged += [payload + rng.bytes(size) for size in range(2, 40)]
    damaged += [rng.bytes(size) for size in range(1, 80)]
    for position in range(len(payload)):
        for bit in range(8):
            flipped = bytearray(payload)
            flipped[position] ^= 1 << bit
            damaged.append(bytes(flipped))
    for broken in damaged:
        outcome = _outcome(tables, ConstrictionCoder, broken, sections)
        assert isinstance(outcome, str)
        assert outcome == _outcome(tables, PythonCoder, broken, sections)


@pytest.mark.parametrize("coder", CODERS)
def test_one_wrong_scale_index_is_noticed(tables, coder):
    values, indexes = _random_section(np.random.default_rng(12), 500)
    payload = _encode(tables, coder, [(values, indexes)])
    for position in np.flatnonzero(indexes >= 4)[::9]:
        other = indexes.copy()
        other[position] ^= 1
        with pytest.raises(FormatError):
            _decode(tables, coder, payload, [(values, other)])


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", r"0 bytes, allowed 1\.\.64"),
        (b"\x01" * 65, r"65 bytes, allowed 1\.\.64"),
        (b"\x01\x02\x00", "zero byte"),
        (b"\x00" * 8, "zero byte"),
    ],
)
def test_a_payload_of_an_impossible_size_or_end_is_refused(
    tables, coder, payload, message
):
    with pytest.raises(FormatError, match=message):
        SectionDecoder(payload, CodingTables(tables, coder), symbol_count=10)


@pytest.mark.parametrize("coder", CODERS)
def test_the_most_expensive_symbols_fit_into_the_allowed_size(coder):
    rows = [np.array([0.0, 1.0, 0.0])] * 64
    limits, frequencies = quantize_frequencies(rows)
    tables = TableSet({"tables.limits": limits, "tables.frequencies": frequencies})
    values = np.full(3000, -32767, np.int16)
    sections = [(values, np.zeros(3000, np.uint8))]
    payload = _encode(tables, coder, sections)
    assert _decode(tables, coder, payload, sections) == [values.tolist()]


@pytest.mark.parametrize("coder", CODERS)
def test_a_decoded_symbol_beyond_int16_is_refused(tables, coder):
    made = CodingTables(tables, coder)
    stack = coder(np.array([1], np.uint32))
    # Class 15 holds every excess from 32767 on, so it is always too far.
    stack.push_bits(np.array([0], np.int32), np.array([15], np.int32))
    stack.push(np.array([15], np.int32), made.excess_classes)
    stack.push(np.array([0], np.int32), made.rows[9])
    payload = stack.words().astype("<u4").tobytes().rstrip(b"\0")
    decoder = SectionDecoder(payload, made, symbol_count=1)
    with pytest.raises(FormatError, match="beyond"):
        decoder.get(np.array([9], np.uint8))


def test_a_panic_of_constriction_becomes_a_format_error(tables):
    coder = ConstrictionCoder(np.array([1], np.uint32))
    with pytest.raises(FormatError, match="cannot be decoded"):
        coder.pop(2**62, ConstrictionCoder.make_table(tables.rows[9]))


def test_constriction_is_taken_where_it_is_installed():
    assert ans.default_coder() is ConstrictionCoder


def test_without_constriction_plain_python_codes_and_says_so_once():
    script = (
        "import sys; sys.modules['constriction'] = None\n"
        "from vaecodec.entropy.ans import default_coder\n"
        "print(default_coder().__name__, default_coder().__name__)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["PythonCoder", "PythonCoder"]
    assert result.stderr.count("constriction is not installed") == 1
