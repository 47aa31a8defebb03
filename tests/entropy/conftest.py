"""Tables like those of a trained model, and payloads made with them."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from vaecodec.entropy.ans import CodingTables, SectionDecoder, SectionEncoder
from vaecodec.entropy.ans_constriction import ConstrictionCoder
from vaecodec.entropy.ans_python import PythonCoder
from vaecodec.entropy.frequency_tables import TableSet, quantize_frequencies

SKIPPED_ROWS = 5
CODERS = [ConstrictionCoder, PythonCoder]


def laplacian_rows():
    """64 rows like those of a trained model: the first five are never coded."""
    rows = []
    for number in range(64):
        scale = 0.08 * np.exp(number / 8)
        limit = 0 if number < SKIPPED_ROWS else min(int(np.ceil(6 * scale)), 300)
        values = np.arange(-limit, limit + 1)
        rows.append(np.exp(-np.abs(values) / scale))
    return rows


@pytest.fixture(scope="session")
def tables():
    limits, frequencies = quantize_frequencies(laplacian_rows())
    return TableSet({"tables.limits": limits, "tables.frequencies": frequencies})


@functools.cache
def make_ready(tables, coder):
    return CodingTables(tables, coder)


def encode_sections(tables, coder, sections):
    encoder = SectionEncoder(make_ready(tables, coder))
    for values, indexes in sections:
        encoder.put(values, indexes)
    return encoder.finish()


def decode_sections(tables, coder, payload, sections):
    count = sum(indexes.size for _, indexes in sections)
    decoder = SectionDecoder(payload, make_ready(tables, coder), symbol_count=count)
    values = [decoder.get(indexes).tolist() for _, indexes in sections]
    decoder.finish()
    return values


def random_section(rng, size):
    indexes = rng.integers(0, 64, size).astype(np.uint8)
    values = rng.laplace(0, 0.08 * np.exp(indexes / 8)).round()
    far = rng.random(size) < 0.05
    values[far] = rng.integers(-32767, 32768, np.count_nonzero(far))
    values[indexes < 5] = 0
    return values.clip(-32767, 32767).astype(np.int16), indexes
