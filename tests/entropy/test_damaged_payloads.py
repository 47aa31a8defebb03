from __future__ import annotations

import numpy as np
import pytest

from tests.entropy.conftest import (
    CODERS,
    decode_sections,
    encode_sections,
    make_ready,
    random_section,
)
from vaecodec.entropy.ans import SectionDecoder, SectionEncoder
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.errors import FormatError


def _outcome(tables, coder, payload, sections):
    """What decoding gives, damage included: the values, or the error's message."""
    try:
        return decode_sections(tables, coder, payload, sections)
    except FormatError as error:
        return str(error)


def test_every_damage_to_a_payload_is_refused_alike_by_both_coders(tables):
    rng = np.random.default_rng(11)
    sections = [random_section(rng, size) for size in (30, 50)]
    payload = encode_sections(tables, ConstrictionCoder, sections)
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
    values, indexes = random_section(np.random.default_rng(12), 500)
    payload = encode_sections(tables, coder, [(values, indexes)])
    for position in np.flatnonzero(indexes >= 4)[::9]:
        other = indexes.copy()
        other[position] ^= 1
        with pytest.raises(FormatError):
            decode_sections(tables, coder, payload, [(values, other)])


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
        SectionDecoder(payload, make_ready(tables, coder), symbol_count=10)


@pytest.mark.parametrize("coder", CODERS)
def test_a_decoded_symbol_beyond_int16_is_refused(tables, coder):
    made = make_ready(tables, coder)
    stack = coder(np.array([1], np.uint32))
    # Row 6 is that of L = 2; the excess 2^14 - 1 + raw makes 32768.
    assert tables.limits[6] == 2
    stack.push_bits(np.array([2**14 - 1], np.int32), np.array([14], np.int32))
    stack.push(np.array([14], np.int32), made.excess_classes)
    stack.push(np.array([4], np.int32), made.row(6))
    payload = stack.words().astype("<u4").tobytes().rstrip(b"\0")
    decoder = SectionDecoder(payload, made, symbol_count=1)
    with pytest.raises(FormatError, match="beyond"):
        decoder.get(np.array([6], np.uint8))


def test_a_panic_of_constriction_becomes_a_format_error(tables):
    coder = ConstrictionCoder(np.array([1], np.uint32))
    with pytest.raises(FormatError, match="cannot be decoded"):
        coder.pop(2**62, ConstrictionCoder.make_table(tables.rows[9]))


@pytest.mark.parametrize("coder", CODERS)
def test_a_payload_is_bound_to_what_came_before_it(tables, coder):
    made = make_ready(tables, coder)
    sections = [random_section(np.random.default_rng(13), size) for size in (40, 60)]
    payloads, checksum = [], 77
    for values, indexes in sections:
        encoder = SectionEncoder(made, checksum=checksum)
        encoder.put(values, indexes)
        payloads.append(encoder.finish())
        checksum = encoder.checksum

    def decoder(number, checksum):
        count = sections[number][1].size
        return SectionDecoder(
            payloads[number], made, symbol_count=count, checksum=checksum
        )

    first = decoder(0, 77)
    assert np.array_equal(first.get(sections[0][1]), sections[0][0])
    first.finish()
    for before, good in ((first.checksum, True), (77, False), (0, False)):
        second = decoder(1, before)
        assert np.array_equal(second.get(sections[1][1]), sections[1][0])
        if good:
            second.finish()
            assert second.checksum == checksum
        else:
            with pytest.raises(FormatError, match="checksum does not match"):
                second.finish()
