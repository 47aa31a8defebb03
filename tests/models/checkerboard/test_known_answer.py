"""Loading a model asks its scale networks a question whose answer the file carries."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.checkerboard.conftest import architecture_of, make_tensors
from tests.models.checkerboard.test_scale_networks import ReferenceNetworks
from vaecodec.errors import ModelError
from vaecodec.models.checkerboard.known_answer import known_answer, scattered_symbols
from vaecodec.models.checkerboard.scale_networks import ScaleNetworks


def with_answer(seed=1):
    tensors = make_tensors(seed)
    tensors["known_answer"] = known_answer(ScaleNetworks(tensors))
    return tensors


def test_the_symbols_of_the_question_are_those_of_the_document():
    numbers = [2654435761 * n % 2**32 // 2**28 - 8 for n in range(1000)]
    assert scattered_symbols(10, 20, 5).ravel().tolist() == numbers
    assert set(numbers) == set(range(-8, 8))


def test_the_answer_is_that_of_plain_integers():
    tensors = with_answer()
    reference = ReferenceNetworks(tensors)
    symbols = scattered_symbols(8, 4, 4)
    features = reference.features(scattered_symbols(4, 1, 1), (4, 4))
    first = reference.first(features, 50)
    second = reference.second(features, symbols, 50)
    in_first = np.indices(symbols.shape).sum(axis=0) % 2 == 0
    indexes = np.where(in_first, first, second)
    assert len(np.unique(indexes)) > 20
    checksum = crc32_bit_by_bit(indexes.ravel().tolist())
    assert tensors["known_answer"].tolist() == list(checksum.to_bytes(4, "little"))


def crc32_bit_by_bit(data):
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xEDB88320 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


def test_a_model_without_the_answer_is_taken():
    architecture_of(make_tensors(1))


@pytest.mark.parametrize("make", [make_tensors, with_answer])
def test_a_machine_that_multiplies_in_single_precision_is_refused(make):
    tensors = make(1)
    architecture_of(tensors)

    def imprecise(left, right):
        product = left.astype(np.float32) @ right.astype(np.float32)
        return product.astype(np.float64)

    with pytest.raises(ModelError, match="float64 matrix products are not exact"):
        architecture_of(tensors, product=imprecise)


@pytest.mark.parametrize(
    "answer", [np.zeros(4, np.uint8), np.zeros(3, np.uint8), np.zeros(4, np.int8)]
)
def test_a_wrong_answer_is_refused(answer):
    with pytest.raises(ModelError):
        architecture_of({**with_answer(), "known_answer": answer})
