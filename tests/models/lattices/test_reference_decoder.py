"""A decoder written from the specification finds the same pixels."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.lattices.small_model import small_tensors, soft_picture
from tests.reference import lattices
from tests.reference.model import Refused, Tensor
from vaecodec.codec.lossless.near import to_multiples
from vaecodec.models.lattices.receiver import LatticeReceiver
from vaecodec.models.tensor_file import DTYPE_NAMES


@pytest.fixture(scope="module")
def model():
    return {
        name: Tensor(DTYPE_NAMES[each.dtype], list(each.shape), each.tobytes())
        for name, each in small_tensors().items()
    }


def read(data, model, shape, error=0):
    height, width = shape[:2]
    gray = len(shape) == 2
    found = lattices.decode(data, model, height, width, gray=gray, error=error)
    return np.array(found, np.uint8)[..., 1] if gray else np.array(found, np.uint8)


@pytest.mark.parametrize(("height", "width"), [(9, 11), (1, 5), (4, 34)])
def test_the_reference_decoder_finds_the_same_pixels(model, height, width):
    picture = soft_picture(height, width)
    data = LatticeReceiver(small_tensors()).encode(picture)
    assert np.array_equal(read(data, model, picture.shape), picture)


@pytest.mark.parametrize("error", [1, 4, 127])
def test_it_finds_the_same_numbers_within_a_largest_error(model, error):
    numbers = to_multiples(soft_picture(7, 8), error, None)
    data = LatticeReceiver(small_tensors()).encode(numbers, largest_error=error)
    assert np.array_equal(read(data, model, numbers.shape, error), numbers)


def test_it_finds_the_same_gray(model):
    picture = soft_picture(7, 34)[..., 0]
    data = LatticeReceiver(small_tensors()).encode(picture)
    assert np.array_equal(read(data, model, picture.shape), picture)


def test_both_decoders_read_what_is_far_from_all_means(model):
    picture = np.random.default_rng(0).integers(0, 2, (6, 7, 3)).astype(np.uint8) * 255
    data = LatticeReceiver(small_tensors()).encode(picture)
    assert np.array_equal(read(data, model, picture.shape), picture)


def test_the_reference_decoder_refuses_what_goes_on(model):
    data = LatticeReceiver(small_tensors()).encode(soft_picture(5, 6))
    with pytest.raises(Refused):
        read(data + bytes(7) + b"\1", model, (5, 6, 3))
