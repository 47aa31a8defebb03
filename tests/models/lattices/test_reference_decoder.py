"""A decoder written from the specification finds the same pixels."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.lattices.small_model import small_tensors, soft_picture
from tests.reference import lattices
from tests.reference.model import Refused, Tensor
from vaecodec.models.lattices.receiver import LatticeReceiver
from vaecodec.models.tensor_file import DTYPE_NAMES


@pytest.fixture(scope="module")
def model():
    return {
        name: Tensor(DTYPE_NAMES[each.dtype], list(each.shape), each.tobytes())
        for name, each in small_tensors().items()
    }


@pytest.mark.parametrize(("height", "width"), [(9, 11), (1, 5), (4, 34)])
def test_the_reference_decoder_finds_the_same_pixels(model, height, width):
    picture = soft_picture(height, width)
    data = LatticeReceiver(small_tensors()).encode(picture)
    assert np.array_equal(lattices.decode(data, model, height, width), picture)


def test_both_decoders_read_what_is_far_from_all_means(model):
    picture = np.random.default_rng(0).integers(0, 2, (6, 7, 3)).astype(np.uint8) * 255
    data = LatticeReceiver(small_tensors()).encode(picture)
    assert np.array_equal(lattices.decode(data, model, 6, 7), picture)


def test_the_reference_decoder_refuses_what_goes_on(model):
    data = LatticeReceiver(small_tensors()).encode(soft_picture(5, 6))
    with pytest.raises(Refused):
        lattices.decode(data + bytes(7) + b"\1", model, 5, 6)
