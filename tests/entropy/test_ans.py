from __future__ import annotations

import bisect
import subprocess
import sys
import zlib

import numpy as np
import pytest

from tests.entropy.conftest import (
    CODERS,
    decode_sections,
    encode_sections,
    make_ready,
    random_section,
)
from vaecodec.entropy import ans
from vaecodec.entropy.ans import SectionEncoder
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.entropy.coder import default_coder
from vaecodec.entropy.frequency_tables import TableSet, quantize_frequencies


@pytest.mark.parametrize("seed", range(20))
def test_both_coders_write_the_same_bytes_and_read_them_back(tables, seed):
    rng = np.random.default_rng(seed)
    sections = [random_section(rng, size) for size in rng.integers(0, 400, 4)]
    payload = encode_sections(tables, ConstrictionCoder, sections)
    assert payload == encode_sections(tables, PythonCoder, sections)
    expected = [values.tolist() for values, _ in sections]
    for coder in CODERS:
        assert decode_sections(tables, coder, payload, sections) == expected


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
    payload = encode_sections(tables, coder, sections)
    assert decode_sections(tables, coder, payload, sections) == [values.tolist()]


@pytest.mark.parametrize("coder", CODERS)
def test_a_section_longer_than_a_chunk_is_read_back(tables, coder, monkeypatch):
    monkeypatch.setattr(ans, "CHUNK", 100)
    sections = [random_section(np.random.default_rng(1), 1234)]
    payload = encode_sections(tables, coder, sections)
    assert decode_sections(tables, coder, payload, sections) == [
        sections[0][0].tolist()
    ]


class FormatDecoder:
    """One section, decoded word for word as FORMAT.md says, with nothing of ours."""

    def __init__(self, payload, rows):
        payload += bytes(-len(payload) % 4)
        self.words = [
            int.from_bytes(payload[i : i + 4], "little")
            for i in range(0, len(payload), 4)
        ]
        self.state = 0
        self.refill()
        self.refill()
        self.rows = rows

    def refill(self):
        if self.words:
            self.state = self.state * 2**32 + self.words.pop()

    def symbol(self, starts):
        """The next entry of a table whose frequencies begin at ``starts`` (2**-24)."""
        entry = bisect.bisect_right(starts, self.state % 2**24) - 1
        start, width = starts[entry], starts[entry + 1] - starts[entry]
        self.state = self.state // 2**24 * width + self.state % 2**24 - start
        if self.state < 2**32:
            self.refill()
        return entry

    def raw(self, bits):
        return self.symbol(range(0, 2**24 + 1, 2 ** (24 - bits))) if bits else 0

    def section(self, indexes):
        values = [0] * len(indexes)
        coded = [i for i, row in enumerate(indexes) if len(self.rows[row]) > 1]
        for begin in range(0, len(coded), 131072):
            self.chunk(coded[begin : begin + 131072], indexes, values)
        return values

    def chunk(self, positions, indexes, values):
        starts = [[0, *(256 * row.cumsum()).tolist()] for row in self.rows]
        escaped = []
        for i in sorted(positions, key=lambda i: indexes[i]):
            limit = len(self.rows[indexes[i]]) // 2
            values[i] = self.symbol(starts[indexes[i]]) - limit
            if abs(values[i]) == limit:
                escaped.append(i)
        powers = np.array([2**n for n in range(15, 0, -1)] + [2])
        classes = [0, *(256 * powers.cumsum()).tolist()]
        lengths = [self.symbol(classes) for _ in escaped]
        for i, bits in zip(escaped, lengths, strict=True):
            sign = 1 if values[i] > 0 else -1
            values[i] += sign * (2**bits - 1 + self.raw(bits))


@pytest.mark.parametrize("coder", CODERS)
def test_the_order_of_a_section_of_two_chunks_never_changes(coder):
    # Row k covers -k..k with one frequency of 1 per value, but for the 0.
    rows = [np.ones(2 * limit + 1) for limit in range(64)]
    for row in rows:
        row[row.size // 2] += 65536 - row.size
    limits, frequencies = quantize_frequencies(rows)
    tables = TableSet({"tables.limits": limits, "tables.frequencies": frequencies})
    position = np.arange(140_000)
    indexes = (position * 5 % 61 + 2).astype(np.uint8)
    values = np.where(position % 50 == 0, position % 1999 - 999, 0).astype(np.int16)
    payload = encode_sections(tables, coder, [(values, indexes)])
    assert (len(payload), zlib.crc32(payload)) == (11353, 1732395598)
    decoder = FormatDecoder(payload, tables.rows)
    assert decoder.section(indexes.tolist()) == values.tolist()
    assert decoder.words == []
    assert decoder.state == zlib.crc32(values.astype("<i2").tobytes())


@pytest.mark.parametrize(
    "state", [511 << 24 | (1 << 23) - 1, 512 << 24, 1 << 63, (1 << 63) - 1]
)
def test_both_coders_move_words_at_the_same_state(state):
    row = np.array([32768, 32768], np.uint32)
    words = np.array([7, state % 2**32, state >> 32], np.uint32)
    found = []
    for coder in CODERS:
        pushed, popped = coder(words), coder(words)
        pushed.push(np.array([0], np.int32), coder.make_table(row))
        popped.pop(3, coder.make_table(row))
        found.append((pushed.words().tolist(), popped.words().tolist()))
    assert found[0] == found[1]


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
        assert encode_sections(tables, coder, [(values, indexes)]) == expected


@pytest.mark.parametrize("coder", CODERS)
def test_no_symbols_at_all_leave_the_checksum_alone(tables, coder):
    nothing = np.zeros(0, np.int16), np.zeros(0, np.uint8)
    assert encode_sections(tables, coder, [nothing, nothing]) == b"\x01"
    assert decode_sections(tables, coder, b"\x01", [nothing]) == [[]]


@pytest.mark.parametrize("coder", CODERS)
def test_skipped_symbols_cost_nothing_but_are_in_the_checksum(tables, coder):
    skipped = np.zeros(1000, np.int16), np.full(1000, 4, np.uint8)
    payload = encode_sections(tables, coder, [skipped])
    assert len(payload) == 4
    assert decode_sections(tables, coder, payload, [skipped]) == [[0] * 1000]


def test_a_symbol_that_its_row_cannot_hold_is_our_own_mistake(tables):
    encoder = SectionEncoder(make_ready(tables, PythonCoder))
    with pytest.raises(ValueError, match="row of one entry"):
        encoder.put(np.array([3, 1], np.int16), np.array([9, 4], np.uint8))


@pytest.mark.parametrize("seed", range(3))
def test_the_size_is_the_cost_of_the_tables_and_a_checksum(tables, seed):
    rng = np.random.default_rng(seed)
    indexes = rng.integers(5, 40, 20_000).astype(np.uint8)
    values = rng.laplace(0, 0.08 * np.exp(indexes / 8)).round()
    values = values.clip(-500, 500).astype(np.int16)
    cost = tables.cost_bits(cap=500)[indexes, values + 500].sum(dtype=np.float64)
    payload = encode_sections(tables, ConstrictionCoder, [(values, indexes)])
    assert abs(len(payload) - (cost + 32) / 8) < 0.0005 * cost / 8 + 4


@pytest.mark.parametrize("coder", CODERS)
def test_the_most_expensive_symbols_fit_into_the_allowed_size(coder):
    rows = [np.array([0.0, 1.0, 0.0])] * 64
    limits, frequencies = quantize_frequencies(rows)
    tables = TableSet({"tables.limits": limits, "tables.frequencies": frequencies})
    values = np.full(3000, -32767, np.int16)
    sections = [(values, np.zeros(3000, np.uint8))]
    payload = encode_sections(tables, coder, sections)
    assert decode_sections(tables, coder, payload, sections) == [values.tolist()]


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("uncoded", [[], [0, 1], [0, 5, 63], range(64)])
def test_rows_that_are_never_coded_may_lie_anywhere(coder, uncoded):
    rows = [np.ones(1 if row in uncoded else 3) for row in range(64)]
    limits, frequencies = quantize_frequencies(rows)
    tables = TableSet({"tables.limits": limits, "tables.frequencies": frequencies})
    indexes = (np.arange(500) % 64).astype(np.uint8)
    values = (np.arange(500) % 5 - 2).astype(np.int16) * tables.is_coded[indexes]
    sections = [(values, indexes)]
    payload = encode_sections(tables, coder, sections)
    assert decode_sections(tables, coder, payload, sections) == [values.tolist()]


def test_constriction_is_taken_where_it_is_installed():
    assert default_coder() is ConstrictionCoder


def test_without_constriction_plain_python_codes_and_says_so_once():
    script = (
        "import sys; sys.modules['constriction'] = None\n"
        "from vaecodec.entropy.coder import default_coder\n"
        "print(default_coder().__name__, default_coder().__name__)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["PythonCoder", "PythonCoder"]
    assert result.stderr.count("constriction is not installed") == 1


@pytest.mark.parametrize("coder", CODERS)
def test_symbols_with_a_law_each_come_back(coder):
    rng = np.random.default_rng(0)
    count, symbols = 500, 7
    shares = np.floor(rng.dirichlet(np.full(symbols, 0.3), count) * (1 << 20))
    shares[:, [0, -1]] = 0  # parts that hold the first or last share are not pushed
    shares[:, 3] += (1 << 24) - symbols - shares.sum(1)
    chosen = rng.integers(1, symbols - 1, count).astype(np.int32)
    ends = np.cumsum(shares + 1, axis=1)[np.arange(count), chosen]
    widths = shares[np.arange(count), chosen] + 1
    stack = coder(np.array([77], np.uint32))
    stack.push_shares((ends - widths).astype(np.int32), widths.astype(np.int32))
    other = PythonCoder(np.array([77], np.uint32))
    other.push_shares((ends - widths).astype(np.int32), widths.astype(np.int32))
    assert stack.words().tolist() == other.words().tolist()
    assert stack.pop_each(shares).tolist() == chosen.tolist()
    assert stack.words().tolist() == [77]
